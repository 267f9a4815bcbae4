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
#include <lib/string.h>
#include <mm/vm/internal.h>
#include <mm/vm/writeback.h>
#include <sched/sched.h>

/* ---- read and write ------------------------------------------------------ */

/*
 * A page to read from, of nr that the reader wants from index on.
 * => NULL: a hole, that is zeroes
 */
static struct page *page_to_read(struct address_space *mapping,
				 struct file_ra_state *ra, pgoff_t index,
				 unsigned long nr)
{
	bool major;
	struct page *page =
		mapping->a_ops->readpage ?
			find_get_page(mapping, index) :
			find_get_swapped_page(mapping, index, &major);

	if (!mapping->a_ops->readpage) {
		if (IS_ERR_OR_NULL(page) || likely(PageUptodate(page)))
			return page;
		put_page(page);
		return read_mapping_page(mapping, index);
	}
	if (!page) {
		if (ra)
			page_cache_sync_readahead(mapping, ra, index, nr);
		return read_mapping_page(mapping, index);
	}
	if (unlikely(PageReadahead(page)) && ra)
		page_cache_async_readahead(mapping, ra, page, nr);
	if (likely(PageUptodate(page)))
		return page;
	put_page(page);
	return read_mapping_page(mapping, index);
}

/*
 * A page is marked as used when a read enters it, not for each of the pieces
 * in which a program may fetch it.
 */
static void note_read(struct file_ra_state *ra, struct page *page, size_t off)
{
	if (!ra || ra->prev != page->index || !off)
		mark_page_accessed(page);
	if (ra)
		ra->prev = page->index;
}

ssize_t generic_mapping_read(struct address_space *mapping,
			     struct file_ra_state *ra, loff_t *pos, size_t n,
			     mapping_copy_t copy, void *ctx)
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
		page = page_to_read(mapping, ra, (pgoff_t)*pos >> PAGE_SHIFT,
				    (off + n - done + PAGE_SIZE - 1) >>
					    PAGE_SHIFT);
		if (IS_ERR(page))
			return done ? (ssize_t)done : PTR_ERR(page);
		if (page) {
			got = copy(ctx, (char *)page_address(page) + off, part);
			note_read(ra, page, off);
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

/* A page to write [from, to) of, which have room in the store; uptodate. */
static struct page *page_to_write(struct address_space *mapping, pgoff_t index,
				  unsigned int from, unsigned int to)
{
	const struct address_space_operations *ops = mapping->a_ops;

	for (;;) {
		struct page *page = read_mapping_page(mapping, index);
		int err;

		if (IS_ERR(page) || !ops->write_begin)
			return page;
		lock_page(page);
		err = page->mapping == mapping ?
			      ops->write_begin(mapping, page, from, to) :
			      -EAGAIN;
		unlock_page(page);
		if (!err)
			return page;
		put_page(page);
		if (err != -EAGAIN)
			return ERR_PTR(err);
	}
}

static inline bool is_cached(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_page(mapping, index);

	if (page)
		put_page(page);
	return page;
}

/* The locked new page, its content complete, enters the cache. => 0, -errno */
static int add_filled(struct address_space *mapping, struct page *page,
		      pgoff_t index)
{
	int err = add_to_page_cache(page, mapping, index, mapping->gfp);

	if (!err && mapping->a_ops->write_begin) {
		err = mapping->a_ops->write_begin(mapping, page, 0, PAGE_SIZE);
		if (err)
			delete_from_page_cache(page);
	}
	if (!err)
		SetPageUptodate(page);
	return err;
}

/*
 * A page that will be written whole need not be read: it is filled first and
 * then put in the cache. If the copy stops half way, or another was faster,
 * it goes the usual way. => the page, with *got bytes copied, or ERR_PTR
 */
static struct page *write_new_page(struct address_space *mapping, pgoff_t index,
				   mapping_copy_t copy, void *ctx, size_t *got)
{
	struct page *new = alloc_page(mapping->gfp), *page;
	int err = -EEXIST;

	if (!new)
		return ERR_PTR(-ENOMEM);
	__SetPageLocked(new);
	*got = copy(ctx, page_address(new), PAGE_SIZE);
	if (*got == PAGE_SIZE)
		err = add_filled(mapping, new, index);
	unlock_page(new);
	if (!err)
		return new;
	page = ERR_PTR(err);
	if (err == -EEXIST) {
		page = page_to_write(mapping, index, 0, (unsigned int)*got);
		if (!IS_ERR(page))
			memcpy(page_address(page), page_address(new), *got);
	}
	put_page(new);
	return page;
}

/* Up to n bytes into one page. => it, with *got bytes copied, or ERR_PTR */
static struct page *write_page(struct address_space *mapping, loff_t pos,
			       size_t n, mapping_copy_t copy, void *ctx,
			       size_t *got)
{
	pgoff_t index = (pgoff_t)pos >> PAGE_SHIFT;
	size_t off = offset_in_page(pos);
	struct page *page;

	if (n == PAGE_SIZE && mapping->a_ops->readpage &&
	    !is_cached(mapping, index))
		return write_new_page(mapping, index, copy, ctx, got);
	page = page_to_write(mapping, index, (unsigned int)off,
			     (unsigned int)(off + n));
	if (!IS_ERR(page))
		*got = copy(ctx, (char *)page_address(page) + off, n);
	return page;
}

/*
 * Copy, then mark dirty: whoever writes the page back in between leaves it
 * dirty. If code is written, the instruction cache is stale.
 */
ssize_t generic_mapping_write(struct address_space *mapping, loff_t *pos,
			      size_t n, mapping_copy_t copy, void *ctx)
{
	size_t done = 0;

	if (*pos < 0)
		return -EINVAL;
	while (done < n) {
		size_t part = min(n - done, PAGE_SIZE - offset_in_page(*pos));
		size_t got;
		struct page *page =
			write_page(mapping, *pos, part, copy, ctx, &got);

		if (IS_ERR(page))
			return done ? (ssize_t)done : PTR_ERR(page);
		if (PageArchClean(page))
			ClearPageArchClean(page);
		done += got;
		*pos += (loff_t)got;
		if (got && mapping->a_ops->write_end)
			mapping->a_ops->write_end(mapping, page, *pos,
						  (unsigned int)got);
		if (got)
			set_page_dirty(page);
		put_page(page);
		balance_dirty_pages_ratelimited(mapping);
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

/* Start reading what the fault will want soon. => its own page is missing */
static bool read_around(struct vm_fault *vmf)
{
	vm_flags_t flags = vmf->vma->vm_flags;
	struct address_space *mapping = vmf->vma->vm_mapping;
	struct file_ra_state *ra = &mapping->mmap_ra;
	struct page *page = find_get_page(mapping, vmf->pgoff);
	bool missing = !page;

	if (page) {
		if (ra->mmap_miss)
			ra->mmap_miss--;
		if (PageReadahead(page) && !(flags & VM_RAND_READ))
			page_cache_async_readahead(mapping, ra, page,
						   ra->ra_pages);
		put_page(page);
	} else if (!(flags & VM_RAND_READ)) {
		mmap_readaround(mapping, ra, vmf->pgoff, flags & VM_SEQ_READ);
	}
	return missing;
}

vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_mapping;
	bool major = false;
	struct page *page;

	for (;;) {
		if (vmf->pgoff >= size_in_pages(mapping))
			return VM_FAULT_SIGBUS;
		if (mapping->a_ops->readpage && read_around(vmf))
			major = true;
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

		if (!page || xa_is_value(page) || !pte_none(ptep_get(pte)) ||
		    !PageUptodate(page) || PageReadahead(page))
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
 * A page still being read in is left out; so is the mark of a window, which
 * says to filemap_fault() that it is time to read on.
 */
vm_fault_t filemap_map_pages(struct vm_fault *vmf, pgoff_t first, pgoff_t last)
{
	struct vm_area_struct *vma = vmf->vma;
	struct address_space *mapping = vma->vm_mapping;
	pgoff_t end = min(last + 1, size_in_pages(mapping));
	int counter = mapping_is_shmem(mapping) ? MM_SHMEMPAGES : MM_FILEPAGES;
	struct file_ra_state *ra = &mapping->mmap_ra;
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
		if (unlikely(ra->mmap_miss)) /* reading around was right */
			ra->mmap_miss -= (unsigned int)min_t(
				unsigned long, mapped, ra->mmap_miss);
	}
	ret = pte_none(ptep_get(vmf->pte)) ? 0 : VM_FAULT_NOPAGE;
	spin_unlock(ptl);
	return ret;
}

const struct vm_operations_struct generic_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};
