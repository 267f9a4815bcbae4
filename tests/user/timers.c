// SPDX-License-Identifier: MIT
/* Timers of a process: setitimer, timer_create, CPU clocks, RLIMIT_CPU. */
#include "tap.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static volatile int hits, last_tid;
static volatile siginfo_t last;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	memcpy((void *)&last, info, sizeof(last));
	last_tid = (int)syscall(SYS_gettid);
	hits++;
}

static void catch (int sig)
{
	struct sigaction sa = { .sa_sigaction = handler,
				.sa_flags = SA_SIGINFO | SA_RESTART };

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

static long cpu_ms(clockid_t clock)
{
	struct timespec ts;

	CHECK_EQ(clock_gettime(clock, &ts), 0);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct itimerval every(long usec)
{
	return (struct itimerval){ { 0, usec }, { 0, usec } };
}

TEST(real_interval)
{
	struct itimerval it = every(5000), old;

	catch (SIGALRM);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	while (hits < 3)
		pause();
	CHECK_EQ(last.si_code, SI_KERNEL);
	CHECK_EQ(getitimer(ITIMER_REAL, &old), 0);
	CHECK_EQ(old.it_interval.tv_usec, 5000);
	it = every(0);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, &old), 0);
	CHECK(old.it_value.tv_usec > 0);
	CHECK_EQ(getitimer(ITIMER_REAL, &old), 0);
	CHECK_EQ(old.it_value.tv_usec, 0);
	CHECK_EQ(alarm(10), 0);
	CHECK_EQ(alarm(0), 10);
	CHECK_ERR(setitimer(3, &it, NULL), EINVAL);
	it.it_value.tv_usec = 1000000;
	CHECK_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
}

static void cpu_timer(int which, int sig)
{
	struct itimerval it = every(20000), old;
	long before = cpu_ms(CLOCK_PROCESS_CPUTIME_ID), used;

	catch (sig);
	CHECK_EQ(setitimer(which, &it, NULL), 0);
	usleep(60000); /* no CPU time passes */
	CHECK_EQ(hits, 0);
	CHECK_EQ(getitimer(which, &old), 0);
	CHECK(old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 24000);
	while (hits < 3)
		;
	used = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - before;
	CHECK(used >= 50 && used < 1000);
	it = every(0);
	CHECK_EQ(setitimer(which, &it, &old), 0);
	CHECK_EQ(old.it_interval.tv_usec, 20000);
}

TEST(virtual_interval)
{
	cpu_timer(ITIMER_VIRTUAL, SIGVTALRM);
}

TEST(profiling_interval)
{
	cpu_timer(ITIMER_PROF, SIGPROF);
}

static void *spin(void *arg)
{
	long end = cpu_ms(CLOCK_THREAD_CPUTIME_ID) + 40;

	while (cpu_ms(CLOCK_THREAD_CPUTIME_ID) < end)
		;
	return arg;
}

TEST(all_threads_count)
{
	struct itimerval it = { .it_value.tv_usec = 60000 };
	pthread_t t[3];

	catch (SIGPROF);
	CHECK_EQ(setitimer(ITIMER_PROF, &it, NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, spin, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(hits, 1);
}

static timer_t make(clockid_t clock, int notify, int sig)
{
	struct sigevent ev = { .sigev_notify = notify,
			       .sigev_signo = sig,
			       .sigev_value.sival_int = 42 };
	timer_t t;

	CHECK_EQ(timer_create(clock, &ev, &t), 0);
	return t;
}

static struct itimerspec ms(long value, long interval)
{
	return (struct itimerspec){
		{ interval / 1000, interval % 1000 * 1000000 },
		{ value / 1000, value % 1000 * 1000000 },
	};
}

TEST(posix_timer_tells)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 1);
	struct itimerspec its = ms(10, 10), old;

	catch (SIGRTMIN + 1);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	while (hits < 2)
		pause();
	CHECK_EQ(last.si_code, SI_TIMER);
	CHECK_EQ(last.si_value.sival_int, 42);
	CHECK_EQ(timer_gettime(t, &old), 0);
	CHECK_EQ(old.it_interval.tv_nsec, 10000000);
	CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 10000000);
	its = ms(0, 0);
	CHECK_EQ(timer_settime(t, 0, &its, &old), 0);
	CHECK_EQ(old.it_interval.tv_nsec, 10000000);
	CHECK_EQ(timer_gettime(t, &old), 0);
	CHECK_EQ(old.it_value.tv_nsec, 0);
	CHECK_EQ(timer_delete(t), 0);
}

TEST(overruns_are_counted)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
	struct itimerspec its = ms(10, 10);
	sigset_t set;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	usleep(95000);
	CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	CHECK(info.si_overrun >= 5 && info.si_overrun < 1000);
	CHECK_EQ(timer_getoverrun(t), info.si_overrun);
	CHECK_EQ(timer_delete(t), 0);
}

/* => ticks of 10 ms that the machine has spent in the kernel */
static long kernel_ticks(void)
{
	FILE *f = fopen("/proc/stat", "r");
	long n = -1;

	CHECK(f && fscanf(f, "cpu %*d %*d %ld", &n) == 1);
	fclose(f);
	return n;
}

/* A period that nobody could follow: the machine goes on meanwhile. */
TEST(a_nanosecond_is_a_period)
{
	timer_t t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
	struct itimerspec its = { { 0, 1 }, { 0, 1 } };
	sigset_t set;
	siginfo_t info;
	long before;

	for (int i = 0; i < 2; i++) { /* blocked, then ignored */
		signal(SIGUSR1, i ? SIG_IGN : SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(i ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
		before = kernel_ticks();
		CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
		usleep(500000);
		CHECK(kernel_ticks() - before < 25);
		if (i)
			continue;
		CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
		CHECK(info.si_overrun > 100000000);
	}
	CHECK_EQ(timer_delete(t), 0);
}

/* Timers are counted as signals that may come to wait. */
TEST(timers_have_a_limit)
{
	struct rlimit r = { 50, 50 };
	timer_t first, t;
	int n = 0;

	CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &r), 0);
	CHECK_EQ(timer_create(CLOCK_MONOTONIC, NULL, &first), 0);
	while (n < 100 && !timer_create(CLOCK_MONOTONIC, NULL, &t))
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK(n < 50 && n > 30);
	CHECK_EQ(timer_delete(first), 0);
	CHECK_EQ(timer_create(CLOCK_MONOTONIC, NULL, &t), 0);
}

TEST(absolute_and_silent)
{
	timer_t t = make(CLOCK_REALTIME, SIGEV_NONE, 0);
	struct itimerspec its = {}, old;

	clock_gettime(CLOCK_REALTIME, &its.it_value);
	its.it_value.tv_sec += 100;
	CHECK_EQ(timer_settime(t, TIMER_ABSTIME, &its, NULL), 0);
	CHECK_EQ(timer_gettime(t, &old), 0);
	CHECK(old.it_value.tv_sec >= 98 && old.it_value.tv_sec <= 100);
	CHECK_EQ(timer_delete(t), 0);
}

static void *waiter(void *arg)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID,
			       .sigev_signo = SIGUSR2 };
	struct itimerspec its = ms(10, 0);
	timer_t t;

	ev._sigev_un._tid = (int)syscall(SYS_gettid);
	CHECK_EQ(timer_create(CLOCK_MONOTONIC, &ev, &t), 0);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	while (!hits)
		usleep(1000);
	CHECK_EQ(last_tid, syscall(SYS_gettid));
	return arg;
}

TEST(one_thread_is_told)
{
	pthread_t t;

	catch (SIGUSR2);
	pthread_create(&t, NULL, waiter, NULL);
	pthread_join(t, NULL);
	CHECK_EQ(hits, 1);
}

TEST(timers_on_cpu_clocks)
{
	timer_t p = make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1);
	timer_t t = make(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1);
	struct itimerspec its = ms(30, 0), old;

	catch (SIGUSR1);
	CHECK_EQ(timer_settime(p, 0, &its, NULL), 0);
	usleep(50000);
	CHECK_EQ(hits, 0);
	while (!hits)
		;
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	CHECK_EQ(timer_gettime(t, &old), 0);
	CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 30000000);
	while (hits < 2)
		;
	CHECK_EQ(last.si_code, SI_TIMER);
}

TEST(posix_timer_misuse)
{
	struct itimerspec its = ms(10, 0);
	struct sigevent ev = { .sigev_notify = 9, .sigev_signo = 1 };
	timer_t t;
	pid_t pid;
	int status;

	CHECK_ERR(timer_create(77, NULL, &t), EINVAL);
	CHECK_ERR(timer_create(CLOCK_MONOTONIC, &ev, &t), EINVAL);
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = 65;
	CHECK_ERR(timer_create(CLOCK_MONOTONIC, &ev, &t), EINVAL);
	CHECK_ERR(syscall(SYS_timer_settime, 99, 0, &its, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_timer_gettime, -1, &its), EINVAL);
	CHECK_ERR(syscall(SYS_timer_getoverrun, 99), EINVAL);
	CHECK_ERR(syscall(SYS_timer_delete, 99), EINVAL);
	t = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGTERM);
	its.it_value.tv_nsec = 1000000000;
	CHECK_ERR(timer_settime(t, 0, &its, NULL), EINVAL);
	its = ms(20, 0);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	pid = fork();
	if (!pid) { /* a child has none of them */
		CHECK_ERR(syscall(SYS_timer_delete, t), EINVAL);
		_exit(0);
	}
	CHECK_EQ(timer_delete(t), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	usleep(40000); /* SIGTERM does not come */
}

static void *burn(void *arg)
{
	volatile int *stop = arg;

	while (!*stop)
		;
	return NULL;
}

TEST(sleep_until_the_process_has_worked)
{
	long before = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	struct timespec ts = { .tv_nsec = 50000000 };
	static volatile int stop;
	pthread_t t;

	pthread_create(&t, NULL, burn, (void *)&stop);
	CHECK_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &ts, NULL), 0);
	CHECK(cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - before >= 49);
	stop = 1;
	pthread_join(t, NULL);
	CHECK_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL),
		 EINVAL);
}

static void too_long(void)
{
	struct rlimit r = { 1, 2 };

	CHECK_EQ(setrlimit(RLIMIT_CPU, &r), 0);
	for (;;)
		;
}

static void too_long_and_deaf(void)
{
	catch (SIGXCPU);
	too_long();
}

TEST(cpu_limit)
{
	CHECK_DIES(too_long, SIGXCPU);
	CHECK_DIES(too_long_and_deaf, SIGKILL);
}

TAP_MAIN(CASE(real_interval), CASE(virtual_interval), CASE(profiling_interval),
	 CASE(all_threads_count), CASE(posix_timer_tells),
	 CASE(overruns_are_counted), CASE(a_nanosecond_is_a_period),
	 CASE(timers_have_a_limit), CASE(absolute_and_silent),
	 CASE(one_thread_is_told), CASE(timers_on_cpu_clocks),
	 CASE(posix_timer_misuse), CASE(sleep_until_the_process_has_worked),
	 CASE(cpu_limit))
