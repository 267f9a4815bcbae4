// SPDX-License-Identifier: MIT
/*
 * mlock and its relatives, mincore and msync: calls that walk a range of
 * VMAs and want it without holes.
 *
 * A locked VMA (VM_LOCKED) is faulted in at once and counted in locked_vm,
 * against RLIMIT_MEMLOCK.
 *
 * Lock: mmap_lock, for writing where VMAs change.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/internal.h>
#include <mm/vm/writeback.h>

/* ---- mlock --------------------------------------------------------------- */

void mlock_pages(struct vm_area_struct *vma, unsigned long start,
		 unsigned long end, bool lock, bool even_cows)
{
	struct page *page;
	spinlock_t *ptl;
	pmd_t *pmd;
	pte_t *pte;

	while (start < end) {
		unsigned long next;

		start = pte_walk_next(vma->vm_mm->pgd, start, end, &pte, &pmd);
		if (start >= end)
			return;
		if (!pte) {
			split_huge_pmd(vma, pmd, start);
			continue;
		}
		next = pmd_addr_end(start, end);
		ptl = pte_lockptr(pmd);
		spin_lock(ptl);
		for (; start != next; pte++, start += PAGE_SIZE) {
			pte_t e = ptep_get(pte);

			page = pte_present(e) ? vm_normal_page(e) : NULL;
			if (!page || (!even_cows && PageAnon(page)))
				continue;
			if (lock)
				mlock_page(page);
			else
				munlock_page(page, false);
		}
		spin_unlock(ptl);
	}
}

static int mlock_fixup(struct mm_struct *mm, struct vm_area_struct **vma,
		       unsigned long start, unsigned long end, vm_flags_t flags)
{
	vm_flags_t old = (*vma)->vm_flags;
	unsigned long pages = (end - start) >> PAGE_SHIFT;
	int err;

	if (flags == old || (old & VM_SPECIAL))
		return 0;
	err = vma_modify_flags(mm, vma, start, end, flags);
	if (err)
		return err;
	if (!((flags ^ old) & VM_LOCKED))
		return 0;
	mm->locked_vm += flags & VM_LOCKED ? pages : -pages;
	mlock_pages(*vma, start, end, flags & VM_LOCKED, true);
	return 0;
}

/* Set the lock flags of [start, end). => -ENOMEM at the first hole */
static int apply_lock_flags(struct mm_struct *mm, unsigned long start,
			    unsigned long end, vm_flags_t lock)
{
	struct vm_area_struct *vma = vma_lookup(mm, start);

	if (!vma)
		return -ENOMEM;
	for (;;) {
		unsigned long to = min(end, vma->vm_end);
		vm_flags_t flags = vma->vm_flags &
				   ~(VM_LOCKED | VM_LOCKONFAULT);
		int err = mlock_fixup(mm, &vma, start, to, flags | lock);

		if (err)
			return err;
		start = max(to, min(end, vma->vm_end));
		if (start >= end)
			return 0;
		vma = vma->vm_next;
		if (!vma || vma->vm_start != start)
			return -ENOMEM;
	}
}

/* Pages of [start, end) that are locked already: they do not count twice. */
static unsigned long locked_in(struct mm_struct *mm, unsigned long start,
			       unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long bytes = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		if (vma->vm_flags & VM_LOCKED)
			bytes += min(end, vma->vm_end) -
				 max(start, vma->vm_start);
	return bytes >> PAGE_SHIFT;
}

static bool lock_limit_ok(struct mm_struct *mm, unsigned long start,
			  unsigned long end)
{
	unsigned long want = ((end - start) >> PAGE_SHIFT) + mm->locked_vm;
	unsigned long limit = mm->rlim_memlock >> PAGE_SHIFT;

	if (want > limit && !(mm->caps & MM_CAP_IPC_LOCK))
		want -= locked_in(mm, start, end);
	return want <= limit || (mm->caps & MM_CAP_IPC_LOCK);
}

/* Fault in what is locked now. POSIX wants these two errors. */
static int populate_locked(struct mm_struct *mm, unsigned long start,
			   unsigned long end)
{
	struct vm_area_struct *vma;
	int err = 0;

	down_read(&mm->mmap_lock);
	for (vma = find_vma_intersection(mm, start, end);
	     vma && vma->vm_start < end && !err; vma = vma->vm_next)
		if ((vma->vm_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED)
			err = populate_vma(vma, max(start, vma->vm_start),
					   min(end, vma->vm_end));
	up_read(&mm->mmap_lock);
	if (err == -EFAULT)
		return -ENOMEM;
	return err == -ENOMEM ? -EAGAIN : err;
}

int do_mlock(struct mm_struct *mm, unsigned long start, unsigned long len,
	     bool onfault)
{
	unsigned long end;
	int err;

	if (!can_do_mlock(mm))
		return -EPERM;
	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	end = start + len;

	down_write(&mm->mmap_lock);
	if (!lock_limit_ok(mm, start, end))
		err = -ENOMEM;
	else if (end < start)
		err = -EINVAL;
	else if (end == start)
		err = 0;
	else
		err = apply_lock_flags(mm, start, end,
				       VM_LOCKED |
					       (onfault ? VM_LOCKONFAULT : 0));
	up_write(&mm->mmap_lock);
	return err ? err : populate_locked(mm, start, end);
}

int do_munlock(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long end;
	int err = 0;

	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	end = start + len;
	if (end < start)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (end > start)
		err = apply_lock_flags(mm, start, end, 0);
	up_write(&mm->mmap_lock);
	return err;
}

/* Every VMA there is; holes do not matter. */
static void apply_lock_all(struct mm_struct *mm, vm_flags_t lock)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		vm_flags_t flags = vma->vm_flags &
				   ~(VM_LOCKED | VM_LOCKONFAULT);

		mlock_fixup(mm, &vma, vma->vm_start, vma->vm_end, flags | lock);
	}
}

int do_mlockall(struct mm_struct *mm, int flags)
{
	vm_flags_t lock = VM_LOCKED |
			  (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);
	int err = -ENOMEM;

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock(mm))
		return -EPERM;
	down_write(&mm->mmap_lock);
	if (!(flags & MCL_CURRENT) || (mm->caps & MM_CAP_IPC_LOCK) ||
	    mm->total_vm <= mm->rlim_memlock >> PAGE_SHIFT) {
		mm->def_flags = flags & MCL_FUTURE ? lock : 0;
		if (flags & MCL_CURRENT)
			apply_lock_all(mm, lock);
		err = 0;
	}
	up_write(&mm->mmap_lock);
	if (!err && (flags & MCL_CURRENT))
		populate_locked(mm, 0, TASK_SIZE);
	return err;
}

int do_munlockall(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
	mm->def_flags = 0;
	apply_lock_all(mm, 0);
	up_write(&mm->mmap_lock);
	return 0;
}

/* ---- mincore ------------------------------------------------------------- */

static unsigned char page_resident(struct vm_area_struct *vma,
				   unsigned long addr)
{
	struct page *page;
	bool uptodate;
	pte_t pte;

	pte = follow_pte(vma->vm_mm, addr, NULL);
	if (pte_present(pte))
		return 1;
	if (is_swap_pte(pte))
		page = lookup_swap_cache(pte_to_swp_entry(pte));
	else if (vma->vm_mapping)
		page = find_get_page(vma->vm_mapping,
				     linear_page_index(vma, addr));
	else
		return 0;
	if (!page)
		return 0;
	uptodate = PageUptodate(page);
	put_page(page);
	return uptodate;
}

int do_mincore(struct mm_struct *mm, unsigned long start, unsigned long pages,
	       unsigned char *vec, bool (*may_see)(struct file *file))
{
	struct vm_area_struct *vma, *last = NULL;
	unsigned long addr = start;
	bool see = true;

	down_read(&mm->mmap_lock);
	for (unsigned long i = 0; i < pages; i++, addr += PAGE_SIZE) {
		vma = vma_lookup(mm, addr);
		if (!vma) {
			up_read(&mm->mmap_lock);
			return -ENOMEM;
		}
		if (vma != last)
			see = !vma->vm_file || may_see(vma->vm_file);
		last = vma;
		vec[i] = see ? page_resident(vma, addr) : 1;
	}
	up_read(&mm->mmap_lock);
	return 0;
}

/* ---- msync --------------------------------------------------------------- */

/* What [start, end) of vma, which is shared, shows of its object. */
static int sync_vma(struct vm_area_struct *vma, unsigned long start,
		    unsigned long end)
{
	struct address_space *mapping = vma->vm_mapping;
	loff_t from = (loff_t)linear_page_index(vma, start) << PAGE_SHIFT;
	loff_t to = from + (loff_t)(end - start) - 1;

	if (mapping->a_ops->sync)
		return mapping->a_ops->sync(mapping, from, to);
	return filemap_write_and_wait_range(mapping, from, to);
}

int do_msync(struct mm_struct *mm, unsigned long start, unsigned long len,
	     int flags)
{
	struct vm_area_struct *vma;
	unsigned long end;
	int err = 0, err2 = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    offset_in_page(start) || ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;

	down_read(&mm->mmap_lock);
	for (vma = find_vma(mm, start);; vma = vma->vm_next) {
		if (!vma) {
			err = -ENOMEM;
			break;
		}
		if (vma->vm_start > start) {
			if (vma->vm_start >= end) {
				err = -ENOMEM;
				break;
			}
			start = vma->vm_start;
			err = -ENOMEM; /* a hole, but go on */
		}
		if ((flags & MS_INVALIDATE) && (vma->vm_flags & VM_LOCKED)) {
			err = -EBUSY;
			break;
		}
		if ((flags & MS_SYNC) && (vma->vm_flags & VM_SHARED) &&
		    vma->vm_mapping)
			err2 = sync_vma(vma, start, min(end, vma->vm_end));
		start = vma->vm_end;
		if (err2 || start >= end)
			break;
	}
	up_read(&mm->mmap_lock);
	return err2 ? err2 : err;
}
