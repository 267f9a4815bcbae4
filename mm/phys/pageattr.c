// SPDX-License-Identifier: MIT
/*
 * pageattr.c - changing what kernel mappings permit, and proving W^X
 *
 * There are three kinds of kernel memory, and these moves between them:
 *
 *	RW  ──ro──►  RO  ──x──►  ROX          nothing leads to writable
 *	RW  ◄──rw──  RO  ◄──nx── ROX          and executable at once
 *	RW  ◄─────────rw──────── ROX
 *
 * Tightening or loosening permissions of a page needs no break-before-make,
 * only a flush. Splitting a block does; so a block is split only outside the
 * linear map, where its owner can promise that nobody uses it meanwhile.
 *
 * ptdump_check_wx() walks every entry of swapper. Called by
 * mark_rodata_ro() at the end of boot and by the unit tests.
 */
#include <lib/errno.h>
#include <asm/sections.h>
#include <asm/tlbflush.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/internal.h>
#include <mm/phys/pgtable.h>

static bool same_prot(pte_t pte, pgprot_t prot)
{
	return pgprot_val(pte_pgprot(pte)) == pgprot_val(prot);
}

static pgprot_t prot_ro(pte_t pte)
{
	return same_prot(pte, PAGE_KERNEL_ROX) ? PAGE_KERNEL_ROX :
						 PAGE_KERNEL_RO;
}

static pgprot_t prot_rw(pte_t pte __unused)
{
	return PAGE_KERNEL;
}

/* Zero: refused. Writable memory does not become executable in one step. */
static pgprot_t prot_x(pte_t pte)
{
	return same_prot(pte, PAGE_KERNEL) ? __pgprot(0) : PAGE_KERNEL_ROX;
}

/* Replace a 2 MiB block by a table of pages: break, flush, make. */
static int split_pmd(pmd_t *pmd, unsigned long va)
{
	pmd_t block = *pmd;
	phys_addr_t table = kernel_table_alloc(true);
	pte_t *pte;
	unsigned int i;

	if (!table)
		return -ENOMEM;
	pte = __va(table);
	for (i = 0; i < PTRS_PER_PTE; i++)
		set_pte(pte + i, pfn_pte(PHYS_PFN(pmd_page_pa(block)) + i,
					 pmd_pgprot(block)));
	pmd_clear(pmd);
	flush_tlb_kernel_range(va & PMD_MASK, (va & PMD_MASK) + PMD_SIZE);
	set_pmd(pmd, mk_pmd_table(table));
	return 0;
}

/* The pte of va, blocks split. => error as in set_memory_ro() */
static int kernel_pte(unsigned long va, pte_t **ptep)
{
	pgd_t *pgd = pgd_offset(swapper_pg_dir, va);
	pud_t *pud;
	pmd_t *pmd;
	int err;

	if (pgd_none(*pgd))
		return -EINVAL;
	pud = pud_offset(pgd, va);
	if (!pud_table(*pud))
		return -EINVAL;
	pmd = pmd_offset(pud, va);
	if (pmd_none(*pmd))
		return -EINVAL;
	if (pmd_leaf(*pmd)) {
		if (is_linear_va(va))
			return -EINVAL;
		err = split_pmd(pmd, va);
		if (err)
			return err;
	}
	*ptep = pte_offset(pmd, va);
	return pte_none(**ptep) ? -EINVAL : 0;
}

static int change_memory(unsigned long va, int nr, pgprot_t (*prot_of)(pte_t))
{
	unsigned long end = va + (unsigned long)nr * PAGE_SIZE, at;
	pte_t *pte;
	int err;

	if (nr <= 0 || !PAGE_ALIGNED(va))
		return -EINVAL;
	/* Check first: all of it, or nothing. */
	for (at = va; at < end; at += PAGE_SIZE) {
		err = kernel_pte(at, &pte);
		if (!err && !pgprot_val(prot_of(*pte)))
			err = -EINVAL;
		if (err)
			return err;
	}
	for (at = va; at < end; at += PAGE_SIZE) {
		kernel_pte(at, &pte);
		set_pte(pte, pfn_pte(pte_pfn(*pte), prot_of(*pte)));
	}
	flush_tlb_kernel_range(va, end);
	return 0;
}

int set_memory_ro(unsigned long va, int nr)
{
	return change_memory(va, nr, prot_ro);
}

int set_memory_rw(unsigned long va, int nr)
{
	return change_memory(va, nr, prot_rw);
}

int set_memory_x(unsigned long va, int nr)
{
	return change_memory(va, nr, prot_x);
}

/* --- The proof --------------------------------------------------------- */

struct wx_check {
	phys_addr_t start, end; /* what nothing may write to */
	unsigned long bad;
	bool verbose;
};

static void check_leaf(unsigned long va, u64 raw, unsigned long size, void *arg)
{
	struct wx_check *c = arg;
	phys_addr_t pa = pte_page_pa(__pte(raw));
	const char *why = NULL;

	if (!kernel_leaf_writable(raw))
		return;
	if (kernel_leaf_exec(raw))
		why = "writable and executable";
	else if (pa < c->end && pa + size > c->start)
		why = "a writable alias of text or read-only data";
	if (!why)
		return;
	c->bad++;
	if (c->verbose)
		pr_warn("W^X: %#lx (%lu KiB, entry %#llx): %s\n", va,
			size / 1024, raw, why);
}

unsigned long ptdump_check_wx(bool verbose)
{
	struct wx_check c = {
		.start = __pa_symbol(_text),
		.end = __pa_symbol(__end_rodata),
		.verbose = verbose,
	};

	kernel_for_each_leaf(check_leaf, &c);
	return c.bad;
}
