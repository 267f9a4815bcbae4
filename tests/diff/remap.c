// SPDX-License-Identifier: MIT
/* mremap and remap_file_pages. */
#include "diff.h"

#define MAY  MREMAP_MAYMOVE
#define TO   (MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP (MREMAP_MAYMOVE | MREMAP_DONTUNMAP)

CASE(remap_grows_and_shrinks)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(mremap_(at(0), 4 * P, 8 * P, 0, 0));
	maps();
	bytes(0, 8);
	DO(mremap_(at(0), 8 * P, 2 * P, 0, 0));
	maps();
	DO(mremap_(at(0), 2 * P, 2 * P, 0, 0));
	DO(mremap_(at(0), 2 * P, 2 * P, MAY, 0));
	DO(mremap_(at(0), 1, 3 * P - 1, 0, 0));
	DO(mremap_(at(0), P + 1, 3 * P - 1, 0, 0));
	maps();
}

CASE(remap_meets_a_neighbour)
{
	area(0, 4, RW);
	area(4, 4, R);
	wr_n(0, 4);
	DO(mremap_(at(0), 4 * P, 8 * P, 0, 0));
	DO(mremap_(at(1), P, 2 * P, 0, 0));
	DO(mremap_(at(0), 4 * P, 8 * P, MAY, 0) > 0xf00000000000);
	maps();
	area(0, 4, RW);
	DO(munmap_(at(6), 2 * P));
	DO(mremap_(at(4), 2 * P, 4 * P, 0, 0));
	maps();
}

CASE(remap_grow_joins_the_next)
{
	area(0, 4, RW);
	area(6, 4, RW);
	maps();
	DO(mremap_(at(0), 4 * P, 6 * P, 0, 0));
	maps();
	area(20, 4, RW);
	wr_n(20, 4);
	area(26, 4, RW);
	wr_n(26, 4);
	DO(mremap_(at(20), 4 * P, 6 * P, 0, 0));
	maps();
	bytes(20, 10);
}

CASE(remap_middle_shrink)
{
	area(0, 8, RW);
	wr_n(0, 8);
	DO(mremap_(at(2), 4 * P, 2 * P, 0, 0));
	maps();
	bytes(0, 8);
	DO(mremap_(at(0), 8 * P, 4 * P, 0, 0));
	maps();
	DO(mremap_(at(0), 8 * P, 5 * P, 0, 0));
	maps();
	DO(mremap_(at(0), 8 * P, 9 * P, MAY, 0));
}

CASE(remap_fixed_moves)
{
	area(0, 4, RW);
	wr_n(0, 4);
	FAULTS(DO(mremap_(at(0), 4 * P, 4 * P, TO, at(100))));
	maps();
	bytes(100, 4);
	rd(at(0));
	FAULTS(wr_n(100, 4));
	DO(mremap_(at(101), 2 * P, 2 * P, TO, at(10)));
	maps();
	bytes(10, 2);
	DO(mremap_(at(10), 2 * P, 2 * P, TO, at(101)));
	maps();
	bytes(100, 4);
	core(100, 4);
}

CASE(remap_fixed_over_others)
{
	area(0, 4, RW);
	wr_n(0, 4);
	area(10, 8, R);
	DO(mremap_(at(0), 4 * P, 4 * P, TO, at(12)));
	maps();
	bytes(10, 8);
	DO(mremap_(at(12), 4 * P, 2 * P, TO, at(30)));
	maps();
	DO(mremap_(at(30), 2 * P, 4 * P, TO, at(40)));
	maps();
	bytes(40, 4);
}

CASE(remap_untouched_moves_and_merges)
{
	area(0, 4, RW);
	area(10, 4, RW);
	DO(mremap_(at(0), 4 * P, 4 * P, TO, at(14)));
	maps();
	wr_n(10, 8);
	maps();
	area(0, 2, RW);
	DO(mremap_(at(0), 2 * P, 2 * P, TO, at(18)));
	maps();
	area(0, 2, RW);
	wr_n(0, 2);
	DO(mremap_(at(0), 2 * P, 2 * P, TO, at(20)));
	maps();
}

CASE(remap_errors)
{
	area(0, 4, RW);
	DO(mremap_(at(0) + 1, P, 2 * P, MAY, 0));
	DO(mremap_(at(0), P, 2 * P, 8, 0));
	DO(mremap_(at(0), P, 2 * P, MREMAP_FIXED, at(10)));
	DO(mremap_(at(0), P, 0, MAY, 0));
	DO(mremap_(at(0), P, 0, 8, 0));
	DO(mremap_(at(0), 0, P, MAY, 0));
	DO(mremap_(at(0), 0, P, 0, 0));
	DO(mremap_(at(0), 0, 0, MAY, 0));
	DO(mremap_(at(0), P, -1UL, MAY, 0));
	DO(mremap_(at(0), P, -P, MAY, 0));
	DO(mremap_(at(0), 4 * P, USER_END, MAY, 0));
	DO(mremap_(at(0), 4 * P, USER_END - P, 0, 0));
	DO(mremap_(at(0), 5 * P, 6 * P, MAY, 0));
	DO(mremap_(at(0), 5 * P, 5 * P, MAY, 0));
	DO(mremap_(at(0), -P, P, MAY, 0));
	DO(mremap_(at(0), -1UL, P, MAY, 0));
	maps();
	area(0, 4, RW);
	DO(mremap_(at(100), P, 2 * P, MAY, 0));
	DO(mremap_(at(100), P, P, 0, 0));
	DO(mremap_(at(100), 2 * P, P, 0, 0));
	DO(mremap_(KERNEL_ADDR, P, 2 * P, MAY, 0));
	DO(mremap_(at(100) + 1, P, 2 * P, 8, 0));
}

CASE(remap_fixed_errors)
{
	area(0, 4, RW);
	DO(mremap_(at(0), P, P, TO, at(10) + 1));
	DO(mremap_(at(0), P, P, TO, USER_END));
	DO(mremap_(at(0), P, P, TO, KERNEL_ADDR));
	DO(mremap_(at(0), P, 2 * P, TO, USER_END - P));
	DO(mremap_(at(0), P, USER_END * 2, TO, at(10)));
	DO(mremap_(at(0), 2 * P, 2 * P, TO, at(1)));
	DO(mremap_(at(1), 2 * P, 2 * P, TO, at(0)));
	DO(mremap_(at(0), P, P, TO, at(0)));
	DO(mremap_(at(0), P, 2 * P, TO, at(1)));
	DO(mremap_(at(0), 5 * P, 5 * P, TO, at(10)));
	DO(mremap_(at(100), P, P, TO, at(2)));
	maps();
	DO(mremap_(at(0), 4 * P, 0, TO, at(10)));
	DO(mremap_(at(0), P, P, TO, 0x1000));
	become_user();
	DO(mremap_(at(1), P, P, TO, 0x2000));
	maps();
}

CASE(remap_dontunmap)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(mremap_(at(0), 4 * P, 4 * P, KEEP, at(100)) != -1);
	maps();
	bytes(0, 4);
	area(0, 4, RW);
	wr_n(0, 4);
	DO(mremap_(at(0), 4 * P, 4 * P, KEEP | MREMAP_FIXED, at(100)));
	maps();
	bytes(0, 4);
	bytes(100, 4);
	smaps(at(0));
	smaps(at(100));
	DO(mremap_(at(1), P, P, KEEP | MREMAP_FIXED, at(200)));
	maps();
}

CASE(remap_dontunmap_errors)
{
	int fd = new_file("/tmp/diff", 4);

	area(0, 4, RW);
	DO(mremap_(at(0), 4 * P, 4 * P, MREMAP_DONTUNMAP, 0));
	DO(mremap_(at(0), 4 * P, 8 * P, KEEP, 0));
	DO(mremap_(at(0), 4 * P, 2 * P, KEEP, 0));
	DO(mremap_(at(0), 0, 0, KEEP, 0));
	DO(mremap_(at(0), 5 * P, 5 * P, KEEP, 0));
	DO(mremap_(at(0), P, P, KEEP, at(10) + 1));
	area_of(20, 4, RW, SHARED, fd, 0);
	wr_n(20, 4);
	DO(mremap_(at(20), 4 * P, 4 * P, KEEP | MREMAP_FIXED, at(30)));
	maps();
	bytes(20, 4);
	bytes(30, 4);
	area_of(40, 4, RW, PRIVATE, fd, 0);
	wr_n(40, 2);
	DO(mremap_(at(40), 4 * P, 4 * P, KEEP | MREMAP_FIXED, at(50)));
	maps();
	bytes(40, 4);
	bytes(50, 4);
}

CASE(remap_locked)
{
	area(0, 4, RW);
	DO(mlock_(at(0), 4 * P));
	DELTA(STATUS, "VmLck VmSize", DO(mremap_(at(0), 4 * P, 8 * P, 0, 0)));
	core(0, 8);
	DELTA(STATUS, "VmLck VmSize",
	      DO(mremap_(at(0), 8 * P, 8 * P, TO, at(20))));
	smaps(at(20));
	DELTA(STATUS, "VmLck VmSize", DO(mremap_(at(20), 8 * P, 4 * P, 0, 0)));
	DELTA(STATUS, "VmLck VmSize",
	      DO(mremap_(at(20), 4 * P, 4 * P, KEEP | MREMAP_FIXED, at(40))));
	smaps(at(20));
	smaps(at(40));
	maps();
	limit(RLIMIT_MEMLOCK, 10 * P);
	become_user();
	DO(mremap_(at(40), 4 * P, 16 * P, 0, 0));
	DO(mremap_(at(40), 4 * P, 6 * P, 0, 0));
}

CASE(remap_zero_length_shares)
{
	int fd = new_file("/tmp/diff", 4);

	area_of(0, 4, RW, SHANON, -1, 0);
	wr_n(0, 4);
	DO(mremap_(at(0), 0, 4 * P, TO, at(10)));
	*(char *)at(1) = 'S';
	bytes(0, 4);
	bytes(10, 4);
	maps();
	DO(mremap_(at(2), 0, P, TO, at(20)));
	bytes(20, 1);
	DO(mremap_(at(0), 0, 4 * P, 0, 0));
	DO(mremap_(at(0), 0, 4 * P, MAY, 0) != -1);
	area_of(30, 4, RW, SHARED, fd, 0);
	DO(mremap_(at(31), 0, 2 * P, TO, at(40)));
	bytes(40, 2);
	maps();
	area_of(50, 4, R, PRIVATE, fd, 0);
	DO(mremap_(at(50), 0, 2 * P, TO, at(60)));
}

CASE(remap_file)
{
	int fd = new_file("/tmp/diff", 6);

	area_of(0, 4, RW, SHARED, fd, 1);
	DO(mremap_(at(0), 4 * P, 8 * P, 0, 0));
	maps();
	bytes(0, 8);
	DO(mremap_(at(2), 2 * P, 2 * P, TO, at(20)));
	maps();
	bytes(20, 2);
	area_of(30, 2, RW, PRIVATE, fd, 0);
	wr_n(30, 1);
	DO(mremap_(at(30), 2 * P, 3 * P, TO, at(40)));
	maps();
	bytes(40, 3);
	DO(mremap_(at(40), 3 * P, (1UL << 46), MAY, 0));
}

CASE(remap_across_areas)
{
	area(0, 2, RW);
	area(2, 2, R);
	DO(mremap_(at(0), 4 * P, 2 * P, 0, 0));
	maps();
	area(2, 2, R);
	DO(mremap_(at(0), 4 * P, 4 * P, TO, at(10)));
	DO(mremap_(at(0), 4 * P, 2 * P, TO, at(10)));
	maps();
}

CASE(remap_keeps_page_tables)
{
	area(0, 600, RW);
	wr_n(0, 600);
	FAULTS(DO(mremap_(at(0), 600 * P, 600 * P, TO, at(5000))));
	FAULTS(wr_n(5000, 600));
	smaps(at(5000));
	DELTA(STATUS, "VmSize VmPTE",
	      DO(mremap_(at(5000), 600 * P, 600 * P, TO, at(1024))));
	FAULTS(rd_n(1024, 600));
}

CASE(remap_growsdown)
{
	area_of(300, 4, RW, ANON | MAP_GROWSDOWN, -1, 0);
	wr_n(300, 4);
	DO(mremap_(at(300), 4 * P, 6 * P, 0, 0));
	maps();
	DO(mremap_(at(300), 6 * P, 6 * P, TO, at(700)));
	maps();
	wr(at(699));
	maps();
}

CASE(remap_file_pages_shuffles)
{
	int fd = new_file("/tmp/diff", 6);

	area_of(0, 4, RW, SHARED, fd, 0);
	DO(remap_file_pages_(at(0), P, 0, 3, 0));
	maps();
	bytes(0, 4);
	DO(remap_file_pages_(at(1), P, 0, 2, 0));
	DO(remap_file_pages_(at(2), 2 * P, 0, 4, 0));
	maps();
	bytes(0, 4);
	DO(remap_file_pages_(at(0), 4 * P, 0, 0, 0));
	DO(remap_file_pages_(at(0), P, 0, 0, 0));
	DO(remap_file_pages_(at(1), P, 0, 1, 0));
	maps();
	*(char *)at(1) = 'X';
	DO(pread(fd, (char *)at(0), 1, P));
	bytes(0, 2);
}

CASE(remap_file_pages_errors)
{
	int fd = new_file("/tmp/diff", 6);

	area(0, 4, RW);
	DO(remap_file_pages_(at(0), P, 0, 1, 0));
	area_of(8, 4, RW, PRIVATE, fd, 0);
	DO(remap_file_pages_(at(8), P, 0, 1, 0));
	area_of(16, 4, RW, SHARED, fd, 0);
	DO(remap_file_pages_(at(16), P, R, 1, 0));
	DO(remap_file_pages_(at(16), 0, 0, 1, 0));
	DO(remap_file_pages_(at(16) + 5, P, 0, 1, 0));
	maps();
	DO(remap_file_pages_(at(16), 5 * P, 0, 1, 0));
	DO(remap_file_pages_(at(16), P, 0, -1UL, 0));
	DO(remap_file_pages_(at(16), -P, 0, 1, 0));
	DO(remap_file_pages_(at(100), P, 0, 1, 0));
	area_of(24, 2, RW, SHANON, -1, 0);
	wr_n(24, 2);
	*(char *)at(25) = 'Z';
	DO(remap_file_pages_(at(24), P, 0, 1, 0));
	maps();
	bytes(24, 2);
}

/* Where the copy lies beside what it could join. */
CASE(remap_dontunmap_beside)
{
	int fd = new_file("/tmp/diff", 8);

	area(0, 24, RW);
	DO(mremap_(at(17), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(13)));
	maps();
	wr(at(13));
	wr(at(17));
	maps();
	DO(mremap_(at(17), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(24)));
	maps();
	area_of(40, 4, RW, PRIVATE, fd, 0);
	area_of(60, 4, RW, PRIVATE, fd, 4);
	DO(mremap_(at(60), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(44)));
	DO(mremap_(at(62), 2 * P, 2 * P, TO, at(46)));
	maps();
}

/* The same for areas without pages: which offset has the copy? */
CASE(remap_dontunmap_untouched)
{
	area(0, 2, RW);
	area(10, 2, RW);
	DO(mremap_(at(10), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(2)));
	maps();
	DO(mremap_(at(10), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(20)));
	area(22, 2, RW);
	maps();
	wr(at(20));
	area(24, 2, RW);
	maps();
	area(30, 6, RW);
	DO(mremap_(at(30), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(40)));
	area(42, 2, RW);
	maps();
	DO(mremap_(at(34), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(36)));
	maps();
	area(38, 2, RW);
	maps();
	area(50, 4, RW);
	area(58, 2, RW);
	DO(mremap_(at(50), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(56)));
	maps();
}

CASE(remap_dontunmap_locked)
{
	area(0, 6, RW);
	DELTA(STATUS, "VmLck", DO(mlock_(at(0), 6 * P)));
	DELTA(STATUS, "VmLck",
	      DO(mremap_(at(2), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(20))));
	maps();
	smaps_all();
	DELTA(STATUS, "VmLck", munmap_(at(0), 30 * P));

	area(0, 6, RW);
	mlock_(at(2), 2 * P);
	DELTA(STATUS, "VmLck",
	      DO(mremap_(at(2), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(20))));
	maps();
	smaps_all();
	DELTA(STATUS, "VmLck", munmap_(at(0), 30 * P));

	area(0, 2, RW);
	must(mlock2_(at(0), 2 * P, 1));
	DELTA(STATUS, "VmLck",
	      DO(mremap_(at(0), 2 * P, 2 * P, KEEP | MREMAP_FIXED, at(20))));
	smaps_all();
	DELTA(STATUS, "VmLck", munmap_(at(0), 30 * P));
}
