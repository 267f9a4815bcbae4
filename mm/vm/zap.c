// SPDX-License-Identifier: MIT
/*
 * Taking page tables down: clear entries, flush the TLB, free pages; and the
 * slow path that builds tables up.
 *
 *	PTEs      [p][p][ ][z][p]   cleared under each table's lock
 *	            |  |        |
 *	gather      +--+--------+   anonymous pages with no other user: a list
 *	                            all others: a small array of references
 *	            flush           one TLBI for the whole range
 *	            free            in one go to this CPU's page list
 *
 * Why in this order: between clearing and flushing, another CPU may still
 * write through its TLB; the page must not belong to anyone else by then.
 *
 * Counters (rss, NR_ANON_MAPPED, LRU) are summed up in the gather and
 * applied once. Tables are freed only after the VMAs left the reverse map,
 * and only where no neighbour's VMA shares a table: free_pgtables() gets the
 * whole hole between the neighbours.
 *
 * Locks: page table locks, taken here. Callers: munmap, exit, madvise,
 * truncate (which holds no mmap_lock but i_mmap_rwsem).
 */
#include <base/bug.h>
#include <mm/vm/internal.h>

/* ---- the gather ---------------------------------------------------------- */

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm)
{
	tlb->mm = mm;
	tlb->start = ULONG_MAX;
	tlb->end = 0;
	tlb->fullmm = fullmm;
	tlb->nr = 0;
	tlb->zone_id = 0;
	tlb->anon_unmapped = 0;
	tlb->file_unmapped = 0;
	tlb->anon_freed[0] = tlb->anon_freed[1] = 0;
	tlb->lruvec = NULL;
	for (int c = 0; c < NR_MM_COUNTERS; c++)
		tlb->rss[c] = 0;
	INIT_LIST_HEAD(&tlb->free);
}

static void flush_counts(struct mmu_gather *tlb)
{
	struct zone *zone = zone_table[tlb->zone_id];

	__mod_node_page_state(zone->zone_pgdat, NR_ANON_MAPPED,
			      -tlb->anon_unmapped);
	__mod_node_page_state(zone->zone_pgdat, NR_FILE_MAPPED,
			      -tlb->file_unmapped);
	for (int i = 0; i < 2; i++) {
		__mod_node_page_state(zone->zone_pgdat, NR_INACTIVE_ANON + i,
				      -tlb->anon_freed[i]);
		__mod_zone_page_state(zone, NR_ZONE_INACTIVE_ANON + i,
				      -tlb->anon_freed[i]);
		tlb->anon_freed[i] = 0;
	}
	tlb->anon_unmapped = 0;
	tlb->file_unmapped = 0;
}

/*
 * Pages come off the LRU lists while the table is gone through; the lists'
 * lock is kept from the first such page until something else wants it.
 */
static inline void lru_lock(struct mmu_gather *tlb, struct page *page)
{
	if (unlikely(!tlb->lruvec)) {
		tlb->lruvec = page_lruvec(page);
		spin_lock(&tlb->lruvec->lock);
	}
}

static inline void lru_unlock(struct mmu_gather *tlb)
{
	if (tlb->lruvec) {
		spin_unlock(&tlb->lruvec->lock);
		tlb->lruvec = NULL;
	}
}

static inline void put_mapped(struct page *page)
{
	if (unlikely(PageSwapCache(page)))
		free_swap_cache(page);
	put_page(page);
}

/* Flush, then let go of the pages. Interrupts and locks as they are. */
static void tlb_flush(struct mmu_gather *tlb)
{
	lru_unlock(tlb);
	if (tlb->start < tlb->end && !tlb->fullmm)
		flush_tlb_range(&tlb->mm->arch, tlb->start, tlb->end);
	tlb->start = ULONG_MAX;
	tlb->end = 0;
	if (!list_empty(&tlb->free))
		free_unref_page_list(&tlb->free);
	for (unsigned int i = 0; i < tlb->nr; i++)
		put_mapped(tlb->pages[i]);
	tlb->nr = 0;
}

void tlb_finish_mmu(struct mmu_gather *tlb)
{
	tlb_flush(tlb);
	if (!tlb->fullmm)
		flush_tlb_batched_pending(tlb->mm);
	if (tlb->anon_unmapped | tlb->file_unmapped)
		flush_counts(tlb);
	for (int c = 0; c < NR_MM_COUNTERS; c++)
		if (tlb->rss[c])
			add_mm_counter(tlb->mm, c, -tlb->rss[c]);
}

/* The mapping's reference goes, when no TLB can remember the mapping. */
static inline void put_later(struct mmu_gather *tlb, struct page *page)
{
	if (tlb->fullmm) {
		lru_unlock(tlb);
		put_mapped(page);
	} else {
		tlb->pages[tlb->nr++] = page;
	}
}

/* An anonymous page nobody refers to any more goes from its list to ours. */
static inline void gather_freed(struct mmu_gather *tlb, struct page *page)
{
	if (unlikely(PageMlocked(page))) {
		lru_unlock(tlb);
		munlock_page(page, true);
	}
	lru_lock(tlb, page);
	if (likely(PageSwapBacked(page)))
		tlb->anon_freed[PageActive(page)]++;
	else
		update_lru_size(page, page_lru(page), -1);
	list_move(&page->lru, &tlb->free);
	page->flags &= ~((1UL << PG_lru) | (1UL << PG_dirty) |
			 (1UL << PG_active) | (1UL << PG_referenced));
	page->mapping = NULL;
}

/* The mapping of an anonymous page is gone; free the page if we had it all. */
static inline void gather_anon(struct mmu_gather *tlb, struct page *page)
{
	tlb->rss[MM_ANONPAGES]++;
	if (atomic_add_negative(-1, &page->_mapcount)) {
		tlb->anon_unmapped++;
		if (page_ref_freeze(page, 1)) {
			gather_freed(tlb, page);
			return;
		}
	}
	put_later(tlb, page);
}

static inline void gather_file(struct mmu_gather *tlb, struct page *page,
			       pte_t pte)
{
	if (pte_dirty(pte)) {
		lru_unlock(tlb);
		set_page_dirty(page);
	}
	/* Used while it was mapped: that counts as a read(2). */
	if (pte_young(pte) && !PageActive(page)) {
		lru_unlock(tlb);
		mark_page_accessed(page);
	}
	tlb->rss[mm_counter_file(page)]++;
	if (atomic_add_negative(-1, &page->_mapcount))
		tlb->file_unmapped++;
	put_later(tlb, page);
}

static inline void gather_page(struct mmu_gather *tlb, struct page *page,
			       pte_t pte)
{
	VM_BUG_ON_PAGE(!page_mapped(page), page);
	if (unlikely(page_zone_id(page) != tlb->zone_id)) {
		lru_unlock(tlb);
		flush_counts(tlb);
		tlb->zone_id = page_zone_id(page);
	}
	if (PageAnon(page))
		gather_anon(tlb, page);
	else
		gather_file(tlb, page, pte);
}

/* ---- clearing PTEs ------------------------------------------------------- */

static void zap_pte_range(struct mmu_gather *tlb, pmd_t *pmd, pte_t *pte,
			  unsigned long addr, unsigned long end, bool even_cows)
{
	spinlock_t *ptl = pte_lockptr(pmd);
	unsigned long cleared = 0, first = end, last = 0;
	pte_t *table = pte;
	unsigned long left; /* entries in use: behind the last, nothing is */

	spin_lock(ptl);
	left = pt_live(table);
	for (; left && addr != end; pte++, addr += PAGE_SIZE) {
		pte_t e = ptep_get(pte);
		struct page *page;

		if (pte_none(e))
			continue;
		left--;
		if (unlikely(!pte_present(e))) {
			if (!even_cows)
				continue;
			ptep_get_and_clear(pte);
			cleared++;
			tlb->rss[MM_SWAPENTS] += swap_pte_count(e);
			lru_unlock(tlb);
			free_swap_and_cache(pte_to_swp_entry(e));
			continue;
		}
		page = vm_normal_page(e);
		if (!even_cows && page && PageAnon(page))
			continue;
		ptep_get_and_clear(pte);
		cleared++;
		first = min(first, addr);
		last = addr;
		if (!page)
			continue;
		gather_page(tlb, page, e);
		if (unlikely(tlb->nr == GATHER_PAGES)) {
			tlb->start = min(tlb->start, first);
			tlb->end = max(tlb->end, last + PAGE_SIZE);
			tlb_flush(tlb);
		}
	}
	if (cleared) {
		VM_BUG_ON(pt_live(table) < cleared);
		pt_add(table, -cleared);
		tlb->start = min(tlb->start, first);
		tlb->end = max(tlb->end, last + PAGE_SIZE);
	}
	lru_unlock(tlb);
	spin_unlock(ptl);
}

void zap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		    unsigned long start, unsigned long end, bool even_cows)
{
	pgd_t *pgd = vma->vm_mm->pgd;

	VM_BUG_ON(start < vma->vm_start || end > vma->vm_end || start > end);
	if (unlikely(vma->vm_flags & VM_LOCKED))
		mlock_pages(vma, start, end, false, even_cows);
	while (start < end) {
		unsigned long next;
		pmd_t *pmd;
		pte_t *pte = pte_walk(pgd, start, &pmd);

		if (!pte) {
			start = pte_walk_next(pgd, start, end, &pte, &pmd);
			if (start >= end)
				return;
			if (is_vm_hugetlb_page(vma)) {
				hugetlb_zap(tlb, vma, start, end);
				return;
			}
			if (!pte) {
				start = zap_huge_pmd(tlb, vma, pmd, start, end);
				continue;
			}
		}
		next = pmd_addr_end(start, end);
		zap_pte_range(tlb, pmd, pte, start, next, even_cows);
		start = next;
	}
}

/* ---- tables -------------------------------------------------------------- */

/* Tables whose whole span is in [floor, ceiling) may go. */
struct table_hole {
	unsigned long floor, ceiling;
	struct list_head freed;
	unsigned long nr;
};

static inline bool spans(const struct table_hole *h, unsigned long va,
			 unsigned long size)
{
	va &= ~(size - 1);
	return va >= h->floor && va + size - 1 <= h->ceiling - 1;
}

/* The table below an entry is empty: cut it off. => mmap_lock write */
static inline void unlink_table(struct table_hole *h, void *entry,
				phys_addr_t table_pa)
{
	struct page *table = phys_to_page(table_pa);

	VM_BUG_ON_PAGE(!PageTable(table) || table->pt_live, table);
	WRITE_ONCE(*(pteval_t *)entry, 0);
	pt_dec(entry);
	list_add(&table->pt_list, &h->freed);
	h->nr++;
}

static void unlink_pte_tables(struct table_hole *h, pud_t *pud,
			      unsigned long va, unsigned long end)
{
	pmd_t *pmd = pmd_offset(pud, va);

	for (; va < end; va = pmd_addr_end(va, end), pmd++)
		if (!pmd_none(*pmd) && spans(h, va, PMD_SIZE))
			unlink_table(h, pmd, pmd_page_pa(*pmd));
}

static void unlink_pmd_tables(struct table_hole *h, pgd_t *pgd,
			      unsigned long va, unsigned long end)
{
	pud_t *pud = pud_offset(pgd, va);
	unsigned long next;

	for (; va < end; va = next, pud++) {
		next = pud_addr_end(va, end);
		if (pud_none(*pud))
			continue;
		unlink_pte_tables(h, pud, va, next);
		if (spans(h, va, PUD_SIZE))
			unlink_table(h, pud, pud_page_pa(*pud));
	}
}

/*
 * Only tables that [start, end) touches can have become empty; going along
 * them keeps this cheap however large the hole around is.
 */
static void unlink_tables(struct table_hole *h, pgd_t *pgd, unsigned long start,
			  unsigned long end)
{
	unsigned long va = start, next;

	for (pgd = pgd_offset(pgd, va); va < end; va = next, pgd++) {
		next = pgd_addr_end(va, end);
		if (pgd_none(*pgd))
			continue;
		unlink_pmd_tables(h, pgd, va, next);
		if (spans(h, va, PGDIR_SIZE))
			unlink_table(h, pgd, pgd_page_pa(*pgd));
	}
}

static void free_tables(struct mm_struct *mm, struct table_hole *h)
{
	user_table_free_list(&h->freed);
	atomic_long_sub((long)(h->nr * PAGE_SIZE), &mm->pgtables_bytes);
}

void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling)
{
	struct table_hole h = { .floor = floor, .ceiling = ceiling };

	INIT_LIST_HEAD(&h.freed);
	unlink_tables(&h, mm->pgd, start, end);
	if (!h.nr)
		return;
	flush_tlb_mm(&mm->arch); /* what walkers remember of tables */
	free_tables(mm, &h);
}

/* Near VMAs go in one step: they share tables. The rest is still above. */
void free_all_pgtables(struct mm_struct *mm)
{
	struct table_hole h = { .floor = 0 };
	struct vm_area_struct *vma = mm->mmap;

	INIT_LIST_HEAD(&h.freed);
	while (vma) {
		unsigned long start = vma->vm_start & PMD_MASK;
		unsigned long end = vma->vm_end;

		for (vma = vma->vm_next; vma && vma->vm_start <= end + PMD_SIZE;
		     vma = vma->vm_next)
			end = vma->vm_end;
		h.ceiling = vma ? vma->vm_start : TASK_SIZE;
		unlink_tables(&h, mm->pgd, start, end);
	}
	free_tables(mm, &h);
}

/* Once per 2 MiB and less. Tables made count even if the rest failed. */
noinline void *mm_entry_alloc(struct mm_struct *mm, unsigned long addr,
			      unsigned long size)
{
	unsigned long made = 0;
	void *entry;

	if (size == PAGE_SIZE)
		entry = pte_alloc_walk(mm->pgd, addr, GFP_KERNEL, &made);
	else if (size == PMD_SIZE)
		entry = pmd_alloc_walk(mm->pgd, addr, GFP_KERNEL, &made);
	else
		entry = pud_alloc_walk(mm->pgd, addr, GFP_KERNEL, &made);
	if (made)
		atomic_long_add((long)(made * PAGE_SIZE), &mm->pgtables_bytes);
	return entry;
}

pmd_t *mm_pmd_alloc(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = pmd_walk(mm->pgd, addr);

	return likely(pmd) ? pmd : mm_entry_alloc(mm, addr, PMD_SIZE);
}

pte_t *mm_pte_alloc(struct mm_struct *mm, unsigned long addr, pmd_t **pmdp)
{
	pte_t *pte = pte_walk(mm->pgd, addr, pmdp);

	if (likely(pte))
		return pte;
	pte = mm_entry_alloc(mm, addr, PAGE_SIZE);
	*pmdp = pmd_walk(mm->pgd, addr); /* without pte: is it a block? */
	return pte;
}
