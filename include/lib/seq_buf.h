/* SPDX-License-Identifier: MIT */
/*
 * Appending text to a buffer of fixed size. What does not fit sets overflow
 * and later appends do nothing: the caller makes the text again in a larger
 * buffer. The text is not terminated.
 */
#ifndef _LIB_SEQ_BUF_H
#define _LIB_SEQ_BUF_H

#include <lib/types.h>

struct seq_buf {
	char *buffer;
	size_t size;
	size_t len;
	bool overflow;
};

static inline void seq_buf_init(struct seq_buf *s, char *buf, size_t size)
{
	s->buffer = buf;
	s->size = size;
	s->len = 0;
	s->overflow = false;
}

static inline bool seq_buf_has_overflowed(const struct seq_buf *s)
{
	return s->overflow;
}

void seq_buf_printf(struct seq_buf *s, const char *fmt, ...) __printf(2, 3);
void seq_buf_puts(struct seq_buf *s, const char *str);
void seq_buf_putc(struct seq_buf *s, char c);
void seq_buf_putmem(struct seq_buf *s, const void *mem, size_t len);
/* The fast forms of "%*llu" and "%0*llx". */
void seq_buf_put_decimal(struct seq_buf *s, u64 value, unsigned int width);
void seq_buf_put_hex(struct seq_buf *s, u64 value, unsigned int width);
/* Blanks until the current line is col characters long. */
void seq_buf_pad(struct seq_buf *s, unsigned int col);

#endif
