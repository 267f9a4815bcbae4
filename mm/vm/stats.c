// SPDX-License-Identifier: MIT
/*
 * VMAs described for /proc: rights, names, the sums of smaps; and page by
 * page: pagemap, clear_refs.
 *
 * Each page of a VMA is charged to it in full (Rss) and by its share (Pss):
 * a page that n page tables map counts a 1/n-th for each. With one mapping
 * it is private, else shared; with a dirty entry or page it is dirty.
 *
 * Lock: mmap_lock for reading; page table locks for each table.
 */
#include <lib/seq_buf.h>
#include <lib/string.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

#define PSS_SHIFT 12

void vma_flags_str(const struct vm_area_struct *vma, char s[5])
{
	vm_flags_t f = vma->vm_flags;

	s[0] = f & VM_READ ? 'r' : '-';
	s[1] = f & VM_WRITE ? 'w' : '-';
	s[2] = f & VM_EXEC ? 'x' : '-';
	s[3] = f & VM_MAYSHARE ? 's' : 'p';
	s[4] = '\0';
}

const char *vma_name(struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_ops && vma->vm_ops->name)
		return vma->vm_ops->name(vma);
	if (vma->vm_file)
		return NULL;
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk &&
	    mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack &&
	    vma->vm_end >= mm->start_stack && mm->start_stack)
		return "[stack]";
	return NULL;
}

void vma_vmflags_show(struct seq_buf *s, const struct vm_area_struct *vma)
{
	static const char names[32][3] = {
		"rd", "wr", "ex", "sh", "mr", "mw", "me", "ms",
		"gd", "",   "pf", "",	"",   "lo", "io", "sr",
		"rr", "dc", "de", "??", "ac", "nr", "ht", "sf",
		"",   "wf", "dd", "sd", "mm", "hg", "nh", "mg",
	};

	for (unsigned int i = 0; i < 32; i++)
		if ((vma->vm_flags & (1UL << i)) && names[i][0])
			seq_buf_printf(s, "%s ", names[i]);
}

/* size: of what the entry maps, in bytes */
static void add_page(struct mm_vma_stats *st, const struct page *page,
		     pte_t pte, unsigned long size, bool locked)
{
	bool dirty = pte_dirty(pte) || PageDirty(page);
	unsigned int maps = (unsigned int)max(page_mapcount(page), 1);
	u64 pss = ((u64)size << PSS_SHIFT) / maps;

	st->rss += size;
	st->pss += pss;
	if (dirty)
		st->pss_dirty += pss;
	if (pte_young(pte) || PageReferenced(page))
		st->referenced += size;
	if (PageAnon(page)) {
		st->anonymous += size;
		st->pss_anon += pss;
		if (!dirty && !PageSwapCache(page))
			st->lazyfree += size;
	} else if (PageSwapBacked(page)) {
		st->pss_shmem += pss;
	} else {
		st->pss_file += pss;
	}
	if (locked) {
		st->pss_locked += pss;
		st->locked += size;
	}
	if (maps > 1)
		*(dirty ? &st->shared_dirty : &st->shared_clean) += size;
	else
		*(dirty ? &st->private_dirty : &st->private_clean) += size;
}

/* ---- walking the tables -------------------------------------------------- */

/* An entry that the walk meets, of a page or in swap; its table is locked. */
struct slot {
	pte_t pte;	    /* of a huge page: of its first page */
	pte_t *ptep;	    /* where it is; NULL: it is a block, */
	pmd_t *pmdp;	    /* ... here */
	unsigned long addr; /* what it maps */
	unsigned long size;
};

typedef void (*slot_fn)(const struct slot *slot, void *arg);

static void walk_table(pte_t *ptep, unsigned long addr, unsigned long end,
		       slot_fn fn, void *arg)
{
	struct slot slot = { .size = PAGE_SIZE };

	for (; addr != end; ptep++, addr += PAGE_SIZE) {
		slot.pte = ptep_get(ptep);
		slot.ptep = ptep;
		slot.addr = addr;
		if (!pte_none(slot.pte))
			fn(&slot, arg);
	}
}

/* => false: it is a table by now */
static bool walk_block(pmd_t *pmd, unsigned long addr, unsigned long end,
		       slot_fn fn, void *arg)
{
	pmd_t e = pmdp_get(pmd);
	/* One being split is hidden, but it is there. */
	struct slot slot = { .pte = pmd_pte(pmd_mkvalid(e)),
			     .pmdp = pmd,
			     .addr = addr,
			     .size = end - addr };

	if (pmd_trans_huge(e))
		fn(&slot, arg);
	return pmd_none(e) || pmd_trans_huge(e);
}

/* Call fn for each entry in use of [addr, end). => mmap_lock held */
static void walk_slots(struct mm_struct *mm, unsigned long addr,
		       unsigned long end, slot_fn fn, void *arg)
{
	while (addr < end) {
		unsigned long next;
		spinlock_t *ptl;
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(mm->pgd, addr, end, &pte, &pmd);
		if (addr >= end)
			return;
		next = pmd_addr_end(addr, end);
		if (unlikely(!pmd)) { /* a block as large as a table of them */
			pmd = (pmd_t *)pud_offset(pgd_offset(mm->pgd, addr),
						  addr);
			next = pud_addr_end(addr, end);
		}
		ptl = pte ? pte_lockptr(pmd) : ptl_of(pmd);
		spin_lock(ptl);
		if (pte)
			walk_table(pte, addr, next, fn, arg);
		else if (!walk_block(pmd, addr, next, fn, arg))
			next = addr;
		spin_unlock(ptl);
		addr = next;
		cond_resched();
	}
}

/* ---- smaps --------------------------------------------------------------- */

static void add_swap(struct mm_vma_stats *st, swp_entry_t entry)
{
	unsigned int users = (unsigned int)max(swp_swapcount(entry), 1);

	st->swap += PAGE_SIZE;
	st->swap_pss += (PAGE_SIZE << PSS_SHIFT) / users;
}

struct stats_walk {
	struct mm_vma_stats *st;
	bool locked;
};

static void stats_slot(const struct slot *slot, void *arg)
{
	struct stats_walk *w = arg;
	struct page *page;

	if (is_swap_pte(slot->pte)) {
		add_swap(w->st, pte_to_swp_entry(slot->pte));
		return;
	}
	page = vm_normal_page(slot->pte);
	/* Linux does not look behind PROT_NONE of a huge page. */
	if (!page || (!slot->ptep && pte_protnone(slot->pte)))
		return;
	add_page(w->st, page, slot->pte, slot->size, w->locked);
	if (!slot->ptep)
		w->st->anonymous_thp += slot->size;
}

void mm_vma_stats(struct vm_area_struct *vma, struct mm_vma_stats *st)
{
	struct stats_walk w = { .st = st, .locked = vma->vm_flags & VM_LOCKED };

	if (is_vm_hugetlb_page(vma))
		hugetlb_stats(vma, st);
	else if (vma->vm_mapping && mapping_is_shmem(vma->vm_mapping))
		st->swap += shmem_swap_usage(vma) << PAGE_SHIFT;
	if (!is_vm_hugetlb_page(vma))
		walk_slots(vma->vm_mm, vma->vm_start, vma->vm_end, stats_slot,
			   &w);
}

/* ---- pagemap ------------------------------------------------------------- */

#define PM_PFN_MASK	  ((1ULL << 55) - 1)
#define PM_MMAP_EXCLUSIVE (1ULL << 56)
#define PM_FILE		  (1ULL << 61)
#define PM_SWAP		  (1ULL << 62)
#define PM_PRESENT	  (1ULL << 63)

struct pagemap_walk {
	unsigned long start;
	u64 *out;
	bool pfns;
};

static void pagemap_slot(const struct slot *slot, void *arg)
{
	struct pagemap_walk *w = arg;
	u64 *out = w->out + ((slot->addr - w->start) >> PAGE_SHIFT);
	u64 pfn = pte_pfn(slot->pte), entry = PM_PRESENT;
	struct page *page;

	if (is_swap_pte(slot->pte)) {
		*out = PM_SWAP;
		if (w->pfns)
			*out |= pte_swp_type(slot->pte) |
				pte_swp_offset(slot->pte) << SWP_TYPE_BITS;
		return;
	}
	page = vm_normal_page(slot->pte);
	/* The walk may begin within a huge page. */
	if (!slot->ptep)
		pfn += (slot->addr >> PAGE_SHIFT) &
		       (compound_nr(pfn_to_page(pfn)) - 1);
	if (page && !PageAnon(page))
		entry |= PM_FILE;
	if (page && page_mapcount(page) == 1)
		entry |= PM_MMAP_EXCLUSIVE;
	for (unsigned long i = 0; i < slot->size >> PAGE_SHIFT; i++)
		out[i] = entry | (w->pfns ? (pfn + i) & PM_PFN_MASK : 0);
}

int mm_pagemap(struct mm_struct *mm, unsigned long start, u64 *out, size_t n,
	       bool pfns)
{
	struct pagemap_walk w = { .start = start, .out = out, .pfns = pfns };
	int err = down_read_killable(&mm->mmap_lock);

	if (err)
		return err;
	memset(out, 0, n * sizeof(*out));
	walk_slots(mm, start, start + n * PAGE_SIZE, pagemap_slot, &w);
	up_read(&mm->mmap_lock);
	return 0;
}

/* ---- clear_refs ---------------------------------------------------------- */

static void age_slot(const struct slot *slot, void *arg __unused)
{
	struct page *page = pte_present(slot->pte) ? vm_normal_page(slot->pte) :
						     NULL;

	if (!page)
		return;
	if (slot->ptep)
		ptep_test_and_clear_young(slot->ptep);
	else
		/* For an entry's age its table's lock will do. */
		set_pmd(slot->pmdp, pte_pmd(pte_mkold(pmd_pte(*slot->pmdp))));
	ClearPageReferenced(page);
}

int mm_clear_refs(struct mm_struct *mm, enum clear_refs what)
{
	struct vm_area_struct *vma;
	int err = down_write_killable(&mm->mmap_lock);

	if (err)
		return err;
	if (what == CLEAR_REFS_MM_HIWATER_RSS)
		mm->hiwater_rss = get_mm_rss(mm);
	if (what > CLEAR_REFS_MAPPED)
		goto out;
	for_each_vma(mm, vma) {
		if ((vma->vm_flags & (VM_PFNMAP | VM_HUGETLB)) ||
		    (what == CLEAR_REFS_ANON && vma->vm_file) ||
		    (what == CLEAR_REFS_MAPPED && !vma->vm_file))
			continue;
		walk_slots(mm, vma->vm_start, vma->vm_end, age_slot, NULL);
	}
	/* An old entry in no TLB: the next access faults and is seen. */
	flush_tlb_mm(&mm->arch);
out:
	up_write(&mm->mmap_lock);
	return 0;
}
