/* SPDX-License-Identifier: MIT */
/*
 * Atomic bits of arrays of words. set_bit and its kind order nothing; the
 * test_and_ ones are full barriers. The non-atomic ones are <lib/bitops.h>.
 */
#ifndef _ASM_BITOPS_H
#define _ASM_BITOPS_H

#include <lib/bitops.h>
#include <asm/barrier.h>

static __always_inline void set_bit(unsigned long nr, unsigned long *p)
{
	__atomic_fetch_or(&p[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(unsigned long nr, unsigned long *p)
{
	__atomic_fetch_and(&p[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline bool test_and_set_bit(unsigned long nr, unsigned long *p)
{
	unsigned long old = __atomic_fetch_or(&p[BIT_WORD(nr)], BIT_MASK(nr),
					      __ATOMIC_RELEASE);

	smp_mb();
	return old & BIT_MASK(nr);
}

static __always_inline bool test_and_clear_bit(unsigned long nr,
					       unsigned long *p)
{
	unsigned long old = __atomic_fetch_and(&p[BIT_WORD(nr)], ~BIT_MASK(nr),
					       __ATOMIC_RELEASE);

	smp_mb();
	return old & BIT_MASK(nr);
}

#endif
