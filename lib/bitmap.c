/* SPDX-License-Identifier: MIT */
/*
 * Sets of small integers. Everything works on whole words; valid() cuts off
 * the bits of the last word that are not part of the set.
 */
#include <lib/bitmap.h>

static inline unsigned long valid(unsigned long word, unsigned long i,
				  unsigned long nbits)
{
	return i == BIT_WORD(nbits) ? word & (BIT_MASK(nbits) - 1) : word;
}

#define for_each_word(i, nbits) \
	for (unsigned long i = 0; i < BITS_TO_LONGS(nbits); i++)

/* flip: 0 to look for ones, ~0 to look for zeros */
static inline unsigned long find_next(const unsigned long *map,
				      unsigned long size, unsigned long start,
				      unsigned long flip)
{
	unsigned long i = BIT_WORD(start), word;

	if (start >= size)
		return size;
	word = (map[i] ^ flip) & (~UL(0) << (start % BITS_PER_LONG));
	while (!word) {
		if (++i >= BITS_TO_LONGS(size))
			return size;
		word = map[i] ^ flip;
	}
	return min(i * BITS_PER_LONG + __ffs(word), size);
}

unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start)
{
	return find_next(map, size, start, 0);
}

unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start)
{
	return find_next(map, size, start, ~UL(0));
}

unsigned long find_last_bit(const unsigned long *map, unsigned long size)
{
	unsigned long i = BITS_TO_LONGS(size), word;

	while (i--) {
		word = valid(map[i], i, size);
		if (word)
			return i * BITS_PER_LONG + __fls(word);
	}
	return size;
}

unsigned long bitmap_find_next_zero_area(const unsigned long *map,
					 unsigned long size,
					 unsigned long start, unsigned long nr,
					 unsigned long align_mask)
{
	unsigned long end, used;

	for (;; start = used + 1) {
		start = find_next_zero_bit(map, size, start);
		start = (start + align_mask) & ~align_mask;
		end = start + nr;
		if (end > size || end < start)
			return size + 1;
		used = find_next_bit(map, end, start);
		if (used == end)
			return start;
	}
}

void bitmap_zero(unsigned long *dst, unsigned long nbits)
{
	for_each_word(i, nbits) dst[i] = 0;
}

void bitmap_copy(unsigned long *dst, const unsigned long *src,
		 unsigned long nbits)
{
	for_each_word(i, nbits) dst[i] = valid(src[i], i, nbits);
}

unsigned long bitmap_weight(const unsigned long *map, unsigned long nbits)
{
	unsigned long n = 0;

	for_each_word(i, nbits) n += hweight_long(valid(map[i], i, nbits));
	return n;
}
