/* SPDX-License-Identifier: MIT */
/*
 * What /proc says about physical memory, in Linux's formats. Each function
 * appends the whole file; the caller repeats it with a larger buffer if it
 * overflowed.
 * => task context; the numbers are one moment's, not one instant's
 */
#ifndef _MM_PHYS_REPORT_H
#define _MM_PHYS_REPORT_H

#include <lib/seq_buf.h>
#include <lib/types.h>

void buddyinfo_show(struct seq_buf *m);
void pagetypeinfo_show(struct seq_buf *m);
void zoneinfo_show(struct seq_buf *m);
void slabinfo_show(struct seq_buf *m);
/* A line for each cache: objects in use, exactly (none on CPUs' stacks). */
void slab_inuse_show(struct seq_buf *m);
void vmallocinfo_show(struct seq_buf *m);
void vmstat_show(struct seq_buf *m);
void iomem_show(struct seq_buf *m);

/* The free-memory part of an out-of-memory report. */
void show_free_areas(void);

/* The numbers /proc/meminfo needs from here, in pages. */
struct phys_meminfo {
	unsigned long totalram, freeram;
	unsigned long slab_reclaimable, slab_unreclaimable;
	unsigned long kernel_stack_kb, pagetables;
	unsigned long vmalloc_used; /* pages */
	unsigned long percpu;	    /* pages */
	unsigned long totalreserve;
	unsigned long wmark_low; /* the sum over all zones */
};
void phys_meminfo(struct phys_meminfo *info);

/* --- Resources: a tree of physical address ranges ---------------------- */

/*
 * Lock key: r resource_lock. Siblings are disjoint and sorted; a child lies
 * inside its parent.
 */
struct resource {
	phys_addr_t start, end; /* r: end is inclusive */
	const char *name;
	struct resource *parent, *sibling, *child; /* r */
};

extern struct resource iomem_resource;

/* => 0; -EBUSY if it crosses another; -EINVAL */
int insert_resource(struct resource *parent, struct resource *res);
/* A region of a driver, placed inside the one that contains it. => 0, -EBUSY */
int request_mem_region(phys_addr_t start, phys_addr_t size, const char *name);

#endif
