/* SPDX-License-Identifier: MIT */
/*
 * Hashing by multiplication with an odd number near 2^n / golden ratio: the
 * upper bits of the product depend on all bits of the key.
 */
#ifndef _LIB_HASH_H
#define _LIB_HASH_H

#include <lib/types.h>

#define GOLDEN_RATIO_32 0x9e3779b1U
#define GOLDEN_RATIO_64 0x9e3779b97f4a7c15ULL

/* => the hash in bits bits, 1 to 32 */
static inline u32 hash_32(u32 val, unsigned int bits)
{
	return (val * GOLDEN_RATIO_32) >> (32 - bits);
}

static inline u32 hash_64(u64 val, unsigned int bits)
{
	return (u32)((val * GOLDEN_RATIO_64) >> (64 - bits));
}

static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_64((unsigned long)ptr, bits);
}

/* A name of len bytes, seeded (with its directory, say). */
static inline u32 full_name_hash(const void *salt, const char *name,
				 unsigned int len)
{
	u64 h = (unsigned long)salt;

	while (len--)
		h = ((h << 5 | h >> 59) ^ (u8)*name++) * GOLDEN_RATIO_64;
	return (u32)(h >> 32);
}

#endif
