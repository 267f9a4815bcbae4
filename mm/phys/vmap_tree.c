// SPDX-License-Identifier: MIT
/*
 * vmap_tree.c - address ranges, and where there is room between them
 *
 * Only areas are in the tree; the room between two of them belongs to the
 * upper one as its `gap`. subtree_gap lets the search turn away from every
 * subtree in which no gap is large enough, so it goes straight down to the
 * lowest one that is:
 *
 *	               [40..50) gap 10, max 20
 *	              /                       \
 *	  [0..30) gap 0, max 0        [70..90) gap 20, max 20
 *
 * The room behind the last area is no area's gap and is tried last.
 *
 * Invariants (vmap_tree_check()): areas are disjoint and lie in
 * [base, limit); gap is the distance to the predecessor (or to base).
 * Pure: the caller locks. Callers: mm/phys/vmalloc.c, tests/host/.
 */
#include <lib/errno.h>
#include <mm/phys/vmap_tree.h>

#define to_area(node) rb_entry_safe(node, struct vmap_area, rb)
#define own_gap(va)   ((va)->gap)

RB_DECLARE_CALLBACKS_MAX(static, vmap_gap, struct vmap_area, rb, unsigned long,
			 subtree_gap, own_gap);

void vmap_tree_init(struct vmap_tree *t, unsigned long base,
		    unsigned long limit)
{
	t->root = RB_ROOT;
	t->base = base;
	t->limit = limit;
	t->nr = 0;
}

struct vmap_area *vmap_tree_first(const struct vmap_tree *t)
{
	return to_area(rb_first(&t->root));
}

struct vmap_area *vmap_tree_next(const struct vmap_area *va)
{
	return to_area(rb_next(&va->rb));
}

static struct vmap_area *vmap_tree_find_from(const struct vmap_tree *t,
					     unsigned long addr)
{
	struct rb_node *n = t->root.rb_node;
	struct vmap_area *best = NULL;

	while (n) {
		struct vmap_area *va = to_area(n);

		if (va->va_end > addr) {
			best = va;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

struct vmap_area *vmap_tree_find(const struct vmap_tree *t, unsigned long addr)
{
	struct vmap_area *va = vmap_tree_find_from(t, addr);

	return va && va->va_start <= addr ? va : NULL;
}

/* Set va's gap and repair the maxima above it. */
static void set_gap(struct vmap_area *va, unsigned long gap)
{
	va->gap = gap;
	vmap_gap_propagate(&va->rb, NULL);
}

/* Link va between its neighbours: both gaps change. => there is room */
static void link_area(struct vmap_tree *t, struct vmap_area *va)
{
	struct rb_node **link = &t->root.rb_node, *parent = NULL;
	struct vmap_area *prev, *next;

	while (*link) {
		parent = *link;
		link = va->va_start < to_area(parent)->va_start ?
			       &parent->rb_left :
			       &parent->rb_right;
	}
	rb_link_node(&va->rb, parent, link);
	prev = to_area(rb_prev(&va->rb));
	next = to_area(rb_next(&va->rb));
	va->subtree_gap = 0;
	set_gap(va, va->va_start - (prev ? prev->va_end : t->base));
	rb_insert_augmented(&va->rb, &t->root, &vmap_gap);
	if (next)
		set_gap(next, next->va_start - va->va_end);
	t->nr++;
}

int vmap_tree_insert(struct vmap_tree *t, struct vmap_area *va)
{
	struct vmap_area *next;

	if (va->va_start >= va->va_end || va->va_start < t->base ||
	    va->va_end > t->limit)
		return -EINVAL;
	next = vmap_tree_find_from(t, va->va_start);
	if (next && next->va_start < va->va_end)
		return -EEXIST;
	link_area(t, va);
	return 0;
}

/* The lowest area whose gap is at least `want`, by the maxima. */
static struct vmap_area *lowest_gap(const struct vmap_tree *t,
				    unsigned long want)
{
	struct vmap_area *va = to_area(t->root.rb_node);

	if (!va || va->subtree_gap < want)
		return NULL;
	for (;;) {
		struct vmap_area *left = to_area(va->rb.rb_left);

		if (left && left->subtree_gap >= want)
			va = left;
		else if (va->gap >= want)
			return va;
		else
			va = to_area(va->rb.rb_right);
	}
}

/* Where `size` aligned bytes start in [from, to). => 0: they do not fit */
static unsigned long fit(unsigned long from, unsigned long to,
			 unsigned long size, unsigned long align)
{
	unsigned long at = ALIGN(from, align);

	return at >= from && at < to && to - at >= size ? at : 0;
}

int vmap_tree_alloc(struct vmap_tree *t, struct vmap_area *va,
		    unsigned long size, unsigned long align)
{
	struct vmap_area *above = NULL, *last;
	unsigned long at = 0, want;

	if (!size || check_add_overflow(size, align - VMAP_GRANULE, &want))
		return -ENOSPC;
	/* A gap that is large enough wherever it starts. */
	above = lowest_gap(t, want);
	if (above)
		at = fit(above->va_start - above->gap, above->va_start, size,
			 align);
	if (!at) {
		last = to_area(rb_last(&t->root));
		at = fit(last ? last->va_end : t->base, t->limit, size, align);
	}
	if (!at)
		return -ENOSPC;
	va->va_start = at;
	va->va_end = at + size;
	link_area(t, va);
	return 0;
}

void vmap_tree_erase(struct vmap_tree *t, struct vmap_area *va)
{
	struct vmap_area *next = vmap_tree_next(va);
	unsigned long room = va->va_end - va->va_start + va->gap;

	rb_erase_augmented(&va->rb, &t->root, &vmap_gap);
	if (next)
		set_gap(next, next->gap + room);
	t->nr--;
}

static unsigned long max_gap(const struct rb_node *n)
{
	const struct vmap_area *va = to_area((struct rb_node *)n);

	return n ? max3(va->gap, max_gap(n->rb_left), max_gap(n->rb_right)) : 0;
}

bool vmap_tree_check(const struct vmap_tree *t)
{
	unsigned long end = t->base, nr = 0;
	struct vmap_area *va;

	for (va = vmap_tree_first(t); va; va = vmap_tree_next(va)) {
		if (va->va_start < end || va->va_end <= va->va_start ||
		    va->va_end > t->limit)
			return false;
		if (va->gap != va->va_start - end ||
		    va->subtree_gap != max_gap(&va->rb))
			return false;
		end = va->va_end;
		nr++;
	}
	return nr == t->nr;
}
