/* SPDX-License-Identifier: MIT */
/*
 * memhog SIZE[K|M|G] [-t PATTERN] [-r] [-H SIZE] [-s SECONDS]: take memory.
 *
 *	none	only map it		VmSize grows, VmRSS does not
 *	read	read each page		the shared zero page, no RAM used
 *	once	write each page once	each page becomes real (the default)
 *	loop	then write them again and again, from first to last
 *	random	then write them in random order
 *	hot	the same, but 15 of 16 times in the hot set (-H, an eighth)
 *
 * The last three go on until they are stopped or SECONDS have passed; with -r
 * they only read. Each page holds its number: what is swapped out and comes
 * back as something else is counted as wrong. The first three then sleep.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const patterns[] = { "none", "read",	  "once",
					"loop", "random", "hot" };
enum { NONE, READ, ONCE, LOOP, RANDOM, HOT };

static size_t pages, hot_pages;
static int read_only;
static unsigned long touches, wrong;

static int pattern_of(const char *name)
{
	for (int i = 0; i < (int)ARRAY_SIZE(patterns); i++)
		if (strcmp(name, patterns[i]) == 0)
			return i;
	return -1;
}

static void touch(char *area, size_t page)
{
	touches++;
	wrong += !is_stamped(area, page);
	if (!read_only)
		stamp(area, page);
}

/* The page that the pattern comes to next. */
static size_t next_page(int pattern)
{
	static uint32_t state = 1;
	static size_t at;

	if (pattern == LOOP)
		return at++ % pages;
	if (pattern == HOT && next_random(&state) % 16)
		return next_random(&state) % hot_pages;
	return next_random(&state) % pages;
}

static void go_on(char *area, int pattern, double seconds)
{
	struct usage before, d;

	usage_now(&before);
	do
		for (int i = 0; i < 64; i++)
			touch(area, next_page(pattern));
	while (!seconds || now_seconds() < before.when + seconds);
	usage_since(&d, &before);
	printf("memhog: %lu touches in %.1f s, %ld minor and %ld major faults, "
	       "%lu pages wrong\n",
	       touches, d.when, d.minor, d.major, wrong);
}

static const char help_text[] =
	"memhog SIZE[K|M|G] [-t none|read|once|loop|random|hot] [-r] "
	"[-H HOT-SIZE] [-s SECONDS]";

int memhog_main(int argc, char **argv)
{
	unsigned long long hot = 0, size;
	int c, pattern = ONCE;
	double seconds = 0;
	char *p;

	while ((c = getopt(argc, argv, "t:s:rH:")) != -1)
		if (c == 'r')
			read_only = 1;
		else if (c == '?' ||
			 (c == 't' && (pattern = pattern_of(optarg)) < 0) ||
			 (c == 's' && (seconds = parse_seconds(optarg)) < 0) ||
			 (c == 'H' && !(hot = parse_size(optarg))))
			usage(help_text);
	size = optind + 1 == argc ? parse_size(argv[optind]) : 0;
	if (!size)
		usage(help_text);
	pages = (size + PAGE - 1) / PAGE;
	hot_pages = hot ? (hot + PAGE - 1) / PAGE : pages / 8 + 1;
	if (hot_pages > pages)
		usage(help_text);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		err(1, "%s", argv[optind]);
	for (size_t i = 0; i < pages && pattern != NONE; i++)
		if (pattern == READ)
			wrong += is_stamped(p, i);
		else
			stamp(p, i);
	printf("memhog: %s at %p, touched: %s\n", argv[optind], (void *)p,
	       patterns[pattern]);
	fflush(stdout);
	if (pattern >= LOOP)
		go_on(p, pattern, seconds);
	else
		sleep_seconds(seconds);
	return wrong != 0;
}
