// SPDX-License-Identifier: MIT
/*
 * Transparent huge pages: 2 MiB of anonymous memory from one fault, behind
 * one page-table entry and one TLB entry.
 *
 *	pmd table   [ table ][ block ][ table ]     reserve: o   (one table
 *	                |        |                               per block)
 *	             512 PTEs    '--> compound page of order 9
 *
 * A huge page is one compound page: one reference and one mapping counted in
 * its head for each PMD that maps it, in whatever process. It is mapped by
 * PMDs or it is no huge page: where a part of it is to change (unmapped, other
 * rights, a copy of one page after fork) it is split, for all who map it, into
 * 512 ordinary pages, and the PTE tables for that have been lying in reserve
 * since the fault. So a split needs no memory (huge_split.c), and nothing that
 * handles PTEs has to know of huge pages.
 *
 * Rule: a PMD that maps a huge page is changed with its VMA's anon_vma->rwsem
 * held and then the lock of its table; so a split, under the first, meets
 * nobody. To look, the second will do. An empty PMD needs only the second.
 *
 * Callers: the walks of mm/vm, where they find no table.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/phys/report.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

int transparent_hugepage_mode, transparent_hugepage_defrag;
bool transparent_hugepage_use_zero_page;

static struct page *huge_zero_page;

/* Small machines are better off without, says Linux; so it is here. */
void hugepage_init(void)
{
	if (totalram_pages() < 512UL << (20 - PAGE_SHIFT))
		return;
	transparent_hugepage_mode = THP_ALWAYS;
	transparent_hugepage_defrag = THP_DEFRAG_MADVISE;
	transparent_hugepage_use_zero_page = true;
}

/* ---- locks --------------------------------------------------------------- */

/*
 * Lock *pmd to change it. => false, and nothing locked: it maps no huge page
 * (any more)
 */
static bool huge_pmd_lock(const struct vm_area_struct *vma, pmd_t *pmd)
{
	/* Without an anon_vma nothing was ever faulted in. */
	if (!vma->anon_vma)
		return false;
	down_write(&vma->anon_vma->rwsem);
	spin_lock(ptl_of(pmd));
	if (likely(pmd_trans_huge(*pmd)))
		return true;
	spin_unlock(ptl_of(pmd));
	up_write(&vma->anon_vma->rwsem);
	return false;
}

static void huge_pmd_unlock(const struct vm_area_struct *vma, pmd_t *pmd)
{
	spin_unlock(ptl_of(pmd));
	up_write(&vma->anon_vma->rwsem);
}

/* ---- making one ---------------------------------------------------------- */

static bool may_be_huge(const struct vm_area_struct *vma)
{
	unsigned long last = (vma->vm_end - HPAGE_PMD_SIZE) & HPAGE_PMD_MASK;

	return vma_is_anonymous(vma) && !vma->vm_mm->thp_disabled &&
	       !(vma->vm_flags &
		 (VM_NOHUGEPAGE | VM_SPECIAL | VM_HUGETLB | VM_LOCKED)) &&
	       vma->vm_end >= HPAGE_PMD_SIZE && last >= vma->vm_start;
}

bool hugepage_vma_check(const struct vm_area_struct *vma)
{
	return transparent_hugepage_mode != THP_NEVER &&
	       (transparent_hugepage_mode == THP_ALWAYS ||
		(vma->vm_flags & VM_HUGEPAGE)) &&
	       may_be_huge(vma);
}

/* How hard to look for 2 MiB in one piece, as the defrag setting has it. */
static gfp_t thp_gfp(bool advised)
{
	const gfp_t light = (GFP_HIGHUSER_MOVABLE | __GFP_COMP | __GFP_NOWARN |
			     __GFP_NOMEMALLOC) &
			    ~__GFP_RECLAIM;

	switch (transparent_hugepage_defrag) {
	case THP_DEFRAG_ALWAYS:
		return light | __GFP_DIRECT_RECLAIM |
		       (advised ? 0 : __GFP_NORETRY);
	case THP_DEFRAG_DEFER:
		return light | __GFP_KSWAPD_RECLAIM;
	case THP_DEFRAG_DEFER_MADVISE:
		return light |
		       (advised ? __GFP_DIRECT_RECLAIM : __GFP_KSWAPD_RECLAIM);
	case THP_DEFRAG_MADVISE:
		return light | (advised ? __GFP_DIRECT_RECLAIM : 0);
	default:
		return light;
	}
}

/* Made when first needed, kept from then on. => NULL: no memory */
static struct page *get_huge_zero_page(void)
{
	static DEFINE_SPINLOCK(lock);
	struct page *page = READ_ONCE(huge_zero_page);

	if (page)
		return page;
	page = alloc_pages(thp_gfp(false) | __GFP_ZERO, HPAGE_PMD_ORDER);
	if (!page) {
		count_vm_event(THP_ZERO_PAGE_ALLOC_FAILED);
		return NULL;
	}
	spin_lock(&lock);
	if (!huge_zero_page) {
		count_vm_event(THP_ZERO_PAGE_ALLOC);
		smp_store_release(&huge_zero_page, page);
		page = NULL;
	}
	spin_unlock(&lock);
	if (page)
		put_page(page);
	return huge_zero_page;
}

/* => the entry for a huge page of vma at haddr; *pagep NULL: of zeroes */
static bool make_huge_entry(const struct vm_fault *vmf, struct page **pagep,
			    pte_t *entry)
{
	const struct vm_area_struct *vma = vmf->vma;
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	struct page *page;

	if (!write && transparent_hugepage_use_zero_page) {
		page = get_huge_zero_page();
		if (!page)
			return false;
		*entry = pte_mkspecial(
			pfn_pte(page_to_pfn(page), vma->vm_page_prot));
		*pagep = NULL;
		return true;
	}
	page = alloc_pages(thp_gfp(vma->vm_flags & VM_HUGEPAGE) | __GFP_ZERO,
			   HPAGE_PMD_ORDER);
	if (!page)
		return false;
	*entry = pte_mkdirty(pfn_pte(page_to_pfn(page), vma->vm_page_prot));
	if (vma->vm_flags & VM_WRITE)
		*entry = pte_mkwrite(*entry);
	*pagep = page;
	return true;
}

/* Put entry into the empty *pmd. => false: it is not empty any more */
static bool set_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd,
			 unsigned long haddr, struct page *page, pte_t entry,
			 struct page *table)
{
	bool empty;

	spin_lock(ptl_of(pmd));
	empty = pmd_none(*pmd);
	if (likely(empty)) {
		if (page) {
			page_add_new_huge_rmap(page, vma, haddr);
			add_mm_counter(vma->vm_mm, MM_ANONPAGES, HPAGE_PMD_NR);
		}
		pgtable_deposit(pmd, table);
		smp_wmb(); /* the zeroes before the entry that shows them */
		set_pmd(pmd, pte_pmd(entry));
		pt_inc(pmd);
	}
	spin_unlock(ptl_of(pmd));
	return empty;
}

static void free_reserve(struct mm_struct *mm, struct page *table)
{
	pte_table_free(table);
	atomic_long_sub(PAGE_SIZE, &mm->pgtables_bytes);
}

/* A table for the reserve. => NULL: no memory */
static struct page *alloc_reserve(struct mm_struct *mm)
{
	struct page *table = pte_table_alloc(GFP_KERNEL);

	if (table)
		atomic_long_add(PAGE_SIZE, &mm->pgtables_bytes);
	return table;
}

static vm_fault_t do_huge_pmd_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long haddr = vmf->address & HPAGE_PMD_MASK;
	struct page *page, *table;
	pmd_t *pmd;
	pte_t entry;

	if (haddr < vma->vm_start || haddr + HPAGE_PMD_SIZE > vma->vm_end)
		return VM_FAULT_FALLBACK;
	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	if (!make_huge_entry(vmf, &page, &entry)) {
		count_vm_event(THP_FAULT_FALLBACK);
		return VM_FAULT_FALLBACK;
	}
	pmd = mm_pmd_alloc(vma->vm_mm, haddr);
	table = pmd ? alloc_reserve(vma->vm_mm) : NULL;
	if (unlikely(!table)) {
		if (page)
			put_page(page);
		return VM_FAULT_OOM;
	}
	if (unlikely(!set_huge_pmd(vma, pmd, haddr, page, entry, table))) {
		free_reserve(vma->vm_mm, table);
		if (page)
			put_page(page);
		return VM_FAULT_FALLBACK;
	}
	if (page)
		count_vm_event(THP_FAULT_ALLOC);
	return 0;
}

/* ---- collapsing: mmap_lock is held for writing --------------------------- */

/* Is one of the entries writable? A range never written is not worth it. */
static bool any_writable(const pte_t *pte)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		if (pte_present(pte[i]) && pte_write(pte[i]))
			return true;
	return false;
}

static bool any_swapped(const pte_t *pte)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		if (is_swap_pte(pte[i]))
			return true;
	return false;
}

/* Empty the table into the huge page. => pages that were there */
static long gather_pages(struct page *huge, pte_t *pte)
{
	long present = 0;

	for (unsigned int i = 0; i < PTRS_PER_PTE; i++, pte++) {
		void *to = page_address(huge + i);
		struct page *page;

		if (pte_none(*pte)) {
			clear_page(to);
			continue;
		}
		VM_BUG_ON(!pte_present(*pte));
		page = vm_normal_page(ptep_get_and_clear(pte));
		pt_dec(pte);
		if (!page) {
			clear_page(to);
			continue;
		}
		copy_page(to, page_address(page));
		page_remove_rmap(page);
		free_swap_cache(page);
		put_page(page);
		present++;
	}
	return present;
}

/*
 * The table at haddr becomes a huge page. Others may look for its pages by
 * the reverse map, whose lock is held meanwhile; nobody else may look at all.
 */
static int collapse_huge_page(struct vm_area_struct *vma, unsigned long haddr)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = pmd_walk(mm->pgd, haddr);
	struct page *huge, *table;
	pte_t entry;
	int err;

	if (!pmd || pmd_none(*pmd))
		return -EINVAL;
	if (pmd_trans_huge(*pmd))
		return 0;
	table = pmd_table_page(*pmd);
	if (!vma->anon_vma || !any_writable(page_address(table)))
		return -EINVAL;
	err = swap_in_range(vma, haddr, haddr + HPAGE_PMD_SIZE, ANY_AREA);
	if (err)
		return err;
	huge = alloc_pages(thp_gfp(true) | __GFP_DIRECT_RECLAIM,
			   HPAGE_PMD_ORDER);
	count_vm_event(huge ? THP_COLLAPSE_ALLOC : THP_COLLAPSE_ALLOC_FAILED);
	if (!huge)
		return -ENOMEM;

	down_write(&vma->anon_vma->rwsem);
	if (unlikely(any_swapped(page_address(table)))) { /* again */
		up_write(&vma->anon_vma->rwsem);
		put_page(huge);
		return -EAGAIN;
	}
	spin_lock(ptl_of(pmd));
	pmd_clear(pmd);
	pt_dec(pmd);
	spin_unlock(ptl_of(pmd));
	flush_tlb_mm(&mm->arch); /* what walkers remember of the table, too */
	add_mm_counter(mm, MM_ANONPAGES,
		       -gather_pages(huge, page_address(table)));
	if (vma->vm_flags & VM_EXEC)
		sync_exec_page(huge);
	entry = pte_mkdirty(pfn_pte(page_to_pfn(huge), vma->vm_page_prot));
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite(entry);
	set_huge_pmd(vma, pmd, haddr, huge, entry, table);
	up_write(&vma->anon_vma->rwsem);
	return 0;
}

int madvise_collapse(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	unsigned long addr = ALIGN(start, HPAGE_PMD_SIZE);
	int err = 0, this;

	if (!may_be_huge(vma))
		return -EINVAL;
	for (; addr + HPAGE_PMD_SIZE <= end; addr += HPAGE_PMD_SIZE) {
		this = collapse_huge_page(vma, addr);
		if (this)
			err = this;
		cond_resched();
	}
	return err;
}

/* ---- using one ----------------------------------------------------------- */

/* An access faulted on a block: age, dirt, or a page that is shared. */
static vm_fault_t touch_huge_pmd(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	struct page *page;
	pte_t old, new;

	if (!huge_pmd_lock(vma, vmf->pmd))
		return VM_FAULT_FALLBACK;
	old = pmd_pte(*vmf->pmd);
	page = vm_normal_page(old);
	new = pte_mkyoung(old);
	if (write && !pte_write(old)) {
		/* Alone: nobody can begin to share it while it is locked. */
		if (!page || page_mapcount(page) != 1 ||
		    !(vma->vm_flags & VM_WRITE)) { /* a forced write */
			huge_pmd_unlock(vma, vmf->pmd);
			split_huge_pmd(vma, vmf->pmd, vmf->address);
			return VM_FAULT_FALLBACK;
		}
		new = pte_mkwrite(new);
		count_vm_event(PGREUSE);
	}
	if (write)
		new = pte_mkdirty(new);
	if (!pte_same(old, new)) {
		set_pmd(vmf->pmd, pte_pmd(new));
		flush_tlb_page(&vma->vm_mm->arch, vmf->address);
	}
	huge_pmd_unlock(vma, vmf->pmd);
	return 0;
}

vm_fault_t do_huge_fault(struct vm_fault *vmf)
{
	if (is_vm_hugetlb_page(vmf->vma))
		return hugetlb_fault(vmf);
	if (vmf->pmd && !pmd_none(pmdp_get(vmf->pmd)))
		return touch_huge_pmd(vmf);
	if (hugepage_vma_check(vmf->vma))
		return do_huge_pmd_anonymous_page(vmf);
	return VM_FAULT_FALLBACK;
}

/* ---- the other walks ----------------------------------------------------- */

static void forget_huge_mapping(struct page *page)
{
	if (!atomic_add_negative(-1, &page->_mapcount))
		return;
	mod_node_page_state(page_pgdat(page), NR_ANON_MAPPED, -HPAGE_PMD_NR);
	mod_node_page_state(page_pgdat(page), NR_ANON_THPS, -HPAGE_PMD_NR);
}

/*
 * Flushed at once, not gathered: a split for those who still map the page must
 * not let parts of it be freed while an old translation of ours is about.
 */
unsigned long zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma,
			   pmd_t *pmd, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long next = pmd_addr_end(start, end);
	struct page *page, *table;

	if (next - start != HPAGE_PMD_SIZE) {
		split_huge_pmd(vma, pmd, start);
		return start;
	}
	if (!huge_pmd_lock(vma, pmd))
		return start;
	page = vm_normal_page(pmd_pte(*pmd));
	table = pgtable_withdraw(pmd);
	pmd_clear(pmd);
	pt_dec(pmd);
	if (!tlb->fullmm)
		flush_tlb_page(&mm->arch, start);
	if (page) {
		forget_huge_mapping(page);
		tlb->rss[MM_ANONPAGES] += HPAGE_PMD_NR;
	}
	huge_pmd_unlock(vma, pmd);
	free_reserve(mm, table);
	if (page)
		put_page(page);
	return next;
}

int copy_huge_pmd(struct vm_area_struct *dst, struct vm_area_struct *src,
		  pmd_t *src_pmd, unsigned long addr, long *rss, bool *reduced)
{
	struct mm_struct *mm = dst->vm_mm;
	pmd_t *pmd = mm_pmd_alloc(mm, addr);
	struct page *page, *table = pmd ? alloc_reserve(mm) : NULL;
	pte_t entry;

	if (!table)
		return -ENOMEM;
	if (!huge_pmd_lock(src, src_pmd)) {
		free_reserve(mm, table);
		return -EAGAIN;
	}
	spin_lock_nested(ptl_of(pmd), 1);
	VM_BUG_ON(!pmd_none(*pmd));
	entry = pmd_pte(*src_pmd);
	page = vm_normal_page(entry);
	if (page) {
		page_ref_inc(page);
		atomic_inc(&page->_mapcount);
		rss[MM_ANONPAGES] += HPAGE_PMD_NR;
	}
	if (pte_write(entry)) {
		entry = pte_wrprotect(entry);
		set_pmd(src_pmd, pte_pmd(entry));
		*reduced = true;
	}
	pgtable_deposit(pmd, table);
	set_pmd(pmd, pte_pmd(pte_mkold(entry)));
	pt_inc(pmd);
	spin_unlock(ptl_of(pmd));
	huge_pmd_unlock(src, src_pmd);
	return 0;
}

/* The VMA's borders are not inside it: vma_adjust_trans_huge() saw to that. */
bool change_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr)
{
	pte_t old, new;

	if (!huge_pmd_lock(vma, pmd))
		return false;
	old = pmd_pte(*pmd);
	new = new_rights(vma, old);
	if (!pte_same(old, new)) {
		set_pmd(pmd, pte_pmd(new));
		flush_tlb_page(&vma->vm_mm->arch, addr);
	}
	huge_pmd_unlock(vma, pmd);
	return true;
}

void move_pmd(struct mm_struct *mm, pmd_t *from, pmd_t *to, unsigned long old)
{
	spinlock_t *from_ptl = ptl_of(from), *to_ptl = ptl_of(to);
	pmd_t e;

	spin_lock(from_ptl);
	if (to_ptl != from_ptl)
		spin_lock_nested(to_ptl, 1);
	e = *from;
	VM_BUG_ON(pmd_none(e) || !pmd_none(*to));
	pmd_clear(from);
	pt_dec(from);
	flush_tlb_range(&mm->arch, old, old + PMD_SIZE);
	if (pmd_trans_huge(e))
		pgtable_deposit(to, pgtable_withdraw(from));
	set_pmd(to, e);
	pt_inc(to);
	if (to_ptl != from_ptl)
		spin_unlock(to_ptl);
	spin_unlock(from_ptl);
}

/* ---- looking ------------------------------------------------------------- */

/* The entry of va that maps or is none, and the level it is in. */
static pteval_t *leaf_of(pgd_t *pgd, unsigned long va, unsigned long *size)
{
	pmd_t *pmd = pmd_walk(pgd, va);
	pte_t *pte;

	*size = PUD_SIZE;
	if (!pmd) {
		pgd = pgd_offset(pgd, va);
		return pgd_none(*pgd) ? NULL : &pud_offset(pgd, va)->pud;
	}
	pte = pte_walk(pgd, va, NULL);
	*size = pte ? PAGE_SIZE : PMD_SIZE;
	return pte ? &pte->pte : &pmd->pmd;
}

pte_t follow_pte(struct mm_struct *mm, unsigned long addr, spinlock_t **ptlp)
{
	for (;;) {
		unsigned long size;
		pteval_t *leaf = leaf_of(mm->pgd, addr, &size), val;
		spinlock_t *ptl = leaf ? ptl_of(leaf) : NULL;

		if (ptlp)
			*ptlp = NULL;
		if (!leaf)
			return __pte(0);
		if (ptlp)
			spin_lock(ptl);
		val = READ_ONCE(*leaf);
		if (val && (size == PAGE_SIZE || !(val & PTE_TABLE_BIT))) {
			if (ptlp)
				*ptlp = ptl;
			if (size != PAGE_SIZE)
				val += (addr & (size - 1) & PAGE_MASK) |
				       PTE_TABLE_BIT;
			return __pte(val);
		}
		if (ptlp)
			spin_unlock(ptl);
		if (!val)
			return __pte(0);
	}
}
