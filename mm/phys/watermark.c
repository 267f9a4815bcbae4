// SPDX-License-Identifier: MIT
/*
 * watermark.c - how much of a zone is kept back, and for whom
 *
 *	free pages of a zone
 *	   ┌───────────────
 *	   │ anybody
 *	   ├─ high ── kswapd has done enough
 *	   ├─ low ─── kswapd is woken           low  = min + step
 *	   ├─ min ─── GFP_KERNEL must reclaim   high = min + 2 step
 *	   │ GFP_ATOMIC: __GFP_HIGH half, __GFP_ATOMIC a quarter of the rest
 *	   ├─ (min/2 · 3/4)
 *	   │ __GFP_MEMALLOC: those whose allocations free memory
 *	   └─ 0
 *
 * All zones' min together are min_free_kbytes = sqrt(16 · lowmem KiB), shared
 * by size; step is the larger of min / 4 and watermark_scale_factor / 10,000
 * of the zone.
 *
 * lowmem_reserve[j] of a zone: pages it withholds from requests that could
 * also have been served by zone j above it, so that those who could move up
 * do not eat what the others depend on.
 *
 * Lock: watermark_lock for writing; readers take what they find.
 */
#include <lib/math.h>
#include <base/bug.h>
#include <base/smp.h>
#include <base/spinlock.h>
#include <mm/phys/gfp.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmstat.h>

int watermark_scale_factor = 10;
unsigned long min_free_kbytes;
static unsigned long user_min_free_kbytes;
static DEFINE_SPINLOCK(watermark_lock);

/* One page of 256 of the zones above: the largest share they may need. */
static const unsigned int lowmem_reserve_ratio[MAX_NR_ZONES] = {
	[ZONE_DMA] = 256,
	[ZONE_DMA32] = 256,
	[ZONE_NORMAL] = 32,
	[ZONE_MOVABLE] = 0,
};

bool zone_watermark_ok(struct zone *zone, unsigned int order,
		       unsigned long mark, enum zone_type ht,
		       unsigned int alloc_flags)
{
	long min = (long)mark;
	long free = (long)READ_ONCE(zone->free_pages);
	unsigned int o;

	if (alloc_flags & ALLOC_HIGH)
		min -= min / 2;
	if (alloc_flags & ALLOC_HARDER)
		min -= min / 4;
	if (alloc_flags & ALLOC_OOM)
		min -= min / 2;
	if (free - (1L << order) < min + zone->lowmem_reserve[ht])
		return false;
	if (!order)
		return free - 1 >= min + zone->lowmem_reserve[ht];
	for (o = order; o < MAX_ORDER; o++)
		if (READ_ONCE(zone->free_area[o].nr_free))
			return true;
	return false;
}

static unsigned long nr_free_buffer_pages(void)
{
	unsigned long sum = 0;
	struct zone *zone;

	for_each_populated_zone(zone) {
		unsigned long managed = zone_managed_pages(zone);

		if (managed > high_wmark_pages(zone))
			sum += managed - high_wmark_pages(zone);
	}
	return sum;
}

unsigned long nr_free_pages(void)
{
	unsigned long sum = 0;
	struct zone *zone;

	for_each_populated_zone(zone)
		sum += READ_ONCE(zone->free_pages);
	return sum;
}

unsigned long totalram_pages(void)
{
	unsigned long sum = 0;
	struct zone *zone;

	for_each_zone(zone)
		sum += zone_managed_pages(zone);
	return sum;
}

unsigned long totalreserve_pages(void)
{
	unsigned long sum = 0;
	int nid;

	for_each_online_node(nid)
		sum += NODE_DATA(nid)->totalreserve_pages;
	return sum;
}

static void set_lowmem_reserve(pg_data_t *pgdat)
{
	unsigned int i, j;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &pgdat->node_zones[i];
		unsigned int ratio = lowmem_reserve_ratio[i];
		unsigned long above = 0;

		for (j = i + 1; j < MAX_NR_ZONES; j++) {
			above += zone_managed_pages(&pgdat->node_zones[j]);
			zone->lowmem_reserve[j] =
				ratio && zone_managed_pages(zone) ?
					(long)(above / ratio) :
					0;
		}
	}
}

static void set_zone_marks(struct zone *zone, unsigned long pages_min,
			   unsigned long lowmem)
{
	unsigned long managed = zone_managed_pages(zone);
	unsigned long wmin = pages_min * managed / lowmem;
	unsigned long step =
		max(wmin / 4,
		    managed * (unsigned int)watermark_scale_factor / 10000);

	zone_set_watermarks(zone, wmin, wmin + step, wmin + 2 * step);
	zone_pcp_init(zone);
}

void zone_set_watermarks(struct zone *zone, unsigned long wmin,
			 unsigned long wlow, unsigned long whigh)
{
	VM_BUG_ON(wmin > wlow || wlow > whigh);
	WRITE_ONCE(zone->_watermark[WMARK_MIN], wmin);
	WRITE_ONCE(zone->_watermark[WMARK_LOW], wlow);
	WRITE_ONCE(zone->_watermark[WMARK_HIGH], whigh);
}

/* What user space can never have: the high marks and the largest reserves. */
static void set_totalreserve(pg_data_t *pgdat)
{
	unsigned int i, j;

	pgdat->totalreserve_pages = 0;
	for (i = 0; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &pgdat->node_zones[i];
		long most = 0;

		for (j = i; j < MAX_NR_ZONES; j++)
			most = max(most, zone->lowmem_reserve[j]);
		pgdat->totalreserve_pages +=
			min((unsigned long)most + high_wmark_pages(zone),
			    zone_managed_pages(zone));
	}
}

void setup_per_zone_wmarks(void)
{
	unsigned long pages_min = min_free_kbytes >> (PAGE_SHIFT - 10);
	unsigned long lowmem = max(totalram_pages(), 1UL);
	struct zone *zone;
	unsigned long flags;
	int nid;

	spin_lock_irqsave(&watermark_lock, flags);
	for_each_online_node(nid)
		set_lowmem_reserve(NODE_DATA(nid));
	for_each_zone(zone)
		set_zone_marks(zone, pages_min, lowmem);
	for_each_online_node(nid)
		set_totalreserve(NODE_DATA(nid));
	spin_unlock_irqrestore(&watermark_lock, flags);
}

void set_min_free_kbytes(unsigned long kbytes)
{
	unsigned long lowmem_kb = nr_free_buffer_pages() << (PAGE_SHIFT - 10);

	user_min_free_kbytes = kbytes;
	if (!kbytes)
		kbytes = clamp(int_sqrt(lowmem_kb * 16), 128UL, 262144UL);
	min_free_kbytes = kbytes;
	setup_per_zone_wmarks();
}

/*
 * How many pages a CPU keeps: a batch is about a quarter of a thousandth of
 * the zone, at most 64 KiB short of a power of two (neighbouring batches then
 * do not all start on the same colour); the stock is what all CPUs may hide
 * from the low mark.
 */
void zone_pcp_init(struct zone *zone)
{
	unsigned long managed = zone_managed_pages(zone);
	unsigned long batch = min(managed / 1024, (1UL << 20) / PAGE_SIZE) / 4;
	unsigned long high;
	unsigned int cpu;

	batch = max(batch, 1UL);
	batch = rounddown_pow_of_two(batch + batch / 2) - 1;
	batch = max(batch, 1UL);
	high = max(low_wmark_pages(zone) / num_possible_cpus(), batch << 2);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		zone->pageset[cpu].batch = (int)batch;
		zone->pageset[cpu].high = (int)high;
	}
}
