// SPDX-License-Identifier: MIT
/*
 * report.c - physical memory as /proc shows it
 *
 * Formats are Linux 6.1's to the column; the tools that read them (free, top,
 * vmstat, slabtop) split by blanks and keywords. What this kernel does not
 * have, a counter of huge pages say, is there and 0.
 *
 * The numbers are read without stopping anybody: each one is true, their sum
 * only nearly so.
 */
#include <lib/seq_buf.h>
#include <base/printk.h>
#include <base/smp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/report.h>
#include <mm/phys/vmalloc.h>
#include <mm/phys/vmstat.h>

/* One line per zone: how many free blocks of each order. */
void buddyinfo_show(struct seq_buf *m)
{
	struct zone *zone;
	unsigned int o;

	for_each_populated_zone(zone) {
		seq_buf_printf(m, "Node %d, zone %8s ", zone_to_nid(zone),
			       zone->name);
		for (o = 0; o < MAX_ORDER; o++)
			seq_buf_printf(m, "%6lu ", zone->free_area[o].nr_free);
		seq_buf_putc(m, '\n');
	}
}

/*
 * There are no migrate types here: everything counts as Unmovable, and a
 * "page block" is Linux's 2 MiB.
 */
#define PAGEBLOCK_ORDER 9
static const char *const migratetype_names[] = {
	"Unmovable",
	"Movable",
	"Reclaimable",
	"HighAtomic",
};

static void pagetype_free(struct seq_buf *m, const struct zone *zone)
{
	unsigned int t, o;

	for (t = 0; t < ARRAY_SIZE(migratetype_names); t++) {
		seq_buf_printf(m, "Node %4d, zone %8s, type %12s ",
			       zone_to_nid(zone), zone->name,
			       migratetype_names[t]);
		for (o = 0; o < MAX_ORDER; o++)
			seq_buf_printf(m, "%6lu ",
				       t ? 0UL : zone->free_area[o].nr_free);
		seq_buf_putc(m, '\n');
	}
}

void pagetypeinfo_show(struct seq_buf *m)
{
	struct zone *zone;
	unsigned int i;

	seq_buf_printf(m, "Page block order: %d\n", PAGEBLOCK_ORDER);
	seq_buf_printf(m, "Pages per block:  %lu\n\n", 1UL << PAGEBLOCK_ORDER);
	seq_buf_printf(m, "%-43s ",
		       "Free pages count per migrate type at order");
	for (i = 0; i < MAX_ORDER; i++)
		seq_buf_printf(m, "%6u ", i);
	seq_buf_putc(m, '\n');
	for_each_populated_zone(zone)
		pagetype_free(m, zone);
	seq_buf_printf(m, "\n%-23s", "Number of blocks type ");
	for (i = 0; i < ARRAY_SIZE(migratetype_names); i++)
		seq_buf_printf(m, "%12s ", migratetype_names[i]);
	seq_buf_putc(m, '\n');
	for_each_populated_zone(zone) {
		seq_buf_printf(m, "Node %d, zone %8s ", zone_to_nid(zone),
			       zone->name);
		for (i = 0; i < ARRAY_SIZE(migratetype_names); i++)
			seq_buf_printf(m, "%12lu ",
				       i ? 0UL :
					   zone->present_pages >>
						       PAGEBLOCK_ORDER);
		seq_buf_putc(m, '\n');
	}
}

/* Huge pages are kept in small ones. */
static unsigned long node_stat_shown(enum node_stat_item item, unsigned long v)
{
	return item == NR_ANON_THPS ? v >> (PMD_SHIFT - PAGE_SHIFT) : v;
}

static void zoneinfo_node_stats(struct seq_buf *m, const pg_data_t *pgdat)
{
	unsigned int i;

	seq_buf_puts(m, "\n  per-node stats");
	for (i = 0; i < NR_VM_NODE_STAT_ITEMS; i++) {
		unsigned long v =
			node_page_state(pgdat, (enum node_stat_item)i);

		if (vmstat_item_in_bytes((enum node_stat_item)i))
			v >>= PAGE_SHIFT;
		seq_buf_printf(m, "\n      %-12s %lu", node_stat_names[i],
			       node_stat_shown(i, v));
	}
}

static void zoneinfo_pagesets(struct seq_buf *m, const struct zone *zone)
{
	unsigned int cpu;

	seq_buf_puts(m, "\n  pagesets");
	for_each_online_cpu(cpu) {
		const struct per_cpu_pages *pcp = &zone->pageset[cpu];

		seq_buf_printf(m,
			       "\n    cpu: %u"
			       "\n              count: %d"
			       "\n              high:  %d"
			       "\n              batch: %d"
			       "\n  vm stats threshold: 0",
			       cpu, pcp->count, pcp->high, pcp->batch);
	}
}

static void zoneinfo_zone(struct seq_buf *m, struct zone *zone, bool first)
{
	unsigned int i;

	seq_buf_printf(m, "Node %d, zone %8s", zone_to_nid(zone), zone->name);
	if (first)
		zoneinfo_node_stats(m, zone->zone_pgdat);
	seq_buf_printf(m,
		       "\n  pages free     %lu"
		       "\n        boost    0"
		       "\n        min      %lu"
		       "\n        low      %lu"
		       "\n        high     %lu"
		       "\n        spanned  %lu"
		       "\n        present  %lu"
		       "\n        managed  %lu"
		       "\n        cma      0",
		       zone_page_state(zone, NR_FREE_PAGES),
		       min_wmark_pages(zone), low_wmark_pages(zone),
		       high_wmark_pages(zone), zone->spanned_pages,
		       zone->present_pages, zone_managed_pages(zone));
	seq_buf_printf(m, "\n        protection: (%ld",
		       zone->lowmem_reserve[0]);
	for (i = 1; i < MAX_NR_ZONES; i++)
		seq_buf_printf(m, ", %ld", zone->lowmem_reserve[i]);
	seq_buf_putc(m, ')');
	if (populated_zone(zone)) {
		for (i = 0; i < NR_VM_ZONE_STAT_ITEMS; i++)
			seq_buf_printf(
				m, "\n      %-12s %lu", zone_stat_names[i],
				zone_page_state(zone, (enum zone_stat_item)i));
		zoneinfo_pagesets(m, zone);
		seq_buf_printf(m,
			       "\n  node_unreclaimable:  %d"
			       "\n  start_pfn:           %lu",
			       pgdat_unreclaimable(zone->zone_pgdat),
			       zone->zone_start_pfn);
	}
	seq_buf_putc(m, '\n');
}

void zoneinfo_show(struct seq_buf *m)
{
	const pg_data_t *seen = NULL;
	struct zone *zone;

	for_each_zone(zone) {
		bool first = populated_zone(zone) && seen != zone->zone_pgdat;

		if (first)
			seen = zone->zone_pgdat;
		zoneinfo_zone(m, zone, first);
	}
}

void vmstat_show(struct seq_buf *m, unsigned long dirty,
		 unsigned long background)
{
	unsigned int i;

	for (i = 0; i < NR_VM_ZONE_STAT_ITEMS; i++)
		seq_buf_printf(m, "%s %lu\n", zone_stat_names[i],
			       global_zone_page_state((enum zone_stat_item)i));
	for (i = 0; i < NR_VM_NODE_STAT_ITEMS; i++)
		seq_buf_printf(m, "%s %lu\n", node_stat_names[i],
			       node_stat_shown(i, global_node_page_state(i)));
	seq_buf_printf(m, "nr_dirty_threshold %lu\n", dirty);
	seq_buf_printf(m, "nr_dirty_background_threshold %lu\n", background);
	for (i = 0; i < NR_VM_EVENT_ITEMS; i++) {
		unsigned long v = vm_event((enum vm_event_item)i);

		/* Counted in sectors, shown in KiB. */
		if (i == PGPGIN || i == PGPGOUT)
			v /= 2;
		seq_buf_printf(m, "%s %lu\n", vm_event_names[i], v);
	}
}

void phys_meminfo(struct phys_meminfo *info)
{
	struct zone *zone;

	info->totalram = totalram_pages();
	info->freeram = nr_free_pages();
	info->slab_reclaimable = global_node_page_state(NR_SLAB_RECLAIMABLE_B);
	info->slab_unreclaimable =
		global_node_page_state(NR_SLAB_UNRECLAIMABLE_B);
	info->kernel_stack_kb = global_node_page_state(NR_KERNEL_STACK_KB);
	info->pagetables = global_node_page_state(NR_PAGETABLE);
	info->vmalloc_used = vmalloc_nr_pages();
	info->percpu = percpu_pages();
	info->totalreserve = totalreserve_pages();
	info->wmark_low = 0;
	for_each_zone(zone)
		info->wmark_low += low_wmark_pages(zone);
}
