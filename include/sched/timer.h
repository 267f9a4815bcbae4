/* SPDX-License-Identifier: MIT */
/*
 * Timers to the nanosecond: a function called in interrupt context at a
 * given time. Each CPU has a tree of its own, sorted by time, and programs
 * its clock event for the first.
 *
 * Lock: the timer base's, interrupts off. It is not held while the function
 * runs, so that may arm its timer again.
 */
#ifndef _SCHED_TIMER_H
#define _SCHED_TIMER_H

#include <asm/thread_info.h>
#include <base/clock.h>
#include <lib/rbtree.h>
#include <lib/types.h>

struct timer {
	struct rb_node node;	     /* (b) */
	u64 expires;		     /* (b) ns of ktime_get_ns() */
	void (*fn)(struct timer *t); /* interrupts masked */
	u32 cpu;		     /* (b) whose base it is or was in */
	bool queued;		     /* (b) */
};

/* (b) the lock of the base of t->cpu */

#define TIMER_INITIALIZER(function) \
	{                           \
		.fn = (function)    \
	}

static inline void timer_setup(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer)TIMER_INITIALIZER(fn);
	t->cpu = smp_processor_id();
}

/*
 * Call the function at `expires` (a moment past: as soon as possible) on
 * this CPU; an armed timer is moved.
 * => any context; => true if it was armed
 */
bool mod_timer_ns(struct timer *t, u64 expires);
/* The function may just be running on another CPU. => was it armed? */
bool del_timer(struct timer *t);
/* => nor is it running; not from the function itself, and without a lock
 *    that it takes */
bool del_timer_sync(struct timer *t);

static inline bool timer_pending(const struct timer *t)
{
	return READ_ONCE(t->queued);
}

#endif
