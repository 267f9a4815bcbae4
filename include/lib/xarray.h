/* SPDX-License-Identifier: MIT */
/*
 * A sparse array from unsigned long to pointer: a radix tree of 64-way nodes,
 * only as high as the largest index in use demands.
 *
 *	head -> node (shift 6) -> node (shift 0) -> entry
 *	                       -> node (shift 0) -> entry, entry
 *	head -> entry                      if only index 0 is in use
 *
 * Each node has one bitmap for "present" and one for each mark: a bit says
 * that there is such an entry below that slot, so a search for the next
 * (marked) entry skips what is empty.
 *
 * Entries: pointers aligned to 4, or values from xa_mk_value(); NULL means
 * absent. Invariants: no node is empty; the head node has more than its
 * first slot in use; a leaf counts its entries and, of these, the values.
 *
 * => the caller locks: shared for the reading functions, exclusive for others
 */
#ifndef _LIB_XARRAY_H
#define _LIB_XARRAY_H

#include <lib/list.h>
#include <lib/types.h>

#define XA_CHUNK_SHIFT 6
#define XA_CHUNK_SIZE  (UL(1) << XA_CHUNK_SHIFT)

typedef unsigned int xa_mark_t;
#define XA_MARK_0   0U
#define XA_MARK_1   1U
#define XA_MARK_2   2U
#define XA_PRESENT  3U /* the mark that every entry has */
#define XA_NR_MARKS 4

struct xa_node {
	u8 shift;  /* index bits below this node's */
	u8 offset; /* our slot in parent */
	u8 count, nr_values;
	struct xa_node *parent;
	struct xarray *array;
	struct list_head list; /* the owner's */
	unsigned long marks[XA_NR_MARKS];
	void *slots[XA_CHUNK_SIZE];
};

#define XA_NODE_SIZE sizeof(struct xa_node)

/* Where nodes come from: memory for one struct xa_node, or NULL. */
struct xa_alloc {
	void *(*alloc)(gfp_t gfp);
	void (*free)(void *node);
	/* A leaf has values only, or not any more (also: its end). May be NULL. */
	void (*only_values)(struct xa_node *leaf, bool only);
};

struct xarray {
	void *head;
	const struct xa_alloc *alloc;
	unsigned int marks; /* bit m: some entry has mark m */
};

static inline void xa_init(struct xarray *xa, const struct xa_alloc *alloc)
{
	xa->head = NULL;
	xa->alloc = alloc;
	xa->marks = 0;
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->head;
}

/* Does any entry have the mark? */
static inline bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	return (xa->marks >> mark) & 1;
}

/* An integer below 1 << 63 in place of a pointer. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

void *xa_load(const struct xarray *xa, unsigned long index);

/*
 * For going along neighbours without a search for each. => the entries from
 * index on, *nr of them side by side, NULL where there is none; or NULL:
 * there is nothing in the *nr places from index on
 */
void *const *xa_slots(const struct xarray *xa, unsigned long index,
		      unsigned long *nr);

/*
 * Put entry at index; over an old entry it keeps the marks; NULL erases.
 * => 0, or -ENOMEM with the array unchanged (never when an entry was there)
 */
int __must_check xa_store(struct xarray *xa, unsigned long index, void *entry,
			  gfp_t gfp);
/* => what was there, or NULL; never allocates */
void *xa_erase(struct xarray *xa, unsigned long index);

/* Erase all in a leaf, which is freed. */
void xa_erase_leaf(struct xa_node *leaf);

/* The first entry at or after *index, and up to max; sets *index to its. */
void *xa_find_marked(const struct xarray *xa, unsigned long *index,
		     unsigned long max, xa_mark_t mark);

static inline void *xa_find(const struct xarray *xa, unsigned long *index,
			    unsigned long max)
{
	return xa_find_marked(xa, index, max, XA_PRESENT);
}

/* The same, strictly after *index. */
static inline void *xa_find_after_marked(const struct xarray *xa,
					 unsigned long *index,
					 unsigned long max, xa_mark_t mark)
{
	unsigned long next = *index + 1;
	void *entry = next ? xa_find_marked(xa, &next, max, mark) : NULL;

	if (entry)
		*index = next;
	return entry;
}

/* Setting a mark where there is no entry does nothing. */
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
bool xa_get_mark(const struct xarray *xa, unsigned long index, xa_mark_t mark);

/* Free all nodes; what the entries point to is the caller's. */
void xa_destroy(struct xarray *xa);

/* The body may store and erase; index is an unsigned long variable. */
#define xa_for_each_range_marked(xa, index, entry, start, last, mark)         \
	for (index = (start), entry = xa_find_marked(xa, &index, last, mark); \
	     entry; entry = xa_find_after_marked(xa, &index, last, mark))
#define xa_for_each_range(xa, index, entry, start, last) \
	xa_for_each_range_marked(xa, index, entry, start, last, XA_PRESENT)
#define xa_for_each_start(xa, index, entry, start) \
	xa_for_each_range(xa, index, entry, start, ULONG_MAX)
#define xa_for_each(xa, index, entry) \
	xa_for_each_range(xa, index, entry, 0, ULONG_MAX)

#endif
