/* SPDX-License-Identifier: MIT */
/*
 * Transparent huge pages: what a program can see of them. Passes on Linux.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tap.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define HUGE	 (2UL << 20)
#define PAGE	 4096UL
#define THP	 "/sys/kernel/mm/transparent_hugepage/"
#define ENABLED	 THP "enabled"
#define USE_ZERO THP "use_zero_page"

static char text[1 << 18];

static char *slurp(const char *path)
{
	ssize_t n = 0, got;
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	while ((got = read(fd, text + n, sizeof(text) - 1 - (size_t)n)) > 0)
		n += got;
	CHECK(got == 0);
	text[n] = 0;
	close(fd);
	return text;
}

/* The number behind "name" in the file, after the line that has `from`. */
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

static long event(const char *name)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s ", name);
	return field("/proc/vmstat", NULL, line);
}

/* In kB, of the mapping that starts at p. */
static long smaps(const void *p, const char *name)
{
	char start[32];

	snprintf(start, sizeof(start), "%lx-", (unsigned long)p);
	return field("/proc/self/smaps", start, name);
}

static long faults(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_minflt;
}

/* n huge pages of address space, aligned, advised; nothing else near it. */
static char *area(unsigned long n)
{
	char *p = mmap(NULL, (n + 2) * HUGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p = (char *)(((uintptr_t)p + HUGE) & ~(HUGE - 1));
	CHECK(mmap(p, n * HUGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	CHECK_EQ(madvise(p, n * HUGE, MADV_HUGEPAGE), 0);
	return p;
}

static char pattern(unsigned long i)
{
	return (char)(i / PAGE * 7 + 3);
}

static void fill(char *p, unsigned long len)
{
	for (unsigned long i = 0; i < len; i += PAGE)
		p[i] = pattern(i);
}

static void check_filled(const char *p, unsigned long from, unsigned long to)
{
	for (unsigned long i = from; i < to; i += PAGE)
		CHECK_EQ(p[i], pattern(i));
}

TEST(one_fault_brings_two_megabytes)
{
	char *p = area(2);
	long allocs = event("thp_fault_alloc"), before = faults();

	fill(p, 2 * HUGE);
	CHECK(faults() - before <= 4);
	CHECK_EQ(event("thp_fault_alloc") - allocs, 2);
	check_filled(p, 0, 2 * HUGE);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 4096);
	CHECK_EQ(smaps(p, "Rss:"), 4096);
	CHECK_EQ(smaps(p, "Private_Dirty:"), 4096);
	CHECK_EQ(smaps(p, "THPeligible:"), 1);
}

TEST(reads_see_zeroes_and_cost_one_fault)
{
	char *p = area(1);
	long before = faults();

	for (unsigned long i = 0; i < HUGE; i += PAGE)
		CHECK_EQ(p[i], 0);
	CHECK(faults() - before <= 3);
	CHECK_EQ(smaps(p, "Rss:"), 0);
	fill(p, HUGE);
	check_filled(p, 0, HUGE);
	CHECK_EQ(smaps(p, "Rss:"), 2048);
}

TEST(unmapping_a_part_splits)
{
	char *p = area(2);
	long splits = event("thp_split_pmd");

	fill(p, 2 * HUGE);
	CHECK_EQ(munmap(p + HUGE / 2, PAGE), 0);
	CHECK_EQ(event("thp_split_pmd") - splits, 1);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 0);
	CHECK_EQ(smaps(p, "Rss:"), 1024);
	CHECK_EQ(smaps(p + HUGE / 2 + PAGE, "AnonHugePages:"), 2048);
	CHECK_EQ(smaps(p + HUGE / 2 + PAGE, "Rss:"), 3068);
	check_filled(p, 0, HUGE / 2);
	check_filled(p, HUGE / 2 + PAGE, 2 * HUGE);
	CHECK_EQ(munmap(p, 2 * HUGE), 0);
}

TEST(dontneed_of_a_part_and_of_all)
{
	char *p = area(2);

	fill(p, 2 * HUGE);
	CHECK_EQ(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(smaps(p, "Rss:"), 4092);
	CHECK_EQ(p[PAGE], 0);
	check_filled(p, 2 * PAGE, 2 * HUGE);
	CHECK_EQ(madvise(p + HUGE, HUGE, MADV_DONTNEED), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 0);
	CHECK_EQ(p[HUGE], 0);
	fill(p + HUGE, HUGE);
	check_filled(p + HUGE, 0, HUGE);
}

TEST(mprotect_of_all_keeps_it_and_of_a_part_splits)
{
	char *p = area(2);

	fill(p, 2 * HUGE);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 2048);
	CHECK_EQ(mprotect(p, HUGE, PROT_NONE), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 0);
	CHECK_EQ(smaps(p + HUGE, "AnonHugePages:"), 2048);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 4096);
	check_filled(p, 0, 2 * HUGE);
	p[3 * PAGE] = 1;
	p[3 * PAGE] = pattern(3 * PAGE);
	CHECK_EQ(mprotect(p + HUGE, PAGE, PROT_READ), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 2048);
	CHECK_EQ(mprotect(p + HUGE, PAGE, PROT_READ | PROT_WRITE), 0);
	check_filled(p, 0, 2 * HUGE);
	fill(p, 2 * HUGE);
}

static char *shared;

static void read_in_child(void)
{
	check_filled(shared, 0, HUGE);
	CHECK_EQ(smaps(shared, "AnonHugePages:"), 2048);
	CHECK_EQ(smaps(shared, "Shared_Dirty:"), 2048);
	CHECK_EQ(smaps(shared, "Pss:"), 1024);
}

static void write_in_child(void)
{
	long splits = event("thp_split_pmd");

	shared[5 * PAGE] = 99;
	CHECK(event("thp_split_pmd") - splits >= 1);
	CHECK_EQ(smaps(shared, "AnonHugePages:"), 0);
	CHECK_EQ(smaps(shared, "Rss:"), 2048);
	CHECK_EQ(smaps(shared, "Private_Dirty:"), 4);
	check_filled(shared, 0, 5 * PAGE);
	check_filled(shared, 6 * PAGE, HUGE);
	CHECK_EQ(shared[5 * PAGE], 99);
}

TEST(fork_shares_and_a_write_copies_one_small_page)
{
	shared = area(1);
	fill(shared, HUGE);
	CHECK_EXITS(read_in_child, 0);
	/* Alone again: written in place, in one piece. */
	shared[7 * PAGE] = pattern(7 * PAGE);
	CHECK_EQ(smaps(shared, "AnonHugePages:"), 2048);
	CHECK_EXITS(write_in_child, 0);
	check_filled(shared, 0, HUGE);
	fill(shared, HUGE);
	CHECK_EQ(smaps(shared, "Private_Dirty:"), 2048);
}

TEST(mremap_moves_it_whole_or_split)
{
	char *p = area(6);

	fill(p, HUGE);
	CHECK(mremap(p, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     p + 2 * HUGE) == p + 2 * HUGE);
	CHECK_EQ(smaps(p + 2 * HUGE, "AnonHugePages:"), 2048);
	check_filled(p + 2 * HUGE, 0, HUGE);
	CHECK(mremap(p + 2 * HUGE, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     p + 4 * HUGE + PAGE) == p + 4 * HUGE + PAGE);
	check_filled(p + 4 * HUGE + PAGE, 0, HUGE);
	CHECK_EQ(smaps(p + 4 * HUGE + PAGE, "AnonHugePages:"), 0);
	CHECK_EQ(smaps(p + 4 * HUGE + PAGE, "Rss:"), 2048);
}

TEST(small_pages_collapse_into_a_huge_one)
{
	char *p = area(1);

	CHECK_EQ(madvise(p, HUGE, MADV_NOHUGEPAGE), 0);
	for (unsigned long i = 0; i < HUGE; i += 2 * PAGE)
		p[i] = pattern(i);
	CHECK_ERR(madvise(p, HUGE, MADV_COLLAPSE), EINVAL);
	CHECK_EQ(madvise(p, HUGE, MADV_HUGEPAGE), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 0);
	CHECK_EQ(madvise(p, HUGE, MADV_COLLAPSE), 0);
	CHECK_EQ(smaps(p, "AnonHugePages:"), 2048);
	CHECK_EQ(smaps(p, "Rss:"), 2048);
	for (unsigned long i = 0; i < HUGE; i += PAGE)
		CHECK_EQ(p[i], i % (2 * PAGE) ? 0 : pattern(i));
	CHECK_EQ(madvise(p, HUGE, MADV_COLLAPSE), 0);
	CHECK_EQ(madvise(p, HUGE, MADV_DONTNEED), 0);
	CHECK_ERR(madvise(p, HUGE, MADV_COLLAPSE), EINVAL);
}

/* Change a part of p in one of six ways; it ends filled, writable. */
static void disturb(char *p, unsigned int how)
{
	char *at = p + (how / 6 % 512) * PAGE;

	switch (how % 6) {
	case 0:
		CHECK_EQ(mprotect(at, PAGE, PROT_READ), 0);
		CHECK_EQ(mprotect(at, PAGE, PROT_READ | PROT_WRITE), 0);
		break;
	case 1:
		CHECK_EQ(madvise(at, PAGE, MADV_DONTNEED), 0);
		CHECK_EQ(*at, 0);
		break;
	case 2:
		CHECK_EQ(munmap(at, PAGE), 0);
		CHECK(mmap(at, PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			   0) == at);
		break;
	case 3:
		CHECK_EQ(madvise(p, HUGE, MADV_DONTNEED), 0);
		fill(p, HUGE);
		break;
	case 4: /* EINVAL if a part of it is another VMA by now */
		madvise(p, HUGE, MADV_COLLAPSE);
		break;
	}
	*at = pattern((unsigned long)(at - p));
}

/* Processes that share huge pages split, copy and drop them, all at once. */
TEST(sharers_split_at_the_same_time)
{
	const unsigned int pages = 4, workers = 4, rounds = 12;
	int status;

	for (unsigned int r = 0; r < rounds; r++) {
		char *p = area(pages);

		for (unsigned int i = 0; i < pages; i++)
			fill(p + i * HUGE, HUGE);
		for (unsigned int w = 0; w < workers; w++) {
			unsigned int seed = r * 97 + w * 31 + 1;

			if (fork())
				continue;
			for (unsigned int n = 0; n < 4 * pages; n++) {
				seed = seed * 1103515245 + 12345;
				disturb(p + n % pages * HUGE, seed >> 16);
			}
			for (unsigned int i = 0; i < pages; i++)
				check_filled(p + i * HUGE, 0, HUGE);
			_exit(0);
		}
		for (unsigned int i = 0; i < pages; i++)
			disturb(p + i * HUGE, r * 5 + i % 3);
		for (unsigned int w = 0; w < workers; w++) {
			CHECK(wait(&status) > 0);
			CHECK_EQ(status, 0);
		}
		for (unsigned int i = 0; i < pages; i++)
			check_filled(p + i * HUGE, 0, HUGE);
		CHECK_EQ(munmap(p, pages * HUGE), 0);
	}
}

static void put(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, what, strlen(what)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(one_fault_brings_two_megabytes),
		CASE(reads_see_zeroes_and_cost_one_fault),
		CASE(unmapping_a_part_splits),
		CASE(dontneed_of_a_part_and_of_all),
		CASE(mprotect_of_all_keeps_it_and_of_a_part_splits),
		CASE(fork_shares_and_a_write_copies_one_small_page),
		CASE(mremap_moves_it_whole_or_split),
		CASE(small_pages_collapse_into_a_huge_one),
		CASE(sharers_split_at_the_same_time)
	};
	/* What it was: the word in brackets. */
	char *was = strdup(strchr(slurp(ENABLED), '[') + 1);
	int failed;

	*strchr(was, ']') = '\0';
	put(ENABLED, "madvise");
	put(USE_ZERO, "1");
	failed = tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
	put(ENABLED, was);
	return failed;
}
