/* SPDX-License-Identifier: MIT */
/*
 * preempt_count: why this task must not sleep now.
 *
 *     23      16 15       0
 *   [  hardirq  | disabled ]
 *
 * The kernel is never preempted, so "disabled" forbids nothing but sleeping:
 * preempt_disable() is for those who want faults to fail at once (futex), and
 * in the debug build every spinlock counts too, for might_sleep().
 */
#ifndef _BASE_PREEMPT_H
#define _BASE_PREEMPT_H

#include <asm/irqflags.h>
#include <asm/thread_info.h>
#include <base/config.h>

#define PREEMPT_OFFSET 0x1
#define HARDIRQ_OFFSET 0x10000
#define HARDIRQ_MASK   0xff0000

#define preempt_count() READ_ONCE(current_thread_info()->preempt_count)

static __always_inline void preempt_count_add(int val)
{
	current_thread_info()->preempt_count += val;
	barrier();
}

static __always_inline void preempt_count_sub(int val)
{
	barrier();
	current_thread_info()->preempt_count -= val;
}

#define preempt_disable() preempt_count_add(PREEMPT_OFFSET)
#define preempt_enable()  preempt_count_sub(PREEMPT_OFFSET)

/* => true in an interrupt handler */
#define in_interrupt() ((preempt_count() & HARDIRQ_MASK) != 0)
/* => true where sleeping is forbidden: see above for what is counted */
#define in_atomic() (preempt_count() != 0)

/* Set once tasks can be switched: only then is sleeping at stake. */
extern bool scheduling_started;
void __might_sleep(const char *file, int line);

/* Complain, in the debug build, if the caller must not sleep. */
#define might_sleep()                                      \
	do {                                               \
		if (CONFIG_DEBUG)                          \
			__might_sleep(__FILE__, __LINE__); \
	} while (0)

#endif
