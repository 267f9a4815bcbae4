/* SPDX-License-Identifier: MIT */
/*
 * page-types [-rlLN] [-p PID] [-b BITS]: how many pages there are of each
 * kind, from /proc/kpageflags; of all memory, or of what a process maps.
 * Options and columns are those of the tool of this name in Linux's source.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	   4096UL
#define BIT(n)	   (1ULL << (n))
#define MAX_KINDS  1024
#define MAX_FILTER 64
#define ANY	   (~0ULL) /* in bits: one of the mask's is enough */

/* One letter, then the name; from 32 on for -r only. */
static const char *const names[64] = {
	"L:locked",
	"E:error",
	"R:referenced",
	"U:uptodate",
	"D:dirty",
	"l:lru",
	"A:active",
	"S:slab",
	"W:writeback",
	"I:reclaim",
	"B:buddy",
	"M:mmap",
	"a:anonymous",
	"s:swapcache",
	"b:swapbacked",
	"H:compound_head",
	"T:compound_tail",
	"G:huge",
	"u:unevictable",
	"X:hwpoison",
	"n:nopage",
	"x:ksm",
	"t:thp",
	"o:offline",
	"z:zero_page",
	"i:idle_page",
	"g:pgtable",
	[32] = "r:reserved",
	[33] = "m:mlocked",
	[34] = "d:mappedtodisk",
	[35] = "P:private",
	[36] = "p:private_2",
	[37] = "O:owner_private",
	[38] = "h:arch",
	[39] = "c:uncached",
	[40] = "f:softdirty",
	[41] = "H:arch_2",
	[48] = "I:readahead",
	[61] = "F:file",
	[62] = "w:swap",
	[63] = "1:mmap_exclusive",
};

enum { WRITEBACK = 8, RECLAIM = 9, HEAD = 15, TAIL = 16, HUGE = 17 };
enum { READAHEAD = 48, FILE_PAGE = 61, SWAPPED = 62, EXCLUSIVE = 63 };

static struct {
	int raw, list, no_summary;
	pid_t pid;
} opt;

static struct {
	uint64_t mask, bits;
} filters[MAX_FILTER];
static int nr_filters;

/* --- flags in letters and words --- */

static const char *letters(uint64_t flags)
{
	static char buf[65];
	int n = 0;

	for (int i = 0; i < 64; i++)
		if (names[i])
			buf[n++] = flags & BIT(i) ? names[i][0] : '_';
	return buf;
}

static const char *words(uint64_t flags)
{
	static char buf[1024];
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < 64; i++)
		if (names[i] && flags & BIT(i))
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s",
					      n ? "," : "", names[i] + 2);
	return buf;
}

static uint64_t one_flag(const char *word)
{
	char *end;
	uint64_t value = strtoull(word, &end, 0);

	if (*word && !*end)
		return value;
	for (int i = 0; i < 64; i++)
		if (names[i] && !strcmp(names[i] + 2, word))
			return BIT(i);
	/* "anon": the first that begins so */
	for (int i = 0; i < 64 && *word; i++)
		if (names[i] && !strncmp(names[i] + 2, word, strlen(word)))
			return BIT(i);
	errx(1, "unknown flag: %s", word);
}

/* "lru,~dirty": the sum; those with a ~ only if all */
static uint64_t parse_flags(const char *spec, int all)
{
	char *copy = xstrdup(spec), *at = copy, *word;
	uint64_t flags = 0;

	while ((word = strsep(&at, ",")))
		if (*word != '~')
			flags |= one_flag(word);
		else if (all)
			flags |= one_flag(word + 1);
	free(copy);
	return flags;
}

static void add_filter(char *spec)
{
	char *equal = strchr(spec, '=');
	uint64_t mask = ANY, bits = ANY;

	if (equal) {
		*equal = '\0';
		bits = parse_flags(equal + 1, 0);
		if (equal != spec)
			mask = parse_flags(spec, 0);
	} else {
		mask = parse_flags(spec, 1);
		if (strchr(spec, '~'))
			bits = parse_flags(spec, 0);
	}
	if (nr_filters == MAX_FILTER)
		errx(1, "too many -b");
	filters[nr_filters].mask = mask;
	filters[nr_filters++].bits = bits;
}

static int wanted(uint64_t flags)
{
	for (int i = 0; i < nr_filters; i++) {
		uint64_t got = flags & filters[i].mask;

		if (filters[i].bits == ANY ? !got : got != filters[i].bits)
			return 0;
	}
	return 1;
}

/* What is shown of a page: entry is its pagemap's, or 0. */
static uint64_t shown_flags(uint64_t flags, uint64_t entry)
{
	if (!opt.raw) {
		flags &= 0xffffffff;
		if (!(flags & BIT(HUGE)))
			flags &= ~(BIT(HEAD) | BIT(TAIL));
		return flags;
	}
	if ((flags & (BIT(RECLAIM) | BIT(WRITEBACK))) == BIT(RECLAIM))
		flags ^= BIT(RECLAIM) | BIT(READAHEAD);
	if (entry & BIT(61))
		flags |= BIT(FILE_PAGE);
	if (entry & BIT(62))
		flags |= BIT(SWAPPED);
	if (entry & BIT(56))
		flags |= BIT(EXCLUSIVE);
	return flags;
}

/* --- counting and listing --- */

static struct kind {
	uint64_t flags;
	unsigned long pages;
} kinds[MAX_KINDS];
static size_t nr_kinds;
static unsigned long total;

static void count(uint64_t flags)
{
	size_t i = 0;

	while (i < nr_kinds && kinds[i].flags != flags)
		i++;
	if (i == MAX_KINDS)
		errx(1, "too many kinds of pages");
	kinds[i].flags = flags;
	kinds[i].pages++;
	nr_kinds += i == nr_kinds;
	total++;
}

/* Print a range when it ends: the next page is no neighbour, or another. */
static void list(unsigned long va, unsigned long pfn, uint64_t flags, int end)
{
	static unsigned long first_va, first, pages;
	static uint64_t same;

	if (pages && !end && opt.list == 1 && flags == same &&
	    pfn == first + pages && (!opt.pid || va == first_va + pages)) {
		pages++;
		return;
	}
	if (pages) {
		if (opt.pid)
			printf("%lx\t", first_va);
		printf("%lx\t", first);
		if (opt.list == 1)
			printf("%lx\t", pages);
		puts(letters(same));
	}
	first_va = va;
	first = pfn;
	same = flags;
	pages = 1;
}

static void add_page(unsigned long va, unsigned long pfn, uint64_t flags,
		     uint64_t entry)
{
	flags = shown_flags(flags, entry);
	if (!wanted(flags))
		return;
	if (opt.list)
		list(va, pfn, flags, 0);
	count(flags);
}

/* --- walking --- */

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* => entries read */
static size_t read_entries(int fd, uint64_t *buf, size_t nr, uint64_t first)
{
	ssize_t n = pread(fd, buf, nr * 8, (off_t)(first * 8));

	if (n < 0)
		err(1, "read");
	return (size_t)n / 8;
}

static uint64_t buf[8192];

static void walk_memory(int flags)
{
	unsigned long pfn = 0;
	size_t n;

	while ((n = read_entries(flags, buf, ARRAY_SIZE(buf), pfn))) {
		for (size_t i = 0; i < n; i++)
			add_page(0, pfn + i, buf[i], 0);
		pfn += n;
	}
}

static void walk_range(int pagemap, int kpageflags, unsigned long nr,
		       unsigned long end)
{
	size_t n = 0;

	for (; nr < end; nr += n) {
		n = end - nr < ARRAY_SIZE(buf) ? end - nr : ARRAY_SIZE(buf);
		n = read_entries(pagemap, buf, n, nr);
		if (!n)
			return;
		for (size_t i = 0; i < n; i++) {
			unsigned long pfn = buf[i] & (BIT(55) - 1);
			uint64_t flags;

			if (buf[i] & BIT(63) && pfn &&
			    read_entries(kpageflags, &flags, 1, pfn))
				add_page(nr + i, pfn, flags, buf[i]);
			else if (buf[i] & BIT(62))
				add_page(nr + i, 0, 0, buf[i]);
		}
	}
}

static void walk_process(int kpageflags)
{
	char path[40], *line = NULL;
	unsigned long start, end;
	size_t size = 0;
	int pagemap;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)opt.pid);
	pagemap = open_or_die(path);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)opt.pid);
	maps = fopen(path, "r");
	if (!maps)
		err(1, "%s", path);
	while (getline(&line, &size, maps) > 0)
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			walk_range(pagemap, kpageflags, start / PAGE,
				   end / PAGE);
	free(line);
	fclose(maps);
	close(pagemap);
}

/* --- the table --- */

/* By the low 13 bits, then as met: the order of Linux's tool. */
static int by_flags(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;
	uint64_t fx = x->flags % 8192, fy = y->flags % 8192;

	return fx < fy ? -1 : fx > fy;
}

static void summary(void)
{
	qsort(kinds, nr_kinds, sizeof(kinds[0]), by_flags);
	printf("             flags\tpage-count       MB"
	       "  symbolic-flags\t\t\tlong-symbolic-flags\n");
	for (size_t i = 0; i < nr_kinds; i++)
		printf("0x%016llx\t%10lu %8lu  %s\t%s\n",
		       (unsigned long long)kinds[i].flags, kinds[i].pages,
		       kinds[i].pages * PAGE >> 20, letters(kinds[i].flags),
		       words(kinds[i].flags));
	printf("             total\t%10lu %8lu\n", total, total * PAGE >> 20);
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "raw", 0, NULL, 'r' },	{ "describe", 1, NULL, 'd' },
		{ "bits", 1, NULL, 'b' },	{ "pid", 1, NULL, 'p' },
		{ "list", 0, NULL, 'l' },	{ "list-each", 0, NULL, 'L' },
		{ "no-summary", 0, NULL, 'N' }, { NULL, 0, NULL, 0 },
	};
	uint64_t flags;
	int c;

	while ((c = getopt_long(argc, argv, "rd:b:p:lLN", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			opt.raw = 1;
			break;
		case 'd':
			flags = parse_flags(optarg, 0);
			printf("0x%016llx\t%s\t%s\n", (unsigned long long)flags,
			       letters(flags), words(flags));
			exit(0);
		case 'b':
			add_filter(optarg);
			break;
		case 'p':
			opt.pid = (pid_t)parse_number(optarg, 1);
			break;
		case 'l':
		case 'L':
			opt.list = c == 'l' ? 1 : 2;
			break;
		case 'N':
			opt.no_summary = 1;
			break;
		default:
			usage("page-types [-rlLN] [-d FLAGS] [-b BITS] "
			      "[-p PID]");
		}
	}
}

int page_types_main(int argc, char **argv)
{
	int kpageflags;

	parse(argc, argv);
	kpageflags = open_or_die("/proc/kpageflags");
	if (opt.list)
		printf("%soffset\t%sflags\n", opt.pid ? "voffset\t" : "",
		       opt.list == 1 ? "len\t" : "");
	if (opt.pid)
		walk_process(kpageflags);
	else
		walk_memory(kpageflags);
	if (opt.list) {
		list(0, 0, 0, 1);
		printf("\n\n");
	}
	if (!opt.no_summary)
		summary();
	return 0;
}
