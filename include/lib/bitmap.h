/* SPDX-License-Identifier: MIT */
/*
 * Sets of small integers as arrays of words. Bits beyond nbits in the last
 * word may hold anything: no function looks at them, and those that write
 * whole words write zeros there.
 */
#ifndef _LIB_BITMAP_H
#define _LIB_BITMAP_H

#include <lib/bitops.h>

/* First bit of the kind in [start, size); size if there is none. */
unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start);
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start);
/* The highest set bit below size; size if there is none. */
unsigned long find_last_bit(const unsigned long *map, unsigned long size);

/*
 * A run of nr zero bits that starts at a multiple of align_mask + 1.
 * => its start, or a number above size - nr if there is none
 */
unsigned long bitmap_find_next_zero_area(const unsigned long *map,
					 unsigned long size,
					 unsigned long start, unsigned long nr,
					 unsigned long align_mask);

void bitmap_zero(unsigned long *dst, unsigned long nbits);
void bitmap_copy(unsigned long *dst, const unsigned long *src,
		 unsigned long nbits);
unsigned long bitmap_weight(const unsigned long *map, unsigned long nbits);

static inline unsigned long find_first_zero_bit(const unsigned long *map,
						unsigned long size)
{
	return find_next_zero_bit(map, size, 0);
}

/* bit: an unsigned integer variable that can hold size. */
#define for_each_set_bit(bit, map, size)                                       \
	for (bit = (__typeof__(bit))find_next_bit(map, size, 0); bit < (size); \
	     bit = (__typeof__(bit))find_next_bit(map, size, bit + 1))

#endif
