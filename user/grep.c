/* SPDX-License-Identifier: MIT */
/*
 * grep [-EFcilnqvhHosw] PATTERN [FILE...]: lines that match a regular
 * expression (regcomp(3)); -F makes it a plain string.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char opt[128]; /* opt['v']: -v was given */
static regex_t regex;
static const char *fixed;
static int matched, several;

/* => 1 and where, if the line from offset `from` on matches */
static int match(const char *line, size_t from, regmatch_t *where)
{
	const char *hit;

	if (!fixed)
		return regexec(&regex, line + from, 1, where,
			       from ? REG_NOTBOL : 0) == 0;
	hit = opt['i'] ? strcasestr(line + from, fixed) :
			 strstr(line + from, fixed);
	if (!hit)
		return 0;
	where->rm_so = (regoff_t)(hit - (line + from));
	where->rm_eo = where->rm_so + (regoff_t)strlen(fixed);
	return 1;
}

static void print_parts(const char *line, const char *prefix)
{
	size_t from = 0;
	regmatch_t m;

	while (line[from] && match(line, from, &m)) {
		if (m.rm_eo > m.rm_so)
			printf("%s%.*s\n", prefix, (int)(m.rm_eo - m.rm_so),
			       line + from + m.rm_so);
		from += (size_t)m.rm_eo + (m.rm_eo == m.rm_so);
	}
}

static void print_match(const char *name, unsigned long n, const char *line)
{
	char prefix[512] = "", number[24] = "";

	if (several)
		snprintf(prefix, sizeof(prefix) - sizeof(number), "%s:", name);
	if (opt['n'])
		snprintf(number, sizeof(number), "%lu:", n);
	strcat(prefix, number);
	if (opt['o'])
		print_parts(line, prefix);
	else
		printf("%s%s\n", prefix, line);
}

static int grep_file(FILE *f, const char *name)
{
	unsigned long n = 0, hits = 0;
	char *line = NULL;
	size_t size = 0;
	regmatch_t m;
	ssize_t len;

	while ((len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		n++;
		if (match(line, 0, &m) == !!opt['v'])
			continue;
		hits++;
		if (opt['q'] || opt['l'])
			break;
		if (!opt['c'])
			print_match(name, n, line);
	}
	free(line);
	if (opt['l'] && hits)
		puts(name);
	if (opt['c'] && several)
		printf("%s:%lu\n", name, hits);
	else if (opt['c'])
		printf("%lu\n", hits);
	matched |= hits != 0;
	return 0;
}

static void compile(const char *pattern)
{
	int flags = (opt['E'] ? REG_EXTENDED : 0) | (opt['i'] ? REG_ICASE : 0);
	char *word = NULL, text[128];
	int error;

	if (opt['F']) {
		fixed = pattern;
		return;
	}
	if (opt['w'] || opt['x']) {
		word = xmalloc(strlen(pattern) + 16);
		sprintf(word,
			opt['x'] ? opt['E'] ? "^(%s)$" : "^\\(%s\\)$" :
			opt['E'] ? "\\b(%s)\\b" :
				   "\\b\\(%s\\)\\b",
			pattern);
	}
	error = regcomp(&regex, word ? word : pattern, flags);
	free(word);
	if (!error)
		return;
	regerror(error, &regex, text, sizeof(text));
	errx(2, "%s: %s", pattern, text);
}

int grep_main(int argc, char **argv)
{
	const char *pattern = NULL;
	int c, error;

	while ((c = getopt(argc, argv, "EFcilnqvhHoswxe:")) != -1)
		if (c == '?')
			usage("grep [-EFcilnqvhHoswx] PATTERN [FILE...]");
		else if (c == 'e')
			pattern = optarg;
		else
			opt[c] = 1;
	if (!pattern)
		pattern = argv[optind++];
	if (!pattern)
		usage("grep [-EFcilnqvhHoswx] PATTERN [FILE...]");
	compile(pattern);
	several = !opt['h'] && (opt['H'] || argc - optind > 1);
	if (opt['s'] && !freopen("/dev/null", "w", stderr))
		return 2;
	error = for_each_file(argv + optind, grep_file);
	return error ? 2 : !matched;
}
