// SPDX-License-Identifier: MIT
/* Faults: how many, on which pages, and the signals of those that fail. */
#include "diff.h"

CASE(fault_anonymous_counts)
{
	area(0, 600, RW);
	FAULTS(rd_n(0, 8));
	FAULTS(rd_n(0, 8));
	FAULTS(wr_n(0, 8));
	FAULTS(wr_n(0, 8));
	FAULTS(wr_n(8, 8));
	FAULTS(wr_n(16, 584));
	smaps(at(0));
}

CASE(fault_around_of_a_file)
{
	int fd = new_file("/tmp/diff", 25);

	area_of(0, 25, R, SHARED, fd, 0);
	FAULTS(rd(at(3)));
	smaps(at(0));
	FAULTS(rd_n(0, 16));
	FAULTS(rd(at(20)));
	smaps(at(0));
	FAULTS(rd_n(16, 9));
	munmap_(at(0), 25 * P);
	area_of(5, 20, R, PRIVATE, fd, 3);
	FAULTS(rd(at(7)));
	smaps(at(5));
	FAULTS(rd_n(5, 20));
	smaps(at(5));
	munmap_(at(0), 25 * P);
	area_of(500, 20, RW, PRIVATE, fd, 0);
	FAULTS(wr_n(500, 4));
	smaps(at(500));
	FAULTS(rd_n(500, 20));
	FAULTS(wr_n(500, 20));
	smaps(at(500));
}

CASE(fault_around_and_holes)
{
	int fd = new_file("/tmp/diff", 0);

	must(ftruncate(fd, 32 * P));
	must(pwrite(fd, "x", 1, 3 * P));
	must(pwrite(fd, "y", 1, 5 * P));
	area_of(0, 32, RW, SHARED, fd, 0);
	core(0, 32);
	FAULTS(rd(at(4)));
	smaps(at(0));
	core(0, 32);
	FAULTS(rd_n(0, 16));
	FAULTS(wr_n(0, 16));
	FAULTS(wr_n(16, 16));
	smaps(at(0));
	munmap_(at(0), 32 * P);
	area_of(0, 32, RW, SHARED, fd, 0);
	madvise_(at(0), 32 * P, MADV_RANDOM);
	FAULTS(rd_n(0, 32));
}

CASE(fault_shared_write_notify)
{
	int fd = new_file("/tmp/diff", 8);

	area_of(0, 8, RW, SHARED, fd, 0);
	FAULTS(rd_n(0, 8));
	FAULTS(wr_n(0, 8));
	smaps(at(0));
	DO(msync_(at(0), 8 * P, MS_SYNC));
	FAULTS(wr_n(0, 8));
	DO(fsync(fd));
	FAULTS(wr_n(0, 8));
}

CASE(fault_beyond_the_file)
{
	int fd = new_file("/tmp/diff", 2);

	must(ftruncate(fd, P + 100));
	area_of(0, 4, RW, SHARED, fd, 0);
	rd(at(0));
	rd(at(1) + 99);
	rd(at(1) + 100);
	rd(at(2));
	wr(at(2) + 7);
	rd(at(3));
	core(0, 4);
	wr(at(1) + 200);
	must(ftruncate(fd, 3 * P));
	rd(at(1) + 200);
	rd(at(2));
	rd(at(3));
	area_of(8, 4, RW, PRIVATE, fd, 0);
	wr(at(11));
	rd(at(10));
	area_of(16, 2, RW, PRIVATE, fd, 3);
	rd(at(16) + 4095);
}

CASE(fault_truncated_under_us)
{
	int fd = new_file("/tmp/diff", 4);

	area_of(0, 4, RW, SHARED, fd, 0);
	area_of(8, 4, RW, PRIVATE, fd, 0);
	wr_n(0, 4);
	wr_n(8, 3);
	rd_n(8, 4);
	smaps(at(0));
	smaps(at(8));
	must(ftruncate(fd, P + 10));
	smaps(at(0));
	smaps(at(8));
	bytes(0, 4);
	bytes(8, 4);
	rd(at(1) + 10);
	rd(at(9) + 10);
	must(ftruncate(fd, 4 * P));
	bytes(0, 4);
	bytes(8, 4);
	maps();
}

CASE(fault_private_sees_writes_until_copied)
{
	int fd = new_file("/tmp/diff", 4);

	area_of(0, 4, RW, PRIVATE, fd, 0);
	area_of(8, 4, RW, SHARED, fd, 0);
	bytes(0, 4);
	must(pwrite(fd, "1111", 4, P));
	bytes(0, 4);
	*(char *)at(10) = '2';
	bytes(0, 4);
	*(char *)at(1) = 'p';
	*(char *)at(9) = 's';
	bytes(0, 4);
	bytes(8, 4);
	smaps(at(0));
	smaps(at(8));
}

CASE(fault_signals)
{
	area(0, 4, RW);
	area(5, 1, R);
	area(6, 1, N);
	rd(0);
	wr(8);
	rd(at(4));
	wr(at(4) + 123);
	wr(at(5) + 4095);
	rd(at(6) + 1);
	wr(at(6));
	rd(KERNEL_ADDR);
	wr(KERNEL_ADDR + 5);
	rd(USER_END);
	rd(0x0100000000000000UL | at(0));
	rd(0x8000000000000000UL | at(0));
	wr(0x0001000000000000UL | at(0));
	run_at(at(0));
	run_at(at(4));
	run_at(at(6));
	run_at(at(0) + 2);
	run_at(0);
}

CASE(fault_growsdown)
{
	area_of(600, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
	wr(at(599));
	maps();
	wr(at(590) + 5);
	maps();
	rd(at(580));
	maps();
	core(580, 22);
	DELTA(STATUS, "VmSize VmData VmStk", wr(at(560)));
	rd(at(602));
	area(302, 2, RW);
	wr(at(557));
	wr(at(558));
	maps();
	munmap_(at(302), 2 * P);
	area(302, 2, N);
	wr(at(500));
	wr(at(304));
	wr(at(303));
	maps();
}

CASE(fault_growsdown_merges)
{
	area_of(600, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
	area_of(590, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
	wr(at(592));
	wr(at(599));
	wr(at(592));
	maps();
	area_of(598, 1, RW, ANON | MAP_GROWSDOWN, -1, 0);
	maps();
	DO(munmap_(at(597), P));
	maps();
	DO(mprotect_(at(600), P, R));
	maps();
	wr(at(599));
	rd(at(595));
	maps();
}

CASE(fault_growsdown_limit)
{
	limit(RLIMIT_STACK, 16 * P);
	area_of(600, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
	wr(at(590));
	wr(at(586));
	wr(at(585));
	maps();
	limit(RLIMIT_STACK, 8 << 20);
	wr(at(585));
	area_of(1200, 2, RW, ANON | MAP_GROWSDOWN | MAP_LOCKED, -1, 0);
	wr(at(1196));
	core(1196, 6);
	smaps(at(1196));
}

CASE(map_beside_growsdown)
{
	area_of(600, 2, RW, ANON | MAP_GROWSDOWN, -1, 0);
	DO(mmap_(at(598), P, RW, ANON, -1, 0) == at(598));
	DO(mmap_(at(400), P, RW, ANON, -1, 0) == at(400));
	DO(mmap_(at(340), P, RW, ANON, -1, 0) == at(340));
	DO(mmap_(at(343), P, RW, ANON, -1, 0) == at(343));
	DO(mmap_(at(344), P, RW, ANON, -1, 0) == at(344));
	DO(mmap_(at(598), P, RW, ANON | FIXED, -1, 0));
	DO(mmap_(at(597), P, RW, ANON | NOREPLACE, -1, 0));
	DO(mmap_(at(602), P, RW, ANON, -1, 0));
	maps();
}

/* Memory of the kernel's user interface: read and write by system calls. */
CASE(fault_in_system_calls)
{
	int p[2], fd = new_file("/tmp/diff", 2);
	struct iovec iov[1] = { { (void *)at(4), P } };

	must(pipe(p));
	area(0, 2, RW);
	area(2, 1, R);
	area(3, 1, N);
	FAULTS(DO(pread(fd, (void *)at(0), 2 * P, 0)));
	DO(pread(fd, (void *)at(2), P, 0));
	DO(pread(fd, (void *)at(3), P, 0));
	DO(pread(fd, (void *)at(4), P, 0));
	DO(pread(fd, (void *)at(1), 2 * P, 0));
	DO(pread(fd, (void *)KERNEL_ADDR, P, 0));
	DO(pread(fd, (void *)at(4), 0, 0));
	DO(pread(fd, (void *)at(4), P, 2 * P));
	DO(pwrite(fd, (void *)at(2), P, 0));
	DO(pwrite(fd, (void *)at(3), P, 0));
	DO(pwrite(fd, (void *)at(1), 3 * P, 0));
	DO(pwrite(fd, (void *)KERNEL_ADDR, P, 0));
	DO(write(p[1], (void *)at(3), 1));
	DO(writev(p[1], iov, 1));
	must(write(p[1], "8 bytes.", 8));
	DO(read(p[0], (void *)at(4), 8));
	DO(syscall(SYS_getcwd, at(3), P));
	DO(syscall(SYS_uname, at(3)));
	DO(syscall(SYS_uname, KERNEL_ADDR));
	DO(syscall(SYS_pipe2, at(2), 0));
	DO(open((char *)at(3), O_RDONLY));
	DO(open((char *)KERNEL_ADDR, O_RDONLY));
	DO(syscall(SYS_nanosleep, at(3), 0));
	DO(syscall(SYS_wait4, -1, at(3), WNOHANG, 0));
	DO(syscall(SYS_getrandom, at(2), 8, 0));
	DO(syscall(SYS_getrandom, KERNEL_ADDR, 8, 0));
	DO(syscall(SYS_prlimit64, 0, RLIMIT_AS, KERNEL_ADDR, 0));
	DO(syscall(SYS_prlimit64, 0, RLIMIT_AS, 0, at(2)));
	DO(syscall(SYS_getrusage, RUSAGE_SELF, at(2)));
}

static long vm(int nr, pid_t pid, unsigned long local, unsigned long remote,
	       unsigned long len)
{
	struct iovec l = { (void *)local, len }, r = { (void *)remote, len };

	return syscall(nr, pid, &l, 1, &r, 1, 0);
}

CASE(process_vm)
{
	pid_t me = getpid();
	struct iovec l = { (void *)at(0), P };

	area(0, 4, RW);
	area(8, 2, RW);
	area(10, 2, R);
	area(12, 2, N);
	wr_n(0, 1);
	DO(vm(SYS_process_vm_readv, me, at(1), at(0), P));
	bytes(0, 2);
	DO(vm(SYS_process_vm_writev, me, at(0), at(8), P));
	DO(vm(SYS_process_vm_writev, me, at(0), at(10), P));
	DO(vm(SYS_process_vm_writev, me, at(0), at(9), 2 * P));
	DO(vm(SYS_process_vm_readv, me, at(0), at(12), P));
	DO(vm(SYS_process_vm_readv, me, at(0), at(11), 2 * P));
	DO(vm(SYS_process_vm_readv, me, at(10), at(0), P));
	DO(vm(SYS_process_vm_readv, me, at(20), at(0), P));
	DO(vm(SYS_process_vm_readv, me, at(0), at(20), P));
	DO(vm(SYS_process_vm_readv, me, at(0), KERNEL_ADDR, P));
	DO(vm(SYS_process_vm_readv, me, KERNEL_ADDR, at(0), P));
	DO(vm(SYS_process_vm_readv, me, at(0), at(1), 0));
	DO(vm(SYS_process_vm_readv, 999999, at(0), at(1), P));
	DO(vm(SYS_process_vm_readv, 999999, at(0), at(1), 0));
	DO(vm(SYS_process_vm_readv, -1, at(0), at(1), P));
	DO(syscall(SYS_process_vm_readv, me, &l, 1, &l, 1, 1));
	DO(syscall(SYS_process_vm_readv, me, &l, 2000, &l, 1, 0));
	DO(syscall(SYS_process_vm_readv, me, &l, 1, &l, 2000, 0));
	DO(syscall(SYS_process_vm_readv, me, KERNEL_ADDR, 1, &l, 1, 0));
	DO(syscall(SYS_process_vm_readv, me, &l, 1, KERNEL_ADDR, 1, 0));
	DO(syscall(SYS_process_vm_readv, me, &l, 0, &l, 1, 0));
	DO(syscall(SYS_process_vm_readv, me, &l, 1, &l, 0, 0));
	become_user();
	DO(vm(SYS_process_vm_readv, 1, at(0), at(1), P));
}

CASE(stack_grows)
{
	unsigned long low, end, now;

	DO(maps_named("[stack]", &low, &end));
	DELTA(STATUS, "VmStk VmSize VmData", quiet_access(low - 40 * P, 1));
	DELTA(STATUS, "VmStk VmSize VmData", quiet_access(low - 400 * P, 0));
	FAULTS(quiet_access(low - 39 * P, 1));
	DO(maps_named("[stack]", &now, &end));
	DO((low - now) / P);
	DO(madvise_(now, low - now, MADV_DONTNEED));
	DO(munmap_(now, 100 * P));
	DELTA(STATUS, "VmStk VmSize VmData", quiet_access(now + 50 * P, 1));
}

CASE(stack_limit)
{
	unsigned long low, end;

	limit(RLIMIT_STACK, 1 << 20);
	DO(maps_named("[stack]", &low, &end));
	DO(quiet_access(end - 257 * P, 1));
	DO(quiet_access(end - 256 * P, 1));
	DO(maps_named("[stack]", &low, &end));
	DO((end - low) / P);
	DO(quiet_access(low - 1, 1));
	DO(quiet_access(low - 1000 * P, 1));
	child(exit_case);
}
