// SPDX-License-Identifier: MIT
/*
 * remap_file_pages: other pages of the same object at the same addresses.
 * Once that was a page table that skips about in one VMA; since 4.0 Linux
 * emulates it, and so it is here: a new shared mapping over the old one, at
 * the cost of a VMA for each piece.
 *
 * Lock: mmap_lock for writing, taken here.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>

/* Do the VMAs from vma on cover everything up to end, all of one kind? */
static bool one_kind(const struct vm_area_struct *vma, unsigned long end)
{
	const struct vm_area_struct *next;

	for (; vma->vm_end < end; vma = next) {
		next = vma->vm_next;
		if (!next || next->vm_start != vma->vm_end ||
		    next->vm_mapping != vma->vm_mapping ||
		    next->vm_flags != vma->vm_flags)
			return false;
	}
	return true;
}

static long map_over(struct mm_struct *mm, struct vm_area_struct *vma,
		     unsigned long start, unsigned long size,
		     unsigned long pgoff, unsigned long flags)
{
	const struct vm_area_struct held = *vma;
	const struct vm_backing b = {
		.file = vma->vm_file,
		.mapping = vma->vm_mapping,
		.ops = vma->vm_ops,
		.get = vma->vm_file_get,
		.put = vma->vm_file_put,
		.private_data = vma->vm_private_data,
		.may_read = vma->vm_flags & VM_MAYREAD,
		.may_write = vma->vm_flags & VM_MAYWRITE,
		.may_exec = vma->vm_flags & VM_MAYEXEC,
	};
	long ret;

	vma_get_backing(&held); /* the old mapping may be the last user */
	ret = __do_mmap(mm, start, size, vma->vm_flags & VM_ACCESS_FLAGS, flags,
			pgoff, &b);
	vma_put_backing(&held);
	return ret;
}

int do_remap_file_pages(struct mm_struct *mm, unsigned long start,
			unsigned long size, unsigned long prot,
			unsigned long pgoff, unsigned long flags)
{
	struct vm_area_struct *vma;
	long ret = -EINVAL;

	start &= PAGE_MASK;
	size &= PAGE_MASK;
	if (prot || start + size <= start ||
	    pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	flags = (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	down_write(&mm->mmap_lock);
	vma = vma_lookup(mm, start);
	if (vma && (vma->vm_flags & (VM_SHARED | VM_HUGETLB)) == VM_SHARED &&
	    one_kind(vma, start + size))
		ret = map_over(mm, vma, start, size, pgoff,
			       vma->vm_flags & VM_LOCKED ? flags | MAP_LOCKED :
							   flags);
	up_write(&mm->mmap_lock);
	if (IS_ERR_VALUE(ret))
		return (int)ret;
	if (!(flags & MAP_NONBLOCK))
		mm_populate(mm, start, size);
	return 0;
}
