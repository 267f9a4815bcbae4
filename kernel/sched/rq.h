/* SPDX-License-Identifier: MIT */
/*
 * The runqueue, one for each CPU, and what the files of kernel/sched share.
 *
 * Lock key: (r) rq->lock, (l) this CPU only with interrupts off,
 * (a) atomic, (c) constant after setup
 */
#ifndef _KERNEL_SCHED_RQ_H
#define _KERNEL_SCHED_RQ_H

#include <base/percpu.h>
#include <base/spinlock.h>
#include <sched/sched.h>
#include "fair.h"

struct rq {
	spinlock_t lock;
	unsigned int cpu;	    /* (c) */
	struct fair_queue fair;	    /* (r) fair.nr read by all */
	struct task_struct *curr;   /* (r) read by all */
	struct task_struct *idle;   /* (c) */
	u64 nr_switches;	    /* (r) */
	long nr_uninterruptible;    /* (r) that sleep, last ran here */
	long nr_iowait;		    /* (r) */
	struct kernel_cpustat stat; /* (r) */
	unsigned int ticks;	    /* (l) */
	unsigned int kicks_held;    /* (l) kicks_hold() minus release */
	u64 kicks;		    /* (l) CPUs to tell when it is 0 again */
};

DECLARE_PER_CPU(struct rq, runqueues);

#define cpu_rq(cpu) per_cpu_ptr(&runqueues, cpu)
#define this_rq()   this_cpu_ptr(&runqueues)

/* Wants to be on another CPU, and is taken off this one: __schedule(). */
#define TASK_MIGRATING 0x0040

/* The runqueue of t's CPU, locked, interrupts off. */
struct rq *task_rq_lock(struct task_struct *t, unsigned long *flags);
void task_rq_unlock(struct rq *rq, unsigned long flags);
/* Make rq's CPU call schedule() soon. => rq->lock */
void resched_curr(struct rq *rq);

/*
 * Between these, CPUs that got a task are noted, not told: a waker that
 * still holds a lock which the woken need should not be overtaken by them.
 * => IRQs off from one to the other; nest
 */
void kicks_hold(void);
void kicks_release(void);

/* Charge rq->curr, and the CPU's account, up to now. => rq->lock */
void update_curr(struct rq *rq, u64 now);

/* Move a task to rq from a busier one. => rq->lock; => true: moved */
bool pull_task(struct rq *rq, unsigned int margin);
/* From the tick: offer waiting tasks to idle CPUs. => rq->lock not held */
void offer_to_idle(struct rq *rq);

/* Busy: the tick runs. => IRQs off */
void tick_start(u64 now);
void timers_init(unsigned int cpu);
/* Fire the timers of this CPU that are due; => IRQs off */
void timers_run(u64 now);
/* The first timer of this CPU, U64_MAX: none. => IRQs off */
u64 timers_next(void);
/* A timer became the first one of this CPU. => IRQs off */
void tick_new_deadline(u64 expires, u64 now);
void tick_init(void);

/* Sample the load if its time has come. => any context */
void calc_load(u64 now);
/* Wake the readers of the log if there is news. => no lock held */
void log_wait_poll(void);
/* t is being freed. */
void kthread_free(struct task_struct *t);

#endif
