// SPDX-License-Identifier: MIT
/*
 * mremap: a mapping changes its size or its place, its pages stay.
 *
 *	smaller         unmap the tail
 *	larger, room    the range behind joins the VMA
 *	larger, else    move (MREMAP_MAYMOVE): a VMA at the new place, page
 *	                table entries carried over, the old range unmapped
 *	MREMAP_FIXED    clear the target, then move
 *
 * Moving copies no memory: only 8 bytes of page table for each page, or for
 * each 2 MiB where both places are aligned to that. All
 * that can fail (VMAs, tables, limits) comes before the first entry moves.
 *
 * The reverse map finds a page by (VMA, offset), and the new VMA has the
 * same offsets, so page->index stays valid; the trees' locks are held while
 * entries are between the tables.
 *
 * Lock: mmap_lock for writing.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>

struct move {
	struct mm_struct *mm;
	unsigned long old, old_len, new, new_len;
	unsigned long flags; /* MREMAP_* */
	bool locked;	     /* what is new is populated */
};

/* ---- page tables --------------------------------------------------------- */

/* The part of [old, end) whose old and new tables are one each. */
static unsigned long chunk_end(unsigned long old, unsigned long new,
			       unsigned long end)
{
	unsigned long a = pmd_addr_end(old, end) - old;
	unsigned long b = pmd_addr_end(new, new + (end - old)) - new;

	return old + min(a, b);
}

/*
 * May the PMD for old, huge page or table, move as it is? Nothing that this
 * depends on changes under mmap_lock.
 */
static bool moves_whole(const struct move *m, unsigned long old,
			unsigned long new)
{
	pmd_t *pmd = pmd_walk(m->mm->pgd, new);

	return !((old | new) & ~PMD_MASK) &&
	       m->old + m->old_len - old >= PMD_SIZE &&
	       (!pmd || pmd_none(*pmd));
}

/* Build the tables that the entries will need. => 0, -ENOMEM */
static int prepare_tables(const struct move *m, struct vm_area_struct *vma)
{
	unsigned long old = m->old, end = m->old + m->old_len;

	while (old < end) {
		unsigned long new;
		pmd_t *pmd;
		pte_t *pte;

		old = pte_walk_next(m->mm->pgd, old, end, &pte, &pmd);
		if (old >= end)
			break;
		new = m->new + (old - m->old);
		if (moves_whole(m, old, new)) {
			if (!mm_pmd_alloc(m->mm, new))
				return -ENOMEM;
		} else if (!pte) {
			split_huge_pmd(vma, pmd, old);
			continue;
		} else if (!mm_pte_alloc(m->mm, new, &pmd)) {
			return -ENOMEM;
		}
		old = chunk_end(old, new, end);
	}
	return 0;
}

static void move_ptes(struct mm_struct *mm, unsigned long old,
		      unsigned long new, unsigned long len)
{
	pmd_t *old_pmd, *new_pmd;
	pte_t *from = pte_walk(mm->pgd, old, &old_pmd);
	pte_t *to = pte_walk(mm->pgd, new, &new_pmd);
	spinlock_t *old_ptl = pte_lockptr(old_pmd);
	spinlock_t *new_ptl = pte_lockptr(new_pmd);
	unsigned long moved = 0;
	pte_t *from_table = from, *to_table = to;

	spin_lock(old_ptl);
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, 1);
	for (unsigned long i = 0; i < len >> PAGE_SHIFT; i++, from++, to++) {
		if (pte_none(*from))
			continue;
		VM_BUG_ON(!pte_none(*to));
		set_pte(to, ptep_get_and_clear(from));
		moved++;
	}
	if (moved) {
		pt_add(from_table, -moved);
		pt_add(to_table, moved);
		flush_tlb_range(&mm->arch, old, old + len);
	}
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	spin_unlock(old_ptl);
}

static void move_page_tables(const struct move *m,
			     const struct vm_area_struct *vma)
{
	unsigned long old = m->old, end = m->old + m->old_len;

	rmap_lock(vma->vm_mapping, vma->anon_vma);
	while (old < end) {
		unsigned long new, next;
		pmd_t *pmd;
		pte_t *pte;

		old = pte_walk_next(m->mm->pgd, old, end, &pte, &pmd);
		if (old >= end)
			break;
		new = m->new + (old - m->old);
		next = chunk_end(old, new, end);
		if (moves_whole(m, old, new))
			move_pmd(m->mm, pmd, pmd_walk(m->mm->pgd, new), old);
		else
			move_ptes(m->mm, old, new, next - old);
		old = next;
	}
	rmap_unlock(vma->vm_mapping, vma->anon_vma);
	flush_tlb_batched_pending(m->mm);
}

/* ---- moving a VMA -------------------------------------------------------- */

/* Cut the source out, so that unmapping it later cannot fail. */
static int isolate_source(const struct move *m, struct vm_area_struct *vma)
{
	int err = 0;

	if (m->old > vma->vm_start)
		err = split_vma(m->mm, vma, m->old, true);
	if (!err && m->old + m->old_len < vma->vm_end)
		err = split_vma(m->mm, vma, m->old + m->old_len, false);
	return err;
}

/*
 * The VMA at the new place, perhaps by merging, but never with a source that
 * stays: nobody could tell the two apart. => 0, -ENOMEM
 */
static int copy_vma(const struct move *m, struct vm_area_struct *vma)
{
	unsigned long end = m->new + m->new_len;
	bool beside = vma->vm_end == m->new || vma->vm_start == end;
	struct vma_attr attr = vma_attr_of(vma, m->old);
	struct vm_area_struct *prev, *new;

	/* Nothing faulted in yet: take the offsets natural at the new place */
	if (vma_is_anonymous(vma) && !vma->anon_vma)
		attr.pgoff = m->new >> PAGE_SHIFT;
	if (WARN_ON(!find_vma_links(m->mm, m->new, end, &prev)))
		return -ENOMEM;
	if (!(beside && (m->flags & MREMAP_DONTUNMAP)) &&
	    vma_merge(m->mm, prev, NULL, m->new, end, &attr))
		return 0;
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	new->vm_start = m->new;
	new->vm_end = end;
	new->vm_pgoff = attr.pgoff;
	__vma_link(m->mm, new, prev);
	vma_rmap_insert(new);
	return 0;
}

/* MREMAP_DONTUNMAP: what stays behind, a VMA of its own, is not locked. */
static void unlock_source(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm -= vma_pages(vma);
	vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
}

/*
 * The target range is free. Charges: what the new range has more than the
 * old; then unmapping the old one gives its own charge back, so it is taken
 * again beforehand.
 */
static long move_vma(const struct move *m, struct vm_area_struct *vma)
{
	unsigned long new_pages = m->new_len >> PAGE_SHIFT;
	unsigned long old_pages = m->old_len >> PAGE_SHIFT;
	bool keep = m->flags & MREMAP_DONTUNMAP;
	unsigned long extra = keep ? new_pages : new_pages - old_pages;
	vm_flags_t flags = vma->vm_flags;
	bool cut = m->old_len && (!keep || (flags & VM_LOCKED));
	struct mm_struct *mm = m->mm;

	if (mm->map_count >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if ((flags & VM_ACCOUNT) && vm_enough_memory(mm, extra))
		return -ENOMEM;
	if (copy_vma(m, vma))
		goto uncharge;
	vm_stat_account(mm, flags, (long)new_pages);
	if (flags & VM_LOCKED)
		mm->locked_vm += new_pages;
	if ((flags & VM_ACCOUNT) && !keep)
		vm_acct_memory(old_pages);

	if (cut && isolate_source(m, vma_lookup(mm, m->old)))
		goto undo;
	if (unlikely(flags & VM_HUGETLB)) {
		int err = hugetlb_move(vma_lookup(mm, m->old), m->old, m->new,
				       m->old_len);

		hugetlb_disown(vma_lookup(mm, err ? m->new : m->old));
		__do_munmap(mm, err ? m->new : m->old, m->old_len);
		return err ?: (long)m->new;
	}
	if (prepare_tables(m, vma_lookup(mm, m->old)))
		goto undo;
	move_page_tables(m, vma_lookup(mm, m->new));
	if (keep)
		unlock_source(mm, m->old);
	else if (m->old_len)
		__do_munmap(mm, m->old, m->old_len);
	return (long)m->new;

undo: /* Gives back what was charged here, and no more. */
	__do_munmap(mm, m->new, m->new_len);
	return -ENOMEM;
uncharge:
	if (flags & VM_ACCOUNT)
		vm_unacct_memory(extra);
	return -ENOMEM;
}

/* ---- checks -------------------------------------------------------------- */

/* May [addr, addr + old_len) of vma become new_len long? => 0 or -errno */
static int check_resize(struct mm_struct *mm, const struct vm_area_struct *vma,
			unsigned long addr, unsigned long old_len,
			unsigned long new_len, unsigned long flags)
{
	pgoff_t pgoff = linear_page_index(vma, addr);
	unsigned long grow;

	if (!old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) &&
	    (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return -EINVAL;
	if (old_len > vma->vm_end - addr)
		return -EFAULT;
	if (new_len == old_len)
		return 0;
	if (pgoff + (new_len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EFAULT;
	if (new_len < old_len)
		return 0;
	grow = new_len - old_len;
	if (mlock_future_check(mm, vma->vm_flags, grow))
		return -EAGAIN;
	return may_expand_vm(mm, vma->vm_flags, grow >> PAGE_SHIFT) ? 0 :
								      -ENOMEM;
}

/* Grow the end of vma in place by `grow` bytes. => false: no room */
static bool expand_in_place(struct mm_struct *mm, struct vm_area_struct *vma,
			    unsigned long grow)
{
	unsigned long start = vma->vm_end, end = start + grow;
	struct vma_attr attr = vma_attr_of(vma, start);
	unsigned long pages = grow >> PAGE_SHIFT;
	vm_flags_t flags = vma->vm_flags;

	if (end < start || end > TASK_SIZE ||
	    (vma->vm_next && vma->vm_next->vm_start < end))
		return false;
	if ((flags & VM_ACCOUNT) && vm_enough_memory(mm, pages))
		return false;
	if (!vma_merge(mm, vma, NULL, start, end, &attr)) {
		if (flags & VM_ACCOUNT)
			vm_unacct_memory(pages);
		return false;
	}
	vm_stat_account(mm, flags, (long)pages);
	if (flags & VM_LOCKED)
		mm->locked_vm += pages;
	return true;
}

/* MREMAP_FIXED or DONTUNMAP: to a given place, or away from this one. */
static long mremap_to(struct move *m)
{
	struct mm_struct *mm = m->mm;
	struct vm_area_struct *vma;
	unsigned long map_flags = 0;
	int err;

	if (offset_in_page(m->new))
		return -EINVAL;
	if (m->new_len > TASK_SIZE || m->new > TASK_SIZE - m->new_len)
		return -EINVAL;
	if (m->old + m->old_len > m->new && m->new + m->new_len > m->old)
		return -EINVAL;
	if (mm->map_count + 2 >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (m->flags & MREMAP_FIXED) {
		err = __do_munmap(mm, m->new, m->new_len);
		if (err)
			return err;
	}
	if (m->old_len > m->new_len) {
		err = __do_munmap(mm, m->old + m->new_len,
				  m->old_len - m->new_len);
		if (err)
			return err;
		m->old_len = m->new_len;
	}
	vma = vma_lookup(mm, m->old);
	if (!vma)
		return -EFAULT;
	err = check_resize(mm, vma, m->old, m->old_len, m->new_len, m->flags);
	if (err)
		return err;
	if ((m->flags & MREMAP_DONTUNMAP) &&
	    !may_expand_vm(mm, vma->vm_flags, m->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	if (m->flags & MREMAP_FIXED)
		map_flags |= MAP_FIXED;
	m->new = get_unmapped_area(mm, m->new, m->new_len, 0, map_flags);
	if (IS_ERR_VALUE(m->new))
		return (long)m->new;
	return move_vma(m, vma);
}

/* The size changes, and the place only if it must. */
static long resize(struct move *m, struct vm_area_struct *vma)
{
	struct mm_struct *mm = m->mm;
	int err;

	if (m->old_len >= m->new_len) {
		if (m->old_len > m->new_len) {
			err = __do_munmap(mm, m->old + m->new_len,
					  m->old_len - m->new_len);
			if (err)
				return err;
		}
		return (long)m->old;
	}
	err = check_resize(mm, vma, m->old, m->old_len, m->new_len, m->flags);
	if (err)
		return err;
	if (m->old_len == vma->vm_end - m->old &&
	    expand_in_place(mm, vma, m->new_len - m->old_len))
		return (long)m->old;
	if (!(m->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	m->new = get_unmapped_area(mm, 0, m->new_len, 0, 0);
	if (IS_ERR_VALUE(m->new))
		return (long)m->new;
	return move_vma(m, vma);
}

/* Pages of a pool move as they are, and never become more. */
static bool whole_huge_pages(struct move *m, const struct vm_area_struct *vma)
{
	unsigned long size = vma_hugetlb_size(vma);

	m->old_len = ALIGN(m->old_len, size);
	m->new_len = ALIGN(m->new_len, size);
	return !((m->old | m->new) & (size - 1)) && m->new_len <= m->old_len;
}

long do_mremap(struct mm_struct *mm, unsigned long addr, unsigned long old_len,
	       unsigned long new_len, unsigned long flags,
	       unsigned long new_addr)
{
	struct move m = {
		.mm = mm, .old = addr, .new = new_addr, .flags = flags
	};
	struct vm_area_struct *vma;
	long ret;

	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) &&
	    (!(flags & MREMAP_MAYMOVE) || old_len != new_len))
		return -EINVAL;
	if (offset_in_page(addr))
		return -EINVAL;
	m.old_len = PAGE_ALIGN(old_len);
	m.new_len = PAGE_ALIGN(new_len);
	if (!m.new_len)
		return -EINVAL;

	down_write(&mm->mmap_lock);
	vma = vma_lookup(mm, addr);
	m.locked = vma && (vma->vm_flags & VM_LOCKED);
	if (!vma)
		ret = -EFAULT;
	else if (is_vm_hugetlb_page(vma) && !whole_huge_pages(&m, vma))
		ret = -EINVAL;
	else if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		ret = mremap_to(&m);
	else
		ret = resize(&m, vma);
	up_write(&mm->mmap_lock);
	if (unlikely(m.locked) && !IS_ERR_VALUE(ret) && m.new_len > m.old_len)
		mm_populate(mm, (unsigned long)ret + m.old_len,
			    m.new_len - m.old_len);
	return ret;
}
