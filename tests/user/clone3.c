// SPDX-License-Identifier: MIT
/*
 * clone3: its arguments in all their sizes, its checks in Linux's order, and
 * what it shares with clone; handlers that are shared and unshared.
 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define VER0 64
#define VER2 88

static long clone3(void *args, size_t size)
{
	return syscall(435, args, size);
}

/* => the status of a child that clone3 made with these; or -errno */
static int child_of(struct clone_args *args, size_t size)
{
	int status;
	long pid = clone3(args, size);

	if (!pid)
		_exit(7);
	if (pid < 0)
		return -errno;
	CHECK_EQ(waitpid((pid_t)pid, &status, __WALL), pid);
	return status;
}

TEST(sizes)
{
	union {
		struct clone_args args;
		char bytes[8192];
	} u = { .args.exit_signal = SIGCHLD };

	CHECK_EQ(child_of(&u.args, VER0), 7 << 8);
	CHECK_EQ(child_of(&u.args, VER2), 7 << 8);
	CHECK_EQ(child_of(&u.args, 4096), 7 << 8);
	CHECK_EQ(child_of(&u.args, VER0 - 1), -EINVAL);
	CHECK_EQ(child_of(&u.args, 0), -EINVAL);
	CHECK_EQ(child_of(&u.args, 4097), -E2BIG);
	u.bytes[VER2 + 5] = 1;
	CHECK_EQ(child_of(&u.args, VER2 + 5), 7 << 8);
	CHECK_EQ(child_of(&u.args, VER2 + 6), -E2BIG);
	CHECK_EQ(child_of((void *)8, VER0), -EFAULT);
	CHECK_EQ(child_of((void *)8, VER2 + 8), -EFAULT);
}

#define EXPECT(want, ...)                                    \
	do {                                                 \
		struct clone_args a_ = { __VA_ARGS__ };      \
		CHECK_EQ(child_of(&a_, sizeof(a_)), (want)); \
	} while (0)

TEST(errors)
{
	pid_t tids[2] = { 30000, 1 };
	uint64_t tid = (uintptr_t)tids;

	EXPECT(-EINVAL, .flags = 1ULL << 34);
	EXPECT(-EINVAL, .flags = SIGCHLD);
	EXPECT(-EINVAL, .flags = CLONE_DETACHED);
	EXPECT(-EINVAL, .exit_signal = 65);
	EXPECT(-EINVAL, .exit_signal = 1ULL << 32 | SIGCHLD);
	EXPECT(-EINVAL, .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
	       .exit_signal = SIGCHLD);
	EXPECT(-EINVAL, .flags = CLONE_PARENT, .exit_signal = SIGCHLD);
	EXPECT(-EINVAL, .flags = CLONE_SIGHAND);
	EXPECT(-EINVAL, .flags = CLONE_THREAD);
	EXPECT(-EINVAL,
	       .flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM);
	EXPECT(-EINVAL, .stack = 0x10000);
	EXPECT(-EINVAL, .stack_size = 0x10000);
	EXPECT(-EINVAL, .stack = ~0ULL << 12, .stack_size = 4096);
	EXPECT(-EINVAL, .set_tid = tid);
	EXPECT(-EINVAL, .set_tid_size = 1);
	EXPECT(-EINVAL, .set_tid = tid, .set_tid_size = 2);
	EXPECT(-EINVAL, .set_tid = tid, .set_tid_size = 33);
	EXPECT(-EFAULT, .set_tid = 8, .set_tid_size = 1);
	EXPECT(-EBADF, .flags = CLONE_INTO_CGROUP, .cgroup = 999);
	EXPECT(-EINVAL, .flags = CLONE_INTO_CGROUP, .cgroup = 1ULL << 31);
	tids[0] = 0;
	EXPECT(-EINVAL, .set_tid = tid, .set_tid_size = 1);
	tids[0] = 1 << 22;
	EXPECT(-EINVAL, .set_tid = tid, .set_tid_size = 1);
	tids[0] = getpid();
	EXPECT(-EEXIST, .set_tid = tid, .set_tid_size = 1);
}

TEST(chosen_tid)
{
	pid_t tid = 31234;
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&tid,
		.set_tid_size = 1,
	};
	int status;
	long pid = clone3(&args, sizeof(args));

	if (!pid)
		_exit(getpid() != 31234);
	CHECK_EQ(pid, 31234);
	CHECK_EQ(waitpid(31234, &status, 0), 31234);
	CHECK_EQ(status, 0);
	if (setuid(1))
		return;
	CHECK_EQ(child_of(&args, sizeof(args)), -EPERM);
}

static void on_signal(int sig)
{
	(void)sig;
}

static int action_of(int sig)
{
	struct sigaction sa;

	sigaction(sig, NULL, &sa);
	return sa.sa_handler == SIG_DFL ? 0 : sa.sa_handler == SIG_IGN ? 1 : 2;
}

TEST(clear_sighand)
{
	struct clone_args args = {
		.flags = CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
	};
	int status;

	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, SIG_IGN);
	if (!clone3(&args, sizeof(args)))
		_exit(action_of(SIGUSR1) * 4 + action_of(SIGUSR2));
	wait(&status);
	CHECK_EQ(status, 1 << 8);
	CHECK_EQ(action_of(SIGUSR1), 2);
}

TEST(tids_and_stack)
{
	static volatile int parent_tid, child_tid = -1;
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct clone_args args = {
		.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.parent_tid = (uintptr_t)&parent_tid,
		.child_tid = (uintptr_t)&child_tid,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = 65536,
	};
	register uintptr_t x0 __asm__("x0") = (uintptr_t)&args;
	register uintptr_t x1 __asm__("x1") = sizeof(args);
	register long x8 __asm__("x8") = 435;
	int status;

	/* The child reports whether its sp is the end of the new stack. */
	__asm__ volatile("svc #0\n"
			 "cbnz x0, 1f\n"
			 "mov x1, sp\n"
			 "sub x0, x1, %3\n"
			 "mov x8, #93\n"
			 "svc #0\n"
			 "1:"
			 : "+r"(x0), "+r"(x1), "+r"(x8)
			 : "r"(stack + 65536)
			 : "memory", "cc");
	CHECK(x0 > 0);
	CHECK_EQ(waitpid((pid_t)x0, &status, 0), (pid_t)x0);
	CHECK_EQ(status, 0);
	CHECK_EQ(parent_tid, (pid_t)x0);
	CHECK_EQ(child_tid, -1);
}

/* A brother gets the exit signal of the one who made it, not of its own. */
TEST(parents_exit_signal)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	long pid, first = fork();
	int status;

	if (!first) {
		pid = clone3(&args, sizeof(args));
		_exit(pid < 0);
	}
	CHECK_EQ(waitpid((pid_t)first, &status, 0), first);
	CHECK_EQ(status, 0);
	pid = waitpid(-1, &status, 0);
	CHECK(pid > 0 && pid != first);
}

/* vfork-like with shared handlers: exec must not reset the parent's. */
TEST(exec_unshares_handlers)
{
	char *argv[] = { "true", NULL };
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_SIGHAND,
		.exit_signal = SIGCHLD,
	};
	int status;
	long pid;

	signal(SIGUSR1, on_signal);
	pid = clone3(&args, sizeof(args));
	if (!pid) {
		syscall(SYS_execve, "/bin/true", argv, NULL);
		_exit(1);
	}
	CHECK_EQ(waitpid((pid_t)pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(action_of(SIGUSR1), 2);
}

TAP_MAIN(CASE(sizes), CASE(errors), CASE(chosen_tid), CASE(clear_sighand),
	 CASE(tids_and_stack), CASE(parents_exit_signal),
	 CASE(exec_unshares_handlers))
