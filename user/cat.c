/* SPDX-License-Identifier: MIT */
/* cat [-n] [FILE...]: copy files to standard output, -n numbers lines. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <unistd.h>

static int number_lines(FILE *f, const char *name)
{
	static unsigned long line = 1;
	int c, start = 1;

	while ((c = getc(f)) != EOF) {
		if (start)
			printf("%6lu\t", line++);
		putchar(c);
		start = c == '\n';
	}
	if (!ferror(f))
		return 0;
	warn("%s", name);
	return 1;
}

static int copy(FILE *f, const char *name)
{
	if (copy_fd(fileno(f), STDOUT_FILENO) == 0)
		return 0;
	warn("%s", name);
	return 1;
}

int cat_main(int argc, char **argv)
{
	int c, number = 0;

	while ((c = getopt(argc, argv, "nu")) != -1)
		if (c == 'n')
			number = 1;
		else if (c != 'u')
			usage("cat [-n] [FILE...]");
	return for_each_file(argv + optind, number ? number_lines : copy);
}
