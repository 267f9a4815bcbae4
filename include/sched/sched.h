/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: who runs, sleeping and waking, and the account of time.
 *
 * Lock order: wait queues, sighand->siglock and all else before the runqueue
 * lock; nothing is taken inside it. It is held across a switch: taken by the
 * task that leaves, released by the one that comes.
 */
#ifndef _SCHED_SCHED_H
#define _SCHED_SCHED_H

#include <base/clock.h>
#include <sched/task.h>

/* ---- Setting up ---- */

/* On the boot CPU, running as init_task. Before any task is made. */
void sched_init(void);
/*
 * The idle task for a secondary CPU, to be given to arch_cpu_start().
 * => NULL: no memory
 */
struct task_struct *sched_make_idle(unsigned int cpu);
/* On each CPU once its clock event is registered and it is online. */
void sched_start_cpu(void);
/* The rest of an idle task's life; IRQs are enabled by it. */
void cpu_startup_entry(void) __noreturn;

/* ---- Giving up the CPU ---- */

/*
 * Run another task. If the state was set to something else than RUNNING,
 * sleep until woken; a signal that the state allows makes it RUNNING at once.
 * => no spinlock held; IRQs stay as they were
 */
void schedule(void);
/*
 * Sleep in the state that was set, at most ns (U64_MAX: no limit).
 * => ns left; 0: all of it has passed
 */
u64 schedule_timeout_ns(u64 ns);
u64 io_schedule_timeout_ns(u64 ns);
/* These set the state themselves. */
u64 schedule_timeout_interruptible_ns(u64 ns);
u64 schedule_timeout_killable_ns(u64 ns);
u64 schedule_timeout_uninterruptible_ns(u64 ns);
void msleep(unsigned int ms);
/* Let all others run first. */
void yield(void);
/* The end of current: the last reference but the caller's others is dropped
 * by the task that comes next. */
void do_task_dead(void) __noreturn;

#define need_resched() unlikely(test_thread_flag(TIF_NEED_RESCHED))

void __cond_resched(void);

/* Let others run if it is their turn; in long loops of the kernel. */
static inline void cond_resched(void)
{
	might_sleep();
	if (need_resched())
		__cond_resched();
}

/*
 * The state of current. set_current_state orders the store before the look
 * at the condition; __set_current_state does not.
 */
#define __set_current_state(s) WRITE_ONCE(current->__state, (unsigned int)(s))
#define set_current_state(s)   smp_store_mb(current->__state, (unsigned int)(s))
#define task_is_running(t)     (READ_ONCE((t)->__state) == TASK_RUNNING)
#define task_is_stopped(t)     ((READ_ONCE((t)->__state) & __TASK_STOPPED) != 0)

/* ---- Waking => any context ---- */

/* Wake t from one of these states. => true: it slept and is awake now */
bool wake_up_state(struct task_struct *t, unsigned int state);
#define wake_up_process(t) wake_up_state(t, TASK_NORMAL | TASK_NEW)

#define WF_SYNC 1 /* the waker is about to sleep */
bool try_to_wake_up(struct task_struct *t, unsigned int state, int flags);

/* Give a new task (from task_alloc) its share of current's. */
void sched_fork(struct task_struct *t);
/* Let it run for the first time. */
void wake_up_new_task(struct task_struct *t);

/* ---- Priorities and CPUs ---- */

void set_user_nice(struct task_struct *t, int nice);
static inline int task_nice(const struct task_struct *t)
{
	return PRIO_TO_NICE(t->static_prio);
}
/* Field 18 of /proc/PID/stat: 20 for nice 0. */
static inline int task_prio(const struct task_struct *t)
{
	return t->prio - MAX_RT_PRIO;
}
/* => 0, or -EINVAL: no online CPU in mask */
int sched_setaffinity(struct task_struct *t, u64 mask);
/* Round-robin interval as sched_rr_get_interval(2) reports it, ns. */
u64 sched_slice_ns(struct task_struct *t);

/* ---- Accounts ---- */

enum cpu_usage_stat {
	CPUTIME_USER,
	CPUTIME_NICE,
	CPUTIME_SYSTEM,
	CPUTIME_SOFTIRQ,
	CPUTIME_IRQ,
	CPUTIME_IDLE,
	CPUTIME_IOWAIT,
	CPUTIME_STEAL,
	CPUTIME_GUEST,
	CPUTIME_GUEST_NICE,
	NR_STATS,
};

/* ns; the sum is the time since the CPU came online. */
struct kernel_cpustat {
	u64 cpustat[NR_STATS];
};

/* One CPU's, up to this moment. */
void kcpustat_fetch(unsigned int cpu, struct kernel_cpustat *out);
/* utime, stime and their sum of a task, up to this moment; ns, any may be
 * NULL. */
void task_cputime(struct task_struct *t, u64 *utime, u64 *stime);
u64 task_sched_runtime(struct task_struct *t);

unsigned int nr_running(void); /* incl. those on a CPU */
unsigned int nr_iowait(void);
u64 nr_context_switches(void);

#define FSHIFT	     11
#define FIXED_1	     (1UL << FSHIFT)
#define LOAD_INT(x)  ((x) >> FSHIFT)
#define LOAD_FRAC(x) LOAD_INT(((x) & (FIXED_1 - 1)) * 100)
/* Load averages over 1, 5, 15 minutes: (value + offset) << shift. */
void get_avenrun(unsigned long loads[3], unsigned long offset, int shift);

#endif
