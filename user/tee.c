/* SPDX-License-Identifier: MIT */
/* tee [-a] FILE...: standard input to standard output and to files. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

int tee_main(int argc, char **argv)
{
	int c, flags = O_TRUNC, n = 1, status = 0;
	char buf[4096];
	ssize_t len;
	int *fds;

	while ((c = getopt(argc, argv, "a")) != -1)
		if (c == 'a')
			flags = O_APPEND;
		else
			usage("tee [-a] FILE...");
	fds = xmalloc((size_t)argc * sizeof(*fds));
	fds[0] = STDOUT_FILENO;
	for (argv += optind; *argv; argv++) {
		fds[n] = open(*argv, O_WRONLY | O_CREAT | flags, 0666);
		if (fds[n] >= 0) {
			n++;
			continue;
		}
		warn("%s", *argv);
		status = 1;
	}
	while ((len = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		for (int i = 0; i < n; i++)
			status |= write_all(fds[i], buf, (size_t)len) < 0;
	return status;
}
