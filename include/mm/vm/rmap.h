/* SPDX-License-Identifier: MIT */
/*
 * From a page back to the PTEs that map it.
 *
 *   file page: page->mapping = address_space  -> i_mmap -> VMAs
 *   anon page: page->mapping = anon_vma | 1   -> rb_root -> VMAs
 *   VMA + page->index - vm_pgoff              -> address -> PTE
 *
 * An anon_vma is shared by all VMAs that may map the same anonymous pages:
 * pieces of a split VMA, and the copies that fork() made of them. This is
 * Linux's scheme up to 2.6.33; the later one gives each child its own
 * anon_vma, to make walks for a server with a thousand children shorter.
 *
 * page->_mapcount counts PTEs minus one; it changes under the page table
 * lock of the PTE concerned.
 *
 * Lock key: (v) rwsem, (a) atomic
 */
#ifndef _MM_VM_RMAP_H
#define _MM_VM_RMAP_H

#include <lib/rbtree.h>
#include <mm/phys/page.h>
#include <mm/vm/mm_types.h>
#include <sched/rwsem.h>

struct anon_vma {
	struct rw_semaphore rwsem;
	struct rb_root rb_root; /* (v) vma->anon */
	unsigned long nr_vmas;	/* (v) */
	atomic_t refcount;	/* (a) one for all VMAs, for each visitor, and
				 *  for each VMA that is leaving */
};

/* => the object a file page belongs to; NULL for anonymous or truncated */
static inline struct address_space *page_mapping_file(const struct page *page)
{
	unsigned long m = (unsigned long)page->mapping;

	return m & PAGE_MAPPING_ANON ? NULL : (struct address_space *)m;
}

static inline struct anon_vma *page_anon_vma(const struct page *page)
{
	unsigned long m = (unsigned long)page->mapping;

	return m & PAGE_MAPPING_ANON ?
		       (struct anon_vma *)(m & ~PAGE_MAPPING_ANON) :
		       NULL;
}

/* Page offset of addr in vma's object, or in its anonymous space. */
static inline pgoff_t linear_page_index(const struct vm_area_struct *vma,
					unsigned long addr)
{
	return vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
}

/* Where vma, found through the reverse map, shows page if it does. */
static inline unsigned long vma_address(const struct page *page,
					const struct vm_area_struct *vma)
{
	return vma->vm_start + ((page->index - vma->vm_pgoff) << PAGE_SHIFT);
}

/*
 * Does nobody else see this anonymous page, mapped or in swap? => the slot that
 * maps it is locked: nobody can begin to share it, and reclaim, which takes it
 * from one after the other, gets stuck here; false in doubt
 */
static inline bool anon_page_is_ours(const struct page *page)
{
	bool alone;

	if (PageSwapCache(page))
		return false;
	smp_rmb(); /* who left swap has mapped it before */
	alone = page_mapcount(page) == 1;
	smp_rmb(); /* whom it was taken from has it in swap since before */
	return alone && !PageSwapCache(page);
}

void anon_vma_init(void);

/* Give vma an anon_vma, a neighbour's if they could merge. => 0, -ENOMEM */
int __anon_vma_prepare(struct vm_area_struct *vma);

static inline int anon_vma_prepare(struct vm_area_struct *vma)
{
	return likely(vma->anon_vma) ? 0 : __anon_vma_prepare(vma);
}

/*
 * Lock the trees around a change of borders; both may be NULL. Between, the
 * __ forms take a VMA out and put it back.
 */
void rmap_lock(struct address_space *mapping, struct anon_vma *av);
void rmap_unlock(struct address_space *mapping, struct anon_vma *av);
void __vma_rmap_insert(struct vm_area_struct *vma);
void __vma_rmap_remove(struct vm_area_struct *vma);
/* A VMA enters, or leaves for good (its anon_vma may be freed). */
void vma_rmap_insert(struct vm_area_struct *vma);
void vma_rmap_remove(struct vm_area_struct *vma);
unsigned long anon_vma_count(void);

/*
 * A mapped page has a VMA, and that an anon_vma. => it, locked and with a
 * reference, or NULL
 */
struct anon_vma *page_lock_anon_vma_write(struct page *page);
void page_unlock_anon_vma_write(struct anon_vma *av);

/*
 * Call fn for each PTE that maps page; it returns false to stop. The PTE's
 * table is locked. For a huge page, pte is NULL and huge_pmd_of() the entry.
 * try_lock: give up if somebody is changing the tree.
 * => false: given up; page is locked, or anonymous; may sleep
 */
struct rmap_walk {
	bool (*fn)(struct page *page, struct vm_area_struct *vma,
		   unsigned long addr, pte_t *pte, void *arg);
	void *arg;
	bool try_lock;
};
bool rmap_walk(struct page *page, struct rmap_walk *w);
/*
 * For reclaim: make every entry of page old. => how many were young, -1: too
 * busy to say; *flags: what VMAs those are (VM_LOCKED alone: it must stay)
 */
int page_referenced(struct page *page, bool locked, vm_flags_t *flags);
/*
 * Take away every entry of a locked, small page. TLBs may know them still: the
 * page stays locked, is not written and not freed before a flush_tlb_all().
 */
void try_to_unmap(struct page *page);
/*
 * Now no TLB knows an entry of mm that try_to_unmap() has taken away. => the
 * entries in question have been seen under the lock of their table
 */
void flush_tlb_batched_pending(struct mm_struct *mm);
/* Shared mappings of a locked file page notice the next write again. */
void page_mkclean(struct page *page);
/* => number of PTEs found to map page; equals page_mapcount() */
int page_count_mappings(struct page *page);

#endif
