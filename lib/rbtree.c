/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees: rebalancing after insertion and removal, and walking.
 *
 * Both sides of every case are one piece of code: a "side" is false for left
 * and true for right. And there is one rotation, which exchanges the two
 * nodes both in the tree and in colour:
 *
 *	   down            up		rotate(down, left), `up` was the
 *	  /    \          /  \		right child: it gets down's parent
 *	 a      up   ->  down  c	and down's colour, down gets up's
 *	       /  \     /  \		colour. b is the inner subtree.
 *	      b    c   a    b
 *
 * That keeps the number of black nodes on each way except for c and a when
 * the colours differ, which is what each caller wants. The augment callbacks
 * are a constant NULL in the plain variants, so those pay nothing for them.
 */
#include <lib/rbtree.h>

#define RB_BLACK 1UL

static inline bool is_red(const struct rb_node *n)
{
	return n && !(n->__rb_parent_color & RB_BLACK);
}

static inline void set_black(struct rb_node *n)
{
	n->__rb_parent_color |= RB_BLACK;
}

static inline void set_red(struct rb_node *n)
{
	n->__rb_parent_color &= ~RB_BLACK;
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__rb_parent_color = (n->__rb_parent_color & RB_BLACK) |
			       (unsigned long)parent;
}

static inline struct rb_node **child(struct rb_node *n, bool side)
{
	return side ? &n->rb_right : &n->rb_left;
}

/* The link that points to n, whose parent is given. */
static inline struct rb_node **
link_to(const struct rb_node *n, struct rb_node *parent, struct rb_root *root)
{
	if (!parent)
		return &root->rb_node;
	return child(parent, parent->rb_right == n);
}

static __always_inline void rotate(struct rb_node *down, bool side,
				   struct rb_root *root,
				   const struct rb_augment_callbacks *augment)
{
	struct rb_node *up = *child(down, !side);
	struct rb_node *inner = *child(up, side);
	unsigned long up_black = up->__rb_parent_color & RB_BLACK;

	*link_to(down, rb_parent(down), root) = up;
	up->__rb_parent_color = down->__rb_parent_color;
	*child(up, side) = down;
	down->__rb_parent_color = (unsigned long)up | up_black;
	*child(down, !side) = inner;
	if (inner)
		set_parent(inner, down);
	if (augment)
		augment->rotate(down, up);
}

/*
 * A new node is red: no way gets longer, but its parent may be red too. With
 * a red uncle, push the black of the grandparent down and look again there;
 * otherwise one or two rotations end it.
 */
static __always_inline void insert(struct rb_node *node, struct rb_root *root,
				   const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *gparent, *uncle;
	bool side;

	while (is_red(parent = rb_parent(node))) {
		gparent = rb_parent(parent);
		side = parent == gparent->rb_right;
		uncle = *child(gparent, !side);
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(gparent);
			node = gparent;
			continue;
		}
		if (node == *child(parent, !side))
			rotate(parent, side, root, augment);
		rotate(gparent, !side, root, augment);
		break;
	}
	set_black(root->rb_node);
}

/*
 * The ways through one child of parent, at first an empty link, lack a black
 * node. The sibling side has it, so the sibling exists.
 */
static __always_inline void
rebalance(struct rb_node *parent, struct rb_root *root,
	  const struct rb_augment_callbacks *augment)
{
	struct rb_node *node = NULL, *sibling, *outer;
	bool side;

	for (; parent; node = parent, parent = rb_parent(node)) {
		side = node == parent->rb_right;
		sibling = *child(parent, !side);
		if (is_red(sibling)) {
			rotate(parent, side, root, augment);
			sibling = *child(parent, !side);
		}
		outer = *child(sibling, !side);
		if (!is_red(outer) && !is_red(*child(sibling, side))) {
			/* Both sides lack one now: take it from parent. */
			set_red(sibling);
			if (!is_red(parent))
				continue;
			set_black(parent);
			return;
		}
		if (!is_red(outer)) {
			rotate(sibling, !side, root, augment);
			outer = sibling;
		}
		rotate(parent, side, root, augment);
		set_black(outer);
		return;
	}
}

/* Let the smallest node of the right subtree take the place of node. */
static __always_inline void
replace_by_next(struct rb_node *node, struct rb_root *root,
		const struct rb_augment_callbacks *augment)
{
	struct rb_node *next = node->rb_right, *parent = next, *below;
	bool was_black;

	while (next->rb_left) {
		parent = next;
		next = next->rb_left;
	}
	below = next->rb_right;
	was_black = !is_red(next);
	if (parent != next) {
		parent->rb_left = below;
		if (below)
			set_parent(below, parent);
		next->rb_right = node->rb_right;
		set_parent(next->rb_right, next);
	}
	next->rb_left = node->rb_left;
	set_parent(next->rb_left, next);
	*link_to(node, rb_parent(node), root) = next;
	next->__rb_parent_color = node->__rb_parent_color;
	if (augment) {
		augment->copy(node, next);
		if (parent != next)
			augment->propagate(parent, next);
		augment->propagate(next, NULL);
	}
	/* An only child is red: blackened, it makes up for the loss. */
	if (below)
		set_black(below);
	else if (was_black)
		rebalance(parent, root, augment);
}

static __always_inline void erase(struct rb_node *node, struct rb_root *root,
				  const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(node);
	struct rb_node *below = node->rb_left ?: node->rb_right;

	if (node->rb_left && node->rb_right) {
		replace_by_next(node, root, augment);
		return;
	}
	*link_to(node, parent, root) = below;
	if (below)
		set_parent(below, parent);
	if (augment)
		augment->propagate(parent, NULL);
	if (below)
		set_black(below);
	else if (!is_red(node))
		rebalance(parent, root, augment);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert(node, root, NULL);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	insert(node, root, augment);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	erase(node, root, augment);
}

/* => whether node is the new leftmost */
static inline bool add(struct rb_node *node, struct rb_root *root,
		       bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(node, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
	return leftmost;
}

void rb_add(struct rb_node *node, struct rb_root *root,
	    bool (*less)(struct rb_node *, const struct rb_node *))
{
	add(node, root, less);
}

void rb_add_cached(struct rb_node *node, struct rb_root_cached *root,
		   bool (*less)(struct rb_node *, const struct rb_node *))
{
	if (add(node, &root->rb_root, less))
		root->rb_leftmost = node;
}

static inline struct rb_node *outermost(struct rb_node *n, bool side)
{
	while (n && *child(n, side))
		n = *child(n, side);
	return n;
}

/* The neighbour of n on that side, in order. */
static inline struct rb_node *step(const struct rb_node *node, bool side)
{
	struct rb_node *n = (struct rb_node *)(uintptr_t)node, *parent;

	if (*child(n, side))
		return outermost(*child(n, side), !side);
	while ((parent = rb_parent(n)) && n == *child(parent, side))
		n = parent;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, false);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, true);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return step(node, true);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return step(node, false);
}
