// SPDX-License-Identifier: MIT
/*
 * Which pages could be reclaimed, in numbers.
 *
 *	anonymous, shared memory (PG_swapbacked)  -> inactive_anon
 *	other page cache                          -> inactive_file
 *
 * PG_lru says that a page is counted here. It is set once, when the page
 * gets its first user, and cleared when its last reference goes: put_page()
 * then calls lru_release_page() through the allocator's reclaim_ops.
 *
 * A page that a locked VMA maps is unevictable (PG_mlocked); mlock_count says
 * how many do, under mlock_lock. Huge pages are split before they are locked.
 *
 * Node and zone counters change together, with interrupts off.
 */
#include <asm/irqflags.h>
#include <mm/vm/internal.h>

static DEFINE_SPINLOCK(mlock_lock);

/* delta in pages */
static void count_lru(struct page *page, long delta)
{
	bool anon = PageSwapBacked(page), stays = PageUnevictable(page);
	unsigned long flags;

	local_irq_save(flags);
	__mod_node_page_state(page_pgdat(page),
			      stays ? NR_UNEVICTABLE :
			      anon  ? NR_INACTIVE_ANON :
				      NR_INACTIVE_FILE,
			      delta);
	__mod_zone_page_state(page_zone(page),
			      stays ? NR_ZONE_UNEVICTABLE :
			      anon  ? NR_ZONE_INACTIVE_ANON :
				      NR_ZONE_INACTIVE_FILE,
			      delta);
	local_irq_restore(flags);
}

void mlock_page(struct page *page)
{
	spin_lock(&mlock_lock);
	if (PageMlocked(page)) {
		page->mlock_count++;
	} else {
		count_lru(page, -1);
		SetPageMlocked(page);
		SetPageUnevictable(page);
		page->mlock_count = 1;
		count_lru(page, 1);
		mod_zone_page_state(page_zone(page), NR_MLOCK, 1);
	}
	spin_unlock(&mlock_lock);
}

void munlock_page(struct page *page, bool all)
{
	spin_lock(&mlock_lock);
	if (PageMlocked(page) && (all || !--page->mlock_count)) {
		count_lru(page, -1);
		ClearPageMlocked(page);
		ClearPageUnevictable(page);
		count_lru(page, 1);
		mod_zone_page_state(page_zone(page), NR_MLOCK, -1);
	}
	spin_unlock(&mlock_lock);
}

void lru_cache_add(struct page *page)
{
	VM_BUG_ON_PAGE(PageLRU(page), page);
	SetPageLRU(page);
	count_lru(page, 1);
}

void lru_release_page(struct page *page)
{
	VM_BUG_ON_PAGE(page_ref_count(page) != 0, page);
	VM_BUG_ON_PAGE(page_mapped(page), page);
	VM_BUG_ON_PAGE(!PageAnon(page) && page->mapping, page);
	if (unlikely(PageMlocked(page)))
		munlock_page(page, true);
	__ClearPageLRU(page);
	count_lru(page, -(long)compound_nr(page));
	page->mapping = NULL;
}

static __always_inline void add_new_anon(struct page *page,
					 struct vm_area_struct *vma,
					 unsigned long addr, bool huge)
{
	long nr = huge ? HPAGE_PMD_NR : 1;
	struct zone *zone = page_zone(page);
	unsigned long flags;

	VM_BUG_ON(addr < vma->vm_start || addr >= vma->vm_end);
	VM_BUG_ON_PAGE(page_mapped(page) || page_ref_count(page) != 1, page);
	atomic_set(&page->_mapcount, 0);
	page->mapping = (struct address_space *)((unsigned long)vma->anon_vma |
						 PAGE_MAPPING_ANON);
	page->index = linear_page_index(vma, addr);
	page->flags |= (1UL << PG_swapbacked) | (1UL << PG_uptodate) |
		       (1UL << PG_lru);
	local_irq_save(flags);
	__mod_node_page_state(zone->zone_pgdat, NR_ANON_MAPPED, nr);
	__mod_node_page_state(zone->zone_pgdat, NR_INACTIVE_ANON, nr);
	__mod_zone_page_state(zone, NR_ZONE_INACTIVE_ANON, nr);
	if (huge)
		__mod_node_page_state(zone->zone_pgdat, NR_ANON_THPS, nr);
	local_irq_restore(flags);
	if (unlikely(vma->vm_flags & VM_LOCKED) && !huge)
		mlock_page(page);
}

/*
 * The hot one: a fresh page of a fault. Nobody else can see it before the
 * PTE is set, so plain stores do; one stretch without interrupts counts all.
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

void lru_forget_anon(unsigned int zone_id, long unmapped, long freed)
{
	struct zone *zone = zone_table[zone_id];
	unsigned long flags;

	local_irq_save(flags);
	__mod_node_page_state(zone->zone_pgdat, NR_ANON_MAPPED, -unmapped);
	__mod_node_page_state(zone->zone_pgdat, NR_INACTIVE_ANON, -freed);
	__mod_zone_page_state(zone, NR_ZONE_INACTIVE_ANON, -freed);
	local_irq_restore(flags);
}
