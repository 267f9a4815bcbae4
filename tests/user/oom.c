// SPDX-License-Identifier: MIT
/*
 * Out of memory: whatever takes too much ends, everything else goes on, and
 * afterwards all memory is back.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "tap.h"

#define MIB (1UL << 20)

/* => a value of /proc/meminfo in kB */
static long meminfo(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char name[64];
	long kb;

	CHECK(f);
	while (fscanf(f, "%63[^:]: %ld kB\n", name, &kb) == 2)
		if (!strcmp(name, key)) {
			fclose(f);
			return kb;
		}
	CHECK(!"meminfo has the key");
	return 0;
}

/* Give the dead a moment to be freed => MemFree came back near @before */
static int memory_is_back(long before)
{
	long slack = before / 20 + 1024, now = 0;

	for (int i = 0; i < 100; i++) {
		now = meminfo("MemFree");
		if (now > before - slack)
			return 1;
		usleep(20000);
	}
	printf("# MemFree was %ld kB, is %ld kB\n", before, now);
	return 0;
}

/* The test itself is the last to be killed. */
static void spare_me(int adj)
{
	FILE *f = fopen("/proc/self/oom_score_adj", "w");

	CHECK(f);
	CHECK(fprintf(f, "%d", adj) > 0);
	CHECK(!fclose(f));
}

static void take_everything(void)
{
	for (;;) {
		char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			usleep(1000);
		else
			memset(p, 1, MIB);
	}
}

static void unspared_hog(void)
{
	spare_me(0);
	take_everything();
}

static void *hog_thread(void *arg)
{
	take_everything();
	return arg;
}

static void reap_killed(int n)
{
	int status;

	for (int i = 0; i < n; i++) {
		CHECK(wait(&status) > 0);
		CHECK(WIFSIGNALED(status));
		CHECK_EQ(WTERMSIG(status), SIGKILL);
	}
}

TEST(one_hog_is_killed)
{
	long before = meminfo("MemFree");

	CHECK_DIES(unspared_hog, SIGKILL);
	CHECK(memory_is_back(before));
}

TEST(many_hogs_are_killed)
{
	long before = meminfo("MemFree");

	for (int i = 0; i < 8; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid)
			unspared_hog();
	}
	reap_killed(8);
	CHECK(memory_is_back(before));
}

TEST(a_hog_with_threads_is_killed)
{
	long before = meminfo("MemFree");
	pid_t pid = fork();
	pthread_t t;

	if (!pid) {
		spare_me(0);
		for (int i = 0; i < 4; i++)
			pthread_create(&t, NULL, hog_thread, NULL);
		pthread_exit(NULL); /* the leader is a zombie while they run */
	}
	reap_killed(1);
	CHECK(memory_is_back(before));
}

/*
 * Hogs that hold a pipe's mutex while they fault, and their peers want it.
 * All but the last of memory is taken before, to get there soon.
 */
static void pipe_hog(const int *fd, int writes, size_t share)
{
	char *p = mmap(NULL, share, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	spare_me(0);
	if (p != MAP_FAILED)
		memset(p, 1, share);
	p = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (size_t at = 0; p != MAP_FAILED && at < 64 * MIB; at += 65536)
		if (writes)
			(void)!write(fd[1], memset(p + at, 1, 65536), 65536);
		else
			(void)!read(fd[0], p + at, 65536);
	take_everything();
}

TEST(hogs_that_hold_locks_are_killed)
{
	long before = meminfo("MemFree");
	size_t share = ((size_t)before * 1024 - 8 * MIB) / 4;
	int fd[2];

	CHECK(!pipe2(fd, O_NONBLOCK)); /* peers may be dead */
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid)
			pipe_hog(fd, i & 1, share);
	}
	reap_killed(4);
	close(fd[0]);
	close(fd[1]);
	CHECK(memory_is_back(before));
}

TEST(two_hundred_processes_come_and_go)
{
	long before = meminfo("MemFree");
	int made = 0, status;

	setpgid(0, 0); /* for kill(0, ...) */
	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (!pid) {
			char *p = malloc(64 << 10);

			if (p)
				memset(p, 1, 64 << 10);
			pause();
		}
		if (pid < 0) {
			CHECK(errno == EAGAIN || errno == ENOMEM);
			break;
		}
		made++;
	}
	CHECK(made > 20);
	signal(SIGTERM, SIG_IGN);
	CHECK(!kill(0, SIGTERM));
	while (made--) {
		CHECK(wait(&status) > 0);
		CHECK(WIFSIGNALED(status));
	}
	CHECK(memory_is_back(before));
}

TEST(a_full_tmpfs_says_enospc)
{
	long before = meminfo("MemFree");
	static char buf[65536];
	ssize_t n;
	int fd = open("/tmp/oom-fill", O_CREAT | O_WRONLY, 0600);

	CHECK(fd >= 0);
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		;
	CHECK(n < 0);
	CHECK_EQ(errno, ENOSPC);
	CHECK(!close(fd));
	CHECK(!unlink("/tmp/oom-fill"));
	CHECK(memory_is_back(before));
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(one_hog_is_killed),
		CASE(many_hogs_are_killed),
		CASE(a_hog_with_threads_is_killed),
		CASE(hogs_that_hold_locks_are_killed),
		CASE(two_hundred_processes_come_and_go),
		CASE(a_full_tmpfs_says_enospc),
	};

	spare_me(-999);
	return tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
