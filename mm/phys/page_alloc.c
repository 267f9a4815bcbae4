// SPDX-License-Identifier: MIT
/*
 * page_alloc.c - the buddy allocator and the per-CPU lists in front of it
 *
 *	__alloc_pages ─► this CPU's list of single pages       (no lock)
 *	                   │ empty: a batch        ▲ full: a batch
 *	                   ▼                       │
 *	                 zone->free_area[0..10]                (zone->lock)
 *
 * A free block of order n is 1 << n pages, aligned to its size, and only its
 * first page is marked (PageBuddy, buddy_order). Its buddy is the block with
 * which it makes one of order n + 1: their pfns differ in bit n alone.
 *
 *	order 2   |   0 1 2 3   |   4 5 6 7   |     free 5: buddy 4 is free,
 *	order 1   | 0 1 | 2 3 | 4 5 | 6 7 |         4-5: buddy 6-7 is free,
 *	order 0   |0|1|2|3|4|5|6|7|                 4-7: buddy 0-3 is not: stop
 *
 * Invariants (buddy_check()): no two free buddies of one order exist; a free
 * page has no references, no PG_ flags, page_type BUDDY (block heads) or PCP;
 * free_pages is the sum of the blocks. A page's zone decides where it goes,
 * so blocks never merge across zones.
 *
 * Context: any; interrupts are off while a list is touched. What happens when
 * a zone is below its mark: page_alloc_slow.c.
 */
#include <lib/bitops.h>
#include <lib/list.h>
#include <asm/irqflags.h>
#include <base/bug.h>
#include <base/smp.h>
#include <mm/phys/gfp.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmstat.h>

#define RET_IP	       ((unsigned long)__builtin_return_address(0))
#define PG_BIT(name)   (UL(1) << PG_##name)
#define PAGE_FLAGS_ALL ((UL(1) << __NR_PAGEFLAGS) - 1)
/* None of these may be set when a page is freed. */
#define PAGE_FLAGS_CHECK_AT_FREE                                              \
	(PG_BIT(lru) | PG_BIT(locked) | PG_BIT(private) | PG_BIT(private_2) | \
	 PG_BIT(writeback) | PG_BIT(reserved) | PG_BIT(slab) |                \
	 PG_BIT(active) | PG_BIT(unevictable) | PG_BIT(mlocked))

/* --- Blocks: zone->lock is held ---------------------------------------- */

static inline void add_to_free_list(struct zone *zone, struct page *page,
				    unsigned int order)
{
	page->page_type = PAGE_TYPE_BUDDY;
	page->buddy_order = order;
	list_add(&page->buddy_list, &zone->free_area[order].free_list);
	zone->free_area[order].nr_free++;
}

static inline void del_from_free_list(struct zone *zone, struct page *page,
				      unsigned int order)
{
	list_del(&page->buddy_list);
	page->page_type = PAGE_TYPE_NONE;
	page->buddy_order = 0;
	zone->free_area[order].nr_free--;
}

/* Is `buddy` a free block of this order in the zone of `page`? */
static inline bool page_is_buddy(const struct page *page,
				 const struct page *buddy, unsigned int order)
{
	return PageBuddy(buddy) && buddy->buddy_order == order &&
	       page_zone_id(page) == page_zone_id(buddy);
}

/* Free one block and merge it with its buddies as far up as they are free. */
static void free_one_block(struct zone *zone, struct page *page,
			   unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);

	VM_BUG_ON_PAGE(pfn & ((1UL << order) - 1), page);
	VM_BUG_ON_PAGE(PageBuddy(page), page);
	VM_BUG_ON_PAGE(!zone_spans_pfn(zone, pfn), page);
	zone->free_pages += 1UL << order;
	while (order < MAX_ORDER - 1) {
		unsigned long bit = 1UL << order;
		struct page *buddy = pfn & bit ? page - bit : page + bit;

		if (!page_is_buddy(page, buddy, order))
			break;
		del_from_free_list(zone, buddy, order);
		if (pfn & bit)
			page = buddy;
		pfn &= ~bit;
		order++;
	}
	add_to_free_list(zone, page, order);
}

/* Cut a block down to `order`, giving the upper halves back. */
static inline void expand(struct zone *zone, struct page *page,
			  unsigned int have, unsigned int order)
{
	while (have > order) {
		have--;
		add_to_free_list(zone, page + (1UL << have), have);
	}
}

/* The smallest block that is large enough. => NULL; its order in *have */
static inline struct page *take_block(struct zone *zone, unsigned int order,
				      unsigned int *have)
{
	unsigned int o;

	for (o = order; o < MAX_ORDER; o++) {
		struct free_area *area = &zone->free_area[o];
		struct page *page;

		if (list_empty(&area->free_list))
			continue;
		page = list_first_entry(&area->free_list, struct page,
					buddy_list);
		del_from_free_list(zone, page, o);
		*have = o;
		return page;
	}
	return NULL;
}

static struct page *rmqueue_block(struct zone *zone, unsigned int order)
{
	unsigned int have;
	struct page *page = take_block(zone, order, &have);

	if (!page)
		return NULL;
	expand(zone, page, have, order);
	zone->free_pages -= 1UL << order;
	return page;
}

/* --- Per-CPU lists: interrupts are off --------------------------------- */

/*
 * Fill the list with about a batch. A block that is no larger than what is
 * wanted goes to the list as a whole, without being cut in the free lists.
 */
static noinline void pcp_refill(struct zone *zone, struct per_cpu_pages *pcp)
{
	long want = pcp->batch;

	spin_lock(&zone->lock);
	while (want > 0) {
		unsigned int order, keep;
		struct page *page = take_block(zone, 0, &order);
		unsigned long i;

		if (!page)
			break;
		keep = min((unsigned int)__fls((unsigned long)want), order);
		expand(zone, page, order, keep);
		for (i = 0; i < 1UL << keep; i++) {
			page[i].page_type = PAGE_TYPE_PCP;
			list_add_tail(&page[i].lru, &pcp->list);
		}
		zone->free_pages -= 1UL << keep;
		pcp->count += 1 << keep;
		want -= 1 << keep;
	}
	spin_unlock(&zone->lock);
	pcp->refills++;
}

/* Give `nr` of the coldest pages back to the blocks. */
static noinline void pcp_drain(struct zone *zone, struct per_cpu_pages *pcp,
			       int nr)
{
	nr = min(nr, pcp->count);
	if (!nr)
		return;
	pcp->count -= nr;
	pcp->drains++;
	spin_lock(&zone->lock);
	while (nr--) {
		struct page *page =
			list_last_entry(&pcp->list, struct page, lru);

		list_del(&page->lru);
		page->page_type = PAGE_TYPE_NONE;
		free_one_block(zone, page, 0);
	}
	spin_unlock(&zone->lock);
}

/* One page off this CPU's list. => NULL: the zone has none */
static __always_inline struct page *rmqueue_pcp(struct zone *zone)
{
	struct per_cpu_pages *pcp;
	struct page *page = NULL;
	unsigned long flags;

	local_irq_save(flags);
	pcp = &zone->pageset[smp_processor_id()];
	if (unlikely(list_empty(&pcp->list)))
		pcp_refill(zone, pcp);
	if (likely(!list_empty(&pcp->list))) {
		page = list_first_entry(&pcp->list, struct page, lru);
		__list_del(page->lru.prev, page->lru.next);
		pcp->count--;
		pcp->allocs++;
		VM_BUG_ON_PAGE(page->page_type != PAGE_TYPE_PCP, page);
		page->page_type = PAGE_TYPE_NONE;
	}
	local_irq_restore(flags);
	return page;
}

static struct page *rmqueue_locked(struct zone *zone, unsigned int order)
{
	unsigned long flags;
	struct page *page;

	spin_lock_irqsave(&zone->lock, flags);
	page = rmqueue_block(zone, order);
	if (page)
		__count_vm_events(PGALLOC_DMA + zone->zone_idx, 1L << order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* --- Preparing pages --------------------------------------------------- */

static void prep_compound_page(struct page *page, unsigned int order)
{
	unsigned long i;

	__SetPageHead(page);
	for (i = 1; i < 1UL << order; i++)
		page[i].compound_head = (unsigned long)page | 1;
	page[1].compound_order = order;
}

static void unprep_compound_page(struct page *page, unsigned int order)
{
	unsigned long i;

	if (unlikely(page[1].compound_order != order))
		bad_page_panic(page, "compound page freed with a wrong order");
	__ClearPageHead(page);
	for (i = 1; i < 1UL << order; i++) {
		if (unlikely(compound_head(page + i) != page))
			bad_page_panic(page + i, "tail of another page");
		page[i].compound_head = 0;
	}
	page[1].compound_order = 0;
}

static __always_inline void prep_new_page(struct page *page, unsigned int order,
					  gfp_t gfp, unsigned long ip)
{
	unsigned long i;

	VM_BUG_ON_PAGE(page_ref_count(page), page);
	set_page_private(page, 0);
	set_page_count(page, 1);
	if (CONFIG_DEBUG) {
		page->alloc_site = code_site(ip);
		page_check_poison(page, order);
	}
	if (unlikely(order && (gfp & __GFP_COMP)))
		prep_compound_page(page, order);
	if (gfp & __GFP_ZERO)
		for (i = 0; i < 1UL << order; i++)
			clear_page(page_address(page + i));
}

static noinline void __cold bad_free(struct page *page, unsigned int order)
{
	if (page->page_type == PAGE_TYPE_PCP || PageBuddy(page))
		bad_page_panic(page, "double free of a page");
	if (page_ref_count(page))
		bad_page_panic(page, "freed with references");
	if (atomic_read(&page->_mapcount) != -1)
		bad_page_panic(page, "freed while mapped");
	if (page->mapping)
		bad_page_panic(page, "freed with an owner (mapping)");
	if (page->flags & PAGE_FLAGS_CHECK_AT_FREE)
		bad_page_panic(page, "freed with flags that are in use");
	bad_page_panic(page, order ? "bad block freed" : "bad page freed");
}

/* Check that nobody uses the block, and make it look unused. */
static __always_inline void
free_pages_prepare(struct page *page, unsigned int order, unsigned long ip)
{
	if (unlikely(page->page_type != PAGE_TYPE_NONE ||
		     page_ref_count(page) != 0 || page->mapping ||
		     (page->flags & PAGE_FLAGS_CHECK_AT_FREE)))
		bad_free(page, order);
	if (unlikely(PageHead(page)))
		unprep_compound_page(page, order);
	page->flags &= ~PAGE_FLAGS_ALL;
	if (CONFIG_DEBUG) {
		page->free_site = code_site(ip);
		page_poison(page, order);
	}
}

/* --- Allocating -------------------------------------------------------- */

struct page *get_page_from_freelist(gfp_t gfp, unsigned int order,
				    const struct zonelist *zl,
				    enum zone_type ht, unsigned int alloc_flags)
{
	struct zone *const *zp;
	struct zone *zone;

	for (zp = zl->zones; (zone = *zp); zp++) {
		unsigned long mark =
			zone->_watermark[alloc_flags & ALLOC_WMARK_MASK];
		struct page *page;

		if (!(alloc_flags & ALLOC_NO_WATERMARKS) &&
		    !zone_watermark_ok(zone, order, mark, ht, alloc_flags))
			continue;
		page = order ? rmqueue_locked(zone, order) : rmqueue_pcp(zone);
		if (page) {
			prep_new_page(page, order, gfp, RET_IP);
			return page;
		}
	}
	return NULL;
}

/* The usual case: a single page, and the best zone has more than enough. */
static __always_inline struct page *
alloc_single(gfp_t gfp, struct zone *zone, enum zone_type ht, unsigned long ip)
{
	struct page *page;

	if (unlikely((long)READ_ONCE(zone->free_pages) <=
		     (long)low_wmark_pages(zone) + zone->lowmem_reserve[ht]))
		return NULL;
	page = rmqueue_pcp(zone);
	if (likely(page))
		prep_new_page(page, 0, gfp, ip);
	return page;
}

struct page *alloc_pages_zonelist(gfp_t gfp, unsigned int order,
				  const struct zonelist *zl, enum zone_type ht)
{
	struct page *page;

	if (WARN_ON_ONCE(order >= MAX_ORDER))
		return NULL;
	if (unlikely(fail_alloc_task) && fail_alloc_now(gfp))
		return NULL;
	page = get_page_from_freelist(gfp, order, zl, ht, WMARK_LOW);
	return page ? page : alloc_pages_slow(gfp, order, zl, ht);
}

static noinline struct page *alloc_pages_node_any(gfp_t gfp, unsigned int order,
						  int nid)
{
	const pg_data_t *pgdat = NODE_DATA(nid);
	enum zone_type ht = gfp_zone(gfp);

	return alloc_pages_zonelist(gfp, order,
				    gfp & __GFP_THISNODE ?
					    &pgdat->node_thislist[ht] :
					    &pgdat->node_zonelists[ht],
				    ht);
}

struct page *__alloc_pages(gfp_t gfp, unsigned int order, int nid)
{
	if (likely(!order && !fail_alloc_task && !(gfp & __GFP_THISNODE))) {
		enum zone_type ht = gfp_zone(gfp);
		struct page *page = alloc_single(
			gfp, NODE_DATA(nid)->best_zone[ht], ht, RET_IP);

		if (likely(page))
			return page;
	}
	return alloc_pages_node_any(gfp, order, nid);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

/* --- Larger than any block --------------------------------------------- */

/* Are all blocks of this aligned run free? zone->lock is held. */
static bool run_is_free(const struct zone *zone, const struct page *page,
			unsigned int order)
{
	for (unsigned long i = 0; i < 1UL << order; i += MAX_ORDER_NR_PAGES)
		if (!PageBuddy(page + i) || page_zone(page + i) != zone ||
		    page[i].buddy_order != MAX_ORDER - 1)
			return false;
	return true;
}

static struct page *rmqueue_run(struct zone *zone, unsigned int order)
{
	unsigned long nr = 1UL << order, end = zone_end_pfn(zone), pfn, i;

	if (zone->free_pages < nr + high_wmark_pages(zone))
		return NULL;
	for (pfn = ALIGN(zone->zone_start_pfn, nr); pfn + nr <= end;
	     pfn += nr) {
		struct page *page = pfn_to_page(pfn);

		if (!pfn_valid(pfn) || !pfn_valid(pfn + nr - 1) ||
		    !run_is_free(zone, page, order))
			continue;
		for (i = 0; i < nr; i += MAX_ORDER_NR_PAGES)
			del_from_free_list(zone, page + i, MAX_ORDER - 1);
		zone->free_pages -= nr;
		return page;
	}
	return NULL;
}

struct page *alloc_contig_pages(unsigned int order)
{
	struct page *page = NULL;
	struct zone *zone;

	VM_BUG_ON(order < MAX_ORDER);
	drain_all_pages(NULL);
	for_each_populated_zone(zone) {
		spin_lock_irq(&zone->lock);
		page = rmqueue_run(zone, order);
		spin_unlock_irq(&zone->lock);
		if (page)
			break;
	}
	if (page)
		prep_new_page(page, order, __GFP_COMP, RET_IP);
	return page;
}

/* --- Freeing ----------------------------------------------------------- */

/* Interrupts are off; the page is prepared. */
static __always_inline void free_to_pcp(struct page *page, unsigned int cpu)
{
	struct zone *zone = page_zone(page);
	struct per_cpu_pages *pcp = &zone->pageset[cpu];

	page->page_type = PAGE_TYPE_PCP;
	list_add(&page->lru, &pcp->list);
	pcp->frees++;
	if (unlikely(++pcp->count > pcp->high))
		pcp_drain(zone, pcp, pcp->batch);
}

/* A page of alloc_contig_pages() is many blocks. */
static inline void free_blocks(struct zone *zone, struct page *page,
			       unsigned int order)
{
	unsigned int block = min(order, (unsigned int)MAX_ORDER - 1);

	for (unsigned long i = 0; i < 1UL << order; i += 1UL << block)
		free_one_block(zone, page + i, block);
}

static void free_unref_page(struct page *page, unsigned int order)
{
	unsigned long flags;
	struct zone *zone;

	free_pages_prepare(page, order, RET_IP);
	local_irq_save(flags);
	if (likely(order == 0)) {
		free_to_pcp(page, smp_processor_id());
	} else {
		zone = page_zone(page);
		__count_vm_events(PGFREE, 1L << order);
		spin_lock(&zone->lock);
		free_blocks(zone, page, order);
		spin_unlock(&zone->lock);
	}
	local_irq_restore(flags);
}

void free_unref_page_list(struct list_head *list)
{
	unsigned long ip = RET_IP;
	unsigned long flags;

	while (!list_empty(list)) {
		int burst = 32; /* let interrupts in from time to time */

		local_irq_save(flags);
		while (burst-- && !list_empty(list)) {
			struct page *page =
				list_first_entry(list, struct page, lru);

			list_del(&page->lru);
			free_pages_prepare(page, 0, ip);
			free_to_pcp(page, smp_processor_id());
		}
		local_irq_restore(flags);
	}
}

void __free_pages(struct page *page, unsigned int order)
{
	if (unlikely(page_ref_count(page) <= 0))
		bad_page_panic(page, "freed, but it has no references");
	if (put_page_testzero(page))
		free_unref_page(page, order);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (!addr)
		return;
	VM_BUG_ON(!virt_addr_valid((void *)addr));
	__free_pages(virt_to_page((void *)addr), order);
}

void __put_page(struct page *page)
{
	if (unlikely(PageLRU(page)) && reclaim_ops && reclaim_ops->release_page)
		reclaim_ops->release_page(page);
	free_unref_page(page, compound_order(page));
}

static void split_page(struct page *page, unsigned int order)
{
	unsigned long i;

	VM_BUG_ON_PAGE(PageCompound(page), page);
	VM_BUG_ON_PAGE(page_ref_count(page) != 1, page);
	for (i = 1; i < 1UL << order; i++) {
		set_page_count(page + i, 1);
		if (CONFIG_DEBUG)
			page[i].alloc_site = page->alloc_site;
	}
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned long nr = PFN_UP(size), i;
	unsigned int order = (unsigned int)get_count_order(nr ? nr : 1);
	struct page *page;

	if (WARN_ON_ONCE((gfp & __GFP_COMP) || !nr || order >= MAX_ORDER))
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	split_page(page, order);
	for (i = nr; i < 1UL << order; i++)
		__free_page(page + i);
	return page_address(page);
}

void free_pages_exact(void *virt, size_t size)
{
	struct page *page = virt_to_page(virt);
	unsigned long i;

	for (i = 0; i < PFN_UP(size); i++)
		__free_page(page + i);
}

void free_pages_core(unsigned long pfn, unsigned long end)
{
	while (pfn < end) {
		unsigned int order = pfn ? __ffs(pfn) : MAX_ORDER - 1;
		struct page *page = pfn_to_page(pfn);
		struct zone *zone = page_zone(page);
		unsigned long flags;

		order = min3(order, __fls(end - pfn),
			     (unsigned int)MAX_ORDER - 1);
		spin_lock_irqsave(&zone->lock, flags);
		free_one_block(zone, page, order);
		spin_unlock_irqrestore(&zone->lock, flags);
		atomic_long_add(1L << order, &zone->managed_pages);
		pfn += 1UL << order;
	}
}

/* --- Draining ---------------------------------------------------------- */

void drain_local_pages(struct zone *only)
{
	unsigned int cpu;
	unsigned long flags;
	struct zone *zone;

	local_irq_save(flags);
	cpu = smp_processor_id();
	if (only)
		pcp_drain(only, &only->pageset[cpu], INT_MAX);
	else
		for_each_populated_zone(zone)
			pcp_drain(zone, &zone->pageset[cpu], INT_MAX);
	local_irq_restore(flags);
}

static void drain_on_cpu(void *zone)
{
	drain_local_pages(zone);
}

void drain_all_pages(struct zone *zone)
{
	on_each_cpu(drain_on_cpu, zone, true);
}
