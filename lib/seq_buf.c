/* SPDX-License-Identifier: MIT */
/*
 * Appending text to a buffer. reserve() is the only place that decides
 * whether something fits.
 */
#include <lib/bitops.h>
#include <lib/printf.h>
#include <lib/seq_buf.h>
#include <lib/string.h>

/* => where to put n bytes, or NULL */
static char *reserve(struct seq_buf *s, size_t n)
{
	char *at = s->buffer + s->len;

	if (s->overflow || n > s->size - s->len) {
		s->overflow = true;
		return NULL;
	}
	s->len += n;
	return at;
}

void seq_buf_printf(struct seq_buf *s, const char *fmt, ...)
{
	size_t room = s->size - s->len, n;
	va_list args;

	if (s->overflow)
		return;
	/* The final 0 that vsnprintf puts needs a byte for a while, too. */
	va_start(args, fmt);
	n = (size_t)vsnprintf(s->buffer + s->len, room, fmt, args);
	va_end(args);
	reserve(s, n < room ? n : room + 1);
}

void seq_buf_putmem(struct seq_buf *s, const void *mem, size_t len)
{
	char *at = reserve(s, len);

	if (at)
		memcpy(at, mem, len);
}

void seq_buf_puts(struct seq_buf *s, const char *str)
{
	seq_buf_putmem(s, str, strlen(str));
}

void seq_buf_putc(struct seq_buf *s, char c)
{
	char *at = reserve(s, 1);

	if (at)
		*at = c;
}

static void put_blanks(struct seq_buf *s, size_t n)
{
	char *at = reserve(s, n);

	if (at)
		memset(at, ' ', n);
}

void seq_buf_put_decimal(struct seq_buf *s, u64 value, unsigned int width)
{
	char digits[20];
	unsigned int n = put_dec(digits, value);

	if (width > n)
		put_blanks(s, width - n);
	seq_buf_putmem(s, digits, n);
}

void seq_buf_put_hex(struct seq_buf *s, u64 value, unsigned int width)
{
	unsigned int n = max(((unsigned int)fls64(value) + 3) / 4, width);
	char *at;

	n = clamp(n, 1U, 64U);
	at = reserve(s, n);
	if (!at)
		return;
	while (n--) {
		at[n] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

void seq_buf_pad(struct seq_buf *s, unsigned int col)
{
	size_t line = s->len;

	while (line && s->buffer[line - 1] != '\n')
		line--;
	if (s->len - line < col)
		put_blanks(s, col - (s->len - line));
}
