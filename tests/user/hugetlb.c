/* SPDX-License-Identifier: MIT */
/*
 * MAP_HUGETLB: pools, promises, sharing, SIGBUS. Passes on Linux, too.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tap.h"

#define HUGE (2UL << 20)
#define PAGE 4096UL
#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB)
#define RW   (PROT_READ | PROT_WRITE)
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

static char text[1 << 18];

static char *slurp(const char *path)
{
	ssize_t n = 0, got;
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	while ((got = read(fd, text + n, sizeof(text) - 1 - (size_t)n)) > 0)
		n += got;
	text[n] = 0;
	close(fd);
	return text;
}

static long field(const char *path, const char *from, const char *name)
{
	char *s = slurp(path);

	if (from)
		s = strstr(s, from);
	CHECK(s);
	s = strstr(s, name);
	CHECK(s);
	return atol(s + strlen(name));
}

static void set(const char *path, long n)
{
	FILE *f = fopen(path, "w");

	CHECK(f);
	fprintf(f, "%ld\n", n);
	CHECK_EQ(fclose(f), 0);
}

static void pool_of(long n)
{
	set("/proc/sys/vm/nr_hugepages", n);
	CHECK_EQ(field("/proc/meminfo", NULL, "HugePages_Total:"), n);
}

static void expect_pool(long total, long nr_free, long resv, long surplus)
{
	CHECK_EQ(field("/proc/meminfo", NULL, "HugePages_Total:"), total);
	CHECK_EQ(field("/proc/meminfo", NULL, "HugePages_Free:"), nr_free);
	CHECK_EQ(field("/proc/meminfo", NULL, "HugePages_Rsvd:"), resv);
	CHECK_EQ(field("/proc/meminfo", NULL, "HugePages_Surp:"), surplus);
	CHECK_EQ(atol(slurp(POOL "free_hugepages")), nr_free);
	CHECK_EQ(atol(slurp(POOL "resv_hugepages")), resv);
	CHECK_EQ(atol(slurp(POOL "surplus_hugepages")), surplus);
}

static long smaps(const void *p, const char *name)
{
	char start[32];

	snprintf(start, sizeof(start), "%lx-", (unsigned long)p);
	return field("/proc/self/smaps", start, name);
}

static char *map(unsigned long n, int flags)
{
	char *p = mmap(NULL, n * HUGE, RW, flags, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ((uintptr_t)p % HUGE, 0);
	return p;
}

static sigjmp_buf env;
static int code;

static void on_sigbus(int sig, siginfo_t *info, void *ctx)
{
	(void)sig, (void)ctx;
	code = info->si_code;
	siglongjmp(env, 1);
}

/* Does writing to p end in SIGBUS with BUS_ADRERR? */
static int bus_error(volatile char *p)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus,
				.sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &sa, NULL);
	if (sigsetjmp(env, 1))
		return code == BUS_ADRERR;
	*p = 1;
	return 0;
}

TEST(the_pool_grows_and_shrinks)
{
	pool_of(3);
	expect_pool(3, 3, 0, 0);
	CHECK_EQ(atol(slurp(POOL "nr_hugepages")), 3);
	CHECK_EQ(field("/proc/meminfo", NULL, "Hugetlb:"), 3 * 2048);
	set(POOL "nr_hugepages", 1);
	expect_pool(1, 1, 0, 0);
}

TEST(a_mapping_is_promised_its_pages)
{
	char *p;

	pool_of(3);
	p = map(2, ANON);
	expect_pool(3, 3, 2, 0);
	CHECK_ERR(mmap(NULL, 2 * HUGE, RW, ANON, -1, 0), ENOMEM);
	p[0] = 1;
	expect_pool(3, 2, 1, 0);
	CHECK_EQ(p[HUGE - 1], 0);
	CHECK_EQ(smaps(p, "Private_Hugetlb:"), 2048);
	CHECK_EQ(smaps(p, "Rss:"), 0);
	CHECK_EQ(smaps(p, "KernelPageSize:"), 2048);
	CHECK_EQ(smaps(p, "MMUPageSize:"), 2048);
	CHECK(strstr(slurp("/proc/self/maps"), " /anon_hugepage (deleted)\n"));
	CHECK_EQ(field("/proc/self/status", NULL, "HugetlbPages:"), 2048);
	CHECK_EQ(munmap(p, HUGE), 0);
	expect_pool(3, 3, 1, 0);
	CHECK_EQ(munmap(p + HUGE, HUGE), 0);
	expect_pool(3, 3, 0, 0);
}

TEST(without_a_promise_there_is_sigbus)
{
	char *p;

	pool_of(1);
	p = map(2, ANON | MAP_NORESERVE);
	expect_pool(1, 1, 0, 0);
	p[0] = 1;
	CHECK(bus_error(p + HUGE));
	pool_of(2);
	CHECK(!bus_error(p + HUGE));
}

TEST(odd_sizes_and_places_are_refused)
{
	char *p;

	pool_of(3);
	p = map(2, ANON);
	CHECK_ERR(munmap(p + PAGE, PAGE), EINVAL);
	CHECK_ERR(munmap(p, PAGE), EINVAL);
	CHECK_ERR(mprotect(p, PAGE, PROT_READ), EINVAL);
	CHECK_ERR(mmap(p + PAGE, HUGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, HUGE, RW, ANON | 22 << MAP_HUGE_SHIFT, -1, 0),
		  EINVAL);
	CHECK_ERR(mremap(p, HUGE, 2 * HUGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERR(madvise(p + PAGE, HUGE, MADV_DONTNEED), EINVAL);
	CHECK_ERR(madvise(p, HUGE, MADV_FREE), EINVAL);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ), 0);
	CHECK_EQ(mprotect(p, HUGE, RW), 0);
	p[0] = 1;
	/* One byte is a page of the pool. */
	p = mmap(NULL, 1, RW, ANON, -1, 0);
	CHECK(p != MAP_FAILED);
	expect_pool(3, 2, 2, 0);
}

TEST(mremap_moves_and_dontneed_frees)
{
	char *p, *q;

	pool_of(4);
	p = map(2, ANON);
	q = map(2, ANON);
	CHECK_EQ(munmap(q, 2 * HUGE), 0);
	p[0] = 5;
	expect_pool(4, 3, 1, 0);
	CHECK(mremap(p, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) ==
	      q);
	CHECK_EQ(q[0], 5);
	expect_pool(4, 3, 1, 0);
	q[HUGE] = 6;
	expect_pool(4, 2, 0, 0);
	CHECK_EQ(madvise(q, HUGE, MADV_DONTNEED), 0);
	expect_pool(4, 3, 0, 0);
	CHECK_EQ(q[0], 0);
	CHECK_EQ(q[HUGE], 6);
	CHECK_EQ(munmap(q, 2 * HUGE), 0);
	expect_pool(4, 4, 0, 0);
}

static char *page;

static void child_may_copy(void)
{
	CHECK_EQ(page[0], 1);
	CHECK_EQ(smaps(page, "Shared_Hugetlb:"), 2048);
	page[0] = 2;
	expect_pool(2, 0, 0, 0);
	CHECK_EQ(smaps(page, "Private_Hugetlb:"), 2048);
}

static void child_may_not(void)
{
	CHECK_EQ(page[0], 1);
	CHECK(bus_error(page));
}

TEST(fork_shares_and_a_write_copies)
{
	pool_of(2);
	page = map(1, ANON);
	page[0] = 1;
	CHECK_EXITS(child_may_copy, 0);
	CHECK_EQ(page[0], 1);
	pool_of(1);
	CHECK_EXITS(child_may_not, 0);
	CHECK_EQ(page[0], 1);
}

static void child_has_no_promise(void)
{
	CHECK(bus_error(page + HUGE));
}

TEST(a_promise_is_not_inherited)
{
	pool_of(2);
	page = map(2, ANON);
	page[0] = 1;
	expect_pool(2, 1, 1, 0);
	CHECK_EXITS(child_has_no_promise, 0);
	expect_pool(2, 1, 1, 0);
	CHECK(!bus_error(page + HUGE));
	expect_pool(2, 0, 0, 0);
}

TEST(the_owner_takes_its_page_from_the_child)
{
	int go[2], status;
	pid_t pid;
	char c;

	pool_of(1);
	page = map(1, ANON);
	page[0] = 1;
	CHECK_EQ(pipe(go), 0);
	pid = fork();
	if (!pid) {
		CHECK_EQ(read(go[0], &c, 1), 1);
		_exit(!bus_error(page));
	}
	page[0] = 3;
	expect_pool(1, 0, 0, 0);
	CHECK_EQ(write(go[1], "x", 1), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(page[0], 3);
}

static void write_shared(void)
{
	page[0] = 7;
	page[HUGE] = 8;
}

TEST(shared_pages_stay_shared)
{
	pool_of(3);
	page = map(2, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
	expect_pool(3, 3, 2, 0);
	CHECK_EXITS(write_shared, 0);
	expect_pool(3, 1, 0, 0);
	CHECK_EQ(page[0], 7);
	CHECK_EQ(page[HUGE], 8);
	/* The object keeps its pages until the last part of it is unmapped. */
	CHECK_EQ(munmap(page, HUGE), 0);
	expect_pool(3, 1, 0, 0);
	CHECK_EQ(munmap(page + HUGE, HUGE), 0);
	expect_pool(3, 3, 0, 0);
}

enum { HEIRS = 6 };

/* => how many of our children could write to our page */
static int writers(void)
{
	int able = 0, status;

	for (int i = 0; i < HEIRS; i++)
		if (!fork())
			_exit(!bus_error(page));
	for (int i = 0; i < HEIRS; i++) {
		CHECK(wait(&status) > 0);
		able += !!status;
	}
	return able;
}

/* Whoever gets the mm_struct of a dead owner does not inherit with it. */
TEST(an_owner_has_no_heirs)
{
	int gone[2], result[2];
	char able = 99, c;
	pid_t pid;

	pool_of(1);
	CHECK(!pipe(gone) && !pipe(result));
	pid = fork();
	if (!pid) {
		page = map(1, ANON);
		page[0] = 5;
		if (fork())
			_exit(0);
		close(gone[1]);
		CHECK_EQ(read(gone[0], &c, 1), 0);
		able = (char)writers();
		able = page[0] == 5 ? able : 99; /* SIGBUS: taken away */
		CHECK_EQ(write(result[1], &able, 1), 1);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(gone[1]);
	close(result[1]);
	CHECK_EQ(read(result[0], &able, 1), 1);
	CHECK_EQ(able, 0);
}

/* The mapping behind a pool's pages is none of files: it is left alone. */
TEST(remap_file_pages_leaves_them_alone)
{
	pool_of(2);
	page = map(2, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
	page[0] = 7;
	page[HUGE] = 8;
	(void)syscall(SYS_remap_file_pages, page, 2 * HUGE, 0, 0, 0);
	CHECK_EQ(page[0], 7);
	CHECK_EQ(page[HUGE], 8);
	CHECK_EQ(munmap(page, 2 * HUGE), 0);
	expect_pool(2, 2, 0, 0);
}

/* A debugger may not write to them behind a protection: neither in Linux. */
TEST(no_write_by_force)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char *p;

	pool_of(2);
	p = mmap(NULL, HUGE, RW, ANON, -1, 0);
	p[5] = 1;
	CHECK_EQ(pwrite(fd, "x", 1, (off_t)p), 1);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ), 0);
	CHECK_ERR(pwrite(fd, "y", 1, (off_t)p), EIO);
	CHECK_EQ(p[0], 'x');
	CHECK_EQ(munmap(p, HUGE), 0);
	pool_of(0);
}

TEST(surplus_pages_come_and_go)
{
	char *p;

	pool_of(1);
	set(POOL "nr_overcommit_hugepages", 2);
	CHECK_ERR(mmap(NULL, 4 * HUGE, RW, ANON, -1, 0), ENOMEM);
	expect_pool(1, 1, 0, 0);
	p = map(3, ANON);
	expect_pool(3, 3, 3, 2);
	p[0] = 1;
	set("/proc/sys/vm/nr_overcommit_hugepages", 0);
	CHECK_EQ(munmap(p, 3 * HUGE), 0);
	expect_pool(1, 1, 0, 0);
	/* In use while the pool goes: surplus until it comes home. */
	p = map(1, ANON);
	p[0] = 1;
	set("/proc/sys/vm/nr_hugepages", 0);
	expect_pool(1, 0, 0, 1);
	CHECK_EQ(munmap(p, HUGE), 0);
	expect_pool(0, 0, 0, 0);
}

TEST(system_calls_reach_into_them)
{
	unsigned char vec[512];
	int fds[2];
	char *p;

	pool_of(1);
	p = map(1, ANON);
	CHECK_EQ(mincore(p, HUGE, vec), 0);
	CHECK_EQ(vec[0] & 1, 0);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], "quire", 5), 5);
	CHECK_EQ(read(fds[0], p + HUGE - 5, 5), 5);
	CHECK(!memcmp(p + HUGE - 5, "quire", 5));
	CHECK_EQ(mincore(p, HUGE, vec), 0);
	CHECK_EQ(vec[0] & vec[511] & 1, 1);
	CHECK_EQ(mlock(p, HUGE), 0);
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(the_pool_grows_and_shrinks),
		CASE(a_mapping_is_promised_its_pages),
		CASE(without_a_promise_there_is_sigbus),
		CASE(odd_sizes_and_places_are_refused),
		CASE(mremap_moves_and_dontneed_frees),
		CASE(fork_shares_and_a_write_copies),
		CASE(a_promise_is_not_inherited),
		CASE(the_owner_takes_its_page_from_the_child),
		CASE(shared_pages_stay_shared),
		CASE(an_owner_has_no_heirs),
		CASE(remap_file_pages_leaves_them_alone),
		CASE(no_write_by_force),
		CASE(surplus_pages_come_and_go),
		CASE(system_calls_reach_into_them),
	};
	int failed = tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	pool_of(0);
	return failed;
}
