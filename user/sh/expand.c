/* SPDX-License-Identifier: MIT */
/*
 * Words -> fields. A word is expanded into characters that each remember
 * where they come from, because the later steps treat them differently:
 *
 *	source	a*"b c"$x	with x='1 2'
 *	chars	a * b _ c 1 _ 2
 *	class	L L Q Q Q S S S
 *
 *	L literal	*, ? and [ are patterns
 *	Q quoted	means itself
 *	S split		from $x or $(...) outside quotes: IFS splits it
 *
 * and B, a break between the fields of "$@". Then: split, glob, unquote.
 */
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

struct out {
	struct arena *arena;
	struct text chars, class; /* in step */
	int had_quotes;		  /* "" makes a field, though empty */
	int had_args;		  /* "$@" without any makes none */
};

static void expand_into(struct out *o, const char *s, const char *end,
			int quoted);

static void put(struct out *o, char c, char class)
{
	text_char(&o->chars, c);
	text_char(&o->class, class);
}

static void put_string(struct out *o, const char *s, char class)
{
	for (; *s; s++)
		put(o, *s, class);
}

/* Where the construct that opens at s ends: behind its last character. */
static const char *skip_construct(const char *s, const char *end)
{
	char open = *s, close = open == '(' ? ')' : open == '{' ? '}' : open;
	int depth = 0;

	for (; s < end; s++) {
		if (*s == '\\' && open != '\'' && s + 1 < end)
			s++;
		else if (depth && *s == close && --depth == 0)
			return s + 1;
		else if (*s == open && (open == '(' || !depth))
			depth++;
		else if (open != '\'' && open != '`' && *s == '$' &&
			 s + 1 < end && (s[1] == '(' || s[1] == '{'))
			s = skip_construct(s + 1, end) - 1;
		else if ((open == '(' || open == '{') && strchr("'\"`", *s))
			s = skip_construct(s, end) - 1;
		else if (open == '"' && *s == '`')
			s = skip_construct(s, end) - 1;
	}
	return end;
}

static char *join_args(struct arena *a)
{
	const char *ifs = var_get("IFS");
	struct text t = { 0 };
	char *joined;

	text_add(&t, "", 0);
	for (int i = 0; i < sh.nr_args; i++) {
		if (i && (!ifs || *ifs))
			text_char(&t, ifs ? *ifs : ' ');
		text_add(&t, sh.args[i], strlen(sh.args[i]));
	}
	joined = arena_copy(a, t.s, t.len);
	free(t.s);
	return joined;
}

/* $? $$ $1 $name; => NULL if it is not set */
static const char *parameter(struct arena *a, const char *name)
{
	char *number = arena_alloc(a, 24);
	long value;

	if (isdigit((unsigned char)*name)) {
		value = strtol(name, NULL, 10);
		if (!value)
			return sh.name;
		return value <= sh.nr_args ? sh.args[value - 1] : NULL;
	}
	switch (*name) {
	case '?':
		value = sh.status;
		break;
	case '$':
		value = sh.pid;
		break;
	case '#':
		value = sh.nr_args;
		break;
	case '!':
		if (!sh.last_background)
			return NULL;
		value = sh.last_background;
		break;
	case '@':
	case '*':
		return sh.nr_args ? join_args(a) : NULL;
	case '-':
		for (const char *o = "efimux"; *o; o++)
			if (sh.opt[(int)*o])
				number[strlen(number)] = *o;
		return number;
	default:
		return var_get(name);
	}
	snprintf(number, 24, "%ld", value);
	return number;
}

static void put_args(struct out *o, int quoted)
{
	o->had_args = 1;
	for (int i = 0; i < sh.nr_args; i++) {
		if (i)
			put(o, ' ', 'B');
		put_string(o, sh.args[i], quoted ? 'Q' : 'S');
	}
}

static void put_value(struct out *o, const char *name, int quoted)
{
	const char *value;

	if (*name == '@' || (*name == '*' && !quoted)) {
		put_args(o, quoted);
		return;
	}
	value = parameter(o->arena, name);
	if (value) {
		put_string(o, value, quoted ? 'Q' : 'S');
	} else if (sh.opt['u'] && *name != '*' && *name != '!') {
		shell_error("%s: is not set", name);
		sh.skip = SKIP_ABORT;
		sh.status = 2;
	}
}

/* ${x#p} ${x##p} ${x%p} ${x%%p}: cut off what the pattern matches */
static char *cut(struct arena *a, const char *value, const char *pattern,
		 char side, int longest)
{
	char *copy = arena_copy(a, value, strlen(value));
	size_t len = strlen(copy);

	for (size_t i = 0; i <= len; i++) {
		size_t n = longest ? len - i : i; /* how much to cut */
		char *at = side == '#' ? copy + n : copy + len - n;
		char saved = *at;
		int hit;

		if (side == '#')
			*at = '\0';
		hit = fnmatch(pattern, side == '#' ? copy : at, 0) == 0;
		*at = saved;
		if (!hit)
			continue;
		if (side == '#')
			return at;
		*at = '\0';
		return copy;
	}
	return copy;
}

/* The word behind - = ? + in ${x:-word} */
static void use_word(struct out *o, const char *name, char op, const char *word,
		     const char *end, int quoted)
{
	char *raw = arena_copy(o->arena, word, (size_t)(end - word));

	if (op == '=') {
		var_set(name, expand_one(o->arena, raw));
		put_value(o, name, quoted);
	} else if (op == '?') {
		raw = expand_one(o->arena, raw);
		shell_error("%s: %s", name, *raw ? raw : "is not set");
		sh.skip = SKIP_ABORT;
		sh.status = 2;
	} else {
		expand_into(o, word, end, quoted ? 1 : 2);
	}
}

/* What stands between ${ and } */
static void put_braces(struct out *o, const char *s, const char *end,
		       int quoted)
{
	int length = *s == '#' && s + 1 < end && !strchr("#%:-=?+", s[1]);
	int colon = 0, longest = 0;
	const char *value;
	char *name, text[24];
	size_t n;

	s += length;
	n = isdigit((unsigned char)*s) ? strspn(s, "0123456789") :
					 name_length(s);
	if (!n)
		n = 1;
	name = arena_copy(o->arena, s, n);
	s += n;
	value = parameter(o->arena, name);
	if (length) {
		n = *name == '@' || *name == '*' ? (size_t)sh.nr_args :
		    value			 ? strlen(value) :
						   0;
		snprintf(text, sizeof(text), "%zu", n);
		put_string(o, text, quoted ? 'Q' : 'S');
		return;
	}
	if (s < end && *s == ':') {
		colon = 1;
		s++;
	}
	if (s >= end || !strchr("-=?+#%", *s)) {
		if (s < end || colon) {
			shell_error("${%s: bad substitution", name);
			sh.skip = SKIP_ABORT;
			sh.status = 2;
			return;
		}
		put_value(o, name, quoted);
		return;
	}
	if (*s == '#' || *s == '%') {
		char side = *s++;

		longest = s < end && *s == side;
		s += longest;
		put_string(o,
			   cut(o->arena, value ? value : "",
			       expand_pattern(o->arena,
					      arena_copy(o->arena, s,
							 (size_t)(end - s))),
			       side, longest),
			   quoted ? 'Q' : 'S');
	} else if ((value && (*value || !colon)) != (*s == '+')) {
		if (*s != '+')
			put_value(o, name, quoted);
	} else {
		use_word(o, name, *s, s + 1, end, quoted);
	}
}

static void put_command(struct out *o, const char *command, int quoted)
{
	const char *text = command_output(o->arena, command);
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		len--;
	for (size_t i = 0; i < len; i++)
		put(o, text[i], quoted ? 'Q' : 'S');
}

static void put_arithmetic(struct out *o, const char *s, const char *end,
			   int quoted)
{
	char *raw = arena_copy(o->arena, s, (size_t)(end - s)), text[24];
	int error;
	long long v = arithmetic(expand_here(o->arena, raw), &error);

	if (error) {
		sh.skip = SKIP_ABORT;
		sh.status = 2;
	}
	snprintf(text, sizeof(text), "%lld", v);
	put_string(o, text, quoted ? 'Q' : 'S');
}

/* At a $; => the character behind what was expanded. */
static const char *put_dollar(struct out *o, const char *s, const char *end,
			      int quoted)
{
	const char *close;
	size_t n;

	s++;
	if (s < end && (*s == '(' || *s == '{')) {
		close = skip_construct(s, end);
		if (*s == '{')
			put_braces(o, s + 1, close - 1, quoted);
		else if (s[1] == '(' && close - s > 3 && close[-2] == ')')
			put_arithmetic(o, s + 2, close - 2, quoted);
		else
			put_command(o,
				    arena_copy(o->arena, s + 1,
					       (size_t)(close - s - 2)),
				    quoted);
		return close;
	}
	n = name_length(s);
	if (!n && s < end && *s && strchr("?$#!@*-0123456789", *s))
		n = 1;
	if (!n || s + n > end) {
		put(o, '$', quoted ? 'Q' : 'L');
		return s;
	}
	put_value(o, arena_copy(o->arena, s, n), quoted);
	return s + n;
}

/* `...`: a backslash quotes only ` \ and $ */
static const char *put_backquoted(struct out *o, const char *s, const char *end,
				  int quoted)
{
	const char *close = skip_construct(s, end);
	char *command = arena_copy(o->arena, s + 1, (size_t)(close - s - 2));
	char *to = command;

	for (char *from = command; *from; from++) {
		if (*from == '\\' && from[1] && strchr("`\\$", from[1]))
			from++;
		*to++ = *from;
	}
	*to = '\0';
	put_command(o, command, quoted);
	return close;
}

static const char *put_backslash(struct out *o, const char *s, const char *end,
				 int quoted)
{
	s++;
	if (s == end) {
		put(o, '\\', 'Q');
		return s;
	}
	if (quoted == 1 && !strchr("$`\"\\\n", *s))
		put(o, '\\', 'Q');
	if (*s != '\n')
		put(o, *s, 'Q');
	return s + 1;
}

/*
 * quoted: 0 in a plain word, 1 inside "..." or a here document,
 * 2 in the word of ${x-word} outside quotes, where blanks split too.
 */
static void expand_into(struct out *o, const char *s, const char *end,
			int quoted)
{
	const char *close;

	while (s < end && !sh.skip) {
		if (*s == '\\') {
			s = put_backslash(o, s, end, quoted);
		} else if (*s == '$') {
			s = put_dollar(o, s, end, quoted == 1);
		} else if (*s == '`') {
			s = put_backquoted(o, s, end, quoted == 1);
		} else if (*s == '\'' && quoted != 1) {
			close = skip_construct(s, end);
			for (s++; s < close - 1; s++)
				put(o, *s, 'Q');
			s = close;
			o->had_quotes = 1;
		} else if (*s == '"' && quoted != 1) {
			close = skip_construct(s, end);
			o->had_quotes = 1;
			expand_into(o, s + 1, close - 1, 1);
			s = close;
		} else {
			put(o, *s++, quoted == 1 ? 'Q' : quoted ? 'S' : 'L');
		}
	}
}

static const char *put_tilde(struct out *o, const char *s)
{
	const char *home = var_get("HOME");

	if (*s != '~' || (s[1] && s[1] != '/') || !home)
		return s;
	put_string(o, home, 'Q');
	return s + 1;
}

static struct out start_expansion(struct arena *a)
{
	struct out o = { .arena = a };

	text_add(&o.chars, "", 0);
	text_add(&o.class, "", 0);
	return o;
}

static void end_expansion(struct out *o)
{
	free(o->chars.s);
	free(o->class.s);
}

/* One field as a pattern: quoted characters get a backslash. */
static char *as_pattern(struct arena *a, const char *chars, const char *class,
			size_t n)
{
	char *pattern = arena_alloc(a, 2 * n + 1), *p = pattern;

	for (size_t i = 0; i < n; i++) {
		if (class[i] == 'Q' && strchr("*?[]\\-!", chars[i]))
			*p++ = '\\';
		*p++ = chars[i];
	}
	return pattern;
}

static int has_magic(const char *chars, const char *class, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (class[i] != 'Q' && strchr("*?[", chars[i]))
			return 1;
	return 0;
}

static struct word **add_field(struct out *o, struct word **end, size_t from,
			       size_t to)
{
	const char *chars = o->chars.s + from, *class = o->class.s + from;
	struct word *w = NULL;

	if (!sh.opt['f'] && has_magic(chars, class, to - from))
		w = glob_field(o->arena,
			       as_pattern(o->arena, chars, class, to - from));
	if (!w) {
		w = arena_alloc(o->arena, sizeof(*w));
		w->s = arena_copy(o->arena, chars, to - from);
	}
	*end = w;
	while (*end)
		end = &(*end)->next;
	return end;
}

/*
 * Blanks in IFS separate together; any other character of IFS ends a field
 * by itself, so a::b has an empty one in the middle.
 */
static struct word **split(struct out *o, struct word **end)
{
	const char *ifs = var_get("IFS");
	size_t i = 0, n = o->chars.len, from = 0;
	int open = 0; /* there is a field, maybe empty */

	if (!ifs)
		ifs = " \t\n";
	for (; i < n; i++) {
		char c = o->chars.s[i], class = o->class.s[i];
		int separator = class == 'S' && strchr(ifs, c);

		if (class == 'B' ||
		    (separator && (open || !isspace((unsigned char)c)))) {
			end = add_field(o, end, from, i);
			open = class == 'B';
			while (class != 'B' && i + 1 < n &&
			       o->class.s[i + 1] == 'S' &&
			       isspace((unsigned char)o->chars.s[i + 1]) &&
			       strchr(ifs, o->chars.s[i + 1]))
				i++;
			from = i + 1;
		} else if (separator) {
			from = i + 1;
		} else {
			open = 1;
		}
	}
	if (open || (n == 0 && o->had_quotes && !(o->had_args && !sh.nr_args)))
		end = add_field(o, end, from, n);
	return end;
}

struct word *expand_words(struct arena *a, const struct word *words)
{
	struct word *list = NULL, **end = &list;

	for (; words && !sh.skip; words = words->next) {
		struct out o = start_expansion(a);
		const char *s = put_tilde(&o, words->s);

		expand_into(&o, s, s + strlen(s), 0);
		end = split(&o, end);
		end_expansion(&o);
	}
	return list;
}

char *expand_one(struct arena *a, const char *raw)
{
	struct out o = start_expansion(a);
	const char *s = put_tilde(&o, raw);
	char *result;

	expand_into(&o, s, s + strlen(s), 0);
	result = arena_copy(a, o.chars.s, o.chars.len);
	end_expansion(&o);
	return result;
}

char *expand_pattern(struct arena *a, const char *raw)
{
	struct out o = start_expansion(a);
	char *result;

	expand_into(&o, raw, raw + strlen(raw), 0);
	result = as_pattern(a, o.chars.s, o.class.s, o.chars.len);
	end_expansion(&o);
	return result;
}

char *expand_here(struct arena *a, const char *body)
{
	struct out o = start_expansion(a);
	char *result;

	expand_into(&o, body, body + strlen(body), 1);
	result = arena_copy(a, o.chars.s, o.chars.len);
	end_expansion(&o);
	return result;
}
