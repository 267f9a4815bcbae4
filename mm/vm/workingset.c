// SPDX-License-Identifier: MIT
/*
 * Was it a mistake to let this page go? The refault distance tells.
 *
 *	age of the node: one tick for each page that is evicted or activated
 *
 *	  evicted at 1000, a shadow keeps that       comes back at 1300
 *	  |----------------- 300 ticks ----------------------|
 *
 * In between at least 300 other pages were wanted more. Had the inactive list
 * been 300 pages longer, the page would still have been there; and it can be
 * that much longer if there are at least as many active pages to take the
 * room from. Then the page is put on the active list at once and must compete
 * with those; else it was right to let it go, and it starts as inactive.
 *
 * A shadow is a value in the place of the page in i_pages or the swap cache:
 *
 *	| age ... | node | was it active before (workingset) |
 *
 * Shadows alone in a leaf of their tree cost memory for nothing: for a node of
 * 64 there must be eight pages of memory. Those leaves are listed, the oldest
 * last, and a shrinker erases what is too many. A page or the end of a leaf
 * takes it off, under its tree's lock; so whoever finds it listed and gets that
 * lock before he lets go of the list may go on without the list's.
 *
 * Locks: the tree's, then shadow_lock; in the shrinker the other way round, and
 * it only tries. Callers: reclaim (eviction), the page cache and swap-in
 * (refault), the trees.
 */
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>
#include <mm/vm/vmscan.h>

#define NODE_BITS 3
#define AGE_BITS  (62 - NODE_BITS)
#define AGE_MASK  ((1UL << AGE_BITS) - 1)

static_assert(MAX_NUMNODES <= 1 << NODE_BITS);

static void age(struct lruvec *lruvec, const struct page *page)
{
	atomic_long_add((long)compound_nr(page), &lruvec->nonresident_age);
}

void *workingset_eviction(struct page *page)
{
	struct lruvec *lruvec = page_lruvec(page);
	unsigned long now =
		(unsigned long)atomic_long_read(&lruvec->nonresident_age);

	age(lruvec, page);
	return xa_mk_value((now & AGE_MASK) << (NODE_BITS + 1) |
			   (unsigned long)page_to_nid(page) << 1 |
			   PageWorkingset(page));
}

void workingset_activation(struct page *page)
{
	age(page_lruvec(page), page);
}

/* What could make room for one more page of the kind. */
static unsigned long competitors(pg_data_t *pgdat, bool file)
{
	unsigned long nr = lruvec_size(pgdat, LRU_ACTIVE_FILE);

	if (!file)
		nr += lruvec_size(pgdat, LRU_INACTIVE_FILE);
	if (get_nr_swap_pages()) {
		nr += lruvec_size(pgdat, LRU_ACTIVE_ANON);
		if (file)
			nr += lruvec_size(pgdat, LRU_INACTIVE_ANON);
	}
	return nr;
}

void workingset_refault(struct page *page, void *shadow)
{
	unsigned long v = xa_to_value(shadow);
	pg_data_t *pgdat = NODE_DATA((v >> 1) & ((1 << NODE_BITS) - 1));
	struct lruvec *lruvec = node_lruvec(pgdat);
	bool file = page_is_file_lru(page);
	unsigned long distance =
		((unsigned long)atomic_long_read(&lruvec->nonresident_age) -
		 (v >> (NODE_BITS + 1))) &
		AGE_MASK;

	VM_BUG_ON_PAGE(PageLRU(page), page);
	mod_node_page_state(pgdat, WORKINGSET_REFAULT_ANON + file, 1);
	if (distance > competitors(pgdat, file))
		return;
	SetPageActive(page);
	age(lruvec, page);
	mod_node_page_state(pgdat, WORKINGSET_ACTIVATE_ANON + file, 1);
	if (v & 1) {
		SetPageWorkingset(page);
		lru_note_cost(lruvec, file, 1);
		mod_node_page_state(pgdat, WORKINGSET_RESTORE_ANON + file, 1);
	}
}

/* The past fades: the sum stays below a quarter of what is on the lists. */
void lru_note_cost(struct lruvec *lruvec, bool file, unsigned long nr)
{
	unsigned long size = 0;

	if (!nr)
		return;
	for (unsigned int lru = 0; lru < LRU_UNEVICTABLE; lru++)
		size += global_node_page_state(NR_INACTIVE_ANON + lru);
	spin_lock(&lruvec->lock);
	if (file)
		lruvec->file_cost += nr;
	else
		lruvec->anon_cost += nr;
	while (lruvec->anon_cost + lruvec->file_cost > size / 4 + 1) {
		lruvec->anon_cost /= 2;
		lruvec->file_cost /= 2;
	}
	spin_unlock(&lruvec->lock);
}

/* ---- leaves of shadows alone --------------------------------------------- */

static LIST_HEAD(shadow_leaves);
static DEFINE_SPINLOCK(shadow_lock);

void workingset_list_node(struct xa_node *leaf, bool only)
{
	spin_lock(&shadow_lock);
	if (only)
		list_add(&leaf->list, &shadow_leaves);
	else
		list_del(&leaf->list);
	spin_unlock(&shadow_lock);
	mod_node_page_state(page_pgdat(virt_to_page(leaf)), WORKINGSET_NODES,
			    only ? 1 : -1);
}

static unsigned long count_leaves(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long nr = global_node_page_state(WORKINGSET_NODES);
	unsigned long max = totalram_pages() * 8 / XA_CHUNK_SIZE;

	(void)s, (void)sc;
	return nr > max ? nr - max : 0;
}

static spinlock_t *lock_of(struct xarray *tree)
{
	return tree->alloc == &swap_tree_alloc ?
		       &container_of(tree, struct swap_info_struct, cache)
				->lock :
		       &container_of(tree, struct address_space, i_pages)->lock;
}

/* => the oldest leaf with its tree locked, or NULL: none, or that is in use */
static struct xa_node *lock_oldest(void)
{
	struct xa_node *leaf = NULL;

	spin_lock(&shadow_lock);
	if (!list_empty(&shadow_leaves)) {
		leaf = list_last_entry(&shadow_leaves, struct xa_node, list);
		list_move(&leaf->list, &shadow_leaves);
		if (!spin_trylock(lock_of(leaf->array)))
			leaf = NULL;
	}
	spin_unlock(&shadow_lock);
	return leaf;
}

static unsigned long free_leaves(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long freed = 0;

	(void)s;
	for (unsigned long n = 0; n < sc->nr_to_scan; n++) {
		struct xa_node *leaf = lock_oldest();
		spinlock_t *lock;

		if (!leaf)
			continue;
		lock = lock_of(leaf->array);
		mod_node_page_state(page_pgdat(virt_to_page(leaf)),
				    WORKINGSET_NODERECLAIM, 1);
		xa_erase_leaf(leaf);
		spin_unlock(lock);
		freed++;
	}
	return freed;
}

void workingset_init(void)
{
	static struct shrinker shrinker = {
		.count_objects = count_leaves,
		.scan_objects = free_leaves,
		.seeks = 0, /* nobody will miss them */
	};

	register_shrinker(&shrinker);
}
