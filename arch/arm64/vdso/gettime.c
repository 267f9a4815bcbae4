// SPDX-License-Identifier: MIT
/*
 * gettime.c - the time without a system call
 *
 * Runs in user mode, as part of the vDSO. The counter can be read there, and
 * the page before the object says what it means (asm/vdso.h). What is not a
 * line over the counter, CPU clocks for one, is left to the system call.
 */
#include <asm/arch_timer.h>
#include <asm/vdso.h>
#include <lib/compiler.h>
#include <uapi/errno.h>
#include <uapi/time.h>

#define NR_clock_gettime 113
#define NR_clock_getres	 114
#define NR_gettimeofday	 169
#define NSEC_PER_SEC	 1000000000ULL

int __kernel_clock_gettime(int clock, struct timespec *ts);
int __kernel_clock_getres(int clock, struct timespec *res);
int __kernel_gettimeofday(struct timeval *tv, struct timezone *tz);

/* The linker script puts it on the first page before the object. */
extern const struct vdso_data vdso_data __attribute__((visibility("hidden")));

static int system_call(long nr, long arg0, void *arg1)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = arg0;
	register void *x1 __asm__("x1") = arg1;

	__asm__ __volatile__("svc #0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
	return (int)x0;
}

static u64 monotonic_ns(void)
{
	return vdso_data_ns(&vdso_data, arch_timer_read_cntvct());
}

static u64 real_ns(void)
{
	return READ_ONCE(vdso_data.real_base) + monotonic_ns();
}

int __kernel_clock_gettime(int clock, struct timespec *ts)
{
	u64 ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		ns = real_ns();
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		ns = monotonic_ns();
		break;
	default:
		return system_call(NR_clock_gettime, clock, ts);
	}
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		ns -= ns % vdso_data.tick;
	ts->tv_sec = (long long)(ns / NSEC_PER_SEC);
	ts->tv_nsec = (long long)(ns % NSEC_PER_SEC);
	return 0;
}

int __kernel_clock_getres(int clock, struct timespec *res)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		if (res)
			*res = (struct timespec){ 0, 1 };
		return 0;
	default:
		return system_call(NR_clock_getres, clock, res);
	}
}

/* The kernel's time zone is nobody's business: the slow way for who asks. */
int __kernel_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	u64 ns;

	if (!tv || tz)
		return system_call(NR_gettimeofday, (long)tv, tz);
	ns = real_ns();
	tv->tv_sec = (long long)(ns / NSEC_PER_SEC);
	tv->tv_usec = (long long)(ns % NSEC_PER_SEC / 1000);
	return 0;
}
