// SPDX-License-Identifier: MIT
/*
 * More memory than there is, and not one byte of it wrong.
 *
 *	pressure [-s SECONDS] [-m MIB] [-n WORKERS] [-r SEED] [-d DIR]
 *		 [-f alloc,eio,full] [AREA...]
 *
 * Each worker holds four regions and changes them at random:
 *
 *	anon	private, anonymous	zeroes until written; swapped
 *	shm	shared, anonymous	the same, by way of tmpfs, or a memfd,
 *					or System V shared memory
 *	priv	private, of a file	the file's bytes until written (COW)
 *	file	shared, of a file	written back to DIR; also by pread, pwrite
 *
 * A page is filled with a sequence that depends on worker, region, page and
 * generation, and a table has the generation of each page: so a page that came
 * back old, from elsewhere, or half, is found by its first word that is wrong.
 * Among the deeds are fork (children check and change what they inherit),
 * MADV_PAGEOUT, COLD, DONTNEED, FREE, REMOVE, COLLAPSE, mlock, mremap, msync,
 * fsync, process_vm_readv, and a file that is cut short while it is mapped.
 *
 * Beside them run three that make trouble until the end: one drops caches,
 * syncs and changes swappiness, one turns each swap AREA off and on again, one
 * reads a file of its own over and over. The OOM killer may take these, and
 * they are started again, but never a worker.
 *
 * With -f (faults.h) allocations fail, disks fail, are late, and run full. A
 * worker is told by errno or SIGBUS, and tries again. A page of the file whose
 * writing failed may come back old, but then fsync must have a word to say.
 */
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/swap.h>

#include "deeds.h"

static unsigned int seconds = 2, mib = 8, workers = 2;
static char **areas;
static unsigned long the_end;

static unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000 +
	       (unsigned long)t.tv_nsec / 1000000;
}

/* --- a worker --- */

static int open_file(unsigned int pages)
{
	uint64_t words[WORDS];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/pressure.%u.%d", dir, me, getpid());
	INSIST((fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)) >= 0);
	INSIST(unlink(path) == 0);
	do {
		for (unsigned int i = 0; i < pages; i++) {
			fill(words, key_of(REGIONS, i, 1));
			page_io(fd, i, words, 1);
		}
	} while (faults & EIO_ASKED && fsync(fd) < 0 && excused());
	return fd;
}

/* => flags for mmap, too */
static int open_shm(unsigned int pages, int *fd)
{
	if (me % 2)
		return MAP_SHARED | MAP_ANONYMOUS;
	*fd = memfd_create("pressure", 0);
	EXPECT(*fd >= 0);
	EXPECT(ftruncate(*fd, pages * (off_t)PAGE) == 0);
	return MAP_SHARED;
}

static char *attach(unsigned int pages)
{
	int id = shmget(IPC_PRIVATE, pages * PAGE, 0600);
	char *p = shmat(id, NULL, 0);

	EXPECT(p != (char *)-1);
	EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
	return p;
}

static uint32_t *table(unsigned int pages)
{
	uint32_t *t = calloc(pages, sizeof(*t));

	EXPECT(t);
	EXPECT(!faults || mlock(t, pages * sizeof(*t)) == 0);
	return t;
}

static void make_region(int kind, unsigned int pages)
{
	struct region *r = &regions[kind];
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	*r = (struct region){ .kind = kind, .pages = pages, .fd = -1 };
	r->gen = table(pages);
	r->old = table(pages);
	if (kind == PRIV || kind == SHARED) {
		r->fd = open_file(pages);
		flags = kind == PRIV ? MAP_PRIVATE : MAP_SHARED;
	} else if (kind == SHM) {
		flags = open_shm(pages, &r->fd);
	}
	r->base = kind == SHM && me % 3 == 0 ?
			  attach(pages) :
			  mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			       flags, r->fd, 0);
	EXPECT(r->base != MAP_FAILED);
	if (kind == ANON && me % 2)
		madvise(r->base, pages * PAGE, MADV_HUGEPAGE);
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

static void do_one(void)
{
	struct region *r = &regions[rnd(REGIONS)];
	unsigned int n = 1 + rnd(rnd(8) ? 8 : 64);
	int armed = faults & ALLOC && rnd(3) == 0;

	if (n >= r->pages)
		return;
	if (armed)
		arm(1 + rnd(rnd(4) ? 8 : 60));
	deeds[rnd(sizeof(deeds) / sizeof(*deeds))](r, rnd(r->pages - n), n);
	if (armed)
		arm(0);
}

static void work(void)
{
	unsigned int pages = (mib << 8) / workers;
	unsigned long done = 0;

	protect_from_oom("-1000");
	prepare_for_faults();
	make_region(ANON, pages * 3 / 8);
	make_region(SHM, pages / 8);
	make_region(PRIV, pages / 4);
	make_region(SHARED, pages / 4);
	do_write(&regions[ANON], 0, regions[ANON].pages);
	do_write(&regions[SHM], 0, regions[SHM].pages);
	if (faults)
		rewrite(&regions[SHARED]);
	count(&all->ready);
	if (faults) { /* however long it took to get here */
		wait_for_all(workers);
		the_end = now_ms() + seconds * 1000UL;
	}
	for (; now_ms() < the_end; done++)
		do_one();
	check_all("at the end");
	rewrite(&regions[SHARED]);
	for (unsigned int i = 0; i < regions[SHARED].pages; i++) {
		uint64_t words[WORDS];

		page_io(regions[SHARED].fd, i, words, 0);
		compare(&regions[SHARED], i, words, "the file at the end");
	}
	dprintf(1, "# worker %u: %lu deeds with %u pages\n", me, done, pages);
	_exit(0);
}

/* --- those who make trouble --- */

/* On a slow machine, too, most of the time is for the workers; not all. */
static void rest(unsigned long started, unsigned int ms)
{
	unsigned long took = now_ms() - started;

	nap(rnd(ms) + 4 * (took < 1000 ? took : 1000));
}

static void drop_and_sync(void)
{
	for (;;) {
		unsigned long started = now_ms();

		if (rnd(2))
			put("/proc/sys/vm/drop_caches", 1 + (int)rnd(3));
		if (rnd(4) == 0)
			sync();
		if (rnd(4) == 0)
			put("/proc/sys/vm/swappiness", 20 + (int)rnd(5) * 45);
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
		want_calm(1);
		if (swapoff(area) == 0)
			nap(rnd(50));
		else if (errno != ENOMEM && errno != EINTR && errno != EINVAL)
			dprintf(1, "# swapoff %s: %s\n", area, strerror(errno));
		if (swapon(area, rnd(2) ? SWAP_FLAG_PREFER | rnd(9) : 0) < 0 &&
		    errno != EBUSY)
			dprintf(1, "# swapon %s: %s\n", area, strerror(errno));
		want_calm(0);
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

		for (unsigned int i = 0; i < r->pages; i++) {
			page_io(r->fd, i, words, 0);
			compare(r, i, words, "read again");
		}
		rest(started, 200);
	}
}

static void fault_disks(void)
{
	set(&all->failing, 0);
	wait_for_all(workers);
	break_disks();
}

static void fault_room(void)
{
	wait_for_all(workers);
	fill_disk(dir);
}

static void fault_swap(void)
{
	wait_for_all(workers);
	fill_swap();
}

static const struct {
	void (*run)(void);
	unsigned int with; /* which of the faults */
} troubles[] = {
	{ drop_and_sync, 0 }, { swap_off_and_on, 0 },
	{ read_a_file, 0 },   { fault_disks, EIO_ASKED },
	{ fault_room, FULL }, { fault_swap, FULL },
};
#define TROUBLES (sizeof(troubles) / sizeof(*troubles))

/* --- all of it --- */

static pid_t start(void (*fn)(void), const char *adj)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (adj)
			protect_from_oom(adj);
		seed += (unsigned int)getpid() * 7919;
		fn();
	}
	return pid;
}

static pid_t start_trouble(unsigned int i)
{
	if (troubles[i].with & ~faults)
		return 0;
	me = workers + 1 + i;
	return start(troubles[i].run, "1000");
}

/* Killed for want of memory, or by an error that was asked for. */
static int may_end(int status)
{
	return WIFSIGNALED(status) &&
	       (WTERMSIG(status) == SIGKILL ||
		(faults & EIO_ASKED &&
		 (WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV)));
}

/* => whether it was one that makes trouble: then it runs again */
static int restart(pid_t dead, int status, pid_t *pids, int *failed)
{
	for (unsigned int i = 0; i < TROUBLES; i++) {
		if (pids[i] != dead)
			continue;
		pids[i] = may_end(status) ? start_trouble(i) : 0;
		if (!pids[i]) {
			dprintf(1, "not ok 0 - trouble %u ended with %#x\n", i,
				(unsigned int)status);
			*failed = 1;
		}
		return 1;
	}
	return 0;
}

static void end_troubles(const pid_t *pids)
{
	for (unsigned int i = 0; i < TROUBLES; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	if (faults & EIO_ASKED)
		let_disks_fail(0);
	for (char **area = areas; *area; area++)
		swapon(*area, 0);
	put("/proc/sys/vm/swappiness", 60);
}

static void tell(void)
{
	const unsigned int *n = all->told;

	printf("# told: %u SIGBUS, %u EIO, %u ENOMEM, %u ENOSPC; swap was full "
	       "%u times; %u children died; %u writes lost\n",
	       n[BUS], n[IO_ERROR], n[NO_MEMORY], n[NO_SPACE], n[SWAP_FULL],
	       n[CHILD_DIED], n[LOST_WRITE]);
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
	for (unsigned int i = 0; i < TROUBLES; i++)
		trouble[i] = start_trouble(i);
	while (running && (pid = wait(&status)) > 0) {
		if (restart(pid, status, trouble, &failed))
			continue;
		running--;
		failed |= status != 0;
		printf("%sok %u - a worker ended with %#x\n",
		       status ? "not " : "", ++ended, (unsigned int)status);
	}
	end_troubles(trouble);
	if (faults)
		tell();
	return failed || ended != workers;
}

static unsigned int faults_of(const char *names_of)
{
	return (strstr(names_of, "alloc") ? ALLOC : 0U) |
	       (strstr(names_of, "eio") ? EIO_ASKED : 0U) |
	       (strstr(names_of, "full") ? FULL : 0U);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:m:n:r:d:f:")) != -1) {
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
		else if (c == 'f')
			faults = faults_of(optarg);
		else
			return 2;
	}
	areas = argv + optind;
	all = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(all != MAP_FAILED);
	if (faults)
		EXPECT(mlockall(MCL_CURRENT) == 0);
	return run_all();
}
