/* SPDX-License-Identifier: MIT */
/*
 * Text -> tokens. A word is kept as it was written: its quotes, $(...) and
 * ${...} are only skipped here, so that a blank or a ; inside them does not
 * end it; expand.c gives them their meaning later, once for each execution.
 */
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void syntax_error(struct parser *p, const char *what)
{
	if (!p->error && !interrupted) /* ^C needs no words */
		shell_error("syntax error: %s", what);
	p->error = 1;
}

size_t name_length(const char *s)
{
	size_t n = 0;

	if (isalpha((unsigned char)*s) || *s == '_')
		while (isalnum((unsigned char)s[n]) || s[n] == '_')
			n++;
	return n;
}

/* Take one character over into the word; => it, or EOF. */
static int take(struct parser *p, struct text *t)
{
	int c = source_next(p->src);

	if (c == EOF)
		syntax_error(p, "something is not closed");
	else
		text_char(t, (char)c);
	return c;
}

static void scan_nested(struct parser *p, struct text *t, int open, int end);

/* Behind a $ or at a ` that was already taken. */
static void scan_dollar(struct parser *p, struct text *t)
{
	int c = source_peek(p->src);

	if (c != '(' && c != '{')
		return;
	take(p, t);
	scan_nested(p, t, c, c == '(' ? ')' : '}');
}

/* To the closing ' " or `, which is taken too. */
static void scan_quoted(struct parser *p, struct text *t, int quote)
{
	int c;

	while (!p->error && (c = take(p, t)) != quote) {
		if (c == '\\' && quote != '\'')
			take(p, t);
		else if (c == '$' && quote == '"')
			scan_dollar(p, t);
		else if (c == '`' && quote == '"')
			scan_quoted(p, t, '`');
	}
}

/* To the ) or } that closes what was opened. */
static void scan_nested(struct parser *p, struct text *t, int open, int end)
{
	int c, depth = 1;

	while (!p->error && depth) {
		c = take(p, t);
		if (c == '\\')
			take(p, t);
		else if (c == '\'' || c == '"' || c == '`')
			scan_quoted(p, t, c);
		else if (c == '$')
			scan_dollar(p, t);
		else if (c == open && open == '(')
			depth++;
		else if (c == end)
			depth--;
	}
}

static void scan_word(struct parser *p, struct text *t)
{
	int c;

	while (!p->error && (c = source_peek(p->src)) != EOF &&
	       !strchr(" \t\n;&|<>()", c)) {
		source_next(p->src);
		if (c == '\\' && source_peek(p->src) == '\n') {
			source_next(p->src);
			continue;
		}
		text_char(t, (char)c);
		if (c == '\\') {
			if (source_peek(p->src) != EOF)
				take(p, t);
		} else if (c == '\'' || c == '"' || c == '`') {
			scan_quoted(p, t, c);
		} else if (c == '$') {
			scan_dollar(p, t);
		}
	}
}

static void skip_blanks(struct source *s)
{
	int c;

	for (;;) {
		c = source_peek(s);
		if (c == ' ' || c == '\t') {
			source_next(s);
		} else if (c == '\\' && s->buf.s[s->pos + 1] == '\n') {
			s->pos += 2;
		} else if (c == '#') {
			while (c != '\n' && c != EOF) {
				source_next(s);
				c = source_peek(s);
			}
		} else {
			return;
		}
	}
}

/* The lines up to the one that is the delimiter. */
static void read_here(struct parser *p, struct redir *r)
{
	struct text body = { 0 }, line = { 0 };
	int c = 0;

	while (c != EOF) {
		line.len = 0;
		text_add(&line, "", 0);
		while ((c = source_next(p->src)) != EOF && c != '\n')
			if (c != '\t' || line.len || r->type == R_HERE)
				text_char(&line, (char)c);
		if (strcmp(line.s, r->word) == 0)
			break;
		if (c != EOF || line.len)
			text_char(&line, '\n');
		text_add(&body, line.s, line.len);
	}
	r->word = arena_copy(p->arena, body.s ? body.s : "", body.len);
	free(body.s);
	free(line.s);
}

static int accept(struct source *s, int c)
{
	if (source_peek(s) != c)
		return 0;
	source_next(s);
	return 1;
}

/* Behind < or >; => the kind, as far as it is one of the longer ones. */
static enum redir_type scan_redir(struct source *s, int first)
{
	if (first == '<') {
		if (accept(s, '<'))
			return accept(s, '-') ? R_HERE_TABS : R_HERE;
		if (accept(s, '>'))
			return R_RDWR;
		return accept(s, '&') ? R_DUP : R_IN;
	}
	if (accept(s, '>'))
		return R_APPEND;
	if (accept(s, '&'))
		return R_DUP;
	accept(s, '|');
	return R_OUT;
}

static void set_redir(struct token *t, struct source *s, int first, int fd)
{
	t->type = T_REDIR;
	t->redir = scan_redir(s, first);
	t->fd = fd >= 0 ? fd : first == '>';
}

static void lex_operator(struct parser *p, int c)
{
	struct source *s = p->src;
	struct token *t = &p->tok;

	source_next(s);
	switch (c) {
	case '\n':
		t->type = T_NEWLINE;
		for (; p->here; p->here = p->here->next_here)
			read_here(p, p->here);
		break;
	case ';':
		t->type = accept(s, ';') ? T_DSEMI : T_SEMI;
		break;
	case '&':
		t->type = accept(s, '&') ? T_AND : T_AMP;
		if (t->type == T_AMP && accept(s, '>')) {
			t->type = T_REDIR;
			t->redir = R_BOTH;
			t->fd = 1;
		}
		break;
	case '|':
		t->type = accept(s, '|') ? T_OR : T_PIPE;
		break;
	case '(':
		t->type = T_LPAREN;
		break;
	case ')':
		t->type = T_RPAREN;
		break;
	default:
		set_redir(t, s, c, -1);
	}
}

static void lex_word(struct parser *p)
{
	struct text t = { 0 };
	int c;

	scan_word(p, &t);
	c = source_peek(p->src);
	if ((c == '<' || c == '>') && t.len == 1 &&
	    isdigit((unsigned char)t.s[0])) {
		source_next(p->src);
		set_redir(&p->tok, p->src, c, t.s[0] - '0');
	} else {
		p->tok.type = T_WORD;
		p->tok.word = arena_copy(p->arena, t.s ? t.s : "", t.len);
	}
	free(t.s);
}

const struct token *lex_peek(struct parser *p)
{
	int c;

	if (p->have_tok)
		return &p->tok;
	memset(&p->tok, 0, sizeof(p->tok));
	skip_blanks(p->src);
	p->tok.start = p->src->pos;
	c = source_peek(p->src);
	if (c == EOF)
		p->tok.type = T_EOF;
	else if (strchr("\n;&|()<>", c))
		lex_operator(p, c);
	else
		lex_word(p);
	p->tok.end = p->src->pos;
	p->have_tok = 1;
	return &p->tok;
}

void lex_next(struct parser *p)
{
	lex_peek(p);
	p->have_tok = 0;
}
