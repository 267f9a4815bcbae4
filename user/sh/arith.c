/* SPDX-License-Identifier: MIT */
/*
 * $((...)): the integer expressions of C, with variables by name. Binary
 * operators are parsed by precedence climbing over one table; what ?: && ||
 * do not choose is parsed too but leaves no mark (p->dry).
 */
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct arith {
	const char *s;
	int error, dry, depth;
};

static const struct operator
{
	const char *text;
	int level;
}
operators[] = {
	/* longer ones first, so that << is not read as < */
	{ "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<<", 8 },
	{ ">>", 8 }, { "<=", 7 }, { ">=", 7 }, { "|", 3 },  { "^", 4 },
	{ "&", 5 },  { "<", 7 },  { ">", 7 },  { "+", 9 },  { "-", 9 },
	{ "*", 10 }, { "/", 10 }, { "%", 10 },
};

static long long assignment(struct arith *p);

static void skip_space(struct arith *p)
{
	while (isspace((unsigned char)*p->s))
		p->s++;
}

static void fail(struct arith *p, const char *why)
{
	if (!p->error)
		shell_error("arithmetic: %s", why);
	p->error = 1;
}

static long long value_of(const char *name, size_t len)
{
	char *copy = strndup(name, len);
	const char *value = copy ? var_get(copy) : NULL;
	long long v = value ? strtoll(value, NULL, 0) : 0;

	free(copy);
	return v;
}

static long long primary(struct arith *p)
{
	long long v;
	size_t len;
	char *end;

	skip_space(p);
	if (p->depth > 100 || p->error) {
		fail(p, "too deep");
		return 0;
	}
	if (strchr("-+!~", *p->s) && *p->s) {
		char op = *p->s++;

		p->depth++;
		v = primary(p);
		p->depth--;
		if (op == '-')
			return (long long)-(unsigned long long)v;
		return op == '!' ? !v : op == '~' ? ~v : v;
	}
	if (*p->s == '(') {
		p->s++;
		p->depth++;
		v = assignment(p);
		p->depth--;
		skip_space(p);
		if (*p->s == ')')
			p->s++;
		else
			fail(p, "')' is missing");
		return v;
	}
	len = name_length(p->s);
	if (len) {
		p->s += len;
		return value_of(p->s - len, len);
	}
	if (!isdigit((unsigned char)*p->s)) {
		fail(p, "a number is missing");
		return 0;
	}
	v = (long long)strtoull(p->s, &end, 0);
	p->s = end;
	return v;
}

static const struct operator* peek_operator(struct arith *p)
{
	skip_space(p);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (strncmp(p->s, operators[i].text,
			    strlen(operators[i].text)) == 0)
			return &operators[i];
	return NULL;
}

static long long divide(struct arith *p, char op, long long a, long long b)
{
	if (!b) {
		if (!p->dry)
			fail(p, "division by zero");
		return 0;
	}
	if (b == -1) /* the one quotient that overflows */
		return op == '/' ? (long long)-(unsigned long long)a : 0;
	return op == '/' ? a / b : a % b;
}

/* Wraps around as unsigned numbers do. */
static long long apply(struct arith *p, const char *op, long long a,
		       long long b)
{
	unsigned long long x = (unsigned long long)a, y = (unsigned long long)b;

	switch (op[0]) {
	case '+':
		return (long long)(x + y);
	case '-':
		return (long long)(x - y);
	case '*':
		return (long long)(x * y);
	case '/':
	case '%':
		return divide(p, op[0], a, b);
	case '^':
		return a ^ b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '&':
		return op[1] ? a && b : (a & b);
	case '|':
		return op[1] ? a || b : (a | b);
	case '<':
		if (op[1] == '<')
			return (long long)(x << (y & 63));
		return op[1] ? a <= b : a < b;
	default:
		if (op[1] == '>')
			return a >> (y & 63);
		return op[1] ? a >= b : a > b;
	}
}

static long long binary(struct arith *p, int level)
{
	long long left = primary(p), right;
	const struct operator* op;

	while (!p->error && (op = peek_operator(p)) && op->level >= level) {
		int skip = (op->level == 1 && left) ||
			   (op->level == 2 && !left);

		p->s += strlen(op->text);
		p->dry += skip;
		right = binary(p, op->level + 1);
		p->dry -= skip;
		left = apply(p, op->text, left, right);
	}
	return left;
}

static long long conditional(struct arith *p)
{
	long long v = binary(p, 1), a, b;

	skip_space(p);
	if (p->error || *p->s != '?')
		return v;
	p->s++;
	p->dry += !v;
	a = assignment(p);
	p->dry -= !v;
	skip_space(p);
	if (*p->s != ':') {
		fail(p, "':' is missing");
		return 0;
	}
	p->s++;
	p->dry += !!v;
	b = conditional(p);
	p->dry -= !!v;
	return v ? a : b;
}

/* NAME = value, NAME += value ...; everything else is no assignment */
static long long assignment(struct arith *p)
{
	const char *start, *op;
	char number[24];
	size_t len, n;
	long long v;

	skip_space(p);
	start = p->s;
	len = name_length(start);
	op = start + len;
	while (isspace((unsigned char)*op))
		op++;
	n = *op == '='			   ? 0 :
	    strspn(op, "<>") == 2	   ? 2 :
	    *op && strchr("+-*/%&|^", *op) ? 1 :
					     3;
	if (!len || n == 3 || op[n] != '=' || op[n + 1] == '=')
		return conditional(p);
	p->s = op + n + 1;
	v = assignment(p);
	if (n)
		v = apply(p, (char[]){ op[0], n == 2 ? op[1] : 0, 0 },
			  value_of(start, len), v);
	snprintf(number, sizeof(number), "%lld", v);
	if (!p->dry && !p->error && var_assign(start, number) < 0)
		p->error = 1;
	return v;
}

long long arithmetic(const char *text, int *error)
{
	struct arith p = { .s = text };
	long long v = 0;

	skip_space(&p);
	if (*p.s)
		v = assignment(&p);
	skip_space(&p);
	if (*p.s && !p.error)
		fail(&p, "cannot read the expression");
	*error = p.error;
	return v;
}
