/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: who frees memory when it runs short, and who else can help.
 */
#ifndef _MM_VM_VMSCAN_H
#define _MM_VM_VMSCAN_H

#include <lib/list.h>
#include <mm/phys/gfp.h>

#define SWAP_CLUSTER_MAX 32UL /* pages looked at together */
#define DEF_PRIORITY	 12   /* 1 / 4096 of a list; then half, ... all */

struct mm_struct;

/* --- shrinkers: caches that are not pages (shrinker.c) --- */

struct shrink_control {
	gfp_t gfp_mask;
	unsigned long nr_to_scan; /* objects to look at */
};

/* Lock key: (s) shrinker_lock */
struct shrinker {
	/* => objects that could be freed; cheap */
	unsigned long (*count_objects)(struct shrinker *s,
				       struct shrink_control *sc);
	/*
	 * Look at sc->nr_to_scan of them, the least used first.
	 * => how many are freed. Without __GFP_FS take no lock of a file
	 *    system; may sleep otherwise
	 */
	unsigned long (*scan_objects)(struct shrinker *s,
				      struct shrink_control *sc);
	int seeks; /* cost to make one again; usual: DEFAULT_SEEKS; 0: none */
	struct list_head list;	   /* (s) */
	unsigned long nr_deferred; /* (s) owed from earlier calls */
};

#define DEFAULT_SEEKS 2

/* For good; s is static. */
void register_shrinker(struct shrinker *s);
/* Ask all, in proportion to size >> priority. => objects freed; may sleep */
unsigned long shrink_slab(gfp_t gfp, int priority);
/* drop_caches: all that goes. => objects freed */
unsigned long drop_slab(void);

/* --- reclaim (vmscan.c) --- */

extern int vm_swappiness; /* 0..200; 100: swap costs as much as files */

struct scan_control {
	unsigned long nr_to_reclaim;
	unsigned long nr_scanned, nr_reclaimed;
	gfp_t gfp_mask;
	int priority;		    /* DEF_PRIORITY .. 0 */
	enum zone_type reclaim_idx; /* pages of higher zones do not help */
	bool may_swap, may_writepage;
	bool kswapd;	 /* who asks: counted apart */
	bool must_flush; /* TLBs may know pages that were unmapped */
	/* What the lists were like, found anew for each node. */
	bool trim_cache, scan_anon_only;
	bool shrink_active[2]; /* anonymous, file */
	/* What stood in the way, since the node was begun. */
	unsigned long nr_taken, nr_dirty, nr_writeback, nr_immediate;
};

/* Reclaim from one node, once over its lists at sc->priority. */
void shrink_node(pg_data_t *pgdat, struct scan_control *sc);
/*
 * Reclaim exactly these pages, isolated; puts back what stays, and drops the
 * references. => how many are free now
 */
unsigned long reclaim_pages(struct page **pages, unsigned int nr);

/* All that was found is being written: wait, not for long, for some of it. */
void reclaim_throttle(pg_data_t *pgdat);
/* Write-back ended: whoever waits for it in reclaim may go on. */
void acct_reclaim_writeback(void);
/* The file systems' flusher, started when reclaim meets dirty file pages. */
extern void (*wakeup_flusher_threads)(void);

/* --- who calls it (kswapd.c) --- */

/* One kswapd for each node; process context, once. */
void kswapd_init(void);
/* => pages freed; may sleep */
unsigned long try_to_free_pages(struct zone *zone, gfp_t gfp, int order);
void wakeup_kswapd(struct zone *zone);
/* => pages that could be found; without swap only those of files count */
unsigned long zone_reclaimable_pages(const struct zone *zone);

#endif
