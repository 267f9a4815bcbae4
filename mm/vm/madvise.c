// SPDX-License-Identifier: MIT
/*
 * madvise: what a program tells the kernel about its use of a range.
 *
 *	flag advice   NORMAL RANDOM SEQUENTIAL DONTFORK DOFORK WIPEONFORK
 *	              KEEPONFORK DONTDUMP DODUMP (NO)HUGEPAGE (UN)MERGEABLE:
 *	              sets or clears VM_ flags, with split and merge
 *	page advice   DONTNEED REMOVE: the pages go; the next access sees
 *	              zeroes, or the object's page again
 *	              FREE: the pages may go, if they are not written before
 *	              WILLNEED POPULATE_*: the pages come
 *	              COLD PAGEOUT: the pages were not used, as it were
 *
 * Holes do not stop it: the rest is done, then -ENOMEM is returned.
 *
 * Lock: mmap_lock, for writing only if flags change.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/internal.h>
#include <mm/vm/vmscan.h>
#include <sched/sched.h>

#define NO_FLAGS (~0UL)

static bool advice_valid(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
	       (advice >= MADV_FREE && advice <= MADV_COLLAPSE);
}

static bool advice_needs_write(int advice)
{
	switch (advice) {
	case MADV_REMOVE:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return false;
	default:
		return true;
	}
}

/* ---- flag advice --------------------------------------------------------- */

/* => the new flags; NO_FLAGS with *err set if the advice does not fit */
static vm_flags_t advised_flags(const struct vm_area_struct *vma, int advice,
				int *err)
{
	vm_flags_t flags = vma->vm_flags;
	bool bad = false;

	switch (advice) {
	case MADV_NORMAL:
		flags &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_SEQUENTIAL:
		flags = (flags & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		flags = (flags & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		bad = flags & VM_IO;
		flags &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		bad = vma->vm_mapping || vma->vm_file ||
		      (flags & (VM_SHARED | VM_HUGETLB));
		flags |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		flags &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		flags |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		bad = (flags & VM_SPECIAL) && !(flags & VM_HUGETLB);
		flags &= ~VM_DONTDUMP;
		break;
	case MADV_MERGEABLE:
		if (!(flags & (VM_SHARED | VM_MAYSHARE | VM_SPECIAL | VM_IO)))
			flags |= VM_MERGEABLE;
		break;
	case MADV_UNMERGEABLE:
		flags &= ~VM_MERGEABLE;
		break;
	case MADV_HUGEPAGE:
		flags = (flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		break;
	case MADV_NOHUGEPAGE:
		flags = (flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
		break;
	}
	if (!bad)
		return flags;
	*err = -EINVAL;
	return NO_FLAGS;
}

static int advise_flags(struct vm_area_struct **vma, unsigned long start,
			unsigned long end, int advice)
{
	int err = 0;
	vm_flags_t flags = advised_flags(*vma, advice, &err);

	if (flags == NO_FLAGS || flags == (*vma)->vm_flags)
		return err;
	err = vma_modify_flags((*vma)->vm_mm, vma, start, end, flags);
	return err == -ENOMEM ? -EAGAIN : err;
}

/* ---- page advice --------------------------------------------------------- */

static int advise_dontneed(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, int advice)
{
	vm_flags_t forbidden = VM_PFNMAP;
	struct mmu_gather tlb;

	if (is_vm_hugetlb_page(vma)) {
		unsigned long mask = ~(vma_hugetlb_size(vma) - 1);

		if (start & ~mask)
			return -EINVAL;
		end &= mask;
	}
	if (advice != MADV_DONTNEED_LOCKED)
		forbidden |= VM_LOCKED;
	if (vma->vm_flags & forbidden)
		return -EINVAL;
	update_hiwater_rss(vma->vm_mm);
	tlb_gather_mmu(&tlb, vma->vm_mm, false);
	zap_page_range(&tlb, vma, start, end, true);
	tlb_finish_mmu(&tlb);
	return 0;
}

/* MADV_FREE: no slot in swap must keep page. => false: others have it, too */
static bool make_lazy(struct page *page)
{
	bool ok;

	if (!PageSwapCache(page) && !PageDirty(page))
		return true;
	if (!trylock_page(page))
		return false;
	ok = page_mapcount(page) == 1 &&
	     (!PageSwapCache(page) || try_to_free_swap(page));
	if (ok)
		ClearPageDirty(page);
	unlock_page(page);
	return ok;
}

/*
 * One entry made old, for MADV_FREE clean as well: then its content is needed
 * no more, unless a write makes it dirty again. COLD and PAGEOUT leave pages
 * alone that others map, too. A page to be reclaimed is isolated into *out.
 */
static pte_t age_entry(pte_t pte, int advice, struct page **out)
{
	struct page *page = pte_present(pte) ? vm_normal_page(pte) : NULL;

	if (!page)
		return pte;
	if (advice == MADV_FREE) {
		if (!make_lazy(page))
			return pte;
		lru_lazyfree_page(page);
		return pte_mkclean(pte_mkold(pte));
	}
	if (page_mapcount(page) != 1)
		return pte;
	ClearPageReferenced(page);
	if (advice == MADV_COLD)
		deactivate_page(page);
	else if (isolate_lru_page(page))
		*out = page;
	return pte_mkold(pte);
}

static void free_swap_pte(struct mm_struct *mm, pte_t *ptep)
{
	pte_t old = ptep_get_and_clear(ptep);

	free_swap_and_cache(pte_to_swp_entry(old));
	pt_dec(ptep);
	add_mm_counter(mm, MM_SWAPENTS, -swap_pte_count(old));
}

/*
 * The entries of one table from addr on. => where it stopped, with *nr pages
 * to be reclaimed
 */
static unsigned long age_table(struct mm_struct *mm, pmd_t *pmd, pte_t *pte,
			       unsigned long addr, unsigned long end,
			       int advice, struct page **pages,
			       unsigned int *nr)
{
	spinlock_t *ptl = pte_lockptr(pmd);

	spin_lock(ptl);
	for (; addr != end && *nr < SWAP_CLUSTER_MAX; pte++) {
		pte_t old = ptep_get(pte), new;

		pages[*nr] = NULL;
		new = age_entry(old, advice, &pages[*nr]);
		if (pages[*nr])
			++*nr;
		if (!pte_same(old, new))
			set_pte(pte, new);
		else if (advice == MADV_FREE && is_swap_pte(old))
			free_swap_pte(mm, pte);
		addr += PAGE_SIZE;
	}
	spin_unlock(ptl);
	return addr;
}

static void age_range(struct vm_area_struct *vma, unsigned long start,
		      unsigned long end, int advice)
{
	struct page *pages[SWAP_CLUSTER_MAX];
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr = start;
	unsigned int nr = 0;

	while (addr < end) {
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(mm->pgd, addr, end, &pte, &pmd);
		if (addr >= end)
			break;
		if (!pte) {
			split_huge_pmd(vma, pmd, addr);
			continue;
		}
		addr = age_table(mm, pmd, pte, addr, pmd_addr_end(addr, end),
				 advice, pages, &nr);
		if (nr == SWAP_CLUSTER_MAX) {
			reclaim_pages(pages, nr);
			nr = 0;
		}
		cond_resched();
	}
	flush_tlb_range(&mm->arch, start, end);
	reclaim_pages(pages, nr);
}

/* Lazily: the pages stay until memory is wanted, or a write keeps them. */
static int advise_free(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	if (!vma_is_anonymous(vma) ||
	    (vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)))
		return -EINVAL;
	update_hiwater_rss(vma->vm_mm);
	age_range(vma, start, end, MADV_FREE);
	return 0;
}

static int advise_cold(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, int advice)
{
	if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB))
		return -EINVAL;
	age_range(vma, start, end, advice);
	return 0;
}

/* Punch a hole into shared memory. */
static int advise_remove(struct vm_area_struct *vma, unsigned long start,
			 unsigned long end)
{
	loff_t from;

	if (vma->vm_flags & VM_LOCKED)
		return -EINVAL;
	if (!vma->vm_mapping)
		return -EINVAL;
	if (!may_write_shared(vma))
		return -EACCES;
	if (!mapping_is_shmem(vma->vm_mapping))
		return -EOPNOTSUPP;
	if (READ_ONCE(vma->vm_mapping->flags) & (1UL << AS_NOPUNCH))
		return -EPERM;
	from = (loff_t)linear_page_index(vma, start) << PAGE_SHIFT;
	truncate_inode_pages_range(vma->vm_mapping, from,
				   from + (loff_t)(end - start) - 1);
	return 0;
}

static int advise_populate(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, bool write)
{
	vm_flags_t need = write ? VM_WRITE : VM_READ;

	if ((vma->vm_flags & (VM_IO | VM_PFNMAP)) || !(vma->vm_flags & need))
		return -EINVAL;
	return faultin_range(vma, start, end, write);
}

static int advise_one(struct vm_area_struct **vma, unsigned long start,
		      unsigned long end, int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		return advise_dontneed(*vma, start, end, advice);
	case MADV_FREE:
		return advise_free(*vma, start, end);
	case MADV_REMOVE:
		return advise_remove(*vma, start, end);
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return advise_populate(*vma, start, end,
				       advice == MADV_POPULATE_WRITE);
	case MADV_WILLNEED:
		swap_willneed(*vma, start, end);
		if ((*vma)->vm_mapping)
			force_page_cache_readahead((*vma)->vm_mapping,
						   linear_page_index(*vma,
								     start),
						   (end - start) >> PAGE_SHIFT);
		return 0;
	case MADV_COLLAPSE:
		return madvise_collapse(*vma, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT:
		return advise_cold(*vma, start, end, advice);
	default:
		return advise_flags(vma, start, end, advice);
	}
}

/* ---- the walk ------------------------------------------------------------ */

static int advise_range(struct mm_struct *mm, unsigned long start,
			unsigned long end, int advice)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int err, hole = 0;

	for (;;) {
		unsigned long to;

		if (!vma)
			return -ENOMEM;
		if (start < vma->vm_start) {
			hole = -ENOMEM;
			start = vma->vm_start;
			if (start >= end)
				return hole;
		}
		to = min(vma->vm_end, end);
		err = advise_one(&vma, start, to, advice);
		if (err)
			return err;
		start = max(to, min(end, vma->vm_end));
		if (start >= end)
			return hole;
		vma = vma->vm_next;
	}
}

int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long len,
	       int advice)
{
	unsigned long size = PAGE_ALIGN(len), end = start + size;
	int err;

	if (!advice_valid(advice) || !PAGE_ALIGNED(start) || (len && !size) ||
	    end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (advice_needs_write(advice)) {
		down_write(&mm->mmap_lock);
		err = advise_range(mm, start, end, advice);
		up_write(&mm->mmap_lock);
	} else {
		down_read(&mm->mmap_lock);
		err = advise_range(mm, start, end, advice);
		up_read(&mm->mmap_lock);
	}
	return err;
}
