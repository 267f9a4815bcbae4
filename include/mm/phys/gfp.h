/* SPDX-License-Identifier: MIT */
/*
 * gfp_t: where a page may come from, and how hard to try for it.
 *
 *	which zone      __GFP_DMA, __GFP_DMA32, or neither: any zone
 *	how deep        __GFP_HIGH, __GFP_ATOMIC, __GFP_MEMALLOC: how far below
 *	                the min watermark the request may dig
 *	how hard        __GFP_DIRECT_RECLAIM may sleep and reclaim;
 *	                NORETRY < (default) < RETRY_MAYFAIL < NOFAIL
 *	what you get    __GFP_ZERO zeroed, __GFP_COMP one compound page
 *
 * The bits are those of Linux 6.1. Functions that return pages return NULL
 * when there are none; nothing here returns an errno.
 */
#ifndef _MM_PHYS_GFP_H
#define _MM_PHYS_GFP_H

#include <lib/types.h>
#include <mm/phys/mmzone.h>
#include <mm/phys/page.h>

#define __GFP_DMA	     0x01U
#define __GFP_HIGHMEM	     0x02U /* accepted, means nothing on arm64 */
#define __GFP_DMA32	     0x04U
#define __GFP_MOVABLE	     0x08U /* a promise nobody uses yet */
#define __GFP_HIGH	     0x20U /* may take half of the reserve */
#define __GFP_IO	     0x40U
#define __GFP_FS	     0x80U
#define __GFP_ZERO	     0x100U
#define __GFP_ATOMIC	     0x200U /* cannot sleep: a quarter more */
#define __GFP_DIRECT_RECLAIM 0x400U /* may sleep and reclaim */
#define __GFP_KSWAPD_RECLAIM 0x800U /* may wake kswapd */
#define __GFP_NOWARN	     0x2000U
#define __GFP_RETRY_MAYFAIL  0x4000U
#define __GFP_NOFAIL	     0x8000U /* never NULL: loops */
#define __GFP_NORETRY	     0x10000U
#define __GFP_MEMALLOC	     0x20000U /* may use the whole reserve */
#define __GFP_COMP	     0x40000U
#define __GFP_NOMEMALLOC     0x80000U
#define __GFP_HARDWALL	     0x100000U
#define __GFP_THISNODE	     0x200000U /* no other node */
#define __GFP_ACCOUNT	     0x400000U

#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define GFP_ATOMIC	     (__GFP_HIGH | __GFP_ATOMIC | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL	     (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_NOWAIT	     __GFP_KSWAPD_RECLAIM
#define GFP_NOIO	     __GFP_RECLAIM
#define GFP_NOFS	     (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER	     (GFP_KERNEL | __GFP_HARDWALL)
#define GFP_HIGHUSER	     (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)

/* What the slab may pass on of its caller's flags to the page allocator. */
#define GFP_RECLAIM_MASK                                                     \
	(__GFP_RECLAIM | __GFP_HIGH | __GFP_ATOMIC | __GFP_IO | __GFP_FS |   \
	 __GFP_NOWARN | __GFP_RETRY_MAYFAIL | __GFP_NOFAIL | __GFP_NORETRY | \
	 __GFP_MEMALLOC | __GFP_NOMEMALLOC | __GFP_THISNODE)

/* The highest zone that gfp allows. */
static inline enum zone_type gfp_zone(gfp_t gfp)
{
	if (unlikely(gfp & (__GFP_DMA | __GFP_DMA32)))
		return gfp & __GFP_DMA ? ZONE_DMA : ZONE_DMA32;
	return ZONE_NORMAL;
}

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/*
 * 1 << order pages, physically contiguous and naturally aligned.
 * => refcount 1; with __GFP_COMP one compound page, else separate pages of
 *    which only the first is counted; order < MAX_ORDER
 * => any context; with __GFP_DIRECT_RECLAIM only where sleeping is allowed
 */
struct page *__alloc_pages(gfp_t gfp, unsigned int order, int nid);

static inline struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return __alloc_pages(gfp, order, numa_node_id());
}

#define alloc_page(gfp) alloc_pages(gfp, 0)

/* The same by address in the linear map; 0 when there is none. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
#define __get_free_page(gfp) __get_free_pages(gfp, 0)

/* Drop one reference to what __alloc_pages() gave; free it at zero. */
void __free_pages(struct page *page, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);
#define __free_page(page) __free_pages(page, 0)
#define free_page(addr)	  free_pages(addr, 0)

/* Free the pages, refcount 0, linked through lru. => any context */
void free_unref_page_list(struct list_head *list);

/*
 * One compound page of an order beyond the buddy's, from blocks that happen to
 * lie together. => refcount 1, content undefined; NULL: there are none. May
 * sleep; __free_pages() frees it
 */
struct page *alloc_contig_pages(unsigned int order);
/* Separate pages, contiguous, exactly PAGE_ALIGN(size): the rest is freed. */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *virt, size_t size);

/*
 * What stands above the allocator (L5 installs it; all members optional).
 * => direct_reclaim, out_of_memory: sleepable context, no locks held here
 * => wakeup_kswapd: any context, may be called with interrupts off
 * => release_page: a PG_lru page lost its last reference: take it off
 * => reserves: what the running task may use beyond the min mark:
 *    ALLOC_NO_WATERMARKS (it belongs to reclaim itself), ALLOC_OOM (it has
 *    been chosen to die) or 0
 */
struct reclaim_ops {
	/* => pages reclaimed from zone and those below it in its zonelist */
	unsigned long (*direct_reclaim)(struct zone *zone, gfp_t gfp,
					int order);
	void (*wakeup_kswapd)(struct zone *zone);
	/* => pages of zone that direct_reclaim could find, if all went well */
	unsigned long (*reclaimable_pages)(const struct zone *zone);
	/* => true if trying again makes sense */
	bool (*out_of_memory)(gfp_t gfp, int order);
	void (*release_page)(struct page *page);
	unsigned int (*reserves)(void);
};

/* => called once, before user space; NULL takes the ops away (tests) */
void set_reclaim_ops(const struct reclaim_ops *ops);

/* Give the pages on the per-CPU lists of this CPU (zone NULL: of all) back. */
void drain_local_pages(struct zone *zone);
/* The same on every CPU. => sleepable context */
void drain_all_pages(struct zone *zone);

/*
 * Allocation-failure injection: the nth allocation (1 is the next) made by
 * `task`, and none before or after it, fails: pages and slab objects alike.
 * nth 0 turns it off. __GFP_NOFAIL requests are not counted.
 * => returns how many allocations were counted since the last arming
 */
unsigned long fail_alloc_arm(unsigned long nth);
/* Has the armed allocation been reached (and failed)? */
bool fail_alloc_hit(void);
/* How many allocations of current are left until one fails; 0: none will. */
unsigned long fail_alloc_left(void);
/* Current is about to exit or to run another program: off. */
void fail_alloc_forget(void);

/* The flags by name: "GFP_KERNEL|__GFP_ZERO". */
void gfp_describe(gfp_t gfp, char *buf, size_t size);

unsigned long nr_free_pages(void);
unsigned long totalram_pages(void);
/* The reserve that user space must leave: high marks and lowmem_reserve. */
unsigned long totalreserve_pages(void);

#endif
