/* SPDX-License-Identifier: MIT */
/*
 * gzip: a header, one deflate stream, and the CRC and length of the result.
 *
 * Deflate is a sequence of blocks, stored or Huffman coded. A coded block is
 * literals and (length, distance) pairs that repeat what was written before,
 * at most 32 KiB back. The window is that history and the output buffer at
 * once: a ring that is flushed each time it is full.
 *
 * A Huffman code is canonical: the lengths of the codes say all. Codes of up
 * to FAST_BITS are looked up, by the next bits of the input, in one table;
 * longer ones are found by counting up the lengths.
 *
 * Input is untrusted. Bits behind its end read as 0 and are never consumed:
 * consume() fails instead.
 */
#include <lib/byteorder.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <lib/inflate.h>
#include <lib/string.h>

#define WINDOW	     (32U * 1024)
#define MAX_BITS     15
#define FAST_BITS    9
#define NR_LITLEN    288
#define NR_DIST	     32
#define END_OF_BLOCK 256

struct huffman {
	u16 fast[1U << FAST_BITS]; /* symbol << 4 | length; 0: none */
	u16 count[MAX_BITS + 1];   /* codes of each length */
	u16 symbol[NR_LITLEN];	   /* in the order of their codes */
};

struct inflate {
	const u8 *in, *end;
	u64 bits; /* read ahead, the next one lowest */
	unsigned int nbits;

	int (*flush)(void *ctx, const void *buf, size_t len);
	void *ctx;
	u32 pos; /* in window; behind it: not flushed */
	u32 crc;
	u64 flushed;

	struct huffman litlen, dist;
	u8 lengths[NR_LITLEN + NR_DIST];
	u8 window[WINDOW];
};

static_assert(sizeof(struct inflate) <= GUNZIP_WORK_SIZE);

/* At least 56 bits if there are so many. */
static inline void refill(struct inflate *s)
{
	if (s->end - s->in >= 8) {
		s->bits |= get_unaligned_le64(s->in) << s->nbits;
		s->in += (63 - s->nbits) >> 3;
		s->nbits |= 56;
		return;
	}
	while (s->nbits <= 56 && s->in < s->end) {
		s->bits |= (u64)*s->in++ << s->nbits;
		s->nbits += 8;
	}
}

static inline bool consume(struct inflate *s, unsigned int n)
{
	if (n > s->nbits)
		return false;
	s->bits >>= n;
	s->nbits -= n;
	return true;
}

/* => n bits (at most 16) as a number, or -EINVAL at the end of input */
static int get_bits(struct inflate *s, unsigned int n)
{
	int v;

	refill(s);
	v = (int)(s->bits & ((1U << n) - 1));
	return consume(s, n) ? v : -EINVAL;
}

static int flush_window(struct inflate *s)
{
	u32 n = s->pos;

	s->crc = crc32_le(s->crc, s->window, n);
	s->flushed += n;
	s->pos = 0;
	return n ? s->flush(s->ctx, s->window, n) : 0;
}

/* A code's bits come highest first, the input's lowest first. */
static unsigned int reverse(unsigned int code, unsigned int len)
{
	unsigned int r = 0;

	for (; len--; code >>= 1)
		r = r << 1 | (code & 1);
	return r;
}

/* => -EINVAL if the lengths are no code, or one with gaps (but one of 1) */
static int build(struct huffman *h, const u8 *lengths, unsigned int n)
{
	unsigned int code[MAX_BITS + 2] = { 0 }, place[MAX_BITS + 2] = { 0 };
	unsigned int len, c, max_len = 0;
	int left = 1;

	memset(h->fast, 0, sizeof(h->fast));
	memset(h->count, 0, sizeof(h->count));
	for (unsigned int i = 0; i < n; i++)
		h->count[lengths[i]]++;
	h->count[0] = 0;
	for (len = 1; len <= MAX_BITS; len++) {
		left = 2 * left - h->count[len];
		if (left < 0)
			return -EINVAL;
		if (h->count[len])
			max_len = len;
		code[len + 1] = (code[len] + h->count[len]) << 1;
		place[len + 1] = place[len] + h->count[len];
	}
	if (left && max_len > 1)
		return -EINVAL;
	for (unsigned int i = 0; i < n; i++) {
		len = lengths[i];
		if (!len)
			continue;
		h->symbol[place[len]++] = (u16)i;
		c = reverse(code[len]++, len);
		if (len > FAST_BITS)
			continue;
		for (; c < 1U << FAST_BITS; c += 1U << len)
			h->fast[c] = (u16)(i << 4 | len);
	}
	return 0;
}

/* A code longer than FAST_BITS, or none at all. */
static noinline int decode_slow(struct inflate *s, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;
	u64 bits = s->bits;

	for (unsigned int len = 1; len <= MAX_BITS; len++) {
		code |= (int)(bits & 1);
		bits >>= 1;
		if (code - h->count[len] < first)
			return consume(s, len) ?
				       h->symbol[index + code - first] :
				       -EINVAL;
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	return -EINVAL;
}

/* => a symbol, or -EINVAL. The caller has refilled. */
static inline int decode(struct inflate *s, const struct huffman *h)
{
	unsigned int e = h->fast[s->bits & ((1U << FAST_BITS) - 1)];

	if (likely(e))
		return consume(s, e & 15) ? (int)(e >> 4) : -EINVAL;
	return decode_slow(s, h);
}

/* Repeat len bytes from distance dist. */
static int copy(struct inflate *s, u32 dist, u32 len)
{
	u32 from, n, i;
	int err;

	if (dist > s->flushed + s->pos)
		return -EINVAL;
	while (len) {
		from = (s->pos - dist) % WINDOW;
		n = min3(len, WINDOW - s->pos, WINDOW - from);
		for (i = 0; i < n; i++)
			s->window[s->pos + i] = s->window[from + i];
		s->pos += n;
		len -= n;
		if (s->pos == WINDOW) {
			err = flush_window(s);
			if (err)
				return err;
		}
	}
	return 0;
}

/* A symbol above END_OF_BLOCK: length, distance, and the copy. */
static int copy_match(struct inflate *s, unsigned int sym)
{
	unsigned int extra = 0;
	int d, more;
	u32 len, dist;

	sym -= END_OF_BLOCK + 1;
	len = sym + 3;
	if (sym > 28)
		return -EINVAL;
	if (sym == 28) {
		len = 258;
	} else if (sym >= 8) {
		extra = sym / 4 - 1;
		len = ((4 + sym % 4) << extra) + 3;
	}
	/* 56 bits: at most 15 have gone to sym, 5 + 15 + 13 are needed. */
	len += (u32)(s->bits & ((1U << extra) - 1));
	if (!consume(s, extra))
		return -EINVAL;
	d = decode(s, &s->dist);
	if (d < 0 || d > 29)
		return -EINVAL;
	extra = d < 4 ? 0 : (unsigned int)d / 2 - 1;
	dist = d < 4 ? (u32)d : (2U + (u32)d % 2) << extra;
	more = (int)(s->bits & ((1U << extra) - 1));
	if (!consume(s, extra))
		return -EINVAL;
	return copy(s, dist + (u32)more + 1, len);
}

static int coded_block(struct inflate *s)
{
	int sym, err = 0;

	while (!err) {
		if (s->nbits < 48)
			refill(s);
		sym = decode(s, &s->litlen);
		if (sym < 0)
			return sym;
		if (sym == END_OF_BLOCK)
			return 0;
		if (sym > END_OF_BLOCK) {
			err = copy_match(s, (unsigned int)sym);
			continue;
		}
		s->window[s->pos++] = (u8)sym;
		if (s->pos == WINDOW)
			err = flush_window(s);
	}
	return err;
}

/* Give whole bytes read ahead back and drop the rest of the current one. */
static void align_to_byte(struct inflate *s)
{
	s->in -= s->nbits / 8;
	s->bits = 0;
	s->nbits = 0;
}

static int stored_block(struct inflate *s)
{
	u32 len, n;
	int err = 0;

	align_to_byte(s);
	if (s->end - s->in < 4)
		return -EINVAL;
	len = get_unaligned_le16(s->in);
	if ((len ^ get_unaligned_le16(s->in + 2)) != U16_MAX ||
	    s->end - s->in - 4 < (ptrdiff_t)len)
		return -EINVAL;
	for (s->in += 4; len && !err; len -= n) {
		n = min(len, WINDOW - s->pos);
		memcpy(s->window + s->pos, s->in, n);
		s->in += n;
		s->pos += n;
		if (s->pos == WINDOW)
			err = flush_window(s);
	}
	return err;
}

static int fixed_codes(struct inflate *s)
{
	u8 *l = s->lengths;

	memset(l, 8, 144);
	memset(l + 144, 9, 112);
	memset(l + 256, 7, 24);
	memset(l + 280, 8, 8);
	memset(l + NR_LITLEN, 5, NR_DIST);
	if (build(&s->litlen, l, NR_LITLEN))
		return -EINVAL;
	return build(&s->dist, l + NR_LITLEN, NR_DIST);
}

/* The lengths of both codes, themselves coded with s->litlen. */
static int read_lengths(struct inflate *s, unsigned int n)
{
	static const u8 extra[] = { 2, 3, 7 }, base[] = { 3, 3, 11 };
	unsigned int i = 0;
	int sym, repeat;
	u8 len;

	while (i < n) {
		refill(s);
		sym = decode(s, &s->litlen);
		if (sym < 0)
			return -EINVAL;
		if (sym < 16) {
			s->lengths[i++] = (u8)sym;
			continue;
		}
		if (sym == 16 && !i)
			return -EINVAL;
		len = sym == 16 ? s->lengths[i - 1] : 0;
		repeat = get_bits(s, extra[sym - 16]);
		if (repeat < 0)
			return -EINVAL;
		repeat += base[sym - 16];
		if ((unsigned int)repeat > n - i)
			return -EINVAL;
		memset(s->lengths + i, len, (size_t)repeat);
		i += (unsigned int)repeat;
	}
	return 0;
}

static int dynamic_codes(struct inflate *s)
{
	static const u8 order[19] = { 16, 17, 18, 0, 8,	 7, 9,	6, 10, 5,
				      11, 4,  12, 3, 13, 2, 14, 1, 15 };
	int nlit = get_bits(s, 5), ndist = get_bits(s, 5);
	int ncode = get_bits(s, 4), len;
	u8 dist_lengths[NR_DIST];

	if (nlit < 0 || ndist < 0 || ncode < 0 || nlit > 29 || ndist > 29)
		return -EINVAL;
	nlit += 257;
	ndist += 1;
	memset(s->lengths, 0, sizeof(order));
	for (int i = 0; i < ncode + 4; i++) {
		len = get_bits(s, 3);
		if (len < 0)
			return -EINVAL;
		s->lengths[order[i]] = (u8)len;
	}
	if (build(&s->litlen, s->lengths, sizeof(order)) ||
	    read_lengths(s, (unsigned int)(nlit + ndist)))
		return -EINVAL;
	if (!s->lengths[END_OF_BLOCK])
		return -EINVAL;
	memcpy(dist_lengths, s->lengths + nlit, (size_t)ndist);
	if (build(&s->litlen, s->lengths, (unsigned int)nlit))
		return -EINVAL;
	return build(&s->dist, dist_lengths, (unsigned int)ndist);
}

static int inflate(struct inflate *s)
{
	int last, type, err;

	do {
		last = get_bits(s, 1);
		type = get_bits(s, 2);
		if (type < 0)
			return -EINVAL;
		if (type == 0) {
			err = stored_block(s);
		} else {
			err = type == 1 ? fixed_codes(s) :
			      type == 2 ? dynamic_codes(s) :
					  -EINVAL;
			if (!err)
				err = coded_block(s);
		}
		if (err)
			return err;
	} while (!last);
	align_to_byte(s);
	return flush_window(s);
}

#define GZ_HCRC	    0x02
#define GZ_EXTRA    0x04
#define GZ_NAME	    0x08
#define GZ_COMMENT  0x10
#define GZ_RESERVED 0xe0

/* => the length of the gzip header, or 0 if it is bad */
static size_t gzip_header(const u8 *in, size_t len)
{
	const u8 *nul;
	size_t at = 10;
	u8 flags;

	if (len < at || !is_gzip(in, len) || in[2] != 8)
		return 0;
	flags = in[3];
	if (flags & GZ_RESERVED)
		return 0;
	if (flags & GZ_EXTRA) {
		if (len - at < 2)
			return 0;
		at += 2U + get_unaligned_le16(in + at);
	}
	for (u8 f = GZ_NAME; f <= GZ_COMMENT; f = (u8)(f << 1)) {
		if (!(flags & f))
			continue;
		nul = at < len ? memchr(in + at, 0, len - at) : NULL;
		if (!nul)
			return 0;
		at = (size_t)(nul - in) + 1;
	}
	if (flags & GZ_HCRC)
		at += 2;
	return at <= len ? at : 0;
}

int gunzip(const void *in, size_t inlen,
	   int (*flush)(void *ctx, const void *buf, size_t len), void *ctx,
	   void *work, size_t *consumed)
{
	size_t start = gzip_header(in, inlen);
	struct inflate *s = work;
	int err;

	if (!start)
		return -EINVAL;
	s->in = (const u8 *)in + start;
	s->end = (const u8 *)in + inlen;
	s->bits = 0;
	s->nbits = 0;
	s->flush = flush;
	s->ctx = ctx;
	s->pos = 0;
	s->crc = ~0U;
	s->flushed = 0;
	err = inflate(s);
	if (err)
		return err;
	if (s->end - s->in < 8 || get_unaligned_le32(s->in) != ~s->crc ||
	    get_unaligned_le32(s->in + 4) != (u32)s->flushed)
		return -EINVAL;
	if (consumed)
		*consumed = (size_t)(s->in + 8 - (const u8 *)in);
	return 0;
}
