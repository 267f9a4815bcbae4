// SPDX-License-Identifier: MIT
/*
 * The swap cache: pages that have a slot in swap while they are in memory.
 *
 *	on the way out   from add_to_swap() until it is written and dropped
 *	on the way in    from the read until the slot is needed no more: a page
 *	                 that is only read can be dropped again without a write
 *
 * Whoever looks for a slot's page finds it here before it looks on disk; so
 * several processes that share a swapped page get the same page again.
 *
 * Locks: the page lock, for entering and leaving; the area's lock.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>

static swp_entry_t entry_of(const struct page *page)
{
	return (swp_entry_t){ page_private(page) };
}

static void count_cached(const struct page *page, long delta)
{
	mod_node_page_state(page_pgdat(page), NR_FILE_PAGES, delta);
	mod_node_page_state(page_pgdat(page), NR_SWAPCACHE, delta);
}

/* ---- entering ------------------------------------------------------------ */

int add_to_swap(struct page *page)
{
	int err;

	VM_BUG_ON_PAGE(!PageLocked(page) || PageSwapCache(page), page);
	VM_BUG_ON_PAGE(!PageUptodate(page) || PageCompound(page), page);
	err = swap_alloc_slot(page);
	if (err)
		return err;
	SetPageDirty(page);
	count_cached(page, 1);
	return 0;
}

/* => 0, -EEXIST, -ENOENT: the slot is free, -ENOMEM */
static int insert(struct page *page, swp_entry_t entry, void **shadow)
{
	struct swap_info_struct *si = swap_lock_area(entry);
	unsigned long slot = swp_offset(entry);
	int err;

	if (!si)
		return -ENOENT;
	if (si->map[slot] & SWAP_HAS_CACHE)
		err = -EEXIST;
	else if (!si->map[slot] || si->map[slot] == SWAP_MAP_BAD)
		err = -ENOENT;
	else {
		*shadow = xa_load(&si->cache, slot);
		err = xa_store(&si->cache, slot, page,
			       GFP_NOWAIT | __GFP_NOWARN);
	}
	if (!err)
		si->map[slot] |= SWAP_HAS_CACHE;
	spin_unlock(&si->lock);
	return err;
}

int add_to_swap_cache(struct page *page, swp_entry_t entry, gfp_t gfp)
{
	void *shadow = NULL;
	int err;

	VM_BUG_ON_PAGE(!PageLocked(page), page);
	set_page_private(page, entry.val);
	SetPageSwapBacked(page);
	SetPageSwapCache(page);
	get_page(page);
	do {
		err = insert(page, entry, &shadow);
	} while (err == -ENOMEM && page_tree_stock(gfp));
	if (err) {
		put_page(page);
		ClearPageSwapCache(page);
		set_page_private(page, 0);
		return err;
	}
	count_cached(page, 1);
	if (shadow)
		workingset_refault(page, shadow);
	lru_cache_add(page);
	return 0;
}

/* ---- leaving ------------------------------------------------------------- */

/* page is not in si->cache any more: undo the rest. => si is locked */
static void forget(struct swap_info_struct *si, struct page *page)
{
	swap_slot_put_cache(si, swp_offset(entry_of(page)));
	ClearPageSwapCache(page);
	set_page_private(page, 0);
	count_cached(page, -1);
}

void delete_from_swap_cache(struct page *page)
{
	struct swap_info_struct *si = swap_lock_area(entry_of(page));

	VM_BUG_ON_PAGE(!PageLocked(page) || !PageSwapCache(page), page);
	VM_BUG_ON_PAGE(PageWriteback(page), page);
	BUG_ON(xa_erase(&si->cache, swp_offset(entry_of(page))) != page);
	forget(si, page);
	spin_unlock(&si->lock);
	put_page(page);
}

/* The shadow takes the page's place: that needs no memory. */
bool remove_from_swap_cache(struct page *page, void *shadow)
{
	struct swap_info_struct *si = swap_lock_area(entry_of(page));
	bool gone = !page_mapped(page) && !PageDirty(page) &&
		    page_ref_freeze(page, 2);

	VM_BUG_ON_PAGE(!PageLocked(page) || !PageSwapCache(page), page);
	if (gone) {
		BUG_ON(xa_store(&si->cache, swp_offset(entry_of(page)), shadow,
				GFP_NOWAIT));
		forget(si, page);
		page_ref_unfreeze(page, 1);
	}
	spin_unlock(&si->lock);
	return gone;
}

bool try_to_free_swap(struct page *page)
{
	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (!PageSwapCache(page) || PageWriteback(page) || page_swapcount(page))
		return false;
	delete_from_swap_cache(page);
	SetPageDirty(page);
	return true;
}

void free_swap_cache(struct page *page)
{
	if (PageSwapCache(page) && !page_mapped(page) && trylock_page(page)) {
		try_to_free_swap(page);
		unlock_page(page);
	}
}

bool reuse_swap_page(struct page *page)
{
	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (page_mapcount(page) != 1)
		return false;
	if (!PageSwapCache(page) || try_to_free_swap(page))
		return true;
	/* Being written, for nobody: what is written now comes to disk, too. */
	return !page_swapcount(page);
}

/* ---- finding ------------------------------------------------------------- */

struct page *lookup_swap_cache(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_lock_area(entry);
	struct page *page;

	if (!si)
		return NULL;
	page = xa_load(&si->cache, swp_offset(entry));
	if (page && xa_is_value(page))
		page = NULL;
	if (page)
		page_ref_inc(page);
	spin_unlock(&si->lock);
	return page;
}

/* ---- page tables --------------------------------------------------------- */

int swap_out_pte(struct vm_area_struct *vma, pte_t *ptep, struct page *page)
{
	VM_BUG_ON_PAGE(!PageLocked(page) || !PageSwapCache(page), page);
	if (swap_duplicate(entry_of(page)))
		return -ENOMEM;
	add_mm_counter(vma->vm_mm, MM_ANONPAGES, -1);
	add_mm_counter(vma->vm_mm, MM_SWAPENTS, 1);
	set_pte(ptep, swp_entry_to_pte(entry_of(page)));
	return 0;
}
