// SPDX-License-Identifier: MIT
/*
 * The way back: a fault finds a swap entry where a page should be.
 *
 *	in the swap cache    the page is mapped again, nothing is read
 *	not there            read in, neighbours with it; a major fault
 *	not to be read       SIGBUS, for this process alone
 *
 * The slot loses this PTE's reference. While swap is half empty the page also
 * keeps its slot, in the cache: if it is not written to, it can be dropped
 * again for nothing. A write by the only user gives the slot up.
 *
 * Locks: mmap_lock for reading (the caller), the page's lock, then the table's.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>
#include <sched/sched.h>

/* The slot is locked and unchanged, page is ours to map: the last steps. */
static vm_fault_t map_swapped(struct vm_fault *vmf, struct page *page)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t pte = pfn_pte(page_to_pfn(page), vma->vm_page_prot);
	bool write = vmf->flags & FAULT_FLAG_WRITE;

	page_add_anon_rmap(page, vma, vmf->address);
	swap_free(pte_to_swp_entry(vmf->orig_pte));
	add_mm_counter(vma->vm_mm, MM_SWAPENTS, -1);
	add_mm_counter(vma->vm_mm, MM_ANONPAGES, 1);
	if (vma->vm_flags & VM_EXEC)
		sync_exec_page(page);
	if (unlikely(vma->vm_flags & VM_LOCKED))
		mlock_page(page);
	if (write && (vma->vm_flags & VM_WRITE) && reuse_swap_page(page)) {
		pte = pte_mkwrite(pte_mkdirty(pte));
		write = false;
	} else if (vm_swap_full() || (vma->vm_flags & VM_LOCKED)) {
		try_to_free_swap(page);
	}
	set_pte(vmf->pte, pte);
	unlock_page(page);
	if (write) { /* shared: a copy */
		vmf->orig_pte = pte;
		return do_wp_page(vmf);
	}
	spin_unlock(vmf->ptl);
	return 0;
}

vm_fault_t do_swap_page(struct vm_fault *vmf)
{
	swp_entry_t entry = pte_to_swp_entry(vmf->orig_pte);
	struct page *page = lookup_swap_cache(entry);
	vm_fault_t ret = 0;

	if (!page)
		return VM_FAULT_SIGBUS;
	lock_page(page);
	if (PageSwapCache(page) && page_private(page) == entry.val) {
		if (!PageUptodate(page)) {
			ret = VM_FAULT_SIGBUS;
		} else {
			vmf->ptl = pte_lockptr(vmf->pmd);
			spin_lock(vmf->ptl);
			if (pte_same(ptep_get(vmf->pte), vmf->orig_pte))
				return map_swapped(vmf, page);
			spin_unlock(vmf->ptl);
		}
	}
	unlock_page(page);
	put_page(page);
	return ret;
}

/* ---- whole ranges -------------------------------------------------------- */

static int swap_in_slot(struct vm_area_struct *vma, unsigned long addr,
			const pte_t *ptep, unsigned int type)
{
	pte_t pte = ptep_get(ptep);
	vm_fault_t ret;

	if (!is_swap_pte(pte) ||
	    (type != ANY_AREA && pte_swp_type(pte) != type))
		return 0;
	ret = handle_mm_fault(vma, addr, FAULT_FLAG_REMOTE);
	if (ret & VM_FAULT_ERROR)
		return ret & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
	return 0;
}

int swap_in_range(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, unsigned int type)
{
	int err = 0;

	while (start < end && !err) {
		unsigned long next;
		pmd_t *pmd;
		pte_t *pte;

		start = pte_walk_next(vma->vm_mm->pgd, start, end, &pte, &pmd);
		if (start >= end)
			break;
		next = pmd_addr_end(start, end);
		for (; pte && start != next && !err; pte++, start += PAGE_SIZE)
			err = swap_in_slot(vma, start, pte, type);
		start = pte || err ? start : next;
		cond_resched();
	}
	return err;
}
