/* SPDX-License-Identifier: MIT */
/*
 * Transparent huge pages: 2 MiB of anonymous memory behind one PMD. What the
 * other files of mm/vm call where a walk finds a block instead of a table,
 * and what /sys/kernel/mm/transparent_hugepage sets.
 */
#ifndef _MM_VM_HUGE_MM_H
#define _MM_VM_HUGE_MM_H

#include <mm/phys/pgtable.h>
#include <mm/vm/mm_types.h>

struct mmu_gather;
struct seq_buf;

#define HPAGE_PMD_ORDER (PMD_SHIFT - PAGE_SHIFT)
#define HPAGE_PMD_NR	(1L << HPAGE_PMD_ORDER)
#define HPAGE_PMD_SIZE	PMD_SIZE
#define HPAGE_PMD_MASK	PMD_MASK

/* --- settings --- */

enum thp_mode { THP_NEVER, THP_MADVISE, THP_ALWAYS };
enum thp_defrag {
	THP_DEFRAG_NEVER,
	THP_DEFRAG_MADVISE,
	THP_DEFRAG_DEFER_MADVISE,
	THP_DEFRAG_DEFER,
	THP_DEFRAG_ALWAYS,
};
extern int transparent_hugepage_mode;	/* enum thp_mode */
extern int transparent_hugepage_defrag; /* enum thp_defrag */
extern bool transparent_hugepage_use_zero_page;

/* Choose the defaults by the size of memory. => the buddy is up */
void hugepage_init(void);

/* May huge pages be faulted into vma, as far as settings and flags go? */
bool hugepage_vma_check(const struct vm_area_struct *vma);

/* --- what walkers need --- */

/*
 * The PMD by which vma maps the huge page, or NULL. => the page's
 * anon_vma->rwsem is held: it stays so
 */
pmd_t *huge_pmd_of(const struct page *page, const struct vm_area_struct *vma);

/*
 * The entry that maps addr, whatever its level, seen as the PTE of that 4 KiB
 * page. => none if nothing maps it. *ptlp (may be NULL, to look only) is the
 * lock that holds the entry still, taken; NULL if the entry is none
 */
pte_t follow_pte(struct mm_struct *mm, unsigned long addr, spinlock_t **ptlp);

/* --- hooks: pmd is, or was a moment ago, no table --- */

/*
 * vmf->pmd (may be NULL) does not lead to a PTE. => VM_FAULT_FALLBACK: go on
 * with small pages
 */
vm_fault_t do_huge_fault(struct vm_fault *vmf);
/* Unmap from start on. => where to go on; start itself: look again */
unsigned long zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
			   pmd_t *pmd, unsigned long start, unsigned long end);
/* fork: => 0, -ENOMEM, or -EAGAIN: split meanwhile */
int copy_huge_pmd(struct vm_area_struct *dst, struct vm_area_struct *src,
		  pmd_t *src_pmd, unsigned long addr, long *rss, bool *reduced);
/* mprotect of all of it. => false: it is a table now */
bool change_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
		     unsigned long addr);
/*
 * mremap: carry a PMD, table or huge page, over to an empty one. => mmap_lock
 * write, and the locks of the reverse map
 */
void move_pmd(struct mm_struct *mm, pmd_t *from, pmd_t *to, unsigned long old);
/*
 * MADV_COLLAPSE: each aligned 2 MiB of [start, end) that has pages becomes a
 * huge one. => 0; -EINVAL, -ENOMEM if one did not; mmap_lock write
 */
int madvise_collapse(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end);
/* Make *pmd a table, for all who share the page. Cannot fail. */
void split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr);

/*
 * For reclaim, which holds a reference to page: split the huge page it heads,
 * for all who map it. => false: nobody maps it
 */
bool split_huge_page(struct page *page);
/* Was it used through vma? It is old now. => its anon_vma->rwsem held */
bool huge_pmd_clear_young(struct page *page, struct vm_area_struct *vma,
			  unsigned long addr);

/* A border of a VMA comes to lie at addr: no huge page may straddle it. */
void __vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long addr);

static inline void vma_adjust_trans_huge(struct vm_area_struct *vma,
					 unsigned long addr)
{
	unsigned long haddr = addr & HPAGE_PMD_MASK;

	if (unlikely(haddr != addr && haddr >= vma->vm_start &&
		     haddr + HPAGE_PMD_SIZE <= vma->vm_end && vma->anon_vma))
		__vma_adjust_trans_huge(vma, addr);
}

#endif
