/* SPDX-License-Identifier: MIT */
/*
 * Errors that are asked for, and how to live with them: -f alloc,eio,full.
 *
 *	alloc	the n-th allocation of a worker fails: an errno
 *	eio	a request of a disk fails, or is late: EIO, or SIGBUS
 *	full	a disk, and swap, have no room: ENOSPC, or SIGBUS; OOM
 *
 * Each is told to who asked, is counted, and passes: so what failed is done
 * again. What fails and was not asked for is a mistake.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "tap.h"

enum { ALLOC = 1, EIO_ASKED = 2, FULL = 4 }; /* in faults */
enum {
	BUS,
	IO_ERROR,
	NO_MEMORY,
	NO_SPACE,
	SWAP_FULL,
	CHILD_DIED,
	LOST_WRITE,
	TOLDS
};

/* What all processes see. */
struct shared {
	unsigned int ready, told[TOLDS];
	unsigned int failing, calm; /* disks; wanted by swapoff */
};

static unsigned int faults, me;
static unsigned int seed = 1;
static struct shared *all;

static unsigned int rnd(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

static void nap(unsigned long ms)
{
	struct timespec t = { (time_t)(ms / 1000),
			      (long)(ms % 1000 * 1000000) };

	nanosleep(&t, NULL);
}

static void count(unsigned int *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_SEQ_CST);
}

/* Was the last errno asked for? Then it is counted. */
static int excused(void)
{
	if ((errno == ENOMEM || errno == EAGAIN || errno == EFAULT ||
	     errno == ENFILE) &&
	    faults & ALLOC)
		count(&all->told[NO_MEMORY]);
	else if ((errno == EIO || errno == EFAULT) && faults & EIO_ASKED)
		count(&all->told[IO_ERROR]);
	else if ((errno == ENOSPC || errno == ENOMEM) && faults & FULL)
		count(&all->told[NO_SPACE]);
	else
		return 0;
	return 1;
}

#define EXPECT(cond)                                                          \
	do {                                                                  \
		if (!(cond)) {                                                \
			dprintf(1, "# worker %u, line %d: %s is false: %s\n", \
				me, __LINE__, #cond, strerror(errno));        \
			_exit(1);                                             \
		}                                                             \
	} while (0)

/* Again and again, as long as it fails as was asked for. */
#define INSIST(cond)                                         \
	do {                                                 \
		for (unsigned int t_ = 0; !(cond); t_++) {   \
			EXPECT(t_ < 1000 && excused());      \
			nap(t_ / 4); /* one in four waits */ \
		}                                            \
	} while (0)

/* --- SIGBUS: the access begins again, until it has been patient enough --- */

#define PATIENCE 60

static sigjmp_buf bus;
static volatile sig_atomic_t guarded;
static volatile unsigned int tries, patience = PATIENCE;

static void on_bus(int sig)
{
	if (guarded)
		siglongjmp(bus, 1);
	signal(sig, SIG_DFL); /* and again, now deadly */
}

/* If hit, it was a SIGBUS. => whether to try; done with unguard() */
static int guard(int hit)
{
	if (hit) {
		count(&all->told[BUS]);
		nap(tries / 4);
	} else {
		tries = 0;
	}
	guarded = tries++ < patience;
	return guarded;
}
#define GUARD() guard(sigsetjmp(bus, 0))

static void unguard(void)
{
	guarded = 0;
}

/* Only what is tested shall fail: what is mapped so far stays in memory. */
static void prepare_for_faults(void)
{
	struct sigaction sa = { .sa_handler = on_bus, .sa_flags = SA_NODEFER };

	if (!faults)
		return;
	EXPECT(sigaction(SIGBUS, &sa, NULL) == 0);
	EXPECT(mlockall(MCL_CURRENT) == 0);
}

/* --- allocations --- */

static void arm(unsigned int nth)
{
	static int fd = -1;
	static pid_t owner;
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (owner != getpid()) { /* it is for oneself only */
		owner = getpid();
		close(fd);
		fd = open("/proc/self/fail-nth", O_WRONLY | O_CLOEXEC);
		EXPECT(fd >= 0);
	}
	INSIST(write(fd, text, (size_t)len) == len);
}

/* --- those who make the faults --- */

static void put(const char *path, int value)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0)
		dprintf(fd, "%d\n", value);
	close(fd);
}

#define FAIL "/sys/kernel/debug/fail_make_request/"

static void let_disks_fail(int yes)
{
	char path[] = "/sys/block/vda/make-it-fail";

	put(FAIL "probability", 0);
	put(FAIL "interval", 1);
	put(FAIL "times", -1);
	for (; path[13] <= 'd'; path[13]++)
		put(path, yes);
}

static void set(unsigned int *flag, unsigned int value)
{
	__atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static unsigned int get(const unsigned int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void wait_for_all(unsigned int workers)
{
	while (get(&all->ready) < workers)
		nap(20);
}

/* What swapoff cannot read is lost for good; and it may be init's. */
static void want_calm(int yes)
{
	set(&all->calm, yes);
	while (yes && get(&all->failing))
		nap(5);
}

/* One request in many, or in few, or requests that are late. */
static void break_disks(void)
{
	let_disks_fail(1);
	for (;;) {
		set(&all->failing, 1);
		if (!get(&all->calm)) {
			put(FAIL "delay-ms", rnd(3) ? 0 : 1 + (int)rnd(30));
			put(FAIL "probability", 1 + (int)rnd(rnd(4) ? 4 : 30));
			nap(rnd(400));
			put(FAIL "probability", 0);
		}
		set(&all->failing, 0);
		nap(rnd(400));
	}
}

static void fill_disk(const char *dir)
{
	static char bytes[65536];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/full", dir);
	for (;;) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd >= 0)
			unlink(path);
		while (fd >= 0 && write(fd, bytes, sizeof(bytes)) > 0)
			;
		EXPECT(excused());
		nap(rnd(300));
		close(fd);
		nap(200 + rnd(1000));
	}
}

/* Until next to no swap is left; memory is for the others. */
static void fill_swap(void)
{
	const size_t most = 1UL << 30, step = 1UL << 20;
	struct sysinfo si;

	for (;;) {
		char *p = mmap(NULL, most, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			       0);
		size_t n = 0;

		EXPECT(p != MAP_FAILED && sysinfo(&si) == 0);
		while (n < most && si.freeswap * si.mem_unit > 4 * step) {
			memset(p + n, 1, step);
			madvise(p + n, step, 21 /* MADV_PAGEOUT */);
			n += step;
			sysinfo(&si);
		}
		count(&all->told[SWAP_FULL]);
		nap(rnd(300));
		munmap(p, most);
		nap(1000 + rnd(2000));
	}
}

#endif
