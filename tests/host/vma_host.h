/* SPDX-License-Identifier: MIT */
/*
 * The VMA core on the host, and the operations that mm/vm/mmap.c makes of it,
 * without the pages: for tests that compare it with a model.
 */
#ifndef _HOST_VMA_HOST_H
#define _HOST_VMA_HOST_H

/* The core needs no locks and no kernel: these headers stay empty. */
#define _BASE_SPINLOCK_H
#define _BASE_BUG_H
#define _SCHED_RWSEM_H
#define _SCHED_MUTEX_H
typedef struct {
	int unused;
} spinlock_t;
struct rw_semaphore {
	int unused;
};
struct mutex {
	int unused;
};
#define BUG_ON(c)                         \
	do {                              \
		if (c)                    \
			__builtin_trap(); \
	} while (0)

#include <lib/errno.h>
#include <lib/prng.h>
#include <lib/string.h>
#include <mm/vm/vma.h>

#include "harness.h"

#include "../../mm/vm/vma.c"
#include "../../mm/vm/vma_merge.c"

static struct mm_struct mm;

/* No VMAs; the guard of a growing stack is 4 pages. */
static void reset_mm(void)
{
	struct vm_area_struct *vma = mm.mmap, *next;

	for (; vma; vma = next) {
		next = vma->vm_next;
		host_free(vma);
	}
	memset(&mm, 0, sizeof(mm));
	stack_guard_gap = 4 * PAGE_SIZE;
}

static void split(struct vm_area_struct *vma, unsigned long addr, bool below)
{
	struct vm_area_struct *new = host_alloc(sizeof(*new));

	*new = *vma;
	vma_split_apply(&mm, vma, new, addr, below);
}

static struct vm_area_struct *try_merge(struct vm_area_struct *prev,
					struct vm_area_struct *curr,
					unsigned long addr, unsigned long end,
					const struct vma_attr *attr)
{
	struct vma_merge_plan plan;

	if (!vma_merge_plan(&mm, prev, curr, addr, end, attr, &plan))
		return NULL;
	vma_merge_apply(&mm, &plan);
	host_free(plan.remove[0]);
	host_free(plan.remove[1]);
	return plan.keep;
}

static void unmap(unsigned long start, unsigned long end)
{
	struct vm_area_struct *first = find_vma_intersection(&mm, start, end);
	struct vm_area_struct *last;

	if (!first)
		return;
	if (first->vm_start < start)
		split(first, start, true);
	last = first;
	while (last->vm_next && last->vm_next->vm_start < end)
		last = last->vm_next;
	if (last->vm_end > end)
		split(last, end, false);
	vma_detach_run(&mm, first, last);
	for (; first; first = last) {
		last = first->vm_next;
		host_free(first);
	}
}

static void map(unsigned long start, unsigned long end,
		const struct vma_attr *attr)
{
	struct vm_area_struct *prev, *vma;

	unmap(start, end);
	EXPECT(find_vma_links(&mm, start, end, &prev));
	if (try_merge(prev, NULL, start, end, attr))
		return;
	vma = host_alloc(sizeof(*vma));
	memset(vma, 0, sizeof(*vma));
	vma->vm_mm = &mm;
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_flags = attr->flags;
	vma->vm_file = attr->file;
	vma->vm_ops = attr->ops;
	vma->anon_vma = attr->anon_vma;
	vma->vm_pgoff = attr->pgoff;
	__vma_link(&mm, vma, prev);
}

static void protect(unsigned long start, unsigned long end, vm_flags_t rights)
{
	struct vm_area_struct *vma = find_vma_intersection(&mm, start, end);

	for (; vma && vma->vm_start < end; vma = vma->vm_next) {
		unsigned long from = max(start, vma->vm_start);
		unsigned long to = min(end, vma->vm_end);
		struct vma_attr attr = vma_attr_of(vma, from);
		vm_flags_t flags = rights | (vma->vm_flags & VM_GROWSDOWN);
		struct vm_area_struct *merged;

		if (vma->vm_flags == flags)
			continue;
		attr.flags = flags;
		merged = try_merge(from == vma->vm_start ? vma->vm_prev : NULL,
				   vma, from, to, &attr);
		if (merged) {
			vma = merged;
			continue;
		}
		if (from > vma->vm_start)
			split(vma, from, true);
		if (to < vma->vm_end)
			split(vma, to, false);
		vma->vm_flags = flags;
	}
}

#endif
