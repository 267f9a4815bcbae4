// SPDX-License-Identifier: MIT
/*
 * Interval timers: setitimer(ITIMER_REAL), and with it alarm().
 *
 *   setitimer --> signal->real_timer --interrupt--> kalarmd --> SIGALRM
 *
 * The interrupt cannot send the signal: to find the process that a
 * signal_struct belongs to takes tasklist_lock, which is not for interrupts.
 * So it wakes a thread, which sends to every process whose time has come and
 * winds periodic timers again. The thread is made with the first timer.
 *
 * Invariant: real_expires is 0 (off), or the timer is queued, or kalarmd
 * will come by. Lock: sighand->siglock, interrupts off.
 *
 * ITIMER_VIRTUAL and ITIMER_PROF can be asked, not set (docs/caveats.md).
 */
#include <asm/atomic.h>
#include <asm/uaccess.h>
#include <base/clock.h>
#include <base/spinlock.h>
#include <lib/err.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/kthread.h>
#include <sched/mutex.h>
#include <sched/timer.h>
#include <sched/wait.h>

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2

static DECLARE_WAIT_QUEUE_HEAD(alarm_wait);
static atomic_t alarms_due;
static DEFINE_MUTEX(kalarmd_mutex);
static struct task_struct *kalarmd; /* kalarmd_mutex */

static void real_timer_fired(struct timer *t __unused)
{
	atomic_set(&alarms_due, 1);
	wake_up(&alarm_wait);
}

/* siglock held: the time has come, send and look for the next one. */
static void ring(struct task_struct *p, u64 now)
{
	struct signal_struct *signal = p->signal;

	__send_signal(SIGALRM, NULL, p, true);
	if (!signal->real_interval) {
		signal->real_expires = 0;
		return;
	}
	/* a period that was slept through is not made up for */
	signal->real_expires +=
		((now - signal->real_expires) / signal->real_interval + 1) *
		signal->real_interval;
	mod_timer_ns(&signal->real_timer, signal->real_expires);
}

static void ring_all(void)
{
	struct task_struct *p;

	spin_lock(&tasklist_lock);
	for_each_process(p) {
		u64 now = ktime_get_ns();

		if (!p->signal || !READ_ONCE(p->signal->real_expires))
			continue;
		spin_lock_irq(&p->sighand->siglock);
		if (p->signal->real_expires && p->signal->real_expires <= now)
			ring(p, now);
		spin_unlock_irq(&p->sighand->siglock);
	}
	spin_unlock(&tasklist_lock);
}

static int kalarmd_fn(void *unused __unused)
{
	for (;;) {
		wait_event_interruptible(alarm_wait,
					 atomic_xchg(&alarms_due, 0));
		ring_all();
	}
	return 0;
}

/* => 0, -ENOMEM, -EAGAIN */
static int start_kalarmd(void)
{
	int err = 0;

	if (READ_ONCE(kalarmd))
		return 0;
	mutex_lock(&kalarmd_mutex);
	if (!kalarmd) {
		struct task_struct *t =
			kthread_run(kalarmd_fn, NULL, "kalarmd");

		if (IS_ERR(t))
			err = (int)PTR_ERR(t);
		else
			WRITE_ONCE(kalarmd, t);
	}
	mutex_unlock(&kalarmd_mutex);
	return err;
}

void itimer_init(struct signal_struct *signal)
{
	timer_setup(&signal->real_timer, real_timer_fired);
	signal->real_expires = signal->real_interval = 0;
}

/* The last thread is on its way out: nobody sets it any more. */
void itimer_exit(struct signal_struct *signal)
{
	spin_lock_irq(&current->sighand->siglock);
	signal->real_expires = signal->real_interval = 0;
	spin_unlock_irq(&current->sighand->siglock);
	del_timer_sync(&signal->real_timer);
}

/* siglock held => what is left of it and its period */
static struct itimerval read_real_timer(const struct signal_struct *signal)
{
	struct itimerval it = {
		.it_interval = ns_to_timeval(signal->real_interval),
	};
	u64 now = ktime_get_ns(), left = NSEC_PER_USEC;

	if (!signal->real_expires)
		return it;
	/* due but not sent yet still reads as running */
	if (signal->real_expires > now + left)
		left = signal->real_expires - now;
	it.it_value = ns_to_timeval(left);
	return it;
}

long sys_getitimer(int which, struct itimerval __user *value)
{
	struct itimerval it = {};

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (which == ITIMER_REAL) {
		spin_lock_irq(&current->sighand->siglock);
		it = read_real_timer(current->signal);
		spin_unlock_irq(&current->sighand->siglock);
	}
	return copy_to_user(value, &it, sizeof(it)) ? -EFAULT : 0;
}

/* => 0, -EINVAL; *ns saturates */
static int timeval_to_ns(const struct timeval *tv, u64 *ns)
{
	struct timespec ts = {
		.tv_sec = tv->tv_sec,
		.tv_nsec = tv->tv_usec * (s64)NSEC_PER_USEC,
	};

	if ((u64)tv->tv_usec >= USEC_PER_SEC || !timespec_valid(&ts))
		return -EINVAL;
	*ns = timespec_to_ns(&ts);
	return 0;
}

static void set_real_timer(u64 value, u64 interval, struct itimerval *old)
{
	struct signal_struct *signal = current->signal;
	u64 now = ktime_get_ns();

	spin_lock_irq(&current->sighand->siglock);
	*old = read_real_timer(signal);
	del_timer(&signal->real_timer);
	signal->real_interval = value ? interval : 0;
	signal->real_expires = value ? min(now + value, (u64)S64_MAX) : 0;
	if (value)
		mod_timer_ns(&signal->real_timer, signal->real_expires);
	spin_unlock_irq(&current->sighand->siglock);
}

long sys_setitimer(int which, const struct itimerval __user *value,
		   struct itimerval __user *ovalue)
{
	struct itimerval it = {}, old = {};
	u64 ns, interval;
	int err;

	if (value && copy_from_user(&it, value, sizeof(it)))
		return -EFAULT;
	if (timeval_to_ns(&it.it_value, &ns) ||
	    timeval_to_ns(&it.it_interval, &interval) || which < ITIMER_REAL ||
	    which > ITIMER_PROF || (which != ITIMER_REAL && ns))
		return -EINVAL;
	if (which == ITIMER_REAL) {
		err = ns ? start_kalarmd() : 0;
		if (err)
			return err;
		set_real_timer(ns, interval, &old);
	}
	if (ovalue && copy_to_user(ovalue, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
