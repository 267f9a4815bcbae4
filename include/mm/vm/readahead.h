/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead: what a sequential reader will want next is fetched before it
 * asks.
 *
 *	|<------------------ size ------------------->|
 *	start                    |<---- async_size -->|
 *	|####################### M ####################|
 *	                         ^ page with PG_readahead: who reads it starts
 *	                           the next window, which is up to twice as long
 */
#ifndef _MM_VM_READAHEAD_H
#define _MM_VM_READAHEAD_H

#include <lib/types.h>

struct address_space;
struct page;

#define VM_READAHEAD_PAGES (128UL * 1024 / 4096) /* read_ahead_kb = 128 */

/* Of one open file; races between its readers only make guesses worse. */
struct file_ra_state {
	pgoff_t start; /* the window, in pages */
	unsigned int size;
	unsigned int async_size;
	unsigned int ra_pages; /* at most so many; 0: never */
	unsigned int
		mmap_miss; /* faults that found nothing, less those that did */
	pgoff_t prev;	   /* last page read */
};

static inline void file_ra_state_init(struct file_ra_state *ra)
{
	*ra = (struct file_ra_state){ .ra_pages = VM_READAHEAD_PAGES,
				      .prev = (pgoff_t)-1 };
}

/* Page index, of nr that are wanted, is not cached. => may sleep */
void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, pgoff_t index,
			       unsigned long nr);
/* page, at index, has PG_readahead. */
void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct page *page,
				unsigned long nr);
/* A fault on page index, not cached; sequential: MADV_SEQUENTIAL. */
void mmap_readaround(struct address_space *mapping, struct file_ra_state *ra,
		     pgoff_t index, bool sequential);
/* Just these pages (readahead(2), WILLNEED). */
void force_page_cache_readahead(struct address_space *mapping, pgoff_t index,
				unsigned long nr);

#endif
