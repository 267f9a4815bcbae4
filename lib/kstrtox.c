/* SPDX-License-Identifier: MIT */
/*
 * Text to numbers: scan() reads digits and says whether they overflowed; the
 * rest decides what may stand around them and how far the type reaches.
 */
#include <lib/ctype.h>
#include <lib/errno.h>
#include <lib/kstrtox.h>
#include <lib/string.h>

static unsigned int digit_value(char c)
{
	if (isdigit(c))
		return (unsigned int)(c - '0');
	if (isalpha(c))
		return (unsigned int)(tolower(c) - 'a') + 10;
	return UINT_MAX;
}

/* Pass a prefix that base admits, and settle base 0. */
static const char *scan_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && tolower(s[1]) == 'x' && isxdigit(s[2]);

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return hex && *base == 16 ? s + 2 : s;
}

/* => where the digits end; s itself if there are none */
static const char *scan(const char *s, unsigned int base, u64 *res,
			bool *overflow)
{
	const char *p = scan_prefix(s, &base);
	u64 v = 0;

	*overflow = false;
	for (; digit_value(*p) < base; p++) {
		*overflow |= check_mul_overflow(v, (u64)base, &v);
		*overflow |= check_add_overflow(v, (u64)digit_value(*p), &v);
	}
	*res = v;
	return p;
}

static int parse_whole(const char *s, unsigned int base, u64 *res)
{
	bool overflow;
	const char *end;

	end = scan(s, base, res, &overflow);
	if (end == s || strcmp(end + (*end == '\n'), "") != 0)
		return -EINVAL;
	return overflow ? -ERANGE : 0;
}

int kstrtoul(const char *s, unsigned int base, unsigned long *res)
{
	u64 v;
	int err = parse_whole(s + (*s == '+'), base, &v);

	if (!err)
		*res = (unsigned long)v;
	return err;
}

int kstrtoint(const char *s, unsigned int base, int *res)
{
	bool negative = *s == '-';
	u64 v;
	int err = parse_whole(s + (negative || *s == '+'), base, &v);

	if (err)
		return err;
	if (v > (u64)INT_MAX + negative)
		return -ERANGE;
	*res = (int)(negative ? -v : v);
	return 0;
}

unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	bool overflow;
	const char *e;
	u64 v;

	e = scan(s, base, &v, &overflow);
	if (end)
		*end = (char *)(uintptr_t)e;
	return (unsigned long)v;
}

long simple_strtol(const char *s, char **end, unsigned int base)
{
	if (*s == '-')
		return -(long)simple_strtoul(s + 1, end, base);
	return (long)simple_strtoul(s, end, base);
}

u64 memparse(const char *s, char **end)
{
	static const char suffixes[] = "kmgtpe";
	const char *suffix;
	char *e;
	u64 v = simple_strtoul(s, &e, 0);

	suffix = *e ? strchr(suffixes, tolower(*e)) : NULL;
	if (suffix) {
		v <<= 10 * (suffix - suffixes + 1);
		e++;
	}
	if (end)
		*end = e;
	return v;
}
