/* SPDX-License-Identifier: MIT */
/*
 * The order in which memory comes to life; start_kernel() calls these:
 *
 *	early_fixmap_init()     constant addresses
 *	fixmap_remap_fdt()      the device tree is readable
 *	arm64_memblock_init()   what there is, what is taken
 *	paging_init()           swapper: linear map, image W^X; switched to
 *	zones_init()            vmemmap, nodes, zones: struct page exists
 *	setup_per_cpu_areas(mm_percpu_alloc)
 *	mem_init()              the buddy owns all free memory
 *	kmem_cache_init()       kmalloc works
 *	vmalloc_init()          vmalloc, ioremap, kernel stacks
 *	  … the rest of the kernel comes up …
 *	free_initmem()          what only booting needed
 *	mark_rodata_ro()        check that nothing is writable and executable
 */
#ifndef _MM_PHYS_INIT_H
#define _MM_PHYS_INIT_H

#include <lib/types.h>

/*
 * fdt: mapped and checked. fdt_pa: where it lies. mem_limit: `mem=`, 0 none.
 * => panics if there is no memory, or the image is not in it
 */
void arm64_memblock_init(const void *fdt, phys_addr_t fdt_pa,
			 phys_addr_t mem_limit);
void paging_init(void);
void zones_init(void);
void mem_init(void);
void mem_print_layout(void);
void mark_rodata_ro(void);
void free_initmem(void);

/* For setup_per_cpu_areas(): zeroed, never freed. */
void *mm_percpu_alloc(size_t size, size_t align);
unsigned long percpu_pages(void); /* given out that way */

/* The device tree in the linear map, after paging_init(). */
void *mm_fdt_virt(void);
/* The initrd, 0 and 0 if there is none; and give its pages back. */
extern phys_addr_t phys_initrd_start, phys_initrd_size;
void free_initrd_mem(void);
/* [start, end) of the linear map, page-aligned: to the buddy. => pages */
unsigned long free_reserved_area(void *start, void *end, const char *what);

/* Recount the free lists. => true; what is wrong is printed */
bool buddy_check(void);
/* Compare every counter pair L3 knows: buddy, slab. */
bool mm_phys_check(void);

/*
 * Say in words what a kernel address belongs to: slab object (and who had
 * it), vmalloc area or its guard page, page. For reports of kernel faults.
 */
void mm_describe_address(unsigned long addr);

#endif
