// SPDX-License-Identifier: MIT
/*
 * VMAs described for /proc: rights, names, and the sums of smaps.
 *
 * Each page of a VMA is charged to it in full (Rss) and by its share (Pss):
 * a page that n page tables map counts a 1/n-th for each. With one mapping
 * it is private, else shared; with a dirty entry or page it is dirty.
 *
 * Lock: mmap_lock for reading; page table locks for each table.
 */
#include <lib/seq_buf.h>
#include <mm/vm/internal.h>

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

static void add_huge_page(struct mm_vma_stats *st, struct vm_area_struct *vma,
			  unsigned long addr, bool locked)
{
	spinlock_t *ptl;
	pte_t e = follow_pte(vma->vm_mm, addr, &ptl);
	struct page *page = ptl ? vm_normal_page(e) : NULL;

	/* Linux does not look behind PROT_NONE here. */
	if (page && PageHead(page) && !pte_protnone(e)) {
		add_page(st, page, e, page_size(page), locked);
		st->anonymous_thp += page_size(page);
	}
	if (ptl)
		spin_unlock(ptl);
}

void mm_vma_stats(struct vm_area_struct *vma, struct mm_vma_stats *st)
{
	unsigned long addr = vma->vm_start, end = vma->vm_end;
	bool locked = vma->vm_flags & VM_LOCKED;

	while (addr < end) {
		unsigned long next;
		spinlock_t *ptl;
		pmd_t *pmd;
		pte_t *pte;

		addr = pte_walk_next(vma->vm_mm->pgd, addr, end, &pte, &pmd);
		if (addr >= end)
			return;
		next = pmd_addr_end(addr, end);
		if (!pte) {
			add_huge_page(st, vma, addr, locked);
			addr = next;
			continue;
		}
		ptl = pte_lockptr(pmd);
		spin_lock(ptl);
		for (; addr != next; pte++, addr += PAGE_SIZE) {
			pte_t e = ptep_get(pte);
			struct page *page = pte_present(e) ? vm_normal_page(e) :
							     NULL;

			if (page)
				add_page(st, page, e, PAGE_SIZE, locked);
		}
		spin_unlock(ptl);
	}
}
