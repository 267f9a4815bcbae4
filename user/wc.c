/* SPDX-License-Identifier: MIT */
/* wc [-lwc] [FILE...]: count lines, words, bytes. */
#include "lib.h"
#include "tools.h"

#include <ctype.h>
#include <unistd.h>

static char opt[128];
static unsigned long total[3];
static int files;

static void print(const unsigned long *n, const char *name)
{
	static const char order[] = "lwc";

	for (int i = 0; i < 3; i++)
		if (opt[(int)order[i]])
			printf(opt[0] ? "%lu" : "%7lu ", n[i]);
	printf("%s%s\n", *name && opt[0] ? " " : "", name);
}

static int count(FILE *f, const char *name)
{
	unsigned long n[3] = { 0, 0, 0 };
	int c, in_word = 0;

	while ((c = getc(f)) != EOF) {
		n[0] += c == '\n';
		n[1] += !in_word && !isspace(c);
		in_word = !isspace(c);
		n[2]++;
	}
	for (int i = 0; i < 3; i++)
		total[i] += n[i];
	files++;
	print(n, f == stdin ? "" : name);
	return 0;
}

int wc_main(int argc, char **argv)
{
	int c, status, given = 0;

	while ((c = getopt(argc, argv, "lwc")) != -1) {
		if (c == '?')
			usage("wc [-lwc] [FILE...]");
		given += !opt[c];
		opt[c] = 1;
	}
	if (!given)
		opt['l'] = opt['w'] = opt['c'] = 1;
	opt[0] = given == 1; /* a single number stands without padding */
	status = for_each_file(argv + optind, count);
	if (files > 1)
		print(total, "total");
	return status;
}
