// SPDX-License-Identifier: MIT
/*
 * Shared memory in swap: anonymous shared mappings, tmpfs, memfd, System V.
 *
 *	i_pages[index] --> page      in memory
 *	i_pages[index] --> value     in swap: the value is the swap entry, and
 *	                             holds one reference to the slot
 *
 * The page moves from the page cache to the swap cache and back; page tables
 * hold no swap entries for it, since the object is asked anyway. A page in
 * swap stays charged to its tmpfs.
 *
 * swapoff must find all objects with pages in swap: they are in a list. An
 * object that goes waits for a swapoff that is just looking at it.
 *
 * Locks: page lock, mapping->lock, shmem_swap_lock. Callers: filemap.c,
 * truncate.c, reclaim, swapoff.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>
#include <sched/sched.h>

static DEFINE_SPINLOCK(shmem_swap_lock);
static LIST_HEAD(shmem_swapped); /* mapping->swapped */

static void count_shmem(const struct page *page, long delta)
{
	mod_node_page_state(page_pgdat(page), NR_FILE_PAGES, delta);
	mod_node_page_state(page_pgdat(page), NR_SHMEM, delta);
}

/* ---- out ----------------------------------------------------------------- */

/* page gives its place to its swap entry. => false: it is mapped */
static bool leave_cache(struct address_space *mapping, struct page *page)
{
	swp_entry_t entry = { page_private(page) };
	bool ok;

	spin_lock(&mapping->lock);
	ok = !page_mapped(page) && !swap_duplicate(entry);
	if (ok) {
		BUG_ON(xa_store(&mapping->i_pages, page->index,
				swp_to_radix_entry(entry), GFP_NOWAIT));
		page->mapping = NULL;
		mapping->nrpages--;
		mapping->nrswapped++;
		spin_lock(&shmem_swap_lock);
		if (list_empty(&mapping->swapped))
			list_add_tail(&mapping->swapped, &shmem_swapped);
		spin_unlock(&shmem_swap_lock);
	}
	spin_unlock(&mapping->lock);
	return ok;
}

int shmem_writepage(struct page *page, struct bio **plug)
{
	struct address_space *mapping = page->mapping;
	int err;

	VM_BUG_ON_PAGE(!PageLocked(page) || !mapping_is_shmem(mapping), page);
	err = add_to_swap(page);
	if (err)
		return err;
	if (!leave_cache(mapping, page)) {
		delete_from_swap_cache(page);
		return -EBUSY;
	}
	count_shmem(page, -1);
	put_page(page); /* the page cache's */
	ClearPageDirty(page);
	return swap_writepage(page, plug);
}

/* ---- in ------------------------------------------------------------------ */

static void *value_at(struct address_space *mapping, pgoff_t index)
{
	void *value;

	spin_lock(&mapping->lock);
	value = xa_load(&mapping->i_pages, index);
	spin_unlock(&mapping->lock);
	return xa_is_value(value) ? value : NULL;
}

/* The locked page takes its place again. => false: the value has gone */
static bool enter_cache(struct address_space *mapping, struct page *page,
			pgoff_t index, void *value)
{
	bool ok;

	wait_on_page_writeback(page);
	spin_lock(&mapping->lock);
	ok = xa_load(&mapping->i_pages, index) == value;
	if (ok) {
		BUG_ON(xa_store(&mapping->i_pages, index, page, GFP_NOWAIT));
		get_page(page);
		page->mapping = mapping;
		page->index = index;
		mapping->nrpages++;
		mapping->nrswapped--;
	}
	spin_unlock(&mapping->lock);
	return ok;
}

struct page *shmem_swapin(struct address_space *mapping, pgoff_t index,
			  bool *major)
{
	void *value = value_at(mapping, index);
	struct page *page;
	swp_entry_t entry;
	int err;

	if (!value)
		return NULL;
	entry = radix_to_swp_entry(value);
	if (is_swapin_error_entry(entry))
		return ERR_PTR(-EIO);
	page = swapin_readahead(entry, major);
	if (!page)
		return ERR_PTR(value_at(mapping, index) == value ? -ENOMEM :
								   -EAGAIN);
	err = swap_lock_page(page, entry);
	if (!err) {
		if (enter_cache(mapping, page, index, value)) {
			count_shmem(page, 1);
			delete_from_swap_cache(page);
			SetPageDirty(page);
			swap_free(entry);
			unlock_page(page);
			return page;
		}
		unlock_page(page);
		err = -EAGAIN;
	}
	put_page(page);
	return ERR_PTR(err);
}

/* ---- looking ------------------------------------------------------------- */

bool shmem_next_swapped(struct address_space *mapping, unsigned long *index,
			pgoff_t last, unsigned int type, swp_entry_t *entry)
{
	void *value = NULL;

	if (!READ_ONCE(mapping->nrswapped))
		return false;
	spin_lock(&mapping->lock);
	xa_for_each_range(&mapping->i_pages, *index, value, *index, last) {
		*entry = radix_to_swp_entry(value);
		if (xa_is_value(value) &&
		    (type == ANY_AREA || swp_type(*entry) == type))
			break;
	}
	spin_unlock(&mapping->lock);
	return value;
}

unsigned long shmem_swap_usage(const struct vm_area_struct *vma)
{
	unsigned long index = vma->vm_pgoff, n = 0;
	unsigned long last = index + vma_pages(vma) - 1;
	swp_entry_t entry;

	for (; index <= last && shmem_next_swapped(vma->vm_mapping, &index,
						   last, ANY_AREA, &entry);
	     index++)
		n++;
	return n;
}

/* ---- away ---------------------------------------------------------------- */

void shmem_free_swapped(struct address_space *mapping, pgoff_t index)
{
	void *value = xa_erase(&mapping->i_pages, index);

	mapping->nrswapped--;
	if (mapping->a_ops->uncharge)
		mapping->a_ops->uncharge(mapping, 1);
	free_swap_and_cache(radix_to_swp_entry(value));
}

void shmem_forget_swapped(struct address_space *mapping)
{
	spin_lock(&shmem_swap_lock);
	while (mapping->swap_users) {
		spin_unlock(&shmem_swap_lock);
		schedule_timeout_uninterruptible_ns(1000000);
		spin_lock(&shmem_swap_lock);
	}
	list_del_init(&mapping->swapped);
	spin_unlock(&shmem_swap_lock);
}

/* ---- swapoff, mm_check ------------------------------------------------------------- */

/* The page is lost: whoever wants it gets an error, as from the disk. */
static void mark_unreadable(struct address_space *mapping, pgoff_t index,
			    swp_entry_t entry)
{
	spin_lock(&mapping->lock);
	if (xa_load(&mapping->i_pages, index) == swp_to_radix_entry(entry)) {
		BUG_ON(xa_store(&mapping->i_pages, index,
				swp_to_radix_entry(swp_entry(SWP_TYPE_ERROR, 1)),
				GFP_NOWAIT));
		free_swap_and_cache(entry);
	}
	spin_unlock(&mapping->lock);
}

static int unuse_mapping(struct address_space *mapping, void *arg)
{
	unsigned int type = *(unsigned int *)arg;
	unsigned long index = 0;
	swp_entry_t entry;
	bool major;

	while (shmem_next_swapped(mapping, &index, ULONG_MAX, type, &entry)) {
		struct page *page = shmem_swapin(mapping, index, &major);

		if (PTR_ERR(page) == -EIO)
			mark_unreadable(mapping, index, entry);
		else if (PTR_ERR(page) == -ENOMEM)
			return -ENOMEM;
		else if (!IS_ERR_OR_NULL(page))
			put_page(page);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* fn for each object with pages in swap, until it says something but 0. */
static int for_each_swapped(int (*fn)(struct address_space *mapping, void *arg),
			    void *arg)
{
	struct address_space *mapping, *next;
	int err = 0;

	spin_lock(&shmem_swap_lock);
	list_for_each_entry_safe(mapping, next, &shmem_swapped, swapped) {
		mapping->swap_users++;
		spin_unlock(&shmem_swap_lock);
		err = fn(mapping, arg);
		spin_lock(&shmem_swap_lock);
		next = list_next_entry(mapping, swapped);
		if (!--mapping->swap_users && !READ_ONCE(mapping->nrswapped))
			list_del_init(&mapping->swapped);
		if (err)
			break;
	}
	spin_unlock(&shmem_swap_lock);
	return err;
}

int shmem_unuse(unsigned int type)
{
	return for_each_swapped(unuse_mapping, &type);
}

static int count_mapping(struct address_space *mapping, void *arg)
{
	unsigned long *total = arg;
	unsigned long index = 0;
	swp_entry_t entry;

	for (; shmem_next_swapped(mapping, &index, ULONG_MAX, ANY_AREA, &entry);
	     index++)
		*total += !is_swapin_error_entry(entry);
	return 0;
}

unsigned long shmem_swapped_total(void)
{
	unsigned long total = 0;

	for_each_swapped(count_mapping, &total);
	return total;
}
