/* SPDX-License-Identifier: MIT */
/*
 * The VMA core: find, link, gap search, split and merge. Pure: no page
 * tables, no allocation, no lock of its own, so that it also runs on the
 * host against a naive model.
 *
 * => mmap_lock: read for the finders, write for all else
 */
#ifndef _MM_VM_VMA_H
#define _MM_VM_VMA_H

#include <lib/types.h>
#include <mm/vm/mm_types.h>

extern unsigned long stack_guard_gap; /* bytes below a growing stack */

#define for_each_vma(mm, vma) for (vma = (mm)->mmap; vma; vma = vma->vm_next)

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_ops;
}

/* First address that must stay free below vma: its guard gap counts. */
static inline unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start;

	if (vma->vm_flags & VM_GROWSDOWN)
		start = start > stack_guard_gap ? start - stack_guard_gap : 0;
	return start;
}

/* --- find --- */

/* => the first VMA with addr < vm_end (it may start above addr), or NULL */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
/* The same, and in *prev the VMA before that one (or the last). */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev);
/* => the VMA that holds addr, or NULL */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
/* => the first VMA that meets [start, end), or NULL */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end);
/* => how many pages of [start, end) are in VMAs */
unsigned long count_vma_pages_range(struct mm_struct *mm, unsigned long start,
				    unsigned long end);

/* --- gaps --- */

struct vm_unmapped_area_info {
	unsigned long length;	  /* bytes, page aligned */
	unsigned long low_limit;  /* result >= low_limit */
	unsigned long high_limit; /* result + length <= high_limit */
	unsigned long align_mask; /* result & align_mask == offset's */
	unsigned long align_offset;
	bool topdown;
};

/* => lowest or highest fitting address, or -ENOMEM */
unsigned long vm_unmapped_area(struct mm_struct *mm,
			       const struct vm_unmapped_area_info *info);

/* --- link --- */

/* Put vma, whose range is free, behind prev (NULL: first). */
void __vma_link(struct mm_struct *mm, struct vm_area_struct *vma,
		struct vm_area_struct *prev);
/* => where a VMA at [addr, end) links; false if something is there */
bool find_vma_links(struct mm_struct *mm, unsigned long addr, unsigned long end,
		    struct vm_area_struct **prev);
void __vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);
/* Unlink the run first..last at once from the list and the tree. */
void vma_detach_run(struct mm_struct *mm, struct vm_area_struct *first,
		    struct vm_area_struct *last);
/* Move the borders of a linked VMA; the object's offset follows. */
void vma_set_range(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, pgoff_t pgoff);

/* --- split and merge (vma_merge.c) --- */

/* The attributes a range must share with a neighbour to join it. */
struct vma_attr {
	vm_flags_t flags;
	struct anon_vma *anon_vma;
	unsigned int anon_fork;
	struct file *file;
	struct address_space *mapping;
	const struct vm_operations_struct *ops;
	void *private_data;
	pgoff_t pgoff; /* of the range's start */
	bool fresh;    /* mmap() and brk(): next is asked before prev */
};

struct vma_merge_plan {
	struct vm_area_struct *keep; /* grows to [start, end) */
	unsigned long start, end;
	pgoff_t pgoff;
	struct vm_area_struct *remove[2]; /* disappear, NULL if none */
	struct vm_area_struct *trim; /* gives up what keep takes, or NULL */
	unsigned long trim_start, trim_end;
	pgoff_t trim_pgoff;
	struct anon_vma *anon_vma; /* keep adopts it if it has none */
	unsigned int anon_fork;
};

/* The attributes of vma from address addr on. */
struct vma_attr vma_attr_of(const struct vm_area_struct *vma,
			    unsigned long addr);
/*
 * Can [addr, end) with these attributes join its neighbours?
 * curr is the VMA that now holds the range, or NULL if nothing does;
 * prev is the VMA before addr that is not curr.
 * => true and a plan; nothing is changed
 */
bool vma_merge_plan(struct mm_struct *mm, struct vm_area_struct *prev,
		    struct vm_area_struct *curr, unsigned long addr,
		    unsigned long end, const struct vma_attr *attr,
		    struct vma_merge_plan *plan);

/* Carry the plan out on list and tree; the removed VMAs are the caller's. */
void vma_merge_apply(struct mm_struct *mm, const struct vma_merge_plan *plan);
/* Cut vma at addr; new, a copy of it, becomes the part below or above. */
void vma_split_apply(struct mm_struct *mm, struct vm_area_struct *vma,
		     struct vm_area_struct *new, unsigned long addr,
		     bool new_below);

/* --- invariants --- */

/* => NULL if list, tree, gaps and counts agree, else what is wrong */
const char *vma_tree_check(struct mm_struct *mm);

#endif
