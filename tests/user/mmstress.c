// SPDX-License-Identifier: MIT
/*
 * One address space, several threads, a model of what must be in it.
 *
 *	mmstress [SECONDS [WORKERS [SEED]]]
 *
 * Each worker process has threads that each own a slice of 4 MiB and change
 * it at random: map, unmap, protect, discard, move, advise huge pages, lock,
 * fork. An array says for every page whether it is mapped, how, and which
 * value it holds; the memory is compared with it. Meanwhile observers read
 * and reset all that /proc tells of the workers' memory.
 *
 * Beside that, one memfd is mapped by all workers and their children, while a
 * process of its own cuts it, punches holes and fills it again. Whoever writes
 * to it puts the page's number there: so a page holds that or zeroes, or it is
 * gone (SIGBUS). And if there is a pool of huge pages, all dip into it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

#include "tap.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define PAGE	    4096UL
#define HUGE	    (512 * PAGE)
#define FILE_PAGES  256U
#define SLICE_PAGES 1024U
#define THREADS	    3U

enum { READ = 1, WRITE = 2 };

struct slice {
	char *base;
	char *window; /* 4 MiB for what is no private memory */
	unsigned int seed;
	int ops;
	unsigned char prot[SLICE_PAGES]; /* 0: not mapped, or PROT_NONE */
	unsigned char mapped[SLICE_PAGES];
	uint64_t value[SLICE_PAGES];
};

static time_t the_end;

#define EXPECT(cond)                                                      \
	do {                                                              \
		if (!(cond)) {                                            \
			dprintf(1, "# mmstress.c:%d: %s is false (%d)\n", \
				__LINE__, #cond, errno);                  \
			_exit(1);                                         \
		}                                                         \
	} while (0)

static int time_is_up(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec >= the_end;
}

static unsigned int rnd(struct slice *s, unsigned int below)
{
	s->seed = s->seed * 1664525u + 1013904223u;
	return (s->seed >> 8) % below;
}

static char *at(struct slice *s, unsigned int page)
{
	return s->base + page * PAGE;
}

static void set(struct slice *s, unsigned int from, unsigned int n, int mapped,
		int prot)
{
	for (unsigned int i = from; i < from + n; i++) {
		s->mapped[i] = (unsigned char)mapped;
		s->prot[i] = (unsigned char)prot;
		s->value[i] = 0;
	}
}

/* The two ends of a page, so that a page copied in part is found. */
static void put(struct slice *s, unsigned int i, uint64_t value)
{
	volatile uint64_t *p = (volatile uint64_t *)at(s, i);

	p[0] = value;
	p[PAGE / 8 - 1] = value;
	s->value[i] = value;
}

static void check(struct slice *s, unsigned int from, unsigned int n)
{
	for (unsigned int i = from; i < from + n; i++) {
		volatile uint64_t *p = (volatile uint64_t *)at(s, i);

		if (!(s->prot[i] & READ))
			continue;
		if (p[0] == s->value[i] && p[PAGE / 8 - 1] == s->value[i])
			continue;
		dprintf(1, "# page %u of %p: %llx %llx, expected %llx\n", i,
			(void *)s->base, (unsigned long long)p[0],
			(unsigned long long)p[PAGE / 8 - 1],
			(unsigned long long)s->value[i]);
		_exit(1);
	}
}

/* --- memory that others cut short: SIGBUS is no error --- */

static int memfd;
static __thread sigjmp_buf on_bus;
static __thread volatile int bus_expected;

static void bus(int sig)
{
	(void)sig;
	if (!bus_expected)
		_exit(3);
	siglongjmp(on_bus, 1);
}

/* Each page holds its number, twice, or zeroes. */
static void use_numbered(volatile uint64_t *p, unsigned int first,
			 unsigned int n, int write)
{
	uint64_t head, tail;

	for (unsigned int i = first; i < first + n; i++, p += PAGE / 8) {
		if (write)
			p[0] = p[PAGE / 8 - 1] = i + 1;
		head = p[0]; /* once: it may become zero at any time */
		tail = p[PAGE / 8 - 1];
		EXPECT(!head || head == i + 1);
		EXPECT(!tail || tail == i + 1);
	}
}

static void use_range(char *p, unsigned int first, unsigned int n, int write)
{
	bus_expected = 1;
	if (!sigsetjmp(on_bus, 1))
		use_numbered((volatile uint64_t *)p, first, n, write);
	bus_expected = 0;
}

static void use_and_fork(char *p, unsigned int first, unsigned int n,
			 unsigned int how)
{
	int status = 0;
	pid_t pid = -1;

	use_range(p, first, n, how & 1);
	if (how & 2)
		pid = fork();
	use_range(p, first, n, how & 4);
	if (!pid)
		_exit(0);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0)
			EXPECT(errno == EINTR);
	EXPECT(!status);
}

/* What happens to the object that all share, in a process of its own. */
static void cut_and_fill(unsigned int seed)
{
	static struct slice s;

	for (s.seed = seed; !time_is_up(); s.ops++) {
		off_t from = rnd(&s, FILE_PAGES) * (off_t)PAGE;
		off_t len = (1 + rnd(&s, FILE_PAGES / 2)) * (off_t)PAGE;

		switch (rnd(&s, 4)) {
		case 0:
			EXPECT(!ftruncate(memfd, from));
			break;
		case 1:
			(void)fallocate(memfd, 3, from, len);
			break;
		case 2:
			(void)fallocate(memfd, 0, from, len);
			break;
		default:
			EXPECT(!ftruncate(memfd, (off_t)(FILE_PAGES * PAGE)));
		}
	}
	_exit(!s.ops);
}

/* --- what is done to a slice, each to n pages from a --- */

static void do_map(struct slice *s, unsigned int a, unsigned int n)
{
	EXPECT(mmap(at(s, a), n * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == at(s, a));
	set(s, a, n, 1, READ | WRITE);
}

/* Left as PROT_NONE: another thread's mmap must not get in between. */
static void do_unmap(struct slice *s, unsigned int a, unsigned int n)
{
	EXPECT(!munmap(at(s, a), n * PAGE));
	EXPECT(mmap(at(s, a), n * PAGE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == at(s, a));
	set(s, a, n, 0, 0);
}

static void do_protect(struct slice *s, unsigned int a, unsigned int n)
{
	static const int prots[] = { PROT_NONE, PROT_READ,
				     PROT_READ | PROT_WRITE };
	unsigned int which = rnd(s, 3);

	EXPECT(!mprotect(at(s, a), n * PAGE, prots[which]));
	for (unsigned int i = a; i < a + n; i++) {
		s->mapped[i] = 1;
		s->prot[i] = (unsigned char)(which ? which * 2 - 1 : 0);
	}
}

static void do_write(struct slice *s, unsigned int a, unsigned int n)
{
	unsigned int step = 1 + rnd(s, 8);

	for (unsigned int i = a; i < a + n; i += step)
		if (s->prot[i] & WRITE)
			put(s, i, s->seed + i + 1ULL);
}

static void do_discard(struct slice *s, unsigned int a, unsigned int n)
{
	EXPECT(!madvise(at(s, a), n * PAGE, MADV_DONTNEED));
	for (unsigned int i = a; i < a + n; i++)
		s->value[i] = 0;
}

/* The place moved from is a hole: filled at once, as in do_unmap(). */
static void do_move(struct slice *s, unsigned int a, unsigned int n)
{
	unsigned int to = rnd(s, SLICE_PAGES - n + 1);
	void *p;

	if (to < a + n && a < to + n)
		return;
	p = mremap(at(s, a), n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   at(s, to));
	if (p == MAP_FAILED) {
		EXPECT(errno == EFAULT || errno == ENOMEM);
		do_unmap(s, to, n); /* whatever was there is gone */
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		s->mapped[to + i] = s->mapped[a + i];
		s->prot[to + i] = s->prot[a + i];
		s->value[to + i] = s->value[a + i];
	}
	do_unmap(s, a, n);
}

static void do_advise(struct slice *s, unsigned int a, unsigned int n)
{
	static const int advice[] = { MADV_HUGEPAGE,	  MADV_NOHUGEPAGE,
				      MADV_COLLAPSE,	  MADV_COLD,
				      MADV_WILLNEED,	  MADV_DONTFORK,
				      MADV_POPULATE_READ, MADV_DOFORK };

	(void)madvise(at(s, a), n * PAGE, advice[rnd(s, 8)]);
	(void)madvise(at(s, a), n * PAGE, MADV_DOFORK);
}

static void do_lock(struct slice *s, unsigned int a, unsigned int n)
{
	if (rnd(s, 2))
		(void)mlock(at(s, a), n * PAGE);
	(void)munlock(at(s, a), n * PAGE);
}

/* A child sees what was there, and its own writes only. */
static void do_fork(struct slice *s, unsigned int a, unsigned int n)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		check(s, 0, SLICE_PAGES);
		do_write(s, a, n);
		check(s, 0, SLICE_PAGES);
		_exit(0);
	}
	if (pid < 0)
		return;
	do_write(s, a, n);
	while (waitpid(pid, &status, 0) < 0)
		EXPECT(errno == EINTR);
	if (status)
		dprintf(1, "# child: status 0x%x\n", status);
	EXPECT(!status);
}

/* Through the kernel: no fault of ours, read-only pages included. */
static void do_remote(struct slice *s, unsigned int a, unsigned int n)
{
	int fd = open("/proc/self/mem", O_RDWR);
	uint64_t word = s->seed;

	(void)n;
	EXPECT(fd >= 0);
	if (s->prot[a] & READ) {
		EXPECT(pwrite(fd, &word, 8, (off_t)at(s, a)) == 8);
		EXPECT(pwrite(fd, &word, 8, (off_t)at(s, a) + 4088) == 8);
		s->value[a] = word;
		word = 0;
		EXPECT(pread(fd, &word, 8, (off_t)at(s, a)) == 8);
		EXPECT(word == s->value[a]);
	}
	close(fd);
}

/* The content is unknown from here to the next write: either this or zero. */
static void do_free(struct slice *s, unsigned int a, unsigned int n)
{
	(void)madvise(at(s, a), n * PAGE, MADV_FREE);
	for (unsigned int i = a; i < a + n; i++) {
		volatile uint64_t *p = (volatile uint64_t *)at(s, i);

		if (!(s->prot[i] & READ))
			continue;
		EXPECT(p[0] == s->value[i] || !p[0]);
		if (s->prot[i] & WRITE)
			put(s, i, s->seed + i + 1ULL);
	}
}

static void do_file(struct slice *s, unsigned int a, unsigned int n)
{
	unsigned int first = a % FILE_PAGES, how = rnd(s, 32);
	char *p;

	n = 1 + n % (FILE_PAGES - first);
	p = mmap(s->window, n * PAGE, PROT_READ | PROT_WRITE,
		 MAP_FIXED | (how & 8 ? MAP_PRIVATE : MAP_SHARED), memfd,
		 (off_t)(first * PAGE));
	EXPECT(p != MAP_FAILED);
	use_and_fork(p, first, n, how);
	if (how & 16)
		(void)madvise(p, n * PAGE, rnd(s, 2) ? MADV_REMOVE : MADV_COLD);
	use_range(p, first, n, 0);
	EXPECT(!munmap(p, n * PAGE));
}

/* Promised or not, moved or not; a child may die of want. */
static void do_pool(struct slice *s, unsigned int a, unsigned int n)
{
	unsigned int how = rnd(s, 32);
	size_t len = (1 + n % 2) * HUGE;
	char *p = mmap(s->window, len, PROT_READ | PROT_WRITE,
		       MAP_FIXED | MAP_ANONYMOUS | MAP_HUGETLB |
			       (how & 8 ? MAP_SHARED : MAP_PRIVATE) |
			       (a % 4 ? 0 : MAP_NORESERVE),
		       -1, 0);

	if (p == MAP_FAILED) {
		EXPECT(errno == ENOMEM);
		return;
	}
	use_and_fork(p, 0, 8, how);
	if (how & 16) {
		char *q = mremap(p, len, len, MREMAP_MAYMOVE | MREMAP_FIXED,
				 s->base);

		EXPECT(q == s->base || q == MAP_FAILED);
		if (q == s->base) {
			use_range(q, 0, 8, 1);
			do_unmap(s, 0, (unsigned int)(len / PAGE));
			return;
		}
		do_unmap(s, 0, (unsigned int)(len / PAGE));
	}
	EXPECT(!munmap(p, len));
}

static void (*const deeds[])(struct slice *, unsigned int, unsigned int) = {
	do_map,	   do_map,    do_unmap, do_protect, do_protect, do_write,
	do_write,  do_write,  do_write, do_discard, do_move,	do_move,
	do_advise, do_advise, do_lock,	do_fork,    do_remote,	check,
	do_free,   do_file,   do_file,	do_pool,
};
#define NR_DEEDS (sizeof(deeds) / sizeof(*deeds))

static void *change_slice(void *arg)
{
	struct slice *s = arg;

	do_map(s, 0, SLICE_PAGES);
	while (!time_is_up()) {
		unsigned int a = rnd(s, SLICE_PAGES), n;

		n = 1 + rnd(s, rnd(s, 2) ? 16 : SLICE_PAGES - a);
		if (rnd(s, 4) == 0) { /* all of a huge page, or two */
			a &= ~511U;
			n = 512 + 512 * rnd(s, 2);
		}
		if (n > SLICE_PAGES - a)
			n = SLICE_PAGES - a;
		deeds[rnd(s, NR_DEEDS)](s, a, n);
		s->ops++;
	}
	check(s, 0, SLICE_PAGES);
	return NULL;
}

static void work(unsigned int seed)
{
	static struct slice slices[THREADS];
	size_t bytes = (2 * THREADS * SLICE_PAGES + 512) * PAGE;
	char *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	pthread_t t[THREADS];

	EXPECT(p != MAP_FAILED);
	p = (char *)(((uintptr_t)p + 512 * PAGE - 1) & ~(512 * PAGE - 1));
	for (unsigned int i = 0; i < THREADS; i++) {
		slices[i].base = p + 2 * i * SLICE_PAGES * PAGE;
		slices[i].window = slices[i].base + SLICE_PAGES * PAGE;
		slices[i].seed = seed + i * 7919U;
		EXPECT(!pthread_create(&t[i], NULL, change_slice, &slices[i]));
	}
	for (unsigned int i = 0; i < THREADS; i++)
		EXPECT(!pthread_join(t[i], NULL));
	dprintf(1, "# %d, %d and %d changes\n", slices[0].ops, slices[1].ops,
		slices[2].ops);
	_exit(slices[0].ops && slices[1].ops && slices[2].ops ? 0 : 2);
}

/* --- observers --- */

static void read_file(pid_t pid, const char *name, off_t from, size_t most)
{
	static char buf[65536];
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	for (size_t got = 0; got < most; got += (size_t)n, from += n) {
		n = pread(fd, buf, sizeof(buf), from);
		if (n <= 0)
			break;
	}
	close(fd);
}

static void clear_refs(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/clear_refs", pid);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	(void)!write(fd, "1", 1);
	close(fd);
}

static void observe(const pid_t *pids, int n)
{
	for (int i = 0; !time_is_up(); i = (i + 1) % n) {
		read_file(pids[i], "smaps", 0, 1 << 20);
		read_file(pids[i], "smaps_rollup", 0, 1 << 16);
		read_file(pids[i], "maps", 0, 1 << 20);
		read_file(pids[i], "status", 0, 1 << 16);
		/* the mmap area lies high, below the stack */
		read_file(pids[i], "pagemap", (0xffff80000000LL >> 12) * 8,
			  1 << 20);
		clear_refs(pids[i]);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 3;
	int workers = argc > 2 ? atoi(argv[2]) : 2, bad = 0;
	unsigned int seed = argc > 3 ? (unsigned int)atoi(argv[3]) : 1;
	struct timespec now;
	pid_t pids[64];

	signal(SIGBUS, bus);
	memfd = memfd_create("mmstress", 0);
	EXPECT(memfd >= 0);
	workers = workers < 1 ? 1 : workers > 64 ? 64 : workers;
	clock_gettime(CLOCK_MONOTONIC, &now);
	the_end = now.tv_sec + seconds;
	printf("1..%d\n", workers + 2);
	fflush(stdout);
	for (int i = 0; i < workers; i++) {
		pids[i] = fork();
		EXPECT(pids[i] >= 0);
		if (!pids[i])
			work(seed + 104729U * (unsigned int)i);
	}
	if (!fork())
		observe(pids, workers);
	if (!fork())
		cut_and_fill(seed);
	for (int i = 0; i < workers + 2; i++) {
		int status = 0;
		int ok = wait(&status) > 0 && !status;

		if (!ok)
			printf("# status 0x%x\n", status);
		printf("%sok %d - consistent to the end\n", ok ? "" : "not ",
		       i + 1);
		fflush(stdout);
		bad += !ok;
	}
	return bad != 0;
}
