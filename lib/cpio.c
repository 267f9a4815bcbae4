/* SPDX-License-Identifier: MIT */
/*
 * The cpio parser: a machine that wants a number of bytes in each state and
 * changes the state when it has them.
 *
 *	BETWEEN -> HEADER -> NAME -> NAME_PAD -> DATA -> DATA_PAD
 *	   ^         ^        |                             |
 *	   |         `--------|-----------------------------'
 *	   `------------------' (the trailer)
 *
 * BETWEEN archives it passes over zeros. The state DEAD ends all.
 */
#include <lib/cpio.h>
#include <lib/ctype.h>
#include <lib/errno.h>
#include <lib/inflate.h>
#include <lib/string.h>

enum { BETWEEN, HEADER, NAME, NAME_PAD, DATA, DATA_PAD, DEAD };

/* The fields of a header behind its magic, eight hex digits each. */
enum {
	F_INO,
	F_MODE,
	F_UID,
	F_GID,
	F_NLINK,
	F_MTIME,
	F_SIZE,
	F_MAJOR,
	F_MINOR,
	F_RMAJOR,
	F_RMINOR,
	F_NAMESIZE,
	F_CHECK,
	NR_FIELDS
};

#define MAGIC	  "070701"
#define MAGIC_LEN 6
#define TRAILER	  "TRAILER!!!"

static_assert(MAGIC_LEN + 8 * NR_FIELDS == CPIO_HEADER_SIZE);

void cpio_init(struct cpio_parser *p, const struct cpio_ops *ops, void *ctx)
{
	p->ops = ops;
	p->ctx = ctx;
	p->state = BETWEEN;
	p->want = 0;
	p->have = 0;
	p->offset = 0;
	p->error = NULL;
}

static int fail(struct cpio_parser *p, const char *sentence)
{
	p->error = sentence;
	return -EINVAL;
}

static void enter(struct cpio_parser *p, int state, u32 want)
{
	p->state = state;
	p->want = want;
	p->have = 0;
}

static bool read_hex(const char *s, u32 *val)
{
	u32 v = 0;

	for (int i = 0; i < 8; i++) {
		if (!isxdigit(s[i]))
			return false;
		v = v << 4 | (u32)(isdigit(s[i]) ? s[i] - '0' :
						   tolower(s[i]) - 'a' + 10);
	}
	*val = v;
	return true;
}

static int header_done(struct cpio_parser *p)
{
	u32 f[NR_FIELDS];

	if (memcmp(p->header, MAGIC, MAGIC_LEN))
		return fail(p, "there is no newc header (070701) here");
	for (int i = 0; i < NR_FIELDS; i++) {
		if (!read_hex(p->header + MAGIC_LEN + 8 * i, &f[i]))
			return fail(p, "a header field is no hex number");
	}
	if (f[F_NAMESIZE] < 1 || f[F_NAMESIZE] > CPIO_NAME_MAX)
		return fail(p, "a file name is empty or too long");
	p->e = (struct cpio_entry){
		.name = p->name,
		.ino = f[F_INO],
		.mode = f[F_MODE],
		.uid = f[F_UID],
		.gid = f[F_GID],
		.nlink = f[F_NLINK],
		.mtime = f[F_MTIME],
		.size = f[F_SIZE],
		.devmajor = f[F_MAJOR],
		.devminor = f[F_MINOR],
		.rdevmajor = f[F_RMAJOR],
		.rdevminor = f[F_RMINOR],
	};
	enter(p, NAME, f[F_NAMESIZE]);
	return 0;
}

static int name_done(struct cpio_parser *p)
{
	u32 size = p->have;

	if (p->name[size - 1])
		return fail(p, "a file name has no end");
	p->e.namelen = strlen(p->name);
	if (!strcmp(p->name, TRAILER))
		enter(p, BETWEEN, 0);
	else
		enter(p, NAME_PAD, -(CPIO_HEADER_SIZE + size) & 3);
	return 0;
}

/* The state has all it wanted: go to the next one. */
static int advance(struct cpio_parser *p)
{
	switch (p->state) {
	case HEADER:
		return header_done(p);
	case NAME:
		return name_done(p);
	case NAME_PAD:
		enter(p, DATA, p->e.size);
		return p->ops->begin(p->ctx, &p->e);
	case DATA:
		enter(p, DATA_PAD, -p->e.size & 3);
		return p->ops->end(p->ctx, &p->e);
	default:
		enter(p, HEADER, CPIO_HEADER_SIZE);
		return 0;
	}
}

static int take(struct cpio_parser *p, const u8 *buf, u32 n)
{
	int err = 0;

	if (p->state == HEADER)
		memcpy(p->header + p->have, buf, n);
	else if (p->state == NAME)
		memcpy(p->name + p->have, buf, n);
	else if (p->state == DATA)
		err = p->ops->data(p->ctx, &p->e, buf, n);
	p->have += n;
	p->want -= n;
	p->offset += n;
	return err;
}

/* Up to the end of one archive. => 0 with *used set, or an error */
static int feed_archive(struct cpio_parser *p, const u8 *buf, size_t len,
			size_t *used)
{
	size_t at = 0;
	int err = 0;
	u32 n;

	if (p->state == DEAD)
		return -EINVAL;
	if (p->state == BETWEEN)
		enter(p, HEADER, CPIO_HEADER_SIZE);
	while (!err && p->state != BETWEEN && (at < len || !p->want)) {
		if (!p->want) {
			err = advance(p);
			continue;
		}
		n = (u32)min((size_t)p->want, len - at);
		err = take(p, buf + at, n);
		at += n;
	}
	if (err)
		p->state = DEAD;
	*used = at;
	return err;
}

static size_t skip_zeros(struct cpio_parser *p, const u8 *buf, size_t len)
{
	size_t n = 0;

	if (p->state == BETWEEN) {
		while (n < len && !buf[n])
			n++;
		p->offset += n;
	}
	return n;
}

int cpio_feed(struct cpio_parser *p, const void *buf, size_t len)
{
	const u8 *in = buf;
	size_t used;
	int err;

	for (;;) {
		used = skip_zeros(p, in, len);
		in += used;
		len -= used;
		if (!len)
			return 0;
		err = feed_archive(p, in, len, &used);
		if (err)
			return err;
		in += used;
		len -= used;
	}
}

int cpio_finish(struct cpio_parser *p)
{
	if (p->state == BETWEEN)
		return 0;
	if (p->state != DEAD)
		fail(p, "the archive is cut short");
	p->state = DEAD;
	return -EINVAL;
}

static int feed_unpacked(void *ctx, const void *buf, size_t len)
{
	return cpio_feed(ctx, buf, len);
}

int cpio_unpack(struct cpio_parser *p, const void *image, size_t len,
		void *work)
{
	const u8 *in = image;
	size_t used;
	int err;

	for (;;) {
		used = skip_zeros(p, in, len);
		in += used;
		len -= used;
		if (!len)
			return cpio_finish(p);
		if (is_gzip(in, len)) {
			err = gunzip(in, len, feed_unpacked, p, work, &used);
			if (!err)
				err = cpio_finish(p);
			if (err == -EINVAL && !p->error)
				fail(p, "the gzip data is damaged");
		} else {
			err = feed_archive(p, in, len, &used);
		}
		if (err)
			return err;
		in += used;
		len -= used;
	}
}
