// SPDX-License-Identifier: MIT
/*
 * Memory that exec lays out: the stack, which grows by itself, and pages the
 * kernel lends to a program (the vDSO).
 *
 *	mmap area ...]  gap >= stack_guard_gap  [stack VMA      ] STACK_TOP
 *	                                       <- grows on a fault below it
 *
 * A fault below the stack VMA extends it down to the fault if the limits
 * allow and at least stack_guard_gap (1 MiB) stays free below: so a runaway
 * stack hits nothing, and a large frame does not jump into another mapping.
 *
 * Lock: mmap_lock for writing.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>

/* ---- the stack ----------------------------------------------------------- */

static bool guard_gap_left(const struct vm_area_struct *vma, unsigned long addr)
{
	const struct vm_area_struct *prev = vma->vm_prev;

	if (!prev)
		return true;
	if (addr < prev->vm_end)
		return false;
	/* Another stack, or memory nobody can touch, needs no distance. */
	if ((prev->vm_flags & VM_GROWSDOWN) ||
	    !(prev->vm_flags & VM_ACCESS_FLAGS))
		return true;
	return addr - prev->vm_end >= stack_guard_gap;
}

int expand_stack(struct vm_area_struct *vma, unsigned long addr)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long grow, size;

	addr &= PAGE_MASK;
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return -EFAULT;
	if (addr < lowest_address())
		return -EPERM;
	if (addr >= vma->vm_start)
		return 0;
	if (!guard_gap_left(vma, addr))
		return -ENOMEM;
	size = vma->vm_end - addr;
	grow = (vma->vm_start - addr) >> PAGE_SHIFT;
	if (grow > vma->vm_pgoff || size > mm->rlim_stack)
		return -ENOMEM;
	if (!may_expand_vm(mm, vma->vm_flags, grow) ||
	    mlock_future_check(mm, vma->vm_flags, grow << PAGE_SHIFT))
		return -ENOMEM;
	if ((vma->vm_flags & VM_ACCOUNT) && vm_enough_memory(mm, grow))
		return -ENOMEM;

	rmap_lock(vma->vm_mapping, vma->anon_vma);
	__vma_rmap_remove(vma);
	vma_set_range(vma, addr, vma->vm_end, vma->vm_pgoff - grow);
	__vma_rmap_insert(vma);
	rmap_unlock(vma->vm_mapping, vma->anon_vma);
	vm_stat_account(mm, vma->vm_flags, (long)grow);
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm += grow;
	return 0;
}

/* Link a fresh VMA at a free place. => 0, or -ENOMEM and vma is freed */
static int insert_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev;

	if (!find_vma_links(mm, vma->vm_start, vma->vm_end, &prev)) {
		vm_area_free(vma);
		return -ENOMEM;
	}
	vma_set_page_prot(vma);
	__vma_link(mm, vma, prev);
	vm_stat_account(mm, vma->vm_flags, (long)vma_pages(vma));
	return 0;
}

/* What Linux gives a fresh stack below its top (128 KiB, less if limited). */
#define STACK_EXPAND (128UL << 10)

int mm_setup_stack(struct mm_struct *mm, unsigned long stack_top)
{
	struct vm_area_struct *vma;
	unsigned long size = min(STACK_EXPAND, mm->rlim_stack & PAGE_MASK);
	int err = -ENOMEM;

	size = max(size, PAGE_SIZE) + PAGE_SIZE;
	if (!PAGE_ALIGNED(stack_top) || stack_top > STACK_TOP ||
	    stack_top < size)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (vm_enough_memory(mm, size >> PAGE_SHIFT))
		goto unlock;
	vma = vm_area_alloc(mm);
	if (!vma)
		goto uncharge;
	vma->vm_start = stack_top - size;
	vma->vm_end = stack_top;
	vma->vm_flags = VM_STACK_FLAGS | mm->def_flags;
	vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	err = insert_vma(mm, vma);
	if (err)
		goto uncharge;
	mm->start_stack = stack_top;
	goto unlock;

uncharge:
	vm_unacct_memory(size >> PAGE_SHIFT);
unlock:
	up_write(&mm->mmap_lock);
	return err;
}

int mm_stack_exec(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int err = -EFAULT;

	down_write(&mm->mmap_lock);
	vma = find_vma(mm, mm->start_stack - 1);
	if (vma && (vma->vm_flags & VM_GROWSDOWN)) {
		err = vma_modify_flags(mm, &vma, vma->vm_start, vma->vm_end,
				       vma->vm_flags | VM_EXEC);
		if (!err)
			change_protection(vma, vma->vm_start, vma->vm_end);
	}
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- special mappings ---------------------------------------------------- */

static const char *special_name(struct vm_area_struct *vma)
{
	return ((const struct special_mapping *)vma->vm_private_data)->name;
}

/* A page that counts for nobody: it is shown as a bare page frame. */
static vm_fault_t insert_pfn(struct vm_fault *vmf, const struct page *page)
{
	pte_t pte = pfn_pte(page_to_pfn(page), vmf->vma->vm_page_prot);

	vmf->ptl = pte_lockptr(vmf->pmd);
	spin_lock(vmf->ptl);
	if (pte_none(ptep_get(vmf->pte))) {
		set_pte(vmf->pte, pte_mkspecial(pte));
		pt_inc(vmf->pte);
	}
	spin_unlock(vmf->ptl);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t special_fault(struct vm_fault *vmf)
{
	const struct special_mapping *sm = vmf->vma->vm_private_data;

	if (vmf->pgoff >= sm->nr)
		return VM_FAULT_SIGBUS;
	vmf->page = sm->pages[vmf->pgoff];
	if (vmf->vma->vm_flags & VM_PFNMAP)
		return insert_pfn(vmf, vmf->page);
	get_page(vmf->page);
	lock_page(vmf->page);
	return VM_FAULT_LOCKED;
}

static const struct vm_operations_struct special_mapping_vm_ops = {
	.fault = special_fault,
	.name = special_name,
};

int install_special_mapping(struct mm_struct *mm, unsigned long addr,
			    vm_flags_t flags, struct special_mapping *sm)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);

	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + (sm->nr << PAGE_SHIFT);
	vma->vm_flags = flags | mm->def_flags | VM_DONTEXPAND;
	vma->vm_ops = &special_mapping_vm_ops;
	vma->vm_private_data = sm;
	return insert_vma(mm, vma);
}
