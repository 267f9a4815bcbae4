/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the memory lessons measure: one struct usage before
 * and one after, and the difference is what happened in between.
 */
#ifndef USER_DEMO_H
#define USER_DEMO_H

#include "proc.h"

#include <stdint.h>

#define PAGE 4096UL

struct usage {
	double when;		 /* seconds */
	long minor, major;	 /* faults of this process and its children */
	unsigned long rss, swap; /* of this process, KiB */
	long in, out;		 /* the machine: KiB read, written */
	long swapped_in, swapped_out; /* the machine: pages */
	struct meminfo mem;
};

void usage_now(struct usage *u);
/* Set *d to what was added since `then`; rss, swap and mem are those of now. */
void usage_since(struct usage *d, const struct usage *then);

/* Each page holds its number + 1: what comes back wrong is noticed. */
static inline void stamp(char *area, size_t page)
{
	*(volatile uint64_t *)(area + page * PAGE) = page + 1;
}

static inline int is_stamped(const char *area, size_t page)
{
	return *(const volatile uint64_t *)(area + page * PAGE) == page + 1;
}

/* The same numbers in each run. */
static inline uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* An anonymous mapping of small pages; ends the program if there is none. */
char *map_pages(size_t pages);

#endif
