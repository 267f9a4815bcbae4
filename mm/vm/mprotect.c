// SPDX-License-Identifier: MIT
/*
 * mprotect: new rights for a range, VMA by VMA.
 *
 *	VMA      flags change: merge with a neighbour or split (mmap.c)
 *	promise  a private mapping that becomes writable is charged
 *	PTEs     get the new rights at once, or where that is not sure (a page
 *	         that may be shared) less: the write fault then finds out
 *
 * A failure in the middle leaves the VMAs before it changed, as in Linux.
 *
 * Lock: mmap_lock for writing; page table locks for the entries.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>

/* ---- page tables --------------------------------------------------------- */

/* May this PTE be writable at once, without a fault to notice it? */
static bool can_write_now(const struct vm_area_struct *vma, pte_t pte)
{
	struct page *page;

	if (!(vma->vm_flags & VM_WRITE) || pte_protnone(pte))
		return false;
	if (vma->vm_flags & VM_SHARED)
		return pte_dirty(pte);
	page = vm_normal_page(pte);
	return page && PageAnon(page) && anon_page_is_ours(page);
}

pte_t new_rights(struct vm_area_struct *vma, pte_t old)
{
	pte_t pte = pte_modify(old, vma->vm_page_prot);
	struct page *page = vm_normal_page(pte);

	if (!pte_write(pte) && can_write_now(vma, pte))
		pte = pte_mkwrite(pte);
	if (page && pte_exec(pte) && !pte_exec(old))
		sync_exec_page(page);
	return pte;
}

void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr = start, first = end, last = start;

	if (unlikely(is_vm_hugetlb_page(vma))) {
		hugetlb_change_protection(vma, start, end);
		return;
	}
	while (addr < end) {
		unsigned long next;
		spinlock_t *ptl;
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(mm->pgd, addr, end, &pte, &pmd);
		if (addr >= end)
			break;
		next = pmd_addr_end(addr, end);
		if (unlikely(!pte)) {
			if (change_huge_pmd(vma, pmd, addr))
				addr = next;
			continue;
		}
		ptl = pte_lockptr(pmd);
		spin_lock(ptl);
		for (; addr != next; pte++, addr += PAGE_SIZE) {
			pte_t old = ptep_get(pte), new;

			if (!pte_present(old))
				continue;
			new = new_rights(vma, old);
			if (pte_same(old, new))
				continue;
			set_pte(pte, new);
			first = min(first, addr);
			last = addr + PAGE_SIZE;
		}
		spin_unlock(ptl);
	}
	if (first < last)
		flush_tlb_range(&mm->arch, first, last);
	flush_tlb_batched_pending(mm);
}

/* ---- VMAs ---------------------------------------------------------------- */

/* *vmap holds [start, end). => 0; *vmap is then the VMA that holds it */
static int mprotect_fixup(struct mm_struct *mm, struct vm_area_struct **vmap,
			  unsigned long start, unsigned long end,
			  vm_flags_t flags)
{
	vm_flags_t old = (*vmap)->vm_flags;
	unsigned long pages = (end - start) >> PAGE_SHIFT, charged = 0;
	int err;

	if (flags == old)
		return 0;
	if (flags & VM_WRITE) {
		/* Only the class may change: then the limits of the new one. */
		if (!may_expand_vm(mm, flags, pages) &&
		    may_expand_vm(mm, old, pages))
			return -ENOMEM;
		if (!(old & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED |
			     VM_NORESERVE))) {
			if (vm_enough_memory(mm, pages))
				return -ENOMEM;
			charged = pages;
			flags |= VM_ACCOUNT;
		}
	}
	err = vma_modify_flags(mm, vmap, start, end, flags);
	if (err) {
		vm_unacct_memory(charged);
		return err;
	}
	change_protection(*vmap, start, end);
	/* Locked pages of our own become so now, not with a fault later. */
	if ((old & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED &&
	    (flags & VM_WRITE))
		populate_vma(*vmap, start, end);
	vm_stat_account(mm, old, -(long)pages);
	vm_stat_account(mm, flags, (long)pages);
	return 0;
}

/* Rights asked for beyond what the mapping may ever have? */
static bool beyond_may(vm_flags_t flags)
{
	return flags & ~(flags >> 4) & VM_ACCESS_FLAGS;
}

/* The range to change may begin at the start of a growing stack. */
static int grows_start(const struct vm_area_struct *vma, unsigned long *start,
		       unsigned long end, unsigned long grows)
{
	if (!(grows & PROT_GROWSDOWN)) {
		if (vma->vm_start > *start)
			return -ENOMEM;
		return grows ? -EINVAL : 0; /* nothing here grows up */
	}
	if (vma->vm_start >= end)
		return -ENOMEM;
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = vma->vm_start;
	return 0;
}

static int mprotect_range(struct mm_struct *mm, unsigned long start,
			  unsigned long end, unsigned long prot,
			  unsigned long grows)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long addr;
	int err;

	if (!vma)
		return -ENOMEM;
	err = grows_start(vma, &start, end, grows);
	for (addr = start; !err; vma = vma->vm_next) {
		unsigned long to = min(vma->vm_end, end);
		vm_flags_t flags = (vma->vm_flags & ~VM_ACCESS_FLAGS) | prot;

		if (beyond_may(flags))
			return -EACCES;
		err = mprotect_fixup(mm, &vma, addr, to, flags);
		if (err)
			break;
		addr = max(to, vma->vm_end);
		if (addr >= end)
			break;
		if (!vma->vm_next || vma->vm_next->vm_start != addr)
			return -ENOMEM;
	}
	return err;
}

int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long prot)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP), end;
	int err;

	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	prot &= ~grows;
	if (offset_in_page(start))
		return -EINVAL;
	if (!len)
		return 0;
	end = start + PAGE_ALIGN(len);
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	prot &= ~PROT_SEM;

	down_write(&mm->mmap_lock);
	err = mprotect_range(mm, start, end, prot, grows);
	up_write(&mm->mmap_lock);
	return err;
}
