/* SPDX-License-Identifier: MIT */
/* sort [-nruf] [-k FIELD] [-t CHAR] [FILE...] and uniq [-cdu]: lines in
 * order, and lines that repeat. */
#include "lib.h"
#include "tools.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char opt[128], separator;
static long field;
static char **lines;
static size_t count;

static int read_lines(FILE *f, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	(void)name;
	while ((n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (!(count & (count - 1)))
			lines = xrealloc(lines, (count ? 2 * count : 1) *
							sizeof(*lines));
		lines[count++] = xstrdup(line);
	}
	free(line);
	return 0;
}

static const char *key(const char *line)
{
	for (long i = 1; i < field && *line; i++) {
		if (separator) {
			line += strcspn(line, (char[]){ separator, 0 });
			line += *line != '\0';
		} else {
			line += strspn(line, " \t");
			line += strcspn(line, " \t");
		}
	}
	if (opt['n'] || (field > 1 && !separator))
		line += strspn(line, " \t");
	return line;
}

static int compare_keys(const char *a, const char *b)
{
	double x, y;

	if (!opt['n'])
		return opt['f'] ? strcasecmp(a, b) : strcmp(a, b);
	x = strtod(a, NULL);
	y = strtod(b, NULL);
	return (x > y) - (x < y);
}

static int compare(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = compare_keys(key(x), key(y));

	if (!order && !opt['u'])
		order = strcmp(x, y);
	return opt['r'] ? -order : order;
}

int sort_main(int argc, char **argv)
{
	int c, status;

	while ((c = getopt(argc, argv, "nrufk:t:")) != -1) {
		if (c == '?')
			usage("sort [-nruf] [-k FIELD] [-t CHAR] [FILE...]");
		if (c == 'k')
			field = strtol(optarg, NULL, 10);
		else if (c == 't')
			separator = *optarg;
		else
			opt[c] = 1;
	}
	status = for_each_file(argv + optind, read_lines);
	if (count)
		qsort(lines, count, sizeof(*lines), compare);
	for (size_t i = 0; i < count; i++)
		if (!opt['u'] || !i || compare(&lines[i - 1], &lines[i]))
			puts(lines[i]);
	return status;
}

static void print_run(const char *line, unsigned long n)
{
	if ((opt['d'] && n < 2) || (opt['u'] && n > 1))
		return;
	if (opt['c'])
		printf("%7lu ", n);
	puts(line);
}

int uniq_main(int argc, char **argv)
{
	unsigned long run = 1;
	int c, status;

	while ((c = getopt(argc, argv, "cdu")) != -1) {
		if (c == '?')
			usage("uniq [-cdu] [FILE]");
		opt[c] = 1;
	}
	status = for_each_file(argv + optind, read_lines);
	for (size_t i = 0; i < count; i++, run++)
		if (i + 1 == count || strcmp(lines[i], lines[i + 1])) {
			print_run(lines[i], run);
			run = 0;
		}
	return status;
}
