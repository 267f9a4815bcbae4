/* SPDX-License-Identifier: MIT */
/*
 * Time as user space writes it. Inside the kernel it is nanoseconds in a
 * u64: of ktime_get_ns() (monotonic) or of ktime_get_real_ns() (since 1970).
 */
#ifndef PROC_TIME_H
#define PROC_TIME_H

#include <asm/uaccess.h>
#include <base/config.h>
#include <lib/types.h>
#include <uapi/time.h>

/* A CPU clock: ~id << 3 | per thread << 2 | kind; id 0: the caller's. */
#define CPUCLOCK_PID(clock)	  ((pid_t) ~((clock) >> 3))
#define CPUCLOCK_KIND(clock)	  ((clock)&3)
#define CPUCLOCK_PERTHREAD	  4
#define CPUCLOCK_PROF		  0		/* user and system */
#define CPUCLOCK_VIRT		  1		/* user */
#define CPUCLOCK_SCHED		  2		/* the scheduler's sum */
#define CPUCLOCK_OF_PROCESS(kind) (-8 | (kind)) /* the caller's */
#define CPUCLOCK_OF_THREAD(tid) \
	((int)(~(unsigned int)(tid) << 3) | CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED)

struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};

struct itimerspec {
	struct timespec it_interval;
	struct timespec it_value;
};

struct tms {
	s64 tms_utime, tms_stime; /* clock ticks */
	s64 tms_cutime, tms_cstime;
};

static inline bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}

/* => ns; S64_MAX for what is farther away than that (292 years) */
static inline u64 timespec_to_ns(const struct timespec *ts)
{
	if ((u64)ts->tv_sec >= (u64)S64_MAX / NSEC_PER_SEC)
		return S64_MAX;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}

static inline struct timespec ns_to_timespec(u64 ns)
{
	return (struct timespec){
		.tv_sec = (s64)(ns / NSEC_PER_SEC),
		.tv_nsec = (s64)(ns % NSEC_PER_SEC),
	};
}

static inline struct timeval ns_to_timeval(u64 ns)
{
	return (struct timeval){
		.tv_sec = (s64)(ns / NSEC_PER_SEC),
		.tv_usec = (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC),
	};
}

/* => clock ticks of 1/100 s, as /proc/PID/stat and times() count */
static inline u64 ns_to_clock_t(u64 ns)
{
	return ns / (NSEC_PER_SEC / USER_HZ);
}

/* => 0 and *ns; -EFAULT, -EINVAL (negative, or 10^9 ns and more) */
static inline int get_timespec_ns(const struct timespec __user *uts, u64 *ns)
{
	struct timespec ts;

	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*ns = timespec_to_ns(&ts);
	return 0;
}

/* => 0, -EFAULT */
static inline int put_timespec_ns(u64 ns, struct timespec __user *uts)
{
	struct timespec ts = ns_to_timespec(ns);

	return copy_to_user(uts, &ts, sizeof(ts)) ? -EFAULT : 0;
}

/* => 0 and both in ns; -EFAULT, -EINVAL */
static inline int get_itimerspec_ns(const struct itimerspec __user *uts,
				    u64 *interval, u64 *value)
{
	int err = get_timespec_ns(&uts->it_interval, interval);

	return err ? err : get_timespec_ns(&uts->it_value, value);
}

/* => 0, -EFAULT */
static inline int put_itimerspec_ns(u64 interval, u64 value,
				    struct itimerspec __user *uts)
{
	int err = put_timespec_ns(interval, &uts->it_interval);

	return err ? err : put_timespec_ns(value, &uts->it_value);
}

/* => 0 and the time of any clock, or -EINVAL */
int read_clock(int clock, u64 *ns);

#endif /* PROC_TIME_H */
