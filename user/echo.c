/* SPDX-License-Identifier: MIT */
/*
 * echo [-n] [-e] WORD... and printf FORMAT ARGUMENT...: the two that write
 * their arguments. The shell runs both as builtins too, so they never exit.
 */
#include "lib.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

/* One escape behind a backslash at *s; => the byte, or -1 for \c. */
static int escape(const char **s)
{
	static const char from[] = "abefnrtv\\\"",
			  to[] = "\a\b\033\f\n\r\t\v\\\"";
	const char *p = *s, *hit;
	int v = 0, digits = 0;

	if (*p == 'c')
		return -1;
	if (*p >= '0' && *p <= '7') {
		for (; digits < 4 && *p >= '0' && *p <= '7'; digits++)
			v = v * 8 + *p++ - '0';
		*s = p;
		return v & 0xff;
	}
	hit = *p ? strchr(from, *p) : NULL;
	if (!hit)
		return '\\';
	*s = p + 1;
	return (unsigned char)to[hit - from];
}

/* => 0 if \c asked to stop */
static int put_escaped(const char *s)
{
	while (*s) {
		int c = (unsigned char)*s++;

		if (c == '\\' && (c = escape(&s)) < 0)
			return 0;
		putchar(c);
	}
	return 1;
}

static int is_option(const char *word)
{
	return word && *word == '-' && word[1] &&
	       strspn(word + 1, "neE") == strlen(word + 1);
}

int echo_main(int argc, char **argv)
{
	int newline = 1, escapes = 0;

	(void)argc;
	for (argv++; is_option(*argv); argv++)
		for (const char *p = *argv + 1; *p; p++)
			if (*p == 'n')
				newline = 0;
			else
				escapes = *p == 'e';
	for (; *argv; argv++) {
		if (!escapes)
			fputs(*argv, stdout);
		else if (!put_escaped(*argv))
			return 0;
		if (argv[1])
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	return ferror(stdout) != 0;
}

static long long integer(const char *arg)
{
	if (*arg == '\'' || *arg == '"')
		return (unsigned char)arg[1];
	return (long long)strtoull(arg, NULL, 0);
}

/* One %... directive at s, its argument is arg; => behind it, NULL: stop. */
static const char *directive(const char *s, const char *arg)
{
	size_t n = strspn(s + 1, "-+ #0123456789.") + 1;
	char format[32];

	if (n > sizeof(format) - 4 || !s[n])
		return s + strlen(s);
	memcpy(format, s, n);
	if (s[n] == 's' || s[n] == 'c') {
		strcpy(format + n, s[n] == 's' ? "s" : ".1s");
		printf(format, arg);
	} else if (s[n] == 'b') {
		if (!put_escaped(arg))
			return NULL;
	} else if (strchr("diouxX", s[n])) {
		memcpy(format + n, "ll", 2);
		format[n + 2] = s[n];
		format[n + 3] = '\0';
		printf(format, integer(arg));
	} else if (strchr("eEfgG", s[n])) {
		format[n] = s[n];
		format[n + 1] = '\0';
		printf(format, strtod(arg, NULL));
	} else {
		fprintf(stderr, "printf: %%%c: no such directive\n", s[n]);
		return NULL;
	}
	return s + n + 1;
}

/* The format once; => the arguments left, NULL to stop. */
static char **print_once(const char *s, char **args)
{
	static char empty[] = "";
	int c;

	while (s && *s) {
		if (*s == '%' && s[1] == '%') {
			putchar('%');
			s += 2;
		} else if (*s == '%') {
			s = directive(s, *args ? *args : empty);
			args += *args != NULL;
		} else if ((c = (unsigned char)*s++) == '\\' &&
			   (c = escape(&s)) < 0) {
			return NULL;
		} else {
			putchar(c);
		}
	}
	return s ? args : NULL;
}

int printf_main(int argc, char **argv)
{
	char **args = argv + 2, **left;

	if (argc < 2) {
		fputs("usage: printf FORMAT [ARGUMENT...]\n", stderr);
		return 2;
	}
	do {
		left = print_once(argv[1], args);
		if (!left || left == args)
			break;
		args = left;
	} while (*args);
	return left == NULL;
}
