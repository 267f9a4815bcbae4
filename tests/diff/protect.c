// SPDX-License-Identifier: MIT
/* mprotect, msync, mincore and brk. */
#include "diff.h"

CASE(protect_split_and_merge)
{
	area(0, 9, RW);
	wr_n(0, 9);
	DO(mprotect_(at(3), 3 * P, R));
	maps();
	DO(mprotect_(at(4), P, N));
	maps();
	DO(mprotect_(at(4), P, R));
	maps();
	DO(mprotect_(at(3), P, RW));
	maps();
	DO(mprotect_(at(5), P, RW));
	maps();
	DO(mprotect_(at(4), P, RW));
	maps();
	bytes(0, 9);
}

CASE(protect_across_areas)
{
	area(0, 2, RW);
	area(2, 2, R);
	area(4, 2, N);
	maps();
	DO(mprotect_(at(1), 4 * P, R));
	maps();
	DO(mprotect_(at(0), 6 * P, RW));
	maps();
	DO(munmap_(at(3), P));
	DO(mprotect_(at(0), 6 * P, R));
	maps();
	DO(mprotect_(at(3), P, R));
	DO(mprotect_(at(3), 2 * P, R));
}

CASE(protect_errors)
{
	area(0, 4, RW);
	DO(mprotect_(at(0) + 1, P, R));
	DO(mprotect_(at(0), 0, R));
	DO(mprotect_(at(0), 0, 0x10000));
	DO(mprotect_(at(0) + 1, 0, R));
	DO(mprotect_(at(100), 0, R));
	DO(mprotect_(at(100), P, R));
	DO(mprotect_(at(100), P, 0x10000));
	DO(mprotect_(at(0), P, 0x10000));
	DO(mprotect_(at(0), P, PROT_SEM));
	DO(mprotect_(at(0), P, 0x10));
	DO(mprotect_(at(0), P, 0x20));
	DO(mprotect_(at(0), -1UL, R));
	DO(mprotect_(at(0), -P, R));
	DO(mprotect_(KERNEL_ADDR, P, R));
	DO(mprotect_(at(0), P, R | PROT_GROWSDOWN | PROT_GROWSUP));
	DO(mprotect_(at(0), P, R | PROT_GROWSDOWN));
	DO(mprotect_(at(0), P, R | PROT_GROWSUP));
	DO(mprotect_(at(100), P, R | PROT_GROWSDOWN));
	DO(mprotect_(at(2), 10, R));
	maps();
}

CASE(protect_growsdown)
{
	area_of(300, 4, RW, ANON | MAP_GROWSDOWN, -1, 0);
	DO(mprotect_(at(302), P, R | PROT_GROWSDOWN));
	maps();
	DO(mprotect_(at(298), P, RW | PROT_GROWSDOWN));
	DO(mprotect_(at(298), 4 * P, RW | PROT_GROWSDOWN));
	maps();
}

CASE(protect_none_and_back)
{
	area(0, 4, RW);
	wr_n(0, 2);
	DO(mprotect_(at(0), 4 * P, N));
	smaps(at(0));
	core(0, 4);
	rd(at(0));
	wr(at(1));
	rd(at(3));
	DO(mprotect_(at(0), 4 * P, RW));
	FAULTS(rd_n(0, 2));
	FAULTS(wr_n(0, 2));
	FAULTS(wr_n(2, 2));
	bytes(0, 4);
	smaps(at(0));
}

CASE(protect_read_and_back)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(mprotect_(at(0), 4 * P, R));
	wr(at(0) + 8);
	DO(mprotect_(at(0), 4 * P, RW));
	FAULTS(wr_n(0, 4));
	area(8, 4, RW);
	rd_n(8, 4);
	DO(mprotect_(at(8), 4 * P, R));
	FAULTS(rd_n(8, 4));
	DO(mprotect_(at(8), 4 * P, RW));
	FAULTS(wr_n(8, 4));
	smaps(at(8));
	area(16, 4, N);
	DO(mprotect_(at(16), 4 * P, R));
	FAULTS(rd_n(16, 4));
	smaps(at(16));
}

CASE(protect_charges)
{
	area_of(0, 16, R, ANON, -1, 0);
	smaps(at(0));
	DO(mprotect_(at(4), 4 * P, RW));
	maps();
	smaps(at(4));
	DO(mprotect_(at(4), 4 * P, R));
	maps();
	smaps(at(4));
	DO(mprotect_(at(0), 16 * P, RW));
	maps();
}

CASE(protect_file)
{
	int fd = new_file("/tmp/diff", 4);

	area_of(0, 4, R, PRIVATE, fd, 0);
	FAULTS(rd_n(0, 4));
	DO(mprotect_(at(1), 2 * P, RW));
	maps();
	FAULTS(wr_n(1, 2));
	bytes(0, 4);
	DO(mprotect_(at(1), 2 * P, R));
	maps();
	smaps(at(1));
	area_of(8, 4, RW, SHARED, fd, 0);
	FAULTS(wr_n(8, 2));
	DO(mprotect_(at(8), 4 * P, R));
	wr(at(8));
	DO(mprotect_(at(8), 4 * P, RW));
	FAULTS(wr_n(8, 4));
	smaps(at(8));
	bytes(0, 4);
}

CASE(protect_beyond_the_file_mode)
{
	int fd;

	close(new_file("/tmp/diff", 4));
	fd = open("/tmp/diff", O_RDONLY);
	area(0, 2, R);
	area_of(2, 2, R, SHARED, fd, 0);
	area(4, 2, R);
	DO(mprotect_(at(0), 6 * P, RW));
	maps();
	DO(mprotect_(at(2), 2 * P, R | X));
	DO(mprotect_(at(2), 2 * P, R | W | X));
	maps();
}

CASE(sync_errors)
{
	int fd = new_file("/tmp/diff", 4);

	area(0, 4, RW);
	area_of(8, 4, RW, SHARED, fd, 0);
	DO(msync_(at(0), 4 * P, MS_SYNC));
	DO(msync_(at(0), 4 * P, MS_ASYNC));
	DO(msync_(at(0), 4 * P, 0));
	DO(msync_(at(0), 4 * P, MS_SYNC | MS_ASYNC));
	DO(msync_(at(0), 4 * P, 8));
	DO(msync_(at(0) + 1, P, MS_SYNC));
	DO(msync_(at(0) + 1, P, 8));
	DO(msync_(at(0), 0, MS_SYNC));
	DO(msync_(at(100), 0, MS_SYNC));
	DO(msync_(at(100), P, MS_SYNC));
	DO(msync_(at(0), 12 * P, MS_SYNC));
	DO(msync_(at(3), 2 * P, MS_SYNC));
	DO(msync_(at(0), -1UL, MS_SYNC));
	DO(msync_(at(0), -P, MS_SYNC));
	DO(msync_(KERNEL_ADDR, P, MS_SYNC));
	DO(msync_(at(8), 4 * P, MS_SYNC | MS_INVALIDATE));
	DO(mlock_(at(9), P));
	DO(msync_(at(8), 4 * P, MS_SYNC | MS_INVALIDATE));
	DO(msync_(at(8), P, MS_ASYNC | MS_INVALIDATE));
	DO(msync_(at(7), 4 * P, MS_INVALIDATE));
	DO(msync_(at(8), 4 * P, MS_SYNC));
}

CASE(mincore_vectors)
{
	int fd = new_file("/tmp/diff", 4);

	area(0, 8, RW);
	core(0, 8);
	wr_n(1, 2);
	rd_n(5, 1);
	core(0, 8);
	DO(mprotect_(at(0), 8 * P, N));
	core(0, 8);
	area_of(16, 8, RW, SHARED, fd, 0);
	core(16, 8);
	area_of(24, 4, RW, PRIVATE, fd, 0);
	core(24, 4);
	must(ftruncate(fd, 0));
	must(ftruncate(fd, 4 * P));
	core(16, 8);
	FAULTS(rd_n(16, 2));
	core(16, 8);
	area_of(32, 4, RW, SHANON, -1, 0);
	wr_n(33, 1);
	core(32, 4);
	DO(munmap_(at(33), P));
	core(32, 4);
	core(32, 1);
}

CASE(mincore_errors)
{
	unsigned char vec[16];

	area(0, 4, RW);
	DO(mincore_(at(0) + 1, P, vec));
	DO(mincore_(at(0), 0, vec));
	DO(mincore_(at(0), 0, 0));
	DO(mincore_(at(100), 0, vec));
	DO(mincore_(at(100), P, vec));
	DO(mincore_(at(0), 4 * P, 0));
	DO(mincore_(at(0), 4 * P, KERNEL_ADDR));
	DO(mincore_(at(0) + 1, 4 * P, KERNEL_ADDR));
	DO(mincore_(at(100), 4 * P, KERNEL_ADDR));
	DO(mincore_(at(100), 4 * P, 0));
	DO(mincore_(at(0), 5 * P, vec));
	DO(mincore_(at(0), P + 1, vec));
	DO(mincore_(at(0), -1UL, vec));
	DO(mincore_(at(0), -P, vec));
	DO(mincore_(USER_END, P, vec));
	DO(mincore_(KERNEL_ADDR, P, vec));
	must(mprotect_(at(0), P, R));
	DO(mincore_(at(0), P, at(0)));
}

CASE(mincore_of_a_file_not_ours)
{
	int fd;

	close(new_file("/tmp/diff", 4));
	must(chmod("/tmp/diff", 0444));
	become_user();
	fd = open("/tmp/diff", O_RDONLY);
	area_of(0, 4, R, PRIVATE, fd, 0);
	core(0, 4);
}

CASE(brk_moves)
{
	unsigned long start = (unsigned long)brk_(0);

	start = (start + P - 1) & -P;
	DO(brk_(start) - start);
	DO(brk_(start + 4 * P) - start);
	FAULTS(for (int i = 0; i < 4; i++) quiet_access(start + i * P, 1));
	DO(brk_(start + 5) - start);
	DO(quiet_access(start, 0));
	DO(quiet_access(start + P, 0));
	DO(brk_(start + 2 * P + 1) - start);
	DO(quiet_access(start, 0));
	DO(quiet_access(start + P, 0));
	DO(brk_(start - 64 * P) == start + 2 * P + 1);
	DO(brk_(0) - start);
	DO(brk_(KERNEL_ADDR) - start);
	DO(brk_(-1UL) - start);
	DO(brk_(1) - start);
}

CASE(brk_meets_a_mapping)
{
	unsigned long start = ((unsigned long)brk_(0) + P - 1) & -P;

	must(mmap_(start + 8 * P, P, N, ANON | FIXED, -1, 0));
	DO(brk_(start + 4 * P) - start);
	DO(brk_(start + 7 * P) - start);
	DO(brk_(start + 8 * P) - start);
	DO(brk_(start + 9 * P) - start);
	DO(brk_(start + 20 * P) - start);
	DO(brk_(start) - start);
	must(mmap_(start + 2 * P, P, RW, ANON | FIXED, -1, 0));
	DO(brk_(start + 6 * P) - start);
	DO(brk_(start + P) - start);
}

CASE(brk_hole_in_the_heap)
{
	unsigned long start = ((unsigned long)brk_(0) + P - 1) & -P;

	DO(brk_(start + 8 * P) - start);
	DO(munmap_(start + 2 * P, 2 * P));
	DO(munmap_(start + 7 * P, P));
	DO(brk_(start + 9 * P) - start);
	DO(quiet_access(start + 7 * P, 1));
	DO(quiet_access(start + 8 * P, 1));
	DO(brk_(start + P) - start);
	DO(brk_(start + 3 * P) - start);
	DO(quiet_access(start + 2 * P, 1));
	DO(mprotect_(start, P, R));
	DO(brk_(start + 4 * P) - start);
	DO(brk_(start) - start);
}

CASE(brk_limits)
{
	unsigned long start = (unsigned long)brk_(0);

	start = (start + P - 1) & -P;
	limit(RLIMIT_DATA, 1UL << 20);
	DO(brk_(start + (4UL << 20)) == start + (4UL << 20));
	DO(brk_(start + (1UL << 19)) == start + (1UL << 19));
	limit(RLIMIT_DATA, 0);
	DO(brk_(start + (1UL << 18)) == start + (1UL << 18));
	DO(brk_(start + (1UL << 18) + P) == start + (1UL << 18) + P);
	limit(RLIMIT_DATA, RLIM_INFINITY);
	limit(RLIMIT_AS, 16UL << 20);
	DO(brk_(start + (32UL << 20)) == start + (32UL << 20));
	DO(brk_(start + (8UL << 20)) == start + (8UL << 20));
}

static int heaps(void)
{
	unsigned long from, to;

	return maps_named("[heap]", &from, &to);
}

CASE(brk_beside_a_mapping)
{
	unsigned long start = ((unsigned long)brk_(0) + P - 1) & -P;

	must(brk_(start + 2 * P));
	must(mmap_(start + 6 * P, 2 * P, RW, ANON | FIXED, -1, 0));
	DO(brk_(start + 5 * P) - start);
	DO(brk_(start + 6 * P) - start);
	DO(heaps());
	must(mmap_(start + 5 * P, P, RW, ANON | FIXED, -1, 0));
	DO(heaps());
	DO(brk_(start) - start);
	must(mmap_(start, P, RW, ANON | FIXED, -1, 0));
	DO(heaps());
}

CASE(brk_heap_line)
{
	unsigned long start = ((unsigned long)brk_(0) + P - 1) & -P;

	brk_(start);
	DELTA(STATUS, "VmSize VmData", brk_(start + 256 * P));
	DELTA(STATUS, "VmSize VmData", brk_(start));
	must(brk_(start + 16 * P));
	DO(mprotect_(start + 4 * P, 4 * P, R));
	DO(mmap_(start + 16 * P, 4 * P, RW, ANON | FIXED, -1, 0) - start);
	DO(quiet_access(start + 6 * P, 1));
	DELTA(STATUS, "VmSize VmData VmLck", mlock_(start, 16 * P));
	mlockall_(MCL_FUTURE);
	DELTA(STATUS, "VmSize VmData VmLck", brk_(start + 20 * P));
	munmap_(start + 16 * P, 4 * P);
	DELTA(STATUS, "VmSize VmData VmLck", brk_(start + 20 * P));
}
