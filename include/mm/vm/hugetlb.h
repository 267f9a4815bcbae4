/* SPDX-License-Identifier: MIT */
/*
 * Huge pages from a pool (MAP_HUGETLB): 2 MiB behind a PMD, 1 GiB behind a
 * PUD, set aside by the administrator, promised to a mapping when it is made.
 */
#ifndef _MM_VM_HUGETLB_H
#define _MM_VM_HUGETLB_H

#include <lib/list.h>
#include <mm/phys/page.h>
#include <mm/vm/mm_types.h>

struct mm_vma_stats;
struct mmu_gather;

/*
 * One pool. Pages in use are nr - free; of the free ones, resv are promised.
 * Lock key: (c) constant, (h) hugetlb_mutex; reading without it is a glance
 */
struct hstate {
	unsigned int order;	   /* (c) */
	unsigned long nr;	   /* (h) pages of the pool */
	unsigned long free;	   /* (h) of them on the list; >= resv */
	unsigned long resv;	   /* (h) promised, not faulted in yet */
	unsigned long surplus;	   /* (h) of nr, those beyond what was set */
	unsigned long max_surplus; /* (h) nr_overcommit_hugepages */
	struct list_head freelist; /* (h) by lru */
};

#define HUGE_MAX_HSTATE 2
extern struct hstate hstates[HUGE_MAX_HSTATE];
extern struct hstate *default_hstate;

#define huge_page_size(h) (PAGE_SIZE << (h)->order)

static inline bool is_vm_hugetlb_page(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_HUGETLB;
}

/* --- settings --- */

/* hugepages=, hugepagesz=, default_hugepagesz=, in the order given. */
void hugetlb_boot_param(const char *name, const char *val);
/* Fill the pools as the command line had it. => the buddy is up */
void hugetlb_init(void);
/* Bring the pool to count pages, as near as memory and users allow. */
void hugetlb_set_nr(struct hstate *h, unsigned long count);
void hugetlb_set_overcommit(struct hstate *h, unsigned long count);

/* --- mappings --- */

extern const struct vm_operations_struct hugetlb_vm_ops;
/* The pool that mmap()'s flags ask for. => NULL: no such size */
struct hstate *hstate_of_flags(unsigned long flags);
unsigned long vma_hugetlb_size(const struct vm_area_struct *vma); /* bytes */

static inline unsigned long
vma_kernel_pagesize(const struct vm_area_struct *vma)
{
	return is_vm_hugetlb_page(vma) ? vma_hugetlb_size(vma) : PAGE_SIZE;
}

unsigned long vma_hugetlb_ino(const struct vm_area_struct *vma);
/*
 * Give the new vma its pages, promised unless VM_NORESERVE.
 * => 0, -ENOMEM, -EINVAL: not an offset of huge pages
 */
int hugetlb_attach(struct vm_area_struct *vma, struct hstate *h);

/* --- what the walks of mm/vm do instead; mmap_lock is held --- */
vm_fault_t hugetlb_fault(struct vm_fault *vmf);
void hugetlb_zap(struct mmu_gather *tlb, struct vm_area_struct *vma,
		 unsigned long start, unsigned long end);
int hugetlb_copy(struct vm_area_struct *dst, struct vm_area_struct *src,
		 bool *reduced);
void hugetlb_change_protection(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end);
/* mremap: src's entries at old go to new. => -ENOMEM: nothing was done */
int hugetlb_move(struct vm_area_struct *src, unsigned long old,
		 unsigned long new, unsigned long len);
/* vma goes without its promises: another has taken them over. */
void hugetlb_disown(struct vm_area_struct *vma);
void hugetlb_stats(struct vm_area_struct *vma, struct mm_vma_stats *st);
/* => entries of vma; *bad counts those that cannot be */
unsigned long hugetlb_check(struct vm_area_struct *vma, unsigned long *bad);

#endif
