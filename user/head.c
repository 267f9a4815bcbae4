/* SPDX-License-Identifier: MIT */
/* head [-n N] [-c N] and tail [-n N] [-c N] [FILE...]: the first or last lines
 * (-n, 10) or bytes (-c). tail keeps the whole input in memory. */
#include "lib.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long count = 10;
static int bytes, titles;

static void print_title(const char *name)
{
	static int again;

	if (titles)
		printf("%s==> %s <==\n", again ? "\n" : "", name);
	again = 1;
}

static int head_file(FILE *f, const char *name)
{
	long left = count;
	int c;

	print_title(name);
	while (left > 0 && (c = getc(f)) != EOF) {
		if (putchar(c) == EOF)
			break;
		left -= bytes || c == '\n';
	}
	return 0;
}

static int tail_file(FILE *f, const char *name)
{
	char *text, *from;
	size_t len;
	long left = count;

	print_title(name);
	text = read_all(fileno(f), &len);
	from = text + len;
	if (from > text && from[-1] == '\n' && !bytes)
		from--;
	while (from > text && left > 0) {
		left -= bytes || from[-1] == '\n';
		from--;
	}
	if (!bytes && left == 0 && count && len)
		from++;
	if (count)
		fwrite(from, 1, (size_t)(text + len - from), stdout);
	free(text);
	return 0;
}

static int run(int argc, char **argv, const char *text,
	       int (*fn)(FILE *f, const char *name))
{
	int c;

	if (argc > 1 && argv[1][0] == '-' && argv[1][1] >= '0' &&
	    argv[1][1] <= '9') { /* the old form: head -3 */
		count = parse_number(argv[1] + 1, 0);
		argv++;
		argc--;
	}
	while ((c = getopt(argc, argv, "n:c:q")) != -1) {
		if (c == '?')
			usage(text);
		if (c == 'q')
			continue;
		count = parse_number(optarg, 0);
		bytes = c == 'c';
	}
	titles = argc - optind > 1;
	return for_each_file(argv + optind, fn);
}

int head_main(int argc, char **argv)
{
	return run(argc, argv, "head [-n N] [-c N] [FILE...]", head_file);
}

int tail_main(int argc, char **argv)
{
	return run(argc, argv, "tail [-n N] [-c N] [FILE...]", tail_file);
}
