/* SPDX-License-Identifier: MIT */
/*
 * The format of page-table entries. Only this file and ptwalk.c know it;
 * who walks, allocates and frees tables is mm/phys/.
 *
 *   58     56 55    54  53  52   51        47..12  11 10 9..8 7  6    4..2 1..0
 *   NONE   SP DIRTY UXN PXN CONT WRITE ... address nG AF SH   RO USER attr type
 *
 * Three bits are ours. PTE_WRITE: the mapping may be written. PTE_DIRTY: it
 * has been. PTE_SPECIAL: no struct page is counted behind it. Hardware sees
 * only PTE_RDONLY, which is clear exactly when WRITE and DIRTY are both set:
 * the first write to a clean page faults, and the fault sets DIRTY.
 * PTE_PROT_NONE marks an entry that maps a page for nobody: not valid for
 * the hardware, present for mm.
 *
 * An entry that is neither empty nor present says where in swap its page is:
 *
 *	58      57..8           7..3  2  1..0
 *	0       offset          type  0  0
 */
#ifndef _ASM_PGTABLE_H
#define _ASM_PGTABLE_H

#include <asm/memory.h>

#define PTE_VALID	(UL(1) << 0)
#define PTE_TYPE_PAGE	(UL(3) << 0) /* level 3; a table above */
#define PTE_TYPE_BLOCK	(UL(1) << 0) /* levels 1 and 2 */
#define PTE_TABLE_BIT	(UL(1) << 1)
#define PTE_ATTRINDX(i) (UL(i) << 2)
#define PTE_USER	(UL(1) << 6)
#define PTE_RDONLY	(UL(1) << 7)
#define PTE_SHARED	(UL(3) << 8) /* inner shareable */
#define PTE_AF		(UL(1) << 10)
#define PTE_NG		(UL(1) << 11)
#define PTE_ADDR_MASK	UL(0x0000fffffffff000)
#define PTE_WRITE	(UL(1) << 51)
#define PTE_PXN		(UL(1) << 53)
#define PTE_UXN		(UL(1) << 54)
#define PTE_DIRTY	(UL(1) << 55)
#define PTE_SPECIAL	(UL(1) << 56)
#define PTE_PROT_NONE	(UL(1) << 58)

#define PROT_BASE	 (PTE_TYPE_PAGE | PTE_AF | PTE_SHARED)
#define PROT_KERNEL_BASE (PROT_BASE | PTE_UXN | PTE_ATTRINDX(MT_NORMAL))
#define PROT_DEVICE_BASE (PROT_BASE | PTE_UXN | PTE_PXN | PTE_WRITE | PTE_DIRTY)
#define PROT_USER_BASE \
	(PROT_BASE | PTE_ATTRINDX(MT_NORMAL) | PTE_NG | PTE_PXN | PTE_RDONLY)

#ifndef __ASSEMBLY__
#include <asm/barrier.h>

typedef u64 pteval_t;
typedef struct {
	pteval_t pte;
} pte_t;
typedef struct {
	pteval_t pmd;
} pmd_t;
typedef struct {
	pteval_t pud;
} pud_t;
typedef struct {
	pteval_t pgd;
} pgd_t;
typedef struct {
	pteval_t pgprot;
} pgprot_t;

#define __pte(x)      ((pte_t){ (x) })
#define __pmd(x)      ((pmd_t){ (x) })
#define __pud(x)      ((pud_t){ (x) })
#define __pgd(x)      ((pgd_t){ (x) })
#define __pgprot(x)   ((pgprot_t){ (x) })
#define pte_val(x)    ((x).pte)
#define pmd_val(x)    ((x).pmd)
#define pud_val(x)    ((x).pud)
#define pgd_val(x)    ((x).pgd)
#define pgprot_val(x) ((x).pgprot)

/* clang-format off */
/* Kernel protections; they fit pages and blocks alike. */
#define PAGE_KERNEL \
	__pgprot(PROT_KERNEL_BASE | PTE_PXN | PTE_WRITE | PTE_DIRTY)
#define PAGE_KERNEL_RO	__pgprot(PROT_KERNEL_BASE | PTE_PXN | PTE_RDONLY)
#define PAGE_KERNEL_ROX	__pgprot(PROT_KERNEL_BASE | PTE_RDONLY)
#define PROT_DEVICE_nGnRE \
	__pgprot(PROT_DEVICE_BASE | PTE_ATTRINDX(MT_DEVICE_nGnRE))

/* User protections, all young; a writable one is clean until written. */
#define PAGE_NONE \
	__pgprot((PROT_USER_BASE & ~PTE_VALID) | PTE_PROT_NONE | PTE_UXN)
#define PAGE_READONLY		__pgprot(PROT_USER_BASE | PTE_USER | PTE_UXN)
#define PAGE_READONLY_EXEC	__pgprot(PROT_USER_BASE | PTE_USER)
#define PAGE_SHARED \
	__pgprot(PROT_USER_BASE | PTE_USER | PTE_UXN | PTE_WRITE)
#define PAGE_SHARED_EXEC	__pgprot(PROT_USER_BASE | PTE_USER | PTE_WRITE)
/* clang-format on */

/* The protection of a mapping with r, w, x; executable implies readable. */
static inline pgprot_t vm_prot_to_pgprot(bool r, bool w, bool x)
{
	if (w)
		return x ? PAGE_SHARED_EXEC : PAGE_SHARED;
	if (x)
		return PAGE_READONLY_EXEC;
	return r ? PAGE_READONLY : PAGE_NONE;
}

/* ---- Indexes and table bases ---------------------------------------- */

#define pgd_index(va) (((unsigned long)(va) >> PGDIR_SHIFT) & 511)
#define pud_index(va) (((unsigned long)(va) >> PUD_SHIFT) & 511)
#define pmd_index(va) (((unsigned long)(va) >> PMD_SHIFT) & 511)
#define pte_index(va) (((unsigned long)(va) >> PAGE_SHIFT) & 511)

#define __addr_end(addr, end, size)                                     \
	__extension__({                                                 \
		unsigned long __next = ((addr) + (size)) & ~((size)-1); \
		(__next - 1 < (end)-1) ? __next : (end);                \
	})
#define pgd_addr_end(addr, end) __addr_end(addr, end, PGDIR_SIZE)
#define pud_addr_end(addr, end) __addr_end(addr, end, PUD_SIZE)
#define pmd_addr_end(addr, end) __addr_end(addr, end, PMD_SIZE)

/* Early tables in the image, built by head.S (image addresses). */
extern pgd_t init_pg_dir[PTRS_PER_PGD];
/* Always empty: TTBR0 of tasks without a user address space. */
extern pgd_t reserved_pg_dir[PTRS_PER_PGD];

/* ---- Last level ------------------------------------------------------ */

#define pte_none(p)    (!pte_val(p))
#define pte_present(p) (!!(pte_val(p) & (PTE_VALID | PTE_PROT_NONE)))
#define pte_protnone(p) \
	((pte_val(p) & (PTE_VALID | PTE_PROT_NONE)) == PTE_PROT_NONE)
#define pte_write(p)   (!!(pte_val(p) & PTE_WRITE))
#define pte_dirty(p)   (!!(pte_val(p) & PTE_DIRTY))
#define pte_young(p)   (!!(pte_val(p) & PTE_AF))
#define pte_special(p) (!!(pte_val(p) & PTE_SPECIAL))
#define pte_exec(p)    (!(pte_val(p) & PTE_UXN)) /* by user mode */
#define pte_same(a, b) (pte_val(a) == pte_val(b))

#define SWP_TYPE_BITS	 5
#define SWP_OFFSET_BITS	 50
#define SWP_TYPE_SHIFT	 3
#define SWP_OFFSET_SHIFT 8

/* offset is not 0: that is where a swap area keeps its header */
static inline pte_t swp_pte(unsigned int type, unsigned long offset)
{
	return __pte(((pteval_t)type << SWP_TYPE_SHIFT) |
		     ((pteval_t)offset << SWP_OFFSET_SHIFT));
}

static inline unsigned int pte_swp_type(pte_t pte)
{
	return (pte_val(pte) >> SWP_TYPE_SHIFT) & ((1U << SWP_TYPE_BITS) - 1);
}

static inline unsigned long pte_swp_offset(pte_t pte)
{
	return (pte_val(pte) >> SWP_OFFSET_SHIFT) &
	       ((UL(1) << SWP_OFFSET_BITS) - 1);
}

static inline phys_addr_t pte_page_pa(pte_t pte)
{
	return pte_val(pte) & PTE_ADDR_MASK;
}

static inline unsigned long pte_pfn(pte_t pte)
{
	return PHYS_PFN(pte_page_pa(pte));
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte(PFN_PHYS(pfn) | pgprot_val(prot));
}

/* PTE_RDONLY as WRITE and DIRTY want it. */
static inline pte_t __pte_hw(pteval_t v)
{
	if ((v & (PTE_WRITE | PTE_DIRTY)) == (PTE_WRITE | PTE_DIRTY))
		return __pte(v & ~PTE_RDONLY);
	return __pte(v | PTE_RDONLY);
}

static inline pte_t pte_mkwrite(pte_t pte)
{
	return __pte_hw(pte_val(pte) | PTE_WRITE);
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return __pte_hw(pte_val(pte) & ~PTE_WRITE);
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return __pte_hw(pte_val(pte) | PTE_DIRTY);
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return __pte_hw(pte_val(pte) & ~PTE_DIRTY);
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return __pte(pte_val(pte) | PTE_AF);
}

static inline pte_t pte_mkold(pte_t pte)
{
	return __pte(pte_val(pte) & ~PTE_AF);
}

static inline pte_t pte_mkspecial(pte_t pte)
{
	return __pte(pte_val(pte) | PTE_SPECIAL);
}

/* Same page, age and history; the rights of prot. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	const pteval_t rights = PTE_VALID | PTE_PROT_NONE | PTE_USER |
				PTE_RDONLY | PTE_WRITE | PTE_PXN | PTE_UXN;

	return __pte_hw((pte_val(pte) & ~rights) | (pgprot_val(prot) & rights));
}

/* ---- Upper levels: empty, a table, or (PUD, PMD) a block ------------- */

#define __UPPER_LEVEL(t)                                           \
	static inline bool t##_none(t##_t e)                       \
	{                                                          \
		return !t##_val(e);                                \
	}                                                          \
	static inline bool t##_present(t##_t e)                    \
	{                                                          \
		return t##_val(e) & PTE_VALID;                     \
	}                                                          \
	static inline bool t##_table(t##_t e)                      \
	{                                                          \
		return (t##_val(e) & 3) == PTE_TYPE_PAGE;          \
	}                                                          \
	static inline bool t##_leaf(t##_t e)                       \
	{                                                          \
		return (t##_val(e) & 3) == PTE_TYPE_BLOCK;         \
	}                                                          \
	/* Physical address of the next table, or of the block. */ \
	static inline phys_addr_t t##_page_pa(t##_t e)             \
	{                                                          \
		return t##_val(e) & PTE_ADDR_MASK;                 \
	}                                                          \
	static inline t##_t mk_##t##_table(phys_addr_t pa)         \
	{                                                          \
		return __##t(pa | PTE_TYPE_PAGE);                  \
	}

__UPPER_LEVEL(pmd)
__UPPER_LEVEL(pud)
__UPPER_LEVEL(pgd)

static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd(PFN_PHYS(pfn) | (pgprot_val(prot) & ~PTE_TABLE_BIT));
}

static inline pud_t pfn_pud(unsigned long pfn, pgprot_t prot)
{
	return __pud(PFN_PHYS(pfn) | (pgprot_val(prot) & ~PTE_TABLE_BIT));
}

/* The rights and attributes of a block, as of a page: to split it. */
static inline pgprot_t pmd_pgprot(pmd_t e)
{
	return __pgprot((pmd_val(e) & ~PTE_ADDR_MASK) | PTE_TABLE_BIT);
}

/*
 * A PMD or PUD of user space that maps instead of pointing: neither empty nor
 * a table, valid for the hardware or not. Seen as a PTE it is that of its
 * first page, with the same rights and history.
 */
#define pmd_trans_huge(e) (pmd_val(e) && !(pmd_val(e) & PTE_TABLE_BIT))

static inline pte_t pmd_pte(pmd_t e)
{
	return __pte(pmd_val(e) | PTE_TABLE_BIT);
}

static inline pmd_t pte_pmd(pte_t e)
{
	return __pmd(pte_val(e) & ~PTE_TABLE_BIT);
}

/* Hidden from the hardware (break before make), and shown again. */
static inline pmd_t pmd_mkinvalid(pmd_t e)
{
	return __pmd(pmd_val(e) & ~PTE_VALID);
}

static inline pmd_t pmd_mkvalid(pmd_t e)
{
	return pmd_val(e) & PTE_PROT_NONE ? e : __pmd(pmd_val(e) | PTE_VALID);
}

static inline pgprot_t pte_pgprot(pte_t e)
{
	return __pgprot(pte_val(e) & ~PTE_ADDR_MASK);
}

/* ---- Reading and writing live entries -------------------------------- */

#define ptep_get(ptep) READ_ONCE(*(ptep))
#define pmdp_get(pmdp) READ_ONCE(*(pmdp))
#define pudp_get(pudp) READ_ONCE(*(pudp))
#define pgdp_get(pgdp) READ_ONCE(*(pgdp))

/*
 * The dsb is for the table walkers of all CPUs, the isb for this CPU's next
 * instruction, which may use a kernel mapping at once. A user mapping is
 * used after an eret; a walker that still misses it takes a harmless fault.
 */
static inline void set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
	if ((pte_val(pte) & (PTE_VALID | PTE_NG)) == PTE_VALID) {
		dsb(ishst);
		isb();
	}
}

#define __SET_UPPER(t)                                \
	static inline void set_##t(t##_t *p, t##_t e) \
	{                                             \
		WRITE_ONCE(*p, e);                    \
		if (t##_present(e)) {                 \
			dsb(ishst);                   \
			isb();                        \
		}                                     \
	}

__SET_UPPER(pmd)
__SET_UPPER(pud)
__SET_UPPER(pgd)

#define pte_clear(ptep) set_pte(ptep, __pte(0))
#define pmd_clear(pmdp) set_pmd(pmdp, __pmd(0))
#define pud_clear(pudp) set_pud(pudp, __pud(0))
#define pgd_clear(pgdp) set_pgd(pgdp, __pgd(0))

/*
 * Nothing but the CPU's own software writes entries (no hardware dirty
 * state), so under the table's lock these need no atomic instruction.
 */
static inline pte_t ptep_get_and_clear(pte_t *ptep)
{
	pte_t old = ptep_get(ptep);

	WRITE_ONCE(*ptep, __pte(0));
	return old;
}

static inline void ptep_set_wrprotect(pte_t *ptep)
{
	WRITE_ONCE(*ptep, pte_wrprotect(ptep_get(ptep)));
}

static inline bool ptep_test_and_clear_young(pte_t *ptep)
{
	pte_t old = ptep_get(ptep);

	if (pte_young(old))
		WRITE_ONCE(*ptep, pte_mkold(old));
	return pte_young(old);
}
#endif
#endif
