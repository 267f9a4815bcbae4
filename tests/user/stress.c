// SPDX-License-Identifier: MIT
/*
 * Many things at once, at random, for a few seconds: what a kernel does well
 * one by one it must still do when every CPU does something else.
 *
 *	stress [SECONDS [WORKERS [SEED [NAME]]]]	NAME: that deed only
 *
 * Each worker draws deeds until the time is over. A deed checks what it did
 * (sums over memory and pipes, wait statuses) and leaves nothing behind.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <time.h>

#include "tap.h"

#define PAGE 4096UL

extern char **environ;
static const char *self;
static unsigned int rnd_state;

/* Deeds fail loudly but may not leave by way of stdio locks. */
#define EXPECT(cond)                                                    \
	do {                                                            \
		if (!(cond)) {                                          \
			dprintf(1, "# stress.c:%d: %s is false (%d)\n", \
				__LINE__, #cond, errno);                \
			_exit(1);                                       \
		}                                                       \
	} while (0)

static unsigned int rnd(unsigned int below)
{
	rnd_state = rnd_state * 1664525u + 1013904223u;
	return (rnd_state >> 8) % below;
}

static pid_t must_fork(void)
{
	pid_t pid;

	while ((pid = fork()) < 0) {
		EXPECT(errno == EAGAIN || errno == ENOMEM);
		usleep(1000);
	}
	if (!pid)
		rnd_state += (unsigned int)getpid();
	return pid;
}

static int reap(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	EXPECT(got == pid);
	return status;
}

static void reap_exited(pid_t pid, int code)
{
	int status = reap(pid);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != code) {
		dprintf(1, "# child %d: status 0x%x, expected exit %d\n", pid,
			status, code);
		_exit(1);
	}
}

static void fill(uint64_t *p, size_t bytes, uint64_t salt)
{
	for (size_t i = 0; i < bytes / 8; i++)
		p[i] = (salt + i) * 0x9e3779b97f4a7c15ULL;
}

static int holds(const uint64_t *p, size_t bytes, uint64_t salt)
{
	for (size_t i = 0; i < bytes / 8; i++)
		if (p[i] != (salt + i) * 0x9e3779b97f4a7c15ULL)
			return 0;
	return 1;
}

static void *map(size_t bytes, int flags)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | flags, -1, 0);

	EXPECT(p != MAP_FAILED);
	return p;
}

/* --- deeds --- */

/* Parent and child each write their half and see only their own. */
static void cow(void)
{
	size_t n = (1 + rnd(64)) * PAGE;
	uint64_t salt = rnd(1u << 24), *p = map(n, MAP_PRIVATE);
	pid_t pid;

	fill(p, n, salt);
	pid = must_fork();
	if (!pid) {
		EXPECT(holds(p, n, salt));
		fill(p, n / 2, salt + 1);
		EXPECT(holds(p, n / 2, salt + 1));
		_exit(p[n / 8 - 1] == (salt + n / 8 - 1) *
					      0x9e3779b97f4a7c15ULL ?
			      3 :
			      4);
	}
	fill(p, n, salt + 7);
	EXPECT(holds(p, n, salt + 7));
	reap_exited(pid, 3);
	EXPECT(holds(p, n, salt + 7));
	EXPECT(!munmap(p, n));
}

static void run_self(const char *mode)
{
	char *argv[] = { (char *)self, "--child", (char *)mode, NULL };

	execve(self, argv, environ);
	_exit(99);
}

static void exec_plain(void)
{
	pid_t pid = must_fork();

	if (!pid)
		run_self("7");
	reap_exited(pid, 7);
}

static void exec_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		run_self("8");
	EXPECT(pid > 0 || errno == EAGAIN || errno == ENOMEM);
	if (pid > 0)
		reap_exited(pid, 8);
}

static void *idle_thread(void *arg)
{
	for (;;)
		if (arg)
			pause();
		else
			sched_yield();
	return NULL;
}

static void *exec_thread(void *arg)
{
	(void)arg;
	run_self("9");
	return NULL;
}

/* The exec of one thread ends all the others, whichever it is. */
static void exec_in_thread(void)
{
	pid_t pid = must_fork();
	pthread_t t;

	if (!pid) {
		for (intptr_t i = 0; i < 3; i++)
			pthread_create(&t, NULL, idle_thread, (void *)(i & 1));
		pthread_create(&t, NULL, exec_thread, NULL);
		if (rnd(2))
			pthread_create(&t, NULL, exec_thread, NULL);
		if (rnd(2))
			pthread_exit(NULL);
		idle_thread(NULL);
	}
	reap_exited(pid, 9);
}

static void *exit_thread(void *arg)
{
	(void)arg;
	usleep(rnd(2000));
	_exit(11);
}

static void *fork_thread(void *arg)
{
	(void)arg;
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void exit_group_races_fork(void)
{
	pid_t pid = must_fork();
	pthread_t t;

	if (!pid) {
		pthread_create(&t, NULL, fork_thread, NULL);
		pthread_create(&t, NULL, exit_thread, NULL);
		pthread_create(&t, NULL, idle_thread, NULL);
		fork_thread(NULL);
	}
	reap_exited(pid, 11);
}

/* Kill it whatever it is doing: exec, vfork, faults. */
static void kill_anywhere(void)
{
	int what = (int)rnd(4);
	pid_t pid = must_fork();
	int status;

	if (!pid) {
		for (;;) {
			size_t n = 32 * PAGE;
			char *p;

			if (what == 0)
				run_self("loop");
			if (what == 1 && !vfork())
				run_self("7");
			if (what == 2)
				cow();
			if (what == 3) {
				p = map(n, MAP_PRIVATE);
				memset(p, 1, n);
				munmap(p, n);
			}
		}
	}
	usleep(rnd(3000));
	EXPECT(!kill(pid, SIGKILL));
	status = reap(pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Whatever was locked or given away: the next round maps it anew. */
static void advise(char *p, size_t len)
{
	if (rnd(3) == 0)
		mlock2(p, len, rnd(2) ? MLOCK_ONFAULT : 0);
	if (rnd(3) == 0)
		munlock(p, len);
	if (rnd(3) == 0)
		madvise(p, len, MADV_FREE);
	if (rnd(3) == 0)
		madvise(p, len, MADV_COLD);
}

static void mappings(void)
{
	size_t n = (4 + rnd(60)) * PAGE;
	char *p = map(n, MAP_PRIVATE);

	for (int i = 0; i < 40; i++) {
		size_t at = rnd((unsigned int)(n / PAGE)) * PAGE;
		size_t len = (1 + rnd((unsigned int)((n - at) / PAGE))) * PAGE;

		if (rnd(4) == 0)
			EXPECT(!mprotect(p + at, len, PROT_READ));
		else if (rnd(3) == 0)
			EXPECT(!munmap(p + at, len));
		EXPECT(mmap(p + at, len, PROT_READ | PROT_WRITE,
			    MAP_ANONYMOUS | MAP_PRIVATE | MAP_FIXED, -1,
			    0) == p + at);
		fill((uint64_t *)(p + at), len, at + (unsigned int)i);
		EXPECT(holds((uint64_t *)(p + at), len, at + (unsigned int)i));
		advise(p + at, len);
	}
	EXPECT(!munmap(p, n));
}

static void shared_memory(void)
{
	size_t n = (1 + rnd(16)) * PAGE;
	int id = rnd(2) ? shmget(IPC_PRIVATE, n, 0600) : -1;
	uint64_t *p = id < 0 ? map(n, MAP_SHARED) : shmat(id, NULL, 0);
	pid_t pid;

	if (id >= 0) {
		EXPECT(p != (void *)-1);
		EXPECT(!shmctl(id, IPC_RMID, NULL));
	}
	pid = must_fork();

	if (!pid) {
		fill(p, n, 5);
		_exit(0);
	}
	reap_exited(pid, 0);
	EXPECT(holds(p, n, 5));
	EXPECT(!munmap(p, n));
}

static void pipes(void)
{
	size_t total = rnd(200000) + 1, got = 0;
	unsigned char buf[3000];
	int fd[2];
	pid_t pid;

	EXPECT(!pipe(fd));
	pid = must_fork();
	if (!pid) {
		for (size_t at = 0; at < total;) {
			size_t n = 1 + rnd(sizeof(buf) - 1);

			n = n < total - at ? n : total - at;
			for (size_t i = 0; i < n; i++)
				buf[i] = (unsigned char)((at + i) * 7);
			EXPECT(write(fd[1], buf, n) == (ssize_t)n);
			at += n;
		}
		_exit(0);
	}
	close(fd[1]);
	for (;;) {
		ssize_t n = read(fd[0], buf, 1 + rnd(sizeof(buf) - 1));

		EXPECT(n >= 0);
		if (!n)
			break;
		for (ssize_t i = 0; i < n; i++, got++)
			EXPECT(buf[i] == (unsigned char)(got * 7));
	}
	EXPECT(got == total);
	close(fd[0]);
	reap_exited(pid, 0);
}

static volatile sig_atomic_t handled;

static void count_signal(int sig)
{
	(void)sig;
	handled++;
}

static void signals(void)
{
	struct sigaction sa = { .sa_handler = count_signal };
	int n = (int)rnd(50) + 1, status;
	pid_t pid = must_fork();

	if (!pid) {
		sigaction(SIGUSR1, &sa, NULL);
		kill(getpid(), SIGSTOP);
		while (!handled)
			usleep(100);
		_exit(12);
	}
	EXPECT(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	for (int i = 0; i < n; i++)
		EXPECT(!kill(pid, SIGUSR1));
	EXPECT(!kill(pid, SIGCONT));
	reap_exited(pid, 12);
}

static void *short_thread(void *arg)
{
	usleep(10);
	return arg;
}

/* Stop and continue a process with threads; each stop must be reported. */
static void stop_cont(void)
{
	pid_t pid = must_fork();
	pthread_t t;
	int status;

	if (!pid) {
		for (intptr_t i = 0; i < 2; i++)
			pthread_create(&t, NULL, idle_thread, (void *)i);
		for (;;) {
			pthread_create(&t, NULL, short_thread, NULL);
			pthread_join(t, NULL);
		}
	}
	for (int i = 0; i < 5; i++) {
		EXPECT(!kill(pid, SIGSTOP));
		EXPECT(waitpid(pid, &status, WUNTRACED) == pid);
		EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		EXPECT(!kill(pid, SIGCONT));
		EXPECT(waitpid(pid, &status, WCONTINUED) == pid);
		EXPECT(WIFCONTINUED(status));
	}
	EXPECT(!kill(pid, SIGKILL));
	status = reap(pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long counted;

static void *count_thread(void *arg)
{
	for (int i = 0; i < 200; i++) {
		size_t n = 8 * PAGE;
		uint64_t *p = map(n, MAP_PRIVATE);

		fill(p, n, (uintptr_t)arg);
		pthread_mutex_lock(&mutex);
		counted++;
		pthread_mutex_unlock(&mutex);
		EXPECT(holds(p, n, (uintptr_t)arg));
		EXPECT(!munmap(p, n));
	}
	return NULL;
}

static void threads(void)
{
	pthread_t t[4];

	counted = 0;
	for (uintptr_t i = 0; i < 4; i++)
		EXPECT(!pthread_create(&t[i], NULL, count_thread, (void *)i));
	for (int i = 0; i < 4; i++)
		EXPECT(!pthread_join(t[i], NULL));
	EXPECT(counted == 800);
}

static void orphans(void)
{
	pid_t pid = must_fork();

	if (!pid) {
		for (int i = 0; i < 6; i++)
			if (!must_fork()) {
				usleep(rnd(1000));
				if (rnd(2))
					kill(getpid(), SIGKILL);
				_exit(1);
			}
		_exit(0);
	}
	reap_exited(pid, 0);
}

static void ignored_children(void)
{
	pid_t pid = must_fork();

	if (!pid) {
		signal(SIGCHLD, SIG_IGN);
		for (int i = 0; i < 6; i++)
			if (!must_fork())
				_exit(i);
		EXPECT(wait(NULL) == -1 && errno == ECHILD);
		_exit(0);
	}
	reap_exited(pid, 0);
}

static void groups(void)
{
	pid_t pid[3];

	for (int i = 0; i < 3; i++) {
		pid[i] = must_fork();
		if (!pid[i]) {
			if (i == 2)
				setsid();
			else
				setpgid(0, 0);
			for (;;)
				pause();
		}
		setpgid(pid[i], pid[i]);
	}
	EXPECT(!kill(-pid[0], SIGTERM));
	EXPECT(!kill(-pid[1], SIGKILL));
	EXPECT(!kill(pid[2], SIGHUP));
	for (int i = 0; i < 3; i++)
		EXPECT(WIFSIGNALED(reap(pid[i])));
}

static void read_all(const char *path)
{
	char buf[4096];
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return;
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	close(fd);
}

/* Everything that can be read of processes that come and go meanwhile. */
static void look_at_proc(void)
{
	static const char *const names[] = {
		"maps",	   "smaps",   "smaps_rollup", "status", "stat",
		"statm",   "cmdline", "environ",      "auxv",	"comm",
		"wchan",   "stack",   "limits",	      "mounts", "oom_score",
		"task/..", "fdinfo/0"
	};
	DIR *d = opendir("/proc"), *sub;
	char path[300], link[300], target[100];
	struct dirent *e;

	EXPECT(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			snprintf(path, sizeof(path), "/proc/%s/%s", e->d_name,
				 names[i]);
			read_all(path);
		}
		snprintf(path, sizeof(path), "/proc/%s/exe", e->d_name);
		(void)!readlink(path, link, sizeof(link));
		snprintf(path, sizeof(path), "/proc/%s/cwd", e->d_name);
		(void)!readlink(path, link, sizeof(link));
		snprintf(path, sizeof(path), "/proc/%s/%s", e->d_name,
			 rnd(2) ? "fdinfo" : "task");
		sub = opendir(path);
		while (sub && (e = readdir(sub))) {
			snprintf(link, sizeof(link), "%.200s/%.60s", path,
				 e->d_name);
			read_all(link);
			/* not to be opened: that would drain others' pipes */
			snprintf(link, sizeof(link), "%.200s/../fd/%.40s", path,
				 e->d_name);
			(void)!readlink(link, target, sizeof(target));
		}
		if (sub)
			closedir(sub);
	}
	closedir(d);
	read_all("/proc/meminfo");
	read_all("/proc/slabinfo");
	read_all("/proc/vmstat");
	read_all("/proc/buddyinfo");
	read_all("/proc/zoneinfo");
	read_all("/proc/stat");
}

static void files(void)
{
	size_t n = (1 + rnd(20)) * PAGE;
	char name[40];
	uint64_t *p;
	int fd;

	snprintf(name, sizeof(name), "/tmp/stress.%d", getpid());
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	EXPECT(fd >= 0);
	EXPECT(!ftruncate(fd, (off_t)n));
	p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		 rnd(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);
	EXPECT(p != MAP_FAILED);
	fill(p, n, 3);
	EXPECT(!unlink(name));
	EXPECT(!close(fd));
	EXPECT(holds(p, n, 3));
	EXPECT(!munmap(p, n));
}

#define DEED(fn)        \
	{               \
#fn, fn \
	}
static const struct tap_case deeds[] = {
	DEED(cow),	     DEED(exec_plain),
	DEED(exec_vfork),    DEED(exec_in_thread),
	DEED(kill_anywhere), DEED(exit_group_races_fork),
	DEED(mappings),	     DEED(shared_memory),
	DEED(pipes),	     DEED(signals),
	DEED(stop_cont),     DEED(threads),
	DEED(orphans),	     DEED(ignored_children),
	DEED(groups),	     DEED(look_at_proc),
	DEED(files),
};
#define NR_DEEDS (sizeof(deeds) / sizeof(*deeds))

/* --- those who do them --- */

static void work(time_t end, unsigned int seed, const char *only)
{
	struct timespec now;
	unsigned int i = 0;

	rnd_state = seed;
	do {
		i = rnd(NR_DEEDS);
		while (only && strcmp(deeds[i].name, only))
			i = (i + 1) % NR_DEEDS;
		alarm(60); /* a deed that hangs dies of SIGALRM */
		deeds[i].run();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end);
	_exit(0);
}

static int be_child(const char *mode)
{
	char *argv[] = { (char *)self, "--child", "loop", NULL };

	if (!strcmp(mode, "loop"))
		execve(self, argv, environ);
	return atoi(mode);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 3;
	int workers = argc > 2 ? atoi(argv[2]) : 6;
	unsigned int seed = argc > 3 ? (unsigned int)atoi(argv[3]) : 1;
	struct timespec now;
	int bad = 0;

	self = argv[0];
	if (argc > 2 && !strcmp(argv[1], "--child"))
		return be_child(argv[2]);
	printf("1..%d\n", workers);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (int i = 0; i < workers; i++)
		if (!must_fork())
			work(now.tv_sec + seconds,
			     seed + 7919u * (unsigned int)i,
			     argc > 4 ? argv[4] : NULL);
	for (int i = 0; i < workers; i++) {
		int status = 0;
		int ok = wait(&status) > 0 && !status;

		if (!ok)
			printf("# status 0x%x\n", status);
		printf("%sok %d - a worker survived\n", ok ? "" : "not ",
		       i + 1);
		fflush(stdout);
		bad += !ok;
	}
	return bad != 0;
}
