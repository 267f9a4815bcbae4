// SPDX-License-Identifier: MIT
/*
 * What a process has used, which CPU it may use, and what it may ask to be:
 * getrusage, times, wait4, sched_*, priorities, prctl. As on Linux 6.1.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define FAILS(call, err)                \
	do {                            \
		CHECK_EQ((call), -1);   \
		CHECK_EQ(errno, (err)); \
	} while (0)

static long us(const struct timeval *t)
{
	return t->tv_sec * 1000000 + t->tv_usec;
}

static void spin(long ms)
{
	struct timespec now;
	long end;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < end);
}

/* --- usage --- */

TEST(getrusage_counts_time_and_faults)
{
	struct rusage a, b;
	char *p;

	CHECK(!getrusage(RUSAGE_SELF, &a));
	spin(30);
	p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK(!madvise(p, 64 * 4096, MADV_NOHUGEPAGE));
	for (int i = 0; i < 64; i++)
		p[i * 4096] = 1;
	CHECK(!getrusage(RUSAGE_SELF, &b));
	CHECK(us(&b.ru_utime) + us(&b.ru_stime) - us(&a.ru_utime) -
		      us(&a.ru_stime) >=
	      25000);
	CHECK(b.ru_minflt - a.ru_minflt >= 64);
	CHECK(b.ru_minflt - a.ru_minflt < 80);
	CHECK_EQ(b.ru_majflt, a.ru_majflt);
	CHECK(b.ru_maxrss >= 64 * 4);
}

TEST(children_are_added_when_waited_for)
{
	struct rusage before, after, own;
	struct tms t;
	int status;
	pid_t pid;

	CHECK(!getrusage(RUSAGE_CHILDREN, &before));
	pid = fork();
	if (!pid) {
		spin(40);
		_exit(0);
	}
	CHECK_EQ(wait4(pid, &status, 0, &own), pid);
	CHECK(!getrusage(RUSAGE_CHILDREN, &after));
	CHECK(us(&own.ru_utime) + us(&own.ru_stime) >= 35000);
	CHECK(us(&after.ru_utime) + us(&after.ru_stime) - us(&before.ru_utime) -
		      us(&before.ru_stime) >=
	      35000);
	CHECK_EQ(after.ru_minflt - before.ru_minflt, own.ru_minflt);
	CHECK(times(&t) != (clock_t)-1);
	CHECK(t.tms_cutime + t.tms_cstime >= 3);
}

/* A shell that waits for its commands answers for them, too. */
TEST(grandchildren_are_in_what_wait4_says)
{
	struct rusage own;
	int status;
	pid_t pid = fork();

	if (!pid) {
		pid = fork();
		if (!pid) {
			spin(40);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		_exit(0);
	}
	CHECK_EQ(wait4(pid, &status, 0, &own), pid);
	CHECK(us(&own.ru_utime) + us(&own.ru_stime) >= 35000);
}

TEST(switches_are_counted)
{
	struct rusage a, b;

	CHECK(!getrusage(RUSAGE_THREAD, &a));
	for (int i = 0; i < 5; i++)
		usleep(1000);
	CHECK(!getrusage(RUSAGE_THREAD, &b));
	CHECK(b.ru_nvcsw - a.ru_nvcsw >= 5);
	FAILS(getrusage(7, &a), EINVAL);
	FAILS(syscall(SYS_getrusage, RUSAGE_SELF, 8), EFAULT);
}

/* --- CPUs --- */

TEST(affinity_binds)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int cpu, node;
	cpu_set_t set, got;

	for (long i = 0; i < n; i++) {
		CPU_ZERO(&set);
		CPU_SET(i, &set);
		CHECK(!sched_setaffinity(0, sizeof(set), &set));
		for (int k = 0; k < 50; k++) {
			CHECK(!getcpu(&cpu, &node));
			CHECK_EQ(cpu, i);
			CHECK_EQ(node, 0);
			sched_yield();
		}
		CHECK(!sched_getaffinity(0, sizeof(got), &got));
		CHECK(CPU_EQUAL(&set, &got));
	}
	CPU_ZERO(&set);
	FAILS(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	CPU_SET(999, &set);
	FAILS(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	FAILS(sched_setaffinity(999999, sizeof(set), &got), ESRCH);
	FAILS(syscall(SYS_sched_getaffinity, 0, 4, &got), EINVAL);
}

/* A child inherits it, and is kept to it by others. */
TEST(affinity_moves_a_running_process)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	volatile unsigned int *seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cpu_set_t set;
	pid_t pid = fork();
	int status;

	if (!pid)
		for (;;) {
			unsigned int cpu;

			getcpu(&cpu, NULL);
			*seen = cpu + 1;
		}
	CPU_ZERO(&set);
	CPU_SET(n - 1, &set);
	CHECK(!sched_setaffinity(pid, sizeof(set), &set));
	*seen = 0;
	usleep(20000);
	for (int i = 0; i < 20; i++) {
		while (!*seen)
			usleep(1000);
		CHECK_EQ(*seen, n);
		*seen = 0;
	}
	CHECK(!kill(pid, SIGKILL));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

/* --- policies and priorities --- */

TEST(policies_and_their_limits)
{
	struct sched_param param = { .sched_priority = 1 };
	struct timespec interval;

	CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	CHECK_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	FAILS(sched_get_priority_max(77), EINVAL);
	FAILS(sched_setscheduler(0, SCHED_OTHER, &param), EINVAL);
	param.sched_priority = 0;
	CHECK_EQ(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
	CHECK_EQ(sched_setscheduler(0, SCHED_OTHER, &param), 0);
	CHECK_EQ(sched_setparam(0, &param), 0);
	CHECK_EQ(sched_getparam(0, &param), 0);
	CHECK_EQ(param.sched_priority, 0);
	FAILS(sched_setscheduler(0, 77, &param), EINVAL);
	FAILS(sched_getscheduler(999999), ESRCH);
	FAILS(sched_getscheduler(-1), EINVAL);
	CHECK(!sched_rr_get_interval(0, &interval));
}

TEST(nice_values)
{
	errno = 0;
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
	CHECK(!setpriority(PRIO_PROCESS, 0, 5));
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_EQ(nice(100), 19);
	CHECK(!setpriority(PRIO_PROCESS, 0, -100));
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), -20);
	CHECK(!setpriority(PRIO_PGRP, 0, 3));
	CHECK_EQ(getpriority(PRIO_PGRP, 0), 3);
	FAILS(setpriority(9, 0, 0), EINVAL);
	FAILS(setpriority(PRIO_PROCESS, 999999, 0), ESRCH);
}

/* Another user's processes are not to be touched. */
TEST(others_need_permission)
{
	pid_t parent = getpid(), pid = fork();
	struct rlimit limit = { 5, 5 };
	cpu_set_t set;
	int status;

	if (!pid) {
		CHECK(!setresuid(1000, 1000, 1000));
		CPU_ZERO(&set);
		CPU_SET(0, &set);
		FAILS(sched_setaffinity(parent, sizeof(set), &set), EPERM);
		FAILS(setpriority(PRIO_PROCESS, (id_t)parent, 1), EPERM);
		FAILS(setpriority(PRIO_PROCESS, 0, -1), EACCES);
		FAILS(prlimit(parent, RLIMIT_CORE, &limit, NULL), EPERM);
		FAILS(kill(parent, SIGTERM), EPERM);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* --- prctl --- */

static int died;

static void on_signal(int sig)
{
	died = sig;
}

TEST(names_and_flags)
{
	char name[16] = "";

	CHECK(!prctl(PR_SET_NAME, "a-name-that-is-too-long"));
	CHECK(!prctl(PR_GET_NAME, name));
	CHECK(!strcmp(name, "a-name-that-is-"));
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
	CHECK(!prctl(PR_SET_DUMPABLE, 0));
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
	FAILS(prctl(PR_SET_DUMPABLE, 7), EINVAL);
	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	CHECK_EQ(prctl(PR_CAPBSET_READ, 0), 1);
	FAILS(prctl(PR_CAPBSET_READ, 500), EINVAL);
	FAILS(prctl(99999), EINVAL);
}

TEST(a_child_hears_of_its_parents_death)
{
	int ready[2], result[2], sig = 0;
	pid_t pid;
	char c;

	CHECK(!pipe(ready) && !pipe(result));
	pid = fork();
	if (!pid) {
		if (!fork()) {
			signal(SIGUSR2, on_signal);
			CHECK(!prctl(PR_SET_PDEATHSIG, SIGUSR2));
			CHECK(!prctl(PR_GET_PDEATHSIG, &sig));
			CHECK_EQ(sig, SIGUSR2);
			CHECK_EQ(write(ready[1], "r", 1), 1);
			while (!died)
				usleep(1000);
			CHECK_EQ(write(result[1], &died, sizeof(died)),
				 sizeof(died));
			_exit(0);
		}
		CHECK_EQ(read(ready[0], &c, 1), 1);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(read(result[0], &sig, sizeof(sig)), sizeof(sig));
	CHECK_EQ(sig, SIGUSR2);
}

TEST(a_subreaper_adopts)
{
	int got = 0, status;
	pid_t pid;

	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHECK(!prctl(PR_GET_CHILD_SUBREAPER, &got));
	CHECK_EQ(got, 1);
	pid = fork();
	if (!pid) {
		if (!fork()) {
			while (getppid() != 1 && usleep(1000) == 0 && !got)
				;
			usleep(30000);
			_exit(42);
		}
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(waitpid(-1, &status, 0) > 0);
	CHECK_EQ(WEXITSTATUS(status), 42);
	FAILS(waitpid(-1, &status, 0), ECHILD);
}

TAP_MAIN(CASE(getrusage_counts_time_and_faults),
	 CASE(children_are_added_when_waited_for),
	 CASE(grandchildren_are_in_what_wait4_says), CASE(switches_are_counted),
	 CASE(affinity_binds), CASE(affinity_moves_a_running_process),
	 CASE(policies_and_their_limits), CASE(nice_values),
	 CASE(others_need_permission), CASE(names_and_flags),
	 CASE(a_child_hears_of_its_parents_death), CASE(a_subreaper_adopts))
