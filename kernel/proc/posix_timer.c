// SPDX-License-Identifier: MIT
/*
 * timer_create(2) and its kin, and the sleep on a CPU clock: the system
 * calls; what a timer does is in kernel/proc/itimer.c.
 */
#include <asm/uaccess.h>
#include <base/clock.h>
#include <lib/errno.h>
#include <mm/phys/slab.h>
#include <proc/itimer.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/sched.h>

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4

struct sigevent { /* as in user space */
	u64 sigev_value;
	s32 sigev_signo;
	s32 sigev_notify;
	s32 sigev_tid;
	s32 unused[11];
};

static_assert(sizeof(struct sigevent) == 64, "sigevent_t is 64 bytes");

/* => a clock for timers (own CPU clocks by number), -EINVAL, -EOPNOTSUPP */
static int timer_clock(int clock, int *out)
{
	u64 ns;

	*out = clock;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*out = CPUCLOCK_OF_PROCESS(CPUCLOCK_SCHED);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*out = CPUCLOCK_OF_THREAD(current->pid);
		return 0;
	default:
		break;
	}
	if (clock >= 0)
		return read_clock(clock, &ns) ? -EINVAL : -EOPNOTSUPP;
	if (CPUCLOCK_PID(clock) && CPUCLOCK_PID(clock) != current->tgid &&
	    !(clock & CPUCLOCK_PERTHREAD))
		return -EINVAL;
	guard(spinlock)(&tasklist_lock);
	return cpu_clock_now(clock, &ns);
}

/* Is it a thread of the caller's process? */
static bool own_thread(pid_t tid)
{
	struct task_struct *t;

	guard(spinlock)(&tasklist_lock);
	t = find_task_by_pid(tid);
	return t && t->tgid == current->tgid;
}

/* => 0, -EINVAL */
static int use_event(struct k_itimer *k, const struct sigevent *ev)
{
	k->value = ev->sigev_value;
	if (ev->sigev_notify == SIGEV_NONE)
		return 0;
	if (ev->sigev_notify == SIGEV_THREAD_ID) {
		if (!own_thread(ev->sigev_tid))
			return -EINVAL;
		k->tid = ev->sigev_tid;
	} else if (ev->sigev_notify != SIGEV_SIGNAL &&
		   ev->sigev_notify != SIGEV_THREAD) {
		return -EINVAL;
	}
	if (ev->sigev_signo <= 0 || ev->sigev_signo > _NSIG)
		return -EINVAL;
	k->sig = ev->sigev_signo;
	return 0;
}

/* Each counts as one signal that may have to be queued. => 0, -EAGAIN */
static int charge_timer(void)
{
	atomic_t *nr = &current->signal->nr_queued;

	if ((u64)atomic_inc_return(nr) <= rlimit(RLIMIT_SIGPENDING))
		return 0;
	atomic_dec(nr);
	return -EAGAIN;
}

/* Locked. Numbers go round, so that a free one is found at once. */
static int new_timer_id(void)
{
	int *next = &current->signal->next_timer_id, id;

	do {
		id = *next;
		*next = id == INT_MAX ? 0 : id + 1;
	} while (timer_find(id));
	return id;
}

/* Locked. => setitimer's have negative numbers, and are not for these calls */
static struct k_itimer *find_user_timer(int id)
{
	return id < 0 ? NULL : timer_find(id);
}

SYSCALL(sys_timer_delete, int id)
{
	struct k_itimer *k;

	lock_timers();
	k = find_user_timer(id);
	if (k)
		timer_unlink(k);
	unlock_timers();
	if (!k)
		return -EINVAL;
	timer_free(k);
	return 0;
}

SYSCALL(sys_timer_create, int clock, const struct sigevent __user *uev,
	s32 __user *uid)
{
	struct sigevent ev = { .sigev_signo = SIGALRM };
	struct k_itimer *k;
	int id, err;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	err = timer_clock(clock, &clock);
	if (!err)
		err = timers_start();
	if (err)
		return err;
	k = timer_alloc(clock, 0);
	if (!k)
		return -EAGAIN;
	err = use_event(k, &ev);
	if (!err)
		err = charge_timer();
	if (!err) {
		lock_timers();
		id = k->id = new_timer_id();
		if (!uev)
			k->value = (u64)id;
		list_add_tail(&k->list, &current->signal->timers);
		unlock_timers();
		if (!put_user(id, uid))
			return 0;
		sys_timer_delete(id);
		return -EFAULT;
	}
	kfree(k);
	return err;
}

/* Locked. When is that, on the timer's clock? */
static u64 expiry(const struct k_itimer *k, u64 value, bool absolute)
{
	u64 offset;

	if (!value)
		return 0;
	if (!absolute)
		return timer_now(k) + value;
	if (k->clock != CLOCK_REALTIME && k->clock != CLOCK_TAI)
		return value;
	offset = ktime_get_real_ns() - ktime_get_ns();
	return value > offset ? value - offset : 1;
}

SYSCALL(sys_timer_settime, int id, int flags,
	const struct itimerspec __user *uts, struct itimerspec __user *uold)
{
	u64 value, interval, old_value = 0, old_interval = 0;
	int err = uts ? get_itimerspec_ns(uts, &interval, &value) : -EINVAL;
	struct k_itimer *k;

	if (err)
		return err;
	lock_timers();
	k = find_user_timer(id);
	if (k) {
		old_value = timer_left(k);
		old_interval = k->interval;
		timer_set(k, expiry(k, value, flags & TIMER_ABSTIME), interval);
	}
	unlock_timers();
	if (!k)
		return -EINVAL;
	return uold ? put_itimerspec_ns(old_interval, old_value, uold) : 0;
}

SYSCALL(sys_timer_gettime, int id, struct itimerspec __user *uts)
{
	u64 value = 0, interval = 0;
	struct k_itimer *k;

	lock_timers();
	k = find_user_timer(id);
	if (k) {
		value = timer_left(k);
		interval = k->interval;
	}
	unlock_timers();
	return k ? put_itimerspec_ns(interval, value, uts) : -EINVAL;
}

SYSCALL(sys_timer_getoverrun, int id)
{
	struct k_itimer *k;
	long ret;

	lock_timers();
	k = find_user_timer(id);
	ret = k ? (long)k->overrun : -EINVAL;
	unlock_timers();
	return ret;
}

/* => 0 when the process's clock has come that far; -EINTR, and what is left */
static int sleep_on(struct k_itimer *k, u64 until, u64 *left)
{
	bool done;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		lock_timers();
		*left = timer_left(k);
		done = *left <= 1 && timer_now(k) >= until;
		unlock_timers();
		if (done || signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return done ? 0 : -EINTR;
}

long cpu_clock_sleep(int clock, bool absolute, u64 ns,
		     struct timespec __user *rmtp)
{
	struct k_itimer k;
	u64 until, left;
	int err = timer_clock(clock, &clock);

	if (err)
		return err;
	timer_init(&k, clock, 0);
	k.sleeper = current;
	lock_timers();
	until = absolute ? ns : timer_now(&k) + ns;
	timer_set(&k, max(until, 1ULL), 0);
	unlock_timers();
	err = sleep_on(&k, until, &left);
	lock_timers();
	timer_unlink(&k);
	unlock_timers();
	if (!err || absolute)
		return err ? -ERESTARTNOHAND : 0;
	return rmtp && put_timespec_ns(left, rmtp) ? -EFAULT : -EINTR;
}
