// SPDX-License-Identifier: MIT
/*
 * When do neighbouring ranges become one VMA? When nobody could tell them
 * apart: same flags, same object at consecutive offsets, anonymous pages
 * that can share one anon_vma. Linux's rules, to the letter, because they
 * show in /proc/pid/maps.
 *
 * The range R = [addr, end) is either free (curr NULL: mmap, brk) or a part
 * of curr that is about to get new attributes (mprotect, mlock, madvise):
 *
 *   both sides     PPPPRRRRNNNN  ->  PPPPPPPPPPPP   R and N disappear
 *   left, all      PPPPRRRR....  ->  PPPPPPPP....   R (if a VMA) disappears
 *   left, part     PPPPRRRRcccc  ->  PPPPPPPPcccc   curr keeps its tail
 *   right, all     ....RRRRNNNN  ->  ....NNNNNNNN   R (if a VMA) disappears
 *   right, part    ccccRRRRNNNN  ->  ccccNNNNNNNN   curr keeps its head
 *
 * Where prev and next cannot both be joined because of their anon_vmas, an
 * old range (mprotect, mremap) goes to prev, a fresh one (mmap) to next: it
 * asks next first, and then prev on behalf of both.
 *
 * First the plan, which changes nothing, then its application to list and
 * tree, which cannot fail. The reverse map and freeing are mmap.c's part.
 * Pure; also compiled into the host tests.
 */
#include <base/bug.h>
#include <mm/vm/vma.h>

struct vma_attr vma_attr_of(const struct vm_area_struct *vma,
			    unsigned long addr)
{
	return (struct vma_attr){
		.flags = vma->vm_flags,
		.anon_vma = vma->anon_vma,
		.anon_fork = vma->anon_fork,
		.file = vma->vm_file,
		.mapping = vma->vm_mapping,
		.ops = vma->vm_ops,
		.private_data = vma->vm_private_data,
		.pgoff = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT),
	};
}

static bool same_kind(const struct vm_area_struct *vma,
		      const struct vma_attr *attr)
{
	if ((vma->vm_flags ^ attr->flags) & ~VM_SOFTDIRTY)
		return false;
	if (vma->vm_file != attr->file || vma->vm_mapping != attr->mapping)
		return false;
	if (vma->vm_ops != attr->ops ||
	    vma->vm_private_data != attr->private_data)
		return false;
	return !vma->vm_ops || !vma->vm_ops->close;
}

/*
 * A range without anonymous pages joins any neighbour, except one that came
 * out of a fork: its anon_vma is shared with relatives, and fresh pages had
 * better start one of their own. Otherwise both must have the same, and two
 * that a fork copied must be parts of one (Linux gives each its anon_vma).
 */
static bool same_anon(const struct vm_area_struct *vma,
		      const struct vma_attr *attr)
{
	if (vma->anon_vma == attr->anon_vma)
		return !vma->anon_vma || vma->anon_fork == attr->anon_fork;
	return !attr->anon_vma && vma->anon_vma && !vma->anon_fork;
}

static bool joins_left(const struct vm_area_struct *prev, unsigned long addr,
		       const struct vma_attr *attr)
{
	return prev && prev->vm_end == addr && same_kind(prev, attr) &&
	       same_anon(prev, attr) &&
	       prev->vm_pgoff + vma_pages(prev) == attr->pgoff;
}

static bool joins_right(const struct vm_area_struct *next, unsigned long end,
			pgoff_t pgoff_end, const struct vma_attr *attr)
{
	return next && next->vm_start == end && same_kind(next, attr) &&
	       same_anon(next, attr) && next->vm_pgoff == pgoff_end;
}

/* The part of curr that [addr, end) leaves over, if any, is trimmed. */
static void plan_curr(struct vma_merge_plan *plan, struct vm_area_struct *curr,
		      unsigned long addr, unsigned long end)
{
	if (!curr)
		return;
	BUG_ON(addr < curr->vm_start || end > curr->vm_end);
	if (addr == curr->vm_start && end == curr->vm_end) {
		plan->remove[0] = curr;
		return;
	}
	plan->trim = curr;
	if (addr == curr->vm_start) {
		plan->trim_start = end;
		plan->trim_end = curr->vm_end;
		plan->trim_pgoff =
			curr->vm_pgoff + ((end - curr->vm_start) >> PAGE_SHIFT);
	} else {
		BUG_ON(end != curr->vm_end);
		plan->trim_start = curr->vm_start;
		plan->trim_end = addr;
		plan->trim_pgoff = curr->vm_pgoff;
	}
}

static void adopt(struct vma_merge_plan *plan,
		  const struct vm_area_struct *from)
{
	if (plan->keep->anon_vma || plan->anon_vma || !from || !from->anon_vma)
		return;
	plan->anon_vma = from->anon_vma;
	plan->anon_fork = from->anon_fork;
}

bool vma_merge_plan(struct mm_struct *mm, struct vm_area_struct *prev,
		    struct vm_area_struct *curr, unsigned long addr,
		    unsigned long end, const struct vma_attr *attr,
		    struct vma_merge_plan *plan)
{
	pgoff_t pgoff_end = attr->pgoff + ((end - addr) >> PAGE_SHIFT);
	struct vm_area_struct *next;
	struct vma_attr left_attr;
	bool left, right;

	if (attr->flags & VM_SPECIAL)
		return false;
	if (curr)
		next = end == curr->vm_end ? curr->vm_next : NULL;
	else
		next = prev ? prev->vm_next : mm->mmap;

	right = joins_right(next, end, pgoff_end, attr);
	left_attr = *attr;
	if (right && attr->fresh) {
		left_attr.anon_vma = next->anon_vma;
		left_attr.anon_fork = next->anon_fork;
	}
	left = joins_left(prev, addr, &left_attr);
	if (!left && !right)
		return false;

	*plan = (struct vma_merge_plan){ .keep = left ? prev : next };
	if (left && right && prev->anon_vma && next->anon_vma &&
	    prev->anon_vma != next->anon_vma)
		right = false;
	plan_curr(plan, curr, addr, end);
	adopt(plan, curr);
	if (left && right) {
		plan->remove[plan->remove[0] ? 1 : 0] = next;
		adopt(plan, next);
	}
	plan->start = left ? prev->vm_start : addr;
	plan->end = right ? next->vm_end : end;
	plan->pgoff = left ? prev->vm_pgoff : attr->pgoff;
	return true;
}

void vma_merge_apply(struct mm_struct *mm, const struct vma_merge_plan *plan)
{
	struct vm_area_struct *keep = plan->keep;

	for (int i = 0; i < 2 && plan->remove[i]; i++)
		__vma_unlink(mm, plan->remove[i]);
	if (plan->trim)
		vma_set_range(plan->trim, plan->trim_start, plan->trim_end,
			      plan->trim_pgoff);
	if (!keep->anon_vma && plan->anon_vma) {
		keep->anon_vma = plan->anon_vma;
		keep->anon_fork = plan->anon_fork;
	}
	vma_set_range(keep, plan->start, plan->end, plan->pgoff);
	WRITE_ONCE(mm->mmap_cache, NULL);
}

void vma_split_apply(struct mm_struct *mm, struct vm_area_struct *vma,
		     struct vm_area_struct *new, unsigned long addr,
		     bool new_below)
{
	pgoff_t pgoff = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);

	BUG_ON(addr <= vma->vm_start || addr >= vma->vm_end);
	if (new_below) {
		new->vm_end = addr;
		vma_set_range(vma, addr, vma->vm_end, pgoff);
		__vma_link(mm, new, vma->vm_prev);
	} else {
		new->vm_start = addr;
		new->vm_pgoff = pgoff;
		vma_set_range(vma, vma->vm_start, addr, vma->vm_pgoff);
		__vma_link(mm, new, vma);
	}
	WRITE_ONCE(mm->mmap_cache, NULL);
}
