// SPDX-License-Identifier: MIT
/*
 * The set of VMAs of an address space: one truth in two shapes.
 *
 *   mm->mmap   A <-> B <-> C <-> D        sorted list: neighbours in O(1)
 *   mm->mm_rb        B                    red-black tree: find in O(log n)
 *                   / \
 *                  A   C
 *                       \
 *                        D
 *
 * Each VMA owns the gap in front of it, from the end of its predecessor to
 * its own start (less the guard below a stack):
 *
 *   0 ......AAAA....BBBB..CCCC...........DDDD         prev->vm_end
 *     gap(A)    gap(B) gap(C)  gap(D)                 up to vm_start_gap()
 *
 * rb_subtree_gap is the largest gap in a subtree: the search for free space
 * never enters a subtree that has none large enough. From 1 TiB on a gap just
 * counts as large: mmap() takes its pages from such a gap nearly always, and
 * need not tell all the way up that it is a page smaller now. There are at
 * most 256 of them in an address space.
 *
 * Invariants (vma_tree_check): sorted, disjoint, not empty, page aligned;
 * tree order equals list order; gaps right; map_count and highest_vm_end too.
 *
 * Pure: mmap_lock is the caller's; also compiled into the host tests.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/vma.h>

unsigned long stack_guard_gap = 256UL << PAGE_SHIFT;

#define GAP_LARGE (1UL << 40)

#define vma_of(node) rb_entry(node, struct vm_area_struct, vm_rb)

static inline unsigned long gap_start(const struct vm_area_struct *vma)
{
	return vma->vm_prev ? vma->vm_prev->vm_end : 0;
}

static inline unsigned long own_gap(const struct vm_area_struct *vma)
{
	unsigned long start = gap_start(vma), end = vm_start_gap(vma);

	return end > start ? end - start : 0;
}

static inline unsigned long noted(unsigned long gap)
{
	return min(gap, GAP_LARGE);
}

#define noted_gap(vma) noted(own_gap(vma))
RB_DECLARE_CALLBACKS_MAX(static, gap_augment, struct vm_area_struct, vm_rb,
			 unsigned long, rb_subtree_gap, noted_gap);

/* The gap before vma changed: repair it and what depends on it. */
static inline void gap_update(struct vm_area_struct *vma)
{
	struct vm_area_struct **hint = &vma->vm_mm->gap_hint.vma;

	if (*hint && (*hint)->vm_start < vma->vm_start)
		*hint = vma;
	gap_augment.propagate(&vma->vm_rb, NULL);
}

static inline unsigned long max_gap_of(const struct rb_node *rb)
{
	return rb ? vma_of(rb)->rb_subtree_gap : 0;
}

/* ---- find ---------------------------------------------------------------- */

static struct vm_area_struct *tree_find(const struct mm_struct *mm,
					unsigned long addr)
{
	struct rb_node *rb = mm->mm_rb.rb_node;
	struct vm_area_struct *best = NULL;

	while (rb) {
		struct vm_area_struct *vma = vma_of(rb);

		if (addr < vma->vm_end) {
			best = vma;
			if (vma->vm_start <= addr)
				break;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	return best;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = READ_ONCE(mm->mmap_cache);

	if (likely(vma && addr < vma->vm_end) &&
	    (likely(vma->vm_start <= addr) || gap_start(vma) <= addr))
		return vma;
	vma = tree_find(mm, addr);
	if (vma)
		WRITE_ONCE(mm->mmap_cache, vma);
	return vma;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (vma) {
		*prev = vma->vm_prev;
	} else {
		struct rb_node *last = rb_last(&mm->mm_rb);

		*prev = last ? vma_of(last) : NULL;
	}
	return vma;
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

unsigned long count_vma_pages_range(struct mm_struct *mm, unsigned long start,
				    unsigned long end)
{
	struct vm_area_struct *vma = find_vma_intersection(mm, start, end);
	unsigned long nr = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		nr += min(end, vma->vm_end) - max(start, vma->vm_start);
	return nr >> PAGE_SHIFT;
}

/* ---- gaps ---------------------------------------------------------------- */

/* The lowest aligned fit in [start, end) clipped to the limits, or -ENOMEM. */
static unsigned long fit_low(unsigned long start, unsigned long end,
			     const struct vm_unmapped_area_info *info)
{
	unsigned long addr;

	start = max(start, info->low_limit);
	end = min(end, info->high_limit);
	addr = start + ((info->align_offset - start) & info->align_mask);
	if (addr < start || end < info->length || addr > end - info->length)
		return (unsigned long)-ENOMEM;
	return addr;
}

static unsigned long fit_high(unsigned long start, unsigned long end,
			      const struct vm_unmapped_area_info *info)
{
	unsigned long addr;

	start = max(start, info->low_limit);
	end = min(end, info->high_limit);
	if (end < info->length)
		return (unsigned long)-ENOMEM;
	addr = end - info->length;
	addr -= (addr - info->align_offset) & info->align_mask;
	if (addr < start || addr > end)
		return (unsigned long)-ENOMEM;
	return addr;
}

/*
 * Both searches go in address order through the subtrees that have a large
 * enough gap. Only the two gaps that a limit cuts can disappoint, so a
 * search is O(log n); search_up() recurses at most as deep as the tree, whose
 * height is below 2 log2(65,530) = 32. What lies left of a VMA ends below
 * vm_start, not below vm_start_gap(): a guard may reach across its neighbour.
 */
static unsigned long search_up(const struct rb_node *rb,
			       const struct vm_unmapped_area_info *info)
{
	while (max_gap_of(rb) >= noted(info->length)) {
		const struct vm_area_struct *vma = vma_of(rb);
		unsigned long start = gap_start(vma);
		unsigned long end = vm_start_gap(vma), addr;

		if (vma->vm_start >= info->low_limit + info->length) {
			addr = search_up(rb->rb_left, info);
			if (addr != (unsigned long)-ENOMEM)
				return addr;
			addr = fit_low(start, end, info);
			if (addr != (unsigned long)-ENOMEM)
				return addr;
		}
		if (start > info->high_limit - info->length)
			break;
		rb = rb->rb_right;
	}
	return (unsigned long)-ENOMEM;
}

/* Does the gap before this VMA begin low enough? */
static inline bool low_enough(const struct rb_node *rb,
			      const struct vm_unmapped_area_info *info)
{
	return gap_start(vma_of(rb)) <= info->high_limit - info->length;
}

static inline unsigned long own_fit(const struct rb_node *rb,
				    const struct vm_unmapped_area_info *info)
{
	const struct vm_area_struct *vma = vma_of(rb);

	if (own_gap(vma) < info->length || !low_enough(rb, info))
		return (unsigned long)-ENOMEM;
	return fit_high(gap_start(vma), vm_start_gap(vma), info);
}

/*
 * The VMA with the highest gap that fits, or NULL. The hot one: it climbs back
 * by the parents instead of recursing.
 */
static struct vm_area_struct *
search_down(struct rb_node *rb, const struct vm_unmapped_area_info *info)
{
	unsigned long least = noted(info->length);
	struct rb_node *from;
	bool fits;

	if (max_gap_of(rb) < least)
		return NULL;
	for (;;) {
		while (max_gap_of(rb->rb_right) >= least &&
		       low_enough(rb, info))
			rb = rb->rb_right;
		fits = !IS_ERR_VALUE(own_fit(rb, info));
		while (!fits && max_gap_of(rb->rb_left) < least) {
			do { /* to where we went right: its own gap is next */
				from = rb;
				rb = rb_parent(rb);
				if (!rb)
					return NULL;
			} while (from != rb->rb_right);
			fits = !IS_ERR_VALUE(own_fit(rb, info));
		}
		if (fits)
			return vma_of(rb);
		if (vma_of(rb)->vm_start < info->low_limit + info->length)
			return NULL;
		rb = rb->rb_left;
	}
}

/*
 * What the last search from the top knows still holds: no VMA above
 * gap_hint.vma has a gap of gap_hint.length below gap_hint.limit. A gap that
 * changes further up raises the hint (gap_update()). Often the new mapping
 * goes where the last one went, or right below it.
 */
static struct vm_area_struct *
search_hint(struct mm_struct *mm, const struct vm_unmapped_area_info *info)
{
	struct vm_area_struct *vma = mm->gap_hint.vma;

	if (!vma || info->high_limit != mm->gap_hint.limit ||
	    info->length < mm->gap_hint.length)
		return NULL;
	if (!IS_ERR_VALUE(own_fit(&vma->vm_rb, info)))
		return vma;
	vma = vma->vm_prev;
	return vma && !IS_ERR_VALUE(own_fit(&vma->vm_rb, info)) ? vma : NULL;
}

static unsigned long topdown_area(struct mm_struct *mm,
				  const struct vm_unmapped_area_info *info)
{
	unsigned long addr =
		fit_high(mm->highest_vm_end, ULONG_MAX & PAGE_MASK, info);
	struct vm_area_struct *vma;

	if (!IS_ERR_VALUE(addr))
		return addr;
	vma = search_hint(mm, info);
	if (!vma)
		vma = search_down(mm->mm_rb.rb_node, info);
	if (!vma)
		return (unsigned long)-ENOMEM;
	if (vma != mm->gap_hint.vma && !info->align_mask) {
		mm->gap_hint.vma = vma;
		mm->gap_hint.length = info->length;
		mm->gap_hint.limit = info->high_limit;
	}
	return own_fit(&vma->vm_rb, info);
}

unsigned long vm_unmapped_area(struct mm_struct *mm,
			       const struct vm_unmapped_area_info *info)
{
	unsigned long addr;

	BUG_ON(!info->length || !PAGE_ALIGNED(info->length));
	if (info->high_limit < info->length ||
	    info->high_limit - info->length < info->low_limit)
		return (unsigned long)-ENOMEM;
	if (info->topdown)
		return topdown_area(mm, info);
	addr = search_up(mm->mm_rb.rb_node, info);
	if (addr == (unsigned long)-ENOMEM)
		addr = fit_low(mm->highest_vm_end, ULONG_MAX & PAGE_MASK, info);
	return addr;
}

/* ---- link and unlink ----------------------------------------------------- */

bool find_vma_links(struct mm_struct *mm, unsigned long addr, unsigned long end,
		    struct vm_area_struct **prev)
{
	struct vm_area_struct *vma = find_vma_prev(mm, addr, prev);

	return !vma || vma->vm_start >= end;
}

/*
 * No descent: between prev and its successor there is exactly one free slot
 * in the tree, either prev's right one or the successor's left one.
 */
static void tree_insert(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;
	struct rb_node **link = &mm->mm_rb.rb_node, *parent = NULL;

	if (prev && !prev->vm_rb.rb_right) {
		parent = &prev->vm_rb;
		link = &parent->rb_right;
	} else if (next) {
		parent = &next->vm_rb;
		link = &parent->rb_left;
	}
	BUG_ON(*link);
	rb_link_node(&vma->vm_rb, parent, link);
	vma->rb_subtree_gap = 0;
	gap_update(vma);
	if (next) /* lost a part of its gap; above vma, so mostly done */
		gap_update(next);
	rb_insert_augmented(&vma->vm_rb, &mm->mm_rb, &gap_augment);
}

void __vma_link(struct mm_struct *mm, struct vm_area_struct *vma,
		struct vm_area_struct *prev)
{
	struct vm_area_struct *next = prev ? prev->vm_next : mm->mmap;

	BUG_ON(vma->vm_start >= vma->vm_end);
	BUG_ON(prev && prev->vm_end > vma->vm_start);
	BUG_ON(next && next->vm_start < vma->vm_end);

	vma->vm_prev = prev;
	vma->vm_next = next;
	if (prev)
		prev->vm_next = vma;
	else
		mm->mmap = vma;
	if (next)
		next->vm_prev = vma;
	else
		mm->highest_vm_end = vma->vm_end;
	tree_insert(mm, vma);
	mm->map_count++;
	WRITE_ONCE(mm->mmap_cache, vma); /* soon touched, or unmapped */
}

void __vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	vma_detach_run(mm, vma, vma);
}

void vma_detach_run(struct mm_struct *mm, struct vm_area_struct *first,
		    struct vm_area_struct *last)
{
	struct vm_area_struct *prev = first->vm_prev, *next = last->vm_next;
	struct vm_area_struct *vma;

	/* Next's gap is right before the others go: one way up does it. */
	if (prev)
		prev->vm_next = next;
	else
		mm->mmap = next;
	if (next) {
		next->vm_prev = prev;
		gap_update(next);
	} else {
		mm->highest_vm_end = prev ? prev->vm_end : 0;
		mm->gap_hint.vma = NULL;
	}
	for (vma = first; vma != next; vma = vma->vm_next) {
		rb_erase_augmented(&vma->vm_rb, &mm->mm_rb, &gap_augment);
		mm->map_count--;
	}
	BUG_ON(mm->map_count < 0);
	first->vm_prev = NULL;
	last->vm_next = NULL;
	WRITE_ONCE(mm->mmap_cache, next); /* the gap before it is used next */
}

void vma_set_range(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, pgoff_t pgoff)
{
	bool start_moved = start != vma->vm_start;
	bool end_moved = end != vma->vm_end;

	BUG_ON(start >= end || !PAGE_ALIGNED(start | end));
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	if (start_moved)
		gap_update(vma);
	if (!end_moved)
		return;
	if (vma->vm_next)
		gap_update(vma->vm_next);
	else
		vma->vm_mm->highest_vm_end = end;
}

/* ---- invariants ---------------------------------------------------------- */

static const char *check_one(const struct mm_struct *mm,
			     const struct vm_area_struct *vma,
			     const struct vm_area_struct *prev)
{
	unsigned long gap = max3(noted_gap(vma), max_gap_of(vma->vm_rb.rb_left),
				 max_gap_of(vma->vm_rb.rb_right));

	if (vma->vm_mm != mm)
		return "VMA of another mm";
	if (vma->vm_start >= vma->vm_end)
		return "empty VMA";
	if (!PAGE_ALIGNED(vma->vm_start | vma->vm_end))
		return "VMA not page aligned";
	if (vma->vm_prev != prev)
		return "vm_prev is wrong";
	if (prev && prev->vm_end > vma->vm_start)
		return "VMAs overlap";
	if (vma->rb_subtree_gap != gap)
		return "rb_subtree_gap is wrong";
	return NULL;
}

/* Is there a gap above the hint, which says that there is none? */
static bool gap_hint_is_wrong(const struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->gap_hint.vma;

	for (vma = vma ? vma->vm_next : NULL; vma; vma = vma->vm_next)
		if (min(vm_start_gap(vma), mm->gap_hint.limit) >=
		    gap_start(vma) + mm->gap_hint.length)
			return true;
	return false;
}

const char *vma_tree_check(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *prev = NULL;
	struct rb_node *rb = rb_first(&mm->mm_rb);
	int n = 0;

	for_each_vma(mm, vma) {
		const char *wrong = check_one(mm, vma, prev);

		if (wrong)
			return wrong;
		if (rb != &vma->vm_rb)
			return "tree and list differ";
		rb = rb_next(rb);
		prev = vma;
		n++;
	}
	if (rb)
		return "tree has more VMAs than the list";
	if (n != mm->map_count)
		return "map_count is wrong";
	if (mm->highest_vm_end != (prev ? prev->vm_end : 0))
		return "highest_vm_end is wrong";
	if (mm->mmap_cache &&
	    vma_lookup(mm, mm->mmap_cache->vm_start) != mm->mmap_cache)
		return "mmap_cache is stale";
	if (gap_hint_is_wrong(mm))
		return "gap_hint is wrong";
	return NULL;
}
