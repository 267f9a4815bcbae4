// SPDX-License-Identifier: MIT
/* fork, vfork, exec: what is shared, copied, left out. */
#include "diff.h"

static void show_region(void)
{
	maps();
	bytes(0, 8);
}

CASE(fork_copies_on_write)
{
	area(0, 8, RW);
	wr_n(0, 8);
	child(show_region);
	if (!quiet_fork()) {
		FAULTS(rd_n(0, 8));
		FAULTS(wr_n(0, 4));
		smaps(at(0));
		exit_case();
	}
	wait(NULL);
	smaps(at(0));
	FAULTS(rd_n(0, 8));
	FAULTS(wr_n(0, 8));
	smaps(at(0));
}

static void hold_and_write(void)
{
	FAULTS(wr_n(0, 2));
	smaps(at(0));
}

CASE(fork_then_parent_writes)
{
	int go[2], pid;
	char c;

	area(0, 4, RW);
	wr_n(0, 4);
	must(pipe(go));
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit((int)read(go[0], &c, 1));
	}
	smaps(at(0));
	FAULTS(wr_n(0, 2));
	smaps(at(0));
	close(go[1]);
	DO(wait_for(pid));
	FAULTS(wr_n(0, 4));
	child(hold_and_write);
}

CASE(fork_makes_neighbours_unmergeable)
{
	area(0, 4, RW);
	wr_n(0, 4);
	child(exit_case);
	area(4, 4, RW);
	maps();
	wr_n(4, 4);
	area(8, 4, RW);
	maps();
	DO(mprotect_(at(1), P, R));
	DO(mprotect_(at(1), P, RW));
	maps();
	DO(mprotect_(at(3), 2 * P, R));
	maps();
	DO(mprotect_(at(3), 2 * P, RW));
	maps();
}

static void merge_in_child(void)
{
	area(4, 4, RW);
	maps();
	wr_n(4, 4);
	maps();
	area(8, 2, RW);
	maps();
	DO(mprotect_(at(1), P, R));
	DO(mprotect_(at(1), P, RW));
	maps();
}

CASE(fork_and_merge_in_the_child)
{
	area(0, 4, RW);
	wr_n(0, 4);
	child(merge_in_child);
	area(20, 4, RW);
	child(merge_in_child);
}

static void two_halves(void)
{
	wr_n(0, 8);
	DO(mprotect_(at(0), 8 * P, R));
	maps();
}

CASE(fork_of_split_areas)
{
	area(0, 8, RW);
	wr_n(0, 8);
	DO(mprotect_(at(4), 4 * P, R));
	DO(mprotect_(at(4), 4 * P, RW));
	maps();
	area(10, 2, RW);
	area(12, 2, R);
	wr_n(10, 2);
	child(two_halves);
	DO(mprotect_(at(12), 2 * P, RW));
	maps();
}

CASE(fork_of_touched_halves)
{
	area(0, 4, RW);
	area(4, 4, R);
	wr_n(0, 4);
	DO(mprotect_(at(4), 4 * P, RW));
	maps();
	child(two_halves);
	area(20, 2, RW);
	area(23, 2, RW);
	wr_n(20, 2);
	wr_n(23, 2);
	area(22, 1, RW);
	maps();
	child(show_region);
}

static int heaps(void)
{
	unsigned long from, to;

	return maps_named("[heap]", &from, &to);
}

static void brk_child(void)
{
	unsigned long top = ((unsigned long)brk_(0) + P - 1) & -P;

	DO(brk_(top + 4 * P) - top);
	DO(heaps());
}

CASE(fork_and_the_heap)
{
	unsigned long top = ((unsigned long)brk_(0) + P - 1) & -P;

	brk_(top);
	quiet_access(top - 1, 1);
	child(exit_case);
	DO(brk_(top + 4 * P) - top);
	DO(heaps());
	child(brk_child);
}

CASE(fork_shared_anonymous)
{
	area_of(0, 8, RW, SHANON, -1, 0);
	wr_n(0, 2);
	child(hold_and_write);
	*(char *)at(1) = 'P';
	if (!fork()) {
		*(char *)at(2) = 'C';
		*(char *)at(7) = 'D';
		_exit(0);
	}
	wait(NULL);
	bytes(0, 8);
	FAULTS(wr_n(0, 8));
	smaps(at(0));
}

CASE(fork_advice)
{
	area(0, 8, RW);
	wr_n(0, 8);
	DO(madvise_(at(2), 2 * P, MADV_DONTFORK));
	DO(madvise_(at(4), 2 * P, MADV_WIPEONFORK));
	child(show_region);
	DO(madvise_(at(2), 2 * P, MADV_DOFORK));
	DO(madvise_(at(4), 2 * P, MADV_KEEPONFORK));
	child(show_region);
	area_of(10, 2, RW, SHANON, -1, 0);
	DO(madvise_(at(10), 2 * P, MADV_DONTFORK));
	child(show_region);
}

static void wipe_child(void)
{
	smaps(at(0));
	core(0, 4);
	wr_n(0, 1);
	child(show_region);
}

CASE(fork_wipes_again)
{
	area(0, 4, RW);
	wr_n(0, 4);
	DO(madvise_(at(0), 4 * P, MADV_WIPEONFORK));
	child(wipe_child);
	bytes(0, 4);
}

static void file_child(void)
{
	FAULTS(rd_n(0, 8));
	FAULTS(wr_n(0, 8));
	bytes(0, 8);
}

CASE(fork_file_mappings)
{
	int fd = new_file("/tmp/diff", 8);

	area_of(0, 4, RW, PRIVATE, fd, 0);
	area_of(4, 4, RW, SHARED, fd, 4);
	wr_n(0, 2);
	rd_n(0, 8);
	child(file_child);
	bytes(0, 8);
	smaps(at(0));
	smaps(at(4));
}

static void grandchild(void)
{
	FAULTS(wr_n(0, 4));
	child(hold_and_write);
	bytes(0, 4);
}

CASE(fork_of_a_fork)
{
	area(0, 4, RW);
	wr_n(0, 4);
	child(grandchild);
	bytes(0, 4);
	FAULTS(wr_n(0, 4));
	smaps(at(0));
}

CASE(fork_inherits_page_tables)
{
	area(0, 16, RW);
	wr_n(0, 16);
	area_of(512, 16, RW, SHANON, -1, 0);
	wr_n(512, 16);
	area(1024, 16, RW);
	rd_n(1024, 16);
	if (!quiet_fork()) {
		FAULTS(rd_n(0, 16));
		FAULTS(rd_n(512, 16));
		FAULTS(rd_n(1024, 16));
		exit_case();
	}
	wait(NULL);
}

CASE(vfork_shares_everything)
{
	area(0, 4, RW);
	if (!vfork()) {
		*(volatile char *)at(0) = 'v';
		munmap_(at(2), P);
		_exit(0);
	}
	bytes(0, 4);
	maps();
}

CASE(clone_vm_shares_everything)
{
	static char stack[65536] __attribute__((aligned(16)));
	int in_clone(void *arg);

	area(0, 4, RW);
	wait_for(clone(in_clone, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		       (void *)at(1)));
	bytes(0, 4);
	maps();
}

int in_clone(void *arg);
int in_clone(void *arg)
{
	*(volatile char *)arg = 'c';
	mprotect_(at(2), P, R);
	return 0;
}

CASE(exec_resets)
{
	area(0, 4, RW);
	mlockall_(MCL_CURRENT | MCL_FUTURE);
	area(8, 4, RW);
	if (!quiet_fork())
		execl("/proc/self/exe", "diff", "-exec", NULL);
	wait(NULL);
}

CASE(exec_errors)
{
	char *none[] = { NULL };
	int fd = new_file("/tmp/diff", 1);

	DO(syscall(SYS_execve, "/nowhere", none, none));
	DO(syscall(SYS_execve, "/tmp", none, none));
	DO(syscall(SYS_execve, "/tmp/diff", none, none));
	must(fchmod(fd, 0755));
	close(fd);
	DO(syscall(SYS_execve, "/tmp/diff", none, none));
	DO(syscall(SYS_execve, KERNEL_ADDR, none, none));
	DO(syscall(SYS_execve, "/tmp/diff", KERNEL_ADDR, none));
	DO(syscall(SYS_execve, 0, none, none));
	DO(syscall(SYS_execve, "", none, none));
}
