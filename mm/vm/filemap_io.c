// SPDX-License-Identifier: MIT
/*
 * The two ways into the page cache: read() and write() copy, faults map.
 *
 * Copying holds only a reference to the page, never its lock: the copy may
 * fault, and the fault may want the lock of the very same page. A reader may
 * so see half of a concurrent write, as on Linux; a page truncated meanwhile
 * is copied for nothing.
 *
 * Locks: see filemap.c. Callers: file systems (read, write), fault.c.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

/* ---- read and write ------------------------------------------------------ */

/* A page to read from; NULL: a hole, that is zeroes. */
static struct page *page_to_read(struct address_space *mapping, pgoff_t index)
{
	struct page *page;

	if (mapping->a_ops->readpage)
		return read_mapping_page(mapping, index);
	page = find_get_page(mapping, index);
	if (page && unlikely(!PageUptodate(page))) {
		put_page(page);
		return read_mapping_page(mapping, index);
	}
	return page;
}

ssize_t generic_mapping_read(struct address_space *mapping, loff_t *pos,
			     size_t n, mapping_copy_t copy, void *ctx)
{
	size_t done = 0;

	if (*pos < 0)
		return -EINVAL;
	while (done < n) {
		loff_t size = mapping->a_ops->size(mapping);
		size_t off = offset_in_page(*pos), part, got;
		struct page *page;

		if (*pos >= size)
			break;
		part = min3(n - done, PAGE_SIZE - off, (size_t)(size - *pos));
		page = page_to_read(mapping, (pgoff_t)*pos >> PAGE_SHIFT);
		if (IS_ERR(page))
			return done ? (ssize_t)done : PTR_ERR(page);
		if (page) {
			got = copy(ctx, (char *)page_address(page) + off, part);
			put_page(page);
		} else {
			got = copy(ctx, empty_zero_page + off, part);
		}
		done += got;
		*pos += (loff_t)got;
		if (got < part)
			return done ? (ssize_t)done : -EFAULT;
		cond_resched();
	}
	return (ssize_t)done;
}

/*
 * The page becomes dirty before the copy, so that it cannot be taken for
 * clean in between. If code is written, the instruction cache is stale.
 */
ssize_t generic_mapping_write(struct address_space *mapping, loff_t *pos,
			      size_t n, mapping_copy_t copy, void *ctx)
{
	size_t done = 0;

	if (*pos < 0)
		return -EINVAL;
	while (done < n) {
		size_t off = offset_in_page(*pos), got;
		size_t part = min(n - done, PAGE_SIZE - off);
		struct page *page =
			read_mapping_page(mapping, (pgoff_t)*pos >> PAGE_SHIFT);

		if (IS_ERR(page))
			return done ? (ssize_t)done : PTR_ERR(page);
		set_page_dirty(page);
		got = copy(ctx, (char *)page_address(page) + off, part);
		if (PageArchClean(page))
			ClearPageArchClean(page);
		put_page(page);
		done += got;
		*pos += (loff_t)got;
		if (got < part)
			return done ? (ssize_t)done : -EFAULT;
		cond_resched();
	}
	return (ssize_t)done;
}

/* ---- faults -------------------------------------------------------------- */

static inline pgoff_t size_in_pages(struct address_space *mapping)
{
	loff_t size = mapping->a_ops->size(mapping);

	return (pgoff_t)(size + (loff_t)PAGE_SIZE - 1) >> PAGE_SHIFT;
}

vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_mapping;
	bool major = false;
	struct page *page;

	for (;;) {
		if (vmf->pgoff >= size_in_pages(mapping))
			return VM_FAULT_SIGBUS;
		page = mapping_get_page(mapping, vmf->pgoff, &major);
		if (IS_ERR(page))
			return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM :
							  VM_FAULT_SIGBUS;
		lock_page(page);
		if (likely(page->mapping == mapping))
			break;
		unlock_page(page);
		put_page(page);
	}
	/* The size shrinks before pages go: with the lock, this look counts. */
	if (unlikely(vmf->pgoff >= size_in_pages(mapping))) {
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = page;
	return VM_FAULT_LOCKED | (major ? VM_FAULT_MAJOR : 0);
}

/*
 * nr cached pages into their slots, where those are empty. ptl and
 * mapping->lock are held. => how many were
 */
static inline unsigned long map_cached(const struct vm_area_struct *vma,
				       void *const *pages, pte_t *pte,
				       unsigned long nr)
{
	unsigned long mapped = 0;

	for (; nr; nr--, pages++, pte++) {
		struct page *page = *pages;

		if (!page || !pte_none(ptep_get(pte)) || !PageUptodate(page))
			continue;
		VM_BUG_ON_PAGE(page->mapping != vma->vm_mapping, page);
		page_ref_inc(page);
		page_add_file_rmap(page);
		if (unlikely(vma->vm_flags & VM_LOCKED))
			mlock_page(page);
		if (vma->vm_flags & VM_EXEC)
			sync_exec_page(page);
		set_pte(pte, pfn_pte(page_to_pfn(page), vma->vm_page_prot));
		mapped++;
	}
	return mapped;
}

/*
 * => VM_FAULT_NOPAGE if the faulting slot is filled now; else the long way,
 *    which also tells those that are beyond the end.
 * A page still being read in is left out.
 */
vm_fault_t filemap_map_pages(struct vm_fault *vmf, pgoff_t first, pgoff_t last)
{
	struct vm_area_struct *vma = vmf->vma;
	struct address_space *mapping = vma->vm_mapping;
	pgoff_t end = min(last + 1, size_in_pages(mapping));
	int counter = mapping_is_shmem(mapping) ? MM_SHMEMPAGES : MM_FILEPAGES;
	spinlock_t *ptl = pte_lockptr(vmf->pmd);
	unsigned long nr, mapped = 0;
	vm_fault_t ret;

	spin_lock(ptl);
	spin_lock(&mapping->lock);
	for (; first < end; first += nr) {
		void *const *pages = xa_slots(&mapping->i_pages, first, &nr);

		nr = min(nr, end - first);
		if (pages)
			mapped += map_cached(
				vma, pages,
				vmf->pte + (long)(first - vmf->pgoff), nr);
	}
	spin_unlock(&mapping->lock);
	if (mapped) {
		pt_add(vmf->pte, mapped);
		add_mm_counter(vma->vm_mm, counter, (long)mapped);
	}
	ret = pte_none(ptep_get(vmf->pte)) ? 0 : VM_FAULT_NOPAGE;
	spin_unlock(ptl);
	return ret;
}

const struct vm_operations_struct generic_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};
