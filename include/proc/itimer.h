/* SPDX-License-Identifier: MIT */
/*
 * Timers of a process: setitimer's three, timer_create's, and the sleep on a
 * CPU clock are one kind of object (kernel/proc/itimer.c).
 *
 * Lock key: (s) sighand->siglock, (c) constant, (f) fired_lock
 */
#ifndef PROC_ITIMER_H
#define PROC_ITIMER_H

#include <lib/list.h>
#include <sched/timer.h>

struct task_struct;
struct timespec;

struct k_itimer {
	struct list_head list;	/* (s) in signal->timers */
	struct list_head armed; /* (s) in signal->cpu_timers */
	struct list_head fired; /* (f) due, kalarmd has to come */
	struct timer timer;	/* of a clock on the wall */
	int clock;		/* (c) CLOCK_*; negative: CPU time */
	int id;			/* (c) -1 - ITIMER_* for setitimer's */
	int sig;		/* (c) 0: nobody is told */
	pid_t tgid;		/* (c) whose it is */
	pid_t tid;		/* (c) SIGEV_THREAD_ID: who is told; or 0 */
	u64 value;		/* (c) for si_value */
	struct task_struct *sleeper; /* (c) woken instead of told */
	u64 expires, interval;	     /* (s) ns; monotonic or CPU time; 0: off */
	u32 overrun;		     /* (s) of the signal that was delivered */
};

/* Of the calling process: tasklist_lock, then siglock. */
void lock_timers(void);
void unlock_timers(void);

/* Zeroed but for the lists. => NULL: no memory */
struct k_itimer *timer_alloc(int clock, int id);
void timer_init(struct k_itimer *k, int clock, int id);
/* => 0, -ENOMEM, -EAGAIN: what lets wall clocks ring could not be started */
int timers_start(void);

/* All below: locked. */
struct k_itimer *timer_find(int id); /* or NULL */
/* What is left (at least 1 ns while it runs; 0: off). */
u64 timer_left(const struct k_itimer *k);
/* expires: ns of the timer's clock (wall clocks: monotonic), 0: off */
void timer_set(struct k_itimer *k, u64 expires, u64 interval);
u64 timer_now(const struct k_itimer *k);
/* Take it out of the process; then, unlocked, timer_free(). */
void timer_unlink(struct k_itimer *k);
void timer_stop(struct k_itimer *k); /* unlocked: nothing will ring */
void timer_free(struct k_itimer *k);

/* sys_time.c: a CPU clock (negative number) now; tasklist_lock held */
int cpu_clock_now(int clock, u64 *ns);
/* posix_timer.c: clock_nanosleep on the clock of a process */
long cpu_clock_sleep(int clock, bool absolute, u64 ns,
		     struct timespec __user *rmtp);

#endif /* PROC_ITIMER_H */
