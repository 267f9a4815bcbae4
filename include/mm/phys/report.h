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
/* The limits of dirty pages are not known down here. */
void vmstat_show(struct seq_buf *m, unsigned long dirty,
		 unsigned long background);
void iomem_show(struct seq_buf *m);

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

/* --- One page, for /proc/kpageflags and kpagecount ---------------------- */

/* The bits of linux/kernel-page-flags.h; from 32 on, for kernel hackers. */
enum kpf_bits {
	KPF_LOCKED,
	KPF_ERROR,
	KPF_REFERENCED,
	KPF_UPTODATE,
	KPF_DIRTY,
	KPF_LRU,
	KPF_ACTIVE,
	KPF_SLAB,
	KPF_WRITEBACK,
	KPF_RECLAIM,
	KPF_BUDDY,
	KPF_MMAP,
	KPF_ANON,
	KPF_SWAPCACHE,
	KPF_SWAPBACKED,
	KPF_COMPOUND_HEAD,
	KPF_COMPOUND_TAIL,
	KPF_HUGE,
	KPF_UNEVICTABLE,
	KPF_NOPAGE = 20,
	KPF_THP = 22,
	KPF_ZERO_PAGE = 24,
	KPF_PGTABLE = 26,
	KPF_RESERVED = 32,
	KPF_MLOCKED,
	KPF_MAPPEDTODISK,
	KPF_PRIVATE,
	KPF_PRIVATE_2,
	KPF_OWNER_PRIVATE,
	KPF_ARCH,
};
/* => 1 << KPF_* ...; any pfn */
u64 page_kpf_flags(unsigned long pfn);
/* => how many page tables map it; any pfn */
u64 page_kpf_count(unsigned long pfn);
/* The first pfn behind all that pfn_valid() knows. */
unsigned long memmap_end_pfn(void);

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

/* A region of a driver, placed inside the one that contains it. => 0, -EBUSY */
int request_mem_region(phys_addr_t start, phys_addr_t size, const char *name);

#endif
