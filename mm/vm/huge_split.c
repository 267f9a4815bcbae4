// SPDX-License-Identifier: MIT
/*
 * A transparent huge page becomes 512 ordinary ones, for all who map it.
 *
 *	all PMDs     invalid (still huge for software), TLB flushed
 *	the page     512 pages, each with as many mappings
 *	all PMDs     tables of 512 PTEs with the rights of the block
 *
 * It cannot fail: the tables have been lying in reserve since the fault.
 * Reclaim's own look at huge pages, which begins at the page, is here as well.
 *
 * Lock: anon_vma->rwsem, as huge_memory.c says; there the rules are, too.
 */
#include <base/bug.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/internal.h>

static void hide_pmd(struct mm_struct *mm, pmd_t *pmd, unsigned long addr)
{
	set_pmd(pmd, pmd_mkinvalid(*pmd));
	flush_tlb_page(&mm->arch, addr);
}

/* The hidden block becomes a table; of the huge zero page, of zero pages. */
static void pmd_to_table(struct mm_struct *mm, pmd_t *pmd, unsigned long addr)
{
	struct page *table = pgtable_withdraw(pmd);
	pte_t entry = pmd_pte(pmd_mkvalid(*pmd)), *pte = page_address(table);
	unsigned long step = PAGE_SIZE;

	(void)mm, (void)addr;
	VM_BUG_ON(pt_live(pte));
	if (pte_special(entry)) {
		entry = pfn_pte(zero_pfn, pte_pgprot(entry));
		step = 0;
	}
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		set_pte(pte + i, __pte(pte_val(entry) + i * step));
	pt_add(pte, PTRS_PER_PTE);
	smp_wmb(); /* the PTEs before the table that shows them */
	set_pmd(pmd, mk_pmd_table(page_to_phys(table)));
	count_vm_event(THP_SPLIT_PMD);
}

pmd_t *huge_pmd_of(const struct page *page, const struct vm_area_struct *vma)
{
	pmd_t *pmd = pmd_walk(vma->vm_mm->pgd, vma_address(page, vma)), e;

	if (!pmd)
		return NULL;
	e = pmdp_get(pmd);
	return pmd_trans_huge(e) && phys_to_page(pmd_page_pa(e)) == page ? pmd :
									   NULL;
}

/* Do fn with each PMD, locked, that maps the huge page. */
static void for_each_huge_pmd(struct page *page,
			      void (*fn)(struct mm_struct *mm, pmd_t *pmd,
					 unsigned long addr))
{
	struct rb_root *root = &page_anon_vma(page)->rb_root;
	struct vma_interval *iv;

	vma_interval_foreach(iv, root, page->index, page->index)
	{
		struct vm_area_struct *vma =
			container_of(iv, struct vm_area_struct, anon);
		pmd_t *pmd = huge_pmd_of(page, vma);

		if (!pmd)
			continue;
		spin_lock(ptl_of(pmd));
		fn(vma->vm_mm, pmd, vma_address(page, vma));
		spin_unlock(ptl_of(pmd));
	}
}

/* One compound page becomes 512 pages, each mapped as often. */
static void dissolve(struct page *head)
{
	const unsigned long inherit =
		(1UL << PG_swapbacked) | (1UL << PG_uptodate) |
		(1UL << PG_active) | (1UL << PG_dirty) |
		(1UL << PG_referenced) | (1UL << PG_arch_1);
	int maps = page_mapcount(head);

	VM_BUG_ON_PAGE(page_ref_count(head) < maps, head);
	for (unsigned long i = 1; i < HPAGE_PMD_NR; i++) {
		struct page *page = head + i;

		VM_BUG_ON_PAGE(compound_head(page) != head, page);
		page->flags |= head->flags & inherit;
		page->mapping = head->mapping;
		page->index = head->index + i;
		page->private = 0;
		page->alloc_site = head->alloc_site;
		atomic_set(&page->_mapcount, maps - 1);
		set_page_count(page, maps);
		page->compound_order = 0;
		smp_store_release(&page->compound_head, 0);
	}
	lru_add_split(head, HPAGE_PMD_NR);
	ClearPageHead(head);
	mod_node_page_state(page_pgdat(head), NR_ANON_THPS,
			    -(long)HPAGE_PMD_NR);
	count_vm_event(THP_SPLIT_PAGE);
}

void split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long addr)
{
	struct anon_vma *av = vma->anon_vma;
	pmd_t e;

	if (!av)
		return;
	down_write(&av->rwsem);
	e = pmdp_get(pmd);
	if (pmd_trans_huge(e) && pte_special(pmd_pte(e))) {
		spin_lock(ptl_of(pmd));
		hide_pmd(vma->vm_mm, pmd, addr);
		pmd_to_table(vma->vm_mm, pmd, addr);
		spin_unlock(ptl_of(pmd));
	} else if (pmd_trans_huge(e)) {
		struct page *page = phys_to_page(pmd_page_pa(e));

		for_each_huge_pmd(page, hide_pmd);
		dissolve(page);
		for_each_huge_pmd(page, pmd_to_table);
	}
	up_write(&av->rwsem);
}

bool split_huge_page(struct page *page)
{
	struct anon_vma *av = page_lock_anon_vma_write(page);

	if (!av)
		return false;
	if (PageHead(page)) {
		for_each_huge_pmd(page, hide_pmd);
		dissolve(page);
		for_each_huge_pmd(page, pmd_to_table);
	}
	page_unlock_anon_vma_write(av);
	return true;
}

bool huge_pmd_clear_young(struct page *page, struct vm_area_struct *vma,
			  unsigned long addr)
{
	pmd_t *pmd = huge_pmd_of(page, vma);
	pte_t pte;

	spin_lock(ptl_of(pmd));
	pte = pmd_pte(*pmd);
	if (pte_young(pte)) {
		set_pmd(pmd, pte_pmd(pte_mkold(pte)));
		flush_tlb_page(&vma->vm_mm->arch, addr);
	}
	spin_unlock(ptl_of(pmd));
	return pte_young(pte);
}

void __vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long addr)
{
	pmd_t *pmd = pmd_walk(vma->vm_mm->pgd, addr);

	if (pmd && pmd_trans_huge(pmdp_get(pmd)) && !is_vm_hugetlb_page(vma))
		split_huge_pmd(vma, pmd, addr);
}
