/* SPDX-License-Identifier: MIT */
/*
 * Spin locks, for sections that do not sleep; who waits longest has no claim.
 * A lock that an interrupt handler takes must be taken with interrupts off
 * everywhere else; lockdep watches over that and over the order.
 */
#ifndef _BASE_SPINLOCK_H
#define _BASE_SPINLOCK_H

#include <asm/irqflags.h>
#include <asm/spinlock.h>
#include <base/bug.h>
#include <base/lockdep.h>
#include <base/preempt.h>
#include <lib/cleanup.h>

typedef struct spinlock {
	arch_spinlock_t raw;
	struct lockdep_map dep;
} spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name)                \
	{                                         \
		.raw = __ARCH_SPIN_LOCK_UNLOCKED, \
		.dep = LOCKDEP_MAP_INIT(name)     \
	}
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)

#define spin_lock_init(l)                                              \
	do {                                                           \
		static const struct lock_class_key __key;              \
		(l)->raw = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED; \
		lockdep_init_map(&(l)->dep, #l, &__key);               \
	} while (0)

static __always_inline void spin_lock_nested(spinlock_t *l,
					     unsigned int subclass)
{
	if (CONFIG_DEBUG)
		preempt_disable();
	lockdep_acquire_nested(&l->dep, subclass, false, _THIS_IP_);
	arch_spin_lock(&l->raw);
}

static __always_inline void spin_lock(spinlock_t *l)
{
	spin_lock_nested(l, 0);
}

/* => true: taken */
static __always_inline bool spin_trylock(spinlock_t *l)
{
	if (!arch_spin_trylock(&l->raw))
		return false;
	if (CONFIG_DEBUG)
		preempt_disable();
	lockdep_acquire(&l->dep, true, _THIS_IP_);
	return true;
}

static __always_inline void spin_unlock(spinlock_t *l)
{
	lockdep_release(&l->dep);
	arch_spin_unlock(&l->raw);
	if (CONFIG_DEBUG)
		preempt_enable();
}

static __always_inline void spin_lock_irq(spinlock_t *l)
{
	local_irq_disable();
	spin_lock(l);
}

static __always_inline void spin_unlock_irq(spinlock_t *l)
{
	spin_unlock(l);
	local_irq_enable();
}

#define spin_lock_irqsave(l, flags)    \
	do {                           \
		local_irq_save(flags); \
		spin_lock(l);          \
	} while (0)

static __always_inline void spin_unlock_irqrestore(spinlock_t *l,
						   unsigned long flags)
{
	spin_unlock(l);
	local_irq_restore(flags);
}

/* => false: not taken, flags restored */
#define spin_trylock_irqsave(l, flags)            \
	__extension__({                           \
		local_irq_save(flags);            \
		bool __taken = spin_trylock(l);   \
		if (!__taken)                     \
			local_irq_restore(flags); \
		__taken;                          \
	})

static __always_inline bool spin_is_locked(const spinlock_t *l)
{
	return arch_spin_is_locked(&l->raw);
}

DEFINE_GUARD(spinlock, spinlock_t, spin_lock, spin_unlock)
DEFINE_GUARD(spinlock_irq, spinlock_t, spin_lock_irq, spin_unlock_irq)

#endif
