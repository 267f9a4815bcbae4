// SPDX-License-Identifier: MIT
/* madvise: every advice, its effect and its errors. */
#include "diff.h"

#include <sys/auxv.h>

static const int every_advice[] = {
	MADV_NORMAL,	      MADV_RANDOM,	  MADV_SEQUENTIAL,
	MADV_WILLNEED,	      MADV_DONTNEED,	  MADV_FREE,
	MADV_REMOVE,	      MADV_DONTFORK,	  MADV_DOFORK,
	MADV_MERGEABLE,	      MADV_UNMERGEABLE,	  MADV_HUGEPAGE,
	MADV_NOHUGEPAGE,      MADV_DONTDUMP,	  MADV_DODUMP,
	MADV_WIPEONFORK,      MADV_KEEPONFORK,	  MADV_COLD,
	MADV_PAGEOUT,	      MADV_POPULATE_READ, MADV_POPULATE_WRITE,
	MADV_DONTNEED_LOCKED,
};

/* All of them on the same range, one after the other. */
static void advise_all(unsigned long page, unsigned long n)
{
	for (size_t i = 0; i < sizeof(every_advice) / sizeof(int); i++) {
		int advice = every_advice[i];

		say("advice %d", advice);
		DO(madvise_(at(page), n * P, advice));
	}
}

CASE(advise_anonymous)
{
	area(0, 4, RW);
	wr_n(0, 4);
	advise_all(0, 4);
	maps();
}

CASE(advise_shared_anonymous)
{
	area_of(0, 4, RW, SHANON, -1, 0);
	wr_n(0, 4);
	advise_all(0, 4);
	maps();
}

CASE(advise_file_shared)
{
	area_of(0, 4, RW, SHARED, new_file("/tmp/diff", 4), 0);
	rd_n(0, 4);
	advise_all(0, 4);
	bytes(0, 4);
}

CASE(advise_file_private)
{
	area_of(0, 4, RW, PRIVATE, new_file("/tmp/diff", 4), 0);
	wr_n(0, 2);
	advise_all(0, 4);
	bytes(0, 4);
}

CASE(advise_read_only_file)
{
	close(new_file("/tmp/diff", 4));
	area_of(0, 4, R, SHARED, open("/tmp/diff", O_RDONLY), 0);
	advise_all(0, 4);
}

CASE(advise_none)
{
	area(0, 4, N);
	advise_all(0, 4);
}

CASE(advise_locked)
{
	area(0, 4, RW);
	must(mlock_(at(0), 4 * P));
	advise_all(0, 4);
	smaps(at(0));
}

CASE(advise_locked_shared)
{
	area_of(0, 4, RW, SHANON, -1, 0);
	must(mlock_(at(0), 4 * P));
	advise_all(0, 4);
}

CASE(advise_hole)
{
	area(0, 2, RW);
	area(4, 2, RW);
	wr_n(0, 2);
	wr_n(4, 2);
	advise_all(0, 6);
	bytes(0, 6);
}

CASE(advise_unmapped)
{
	advise_all(0, 4);
}

CASE(advise_vdso_and_stack)
{
	unsigned long vdso = getauxval(AT_SYSINFO_EHDR);

	if (vdso)
		for (size_t i = 0; i < sizeof(every_advice) / sizeof(int); i++)
			if (every_advice[i] != MADV_DONTNEED_LOCKED) {
				say("advice %d", every_advice[i]);
				DO(madvise_(vdso, P, every_advice[i]));
			}
}

CASE(advise_arguments)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(madvise_(at(0) + 1, P, MADV_DONTNEED));
	DO(madvise_(at(0) + 1, P, 1234));
	DO(madvise_(at(0), P, 1234));
	DO(madvise_(at(0), 0, 1234));
	DO(madvise_(at(0), P, -1));
	DO(madvise_(at(0), P, 5));
	DO(madvise_(at(0), P, 6));
	DO(madvise_(at(0), P, 7));
	DO(madvise_(at(0), P, 26));
	DO(madvise_(at(0), 0, MADV_DONTNEED));
	DO(madvise_(at(100), 0, MADV_DONTNEED));
	DO(madvise_(at(0) + 1, 0, MADV_DONTNEED));
	DO(madvise_(at(0), -1UL, MADV_DONTNEED));
	DO(madvise_(at(0), -P, MADV_DONTNEED));
	DO(madvise_(KERNEL_ADDR, P, MADV_DONTNEED));
	DO(madvise_(USER_END, P, MADV_NORMAL));
	DO(madvise_(at(1), 1, MADV_DONTNEED));
	DO(madvise_(at(2), P + 1, MADV_DONTNEED));
	bytes(0, 4);
}

CASE(advise_flags_split_and_merge)
{
	area(0, 8, RW);
	DO(madvise_(at(2), 2 * P, MADV_RANDOM));
	maps();
	smaps(at(2));
	DO(madvise_(at(4), 2 * P, MADV_SEQUENTIAL));
	maps();
	smaps(at(4));
	DO(madvise_(at(0), 8 * P, MADV_NORMAL));
	maps();
	DO(madvise_(at(0), 2 * P, MADV_DONTFORK));
	DO(madvise_(at(2), 2 * P, MADV_DONTDUMP));
	DO(madvise_(at(4), 2 * P, MADV_WIPEONFORK));
	maps();
	smaps(at(0));
	smaps(at(2));
	smaps(at(4));
	smaps(at(6));
	DO(madvise_(at(0), 8 * P, MADV_DOFORK));
	DO(madvise_(at(0), 8 * P, MADV_DODUMP));
	DO(madvise_(at(0), 8 * P, MADV_KEEPONFORK));
	maps();
	DO(madvise_(at(0), 4 * P, MADV_HUGEPAGE));
	smaps(at(0));
	DO(madvise_(at(0), 4 * P, MADV_NOHUGEPAGE));
	smaps(at(0));
	DO(madvise_(at(4), 4 * P, MADV_MERGEABLE));
	smaps(at(4));
	DO(madvise_(at(4), 4 * P, MADV_UNMERGEABLE));
	maps();
}

CASE(advise_dontneed)
{
	int fd = new_file("/tmp/diff", 4);

	area(0, 4, RW);
	wr_n(0, 4);
	DO(madvise_(at(1), 2 * P, MADV_DONTNEED));
	core(0, 4);
	smaps(at(0));
	FAULTS(rd_n(0, 4));
	bytes(0, 4);
	area_of(8, 4, RW, PRIVATE, fd, 0);
	wr_n(8, 4);
	bytes(8, 4);
	DO(madvise_(at(8), 4 * P, MADV_DONTNEED));
	bytes(8, 4);
	area_of(16, 4, RW, SHARED, fd, 0);
	wr_n(16, 2);
	DO(madvise_(at(16), 4 * P, MADV_DONTNEED));
	smaps(at(16));
	bytes(16, 4);
	area_of(24, 4, RW, SHANON, -1, 0);
	wr_n(24, 4);
	DO(madvise_(at(24), 4 * P, MADV_DONTNEED));
	bytes(24, 4);
}

CASE(advise_free)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(madvise_(at(0), 2 * P, MADV_FREE));
	bytes(0, 4);
	smaps(at(0));
	wr(at(0));
	smaps(at(0));
	core(0, 4);
	DO(madvise_(at(0), 4 * P, MADV_DONTNEED));
	smaps(at(0));
	bytes(0, 4);
}

CASE(advise_remove)
{
	int fd = new_file("/tmp/diff", 4);
	char c;

	area_of(0, 4, RW, SHARED, fd, 0);
	DO(madvise_(at(1), 2 * P, MADV_REMOVE));
	bytes(0, 4);
	DO(pread(fd, &c, 1, P));
	DO(c);
	DO(lseek(fd, 0, SEEK_END));
	area_of(8, 4, RW, SHANON, -1, 0);
	wr_n(8, 4);
	DO(madvise_(at(9), P, MADV_REMOVE));
	bytes(8, 4);
	DO(madvise_(at(8), 5 * P, MADV_REMOVE));
	bytes(8, 4);
}

CASE(advise_populate)
{
	area(0, 8, RW);
	FAULTS(DO(madvise_(at(0), 4 * P, MADV_POPULATE_READ)));
	core(0, 8);
	smaps(at(0));
	FAULTS(DO(madvise_(at(2), 4 * P, MADV_POPULATE_WRITE)));
	core(0, 8);
	smaps(at(0));
	area(16, 2, R);
	DO(madvise_(at(16), 2 * P, MADV_POPULATE_WRITE));
	DO(madvise_(at(16), 2 * P, MADV_POPULATE_READ));
	area(20, 2, N);
	DO(madvise_(at(20), 2 * P, MADV_POPULATE_READ));
	DO(madvise_(at(16), 4 * P, MADV_POPULATE_READ));
	area_of(24, 4, RW, SHARED, new_file("/tmp/diff", 2), 0);
	DO(madvise_(at(24), 4 * P, MADV_POPULATE_READ));
	DO(madvise_(at(24), 2 * P, MADV_POPULATE_WRITE));
	DO(madvise_(at(26), P, MADV_POPULATE_WRITE));
	core(24, 4);
}

CASE(advise_cold_and_pageout)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(madvise_(at(0), 4 * P, MADV_COLD));
	smaps(at(0));
	rd(at(1));
	smaps(at(0));
	DO(madvise_(at(0), 4 * P, MADV_PAGEOUT));
	bytes(0, 4);
	core(0, 4);
}
