/* SPDX-License-Identifier: MIT */
/*
 * Fixmap: virtual addresses that are known at compile time, for what must be
 * mapped before anything can be allocated: the console, the device tree, and
 * page tables that are not yet reachable through the linear map.
 *
 *	FIXADDR_TOP ──► (hole) | device tree 4 MiB | console | … FIXADDR_START
 *	                         two 2 MiB blocks      one page each
 */
#ifndef _MM_PHYS_FIXMAP_H
#define _MM_PHYS_FIXMAP_H

#include <lib/types.h>
#include <asm/memory.h>
#include <asm/page.h>
#include <asm/pgtable.h>

#define FIX_FDT_SIZE (UL(4) << 20)
#define MAX_FDT_SIZE (UL(2) << 20)

enum fixed_addresses {
	FIX_HOLE,
	FIX_FDT_END,
	FIX_FDT = FIX_FDT_END + FIX_FDT_SIZE / PAGE_SIZE - 1,
	FIX_EARLYCON,
	FIX_TEXT_POKE0,
	FIX_EARLY_MAP, /* a new table, to be cleared: mmu.c */
	FIX_PTE,
	FIX_PMD,
	FIX_PUD,
	FIX_PGD,
	__end_of_fixed_addresses
};

#define fix_to_virt(idx) (FIXADDR_TOP - (unsigned long)(idx)*PAGE_SIZE)

static_assert(fix_to_virt(__end_of_fixed_addresses - 1) == FIXADDR_START,
	      "enum fixed_addresses and FIXADDR_START disagree");

/* Hang the fixmap's tables into the table head.S made. => first thing */
void early_fixmap_init(void);
/* Map one page at its slot; a zero prot unmaps it. => boot or BBM-safe use */
void __set_fixmap(enum fixed_addresses idx, phys_addr_t pa, pgprot_t prot);
void clear_fixmap(enum fixed_addresses idx);

/* The console's registers; normal memory. => address of pa's byte */
unsigned long set_fixmap_io(enum fixed_addresses idx, phys_addr_t pa);

/* Map the device tree read-only. => its address, NULL if it is no blob */
void *fixmap_remap_fdt(phys_addr_t pa);

/* For paging_init(): let pgd have the fixmap too. */
void fixmap_copy(pgd_t *pgd);

#endif
