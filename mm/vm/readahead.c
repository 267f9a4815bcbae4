// SPDX-License-Identifier: MIT
/*
 * Readahead: guessing from where a reader was where it will be.
 *
 *	reads page 0                first window: 2 or 4 times what is wanted
 *	reads where a window ends   sequential: the next, up to twice as long
 *	reads the marked page       the same, while there is still something to
 *	                            read: the disk works while the program does
 *	reads next to the last read a stream begins here
 *	reads anywhere else         only what is wanted
 *
 * A window is at most ra_pages (32 pages, 128 KiB). Pages that are cached
 * already cut it in pieces. If there is no memory it just gets shorter.
 *
 * Locks: mapping->lock, taken below. Callers: filemap_io.c, the system calls.
 */
#include <base/bug.h>
#include <lib/bitops.h>
#include <lib/err.h>
#include <mm/vm/internal.h>
#include <mm/vm/readahead.h>

#define MMAP_LOTSAMISS 100U
#define MAX_FORCED     320UL /* pages for one call that asks for them */

/* ---- reading a range ----------------------------------------------------- */

/* nr new pages in a row, locked: start reading them; their references go. */
static void read_pages(struct address_space *mapping, struct page **pages,
		       unsigned int nr)
{
	if (!nr)
		return;
	if (mapping->a_ops->readahead)
		mapping->a_ops->readahead(mapping, pages, nr);
	for (unsigned int i = 0; i < nr; i++) {
		if (!mapping->a_ops->readahead)
			mapping->a_ops->readpage(mapping, pages[i]);
		put_page(pages[i]);
	}
}

/* A locked page at index. => NULL: there is one, or no memory (*stop) */
static struct page *add_page(struct address_space *mapping, pgoff_t index,
			     bool *stop)
{
	gfp_t gfp = mapping->gfp | __GFP_NORETRY | __GFP_NOWARN;
	struct page *page = find_get_page(mapping, index);

	if (page) {
		put_page(page);
		return NULL;
	}
	page = new_cache_page(mapping, index, gfp);
	if (!IS_ERR(page))
		return page;
	*stop = PTR_ERR(page) != -EEXIST;
	return NULL;
}

/* Read what is missing of [index, index + nr), and mark the page at `mark`. */
static void do_page_cache_ra(struct address_space *mapping, pgoff_t index,
			     unsigned long nr, pgoff_t mark)
{
	loff_t size = mapping->a_ops->size(mapping);
	pgoff_t end = (pgoff_t)(size + (loff_t)PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct page *pages[VM_READAHEAD_PAGES];
	unsigned int n = 0;
	bool stop = false;

	end = min(end, index + nr);
	for (; index < end && !stop; index++) {
		struct page *page = add_page(mapping, index, &stop);

		if (!page || n == ARRAY_SIZE(pages)) {
			read_pages(mapping, pages, n);
			n = 0;
		}
		if (!page)
			continue;
		if (index == mark)
			SetPageReadahead(page);
		pages[n++] = page;
	}
	read_pages(mapping, pages, n);
}

void force_page_cache_readahead(struct address_space *mapping, pgoff_t index,
				unsigned long nr)
{
	if (mapping->a_ops->readpage)
		do_page_cache_ra(mapping, index, min(nr, MAX_FORCED),
				 ULONG_MAX);
}

/* ---- windows ------------------------------------------------------------- */

static unsigned int first_size(unsigned long want, unsigned int max)
{
	unsigned long size = roundup_pow_of_two(want);

	if (size <= max / 32)
		return (unsigned int)size * 4;
	return size <= max / 4 ? (unsigned int)size * 2 : max;
}

static unsigned int next_size(const struct file_ra_state *ra, unsigned int max)
{
	if (ra->size < max / 16)
		return 4 * ra->size;
	return ra->size <= max / 2 ? 2 * ra->size : max;
}

static void submit_window(struct address_space *mapping,
			  struct file_ra_state *ra)
{
	do_page_cache_ra(mapping, ra->start, ra->size,
			 ra->async_size ?
				 ra->start + ra->size - ra->async_size :
				 ULONG_MAX);
}

static void begin_window(struct file_ra_state *ra, pgoff_t index,
			 unsigned long want)
{
	ra->start = index;
	ra->size = first_size(want, ra->ra_pages);
	ra->async_size = ra->size > want ? ra->size - (unsigned int)want :
					   ra->size;
}

static void next_window(struct file_ra_state *ra)
{
	ra->start += ra->size;
	ra->size = next_size(ra, ra->ra_pages);
	ra->async_size = ra->size;
}

void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, pgoff_t index,
			       unsigned long nr)
{
	if (!ra->ra_pages) {
		force_page_cache_readahead(mapping, index, nr);
		return;
	}
	if (ra->size && index == ra->start + ra->size) {
		next_window(ra);
	} else if (!index || nr > ra->ra_pages || index - ra->prev <= 1) {
		begin_window(ra, index, min(nr, (unsigned long)ra->ra_pages));
	} else {
		do_page_cache_ra(mapping, index, nr, ULONG_MAX);
		return;
	}
	submit_window(mapping, ra);
}

void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct page *page,
				unsigned long nr)
{
	pgoff_t index = page->index;

	if (!ra->ra_pages || PageWriteback(page))
		return;
	ClearPageReadahead(page);
	if (index == ra->start + ra->size - ra->async_size) {
		next_window(ra);
	} else {
		/* Not the mark of this reader's window: go on from here. */
		ra->start = index + 1;
		ra->size = first_size(nr, ra->ra_pages);
		ra->async_size = ra->size;
	}
	submit_window(mapping, ra);
}

void mmap_readaround(struct address_space *mapping, struct file_ra_state *ra,
		     pgoff_t index, bool sequential)
{
	unsigned int pages = ra->ra_pages;

	if (!pages)
		return;
	if (sequential) {
		page_cache_sync_readahead(mapping, ra, index, pages);
		return;
	}
	if (ra->mmap_miss < MMAP_LOTSAMISS * 10)
		ra->mmap_miss++;
	if (ra->mmap_miss > MMAP_LOTSAMISS)
		return;
	ra->start = index > pages / 2 ? index - pages / 2 : 0;
	ra->size = pages;
	ra->async_size = pages / 4;
	submit_window(mapping, ra);
}
