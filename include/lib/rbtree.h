/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees, intrusive and ordered by the caller:
 *
 *	struct rb_node **link = &root->rb_node, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		link = before(new, parent) ? &parent->rb_left
 *					   : &parent->rb_right;
 *	}
 *	rb_link_node(new, parent, link);
 *	rb_insert_color(new, root);
 *
 * Invariants: a red node has no red child; every way from the root down to
 * an empty link meets the same number of black nodes. So the longest way is
 * at most twice the shortest.
 *
 * An augmented tree keeps, in each node, a value computed from the node and
 * its two children (say, the largest gap in the subtree); the callbacks say
 * how to repair it. rb_root_cached remembers the leftmost node.
 *
 * => the caller locks; nothing allocates, nothing fails.
 */
#ifndef _LIB_RBTREE_H
#define _LIB_RBTREE_H

#include <lib/types.h>

struct rb_node {
	unsigned long __rb_parent_color; /* parent | 1 if black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT	       ((struct rb_root){ NULL })
#define RB_ROOT_CACHED ((struct rb_root_cached){ { NULL }, NULL })

#define rb_parent(r)		    ((struct rb_node *)((r)->__rb_parent_color & ~3UL))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define __rb_entry_safe(ptr, type, member, p)         \
	__extension__({                               \
		__typeof__(ptr) p = (ptr);            \
		p ? rb_entry(p, type, member) : NULL; \
	})
#define rb_entry_safe(ptr, type, member) \
	__rb_entry_safe(ptr, type, member, __UNIQUE_ID(p))

#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))

/* Put node into the empty link below parent; colour it afterwards. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#define rb_first_cached(root) ((root)->rb_leftmost)

static inline void rb_erase_cached(struct rb_node *node,
				   struct rb_root_cached *root)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
}

/* Insert behind all that are not greater: equal keys keep their order. */
void rb_add(struct rb_node *node, struct rb_root *root,
	    bool (*less)(struct rb_node *, const struct rb_node *));
void rb_add_cached(struct rb_node *node, struct rb_root_cached *root,
		   bool (*less)(struct rb_node *, const struct rb_node *));

/*
 * propagate: recompute from node upwards, stop before reaching stop.
 * copy:      n takes old's place and so its value.
 * rotate:    n took old's place, old is now its child: n gets old's value,
 *            old is recomputed.
 */
struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *n);
	void (*rotate)(struct rb_node *old, struct rb_node *n);
};

/* => the caller has brought the new node and all above it up to date */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

/*
 * Define NAME from `bool compute(type *node, bool exit)`, which recomputes
 * node->value and says true if exit is set and the value had been right, so
 * that propagation may end early.
 */
#define RB_DECLARE_CALLBACKS(RBSTATIC, NAME, TYPE, FIELD, VALUE, COMPUTE)      \
	static void NAME##_propagate(struct rb_node *rb, struct rb_node *stop) \
	{                                                                      \
		while (rb != stop &&                                           \
		       !COMPUTE(rb_entry(rb, TYPE, FIELD), true))              \
			rb = rb_parent(rb);                                    \
	}                                                                      \
	static void NAME##_copy(struct rb_node *old, struct rb_node *n)        \
	{                                                                      \
		rb_entry(n, TYPE, FIELD)->VALUE =                              \
			rb_entry(old, TYPE, FIELD)->VALUE;                     \
	}                                                                      \
	static void NAME##_rotate(struct rb_node *old, struct rb_node *n)      \
	{                                                                      \
		NAME##_copy(old, n);                                           \
		COMPUTE(rb_entry(old, TYPE, FIELD), false);                    \
	}                                                                      \
	RBSTATIC const struct rb_augment_callbacks NAME = {                    \
		.propagate = NAME##_propagate,                                 \
		.copy = NAME##_copy,                                           \
		.rotate = NAME##_rotate,                                       \
	}

/* The usual case: VALUE is the maximum of OWN(node) over the subtree. */
#define RB_DECLARE_CALLBACKS_MAX(RBSTATIC, NAME, TYPE, FIELD, VTYPE, VALUE,    \
				 OWN)                                          \
	static bool NAME##_compute(TYPE *node, bool exit)                      \
	{                                                                      \
		VTYPE most = OWN(node);                                        \
                                                                               \
		if (node->FIELD.rb_left)                                       \
			most = max(most,                                       \
				   rb_entry(node->FIELD.rb_left, TYPE, FIELD)  \
					   ->VALUE);                           \
		if (node->FIELD.rb_right)                                      \
			most = max(most,                                       \
				   rb_entry(node->FIELD.rb_right, TYPE, FIELD) \
					   ->VALUE);                           \
		if (exit && node->VALUE == most)                               \
			return true;                                           \
		node->VALUE = most;                                            \
		return false;                                                  \
	}                                                                      \
	RB_DECLARE_CALLBACKS(RBSTATIC, NAME, TYPE, FIELD, VALUE, NAME##_compute)

#endif
