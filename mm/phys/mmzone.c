// SPDX-License-Identifier: MIT
/*
 * mmzone.c - nodes and zones, made from memblock
 *
 * Each memory region has a node (device tree: numa-node-id; else 0); its pfns
 * fall into zones by address alone. Everything is sized by what was found:
 * a node is one pg_data_t from memblock, near its own memory.
 *
 *	zone_table[page->flags >> 58] ─► zone      the hot way from page to zone
 *	    id = node * MAX_NR_ZONES + zone; 63 is for a test's private zone
 *
 * A node's zonelist for "Normal or below" is: its own Normal, DMA32, DMA, then
 * those of the next node, and so on round: local memory first, precious
 * low memory last. Zones that manage nothing are left out.
 *
 * Built on the boot CPU, constant afterwards; no lock.
 */
#include <lib/bitops.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/mmzone.h>
#include <mm/phys/page.h>

pg_data_t *node_data[MAX_NUMNODES];
unsigned int nr_node_ids = 1;
u8 cpu_to_node_map[NR_CPUS];
struct zone *zone_table[ZONE_TABLE_SIZE];
static unsigned long zone_limit_pfn[MAX_NR_ZONES];

static const char *const zone_names[MAX_NR_ZONES] = {
	[ZONE_DMA] = "DMA",
	[ZONE_DMA32] = "DMA32",
	[ZONE_NORMAL] = "Normal",
	[ZONE_MOVABLE] = "Movable",
};

pg_data_t *next_online_pgdat(pg_data_t *pgdat)
{
	unsigned int nid = (unsigned int)pgdat->node_id + 1;

	for (; nid < nr_node_ids; nid++)
		if (node_online(nid))
			return NODE_DATA(nid);
	return NULL;
}

/* Node 0 always exists, even without memory. */
pg_data_t *first_online_pgdat(void)
{
	return NODE_DATA(0);
}

struct zone *next_zone(struct zone *zone)
{
	pg_data_t *pgdat = zone->zone_pgdat;

	if (zone < pgdat->node_zones + MAX_NR_ZONES - 1)
		return zone + 1;
	pgdat = next_online_pgdat(pgdat);
	return pgdat ? pgdat->node_zones : NULL;
}

void zone_init(struct zone *zone, pg_data_t *pgdat, enum zone_type idx,
	       unsigned int id)
{
	unsigned int i;

	BUG_ON(id >= ZONE_TABLE_SIZE || idx >= MAX_NR_ZONES);
	zone->zone_pgdat = pgdat;
	zone->name = zone_names[idx];
	zone->zone_idx = (u8)idx;
	zone->zone_id = (u8)id;
	spin_lock_init(&zone->lock);
	for (i = 0; i < MAX_ORDER; i++)
		INIT_LIST_HEAD(&zone->free_area[i].free_list);
	for (i = 0; i < NR_CPUS; i++)
		INIT_LIST_HEAD(&zone->pageset[i].list);
	zone_pcp_init(zone);
	zone_table[id] = zone;
	zone->initialized = true;
}

/* Which zone an address belongs to: the first whose limit is above. */
static enum zone_type zone_of_pfn(unsigned long pfn)
{
	if (pfn < zone_limit_pfn[ZONE_DMA])
		return ZONE_DMA;
	if (pfn < zone_limit_pfn[ZONE_DMA32])
		return ZONE_DMA32;
	return ZONE_NORMAL;
}

/*
 * ZONE_DMA is what 32-bit devices reach, and all of RAM if RAM begins above
 * that; DMA32 then has nothing left.
 */
static void set_zone_limits(void)
{
	phys_addr_t end = memblock_end_of_DRAM();
	phys_addr_t dma = BIT_ULL(32);

	if (memblock_start_of_DRAM() >= dma)
		dma = end;
	dma = min(dma, end);
	zone_limit_pfn[ZONE_DMA] = PHYS_PFN(dma);
	zone_limit_pfn[ZONE_DMA32] = PHYS_PFN(dma);
	zone_limit_pfn[ZONE_NORMAL] = PHYS_PFN(end);
}

static void print_zone_range(enum zone_type idx, unsigned long from)
{
	unsigned long to = zone_limit_pfn[idx];

	if (from >= to)
		pr_info("  %-8s empty\n", zone_names[idx]);
	else
		pr_info("  %-8s [mem %#018llx-%#018llx]\n", zone_names[idx],
			PFN_PHYS(from), PFN_PHYS(to) - 1);
}

static void print_zone_ranges(void)
{
	unsigned long start = PHYS_PFN(memblock_start_of_DRAM());

	pr_info("Zone ranges:\n");
	print_zone_range(ZONE_DMA, start);
	print_zone_range(ZONE_DMA32, max(start, zone_limit_pfn[ZONE_DMA]));
	print_zone_range(ZONE_NORMAL, max(start, zone_limit_pfn[ZONE_DMA32]));
	pr_info("Movable zone start for each node\n");
}

static int region_nid(int nid)
{
	return nid < 0 || nid >= MAX_NUMNODES ? 0 : nid;
}

/* The node of a region comes into being with the region. */
static void alloc_node(unsigned long from __unused, unsigned long to __unused,
		       int nid, bool arg __unused)
{
	pg_data_t *pgdat;
	unsigned int i;

	if (node_online(nid))
		return;
	pgdat = memblock_alloc_node(sizeof(*pgdat), SLAB_LINE_SIZE, nid);
	pgdat->node_id = nid;
	node_data[nid] = pgdat;
	nr_node_ids = max(nr_node_ids, (unsigned int)nid + 1);
	for (i = 0; i < MAX_NR_ZONES; i++)
		zone_init(&pgdat->node_zones[i], pgdat, (enum zone_type)i,
			  (unsigned int)nid * MAX_NR_ZONES + i);
}

/* Grow [*start, *start + *span) so that it covers [from, to). */
static void widen(unsigned long *start, unsigned long *span, unsigned long from,
		  unsigned long to)
{
	unsigned long end = *start + *span;

	if (!*span) {
		*start = from;
		end = to;
	}
	*start = min(*start, from);
	*span = max(end, to) - *start;
}

/* Count the pfns of one memory region in its node and zones. */
static void account_region(unsigned long from, unsigned long to, int nid,
			   bool verbose)
{
	pg_data_t *pgdat = NODE_DATA(nid);

	if (verbose)
		pr_info("  node %3d: [mem %#018llx-%#018llx]\n", nid,
			PFN_PHYS(from), PFN_PHYS(to) - 1);
	widen(&pgdat->node_start_pfn, &pgdat->node_spanned_pages, from, to);
	pgdat->node_present_pages += to - from;
	while (from < to) {
		enum zone_type idx = zone_of_pfn(from);
		struct zone *zone = &pgdat->node_zones[idx];
		unsigned long end = min(to, zone_limit_pfn[idx]);

		widen(&zone->zone_start_pfn, &zone->spanned_pages, from, end);
		zone->present_pages += end - from;
		from = end;
	}
}

/*
 * The struct pages of one region. Pass one, for all regions, writes the 4 MiB
 * blocks they touch as reserved holes (they exist, since the buddy looks at
 * them); pass two writes the pages that are memory.
 */
static void memmap_init_region(unsigned long from, unsigned long to, int nid,
			       bool holes)
{
	struct zone *zones = NODE_DATA(nid)->node_zones;
	unsigned long first = ALIGN_DOWN(from, MAX_ORDER_NR_PAGES);
	unsigned long last = ALIGN(to, MAX_ORDER_NR_PAGES);

	if (holes) {
		memmap_init_range(first, from, &zones[zone_of_pfn(from)], true);
		memmap_init_range(to, last, &zones[zone_of_pfn(to - 1)], true);
		return;
	}
	while (from < to) {
		enum zone_type idx = zone_of_pfn(from);
		unsigned long end = min(to, zone_limit_pfn[idx]);

		memmap_init_range(from, end, &zones[idx], false);
		from = end;
	}
}

/* Call fn for each region of memory that has a whole page. */
static void for_each_region(void (*fn)(unsigned long from, unsigned long to,
				       int nid, bool arg),
			    bool arg)
{
	const struct memblock_type *mem = &memblock.memory;
	unsigned int i;

	for (i = 0; i < mem->cnt; i++) {
		const struct memblock_region *r = &mem->regions[i];
		unsigned long from = PHYS_PFN(r->base + PAGE_SIZE - 1);
		unsigned long to = PHYS_PFN(r->base + r->size);

		if (from < to)
			fn(from, to, region_nid(r->nid), arg);
	}
}

static void append_zones(struct zonelist *zl, unsigned int *n, pg_data_t *pgdat,
			 unsigned int ht)
{
	int idx;

	for (idx = (int)ht; idx >= 0; idx--)
		if (populated_zone(&pgdat->node_zones[idx]))
			zl->zones[(*n)++] = &pgdat->node_zones[idx];
	zl->zones[*n] = NULL;
}

static void build_zonelists(pg_data_t *pgdat)
{
	unsigned int ht, i;

	for (ht = 0; ht < MAX_NR_ZONES; ht++) {
		unsigned int n = 0, local = 0;

		append_zones(&pgdat->node_thislist[ht], &local, pgdat, ht);
		for (i = 0; i < nr_node_ids; i++) {
			unsigned int nid = (pgdat->node_id + i) % nr_node_ids;

			if (node_online(nid))
				append_zones(&pgdat->node_zonelists[ht], &n,
					     NODE_DATA(nid), ht);
		}
		pgdat->best_zone[ht] = pgdat->node_zonelists[ht].zones[0];
	}
}

static void print_node(const pg_data_t *pgdat)
{
	const struct zone *zone = pgdat->node_zones;
	unsigned int i;

	pr_info("Initmem setup node %d [mem %#018llx-%#018llx]\n",
		pgdat->node_id, PFN_PHYS(pgdat->node_start_pfn),
		PFN_PHYS(pgdat->node_start_pfn + pgdat->node_spanned_pages) -
			1);
	for (i = 0; i < MAX_NR_ZONES; i++, zone++)
		if (zone->spanned_pages > zone->present_pages)
			pr_info("On node %d, zone %s: %lu pages in unavailable ranges\n",
				pgdat->node_id, zone->name,
				zone->spanned_pages - zone->present_pages);
}

void zones_init(void)
{
	int nid;

	sparse_init();
	set_zone_limits();
	print_zone_ranges();
	alloc_node(0, 0, 0, false);
	for_each_region(alloc_node, false);
	pr_info("Early memory node ranges\n");
	for_each_region(account_region, true);
	for_each_region(memmap_init_region, true);
	for_each_region(memmap_init_region, false);
	for_each_online_node(nid) {
		build_zonelists(NODE_DATA(nid));
		print_node(NODE_DATA(nid));
	}
}
