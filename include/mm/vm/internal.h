/* SPDX-License-Identifier: MIT */
/*
 * What the files of mm/vm share among themselves and nobody else needs.
 */
#ifndef _MM_VM_INTERNAL_H
#define _MM_VM_INTERNAL_H

#include <asm/cacheflush.h>
#include <asm/tlbflush.h>
#include <mm/phys/pgtable.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/hugetlb.h>
#include <mm/vm/lru.h>
#include <mm/vm/mm.h>
#include <mm/vm/pagemap.h>
#include <mm/vm/rmap.h>
#include <mm/vm/swap.h>

#define GFP_USER_PAGE GFP_HIGHUSER_MOVABLE

/* --- VMA objects (mm.c) --- */

/* A VMA of mm without place or backing. => NULL: no memory */
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
/* A copy, not linked anywhere; takes a reference on the backing. */
struct vm_area_struct *vm_area_dup(const struct vm_area_struct *vma);
/* Free a VMA that is in no tree; drops the backing. May sleep. */
void vm_area_free(struct vm_area_struct *vma);
/* The hold of a VMA on what stands behind it: a file, or shared memory. */
void vma_get_backing(const struct vm_area_struct *vma);
void vma_put_backing(const struct vm_area_struct *vma);
void vma_set_page_prot(struct vm_area_struct *vma);

static inline bool is_cow_mapping(vm_flags_t flags)
{
	return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* Could stores through vma reach its object, now or after an mprotect()? */
static inline bool may_write_shared(const struct vm_area_struct *vma)
{
	return !(~vma->vm_flags & (VM_SHARED | VM_MAYWRITE));
}

/* --- accounting (mm.c, overcommit.c) --- */
void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages);
bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags,
		   unsigned long npages);
/* => 0 or -EAGAIN: RLIMIT_MEMLOCK; len in bytes */
int mlock_future_check(struct mm_struct *mm, vm_flags_t flags,
		       unsigned long len);
bool can_do_mlock(const struct mm_struct *mm);
/* Private writable memory is a promise: it is charged. */
static inline bool accountable_mapping(vm_flags_t flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE | VM_HUGETLB)) ==
	       VM_WRITE;
}

static inline void add_mm_counter(struct mm_struct *mm, int c, long v)
{
	atomic_long_add(v, &mm->rss_stat[c]);
}

/* Which counter a mapped page belongs to. */
static inline int mm_counter_file(const struct page *page)
{
	return PageSwapBacked(page) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static inline int mm_counter(const struct page *page)
{
	return PageAnon(page) ? MM_ANONPAGES : mm_counter_file(page);
}

static inline void update_hiwater_rss(struct mm_struct *mm)
{
	unsigned long rss = get_mm_rss(mm);

	if (mm->hiwater_rss < rss)
		mm->hiwater_rss = rss;
}

/* --- split and merge, carried out (mmap.c) --- */

/*
 * Cut vma at addr; the new VMA is below or above. => 0, -ENOMEM, -EINVAL (in
 * the middle of a page from a pool)
 */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr, bool new_below);
/* Merge if vma_merge_plan() says so. => the grown VMA, or NULL */
struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 struct vm_area_struct *prev,
				 struct vm_area_struct *curr,
				 unsigned long addr, unsigned long end,
				 const struct vma_attr *attr);
/*
 * Give [start, end) of *vma new flags, by merge or split. *vma becomes the
 * VMA that holds the range (and perhaps more, after a merge). => 0, -ENOMEM
 */
int vma_modify_flags(struct mm_struct *mm, struct vm_area_struct **vma,
		     unsigned long start, unsigned long end, vm_flags_t flags);

/* --- page tables (zap.c) --- */

/* The slot for addr, tables made as needed. => NULL: no memory, or a block */
pte_t *mm_pte_alloc(struct mm_struct *mm, unsigned long addr, pmd_t **pmdp);
/* The PTE, PMD or PUD for addr, by the size of what it maps; likewise. */
void *mm_entry_alloc(struct mm_struct *mm, unsigned long addr,
		     unsigned long size);
pmd_t *mm_pmd_alloc(struct mm_struct *mm, unsigned long addr);

/* => the page behind a present PTE; NULL for the zero page and the like */
static inline struct page *vm_normal_page(pte_t pte)
{
	if (unlikely(pte_special(pte)))
		return NULL;
	return pfn_to_page(pte_pfn(pte));
}

#define GATHER_PAGES 32U

/*
 * Unmapping in batches: clear PTEs, then flush the TLB once, then free.
 * A page must not be reused while a CPU can still reach it through its TLB.
 */
struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end; /* to flush; start >= end: nothing */
	bool fullmm;		  /* the ASID is flushed already */
	unsigned int nr;	  /* in pages[] */
	unsigned int zone_id;	  /* the counts below are for it */
	long rss[NR_MM_COUNTERS]; /* to subtract */
	long anon_unmapped, file_unmapped;
	long anon_freed[2];		  /* inactive, active */
	struct lruvec *lruvec;		  /* whose lock is held, or NULL */
	struct list_head free;		  /* anonymous, refcount 0, by lru */
	struct page *pages[GATHER_PAGES]; /* one reference each */
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm);
/* Flush and free what has been gathered; counters become exact. */
void tlb_finish_mmu(struct mmu_gather *tlb);
/*
 * Clear the PTEs of [start, end) in vma. even_cows: anonymous pages too.
 * => mmap_lock, or i_mmap_rwsem of vma's mapping
 */
void zap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		    unsigned long start, unsigned long end, bool even_cows);
/*
 * [start, end) has been cleared and its VMAs left the reverse map: free the
 * tables it leaves empty, if no VMA outside (floor, ceiling: the borders of
 * the neighbours) shares them.
 */
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling);
/* The same for all VMAs of a dead mm, still linked, without a TLB flush. */
void free_all_pgtables(struct mm_struct *mm);
/* One mapping of page is gone, outside a gather. => ptl held */
void page_remove_rmap(struct page *page);

/* Nodes for trees of pages (filemap.c): in general, and where shadows are. */
extern const struct xa_alloc page_tree_alloc, file_tree_alloc, swap_tree_alloc;
/* Before trying again to store: the next node will be had. => was there one? */
bool page_tree_stock(gfp_t gfp);
/*
 * A new page at index, locked. => ERR_PTR(-ENOMEM, -ENOSPC, -EEXIST: another
 * was faster)
 */
struct page *new_cache_page(struct address_space *mapping, pgoff_t index,
			    gfp_t gfp);
/* Take a locked page out of the cache. => false: mapped again, or kept */
bool remove_from_page_cache(struct page *page, bool keep_dirty);

/* --- anonymous pages, LRU (rmap.c, lru.c) --- */

/* Fresh page, invisible yet: becomes vma's at addr; counted. => ptl held */
void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr);
/* A page from the swap cache is mapped, locked; there may be others. */
void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
			unsigned long addr);
/* The same as the first for a huge page. */
void page_add_new_huge_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr);
/* One more PTE maps a page cache page. => ptl held */
static inline void page_add_file_rmap(struct page *page)
{
	VM_BUG_ON_PAGE(PageAnon(page), page);
	if (atomic_inc_and_test(&page->_mapcount))
		inc_node_page_state(page, NR_FILE_MAPPED);
}

/*
 * A locked VMA maps the page, once more; one maps it no more (all: none does).
 * => a small page; its PTE's lock held
 */
void mlock_page(struct page *page);
void munlock_page(struct page *page, bool all);
/* The same for what [start, end) of vma maps (mlock.c); even_cows: all of it */
void mlock_pages(struct vm_area_struct *vma, unsigned long start,
		 unsigned long end, bool lock, bool even_cows);
/* The last reference of a PG_lru page is gone: uncount it (reclaim_ops). */
void lru_release_page(struct page *page);
/* Lists for each node; once. */
void lru_init(void);

/* The page will be executed: make the instruction cache see it, once. */
static inline void sync_exec_page(struct page *page)
{
	if (!PageArchClean(page)) {
		sync_icache_range((unsigned long)page_address(page),
				  page_size(page));
		SetPageArchClean(page);
	}
}

/* --- faults (fault.c, swapin.c) --- */

/* A write to a read-only slot, locked and unchanged; it is unlocked here. */
vm_fault_t do_wp_page(struct vm_fault *vmf);
/* Any access to a slot with a swap entry. */
vm_fault_t do_swap_page(struct vm_fault *vmf);
/*
 * Bring back what [start, end) of vma has in the swap area of that type. A
 * page that cannot be read ends it for ANY_AREA (-EFAULT), else it is lost.
 * => 0, -ENOMEM, -EFAULT; mmap_lock held
 */
#define ANY_AREA MAX_SWAPFILES
int swap_in_range(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, unsigned int type);

/* Begin to read what [start, end) has in swap; nobody waits for it. */
void swap_willneed(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end);
/* The same for all address spaces (mm.c). => 0, -ENOMEM, -EINTR */
int mm_unuse(unsigned int type);
/* => swap entries of all address spaces (mm.c), of all shared memory */
unsigned long mm_swapents(void);
unsigned long shmem_swapped_total(void);

/* --- shared anonymous memory (shmem.c) --- */

/* A new object of size bytes, promised to mm, one reference. => NULL: no memory */
struct address_space *shmem_create(struct mm_struct *mm, unsigned long size,
				   bool noreserve);
/* => a number that no other nameless object has */
unsigned long shmem_next_ino(void);
void shmem_get(struct address_space *mapping);
void shmem_put(struct address_space *mapping);
extern const struct vm_operations_struct shmem_anon_vm_ops;
void shmem_init(void);

/* --- shared memory in swap (shmem_swap.c) --- */

/*
 * The page of index comes back from swap. => with a reference; NULL: it is not
 * in swap; ERR_PTR(-ENOMEM, -EIO, -EAGAIN: look again)
 */
struct page *shmem_swapin(struct address_space *mapping, pgoff_t index,
			  bool *major);
/* Nobody wants what the value at index stands for. => mapping->lock held */
void shmem_free_swapped(struct address_space *mapping, pgoff_t index);
/* The object goes: nobody may find it any more. */
void shmem_forget_swapped(struct address_space *mapping);
/*
 * The first index from *index on, up to last, that is in swap (in an area of
 * that type, or ANY_AREA). => false: there is none
 */
bool shmem_next_swapped(struct address_space *mapping, unsigned long *index,
			pgoff_t last, unsigned int type, swp_entry_t *entry);
/* => pages that vma's part of its object has in swap */
unsigned long shmem_swap_usage(const struct vm_area_struct *vma);
/* Bring back what is in the area of that type. => 0, -ENOMEM, -EINTR */
int shmem_unuse(unsigned int type);

/* --- access.c --- */

/* Fault [start, end) of vma in. => 0, -ENOMEM, -EFAULT; mmap_lock read */
int faultin_range(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, bool write);
/* The same with the access that fits the mapping. */
int populate_vma(struct vm_area_struct *vma, unsigned long start,
		 unsigned long end);

/* --- others --- */
/* What a present PTE becomes under vma's protection; page table locked. */
pte_t new_rights(struct vm_area_struct *vma, pte_t old);
/* Change the protection of present PTEs (mprotect.c). => mmap_lock write */
void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end);

#endif
