// SPDX-License-Identifier: MIT
/*
 * Out of memory: whatever takes too much ends, everything else goes on, and
 * afterwards all memory is back. And the two dials that say who it will be.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

static int open_dial(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	return fd;
}

/* => 0 or errno */
static int turn(int fd, const char *to)
{
	return pwrite(fd, to, strlen(to), 0) < 0 ? errno : 0;
}

static int dial(int fd)
{
	char buf[16] = "";

	CHECK(pread(fd, buf, sizeof(buf) - 1, 0) > 0);
	return atoi(buf);
}

/* The test itself is the last to be killed. */
static void spare_me(int adj)
{
	int fd = open_dial("oom_score_adj");
	char buf[16];

	snprintf(buf, sizeof(buf), "%d", adj);
	CHECK_EQ(turn(fd, buf), 0);
	close(fd);
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

/* ---- the dials ----------------------------------------------------------- */

TEST(the_old_dial_turns_the_new_one)
{
	static const struct {
		const char *old;
		int adj, back;
	} map[] = {
		{ "-17", -1000, -17 }, { "-16", -941, -15 }, { "-8", -470, -7 },
		{ "-1", -58, 0 },      { "0", 0, 0 },	     { "1", 58, 0 },
		{ "8", 470, 7 },       { "14", 823, 13 },    { "15", 1000, 15 },
	};
	int old = open_dial("oom_adj"), new = open_dial("oom_score_adj");

	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++) {
		CHECK_EQ(turn(old, map[i].old), 0);
		CHECK_EQ(dial(new), map[i].adj);
		CHECK_EQ(dial(old), map[i].back);
	}
	CHECK_EQ(turn(new, "999"), 0);
	CHECK_EQ(dial(old), 15);
	CHECK_EQ(turn(new, "-1000"), 0);
	CHECK_EQ(dial(old), -17);
}

TEST(dials_have_ends)
{
	static const char *const bad_old[] = { "16", "-18", "", "x", "1x" };
	static const char *const bad_new[] = { "1001", "-1001", "x",
					       "99999999999" };
	int old = open_dial("oom_adj"), new = open_dial("oom_score_adj");

	CHECK_EQ(turn(new, "123"), 0);
	for (size_t i = 0; i < sizeof(bad_old) / sizeof(*bad_old); i++)
		if (*bad_old[i])
			CHECK_EQ(turn(old, bad_old[i]), EINVAL);
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(turn(new, bad_new[i]), EINVAL);
	CHECK_EQ(turn(new, bad_new[3]), ERANGE);
	CHECK_EQ(dial(new), 123);
	CHECK_EQ(turn(new, " 0x10\n"), 0);
	CHECK_EQ(dial(new), 16);
}

TEST(only_root_may_lower)
{
	int old = open_dial("oom_adj"), new = open_dial("oom_score_adj");

	CHECK_EQ(turn(new, "300"), 0);
	CHECK(!setuid(1000));
	CHECK_EQ(turn(new, "500"), 0);
	CHECK_EQ(turn(new, "300"), 0); /* what root has set last */
	CHECK_EQ(turn(new, "299"), EACCES);
	CHECK_EQ(turn(new, "500"), 0);
	CHECK_EQ(turn(old, "8"), EACCES); /* 470: the old dial only goes up */
	CHECK_EQ(dial(new), 500);
	CHECK_EQ(turn(old, "9"), 0);
	CHECK_EQ(dial(new), 529);
}

static int sharer(void *arg)
{
	int *fd = arg;
	char c;

	return read(fd[0], &c, 1) == 1 ? dial(fd[1]) == 77 : 2;
}

static char sharer_stack[65536] __attribute__((aligned(16)));

TEST(sharers_of_memory_share_the_dial)
{
	int pipefd[2], fd[2], status, mine = open_dial("oom_score_adj");
	pid_t pid, other;
	char path[64];

	CHECK(!pipe(pipefd));
	fd[0] = pipefd[0];
	pid = clone(sharer, sharer_stack + sizeof(sharer_stack),
		    CLONE_VM | SIGCHLD, fd);
	CHECK(pid > 0);
	other = fork();
	CHECK(other >= 0);
	if (!other)
		pause();
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	fd[1] = open(path, O_RDWR);
	CHECK(fd[1] >= 0);
	CHECK_EQ(turn(fd[1], "55"), 0);
	CHECK_EQ(dial(mine), 55);
	CHECK_EQ(turn(mine, "77"), 0);
	CHECK_EQ(dial(fd[1]), 77);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", other);
	CHECK_EQ(dial(open(path, O_RDONLY)), -999);
	CHECK(!kill(other, SIGKILL));
	CHECK(!kill(pid, SIGKILL));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(waitpid(other, &status, 0) == other);
}

static int score_of_self(void)
{
	return dial(open("/proc/self/oom_score", O_RDONLY));
}

TEST(the_score_is_the_arithmetic)
{
	long pages = (meminfo("MemTotal") + meminfo("SwapTotal")) / 4;
	int new = open_dial("oom_score_adj"), with, without;
	size_t size = (size_t)pages / 10 * 4096;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(turn(new, "0"), 0);
	without = score_of_self();
	CHECK(without >= 666 && without < 720);
	memset(p, 1, size);
	with = score_of_self(); /* a tenth of all: 66 points of 2000 / 3 */
	CHECK(with >= without + 65 && with <= without + 69);
	CHECK_EQ(turn(new, "1000"), 0);
	with += (int)(pages / 1000 * 1000 * 1000 / pages * 2 / 3);
	CHECK(score_of_self() >= with - 2 && score_of_self() <= with + 2);
	CHECK_EQ(turn(new, "-1000"), 0);
	CHECK_EQ(score_of_self(), 0);
	CHECK_EQ(dial(open("/proc/1/oom_score", O_RDONLY)), 0);
}

/* ---- what dies with the victim ------------------------------------------- */

static int __attribute__((noreturn)) wait_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

static void hog_with_a_sharer(void)
{
	CHECK(clone(wait_for_ever, sharer_stack + sizeof(sharer_stack),
		    CLONE_VM | SIGCHLD, NULL) > 0);
	unspared_hog();
}

TEST(who_shares_the_memory_is_killed_too)
{
	long before = meminfo("MemFree");
	int status;

	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHECK_DIES(hog_with_a_sharer, SIGKILL);
	CHECK(wait(&status) > 0); /* the orphan */
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	CHECK(memory_is_back(before));
}

/*
 * A victim that cannot die: its threads wait to write to a file, which one
 * is doing that may not be killed and waits for memory. Only the reaper helps.
 */
static int stuck_file;

static void *wait_for_the_file(void *arg)
{
	for (;;)
		CHECK_EQ(pwrite(stuck_file, "x", 1, 0), 1);
	return arg;
}

static int log_has(const char *text)
{
	static char buf[1 << 18];
	int n = klogctl(3 /* READ_ALL */, buf, sizeof(buf) - 1);

	CHECK(n > 0);
	buf[n] = '\0';
	return strstr(buf, text) != NULL;
}

static char *take(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	return memset(p, 1, size);
}

static void stuck_hog(size_t share)
{
	pthread_t t;

	spare_me(1000);
	take(share);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_create(&t, NULL, wait_for_the_file, NULL));
	wait_for_the_file(NULL);
}

TEST(a_victim_that_is_stuck_is_reaped)
{
	const size_t much = 24 * MIB; /* tmpfs may have that */
	long before = meminfo("MemFree");
	size_t size = (size_t)before * 1024 / 8 * 5;
	char reaped[64], *buf;
	int status;
	pid_t pid;

	spare_me(-1000);
	stuck_file = open("/tmp/stuck", O_CREAT | O_RDWR, 0600);
	buf = take(1 * MIB);
	buf = mremap(buf, MIB, much, MREMAP_MAYMOVE);
	CHECK(stuck_file >= 0 && buf != MAP_FAILED);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		stuck_hog(size);
	while (meminfo("MemFree") > before - (long)(size >> 10) / 4 * 3)
		usleep(1000);
	sleep(1); /* the rest, and its threads */
	take((size_t)meminfo("MemFree") * 1024 - 8 * MIB);
	CHECK_EQ(write(stuck_file, buf, much), much); /* reads zeroes */
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	snprintf(reaped, sizeof(reaped), "oom_reaper: reaped process %d", pid);
	CHECK(log_has(reaped));
	CHECK(!unlink("/tmp/stuck"));
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
		CASE(the_old_dial_turns_the_new_one),
		CASE(dials_have_ends),
		CASE(only_root_may_lower),
		CASE(sharers_of_memory_share_the_dial),
		CASE(the_score_is_the_arithmetic),
		CASE(who_shares_the_memory_is_killed_too),
		CASE(a_victim_that_is_stuck_is_reaped),
	};

	spare_me(-999);
	return tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
