// SPDX-License-Identifier: MIT
/*
 * The LRU lists: how pages get on them, off them and from one to another.
 * The picture is in lru.h; who walks the lists to free memory is vmscan.c.
 *
 *	first mapping, page cache --> inactive        lru_cache_add()
 *	inactive --used again-------> active          mark_page_accessed()
 *	active   --not used---------> inactive        vmscan.c
 *	any      --last reference---> free            lru_release_page()
 *	any      --mlock------------> unevictable     mlock_page()
 *
 * A page that a locked VMA maps is unevictable (PG_mlocked); mlock_count says
 * how many do. Huge pages are split before they are locked.
 *
 * There is no batching per CPU as in Linux: a page is on its list when its
 * flag says so, and the counters are exact at any time.
 */
#include <base/bug.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>

void __init lru_init(void)
{
	pg_data_t *pgdat;

	for_each_online_pgdat(pgdat)
	{
		struct lruvec *lruvec = kzalloc(sizeof(*lruvec), GFP_KERNEL);

		if (!lruvec)
			panic("no memory for the LRU lists");
		spin_lock_init(&lruvec->lock);
		for (int lru = 0; lru < NR_LRU_LISTS; lru++)
			INIT_LIST_HEAD(&lruvec->lists[lru]);
		pgdat->reclaim_private = lruvec;
	}
}

/* ---- on and off ---------------------------------------------------------- */

static void add_page(struct lruvec *lruvec, struct page *page)
{
	VM_BUG_ON_PAGE(PageLRU(page), page);
	SetPageLRU(page);
	if (unlikely(PageMlocked(page)))
		SetPageUnevictable(page);
	lruvec_add_page(lruvec, page);
}

void lru_cache_add(struct page *page)
{
	struct lruvec *lruvec = page_lruvec(page);

	spin_lock(&lruvec->lock);
	add_page(lruvec, page);
	spin_unlock(&lruvec->lock);
}

bool isolate_lru_page(struct page *page)
{
	struct lruvec *lruvec = page_lruvec(page);
	bool was;

	spin_lock(&lruvec->lock);
	was = PageLRU(page) && !PageUnevictable(page);
	if (was) {
		get_page(page);
		lruvec_del_page(page);
		ClearPageLRU(page);
	}
	spin_unlock(&lruvec->lock);
	return was;
}

void putback_lru_pages(struct page **pages, unsigned int n)
{
	struct lruvec *held = NULL;

	for (unsigned int i = 0; i < n; i++) {
		struct lruvec *lruvec = page_lruvec(pages[i]);

		if (lruvec != held) {
			if (held)
				spin_unlock(&held->lock);
			held = lruvec;
			spin_lock(&held->lock);
		}
		add_page(lruvec, pages[i]);
	}
	if (held)
		spin_unlock(&held->lock);
	for (unsigned int i = 0; i < n; i++)
		put_page(pages[i]);
}

void lru_add_split(struct page *head, unsigned long nr)
{
	struct lruvec *lruvec = page_lruvec(head);

	spin_lock(&lruvec->lock);
	if (PageLRU(head)) /* it has stood for all of them */
		update_lru_size(head, page_lru(head), 1 - (long)nr);
	for (unsigned long i = 1; i < nr; i++) {
		SetPageLRU(head + i);
		lruvec_add_page(lruvec, head + i);
	}
	spin_unlock(&lruvec->lock);
}

void lru_release_page(struct page *page)
{
	struct lruvec *lruvec = page_lruvec(page);

	VM_BUG_ON_PAGE(page_ref_count(page) != 0, page);
	VM_BUG_ON_PAGE(page_mapped(page), page);
	VM_BUG_ON_PAGE(!PageAnon(page) && page->mapping, page);
	if (unlikely(PageMlocked(page)))
		munlock_page(page, true);
	spin_lock(&lruvec->lock);
	lruvec_del_page(page);
	spin_unlock(&lruvec->lock);
	page->flags &= ~((1UL << PG_lru) | (1UL << PG_active));
	page->mapping = NULL;
}

/* ---- from list to list --------------------------------------------------- */

/* Take page off its list, change flags, put it on the list they name now. */
static void move_page(struct page *page, unsigned long clear, unsigned long set,
		      bool tail)
{
	struct lruvec *lruvec = page_lruvec(page);

	spin_lock(&lruvec->lock);
	if (PageLRU(page) && !PageUnevictable(page)) {
		lruvec_del_page(page);
		__atomic_fetch_and(&page->flags, ~clear, __ATOMIC_RELAXED);
		__atomic_fetch_or(&page->flags, set, __ATOMIC_RELAXED);
		lruvec_add_page(lruvec, page);
		if (tail)
			list_move_tail(&page->lru,
				       &lruvec->lists[page_lru(page)]);
	}
	spin_unlock(&lruvec->lock);
}

static void activate_page(struct page *page)
{
	if (PageActive(page) || PageUnevictable(page))
		return;
	move_page(page, 0, 1UL << PG_active, false);
	count_vm_events(PGACTIVATE, (long)compound_nr(page));
}

void mark_page_accessed(struct page *page)
{
	if (!PageReferenced(page)) {
		SetPageReferenced(page);
	} else if (!PageActive(page)) {
		activate_page(page);
		ClearPageReferenced(page);
		workingset_activation(page);
	}
}

void deactivate_page(struct page *page)
{
	if (!PageActive(page) || PageUnevictable(page))
		return;
	move_page(page, (1UL << PG_active) | (1UL << PG_referenced), 0, false);
	count_vm_events(PGDEACTIVATE, (long)compound_nr(page));
}

void lru_lazyfree_page(struct page *page)
{
	if (!PageSwapBacked(page) || PageSwapCache(page) ||
	    PageUnevictable(page))
		return;
	move_page(page,
		  (1UL << PG_active) | (1UL << PG_referenced) |
			  (1UL << PG_swapbacked),
		  0, false);
	count_vm_events(PGLAZYFREE, (long)compound_nr(page));
}

void rotate_reclaimable_page(struct page *page)
{
	if (PageLocked(page) || PageDirty(page) || PageUnevictable(page))
		return;
	move_page(page, 1UL << PG_active, 0, true);
	count_vm_event(PGROTATED);
}

/* ---- mlock --------------------------------------------------------------- */

/*
 * The count is kept while the page is isolated, too: whoever puts it back
 * looks at PG_mlocked.
 */
void mlock_page(struct page *page)
{
	struct lruvec *lruvec = page_lruvec(page);

	spin_lock(&lruvec->lock);
	if (PageMlocked(page)) {
		page->mlock_count++;
	} else {
		if (PageLRU(page)) {
			lruvec_del_page(page);
			SetPageUnevictable(page);
			lruvec_add_page(lruvec, page);
		}
		SetPageMlocked(page);
		page->mlock_count = 1;
		mod_zone_page_state(page_zone(page), NR_MLOCK, 1);
	}
	spin_unlock(&lruvec->lock);
}

void munlock_page(struct page *page, bool all)
{
	struct lruvec *lruvec = page_lruvec(page);

	spin_lock(&lruvec->lock);
	if (PageMlocked(page) && (all || !--page->mlock_count)) {
		if (PageLRU(page)) {
			lruvec_del_page(page);
			ClearPageUnevictable(page);
			lruvec_add_page(lruvec, page);
		}
		ClearPageMlocked(page);
		mod_zone_page_state(page_zone(page), NR_MLOCK, -1);
	}
	spin_unlock(&lruvec->lock);
}

/* ---- anonymous pages ----------------------------------------------------- */

static __always_inline void add_new_anon(struct page *page,
					 struct vm_area_struct *vma,
					 unsigned long addr, bool huge)
{
	long nr = huge ? HPAGE_PMD_NR : 1;
	struct zone *zone = page_zone(page);
	struct lruvec *lruvec = node_lruvec(zone->zone_pgdat);

	VM_BUG_ON(addr < vma->vm_start || addr >= vma->vm_end);
	VM_BUG_ON_PAGE(page_mapped(page) || page_ref_count(page) != 1, page);
	atomic_set(&page->_mapcount, 0);
	page->mapping = (struct address_space *)((unsigned long)vma->anon_vma |
						 PAGE_MAPPING_ANON);
	page->index = linear_page_index(vma, addr);
	page->flags |= (1UL << PG_swapbacked) | (1UL << PG_uptodate) |
		       (1UL << PG_lru);
	__mod_node_page_state(zone->zone_pgdat, NR_ANON_MAPPED, nr);
	if (huge)
		__mod_node_page_state(zone->zone_pgdat, NR_ANON_THPS, nr);
	spin_lock(&lruvec->lock);
	update_lru_size(page, LRU_INACTIVE_ANON, nr);
	list_add(&page->lru, &lruvec->lists[LRU_INACTIVE_ANON]);
	spin_unlock(&lruvec->lock);
	if (unlikely(vma->vm_flags & VM_LOCKED) && !huge)
		mlock_page(page);
}

/*
 * The hot one: a fresh page of a fault. Nobody else can see it before the
 * PTE is set or the list's lock dropped, so plain stores do. No interrupt
 * handler touches these counters, so interrupts may stay on.
 */
void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr)
{
	add_new_anon(page, vma, addr, false);
}

void page_add_new_huge_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr)
{
	add_new_anon(page, vma, addr, true);
}
