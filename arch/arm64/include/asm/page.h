/* SPDX-License-Identifier: MIT */
/*
 * Pages and the sizes of what one entry of each table level maps, for the
 * 4 KiB granule:
 *
 *   63      48 47     39 38     30 29     21 20     12 11      0
 *   [TTBR pick][  PGD   ][  PUD   ][  PMD   ][  PTE   ][ offset ]
 *               512 GiB     1 GiB     2 MiB     4 KiB
 */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H

#include <lib/const.h>

#define PAGE_SHIFT  12
#define PAGE_SIZE   (UL(1) << PAGE_SHIFT)
#define PAGE_MASK   (~(PAGE_SIZE - 1))
#define PMD_SHIFT   21
#define PMD_SIZE    (UL(1) << PMD_SHIFT)
#define PMD_MASK    (~(PMD_SIZE - 1))
#define PUD_SHIFT   30
#define PUD_SIZE    (UL(1) << PUD_SHIFT)
#define PGDIR_SHIFT 39
#define PGDIR_SIZE  (UL(1) << PGDIR_SHIFT)

#define PTRS_PER_PGD 512
#define PTRS_PER_PUD 512
#define PTRS_PER_PMD 512
#define PTRS_PER_PTE 512

#ifndef __ASSEMBLY__
#include <lib/types.h>

#define PAGE_ALIGN(x)	   ALIGN(x, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(x) ALIGN_DOWN(x, PAGE_SIZE)
#define PAGE_ALIGNED(x)	   IS_ALIGNED((unsigned long)(x), PAGE_SIZE)
#define offset_in_page(p)  ((unsigned long)(p) & ~PAGE_MASK)

/*
 * Fill or copy one page.
 * => page, to, from: aligned to PAGE_SIZE, Normal memory
 * => any context
 */
void clear_page(void *page);
void copy_page(void *to, const void *from);
#endif
#endif
