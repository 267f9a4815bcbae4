// SPDX-License-Identifier: MIT
/*
 * mm_check: two views of one truth, compared.
 *
 *	list of VMAs        vs  tree, gaps, map_count
 *	flags of VMAs       vs  total_vm, data_vm, exec_vm, stack_vm, locked_vm
 *	entries in VMAs     vs  all entries of the page tables, pt_live
 *	pages mapped, in    vs  rss_stat
 *	  swap
 *	page->mapping       vs  the VMA's object or anon_vma
 *	page_mapcount() 1   vs  the reverse map finds exactly that entry
 *
 * Takes mmap_lock for writing, so that threads of this mm stand still; other
 * processes may go on. Prints what is wrong.
 */
#include <base/printk.h>
#include <mm/vm/internal.h>

struct tally {
	struct mm_struct *mm;
	unsigned long bad;
	unsigned long entries; /* PTEs in VMAs that are not empty */
	long rss[NR_MM_COUNTERS];
};

#define complain(t, fmt, ...)                                                  \
	do {                                                                   \
		(t)->bad++;                                                    \
		pr_err("mm_check: mm %px: " fmt "\n", (t)->mm, ##__VA_ARGS__); \
	} while (0)

/* ---- pages --------------------------------------------------------------- */

static void check_page(struct tally *t, struct vm_area_struct *vma,
		       unsigned long addr, pte_t pte, struct page *page)
{
	pgoff_t index = linear_page_index(vma, addr);

	t->rss[mm_counter(page)]++;
	if (page_mapcount(page) < 1 || page_ref_count(page) < 1)
		complain(t, "%lx: page with mapcount %d, refcount %d", addr,
			 page_mapcount(page), page_ref_count(page));
	if (page_ref_count(page) < page_mapcount(page))
		complain(t, "%lx: fewer references than mappings", addr);
	if (PageAnon(page)) {
		if (page_anon_vma(page) != vma->anon_vma)
			complain(t, "%lx: page of another anon_vma", addr);
		if (page->index != index)
			complain(t, "%lx: index %lx, should be %lx", addr,
				 page->index, index);
		if (pte_write(pte) &&
		    (page_mapcount(page) != 1 || page_swapcount(page)))
			complain(t, "%lx: shared anonymous page is writable",
				 addr);
	} else if (page->mapping && vma->vm_mapping &&
		   (page->mapping != vma->vm_mapping || page->index != index)) {
		complain(t, "%lx: page of another object or offset", addr);
	}
	if (pte_write(pte) && !(vma->vm_flags & VM_WRITE))
		complain(t, "%lx: writable entry in read-only VMA", addr);
}

static void check_swap_entry(struct tally *t, const struct vm_area_struct *vma,
			     unsigned long addr, swp_entry_t entry)
{
	if (!vma->anon_vma)
		complain(t, "%lx: swap entry without an anon_vma", addr);
	if (!is_swapin_error_entry(entry) && swp_swapcount(entry) < 1)
		complain(t, "%lx: swap entry %lx of a free slot", addr,
			 entry.val);
}

static void check_entry(struct tally *t, struct vm_area_struct *vma,
			unsigned long addr, pte_t pte)
{
	struct page *page;

	if (pte_none(pte))
		return;
	t->entries++;
	if (!pte_present(pte)) {
		t->rss[MM_SWAPENTS] += swap_pte_count(pte);
		check_swap_entry(t, vma, addr, pte_to_swp_entry(pte));
		return;
	}
	page = vm_normal_page(pte);
	if (!page) {
		if (pte_write(pte) || (!is_zero_pfn(pte_pfn(pte)) &&
				       !(vma->vm_flags & VM_PFNMAP)))
			complain(t, "%lx: bad zero page entry", addr);
		return;
	}
	check_page(t, vma, addr, pte, page);
	if (PageAnon(page) && page_mapcount(page) == 1 &&
	    page_count_mappings(page) != 1)
		complain(t, "%lx: the reverse map does not find it", addr);
}

/* => false: another process has just had it split */
static bool check_huge_entry(struct tally *t, struct vm_area_struct *vma,
			     unsigned long addr, pmd_t pmd)
{
	pte_t pte = pmd_pte(pmd);
	struct page *page = vm_normal_page(pte);

	if (!pmd_trans_huge(pmd))
		return false;
	t->entries++;
	if (addr & ~HPAGE_PMD_MASK || addr + HPAGE_PMD_SIZE > vma->vm_end)
		complain(t, "%lx: huge page across a border", addr);
	if (!page)
		return true;
	if (compound_order(page) != HPAGE_PMD_ORDER)
		complain(t, "%lx: not a huge page", addr);
	check_page(t, vma, addr, pte, page);
	t->rss[MM_ANONPAGES] += HPAGE_PMD_NR - 1;
	if (page_mapcount(page) == 1 && page_count_mappings(page) != 1)
		complain(t, "%lx: the reverse map does not find it", addr);
	return true;
}

static void check_vma_pages(struct tally *t, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start, end = vma->vm_end, bad = 0;

	if (is_vm_hugetlb_page(vma)) {
		t->entries += hugetlb_check(vma, &bad);
		if (bad)
			complain(t, "%lx: %lu bad huge pages", addr, bad);
		return;
	}
	while (addr < end) {
		unsigned long next;
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(t->mm->pgd, addr, end, &pte, &pmd);
		if (addr >= end)
			return;
		next = pmd_addr_end(addr, end);
		if (!pte) {
			if (check_huge_entry(t, vma, addr, pmdp_get(pmd)))
				addr = next;
			continue;
		}
		for (; addr != next; pte++, addr += PAGE_SIZE)
			check_entry(t, vma, addr, ptep_get(pte));
	}
}

static unsigned long count_entries(struct mm_struct *mm)
{
	unsigned long addr = 0, n = 0;

	while (addr < TASK_SIZE) {
		unsigned long next;
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(mm->pgd, addr, TASK_SIZE, &pte, &pmd);
		if (addr >= TASK_SIZE)
			break;
		next = pmd_addr_end(addr, TASK_SIZE);
		if (!pte) {
			n++;
			addr = pmd ? next : pud_addr_end(addr, TASK_SIZE);
			continue;
		}
		for (; addr != next; pte++, addr += PAGE_SIZE)
			n += !pte_none(ptep_get(pte));
	}
	return n;
}

/* ---- sums ---------------------------------------------------------------- */

static void check_vma(struct tally *t, struct vm_area_struct *vma)
{
	if (!vma->vm_ops && vma->vm_mapping)
		complain(t, "%lx: object without operations", vma->vm_start);
	if ((vma->vm_flags & VM_SHARED) && !(vma->vm_flags & VM_MAYSHARE))
		complain(t, "%lx: shared but not MAYSHARE", vma->vm_start);
	if (pgprot_val(vma->vm_page_prot) & PTE_WRITE &&
	    is_cow_mapping(vma->vm_flags))
		complain(t, "%lx: private VMA with writable protection",
			 vma->vm_start);
	if (vma->anon_vma &&
	    (vma->anon.first != vma->vm_pgoff ||
	     vma->anon.last != vma->vm_pgoff + vma_pages(vma) - 1))
		complain(t, "%lx: wrong interval in anon_vma", vma->vm_start);
	if (vma->vm_mapping &&
	    (vma->shared.first != vma->vm_pgoff ||
	     vma->shared.last != vma->vm_pgoff + vma_pages(vma) - 1))
		complain(t, "%lx: wrong interval in i_mmap", vma->vm_start);
}

static void check_sums(struct tally *t)
{
	struct mm_struct *mm = t->mm, sum = { .total_vm = 0 };
	struct vm_area_struct *vma;

	for_each_vma(mm, vma) {
		vm_stat_account(&sum, vma->vm_flags, (long)vma_pages(vma));
		if (vma->vm_flags & VM_LOCKED)
			sum.locked_vm += vma_pages(vma);
	}
	if (sum.total_vm != mm->total_vm || sum.data_vm != mm->data_vm ||
	    sum.exec_vm != mm->exec_vm || sum.stack_vm != mm->stack_vm)
		complain(
			t,
			"total %lu data %lu exec %lu stack %lu, VMAs say %lu %lu %lu %lu",
			mm->total_vm, mm->data_vm, mm->exec_vm, mm->stack_vm,
			sum.total_vm, sum.data_vm, sum.exec_vm, sum.stack_vm);
	if (sum.locked_vm != mm->locked_vm)
		complain(t, "locked_vm %lu, VMAs say %lu", mm->locked_vm,
			 sum.locked_vm);
	for (int c = 0; c < NR_MM_COUNTERS; c++)
		if (t->rss[c] != atomic_long_read(&mm->rss_stat[c]))
			complain(t, "rss_stat[%d] is %ld, page tables say %ld",
				 c, atomic_long_read(&mm->rss_stat[c]),
				 t->rss[c]);
}

bool mm_check(struct mm_struct *mm)
{
	struct tally t = { .mm = mm };
	struct vm_area_struct *vma;
	unsigned long entries, bad = 0, tables;
	const char *wrong;

	down_write(&mm->mmap_lock);
	wrong = vma_tree_check(mm);
	if (wrong) {
		complain(&t, "%s", wrong);
		goto out;
	}
	for_each_vma(mm, vma) {
		check_vma(&t, vma);
		check_vma_pages(&t, vma);
	}
	check_sums(&t);
	entries = count_entries(mm);
	if (entries != t.entries)
		complain(&t, "%lu entries in tables, %lu in VMAs", entries,
			 t.entries);
	tables = user_table_check(mm->pgd, &bad) - 1; /* without the top */
	if (bad)
		complain(&t, "%lu tables with a wrong pt_live", bad);
	if ((long)(tables * PAGE_SIZE) != atomic_long_read(&mm->pgtables_bytes))
		complain(&t, "pgtables_bytes %ld, there are %lu tables",
			 atomic_long_read(&mm->pgtables_bytes), tables);
out:
	up_write(&mm->mmap_lock);
	return !t.bad;
}
