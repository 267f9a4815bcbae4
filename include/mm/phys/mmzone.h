/* SPDX-License-Identifier: MIT */
/*
 * Nodes and zones: the page allocator's view of physical memory.
 *
 *	node 0 ─┬─ DMA      up to 4 GiB (all of RAM on a small machine)
 *	        ├─ DMA32    empty: ZONE_DMA already ends at 32 bits
 *	        ├─ Normal   from 4 GiB on
 *	        └─ Movable  always empty, printed because Linux prints it
 *
 *	zone:  free_area[0..10]    blocks of 1 << order pages, under zone->lock
 *	       pageset[cpu]        order-0 pages of one CPU, under its disabled
 *	                           interrupts: no lock in the usual case
 *
 *	free pages  ──── high ── kswapd sleeps again
 *	            ──── low  ── kswapd is woken
 *	            ──── min  ── GFP_KERNEL must reclaim; below it lives the
 *	                         atomic reserve: GFP_ATOMIC, then __GFP_MEMALLOC
 */
#ifndef _MM_PHYS_MMZONE_H
#define _MM_PHYS_MMZONE_H

#include <lib/types.h>
#include <lib/list.h>
#include <asm/page.h>
#include <asm/percpu.h>
#include <asm/atomic.h>
#include <base/spinlock.h>
#include <mm/phys/vmstat_items.h>

#define MAX_ORDER		11 /* orders 0 to 10: 4 KiB to 4 MiB */
#define MAX_ORDER_NR_PAGES	(UL(1) << (MAX_ORDER - 1))
#define PAGE_ALLOC_COSTLY_ORDER 3 /* beyond it, failing is normal */

#define MAX_NUMNODES 8

enum zone_type {
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL,
	ZONE_MOVABLE,
	MAX_NR_ZONES
};

enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

struct page;

struct free_area {
	struct list_head free_list; /* of struct page by buddy_list */
	unsigned long nr_free;	    /* blocks, not pages */
};

/* One CPU's stock of order-0 pages: hot ones in front. */
struct per_cpu_pages {
	int count;		      /* pages in list */
	int high;		      /* above it, batch pages go back */
	int batch;		      /* pages moved at a time */
	unsigned int refills, drains; /* how often batches moved */
	struct list_head list;	      /* of struct page by lru */
	unsigned long allocs, frees;  /* pages; folded by vm_event() */
} __aligned(64);

/*
 * Lock key: z zone->lock (interrupts off), i interrupts off on the CPU that
 * owns the slot, b boot then constant, w watermark_lock.
 */
struct zone {
	unsigned long _watermark[NR_WMARK]; /* w, read freely */
	long lowmem_reserve[MAX_NR_ZONES];  /* w, read freely */
	/* Pages in free_area[]; those in pagesets are not in it. */
	unsigned long free_pages;	/* z, read freely */
	struct pglist_data *zone_pgdat; /* b */
	const char *name;		/* b */
	unsigned long zone_start_pfn;	/* b */
	unsigned long spanned_pages;	/* b: holes included */
	unsigned long present_pages;	/* b: without holes */
	atomic_long_t managed_pages;	/* given to the buddy allocator */
	u8 zone_id;			/* b: index in zone_table[] */
	u8 zone_idx;			/* b: enum zone_type */
	bool initialized;		/* b */

	spinlock_t lock __aligned(64);
	struct free_area free_area[MAX_ORDER]; /* z */

	struct per_cpu_pages pageset[NR_CPUS]; /* i */
	/* NR_FREE_PAGES is free_pages above; this slot stays 0. */
	long vm_stat[NR_CPUS][ZONE_STAT_ROW]; /* i */
};

/* The zones to try for one request, best first, NULL at the end. */
struct zonelist {
	struct zone *zones[MAX_NUMNODES * MAX_NR_ZONES + 1];
};

typedef struct pglist_data {
	/* [highest allowed zone]: node_zonelists[].zones[0], one load away */
	struct zone *best_zone[MAX_NR_ZONES]; /* b */
	struct zone node_zones[MAX_NR_ZONES];
	/* [highest allowed zone], with and (THISNODE) without other nodes */
	struct zonelist node_zonelists[MAX_NR_ZONES]; /* b */
	struct zonelist node_thislist[MAX_NR_ZONES];  /* b */
	int node_id;				      /* b */
	unsigned long node_start_pfn;		      /* b */
	unsigned long node_present_pages;	      /* b */
	unsigned long node_spanned_pages;	      /* b */
	unsigned long totalreserve_pages;	      /* w */
	void *reclaim_private; /* L5: the LRU lists of this node */
	/* kswapd's rounds without a page; races only blur it */
	unsigned int kswapd_failures;
	long vm_stat[NR_CPUS][NODE_STAT_ROW] __aligned(64); /* i */
} pg_data_t;

#define MAX_RECLAIM_RETRIES 16

/* kswapd has given up on the node, until somebody frees a page. */
static inline bool pgdat_unreclaimable(const pg_data_t *pgdat)
{
	return READ_ONCE(pgdat->kswapd_failures) >= MAX_RECLAIM_RETRIES;
}

extern pg_data_t *node_data[MAX_NUMNODES];
#define NODE_DATA(nid) (node_data[nid])
extern unsigned int nr_node_ids; /* highest online node + 1 */

#define node_online(nid) (node_data[nid] != NULL)
#define for_each_online_node(nid)                                   \
	for ((nid) = 0; (unsigned int)(nid) < nr_node_ids; (nid)++) \
		if (node_online(nid))
#define for_each_online_pgdat(pgdat)              \
	for (pgdat = first_online_pgdat(); pgdat; \
	     pgdat = next_online_pgdat(pgdat))
/* Every zone of every node, the empty ones too. */
#define for_each_zone(zone) \
	for (zone = node_data[0]->node_zones; zone; zone = next_zone(zone))
#define for_each_populated_zone(zone) \
	for_each_zone(zone)           \
		if (populated_zone(zone))

pg_data_t *first_online_pgdat(void);
pg_data_t *next_online_pgdat(pg_data_t *pgdat);
struct zone *next_zone(struct zone *zone);

/* The node of a CPU: memory policy stays local until it runs out. */
extern u8 cpu_to_node_map[NR_CPUS];
#define cpu_to_node(cpu) ((int)cpu_to_node_map[cpu])
#define numa_node_id()	 cpu_to_node(smp_processor_id())

static inline unsigned long zone_managed_pages(const struct zone *zone)
{
	return (unsigned long)atomic_long_read(&zone->managed_pages);
}

static inline bool populated_zone(const struct zone *zone)
{
	return zone->present_pages != 0;
}

static inline unsigned long zone_end_pfn(const struct zone *zone)
{
	return zone->zone_start_pfn + zone->spanned_pages;
}

static inline bool zone_spans_pfn(const struct zone *zone, unsigned long pfn)
{
	return pfn - zone->zone_start_pfn < zone->spanned_pages;
}

#define zone_idx(zone)	    ((enum zone_type)(zone)->zone_idx)
#define zone_to_nid(zone)   ((zone)->zone_pgdat->node_id)
#define min_wmark_pages(z)  ((z)->_watermark[WMARK_MIN])
#define low_wmark_pages(z)  ((z)->_watermark[WMARK_LOW])
#define high_wmark_pages(z) ((z)->_watermark[WMARK_HIGH])

/* How deep below a mark the request may dig: see zone_watermark_ok(). */
#define ALLOC_WMARK_MASK    0x03U /* enum zone_watermarks */
#define ALLOC_NO_WATERMARKS 0x04U /* the whole reserve */
#define ALLOC_HARDER	    0x10U /* __GFP_ATOMIC: a quarter */
#define ALLOC_HIGH	    0x20U /* __GFP_HIGH: half */
#define ALLOC_OOM	    0x08U /* a task that dies: half of the rest */

/*
 * Would `order` more pages leave the zone above mark, counting what is kept
 * for requests that can only use this zone (highest allowed: ht), and is
 * there a block that large?
 */
bool zone_watermark_ok(struct zone *zone, unsigned int order,
		       unsigned long mark, enum zone_type ht,
		       unsigned int alloc_flags);

/* Linux's formula, applied anew to every zone. => value in KiB, 0: computed */
void set_min_free_kbytes(unsigned long kbytes);
extern unsigned long min_free_kbytes;
extern int watermark_scale_factor; /* of 10,000: the step between marks */
/* Apply both anew to every zone. */
void setup_per_zone_wmarks(void);

/* The sections of struct page that exist: see sparse.c. */
#define SECTION_SIZE_BITS 27 /* 128 MiB: 2 MiB of struct page */
#define PFN_SECTION_SHIFT (SECTION_SIZE_BITS - PAGE_SHIFT)
#define PAGES_PER_SECTION (UL(1) << PFN_SECTION_SHIFT)
#define SUBSECTION_SHIFT  (MAX_ORDER - 1) /* in pages: 4 MiB */

#endif
