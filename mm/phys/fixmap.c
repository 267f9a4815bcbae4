// SPDX-License-Identifier: MIT
/*
 * fixmap.c - mappings at constant addresses
 *
 *	pgd[251] ─► bm_pud[511] ─► bm_pmd ┬─► 2 MiB block   device tree
 *	                                  ├─► 2 MiB block
 *	                                  └─► bm_pte         one page per slot
 *
 * The three tables are part of the image, so the fixmap works as soon as the
 * MMU is on, and paging_init() only has to hang the same bm_pud into the final
 * table. A slot in use is never re-pointed without being cleared and flushed
 * first (break before make).
 *
 * No lock: boot CPU only, later each slot has one owner.
 */
#include <lib/fdt.h>
#include <asm/tlbflush.h>
#include <base/bug.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/internal.h>
#include <mm/phys/pgtable.h>

static pud_t bm_pud[PTRS_PER_PUD] __aligned(PAGE_SIZE);
static pmd_t bm_pmd[PTRS_PER_PMD] __aligned(PAGE_SIZE);
static pte_t bm_pte[PTRS_PER_PTE] __aligned(PAGE_SIZE);

#define FIX_PAGES_TOP fix_to_virt(FIX_FDT) /* slots lie below */
static_assert(FIXADDR_START >> PMD_SHIFT == (FIX_PAGES_TOP - 1) >> PMD_SHIFT,
	      "the one-page slots must share a table");
static_assert(FIXADDR_START >> PUD_SHIFT == (FIXADDR_TOP - 1) >> PUD_SHIFT);
static_assert(IS_ALIGNED(FIX_PAGES_TOP, PMD_SIZE));

void fixmap_copy(pgd_t *pgd)
{
	set_pgd(pgd_offset(pgd, FIXADDR_START),
		mk_pgd_table(__pa_symbol(bm_pud)));
}

void early_fixmap_init(void)
{
	fixmap_copy(init_pg_dir);
	set_pud(&bm_pud[pud_index(FIXADDR_START)],
		mk_pud_table(__pa_symbol(bm_pmd)));
	set_pmd(&bm_pmd[pmd_index(FIXADDR_START)],
		mk_pmd_table(__pa_symbol(bm_pte)));
}

void __set_fixmap(enum fixed_addresses idx, phys_addr_t pa, pgprot_t prot)
{
	unsigned long va = fix_to_virt(idx);
	pte_t *pte = &bm_pte[pte_index(va)];

	BUG_ON(idx <= FIX_FDT || idx >= __end_of_fixed_addresses);
	if (!pte_none(*pte)) {
		pte_clear(pte);
		flush_tlb_kernel_range(va, va + PAGE_SIZE);
	}
	if (pgprot_val(prot))
		set_pte(pte, pfn_pte(PHYS_PFN(pa), prot));
}

void clear_fixmap(enum fixed_addresses idx)
{
	__set_fixmap(idx, 0, __pgprot(0));
}

unsigned long set_fixmap_io(enum fixed_addresses idx, phys_addr_t pa)
{
	__set_fixmap(idx, pa, PROT_DEVICE_nGnRE);
	return fix_to_virt(idx) + offset_in_page(pa);
}

/* Two blocks reach any blob of up to 2 MiB, wherever it begins. */
void *fixmap_remap_fdt(phys_addr_t pa)
{
	unsigned long va = fix_to_virt(FIX_FDT), i;
	phys_addr_t base = ALIGN_DOWN(pa, PMD_SIZE);
	void *blob = (void *)(va + (unsigned long)(pa - base));

	if (!pa || pa % 8)
		return NULL;
	for (i = 0; i < FIX_FDT_SIZE; i += PMD_SIZE)
		set_pmd(&bm_pmd[pmd_index(va + i)],
			pfn_pmd(PHYS_PFN(base + i), PAGE_KERNEL_RO));
	return fdt_check(blob, MAX_FDT_SIZE) ? NULL : blob;
}
