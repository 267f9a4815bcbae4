// SPDX-License-Identifier: MIT
/*
 * mmu.c - mapping and unmapping in the kernel's half
 *
 *	map_kernel_range:   at each step the largest entry that alignment and
 *	                    the rest of the range permit
 *
 *	va  |····|▓▓▓▓|████████████████████|▓▓▓▓|····|
 *	     pages 2 MiB      1 GiB         2 MiB pages
 *
 * A walk enters one table after the other. As long as the linear map is not
 * there, a table is entered through a fixmap slot of its level and left again;
 * afterwards entering is an addition. Tables of the kernel are never freed:
 * the next area at the same place will want them.
 *
 * Lock: kernel_table_lock (interrupts off) while a missing table is made.
 * Leaf entries need none: each belongs to whoever owns the address range.
 * Callers: paging_init.c, sparse.c, vmalloc.c, pageattr.c.
 */
#include <lib/errno.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>
#include <base/bug.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/pgtable.h>

pgd_t swapper_pg_dir[PTRS_PER_PGD] __aligned(PAGE_SIZE);
static DEFINE_SPINLOCK(kernel_table_lock);

static void *table_enter(phys_addr_t pa, enum fixed_addresses slot)
{
	if (likely(linear_map_ready))
		return __va(pa);
	__set_fixmap(slot, pa, PAGE_KERNEL);
	return (void *)fix_to_virt(slot);
}

static void tables_leave(void)
{
	if (likely(linear_map_ready))
		return;
	clear_fixmap(FIX_PUD);
	clear_fixmap(FIX_PMD);
	clear_fixmap(FIX_PTE);
}

phys_addr_t kernel_table_alloc(bool may_fail)
{
	phys_addr_t pa;
	struct page *page;

	if (buddy_up) {
		page = alloc_page(GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN);
		if (page)
			return page_to_phys(page);
		if (may_fail)
			return 0;
		panic("no memory for a kernel page table");
	}
	pa = memblock_phys_alloc(PAGE_SIZE, PAGE_SIZE);
	if (!pa)
		panic("no memory for the kernel's page tables");
	clear_page(table_enter(pa, FIX_EARLY_MAP));
	if (!linear_map_ready)
		clear_fixmap(FIX_EARLY_MAP);
	return pa;
}

/*
 * Step down one level, making the table if it is missing. => NULL: no memory,
 * or a block is in the way
 */
#define DEFINE_ENTER(upper, lower, SLOT)                                       \
	static lower##_t *lower##_enter(upper##_t *entry, unsigned long va,    \
					unsigned int flags)                    \
	{                                                                      \
		unsigned long irq;                                             \
		phys_addr_t pa;                                                \
                                                                               \
		if (upper##_none(upper##p_get(entry))) {                       \
			spin_lock_irqsave(&kernel_table_lock, irq);            \
			pa = upper##_none(upper##p_get(entry)) ?               \
				     kernel_table_alloc(!(flags & MAP_BOOT)) : \
				     0;                                        \
			if (pa)                                                \
				set_##upper(entry, mk_##upper##_table(pa));    \
			spin_unlock_irqrestore(&kernel_table_lock, irq);       \
		}                                                              \
		if (!upper##_table(upper##p_get(entry)))                       \
			return NULL;                                           \
		return (lower##_t *)table_enter(upper##_page_pa(*entry),       \
						SLOT) +                        \
		       lower##_index(va);                                      \
	}

DEFINE_ENTER(pgd, pud, FIX_PUD)
DEFINE_ENTER(pud, pmd, FIX_PMD)
DEFINE_ENTER(pmd, pte, FIX_PTE)

static bool block_fits(unsigned long va, phys_addr_t pa, unsigned long left,
		       unsigned long size, unsigned int flags)
{
	return !(flags & MAP_NO_BLOCKS) && left >= size &&
	       IS_ALIGNED(va, size) && IS_ALIGNED(pa, size);
}

/* Pages to the end of the range or of the table. => bytes; 0: occupied */
static unsigned long map_ptes(pte_t *pte, unsigned long va, phys_addr_t pa,
			      unsigned long left, pgprot_t prot)
{
	unsigned long end = pmd_addr_end(va, va + left), at;

	for (at = va; at < end; at += PAGE_SIZE, pa += PAGE_SIZE, pte++) {
		if (!pte_none(*pte))
			return 0;
		set_pte(pte, pfn_pte(PHYS_PFN(pa), prot));
	}
	return end - va;
}

/* Map the start of the range by one entry, or a run of pages. */
static int map_step(pgd_t *pgd, unsigned long va, phys_addr_t pa,
		    unsigned long left, pgprot_t prot, unsigned int flags,
		    unsigned long *step)
{
	pud_t *pud = pud_enter(pgd_offset(pgd, va), va, flags);
	pmd_t *pmd;
	pte_t *pte;

	if (!pud)
		return -ENOMEM;
	if (pud_none(*pud) && block_fits(va, pa, left, PUD_SIZE, flags)) {
		set_pud(pud, pfn_pud(PHYS_PFN(pa), prot));
		*step = PUD_SIZE;
		return 0;
	}
	if (pud_leaf(*pud))
		return -EEXIST;
	pmd = pmd_enter(pud, va, flags);
	if (!pmd)
		return -ENOMEM;
	if (pmd_none(*pmd) && block_fits(va, pa, left, PMD_SIZE, flags)) {
		set_pmd(pmd, pfn_pmd(PHYS_PFN(pa), prot));
		*step = PMD_SIZE;
		return 0;
	}
	if (pmd_leaf(*pmd))
		return -EEXIST;
	pte = pte_enter(pmd, va, flags);
	if (!pte)
		return -ENOMEM;
	*step = map_ptes(pte, va, pa, left, prot);
	return *step ? 0 : -EEXIST;
}

int map_kernel_range(pgd_t *pgd, unsigned long va, phys_addr_t pa,
		     unsigned long size, pgprot_t prot, unsigned int flags)
{
	unsigned long done = 0, step;
	int err = 0;

	VM_BUG_ON((va | pa | size) & ~PAGE_MASK);
	while (done < size && !err) {
		err = map_step(pgd, va + done, pa + done, size - done, prot,
			       flags, &step);
		done += step;
	}
	tables_leave();
	if (err && (flags & MAP_BOOT))
		panic("cannot map %#lx to %#llx: error %d", va, pa, err);
	return err;
}

int map_kernel_pages(unsigned long va, struct page *const *pages,
		     unsigned long nr, pgprot_t prot)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		int err = map_kernel_range(swapper_pg_dir, va,
					   page_to_phys(pages[i]), PAGE_SIZE,
					   prot, 0);

		if (err)
			return err;
		va += PAGE_SIZE;
	}
	return 0;
}

/* The leaf entry of va. At most one of pud, pmd, pte is not NULL. */
struct kleaf {
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;
	unsigned long size; /* that the entry covers, mapped or not */
};

static struct kleaf find_leaf(pgd_t *pgd, unsigned long va)
{
	struct kleaf l = { .size = PGDIR_SIZE };
	pud_t *pud;
	pmd_t *pmd;

	pgd = pgd_offset(pgd, va);
	if (pgd_none(*pgd))
		return l;
	l.size = PUD_SIZE;
	pud = pud_offset(pgd, va);
	if (!pud_table(*pud)) {
		l.pud = pud_none(*pud) ? NULL : pud;
		return l;
	}
	l.size = PMD_SIZE;
	pmd = pmd_offset(pud, va);
	if (!pmd_table(*pmd)) {
		l.pmd = pmd_none(*pmd) ? NULL : pmd;
		return l;
	}
	l.size = PAGE_SIZE;
	l.pte = pte_offset(pmd, va);
	if (pte_none(*l.pte))
		l.pte = NULL;
	return l;
}

static u64 leaf_raw(const struct kleaf *l)
{
	if (l->pte)
		return pte_val(*l->pte);
	if (l->pmd)
		return pmd_val(*l->pmd);
	return l->pud ? pud_val(*l->pud) : 0;
}

static phys_addr_t leaf_pa(const struct kleaf *l)
{
	if (l->pte)
		return pte_page_pa(*l->pte);
	return l->pmd ? pmd_page_pa(*l->pmd) : pud_page_pa(*l->pud);
}

static void leaf_clear(const struct kleaf *l)
{
	if (l->pte)
		pte_clear(l->pte);
	else if (l->pmd)
		pmd_clear(l->pmd);
	else if (l->pud)
		pud_clear(l->pud);
}

void unmap_kernel_range(unsigned long va, unsigned long size,
			struct list_head *freed)
{
	unsigned long end = va + size, at = va;

	VM_BUG_ON(is_linear_va(va));
	while (at < end) {
		struct kleaf l = find_leaf(swapper_pg_dir, at);

		if (l.pud || l.pmd || l.pte) {
			VM_BUG_ON(!IS_ALIGNED(at, l.size) || at + l.size > end);
			if (freed && l.pte)
				list_add(&pfn_to_page(pte_pfn(*l.pte))->lru,
					 freed);
			leaf_clear(&l);
		}
		at = ALIGN_DOWN(at, l.size) + l.size;
		if (!at)
			break;
	}
	/* Walkers of all CPUs must forget it before the pages are reused. */
	flush_tlb_kernel_range(va, end);
}

bool kernel_walk(unsigned long va, phys_addr_t *pa, u64 *raw,
		 unsigned long *block_size)
{
	struct kleaf l = find_leaf(swapper_pg_dir, va);

	if (!leaf_raw(&l))
		return false;
	if (pa)
		*pa = leaf_pa(&l) + (va & (l.size - 1));
	if (raw)
		*raw = leaf_raw(&l);
	if (block_size)
		*block_size = l.size;
	return true;
}

void kernel_for_each_leaf(void (*fn)(unsigned long va, u64 raw,
				     unsigned long size, void *arg),
			  void *arg)
{
	unsigned long va = VA_START;

	while (va) {
		struct kleaf l = find_leaf(swapper_pg_dir, va);

		if (leaf_raw(&l))
			fn(va, leaf_raw(&l), l.size, arg);
		va += l.size;
	}
}
