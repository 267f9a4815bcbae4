/* SPDX-License-Identifier: MIT */
/* Clocks and times of the user ABI; the kernel and the vDSO speak it. */
#ifndef _UAPI_TIME_H
#define _UAPI_TIME_H

#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_MONOTONIC_RAW	 4
#define CLOCK_REALTIME_COARSE	 5
#define CLOCK_MONOTONIC_COARSE	 6
#define CLOCK_BOOTTIME		 7
#define CLOCK_REALTIME_ALARM	 8
#define CLOCK_BOOTTIME_ALARM	 9
#define CLOCK_TAI		 11
#define TIMER_ABSTIME		 1

struct timespec {
	long long tv_sec;
	long long tv_nsec;
};

struct timeval {
	long long tv_sec;
	long long tv_usec;
};

struct timezone {
	int tz_minuteswest;
	int tz_dsttime;
};

#endif
