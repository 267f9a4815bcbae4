/* SPDX-License-Identifier: MIT */
/*
 * cachedemo FILE: the same file read several ways, and what each costs.
 *
 *	dropped from the cache	posix_fadvise(DONTNEED)
 *	read, cold		from the disk: readahead, one request for many pages
 *	read, warm		the same bytes, no disk
 *	mapped, warm		faults map pages that are there: all minor
 *	mapped, cold		a fault that waits for the disk is a major one
 *	at random, cold		MADV_RANDOM: no readahead, one major fault a page
 *
 * "disk kB" is pgpgin of /proc/vmstat, "cached kB" what mincore() finds.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static int fd;
static size_t pages, size;
static unsigned long sum;

static unsigned long cached_kib(void)
{
	void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	unsigned char *in = xmalloc(pages);
	unsigned long n = 0;

	if (p == MAP_FAILED || mincore(p, size, in) < 0)
		err(1, "%s", path);
	for (size_t i = 0; i < pages; i++)
		n += in[i] & 1;
	munmap(p, size);
	free(in);
	return n * (PAGE / 1024);
}

static void drop(void)
{
	if (fsync(fd) < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		err(1, "%s", path);
}

static void read_it(void)
{
	static char buf[65536];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sum += (unsigned char)buf[0];
	if (n < 0)
		err(1, "%s", path);
}

static void map_it(int advice)
{
	const volatile char *p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	uint32_t state = 1;

	if (p == MAP_FAILED || madvise((void *)p, size, advice) < 0)
		err(1, "%s", path);
	for (size_t i = 0; i < pages; i++) {
		size_t page =
			advice == MADV_RANDOM ? next_random(&state) % pages : i;

		sum += (unsigned char)p[page * PAGE];
	}
	munmap((void *)p, size);
}

static void map_in_order(void)
{
	map_it(MADV_NORMAL);
}

static void map_at_random(void)
{
	map_it(MADV_RANDOM);
}

static void show(const char *what, void (*fn)(void))
{
	struct usage before, d;

	usage_now(&before);
	fn();
	usage_since(&d, &before);
	printf("%-24s %8.1f %8ld %8ld %10ld %10lu\n", what, d.when * 1000,
	       d.minor, d.major, d.in, cached_kib());
}

int cachedemo_main(int argc, char **argv)
{
	struct stat st;

	if (argc != 2)
		usage("cachedemo FILE");
	path = argv[1];
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", path);
	size = (size_t)st.st_size;
	pages = (size + PAGE - 1) / PAGE;
	if (!S_ISREG(st.st_mode) || !pages)
		errx(1, "%s: not a file with something in it", path);
	printf("%s: %zu kB, %zu pages\n\n", path, size / 1024, pages);
	puts("                               ms    minor    major    disk kB  cached kB");
	show("dropped from the cache", drop);
	show("read, cold", read_it);
	show("read, warm", read_it);
	show("mapped, warm", map_in_order);
	drop();
	show("mapped, cold", map_in_order);
	drop();
	show("at random, cold", map_at_random);
	return 0;
}
