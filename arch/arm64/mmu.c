// SPDX-License-Identifier: MIT
/*
 * mmu.c - the kernel's own table, and where things are in memory
 *
 * head.S starts with init_pg_dir; mm/phys/ builds the final table and hands
 * it over here once. TTBR1 can only be replaced by code that is not mapped
 * through TTBR1: idmap_replace_ttbr1(), run at its physical address with the
 * identity map in TTBR0.
 */
#include <asm/irqflags.h>
#include <asm/mmu_context.h>
#include <asm/process.h>
#include <asm/sysreg.h>
#include <asm/tlbflush.h>

s64 kimage_voffset __section(".data..ro_after_init");
phys_addr_t memstart_addr __section(".data..ro_after_init");
bool linear_map_ready __section(".data..ro_after_init");

void arch_use_swapper(phys_addr_t pgd)
{
	void (*replace)(phys_addr_t) = (void (*)(phys_addr_t))(
		unsigned long)__pa_symbol(idmap_replace_ttbr1);

	write_sysreg(__pa_symbol(idmap_pg_dir), ttbr0_el1);
	isb();
	replace(pgd);
	write_sysreg(__pa_symbol(reserved_pg_dir), ttbr0_el1);
	isb();
	/* Identity entries are global: no user address may ever hit them. */
	local_flush_tlb_all();
	linear_map_ready = true;
}
