/* SPDX-License-Identifier: MIT */
/*
 * What a C library other than glibc asks of the kernel: its malloc works with
 * brk and mmap, its threads with a clone and locks of their own.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn, laps;
static __thread int mine;

static void *runner(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&cond, &lock);
		turn = (turn + 1) % 4;
		laps++;
		mine++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return (void *)(long)mine;
}

static void threads(void)
{
	pthread_t t[4];
	long sum = 0;

	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, runner, (void *)i);
	for (int i = 0; i < 4; i++) {
		void *r;

		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("threads: %d laps, %ld own, %d main\n", laps, sum, mine);
}

static void heap(void)
{
	enum { N = 5000 };
	static char *p[N];
	unsigned long sum = 0;

	for (int i = 0; i < N; i++) {
		size_t len = 1 + (size_t)i * 37 % 9000;

		p[i] = malloc(len);
		memset(p[i], i, len);
	}
	for (int i = 0; i < N; i += 2)
		p[i] = realloc(p[i], 20000);
	for (int i = 0; i < N; i++) {
		sum += (unsigned char)p[i][0];
		free(p[i]);
	}
	printf("heap: %lu\n", sum);
	errno = 0;
	p[0] = malloc((size_t)1 << 50);
	printf("too much: %s, %s\n", p[0] ? "given" : "refused",
	       strerror(errno));
}

static volatile sig_atomic_t signalled;

static void on_signal(int sig)
{
	signalled = sig;
}

static void signals(void)
{
	struct timespec ts = { .tv_nsec = 20000000 };

	signal(SIGALRM, on_signal);
	raise(SIGALRM);
	printf("signal: %d\n", (int)signalled);
	printf("sleep: %d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL));
}

static void processes(void)
{
	char *argv[] = { "sh", "-c", "echo spawned; exit 6", NULL };
	extern char **environ;
	int status, pipes[2];
	char buf[16];
	pid_t pid;

	posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	waitpid(pid, &status, 0);
	printf("spawn: %d\n", WEXITSTATUS(status));
	pipe(pipes);
	pid = fork();
	if (!pid) {
		write(pipes[1], "from child", 11);
		_exit(0);
	}
	read(pipes[0], buf, sizeof(buf));
	waitpid(pid, &status, 0);
	printf("fork: %s %d\n", buf, status);
	printf("posix_spawn of nothing: %s\n",
	       strerror(posix_spawn(&pid, "/none", NULL, NULL, argv, environ)));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("%d %s page %ld cpus %ld entry %d\n", argc, argv[1],
	       sysconf(_SC_PAGESIZE), sysconf(_SC_NPROCESSORS_ONLN),
	       getauxval(AT_PHNUM) > 4);
	heap();
	threads();
	signals();
	processes();
	printf("env: %s\n", getenv("HOME"));
	return 42;
}
