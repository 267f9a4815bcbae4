// SPDX-License-Identifier: MIT
/*
 * Timers of a process, and setitimer(2).
 *
 *   wall clock:  interrupt --> fired list --> kalarmd --> ring
 *   CPU clock:   tick --> the running thread, on its way to user mode
 *
 * The interrupt cannot ring itself: to find the process takes tasklist_lock,
 * which is not for interrupts. So it wakes a thread, made with the first
 * timer. A CPU clock only advances while a thread of the process runs, so
 * that thread looks, on its way to user mode, if the tick found
 * task->cpu_timer set. So CPU timers are as exact as ticks.
 *
 * setitimer's timers have no object until they are first set.
 *
 * Invariant: expires is 0 (off), or the timer is queued, fired, or in
 * cpu_timers. Lock: siglock of the process, and tasklist_lock around it
 * where CPU clocks are read.
 */
#include <asm/uaccess.h>
#include <base/clock.h>
#include <base/spinlock.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <proc/itimer.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/kthread.h>
#include <sched/mutex.h>
#include <sched/wait.h>

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2
#define ITIMER_ID(w)   (-1 - (w))

static DECLARE_WAIT_QUEUE_HEAD(alarm_wait);
static DEFINE_SPINLOCK(fired_lock); /* interrupts off */
static LIST_HEAD(fired_timers);	    /* fired_lock */
static DEFINE_MUTEX(kalarmd_mutex);
static struct task_struct *kalarmd; /* kalarmd_mutex */

void lock_timers(void)
{
	spin_lock(&tasklist_lock);
	spin_lock_irq(&current->sighand->siglock);
}

void unlock_timers(void)
{
	spin_unlock_irq(&current->sighand->siglock);
	spin_unlock(&tasklist_lock);
}

static void timer_fired(struct timer *t)
{
	struct k_itimer *k = container_of(t, struct k_itimer, timer);

	spin_lock(&fired_lock);
	if (list_empty(&k->fired))
		list_add_tail(&k->fired, &fired_timers);
	spin_unlock(&fired_lock);
	wake_up(&alarm_wait);
}

static struct k_itimer *take_fired(void)
{
	struct k_itimer *k;

	guard(spinlock_irq)(&fired_lock);
	k = list_first_entry_or_null(&fired_timers, struct k_itimer, fired);
	if (k)
		list_del_init(&k->fired);
	return k;
}

void timer_init(struct k_itimer *k, int clock, int id)
{
	memset(k, 0, sizeof(*k));
	INIT_LIST_HEAD(&k->list);
	INIT_LIST_HEAD(&k->armed);
	INIT_LIST_HEAD(&k->fired);
	timer_setup(&k->timer, timer_fired);
	k->clock = clock;
	k->id = id;
	k->tgid = current->tgid;
}

struct k_itimer *timer_alloc(int clock, int id)
{
	struct k_itimer *k = kmalloc(sizeof(*k), GFP_KERNEL);

	if (k)
		timer_init(k, clock, id);
	return k;
}

/* --- ringing: tasklist_lock and siglock held --- */

/* The timer's signal that still waits. => its siginfo, or NULL */
static struct siginfo *find_waiting(const struct k_itimer *k,
				    const struct sigpending *pending)
{
	struct sigqueue *q;

	list_for_each_entry(q, &pending->list, list)
		if (q->info.si_code == SI_TIMER && q->info.si_pid == k->id)
			return &q->info;
	return NULL;
}

/* => whom it tells, NULL: the thread is gone */
static struct task_struct *listener(const struct k_itimer *k,
				    struct task_struct *p)
{
	struct task_struct *t = k->tid ? find_task_by_pid(k->tid) : p;

	return t && t->tgid == k->tgid && t->proc ? t : NULL;
}

static struct sigpending *queue_of(const struct k_itimer *k,
				   struct task_struct *t)
{
	return k->tid ? &t->proc->pending : &t->signal->shared_pending;
}

/* Is nobody told, or does what was told last still wait? */
static bool unheard(const struct k_itimer *k, struct task_struct *p)
{
	struct task_struct *t = listener(k, p);

	return !k->sig || !t || sig_ignored(t, k->sig) ||
	       queue_of(k, t)->signal & sigmask(k->sig);
}

/* si_pid and si_uid are si_tid and si_overrun of such a signal. */
static void tell(struct k_itimer *k, struct task_struct *p, u32 periods)
{
	struct task_struct *t = listener(k, p);
	struct siginfo *waiting, info = {
		.si_code = SI_TIMER,
		.si_pid = k->id,
		.si_uid = periods - 1,
		.si_value = k->value,
	};

	if (k->id < 0) {
		__send_signal(k->sig, NULL, p, true);
		return;
	}
	if (!t)
		return;
	waiting = find_waiting(k, queue_of(k, t));
	if (waiting)
		waiting->si_uid = min(waiting->si_uid + periods, (u32)INT_MAX);
	else
		__send_signal(k->sig, &info, t, !k->tid);
}

/* Wind it for the next period. => how many have passed, at least one */
static u64 next_period(struct k_itimer *k, u64 now)
{
	u64 periods = 1 + (now - k->expires) / k->interval;

	timer_set(k, k->expires + periods * k->interval, k->interval);
	return periods;
}

/*
 * A period may be a nanosecond: as long as nobody listens, a wall clock
 * rings no more often than ticks do, and counts the periods.
 */
static void ring(struct k_itimer *k, struct task_struct *p, u64 now)
{
	u64 periods = 1;

	if (k->interval) {
		periods = next_period(k, now);
		if (k->clock >= 0 && unheard(k, p))
			mod_timer_ns(&k->timer,
				     max(k->expires, now + TICK_NSEC));
	} else {
		timer_set(k, 0, 0);
	}
	if (k->sleeper)
		wake_up_process(k->sleeper);
	else if (k->sig)
		tell(k, p, (u32)min(periods, (u64)INT_MAX));
}

static void ring_fired(void)
{
	struct k_itimer *k;

	guard(spinlock)(&tasklist_lock);
	while ((k = take_fired())) {
		struct task_struct *p = find_task_by_pid(k->tgid);
		u64 now = ktime_get_ns();

		if (!p || !p->signal)
			continue;
		spin_lock_irq(&p->sighand->siglock);
		if (k->expires && k->expires <= now)
			ring(k, p, now);
		spin_unlock_irq(&p->sighand->siglock);
	}
}

static int kalarmd_fn(void *unused __unused)
{
	for (;;) {
		wait_event_interruptible(alarm_wait,
					 !list_empty(&fired_timers));
		ring_fired();
	}
	return 0;
}

int timers_start(void)
{
	int err = 0;

	if (READ_ONCE(kalarmd))
		return 0;
	guard(mutex)(&kalarmd_mutex);
	if (!kalarmd) {
		struct task_struct *t =
			kthread_run(kalarmd_fn, NULL, "kalarmd");

		if (IS_ERR(t))
			err = (int)PTR_ERR(t);
		else
			WRITE_ONCE(kalarmd, t);
	}
	return err;
}

/* RLIMIT_CPU: a signal for each second above the soft limit, then the end. */
static bool check_cpu_limit(void)
{
	struct rlimit *r = &current->signal->rlim[RLIMIT_CPU];
	u64 ns = 0;

	if (r->rlim_cur == RLIM_INFINITY)
		return false;
	cpu_clock_now(CPUCLOCK_OF_PROCESS(CPUCLOCK_PROF), &ns);
	if (ns / NSEC_PER_SEC >= r->rlim_max) {
		__send_signal(SIGKILL, NULL, current, true);
	} else if (ns / NSEC_PER_SEC >= r->rlim_cur) {
		r->rlim_cur++;
		__send_signal(SIGXCPU, NULL, current, true);
	}
	return true;
}

void run_cpu_timers(void)
{
	struct k_itimer *k, *next;

	lock_timers();
	list_for_each_entry_safe(k, next, &current->signal->cpu_timers, armed) {
		u64 now = timer_now(k);

		if (k->expires <= now)
			ring(k, current, now);
	}
	current->cpu_timer = check_cpu_limit() ||
			     !list_empty(&current->signal->cpu_timers);
	unlock_timers();
}

void timer_delivered(struct siginfo *info)
{
	struct k_itimer *k = timer_find(info->si_pid);
	u64 now = ktime_get_ns(), n = 0;

	if (!k)
		return;
	if (k->clock >= 0 && k->interval) {
		if (k->expires <= now)
			n = next_period(k, now);
		else /* no more need to hold it back */
			mod_timer_ns(&k->timer, k->expires);
	}
	info->si_uid = (u32)min(info->si_uid + n, (u64)INT_MAX);
	k->overrun = info->si_uid;
}

/* --- setting: locked --- */

struct k_itimer *timer_find(int id)
{
	struct k_itimer *k;

	list_for_each_entry(k, &current->signal->timers, list)
		if (k->id == id)
			return k;
	return NULL;
}

u64 timer_now(const struct k_itimer *k)
{
	u64 ns = 0;

	if (k->clock >= 0)
		return ktime_get_ns();
	/* the clock of a thread that has ended stands still */
	return cpu_clock_now(k->clock, &ns) ? 0 : ns;
}

u64 timer_left(const struct k_itimer *k)
{
	u64 now = timer_now(k);

	if (!k->expires)
		return 0;
	/* due but not told yet still counts as running */
	return k->expires > now ? k->expires - now : 1;
}

void watch_cpu_time(struct task_struct *p)
{
	struct task_struct *t = p;

	do
		t->cpu_timer = true;
	while_each_thread(p, t);
}

void timer_set(struct k_itimer *k, u64 expires, u64 interval)
{
	expires = min(expires, (u64)S64_MAX);
	k->interval = expires ? interval : 0;
	k->expires = expires;
	if (k->clock >= 0) {
		if (expires)
			mod_timer_ns(&k->timer, expires);
		else
			del_timer(&k->timer);
		return;
	}
	list_del_init(&k->armed);
	if (!expires)
		return;
	list_add(&k->armed, &current->signal->cpu_timers);
	watch_cpu_time(current);
}

/* --- the end of a timer, and of all --- */

void timer_unlink(struct k_itimer *k)
{
	list_del_init(&k->list);
	timer_set(k, 0, 0);
}

void timer_stop(struct k_itimer *k)
{
	del_timer_sync(&k->timer);
	/* with tasklist_lock: kalarmd is not just looking at it */
	guard(spinlock)(&tasklist_lock);
	guard(spinlock_irq)(&fired_lock);
	list_del_init(&k->fired);
}

void timer_free(struct k_itimer *k)
{
	timer_stop(k);
	if (k->id >= 0)
		atomic_dec(&current->signal->nr_queued);
	kfree(k);
}

/* The first timer with an id of at least this, taken out. */
static struct k_itimer *take_timer(int least)
{
	struct k_itimer *k, *found = NULL;

	lock_timers();
	list_for_each_entry(k, &current->signal->timers, list)
		if (k->id >= least)
			found = k;
	if (found)
		timer_unlink(found);
	unlock_timers();
	return found;
}

static void free_timers(int least)
{
	struct k_itimer *k;

	while (unlikely(!list_empty(&current->signal->timers)) &&
	       (k = take_timer(least)))
		timer_free(k);
}

void timers_exec(void)
{
	free_timers(0); /* setitimer's go on */
}

void timers_exit(void)
{
	free_timers(INT_MIN);
}

/* --- setitimer --- */

static int clock_of(int which)
{
	switch (which) {
	case ITIMER_VIRTUAL:
		return CPUCLOCK_OF_PROCESS(CPUCLOCK_VIRT);
	case ITIMER_PROF:
		return CPUCLOCK_OF_PROCESS(CPUCLOCK_PROF);
	default:
		return CLOCK_MONOTONIC;
	}
}

/* Locked; k may be NULL. => what is left of it and its period */
static struct itimerval read_itimer(const struct k_itimer *k)
{
	u64 left = k ? timer_left(k) : 0;

	return (struct itimerval){
		.it_interval = ns_to_timeval(k ? k->interval : 0),
		.it_value = ns_to_timeval(left ? max(left, NSEC_PER_USEC) : 0),
	};
}

SYSCALL(sys_getitimer, int which, struct itimerval __user *value)
{
	struct itimerval it;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	lock_timers();
	it = read_itimer(timer_find(ITIMER_ID(which)));
	unlock_timers();
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

static int set_itimer(int which, u64 value, u64 interval, struct itimerval *old)
{
	static const int signals[] = { SIGALRM, SIGVTALRM, SIGPROF };
	struct k_itimer *k, *new = NULL;
	int err = value ? timers_start() : 0;

	if (err)
		return err;
	if (value) { /* perhaps one too many, which goes again */
		new = timer_alloc(clock_of(which), ITIMER_ID(which));
		if (!new)
			return -ENOMEM;
		new->sig = signals[which];
	}
	lock_timers();
	k = timer_find(ITIMER_ID(which));
	*old = read_itimer(k);
	if (!k && new) {
		k = new;
		list_add(&k->list, &current->signal->timers);
		new = NULL;
	}
	if (k)
		timer_set(k, value ? timer_now(k) + value : 0, interval);
	unlock_timers();
	kfree(new);
	return 0;
}

SYSCALL(sys_setitimer, int which, const struct itimerval __user *value,
	struct itimerval __user *ovalue)
{
	struct itimerval it = {}, old;
	u64 ns, interval;
	int err;

	if (value && copy_from_user(&it, value, sizeof(it)))
		return -EFAULT;
	if (timeval_to_ns(&it.it_value, &ns) ||
	    timeval_to_ns(&it.it_interval, &interval) || which < ITIMER_REAL ||
	    which > ITIMER_PROF)
		return -EINVAL;
	err = set_itimer(which, ns, interval, &old);
	if (err)
		return err;
	return ovalue && copy_to_user(ovalue, &old, sizeof(old)) ? -EFAULT : 0;
}
