/* SPDX-License-Identifier: MIT */
/*
 * memblock: the allocator before the allocator. Two sorted arrays of ranges,
 *
 *	memory    |====================|      |==========|   what there is
 *	reserved     |#|   |####|        |##|                 what is taken
 *	nomap                |xx|                             not to be mapped
 *
 * and free is what is in the first and not in the second. Ranges of an array
 * never overlap, never touch (they are merged) and never are empty.
 *
 * => physical addresses in bytes; boot CPU only, before memblock_free_all();
 *    the core (memblock.c) is pure and runs on the host too
 */
#ifndef _MM_PHYS_MEMBLOCK_H
#define _MM_PHYS_MEMBLOCK_H

#include <lib/types.h>

struct memblock_region {
	phys_addr_t base;
	phys_addr_t size;
	int nid; /* memory only; -1: not told */
};

#define MEMBLOCK_REGIONS 128

struct memblock_type {
	unsigned int cnt;
	phys_addr_t total_size;
	struct memblock_region regions[MEMBLOCK_REGIONS];
};

struct memblock {
	phys_addr_t current_limit; /* allocations end below it */
	struct memblock_type memory;
	struct memblock_type reserved;
	struct memblock_type nomap;
};

extern struct memblock memblock;

/* => 0, or -ENOSPC when the array is full, -EINVAL if it wraps around */
int memblock_add_node(phys_addr_t base, phys_addr_t size, int nid);
int memblock_add(phys_addr_t base, phys_addr_t size);
int memblock_reserve(phys_addr_t base, phys_addr_t size);
/* Keep it out of the linear map and of the allocator. */
int memblock_mark_nomap(phys_addr_t base, phys_addr_t size);
/* Forget memory; un-reserve. */
int memblock_remove(phys_addr_t base, phys_addr_t size);
int memblock_free(phys_addr_t base, phys_addr_t size);
/* mem=: keep only the first `limit` bytes of memory. */
void memblock_enforce_memory_limit(phys_addr_t limit);

/*
 * Reserve size bytes of free memory, as high as possible below `end` (0:
 * current_limit), above start. => physical address, 0 if there is none
 */
phys_addr_t memblock_phys_alloc_range(phys_addr_t size, phys_addr_t align,
				      phys_addr_t start, phys_addr_t end,
				      int nid);
phys_addr_t memblock_phys_alloc(phys_addr_t size, phys_addr_t align);
/* Zeroed, by linear address; panics when there is none. => linear map up */
void *memblock_alloc(phys_addr_t size, phys_addr_t align);
void *memblock_alloc_node(phys_addr_t size, phys_addr_t align, int nid);

bool memblock_is_memory(phys_addr_t addr);
bool memblock_is_reserved(phys_addr_t addr);
/* In memory and not nomap: the linear map has it. */
bool memblock_is_map_memory(phys_addr_t addr);
bool memblock_is_region_memory(phys_addr_t base, phys_addr_t size);
phys_addr_t memblock_phys_mem_size(void);
phys_addr_t memblock_start_of_DRAM(void);
phys_addr_t memblock_end_of_DRAM(void);

/*
 * The next range that is in `a` and in none of `b` (NULL), from *pos on.
 * => false at the end; *pos is where the next call goes on: start with 0
 */
bool memblock_next_range(const struct memblock_type *a,
			 const struct memblock_type *b, phys_addr_t *pos,
			 phys_addr_t *start, phys_addr_t *end, int *nid);

/* Free memory; the memory that is mapped. p: phys_addr_t cursor */
#define for_each_free_mem_range(p, start, end, nid)                          \
	for ((p) = 0;                                                        \
	     memblock_next_range(&memblock.memory, &memblock.reserved, &(p), \
				 start, end, nid);)
#define for_each_mem_range(p, start, end, nid)                               \
	for ((p) = 0; memblock_next_range(&memblock.memory, &memblock.nomap, \
					  &(p), start, end, nid);)

/* Are the arrays sorted, disjoint, merged, and the totals right? */
bool memblock_check(void);

#endif
