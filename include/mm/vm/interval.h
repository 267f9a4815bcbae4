/* SPDX-License-Identifier: MIT */
/*
 * Which VMAs show a given page of an object? The reverse map's data
 * structure: a tree of page-offset intervals, ordered by first offset, each
 * node augmented with the largest last offset below it, so that a query
 * costs O(log n + hits).
 *
 *	                  [4,9] max 30
 *	           [0,2] max 30      [7,8] max 12
 *	      [0,30]     [2,3]             [9,12]
 *
 * One kind of node serves two masters: address_space->i_mmap (file pages)
 * and anon_vma->rb_root (anonymous pages).
 *
 * => the lock of the tree's owner protects all; nothing allocates
 */
#ifndef _MM_VM_INTERVAL_H
#define _MM_VM_INTERVAL_H

#include <lib/rbtree.h>
#include <lib/types.h>

struct vma_interval {
	struct rb_node rb;
	pgoff_t first, last;  /* inclusive */
	pgoff_t subtree_last; /* largest last in this subtree */
};

void vma_interval_insert(struct vma_interval *node, struct rb_root *root);
void vma_interval_remove(struct vma_interval *node, struct rb_root *root);

/* The lowest node that meets [first, last], and the next one after node. */
struct vma_interval *vma_interval_first(const struct rb_root *root,
					pgoff_t first, pgoff_t last);
struct vma_interval *vma_interval_next(const struct vma_interval *node,
				       pgoff_t first, pgoff_t last);

#define vma_interval_foreach(node, root, from, to)            \
	for (node = vma_interval_first(root, from, to); node; \
	     node = vma_interval_next(node, from, to))

#endif
