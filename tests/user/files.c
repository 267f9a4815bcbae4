// SPDX-License-Identifier: MIT
/* Open files: locks, size limits, copying, hints, descriptors. */
#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PATH "/tmp/files-test"

static int new_file(void)
{
	int fd = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	return fd;
}

static int lock(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock fl = { .l_type = (short)type,
			    .l_start = start,
			    .l_len = len };

	return fcntl(fd, cmd, &fl);
}

/* What another process sees of [start, len): a letter, and the owner. */
static char seen(int fd, off_t start, off_t len, struct flock *out)
{
	int p[2], status;
	pid_t pid;

	CHECK_EQ(pipe(p), 0);
	pid = fork();
	if (!pid) {
		struct flock fl = { .l_type = F_WRLCK,
				    .l_start = start,
				    .l_len = len };

		if (fcntl(fd, F_GETLK, &fl))
			_exit(1);
		_exit(write(p[1], &fl, sizeof(fl)) != sizeof(fl));
	}
	CHECK_EQ(read(p[0], out, sizeof(*out)), sizeof(*out));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	close(p[0]);
	close(p[1]);
	return out->l_type == F_RDLCK ? 'r' :
	       out->l_type == F_WRLCK ? 'w' :
					'-';
}

TEST(ranges_split_and_join)
{
	int fd = new_file();
	struct flock fl;

	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 10, 20), 0);
	CHECK_EQ(seen(fd, 0, 10, &fl), '-');
	CHECK_EQ(seen(fd, 0, 11, &fl), 'w');
	CHECK_EQ(fl.l_start, 10);
	CHECK_EQ(fl.l_len, 20);
	CHECK_EQ(fl.l_pid, getpid());
	CHECK_EQ(lock(fd, F_SETLK, F_RDLCK, 15, 5), 0);
	CHECK_EQ(seen(fd, 16, 1, &fl), 'r');
	CHECK_EQ(fl.l_start, 15);
	CHECK_EQ(fl.l_len, 5);
	CHECK_EQ(seen(fd, 25, 1, &fl), 'w');
	CHECK_EQ(fl.l_start, 20);
	CHECK_EQ(fl.l_len, 10);
	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 12, 10), 0);
	CHECK_EQ(seen(fd, 16, 1, &fl), 'w'); /* one again */
	CHECK_EQ(fl.l_start, 10);
	CHECK_EQ(fl.l_len, 20);
	CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 12), 0);
	CHECK_EQ(seen(fd, 0, 0, &fl), 'w');
	CHECK_EQ(fl.l_start, 12);
	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 20, 0), 0);
	CHECK_EQ(seen(fd, 1000000, 1, &fl), 'w');
	CHECK_EQ(fl.l_len, 0); /* to the end, wherever that is */
	CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	CHECK_EQ(seen(fd, 0, 0, &fl), '-');
}

TEST(lock_misuse)
{
	int fd = new_file(), ro = open(PATH, O_RDONLY);
	struct flock fl = { .l_type = F_WRLCK, .l_whence = 9 };

	CHECK_ERR(fcntl(fd, F_SETLK, &fl), EINVAL);
	CHECK_ERR(lock(fd, F_SETLK, 7, 0, 0), EINVAL);
	CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, -5, 0), EINVAL);
	CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 5, -6), EINVAL);
	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 5, -5), 0);
	CHECK_ERR(lock(ro, F_SETLK, F_WRLCK, 0, 0), EBADF);
	CHECK_EQ(lock(ro, F_SETLK, F_RDLCK, 0, 0), 0);
	CHECK_ERR(lock(fd, F_GETLK, F_UNLCK, 0, 0), EINVAL);
	CHECK_ERR(lock(99, F_SETLK, F_RDLCK, 0, 0), EBADF);
	CHECK_ERR(flock(fd, LOCK_SH | LOCK_EX), EINVAL);
	CHECK_ERR(flock(99, LOCK_SH), EBADF);
}

TEST(a_child_inherits_no_lock)
{
	int fd = new_file(), status;
	pid_t pid;

	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	pid = fork();
	if (!pid) {
		CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 0, 0), EAGAIN);
		CHECK_EQ(lock(fd, F_SETLKW, F_WRLCK, 0, 0), 0);
		_exit(7);
	}
	usleep(30000);
	CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 7);
	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0); /* it died with it */
}

TEST(any_close_lets_go)
{
	int fd = new_file(), other = open(PATH, O_RDONLY);
	struct flock fl;

	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	CHECK_EQ(seen(fd, 0, 0, &fl), 'w');
	close(other);
	CHECK_EQ(seen(fd, 0, 0, &fl), '-');
}

TEST(circles_are_seen)
{
	int fd = new_file(), status;
	pid_t pid;

	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
	pid = fork();
	if (!pid) {
		CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 1, 1), 0);
		CHECK_EQ(lock(fd, F_SETLKW, F_WRLCK, 0, 1), 0);
		_exit(0);
	}
	usleep(50000);
	CHECK_ERR(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
	CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Wait for bytes for a moment. => 0: got them, or errno */
static int try_for(int fd, off_t at, off_t len)
{
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGALRM, &sa, NULL);
	ualarm(100000, 0);
	return lock(fd, F_SETLKW, F_WRLCK, at, len) ? errno : 0;
}

/* A child that locks one byte and then waits for len others for ever. */
static pid_t holder(int fd, off_t mine, off_t at, off_t len)
{
	pid_t pid = fork();

	if (!pid) {
		CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, mine, 1), 0);
		if (len)
			lock(fd, F_SETLKW, F_WRLCK, at, len);
		pause();
	}
	usleep(50000);
	return pid;
}

static void end(pid_t pid)
{
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

/* Who waits for two may wait on for one: that the first has let go is seen. */
TEST(a_circle_that_was_is_none)
{
	int fd = new_file();
	pid_t other = holder(fd, 1, 0, 0), waiter;

	CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
	waiter = holder(fd, 5, 0, 2);
	CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 1), 0);
	CHECK_EQ(try_for(fd, 5, 1), EINTR);
	end(other);
	CHECK_EQ(try_for(fd, 5, 1), EINTR);
	end(waiter);
	CHECK_EQ(try_for(fd, 5, 1), 0);
}

static void *wait_for_byte(void *at)
{
	static int fd = -1;

	fd = fd < 0 ? open(PATH, O_RDWR) : fd;
	lock(fd, F_SETLKW, F_WRLCK, (off_t)at, 1);
	return NULL;
}

/* Two threads of one owner make a circle that no search may follow for ever */
TEST(circles_of_others_end)
{
	int fd = new_file();
	pid_t threads, y, w, last;
	pthread_t t;

	w = holder(fd, 2, 0, 0);
	threads = fork();
	if (!threads) {
		CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
		usleep(150000); /* y has byte 1, and will want 0 */
		pthread_create(&t, NULL, wait_for_byte, (void *)1);
		usleep(50000);
		wait_for_byte((void *)2);
		pause();
	}
	usleep(50000);
	y = fork();
	if (!y) {
		CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 1, 1), 0);
		usleep(300000);
		lock(fd, F_SETLKW, F_WRLCK, 0, 1);
		pause();
	}
	usleep(450000);
	end(w); /* the thread that wanted byte 2 has it */
	last = fork();
	if (!last)
		_exit(try_for(fd, 0, 1));
	CHECK_EQ(waitpid(last, &last, 0) > 0, 1);
	CHECK_EQ(WEXITSTATUS(last), EINTR);
	end(threads);
	end(y);
}

static void *idle(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* The table of open files goes through exec, and its locks with it. */
TEST(locks_outlive_the_exec_of_a_thread)
{
	int fd = new_file();
	pid_t pid = fork();
	struct flock fl;
	pthread_t t;

	if (!pid) {
		CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
		pthread_create(&t, NULL, idle, NULL);
		execl("/bin/sleep", "sleep", "60", NULL);
		_exit(1);
	}
	usleep(500000);
	CHECK_EQ(seen(fd, 0, 0, &fl), 'w');
	CHECK_EQ(fl.l_pid, pid);
	end(pid);
	CHECK_EQ(seen(fd, 0, 0, &fl), '-');
}

TEST(open_file_locks)
{
	int fd = new_file(), other = open(PATH, O_RDWR), copy = dup(fd);
	struct flock fl = { .l_type = F_RDLCK };

	CHECK_EQ(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10), 0);
	CHECK_ERR(lock(other, F_OFD_SETLK, F_RDLCK, 5, 1), EAGAIN);
	CHECK_EQ(lock(copy, F_OFD_SETLK, F_RDLCK, 5, 1), 0);
	CHECK_ERR(lock(other, F_SETLK, F_WRLCK, 5, 1), EAGAIN);
	CHECK_EQ(fcntl(other, F_OFD_GETLK, &fl), 0);
	CHECK_EQ(fl.l_type, F_WRLCK);
	CHECK_EQ(fl.l_pid, -1);
	close(fd);
	CHECK_ERR(lock(other, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
	close(copy);
	CHECK_EQ(lock(other, F_OFD_SETLK, F_WRLCK, 0, 1), 0);
	fl.l_pid = 1;
	CHECK_ERR(fcntl(other, F_OFD_SETLK, &fl), EINVAL);
}

TEST(flock_is_the_open_files)
{
	int fd = new_file(), other = open(PATH, O_RDONLY), status;
	struct flock fl;
	pid_t pid;

	CHECK_EQ(flock(fd, LOCK_SH), 0);
	CHECK_EQ(flock(other, LOCK_SH), 0);
	CHECK_ERR(flock(fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	CHECK_EQ(flock(other, LOCK_EX | LOCK_NB), 0); /* fd's is lost */
	CHECK_EQ(seen(fd, 0, 0, &fl), '-');	      /* another world */
	pid = fork();
	if (!pid) {
		CHECK_EQ(flock(other, LOCK_UN), 0); /* the parent's, too */
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	CHECK_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
}

static void write_too_far(void)
{
	int fd = new_file();
	struct rlimit r = { 1000, 1000 };
	char buf[600] = "";

	setrlimit(RLIMIT_FSIZE, &r);
	CHECK_EQ(write(fd, buf, 600), 600);
	CHECK_EQ(write(fd, buf, 600), 400);
	CHECK_EQ(write(fd, buf, 1), -1); /* SIGXFSZ */
}

static void dont_mind(void)
{
	signal(SIGXFSZ, SIG_IGN);
	write_too_far();
	CHECK_EQ(errno, EFBIG);
	CHECK_ERR(truncate(PATH, 1001), EFBIG);
	CHECK_EQ(truncate(PATH, 1000), 0);
	CHECK_EQ(truncate(PATH, 10), 0);
}

TEST(files_do_not_outgrow_the_limit)
{
	CHECK_DIES(write_too_far, SIGXFSZ);
	CHECK_EXITS(dont_mind, 0);
}

TEST(copying_ranges)
{
	int in = new_file(), out = open(PATH "2", O_RDWR | O_CREAT, 0600);
	off_t from = 2, to = 10;
	char buf[32] = "";
	int p[2];

	CHECK_EQ(write(in, "0123456789", 10), 10);
	CHECK_EQ(copy_file_range(in, &from, out, &to, 5, 0), 5);
	CHECK_EQ(from, 7);
	CHECK_EQ(to, 15);
	CHECK_EQ(pread(out, buf, 32, 10), 5);
	CHECK(!memcmp(buf, "23456", 5));
	CHECK_EQ(lseek(in, 8, SEEK_SET), 8);
	CHECK_EQ(copy_file_range(in, NULL, out, NULL, 100, 0), 2);
	CHECK_EQ(lseek(out, 0, SEEK_CUR), 2);
	CHECK_EQ(copy_file_range(in, NULL, out, NULL, 100, 0), 0);
	from = 0;
	to = 3;
	CHECK_ERR(copy_file_range(in, &from, in, &to, 5, 0), EINVAL);
	CHECK_ERR(copy_file_range(in, &from, out, &to, 5, 1), EINVAL);
	CHECK_EQ(pipe(p), 0);
	CHECK_ERR(copy_file_range(in, &from, p[1], NULL, 5, 0), EINVAL);
	unlink(PATH "2");
}

TEST(vectors_with_flags)
{
	int fd = new_file();
	char a[4] = "ab", b[4] = "cd";
	struct iovec v[2] = { { a, 2 }, { b, 2 } };

	CHECK_EQ(pwritev2(fd, v, 2, 3, RWF_DSYNC), 4);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	CHECK_EQ(pwritev2(fd, v, 2, -1, 0), 4);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
	CHECK_EQ(preadv2(fd, v, 2, 3, 0), 4);
	CHECK_EQ(a[0], 'd'); /* of the second write */
	CHECK_EQ(preadv2(fd, v, 2, -1, RWF_HIPRI), 3);
	CHECK_ERR(preadv2(fd, v, 2, 0, 0x4000), EOPNOTSUPP);
	CHECK_ERR(preadv2(fd, v, 2, -2, 0), EINVAL);
}

TEST(hints)
{
	int fd = new_file(), p[2];

	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	CHECK_EQ(posix_fadvise(fd, 0, -1, POSIX_FADV_DONTNEED), EINVAL);
	CHECK_EQ(posix_fadvise(fd, 0, 0, 6), EINVAL);
	CHECK_EQ(posix_fadvise(p[0], 0, 0, 0), ESPIPE);
	CHECK_EQ(posix_fadvise(99, 0, 0, 0), EBADF);
	CHECK_EQ(readahead(fd, 0, 4096), 0);
	CHECK_ERR(readahead(p[0], 0, 4096), EINVAL);
	CHECK_EQ(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE), 0);
	CHECK_ERR(sync_file_range(fd, 0, 0, 8), EINVAL);
	CHECK_ERR(sync_file_range(p[0], 0, 0, 1), ESPIPE);
	CHECK_EQ(syncfs(fd), 0);
	CHECK_ERR(syncfs(99), EBADF);
}

static void *closer(void *arg)
{
	int fd = *(int *)arg;

	CHECK_EQ(syscall(SYS_close_range, fd, ~0U, 2), 0); /* UNSHARE */
	CHECK_ERR(fcntl(fd, F_GETFD), EBADF);
	return NULL;
}

TEST(a_table_of_its_own)
{
	int fd = new_file();
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, closer, &fd), 0);
	pthread_join(t, NULL);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(syscall(SYS_close_range, fd, fd, 4), 0); /* CLOEXEC */
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TAP_MAIN(CASE(ranges_split_and_join), CASE(lock_misuse),
	 CASE(a_child_inherits_no_lock), CASE(any_close_lets_go),
	 CASE(circles_are_seen), CASE(a_circle_that_was_is_none),
	 CASE(circles_of_others_end), CASE(locks_outlive_the_exec_of_a_thread),
	 CASE(open_file_locks), CASE(flock_is_the_open_files),
	 CASE(files_do_not_outgrow_the_limit), CASE(copying_ranges),
	 CASE(vectors_with_flags), CASE(hints), CASE(a_table_of_its_own))
