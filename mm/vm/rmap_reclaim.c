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
	bool *ok = arg, gone = false;
	pte_t old;

	if (!(vma->vm_flags & VM_LOCKED) && !WARN_ON_ONCE(!ptep)) {
		old = ptep_get_and_clear(ptep);
		flush_tlb_page(&vma->vm_mm->arch, addr);
		update_hiwater_rss(vma->vm_mm);
		gone = PageAnon(page) ? unmap_anon(page, vma, ptep, old) :
					unmap_file(page, vma, ptep, old);
		if (!gone)
			set_pte(ptep, old);
	}
	if (!gone) {
		*ok = false;
		return false;
	}
	page_remove_rmap(page);
	put_page(page);
	return true;
}

bool try_to_unmap(struct page *page)
{
	bool ok = true;
	struct rmap_walk w = { .fn = unmap_one, .arg = &ok };

	VM_BUG_ON_PAGE(!PageLocked(page) || PageCompound(page), page);
	rmap_walk(page, &w);
	return ok && !page_mapped(page);
}
