/* SPDX-License-Identifier: MIT */
/*
 * A set of disjoint address ranges that finds room for a new one in
 * O(log n): a red-black tree by address, where each area also knows the gap
 * in front of it and the largest gap in its subtree.
 *
 *	 base         ┌ area ┐             ┌ area ┐             limit
 *	 |<── gap ───>|██████|<─── gap ───>|██████|<─ the last ─>|
 *	                                            gap is computed
 *
 * => pure: the caller locks and owns the memory of the areas; host-testable
 */
#ifndef _MM_PHYS_VMAP_TREE_H
#define _MM_PHYS_VMAP_TREE_H

#include <lib/rbtree.h>
#include <lib/types.h>

/* All addresses, sizes and alignments are multiples of it. */
#define VMAP_GRANULE 4096UL

struct vmap_area {
	unsigned long va_start;
	unsigned long va_end;	   /* exclusive */
	unsigned long gap;	   /* room between predecessor and us */
	unsigned long subtree_gap; /* the largest gap in our subtree */
	struct rb_node rb;
};

struct vmap_tree {
	struct rb_root root;
	unsigned long base, limit; /* areas lie in [base, limit) */
	unsigned long nr;
};

void vmap_tree_init(struct vmap_tree *t, unsigned long base,
		    unsigned long limit);
/*
 * Take `size` bytes at a multiple of align (power of two), in the lowest gap
 * that has room for them wherever it starts.
 * => 0 or -ENOSPC; va is filled in and inserted
 */
int vmap_tree_alloc(struct vmap_tree *t, struct vmap_area *va,
		    unsigned long size, unsigned long align);
/* Insert va at its own va_start. => 0, -EEXIST if it overlaps, -EINVAL */
int vmap_tree_insert(struct vmap_tree *t, struct vmap_area *va);
void vmap_tree_erase(struct vmap_tree *t, struct vmap_area *va);
/* The area that contains addr; the first that ends behind addr. NULL */
struct vmap_area *vmap_tree_find(const struct vmap_tree *t, unsigned long addr);
struct vmap_area *vmap_tree_first(const struct vmap_tree *t);
struct vmap_area *vmap_tree_next(const struct vmap_area *va);
/* Order, disjointness, gaps and their maxima, recomputed. */
bool vmap_tree_check(const struct vmap_tree *t);

#endif
