// SPDX-License-Identifier: MIT
/*
 * Where all of memory is, for the log: what the OOM killer and sysrq-m print,
 * in Linux 6.1's lines. /proc/meminfo has the same for programs.
 *
 * Who calls: out_of_memory(), sysrq. No lock: each number is true, their sum
 * nearly so.
 */
#include <base/printk.h>
#include <base/smp.h>
#include <lib/seq_buf.h>
#include <mm/phys/gfp.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/hugetlb.h>
#include <mm/vm/meminfo.h>

#define K(pages)   ((pages) << (PAGE_SHIFT - 10))
#define NODES(nr)  global_node_page_state(nr)
#define NODE_K(nr) K(node_page_state(pgdat, nr))
#define ZONE_K(nr) K(zone_page_state(zone, nr))

static long free_on_lists(const struct zone *zone)
{
	unsigned int cpu;
	long pages = 0;

	for_each_online_cpu(cpu)
		pages += zone->pageset[cpu].count;
	return pages;
}

static void show_totals(void)
{
	struct zone *zone;
	long pcp = 0;

	for_each_populated_zone(zone)
		pcp += free_on_lists(zone);
	pr_warn("active_anon:%lu inactive_anon:%lu isolated_anon:%lu\n",
		NODES(NR_ACTIVE_ANON), NODES(NR_INACTIVE_ANON),
		NODES(NR_ISOLATED_ANON));
	pr_warn(" active_file:%lu inactive_file:%lu isolated_file:%lu\n",
		NODES(NR_ACTIVE_FILE), NODES(NR_INACTIVE_FILE),
		NODES(NR_ISOLATED_FILE));
	pr_warn(" unevictable:%lu dirty:%lu writeback:%lu\n",
		NODES(NR_UNEVICTABLE), NODES(NR_FILE_DIRTY),
		NODES(NR_WRITEBACK));
	pr_warn(" slab_reclaimable:%lu slab_unreclaimable:%lu\n",
		NODES(NR_SLAB_RECLAIMABLE_B), NODES(NR_SLAB_UNRECLAIMABLE_B));
	pr_warn(" mapped:%lu shmem:%lu pagetables:%lu\n", NODES(NR_FILE_MAPPED),
		NODES(NR_SHMEM), NODES(NR_PAGETABLE));
	pr_warn(" sec_pagetables:%lu bounce:%lu\n",
		NODES(NR_SECONDARY_PAGETABLE),
		global_zone_page_state(NR_BOUNCE));
	pr_warn(" kernel_misc_reclaimable:%lu\n",
		NODES(NR_KERNEL_MISC_RECLAIMABLE));
	pr_warn(" free:%lu free_pcp:%ld free_cma:%lu\n", nr_free_pages(), pcp,
		global_zone_page_state(NR_FREE_CMA_PAGES));
}

static void show_node(const pg_data_t *pgdat)
{
	pr_warn("Node %d active_anon:%lukB inactive_anon:%lukB active_file:%lukB inactive_file:%lukB unevictable:%lukB isolated(anon):%lukB isolated(file):%lukB mapped:%lukB dirty:%lukB writeback:%lukB shmem:%lukB shmem_thp: %lukB shmem_pmdmapped: %lukB anon_thp: %lukB writeback_tmp:%lukB kernel_stack:%lukB pagetables:%lukB sec_pagetables:%lukB all_unreclaimable? %s\n",
		pgdat->node_id, NODE_K(NR_ACTIVE_ANON),
		NODE_K(NR_INACTIVE_ANON), NODE_K(NR_ACTIVE_FILE),
		NODE_K(NR_INACTIVE_FILE), NODE_K(NR_UNEVICTABLE),
		NODE_K(NR_ISOLATED_ANON), NODE_K(NR_ISOLATED_FILE),
		NODE_K(NR_FILE_MAPPED), NODE_K(NR_FILE_DIRTY),
		NODE_K(NR_WRITEBACK), NODE_K(NR_SHMEM), NODE_K(NR_SHMEM_THPS),
		NODE_K(NR_SHMEM_PMDMAPPED), NODE_K(NR_ANON_THPS),
		NODE_K(NR_WRITEBACK_TEMP),
		node_page_state(pgdat, NR_KERNEL_STACK_KB),
		NODE_K(NR_PAGETABLE), NODE_K(NR_SECONDARY_PAGETABLE),
		pgdat_unreclaimable(pgdat) ? "yes" : "no");
}

static void show_zone(const struct zone *zone)
{
	char line[MAX_NR_ZONES * 12];
	struct seq_buf s;

	pr_warn("Node %d %s free:%lukB boost:0kB min:%lukB low:%lukB high:%lukB reserved_highatomic:0KB active_anon:%lukB inactive_anon:%lukB active_file:%lukB inactive_file:%lukB unevictable:%lukB writepending:%lukB present:%lukB managed:%lukB mlocked:%lukB bounce:%lukB free_pcp:%ldkB local_pcp:%dkB free_cma:%lukB\n",
		zone_to_nid(zone), zone->name, ZONE_K(NR_FREE_PAGES),
		K(min_wmark_pages(zone)), K(low_wmark_pages(zone)),
		K(high_wmark_pages(zone)), ZONE_K(NR_ZONE_ACTIVE_ANON),
		ZONE_K(NR_ZONE_INACTIVE_ANON), ZONE_K(NR_ZONE_ACTIVE_FILE),
		ZONE_K(NR_ZONE_INACTIVE_FILE), ZONE_K(NR_ZONE_UNEVICTABLE),
		ZONE_K(NR_ZONE_WRITE_PENDING), K(zone->present_pages),
		K(zone_managed_pages(zone)), ZONE_K(NR_MLOCK),
		ZONE_K(NR_BOUNCE), K(free_on_lists(zone)),
		K(zone->pageset[smp_processor_id()].count),
		ZONE_K(NR_FREE_CMA_PAGES));
	seq_buf_init(&s, line, sizeof(line) - 1);
	for (int i = 0; i < MAX_NR_ZONES; i++)
		seq_buf_printf(&s, " %ld", zone->lowmem_reserve[i]);
	line[s.len] = '\0';
	pr_warn("lowmem_reserve[]:%s\n", line);
}

/* Everything counts as unmovable here (U). */
static void show_free_blocks(const struct zone *zone)
{
	char line[MAX_ORDER * 24];
	unsigned long total = 0;
	struct seq_buf s;

	seq_buf_init(&s, line, sizeof(line) - 1);
	for (unsigned int o = 0; o < MAX_ORDER; o++) {
		unsigned long nr = READ_ONCE(zone->free_area[o].nr_free);

		total += nr << o;
		seq_buf_printf(&s, "%lu*%lukB %s", nr, K(1UL) << o,
			       nr ? "(U) " : "");
	}
	line[s.len] = '\0';
	pr_warn("Node %d %s: %s= %lukB\n", zone_to_nid(zone), zone->name, line,
		K(total));
}

static void show_huge_pools(void)
{
	for (int i = 0; i < HUGE_MAX_HSTATE; i++)
		pr_warn("Node 0 hugepages_total=%lu hugepages_free=%lu hugepages_surp=%lu hugepages_size=%lukB\n",
			hstates[i].nr, hstates[i].free, hstates[i].surplus,
			huge_page_size(&hstates[i]) >> 10);
}

static void show_ram(void)
{
	unsigned long present = 0, managed = 0;
	struct zone *zone;
	struct mem_sysinfo si;

	si_meminfo(&si);
	for_each_populated_zone(zone) {
		present += zone->present_pages;
		managed += zone_managed_pages(zone);
	}
	pr_warn("%lu total pagecache pages\n", NODES(NR_FILE_PAGES));
	pr_warn("%lu pages in swap cache\n", NODES(NR_SWAPCACHE));
	pr_warn("Free swap  = %lukB\n", K(si.freeswap));
	pr_warn("Total swap = %lukB\n", K(si.totalswap));
	pr_warn("%lu pages RAM\n", present);
	pr_warn("0 pages HighMem/MovableOnly\n");
	pr_warn("%lu pages reserved\n", present - managed);
}

void show_mem(void)
{
	pg_data_t *pgdat;
	struct zone *zone;

	pr_warn("Mem-Info:\n");
	show_totals();
	for_each_online_pgdat(pgdat) show_node(pgdat);
	for_each_populated_zone(zone)
		show_zone(zone);
	for_each_populated_zone(zone)
		show_free_blocks(zone);
	show_huge_pools();
	show_ram();
}
