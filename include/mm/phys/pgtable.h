/* SPDX-License-Identifier: MIT */
/*
 * Page tables: the generic walkers over the four levels whose entries the
 * arch encodes.
 *
 *	pgd ──► pud ──► pmd ──► pte ──► page       512 entries of 8 bytes each
 *	         │1 GiB   │2 MiB   │4 KiB          a pud or pmd may be a block
 *
 * User tables: each table is a page with PageTable, with a lock (ptl) for
 * its entries, and with pt_live, the number of entries in use. A table with
 * pt_live 0 can be freed; it is linked to its parent, and counted there,
 * under the parent's lock. No code here holds two of these locks at once.
 *
 * Who keeps pt_live right: pte_alloc_walk() counts a table in its parent, and
 * whoever unlinks it uncounts it; whoever turns a pte from none to something
 * (present or swapped) calls pt_inc(), and back to none pt_dec(), under the
 * pte table's lock.
 */
#ifndef _MM_PHYS_PGTABLE_H
#define _MM_PHYS_PGTABLE_H

#include <asm/pgtable.h>
#include <base/spinlock.h>
#include <mm/phys/gfp.h>
#include <mm/phys/page.h>
#include <mm/phys/vmstat.h>

/* --- The kernel's own table -------------------------------------------- */

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];

#define MAP_NO_BLOCKS 0x1U /* pages only: permissions will change */
#define MAP_BOOT      0x2U /* no memory: panic, do not fail */

/*
 * Map [va, va + size) to pa, with the largest blocks that fit unless told
 * otherwise. What was there must be unmapped or (boot) equal.
 * => 0, -ENOMEM (nothing is undone: unmap the range), -EEXIST
 * => any context; new entries are visible to all CPUs on return
 */
int map_kernel_range(pgd_t *pgd, unsigned long va, phys_addr_t pa,
		     unsigned long size, pgprot_t prot, unsigned int flags);
/* One page for each page of the range, in this order. */
int map_kernel_pages(unsigned long va, struct page *const *pages,
		     unsigned long nr, pgprot_t prot);
/*
 * Clear and flush the range; tables stay for the next user. Pages go to
 * `freed` (by lru) unless it is NULL.
 * => any context; blocks must lie within the range as a whole
 */
void unmap_kernel_range(unsigned long va, unsigned long size,
			struct list_head *freed);

/* What va is mapped to. => false: nothing */
bool kernel_walk(unsigned long va, phys_addr_t *pa, u64 *raw,
		 unsigned long *block_size);
/* Visit each leaf entry of swapper: va, raw entry, bytes it maps. */
void kernel_for_each_leaf(void (*fn)(unsigned long va, u64 raw,
				     unsigned long size, void *arg),
			  void *arg);

/*
 * Change the permission of nr pages. Vmalloc blocks are split; blocks of the
 * linear map, which cannot be split while in use, are refused.
 * => 0, -EINVAL (unaligned, unmapped, linear block), -ENOMEM
 */
int set_memory_ro(unsigned long va, int nr);
int set_memory_rw(unsigned long va, int nr);
int set_memory_x(unsigned long va, int nr);

/* Is a leaf entry of the kernel's writable; executable at EL1? */
static inline bool kernel_leaf_writable(u64 raw)
{
	return !(raw & PTE_RDONLY);
}

static inline bool kernel_leaf_exec(u64 raw)
{
	return !(raw & PTE_PXN);
}

/*
 * W^X over all of swapper: no entry is writable and executable, and no
 * writable entry maps the image's text or read-only data (init text until it
 * is freed). => the number of violations; prints each if verbose
 */
unsigned long ptdump_check_wx(bool verbose);

/* --- User tables ------------------------------------------------------- */

/* An empty table, zeroed and counted. => NULL; free what has no tables left */
pgd_t *pgd_alloc(void);
void pgd_free(pgd_t *pgd);

/* The page of the table that an entry (of any level) lies in. */
static inline struct page *table_page(const void *entry)
{
	return virt_to_page(entry);
}

/* The lock of a table's entries, by the page of the table. */
static inline spinlock_t *table_lockptr(struct page *page)
{
	if (sizeof(spinlock_t) <= sizeof(page->ptl))
		return (spinlock_t *)&page->ptl;
	return (spinlock_t *)page->ptl;
}

static inline struct page *pmd_table_page(pmd_t pmd)
{
	return phys_to_page(pmd_page_pa(pmd));
}

/* The lock of the pte table that *pmd points to. */
static inline spinlock_t *pte_lockptr(const pmd_t *pmd)
{
	return table_lockptr(pmd_table_page(*pmd));
}

/* The lock of the table that holds *entry. */
static inline spinlock_t *ptl_of(const void *entry)
{
	return table_lockptr(table_page(entry));
}

static inline void pt_inc(const void *entry)
{
	table_page(entry)->pt_live++;
}

static inline void pt_add(const void *entry, unsigned long nr)
{
	table_page(entry)->pt_live += nr;
}

static inline void pt_dec(const void *entry)
{
	VM_BUG_ON_PAGE(!table_page(entry)->pt_live, table_page(entry));
	table_page(entry)->pt_live--;
}

static inline unsigned long pt_live(const void *entry)
{
	return table_page(entry)->pt_live;
}

static inline pgd_t *pgd_offset(pgd_t *pgd, unsigned long va)
{
	return pgd + pgd_index(va);
}

static inline pud_t *pud_offset(const pgd_t *pgd, unsigned long va)
{
	return (pud_t *)__va(pgd_page_pa(*pgd)) + pud_index(va);
}

static inline pmd_t *pmd_offset(const pud_t *pud, unsigned long va)
{
	return (pmd_t *)__va(pud_page_pa(*pud)) + pmd_index(va);
}

static inline pte_t *pte_offset(const pmd_t *pmd, unsigned long va)
{
	return (pte_t *)__va(pmd_page_pa(*pmd)) + pte_index(va);
}

/* Does the entry point to a table? A block or an empty one has bit 1 clear. */
#define points_to_table(val) likely((val)&PTE_TABLE_BIT)

/*
 * The pmd of va, without allocating. => NULL: its table is missing, or a pud
 * block maps va
 */
static inline pmd_t *pmd_walk(pgd_t *pgd, unsigned long va)
{
	pud_t *pud;

	pgd = pgd_offset(pgd, va);
	if (unlikely(pgd_none(*pgd)))
		return NULL;
	pud = pud_offset(pgd, va);
	return points_to_table(pud_val(*pud)) ? pmd_offset(pud, va) : NULL;
}

/*
 * The pte of va, without allocating. => NULL if a table is missing or a block
 * maps va; *pmdp (may be NULL) is the pmd when there is one. No lock is taken:
 * the caller's mmap_lock keeps tables from being freed, pte_lockptr() guards
 * the entry.
 */
static inline pte_t *pte_walk(pgd_t *pgd, unsigned long va, pmd_t **pmdp)
{
	pmd_t *pmd = pmd_walk(pgd, va), e;

	if (pmdp)
		*pmdp = pmd;
	if (unlikely(!pmd))
		return NULL;
	e = pmdp_get(pmd);
	return points_to_table(pmd_val(e)) ? pte_offset(&e, va) : NULL;
}

/*
 * The same, but missing tables are made; *made grows by their number.
 * => NULL: no memory, or a block maps va
 */
pud_t *pud_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made);
pmd_t *pmd_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made);
pte_t *pte_alloc_walk(pgd_t *pgd, unsigned long va, gfp_t gfp,
		      unsigned long *made);

/*
 * The first address >= va (and < end, else end) whose pmd is not empty, and
 * its pte: lets sparse ranges be crossed table by table. *ptep is NULL if the
 * pmd is a block (and *pmdp, if it is the pud).
 */
unsigned long pte_walk_next(pgd_t *pgd, unsigned long va, unsigned long end,
			    pte_t **ptep, pmd_t **pmdp);

/*
 * A pte table kept ready for a pmd block that may have to be split later, when
 * memory for it need not be there: as many lie with a pmd table as it has
 * blocks of transparent huge pages. => pmd's table is locked; no memory: NULL
 */
struct page *pte_table_alloc(gfp_t gfp);
void pte_table_free(struct page *table);
void pgtable_deposit(pmd_t *pmd, struct page *table);
struct page *pgtable_withdraw(pmd_t *pmd);

/*
 * Free tables that the caller has unlinked (parent's entry cleared, pt_dec()
 * of it) onto a list by pt_list.
 * => their pt_live is 0; every CPU's TLB, walk caches too, has been flushed
 *    since; returns their number
 */
unsigned long user_table_free_list(struct list_head *freed);

/*
 * Compare pt_live with the entries of every table below pgd. => tables seen,
 * deposited ones too; *bad counts those that are wrong (they are printed)
 */
unsigned long user_table_check(pgd_t *pgd, unsigned long *bad);

#endif
