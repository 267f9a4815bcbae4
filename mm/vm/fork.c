// SPDX-License-Identifier: MIT
/*
 * The two ends of an address space: copied by fork, taken down by exit.
 *
 * fork() copies VMAs and page-table entries, not pages. Private writable
 * pages lose their write permission on both sides; whoever writes first gets
 * a copy (fault.c):
 *
 *	before   parent PTE w ---> page (mapcount 1)
 *	after    parent PTE r ---> page (mapcount 2) <--- child PTE r
 *
 * What a fault would bring back anyway is not copied at all: VMAs without an
 * anon_vma show only page cache pages.
 *
 * The child's VMA is in the reverse map before its entries are, so that a
 * truncate meanwhile misses none. The parent's TLB entries are flushed once,
 * at the end, before anyone may rely on the write protection: the parent's
 * mmap_lock is held for writing until then, and user threads that still
 * write through an old entry write to a page the child has not run on yet.
 *
 * Locks: oldmm->mmap_lock for writing; the new mm has no users yet. Page
 * table locks: the parent's, then the child's.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>
#include <sched/sched.h>

/* ---- copying page tables ------------------------------------------------- */

/*
 * One table's worth. *reduced: the parent's rights were. rss[] gets what the
 * child maps. => 0, -ENOMEM: a slot of swap with too many users
 */
static int copy_ptes(const struct vm_area_struct *src, pte_t *from, pte_t *to,
		     unsigned long nr, long *rss, bool *reduced)
{
	unsigned long live = 0, left = pt_live(from);
	bool cow = is_cow_mapping(src->vm_flags);
	pte_t *table = to;
	int err = 0;

	for (; nr && left; nr--, from++, to++) {
		pte_t pte = ptep_get(from);
		struct page *page;

		if (pte_none(pte))
			continue;
		left--;
		VM_BUG_ON(!pte_none(*to));
		if (unlikely(!pte_present(pte))) {
			err = swap_duplicate(pte_to_swp_entry(pte));
			if (err)
				break;
			rss[MM_SWAPENTS] += swap_pte_count(pte);
			set_pte(to, pte);
			live++;
			continue;
		}
		page = vm_normal_page(pte);
		if (page) {
			VM_BUG_ON_PAGE(!page_mapped(page), page);
			page_ref_inc(page);
			atomic_inc(&page->_mapcount);
			rss[mm_counter(page)]++;
		}
		if (cow && pte_write(pte)) {
			ptep_set_wrprotect(from);
			pte = pte_wrprotect(pte);
			*reduced = true;
		}
		if (src->vm_flags & VM_SHARED)
			pte = pte_mkclean(pte);
		set_pte(to, pte_mkold(pte)); /* the child did not use it */
		live++;
	}
	if (live)
		pt_add(table, live);
	return err;
}

static int copy_page_range(struct vm_area_struct *dst,
			   struct vm_area_struct *src, bool *reduced)
{
	struct mm_struct *to_mm = dst->vm_mm, *from_mm = src->vm_mm;
	unsigned long addr = src->vm_start, end = src->vm_end;
	long rss[NR_MM_COUNTERS] = { 0 };
	int err = 0;

	if (unlikely(is_vm_hugetlb_page(src)))
		return hugetlb_copy(dst, src, reduced);
	while (addr < end) {
		unsigned long next;
		pmd_t *src_pmd, *dst_pmd;
		pte_t *from, *to;

		addr = pte_walk_next(from_mm->pgd, addr, end, &from, &src_pmd);
		if (addr >= end)
			break;
		next = pmd_addr_end(addr, end);
		if (unlikely(!from)) {
			err = copy_huge_pmd(dst, src, src_pmd, addr, rss,
					    reduced);
			if (err == -ENOMEM)
				break;
			addr = err ? addr : next;
			err = 0;
			continue;
		}
		to = mm_pte_alloc(to_mm, addr, &dst_pmd);
		if (!to) {
			err = -ENOMEM;
			break;
		}
		spin_lock(pte_lockptr(src_pmd));
		spin_lock_nested(pte_lockptr(dst_pmd), 1);
		err = copy_ptes(src, from, to, (next - addr) >> PAGE_SHIFT, rss,
				reduced);
		spin_unlock(pte_lockptr(dst_pmd));
		spin_unlock(pte_lockptr(src_pmd));
		if (unlikely(err))
			break;
		addr = next;
		cond_resched();
	}
	for (int c = 0; c < NR_MM_COUNTERS; c++)
		if (rss[c])
			add_mm_counter(to_mm, c, rss[c]);
	return err;
}

/* ---- copying VMAs -------------------------------------------------------- */

/*
 * dup one VMA behind *prev. => 0 or -ENOMEM; on success *prev is the copy,
 * linked, charged, and in the reverse map, though perhaps without all pages
 */
static int dup_vma(struct mm_struct *mm, struct vm_area_struct *src,
		   struct vm_area_struct **prev, bool *reduced)
{
	unsigned long pages = vma_pages(src);
	struct vm_area_struct *vma;

	if ((src->vm_flags & VM_ACCOUNT) && vm_enough_memory(mm, pages))
		return -ENOMEM;
	vma = vm_area_dup(src);
	if (!vma) {
		if (src->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(pages);
		return -ENOMEM;
	}
	vma->vm_mm = mm;
	vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT | VM_RESV_OWNER);
	if (src->vm_flags & VM_WIPEONFORK) {
		vma->anon_vma = NULL;
		vma->anon_fork = 0;
	} else if (vma->anon_vma) {
		vma->anon_fork = (unsigned int)mm->map_count + 1;
	}
	__vma_link(mm, vma, *prev);
	vma_rmap_insert(vma);
	*prev = vma;
	return vma->anon_vma ? copy_page_range(vma, src, reduced) : 0;
}

static void copy_layout(struct mm_struct *mm, const struct mm_struct *old)
{
	mm->mmap_base = old->mmap_base;
	mm->task_size = old->task_size;
	mm->total_vm = old->total_vm;
	mm->data_vm = old->data_vm;
	mm->exec_vm = old->exec_vm;
	mm->stack_vm = old->stack_vm;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
	for (unsigned int i = 0; i < AT_VECTOR_SIZE; i++)
		mm->saved_auxv[i] = old->saved_auxv[i];
	mm->vdso_base = old->vdso_base;
	mm->thp_disabled = old->thp_disabled;
	mm->rlim_stack = old->rlim_stack;
	mm->rlim_as = old->rlim_as;
	mm->rlim_data = old->rlim_data;
	mm->rlim_memlock = old->rlim_memlock;
	mm->caps = old->caps;
}

int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *src, *prev = NULL;
	bool reduced = false;
	int err = 0;

	BUG_ON(mm->mmap || atomic_read(&mm->mm_users) != 1);
	down_write(&oldmm->mmap_lock);
	copy_layout(mm, oldmm);
	for_each_vma(oldmm, src) {
		if (src->vm_flags & VM_DONTCOPY) {
			vm_stat_account(mm, src->vm_flags,
					-(long)vma_pages(src));
			continue;
		}
		err = dup_vma(mm, src, &prev, &reduced);
		if (err)
			break;
	}
	if (reduced)
		flush_tlb_mm(&oldmm->arch);
	flush_tlb_batched_pending(oldmm);
	up_write(&oldmm->mmap_lock);
	mm->hiwater_vm = mm->total_vm;
	mm->hiwater_rss = get_mm_rss(mm);
	if (err)
		exit_mmap(mm);
	return err;
}

/* ---- exit ---------------------------------------------------------------- */

/*
 * Nobody runs on this mm any more: its ASID is retired first, then nothing
 * needs to be flushed. The reverse map may still lead others here (truncate,
 * reclaim) until each VMA has left its trees; only then the tables go.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;
	unsigned long unaccount = 0;
	struct mmu_gather tlb;

	down_write(&mm->mmap_lock);
	arch_mm_destroy(&mm->arch);
	tlb_gather_mmu(&tlb, mm, true);
	for_each_vma(mm, vma) {
		zap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, true);
		vma_rmap_remove(vma);
		cond_resched();
	}
	tlb_finish_mmu(&tlb);
	free_all_pgtables(mm);

	for (vma = mm->mmap; vma; vma = next) {
		next = vma->vm_next;
		if (vma->vm_flags & VM_ACCOUNT)
			unaccount += vma_pages(vma);
		vm_area_free(vma);
		cond_resched();
	}
	mm->mmap = NULL;
	mm->mm_rb = RB_ROOT;
	mm->mmap_cache = NULL;
	mm->gap_hint.vma = NULL;
	mm->map_count = 0;
	mm->highest_vm_end = 0;
	mm->total_vm = 0;
	mm->locked_vm = 0;
	mm->data_vm = 0;
	mm->exec_vm = 0;
	mm->stack_vm = 0;
	vm_unacct_memory(unaccount);
	WRITE_ONCE(mm->oom.skip, true);
	up_write(&mm->mmap_lock);
}
