// SPDX-License-Identifier: MIT
/*
 * The system calls of time: clocks, sleeping, and the accounts of CPU time.
 *
 * A relative sleep that a signal interrupts without running a handler (stop
 * and continue) goes on to its old end: the end is kept in proc_task and
 * restart_syscall(2) sleeps the rest. An absolute one is simply called again.
 */
#include <asm/uaccess.h>
#include <base/clock.h>
#include <base/config.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vm/mm.h>
#include <proc/itimer.h>
#include <proc/process.h>
#include <proc/rusage.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/sched.h>

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD	1

static struct timezone sys_tz; /* kept for who asks; no lock */

/* --- CPU time --- */

/* tasklist_lock held => the group's, exited threads included */
static void group_cputime(struct task_struct *leader, u64 *utime, u64 *stime)
{
	struct task_struct *t = leader;

	*utime = leader->signal->dead.utime;
	*stime = leader->signal->dead.stime;
	do {
		u64 ut, st;

		task_cputime(t, &ut, &st);
		*utime += ut;
		*stime += st;
	}
	while_each_thread(leader, t);
}

/* tasklist_lock held */
static u64 cpu_clock_of(struct task_struct *t, bool thread, int kind)
{
	u64 utime, stime;

	if (thread)
		task_cputime(t, &utime, &stime);
	else
		group_cputime(t->group_leader, &utime, &stime);
	return kind == CPUCLOCK_VIRT ? utime : utime + stime;
}

int cpu_clock_now(int clock, u64 *ns)
{
	bool thread = clock & CPUCLOCK_PERTHREAD;
	int kind = CPUCLOCK_KIND(clock);
	pid_t pid = CPUCLOCK_PID(clock);
	struct task_struct *t = current;

	lockdep_assert_held(&tasklist_lock);
	if (kind > CPUCLOCK_SCHED || pid < 0)
		return -EINVAL;
	if (pid)
		t = find_task_by_pid(pid);
	if (!t || !t->signal ||
	    (thread ? t->tgid != current->tgid :
		      pid && !thread_group_leader(t)))
		return -EINVAL;
	*ns = cpu_clock_of(t, thread, kind);
	return 0;
}

/* => 0 and the time; -EINVAL: no such process, or not for the caller */
static int read_cpu_clock(int clock, u64 *ns)
{
	guard(spinlock)(&tasklist_lock);
	return cpu_clock_now(clock, ns);
}

/* --- reading clocks --- */

/* => 0, -EINVAL: no such clock */
int read_clock(int clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*ns = ktime_get_real_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = ktime_get_ns();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*ns = ktime_get_real_ns();
		*ns -= *ns % TICK_NSEC;
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ns = ktime_get_ns();
		*ns -= *ns % TICK_NSEC;
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return read_cpu_clock(CPUCLOCK_OF_PROCESS(CPUCLOCK_SCHED), ns);
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = task_sched_runtime(current);
		return 0;
	default:
		return clock < 0 ? read_cpu_clock(clock, ns) : -EINVAL;
	}
}

SYSCALL(sys_clock_gettime, int clock, struct timespec __user *tp)
{
	u64 ns;
	int err = read_clock(clock, &ns);

	return err ? err : put_timespec_ns(ns, tp);
}

SYSCALL(sys_clock_getres, int clock, struct timespec __user *tp)
{
	bool coarse = clock < 0 ? CPUCLOCK_KIND(clock) != CPUCLOCK_SCHED :
				  clock == CLOCK_REALTIME_COARSE ||
					  clock == CLOCK_MONOTONIC_COARSE;
	u64 ns;
	int err = read_clock(clock, &ns);

	if (err || !tp)
		return err;
	return put_timespec_ns(coarse ? TICK_NSEC : 1, tp);
}

static int set_real_time(u64 ns)
{
	if (current_cred()->euid)
		return -EPERM;
	/* the wall clock must not be before the machine was switched on */
	if (ns < ktime_get_ns())
		return -EINVAL;
	ktime_set_real_ns(ns);
	return 0;
}

SYSCALL(sys_clock_settime, int clock, const struct timespec __user *tp)
{
	u64 ns;
	int err;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	err = get_timespec_ns(tp, &ns);
	return err ? err : set_real_time(ns);
}

SYSCALL(sys_gettimeofday, struct timeval __user *tv, void __user *tz)
{
	struct timeval now = ns_to_timeval(ktime_get_real_ns());

	if (tv && copy_to_user(tv, &now, sizeof(now)))
		return -EFAULT;
	if (tz && copy_to_user(tz, &sys_tz, sizeof(sys_tz)))
		return -EFAULT;
	return 0;
}

SYSCALL(sys_settimeofday, const struct timeval __user *utv,
	const void __user *utz)
{
	struct timezone tz;
	struct timeval tv;

	if (utv && copy_from_user(&tv, utv, sizeof(tv)))
		return -EFAULT;
	if (utv && (tv.tv_sec < 0 || (u64)tv.tv_usec >= USEC_PER_SEC))
		return -EINVAL;
	if (utz && copy_from_user(&tz, utz, sizeof(tz)))
		return -EFAULT;
	if (current_cred()->euid)
		return -EPERM;
	if (utz) {
		if (tz.tz_minuteswest > 15 * 60 || tz.tz_minuteswest < -15 * 60)
			return -EINVAL;
		sys_tz = tz;
	}
	if (utv) {
		struct timespec ts = {
			.tv_sec = tv.tv_sec,
			.tv_nsec = tv.tv_usec * (s64)NSEC_PER_USEC,
		};

		return set_real_time(timespec_to_ns(&ts));
	}
	return 0;
}

/* --- sleeping --- */

static u64 sleep_clock_now(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM ||
			       clock == CLOCK_TAI ?
		       ktime_get_real_ns() :
		       ktime_get_ns();
}

/* => 0 when the clock has reached @until; -EINTR */
static int sleep_until(int clock, u64 until)
{
	for (;;) {
		u64 now = sleep_clock_now(clock);

		if (now >= until)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		schedule_timeout_interruptible_ns(until - now);
	}
}

/* Sleep to the end that proc_task holds (monotonic). */
static long sleep_restartable(void)
{
	struct proc_task *pt = current->proc;
	struct timespec __user *rmtp;
	u64 now, left;

	if (!sleep_until(CLOCK_MONOTONIC, pt->restart_until)) {
		pt->restart_until = 0;
		return 0;
	}
	now = ktime_get_ns();
	left = pt->restart_until > now ? pt->restart_until - now : 0;
	rmtp = (struct timespec __user *)(unsigned long)pt->restart_rmtp;
	if (rmtp && put_timespec_ns(left, rmtp))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

SYSCALL(sys_restart_syscall, void)
{
	return current->proc->restart_until ? sleep_restartable() : -EINTR;
}

static long sleep_relative(u64 ns, struct timespec __user *rmtp)
{
	struct proc_task *pt = current->proc;

	if (!ns)
		return 0;
	pt->restart_clock = CLOCK_MONOTONIC;
	pt->restart_until = min(ktime_get_ns() + ns, (u64)S64_MAX);
	pt->restart_rmtp = (unsigned long)rmtp;
	return sleep_restartable();
}

/* => 0, -EINVAL: no clock, -EOPNOTSUPP: one that nobody can wait for */
static int check_sleep_clock(int clock)
{
	u64 ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
		return 0;
	default:
		return read_clock(clock, &ns) ? -EINVAL :
		       clock < 0	      ? 0 :
						-EOPNOTSUPP;
	}
}

SYSCALL(sys_clock_nanosleep, int clock, int flags,
	const struct timespec __user *rqtp, struct timespec __user *rmtp)
{
	int err = check_sleep_clock(clock);
	u64 ns;

	if (!err)
		err = get_timespec_ns(rqtp, &ns);
	if (err)
		return err;
	if (clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID)
		return cpu_clock_sleep(clock, flags & TIMER_ABSTIME, ns, rmtp);
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(ns, rmtp);
	return sleep_until(clock, ns) ? -ERESTARTNOHAND : 0;
}

SYSCALL(sys_nanosleep, const struct timespec __user *rqtp,
	struct timespec __user *rmtp)
{
	u64 ns;
	int err = get_timespec_ns(rqtp, &ns);

	return err ? err : sleep_relative(ns, rmtp);
}

/* --- accounts --- */

void usage_to_rusage(const struct usage_sums *sums, struct rusage *ru)
{
	memset(ru, 0, sizeof(*ru));
	ru->ru_utime = ns_to_timeval(sums->utime);
	ru->ru_stime = ns_to_timeval(sums->stime);
	ru->ru_maxrss = (s64)(sums->maxrss << (PAGE_SHIFT - 10));
	ru->ru_minflt = (s64)sums->min_flt;
	ru->ru_majflt = (s64)sums->maj_flt;
	ru->ru_nvcsw = (s64)sums->nvcsw;
	ru->ru_nivcsw = (s64)sums->nivcsw;
}

void thread_sums(struct task_struct *t, struct usage_sums *sums)
{
	*sums = (struct usage_sums){
		.min_flt = t->min_flt,
		.maj_flt = t->maj_flt,
		.nvcsw = t->nvcsw,
		.nivcsw = t->nivcsw,
	};
	task_cputime(t, &sums->utime, &sums->stime);
}

void group_sums(struct task_struct *leader, struct usage_sums *sums)
{
	task_sums(leader, sums);
	group_cputime(leader, &sums->utime, &sums->stime);
}

static void own_sums(struct usage_sums *sums)
{
	guard(spinlock)(&tasklist_lock);
	group_sums(current->group_leader, sums);
}

static void children_sums(struct usage_sums *sums)
{
	guard(spinlock_irq)(&current->sighand->siglock);
	*sums = current->signal->children;
}

SYSCALL(sys_getrusage, int who, struct rusage __user *uru)
{
	struct usage_sums sums;
	struct rusage ru;

	switch (who) {
	case RUSAGE_SELF:
		own_sums(&sums);
		break;
	case RUSAGE_CHILDREN:
		children_sums(&sums);
		break;
	case RUSAGE_THREAD:
		thread_sums(current, &sums);
		break;
	default:
		return -EINVAL;
	}
	if (who != RUSAGE_CHILDREN && current->mm) {
		struct mm_sizes sizes;

		mm_get_sizes(current->mm, &sizes);
		sums.maxrss = max(sums.maxrss, sizes.peak_rss);
	}
	usage_to_rusage(&sums, &ru);
	return copy_to_user(uru, &ru, sizeof(ru)) ? -EFAULT : 0;
}

SYSCALL(sys_times, struct tms __user *utms)
{
	struct usage_sums self, children;

	if (utms) {
		struct tms tms;

		own_sums(&self);
		children_sums(&children);
		tms = (struct tms){
			.tms_utime = (s64)ns_to_clock_t(self.utime),
			.tms_stime = (s64)ns_to_clock_t(self.stime),
			.tms_cutime = (s64)ns_to_clock_t(children.utime),
			.tms_cstime = (s64)ns_to_clock_t(children.stime),
		};
		if (copy_to_user(utms, &tms, sizeof(tms)))
			return -EFAULT;
	}
	return (long)ns_to_clock_t(ktime_get_ns());
}
