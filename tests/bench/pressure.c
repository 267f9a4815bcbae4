/* SPDX-License-Identifier: MIT */
/*
 * The operations of a machine that is short of memory: with -p instead of the
 * others, on 128 MiB, an ext2 on /dev/vda and a swap area on /dev/vdb.
 *
 * Two kernels leave different amounts of memory to programs, so a locked
 * ballast takes what is more than ROOM, on both. And a disk takes its time: a
 * process of the lowest priority counts in a loop when nobody else wants the
 * CPU (busy_loop() in bench.c), and what it executed is subtracted.
 */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/swap.h>

#define ROOM   (48L << 8)     /* pages there are to work with */
#define SET    (ROOM * 3 / 2) /* a working set for which this is too little */
#define SMALL  (8L << 8)
#define CACHED 1024L /* pages of a file that fits */
#define DISK   "/mnt/file"
#define SWAP   "/dev/vdb"

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		fail(path);
	close(fd);
}

/* => the number after a word in a file of /proc */
static long number_in(const char *path, const char *word)
{
	char line[256];
	long n = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		fail(path);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)) &&
		    strchr(" :", line[strlen(word)]))
			n = atol(line + strlen(word) + 1);
	fclose(f);
	return n;
}

static long counted(const char *what)
{
	return number_in("/proc/vmstat", what);
}

/* Where is the disk? Mounted at the first call. */
static bool have_disk(void)
{
	static int state;

	if (!state) {
		mkdir("/mnt", 0755);
		state = mount("/dev/vda", "/mnt", "ext2", 0, NULL) ? -1 : 1;
	}
	if (state < 0)
		unavailable("no ext2 on /dev/vda");
	return state > 0;
}

static bool swap_on(void)
{
	if (!swapon(SWAP, 0))
		return true;
	unavailable("no swap area on /dev/vdb");
	return false;
}

/* Lock all memory but ROOM. => to be given to unmap() with *size */
static char *ballast(size_t *size)
{
	long pages;
	char *p;

	put("/proc/sys/vm/drop_caches", "3");
	pages = number_in("/proc/meminfo", "MemAvailable") / 4 - ROOM;
	if (pages < 1)
		fail("there is no ROOM");
	*size = (size_t)pages * PAGE;
	p = map_anon(*size);
	if (mlock(p, *size))
		fail("mlock");
	return p;
}

/* What it costs to touch so many pages while there is room for them. */
static double touch_in_peace(long pages)
{
	char *p = map_anon((size_t)SMALL * PAGE);
	double cost;

	start();
	write_pages(p, SMALL);
	cost = lap();
	unmap(p, (size_t)SMALL * PAGE);
	return cost / (double)SMALL * (double)pages;
}

static int make_file(const char *path, long pages)
{
	char page[PAGE];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		fail(path);
	for (long i = 0; i < pages; i++) {
		memset(page, (int)i, sizeof(page));
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			fail(path);
	}
	if (fsync(fd))
		fail("fsync");
	return fd;
}

/* ---- a file in the page cache -------------------------------------------- */

enum { TMPFS, EXT2, READ = 0, WRITE = 2 };

static void cached_rw(long what)
{
	static char page[PAGE];
	int fd;

	if (what & EXT2 && !have_disk())
		return;
	fd = make_file(what & EXT2 ? DISK : "/tmp/file", CACHED);
	for (long n = times(8); n; n--) {
		start();
		for (off_t i = 0; i < CACHED; i++) {
			ssize_t done = what & WRITE ?
					       pwrite(fd, page, PAGE, i << 12) :
					       pread(fd, page, PAGE, i << 12);

			if (done != (ssize_t)PAGE)
				fail("file");
		}
		stop(CACHED);
	}
	close(fd);
	unlink(what & EXT2 ? DISK : "/tmp/file");
}

/* The first read: from the disk, with readahead. */
static void cold_read(long arg)
{
	static char page[PAGE];
	int fd;

	(void)arg;
	if (!have_disk())
		return;
	fd = make_file(DISK, SMALL);
	put("/proc/sys/vm/drop_caches", "3");
	lseek(fd, 0, SEEK_SET);
	start();
	for (long i = 0; i < SMALL; i++)
		if (read(fd, page, PAGE) != (ssize_t)PAGE)
			fail("read");
	stop(SMALL);
	close(fd);
	unlink(DISK);
}

/* ---- reclaim ------------------------------------------------------------- */

static long stolen(void)
{
	return counted("pgsteal_kswapd") + counted("pgsteal_direct");
}

/* Memory is full of a file that was read; others need the pages. */
static void reclaim_clean(long arg)
{
	const long pages = ROOM / 2;
	size_t size;
	char *locked, *p;
	double peace;
	long before;
	int fd;

	(void)arg;
	if (!have_disk())
		return;
	fd = make_file(DISK, SET);
	locked = ballast(&size);
	peace = touch_in_peace(pages);
	lseek(fd, 0, SEEK_SET);
	for (long i = 0; i < SET; i++) {
		char page[PAGE];

		if (read(fd, page, PAGE) != (ssize_t)PAGE)
			fail("read");
	}
	p = map_anon((size_t)pages * PAGE);
	before = stolen();
	start();
	write_pages(p, pages);
	report(lap() - peace, (double)(stolen() - before));
	unmap(p, (size_t)pages * PAGE);
	unmap(locked, size);
	close(fd);
	unlink(DISK);
}

/* Half of SET is written beyond ROOM: that many pages go to the disk. */
static void swap_out(long arg)
{
	size_t size;
	char *locked, *p;
	double peace;
	long before;

	(void)arg;
	if (!swap_on())
		return;
	locked = ballast(&size);
	peace = touch_in_peace(SET);
	p = map_anon((size_t)SET * PAGE);
	before = counted("pswpout");
	start();
	write_pages(p, SET);
	report(lap() - peace, (double)(counted("pswpout") - before));
	unmap(p, (size_t)SET * PAGE);
	unmap(locked, size);
	swapoff(SWAP);
}

/* Pages come back in order, and there is room for them. */
static void swap_in(long arg)
{
	const long pages = ROOM / 2;
	size_t size;
	char *locked, *p, *other;
	long before;

	(void)arg;
	if (!swap_on())
		return;
	locked = ballast(&size);
	p = map_anon((size_t)pages * PAGE);
	write_pages(p, pages);
	other = map_anon((size_t)SET * PAGE);
	write_pages(other, SET);
	unmap(other, (size_t)SET * PAGE);
	before = counted("pswpin");
	start();
	read_pages(p, pages);
	report(lap(), (double)(counted("pswpin") - before));
	unmap(p, (size_t)pages * PAGE);
	unmap(locked, size);
	swapoff(SWAP);
}

/* ---- a working set of 1.5 times the memory ------------------------------- */

enum { RANDOM, HOT, LOOP, OF_FILE = 4 };

/* The page of the i-th access: all alike, 9 of 10 to a fifth, or in turn. */
static long choose(long pattern, long i)
{
	static unsigned int seed = 1;
	long n;

	seed = seed * 1664525u + 1013904223u;
	n = (long)(seed >> 8);
	if (pattern == LOOP)
		return i % SET;
	if (pattern == HOT && n % 10)
		return n / 10 % (SET / 5);
	return n / 10 % SET;
}

/* The figure is major faults of 1,000 accesses. */
static void working_set(long what)
{
	const long accesses = times(SET * 2);
	bool of_file = what & OF_FILE;
	struct rusage before, after;
	char *locked, *p;
	size_t size;
	int fd = -1;

	if (of_file ? !have_disk() : !swap_on())
		return;
	if (of_file)
		fd = make_file(DISK, SET);
	locked = ballast(&size);
	p = of_file ? map((size_t)SET * PAGE, PROT_READ, MAP_SHARED, fd) :
		      map_anon((size_t)SET * PAGE);
	if (!of_file)
		write_pages(p, SET);
	getrusage(RUSAGE_SELF, &before);
	for (long i = 0; i < accesses; i++)
		read_pages(p + (size_t)choose(what & ~OF_FILE, i) * PAGE, 1);
	getrusage(RUSAGE_SELF, &after);
	report((double)(after.ru_majflt - before.ru_majflt) * 1000,
	       (double)accesses);
	unmap(p, (size_t)SET * PAGE);
	unmap(locked, size);
	if (of_file) {
		close(fd);
		unlink(DISK);
	} else {
		swapoff(SWAP);
	}
}

/* ---- out of memory ------------------------------------------------------- */

/* A small process that is killed before all others. => its pid */
static pid_t victim(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	put("/proc/self/oom_score_adj", "1000");
	write_pages(map_anon(512 * PAGE), 512);
	for (;;)
		pause();
}

/* Its longest access is the one for which somebody has to die. */
static void eat(double *longest)
{
	pid_t pid;

	put("/proc/self/oom_score_adj", "-1000");
	pid = victim();
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		char *p = map_anon(PAGE);
		double took;

		start();
		write_pages(p, 1);
		took = lap();
		if (took > *longest)
			*longest = took;
	}
	_exit(0);
}

static void oom(long arg)
{
	double *longest = (double *)map(PAGE, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1);
	pid_t pid;

	(void)arg;
	mlock(longest, PAGE);
	pid = fork();
	if (!pid)
		eat(longest);
	if (waitpid(pid, NULL, 0) != pid)
		fail("wait");
	report(*longest, 1);
	unmap((char *)longest, PAGE);
}

const struct operation pressure_operations[] = {
	{ "read_tmpfs", cached_rw, TMPFS | READ },
	{ "write_tmpfs", cached_rw, TMPFS | WRITE },
	{ "read_ext2", cached_rw, EXT2 | READ },
	{ "write_ext2", cached_rw, EXT2 | WRITE },
	{ "read_cold", cold_read, 0 },
	{ "reclaim_clean", reclaim_clean, 0 },
	{ "swap_out", swap_out, 0 },
	{ "swap_in", swap_in, 0 },
	{ "oom", oom, 0 },
	{ "set_random", working_set, RANDOM },
	{ "set_hot", working_set, HOT },
	{ "set_loop", working_set, LOOP },
	{ "file_random", working_set, RANDOM | OF_FILE },
	{ "file_hot", working_set, HOT | OF_FILE },
	{ "file_loop", working_set, LOOP | OF_FILE },
	{ NULL, NULL, 0 }
};
