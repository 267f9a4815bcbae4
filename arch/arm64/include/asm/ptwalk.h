/* SPDX-License-Identifier: MIT */
/* A page-table walk to look at: what the MMU would find, in words. */
#ifndef _ASM_PTWALK_H
#define _ASM_PTWALK_H

#include <lib/types.h>

struct ptwalk_step {
	int level;	      /* 0 .. 3 */
	phys_addr_t entry_pa; /* where the entry is */
	u64 desc;	      /* its value */
	bool leaf;	      /* maps va: a page or a block */
	bool valid;
	phys_addr_t pa; /* of va, if leaf; else of the next table */
};

/*
 * Walk va by TTBR0 or TTBR1 of this CPU, as TCR says.
 * => the number of steps filled, 1 to 4; 0 if va is in neither half
 * => any context; reads tables through the linear map, so after paging is up
 */
int arch_ptwalk(u64 va, struct ptwalk_step steps[4]);
void ptwalk_describe(const struct ptwalk_step *step, char *buf, size_t n);
#endif
