// SPDX-License-Identifier: MIT
/* mmap and munmap: flags, addresses, lengths, merging, splitting. */
#include "diff.h"

CASE(map_anon_neighbours_merge)
{
	area(0, 4, RW);
	area(8, 4, RW);
	maps();
	area(4, 2, RW);
	maps();
	area(6, 2, RW);
	maps();
	area(12, 2, R);
	area(14, 2, RW);
	area(16, 2, RW | X);
	maps();
}

CASE(map_anon_touched_neighbours)
{
	area(0, 2, RW);
	wr_n(0, 2);
	area(2, 2, RW);
	maps();
	area(6, 2, RW);
	wr_n(6, 2);
	maps();
	area(4, 2, RW);
	maps();
	wr_n(2, 1);
	area(8, 2, RW);
	maps();
}

CASE(map_two_touched_then_joined)
{
	area(0, 2, RW);
	wr_n(0, 2);
	area(4, 2, RW);
	wr_n(4, 2);
	area(2, 2, RW);
	maps();
	wr_n(2, 2);
	maps();
	DO(mprotect_(at(2), 2 * P, R));
	maps();
	DO(mprotect_(at(2), 2 * P, RW));
	maps();
}

CASE(map_between_touched_and_not)
{
	area(0, 2, RW);
	area(4, 2, RW);
	wr_n(4, 2);
	area(2, 2, RW);
	maps();
	area(10, 2, RW);
	wr_n(10, 2);
	area(14, 2, RW);
	area(12, 2, RW);
	maps();
	area(20, 2, RW);
	area(24, 2, RW);
	wr_n(24, 2);
	child(exit_case);
	area(22, 2, RW);
	maps();
	area(30, 2, RW);
	wr_n(30, 2);
	child(exit_case);
	area(34, 2, RW);
	wr_n(34, 2);
	area(32, 2, RW);
	maps();
}

CASE(map_protect_merges_by_touch)
{
	area(0, 2, RW);
	area(2, 2, R);
	area(4, 2, RW);
	wr_n(0, 2);
	DO(mprotect_(at(2), 2 * P, RW));
	maps();
	area(10, 2, RW);
	area(12, 2, RW | X);
	wr_n(12, 2);
	area(14, 2, RW);
	DO(mprotect_(at(12), 2 * P, RW));
	maps();
	area(20, 2, RW);
	area(22, 2, R);
	area(24, 2, RW);
	wr_n(24, 2);
	DO(mprotect_(at(22), 2 * P, RW));
	maps();
	area(30, 6, RW);
	wr_n(30, 6);
	DO(mprotect_(at(32), 2 * P, R));
	DO(mprotect_(at(32), P, RW));
	maps();
	DO(mprotect_(at(33), P, RW));
	maps();
	area(40, 2, RW);
	wr_n(40, 2);
	area(42, 2, R);
	area(44, 2, RW);
	wr_n(44, 2);
	DO(mprotect_(at(42), 2 * P, RW));
	maps();
	DO(mprotect_(at(40), 6 * P, R));
	maps();
}

CASE(map_every_prot)
{
	static const int prot[] = { N, R, W, X, R | W, R | X, W | X, R | W | X };

	for (int i = 0; i < 8; i++)
		area(2 * i, 1, prot[i]);
	maps();
	for (int i = 0; i < 8; i++) {
		rd(at(2 * i));
		wr(at(2 * i));
	}
	for (int i = 0; i < 8; i++)
		if (!(prot[i] & X))
			run_at(at(2 * i));
}

CASE(map_exec_only_and_run)
{
	area(0, 1, RW);
	*(uint32_t *)at(0) = 0xd65f03c0; /* ret */
	__builtin___clear_cache((char *)at(0), (char *)at(0) + 4);
	run_at(at(0));
	DO(mprotect_(at(0), P, X));
	maps();
	run_at(at(0));
	rd(at(0));
	wr(at(0));
	DO(mprotect_(at(0), P, R | X));
	run_at(at(0) + 1);
	run_at(at(1));
	run_at(KERNEL_ADDR);
}

CASE(map_unknown_prot_bits)
{
	DO(mmap_(at(0), P, RW | 0x100, ANON | FIXED, -1, 0));
	DO(mmap_(at(2), P, RW | PROT_SEM, ANON | FIXED, -1, 0));
	DO(mmap_(at(4), P, RW | PROT_GROWSDOWN, ANON | FIXED, -1, 0));
	DO(mmap_(at(6), P, R | 0x10, ANON | FIXED, -1, 0));
	DO(mmap_(at(8), P, R | 0x20, ANON | FIXED, -1, 0));
	DO(mmap_(at(10), P, -1UL, ANON | FIXED, -1, 0));
	maps();
}

CASE(map_fixed_replaces)
{
	area(0, 10, RW);
	wr_n(0, 10);
	DO(mmap_(at(3), 2 * P, R, ANON | FIXED, -1, 0));
	maps();
	bytes(0, 10);
	DO(mmap_(at(2), 6 * P, RW, ANON | FIXED, -1, 0));
	maps();
	bytes(0, 10);
	DO(mmap_(at(8), 6 * P, N, ANON | FIXED, -1, 0));
	maps();
	DO(mmap_(at(0), 20 * P, RW, ANON | FIXED, -1, 0));
	maps();
	core(0, 20);
}

CASE(map_fixed_noreplace)
{
	area(4, 4, RW);
	DO(mmap_(at(0), 4 * P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(7), 4 * P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(8), 4 * P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(1), P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(20) + 1, P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(4), 0, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(4), P, RW, MAP_ANONYMOUS | NOREPLACE, -1, 0));
	DO(mmap_(at(4), P, RW, ANON | NOREPLACE | FIXED, -1, 0));
	maps();
}

CASE(map_hints)
{
	area(4, 4, RW);
	DO(mmap_(at(0), P, R, ANON, -1, 0));
	DO(mmap_(at(12) + 5, P, R, ANON, -1, 0));
	DO(mmap_(at(20) + 5, P - 5, R, ANON, -1, 0));
	DO(mmap_(at(5), P, R, ANON, -1, 0) > 0xf00000000000);
	DO(mmap_(at(3), 2 * P, R, ANON, -1, 0) > 0xf00000000000);
	DO(mmap_(at(2), 2 * P, R, ANON, -1, 0));
	DO(mmap_(USER_END, P, R, ANON, -1, 0) < USER_END);
	DO(mmap_(USER_END - P, 2 * P, R, ANON, -1, 0) < USER_END);
	DO(mmap_(KERNEL_ADDR, P, R, ANON, -1, 0) < USER_END);
	DO(mmap_(1, P, R, ANON, -1, 0) > 0xf00000000000);
	DO(mmap_(0x1000, P, R, ANON, -1, 0));
	DO(mmap_(0xffff, P, R, ANON, -1, 0));
	DO(mmap_(0x20000, P, R, ANON, -1, 0));
	maps();
}

CASE(map_lengths)
{
	DO(mmap_(at(0), 0, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 1, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(4), P + 1, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), -1UL, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), -P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0, -1UL, RW, ANON, -1, 0));
	DO(mmap_(0, -P + 1, RW, ANON, -1, 0));
	DO(mmap_(0, -P, RW, ANON, -1, 0));
	DO(mmap_(0, USER_END, N, ANON, -1, 0));
	DO(mmap_(0, USER_END - P, N, ANON, -1, 0));
	DO(mmap_(0, 1UL << 50, RW, ANON, -1, 0));
	DO(mmap_(0, 1UL << 46, RW, ANON, -1, 0));
	DO(mmap_(0, 1UL << 46, N, ANON, -1, 0) != -1);
	DO(mmap_(0, 1UL << 45, RW, ANON | MAP_NORESERVE, -1, 0) != -1);
	maps();
}

CASE(map_types)
{
	for (int type = 0; type < 16; type++) {
		say("type %d", type);
		DO(mmap_(at(0), P, RW, type | MAP_ANONYMOUS | FIXED, -1, 0));
		DO(mmap_(at(2), P, RW, type | FIXED, -1, 0));
	}
	maps();
}

CASE(map_types_of_files)
{
	int fd = new_file("/tmp/diff", 2);

	for (int type = 0; type < 6; type++) {
		say("type %d", type);
		DO(mmap_(at(0), P, RW, type | FIXED, fd, 0));
	}
	DO(mmap_(at(2), P, RW, MAP_SHARED_VALIDATE | FIXED | 0x4000000, fd, 0));
	DO(mmap_(at(2), P, RW, MAP_SHARED_VALIDATE | FIXED | MAP_SYNC, fd, 0));
	DO(mmap_(at(2), P, RW, SHARED | FIXED | 0x4000000, fd, 0));
	DO(mmap_(at(4), P, RW, SHARED | FIXED | MAP_SYNC, fd, 0));
	DO(mmap_(at(6), P, RW, PRIVATE | FIXED | MAP_SYNC, fd, 0));
	DO(mmap_(at(8), P, RW, MAP_SHARED_VALIDATE | NOREPLACE, fd, 0));
	DO(mmap_(at(8), P, RW, SHARED | FIXED | MAP_GROWSDOWN, fd, 0));
	DO(mmap_(at(8), P, RW, PRIVATE | FIXED | MAP_GROWSDOWN, fd, 0));
	DO(mmap_(at(10), P, RW, SHANON | FIXED | MAP_GROWSDOWN, -1, 0));
	DO(mmap_(at(10), P, RW, ANON | FIXED | 0x4000000, -1, 0));
	maps();
}

CASE(map_fixed_at_the_edges)
{
	DO(mmap_(at(0) + 1, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), USER_END - B + P, R, ANON | FIXED, -1, 0));
	DO(mmap_(USER_END, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(USER_END + 1, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(KERNEL_ADDR, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(-P, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0x10000, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0x1000, P, RW, ANON | FIXED, -1, 0));
	become_user();
	DO(mmap_(0x1000, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0x8000, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0x8001, P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(0x20000, P, RW, ANON | FIXED, -1, 0));
}

CASE(map_descriptors)
{
	int p[2], fd;

	DO(mmap_(at(0), P, R, SHARED | FIXED, -1, 0));
	DO(mmap_(at(0), P, R, SHARED | FIXED, 77, 0));
	DO(mmap_(at(0), P, R, ANON | FIXED, 77, 0));
	DO(mmap_(at(0), 0, R, SHARED | FIXED, 77, 0));
	DO(mmap_(at(0), 0, R, SHARED | FIXED, 77, 1));
	must(pipe(p));
	DO(mmap_(at(0), P, R, SHARED | FIXED, p[0], 0));
	DO(mmap_(at(0), P, R, PRIVATE | FIXED, p[1], 0));
	DO(mmap_(at(0), 0, R, PRIVATE | FIXED, p[0], 0));
	fd = open("/tmp", O_RDONLY);
	DO(mmap_(at(0), P, R, PRIVATE | FIXED, fd, 0));
	fd = open("/proc/self/status", O_RDONLY);
	DO(mmap_(at(0), P, R, PRIVATE | FIXED, fd, 0));
	DO(mmap_(at(0), P, RW, SHARED | FIXED, fd, 0));
	fd = open("/dev/null", O_RDWR);
	DO(mmap_(at(0), P, R, PRIVATE | FIXED, fd, 0));
	fd = open("/tmp", O_PATH);
	DO(mmap_(at(0), P, R, PRIVATE | FIXED, fd, 0));
	maps();
}

CASE(map_open_modes)
{
	static const int mode[] = { O_RDONLY, O_WRONLY, O_RDWR };

	close(new_file("/tmp/diff", 1));
	for (int i = 0; i < 3; i++) {
		int fd = open("/tmp/diff", mode[i]);

		say("mode %d", mode[i]);
		DO(mmap_(at(0), P, N, SHARED | FIXED, fd, 0));
		DO(mmap_(at(2), P, R, SHARED | FIXED, fd, 0));
		DO(mmap_(at(4), P, W, SHARED | FIXED, fd, 0));
		DO(mmap_(at(6), P, RW, PRIVATE | FIXED, fd, 0));
		DO(mmap_(at(8), P, R | X, PRIVATE | FIXED, fd, 0));
		DO(mprotect_(at(2), P, RW));
		DO(mprotect_(at(2), P, R | X));
		DO(mprotect_(at(0), P, W));
		smaps(at(0));
		smaps(at(2));
		munmap_(at(0), 10 * P);
	}
}

CASE(map_offsets)
{
	int fd = new_file("/tmp/diff", 4);

	DO(mmap_(at(0), P, R, PRIVATE | FIXED, fd, 1));
	DO(mmap_(at(0), P, R, ANON | FIXED, -1, 1));
	DO(mmap_(at(0), 0, R, ANON | FIXED, -1, 1));
	DO(mmap_(at(0), 2 * P, R, PRIVATE | FIXED, fd, 2 * P));
	DO(mmap_(at(4), 2 * P, R, PRIVATE | FIXED, fd, 1UL << 40));
	DO(mmap_(at(8), 2 * P, R, PRIVATE | FIXED, fd, -P));
	DO(mmap_(at(8), P, R, PRIVATE | FIXED, fd, -P));
	DO(mmap_(at(12), P, R, PRIVATE | FIXED, fd, 1UL << 63));
	DO(mmap_(at(16), P, R, PRIVATE | FIXED, fd, (1UL << 63) - P));
	DO(mmap_(at(20), 2 * P, R, ANON | FIXED, -1, 8 * P));
	DO(mmap_(at(24), 2 * P, R, SHANON | FIXED, -1, 8 * P));
	DO(mmap_(at(24), 2 * P, R, SHANON | FIXED, -1, -P));
	maps();
	rd(at(0));
	rd(at(1));
	rd(at(4));
}

CASE(map_populate)
{
	FAULTS(area_of(0, 4, RW, ANON | MAP_POPULATE, -1, 0));
	core(0, 4);
	FAULTS(wr_n(0, 4));
	FAULTS(area_of(8, 4, R, ANON | MAP_POPULATE, -1, 0));
	core(8, 4);
	FAULTS(rd_n(8, 4));
	smaps(at(8));
	FAULTS(area_of(16, 4, N, ANON | MAP_POPULATE, -1, 0));
	core(16, 4);
	area_of(24, 4, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0);
	core(24, 4);
	area_of(32, 4, RW, SHANON | MAP_POPULATE, -1, 0);
	core(32, 4);
	smaps(at(32));
	area_of(40, 4, X, ANON | MAP_POPULATE, -1, 0);
	core(40, 4);
}

CASE(map_populate_file)
{
	int fd = new_file("/tmp/diff", 4);

	FAULTS(area_of(0, 4, RW, SHARED | MAP_POPULATE, fd, 0));
	FAULTS(wr_n(0, 4));
	smaps(at(0));
	FAULTS(area_of(8, 4, RW, PRIVATE | MAP_POPULATE, fd, 0));
	FAULTS(wr_n(8, 4));
	smaps(at(8));
	FAULTS(area_of(16, 8, R, PRIVATE | MAP_POPULATE, fd, 0));
	core(16, 8);
	smaps(at(16));
}

CASE(map_flags_in_smaps)
{
	area_of(0, 1, RW, ANON | MAP_NORESERVE, -1, 0);
	area_of(1, 1, RW, ANON, -1, 0);
	area_of(2, 1, RW, ANON | MAP_STACK, -1, 0);
	area_of(4, 1, RW, ANON | MAP_GROWSDOWN, -1, 0);
	area_of(300, 1, RW, ANON | MAP_LOCKED, -1, 0);
	area_of(302, 1, R, SHANON, -1, 0);
	area_of(304, 1, RW, SHANON | MAP_NORESERVE, -1, 0);
	area_of(306, 1, R | X, ANON | MAP_DENYWRITE | MAP_EXECUTABLE, -1, 0);
	maps();
	smaps(at(0));
	smaps(at(1));
	smaps(at(4));
	smaps(at(300));
	smaps(at(302));
	smaps(at(304));
	smaps(at(306));
}

CASE(map_goes_top_down)
{
	long a = mmap_(0, 4 * P, R, ANON, -1, 0);
	long b = mmap_(0, 2 * P, N, ANON, -1, 0);
	long c = mmap_(0, P, R | X, ANON, -1, 0);

	DO(a - b);
	DO(b - c);
	DO(munmap_(b, 2 * P));
	DO(mmap_(0, 2 * P, RW, ANON, -1, 0) - b);
	DO(munmap_(b, 2 * P));
	DO(mmap_(0, P, RW, ANON, -1, 0) - b);
	DO(mmap_(0, 3 * P, RW, ANON, -1, 0) - c);
	DO(a > (long)sbrk(0));
}

CASE(map_shared_anon)
{
	area_of(0, 4, RW, SHANON, -1, 0);
	area_of(4, 4, RW, SHANON, -1, 0);
	maps();
	FAULTS(rd_n(0, 4));
	FAULTS(wr_n(0, 4));
	FAULTS(wr_n(4, 4));
	smaps(at(0));
	core(0, 8);
	DO(munmap_(at(1), P));
	maps();
	DO(mprotect_(at(2), P, R));
	maps();
	DO(mprotect_(at(2), P, RW));
	maps();
}

CASE(map_dev_zero)
{
	int fd = open("/dev/zero", O_RDWR);

	area_of(0, 2, RW, PRIVATE, fd, 0);
	area_of(4, 2, RW, SHARED, fd, 0);
	area_of(8, 2, RW, PRIVATE, fd, 7);
	maps();
	FAULTS(rd_n(0, 2));
	FAULTS(wr_n(0, 2));
	FAULTS(wr_n(4, 2));
	smaps(at(0));
	smaps(at(4));
	DO(madvise_(at(0), P, MADV_WIPEONFORK));
	DO(madvise_(at(0), P, MADV_FREE));
	DO(mremap_(at(0), 2 * P, 3 * P, 0, 0));
	DO(mremap_(at(4), 2 * P, 3 * P, 0, 0));
	rd(at(6));
	maps();
}

CASE(unmap_splits)
{
	area(0, 12, RW);
	wr_n(0, 12);
	DO(munmap_(at(4), 2 * P));
	maps();
	DO(munmap_(at(0), P));
	DO(munmap_(at(11), P));
	maps();
	bytes(0, 12);
	DO(munmap_(at(3), 5 * P));
	maps();
	DO(munmap_(at(3), P));
	DO(munmap_(at(0), 100 * P));
	maps();
}

CASE(unmap_errors)
{
	area(0, 4, RW);
	DO(munmap_(at(0), 0));
	DO(munmap_(at(0) + 1, P));
	DO(munmap_(at(0) + 1, 0));
	DO(munmap_(at(0), -1UL));
	DO(munmap_(at(0), -P));
	DO(munmap_(at(0), USER_END));
	DO(munmap_(USER_END, P));
	DO(munmap_(at(0), USER_END - B + 1));
	DO(munmap_(KERNEL_ADDR, P));
	DO(munmap_(at(1), 5));
	DO(munmap_(at(2), P + 1));
	maps();
}

CASE(unmap_of_files_keeps_offsets)
{
	int fd = new_file("/tmp/diff", 8);

	area_of(0, 8, R, SHARED, fd, 0);
	rd_n(0, 8);
	DO(munmap_(at(2), 2 * P));
	DO(munmap_(at(6), P));
	maps();
	bytes(0, 8);
	area_of(2, 2, R, SHARED, fd, 2);
	maps();
	area_of(6, 1, R, SHARED, fd, 5);
	maps();
	area_of(6, 1, R, SHARED, fd, 6);
	maps();
	area_of(8, 1, R, PRIVATE, fd, 8);
	maps();
}

CASE(file_mappings_of_two_descriptors)
{
	int fd = new_file("/tmp/diff", 8);
	int fd2 = open("/tmp/diff", O_RDWR), fd3 = dup(fd);

	area_of(0, 2, R, SHARED, fd, 0);
	area_of(2, 2, R, SHARED, fd2, 2);
	maps();
	area_of(2, 2, R, SHARED, fd3, 2);
	maps();
	area_of(10, 2, R, PRIVATE, fd, 0);
	area_of(12, 2, R, PRIVATE, fd, 2);
	maps();
	area_of(20, 2, RW, PRIVATE, fd, 0);
	wr(at(20));
	area_of(22, 2, RW, PRIVATE, fd, 2);
	maps();
	wr(at(22));
	maps();
	DO(unlink("/tmp/diff"));
	maps();
}

CASE(map_count_limit)
{
	long lines, was = get("/proc/sys/vm/max_map_count");
	char text[32];
	FILE *f = fopen("/proc/self/maps", "r");

	area(0, 16, RW);
	for (lines = 1; fscanf(f, "%*[^\n]\n") == 0 && !feof(f);)
		lines++;
	sprintf(text, "%ld", lines + 4);
	say("set: %d", put("/proc/sys/vm/max_map_count", text));
	DO(mprotect_(at(2), P, R));
	DO(mprotect_(at(8), P, R));
	DO(mprotect_(at(15), P, R));
	maps();
	DO(munmap_(at(5), P));
	DO(mmap_(at(30), P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(40), P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(50), P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(60), P, RW, ANON | FIXED, -1, 0));
	DO(munmap_(at(5), P));
	DO(munmap_(at(0), P));
	DO(madvise_(at(5), P, MADV_DONTDUMP));
	DO(mlock_(at(5), P));
	DO(mremap_(at(5), P, 2 * P, MREMAP_MAYMOVE, 0));
	maps();
	sprintf(text, "%ld", was);
	put("/proc/sys/vm/max_map_count", text);
}

CASE(map_rlimit_as)
{
	limit(RLIMIT_AS, 64UL << 20);
	DO(mmap_(at(0), 128UL << 20, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 48UL << 20, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(16384), 48UL << 20, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 56UL << 20, R, ANON | FIXED, -1, 0));
	DO(mmap_(at(16384), 1UL << 20, R, ANON | FIXED, -1, 0));
	DO(mmap_(at(16384), 32UL << 20, N, ANON | FIXED, -1, 0));
	DO(mremap_(at(0), 56UL << 20, 100UL << 20, MREMAP_MAYMOVE, 0));
	maps();
}

CASE(map_rlimit_data)
{
	limit(RLIMIT_DATA, 16UL << 20);
	DO(mmap_(at(0), 32UL << 20, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 32UL << 20, R, ANON | FIXED, -1, 0));
	DO(mprotect_(at(0), 32UL << 20, RW));
	DO(mprotect_(at(0), 8UL << 20, RW));
	DO(mmap_(at(16384), 32UL << 20, RW, SHANON | FIXED, -1, 0));
	DO(mmap_(at(32768), 32UL << 20, RW | X, ANON | FIXED, -1, 0));
	DO(mmap_(at(32768), 32UL << 20, R, ANON | FIXED, -1, 0));
	DO(mremap_(at(0), 8UL << 20, 30UL << 20, MREMAP_MAYMOVE, 0));
	maps();
}

CASE(status_sizes)
{
	DELTA(STATUS, "VmSize VmData VmStk VmPTE VmLck", area(0, 16, RW));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", wr_n(0, 1));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", area(1024, 16, R));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", rd_n(1024, 16));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE",
	      area_of(2048, 16, RW, SHANON, -1, 0));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE",
	      area_of(4096, 16, RW, ANON | MAP_GROWSDOWN, -1, 0));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", area(8192, 16, R | X));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE",
	      mprotect_(at(1024), 16 * P, RW));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", mprotect_(at(0), 8 * P, R));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE", munmap_(at(0), 16 * P));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE VmLck",
	      mlock_(at(1024), 4 * P));
	DELTA(STATUS, "VmSize VmData VmStk VmPTE VmLck",
	      munmap_(at(0), 10000 * P));
}
