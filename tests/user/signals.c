// SPDX-License-Identifier: MIT
/* Signals: delivery, masks, frames, restarts, stops, children. */
#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

static volatile sig_atomic_t got, count;
static siginfo_t got_info;

static void note(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	got = sig;
	count++;
	got_info = *info;
}

static void handle(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = note,
				.sa_flags = SA_SIGINFO | flags };

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

TEST(a_handler_runs_and_knows_who_sent_it)
{
	handle(SIGUSR1, 0);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(got, SIGUSR1);
	CHECK_EQ(got_info.si_code, SI_USER);
	CHECK_EQ(got_info.si_pid, getpid());
}

TEST(blocked_signals_wait)
{
	sigset_t set, pending;

	handle(SIGUSR1, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 0);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(count, 1);
}

TEST(realtime_signals_queue_with_their_values)
{
	union sigval v;
	sigset_t set;

	handle(SIGRTMIN, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 3; i++) {
		v.sival_int = i;
		CHECK_EQ(sigqueue(getpid(), SIGRTMIN, v), 0);
	}
	for (int i = 0; i < 3; i++) {
		siginfo_t info;

		CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
		CHECK_EQ(info.si_value.sival_int, i);
	}
}

/* Volatile itself, or the compiler knows where it points and drops the call. */
static volatile int *volatile nowhere;

static void touch_null(void)
{
	*nowhere = 1;
}

static void call_null(void)
{
	((void (*)(void))nowhere)();
}

static void undefined_instruction(void)
{
	__asm__ volatile(".inst 0x00000000");
}

static void breakpoint(void)
{
	__asm__ volatile("brk #0");
}

static void privileged(void)
{
	unsigned long x;

	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(x));
}

TEST(faults_kill_with_the_right_signal)
{
	CHECK_DIES(touch_null, SIGSEGV);
	CHECK_DIES(call_null, SIGSEGV);
	CHECK_DIES(undefined_instruction, SIGILL);
	CHECK_DIES(breakpoint, SIGTRAP);
	CHECK_DIES(privileged, SIGILL);
	CHECK_DIES(abort, SIGABRT);
}

static void ignore_and_fault(void)
{
	signal(SIGSEGV, SIG_IGN);
	touch_null();
}

TEST(an_ignored_fault_still_kills)
{
	CHECK_DIES(ignore_and_fault, SIGSEGV);
}

TEST(reads_restart_or_say_eintr)
{
	struct itimerval it = { .it_value.tv_usec = 20000 };
	int fds[2];
	char c;

	CHECK_EQ(pipe(fds), 0);
	handle(SIGALRM, 0);
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_ERR(read(fds[0], &c, 1), EINTR);
	CHECK_EQ(count, 1);

	handle(SIGALRM, SA_RESTART);
	setitimer(ITIMER_REAL, &it, NULL);
	if (!fork()) {
		usleep(80000);
		(void)!write(fds[1], "x", 1);
		_exit(0);
	}
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(count, 2);
	wait(NULL);
}

TEST(nanosleep_tells_what_is_left)
{
	struct itimerval it = { .it_value.tv_usec = 20000 };
	struct timespec want = { 5, 0 }, left = {};

	handle(SIGALRM, 0);
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_ERR(nanosleep(&want, &left), EINTR);
	CHECK_EQ(left.tv_sec, 4);
	CHECK(left.tv_nsec > 0);
}

static volatile double fp_keep;

static void clobber_fp(int sig)
{
	(void)sig;
	fp_keep = 1.0;
	for (int i = 0; i < 100; i++)
		fp_keep = fp_keep * 1.5 + 2.25;
	__asm__ volatile("movi v0.16b, #0xff\n movi v31.16b, #0xff\n"
			 "movi v8.16b, #0xff" ::
				 : "v0", "v8", "v31");
}

TEST(sigreturn_restores_every_register)
{
	uint64_t lo = 0, hi = 0, x20 = 0;

	signal(SIGUSR1, clobber_fp);
	__asm__ volatile("ldr	x1, =0x1122334455667788\n"
			 "fmov	d31, x1\n"
			 "fmov	v31.d[1], x1\n"
			 "mov	x20, #0x77\n"
			 "mov	x0, %3\n"
			 "mov	x1, #10\n"
			 "mov	x8, #129\n" /* kill(getpid(), SIGUSR1) */
			 "svc	#0\n"
			 "fmov	%0, d31\n"
			 "fmov	%1, v31.d[1]\n"
			 "mov	%2, x20\n"
			 : "=&r"(lo), "=&r"(hi), "=&r"(x20)
			 : "r"((long)getpid())
			 : "x0", "x1", "x8", "x20", "v31", "memory");
	CHECK_EQ(lo, 0x1122334455667788);
	CHECK_EQ(hi, 0x1122334455667788);
	CHECK_EQ(x20, 0x77);
}

static char *alt_lo, *alt_hi;
static volatile int on_alt;

static void where(int sig)
{
	char here;

	(void)sig;
	on_alt = &here >= alt_lo && &here < alt_hi;
}

TEST(sigaltstack_is_used)
{
	stack_t ss = { .ss_size = 65536 };
	struct sigaction sa = { .sa_handler = where, .sa_flags = SA_ONSTACK };

	alt_lo = ss.ss_sp = malloc(65536);
	alt_hi = alt_lo + 65536;
	CHECK_EQ(sigaltstack(&ss, NULL), 0);
	sigaction(SIGUSR2, &sa, NULL);
	kill(getpid(), SIGUSR2);
	CHECK_EQ(on_alt, 1);
}

TEST(a_pipe_without_reader_is_sigpipe)
{
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	close(fds[0]);
	handle(SIGPIPE, 0);
	CHECK_ERR(write(fds[1], "x", 1), EPIPE);
	CHECK_EQ(got, SIGPIPE);
}

TEST(sigchld_tells_how_the_child_ended)
{
	pid_t pid;
	int status;

	handle(SIGCHLD, SA_RESTART);
	pid = fork();
	if (!pid)
		_exit(33);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(got, SIGCHLD);
	CHECK_EQ(got_info.si_code, CLD_EXITED);
	CHECK_EQ(got_info.si_status, 33);
	CHECK_EQ(got_info.si_pid, pid);
	pid = fork();
	if (!pid)
		pause();
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, SIGKILL);
	CHECK_EQ(got_info.si_code, CLD_KILLED);
	CHECK_EQ(got_info.si_status, SIGKILL);
}

TEST(stop_and_continue_are_reported)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	CHECK_EQ(kill(pid, SIGSTOP), 0);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGCONT), 0);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, SIGKILL);
}

TEST(ignored_children_reap_themselves)
{
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 20; i++)
		if (!fork())
			_exit(0);
	CHECK_ERR(wait(NULL), ECHILD);
}

TEST(a_group_gets_its_signal)
{
	pid_t leader = fork(), second;
	int status;

	if (!leader) {
		setpgid(0, 0);
		pause();
	}
	setpgid(leader, leader);
	second = fork();
	if (!second) {
		setpgid(0, leader);
		pause();
	}
	setpgid(second, leader);
	usleep(10000);
	CHECK_EQ(kill(-leader, SIGTERM), 0);
	CHECK_EQ(waitpid(leader, &status, 0), leader);
	CHECK_EQ(status, SIGTERM);
	CHECK_EQ(waitpid(second, &status, 0), second);
	CHECK_EQ(status, SIGTERM);
	CHECK_ERR(kill(-leader, 0), ESRCH);
}

TEST(misuse_is_refused)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	CHECK_ERR(kill(getpid(), 99), EINVAL);
	CHECK_ERR(kill(31999, 0), ESRCH);
	CHECK_ERR(syscall(SYS_rt_sigaction, 1, NULL, NULL, 4), EINVAL);
}

TEST(alarm_interrupts_a_loop)
{
	handle(SIGALRM, 0);
	alarm(1);
	while (!count)
		;
	CHECK_EQ(got, SIGALRM);
}

static void bad_frame(int sig)
{
	(void)sig;
	__asm__ volatile("mov x9, #0\n mov sp, x9\n mov x8, #139\n svc #0");
}

static void sigreturn_from_nowhere(void)
{
	signal(SIGUSR1, bad_frame);
	raise(SIGUSR1);
}

TEST(a_forged_frame_kills_only_its_maker)
{
	CHECK_DIES(sigreturn_from_nowhere, SIGSEGV);
}

/* A session of its own has no shell above it: the group is an orphan. */
static void stop_one_end_another(void)
{
	pid_t stopped, other;
	int status;

	CHECK(setsid() > 0);
	stopped = fork();
	if (!stopped) {
		raise(SIGSTOP);
		_exit(1);
	}
	CHECK_EQ(waitpid(stopped, &status, WUNTRACED), stopped);
	CHECK(WIFSTOPPED(status));
	other = fork();
	if (!other)
		_exit(0);
	CHECK_EQ(waitpid(other, &status, 0), other);
	CHECK_EQ(waitpid(stopped, &status, WNOHANG | WCONTINUED), 0);
	CHECK_EQ(kill(stopped, SIGKILL), 0);
	CHECK_EQ(waitpid(stopped, &status, 0), stopped);
	CHECK_EQ(status, SIGKILL);
}

TEST(an_orphaned_group_is_not_hung_up_again)
{
	CHECK_EXITS(stop_one_end_another, 0);
}

static void *end_at_once(void *arg)
{
	return arg;
}

TEST(threads_that_end_do_not_hold_up_a_stop)
{
	pid_t pid = fork();
	pthread_t t;
	int status;

	while (!pid) {
		pthread_create(&t, NULL, end_at_once, NULL);
		pthread_join(t, NULL);
	}
	alarm(20);
	for (int i = 0; i < 50; i++) {
		usleep(1000);
		CHECK_EQ(kill(pid, SIGSTOP), 0);
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		CHECK_EQ(kill(pid, SIGCONT), 0);
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(a_process_can_have_only_so_many_signals_queued)
{
	struct rlimit limit = { 10, 10 };
	union sigval value = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK(!setrlimit(RLIMIT_SIGPENDING, &limit));
	for (int i = 0; i < 10; i++)
		CHECK_EQ(sigqueue(getpid(), SIGRTMIN, value), 0);
	CHECK_ERR(sigqueue(getpid(), SIGRTMIN, value), EAGAIN);
	CHECK_EQ(sigwaitinfo(&set, NULL), SIGRTMIN);
	CHECK_EQ(sigqueue(getpid(), SIGRTMIN, value), 0);
}

TAP_MAIN(CASE(a_handler_runs_and_knows_who_sent_it), CASE(blocked_signals_wait),
	 CASE(realtime_signals_queue_with_their_values),
	 CASE(faults_kill_with_the_right_signal),
	 CASE(an_ignored_fault_still_kills), CASE(reads_restart_or_say_eintr),
	 CASE(nanosleep_tells_what_is_left),
	 CASE(sigreturn_restores_every_register), CASE(sigaltstack_is_used),
	 CASE(a_pipe_without_reader_is_sigpipe),
	 CASE(sigchld_tells_how_the_child_ended),
	 CASE(stop_and_continue_are_reported),
	 CASE(ignored_children_reap_themselves), CASE(a_group_gets_its_signal),
	 CASE(misuse_is_refused), CASE(alarm_interrupts_a_loop),
	 CASE(a_forged_frame_kills_only_its_maker),
	 CASE(an_orphaned_group_is_not_hung_up_again),
	 CASE(threads_that_end_do_not_hold_up_a_stop),
	 CASE(a_process_can_have_only_so_many_signals_queued))
