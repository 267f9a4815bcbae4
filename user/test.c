/* SPDX-License-Identifier: MIT */
/*
 * test EXPRESSION and [ EXPRESSION ]: 0 if true, 1 if false, 2 if wrong.
 *
 *	or: and { -o and }	and: not { -a not }	not: ! not | primary
 *	primary: ( or ) | -f FILE ... | A = B | N -eq M ... | STRING
 *
 * The shell runs it as a builtin, so it never exits.
 */
#include "lib.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct parser {
	char **at, **end;
	int wrong;
};

static int parse_or(struct parser *p);

static int is(const struct parser *p, const char *word)
{
	return p->at < p->end && strcmp(*p->at, word) == 0;
}

static int file_test(char op, const char *path)
{
	struct stat st;

	if (op == 'r' || op == 'w' || op == 'x')
		return access(path, op == 'r' ? R_OK :
				    op == 'w' ? W_OK :
						X_OK) == 0;
	if (op == 'h' || op == 'L')
		return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
	if (stat(path, &st) < 0)
		return 0;
	switch (op) {
	case 'f':
		return S_ISREG(st.st_mode);
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'c':
		return S_ISCHR(st.st_mode);
	case 'b':
		return S_ISBLK(st.st_mode);
	case 'p':
		return S_ISFIFO(st.st_mode);
	case 'S':
		return S_ISSOCK(st.st_mode);
	case 's':
		return st.st_size > 0;
	default:
		return 1;
	}
}

static int unary(char op, const char *arg)
{
	if (op == 'n' || op == 'z')
		return (*arg != '\0') == (op == 'n');
	if (op == 't')
		return isatty(atoi(arg));
	return file_test(op, arg);
}

static long long number(struct parser *p, const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 10);

	while (*end == ' ')
		end++;
	if (end == s || *end) {
		fprintf(stderr, "test: %s: not a number\n", s);
		p->wrong = 1;
	}
	return n;
}

/* => 1 or 0, or -1 if op is no binary operator */
static int binary(struct parser *p, const char *a, const char *op,
		  const char *b)
{
	static const char names[] = "-eq-ne-lt-le-gt-ge";
	const char *hit = strlen(op) == 3 ? strstr(names, op) : NULL;
	long long x, y;

	if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
		return strcmp(a, b) == 0;
	if (strcmp(op, "!=") == 0)
		return strcmp(a, b) != 0;
	if (!hit || (hit - names) % 3)
		return -1;
	x = number(p, a);
	y = number(p, b);
	switch ((hit - names) / 3) {
	case 0:
		return x == y;
	case 1:
		return x != y;
	case 2:
		return x < y;
	case 3:
		return x <= y;
	case 4:
		return x > y;
	default:
		return x >= y;
	}
}

static int primary(struct parser *p)
{
	ptrdiff_t left = p->end - p->at;
	int v;

	if (left >= 3 && (v = binary(p, p->at[0], p->at[1], p->at[2])) >= 0) {
		p->at += 3;
		return v;
	}
	if (left >= 3 && is(p, "(")) {
		p->at++;
		v = parse_or(p);
		p->wrong |= !is(p, ")");
		p->at += !p->wrong;
		return v;
	}
	if (left >= 2 && p->at[0][0] == '-' && p->at[0][1] && !p->at[0][2] &&
	    strchr("nztrwxhLfdcbpSse", p->at[0][1])) {
		p->at += 2;
		return unary(p->at[-2][1], p->at[-1]);
	}
	if (left < 1) {
		p->wrong = 1;
		return 0;
	}
	return *(*p->at++) != '\0';
}

static int parse_not(struct parser *p)
{
	if (!is(p, "!") || p->end - p->at < 2)
		return primary(p);
	p->at++;
	return !parse_not(p);
}

static int parse_and(struct parser *p)
{
	int v = parse_not(p);

	while (is(p, "-a")) {
		p->at++;
		v &= parse_not(p);
	}
	return v;
}

static int parse_or(struct parser *p)
{
	int v = parse_and(p);

	while (is(p, "-o")) {
		p->at++;
		v |= parse_and(p);
	}
	return v;
}

int test_main(int argc, char **argv)
{
	struct parser p = { .at = argv + 1, .end = argv + argc };
	int v;

	if (strcmp(base_name(argv[0]), "[") == 0) {
		if (argc < 2 || strcmp(argv[argc - 1], "]") != 0) {
			fputs("[: missing ]\n", stderr);
			return 2;
		}
		p.end--;
	}
	if (p.at == p.end)
		return 1;
	v = parse_or(&p);
	if (p.wrong || p.at != p.end) {
		fputs("test: wrong expression\n", stderr);
		return 2;
	}
	return !v;
}
