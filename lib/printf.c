/* SPDX-License-Identifier: MIT */
/*
 * Formatted text. A conversion is read into a struct spec; its text is made
 * in a small array or taken from the argument; emit() adds what the flags,
 * width and precision ask for:
 *
 *	[blanks] [sign or 0x] [zeros] text [blanks]
 */
#include <lib/ctype.h>
#include <lib/printf.h>
#include <lib/string.h>

const char *(*printf_symbol_lookup)(unsigned long addr, unsigned long *size,
				    unsigned long *offset);

#define F_LEFT	BIT(0)
#define F_PLUS	BIT(1)
#define F_SPACE BIT(2)
#define F_ALT	BIT(3)
#define F_ZERO	BIT(4)

struct spec {
	unsigned int flags;
	unsigned int width;
	int precision; /* -1: none given */
	int bytes;     /* size of an integer argument */
	char conversion;
};

struct out {
	char *buf;
	size_t size; /* room in buf, with the final 0 */
	size_t len;  /* of the text so far, cut or not */
};

/* va_list may be an array type; in a struct it can be passed on. */
struct args {
	va_list ap;
};

static void put_mem(struct out *o, const char *s, size_t n)
{
	if (o->len < o->size)
		memcpy(o->buf + o->len, s, min(n, o->size - o->len));
	o->len += n;
}

static void put_fill(struct out *o, char c, size_t n)
{
	if (o->len < o->size)
		memset(o->buf + o->len, c, min(n, o->size - o->len));
	o->len += n;
}

static void emit(struct out *o, const struct spec *sp, const char *prefix,
		 size_t zeros, const char *text, size_t len)
{
	size_t plen = strlen(prefix);
	size_t all = plen + zeros + len;
	size_t blanks = sp->width > all ? sp->width - all : 0;

	if (!(sp->flags & F_LEFT))
		put_fill(o, ' ', blanks);
	put_mem(o, prefix, plen);
	put_fill(o, '0', zeros);
	put_mem(o, text, len);
	if (sp->flags & F_LEFT)
		put_fill(o, ' ', blanks);
}

/* Digits of v to the end of a buffer. => where they begin */
static char *digits(char *end, u64 v, unsigned int shift, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	if (!shift) {
		for (; v; v /= 10)
			*--end = (char)('0' + v % 10);
		return end;
	}
	for (; v; v >>= shift)
		*--end = set[v & ((1U << shift) - 1)];
	return end;
}

unsigned int put_dec(char *buf, u64 v)
{
	char tmp[20], *end = tmp + sizeof(tmp);
	char *p = v ? digits(end, v, 0, false) : end - 1;
	unsigned int n = (unsigned int)(end - p);

	if (!v)
		*p = '0';
	memcpy(buf, p, n);
	return n;
}

static void put_number(struct out *o, const struct spec *sp, u64 v,
		       const char *sign)
{
	bool upper = sp->conversion == 'X';
	unsigned int shift = 0;
	char tmp[24], prefix[4];
	size_t len, zeros = 0, plen;
	char *p, *end = tmp + sizeof(tmp);

	if (sp->conversion == 'x' || upper)
		shift = 4;
	else if (sp->conversion == 'o')
		shift = 3;
	p = digits(end, v, shift, upper);
	len = (size_t)(end - p);
	strcpy(prefix, sign);
	if (shift == 4 && (sp->flags & F_ALT) && v)
		strcpy(prefix, upper ? "0X" : "0x");
	plen = strlen(prefix);
	if (sp->precision >= 0) {
		if ((size_t)sp->precision > len)
			zeros = (size_t)sp->precision - len;
	} else {
		zeros = !v;
		if ((sp->flags & (F_ZERO | F_LEFT)) == F_ZERO &&
		    sp->width > plen + len)
			zeros = max(zeros, sp->width - plen - len);
	}
	if (shift == 3 && (sp->flags & F_ALT) && !zeros)
		zeros = 1;
	emit(o, sp, prefix, zeros, p, len);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	size_t max = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;

	if (!s)
		s = "(null)";
	emit(o, sp, "", 0, s, strnlen(s, max));
}

static void put_hex64(struct out *o, const struct spec *sp, const char *prefix,
		      u64 v)
{
	char tmp[16], *p = digits(tmp + sizeof(tmp), v, 4, false);
	size_t len = (size_t)(tmp + sizeof(tmp) - p);

	emit(o, sp, prefix, sizeof(tmp) - len, p, len);
}

static void put_symbol(struct out *o, const struct spec *sp, unsigned long addr,
		       bool with_offset)
{
	unsigned long size, offset;
	const char *name = NULL;
	char text[128];

	if (printf_symbol_lookup)
		name = printf_symbol_lookup(addr, &size, &offset);
	if (!name) {
		put_hex64(o, sp, "0x", addr);
		return;
	}
	if (with_offset) {
		scnprintf(text, sizeof(text), "%.80s+0x%lx/0x%lx", name, offset,
			  size);
		name = text;
	}
	put_string(o, sp, name);
}

/* The letters after %p that mean something. => where the format goes on */
static const char *put_pointer(struct out *o, const struct spec *sp,
			       const void *ptr, const char *fmt)
{
	switch (*fmt) {
	case 'S':
	case 's':
		put_symbol(o, sp, (unsigned long)ptr, *fmt == 'S');
		return fmt + 1;
	case 'a':
		put_hex64(o, sp, "0x", *(const phys_addr_t *)ptr);
		return fmt + 1;
	case 'x':
		fmt++;
		fallthrough;
	default:
		put_hex64(o, sp, "", (unsigned long)ptr);
		return fmt;
	}
}

/* A number or a * in the format. => false if there is none */
static bool read_count(const char **fmt, struct args *args, int *res)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		*res = va_arg(args->ap, int);
		return true;
	}
	if (!isdigit(**fmt))
		return false;
	while (isdigit(**fmt)) {
		n = min(n * 10 + (**fmt - '0'), 99999);
		++*fmt;
	}
	*res = n;
	return true;
}

static const char *read_size(const char *fmt, struct spec *sp)
{
	sp->bytes = 4;
	switch (*fmt) {
	case 'h':
		sp->bytes = fmt[1] == 'h' ? 1 : 2;
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		sp->bytes = 8;
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'z':
	case 't':
	case 'j':
		sp->bytes = 8;
		return fmt + 1;
	default:
		return fmt;
	}
}

/* Read what follows a '%'. => where the format goes on */
static const char *read_spec(const char *fmt, struct spec *sp,
			     struct args *args)
{
	static const char flag_chars[] = "-+ #0";
	const char *f;
	int n;

	*sp = (struct spec){ .precision = -1 };
	while (*fmt && (f = strchr(flag_chars, *fmt))) {
		sp->flags |= 1U << (f - flag_chars);
		fmt++;
	}
	if (read_count(&fmt, args, &n)) {
		if (n < 0)
			sp->flags |= F_LEFT;
		sp->width =
			min(n < 0 ? -(unsigned int)n : (unsigned int)n, 99999U);
	}
	if (*fmt == '.') {
		fmt++;
		sp->precision = 0;
		if (read_count(&fmt, args, &n))
			sp->precision = n < 0 ? -1 : min(n, 99999);
	}
	fmt = read_size(fmt, sp);
	sp->conversion = *fmt;
	return *fmt ? fmt + 1 : fmt;
}

static u64 next_unsigned(struct args *args, int bytes)
{
	if (bytes == 8)
		return va_arg(args->ap, u64);
	return va_arg(args->ap, u32) & (UINT_MAX >> (32 - 8 * bytes));
}

static void put_signed(struct out *o, const struct spec *sp, u64 raw)
{
	unsigned int unused = 64 - 8U * (unsigned int)sp->bytes;
	s64 v = (s64)(raw << unused) >> unused;
	const char *sign = "";

	if (v < 0)
		sign = "-";
	else if (sp->flags & F_PLUS)
		sign = "+";
	else if (sp->flags & F_SPACE)
		sign = " ";
	put_number(o, sp, v < 0 ? -(u64)v : (u64)v, sign);
}

/* One conversion. => where the format goes on */
static const char *convert(struct out *o, const char *fmt, struct args *args)
{
	struct spec sp;
	char c;

	fmt = read_spec(fmt, &sp, args);
	switch (sp.conversion) {
	case 'd':
	case 'i':
		put_signed(o, &sp, next_unsigned(args, sp.bytes));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_number(o, &sp, next_unsigned(args, sp.bytes), "");
		break;
	case 'c':
		c = (char)va_arg(args->ap, int);
		emit(o, &sp, "", 0, &c, 1);
		break;
	case 's':
		put_string(o, &sp, va_arg(args->ap, const char *));
		break;
	case 'p':
		return put_pointer(o, &sp, va_arg(args->ap, void *), fmt);
	case '%':
		put_fill(o, '%', 1);
		break;
	case '\0':
		break;
	default:
		put_fill(o, '%', 1);
		put_mem(o, &sp.conversion, 1);
		break;
	}
	return fmt;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	struct args args;
	const char *percent;

	va_copy(args.ap, ap);
	for (;;) {
		percent = strchrnul(fmt, '%');
		put_mem(&o, fmt, (size_t)(percent - fmt));
		if (!*percent)
			break;
		fmt = convert(&o, percent + 1, &args);
	}
	va_end(args.ap);
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return (int)min(o.len, (size_t)INT_MAX);
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	if ((size_t)len < size)
		return len;
	return size ? (int)(size - 1) : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
