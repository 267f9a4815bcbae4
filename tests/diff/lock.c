// SPDX-License-Identifier: MIT
/* mlock and its family, limits of what is locked and what is promised. */
#include "diff.h"

CASE(lock_splits_and_populates)
{
	area(0, 8, RW);
	DELTA(STATUS, "VmLck", FAULTS(DO(mlock_(at(2), 3 * P))));
	maps();
	core(0, 8);
	smaps(at(2));
	DELTA(STATUS, "VmLck", DO(mlock_(at(4), 2 * P)));
	maps();
	DELTA(STATUS, "VmLck", DO(munlock_(at(3), P)));
	maps();
	core(0, 8);
	DELTA(STATUS, "VmLck", DO(munlock_(at(0), 8 * P)));
	maps();
	DELTA(STATUS, "VmLck", DO(mlock_(at(1) + 5, P)));
	maps();
	DELTA(STATUS, "VmLck", DO(munlock_(at(2) - 1, 2)));
	maps();
}

CASE(lock_kinds)
{
	int fd = new_file("/tmp/diff", 4);

	area(0, 4, R);
	DO(mlock_(at(0), 4 * P));
	core(0, 4);
	smaps(at(0));
	area(8, 4, N);
	DO(mlock_(at(8), 4 * P));
	core(8, 4);
	smaps(at(8));
	area_of(16, 4, RW, SHARED, fd, 0);
	DO(mlock_(at(16), 4 * P));
	smaps(at(16));
	area_of(24, 4, RW, PRIVATE, fd, 0);
	DO(mlock_(at(24), 4 * P));
	smaps(at(24));
	FAULTS(wr_n(24, 4));
	area_of(32, 8, R, PRIVATE, fd, 0);
	DO(mlock_(at(32), 8 * P));
	core(32, 8);
	area(48, 4, X);
	DO(mlock_(at(48), 4 * P));
	core(48, 4);
}

CASE(lock_errors)
{
	area(0, 2, RW);
	area(4, 2, RW);
	DO(mlock_(at(0), 6 * P));
	maps();
	DO(munlock_(at(0), 6 * P));
	maps();
	DO(mlock_(at(2), P));
	DO(munlock_(at(2), P));
	DO(mlock_(at(0), 0));
	DO(munlock_(at(0), 0));
	DO(mlock_(at(2), 0));
	DO(mlock_(at(0), -1UL));
	DO(munlock_(at(0), -1UL));
	DO(mlock_(at(0), -P));
	DO(munlock_(at(0), -P));
	DO(mlock_(KERNEL_ADDR, P));
	DO(munlock_(KERNEL_ADDR, P));
	DO(mlock2_(at(0), P, 2));
	DO(mlock2_(at(2), P, 2));
	DO(mlock2_(at(2), P, 1));
	DO(mlock2_(at(2), 0, 1));
	maps();
}

CASE(lock_onfault)
{
	area(0, 4, RW);
	DO(mlock2_(at(0), 4 * P, MLOCK_ONFAULT));
	core(0, 4);
	smaps(at(0));
	wr(at(1));
	smaps(at(0));
	DO(mlock_(at(0), 2 * P));
	maps();
	core(0, 4);
	smaps(at(0));
	DO(mlock2_(at(0), 4 * P, MLOCK_ONFAULT));
	maps();
	DO(munlock_(at(0), 4 * P));
	maps();
	smaps(at(0));
}

CASE(lock_all)
{
	area(0, 4, RW);
	DO(mlockall_(0));
	DO(mlockall_(8));
	DO(mlockall_(MCL_ONFAULT));
	DO(mlockall_(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT | 8));
	DO(mlockall_(MCL_FUTURE));
	area(8, 4, RW);
	core(0, 4);
	core(8, 4);
	smaps(at(8));
	DO(mlockall_(MCL_FUTURE | MCL_ONFAULT));
	area(16, 4, RW);
	core(16, 4);
	smaps(at(16));
	DO(mlockall_(MCL_CURRENT));
	core(0, 4);
	core(16, 4);
	area(24, 4, RW);
	core(24, 4);
	DO(mlockall_(MCL_CURRENT | MCL_ONFAULT));
	smaps(at(0));
	DO(munlockall_());
	maps();
	smaps(at(0));
}

CASE(lock_future_and_none)
{
	DO(mlockall_(MCL_FUTURE));
	area(0, 4, N);
	core(0, 4);
	DO(mprotect_(at(0), 4 * P, RW));
	core(0, 4);
	DO(mprotect_(at(0), 4 * P, R));
	core(0, 4);
	area(8, 4, R);
	core(8, 4);
	area_of(16, 4, RW, ANON | MAP_GROWSDOWN, -1, 0);
	core(16, 4);
	DELTA(STATUS, "VmLck", munmap_(at(0), 20 * P));
}

CASE(lock_limits)
{
	limit(RLIMIT_MEMLOCK, 8 * P);
	area(0, 32, RW);
	DO(mlock_(at(0), 16 * P));
	DO(munlock_(at(0), 16 * P));
	become_user();
	DO(mlock_(at(0), 9 * P));
	DO(mlock_(at(0), 8 * P));
	DO(mlock_(at(0), 8 * P));
	DO(mlock_(at(4), 8 * P));
	DO(mlock_(at(8), P));
	DO(munlock_(at(0), 4 * P));
	DO(mlock_(at(8), 4 * P));
	DO(mlock_(at(12), P));
	DO(mmap_(at(100), P, RW, ANON | FIXED | MAP_LOCKED, -1, 0));
	DO(munlock_(at(4), P));
	DO(mmap_(at(100), P, RW, ANON | FIXED | MAP_LOCKED, -1, 0));
	DO(mmap_(at(102), P, RW, ANON | FIXED | MAP_LOCKED, -1, 0));
	maps();
	DO(mlockall_(MCL_CURRENT));
	DO(mlockall_(MCL_FUTURE));
	DO(mmap_(at(200), 20 * P, RW, ANON | FIXED, -1, 0));
	DO(mlock_(at(0), -P));
}

CASE(lock_limit_zero)
{
	limit(RLIMIT_MEMLOCK, 0);
	area(0, 4, RW);
	become_user();
	DO(mlock_(at(0), P));
	DO(mlock_(at(0), 0));
	DO(mlock_(at(100), P));
	DO(mlock2_(at(0), P, 7));
	DO(mlockall_(MCL_CURRENT));
	DO(mlockall_(64));
	DO(mmap_(at(10), P, RW, ANON | FIXED | MAP_LOCKED, -1, 0));
	DO(mmap_(at(10), 0, RW, ANON | FIXED | MAP_LOCKED, -1, 0));
	DO(mmap_(at(10), P, RW, FIXED | MAP_LOCKED | MAP_ANONYMOUS, -1, 0));
	DO(munlock_(at(0), P));
	DO(munlockall_());
}

static void show_locked(void)
{
	keys_after("fork");
	maps();
	smaps(at(0));
}

CASE(lock_and_fork)
{
	area(0, 4, RW);
	must(mlock_(at(0), 4 * P));
	keys_before(STATUS, "VmLck");
	child(show_locked);
}

static void map_and_show(void)
{
	area(0, 2, RW);
	core(0, 2);
	smaps(at(0));
}

CASE(lock_future_is_not_inherited)
{
	DO(mlockall_(MCL_FUTURE));
	child(map_and_show);
	area(8, 2, RW);
	core(8, 2);
}

static void set_overcommit(const char *mode, long more)
{
	char text[32];

	if (more) {
		FILE *f = fopen("/proc/meminfo", "r");
		char line[128];
		long kb = 0;

		while (fgets(line, sizeof(line), f))
			sscanf(line, "Committed_AS: %ld", &kb);
		fclose(f);
		/* 3% are kept for the process, 8 MiB for the administrator */
		sprintf(text, "%ld", kb + more);
		say("kbytes: %d", put("/proc/sys/vm/overcommit_kbytes", text));
	}
	say("mode: %d", put("/proc/sys/vm/overcommit_memory", mode));
}

#define MB (1UL << 20)

CASE(overcommit_never)
{
	set_overcommit("2", 64 << 10);
	DO(mmap_(at(0), 128 * MB, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 128 * MB, RW, ANON | FIXED | MAP_NORESERVE, -1, 0));
	DO(mmap_(at(0), 128 * MB, RW, SHANON | FIXED, -1, 0));
	DO(mmap_(at(0), 128 * MB, R, ANON | FIXED, -1, 0));
	DO(mprotect_(at(0), 128 * MB, RW));
	DO(mprotect_(at(0), 16 * MB, RW));
	DO(mmap_(at(65536), 24 * MB, RW, ANON | FIXED | MAP_NORESERVE, -1, 0));
	smaps(at(65536));
	DO(mmap_(at(131072), 40 * MB, RW, ANON | FIXED, -1, 0));
	DO(mremap_(at(65536), 24 * MB, 64 * MB, MREMAP_MAYMOVE, 0));
	DO(mremap_(at(65536), 24 * MB, 32 * MB, MREMAP_MAYMOVE, 0));
	DO(munmap_(at(0), 512 * MB));
	DO(mmap_(at(131072), 40 * MB, RW, ANON | FIXED, -1, 0));
	DO(brk_((unsigned long)brk_(0) + 64 * MB) < brk_(0) + 64 * MB);
	DO(fork() < 0);
	set_overcommit("0", 0);
	put("/proc/sys/vm/overcommit_ratio", "50");
}

CASE(overcommit_never_and_fork)
{
	area(0, 24 * 256, RW);
	set_overcommit("2", 20 << 10);
	errno = 0;
	if (!fork())
		_exit(0);
	say("errno %d", errno);
	must(mprotect_(at(0), 24 * MB, R));
	errno = 0;
	if (!fork())
		_exit(0);
	say("errno %d", errno);
	must(munmap_(at(0), 24 * MB));
	errno = 0;
	if (!fork())
		_exit(0);
	say("errno %d", errno);
	while (wait(NULL) > 0)
		;
	set_overcommit("0", 0);
	put("/proc/sys/vm/overcommit_ratio", "50");
}

CASE(overcommit_guess_and_always)
{
	DO(mmap_(at(0), 4096 * MB, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 4096 * MB, RW, ANON | FIXED | MAP_NORESERVE, -1, 0));
	DO(mmap_(at(0), 4096 * MB, R, ANON | FIXED, -1, 0));
	DO(mprotect_(at(0), 4096 * MB, RW));
	DO(mmap_(at(0), 4096 * MB, RW, SHANON | FIXED, -1, 0));
	DO(mmap_(at(0), 4096 * MB, RW, SHANON | FIXED | MAP_NORESERVE, -1, 0));
	smaps(at(0));
	DO(munmap_(at(0), 4096 * MB));
	set_overcommit("1", 0);
	DO(mmap_(at(0), 4096 * MB, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(0), 4096 * MB, RW, SHANON | FIXED, -1, 0));
	DO(mprotect_(at(0), 4096 * MB, R));
	set_overcommit("0", 0);
}

CASE(committed_as)
{
	int fd = new_file("/tmp/diff", 4);

	DELTA(MEMINFO, "Committed_AS", area(0, 4096, RW));
	DELTA(MEMINFO, "Committed_AS", area(4096, 4096, R));
	DELTA(MEMINFO, "Committed_AS", mprotect_(at(4096), 2048 * P, RW));
	DELTA(MEMINFO, "Committed_AS", mprotect_(at(4096), 2048 * P, R));
	DELTA(MEMINFO, "Committed_AS", mprotect_(at(4096), 2048 * P, RW));
	DELTA(MEMINFO, "Committed_AS", area_of(8192, 4096, RW, SHANON, -1, 0));
	DELTA(MEMINFO, "Committed_AS", munmap_(at(8192), 2048 * P));
	DELTA(MEMINFO, "Committed_AS",
	      area_of(16384, 4096, RW, ANON | MAP_NORESERVE, -1, 0));
	DELTA(MEMINFO, "Committed_AS", area_of(20480, 4096, RW, SHARED, fd, 0));
	DELTA(MEMINFO, "Committed_AS",
	      area_of(24576, 4096, RW, PRIVATE, fd, 0));
	DELTA(MEMINFO, "Committed_AS", area_of(28672, 4096, R, PRIVATE, fd, 0));
	DELTA(MEMINFO, "Committed_AS",
	      mremap_(at(0), 4096 * P, 2048 * P, 0, 0));
	DELTA(MEMINFO, "Committed_AS", munmap_(at(8192), 2048 * P));
	DELTA(MEMINFO, "Committed_AS", munmap_(at(10240), 2048 * P));
	DELTA(MEMINFO, "Committed_AS", munmap_(at(0), 40000 * P));
}
