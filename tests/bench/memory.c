/* SPDX-License-Identifier: MIT */
/*
 * The operations on an address space: faults, the mmap family, copy on write,
 * many VMAs, huge pages.
 */
#include "bench.h"

#include <fcntl.h>
#include <string.h>

#define BATCH 1024L /* pages of one region: 4 MiB, two page tables */

/* ---- faults -------------------------------------------------------------- */

/* The first access to each page of an anonymous region. */
static void fault_region(int flags, bool write)
{
	for (long i = 0; i < times(8); i++) {
		char *p = map(BATCH * PAGE, PROT_READ | PROT_WRITE,
			      flags | MAP_ANONYMOUS, -1);

		start();
		if (write)
			write_pages(p, BATCH);
		else
			read_pages(p, BATCH);
		stop(BATCH);
		unmap(p, BATCH * PAGE);
	}
}

static void anon_write(long arg)
{
	(void)arg;
	fault_region(MAP_PRIVATE, true);
}

static void zero_read(long arg)
{
	(void)arg;
	fault_region(MAP_PRIVATE, false);
}

static void shared_anon(long arg)
{
	(void)arg;
	fault_region(MAP_SHARED, true);
}

/* A file of BATCH pages, all of them in the page cache. */
static int cached_file(void)
{
	char page[PAGE];
	int fd = open("/tmp/bench.file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		fail("/tmp/bench.file");
	memset(page, 'q', sizeof(page));
	for (long i = 0; i < BATCH; i++)
		if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page))
			fail("write");
	return fd;
}

static void remove_file(int fd)
{
	close(fd);
	unlink("/tmp/bench.file");
}

static void cow_file(long arg)
{
	int fd = cached_file();

	(void)arg;
	for (long i = 0; i < times(8); i++) {
		char *p = map(BATCH * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			      fd);

		start();
		write_pages(p, BATCH);
		stop(BATCH);
		unmap(p, BATCH * PAGE);
	}
	remove_file(fd);
}

static void file_read(long arg)
{
	int fd = cached_file();

	(void)arg;
	for (long i = 0; i < times(8); i++) {
		char *p = map(BATCH * PAGE, PROT_READ, MAP_SHARED, fd);

		start();
		read_pages(p, BATCH);
		stop(BATCH);
		unmap(p, BATCH * PAGE);
	}
	remove_file(fd);
}

/* ---- the mmap family ----------------------------------------------------- */

/*
 * With touched pages, or with one page that stays untouched. Below a mapping
 * of other rights: it is not to merge with what happens to be there.
 */
static void map_touch_unmap(long touched)
{
	const long n = times(500), pages = touched ? touched : 1;
	char *above = map(PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	start();
	for (long i = 0; i < n; i++) {
		char *p = map_anon(pages * PAGE);

		write_pages(p, touched);
		unmap(p, pages * PAGE);
	}
	stop(n);
	unmap(above, PAGE);
}

static void munmap_256(long arg)
{
	for (long i = 0; i < times(20); i++) {
		char *p = map_anon(256 * PAGE);

		(void)arg;
		write_pages(p, 256);
		start();
		unmap(p, 256 * PAGE);
		stop(1);
	}
}

static void grow_and_shrink(long arg)
{
	const long n = times(500);
	char *end = sbrk(0);

	(void)arg;
	end = (char *)(((uintptr_t)end + PAGE - 1) & ~(PAGE - 1));
	if (brk(end))
		fail("brk");
	start();
	for (long i = 0; i < n; i++) {
		if (brk(end + PAGE))
			fail("brk");
		write_pages(end, 1);
		if (brk(end))
			fail("brk");
	}
	stop(n);
}

static void protect_middle(long arg)
{
	const long n = times(500);
	char *p = map_anon(3 * PAGE);

	(void)arg;
	write_pages(p, 3);
	start();
	for (long i = 0; i < n; i++)
		if (mprotect(p + PAGE, PAGE, PROT_READ) ||
		    mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE))
			fail("mprotect");
	stop(n);
	unmap(p, 3 * PAGE);
}

/* To and fro between two places of which each has its own page table. */
static void mremap_1m(long arg)
{
	const long n = times(50);
	char *p = map_aligned(4 * MIB), *q = p + 2 * MIB;

	(void)arg;
	if (munmap(q, 2 * MIB))
		fail("munmap");
	write_pages(p, 256);
	start();
	for (long i = 0; i < n; i++) {
		char *from = i & 1 ? q : p, *to = i & 1 ? p : q;

		if (mremap(from, MIB, MIB, MREMAP_MAYMOVE | MREMAP_FIXED, to) !=
		    to)
			fail("mremap");
	}
	stop(n);
	unmap(p, 4 * MIB);
}

static void dontneed_256(long arg)
{
	char *p = map_anon(256 * PAGE);

	(void)arg;
	for (long i = 0; i < times(20); i++) {
		write_pages(p, 256);
		start();
		if (madvise(p, 256 * PAGE, MADV_DONTNEED))
			fail("madvise");
		stop(1);
	}
	unmap(p, 256 * PAGE);
}

/* ---- copy on write ------------------------------------------------------- */

static void cow_copy(long arg)
{
	char *p = map_anon(BATCH * PAGE);
	char byte;

	(void)arg;
	for (long i = 0; i < times(4); i++) {
		int hold[2];
		pid_t pid;

		write_pages(p, BATCH);
		if (pipe(hold) || (pid = fork()) < 0)
			fail("fork");
		if (!pid) { /* keeps its pages until the pipe is closed */
			close(hold[1]);
			_exit((int)read(hold[0], &byte, 1));
		}
		start();
		write_pages(p, BATCH);
		stop(BATCH);
		close(hold[0]);
		close(hold[1]);
		waitpid(pid, NULL, 0);
	}
	unmap(p, BATCH * PAGE);
}

static void cow_reuse(long arg)
{
	char *p = map_anon(BATCH * PAGE);

	(void)arg;
	for (long i = 0; i < times(4); i++) {
		write_pages(p, BATCH);
		fork_exit_wait();
		start();
		write_pages(p, BATCH);
		stop(BATCH);
	}
	unmap(p, BATCH * PAGE);
}

/* ---- many VMAs ----------------------------------------------------------- */

#define MANY 10000
static char *page[MANY]; /* where the n VMAs are */

/* Side by side, and different, so that no two of them can merge. */
static long build(long n)
{
	for (long i = 0; i < n; i++)
		page[i] = map(PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS |
				      (i & 1 ? MAP_NORESERVE : 0),
			      -1);
	return n;
}

static long fault_each(long n)
{
	for (long i = 0; i < n; i++)
		*(volatile char *)page[i] = 1;
	return n;
}

/* Read-only: it does not merge either. */
static long map_unmap(long n)
{
	(void)n;
	for (long i = 0; i < 100; i++)
		unmap(map(PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1),
		      PAGE);
	return 100;
}

static long fork_one(long n)
{
	(void)n;
	fork_exit_wait();
	return 1;
}

/* Addresses go down from one to the next, but for a hole filled first. */
static long teardown(long n)
{
	for (long i = 0, j; i < n; i = j + 1) {
		for (j = i; j + 1 < n && page[j + 1] == page[j] - PAGE;)
			j++;
		unmap(page[j], (j - i + 1) * PAGE);
	}
	return n;
}

/* The lives of n VMAs, of which one step is measured. */
static void vma_life(long n, long lives, int measured)
{
	static long (*const steps[])(long) = { build, fault_each, map_unmap,
					       fork_one, teardown };

	for (long life = 0; life < times(lives); life++) {
		for (int i = 0; i <= 4; i++) {
			long operations;

			if (i == measured)
				start();
			operations = steps[i](n);
			if (i == measured)
				stop(operations);
		}
	}
}

static void many_vmas(long step)
{
	vma_life(MANY, 1, (int)step);
}

static void few_vmas(long step)
{
	vma_life(10, 20, (int)step);
}

/* ---- transparent huge pages ---------------------------------------------- */

/* => AnonHugePages of the mapping that holds p, in KiB */
static long huge_kib(const char *p)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to;
	bool ours = false;
	char line[512];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			ours = from <= (uintptr_t)p && (uintptr_t)p < to;
		else if (ours)
			sscanf(line, "AnonHugePages: %ld", &kib);
	}
	if (f)
		fclose(f);
	return kib;
}

static void thp(long arg)
{
	static const char knob[] =
		"/sys/kernel/mm/transparent_hugepage/enabled";
	const long huge = 16;
	int fd = open(knob, O_WRONLY);

	(void)arg;
	if (fd < 0 || write(fd, "madvise", 7) != 7) {
		unavailable("no transparent huge pages");
		return;
	}
	close(fd);
	for (long i = 0; i < times(4); i++) {
		char *p = map_aligned(huge * 2 * MIB);

		if (madvise(p, huge * 2 * MIB, MADV_HUGEPAGE))
			fail("madvise");
		start();
		for (long j = 0; j < huge; j++)
			*(volatile char *)(p + j * 2 * MIB) = 1;
		stop(huge * 512);
		if (huge_kib(p) != huge * 2048)
			unavailable("the region got no huge pages");
		unmap(p, huge * 2 * MIB);
	}
}

const struct operation memory_operations[] = {
	{ "anon_write", anon_write, 0 },
	{ "zero_read", zero_read, 0 },
	{ "shared_anon", shared_anon, 0 },
	{ "cow_file", cow_file, 0 },
	{ "file_read", file_read, 0 },
	{ "mmap_1", map_touch_unmap, 0 },
	{ "mmap_1_touch", map_touch_unmap, 1 },
	{ "mmap_16_touch", map_touch_unmap, 16 },
	{ "munmap_256", munmap_256, 0 },
	{ "brk", grow_and_shrink, 0 },
	{ "mprotect", protect_middle, 0 },
	{ "mremap_1m", mremap_1m, 0 },
	{ "dontneed_256", dontneed_256, 0 },
	{ "cow_copy", cow_copy, 0 },
	{ "cow_reuse", cow_reuse, 0 },
	{ "vma_build", many_vmas, 0 },
	{ "vma_fault", many_vmas, 1 },
	{ "vma_mmap", many_vmas, 2 },
	{ "vma_fork", many_vmas, 3 },
	{ "vma_teardown", many_vmas, 4 },
	{ "vma10_build", few_vmas, 0 },
	{ "vma10_fault", few_vmas, 1 },
	{ "vma10_mmap", few_vmas, 2 },
	{ "vma10_fork", few_vmas, 3 },
	{ "vma10_teardown", few_vmas, 4 },
	{ "thp", thp, 0 },
	{ NULL, NULL, 0 },
};
