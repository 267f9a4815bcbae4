/* SPDX-License-Identifier: MIT */
/*
 * The operations on processes: system calls, pipes, fork, exec; and those
 * beyond the list, which are shown but not part of the mean.
 */
#include "bench.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

static void null_call(long arg)
{
	const long n = times(10000);

	(void)arg;
	start();
	for (long i = 0; i < n; i++) {
		register long x8 asm("x8") = SYS_getppid;
		register long x0 asm("x0");

		asm volatile("svc #0" : "=r"(x0) : "r"(x8) : "memory");
	}
	stop(n);
}

/* One byte there, one byte back. */
static void pipe_round_trip(long arg)
{
	const long n = times(500);
	int there[2], back[2];
	char byte = 0;
	pid_t pid;

	(void)arg;
	if (pipe(there) || pipe(back) || (pid = fork()) < 0)
		fail("pipe");
	if (!pid) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	close(there[0]);
	for (long i = -5; i < n; i++) {
		if (!i)
			start();
		if (write(there[1], &byte, 1) != 1 ||
		    read(back[0], &byte, 1) != 1)
			fail("pipe");
	}
	stop(n);
	close(there[1]);
	close(back[0]);
	close(back[1]);
	waitpid(pid, NULL, 0);
}

static void fork_exit(long dirty)
{
	const long n = times(dirty ? 5 : 50);
	char *p = map_anon(dirty + PAGE);

	write_pages(p, dirty / (long)PAGE);
	fork_exit_wait();
	start();
	for (long i = 0; i < n; i++)
		fork_exit_wait();
	stop(n);
	unmap(p, dirty + PAGE);
}

static void vfork_exit(long arg)
{
	const long n = times(50);

	(void)arg;
	start();
	for (long i = 0; i < n; i++) {
		pid_t pid = vfork();

		if (!pid)
			_exit(0);
		if (waitpid(pid, NULL, 0) != pid)
			fail("vfork");
	}
	stop(n);
}

static void fork_exec(long arg)
{
	const long n = times(20);
	char self[256];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)arg;
	if (len < 0)
		fail("/proc/self/exe");
	self[len] = 0;
	start();
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			execl(self, "bench", "exit", NULL);
			_exit(127);
		}
		if (waitpid(pid, NULL, 0) != pid)
			fail("fork");
	}
	stop(n);
}

/* ---- beyond the list ----------------------------------------------------- */

static void maps_read(long arg)
{
	const long n = times(50);
	char text[8192];

	(void)arg;
	start();
	for (long i = 0; i < n; i++) {
		int fd = open("/proc/self/maps", O_RDONLY);

		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
	}
	stop(n);
}

static void open_close(long arg)
{
	const long n = times(500);

	(void)arg;
	start();
	for (long i = 0; i < n; i++)
		close(open("/proc", O_RDONLY));
	stop(n);
}

static int turn; /* futex: whose turn it is */

static void pass_on(int mine)
{
	while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL);
	__atomic_store_n(&turn, !mine, __ATOMIC_RELEASE);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

static void *other_thread(void *rounds)
{
	for (long i = 0; i < *(long *)rounds; i++)
		pass_on(1);
	return NULL;
}

static void futex_round_trip(long arg)
{
	long n = times(500);
	pthread_t thread;

	(void)arg;
	turn = 0;
	if (pthread_create(&thread, NULL, other_thread, &n))
		fail("pthread_create");
	start();
	for (long i = 0; i < n; i++)
		pass_on(0);
	pthread_join(thread, NULL);
	stop(n);
}

static void *no_thread(void *arg)
{
	return arg;
}

static void thread_create(long arg)
{
	const long n = times(50);

	(void)arg;
	start();
	for (long i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, no_thread, NULL))
			fail("pthread_create");
		pthread_join(thread, NULL);
	}
	stop(n);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void signal_round_trip(long arg)
{
	const long n = times(500);

	(void)arg;
	signal(SIGUSR1, on_signal);
	start();
	for (long i = 0; i < n; i++)
		raise(SIGUSR1);
	stop(n);
	signal(SIGUSR1, SIG_DFL);
}

const struct operation process_operations[] = {
	{ "getppid", null_call, 0 },
	{ "pipe", pipe_round_trip, 0 },
	{ "fork", fork_exit, 0 },
	{ "vfork", vfork_exit, 0 },
	{ "fork_16m", fork_exit, 16 * (long)MIB },
	{ "exec", fork_exec, 0 },
	{ "maps_read", maps_read, 0 },
	{ "open_close", open_close, 0 },
	{ "futex", futex_round_trip, 0 },
	{ "thread", thread_create, 0 },
	{ "signal", signal_round_trip, 0 },
	{ NULL, NULL, 0 },
};
