// SPDX-License-Identifier: MIT
/*
 * More memory than there is, and not one byte of it wrong.
 *
 *	pressure [-s SECONDS] [-m MIB] [-n WORKERS] [-r SEED] [-d DIR] [AREA...]
 *
 * Each worker holds four regions and changes them at random:
 *
 *	anon	private, anonymous	zeroes until written; swapped
 *	shm	shared, anonymous	the same, by way of tmpfs
 *	priv	private, of a file	the file's bytes until written (COW)
 *	file	shared, of a file	written back to DIR; also by pread, pwrite
 *
 * A page is filled with a sequence that depends on worker, region, page and
 * generation, and a table has the generation of each page: so a page that came
 * back old, from elsewhere, or half, is found by its first word that is wrong.
 * Among the deeds are fork (children check and change what they inherit),
 * MADV_PAGEOUT, COLD, DONTNEED, mlock, msync, fsync.
 *
 * Beside them run three that make trouble until the end: one drops caches,
 * syncs and changes swappiness, one turns each swap AREA off and on again, one
 * reads a file of its own over and over. The OOM killer may take these, and
 * they are started again, but never a worker.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <time.h>

#include "tap.h"

#define PAGE  4096UL
#define WORDS (PAGE / 8)

#ifndef MADV_COLD
#define MADV_COLD    20
#define MADV_PAGEOUT 21
#endif

enum { ANON, SHM, PRIV, SHARED, REGIONS };

struct region {
	int kind, fd;
	char *base;
	unsigned int pages;
	uint32_t *gen; /* of each page; 0: never written */
};

static const char *const names[] = { "anon", "shm", "priv", "file" };

static unsigned int seconds = 2, mib = 8, workers = 2, me;
static unsigned int seed = 1;
static const char *dir = "/tmp";
static char **areas;
static unsigned long the_end;
static struct region regions[REGIONS];

static unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000 +
	       (unsigned long)t.tv_nsec / 1000000;
}

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

#define EXPECT(cond)                                                          \
	do {                                                                  \
		if (!(cond)) {                                                \
			dprintf(1, "# worker %u, line %d: %s is false: %s\n", \
				me, __LINE__, #cond, strerror(errno));        \
			_exit(1);                                             \
		}                                                             \
	} while (0)

/* --- what must be in a page --- */

static uint64_t key_of(int kind, unsigned int page, uint32_t gen)
{
	if (kind == PRIV && gen == 0)
		return key_of(REGIONS, page, 1); /* the file below it */
	if (gen == 0)
		return 0;
	return ((uint64_t)(me * 8 + (unsigned int)kind) << 48 |
		(uint64_t)page << 24 | gen) *
	       0x9e3779b97f4a7c15;
}

static void fill(uint64_t *words, uint64_t key)
{
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = key + i * (key != 0);
}

static void complain(const struct region *r, unsigned int page,
		     const uint64_t *words, unsigned int i, const char *where)
{
	dprintf(1,
		"# worker %u, %s, %s page %u of %u, generation %u: word %u is "
		"%#llx, not %#llx\n",
		me, where, names[r->kind], page, r->pages, r->gen[page], i,
		(unsigned long long)words[i],
		(unsigned long long)(key_of(r->kind, page, r->gen[page]) + i));
	_exit(1);
}

static void compare(const struct region *r, unsigned int page,
		    const void *bytes, const char *where)
{
	uint64_t key = key_of(r->kind, page, r->gen[page]);
	const volatile uint64_t *words = bytes;

	for (unsigned int i = 0; i < WORDS; i++)
		if (words[i] != key + i * (key != 0))
			complain(r, page, bytes, i, where);
}

static void check(const struct region *r, unsigned int from, unsigned int n,
		  const char *where)
{
	for (; n--; from++)
		compare(r, from, r->base + from * PAGE, where);
}

static void check_all(const char *where)
{
	for (int i = 0; i < REGIONS; i++)
		check(&regions[i], 0, regions[i].pages, where);
}

/* --- deeds: each with n pages from a of the region r --- */

static void do_write(struct region *r, unsigned int a, unsigned int n)
{
	for (; n--; a++) {
		r->gen[a]++;
		fill((uint64_t *)(r->base + a * PAGE),
		     key_of(r->kind, a, r->gen[a]));
	}
}

static void do_check(struct region *r, unsigned int a, unsigned int n)
{
	check(r, a, n, "memory");
}

static void do_advise(struct region *r, unsigned int a, unsigned int n)
{
	madvise(r->base + a * PAGE, n * PAGE,
		rnd(3) ? MADV_PAGEOUT : MADV_COLD);
}

/* Private pages fall back to what is below them. */
static void do_discard(struct region *r, unsigned int a, unsigned int n)
{
	if (r->kind != ANON && r->kind != PRIV)
		return;
	EXPECT(madvise(r->base + a * PAGE, n * PAGE, MADV_DONTNEED) == 0);
	memset(r->gen + a, 0, n * sizeof(*r->gen));
	check(r, a, n, "discarded");
}

static void do_lock(struct region *r, unsigned int a, unsigned int n)
{
	if (mlock(r->base + a * PAGE, n * PAGE) < 0)
		return; /* not enough memory that may be locked */
	do_write(r, a, n);
	check(r, a, n, "locked");
	EXPECT(munlock(r->base + a * PAGE, n * PAGE) == 0);
}

static void do_file(struct region *r, unsigned int a, unsigned int n)
{
	uint64_t words[WORDS];

	if (r->kind != SHARED)
		return;
	for (unsigned int i = a; i < a + n; i++) {
		EXPECT(pread(r->fd, words, PAGE, i * (off_t)PAGE) == PAGE);
		compare(r, i, words, "pread");
		r->gen[i]++;
		fill(words, key_of(SHARED, i, r->gen[i]));
		EXPECT(pwrite(r->fd, words, PAGE, i * (off_t)PAGE) == PAGE);
		compare(r, i, r->base + i * PAGE, "after pwrite");
	}
	if (rnd(8) == 0)
		EXPECT((rnd(2) ? fsync(r->fd) : fdatasync(r->fd)) == 0);
	else if (rnd(4) == 0)
		EXPECT(msync(r->base + a * PAGE, n * PAGE,
			     rnd(2) ? MS_SYNC : MS_ASYNC) == 0);
}

/* The child has the tables as they were; what is shared goes on changing. */
static void child(void)
{
	for (int i = 0; i < 24; i++) {
		struct region *r = &regions[rnd(2) ? ANON : PRIV];
		unsigned int n = 1 + rnd(16), a = rnd(r->pages - n);

		check(r, a, n, "child");
		if (rnd(2))
			do_write(r, a, n);
		check(r, a, n, "child's own");
	}
	_exit(0);
}

static void reap(pid_t pid)
{
	int status;

	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT(status == 0);
}

static void do_fork(struct region *r, unsigned int a, unsigned int n)
{
	pid_t pid = fork();

	if (pid == 0) {
		seed += a;
		child();
	}
	if (pid < 0)
		return;
	do_write(r, a, n);
	check(r, a, n, "beside a child");
	reap(pid);
	check(r, a, n, "after a child");
}

static void (*const deeds[])(struct region *, unsigned int, unsigned int) = {
	do_write,  do_write, do_check, do_check, do_check,   do_check,
	do_advise, do_file,  do_file,  do_lock,	 do_discard, do_fork,
};

/* --- a worker --- */

static int open_file(unsigned int pages)
{
	uint64_t words[WORDS];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/pressure.%u.%d", dir, me, getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	EXPECT(fd >= 0);
	EXPECT(unlink(path) == 0);
	for (unsigned int i = 0; i < pages; i++) {
		fill(words, key_of(REGIONS, i, 1));
		EXPECT(write(fd, words, PAGE) == PAGE);
	}
	return fd;
}

static void make_region(int kind, unsigned int pages)
{
	struct region *r = &regions[kind];
	int flags = kind == ANON || kind == PRIV ? MAP_PRIVATE : MAP_SHARED;

	*r = (struct region){ .kind = kind, .pages = pages, .fd = -1 };
	r->gen = calloc(pages, sizeof(*r->gen));
	EXPECT(r->gen);
	if (kind == PRIV || kind == SHARED)
		r->fd = open_file(pages);
	else
		flags |= MAP_ANONYMOUS;
	r->base = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, r->fd,
		       0);
	EXPECT(r->base != MAP_FAILED);
	if (kind == SHARED)
		do_write(r, 0, pages);
}

static void protect_from_oom(const char *adj)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd >= 0 && write(fd, adj, strlen(adj)) < 0)
		dprintf(1, "# oom_score_adj: %s\n", strerror(errno));
	close(fd);
}

static void work(void)
{
	unsigned int pages = (mib << 8) / workers;
	unsigned long done = 0;

	protect_from_oom("-1000");
	make_region(ANON, pages * 3 / 8);
	make_region(SHM, pages / 8);
	make_region(PRIV, pages / 4);
	make_region(SHARED, pages / 4);
	do_write(&regions[ANON], 0, regions[ANON].pages);
	do_write(&regions[SHM], 0, regions[SHM].pages);
	while (now_ms() < the_end) {
		struct region *r = &regions[rnd(REGIONS)];
		unsigned int n = 1 + rnd(rnd(8) ? 8 : 64);

		if (n < r->pages)
			deeds[rnd(sizeof(deeds) / sizeof(*deeds))](
				r, rnd(r->pages - n), n);
		done++;
	}
	check_all("at the end");
	EXPECT(fsync(regions[SHARED].fd) == 0);
	for (unsigned int i = 0; i < regions[SHARED].pages; i++) {
		uint64_t words[WORDS];

		EXPECT(pread(regions[SHARED].fd, words, PAGE,
			     i * (off_t)PAGE) == PAGE);
		compare(&regions[SHARED], i, words, "the file at the end");
	}
	dprintf(1, "# worker %u: %lu deeds with %u pages\n", me, done, pages);
	_exit(0);
}

/* --- those who make trouble --- */

static void put(const char *path, unsigned int value)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0)
		dprintf(fd, "%u\n", value);
	close(fd);
}

/* On a slow machine, too, most of the time is for the workers. */
static void rest(unsigned long started, unsigned int ms)
{
	nap(rnd(ms) + 4 * (now_ms() - started));
}

static void drop_and_sync(void)
{
	for (;;) {
		unsigned long started = now_ms();

		if (rnd(2))
			put("/proc/sys/vm/drop_caches", 1 + rnd(3));
		if (rnd(4) == 0)
			sync();
		if (rnd(4) == 0)
			put("/proc/sys/vm/swappiness", 20 + rnd(5) * 45);
		rest(started, 300);
	}
}

/* An area is off for a moment only: the others must do meanwhile. */
static void swap_off_and_on(void)
{
	for (unsigned int i = 0; areas[0]; i++) {
		unsigned long started = now_ms();
		const char *area = areas[i];

		if (!area) {
			i = -1U;
			continue;
		}
		if (swapoff(area) == 0)
			nap(rnd(50));
		else if (errno != ENOMEM && errno != EINTR && errno != EINVAL)
			dprintf(1, "# swapoff %s: %s\n", area, strerror(errno));
		if (swapon(area, rnd(2) ? SWAP_FLAG_PREFER | rnd(9) : 0) < 0 &&
		    errno != EBUSY)
			dprintf(1, "# swapon %s: %s\n", area, strerror(errno));
		rest(started, 1500);
	}
	pause();
}

static void read_a_file(void)
{
	struct region *r = &regions[PRIV];

	make_region(PRIV, (mib << 8) / 16);
	for (;;) {
		unsigned long started = now_ms();
		uint64_t words[WORDS];

		lseek(r->fd, 0, SEEK_SET);
		for (unsigned int i = 0; i < r->pages; i++) {
			EXPECT(read(r->fd, words, PAGE) == PAGE);
			compare(r, i, words, "read again");
		}
		rest(started, 200);
	}
}

static void (*const troubles[])(void) = { drop_and_sync, swap_off_and_on,
					  read_a_file };
#define TROUBLES (sizeof(troubles) / sizeof(*troubles))

/* --- all of it --- */

static pid_t start(void (*fn)(void), const char *adj)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (adj)
			protect_from_oom(adj);
		seed += (unsigned int)getpid() * 7919;
		fn();
	}
	return pid;
}

/* => whether it was one that makes trouble: then it runs again */
static int restart(pid_t dead, int status, pid_t *pids)
{
	for (unsigned int i = 0; i < TROUBLES; i++) {
		if (pids[i] != dead)
			continue;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
			dprintf(1, "not ok 0 - trouble %u ended with %#x\n", i,
				status);
			exit(1);
		}
		pids[i] = start(troubles[i], "1000");
		return 1;
	}
	return 0;
}

static int run_all(void)
{
	pid_t trouble[TROUBLES], pid;
	unsigned int running = 0, ended = 0;
	int status, failed = 0;

	printf("1..%u\n", workers);
	the_end = now_ms() + seconds * 1000UL;
	for (me = 1; me <= workers; me++)
		running += start(work, NULL) > 0;
	for (unsigned int i = 0; i < TROUBLES; i++, me++)
		trouble[i] = start(troubles[i], "1000");
	while (running && (pid = wait(&status)) > 0) {
		if (restart(pid, status, trouble))
			continue;
		running--;
		failed |= status != 0;
		printf("%sok %u - a worker ended with %#x\n",
		       status ? "not " : "", ++ended, (unsigned int)status);
	}
	for (unsigned int i = 0; i < TROUBLES; i++)
		kill(trouble[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	for (char **area = areas; *area; area++)
		swapon(*area, 0);
	put("/proc/sys/vm/swappiness", 60);
	return failed || ended != workers;
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:m:n:r:d:")) != -1) {
		unsigned int n = (unsigned int)atoi(optarg ? optarg : "0");

		if (c == 's')
			seconds = n;
		else if (c == 'm')
			mib = n;
		else if (c == 'n')
			workers = n;
		else if (c == 'r')
			seed = n;
		else if (c == 'd')
			dir = optarg;
		else
			return 2;
	}
	areas = argv + optind;
	return run_all();
}
