// SPDX-License-Identifier: MIT
/*
 * The memory of another process: mem, process_vm_readv and process_vm_writev,
 * map_files; and looking at one that comes and goes. It passes on Linux, too.
 */
#include "procmem.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/uio.h>

/* --- mem --- */

static char *area; /* four pages, in parent and child at the same place */
static const char constant[PAGE] = "cannot be written";

static void write_area(void)
{
	touch(area, 2, 'c');
	CHECK(!mprotect(area + PAGE, PAGE, PROT_NONE));
	CHECK(!munmap(area + 3 * PAGE, PAGE));
}

TEST(mem_reads_and_writes_another_process)
{
	char buf[2 * PAGE];
	pid_t pid;
	int fd;

	area = map_apart(4, RW, PRIVATE, -1);
	touch(area, 4, 'p');
	pid = start_subject(write_area);
	fd = open_of(pid, "mem", O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, buf, 1, (off_t)area), 1);
	CHECK_EQ(buf[0], 'c');
	/* Not readable for the child itself: a debugger may. */
	CHECK_EQ(pread(fd, buf, 1, (off_t)area + (off_t)PAGE), 1);
	CHECK_EQ(buf[0], 'c');
	/* Shared since the fork: the writer gets a copy. */
	CHECK_EQ(pwrite(fd, "w", 1, (off_t)(area + 2 * PAGE)), 1);
	CHECK_EQ(area[2 * PAGE], 'p');
	CHECK_EQ(pread(fd, buf, 1, (off_t)(area + 2 * PAGE)), 1);
	CHECK_EQ(buf[0], 'w');
	/* Up to the hole, and into it. */
	CHECK_EQ(pread(fd, buf, 2 * PAGE, (off_t)(area + 2 * PAGE + 100)),
		 PAGE - 100);
	CHECK_ERR(pread(fd, buf, 1, (off_t)(area + 3 * PAGE)), EIO);
	CHECK_ERR(pwrite(fd, buf, 1, (off_t)(area + 3 * PAGE)), EIO);
	CHECK_EQ(pread(fd, buf, 0, (off_t)(area + 3 * PAGE)), 0);
	CHECK_ERR(pread(fd, nowhere, 1, (off_t)area), EFAULT);
	end_subject(pid);
	CHECK_EQ(pread(fd, buf, 1, (off_t)area), 0); /* nobody is there */
	CHECK_EQ(pwrite(fd, buf, 1, (off_t)area), 0);
}

TEST(mem_forces_private_mappings_only)
{
	int fd = open("/proc/self/mem", O_RDWR), file = temp_file(2);
	char *shared = map(1, PROT_READ, MAP_SHARED, file);
	char *private = map(1, PROT_READ, MAP_PRIVATE, file);
	char *none = map(2, PROT_NONE, PRIVATE, -1), c;

	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, "X", 1, (off_t)constant), 1);
	CHECK_EQ(*(volatile const char *)constant, 'X');
	CHECK_ERR(pwrite(fd, "X", 1, (off_t)shared), EIO);
	CHECK_EQ(pwrite(fd, "X", 1, (off_t) private), 1);
	CHECK_EQ(private[0], 'X');
	CHECK_EQ(private[1], 'f');
	CHECK_EQ(shared[0], 'f');
	CHECK_EQ(pread(file, &c, 1, 0), 1);
	CHECK_EQ(c, 'f');
	CHECK_EQ(pread(fd, &c, 1, (off_t)none), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(pwrite(fd, "X", 1, (off_t)none), 1);
	CHECK(!mprotect(none, PAGE, PROT_READ));
	CHECK_EQ(none[0], 'X');
	/* Once more into the page that is ours by now; twice shared by fork. */
	CHECK_EQ(pwrite(fd, "Y", 1, (off_t) private), 1);
	CHECK_EQ(private[0], 'Y');
	if (!fork()) {
		fd = open("/proc/self/mem", O_RDWR);
		_exit(pwrite(fd, "Z", 1, (off_t) private) != 1 ||
		      private[0] != 'Z');
	}
	CHECK(wait(NULL) > 0);
	CHECK_EQ(private[0], 'Y');
}

TEST(mem_forces_a_huge_page)
{
	int fd = open("/proc/self/mem", O_RDWR), status;
	char *p = map_huge();

	touch(p, 512, 'p');
	CHECK(!mprotect(p, 2 << 20, PROT_READ));
	CHECK_EQ(pwrite(fd, "ab", 2, (off_t)p + (off_t)PAGE), 2);
	CHECK(p[PAGE] == 'a' && p[PAGE + 1] == 'b' && p[0] == 'p');
	CHECK_EQ(smaps_of(getpid(), p, 2 << 20, ANON_HUGE), 2048);
	if (!fork()) {
		fd = open("/proc/self/mem", O_RDWR);
		_exit(pwrite(fd, "Z", 1, (off_t)p) != 1 || p[0] != 'Z' ||
		      p[PAGE] != 'a');
	}
	CHECK(wait(&status) > 0 && !status);
	CHECK(p[0] == 'p' && p[PAGE] == 'a');
}

static void write_private(void)
{
	char *p = map(1, PROT_READ, PRIVATE, -1);
	int fd = open("/proc/self/mem", O_RDWR);

	CHECK_EQ(pwrite(fd, "X", 1, (off_t)p), 1);
	CHECK_EQ(p[0], 'X');
	*(volatile char *)p = 1;
}

TEST(a_forced_write_does_not_open_the_page)
{
	CHECK_DIES(write_private, SIGSEGV);
}

TEST(mem_has_every_position)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char c;

	CHECK_EQ(lseek(fd, (off_t)constant, SEEK_SET), (off_t)constant);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), (off_t)constant + 1);
	CHECK_ERR(lseek(fd, 0, SEEK_END), EINVAL);
	CHECK_ERR(pread(fd, &c, 1, 0), EIO);
	CHECK_ERR(pread(fd, &c, 1, 1L << 48), EIO);
	CHECK_ERR(pread(fd, &c, 1, -1), EINVAL);
	CHECK_EQ(lseek(fd, ~0xfffL, SEEK_SET), ~0xfffL);
	CHECK_ERR(read(fd, &c, 1), EIO);
	CHECK_ERR(write(fd, &c, 1), EIO);
}

/* --- process_vm --- */

static char remote_text[100] = "far away";

TEST(process_vm_moves_scattered_bytes)
{
	char a[4] = {}, b[32] = {};
	struct iovec l[2] = { { a, 4 }, { b, 32 } };
	struct iovec r[2] = { { remote_text + 1, 3 }, { remote_text, 6 } };
	pid_t pid = start_subject(nothing);

	CHECK_EQ(process_vm_readv(pid, l, 2, r, 2, 0), 9);
	CHECK(!memcmp(a, "ar f", 4) && !strcmp(b, "ar aw"));
	l[0] = (struct iovec){ "near", 4 };
	r[0] = (struct iovec){ remote_text, 2 };
	r[1] = (struct iovec){ remote_text + 6, 2 };
	CHECK_EQ(process_vm_writev(pid, l, 1, r, 2, 0), 4);
	CHECK(!strcmp(remote_text, "far away"));
	l[0] = (struct iovec){ b, 9 };
	r[0] = (struct iovec){ remote_text, 9 };
	CHECK_EQ(process_vm_readv(pid, l, 1, r, 1, 0), 9);
	CHECK(!strcmp(b, "ner awar"));
	end_subject(pid);
}

TEST(process_vm_counts_up_to_the_first_hole)
{
	char *buf = map(4, RW, PRIVATE, -1),
	     *text = map_apart(2, RW, PRIVATE, -1);
	struct iovec l = { buf, 4 * PAGE }, r[2];
	pid_t me = getpid();

	touch(text, 2, 't');
	CHECK(!munmap(text + PAGE, PAGE));
	r[0] = (struct iovec){ text + 10, 100 };
	r[1] = (struct iovec){ text + PAGE - 50, 100 };
	CHECK_EQ(process_vm_readv(me, &l, 1, r, 2, 0), 150);
	CHECK_EQ(process_vm_writev(me, &l, 1, r, 2, 0), 150);
	r[0] = (struct iovec){ text + PAGE, 1 };
	CHECK_ERR(process_vm_readv(me, &l, 1, r, 1, 0), EFAULT);
	CHECK_ERR(process_vm_writev(me, &l, 1, r, 1, 0), EFAULT);
	r[0] = (struct iovec){ (void *)-4096L, 1 };
	CHECK_ERR(process_vm_readv(me, &l, 1, r, 1, 0), EFAULT);
	/* Not by force, unlike mem. */
	r[0] = (struct iovec){ (void *)constant, 1 };
	CHECK_EQ(process_vm_readv(me, &l, 1, r, 1, 0), 1);
	CHECK_ERR(process_vm_writev(me, &l, 1, r, 1, 0), EFAULT);
	/* This side's hole. */
	CHECK(!munmap(buf + PAGE, PAGE));
	l = (struct iovec){ buf + PAGE - 5, 10 };
	r[0] = (struct iovec){ text, 10 };
	CHECK_EQ(process_vm_readv(me, &l, 1, r, 1, 0), 5);
	l = (struct iovec){ buf + PAGE, 10 };
	CHECK_ERR(process_vm_readv(me, &l, 1, r, 1, 0), EFAULT);
}

TEST(process_vm_errors)
{
	static struct iovec many[1025];
	char c[8];
	struct iovec l = { c, 8 }, r = { c, 8 }, none = { c, 0 };
	pid_t me = getpid();

	CHECK_ERR(process_vm_readv(me, &l, 1, &r, 1, 1), EINVAL);
	CHECK_ERR(process_vm_readv(me, many, 1025, &r, 1, 0), EINVAL);
	CHECK_ERR(process_vm_readv(me, &l, 1, many, 1025, 0), EINVAL);
	CHECK_ERR(process_vm_readv(me, &l, -1UL, &r, 1, 0), EINVAL);
	CHECK_ERR(process_vm_readv(me, (void *)8, 1, &r, 1, 0), EFAULT);
	CHECK_ERR(process_vm_readv(me, &l, 1, (void *)8, 1, 0), EFAULT);
	CHECK_ERR(process_vm_readv(4000000, &l, 1, &r, 1, 0), ESRCH);
	CHECK_ERR(process_vm_readv(0, &l, 1, &r, 1, 0), ESRCH);
	CHECK_ERR(process_vm_readv(-1, &l, 1, &r, 1, 0), ESRCH);
	CHECK_ERR(process_vm_readv(2, &l, 1, &r, 1, 0),
		  ESRCH); /* a thread of the kernel */
	/* Nothing to do is done, whoever is asked. */
	CHECK_EQ(process_vm_readv(4000000, &none, 1, &r, 1, 0), 0);
	CHECK_EQ(process_vm_readv(4000000, &l, 1, &none, 1, 0), 0);
	CHECK_EQ(process_vm_readv(4000000, NULL, 0, (void *)8, 1, 0), 0);
	CHECK_EQ(process_vm_readv(4000000, &l, 1, NULL, 0, 0), 0);
	r.iov_len = -1UL;
	CHECK_ERR(process_vm_readv(me, &l, 1, &r, 1, 0), EINVAL);
	/* All lengths are looked at before the first place. */
	many[0] = (struct iovec){ (void *)-4096L, 8 };
	many[1].iov_len = -1UL;
	CHECK_ERR(writev(1, many, 2), EINVAL);
	CHECK_ERR(writev(1, many, 1), EFAULT);
	r.iov_len = 8;
	CHECK(!setresgid(1000, 1000, 1000) && !setresuid(1000, 1000, 1000));
	CHECK_ERR(process_vm_readv(1, &l, 1, &r, 1, 0), EPERM);
	CHECK_EQ(process_vm_readv(me, &l, 1, &r, 1, 0), 8);
}

/* --- map_files --- */

TEST(map_files_are_links_by_address)
{
	char name[] = "/tmp/mapped.XXXXXX", path[80], target[80] = {}, c;
	int fd = mkstemp(name), found = 0, files = 0;
	char *p = map_apart(2, PROT_READ, MAP_PRIVATE, fd);
	struct dirent *d;
	DIR *dir;

	CHECK_EQ(write(fd, "hello", 5), 5);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)p, (unsigned long)p + 2 * PAGE);
	CHECK_EQ(readlink(path, target, sizeof(target)), strlen(name));
	CHECK(!strcmp(target, name));
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && read(fd, &c, 1) == 1 && c == 'h');
	dir = opendir("/proc/self/map_files");
	CHECK(dir);
	while ((d = readdir(dir))) {
		files += d->d_type == DT_LNK;
		found += !strcmp(d->d_name, strrchr(path, '/') + 1);
	}
	CHECK_EQ(found, 1);
	CHECK(files >= 3); /* the program itself */
	unlink(name);
	CHECK(!munmap(p, 2 * PAGE));
	CHECK_ERR(readlink(path, target, sizeof(target)), ENOENT);
	CHECK_ERR(open("/proc/self/map_files/0-1000", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/self/map_files/00400000-00401000", O_RDONLY),
		  ENOENT);
	CHECK_ERR(open("/proc/self/map_files/x", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/self/map_files/-", O_RDONLY), ENOENT);
	CHECK_ERR(
		open("/proc/self/map_files/1-ffffffffffffffffffffffffffffffffff",
		     O_RDONLY),
		ENOENT);
}

/* --- everything at once, while it changes --- */

static void restless(void)
{
	for (int i = 0; i < 16; i++) {
		char *p = map(64, RW, PRIVATE, -1);

		touch(p, 64, 1);
		if (!(i % 4) && !fork())
			_exit(0);
		munmap(p + PAGE * (unsigned long)(i % 60), 4 * PAGE);
		munmap(p, 64 * PAGE);
	}
	while (wait(NULL) > 0)
		;
}

static volatile pid_t restless_pid;

static const struct look {
	const char *file;
	int flags;
	off_t start;
	int bytes; /* per round: reading all would take long */
} looks[] = {
	{ "smaps", O_RDONLY, 0, 1 << 20 },
	{ "pagemap", O_RDONLY, 0xffff00000000 / 512, 1 << 18 },
	{ "mem", O_RDONLY, 0x400000, 1 << 20 },
	{ "clear_refs", O_WRONLY, 0, 0 },
};

static void *look(void *arg)
{
	const struct look *l = arg;
	char *buf = map(16, RW, PRIVATE, -1);

	while (restless_pid >= 0) {
		int fd = open_of(restless_pid, l->file, l->flags);
		ssize_t n = 1;

		if (fd < 0)
			continue;
		lseek(fd, l->start, SEEK_SET);
		if (l->flags == O_WRONLY)
			n = write(fd, "1", 1);
		for (int left = l->bytes; left > 0 && n > 0; left -= (int)n)
			n = read(fd, buf, 16 * PAGE);
		close(fd);
	}
	return NULL;
}

TEST(looking_at_a_process_that_comes_and_goes)
{
	struct iovec l, r;
	pthread_t t[4];
	char c[100];

	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, look,
				      (void *)(uintptr_t)&looks[i]));
	for (int i = 0; i < 3; i++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			restless();
			_exit(0);
		}
		restless_pid = pid;
		for (int k = 0; k < 20; k++) {
			l = (struct iovec){ c, sizeof(c) };
			r = (struct iovec){ (void *)remote_text, sizeof(c) };
			process_vm_readv(pid, &l, 1, &r, 1, 0);
			process_vm_writev(pid, &l, 1, &r, 1, 0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, 0);
	}
	restless_pid = -1;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

TAP_MAIN_HUGE(CASE(mem_reads_and_writes_another_process),
	      CASE(mem_forces_private_mappings_only),
	      CASE(mem_forces_a_huge_page),
	      CASE(a_forced_write_does_not_open_the_page),
	      CASE(mem_has_every_position),
	      CASE(process_vm_moves_scattered_bytes),
	      CASE(process_vm_counts_up_to_the_first_hole),
	      CASE(process_vm_errors), CASE(map_files_are_links_by_address),
	      CASE(looking_at_a_process_that_comes_and_goes))
