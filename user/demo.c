/* SPDX-License-Identifier: MIT */
/*
 * The measurements of demo.h. Faults are those of the process (getrusage),
 * traffic is that of the whole machine (/proc/vmstat): on a machine that does
 * nothing else the one explains the other.
 */
#include "demo.h"
#include "lib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Faults of this process and of its children that have ended. */
static void count_faults(struct usage *u)
{
	struct rusage own, children;

	getrusage(RUSAGE_CHILDREN, &children);
	getrusage(RUSAGE_SELF, &own);
	u->minor = own.ru_minflt + children.ru_minflt;
	u->major = own.ru_majflt + children.ru_majflt;
}

static unsigned long status_value(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? strtoul(p + strlen(key), NULL, 10) : 0;
}

void usage_now(struct usage *u)
{
	static char text[16384];

	if (read_file("/proc/vmstat", text, sizeof(text)) < 0)
		err(1, "/proc/vmstat");
	u->in = (long)text_value(text, "pgpgin");
	u->out = (long)text_value(text, "pgpgout");
	u->swapped_in = (long)text_value(text, "pswpin");
	u->swapped_out = (long)text_value(text, "pswpout");
	if (read_file("/proc/self/status", text, sizeof(text)) < 0)
		err(1, "/proc/self/status");
	u->rss = status_value(text, "\nVmRSS:");
	u->swap = status_value(text, "\nVmSwap:");
	if (read_meminfo("/proc/meminfo", &u->mem) < 0)
		err(1, "/proc/meminfo");
	u->when = now_seconds();
	count_faults(u);
}

void usage_since(struct usage *d, const struct usage *then)
{
	struct usage first;

	first.when = now_seconds();
	count_faults(&first); /* before this takes some itself */
	usage_now(d);
	d->when = first.when - then->when;
	d->minor = first.minor - then->minor;
	d->major = first.major - then->major;
	d->in -= then->in;
	d->out -= then->out;
	d->swapped_in -= then->swapped_in;
	d->swapped_out -= then->swapped_out;
}

char *map_pages(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "%zu pages", pages);
	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}
