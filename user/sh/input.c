/* SPDX-License-Identifier: MIT */
/*
 * Where the text comes from, and the two containers the shell is built on.
 * A source hands out characters and asks for one more line only when it
 * must: commands that read the same standard input find all that follows.
 */
#include "sh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
};

struct arena {
	struct chunk *chunks;
	int users;
};

struct arena *arena_new(void)
{
	struct arena *a = xmalloc(sizeof(*a));

	a->chunks = NULL;
	a->users = 1;
	return a;
}

struct arena *arena_get(struct arena *a)
{
	a->users++;
	return a;
}

void arena_put(struct arena *a)
{
	struct chunk *next;

	if (!a || --a->users)
		return;
	for (struct chunk *c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct chunk *c = a->chunks;
	size_t room;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!c || c->size - c->used < size) {
		room = size > 1000 ? size : 1000;
		c = xmalloc(sizeof(*c) + room);
		*c = (struct chunk){ .next = a->chunks, .size = room };
		a->chunks = c;
	}
	p = c->data + c->used;
	c->used += size;
	return memset(p, 0, size);
}

char *arena_copy(struct arena *a, const char *s, size_t len)
{
	return memcpy(arena_alloc(a, len + 1), s, len);
}

void text_add(struct text *t, const char *s, size_t len)
{
	if (t->len + len + 1 > t->room) {
		t->room = 2 * (t->len + len + 32);
		t->s = xrealloc(t->s, t->room);
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void text_char(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void source_string(struct source *s, const char *text)
{
	*s = (struct source){ .fd = -1 };
	text_add(&s->buf, text, strlen(text));
}

void source_fd(struct source *s, int fd, int interactive)
{
	*s = (struct source){ .fd = fd, .interactive = interactive };
}

void source_done(struct source *s)
{
	free(s->buf.s);
}

/* Byte by byte: what follows the line belongs to the commands. */
static int read_line(struct source *s)
{
	size_t before = s->buf.len;
	ssize_t n;
	char c;

	while ((n = read(s->fd, &c, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		text_char(&s->buf, c);
		if (c == '\n')
			return 1;
	}
	return s->buf.len > before;
}

static int more(struct source *s)
{
	char *line;

	if (s->fd < 0)
		return 0;
	if (!s->interactive)
		return read_line(s);
	line = edit_line(prompt_text(!s->fresh));
	s->fresh = 0;
	if (!line)
		return 0;
	history_add(line);
	text_add(&s->buf, line, strlen(line));
	text_char(&s->buf, '\n');
	free(line);
	return 1;
}

int source_peek(struct source *s)
{
	if (s->pos == s->buf.len && (s->at_end || !more(s))) {
		s->at_end = 1;
		return EOF;
	}
	return (unsigned char)s->buf.s[s->pos];
}

int source_next(struct source *s)
{
	int c = source_peek(s);

	s->pos += c != EOF;
	return c;
}

void source_forget(struct source *s)
{
	s->buf.len -= s->pos;
	if (s->buf.s)
		memmove(s->buf.s, s->buf.s + s->pos, s->buf.len + 1);
	s->pos = 0;
	s->fresh = 1;
	if (s->interactive) /* ^D ends one command, not the next */
		s->at_end = 0;
}

void source_discard(struct source *s)
{
	s->pos = s->buf.len;
	source_forget(s);
}
