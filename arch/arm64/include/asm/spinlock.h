/* SPDX-License-Identifier: MIT */
/*
 * The bare spin lock: a fair ticket lock in one word.
 *
 *    31       16 15        0
 *   [   next    |   owner   ]   free: next == owner
 *
 * Taking a ticket is one atomic add; whoever holds the ticket `owner` has
 * the lock. A waiter sleeps in wfe: its ldaxr of `owner` arms the monitor
 * that the unlocker's store clears. base/spinlock.h builds spinlock_t on it.
 */
#ifndef _ASM_SPINLOCK_H
#define _ASM_SPINLOCK_H

#include <lib/types.h>
#include <asm/barrier.h>

typedef struct {
	union {
		u32 val;
		struct {
			u16 owner;
			u16 next;
		};
	};
} arch_spinlock_t;

#define __ARCH_SPIN_LOCK_UNLOCKED \
	{                         \
		{                 \
			0         \
		}                 \
	}

static __always_inline void arch_spin_lock(arch_spinlock_t *lock)
{
	u32 old = __atomic_fetch_add(&lock->val, 1U << 16, __ATOMIC_ACQUIRE);
	u32 ticket = old >> 16, now;

	if (likely((u16)old == ticket))
		return;
	__asm__ __volatile__("	sevl\n"
			     "1:	wfe\n"
			     "	ldaxrh	%w0, %1\n"
			     "	cmp	%w0, %w2\n"
			     "	b.ne	1b\n"
			     : "=&r"(now)
			     : "Q"(lock->owner), "r"(ticket)
			     : "memory", "cc");
}

static __always_inline bool arch_spin_trylock(arch_spinlock_t *lock)
{
	u32 old = READ_ONCE(lock->val);

	if ((old >> 16) != (old & 0xffff))
		return false;
	return __atomic_compare_exchange_n(&lock->val, &old, old + (1U << 16),
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static __always_inline void arch_spin_unlock(arch_spinlock_t *lock)
{
	smp_store_release(&lock->owner, (u16)(lock->owner + 1));
}

static __always_inline bool arch_spin_is_locked(const arch_spinlock_t *lock)
{
	u32 val = READ_ONCE(lock->val);

	return (val >> 16) != (val & 0xffff);
}

static __always_inline bool arch_spin_is_contended(const arch_spinlock_t *lock)
{
	u32 val = READ_ONCE(lock->val);

	return (u16)((val >> 16) - val) > 1;
}
#endif
