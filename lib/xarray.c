/* SPDX-License-Identifier: MIT */
/*
 * The sparse array: descent by six index bits per level, growing at the head
 * when an index does not fit, shrinking again on removal.
 *
 * A head or slot that points to a node has bit 1 set. "Present" is one more
 * mark: setting and clearing it at a leaf updates the nodes above exactly as
 * for the others, and a node whose present map became 0 is freed.
 */
#include <lib/bitops.h>
#include <lib/errno.h>
#include <lib/xarray.h>

#define XA_NODE_TAG 2UL

static inline bool is_node(const void *p)
{
	return ((unsigned long)p & 3) == XA_NODE_TAG;
}

static inline struct xa_node *to_node(const void *p)
{
	return (struct xa_node *)((unsigned long)p - XA_NODE_TAG);
}

static inline void *node_entry(const struct xa_node *node)
{
	return (void *)((unsigned long)node | XA_NODE_TAG);
}

static inline unsigned int slot_of(const struct xa_node *node,
				   unsigned long index)
{
	return (index >> node->shift) % XA_CHUNK_SIZE;
}

/* The largest index below this head. */
static inline unsigned long head_max(const void *head)
{
	unsigned int bits;

	if (!is_node(head))
		return 0;
	bits = to_node(head)->shift + XA_CHUNK_SHIFT;
	return bits < BITS_PER_LONG ? (UL(1) << bits) - 1 : ULONG_MAX;
}

/* The leaf node for index, or NULL if there is no such node. */
static inline struct xa_node *find_leaf(const struct xarray *xa,
					unsigned long index)
{
	const void *p = xa->head;
	struct xa_node *node;

	if (index > head_max(p))
		return NULL;
	while (is_node(p)) {
		node = to_node(p);
		if (!node->shift)
			return node;
		p = node->slots[slot_of(node, index)];
	}
	return NULL;
}

void *xa_load(const struct xarray *xa, unsigned long index)
{
	const void *p = xa->head;
	const struct xa_node *node;

	if (index > head_max(p))
		return NULL;
	while (is_node(p)) {
		node = to_node(p);
		p = node->slots[slot_of(node, index)];
	}
	return (void *)(uintptr_t)p;
}

void *const *xa_slots(const struct xarray *xa, unsigned long index,
		      unsigned long *nr)
{
	const struct xa_node *leaf = find_leaf(xa, index);

	*nr = XA_CHUNK_SIZE - index % XA_CHUNK_SIZE;
	if (leaf)
		return &leaf->slots[slot_of(leaf, index)];
	if (index || !xa->head || is_node(xa->head))
		return NULL;
	*nr = 1;
	return &xa->head;
}

/* Set a mark at a slot of node and wherever that slot is seen from above. */
static void node_set(struct xarray *xa, struct xa_node *node, unsigned int slot,
		     xa_mark_t mark)
{
	for (; node; slot = node->offset, node = node->parent) {
		if (__test_and_set_bit(slot, &node->marks[mark]))
			return;
	}
	xa->marks |= 1U << mark;
}

static void node_clear(struct xarray *xa, struct xa_node *node,
		       unsigned int slot, xa_mark_t mark)
{
	for (; node; slot = node->offset, node = node->parent) {
		__clear_bit(slot, &node->marks[mark]);
		if (node->marks[mark])
			return;
	}
	xa->marks &= ~(1U << mark);
}

static inline bool only_values(const struct xa_node *leaf)
{
	return leaf->nr_values && leaf->nr_values == leaf->count;
}

/* In a leaf an entry takes the place of old; either may be NULL. */
static inline void count_entry(struct xa_node *leaf, const void *old,
			       const void *entry)
{
	bool was = only_values(leaf);

	leaf->count = (u8)(leaf->count + !!entry - !!old);
	leaf->nr_values =
		(u8)(leaf->nr_values + xa_is_value(entry) - xa_is_value(old));
	if (unlikely(was != only_values(leaf)) &&
	    leaf->array->alloc->only_values)
		leaf->array->alloc->only_values(leaf, !was);
}

static struct xa_node *node_new(struct xarray *xa, struct xa_node *parent,
				unsigned int offset, unsigned int shift,
				gfp_t gfp)
{
	struct xa_node *node = xa->alloc->alloc(gfp);

	if (!node)
		return NULL;
	node->shift = (u8)shift;
	node->offset = (u8)offset;
	node->count = 0;
	node->nr_values = 0;
	node->parent = parent;
	node->array = xa;
	for (int i = 0; i < XA_NR_MARKS; i++)
		node->marks[i] = 0;
	for (unsigned int i = 0; i < XA_CHUNK_SIZE; i++)
		node->slots[i] = NULL;
	return node;
}

static void node_free(struct xa_node *node)
{
	const struct xa_alloc *alloc = node->array->alloc;

	if (only_values(node) && alloc->only_values)
		alloc->only_values(node, false);
	alloc->free(node);
}

/* A head that uses its first slot only says no more than that slot. */
static void shrink(struct xarray *xa)
{
	struct xa_node *node;

	while (is_node(xa->head)) {
		node = to_node(xa->head);
		if (node->marks[XA_PRESENT] != 1)
			return;
		xa->head = node->slots[0];
		node_free(node);
		if (is_node(xa->head))
			to_node(xa->head)->parent = NULL;
	}
}

/* Free node and those above it that hold nothing, then shrink. */
static void prune(struct xarray *xa, struct xa_node *node)
{
	struct xa_node *parent;

	while (node && !node->marks[XA_PRESENT]) {
		parent = node->parent;
		if (parent)
			parent->slots[node->offset] = NULL;
		else
			xa->head = NULL;
		node_free(node);
		node = parent;
	}
	shrink(xa);
}

/* Put one more node on top, with the old head, if any, in slot 0. */
static int grow(struct xarray *xa, gfp_t gfp)
{
	unsigned int shift = 0;
	struct xa_node *node;

	if (is_node(xa->head))
		shift = to_node(xa->head)->shift + XA_CHUNK_SHIFT;
	node = node_new(xa, NULL, 0, shift, gfp);
	if (!node)
		return -ENOMEM;
	for (xa_mark_t m = 0; m < XA_NR_MARKS; m++)
		node->marks[m] = xa_marked(xa, m);
	node->slots[0] = xa->head;
	if (is_node(xa->head))
		to_node(xa->head)->parent = node;
	else
		count_entry(node, NULL, xa->head);
	xa->head = node_entry(node);
	return 0;
}

/* The first node of an empty array is as high as index demands. */
static int plant(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	unsigned int shift = (__fls(index) / XA_CHUNK_SHIFT) * XA_CHUNK_SHIFT;
	struct xa_node *node = node_new(xa, NULL, 0, shift, gfp);

	if (!node)
		return -ENOMEM;
	xa->head = node_entry(node);
	return 0;
}

/* The leaf for index, made if need be. The head is a node that covers it. */
static struct xa_node *make_leaf(struct xarray *xa, unsigned long index,
				 gfp_t gfp)
{
	struct xa_node *node = to_node(xa->head), *below;
	unsigned int slot;

	for (; node->shift; node = below) {
		slot = slot_of(node, index);
		if (node->slots[slot]) {
			below = to_node(node->slots[slot]);
			continue;
		}
		below = node_new(xa, node, slot, node->shift - XA_CHUNK_SHIFT,
				 gfp);
		if (!below) {
			prune(xa, node);
			return NULL;
		}
		node->slots[slot] = node_entry(below);
	}
	return node;
}

/* Store where there is no entry yet. */
static int store_new(struct xarray *xa, unsigned long index, void *entry,
		     gfp_t gfp)
{
	struct xa_node *leaf;
	int err;

	if (!xa->head && index == 0) {
		xa->head = entry;
		xa->marks = 1U << XA_PRESENT;
		return 0;
	}
	while (index > head_max(xa->head)) {
		err = xa->head ? grow(xa, gfp) : plant(xa, index, gfp);
		if (err) {
			shrink(xa);
			return err;
		}
	}
	leaf = make_leaf(xa, index, gfp);
	if (!leaf)
		return -ENOMEM;
	leaf->slots[slot_of(leaf, index)] = entry;
	node_set(xa, leaf, slot_of(leaf, index), XA_PRESENT);
	count_entry(leaf, NULL, entry);
	return 0;
}

int xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct xa_node *leaf;
	void *old;

	if (!entry) {
		xa_erase(xa, index);
		return 0;
	}
	leaf = find_leaf(xa, index);
	old = leaf ? leaf->slots[slot_of(leaf, index)] : NULL;
	if (old) {
		leaf->slots[slot_of(leaf, index)] = entry;
		count_entry(leaf, old, entry);
		return 0;
	}
	if (!leaf && index == 0 && xa->head && !is_node(xa->head)) {
		xa->head = entry;
		return 0;
	}
	return store_new(xa, index, entry, gfp);
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	void *old = xa_load(xa, index);
	struct xa_node *leaf;
	unsigned int slot;

	if (!old)
		return NULL;
	leaf = find_leaf(xa, index);
	if (!leaf) {
		xa->head = NULL;
		xa->marks = 0;
		return old;
	}
	slot = slot_of(leaf, index);
	leaf->slots[slot] = NULL;
	for (xa_mark_t m = 0; m < XA_NR_MARKS; m++)
		node_clear(xa, leaf, slot, m);
	count_entry(leaf, old, NULL);
	prune(xa, leaf);
	return old;
}

void xa_erase_leaf(struct xa_node *leaf)
{
	struct xarray *xa = leaf->array;

	for (xa_mark_t m = 0; m < XA_NR_MARKS; m++) {
		leaf->marks[m] = 0;
		node_clear(xa, leaf->parent, leaf->offset, m);
	}
	prune(xa, leaf);
}

/* The first marked slot of node at or after slot; XA_CHUNK_SIZE if none. */
static inline unsigned int next_slot(const struct xa_node *node,
				     unsigned int slot, xa_mark_t mark)
{
	unsigned long left = node->marks[mark] & (~UL(0) << slot);

	return left ? __ffs(left) : (unsigned int)XA_CHUNK_SIZE;
}

/*
 * Leave node, which has nothing more, for the slot behind it in the nearest
 * node above that has one: the one where the carry of the index stops.
 * => that node, or NULL at the end
 */
static inline struct xa_node *next_subtree(struct xa_node *node,
					   unsigned long *index)
{
	node = node->parent;
	if (node)
		*index = ((*index >> node->shift) + 1) << node->shift;
	while (node && !slot_of(node, *index))
		node = node->parent;
	return node;
}

void *xa_find_marked(const struct xarray *xa, unsigned long *index,
		     unsigned long max, xa_mark_t mark)
{
	unsigned long at = *index;
	struct xa_node *node;
	unsigned int slot;
	void *p = xa->head;

	if (!xa_marked(xa, mark) || at > head_max(p) || at > max)
		return NULL;
	if (!is_node(p)) {
		*index = 0;
		return p;
	}
	node = to_node(p);
	do {
		slot = next_slot(node, slot_of(node, at), mark);
		if (slot == XA_CHUNK_SIZE) {
			node = next_subtree(node, &at);
			continue;
		}
		if (slot != slot_of(node, at)) {
			at &= ~UL(0) << node->shift;
			at &= ~((XA_CHUNK_SIZE - 1) << node->shift);
			at |= (unsigned long)slot << node->shift;
		}
		p = node->slots[slot];
		if (!is_node(p)) {
			if (at > max)
				return NULL;
			*index = at;
			return p;
		}
		node = to_node(p);
	} while (node && at <= max);
	return NULL;
}

void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct xa_node *leaf = find_leaf(xa, index);

	if (leaf && leaf->slots[slot_of(leaf, index)])
		node_set(xa, leaf, slot_of(leaf, index), mark);
	else if (index == 0 && xa->head && !is_node(xa->head))
		xa->marks |= 1U << mark;
}

void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct xa_node *leaf = find_leaf(xa, index);

	if (leaf)
		node_clear(xa, leaf, slot_of(leaf, index), mark);
	else if (index == 0 && !is_node(xa->head))
		xa->marks &= ~(1U << mark);
}

bool xa_get_mark(const struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	const struct xa_node *leaf = find_leaf(xa, index);

	if (leaf)
		return test_bit(slot_of(leaf, index), &leaf->marks[mark]);
	return index == 0 && !is_node(xa->head) && xa_marked(xa, mark);
}

void xa_destroy(struct xarray *xa)
{
	struct xa_node *node, *parent;
	unsigned int slot;

	node = is_node(xa->head) ? to_node(xa->head) : NULL;
	while (node) {
		if (node->shift && node->marks[XA_PRESENT]) {
			slot = __ffs(node->marks[XA_PRESENT]);
			__clear_bit(slot, &node->marks[XA_PRESENT]);
			node = to_node(node->slots[slot]);
			continue;
		}
		parent = node->parent;
		node_free(node);
		node = parent;
	}
	xa->head = NULL;
	xa->marks = 0;
}
