/* SPDX-License-Identifier: MIT */
/*
 * The LRU lists of a node: every page that could be reclaimed, in the order
 * in which that should be tried.
 *
 *	                 newest                        oldest
 *	active anon      [p] <-> [p] <-> ... <-> [p] --.  not used: inactive
 *	inactive anon    [p] <-> ... <-> [p] <---------'--> swap
 *	active file      [p] <-> ...     [p] --.
 *	inactive file    [p] <-> ...     [p] <-'----------> dropped
 *	unevictable      on no list: mlocked, counted only
 *
 * PG_lru says that a page is on the list that its flags PG_swapbacked,
 * PG_active and PG_unevictable name. Who takes a page off to look at it
 * (isolates it) clears PG_lru and holds a reference, and keeps the page in an
 * array: page->lru belongs to mlock_count as long as the page is on no list.
 *
 * Lock: lruvec->lock, after the page table's lock and mapping->lock. The
 * counters of node and zone change with the lists.
 */
#ifndef _MM_VM_LRU_H
#define _MM_VM_LRU_H

#include <mm/phys/page.h>
#include <mm/phys/vmstat.h>

struct xa_node;

enum lru_list { /* as NR_INACTIVE_ANON and on count them */
		LRU_INACTIVE_ANON,
		LRU_ACTIVE_ANON,
		LRU_INACTIVE_FILE,
		LRU_ACTIVE_FILE,
		LRU_UNEVICTABLE,
		NR_LRU_LISTS
};

#define LRU_ACTIVE 1 /* from an inactive list to its active one */
#define LRU_FILE   2 /* from anonymous to file */

/* Lock key: (l) lock, (a) atomic */
struct lruvec {
	spinlock_t lock;
	struct list_head lists[NR_LRU_LISTS]; /* (l) newest first */
	unsigned long anon_cost, file_cost;   /* (l) of what came back */
	atomic_long_t nonresident_age; /* (a) evictions and activations */
	unsigned long refaults[2];     /* (l) anon, file; at last reclaim */
};

static inline struct lruvec *node_lruvec(const pg_data_t *pgdat)
{
	return pgdat->reclaim_private;
}

static inline struct lruvec *page_lruvec(const struct page *page)
{
	return node_lruvec(page_pgdat(page));
}

static inline enum lru_list page_lru(const struct page *page)
{
	unsigned int lru = PageSwapBacked(page) ? LRU_INACTIVE_ANON :
						  LRU_INACTIVE_FILE;

	if (unlikely(PageUnevictable(page)))
		return LRU_UNEVICTABLE;
	return PageActive(page) ? lru + LRU_ACTIVE : lru;
}

static inline bool page_is_file_lru(const struct page *page)
{
	return !PageSwapBacked(page);
}

/* => pages (of 4 KiB) on a list */
static inline unsigned long lruvec_size(const pg_data_t *pgdat,
					enum lru_list lru)
{
	return node_page_state(pgdat, NR_INACTIVE_ANON + lru);
}

/* nr pages more on (less: from) a list. => lruvec->lock held */
static inline void update_lru_size(struct page *page, enum lru_list lru,
				   long nr)
{
	struct zone *zone = page_zone(page);

	__mod_node_page_state(zone->zone_pgdat, NR_INACTIVE_ANON + lru, nr);
	__mod_zone_page_state(zone, NR_ZONE_INACTIVE_ANON + lru, nr);
}

/* Onto its list, or off it. => lruvec->lock held; PG_lru is the caller's */
static inline void lruvec_add_page(struct lruvec *lruvec, struct page *page)
{
	enum lru_list lru = page_lru(page);

	update_lru_size(page, lru, (long)compound_nr(page));
	if (likely(lru != LRU_UNEVICTABLE))
		list_add(&page->lru, &lruvec->lists[lru]);
}

static inline void lruvec_del_page(struct page *page)
{
	enum lru_list lru = page_lru(page);

	update_lru_size(page, lru, -(long)compound_nr(page));
	if (likely(lru != LRU_UNEVICTABLE))
		list_del(&page->lru);
}

/* A page, referenced and on no list, enters the one its flags name. */
void lru_cache_add(struct page *page);
/* Off its list, with a reference for the caller. => false: it was on none */
bool isolate_lru_page(struct page *page);
/* Back to where their flags say now; the references go. */
void putback_lru_pages(struct page **pages, unsigned int n);

/*
 * The page was used by read(2): the first time it is remembered, the second
 * time the page becomes active.
 */
void mark_page_accessed(struct page *page);
/* The other way: first in line to be reclaimed. */
void deactivate_page(struct page *page);
/* Its content is not wanted any more (MADV_FREE): reclaim may drop it. */
void lru_lazyfree_page(struct page *page);
/* Written out, and it was for reclaim: the next to go. */
void rotate_reclaimable_page(struct page *page);
/* What was one huge page is many; their flags are set. => none on a list yet */
void lru_add_split(struct page *head, unsigned long nr);

/* --- workingset.c --- */

/* page goes. => what to leave in its place */
void *workingset_eviction(struct page *page);
/* page, on no list yet, takes the place of that: is it active at once? */
void workingset_refault(struct page *page, void *shadow);
/* A leaf has shadows only, or not any more. => its tree is locked */
void workingset_list_node(struct xa_node *leaf, bool only);
/* The bound on such leaves; once. */
void workingset_init(void);
/* page became active: time goes on. */
void workingset_activation(struct page *page);
/* nr pages of that kind had to be fetched back or written. */
void lru_note_cost(struct lruvec *lruvec, bool file, unsigned long nr);

/*
 * Compare the lists, the page cache and their counters; complaints go to the
 * log. *pages: in the cache. => is all in order? Process context; slow
 */
bool lru_check(unsigned long *pages);

#endif
