/* SPDX-License-Identifier: MIT */
/*
 * Bits of words and of arrays of words. All of it is plain: the __names are
 * Linux's for "not atomic"; the atomic set_bit() family is the machine's.
 */
#ifndef _LIB_BITOPS_H
#define _LIB_BITOPS_H

#include <lib/types.h>

#define BIT_MASK(nr)		   (UL(1) << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)		   ((nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(n)	   DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static __always_inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

/* Counting from 0. => x is not 0 */
static __always_inline unsigned int __ffs(unsigned long x)
{
	return (unsigned int)__builtin_ctzl(x);
}

static __always_inline unsigned int __fls(unsigned long x)
{
	return 63U - (unsigned int)__builtin_clzl(x);
}

static __always_inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* => 0 < n <= 1 << 63 */
static __always_inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return UL(1) << fls64(n - 1);
}

static __always_inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return UL(1) << __fls(n);
}

/* The smallest order with (1 << order) >= n. => n > 0 */
static __always_inline int get_count_order(unsigned long n)
{
	return fls64(n - 1);
}

static inline unsigned int hweight64(u64 w)
{
	w -= (w >> 1) & 0x5555555555555555ULL;
	w = (w & 0x3333333333333333ULL) + ((w >> 2) & 0x3333333333333333ULL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (unsigned int)((w * 0x0101010101010101ULL) >> 56);
}

#define hweight_long(w) hweight64(w)

static __always_inline bool test_bit(unsigned long nr, const unsigned long *p)
{
	return (READ_ONCE(p[BIT_WORD(nr)]) >> (nr % BITS_PER_LONG)) & 1;
}

static __always_inline void __set_bit(unsigned long nr, unsigned long *p)
{
	p[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static __always_inline void __clear_bit(unsigned long nr, unsigned long *p)
{
	p[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static __always_inline void __assign_bit(unsigned long nr, unsigned long *p,
					 bool value)
{
	if (value)
		__set_bit(nr, p);
	else
		__clear_bit(nr, p);
}

static __always_inline bool __test_and_set_bit(unsigned long nr,
					       unsigned long *p)
{
	bool old = test_bit(nr, p);

	__set_bit(nr, p);
	return old;
}

#endif
