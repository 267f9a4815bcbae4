/* SPDX-License-Identifier: MIT */
/*
 * Counters: each CPU adds to a slot of its own, with interrupts off for the
 * three instructions that takes; a reader adds the slots up. A slot may be
 * negative (a page is often freed by another CPU than the one that counted
 * it); only the sum means anything, and a sum read while CPUs count may be
 * off by what is on the way, so it is never shown below 0.
 *
 * The __ forms are for callers that have interrupts off already.
 */
#ifndef _MM_PHYS_VMSTAT_H
#define _MM_PHYS_VMSTAT_H

#include <asm/irqflags.h>
#include <mm/phys/mmzone.h>
#include <mm/phys/page.h>

extern long vm_event_states[NR_CPUS][VM_EVENT_ROW];

static inline void __mod_node_page_state(pg_data_t *pgdat,
					 enum node_stat_item item, long delta)
{
	pgdat->vm_stat[smp_processor_id()][item] += delta;
}

static inline void mod_node_page_state(pg_data_t *pgdat,
				       enum node_stat_item item, long delta)
{
	unsigned long flags;

	local_irq_save(flags);
	__mod_node_page_state(pgdat, item, delta);
	local_irq_restore(flags);
}

static inline void __mod_zone_page_state(struct zone *zone,
					 enum zone_stat_item item, long delta)
{
	zone->vm_stat[smp_processor_id()][item] += delta;
}

static inline void mod_zone_page_state(struct zone *zone,
				       enum zone_stat_item item, long delta)
{
	unsigned long flags;

	local_irq_save(flags);
	__mod_zone_page_state(zone, item, delta);
	local_irq_restore(flags);
}

static inline void __count_vm_events(enum vm_event_item item, long delta)
{
	vm_event_states[smp_processor_id()][item] += delta;
}

static inline void count_vm_events(enum vm_event_item item, long delta)
{
	unsigned long flags;

	local_irq_save(flags);
	__count_vm_events(item, delta);
	local_irq_restore(flags);
}

#define count_vm_event(item) count_vm_events(item, 1)

/* By the page whose node or zone it is. */
#define inc_node_page_state(page, item) \
	mod_node_page_state(page_pgdat(page), item, 1)
#define dec_node_page_state(page, item) \
	mod_node_page_state(page_pgdat(page), item, -1)

/* Sums: over the CPUs, over the nodes. => never negative */
unsigned long zone_page_state(const struct zone *zone,
			      enum zone_stat_item item);
unsigned long node_page_state(const pg_data_t *pgdat, enum node_stat_item item);
unsigned long global_zone_page_state(enum zone_stat_item item);
unsigned long global_node_page_state(enum node_stat_item item);
unsigned long vm_event(enum vm_event_item item);

/* What was counted until now is forgotten; what there is stays. => at boot */
void vmstat_begin(void);

extern const char *const zone_stat_names[NR_VM_ZONE_STAT_ITEMS];
extern const char *const node_stat_names[NR_VM_NODE_STAT_ITEMS];
extern const char *const vm_event_names[NR_VM_EVENT_ITEMS];

/* Counters in bytes (the _B names) are shown in pages. */
static inline bool vmstat_item_in_bytes(enum node_stat_item item)
{
	return item == NR_SLAB_RECLAIMABLE_B || item == NR_SLAB_UNRECLAIMABLE_B;
}

#endif
