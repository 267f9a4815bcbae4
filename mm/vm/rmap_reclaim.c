// SPDX-License-Identifier: MIT
/*
 * What reclaim asks the reverse map: was this page used since you were asked
 * last, and can all entries that show it be taken away?
 *
 *	page_referenced()   young -> old in each entry; the next use faults,
 *	                    or the hardware makes it young again
 *	try_to_unmap()      page table entry                becomes
 *	                    of a file or shared memory      nothing
 *	                    anonymous, has a slot in swap   a swap entry
 *	                    anonymous, MADV_FREE, clean     nothing
 *	                    MADV_FREE, but written since    is left, and the page
 *	                                                    is wanted again
 *
 * Locks: see rmap.c; the page lock is held for try_to_unmap() and, for pages
 * of files, for page_referenced(). Callers: vmscan.c.
 */
#include <base/bug.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap.h>

/* ---- references ---------------------------------------------------------- */

struct referenced {
	int count;
	vm_flags_t flags; /* of the VMAs that referred to it */
};

static bool referenced_one(struct page *page, struct vm_area_struct *vma,
			   unsigned long addr, pte_t *pte, void *arg)
{
	struct referenced *r = arg;
	bool young;

	if (vma->vm_flags & VM_LOCKED) {
		r->flags |= VM_LOCKED;
		return false;
	}
	/*
	 * TLBs may know the entry as young for a tick or two: they are not
	 * told, which would cost more than the answer is worth.
	 */
	young = pte ? ptep_test_and_clear_young(pte) :
		      huge_pmd_clear_young(page, vma, addr);
	/* Read ahead of a sequential reader is no sign of further use. */
	if (young && !(vma->vm_flags & VM_SEQ_READ)) {
		r->count++;
		r->flags |= vma->vm_flags;
	}
	return true;
}

int page_referenced(struct page *page, bool locked, vm_flags_t *flags)
{
	struct referenced r = { 0 };
	struct rmap_walk w = { .fn = referenced_one,
			       .arg = &r,
			       .try_lock = true };
	bool lock = !locked && !PageAnon(page), walked;

	*flags = 0;
	if (!page_mapped(page))
		return 0;
	if (lock && !trylock_page(page))
		return 1;
	walked = rmap_walk(page, &w);
	if (lock)
		unlock_page(page);
	*flags = r.flags;
	return walked ? r.count : -1;
}

/* ---- unmapping ----------------------------------------------------------- */

/*
 * TLBs are told once for many pages: each time, all CPUs have to stop for it
 * (QEMU's do in truth). Until then the page is locked, so that no fault finds
 * it; but a page that is not wanted any more may find a successor at once.
 */
static void forget_later(const struct page *page, struct mm_struct *mm,
			 unsigned long addr)
{
	if (PageAnon(page) && !PageSwapBacked(page)) {
		flush_tlb_page(&mm->arch, addr);
	} else {
		smp_wmb(); /* who counts it flushes: the entry is empty by then */
		atomic_inc(&mm->tlb_unmapped);
	}
}

void flush_tlb_batched_pending(struct mm_struct *mm)
{
	int unmapped = atomic_read(&mm->tlb_unmapped);

	if (likely(unmapped == READ_ONCE(mm->tlb_flushed)))
		return;
	flush_tlb_mm(&mm->arch);
	WRITE_ONCE(mm->tlb_flushed, unmapped);
}

/* The entry has been cleared. => false: it must be put back */
static bool unmap_anon(struct page *page, struct vm_area_struct *vma,
		       pte_t *ptep, pte_t old)
{
	if (PageSwapCache(page)) {
		if (pte_dirty(old))
			SetPageDirty(page);
		return !swap_out_pte(vma, ptep, page);
	}
	if (PageSwapBacked(page))
		return false;
	/* Who holds it, reclaim aside, may be about to write. */
	if (pte_dirty(old) || PageDirty(page) ||
	    page_ref_count(page) != page_mapcount(page) + 1) {
		SetPageSwapBacked(page);
		return false;
	}
	add_mm_counter(vma->vm_mm, MM_ANONPAGES, -1);
	pt_dec(ptep);
	return true;
}

static bool unmap_file(struct page *page, struct vm_area_struct *vma,
		       pte_t *ptep, pte_t old)
{
	if (pte_dirty(old))
		set_page_dirty(page);
	add_mm_counter(vma->vm_mm, mm_counter_file(page), -1);
	pt_dec(ptep);
	return true;
}

static bool unmap_one(struct page *page, struct vm_area_struct *vma,
		      unsigned long addr, pte_t *ptep, void *arg)
{
	pte_t old;

	(void)arg;
	if (vma->vm_flags & VM_LOCKED || WARN_ON_ONCE(!ptep))
		return false;
	old = ptep_get_and_clear(ptep);
	forget_later(page, vma->vm_mm, addr);
	update_hiwater_rss(vma->vm_mm);
	if (PageAnon(page) ? !unmap_anon(page, vma, ptep, old) :
			     !unmap_file(page, vma, ptep, old)) {
		set_pte(ptep, old);
		return false;
	}
	page_remove_rmap(page);
	put_page(page);
	return true;
}

void try_to_unmap(struct page *page)
{
	struct rmap_walk w = { .fn = unmap_one };

	VM_BUG_ON_PAGE(!PageLocked(page) || PageCompound(page), page);
	rmap_walk(page, &w);
}
