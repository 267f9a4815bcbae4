// SPDX-License-Identifier: MIT
/*
 * Reclaim: which pages go when memory runs short.
 *
 *	            used again                   shrink_active_list()
 *	   .----------------------.          .-----------------------------.
 *	   v                      |          v                             |
 *	[ active ] --not used--> [ inactive ] --tail: 32 pages, isolated---'
 *	                          |    ^                                used
 *	               fresh -----'    '-- locked, dirty, written out --. |
 *	                                                               [ page ]
 *	   not used:  anonymous -> slot in swap, unmapped, written        |
 *	              file      -> unmapped; dirty: the flusher's         |
 *	              clean     -> out of its cache, free   <-------------'
 *
 * The young bit of page table entries is the only trace that a mapped page
 * leaves of its use; each look takes it away (page_referenced). A file page
 * used once is not worth keeping, so it takes two looks, or two read(2)s, to
 * become active: a file that is read through once cannot push out the working
 * set.
 *
 * How many pages of which list: size >> priority, weighted between anonymous
 * and file by vm.swappiness and by what it has lately cost (get_scan_count).
 *
 * Nobody is waited for here: a page whose lock is taken, or that is being
 * written, goes back. Only if nothing else is left, reclaim_throttle() waits
 * for write-back.
 *
 * Locks: lruvec->lock to isolate, then the page's lock (tried), then those of
 * rmap.c. Callers: kswapd.c, madvise(MADV_PAGEOUT).
 */
#include <base/bug.h>
#include <lib/math.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap.h>
#include <mm/vm/vmscan.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define THROTTLE_NS 100000000ULL /* at most, for some write-back to end */

int vm_swappiness = 60;
void (*wakeup_flusher_threads)(void);

static DECLARE_WAIT_QUEUE_HEAD(writeback_wait);

/* ---- one page ------------------------------------------------------------ */

enum page_references {
	PAGE_RECLAIM,
	PAGE_RECLAIM_CLEAN,
	PAGE_KEEP,
	PAGE_ACTIVATE
};

static enum page_references check_references(struct page *page)
{
	vm_flags_t flags;
	int ptes = page_referenced(page, true, &flags);
	bool before;

	if (flags & VM_LOCKED)
		return PAGE_ACTIVATE;
	if (ptes < 0)
		return PAGE_KEEP;
	before = TestClearPageReferenced(page);
	if (ptes) {
		SetPageReferenced(page);
		if (before || ptes > 1)
			return PAGE_ACTIVATE;
		/* Programs that run are kept at their first use. */
		if ((flags & VM_EXEC) && page_is_file_lru(page))
			return PAGE_ACTIVATE;
		return PAGE_KEEP;
	}
	return before && page_is_file_lru(page) ? PAGE_RECLAIM_CLEAN :
						  PAGE_RECLAIM;
}

/* What becomes of a page that is looked at. */
enum fate {
	UNMAPPED, /* locked until no TLB knows it; then let_go() */
	FREED,	  /* the reference is all that is left */
	KEEP,	  /* back to the inactive list */
	ACTIVATE, /* back to the active list */
	SENT,	  /* being written, unlocked; back to the inactive list */
};

/*
 * A dirty page without other users. Pages of files are left to the flusher,
 * which writes many neighbours at once; those that only swap can take go now.
 */
static enum fate pageout(struct page *page, struct scan_control *sc,
			 struct bio **plug)
{
	if (!PageSwapCache(page) && !page->mapping)
		return KEEP; /* its object is gone: so is it, with our reference */
	if (page_is_file_lru(page)) {
		SetPageReclaim(page);
		sc->nr_dirty++;
		return ACTIVATE;
	}
	if (!sc->may_writepage || !(sc->gfp_mask & __GFP_IO))
		return KEEP;
	if (!PageSwapCache(page)) {
		SetPageReclaim(page);
		if (shmem_writepage(page, plug)) {
			ClearPageReclaim(page);
			return ACTIVATE;
		}
	} else {
		ClearPageDirty(page);
		SetPageReclaim(page);
		swap_writepage(page, plug);
	}
	inc_node_page_state(page, NR_VMSCAN_WRITE);
	return SENT;
}

/* Take a clean unmapped page out of whatever finds it. => free? */
static bool detach_page(struct page *page)
{
	struct address_space *mapping = page_mapping_file(page);

	if (PageSwapCache(page))
		return remove_from_swap_cache(page, workingset_eviction(page));
	if (mapping)
		return remove_mapping(mapping, page, workingset_eviction(page));
	if (PageAnon(page)) { /* not wanted since MADV_FREE */
		if (PageSwapBacked(page) || PageDirty(page) ||
		    !page_ref_freeze(page, 1))
			return false;
		page_ref_unfreeze(page, 1);
		count_vm_event(PGLAZYFREED);
		return true;
	}
	return page_ref_count(page) == 1; /* truncated */
}

/* A page under write-back: it comes round again, or at its end to the tail. */
static enum fate still_written(struct page *page, struct scan_control *sc)
{
	if (PageReclaim(page) && sc->kswapd) {
		inc_node_page_state(page, NR_VMSCAN_IMMEDIATE);
		sc->nr_immediate++;
	}
	SetPageReclaim(page);
	sc->nr_writeback++;
	return ACTIVATE;
}

/* page is isolated and locked. => UNMAPPED, KEEP or ACTIVATE; locked still */
static enum fate unmap_unused(struct page *page, struct scan_control *sc,
			      bool force)
{
	enum page_references refs = PAGE_RECLAIM;

	if (unlikely(PageMlocked(page))) {
		count_vm_event(UNEVICTABLE_PGCULLED);
		return KEEP;
	}
	if (PageWriteback(page))
		return still_written(page, sc);
	if (!force)
		refs = check_references(page);
	if (refs == PAGE_ACTIVATE)
		return ACTIVATE;
	if (refs == PAGE_KEEP ||
	    (refs == PAGE_RECLAIM_CLEAN && PageDirty(page)))
		return KEEP;
	if (PageAnon(page) && PageSwapBacked(page) && !PageSwapCache(page)) {
		if (!sc->may_swap || !(sc->gfp_mask & __GFP_IO))
			return KEEP;
		if (PageHead(page) && !split_huge_page(page))
			return KEEP;
		if (add_to_swap(page))
			return ACTIVATE;
	} else if (PageHead(page) && !split_huge_page(page)) {
		return KEEP;
	}
	if (page_mapped(page)) {
		try_to_unmap(page);
		sc->must_flush = true;
	}
	return UNMAPPED;
}

static enum fate let_go(struct page *page, struct scan_control *sc,
			struct bio **plug)
{
	if (page_mapped(page))
		return ACTIVATE;
	if (PageDirty(page))
		return pageout(page, sc, plug);
	return detach_page(page) ? FREED : KEEP;
}

/* Nobody can find the page any more. */
static void free_reclaimed(struct page *page)
{
	page->mapping = NULL;
	page->flags &= ~((1UL << PG_active) | (1UL << PG_referenced) |
			 (1UL << PG_workingset) | (1UL << PG_reclaim));
	put_page(page);
}

/* The lock of a page whose fate is decided goes. => it goes back to a list */
static bool settle(struct page *page, enum fate fate)
{
	if (fate == ACTIVATE && PageSwapCache(page) &&
	    (vm_swap_full() || PageMlocked(page)))
		try_to_free_swap(page);
	if (fate != SENT)
		unlock_page(page);
	if (fate == FREED) {
		free_reclaimed(page);
		return false;
	}
	if (fate == ACTIVATE && !PageMlocked(page)) {
		SetPageActive(page);
		count_vm_event(PGACTIVATE);
	}
	return true;
}

/*
 * Decide about n isolated pages; their references go. All are unmapped before
 * the first is let go, so that one flush of the TLBs will do. force: without
 * asking whether they were used. => number freed
 */
static unsigned long shrink_page_list(struct page **pages, unsigned int n,
				      struct scan_control *sc, bool force)
{
	struct page *unmapped[SWAP_CLUSTER_MAX];
	unsigned int nr_unmapped = 0, kept = 0;
	struct bio *plug = NULL;

	VM_BUG_ON(n > SWAP_CLUSTER_MAX);
	for (unsigned int i = 0; i < n; i++) {
		struct page *page = pages[i];
		enum fate fate = KEEP;

		if (trylock_page(page)) {
			fate = unmap_unused(page, sc, force);
			if (fate == UNMAPPED) {
				unmapped[nr_unmapped++] = page;
				continue;
			}
			settle(page, fate);
		}
		pages[kept++] = page;
	}
	if (sc->must_flush)
		flush_tlb_all();
	sc->must_flush = false;
	for (unsigned int i = 0; i < nr_unmapped; i++) {
		struct page *page = unmapped[i];

		if (settle(page, let_go(page, sc, &plug)))
			pages[kept++] = page;
		cond_resched();
	}
	/* On a list before the I/O ends, to be rotated then. */
	putback_lru_pages(pages, kept);
	swap_unplug(&plug);
	return n - kept;
}

/* ---- lists --------------------------------------------------------------- */

static void count_isolated(pg_data_t *pgdat, bool file, long nr)
{
	mod_node_page_state(pgdat, file ? NR_ISOLATED_FILE : NR_ISOLATED_ANON,
			    nr);
}

/*
 * Up to n pages from the tail of a list. *taken: in pages of 4 KiB, for huge
 * ones may be among them. => pages in the array, each with a reference
 */
static unsigned int isolate_pages(pg_data_t *pgdat, enum lru_list lru,
				  struct page **pages, unsigned long n,
				  struct scan_control *sc, unsigned long *taken)
{
	struct lruvec *lruvec = node_lruvec(pgdat);
	struct list_head *list = &lruvec->lists[lru];
	unsigned long scanned = 0;
	unsigned int got = 0;

	*taken = 0;
	spin_lock(&lruvec->lock);
	while (scanned < n && !list_empty(list)) {
		struct page *page = list_last_entry(list, struct page, lru);
		unsigned long nr = compound_nr(page);

		scanned += nr;
		if (page_zonenum(page) > sc->reclaim_idx) {
			count_vm_events(PGSCAN_SKIP_DMA + page_zonenum(page),
					(long)nr);
			list_move(&page->lru, list);
			continue;
		}
		if (!get_page_unless_zero(page)) { /* being freed */
			list_move(&page->lru, list);
			continue;
		}
		lruvec_del_page(page);
		ClearPageLRU(page);
		*taken += nr;
		pages[got++] = page;
	}
	spin_unlock(&lruvec->lock);
	count_isolated(pgdat, lru >= LRU_FILE, (long)*taken);
	sc->nr_scanned += scanned;
	return got;
}

static void count_scan(struct scan_control *sc, bool file, long scanned,
		       long stolen)
{
	count_vm_events(sc->kswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, scanned);
	count_vm_events(file ? PGSCAN_FILE : PGSCAN_ANON, scanned);
	count_vm_events(sc->kswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, stolen);
	count_vm_events(file ? PGSTEAL_FILE : PGSTEAL_ANON, stolen);
}

static void shrink_inactive_list(pg_data_t *pgdat, enum lru_list lru,
				 unsigned long n, struct scan_control *sc)
{
	struct page *pages[SWAP_CLUSTER_MAX];
	unsigned long taken, freed, scanned = sc->nr_scanned;
	unsigned long sent = node_page_state(pgdat, NR_VMSCAN_WRITE);
	bool file = lru >= LRU_FILE;
	unsigned int got = isolate_pages(pgdat, lru, pages, n, sc, &taken);

	freed = shrink_page_list(pages, got, sc, false);
	count_isolated(pgdat, file, -(long)taken);
	count_scan(sc, file, (long)(sc->nr_scanned - scanned), (long)freed);
	lru_note_cost(node_lruvec(pgdat), file,
		      node_page_state(pgdat, NR_VMSCAN_WRITE) - sent);
	sc->nr_reclaimed += freed;
	sc->nr_taken += taken;
}

/* Active pages that were not used go to the inactive list, the oldest first. */
static void shrink_active_list(pg_data_t *pgdat, enum lru_list lru,
			       unsigned long n, struct scan_control *sc)
{
	struct page *pages[SWAP_CLUSTER_MAX];
	unsigned long taken, scanned = sc->nr_scanned, down = 0;
	unsigned int got = isolate_pages(pgdat, lru, pages, n, sc, &taken);
	vm_flags_t flags;

	count_vm_events(PGREFILL, (long)(sc->nr_scanned - scanned));
	sc->nr_scanned = scanned;
	for (unsigned int i = 0; i < got; i++) {
		struct page *page = pages[i];

		int ptes = page_referenced(page, false, &flags);

		/* Programs that run stay. */
		if (!(ptes && (flags & VM_EXEC) && page_is_file_lru(page))) {
			ClearPageActive(page);
			SetPageWorkingset(page);
			down += compound_nr(page);
		}
		cond_resched();
	}
	putback_lru_pages(pages, got);
	count_vm_events(PGDEACTIVATE, (long)down);
	count_isolated(pgdat, lru >= LRU_FILE, -(long)taken);
}

/*
 * Enough inactive pages give each of them time to be used before it comes to
 * the tail; the larger the memory, the smaller the share that takes.
 *	memory    active : inactive
 *	< 1 GiB    1 : 1
 *	  1 GiB    3 : 1
 *	 10 GiB   10 : 1
 */
static bool inactive_is_low(pg_data_t *pgdat, enum lru_list inactive)
{
	unsigned long in = lruvec_size(pgdat, inactive);
	unsigned long active = lruvec_size(pgdat, inactive + LRU_ACTIVE);
	unsigned long gb = (in + active) >> (30 - PAGE_SHIFT);

	return in * (gb ? int_sqrt(10 * gb) : 1) < active;
}

/* ---- balance ------------------------------------------------------------- */

static bool can_swap(const struct scan_control *sc)
{
	return sc->may_swap && get_nr_swap_pages();
}

/* Deactivate? If too little is inactive, or if what left has come back. */
static bool must_shrink_active(pg_data_t *pgdat, bool file)
{
	struct lruvec *lruvec = node_lruvec(pgdat);
	enum lru_list inactive = file ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;

	return lruvec->refaults[file] !=
		       node_page_state(pgdat,
				       WORKINGSET_ACTIVATE_ANON + file) ||
	       inactive_is_low(pgdat, inactive);
}

/* Files are so few that their reclaim would only thrash: then only swap. */
static bool file_is_tiny(pg_data_t *pgdat, const struct scan_control *sc)
{
	unsigned long file = lruvec_size(pgdat, LRU_INACTIVE_FILE) +
			     lruvec_size(pgdat, LRU_ACTIVE_FILE);
	unsigned long free = 0, high = 0;

	for (unsigned int i = 0; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &pgdat->node_zones[i];

		if (!populated_zone(zone))
			continue;
		free += READ_ONCE(zone->free_pages);
		high += high_wmark_pages(zone);
	}
	return file + free <= high && !sc->shrink_active[0] &&
	       lruvec_size(pgdat, LRU_INACTIVE_ANON) >> sc->priority;
}

static void look_at_node(pg_data_t *pgdat, struct scan_control *sc)
{
	for (int file = 0; file < 2; file++)
		sc->shrink_active[file] = !sc->priority ||
					  must_shrink_active(pgdat, file);
	sc->trim_cache = lruvec_size(pgdat, LRU_INACTIVE_FILE) >>
				 sc->priority &&
			 !sc->shrink_active[1];
	sc->scan_anon_only = file_is_tiny(pgdat, sc);
	sc->nr_taken = 0;
	sc->nr_dirty = 0;
	sc->nr_writeback = 0;
	sc->nr_immediate = 0;
}

/*
 * How many pages of each list to look at. The weights: what one more page of
 * the kind costs (swappiness: an anonymous one against 200 - swappiness),
 * divided by its share of what reclaim had to fetch back or write lately.
 */
static void get_scan_count(pg_data_t *pgdat, const struct scan_control *sc,
			   unsigned long nr[NR_LRU_LISTS])
{
	struct lruvec *lruvec = node_lruvec(pgdat);
	unsigned long cost = lruvec->anon_cost + lruvec->file_cost;
	unsigned long swappiness = (unsigned int)READ_ONCE(vm_swappiness);
	unsigned long anon =
		swappiness * (2 * cost + 1) / (cost + lruvec->anon_cost + 1);
	unsigned long file = (200 - swappiness) * (2 * cost + 1) /
			     (cost + lruvec->file_cost + 1);

	if (!can_swap(sc)) {
		anon = 0;
		file = 1;
	} else if (!sc->priority && swappiness) {
		anon = file = 1;
	} else if (sc->scan_anon_only) {
		anon = 1;
		file = 0;
	} else if (sc->trim_cache) {
		anon = 0;
		file = 1;
	}
	for (unsigned int lru = 0; lru < LRU_UNEVICTABLE; lru++) {
		unsigned long scan = lruvec_size(pgdat, lru) >> sc->priority;

		nr[lru] =
			scan * (lru >= LRU_FILE ? file : anon) / (anon + file);
	}
}

static void shrink_list(pg_data_t *pgdat, enum lru_list lru, unsigned long n,
			struct scan_control *sc)
{
	if (!(lru & LRU_ACTIVE))
		shrink_inactive_list(pgdat, lru, n, sc);
	else if (sc->shrink_active[lru >= LRU_FILE])
		shrink_active_list(pgdat, lru, n, sc);
}

/*
 * All lists advance together, the longest by a cluster at a time, so that an
 * early end leaves the balance as it was meant.
 */
static void shrink_lruvec(pg_data_t *pgdat, struct scan_control *sc)
{
	unsigned long nr[NR_LRU_LISTS], most = 1, goal;

	get_scan_count(pgdat, sc, nr);
	for (unsigned int lru = 0; lru < LRU_UNEVICTABLE; lru++)
		most = max(most, nr[lru]);
	goal = sc->nr_reclaimed + sc->nr_to_reclaim;
	for (unsigned long done = 0; done < most; done += SWAP_CLUSTER_MAX) {
		for (unsigned int lru = 0; lru < LRU_UNEVICTABLE; lru++) {
			unsigned long n = DIV_ROUND_UP(
				nr[lru] * min(SWAP_CLUSTER_MAX, most), most);

			if (n)
				shrink_list(pgdat, lru, n, sc);
		}
		if (sc->nr_reclaimed >= goal && sc->priority < DEF_PRIORITY)
			break;
		cond_resched();
	}
	/* Age anonymous pages even while files are enough. */
	if (can_swap(sc) && inactive_is_low(pgdat, LRU_INACTIVE_ANON))
		shrink_active_list(pgdat, LRU_ACTIVE_ANON, SWAP_CLUSTER_MAX,
				   sc);
}

/* ---- a node -------------------------------------------------------------- */

void acct_reclaim_writeback(void)
{
	if (unlikely(waitqueue_active(&writeback_wait)))
		wake_up_all(&writeback_wait);
}

void reclaim_throttle(pg_data_t *pgdat)
{
	unsigned long written = node_page_state(pgdat, NR_WRITTEN);

	wait_event_timeout(writeback_wait,
			   node_page_state(pgdat, NR_WRITTEN) >=
					   written + SWAP_CLUSTER_MAX ||
				   !node_page_state(pgdat, NR_WRITEBACK),
			   THROTTLE_NS);
}

/* Objects count as reclaimed once whole pages of them are free. */
static void shrink_caches(pg_data_t *pgdat, struct scan_control *sc)
{
	unsigned long before, after;

	before = node_page_state(pgdat, NR_SLAB_RECLAIMABLE_B);
	shrink_slab(sc->gfp_mask, sc->priority);
	after = node_page_state(pgdat, NR_SLAB_RECLAIMABLE_B);
	if (after < before)
		sc->nr_reclaimed += (before - after) >> PAGE_SHIFT;
	if (sc->priority < DEF_PRIORITY - 2)
		sc->nr_reclaimed += kmem_cache_shrink_all();
}

void shrink_node(pg_data_t *pgdat, struct scan_control *sc)
{
	struct lruvec *lruvec = node_lruvec(pgdat);

	look_at_node(pgdat, sc);
	shrink_lruvec(pgdat, sc);
	shrink_caches(pgdat, sc);
	lruvec->refaults[0] = node_page_state(pgdat, WORKINGSET_ACTIVATE_ANON);
	lruvec->refaults[1] = node_page_state(pgdat, WORKINGSET_ACTIVATE_FILE);
	if (sc->nr_dirty && wakeup_flusher_threads)
		wakeup_flusher_threads();
	if (sc->nr_immediate ||
	    (sc->nr_taken && sc->nr_writeback + sc->nr_dirty >= sc->nr_taken &&
	     node_page_state(pgdat, NR_WRITEBACK)))
		reclaim_throttle(pgdat);
}

unsigned long reclaim_pages(struct page **pages, unsigned int nr)
{
	struct scan_control sc = {
		.gfp_mask = GFP_KERNEL,
		.may_swap = true,
		.may_writepage = true,
	};

	unsigned long freed;

	current->flags |= PF_MEMALLOC;
	freed = shrink_page_list(pages, nr, &sc, true);
	current->flags &= ~(unsigned int)PF_MEMALLOC;
	return freed;
}
