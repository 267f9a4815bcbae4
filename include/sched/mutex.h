/* SPDX-License-Identifier: MIT */
/*
 * Sleeping lock with an owner. Free or taken is one word, so the quick way
 * is one compare-and-swap. Waiters queue in order; a free lock may be taken
 * before the first of them runs, but only once, so nobody starves.
 *
 * => process context; not recursive; only the owner unlocks
 */
#ifndef _SCHED_MUTEX_H
#define _SCHED_MUTEX_H

#include <asm/atomic.h>
#include <base/spinlock.h>
#include <lib/list.h>
#include <sched/task.h>

#define MUTEX_WAITERS 1UL /* in owner: the queue is not empty */

struct mutex {
	unsigned long owner; /* task or 0: free; | MUTEX_WAITERS */
	spinlock_t wait_lock;
	struct list_head wait_list; /* wait_lock */
	struct lockdep_map dep;
};

#define __MUTEX_INITIALIZER(name)                                              \
	{                                                                      \
		.owner = 0, .wait_lock = __SPIN_LOCK_UNLOCKED(name.wait_lock), \
		.wait_list = { &(name).wait_list, &(name).wait_list },         \
		.dep = LOCKDEP_MAP_INIT(name),                                 \
	}
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

void __mutex_init(struct mutex *m, const char *name,
		  const struct lock_class_key *key);
#define mutex_init(m)                                           \
	do {                                                    \
		static const struct lock_class_key __mutex_key; \
		__mutex_init(m, #m, &__mutex_key);              \
	} while (0)

/* => 0, or -EINTR: a signal for which state wakes up came first */
int __mutex_lock_slow(struct mutex *m, unsigned int state);
void __mutex_unlock_slow(struct mutex *m);

static __always_inline bool __mutex_take(struct mutex *m)
{
	return cmpxchg_acquire(&m->owner, 0UL, (unsigned long)current) == 0;
}

static __always_inline int __mutex_lock(struct mutex *m, unsigned int state,
					unsigned int subclass)
{
	int err = 0;

	might_sleep();
	lockdep_acquire_nested(&m->dep, subclass, false, _THIS_IP_);
	if (unlikely(!__mutex_take(m)))
		err = __mutex_lock_slow(m, state);
	if (unlikely(err))
		lockdep_release(&m->dep);
	return err;
}

static inline void mutex_lock(struct mutex *m)
{
	__mutex_lock(m, TASK_UNINTERRUPTIBLE, 0);
}

/* => 0 or -EINTR */
static inline int mutex_lock_interruptible(struct mutex *m)
{
	return __mutex_lock(m, TASK_INTERRUPTIBLE, 0);
}

/* => true: it is ours; false also while it is free and somebody waits */
static inline bool mutex_trylock(struct mutex *m)
{
	if (!__mutex_take(m))
		return false;
	lockdep_acquire(&m->dep, true, _THIS_IP_);
	return true;
}

static inline void mutex_unlock(struct mutex *m)
{
	unsigned long me = (unsigned long)current;

	lockdep_release(&m->dep);
	if (unlikely(cmpxchg_release(&m->owner, me, 0UL) != me))
		__mutex_unlock_slow(m);
}

DEFINE_GUARD(mutex, struct mutex, mutex_lock, mutex_unlock)

#endif
