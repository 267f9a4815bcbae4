/* SPDX-License-Identifier: MIT */
/*
 * xorshift64*: fast, repeatable, not secret. For tests and for spreading.
 */
#ifndef _LIB_PRNG_H
#define _LIB_PRNG_H

#include <lib/types.h>

struct prng {
	u64 state; /* never 0 */
};

static inline void prng_seed(struct prng *r, u64 seed)
{
	r->state = seed ? seed : 0x9e3779b97f4a7c15ULL;
}

static inline u64 prng_u64(struct prng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1dULL;
}

/* => 0 <= result < n, 0 for n = 0; even enough for n below 2^32 */
static inline u64 prng_below(struct prng *r, u64 n)
{
	return n ? (prng_u64(r) >> 16) % n : 0;
}

#endif
