// SPDX-License-Identifier: MIT
/* Calls with two things wrong: which one is told? */
#include "diff.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define CALL(name, ...) DO(syscall(SYS_##name, __VA_ARGS__))
#define BAD_FD		200
#define BAD		((void *)8)
#define IN_KERNEL	((void *)KERNEL_ADDR)

static int file, ends[2], pair[2], dgram;

static void some_files(void)
{
	file = new_file("/tmp/diff", 2);
	must(pipe(ends));
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	must(dgram = socket(AF_UNIX, SOCK_DGRAM, 0));
}

CASE(misuse_sockets)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/no" };
	struct msghdr empty = { 0 }, many = { .msg_iovlen = 9999 };
	struct msghdr no_name = { .msg_name = BAD, .msg_namelen = -1 };

	some_files();
	CALL(bind, BAD_FD, BAD, -1);
	CALL(bind, file, BAD, -1);
	CALL(bind, dgram, BAD, 1000);
	CALL(bind, dgram, BAD, 20);
	CALL(bind, dgram, &un, 0);
	CALL(connect, file, &un, 1000);
	CALL(connect, file, BAD, 20);
	CALL(connect, file, &un, 0);
	CALL(connect, dgram, &un, 0);
	CALL(connect, dgram, BAD, 1);
	CALL(connect, dgram, "\0\0", 2);
	CALL(connect, pair[0], "\0\0", 2);
	CALL(listen, file, 1);
	CALL(accept4, BAD_FD, NULL, NULL, -1);
	CALL(accept4, file, NULL, NULL, -1);
	CALL(accept4, file, NULL, NULL, 0);
	CALL(sendto, file, BAD, 4, 0, BAD, 1000);
	CALL(sendto, dgram, BAD, 4, 0, BAD, 1000);
	CALL(recvfrom, file, BAD, 4, 0, BAD, BAD);
	CALL(sendmsg, file, BAD, 0);
	CALL(sendmsg, BAD_FD, BAD, 0);
	CALL(sendmsg, BAD_FD, &empty, 0x80000000);
	CALL(sendmsg, dgram, &many, 0);
	CALL(sendmsg, dgram, &no_name, 0);
	CALL(recvmsg, file, BAD, 0);
	CALL(recvmsg, BAD_FD, BAD, 0x80000000);
	CALL(setsockopt, file, SOL_SOCKET, SO_SNDBUF, BAD, -1);
	CALL(setsockopt, file, 77, SO_SNDBUF, BAD, 4);
	CALL(getsockopt, file, 77, SO_SNDBUF, BAD, BAD);
	CALL(getsockname, file, BAD, BAD);
	CALL(shutdown, file, 9);
	CALL(shutdown, pair[0], 9);
	CALL(socket, AF_UNIX, 12, 0);
	CALL(socket, 99, 12, 0);
	CALL(socketpair, 99, 1, 0, BAD);
	CALL(socketpair, AF_UNIX, 1 | 0x1000, 0, BAD);
}

CASE(misuse_files)
{
	struct iovec v = { BAD, 8 }, none = { BAD, 0 };

	some_files();
	CALL(lseek, ends[0], 0, 9);
	CALL(lseek, ends[0], 0, SEEK_SET);
	CALL(write, ends[0], IN_KERNEL, 8);
	CALL(read, ends[1], IN_KERNEL, 8);
	CALL(pwrite64, file, IN_KERNEL, 8, -1);
	CALL(preadv2, BAD_FD, &v, 1, 0, 0, 0x40000000);
	CALL(preadv2, ends[0], &v, 1, 0, 0, 0x40000000);
	CALL(preadv2, file, &v, 9999, 0, 0, 0x40000000);
	CALL(preadv2, file, &v, 1, 0, 0, 0x40000000);
	CALL(preadv2, file, &none, 1, 0, 0, 0x40000000);
	CALL(pwritev2, file, &v, 1, -2, 0, 0x40000000);
	CALL(copy_file_range, BAD_FD, NULL, file, NULL, 1, 1);
	CALL(copy_file_range, file, BAD, file, NULL, 1, 1);
	CALL(copy_file_range, file, NULL, file, NULL, 1, 1);
	CALL(flock, BAD_FD, 10);
	CALL(ftruncate, BAD_FD, -1);
	CALL(newfstatat, AT_FDCWD, "/no", BAD, 0x2000);
	CALL(newfstatat, AT_FDCWD, "/no", BAD, 0x10000);
	CALL(getdents64, file, IN_KERNEL, 4096);
	CALL(mknodat, AT_FDCWD, BAD, 0040755, 0);
	CALL(mknodat, AT_FDCWD, BAD, 0170000, 0);
	CALL(mknodat, AT_FDCWD, BAD, 0100644, 0);
	CALL(renameat2, BAD_FD, "x", BAD_FD, BAD, 0x1000);
	CALL(utimensat, AT_FDCWD, "/tmp/diff", BAD, -1);
	CALL(utimensat, BAD_FD, NULL, NULL, AT_SYMLINK_NOFOLLOW);
	CALL(utimensat, BAD_FD, NULL, NULL, 0);
}

CASE(misuse_time_and_poll)
{
	struct timespec ts = { 0, 0 }, odd = { 0, -1 };
	struct pollfd p = { .fd = -1 };
	uint64_t mask = 0;
	int id;

	CALL(ppoll, BAD, 1, &ts, BAD, 8);
	CALL(ppoll, BAD, 1, &ts, &mask, 16);
	CALL(ppoll, &p, 1U << 30, &ts, BAD, 8);
	CALL(ppoll, &p, 1U << 30, &ts, &mask, 8);
	CALL(ppoll, BAD, 1U << 30, &odd, BAD, 16);
	CALL(ppoll, &p, 1, &ts, &mask, 8);
	CALL(pselect6, -1, BAD, NULL, NULL, BAD, BAD);
	CALL(pselect6, -1, BAD, NULL, NULL, &odd, BAD);
	CALL(pselect6, -1, BAD, NULL, NULL, &odd, (void *[2]){ &mask });
	CALL(pselect6, -1, BAD, NULL, NULL, &ts, (void *[2]){ &mask });
	CALL(pselect6, 1, BAD, NULL, NULL, &ts, (void *[2]){ BAD, BAD });
	CALL(pselect6, -1, BAD, NULL, NULL, &ts, NULL);
	CALL(pselect6, 1, BAD, NULL, NULL, &ts, NULL);
	CALL(timerfd_settime, BAD_FD, -1, BAD, NULL);
	CALL(timerfd_settime, BAD_FD, -1, (struct timespec[2]){}, NULL);
	CALL(timer_create, 99, BAD, &id);
	CALL(timer_create, CLOCK_MONOTONIC_RAW, NULL, &id);
	CALL(timer_create, CLOCK_MONOTONIC_COARSE, BAD, &id);
	CALL(timer_create, 99, NULL, &id);
	CALL(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL);
	CALL(clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, BAD, NULL);
	CALL(clock_nanosleep, 99, 0, BAD, NULL);
}

CASE(misuse_processes)
{
	int prio = 1, zero = 0;
	char info[128];
	long slot = 1;
	int id;

	must(id = shmget(IPC_PRIVATE, P, 0600));
	memset(info, 1, sizeof(info));
	CALL(waitid, P_PID, 99999, info, WEXITED, NULL);
	say("who: %d", *(int *)(info + 16));
	CALL(waitid, P_PID, 99999, BAD, WEXITED, NULL);
	CALL(waitid, 99, 0, BAD, WEXITED, NULL);
	CALL(waitid, P_ALL, 0, NULL, 0, NULL);
	CALL(sched_setscheduler, 99999, 99, &zero);
	CALL(sched_setscheduler, 0, 99, &zero);
	CALL(sched_setscheduler, 0, SCHED_OTHER, &prio);
	CALL(sched_setscheduler, -1, 99, BAD);
	CALL(sched_setparam, 99999, &prio);
	CALL(sched_get_priority_max, 6);
	CALL(sched_setparam, 99999, BAD);
	CALL(setrlimit, 99, BAD);
	CALL(prlimit64, 99999, 99, NULL, NULL);
	CALL(prlimit64, 0, 99, BAD, NULL);
	CALL(prlimit64, 0, 99, NULL, BAD);
	CALL(getrandom, &slot, 8, GRND_RANDOM | 4);
	CALL(getrandom, BAD, 8, 99);
	CALL(futex, BAD, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, BAD, NULL, 0);
	CALL(shmctl, id, IPC_SET, info);
	memset(info, -1, sizeof(info));
	CALL(shmctl, id, IPC_SET, info);
	CALL(shmctl, id, IPC_RMID, BAD);
	CALL(prctl, PR_GET_KEEPCAPS, 0, 0, 0, 0);
	CALL(prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
	CALL(prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
	CALL(prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0);
	CALL(prctl, PR_GET_TID_ADDRESS, BAD, 0, 0, 0);
	CALL(capget, BAD, BAD);
	CALL(capget, (int[2]){ 1, 0 }, BAD);
	CALL(capget, (int[2]){ 1, 0 }, NULL);
}
