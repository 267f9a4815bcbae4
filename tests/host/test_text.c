/* SPDX-License-Identifier: MIT */
/*
 * Strings, formatting, numbers, command lines; where the host's C library
 * has the same function, it is the oracle.
 */
#include <lib/cmdline.h>
#include <lib/ctype.h>
#include <lib/err.h>
#include <lib/kstrtox.h>
#include <lib/printf.h>
#include <lib/prng.h>
#include <lib/seq_buf.h>
#include <lib/string.h>

#include "harness.h"

/* ---- memory and strings ----------------------------------------------- */

TEST(memory)
{
	u8 a[64], model[64];
	struct prng r;

	prng_seed(&r, 1);
	for (unsigned int i = 0; i < 64; i++)
		a[i] = model[i] = (u8)i;
	for (int step = 0; step < 3000; step++) {
		u64 n = prng_below(&r, 32), from = prng_below(&r, 32);
		u64 to = prng_below(&r, 32);
		u8 tmp[32];

		if (prng_below(&r, 4)) {
			for (u64 i = 0; i < n; i++)
				tmp[i] = model[from + i];
			for (u64 i = 0; i < n; i++)
				model[to + i] = tmp[i];
			EXPECT(memmove(a + to, a + from, n) == a + to);
		} else {
			for (u64 i = 0; i < n; i++)
				model[to + i] = (u8)step;
			EXPECT(memset(a + to, step, n) == a + to);
		}
		EXPECT_EQ(memcmp(a, model, 64), 0);
	}
	EXPECT(memcmp("abc", "abd", 3) < 0 && memcmp("\xff", "a", 1) > 0);
	EXPECT_EQ(memcmp("abc", "abd", 2), 0);
	EXPECT(memchr("abc", 'c', 2) == NULL);
}

TEST(memchr_inv)
{
	for (unsigned long size = 0; size < 40; size++) {
		u8 *p = host_alloc(size + 1);

		for (unsigned long from = 0; from <= size; from++) {
			memset(p, 0x5a, size);
			EXPECT(!memchr_inv(p + from, 0x5a, size - from));
			for (unsigned long at = from; at < size; at++) {
				p[at] ^= 0x80;
				EXPECT(memchr_inv(p + from, 0x5a,
						  size - from) == p + at);
				p[at] ^= 0x80;
			}
		}
		host_free(p);
	}
}

TEST(string_copies)
{
	char b[8];

	EXPECT_EQ(strscpy(b, "1234567", 8), 7);
	EXPECT_EQ(strscpy(b, "12345678", 8), -E2BIG);
	EXPECT_STR(b, "1234567");
	EXPECT_EQ(strscpy(b, "", 1), 0);
	EXPECT_EQ(strscpy(b, "x", 0), -E2BIG);
	EXPECT_STR(b, "");
}

TEST(string_searches)
{
	const char *s = "/usr/share/doc";
	char cut[] = "a,b;;c", *p = cut, blanks[] = " \t x y \n";

	EXPECT_STR(strchr(s, 's'), "sr/share/doc");
	EXPECT_STR(strrchr(s, '/'), "/doc");
	EXPECT(!strchr(s, 'x') && !strrchr(s, 'x'));
	EXPECT_STR(strchr(s, 0), "");
	EXPECT_STR(strrchr("", 0), "");
	EXPECT_STR(strchrnul(s, 'x'), "");
	EXPECT_STR(strstr(s, "share"), "share/doc");
	EXPECT(!strstr("aab", "ab ") && strstr(s, "") == s);
	EXPECT_STR(strstr("aaab", "aab"), "aab");
	EXPECT_EQ(strspn("0012x", "012"), 4);
	EXPECT_EQ(strcspn(s, "h"), 6);
	EXPECT_EQ(strcspn("abc", ""), 3);
	EXPECT_STR(strsep(&p, ",;"), "a");
	EXPECT_STR(strsep(&p, ",;"), "b");
	EXPECT_STR(strsep(&p, ",;"), "");
	EXPECT_STR(strsep(&p, ",;"), "c");
	EXPECT(!strsep(&p, ",;"));
	EXPECT_STR(strim(blanks), "x y");
	EXPECT(str_has_prefix(s, "/usr") && !str_has_prefix("/us", "/usr"));
	EXPECT(strcmp("a", "b") < 0 && strcmp("a", "\xe4") < 0);
	EXPECT_EQ(strncmp("abcx", "abcy", 3), 0);
	EXPECT_EQ(strnlen("abc", 2), 2);
}

TEST(err_pointers)
{
	int x;

	EXPECT(IS_ERR(ERR_PTR(-EPERM)) && IS_ERR(ERR_PTR(-MAX_ERRNO)));
	EXPECT(!IS_ERR(&x) && !IS_ERR(NULL) && IS_ERR_OR_NULL(NULL));
	EXPECT_EQ(PTR_ERR(ERR_PTR(-ENOMEM)), -ENOMEM);
	EXPECT_EQ(PTR_ERR_OR_ZERO(&x), 0);
}

/* ---- printf ----------------------------------------------------------- */

/* A random conversion of an integer, formatted by both. */
static void compare_integer(struct prng *r)
{
	static const char *const sizes[] = { "hh", "h", "", "l", "ll", "z" };
	static const char convs[] = "diuxXo";
	char fmt[40], want[200], got[200], *f = fmt;
	u64 v = prng_u64(r) >> prng_below(r, 64), size = prng_below(r, 6);
	char conv = convs[prng_below(r, 6)];
	bool is_signed = conv == 'd' || conv == 'i';
	int n, m;

	if (prng_below(r, 8) == 0)
		v = 0;
	if (prng_below(r, 2))
		v = -v;
	*f++ = '<';
	*f++ = '%';
	for (u64 k = prng_below(r, 3); k--;)
		*f++ = is_signed ? "-+ 0"[prng_below(r, 4)] :
				   "-#0"[prng_below(r, conv == 'u' ? 1 : 3)];
	if (prng_below(r, 2))
		f += host_snprintf(f, 8, "%d", (int)prng_below(r, 30) + 1);
	if (prng_below(r, 3) == 0)
		f += host_snprintf(f, 8, ".%d", (int)prng_below(r, 30));
	host_snprintf(f, 8, "%s%c>", sizes[size], conv);
	if (size < 3) {
		n = host_snprintf(want, sizeof(want), fmt, (int)v);
		m = snprintf(got, sizeof(got), fmt, (int)v);
	} else {
		n = host_snprintf(want, sizeof(want), fmt, v);
		m = snprintf(got, sizeof(got), fmt, v);
	}
	if (n != m || strcmp(want, got))
		host_fail(__FILE__, __LINE__, "%s of %llx: %s, not %s", fmt, v,
			  got, want);
}

TEST(printf_integers)
{
	struct prng r;

	prng_seed(&r, 2);
	for (int i = 0; i < 60000; i++)
		compare_integer(&r);
}

static void compare_text(struct prng *r)
{
	static const char *const words[] = { "", "a", "word", "two words" };
	char fmt[40], want[64], got[64], *f = fmt;
	const char *s = words[prng_below(r, 4)];
	u64 room = prng_below(r, sizeof(got) + 1);
	int w = (int)prng_below(r, 30) - 15, p = (int)prng_below(r, 12) - 2;
	int n, m;

	f += host_snprintf(f, 8, "[%%");
	if (prng_below(r, 2))
		*f++ = '-';
	host_snprintf(f, 20, "*.*s|%%%dc%%%%]", (int)prng_below(r, 5) + 1);
	n = host_snprintf(want, room, fmt, w, p, s, 'x');
	m = snprintf(got, room, fmt, w, p, s, 'x');
	EXPECT_EQ(m, n);
	if (room)
		EXPECT_STR(got, want);
}

static const char *no_string;

TEST(printf_strings_and_cuts)
{
	struct prng r;
	const char *none = READ_ONCE(no_string);
	char b[8];

	prng_seed(&r, 3);
	for (int i = 0; i < 20000; i++)
		compare_text(&r);
	EXPECT_EQ(snprintf(NULL, 0, "%d", 12345), 5);
	EXPECT_EQ(scnprintf(b, sizeof(b), "%s", "0123456789"), 7);
	EXPECT_STR(b, "0123456");
	EXPECT_EQ(scnprintf(b, 0, "x"), 0);
	EXPECT_EQ(snprintf(b, sizeof(b), "%s", none), 6);
	EXPECT_STR(b, "(null)");
}

static const char *lookup(unsigned long addr, unsigned long *size,
			  unsigned long *offset)
{
	if (addr < 0x1000 || addr >= 0x1080)
		return NULL;
	*size = 0x80;
	*offset = addr - 0x1000;
	return "start_kernel";
}

TEST(printf_pointers)
{
	phys_addr_t pa = 0x40080000;
	const char *odd = "100%", *unknown = "%y";
	char b[80];

	printf_symbol_lookup = NULL;
	snprintf(b, sizeof(b), "%pS", (void *)0x1010);
	EXPECT_STR(b, "0x0000000000001010");
	printf_symbol_lookup = lookup;
	snprintf(b, sizeof(b), "%pS|%ps|%30ps", (void *)0x1010, (void *)0x1010,
		 (void *)0x1010);
	EXPECT_STR(b, "start_kernel+0x10/0x80|start_kernel|"
		      "                  start_kernel");
	snprintf(b, sizeof(b), "%ps", (void *)0x2000);
	EXPECT_STR(b, "0x0000000000002000");
	printf_symbol_lookup = NULL;
	snprintf(b, sizeof(b), "%pa", &pa);
	EXPECT_STR(b, "0x0000000040080000");
	snprintf(b, sizeof(b), "%px,%p", (void *)0xffff000010000000UL, NULL);
	EXPECT_STR(b, "ffff000010000000,0000000000000000");
	snprintf(b, sizeof(b), odd);
	EXPECT_STR(b, "100");
	snprintf(b, sizeof(b), unknown, 1);
	EXPECT_STR(b, "%y");
}

TEST(seq_buf)
{
	char want[64], *text = host_alloc(20);
	struct seq_buf s;

	seq_buf_init(&s, text, 20);
	seq_buf_puts(&s, "ab\ncd");
	seq_buf_pad(&s, 5);
	seq_buf_putc(&s, '|');
	seq_buf_put_decimal(&s, 42, 4);
	seq_buf_printf(&s, "%x", 0xf);
	EXPECT_EQ(s.len, 14);
	EXPECT_EQ(memcmp(text, "ab\ncd   |  42f", 14), 0);
	seq_buf_pad(&s, 3);
	EXPECT_EQ(s.len, 14);
	seq_buf_puts(&s, "123456");
	EXPECT(!seq_buf_has_overflowed(&s));
	seq_buf_putc(&s, '7');
	EXPECT(seq_buf_has_overflowed(&s));
	seq_buf_init(&s, text, 20);
	seq_buf_printf(&s, "%025d", 1);
	EXPECT(seq_buf_has_overflowed(&s));
	seq_buf_putc(&s, 'x');
	EXPECT_EQ(s.len, 0);
	host_free(text);
	text = host_alloc(64);
	for (int shift = 0; shift < 64; shift++) {
		for (unsigned int w = 0; w < 20; w += 5) {
			u64 v = 0xfedcba9876543210ULL >> shift;

			seq_buf_init(&s, text, 64);
			seq_buf_put_decimal(&s, v, w);
			seq_buf_put_hex(&s, v, w);
			seq_buf_putmem(&s, "", 1);
			host_snprintf(want, sizeof(want), "%*llu%0*llx", (int)w,
				      v, (int)w, v);
			EXPECT_STR(text, want);
		}
	}
	host_free(text);
}

/* ---- numbers ---------------------------------------------------------- */

TEST(kstrtox)
{
	unsigned long ul = 7;
	int i = 7;

	EXPECT_EQ(kstrtoul("0x1F\n", 0, &ul), 0);
	EXPECT_EQ(ul, 31);
	EXPECT_EQ(kstrtoul("ff", 16, &ul), 0);
	EXPECT_EQ(ul, 255);
	EXPECT_EQ(kstrtoul("010", 0, &ul), 0);
	EXPECT_EQ(ul, 8);
	EXPECT_EQ(kstrtoul("010", 10, &ul), 0);
	EXPECT_EQ(ul, 10);
	EXPECT_EQ(kstrtoul("+0", 0, &ul), 0);
	EXPECT_EQ(ul, 0);
	EXPECT_EQ(kstrtoul("", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("\n", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("-1", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("0x", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("1 ", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("1\n\n", 0, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("8", 8, &ul), -EINVAL);
	EXPECT_EQ(kstrtoul("18446744073709551615", 0, &ul), 0);
	EXPECT_EQ(ul, ULONG_MAX);
	EXPECT_EQ(kstrtoul("18446744073709551616", 0, &ul), -ERANGE);
	EXPECT_EQ(kstrtoul("99999999999999999999999", 0, &ul), -ERANGE);
	EXPECT_EQ(kstrtoint("-2147483648", 0, &i), 0);
	EXPECT_EQ(i, INT_MIN);
	EXPECT_EQ(kstrtoint("2147483648", 0, &i), -ERANGE);
	EXPECT_EQ(kstrtoint("9223372036854775808", 0, &i), -ERANGE);
	EXPECT_EQ(kstrtoint("-1x", 0, &i), -EINVAL);
	EXPECT_EQ(i, INT_MIN);
}

TEST(simple_numbers)
{
	char *end;

	EXPECT_EQ(simple_strtoul("12ab", &end, 0), 12);
	EXPECT_STR(end, "ab");
	EXPECT_EQ(simple_strtoul("0xg", &end, 0), 0);
	EXPECT_STR(end, "xg");
	EXPECT_EQ(simple_strtol("-0x10", &end, 0), -16);
	EXPECT_EQ(memparse("64K", NULL), 65536);
	EXPECT_EQ(memparse("3m,", &end), 3 << 20);
	EXPECT_STR(end, ",");
	EXPECT_EQ(memparse("0x2G@1M", &end), 2ULL << 30);
	EXPECT_STR(end, "@1M");
	EXPECT_EQ(memparse("5T", NULL), 5ULL << 40);
	EXPECT_EQ(memparse("x", &end), 0);
	EXPECT_STR(end, "x");
}

TEST(ctype)
{
	static const char text[] = "aZ5 \t~\x7f\x01_";

	EXPECT(isalpha('a') && !isalpha('5') && isalnum('5'));
	EXPECT(isspace('\v') && !isspace(0) && iscntrl(0x7f));
	EXPECT(isxdigit('F') && !isxdigit('g'));
	for (const char *p = text; *p; p++)
		EXPECT(isupper(*p) == (*p != tolower(*p)));
}

/* ---- command line ----------------------------------------------------- */

/* All words, as name[=value];... */
static const char *words_of(const char *line)
{
	static char out[256];
	char *copy = host_alloc(strlen(line) + 1), *rest, *param, *val;
	size_t n = 0;

	out[0] = '\0';
	rest = skip_spaces(strcpy(copy, line));
	while (*rest) {
		rest = next_arg(rest, &param, &val);
		n += (size_t)scnprintf(out + n, sizeof(out) - n, "%s%s%s;",
				       param, val ? "=" : "", val ?: "");
	}
	host_free(copy);
	return out;
}

TEST(next_arg)
{
	EXPECT_STR(words_of("  quiet root=/dev/vda  -- x "),
		   "quiet;root=/dev/vda;--;x;");
	EXPECT_STR(words_of("a=\"x y\" \"b=p q\" c=\"\" d="),
		   "a=x y;b=p q;c=;d=;");
	EXPECT_STR(words_of("=x \"two words\" a=b=c"), "=x;two words;a=b=c;");
	EXPECT_STR(words_of("a=\"open x"), "a=open x;");
	EXPECT_STR(words_of("\""), ";");
	EXPECT_STR(words_of("a=\""), "a=;");
	EXPECT_STR(words_of(" \n\t"), "");
}

TEST(next_arg_takes_anything)
{
	char line[64], out_of[] = "a=\" \t";
	struct prng r;

	prng_seed(&r, 4);
	for (int i = 0; i < 20000; i++) {
		u64 n = prng_below(&r, sizeof(line));

		for (u64 k = 0; k < n; k++)
			line[k] = out_of[prng_below(&r, 5)];
		line[n] = '\0';
		words_of(line);
	}
}
