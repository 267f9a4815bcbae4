// SPDX-License-Identifier: MIT
/*
 * Interval trees for the reverse map; see <mm/vm/interval.h> for the picture.
 *
 * The search for [first, last] goes left as long as something there reaches
 * to first at all (subtree_last says so); the leftmost such node that also
 * starts in time is the lowest hit. From a hit the next one is either in its
 * right subtree or above.
 *
 * Pure: no locks, no allocation; also compiled into the host tests.
 */
#include <lib/rbtree.h>
#include <mm/vm/interval.h>

#define iv_of(node)	rb_entry(node, struct vma_interval, rb)
#define iv_own_last(iv) ((iv)->last)

RB_DECLARE_CALLBACKS_MAX(static, iv_augment, struct vma_interval, rb, pgoff_t,
			 subtree_last, iv_own_last);

void vma_interval_insert(struct vma_interval *node, struct rb_root *root)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		struct vma_interval *at = iv_of(*link);

		parent = *link;
		if (at->subtree_last < node->last)
			at->subtree_last = node->last;
		link = node->first < at->first ? &parent->rb_left :
						 &parent->rb_right;
	}
	node->subtree_last = node->last;
	rb_link_node(&node->rb, parent, link);
	rb_insert_augmented(&node->rb, root, &iv_augment);
}

void vma_interval_remove(struct vma_interval *node, struct rb_root *root)
{
	rb_erase_augmented(&node->rb, root, &iv_augment);
	RB_CLEAR_NODE(&node->rb);
}

/* The lowest hit below at, whose subtree reaches first. */
static struct vma_interval *lowest(struct vma_interval *at, pgoff_t first,
				   pgoff_t last)
{
	for (;;) {
		struct rb_node *left = at->rb.rb_left;

		if (left && iv_of(left)->subtree_last >= first) {
			at = iv_of(left);
			continue;
		}
		if (at->first > last)
			return NULL; /* and all to the right too */
		if (at->last >= first)
			return at;
		if (!at->rb.rb_right)
			return NULL;
		at = iv_of(at->rb.rb_right);
		if (at->subtree_last < first)
			return NULL;
	}
}

struct vma_interval *vma_interval_first(const struct rb_root *root,
					pgoff_t first, pgoff_t last)
{
	struct vma_interval *top;

	if (!root->rb_node)
		return NULL;
	top = iv_of(root->rb_node);
	return top->subtree_last < first ? NULL : lowest(top, first, last);
}

struct vma_interval *vma_interval_next(const struct vma_interval *node,
				       pgoff_t first, pgoff_t last)
{
	const struct rb_node *rb = &node->rb, *right = rb->rb_right;

	for (;;) {
		if (right && iv_of(right)->subtree_last >= first)
			return lowest(iv_of(right), first, last);
		/* Up, to the first ancestor that we are left of. */
		do {
			const struct rb_node *child = rb;

			rb = rb_parent(rb);
			if (!rb)
				return NULL;
			right = rb->rb_right;
			if (right != child)
				break;
		} while (true);
		if (iv_of(rb)->first > last)
			return NULL;
		if (iv_of(rb)->last >= first)
			return iv_of(rb);
	}
}
