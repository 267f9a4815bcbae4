// SPDX-License-Identifier: MIT
/*
 * Random scripts: the same seeds give the same calls on every kernel. Each
 * prints its result, and a hash of what maps and smaps say of the region.
 *
 * Where two kernels differ, `/tests/diff random_N -v` prints the maps and
 * smaps behind every call; `/tests/diff random:100-199` runs other seeds.
 */
#include "diff.h"

#define PAGES 24UL

static uint32_t state;

static unsigned int below(unsigned int n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % n;
}

static unsigned int pick(const int *from, unsigned int n)
{
	return (unsigned int)from[below(n)];
}

#define PICK(array) pick(array, sizeof(array) / sizeof(*(array)))

/* A range, short ones more often. */
static void range(unsigned long *page, unsigned long *n)
{
	*page = below(PAGES);
	*n = 1 + below(below(2) ? 3 : 8);
	if (*page + *n > PAGES)
		*n = PAGES - *page;
}

static void step(const char *what, unsigned long page, unsigned long n,
		 unsigned long arg, long value)
{
	const char *how = value == -1 ? strerrorname_np(errno) : "ok";

	say("%s %lu+%lu %lx: %s %08x", what, page, n, arg, how, region_hash());
}

/* ---- the calls ------------------------------------------------------------- */

static int fd;

static void do_map(unsigned long page, unsigned long n)
{
	static const int prot[] = { RW, RW, RW, R, N, R | X, RW | X };
	static const int flags[] = {
		ANON,	ANON,	ANON, PRIVATE,
		SHARED, SHANON, ANON, ANON | MAP_NORESERVE
	};
	unsigned int p = PICK(prot), f = PICK(flags);
	unsigned int fixed = below(4) ? FIXED : NOREPLACE;

	if (below(12) == 0)
		f |= MAP_LOCKED;
	if (below(12) == 0)
		f |= MAP_POPULATE;
	step("mmap", page, n, p | (unsigned long)(f | fixed) << 4,
	     mmap_(at(page), n * P, p, f | fixed, f & MAP_ANONYMOUS ? -1 : fd,
		   page * P));
}

static void do_protect(unsigned long page, unsigned long n)
{
	static const int prot[] = { RW, RW, RW, R, R, N, R | X };
	unsigned int p = PICK(prot);

	step("mprotect", page, n, p, mprotect_(at(page), n * P, p));
}

static void do_remap(unsigned long page, unsigned long n)
{
	static const int flags[] = { 0, 0, MREMAP_MAYMOVE | MREMAP_FIXED,
				     MREMAP_MAYMOVE | MREMAP_FIXED,
				     MREMAP_MAYMOVE | MREMAP_FIXED |
					     MREMAP_DONTUNMAP };
	unsigned int f = PICK(flags);
	unsigned long to = below(PAGES), new_n = 1 + below(8);

	if (f & MREMAP_DONTUNMAP)
		new_n = n;
	step("mremap", page, n, new_n | f << 4 | to << 8,
	     mremap_(at(page), n * P, new_n * P, f, at(to)));
}

static void do_advise(unsigned long page, unsigned long n)
{
	static const int advice[] = { MADV_NORMAL,     MADV_RANDOM,
				      MADV_SEQUENTIAL, MADV_DONTFORK,
				      MADV_DOFORK,     MADV_WIPEONFORK,
				      MADV_KEEPONFORK, MADV_DONTDUMP,
				      MADV_DODUMP,     MADV_DONTNEED,
				      MADV_DONTNEED,   MADV_POPULATE_READ,
				      MADV_REMOVE,     MADV_POPULATE_WRITE };
	unsigned int a = PICK(advice);

	step("madvise", page, n, a, madvise_(at(page), n * P, a));
}

static void do_lock(unsigned long page, unsigned long n)
{
	unsigned int how = below(4);

	if (how == 0)
		step("mlock2", page, n, 1, mlock2_(at(page), n * P, 1));
	else if (how == 1)
		step("mlock", page, n, 0, mlock_(at(page), n * P));
	else
		step("munlock", page, n, 0, munlock_(at(page), n * P));
}

static void do_touch(unsigned long page, unsigned long n)
{
	long faults = minor_faults();
	unsigned int write = below(3);

	if (write)
		wr_n(page, n);
	else
		rd_n(page, n);
	faults = minor_faults() - faults;
	step(write ? "write" : "read", page, n, (unsigned long)faults, 0);
}

/* The parent goes on, or the child does: then its areas are forked ones. */
static void do_fork(void)
{
	unsigned int in_child = below(2);
	pid_t pid = quiet_fork();

	if (pid && in_child)
		exit_with(wait_for(pid));
	if (!pid && !in_child)
		exit_case();
	if (!in_child)
		wait_for(pid);
	step(in_child ? "child" : "parent", 0, 0, 0, 0);
}

static void random_call(void)
{
	unsigned long page, n;

	range(&page, &n);
	switch (below(16)) {
	case 0 ... 3:
		do_map(page, n);
		break;
	case 4:
		step("munmap", page, n, 0, munmap_(at(page), n * P));
		break;
	case 5 ... 7:
		do_protect(page, n);
		break;
	case 8:
		do_remap(page, n);
		break;
	case 9:
	case 10:
		do_advise(page, n);
		break;
	case 11:
		do_lock(page, n);
		break;
	case 12 ... 14:
		do_touch(page, n);
		break;
	case 15:
		if (below(3) == 0)
			do_fork();
		break;
	}
}

unsigned int random_seed;

void random_script(void)
{
	state = random_seed * 2654435761U;
	fd = new_file("/tmp/diff", PAGES - 4);
	area(0, PAGES, RW);
	for (int i = 0; i < 80; i++) {
		random_call();
		if (verbose) {
			maps();
			smaps_all();
		}
	}
	maps();
	smaps_all();
	bytes(0, PAGES);
}
