/* SPDX-License-Identifier: MIT */
/*
 * dirtier [-m] [-y] [-r RATE] [-i SECONDS] FILE SIZE: write SIZE bytes to FILE
 * and say what becomes of them.
 *
 *	-m	through a shared mapping in place of write()
 *	-y	fsync() at the end, and how long that took
 *	-r RATE	bytes per second; else as fast as the machine lets us
 *	-i	a line every so many seconds (0.5)
 *
 * write() only makes pages dirty; write-back takes them to the disk later.
 * Who dirties faster than the disk writes is made to wait: "longest" is the
 * longest single write() in that time.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK 65536UL

static struct usage start;

static void show(size_t done, double longest)
{
	struct usage d;

	usage_since(&d, &start);
	printf("%6.2f %11zu %9llu %12llu %11ld %11.1f\n", d.when, done / 1024,
	       d.mem.dirty, d.mem.writeback, d.out, longest * 1000);
	fflush(stdout);
}

static void write_chunk(int fd, char *map, size_t at, size_t n)
{
	static char data[CHUNK];

	memset(data, (int)(at / CHUNK) + 1, sizeof(data));
	if (map)
		memcpy(map + at, data, n);
	else if (write_all(fd, data, n) < 0)
		err(1, "after %zu kB", at / 1024);
}

static void write_file(int fd, char *map, size_t size, double rate,
		       double interval)
{
	double longest = 0, next = start.when + interval, before, after, due;

	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < CHUNK ? size - at : CHUNK;
		before = now_seconds();
		write_chunk(fd, map, at, n);
		after = now_seconds();
		if (after - before > longest)
			longest = after - before;
		due = rate > 0 ? start.when + (double)(at + n) / rate : 0;
		if (due > after)
			sleep_seconds(due - after);
		if (now_seconds() >= next) {
			show(at + n, longest);
			longest = 0;
			next = now_seconds() + interval;
		}
	}
	show(size, longest);
}

static const char help_text[] =
	"dirtier [-m] [-y] [-r RATE[K|M|G]] [-i SECONDS] FILE SIZE";

int dirtier_main(int argc, char **argv)
{
	int mapped = 0, sync_it = 0, c, fd;
	double rate = 0, interval = 0.5;
	char *map = NULL;
	size_t size;

	while ((c = getopt(argc, argv, "myr:i:")) != -1)
		if (c == 'm')
			mapped = 1;
		else if (c == 'y')
			sync_it = 1;
		else if (c == '?' ||
			 (c == 'r' && !(rate = (double)parse_size(optarg))) ||
			 (c == 'i' && (interval = parse_seconds(optarg)) < 0))
			usage(help_text);
	size = optind + 2 == argc ? parse_size(argv[optind + 1]) : 0;
	if (!size)
		usage(help_text);
	fd = open(argv[optind], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || (mapped && ftruncate(fd, (off_t)size) < 0))
		err(1, "%s", argv[optind]);
	if (mapped && (map = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd, 0)) == MAP_FAILED)
		err(1, "%s", argv[optind]);
	puts("     s  written kB  Dirty kB Writeback kB  on disk kB  longest ms");
	usage_now(&start);
	write_file(fd, map, size, rate, interval);
	if (sync_it) {
		double before = now_seconds();

		if (fsync(fd) < 0)
			err(1, "%s", argv[optind]);
		printf("fsync took %.1f ms\n", (now_seconds() - before) * 1000);
		show(size, 0);
	}
	return 0;
}
