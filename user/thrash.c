/* SPDX-License-Identifier: MIT */
/*
 * thrash [-t loop|random|hot] [-s SECONDS] [-m MAX%] [-n STEPS]: what happens
 * when the working set passes the size of memory.
 *
 *	for sets of 1/8, 2/8, 3/8 ... of memory:
 *		map it, write each page once	(not measured)
 *		touch its pages for some seconds: count touches and faults
 *
 * Below the size of memory a touch is a load from RAM, and above it more and
 * more are reads from the swap area, thousands of times slower: the machine
 * does not get slower by degrees, it falls off a cliff. A set that would not
 * fit into memory and swap is left out, for it would end in the OOM killer.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_STEPS 40
#define HEIGHT	  10

struct step {
	size_t pages;
	double touches, faults, in, out; /* per second; KiB */
};

static char pattern = 'r';

static size_t next_page(uint32_t *state, size_t *at, size_t pages)
{
	if (pattern == 'l')
		return (*at)++ % pages;
	if (pattern == 'h' && next_random(state) % 16)
		return next_random(state) % (pages / 8 + 1);
	return next_random(state) % pages;
}

/* => the pages that were not as they had been left */
static size_t measure(struct step *s, double seconds)
{
	size_t touches = 0, wrong = 0, at = 0, page;
	char *area = map_pages(s->pages);
	struct usage before, d;
	uint32_t state = 1;

	for (page = 0; page < s->pages; page++)
		stamp(area, page);
	usage_now(&before);
	do {
		for (int i = 0; i < 64; i++, touches++) {
			page = next_page(&state, &at, s->pages);
			wrong += !is_stamped(area, page);
			stamp(area, page);
		}
	} while (now_seconds() < before.when + seconds);
	usage_since(&d, &before);
	munmap(area, s->pages * PAGE);
	s->touches = (double)touches / d.when;
	s->faults = (double)d.major / d.when;
	s->in = (double)d.swapped_in * 4 / d.when;
	s->out = (double)d.swapped_out * 4 / d.when;
	return wrong;
}

static unsigned long percent(size_t pages, const struct meminfo *m)
{
	return (unsigned long)(pages * (PAGE / 1024) * 100 / m->total);
}

/* A column for each step, as high as its share of the largest. */
static void plot(const struct step *s, int n, const struct meminfo *m)
{
	double most = 1;

	for (int i = 0; i < n; i++)
		if (s[i].faults > most)
			most = s[i].faults;
	puts("\nmajor faults per second");
	if (most <= 1) {
		puts("none: all of it fits");
		return;
	}
	for (int row = HEIGHT; row > 0; row--) {
		printf("%8.0f |", most * row / HEIGHT);
		for (int i = 0; i < n; i++)
			fputs(s[i].faults > most * (row - 0.5) / HEIGHT ?
				      "  ###" :
				      "     ",
			      stdout);
		putchar('\n');
	}
	printf("         +");
	for (int i = 0; i < n; i++)
		fputs("-----", stdout);
	printf("\n          ");
	for (int i = 0; i < n; i++)
		printf("%4lu%%", percent(s[i].pages, m));
	puts("  of memory");
}

static int run(int steps, unsigned long max_percent, double seconds)
{
	struct step table[MAX_STEPS];
	struct meminfo m;
	size_t wrong = 0, room;
	int n = 0;

	if (read_meminfo("/proc/meminfo", &m) < 0)
		err(1, "/proc/meminfo");
	room = (size_t)(m.available + m.swap_free) * 9 / 10 / 4;
	printf("memory %llu kB, available %llu kB, free swap %llu kB\n\n",
	       m.total, m.available, m.swap_free);
	puts("  set kB  of memory  touches/s  major/s  swapped in kB/s  out kB/s");
	for (int i = 1; i <= steps; i++) {
		struct step *s = &table[n];

		s->pages = (size_t)m.total / 4 * max_percent / 100 * i / steps;
		if (s->pages > room) {
			printf("%8zu %9lu%%  does not fit into memory and swap\n",
			       s->pages * 4, percent(s->pages, &m));
			break;
		}
		wrong += measure(s, seconds);
		printf("%8zu %9lu%% %10.0f %8.0f %16.0f %9.0f\n", s->pages * 4,
		       percent(s->pages, &m), s->touches, s->faults, s->in,
		       s->out);
		fflush(stdout);
		n++;
	}
	if (n)
		plot(table, n, &m);
	printf("%zu pages wrong\n", wrong);
	return wrong != 0;
}

int thrash_main(int argc, char **argv)
{
	static const char help[] = "thrash [-t loop|random|hot] [-s SECONDS] "
				   "[-m MAX%] [-n STEPS]";
	long steps = 12, max_percent = 150;
	double seconds = 1;
	int c;

	while ((c = getopt(argc, argv, "t:s:m:n:")) != -1)
		if (c == 't' && strchr("lrh", *optarg))
			pattern = *optarg;
		else if (c == 's' && (seconds = parse_seconds(optarg)) > 0)
			continue;
		else if (c == 'm')
			max_percent = parse_number(optarg, 1);
		else if (c == 'n')
			steps = parse_number(optarg, 1);
		else
			usage(help);
	if (optind != argc || steps > MAX_STEPS || max_percent > 1000)
		usage(help);
	return run((int)steps, (unsigned long)max_percent, seconds);
}
