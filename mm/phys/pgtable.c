// SPDX-License-Identifier: MIT
/*
 * pgtable.c - the page tables of user address spaces
 *
 *	pgd page        pud page        pmd page        pte page
 *	pt_live 1 ────► pt_live 1 ────► pt_live 2 ─┬──► pt_live 37  (pages)
 *	                                           └──► pt_live 0  empty: can go
 *
 * A table is a zeroed page with page_type TABLE. Its pt_live counts the
 * entries that are not none, so that "is it empty" is one load and munmap can
 * give tables back without scanning 512 entries.
 *
 * Lock: each table's ptl for its entries and pt_live. Tables appear under the
 * parent's ptl with mmap_lock held at least for reading; they disappear with
 * mmap_lock held for writing, or when the mm is dead: a walk under mmap_lock
 * never loses the table it is in. Callers: mm/vm.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/internal.h>
#include <mm/phys/pgtable.h>

/*
 * A lock that fits lives in struct page; the debug build's does not. Upper
 * tables and pte tables are separate lock classes.
 */
static bool ptl_init(struct page *page, bool is_pte, gfp_t gfp)
{
	spinlock_t *ptl;

	if (sizeof(spinlock_t) > sizeof(page->ptl)) {
		page->ptl = (unsigned long)kmalloc(sizeof(spinlock_t), gfp);
		if (!page->ptl)
			return false;
	}
	ptl = table_lockptr(page);
	if (is_pte)
		spin_lock_init(ptl);
	else
		spin_lock_init(ptl);
	return true;
}

static void ptl_free(struct page *page)
{
	if (sizeof(spinlock_t) > sizeof(page->ptl))
		kfree((void *)page->ptl);
	page->ptl = 0;
}

static struct page *table_alloc(bool is_pte, gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_ZERO);

	if (!page)
		return NULL;
	if (!ptl_init(page, is_pte, gfp)) {
		__free_page(page);
		return NULL;
	}
	page->pt_live = 0;
	page->pt_deposit = NULL;
	page->page_type = PAGE_TYPE_TABLE;
	inc_node_page_state(page, NR_PAGETABLE);
	return page;
}

static void table_free(struct page *page)
{
	VM_BUG_ON_PAGE(!PageTable(page), page);
	VM_BUG_ON_PAGE(page->pt_live || page->pt_deposit, page);
	ptl_free(page);
	page->page_type = PAGE_TYPE_NONE;
	dec_node_page_state(page, NR_PAGETABLE);
	__free_page(page);
}

pgd_t *pgd_alloc(void)
{
	struct page *page = table_alloc(false, GFP_KERNEL);

	return page ? page_address(page) : NULL;
}

void pgd_free(pgd_t *pgd)
{
	table_free(virt_to_page(pgd));
}

/* --- Building ---------------------------------------------------------- */

/*
 * Make the table below *entry unless somebody else has. The dsb of set_##
 * orders the zeroed table before the entry for the walkers of all CPUs.
 */
#define DEFINE_POPULATE(upper)                                                 \
	static bool upper##_populate(upper##_t *entry, bool is_pte, gfp_t gfp, \
				     unsigned long *made)                      \
	{                                                                      \
		struct page *table;                                            \
		spinlock_t *ptl;                                               \
                                                                               \
		if (likely(!upper##_none(upper##p_get(entry))))                \
			return true;                                           \
		table = table_alloc(is_pte, gfp);                              \
		if (unlikely(!table))                                          \
			return false;                                          \
		ptl = ptl_of(entry);                                           \
		spin_lock(ptl);                                                \
		if (likely(upper##_none(*entry))) {                            \
			set_##upper(entry,                                     \
				    mk_##upper##_table(page_to_phys(table)));  \
			pt_inc(entry);                                         \
			table = NULL;                                          \
			++*made;                                               \
		}                                                              \
		spin_unlock(ptl);                                              \
		if (unlikely(table))                                           \
			table_free(table);                                     \
		return true;                                                   \
	}

DEFINE_POPULATE(pgd)
DEFINE_POPULATE(pud)
DEFINE_POPULATE(pmd)

pud_t *pud_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made)
{
	VM_BUG_ON(va >= TASK_SIZE);
	pgd = pgd_offset(pgd, va);
	return pgd_populate(pgd, false, gfp, made) ? pud_offset(pgd, va) : NULL;
}

pmd_t *pmd_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made)
{
	pud_t *pud = pud_alloc_walk(pgd, va, gfp, made);

	if (!pud || !pud_populate(pud, false, gfp, made))
		return NULL;
	return pmd_walk(pgd, va);
}

pte_t *pte_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made)
{
	pmd_t *pmd = pmd_alloc_walk(pgd, va, gfp, made);

	if (!pmd || !pmd_populate(pmd, true, gfp, made))
		return NULL;
	return pte_walk(pgd, va, NULL);
}

/* --- Walking ----------------------------------------------------------- */

unsigned long pte_walk_next(pgd_t *pgd, unsigned long va, unsigned long end,
			    pte_t **ptep, pmd_t **pmdp)
{
	while (va < end) {
		pgd_t *g = pgd_offset(pgd, va);
		pud_t *pud;
		pmd_t e;

		if (pgd_none(*g)) {
			va = pgd_addr_end(va, end);
			continue;
		}
		pud = pud_offset(g, va);
		if (pud_none(*pud)) {
			va = pud_addr_end(va, end);
			continue;
		}
		*pmdp = NULL;
		*ptep = NULL;
		if (unlikely(!pud_table(*pud)))
			return va;
		*pmdp = pmd_offset(pud, va);
		e = pmdp_get(*pmdp);
		if (points_to_table(pmd_val(e)))
			*ptep = pte_offset(&e, va);
		if (!pmd_none(e))
			return va;
		va = pmd_addr_end(va, end);
	}
	return end;
}

/* --- Tables in reserve ------------------------------------------------- */

struct page *pte_table_alloc(gfp_t gfp)
{
	return table_alloc(true, gfp);
}

void pte_table_free(struct page *table)
{
	table_free(table);
}

void pgtable_deposit(pmd_t *pmd, struct page *table)
{
	table->pt_deposit = table_page(pmd)->pt_deposit;
	table_page(pmd)->pt_deposit = table;
}

struct page *pgtable_withdraw(pmd_t *pmd)
{
	struct page *table = table_page(pmd)->pt_deposit;

	VM_BUG_ON(!table);
	table_page(pmd)->pt_deposit = table->pt_deposit;
	table->pt_deposit = NULL;
	return table;
}

/* --- Giving tables back ------------------------------------------------ */

unsigned long user_table_free_list(struct list_head *freed)
{
	unsigned long n = 0;

	while (!list_empty(freed)) {
		struct page *page =
			list_first_entry(freed, struct page, pt_list);

		list_del(&page->pt_list);
		table_free(page);
		n++;
	}
	return n;
}

/* --- Checking ---------------------------------------------------------- */

/* Count a table's entries; entries of all levels are none when zero. */
static bool table_count_ok(const void *table)
{
	const pte_t *e = table;
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		n += !pte_none(e[i]);
	if (PageTable(virt_to_page(table)) && n == pt_live(table))
		return true;
	pr_err("page table %px: %lu entries, pt_live %lu\n", table, n,
	       pt_live(table));
	return false;
}

static void check_pud(pud_t *pud, unsigned long *seen, unsigned long *bad)
{
	pmd_t *pmd = pmd_offset(pud, 0);
	struct page *reserve = table_page(pmd)->pt_deposit;
	unsigned int i;

	*bad += !table_count_ok(pmd);
	++*seen;
	for (; reserve; reserve = reserve->pt_deposit)
		++*seen;
	for (i = 0; i < PTRS_PER_PMD; i++, pmd++)
		if (pmd_table(*pmd)) {
			*bad += !table_count_ok(pte_offset(pmd, 0));
			++*seen;
		}
}

unsigned long user_table_check(pgd_t *pgd, unsigned long *bad)
{
	unsigned long seen = 1;
	unsigned int i, j;

	*bad += !table_count_ok(pgd);
	for (i = 0; i < PTRS_PER_PGD; i++) {
		pud_t *pud;

		if (pgd_none(pgd[i]))
			continue;
		pud = pud_offset(&pgd[i], 0);
		*bad += !table_count_ok(pud);
		seen++;
		for (j = 0; j < PTRS_PER_PUD; j++)
			if (pud_table(pud[j]))
				check_pud(&pud[j], &seen, bad);
	}
	return seen;
}
