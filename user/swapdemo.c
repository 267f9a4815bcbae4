/* SPDX-License-Identifier: MIT */
/*
 * swapdemo [SIZE]: pages on their way to the swap area and back, step by step.
 *
 *	MADV_PAGEOUT asks the kernel to reclaim a range now, so that the story
 *	is the same each time and needs no shortage of memory.
 *
 * Each page holds its number and is compared when it comes back. "Swap" is
 * VmSwap of this process, "Cached" the machine's SwapCached: pages that are in
 * memory and have a slot, too. in and out are pages of the whole machine.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static char *area;
static size_t pages, wrong;

static void write_all_pages(void)
{
	for (size_t i = 0; i < pages; i++)
		stamp(area, i);
}

static void read_all_pages(void)
{
	for (size_t i = 0; i < pages; i++)
		wrong += !is_stamped(area, i);
}

static void read_one_page(void)
{
	wrong += !is_stamped(area, pages / 2);
}

static void page_out(void)
{
	if (madvise(area, pages * PAGE, MADV_PAGEOUT) < 0)
		err(1, "MADV_PAGEOUT");
}

/* The child has the same entries, and so the same slots, as its parent. */
static void read_in_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		read_all_pages();
		_exit(wrong != 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "fork");
	wrong += status != 0;
}

static void unmap(void)
{
	munmap(area, pages * PAGE);
}

static void show(const char *what, void (*fn)(void))
{
	struct usage before, d;

	usage_now(&before);
	fn();
	usage_since(&d, &before);
	printf("%-28s %7ld %7ld %8ld %8ld %8lu %8lu %9llu\n", what, d.minor,
	       d.major, d.swapped_out, d.swapped_in, d.rss, d.swap,
	       d.mem.swap_cached);
}

int swapdemo_main(int argc, char **argv)
{
	unsigned long long size = argc == 2 ? parse_size(argv[1]) : 16 << 20;
	struct meminfo m;

	if (argc > 2 || !size)
		usage("swapdemo [SIZE]");
	if (read_meminfo("/proc/meminfo", &m) < 0)
		err(1, "/proc/meminfo");
	if (m.swap_free * 1024 < size)
		errx(1,
		     "%llu kB of swap are free: swapon another area, "
		     "or make run SWAP=...",
		     m.swap_free);
	pages = (size_t)(size + PAGE - 1) / PAGE;
	area = map_pages(pages);
	printf("%zu pages\n\n", pages);
	puts("                               minor   major      out       in"
	     "   RSS kB  Swap kB Cached kB");
	show("write each page", write_all_pages);
	show("page them out", page_out);
	show("read all", read_all_pages);
	show("page them out, unchanged", page_out);
	show("read one", read_one_page);
	show("read all", read_all_pages);
	show("write all", write_all_pages);
	show("page them out, changed", page_out);
	show("a child reads all", read_in_child);
	show("unmap", unmap);
	printf("%zu pages wrong\n", wrong);
	return wrong != 0;
}
