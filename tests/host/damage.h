/* SPDX-License-Identifier: MIT */
/*
 * For the tests of what reads untrusted bytes: good input, damaged, in a
 * buffer of exact size, so that the address sanitizer sees every byte read
 * beyond.
 */
#ifndef _HOST_DAMAGE_H
#define _HOST_DAMAGE_H

#include <lib/prng.h>
#include <lib/string.h>

#include "harness.h"

/* A damaged copy, of a size of its own. To be freed. */
static inline u8 *damage(const void *good, unsigned long size,
			 unsigned long *newsize, struct prng *r)
{
	static const u32 nasty[] = { 0,		 1,	     2,
				     3,		 4,	     9,
				     0x7fffffff, 0x80000000, 0xffffffff,
				     0xfffffffc, 0x01000000 };
	unsigned long n = size, at;
	u64 kind, edits;
	u8 *bad;

	if (prng_below(r, 4) == 0)
		n = prng_below(r, size + 1);
	bad = host_alloc(n);
	memcpy(bad, good, n);
	for (edits = 1 + prng_below(r, 4); n && edits--;) {
		at = prng_below(r, prng_below(r, 2) ? n : min(n, 256UL));
		kind = prng_below(r, 3);
		if (kind == 0)
			bad[at] ^= (u8)(1U << prng_below(r, 8));
		else if (kind == 1)
			bad[at] = (u8)prng_u64(r);
		else if (at + 4 <= n)
			memcpy(bad + (at & ~3UL),
			       &nasty[prng_below(r, ARRAY_SIZE(nasty))], 4);
	}
	*newsize = n;
	return bad;
}

#endif
