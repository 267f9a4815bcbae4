/* SPDX-License-Identifier: MIT */
/*
 * The bare spin lock: one word, 0 is free, 1 is taken.
 *
 * Whoever finds it free takes it; a waiter sleeps in wfe, for its ldaxr arms
 * the monitor that the unlocker's store clears. There is no queue: in a guest
 * the CPU whose turn it is may not be running, and then all would wait for a
 * time slice of the host at each hand-over. base/spinlock.h builds spinlock_t
 * on it.
 */
#ifndef _ASM_SPINLOCK_H
#define _ASM_SPINLOCK_H

#include <lib/types.h>
#include <asm/barrier.h>

typedef struct {
	u32 val;
} arch_spinlock_t;

#define __ARCH_SPIN_LOCK_UNLOCKED \
	{                         \
		0                 \
	}

static __always_inline void arch_spin_lock(arch_spinlock_t *lock)
{
	u32 taken;

	__asm__ __volatile__("1:	ldaxr	%w0, %1\n"
			     "	cbz	%w0, 2f\n"
			     "	wfe\n"
			     "	b	1b\n"
			     "2:	stxr	%w0, %w2, %1\n"
			     "	cbnz	%w0, 1b\n"
			     : "=&r"(taken), "+Q"(lock->val)
			     : "r"(1)
			     : "memory");
}

static __always_inline bool arch_spin_trylock(arch_spinlock_t *lock)
{
	u32 old = 0;

	return !READ_ONCE(lock->val) &&
	       __atomic_compare_exchange_n(&lock->val, &old, 1U, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static __always_inline void arch_spin_unlock(arch_spinlock_t *lock)
{
	smp_store_release(&lock->val, 0U);
}

static __always_inline bool arch_spin_is_locked(const arch_spinlock_t *lock)
{
	return READ_ONCE(lock->val) != 0;
}
#endif
