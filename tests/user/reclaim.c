// SPDX-License-Identifier: MIT
/*
 * What leaves when memory runs short, and what stays. "reclaim DEVICE [CASE]"
 * takes a device a few times as large as memory (that is all it is read for);
 * "reclaim DEVICE swap" has memory filled while a swap area is on; "reclaim
 * DEVICE shadows" wants a sparse one, twelve times as large as memory.
 */
#include "procmem.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define HOT   (2UL << 20)
#define CHUNK (64UL << 10)

static const char *device;
static int fd;
static unsigned long dev_size, ram;

/* => the number behind name in file, as /proc/vmstat and meminfo have it */
static long number_in(const char *file, const char *name)
{
	char line[128];
	size_t len = strlen(name);
	long n = -1;
	FILE *f = fopen(file, "r");

	CHECK(f);
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) &&
		    (line[len] == ' ' || line[len] == ':'))
			n = strtol(line + len + 1, NULL, 10);
	fclose(f);
	CHECK(n >= 0);
	return n;
}

static long event(const char *name)
{
	return number_in("/proc/vmstat", name);
}

static void open_device(void)
{
	struct sysinfo si;

	fd = open(device, O_RDONLY);
	CHECK(fd >= 0);
	dev_size = (unsigned long)lseek(fd, 0, SEEK_END);
	sysinfo(&si);
	ram = si.totalram * si.mem_unit;
	CHECK(dev_size > 2 * ram);
}

static void read_range(unsigned long from, unsigned long to)
{
	static char buf[CHUNK];

	for (; from < to; from += CHUNK)
		CHECK_EQ(pread(fd, buf, CHUNK, (off_t)from), CHUNK);
}

/* => pages of [from, from + len) of the device that are in memory */
static unsigned long resident(unsigned long from, unsigned long len)
{
	static unsigned char vec[HOT / PAGE];
	unsigned long n = 0;
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, (off_t)from);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(mincore(p, len, vec), 0);
	for (unsigned long i = 0; i < len / PAGE; i++)
		n += vec[i] & 1;
	munmap(p, len);
	return n;
}

static char *map_hot(void)
{
	char *p = mmap(NULL, HOT, PROT_READ, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static unsigned long sum_of(const volatile char *p)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < HOT; i += PAGE)
		sum += (unsigned long)p[i];
	return sum;
}

/* ---- the page cache ------------------------------------------------------ */

TEST(a_stream_larger_than_memory)
{
	long kswapd, direct, file, anon, kills;

	open_device();
	kswapd = event("pgsteal_kswapd");
	direct = event("pgsteal_direct");
	file = event("pgsteal_file");
	anon = event("pgsteal_anon");
	kills = event("oom_kill");
	read_range(0, dev_size);
	kswapd = event("pgsteal_kswapd") - kswapd;
	direct = event("pgsteal_direct") - direct;
	CHECK(kswapd + direct > (long)((dev_size - ram) / PAGE));
	CHECK(kswapd > direct);
	CHECK_EQ(event("pgsteal_anon"), anon);
	CHECK_EQ(event("pgsteal_file") - file, kswapd + direct);
	CHECK_EQ(event("oom_kill"), kills);
	CHECK(number_in("/proc/meminfo", "MemFree") <
	      (long)(ram / 2 >> 10)); /* memory is there to be used */
}

/* However much is asked for: 1280 KiB at a time. */
TEST(asking_to_read_ahead_has_a_limit)
{
	char *p;

	open_device();
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	CHECK_EQ(readahead(fd, 0, dev_size), 0);
	usleep(500000);
	CHECK_EQ(resident(0, HOT), 320);
	p = mmap(NULL, dev_size, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(madvise(p + 2 * HOT, dev_size - 2 * HOT, MADV_WILLNEED), 0);
	usleep(500000);
	CHECK_EQ(resident(2 * HOT, HOT), 320);
	CHECK_EQ(resident(3 * HOT, HOT), 0);
}

TEST(read_twice_survives_a_scan)
{
	open_device();
	read_range(0, HOT);
	read_range(0, HOT);
	read_range(HOT, dev_size);
	CHECK(resident(0, HOT) >= HOT / PAGE * 9 / 10);
	CHECK(resident(HOT, HOT) <= HOT / PAGE / 10);
}

TEST(read_once_does_not)
{
	open_device();
	read_range(0, dev_size);
	CHECK(resident(0, HOT) <= HOT / PAGE / 10);
}

/* The young bit of the entries is all that tells. */
TEST(mapped_and_used_survives_a_scan)
{
	struct rusage before, after;
	char *p;

	open_device();
	p = map_hot();
	sum_of(p);
	getrusage(RUSAGE_SELF, &before);
	for (unsigned long at = HOT; at < dev_size; at += HOT) {
		read_range(at, at + HOT);
		sum_of(p);
	}
	getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_majflt - before.ru_majflt <= (long)(HOT / PAGE / 4));
}

TEST(what_comes_back_soon_becomes_active)
{
	long refaults, active;

	open_device();
	read_range(0, dev_size);
	refaults = event("workingset_refault_file");
	active = event("workingset_activate_file");
	read_range(0, HOT); /* so long ago that it does not count */
	CHECK(event("workingset_refault_file") - refaults >=
	      (long)(HOT / PAGE / 2));
	CHECK_EQ(event("workingset_activate_file"), active);
}

TEST(locked_pages_stay)
{
	long locked;
	char *p;

	open_device();
	p = map_hot();
	locked = number_in("/proc/meminfo", "Unevictable");
	CHECK_EQ(mlock(p, HOT), 0);
	/* Linux counts in batches. */
	locked = number_in("/proc/meminfo", "Unevictable") - locked;
	CHECK(labs(locked - (long)(HOT >> 10)) <= 64);
	read_range(HOT, dev_size);
	CHECK_EQ(resident(0, HOT), HOT / PAGE);
	CHECK_EQ(munlock(p, HOT), 0);
	CHECK_EQ(madvise(p, HOT, MADV_PAGEOUT), 0);
	CHECK(resident(0, HOT) <= HOT / PAGE / 10);
}

/* ---- what pages leave behind --------------------------------------------- */

/* A page of each 64, so that each has a node of the tree for itself. */
TEST(shadows_have_a_bound)
{
	const unsigned long step = 64 * PAGE;
	long freed = event("workingset_nodereclaim"), refaults, max, nr;
	volatile char *p;
	char c;

	open_device();
	max = (long)(ram / PAGE / 8);
	nr = max * 3 / 2;
	CHECK(dev_size >= (unsigned long)nr * step);
	p = mmap(NULL, dev_size, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(madvise((void *)p, dev_size, MADV_RANDOM), 0);
	for (long i = 0; i < nr; i++)
		c = p[(unsigned long)i * step];
	(void)c;
	CHECK_EQ(event("workingset_nodereclaim"), freed);
	CHECK_EQ(madvise((void *)p, dev_size, MADV_PAGEOUT), 0);
	munmap((void *)p, dev_size);
	CHECK(event("workingset_nodes") >= nr * 15 / 16);
	nr = open("/proc/sys/vm/drop_caches", O_WRONLY);
	CHECK_EQ(write((int)nr, "2", 1), 1);
	CHECK(event("workingset_nodes") >= max * 15 / 16);
	CHECK(event("workingset_nodes") <= max * 5 / 4);
	CHECK(event("workingset_nodereclaim") - freed >= max / 4);
	refaults = event("workingset_refault_file");
	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
	for (unsigned long i = 0; i < 200; i++) /* the oldest are forgotten */
		CHECK_EQ(pread(fd, &c, 1, (off_t)(i * step)), 1);
	CHECK_EQ(event("workingset_refault_file"), refaults);
	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	CHECK(event("workingset_nodes") <= max / 16);
}

/* ---- advice -------------------------------------------------------------- */

TEST(paged_out_by_advice)
{
	char *p;

	open_device();
	p = map_hot();
	sum_of(p);
	CHECK_EQ(resident(0, HOT), HOT / PAGE);
	CHECK_EQ(madvise(p, HOT, MADV_PAGEOUT), 0);
	CHECK(resident(0, HOT) <= HOT / PAGE / 10);
}

TEST(cold_by_advice)
{
	long moved = event("pgdeactivate");
	char *p;

	open_device();
	read_range(0, HOT);
	read_range(0, HOT);
	p = map_hot();
	sum_of(p);
	CHECK_EQ(madvise(p, HOT, MADV_COLD), 0);
	CHECK(event("pgdeactivate") - moved >= (long)(HOT / PAGE * 9 / 10));
	munmap(p, HOT);
	read_range(HOT, dev_size);
	CHECK(resident(0, HOT) <= HOT / PAGE / 10);
}

TEST(freed_lazily_without_swap)
{
	long freed = event("pglazyfreed");
	unsigned long lost = 0;
	char *p = mmap(NULL, HOT, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	open_device();
	memset(p, 1, HOT);
	CHECK_EQ(madvise(p, HOT, MADV_FREE), 0);
	p[0] = 2; /* wanted again */
	read_range(0, dev_size);
	CHECK_EQ(p[0], 2);
	for (unsigned long i = PAGE; i < HOT; i += PAGE) {
		CHECK(p[i] == 0 || p[i] == 1);
		lost += !p[i];
	}
	/* Who meets another at the same anon_vma leaves the page alone. */
	CHECK(lost >=
	      (sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : HOT / PAGE * 9 / 10));
	CHECK(event("pglazyfreed") - freed >= (long)lost);
}

/* ---- anonymous memory, with swap on -------------------------------------- */

TEST(locked_memory_is_not_swapped)
{
	unsigned long size, in_swap = 0;
	char *locked, *p;
	uint64_t e;
	int maps;

	open_device();
	size = ram / 10 * 11;
	locked = mmap(NULL, HOT, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(locked != MAP_FAILED && p != MAP_FAILED);
	memset(locked, 7, HOT);
	for (unsigned long i = 0; i < size; i += PAGE)
		*(unsigned long *)(p + i) = i;
	maps = open("/proc/self/pagemap", O_RDONLY);
	for (unsigned long i = 0; i < HOT; i += PAGE) {
		CHECK_EQ(pread(maps, &e, 8,
			       (off_t)(((uintptr_t)locked + i) / PAGE * 8)),
			 8);
		CHECK(e & PM_PRESENT);
	}
	for (unsigned long i = 0; i < size; i += PAGE) {
		CHECK_EQ(pread(maps, &e, 8,
			       (off_t)(((uintptr_t)p + i) / PAGE * 8)),
			 8);
		in_swap += !!(e & PM_SWAP);
	}
	CHECK(in_swap >= size / PAGE / 10);
	for (unsigned long i = 0; i < size; i += PAGE)
		CHECK_EQ(*(unsigned long *)(p + i), i);
	CHECK(number_in("/proc/vmstat", "pswpout") >= (long)in_swap);
}

/* VmHWM is what was there before the first page went. */
TEST(the_peak_is_remembered)
{
	char *p = mmap(NULL, HOT, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long peak;

	CHECK(p != MAP_FAILED);
	memset(p, 7, HOT - PAGE);
	/* Code takes memory, too, when it runs for the first time. */
	CHECK_EQ(madvise(p, HOT, MADV_NORMAL), 0);
	number_in("/proc/self/status", "VmHWM");
	peak = number_in("/proc/self/status", "VmHWM") + PAGE / 1024;
	p[HOT - 1] = 7;
	CHECK_EQ(madvise(p, HOT, MADV_PAGEOUT), 0);
	CHECK(number_in("/proc/self/status", "VmRSS") < peak);
	CHECK(number_in("/proc/self/status", "VmHWM") >= peak);
}

#define STORED 128 /* pages */

static unsigned long (*stored)[PAGE / sizeof(unsigned long)];
static volatile bool storing;

/* The pages are counted up one after the other. => the number of stores */
static void *store_on(void *unused)
{
	unsigned long n = 0;

	(void)unused;
	for (; storing; n++)
		++*(volatile unsigned long *)stored[n % STORED];
	return (void *)n;
}

/* Another CPU knows the pages until reclaim has told it: no store is lost. */
TEST(stores_go_on_while_pages_leave)
{
	unsigned long sum = 0;
	pthread_t thread;
	void *stores;

	stored = mmap(NULL, STORED * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(stored != MAP_FAILED);
	storing = true;
	CHECK_EQ(pthread_create(&thread, NULL, store_on, NULL), 0);
	for (int i = 0; i < 300; i++) {
		CHECK_EQ(madvise(stored, STORED * PAGE, MADV_PAGEOUT), 0);
		usleep(1000);
	}
	storing = false;
	CHECK_EQ(pthread_join(thread, &stores), 0);
	for (int i = 0; i < STORED; i++)
		sum += *stored[i];
	CHECK_EQ(sum, (unsigned long)stores);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		CASE(a_stream_larger_than_memory),
		CASE(asking_to_read_ahead_has_a_limit),
		CASE(read_twice_survives_a_scan),
		CASE(read_once_does_not),
		CASE(mapped_and_used_survives_a_scan),
		CASE(what_comes_back_soon_becomes_active),
		CASE(locked_pages_stay),
		CASE(paged_out_by_advice),
		CASE(cold_by_advice),
		CASE(freed_lazily_without_swap),
	};
	static const struct tap_case with_swap[] = {
		CASE(locked_memory_is_not_swapped),
		CASE(the_peak_is_remembered),
		CASE(stores_go_on_while_pages_leave),
	};
	static const struct tap_case shadows[] = {
		CASE(shadows_have_a_bound),
	};
	const int nr = sizeof(cases) / sizeof(*cases);

	device = argc > 1 ? argv[1] : NULL;
	if (!device) {
		fprintf(stderr,
			"usage: reclaim DEVICE [swap | shadows | CASE]\n");
		return 2;
	}
	if (argc > 2 && !strcmp(argv[2], "swap"))
		return tap_run(with_swap, 3);
	if (argc > 2 && !strcmp(argv[2], "shadows"))
		return tap_run(shadows, 1);
	for (int i = 0; argc > 2 && i < nr; i++)
		if (!strcmp(cases[i].name, argv[2]))
			return tap_run(&cases[i], 1);
	return tap_run(cases, nr);
}
