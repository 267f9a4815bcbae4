// SPDX-License-Identifier: MIT
/*
 * Touching an address space from outside: the kernel reads and writes the
 * memory of an mm that need not be the running one (exec building a stack,
 * /proc/pid/cmdline, populate).
 *
 *	for each page:  slot present with the right?  -- no -->  fault it in
 *	                  | yes
 *	                copy through the linear map, under the slot's lock
 *
 * Under the lock the page cannot leave the slot, so it needs no reference
 * and no pin, and copy-on-write elsewhere sees exact counts. The copy is at
 * most one page.
 *
 * Lock: mmap_lock for reading, taken here.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

/* VM_FAULT_* -> errno, as get_user_pages() has it. */
static int fault_to_errno(vm_fault_t ret)
{
	if (ret & VM_FAULT_OOM)
		return -ENOMEM;
	return ret & (VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV) ? -EFAULT : 0;
}

/* A fault on behalf of the caller: it counts as one of his. => 0, -errno */
static int fault_in(struct vm_area_struct *vma, unsigned long addr,
		    unsigned int flags)
{
	vm_fault_t ret = handle_mm_fault(vma, addr, flags | FAULT_FLAG_REMOTE);

	if (ret & VM_FAULT_ERROR)
		return fault_to_errno(ret);
	if (ret & VM_FAULT_MAJOR)
		current->maj_flt++;
	else
		current->min_flt++;
	return 0;
}

static bool may_access(const struct vm_area_struct *vma, unsigned int foll)
{
	vm_flags_t flags = vma->vm_flags;
	bool force = foll & FOLL_FORCE;

	if (flags & (VM_IO | VM_PFNMAP))
		return false;
	if (foll & FOLL_WRITE && !(flags & VM_WRITE)) /* as Linux: not huge */
		return force && is_cow_mapping(flags) && !(flags & VM_HUGETLB);
	if (foll & FOLL_WRITE)
		return true;
	return flags & (force ? VM_MAYREAD : VM_READ);
}

/* The VMA for addr, the stack grown if need be. mmap_lock for reading. */
static struct vm_area_struct *vma_for_access(struct mm_struct *mm,
					     unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (!vma || vma->vm_start <= addr)
		return vma;
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return NULL;
	up_read(&mm->mmap_lock);
	down_write(&mm->mmap_lock);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start > addr && expand_stack(vma, addr))
		vma = NULL;
	downgrade_write(&mm->mmap_lock);
	return vma;
}

/*
 * May this slot's page be written to? If the mapping itself may not, only by
 * force, and only a page that nobody else sees.
 */
static bool writable_slot(const struct vm_area_struct *vma, pte_t pte)
{
	const struct page *page = vm_normal_page(pte);

	if (vma->vm_flags & VM_WRITE)
		return pte_write(pte) && pte_dirty(pte);
	page = page ? compound_head(page) : NULL;
	return page && PageAnon(page) && anon_page_is_ours(page);
}

/*
 * Copy within one page, if it is there. to_user NULL with from_user NULL
 * clears. => false: fault first
 */
static bool copy_present(struct vm_area_struct *vma, unsigned long addr,
			 void *to, const void *from, size_t n,
			 unsigned int foll)
{
	spinlock_t *ptl;
	bool ok = false;
	pte_t pte = follow_pte(vma->vm_mm, addr, &ptl);
	char *kaddr;

	if (!ptl)
		return false;
	if (!pte_present(pte))
		goto out;
	if ((foll & FOLL_WRITE) && !writable_slot(vma, pte))
		goto out;
	kaddr = (char *)page_address(pfn_to_page(pte_pfn(pte))) +
		offset_in_page(addr);
	if (!(foll & FOLL_WRITE))
		memcpy(to, kaddr, n);
	else if (from)
		memcpy(kaddr, from, n);
	else
		memset(kaddr, 0, n);
	if ((foll & FOLL_WRITE) && (vma->vm_flags & VM_EXEC))
		sync_icache_range((unsigned long)kaddr, n);
	ok = true;
out:
	spin_unlock(ptl);
	return ok;
}

/* One page's part. mmap_lock held. => 0 or -errno */
static int access_page(struct mm_struct *mm, unsigned long addr, void *to,
		       const void *from, size_t n, unsigned int foll)
{
	unsigned int flags = foll & FOLL_WRITE ? FAULT_FLAG_WRITE : 0;

	for (;;) {
		struct vm_area_struct *vma = vma_for_access(mm, addr);
		int err;

		if (!vma || !may_access(vma, foll))
			return -EFAULT;
		if (copy_present(vma, addr, to, from, n, foll))
			return 0;
		err = fault_in(vma, addr, flags);
		if (err)
			return err;
	}
}

static size_t access_range(struct mm_struct *mm, unsigned long addr, void *to,
			   const void *from, size_t len, unsigned int foll)
{
	size_t done = 0;

	if (addr >= TASK_SIZE)
		return 0;
	len = min(len, TASK_SIZE - addr);
	down_read(&mm->mmap_lock);
	while (done < len) {
		size_t n = min(len - done, PAGE_SIZE - offset_in_page(addr));

		if (access_page(mm, addr, to ? (char *)to + done : NULL,
				from ? (const char *)from + done : NULL, n,
				foll))
			break;
		done += n;
		addr += n;
	}
	up_read(&mm->mmap_lock);
	return done;
}

size_t access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
			size_t len, unsigned int foll)
{
	if (foll & FOLL_WRITE)
		return access_range(mm, addr, NULL, buf, len, foll);
	return access_range(mm, addr, buf, NULL, len, foll);
}

int mm_write_user(struct mm_struct *mm, unsigned long addr, const void *buf,
		  size_t len)
{
	return access_range(mm, addr, NULL, buf, len, FOLL_WRITE) == len ?
		       0 :
		       -EFAULT;
}

int mm_read_user(struct mm_struct *mm, unsigned long addr, void *buf,
		 size_t len)
{
	return access_range(mm, addr, buf, NULL, len, 0) == len ? 0 : -EFAULT;
}

int mm_clear_user(struct mm_struct *mm, unsigned long addr, size_t len)
{
	return access_range(mm, addr, NULL, NULL, len, FOLL_WRITE) == len ?
		       0 :
		       -EFAULT;
}

/* ---- populate ------------------------------------------------------------ */

/*
 * Is the slot filled well enough that an access would not fault? Then its
 * page counts as accessed.
 */
static bool touch_present(struct mm_struct *mm, unsigned long addr, bool write)
{
	struct page *page;
	spinlock_t *ptl;
	pte_t pte = follow_pte(mm, addr, &ptl);
	bool ok = pte_present(pte) &&
		  (!write || (pte_write(pte) && pte_dirty(pte)));

	if (ok) {
		page = vm_normal_page(pte);
		if (page)
			SetPageReferenced(page);
	}
	if (ptl)
		spin_unlock(ptl);
	return ok;
}

int faultin_range(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, bool write)
{
	for (; start < end; start += PAGE_SIZE) {
		while (!touch_present(vma->vm_mm, start, write)) {
			int err = fault_in(vma, start,
					   write ? FAULT_FLAG_WRITE : 0);

			if (err)
				return err;
		}
		cond_resched();
	}
	return 0;
}

/* Private writable memory gets its own pages now, all else is only read. */
int populate_vma(struct vm_area_struct *vma, unsigned long start,
		 unsigned long end)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP | VM_LOCKONFAULT))
		return 0;
	if (!(vma->vm_flags & VM_ACCESS_FLAGS))
		return -EFAULT;
	return faultin_range(vma, start, end,
			     (vma->vm_flags & (VM_WRITE | VM_SHARED)) ==
				     VM_WRITE);
}

void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + len;

	while (start < end) {
		struct vm_area_struct *vma;
		unsigned long to;

		down_read(&mm->mmap_lock);
		vma = find_vma_intersection(mm, start, end);
		if (!vma) {
			up_read(&mm->mmap_lock);
			break;
		}
		start = max(start, vma->vm_start);
		to = min(end, vma->vm_end);
		populate_vma(vma, start, to);
		start = to;
		up_read(&mm->mmap_lock);
	}
}
