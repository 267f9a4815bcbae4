// SPDX-License-Identifier: MIT
/*
 * Tests of the page allocator, most of them on a private zone of 64 pages:
 *
 *	real buddy ── one block of order 6 ──► private zone (id 63)
 *
 * The zone's marks and per-CPU sizes are set by hand, so that every threshold
 * can be met exactly; at the end all 64 pages must have merged again.
 */
#include <lib/string.h>
#include <base/ktest.h>
#include <mm/phys/gfp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmstat.h>

#define ZPAGES 64UL

static struct zone zone;
static struct zonelist zl;
static struct page *zone_base;

static void set_pcp(int batch, int high)
{
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		zone.pageset[cpu].batch = batch;
		zone.pageset[cpu].high = high;
	}
}

/* => false: the test cannot run */
static bool zone_up(void)
{
	unsigned long pfn;

	zone_base = alloc_pages(GFP_KERNEL, 6);
	if (!zone_base)
		return false;
	memset(&zone, 0, sizeof(zone));
	zone_init(&zone, NODE_DATA(0), ZONE_NORMAL, ZONE_ID_PRIVATE);
	pfn = page_to_pfn(zone_base);
	zone.zone_start_pfn = pfn;
	zone.spanned_pages = ZPAGES;
	zone.present_pages = ZPAGES;
	set_pcp(1, 0);
	zl.zones[0] = &zone;
	zl.zones[1] = NULL;
	set_page_count(zone_base, 0);
	zone_adopt_pages(&zone, zone_base, ZPAGES);
	free_pages_core(pfn, pfn + ZPAGES);
	return true;
}

/* All pages must be back, in one block, which returns to the real zone. */
static void zone_down(struct ktest *t)
{
	struct zone *real = NODE_DATA(0)->node_zones;
	struct page *page;

	drain_local_pages(&zone);
	KTEST_EXPECT_TRUE(t, zone_check(&zone));
	KTEST_EXPECT_EQ(t, zone.free_pages, ZPAGES);
	KTEST_ASSERT_EQ(t, zone.free_area[6].nr_free, 1UL);
	zone_set_watermarks(&zone, 0, 0, 0);
	page = get_page_from_freelist(GFP_NOWAIT, 6, &zl, ZONE_NORMAL,
				      ALLOC_NO_WATERMARKS);
	KTEST_ASSERT_PTR_EQ(t, page, zone_base);
	while (!zone_spans_pfn(real, page_to_pfn(page)))
		real = next_zone(real);
	zone_adopt_pages(real, page, ZPAGES);
	zone_table[ZONE_ID_PRIVATE] = NULL;
	__free_pages(page, 6);
}

static struct page *zalloc(gfp_t gfp, unsigned int order)
{
	return alloc_pages_zonelist(gfp | __GFP_NOWARN, order, &zl,
				    ZONE_NORMAL);
}

static void split_and_merge(struct ktest *t)
{
	struct page *a, *b;
	unsigned int o;

	KTEST_ASSERT_TRUE(t, zone_up());
	KTEST_EXPECT_EQ(t, zone.free_area[6].nr_free, 1UL);
	a = zalloc(GFP_NOWAIT, 1);
	KTEST_EXPECT_PTR_EQ(t, a, zone_base);
	/* 64 = 2 taken + one block of each of 2 4 8 16 32 */
	KTEST_EXPECT_EQ(t, zone.free_pages, ZPAGES - 2);
	for (o = 1; o <= 5; o++)
		KTEST_EXPECT_EQ(t, zone.free_area[o].nr_free, 1UL);
	b = zalloc(GFP_NOWAIT, 1);
	KTEST_EXPECT_PTR_EQ(t, b, zone_base + 2);
	KTEST_EXPECT_TRUE(t, zone_check(&zone));
	__free_pages(a, 1);
	/* Its buddy is in use: nothing merges. */
	KTEST_EXPECT_EQ(t, zone.free_area[1].nr_free, 1UL);
	__free_pages(b, 1);
	zone_down(t);
}

/* Every order from every start: what was split must merge. */
static void all_orders(struct ktest *t)
{
	struct page *held[7];
	unsigned int o;

	KTEST_ASSERT_TRUE(t, zone_up());
	for (o = 0; o < 6; o++) {
		held[o] = zalloc(GFP_NOWAIT, o);
		KTEST_EXPECT_NOT_NULL(t, held[o]);
		KTEST_EXPECT_EQ(t, page_to_pfn(held[o]) & ((1UL << o) - 1),
				0UL);
	}
	KTEST_EXPECT_NULL(t, zalloc(GFP_NOWAIT, 6));
	KTEST_EXPECT_TRUE(t, zone_check(&zone));
	for (o = 0; o < 6; o += 2)
		__free_pages(held[o], o);
	for (o = 1; o < 6; o += 2)
		__free_pages(held[o], o);
	zone_down(t);
}

static void exhaust_single_pages(struct ktest *t)
{
	LIST_HEAD(pages);
	struct page *page;
	unsigned long n = 0;

	KTEST_ASSERT_TRUE(t, zone_up());
	while ((page = zalloc(GFP_NOWAIT, 0))) {
		list_add(&page->lru, &pages);
		n++;
	}
	KTEST_EXPECT_EQ(t, n, ZPAGES);
	page = list_first_entry(&pages, struct page, lru);
	list_del(&page->lru);
	put_page(page);
	list_for_each_entry(page, &pages, lru)
		set_page_count(page, 0);
	free_unref_page_list(&pages);
	KTEST_EXPECT_TRUE(t, list_empty(&pages));
	zone_down(t);
}

static unsigned long take_all(struct list_head *to, gfp_t gfp)
{
	struct page *page;
	unsigned long n = 0;

	while ((page = zalloc(gfp, 0))) {
		list_add(&page->lru, to);
		n++;
	}
	return n;
}

static void give_back(struct list_head *list)
{
	struct page *page;

	list_for_each_entry(page, list, lru)
		set_page_count(page, 0);
	free_unref_page_list(list);
	drain_local_pages(&zone);
}

/* min 16: GFP_NOWAIT stops there, ATOMIC digs to 8 - 2, MEMALLOC to 0. */
static void watermarks(struct ktest *t)
{
	LIST_HEAD(pages);

	KTEST_ASSERT_TRUE(t, zone_up());
	zone_set_watermarks(&zone, 16, 20, 24);
	KTEST_EXPECT_EQ(t, take_all(&pages, GFP_NOWAIT), ZPAGES - 16);
	KTEST_EXPECT_EQ(t, zone.free_pages, 16UL);
	KTEST_EXPECT_EQ(t, take_all(&pages, __GFP_HIGH), 8UL);
	KTEST_EXPECT_EQ(t, take_all(&pages, GFP_ATOMIC), 2UL);
	KTEST_EXPECT_EQ(t, zone.free_pages, 6UL);
	KTEST_EXPECT_NULL(t, zalloc(GFP_ATOMIC | __GFP_NOMEMALLOC, 0));
	KTEST_EXPECT_EQ(t, take_all(&pages, __GFP_MEMALLOC), 6UL);
	KTEST_EXPECT_EQ(t, zone.free_pages, 0UL);
	give_back(&pages);
	zone_down(t);
}

static void lowmem_reserve(struct ktest *t)
{
	LIST_HEAD(pages);

	KTEST_ASSERT_TRUE(t, zone_up());
	zone.lowmem_reserve[ZONE_NORMAL] = 10;
	KTEST_EXPECT_EQ(t, take_all(&pages, GFP_NOWAIT), ZPAGES - 10);
	zone.lowmem_reserve[ZONE_NORMAL] = 0;
	give_back(&pages);
	zone_down(t);
}

/* A batch comes in on the first alloc and goes back above `high`. */
static void pcp_batches(struct ktest *t)
{
	struct per_cpu_pages *pcp;
	struct page *page[8];
	unsigned int i;

	KTEST_ASSERT_TRUE(t, zone_up());
	set_pcp(4, 6);
	pcp = &zone.pageset[smp_processor_id()];
	page[0] = zalloc(GFP_NOWAIT, 0);
	KTEST_EXPECT_EQ(t, pcp->count, 3);
	KTEST_EXPECT_EQ(t, zone.free_pages, ZPAGES - 4);
	for (i = 1; i < 8; i++)
		page[i] = zalloc(GFP_NOWAIT, 0);
	KTEST_EXPECT_EQ(t, pcp->count, 0);
	KTEST_EXPECT_EQ(t, pcp->refills, 2U);
	for (i = 0; i < 6; i++)
		__free_page(page[i]);
	KTEST_EXPECT_EQ(t, pcp->count, 6);
	KTEST_EXPECT_EQ(t, pcp->drains, 0U);
	__free_page(page[6]);
	KTEST_EXPECT_EQ(t, pcp->count, 3);
	KTEST_EXPECT_EQ(t, pcp->drains, 1U);
	/* The hottest page comes back first. */
	KTEST_EXPECT_PTR_EQ(t, zalloc(GFP_NOWAIT, 0), page[6]);
	__free_page(page[6]);
	__free_page(page[7]);
	zone_down(t);
}

static void zeroed(struct ktest *t)
{
	struct page *page;

	KTEST_ASSERT_TRUE(t, zone_up());
	page = zalloc(GFP_NOWAIT, 0);
	memset(page_address(page), 0x5a, PAGE_SIZE);
	__free_page(page);
	page = zalloc(GFP_NOWAIT | __GFP_ZERO, 0);
	KTEST_EXPECT_NULL(t, memchr_inv(page_address(page), 0, PAGE_SIZE));
	__free_page(page);
	zone_down(t);
}

static void compound(struct ktest *t)
{
	struct page *page;

	KTEST_ASSERT_TRUE(t, zone_up());
	page = zalloc(GFP_NOWAIT | __GFP_COMP, 3);
	KTEST_EXPECT_TRUE(t, PageHead(page));
	KTEST_EXPECT_EQ(t, compound_order(page), 3U);
	KTEST_EXPECT_PTR_EQ(t, compound_head(page + 7), page);
	get_page(page + 5);
	KTEST_EXPECT_EQ(t, page_count(page), 2);
	put_page(page + 3);
	KTEST_EXPECT_EQ(t, page_count(page), 1);
	put_page(page);
	KTEST_EXPECT_FALSE(t, PageTail(zone_base + 7));
	zone_down(t);
}

/* Reclaim that gives pages back: from a hoard, two at a time. */
static LIST_HEAD(hoard);
static unsigned int reclaims, wakeups, ooms;

static unsigned long fake_reclaim(struct zone *z __unused, gfp_t gfp __unused,
				  int order __unused)
{
	unsigned long n = 0;

	reclaims++;
	while (n < 2 && !list_empty(&hoard)) {
		struct page *page = list_first_entry(&hoard, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
		n++;
	}
	return n;
}

static void fake_wakeup(struct zone *z __unused)
{
	wakeups++;
}

static bool fake_oom(gfp_t gfp __unused, int order __unused)
{
	ooms++;
	return false;
}

static unsigned int fake_reserve;

static unsigned int fake_reserves(void)
{
	return fake_reserve;
}

/* A victim may go to half of min, reclaim itself to the last page. */
static void reserves(struct ktest *t)
{
	static const struct reclaim_ops ops = { .reserves = fake_reserves };
	const struct reclaim_ops *saved = reclaim_ops;
	LIST_HEAD(mine);

	KTEST_ASSERT_TRUE(t, zone_up());
	zone_set_watermarks(&zone, 8, 9, 10);
	set_reclaim_ops(&ops);
	fake_reserve = 0;
	take_all(&mine, GFP_KERNEL | __GFP_NOWARN);
	KTEST_EXPECT_EQ(t, zone.free_pages, 8UL);
	fake_reserve = ALLOC_OOM;
	take_all(&mine, GFP_KERNEL | __GFP_NOWARN | __GFP_NOMEMALLOC);
	KTEST_EXPECT_EQ(t, zone.free_pages, 8UL);
	take_all(&mine, GFP_KERNEL | __GFP_NOWARN);
	KTEST_EXPECT_EQ(t, zone.free_pages, 4UL);
	fake_reserve = ALLOC_NO_WATERMARKS;
	take_all(&mine, GFP_KERNEL | __GFP_NOWARN);
	KTEST_EXPECT_EQ(t, zone.free_pages, 0UL);
	set_reclaim_ops(saved);
	give_back(&mine);
	zone_down(t);
}

static unsigned long fake_reclaimable;

static unsigned long fake_reclaimable_pages(const struct zone *z)
{
	(void)z;
	return fake_reclaimable;
}

static void direct_reclaim(struct ktest *t)
{
	static const struct reclaim_ops ops = {
		.direct_reclaim = fake_reclaim,
		.wakeup_kswapd = fake_wakeup,
		.reclaimable_pages = fake_reclaimable_pages,
		.out_of_memory = fake_oom,
	};
	const struct reclaim_ops *saved = reclaim_ops;
	LIST_HEAD(mine);
	struct page *page;

	KTEST_ASSERT_TRUE(t, zone_up());
	zone_set_watermarks(&zone, 4, 6, 8);
	take_all(&hoard, GFP_NOWAIT);
	reclaims = wakeups = ooms = 0;
	set_reclaim_ops(&ops);
	page = zalloc(GFP_KERNEL, 0);
	KTEST_EXPECT_NOT_NULL(t, page);
	KTEST_EXPECT_EQ(t, reclaims, 1U);
	KTEST_EXPECT_EQ(t, wakeups, 1U);
	KTEST_EXPECT_EQ(t, ooms, 0U);
	list_add(&page->lru, &mine);
	/* Hopes fail: 16 more tries, then the OOM killer, then NULL. */
	list_splice_init(&hoard, &mine);
	take_all(&mine, GFP_NOWAIT);
	reclaims = 0;
	fake_reclaimable = 1;
	KTEST_EXPECT_NULL(t, zalloc(GFP_KERNEL, 0));
	KTEST_EXPECT_EQ(t, reclaims, 17U);
	KTEST_EXPECT_EQ(t, ooms, 1U);
	KTEST_EXPECT_NULL(t, zalloc(GFP_KERNEL | __GFP_NORETRY, 0));
	KTEST_EXPECT_EQ(t, reclaims, 18U);
	KTEST_EXPECT_EQ(t, ooms, 1U);
	/* No hope: at once. */
	fake_reclaimable = 0;
	KTEST_EXPECT_NULL(t, zalloc(GFP_KERNEL, 0));
	KTEST_EXPECT_EQ(t, reclaims, 19U);
	KTEST_EXPECT_EQ(t, ooms, 2U);
	/* Nobody is killed for a large block, nor for a careful request. */
	KTEST_EXPECT_NULL(t, zalloc(GFP_KERNEL | __GFP_NOWARN, 4));
	KTEST_EXPECT_NULL(
		t, zalloc(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, 0));
	KTEST_EXPECT_EQ(t, ooms, 2U);
	set_reclaim_ops(saved);
	give_back(&mine);
	zone_down(t);
}

static void fail_injection(struct ktest *t)
{
	struct page *page[3];
	unsigned int i;

	KTEST_ASSERT_TRUE(t, zone_up());
	fail_alloc_arm(2);
	for (i = 0; i < 3; i++)
		page[i] = zalloc(GFP_NOWAIT, 0);
	KTEST_EXPECT_TRUE(t, fail_alloc_hit());
	KTEST_EXPECT_EQ(t, fail_alloc_arm(0), 3UL);
	KTEST_EXPECT_NOT_NULL(t, page[0]);
	KTEST_EXPECT_NULL(t, page[1]);
	KTEST_EXPECT_NOT_NULL(t, page[2]);
	__free_page(page[0]);
	__free_page(page[2]);
	zone_down(t);
}

static void exact(struct ktest *t)
{
	char *p = alloc_pages_exact(5 * PAGE_SIZE - 100, GFP_KERNEL);

	KTEST_ASSERT_NOT_NULL(t, p);
	KTEST_EXPECT_TRUE(t, PAGE_ALIGNED(p));
	memset(p, 1, 5 * PAGE_SIZE);
	free_pages_exact(p, 5 * PAGE_SIZE - 100);
	KTEST_EXPECT_TRUE(t, buddy_check());
}

/* Zones of the machine: free pages come back, and marks are in order. */
static void real_zones(struct ktest *t)
{
	struct zone *z;
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long managed = 0;

	KTEST_ASSERT_NOT_NULL(t, page);
	KTEST_EXPECT_PTR_EQ(t, pfn_to_page(page_to_pfn(page)), page);
	KTEST_EXPECT_PTR_EQ(t, virt_to_page(page_address(page)), page);
	KTEST_EXPECT_TRUE(t, pfn_valid(page_to_pfn(page)));
	KTEST_EXPECT_FALSE(t, pfn_valid(1));
	KTEST_EXPECT_TRUE(t,
			  zone_spans_pfn(page_zone(page), page_to_pfn(page)));
	__free_page(page);
	for_each_populated_zone(z) {
		managed += zone_managed_pages(z);
		KTEST_EXPECT_LE(t, min_wmark_pages(z), low_wmark_pages(z));
		KTEST_EXPECT_LE(t, low_wmark_pages(z), high_wmark_pages(z));
		KTEST_EXPECT_LE(t, zone_managed_pages(z), z->present_pages);
	}
	KTEST_EXPECT_EQ(t, managed, totalram_pages());
	KTEST_EXPECT_EQ(t, min_free_kbytes >= 128, true);
	KTEST_EXPECT_TRUE(t, buddy_check());
}

/* The same counter counted here and uncounted there sums to nothing. */
static void counters(struct ktest *t)
{
	unsigned long before = vm_event(PGALLOC_DMA) + vm_event(PGALLOC_NORMAL);
	unsigned long freed = vm_event(PGFREE);
	unsigned long dirty = global_node_page_state(NR_FILE_DIRTY);
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	KTEST_ASSERT_NOT_NULL(t, page);
	KTEST_EXPECT_GE(t, vm_event(PGALLOC_DMA) + vm_event(PGALLOC_NORMAL),
			before + 4);
	inc_node_page_state(page, NR_FILE_DIRTY);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), dirty + 1);
	dec_node_page_state(page, NR_FILE_DIRTY);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), dirty);
	__free_pages(page, 2);
	KTEST_EXPECT_GE(t, vm_event(PGFREE), freed + 4);
}

static const struct ktest_case cases[] = {
	{ "split_and_merge", split_and_merge },
	{ "all_orders", all_orders },
	{ "exhaust_single_pages", exhaust_single_pages },
	{ "watermarks", watermarks },
	{ "lowmem_reserve", lowmem_reserve },
	{ "pcp_batches", pcp_batches },
	{ "zeroed", zeroed },
	{ "compound", compound },
	{ "reserves", reserves },
	{ "direct_reclaim", direct_reclaim },
	{ "fail_injection", fail_injection },
	{ "exact", exact },
	{ "real_zones", real_zones },
	{ "counters", counters },
	{}
};

const struct ktest_suite phys_buddy_suite = { "buddy", cases };
