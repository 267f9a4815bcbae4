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

/* For pages that nobody waits for. */
#define RA_GFP (GFP_USER_PAGE | __GFP_NORETRY | __GFP_NOWARN)

int sysctl_page_cluster = 3;

/* ---- reading ------------------------------------------------------------- */

/* Pages read ahead and then wanted since the last look; at first, on credit. */
static atomic_t hits = ATOMIC_INIT(4);

/*
 * How many slots around this one to read: more, the more of those read before
 * were wanted; a lone access far from the last one reads only itself. The
 * window does not shrink faster than by half. Races only blur it.
 */
static unsigned long readahead_window(unsigned long slot)
{
	static unsigned long last_slot, last_window;
	unsigned long most =
		min(1UL << READ_ONCE(sysctl_page_cluster), SWAP_CLUSTER);
	unsigned long n = (unsigned long)atomic_xchg(&hits, 0) + 2;

	if (n == 2) {
		if (slot != last_slot + 1 && slot + 1 != last_slot)
			n = 1;
	} else {
		n = roundup_pow_of_two(max(n, 4UL));
	}
	n = min(max(n, last_window / 2), most);
	last_slot = slot;
	last_window = n;
	return n;
}

/*
 * The page for entry: in the cache, or new, and then the caller has it read.
 * => with a reference; NULL: no memory, or nobody uses the slot
 */
static struct page *cache_page(swp_entry_t entry, gfp_t gfp, bool *new)
{
	struct page *page;
	int err;

	*new = false;
	for (;;) {
		page = lookup_swap_cache(entry);
		if (page)
			return page;
		page = alloc_page(gfp);
		if (!page)
			return NULL;
		__SetPageLocked(page);
		err = add_to_swap_cache(page, entry, gfp);
		if (!err) {
			*new = true;
			return page;
		}
		__ClearPageLocked(page);
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}

/* Read the used slots from first on, up to last, but not slot itself. */
static void read_around(swp_entry_t entry, unsigned long first,
			unsigned long last, struct bio **plug)
{
	for (unsigned long slot = first; slot <= last; slot++) {
		swp_entry_t e = swp_entry(swp_type(entry), slot);
		struct page *page;
		bool new;

		if (slot == swp_offset(entry) || !swp_swapcount(e))
			continue;
		page = cache_page(e, RA_GFP, &new);
		if (!page)
			continue;
		if (new) {
			SetPageReadahead(page);
			count_vm_event(SWAP_RA);
			swap_readpage(page, plug);
		}
		put_page(page);
	}
}

struct page *swapin_readahead(swp_entry_t entry, bool *major)
{
	unsigned long slot = swp_offset(entry), window, first;
	struct page *page = lookup_swap_cache(entry);
	struct bio *plug = NULL;
	bool new;

	if (page) {
		if (PageReadahead(page) && TestClearPageReadahead(page)) {
			count_vm_event(SWAP_RA_HIT);
			atomic_inc(&hits);
		}
		return page;
	}
	window = readahead_window(slot);
	first = slot & ~(window - 1);
	read_around(entry, max(first, 1UL), slot - 1, &plug);
	page = cache_page(entry, GFP_USER_PAGE, &new);
	if (page && new) {
		*major = true;
		swap_readpage(page, &plug);
	}
	read_around(entry, slot + 1, first + window - 1, &plug);
	swap_unplug(&plug);
	return page;
}

int swap_lock_page(struct page *page, swp_entry_t entry)
{
	for (bool again = false;; again = true) {
		struct bio *plug = NULL;

		lock_page(page);
		if (!PageSwapCache(page) || page_private(page) != entry.val) {
			unlock_page(page);
			return -EAGAIN;
		}
		if (likely(PageUptodate(page)))
			return 0;
		if (again) {
			unlock_page(page);
			return -EIO;
		}
		swap_readpage(page, &plug);
		swap_unplug(&plug);
	}
}

/* ---- faults -------------------------------------------------------------- */

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
	} else if (vm_swap_full() || (vma->vm_flags & VM_LOCKED) ||
		   (current->flags & PF_SWAPOFF)) {
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
	bool major = false;
	struct page *page;
	int err;

	if (unlikely(is_swapin_error_entry(entry)))
		return VM_FAULT_SIGBUS;
	page = swapin_readahead(entry, &major);
	if (!page)
		return pte_same(ptep_get(vmf->pte), vmf->orig_pte) ?
			       VM_FAULT_OOM :
			       0;
	err = swap_lock_page(page, entry);
	if (!err) {
		vmf->ptl = pte_lockptr(vmf->pmd);
		spin_lock(vmf->ptl);
		if (pte_same(ptep_get(vmf->pte), vmf->orig_pte))
			return map_swapped(vmf, page) |
			       (major ? VM_FAULT_MAJOR : 0);
		spin_unlock(vmf->ptl);
		unlock_page(page);
	}
	put_page(page);
	return err == -EIO ? VM_FAULT_SIGBUS : 0;
}

/* ---- whole ranges -------------------------------------------------------- */

/* The page of this entry cannot be read; whoever touches it gets SIGBUS. */
static void lose_page(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	spinlock_t *ptl;
	pmd_t *pmd;
	pte_t *ptep = pte_walk(vma->vm_mm->pgd, addr, &pmd);

	ptl = pte_lockptr(pmd);
	spin_lock(ptl);
	if (pte_same(ptep_get(ptep), pte)) {
		set_pte(ptep, swp_pte(SWP_TYPE_ERROR, 1));
		add_mm_counter(vma->vm_mm, MM_SWAPENTS, -1);
		free_swap_and_cache(pte_to_swp_entry(pte));
	}
	spin_unlock(ptl);
}

static int swap_in_slot(struct vm_area_struct *vma, unsigned long addr,
			pte_t pte, void *arg)
{
	unsigned int type = *(unsigned int *)arg;
	vm_fault_t ret;

	if (type != ANY_AREA && pte_swp_type(pte) != type)
		return 0;
	ret = handle_mm_fault(vma, addr, FAULT_FLAG_REMOTE);
	if (!(ret & VM_FAULT_ERROR))
		return 0;
	if (ret & VM_FAULT_OOM)
		return -ENOMEM;
	if (type == ANY_AREA)
		return -EFAULT;
	lose_page(vma, addr, pte);
	return 0;
}

/* Until fn says something but 0; no lock is held meanwhile. */
static int for_each_swap_pte(struct vm_area_struct *vma, unsigned long start,
			     unsigned long end,
			     int (*fn)(struct vm_area_struct *vma,
				       unsigned long addr, pte_t pte,
				       void *arg),
			     void *arg)
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
		for (; pte && start != next && !err; start += PAGE_SIZE) {
			pte_t e = ptep_get(pte++);

			if (is_swap_pte(e))
				err = fn(vma, start, e, arg);
		}
		if (!pte)
			start = next;
		cond_resched();
	}
	return err;
}

int swap_in_range(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, unsigned int type)
{
	return for_each_swap_pte(vma, start, end, swap_in_slot, &type);
}

/* ---- MADV_WILLNEED ------------------------------------------------------- */

static void read_soon(swp_entry_t entry, struct bio **plug)
{
	bool new;
	struct page *page = cache_page(entry, RA_GFP, &new);

	if (!page)
		return;
	if (new)
		swap_readpage(page, plug);
	put_page(page);
}

static int read_slot(struct vm_area_struct *vma __unused,
		     unsigned long addr __unused, pte_t pte, void *arg)
{
	read_soon(pte_to_swp_entry(pte), arg);
	return 0;
}

static void read_shmem(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, struct bio **plug)
{
	unsigned long index = linear_page_index(vma, start);
	unsigned long last = linear_page_index(vma, end) - 1;
	swp_entry_t entry;

	for (; index <= last && shmem_next_swapped(vma->vm_mapping, &index,
						   last, ANY_AREA, &entry);
	     index++)
		read_soon(entry, plug);
}

void swap_willneed(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end)
{
	struct bio *plug = NULL;

	for_each_swap_pte(vma, start, end, read_slot, &plug);
	if (vma->vm_mapping && mapping_is_shmem(vma->vm_mapping))
		read_shmem(vma, start, end, &plug);
	swap_unplug(&plug);
}
