// SPDX-License-Identifier: MIT
/*
 * vmstat.c - the counters' names, and adding them up
 *
 *	pgdat->vm_stat[cpu][item]   a row for each CPU; only that CPU writes it
 *	   cpu 0   +120  ·····
 *	   cpu 1    -20  ·····      a page counted there, uncounted here
 *	   sum     =100             folded here, at each reading
 *
 * Reading costs NR_CPUS loads per item; counting costs an add without a lock.
 * That is the right way round: faults count, people read.
 */
#include <lib/string.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmstat.h>

long vm_event_states[NR_CPUS][VM_EVENT_ROW] __aligned(64);

#define NAME(item, name) [item] = name,
const char *const zone_stat_names[] = { ZONE_STAT_ITEMS(NAME) };
const char *const node_stat_names[] = { NODE_STAT_ITEMS(NAME) };
const char *const vm_event_names[] = { VM_EVENT_ITEMS(NAME) };

/* A column of per-CPU rows; never below zero (see vmstat.h). */
static unsigned long fold(const long *first, size_t stride)
{
	long sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++)
		sum += READ_ONCE(first[cpu * stride]);
	return sum > 0 ? (unsigned long)sum : 0;
}

unsigned long zone_page_state(const struct zone *zone, enum zone_stat_item item)
{
	if (item == NR_FREE_PAGES)
		return READ_ONCE(zone->free_pages);
	return fold(&zone->vm_stat[0][item], ZONE_STAT_ROW);
}

unsigned long node_page_state(const pg_data_t *pgdat, enum node_stat_item item)
{
	return fold(&pgdat->vm_stat[0][item], NODE_STAT_ROW);
}

unsigned long global_zone_page_state(enum zone_stat_item item)
{
	unsigned long sum = 0;
	struct zone *zone;

	for_each_zone(zone)
		sum += zone_page_state(zone, item);
	return sum;
}

/* In pages, whatever the item is counted in. */
unsigned long global_node_page_state(enum node_stat_item item)
{
	unsigned long sum = 0;
	int nid;

	for_each_online_node(nid)
		sum += node_page_state(NODE_DATA(nid), item);
	return vmstat_item_in_bytes(item) ? sum >> PAGE_SHIFT : sum;
}

/* Single pages are counted in the lists they come from and go to. */
static unsigned long single_pages(enum vm_event_item item)
{
	unsigned long sum = 0;
	struct zone *zone;
	unsigned int cpu;

	for_each_populated_zone(zone)
		for (cpu = 0; cpu < NR_CPUS; cpu++) {
			const struct per_cpu_pages *pcp = &zone->pageset[cpu];

			if (item == PGFREE)
				sum += READ_ONCE(pcp->frees);
			else if (item - PGALLOC_DMA == zone->zone_idx)
				sum += READ_ONCE(pcp->allocs);
		}
	return sum;
}

/* Of the node's items those that only grow. */
static bool is_history(unsigned int item)
{
	return (item >= WORKINGSET_REFAULT_ANON &&
		item <= WORKINGSET_NODERECLAIM) ||
	       (item >= NR_VMSCAN_WRITE && item <= NR_THROTTLED_WRITTEN);
}

void vmstat_begin(void)
{
	int nid;

	memset(vm_event_states, 0, sizeof(vm_event_states));
	for_each_online_node(nid)
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			for (unsigned int i = 0; i < NR_VM_NODE_STAT_ITEMS; i++)
				if (is_history(i))
					NODE_DATA(nid)->vm_stat[cpu][i] = 0;
}

unsigned long vm_event(enum vm_event_item item)
{
	unsigned long sum = fold(&vm_event_states[0][item], VM_EVENT_ROW);

	if (item == PGFREE || (item >= PGALLOC_DMA && item <= PGALLOC_MOVABLE))
		sum += single_pages(item);
	return sum;
}
