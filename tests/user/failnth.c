// SPDX-License-Identifier: MIT
/*
 * Allocation-failure injection: for each of these operations the first
 * allocation fails, then the second, and so on until none is left to fail.
 * Each time the operation gives a clean errno, and works the next time.
 *
 * Writing n to /proc/self/fail-nth makes the n-th allocation from then on
 * fail; reading it says how many are left until then, 0 once it has failed.
 * Reading allocates, too: if that fails, or a number is left, the operation
 * was through without having met the failure, and the climb is over.
 */
#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

static int ctl = -1;

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	CHECK_EQ(write(ctl, text, (size_t)len), len);
}

/* => false: the failure was still ahead */
static int disarm(void)
{
	char text[16] = "";
	int met = pread(ctl, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	if (write(ctl, "0", 1) != 1)
		CHECK_EQ(write(ctl, "0", 1), 1);
	return met;
}

/* op() => 0 or an errno */
static void climb(const char *what, int (*op)(void), int least)
{
	int n, err, met;

	ctl = open("/proc/self/fail-nth", O_RDWR);
	CHECK(ctl >= 0);
	CHECK_EQ(op(), 0); /* once undisturbed: caches are warm */
	for (n = 1; n < 2000; n++) {
		arm(n);
		err = op();
		met = disarm();
		if (!met)
			break;
		if (err && err != ENOMEM && err != EAGAIN && err != ENFILE) {
			printf("# %s, allocation %d: %s\n", what, n,
			       strerror(err));
			CHECK_EQ(err, ENOMEM);
		}
		CHECK_EQ(op(), 0);
	}
	printf("# %s: %d allocations\n", what, n - 1);
	CHECK(n > least);
	CHECK(n < 2000);
}

static int do_fork(void)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status ? EIO : 0;
}

TEST(fork_survives)
{
	climb("fork", do_fork, 10);
}

/* In a child, since a success does not come back. */
static int do_exec_armed(int n)
{
	char *argv[] = { "true", NULL };
	int status, fd;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid) {
		char text[16];
		int len = snprintf(text, sizeof(text), "%d", n);

		fd = open("/proc/self/fail-nth", O_WRONLY | O_CLOEXEC);
		if (n && write(fd, text, (size_t)len) != len)
			_exit(100);
		execv("/bin/true", argv);
		_exit(errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Some failures are survived in silence (kvmalloc has a second way). */
TEST(exec_survives)
{
	int n, err, failures = 0;

	for (n = 1; n < 60; n++) {
		err = do_exec_armed(n);
		failures += err != 0;
		if (err)
			CHECK_EQ(err, ENOMEM);
	}
	printf("# exec: %d failures\n", failures);
	CHECK(failures > 5);
	CHECK_EQ(do_exec_armed(0), 0);
}

static int do_mmap(void)
{
	char *p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = 0;

	if (p == MAP_FAILED)
		return errno;
	if (mprotect(p + 8 * 4096, 4096, PROT_READ))
		err = errno;
	if (munmap(p + 32 * 4096, 4096))
		err = errno;
	CHECK_EQ(munmap(p, 64 * 4096), 0);
	return err;
}

TEST(mmap_survives)
{
	climb("mmap, mprotect, munmap", do_mmap, 3);
}

/* Moved with all its tables; what was in it comes along, or stays. */
#define PAGE	4096
#define SWAPPED 24

/* Out, and then so much memory is wanted that the swap cache is emptied. */
static void send_out(char *base)
{
	struct sysinfo si;
	size_t hog;
	char *p;

	CHECK_EQ(sysinfo(&si), 0);
	hog = si.totalram * si.mem_unit / 8 * 7;
	CHECK_EQ(madvise(base, SWAPPED * PAGE, 21 /* MADV_PAGEOUT */), 0);
	if (!si.totalswap)
		return;
	p = mmap(NULL, hog, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1,
		 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(munmap(p, hog), 0);
}

/* A fault cannot say no: it tries until it has its page. */
static void swapping_survives(void)
{
	char *base = mmap(NULL, SWAPPED * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i, n, met = 1;

	CHECK(base != MAP_FAILED);
	for (i = 0; i < SWAPPED; i++)
		memset(base + i * PAGE, i + 1, PAGE);
	ctl = open("/proc/self/fail-nth", O_RDWR);
	CHECK(ctl >= 0);
	for (n = 1; met && n < 50; n++) {
		send_out(base);
		arm(n);
		for (i = 0; i < SWAPPED; i++) {
			CHECK_EQ(base[i * PAGE + 5], i + 1);
			CHECK_EQ(base[i * PAGE + PAGE - 1], i + 1);
			base[i * PAGE + 7] = (char)(i + 1);
		}
		met = disarm();
	}
	printf("# back from swap: %d allocations\n", n - 2);
}

static int do_mremap(void)
{
	size_t size = 64 * 4096;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *to = (char *)0x7000000000, *q;
	int err = 0;

	if (p == MAP_FAILED)
		return errno;
	p[0] = 'a';
	p[size - 1] = 'z';
	q = mremap(p, size, 2 * size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (q == MAP_FAILED)
		err = errno;
	else
		p = q;
	CHECK_EQ(p[0], 'a');
	CHECK_EQ(p[size - 1], 'z');
	CHECK_EQ(munmap(p, p == to ? 2 * size : size), 0);
	return err;
}

TEST(mremap_survives)
{
	climb("mremap", do_mremap, 4);
}

/*
 * A program that touches memory cannot be told of a failure: its fault is
 * tried again. The kernel's own touch for it (read) is EFAULT.
 */
static int do_cow(void)
{
	static char page[4 * 4096] __attribute__((aligned(4096)));
	int fds[2], status, err = 0;
	pid_t pid;

	memset(page, 'p', sizeof(page));
	if (pipe(fds))
		return errno;
	pid = write(fds[1], "c", 1) == 1 ? fork() : -1;
	if (pid < 0) {
		err = errno;
		goto out;
	}
	if (!pid) {
		page[0] = 'c'; /* copies, the table too */
		if (read(fds[0], page + 4096, 1) != 1)
			_exit(errno == EFAULT ? ENOMEM : errno);
		_exit(page[0] == 'c' && page[1] == 'p' && page[4096] == 'c' &&
				      page[4097] == 'p' ?
			      0 :
			      EIO);
	}
	page[4 * 4096 - 1] = 'q';
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	err = WEXITSTATUS(status);
	CHECK_EQ(page[0], 'p');
	CHECK_EQ(page[4096], 'p');
out:
	close(fds[0]);
	close(fds[1]);
	return err;
}

TEST(copy_on_write_survives)
{
	climb("fork and copy-on-write", do_cow, 12);
}

static int do_files(void)
{
	int fds[2], fd, err = 0;

	fd = open("/tmp/fail-nth", O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return errno;
	if (write(fd, "x", 1) != 1)
		err = errno;
	close(fd);
	if (unlink("/tmp/fail-nth"))
		err = errno;
	if (pipe(fds))
		return errno;
	if (write(fds[1], "x", 1) != 1)
		err = errno;
	close(fds[0]);
	close(fds[1]);
	return err;
}

TEST(files_and_pipes_survive)
{
	climb("open, write, unlink, pipe", do_files, 5);
}

static int do_events(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd[3] = { epoll_create1(0), eventfd(0, 0),
		      timerfd_create(CLOCK_MONOTONIC, 0) };
	int i, err = 0;

	if (fd[0] < 0 || fd[1] < 0 || fd[2] < 0 ||
	    epoll_ctl(fd[0], EPOLL_CTL_ADD, fd[1], &ev))
		err = errno;
	for (i = 0; i < 3; i++)
		close(fd[i]);
	return err;
}

/* A store into a hole gets its memory in the end: it has nobody to tell. */
static int do_store(void)
{
	int fd = open("/tmp/hole", O_RDWR | O_CREAT | O_TRUNC, 0600), err = 0;
	char *p;

	if (fd < 0)
		return errno;
	if (ftruncate(fd, 1 << 20)) {
		err = errno;
	} else {
		p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
		if (p == MAP_FAILED) {
			err = errno;
		} else {
			p[0] = p[(1 << 20) - 1] = 1;
			munmap(p, 1 << 20);
		}
	}
	close(fd);
	return err;
}

TEST(stores_into_holes_survive)
{
	climb("stores into holes", do_store, 3);
	unlink("/tmp/hole");
}

TEST(event_files_survive)
{
	climb("epoll, eventfd, timerfd", do_events, 5);
}

static int do_sockets(void)
{
	struct sockaddr_un a = { AF_UNIX, "/tmp/fail-nth-socket" };
	int s, c, sv[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return errno;
	if (write(sv[0], "x", 1) != 1)
		err = errno;
	close(sv[0]);
	close(sv[1]);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	if (s < 0 || c < 0 || bind(s, (void *)&a, sizeof(a)) || listen(s, 1) ||
	    connect(c, (void *)&a, sizeof(a)))
		err = errno;
	close(s);
	close(c);
	while (unlink(a.sun_path) && errno == ENOMEM)
		err = ENOMEM;
	return err;
}

TEST(sockets_survive)
{
	climb("sockets", do_sockets, 10);
}

/* A file without a name: made, written, mapped twice over, sealed. */
static int do_memfd(void)
{
	int fd = memfd_create("nth", MFD_ALLOW_SEALING), err = 0;
	char *p;

	if (fd < 0)
		return errno;
	if (ftruncate(fd, 3 * 4096) || pwrite(fd, "x", 1, 4096) != 1)
		err = errno;
	p = mmap(NULL, 2 * 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		err = errno;
	} else {
		if (remap_file_pages(p, 4096, 0, 1, 0))
			err = errno;
		CHECK_EQ(munmap(p, 2 * 4096), 0);
	}
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	close(fd);
	return err;
}

TEST(memfd_survives)
{
	climb("memfd", do_memfd, 5);
}

static int do_shm(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600), err = 0;
	void *p;

	if (id < 0)
		return errno;
	p = shmat(id, NULL, 0);
	if (p == (void *)-1)
		err = errno;
	else
		CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	return err;
}

TEST(system_v_shm_survives)
{
	climb("System V shared memory", do_shm, 4);
}

/* POSIX wants EAGAIN where the memory is short. */
static int do_mlock(void)
{
	char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = 0;

	if (p == MAP_FAILED)
		return errno;
	if (mlock(p + 4096, 8 * 4096))
		err = errno == EAGAIN ? ENOMEM : errno;
	CHECK_EQ(munmap(p, 16 * 4096), 0);
	return err;
}

TEST(mlock_survives)
{
	climb("mlock", do_mlock, 5);
}

static int do_timers(void)
{
	struct itimerval it = { .it_value.tv_sec = 100 }, off = {};
	timer_t t;
	int err = 0;

	if (timer_create(CLOCK_MONOTONIC, NULL, &t))
		err = errno;
	else
		CHECK_EQ(timer_delete(t), 0);
	if (setitimer(ITIMER_PROF, &it, NULL))
		err = errno;
	else
		CHECK_EQ(setitimer(ITIMER_PROF, &off, NULL), 0);
	return err;
}

TEST(timers_survive)
{
	climb("timers", do_timers, 1);
}

static void *nothing(void *arg)
{
	return arg;
}

static int do_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, nothing, NULL);

	return err ? err : pthread_join(t, NULL);
}

/* Read what there is at from, and close it. => 0 or an errno */
static int read_proc(const char *path, off_t from)
{
	static char buf[4096];
	int fd = open(path, O_RDONLY), err = 0;

	if (fd < 0)
		return errno;
	if (pread(fd, buf, sizeof(buf), from) < 0)
		err = errno;
	close(fd);
	return err;
}

static int do_look(void)
{
	static const char *const files[] = {
		"maps", "smaps", "environ", "cmdline", "status", "smaps_rollup"
	};
	static char there[9], here[9];
	struct iovec l[9], r[9];
	char path[64];
	int err = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !err; i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", files[i]);
		err = read_proc(path, 0);
	}
	if (!err)
		err = read_proc("/proc/self/pagemap", (off_t)there / 4096 * 8);
	if (!err)
		err = read_proc("/proc/self/mem", (off_t)there);
	if (!err)
		err = read_proc("/proc/kpageflags", 8L << 18);
	for (int i = 0; i < 9; i++) { /* too many for the stack */
		l[i] = (struct iovec){ here + i, 1 };
		r[i] = (struct iovec){ there + i, 1 };
	}
	if (!err && process_vm_readv(getpid(), l, 9, r, 9, 0) < 0)
		err = errno;
	return err;
}

static int do_map_files(void)
{
	DIR *dir = opendir("/proc/self/map_files");
	char path[300], target[100];
	struct dirent *d;
	int err = dir ? 0 : errno;

	while (dir && !err && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/map_files/%s",
			 d->d_name);
		if (d->d_type == DT_LNK &&
		    readlink(path, target, sizeof(target)) < 0)
			err = errno;
	}
	if (dir)
		closedir(dir);
	return err;
}

TEST(looking_at_memory_survives)
{
	climb("look", do_look, 15);
	climb("map_files", do_map_files, 5);
}

TEST(thread_creation_survives)
{
	climb("pthread_create", do_thread, 1);
}

TAP_MAIN(CASE(fork_survives), CASE(exec_survives), CASE(mmap_survives),
	 CASE(swapping_survives), CASE(mremap_survives),
	 CASE(copy_on_write_survives), CASE(files_and_pipes_survive),
	 CASE(stores_into_holes_survive), CASE(thread_creation_survives),
	 CASE(event_files_survive), CASE(memfd_survives),
	 CASE(system_v_shm_survives), CASE(mlock_survives),
	 CASE(sockets_survive), CASE(looking_at_memory_survives),
	 CASE(timers_survive))
