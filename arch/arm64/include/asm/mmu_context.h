/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as the MMU knows them: a table and an ASID. User entries
 * are tagged with the ASID (nG), so switching needs no TLB flush; when the
 * ASIDs run out a new generation begins, and each CPU flushes once.
 */
#ifndef _ASM_MMU_CONTEXT_H
#define _ASM_MMU_CONTEXT_H

#include <asm/atomic.h>
#include <asm/pgtable.h>

struct arch_mm {
	phys_addr_t pgd; /* constant */
	atomic64_t id;	 /* generation | ASID; 0: never ran */
	u64 cpumask;	 /* CPUs that ever ran it (informative) */
};

/* After cpu_detect() on the boot CPU, before the first arch_switch_mm(). */
void arch_asid_init(void);
unsigned int arch_asid_bits(void);

/* => pgd_pa: of an empty or complete top-level table */
void arch_mm_init(struct arch_mm *amm, phys_addr_t pgd_pa);
/*
 * The address space has ended: no TLB entry of it may be used again.
 * => no CPU has it loaded; call before its tables are freed
 */
void arch_mm_destroy(struct arch_mm *amm);
/*
 * Load next into TTBR0; NULL: a table that maps nothing.
 * => IRQs masked
 */
void arch_switch_mm(struct arch_mm *next);

/*
 * Make pgd the kernel's own table for good: this CPU changes at once, those
 * that start later begin with it.
 * => pgd maps everything the caller uses; IRQs masked
 */
void arch_use_swapper(phys_addr_t pgd);
/* It has been called: all of RAM can be reached by __va(). */
extern bool linear_map_ready;
#endif
