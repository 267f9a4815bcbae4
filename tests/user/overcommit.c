// SPDX-License-Identifier: MIT
/* Promises: Committed_AS to the page, the three modes, the limits. */
#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define MIB  (1UL << 20)
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned long meminfo(const char *key)
{
	char line[128];
	unsigned long kb = ~0UL;
	FILE *f = fopen("/proc/meminfo", "r");

	CHECK(f);
	while (kb == ~0UL && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = strtoul(line + strlen(key), NULL, 10);
	fclose(f);
	return kb;
}

static unsigned long committed(void)
{
	return meminfo("Committed_AS:");
}

static unsigned long sysctl_vm(const char *name, const char *value)
{
	char path[64], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	fd = open(path, value ? O_RDWR : O_RDONLY);
	CHECK(fd >= 0);
	if (value)
		CHECK_EQ(write(fd, value, strlen(value)), strlen(value));
	lseek(fd, 0, SEEK_SET);
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtoul(text, NULL, 10);
}

static void *map(size_t size, int prot, int flags)
{
	return mmap(NULL, size, prot, flags, -1, 0);
}

TEST(each_private_writable_page_is_a_promise)
{
	unsigned long before = committed();
	char *p = map(64 * MIB, RW, ANON), *q;

	CHECK_EQ(committed() - before, 65536);
	q = map(64 * MIB, PROT_READ, ANON);
	CHECK_EQ(committed() - before, 65536);
	/* Once writable, always promised. */
	CHECK_EQ(mprotect(q, 32 * MIB, RW), 0);
	CHECK_EQ(committed() - before, 98304);
	CHECK_EQ(mprotect(q, 32 * MIB, PROT_READ), 0);
	CHECK_EQ(committed() - before, 98304);
	CHECK_EQ(munmap(q, 64 * MIB), 0);
	CHECK_EQ(committed() - before, 65536);
	q = map(16 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS);
	CHECK_EQ(committed() - before, 81920);
	munmap(q, 16 * MIB);
	q = map(16 * MIB, RW, ANON | MAP_NORESERVE);
	CHECK_EQ(committed() - before, 65536);
	munmap(q, 16 * MIB);
	p = mremap(p, 64 * MIB, 96 * MIB, MREMAP_MAYMOVE);
	CHECK_EQ(committed() - before, 98304);
	CHECK_EQ(munmap(p + MIB, 64 * MIB), 0);
	CHECK_EQ(committed() - before, 32768);
	CHECK_EQ(munmap(p, 96 * MIB), 0);
	CHECK_EQ(committed() - before, 0);
}

TEST(guessing_refuses_only_what_cannot_be)
{
	size_t ram = meminfo("MemTotal:") << 10;

	sysctl_vm("overcommit_memory", "0");
	CHECK(map(ram + PAGE, RW, ANON) == MAP_FAILED && errno == ENOMEM);
	CHECK(map(ram + PAGE, RW, ANON | MAP_NORESERVE) != MAP_FAILED);
	CHECK(map(ram - MIB, RW, ANON) != MAP_FAILED);
	CHECK(map(ram - MIB, RW, ANON) != MAP_FAILED);
}

TEST(always_means_always)
{
	sysctl_vm("overcommit_memory", "1");
	CHECK(map(1UL << 40, RW, ANON) != MAP_FAILED);
	sysctl_vm("overcommit_memory", "0");
}

static void never(void)
{
	size_t room = (meminfo("CommitLimit:") - committed()) << 10;

	/* Linux counts by CPU, and is up to 256 KiB off. */
	CHECK(map(room + MIB, RW, ANON) == MAP_FAILED);
	CHECK_EQ(errno, ENOMEM);
	CHECK(map(room + MIB, RW, ANON | MAP_NORESERVE) == MAP_FAILED);
	CHECK(map(room - MIB, RW, ANON) != MAP_FAILED);
	CHECK(map(2 * MIB, RW, ANON) == MAP_FAILED);
	CHECK(map(2 * MIB, PROT_READ, ANON) != MAP_FAILED);
	CHECK(map(2 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS) == MAP_FAILED);
	CHECK(fork() < 0 && errno == ENOMEM);
}

static void never_for_others(void)
{
	size_t reserve = sysctl_vm("admin_reserve_kbytes", NULL) << 10, room;

	CHECK_EQ(setuid(7), 0);
	room = (meminfo("CommitLimit:") - committed()) << 10;
	CHECK(map(room - reserve + MIB, RW, ANON) == MAP_FAILED);
	CHECK(map(room - reserve - 2 * MIB, RW, ANON) != MAP_FAILED);
}

TEST(never_keeps_below_the_limit)
{
	int root, others;

	sysctl_vm("overcommit_memory", "2");
	root = in_child(never);
	others = in_child(never_for_others);
	sysctl_vm("overcommit_memory", "0");
	CHECK_EQ(root, 0);
	CHECK_EQ(others, 0);
}

TEST(the_limit_is_a_ratio_or_a_number)
{
	unsigned long total = meminfo("MemTotal:");

	CHECK_EQ(sysctl_vm("overcommit_ratio", NULL), 50);
	CHECK_EQ(sysctl_vm("overcommit_ratio", "80"), 80);
	CHECK_EQ(meminfo("CommitLimit:"), total / 4 * 80 / 100 * 4);
	CHECK_EQ(sysctl_vm("overcommit_kbytes", "100000"), 100000);
	CHECK_EQ(sysctl_vm("overcommit_ratio", NULL), 0);
	CHECK_EQ(meminfo("CommitLimit:"), 100000);
	CHECK_EQ(sysctl_vm("overcommit_ratio", "50"), 50);
	CHECK_EQ(sysctl_vm("overcommit_kbytes", NULL), 0);
	CHECK_EQ(meminfo("CommitLimit:"), total / 4 * 50 / 100 * 4);
}

TEST(limits_stop_what_they_name)
{
	struct rlimit as = { 64 * MIB, 64 * MIB }, data = { 8 * MIB, 8 * MIB };
	char *p;

	CHECK_EQ(setrlimit(RLIMIT_DATA, &data), 0);
	CHECK(map(9 * MIB, RW, ANON) == MAP_FAILED && errno == ENOMEM);
	CHECK(map(9 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS) != MAP_FAILED);
	p = map(9 * MIB, PROT_READ, ANON);
	CHECK(p != MAP_FAILED);
	CHECK_ERR(mprotect(p, 9 * MIB, RW), ENOMEM);
	CHECK_EQ(mprotect(p, MIB, RW), 0);
	CHECK(sbrk(8 * MIB) == (void *)-1);
	CHECK_EQ(setrlimit(RLIMIT_AS, &as), 0);
	CHECK(map(64 * MIB, PROT_NONE, ANON) == MAP_FAILED && errno == ENOMEM);
	CHECK(mremap(p, 9 * MIB, 64 * MIB, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK(map(MIB, PROT_NONE, ANON) != MAP_FAILED);
}

TAP_MAIN(CASE(each_private_writable_page_is_a_promise),
	 CASE(guessing_refuses_only_what_cannot_be), CASE(always_means_always),
	 CASE(never_keeps_below_the_limit),
	 CASE(the_limit_is_a_ratio_or_a_number),
	 CASE(limits_stop_what_they_name))
