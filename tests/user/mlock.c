// SPDX-License-Identifier: MIT
/* Locked and lazily freed memory, and what meminfo and smaps say of it. */
#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define RW   (PROT_READ | PROT_WRITE)

static long field(const char *file, const char *key)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen(file, "r");

	CHECK(f);
	while (kb < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	fclose(f);
	return kb;
}

static long mlocked(void)
{
	return field("/proc/meminfo", "Mlocked:");
}

/* A line of smaps about the VMA that begins at p. */
static long smap(const void *p, const char *key)
{
	char line[256];
	unsigned long from, to;
	int here = 0;
	long kb = -1;
	FILE *f = fopen("/proc/self/smaps", "r");

	CHECK(f);
	while (kb < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from == (unsigned long)p;
		else if (here && !strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	}
	fclose(f);
	return kb;
}

static char *map(size_t pages, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, RW, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

TEST(locked_pages_are_counted_once_each)
{
	long before = mlocked();
	char *p = map(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(p, 1, 4 * PAGE);
	CHECK_EQ(mlock(p, 8 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 32);
	CHECK_EQ(field("/proc/self/status", "VmLck:"), 32);
	CHECK_EQ(smap(p, "Locked:"), 32);
	CHECK_EQ(munlock(p, 2 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 24);
	if (!fork()) {
		/* Locks are not inherited, and the pages are not the child's */
		memset(p, 2, 8 * PAGE);
		_exit(mlocked() - before != 24 ||
		      field("/proc/self/status", "VmLck:") != 0);
	}
	int status;

	wait(&status);
	CHECK_EQ(status, 0);
	CHECK_EQ(munmap(p + 6 * PAGE, 2 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 16);
	CHECK_EQ(madvise(p + 2 * PAGE, 2 * PAGE, 24), 0);
	CHECK_EQ(mlocked() - before, 8);
	CHECK_EQ(munmap(p, 8 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 0);
}

TEST(shared_pages_stay_locked_until_the_last_lock)
{
	long before = mlocked();
	int fd = memfd_create("locked", 0);
	char *p, *q;

	CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
	p = map(4, MAP_SHARED, fd);
	q = map(4, MAP_SHARED, fd);
	memset(p, 1, 4 * PAGE);
	CHECK_EQ(mlock(p, 4 * PAGE), 0);
	CHECK_EQ(mlock(q, 2 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 16);
	CHECK_EQ(munlock(p, 4 * PAGE), 0);
	CHECK_EQ(mlocked() - before, 8);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	CHECK_EQ(mlocked() - before, 4);
	munmap(q, 4 * PAGE);
	CHECK_EQ(mlocked() - before, 0);
}

TEST(onfault_locks_what_is_touched)
{
	long before = mlocked();
	char *p = map(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	CHECK_EQ(mlock2(p, 4 * PAGE, MLOCK_ONFAULT), 0);
	CHECK_EQ(mlocked() - before, 0);
	p[PAGE] = 1;
	CHECK_EQ(mlocked() - before, 4);
	CHECK_EQ(field("/proc/self/status", "VmLck:"), 16);
	p = mremap(p, 4 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(mlocked() - before, 4);
	CHECK_EQ(field("/proc/self/status", "VmLck:"), 64);
	CHECK_EQ(munlockall(), 0);
	CHECK_EQ(mlocked() - before, 0);
	CHECK_EQ(field("/proc/self/status", "VmLck:"), 0);
}

TEST(lock_limits_bind_who_is_not_root)
{
	struct rlimit two = { 2 * PAGE, 2 * PAGE }, none = { 0, 0 };
	char *p = map(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &two), 0);
	CHECK_EQ(mlock(p, 4 * PAGE), 0);
	CHECK_EQ(munlockall(), 0);
	CHECK_EQ(setuid(7), 0);
	CHECK_ERR(mlock(p, 3 * PAGE), ENOMEM);
	CHECK_EQ(mlock(p, 2 * PAGE), 0);
	CHECK_EQ(mlock(p, 2 * PAGE), 0);
	CHECK_ERR(mlock(p + 2 * PAGE, PAGE), ENOMEM);
	CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1,
		   0) == MAP_FAILED);
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(munlockall(), 0);
	CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	CHECK_ERR(mlock(p, PAGE), EPERM);
	CHECK_ERR(mlockall(MCL_FUTURE), EPERM);
}

TEST(what_is_freed_lazily_is_kept_by_a_write)
{
	char *p = map(4, MAP_PRIVATE | MAP_ANONYMOUS, -1), *q;
	long rss;

	memset(p, 7, 4 * PAGE);
	rss = smap(p, "Rss:");
	CHECK_EQ(madvise(p, 4 * PAGE, MADV_FREE), 0);
	CHECK_EQ(smap(p, "Rss:"), rss);
	CHECK_EQ(smap(p, "Private_Clean:"), 16);
	CHECK_EQ(smap(p, "Referenced:"), 0);
	CHECK_EQ(p[0], 7); /* nothing took it so far */
	CHECK_EQ(smap(p, "Private_Clean:"), 16);
	CHECK_EQ(smap(p, "Referenced:"), 4);
	p[0] = 9;
	CHECK_EQ(smap(p, "Private_Clean:"), 12);
	CHECK_EQ(smap(p, "Private_Dirty:"), 4);
	CHECK_EQ(p[0], 9);
	q = map(1, MAP_SHARED | MAP_ANONYMOUS, -1);
	CHECK_ERR(madvise(q, PAGE, MADV_FREE), EINVAL);
	CHECK_EQ(mlock(p, PAGE), 0);
	CHECK_ERR(madvise(p, PAGE, MADV_FREE), EINVAL);
	CHECK_ERR(madvise(p, PAGE, MADV_COLD), EINVAL);
	CHECK_ERR(madvise(p, PAGE, MADV_PAGEOUT), EINVAL);
}

TEST(cold_pages_are_old)
{
	char *p = map(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(p, 7, 4 * PAGE);
	CHECK_EQ(smap(p, "Referenced:"), 16);
	CHECK_EQ(madvise(p, 4 * PAGE, MADV_COLD), 0);
	CHECK_EQ(smap(p, "Referenced:"), 0);
	CHECK_EQ(p[PAGE], 7);
	CHECK_EQ(smap(p, "Referenced:"), 4);
	CHECK_EQ(smap(p, "Private_Dirty:"), 16);
}

TAP_MAIN(CASE(locked_pages_are_counted_once_each),
	 CASE(shared_pages_stay_locked_until_the_last_lock),
	 CASE(onfault_locks_what_is_touched),
	 CASE(lock_limits_bind_who_is_not_root),
	 CASE(what_is_freed_lazily_is_kept_by_a_write),
	 CASE(cold_pages_are_old))
