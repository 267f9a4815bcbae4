/* SPDX-License-Identifier: MIT */
/*
 * The readers of an initramfs: cpio, gzip, and both mixed. Each gets good
 * input, whole and in pieces, then thousands of damaged copies (damage.h).
 */
#include <lib/cpio.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <lib/inflate.h>
#include <lib/printf.h>

#include "damage.h"

/* ---- cpio ------------------------------------------------------------- */

struct archive {
	char buf[16384];
	unsigned long len;
};

static void add_entry(struct archive *a, const char *name, u32 mode,
		      const char *data)
{
	char *p = a->buf + a->len;
	u32 namesize = (u32)strlen(name) + 1, size = (u32)strlen(data);

	p += snprintf(p, 200,
		      "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x"
		      "%08X%08x%08x%08x",
		      11, mode, 22, 33, 1, 44, size, 55, 66, 0x7f, 88, namesize,
		      0);
	memset(p, 0, namesize + size + 8);
	strcpy(p, name);
	p += ALIGN(110 + namesize, 4) - 110;
	memcpy(p, data, size);
	p += ALIGN(size, 4);
	a->len = (unsigned long)(p - a->buf);
}

/* What the callbacks see, as text; may be told to fail. */
struct seen {
	char text[8192];
	unsigned long len, left;
	bool open;
	int fail_after;
};

static int seen_step(struct seen *s)
{
	return s->fail_after && --s->fail_after == 0 ? -ENOSPC : 0;
}

static int on_begin(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;

	EXPECT(!s->open);
	EXPECT_EQ(e->namelen, strlen(e->name));
	s->open = true;
	s->left = e->size;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len,
					   "%.60s %o %u,%u %u [", e->name,
					   e->mode, e->rdevmajor, e->rdevminor,
					   e->size);
	return seen_step(s);
}

static int on_data(void *ctx, const struct cpio_entry *e, const void *buf,
		   size_t len)
{
	struct seen *s = ctx;

	EXPECT(s->open && len > 0 && len <= s->left && e->size);
	s->left -= len;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len, "%.*s",
					   (int)len, (const char *)buf);
	return seen_step(s);
}

static int on_end(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;

	EXPECT(s->open && !s->left && e->name);
	s->open = false;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len, "]\n");
	return seen_step(s);
}

static const struct cpio_ops seen_ops = { on_begin, on_data, on_end };
static struct cpio_parser parser;
static struct seen seen;
static u64 work[GUNZIP_WORK_SIZE / 8];

static void restart(void)
{
	memset(&seen, 0, sizeof(seen));
	cpio_init(&parser, &seen_ops, &seen);
}

static void two_archives(struct archive *a)
{
	a->len = 0;
	add_entry(a, ".", 040755, "");
	add_entry(a, "init", 0100755, "#!/bin/sh\n");
	add_entry(a, "dev/console", 020600, "");
	add_entry(a, "TRAILER!!!", 0, "");
	memset(a->buf + a->len, 0, 512);
	a->len = ALIGN(a->len, 512);
	add_entry(a, "etc/motd", 0100644, "hello");
	add_entry(a, "TRAILER!!!", 0, "");
}

static const char two_seen[] = ". 40755 127,88 0 []\n"
			       "init 100755 127,88 10 [#!/bin/sh\n]\n"
			       "dev/console 20600 127,88 0 []\n"
			       "etc/motd 100644 127,88 5 [hello]\n";

TEST(cpio_in_pieces)
{
	struct archive a;
	struct prng r;

	two_archives(&a);
	prng_seed(&r, 9);
	for (u64 most = 1; most < 300; most++) {
		unsigned long at = 0, n;

		restart();
		for (; at < a.len; at += n) {
			n = min(1 + prng_below(&r, most), a.len - at);
			EXPECT_EQ(cpio_feed(&parser, a.buf + at, n), 0);
		}
		EXPECT_EQ(cpio_finish(&parser), 0);
		EXPECT_STR(seen.text, two_seen);
		EXPECT_EQ(parser.offset, a.len);
	}
}

TEST(cpio_errors)
{
	struct archive a;

	two_archives(&a);
	for (unsigned long n = 0; n < a.len; n++) {
		bool whole;

		restart();
		EXPECT_EQ(cpio_feed(&parser, a.buf, n), 0);
		whole = cpio_finish(&parser) == 0;
		EXPECT(whole || parser.error);
		EXPECT(!whole || !seen.open);
	}
	restart();
	EXPECT_EQ(cpio_feed(&parser, "070707", 6), 0);
	EXPECT_EQ(cpio_finish(&parser), -EINVAL);
	EXPECT_STR(parser.error, "the archive is cut short");
	restart();
	a.buf[5] = '7';
	EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	EXPECT_STR(parser.error, "there is no newc header (070701) here");
	EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	for (int n = 1; n <= 10; n++) {
		two_archives(&a);
		restart();
		seen.fail_after = n;
		EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -ENOSPC);
		EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	}
}

TEST(cpio_damaged)
{
	unsigned long n;
	struct archive a;
	struct prng r;
	int accepted = 0;
	u8 *bad;

	two_archives(&a);
	prng_seed(&r, 10);
	for (int i = 0; i < 20000; i++) {
		bad = damage(a.buf, a.len, &n, &r);
		restart();
		if (cpio_unpack(&parser, bad, n, work) == 0)
			accepted++;
		else
			EXPECT(parser.error);
		host_free(bad);
	}
	EXPECT(accepted > 500 && accepted < 20000);
}

/* ---- gzip ------------------------------------------------------------- */

struct sink {
	const u8 *want;
	unsigned long len, at;
	bool differs;
	int fail_after;
};

static int to_sink(void *ctx, const void *buf, size_t len)
{
	struct sink *s = ctx;

	EXPECT(len > 0 && len <= 32768);
	if (s->fail_after && --s->fail_after == 0)
		return -ENOSPC;
	if (len > s->len - s->at || memcmp(s->want + s->at, buf, len))
		s->differs = true;
	else
		s->at += len;
	return 0;
}

/* gzip -LEVEL of the bytes. To be freed. */
static u8 *gzipped(const void *buf, unsigned long n, int level,
		   unsigned long *size)
{
	char path[128], cmd[256];

	host_snprintf(path, sizeof(path), "%s/plain", host_tmp());
	host_write_file(path, buf, n);
	host_snprintf(cmd, sizeof(cmd), "gzip -N -%d -c %s", level, path);
	return host_command(cmd, size);
}

/* Data of several kinds: noise, zeros, text, far and near repeats. */
static u8 *make_data(int kind, unsigned long n, struct prng *r)
{
	u8 *p = host_alloc(n + 1);

	for (unsigned long i = 0; i < n; i++) {
		u64 v = prng_u64(r) >> 20;

		if (kind == 0)
			p[i] = (u8)v;
		else if (kind == 1)
			p[i] = 0;
		else if (kind == 2)
			p[i] = (u8) "etaoin shrdlu\n"[(v & 15) % (1 + i % 14)];
		else if (kind == 3)
			p[i] = i >= 32506 ? p[i - 32506] : (u8)v;
		else
			p[i] = i > 300 && v % 64 ? p[i - 1 - i / 997 % 300] :
						   (u8)(v >> 8);
	}
	return p;
}

TEST(gunzip)
{
	static const unsigned long sizes[] = { 0,     1,     5,
					       1000,  32767, 32768,
					       32769, 65536, 300000 };
	static const int levels[] = { 1, 6, 9 };
	unsigned long zlen;
	size_t used;
	struct prng r;
	u8 *plain, *z;

	prng_seed(&r, 11);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes) * 5; i++) {
		unsigned long n = sizes[i / 5];

		plain = make_data(i % 5, n, &r);
		z = gzipped(plain, n, levels[i % 3], &zlen);
		struct sink s = { plain, n, 0, false, 0 };

		used = 0;
		EXPECT_EQ(gunzip(z, zlen, to_sink, &s, work, &used), 0);
		EXPECT(!s.differs);
		EXPECT_EQ(s.at, n);
		EXPECT_EQ(used, zlen);
		if (n > 32768) {
			s.at = 0;
			s.fail_after = 2;
			EXPECT_EQ(gunzip(z, zlen, to_sink, &s, work, NULL),
				  -ENOSPC);
		}
		host_free(plain);
		host_free(z);
	}
}

/* Every cut fails; damage fails or does not show in the result. */
TEST(gunzip_damaged)
{
	unsigned long zlen, n, size = 3000;
	struct prng r;
	u8 *plain, *z, *bad;

	prng_seed(&r, 12);
	for (int kind = 0; kind < 5; kind++) {
		plain = make_data(kind, size, &r);
		z = gzipped(plain, size, 9, &zlen);
		for (n = 0; n < zlen; n++) {
			struct sink s = { plain, size, 0, false, 0 };

			bad = host_alloc(n);
			memcpy(bad, z, n);
			EXPECT_EQ(gunzip(bad, n, to_sink, &s, work, NULL),
				  -EINVAL);
			host_free(bad);
		}
		for (int i = 0; i < 3000; i++) {
			struct sink s = { plain, size, 0, false, 0 };

			bad = damage(z, zlen, &n, &r);
			if (gunzip(bad, n, to_sink, &s, work, NULL) == 0)
				EXPECT(!s.differs && s.at == size);
			host_free(bad);
		}
		host_free(plain);
		host_free(z);
	}
}

/* A hand-made stream: one match at the largest distance there is. */
TEST(gunzip_whole_window)
{
	unsigned long n = 32768 + 3, at = 0;
	u8 *z = host_alloc(n + 100), *plain = host_alloc(n);
	u32 crc;
	struct prng r;
	struct sink s = { plain, n, 0, false, 0 };

	prng_seed(&r, 13);
	for (unsigned long i = 0; i < n; i++)
		plain[i] = i < 32768 ? (u8)prng_u64(&r) : plain[i - 32768];
	memcpy(z, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
	/* stored, 32768 bytes */
	memcpy(z + 10, "\x00\x00\x80\xff\x7f", 5);
	memcpy(z + 15, plain, 32768);
	at = 15 + 32768;
	/*
	 * last, fixed: 1 10 | 257: 0000001 | 29: 11101 | 13 extra ones | 0s,
	 * from the lowest bit: 110 0000001 11101 1111111111111 0000000
	 */
	memcpy(z + at, "\x03\xde\xff\x0f\x00", 5);
	at += 5;
	crc = ~crc32_le(~0U, plain, n);
	memcpy(z + at, &crc, 4);
	memcpy(z + at + 4, &(u32){ (u32)n }, 4);
	EXPECT_EQ(gunzip(z, at + 8, to_sink, &s, work, NULL), 0);
	EXPECT(!s.differs && s.at == n);
	host_free(z);
	host_free(plain);
}

TEST(crc32)
{
	EXPECT_EQ(~crc32_le(~0U, "123456789", 9), 0xcbf43926);
}

/* Plain, zeros, gzipped, plain: as boot loaders concatenate them. */
TEST(cpio_unpack_mixed)
{
	unsigned long zlen, n;
	struct archive a;
	u8 *z, *image;

	two_archives(&a);
	z = gzipped(a.buf, a.len, 6, &zlen);
	n = a.len + 16 + zlen;
	image = host_alloc(n);
	memcpy(image, a.buf, a.len);
	memset(image + a.len, 0, 16);
	memcpy(image + a.len + 16, z, zlen);
	restart();
	EXPECT_EQ(cpio_unpack(&parser, image, n, work), 0);
	EXPECT_EQ(seen.len, 2 * strlen(two_seen));
	EXPECT_EQ(memcmp(seen.text, two_seen, strlen(two_seen)), 0);
	EXPECT_STR(seen.text + strlen(two_seen), two_seen);
	restart();
	image[n - 1] ^= 1;
	EXPECT_EQ(cpio_unpack(&parser, image, n, work), -EINVAL);
	EXPECT_STR(parser.error, "the gzip data is damaged");
	restart();
	EXPECT_EQ(cpio_unpack(&parser, "BZh9", 4, work), -EINVAL);
	EXPECT(parser.error);
	host_free(image);
	host_free(z);
}
