// SPDX-License-Identifier: MIT
/*
 * Every system call that takes a pointer gets bad ones: null, unmapped, the
 * kernel's linear map, the kernel's image, the very end of the address space.
 * The answer is EFAULT (or the error of an earlier check), never a crash.
 */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static const unsigned long bad[] = {
	0,
	8,
	0x10000,
	0x0000aaaa00000000UL,
	0x0001000000000000UL,
	0xffff800000000000UL,
	0xffff000010080000UL,
	0xffff7e0000000000UL,
	0xffffffffffffffffUL,
	0xfffffffffffff000UL,
};
#define FOR_BAD(p)            \
	for (unsigned i_ = 0; \
	     i_ < sizeof(bad) / sizeof(*bad) && (p = bad[i_], 1); i_++)

/* nr, which argument is the pointer, the others; null_ok: NULL means "none" */
static const struct call {
	long nr;
	int ptr;
	long arg[6];
	int null_ok;
} calls[] = {
	{ SYS_read, 1, { 0, 0, 16 }, 0 },
	{ SYS_write, 1, { 1, 0, 16 }, 0 },
	{ SYS_openat, 1, { AT_FDCWD, 0, O_RDONLY }, 0 },
	{ SYS_mkdirat, 1, { AT_FDCWD, 0, 0700 }, 0 },
	{ SYS_unlinkat, 1, { AT_FDCWD, 0, 0 }, 0 },
	{ SYS_symlinkat, 0, { 0, AT_FDCWD, 0 }, 0 },
	{ SYS_linkat, 1, { AT_FDCWD, 0, AT_FDCWD, 0, 0 }, 0 },
	{ SYS_renameat, 1, { AT_FDCWD, 0, AT_FDCWD, 0 }, 0 },
	{ SYS_newfstatat, 1, { AT_FDCWD, 0, 0, 0 }, 0 },
	{ SYS_faccessat, 1, { AT_FDCWD, 0, 0 }, 0 },
	{ SYS_fchmodat, 1, { AT_FDCWD, 0, 0700 }, 0 },
	{ SYS_fchownat, 1, { AT_FDCWD, 0, 0, 0, 0 }, 0 },
	{ SYS_readlinkat, 1, { AT_FDCWD, 0, 0, 64 }, 0 },
	{ SYS_statfs, 0, { 0, 0 }, 0 },
	{ SYS_truncate, 0, { 0, 0 }, 0 },
	{ SYS_chdir, 0, { 0 }, 0 },
	{ SYS_chroot, 0, { 0 }, 0 },
	{ SYS_execve, 0, { 0, 0, 0 }, 0 },
	{ SYS_pipe2, 0, { 0, 0 }, 0 },
	{ SYS_getcwd, 0, { 0, 4096 }, 0 },
	{ SYS_uname, 0, { 0 }, 0 },
	{ SYS_sysinfo, 0, { 0 }, 0 },
	{ SYS_times, 0, { 0 }, 1 },
	{ SYS_getrusage, 1, { 0, 0 }, 0 },
	{ SYS_getrlimit, 1, { 3, 0 }, 0 },
	{ SYS_setrlimit, 1, { 3, 0 }, 0 },
	{ SYS_prlimit64, 2, { 0, 3, 0, 0 }, 1 },
	{ SYS_clock_gettime, 1, { 1, 0 }, 0 },
	{ SYS_clock_getres, 1, { 1, 0 }, 1 },
	{ SYS_nanosleep, 0, { 0, 0 }, 0 },
	{ SYS_clock_nanosleep, 2, { 1, 0, 0, 0 }, 0 },
	{ SYS_gettimeofday, 0, { 0, 0 }, 1 },
	{ SYS_rt_sigaction, 1, { SIGUSR1, 0, 0, 8 }, 1 },
	{ SYS_rt_sigaction, 2, { SIGUSR1, 0, 0, 8 }, 1 },
	{ SYS_rt_sigprocmask, 1, { SIG_BLOCK, 0, 0, 8 }, 1 },
	{ SYS_rt_sigprocmask, 2, { SIG_BLOCK, 0, 0, 8 }, 1 },
	{ SYS_rt_sigpending, 0, { 0, 8 }, 0 },
	{ SYS_rt_sigsuspend, 0, { 0, 8 }, 0 },
	{ SYS_rt_sigtimedwait, 0, { 0, 0, 0, 8 }, 0 },
	{ SYS_sigaltstack, 0, { 0, 0 }, 1 },
	{ SYS_setgroups, 1, { 2, 0 }, 0 },
	{ SYS_sethostname, 0, { 0, 4 }, 0 },
	{ SYS_getrandom, 0, { 0, 16, 0 }, 0 },
	{ SYS_getdents64, 1, { 3, 0, 1024 }, 0 },
	{ SYS_fstat, 1, { 0, 0 }, 0 },
	{ SYS_fstatfs, 1, { 3, 0 }, 0 },
	{ SYS_readv, 1, { 3, 0, 2 }, 0 },
	{ SYS_writev, 1, { 1, 0, 2 }, 0 },
	{ SYS_ppoll, 0, { 0, 1, 0, 0, 8 }, 0 },
	{ SYS_mount, 1, { 0, 0, 0, 0, 0 }, 0 },
	{ SYS_umount2, 0, { 0, 0 }, 0 },
	{ SYS_sched_getaffinity, 2, { 0, 8, 0 }, 0 },
	{ SYS_sched_setaffinity, 2, { 0, 8, 0 }, 0 },
	{ SYS_futex, 0, { 0, 0, 0, 0, 0, 0 }, 0 },
	{ SYS_wait4, 1, { -1, 0, WNOHANG, 0 }, 1 },
	{ SYS_syslog, 1, { 3, 0, 65536 }, 0 },
	{ SYS_mincore, 2, { 0, 4096, 0 }, 0 },
	{ SYS_statx, 4, { AT_FDCWD, (long)"/", 0, 0, 0 }, 0 },
	{ SYS_utimensat, 2, { AT_FDCWD, (long)"/tmp", 0, 0 }, 1 },
	{ SYS_sendfile, 2, { 1, 3, 0, 16 }, 1 },
	{ SYS_prctl, 1, { 16, 0 }, 0 },
	{ SYS_getresuid, 0, { 0, 0, 0 }, 0 },
	{ SYS_setitimer, 1, { 0, 0, 0 }, 1 },
	{ SYS_getitimer, 1, { 0, 0 }, 0 },
};

TEST(bad_pointers_are_efault)
{
	int dir = open("/", O_RDONLY);
	int bad_calls = 0;

	CHECK_EQ(dir, 3);
	/* a pipe as stdin with something in it: read() must not block */
	for (unsigned c = 0; c < sizeof(calls) / sizeof(*calls); c++) {
		unsigned long p;

		FOR_BAD(p)
		{
			long a[6], ret;

			memcpy(a, calls[c].arg, sizeof(a));
			a[calls[c].ptr] = (long)p;
			if (!p && calls[c].null_ok)
				continue;
			if (calls[c].nr == SYS_read)
				a[0] = open("/dev/zero", O_RDONLY);
			errno = 0;
			ret = syscall(calls[c].nr, a[0], a[1], a[2], a[3], a[4],
				      a[5]);
			if (calls[c].nr == SYS_read)
				close((int)a[0]);
			if (ret >= 0 || (errno != EFAULT && errno != EINVAL &&
					 errno != EISDIR && errno != ECHILD &&
					 errno != ENOMEM)) {
				printf("# call %ld with %#lx: %ld, %s\n",
				       calls[c].nr, p, ret, strerror(errno));
				bad_calls++;
			}
		}
	}
	CHECK_EQ(bad_calls, 0);
}

TEST(a_buffer_that_ends_at_a_hole_is_used_up_to_there)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/dev/zero", O_RDONLY);

	munmap(p + 4096, 4096);
	p[4095] = 'x';
	CHECK_EQ(read(fd, p + 4090, 6), 6);
	CHECK_EQ(p[4095], 0);
	memset(p, 'a', 4096);
	CHECK_ERR(open(p + 4090, O_RDONLY), EFAULT);
	p[4095] = 0;
	CHECK_ERR(open(p + 4090, O_RDONLY), ENOENT);
}

TEST(unknown_system_calls_are_enosys)
{
	CHECK_ERR(syscall(600), ENOSYS);
	CHECK_ERR(syscall(-1), ENOSYS);
	CHECK_ERR(syscall(244), ENOSYS);
	CHECK_ERR(syscall(0x7fffffff), ENOSYS);
}

TEST(names_are_checked)
{
	char name[5000];

	memset(name, 'a', sizeof(name));
	name[4999] = 0;
	CHECK_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	name[300] = 0;
	CHECK_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	CHECK_ERR(open("/bin/ls/x", O_RDONLY), ENOTDIR);
	CHECK_EQ(symlink("loop", "/tmp/loop"), 0);
	CHECK_ERR(open("/tmp/loop", O_RDONLY), ELOOP);
	unlink("/tmp/loop");
}

TAP_MAIN(CASE(bad_pointers_are_efault),
	 CASE(a_buffer_that_ends_at_a_hole_is_used_up_to_there),
	 CASE(unknown_system_calls_are_enosys), CASE(names_are_checked))
