/* SPDX-License-Identifier: MIT */
/*
 * Tokens -> tree, one function for each rule of the grammar:
 *
 *	list      and_or { (; | & | newline) and_or }
 *	and_or    pipeline { (&& | ||) pipeline }
 *	pipeline  [!] command { | command }
 *	command   simple | name() command | if ... fi | while ... done | ...
 *
 * A reserved word counts only where a command may begin. After an error
 * (p->error) every rule returns as fast as it can.
 */
#include "sh.h"

#include <stdlib.h>
#include <string.h>

static struct node *parse_list(struct parser *p, int one_line);

static struct node *new_node(struct parser *p, enum node_type type)
{
	struct node *n = arena_alloc(p->arena, sizeof(*n));

	n->type = type;
	return n;
}

static int is_word(struct parser *p, const char *word)
{
	const struct token *t = lex_peek(p);

	return t->type == T_WORD && strcmp(t->word, word) == 0;
}

static int accept_word(struct parser *p, const char *word)
{
	if (!is_word(p, word))
		return 0;
	lex_next(p);
	return 1;
}

static void expect_word(struct parser *p, const char *word)
{
	char text[32];

	if (p->error || accept_word(p, word))
		return;
	snprintf(text, sizeof(text), "'%s' is missing", word);
	syntax_error(p, text);
}

static int accept_token(struct parser *p, enum token_type type)
{
	if (lex_peek(p)->type != type)
		return 0;
	lex_next(p);
	return 1;
}

static void skip_newlines(struct parser *p)
{
	while (!p->error && accept_token(p, T_NEWLINE))
		;
}

static char *take_word(struct parser *p, const char *what)
{
	const struct token *t = lex_peek(p);
	char *word = t->word;

	if (t->type != T_WORD) {
		syntax_error(p, what);
		return NULL;
	}
	lex_next(p);
	return word;
}

static struct word *add_word(struct parser *p, struct word **end, char *s)
{
	struct word *w = arena_alloc(p->arena, sizeof(*w));

	w->s = s;
	*end = w;
	return w;
}

/* A list that must not be empty, as the body of if, while, {. */
static struct node *parse_body(struct parser *p)
{
	struct node *n = parse_list(p, 0);

	if (!n)
		syntax_error(p, "a command is missing");
	return n;
}

static struct redir **parse_redir(struct parser *p, struct redir **end)
{
	struct redir *r = arena_alloc(p->arena, sizeof(*r)), **here;
	const struct token *t = lex_peek(p);
	char *word, *c;

	r->type = t->redir;
	r->fd = t->fd;
	lex_next(p);
	word = take_word(p, "a file name is missing");
	if (!word)
		return end;
	r->word = word;
	if (r->type == R_HERE || r->type == R_HERE_TABS) {
		r->quoted = strpbrk(word, "\"'\\") != NULL;
		for (c = r->word; *word; word++)
			if (!strchr("\"'\\", *word))
				*c++ = *word;
		*c = '\0';
		for (here = &p->here; *here; here = &(*here)->next_here)
			;
		*here = r;
	}
	*end = r;
	return &r->next;
}

static void parse_redirs(struct parser *p, struct node *n)
{
	struct redir **end = &n->redirs;

	while (!p->error && lex_peek(p)->type == T_REDIR)
		end = parse_redir(p, end);
}

static struct node *parse_if(struct parser *p)
{
	struct node *n = new_node(p, N_IF);

	n->a = parse_body(p);
	expect_word(p, "then");
	n->b = parse_body(p);
	if (p->error)
		return n;
	if (accept_word(p, "elif")) {
		n->c = parse_if(p); /* which takes the fi */
		return n;
	}
	if (accept_word(p, "else"))
		n->c = parse_body(p);
	expect_word(p, "fi");
	return n;
}

static struct node *parse_do(struct parser *p)
{
	struct node *body;

	expect_word(p, "do");
	if (p->error)
		return NULL;
	body = parse_body(p);
	expect_word(p, "done");
	return body;
}

static struct node *parse_while(struct parser *p, enum node_type type)
{
	struct node *n = new_node(p, type);

	n->a = parse_body(p);
	n->b = parse_do(p);
	return n;
}

static struct node *parse_for(struct parser *p)
{
	struct node *n = new_node(p, N_FOR);
	struct word **end = &n->words;

	n->name = take_word(p, "the name of a variable is missing");
	if (p->error)
		return n;
	skip_newlines(p);
	n->all_args = !accept_word(p, "in");
	while (!n->all_args && lex_peek(p)->type == T_WORD) {
		end = &add_word(p, end, lex_peek(p)->word)->next;
		lex_next(p);
	}
	accept_token(p, T_SEMI);
	skip_newlines(p);
	n->b = parse_do(p);
	return n;
}

static struct case_item *parse_case_item(struct parser *p)
{
	struct case_item *item = arena_alloc(p->arena, sizeof(*item));
	struct word **end = &item->patterns;

	accept_token(p, T_LPAREN);
	do {
		char *word = take_word(p, "a pattern is missing");

		if (word)
			end = &add_word(p, end, word)->next;
	} while (!p->error && accept_token(p, T_PIPE));
	if (!p->error && !accept_token(p, T_RPAREN))
		syntax_error(p, "')' is missing behind a pattern");
	if (!p->error)
		item->body = parse_list(p, 0);
	return item;
}

static struct node *parse_case(struct parser *p)
{
	struct node *n = new_node(p, N_CASE);
	struct case_item **end = &n->items;
	char *word = take_word(p, "a word is missing behind case");

	if (p->error)
		return n;
	add_word(p, &n->words, word);
	skip_newlines(p);
	expect_word(p, "in");
	skip_newlines(p);
	while (!p->error && !is_word(p, "esac")) {
		*end = parse_case_item(p);
		end = &(*end)->next;
		if (p->error || !accept_token(p, T_DSEMI))
			break;
		skip_newlines(p);
	}
	expect_word(p, "esac");
	return n;
}

static struct node *parse_group(struct parser *p, int subshell)
{
	struct node *n = new_node(p, subshell ? N_SUBSHELL : N_GROUP);

	n->a = parse_body(p);
	if (!subshell)
		expect_word(p, "}");
	else if (!p->error && !accept_token(p, T_RPAREN))
		syntax_error(p, "')' is missing");
	return n;
}

static int is_assignment(const char *word)
{
	size_t n = name_length(word);

	return n && word[n] == '=';
}

static struct node *parse_command(struct parser *p);

static struct node *parse_simple(struct parser *p)
{
	struct node *n = new_node(p, N_SIMPLE);
	struct word **assign = &n->assigns, **end = &n->words;
	struct redir **redir = &n->redirs;
	const struct token *t;

	while (!p->error) {
		t = lex_peek(p);
		if (t->type == T_REDIR) {
			redir = parse_redir(p, redir);
			continue;
		}
		if (t->type != T_WORD)
			break;
		if (!n->words && is_assignment(t->word))
			assign = &add_word(p, assign, t->word)->next;
		else
			end = &add_word(p, end, t->word)->next;
		lex_next(p);
		if (n->words && !n->words->next && !n->assigns &&
		    accept_token(p, T_LPAREN)) {
			if (!accept_token(p, T_RPAREN))
				syntax_error(p, "'()' is not closed");
			n->type = N_FUNCTION;
			n->name = n->words->s;
			skip_newlines(p);
			n->a = p->error ? NULL : parse_command(p);
			return n;
		}
	}
	if (!p->error && !n->words && !n->assigns && !n->redirs)
		syntax_error(p, "a command is missing");
	return n;
}

static struct node *parse_command(struct parser *p)
{
	struct node *n;

	if (accept_token(p, T_LPAREN))
		n = parse_group(p, 1);
	else if (accept_word(p, "{"))
		n = parse_group(p, 0);
	else if (accept_word(p, "if"))
		n = parse_if(p);
	else if (accept_word(p, "while"))
		n = parse_while(p, N_WHILE);
	else if (accept_word(p, "until"))
		n = parse_while(p, N_UNTIL);
	else if (accept_word(p, "for"))
		n = parse_for(p);
	else if (accept_word(p, "case"))
		n = parse_case(p);
	else
		return parse_simple(p);
	parse_redirs(p, n);
	return n;
}

/* The text from `start` to the token that comes next, without blanks. */
static char *source_text(struct parser *p, size_t start)
{
	const char *s = p->src->buf.s;
	size_t end = lex_peek(p)->start;

	while (end > start && strchr(" \t\n", s[end - 1]))
		end--;
	return arena_copy(p->arena, s + start, end - start);
}

static struct node *parse_pipeline(struct parser *p)
{
	size_t start = lex_peek(p)->start;
	int not = 0;
	struct node *first, *last, *n;

	while (accept_word(p, "!"))
		not = !not ;
	first = last = n = parse_command(p);
	while (!p->error && accept_token(p, T_PIPE)) {
		skip_newlines(p);
		if (p->error)
			break;
		last->next = parse_command(p);
		last = last->next;
	}
	if (p->error)
		return n;
	if (first->next) {
		n = new_node(p, N_PIPE);
		n->a = first;
	}
	n->text = source_text(p, start);
	if (not ) {
		first = n;
		n = new_node(p, N_NOT);
		n->a = first;
		n->text = first->text;
	}
	return n;
}

static struct node *parse_and_or(struct parser *p)
{
	size_t start = lex_peek(p)->start;
	struct node *left = parse_pipeline(p), *n;

	while (!p->error &&
	       (lex_peek(p)->type == T_AND || lex_peek(p)->type == T_OR)) {
		n = new_node(p, lex_peek(p)->type == T_AND ? N_AND : N_OR);
		lex_next(p);
		skip_newlines(p);
		n->a = left;
		n->b = p->error ? NULL : parse_pipeline(p);
		n->text = p->error ? NULL : source_text(p, start);
		left = n;
	}
	return left;
}

/* Does the next token end the list around it? */
static int at_end(struct parser *p)
{
	static const char *const words[] = {
		"then", "elif", "else", "fi", "do", "done", "esac", "}",
	};
	const struct token *t = lex_peek(p);

	if (t->type == T_EOF || t->type == T_RPAREN || t->type == T_DSEMI)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_word(p, words[i]))
			return 1;
	return 0;
}

static struct node *parse_list(struct parser *p, int one_line)
{
	struct node *list = NULL, *n, *seq;

	if (!one_line)
		skip_newlines(p);
	while (!p->error && !at_end(p)) {
		n = parse_and_or(p);
		if (p->error)
			break;
		if (lex_peek(p)->type == T_AMP) {
			seq = new_node(p, N_BACKGROUND);
			seq->a = n;
			n = seq;
		}
		if (list) {
			seq = new_node(p, N_SEQ);
			seq->a = list;
			seq->b = n;
			list = seq;
		} else {
			list = n;
		}
		if (!accept_token(p, T_AMP) && !accept_token(p, T_SEMI) &&
		    lex_peek(p)->type != T_NEWLINE)
			break;
		if (one_line && lex_peek(p)->type == T_NEWLINE)
			break;
		skip_newlines(p);
	}
	return p->error ? NULL : list;
}

enum parse_result parse_command_line(struct parser *p, struct node **out)
{
	source_forget(p->src);
	p->have_tok = p->error = 0;
	p->here = NULL;
	if (lex_peek(p)->type == T_EOF)
		return p->error ? PARSE_ERROR : PARSE_EOF;
	if (accept_token(p, T_NEWLINE))
		return PARSE_EMPTY;
	*out = parse_list(p, 1);
	if (!p->error && lex_peek(p)->type != T_EOF &&
	    !accept_token(p, T_NEWLINE))
		syntax_error(p, lex_peek(p)->type == T_WORD ?
					lex_peek(p)->word :
					"unexpected ')' or ';;'");
	return p->error ? PARSE_ERROR : PARSE_OK;
}
