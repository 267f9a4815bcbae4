// SPDX-License-Identifier: MIT
/*
 * An object shrinks: its pages leave the page cache, and before that every
 * page table that shows them.
 *
 *	1 the owner lowers the size      new faults get SIGBUS
 *	2 unmap_mapping_pages()          PTEs go, found by the reverse map
 *	3 lock each page, remove it      a fault that had the page before 1
 *	                                 and mapped it after 2 is undone
 *	4 zero the rest of the last page
 *
 * Locks: i_mmap_rwsem for 2, page lock and mapping->lock for 3.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

#define TRUNCATE_BATCH 16U

/* ---- unmapping ----------------------------------------------------------- */

static void unmap_in_vma(struct vm_area_struct *vma, pgoff_t first,
			 pgoff_t last, bool even_cows)
{
	pgoff_t from = max(first, vma->vm_pgoff);
	pgoff_t to = min(last, vma->vm_pgoff + vma_pages(vma) - 1);
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, vma->vm_mm, false);
	zap_page_range(&tlb, vma,
		       vma->vm_start + ((from - vma->vm_pgoff) << PAGE_SHIFT),
		       vma->vm_start + ((to - vma->vm_pgoff + 1) << PAGE_SHIFT),
		       even_cows);
	tlb_finish_mmu(&tlb);
}

static void unmap_mapping_pages(struct address_space *mapping, pgoff_t first,
				pgoff_t last, bool even_cows)
{
	struct vma_interval *iv;

	down_read(&mapping->i_mmap_rwsem);
	vma_interval_foreach(iv, &mapping->i_mmap, first, last)
		unmap_in_vma(container_of(iv, struct vm_area_struct, shared),
			     first, last, even_cows);
	up_read(&mapping->i_mmap_rwsem);
}

/* ---- dropping pages ------------------------------------------------------ */

/*
 * => number of pages found from *index on, with references; the values that
 * were met are erased, but for keep_dirty those of pages in swap
 */
static unsigned int find_batch(struct address_space *mapping,
			       unsigned long *index, pgoff_t last,
			       struct page **pages, bool keep_dirty)
{
	unsigned int n = 0;
	struct page *page;
	unsigned long i;

	spin_lock(&mapping->lock);
	xa_for_each_range(&mapping->i_pages, i, page, *index, last) {
		*index = i + 1;
		if (xa_is_value(page)) {
			if (!mapping_is_shmem(mapping))
				xa_erase(&mapping->i_pages, i);
			else if (!keep_dirty)
				shmem_free_swapped(mapping, i);
			continue;
		}
		page_ref_inc(page);
		pages[n++] = page;
		if (n == TRUNCATE_BATCH)
			break;
	}
	spin_unlock(&mapping->lock);
	return n;
}

/* => the index to look at again, since the page went to swap; or ULONG_MAX */
static pgoff_t truncate_page(struct address_space *mapping, struct page *page,
			     bool keep_dirty)
{
	pgoff_t again = ULONG_MAX;

	lock_page(page);
	while (page->mapping == mapping &&
	       !remove_from_page_cache(page, keep_dirty)) {
		if (keep_dirty && PageDirty(page))
			break;
		unmap_mapping_pages(mapping, page->index, page->index, false);
	}
	if (PageSwapCache(page) && !keep_dirty)
		again = page->index;
	unlock_page(page);
	put_page(page);
	return again;
}

static void drop_pages(struct address_space *mapping, pgoff_t first,
		       pgoff_t last, bool keep_dirty)
{
	struct page *pages[TRUNCATE_BATCH];
	unsigned long index = first;
	unsigned int n;
	bool more;

	do {
		n = find_batch(mapping, &index, last, pages, keep_dirty);
		more = n == TRUNCATE_BATCH && index && index <= last;
		for (unsigned int i = 0; i < n; i++) {
			pgoff_t again =
				truncate_page(mapping, pages[i], keep_dirty);

			if (again >= first && again <= last) {
				index = min(index, again);
				more = true;
			}
		}
		cond_resched();
	} while (more);
}

unsigned long invalidate_mapping_pages(struct address_space *mapping,
				       pgoff_t first, pgoff_t last)
{
	unsigned long index = first, left = 0;
	struct page *page;

	for (;; index++) {
		spin_lock(&mapping->lock);
		page = xa_find(&mapping->i_pages, &index, last);
		if (page && !xa_is_value(page))
			page_ref_inc(page);
		else if (page && !mapping_is_shmem(mapping))
			xa_erase(&mapping->i_pages, index);
		spin_unlock(&mapping->lock);
		cond_resched();
		if (!page)
			return left;
		if (xa_is_value(page))
			continue;
		left++;
		if (trylock_page(page)) {
			left -= remove_mapping(mapping, page, NULL);
			unlock_page(page);
		}
		put_page(page);
	}
}

/*
 * Zero bytes [from, to) of page index, if it is there: in memory or in swap,
 * and it may go from one to the other until it is locked. What could not be
 * read stays as it is in the store.
 */
static void zero_part(struct address_space *mapping, pgoff_t index,
		      unsigned long from, unsigned long to)
{
	struct page *page;
	bool major;

	if (from >= to)
		return;
	for (;;) {
		page = find_get_swapped_page(mapping, index, &major);
		if (IS_ERR_OR_NULL(page))
			return;
		lock_page(page);
		if (likely(page->mapping == mapping))
			break;
		unlock_page(page);
		put_page(page);
	}
	if (PageUptodate(page)) {
		memset((char *)page_address(page) + from, 0, to - from);
		set_page_dirty(page);
	}
	unlock_page(page);
	put_page(page);
}

void truncate_inode_pages_range(struct address_space *mapping, loff_t lstart,
				loff_t lend)
{
	pgoff_t first = (pgoff_t)(lstart + (loff_t)PAGE_SIZE - 1) >> PAGE_SHIFT;
	pgoff_t head = (pgoff_t)lstart >> PAGE_SHIFT;
	unsigned long head_off = offset_in_page(lstart);
	pgoff_t end = ULONG_MAX; /* first index that stays */
	unsigned long tail_off = 0;

	might_sleep();
	BUG_ON(lstart < 0 || (lend != -1 && lend < lstart));
	if (xa_empty(&mapping->i_pages))
		return;
	if (lend != -1) {
		end = (pgoff_t)(lend + 1) >> PAGE_SHIFT;
		tail_off = offset_in_page(lend + 1);
	}
	if (first < end) {
		unmap_mapping_pages(mapping, first, end - 1, false);
		drop_pages(mapping, first, end - 1, false);
	}
	if (head == end) {
		zero_part(mapping, head, head_off, tail_off);
		return;
	}
	if (head_off)
		zero_part(mapping, head, head_off, PAGE_SIZE);
	if (tail_off)
		zero_part(mapping, end, 0, tail_off);
}

void truncate_clean_pages(struct address_space *mapping, pgoff_t first,
			  pgoff_t end)
{
	if (first < end) {
		unmap_mapping_pages(mapping, first, end - 1, false);
		drop_pages(mapping, first, end - 1, true);
	}
}

void truncate_pagecache(struct address_space *mapping, loff_t newsize)
{
	pgoff_t first = (pgoff_t)(newsize + (loff_t)PAGE_SIZE - 1) >>
			PAGE_SHIFT;

	unmap_mapping_pages(mapping, first, ULONG_MAX, true);
	truncate_inode_pages_range(mapping, newsize, -1);
	/* Private copies made from pages while those were being dropped. */
	unmap_mapping_pages(mapping, first, ULONG_MAX, true);
}
