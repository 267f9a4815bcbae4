// SPDX-License-Identifier: MIT
/*
 * MAP_HUGETLB: mappings of huge pages from the pools (hugetlb_pool.c).
 *
 *	VMA ---+
 *	VMA ---+--> hugetlb_map: index -> page (shared), or "promised"
 *	           (private mappings keep only promises here; their pages are
 *	            in the page tables, shared after fork until one writes)
 *
 * mmap() promises each page or fails, so that a fault of the process that
 * mapped does not. Nobody promised a forked child anything: where it needs a
 * copy and the pool is empty, it dies of SIGBUS; and where its parent needs
 * one, the page is taken from the child.
 *
 * Lock: hugetlb_mutex for the pools, the maps, and every page-table entry of
 * such a mapping, in whatever process; the lock of the table besides where an
 * entry is written, for those who only look. Callers: the walks of mm/vm.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <lib/xarray.h>
#include <mm/phys/slab.h>
#include <mm/vm/hugetlb_pool.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

/* Lock key: (c) constant, (h) hugetlb_mutex */
struct hugetlb_map {
	struct hstate *h;    /* (c) */
	bool shared;	     /* (c) else promises are for VM_RESV_OWNER */
	unsigned long ino;   /* (c) */
	unsigned long vmas;  /* (h) */
	struct xarray pages; /* (h) by huge index: page, or PROMISED */
};

#define PROMISED xa_mk_value(1)

static inline struct hugetlb_map *map_of(const struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

unsigned long vma_hugetlb_size(const struct vm_area_struct *vma)
{
	return huge_page_size(map_of(vma)->h);
}

unsigned long vma_hugetlb_ino(const struct vm_area_struct *vma)
{
	return map_of(vma)->ino;
}

static unsigned long huge_index(const struct vm_area_struct *vma,
				unsigned long addr)
{
	return linear_page_index(vma, addr) >> map_of(vma)->h->order;
}

/* ---- maps ---------------------------------------------------------------- */

/* Take the promises of [first, last] back; of a shared map, the pages too. */
static void truncate_map(struct hugetlb_map *map, unsigned long first,
			 unsigned long last)
{
	unsigned long index, promised = 0;
	void *entry;

	xa_for_each_range(&map->pages, index, entry, first, last) {
		if (entry == PROMISED)
			promised++;
		else
			put_huge_page(map->h, entry);
		xa_erase(&map->pages, index);
	}
	pool_unreserve(map->h, promised);
}

static void hugetlb_open(struct vm_area_struct *vma)
{
	mutex_lock(&hugetlb_mutex);
	map_of(vma)->vmas++;
	mutex_unlock(&hugetlb_mutex);
}

static void put_map(struct hugetlb_map *map)
{
	if (--map->vmas)
		return;
	truncate_map(map, 0, ULONG_MAX);
	xa_destroy(&map->pages);
	kfree(map);
}

static void hugetlb_close(struct vm_area_struct *vma)
{
	struct hugetlb_map *map = map_of(vma);

	if (!map)
		return;
	mutex_lock(&hugetlb_mutex);
	if (vma->vm_flags & VM_RESV_OWNER)
		truncate_map(map, huge_index(vma, vma->vm_start),
			     huge_index(vma, vma->vm_end - 1));
	put_map(map);
	mutex_unlock(&hugetlb_mutex);
}

void hugetlb_disown(struct vm_area_struct *vma)
{
	mutex_lock(&hugetlb_mutex);
	put_map(map_of(vma));
	vma->vm_private_data = NULL;
	mutex_unlock(&hugetlb_mutex);
}

static const char *hugetlb_name(struct vm_area_struct *vma)
{
	(void)vma;
	return "/anon_hugepage (deleted)";
}

const struct vm_operations_struct hugetlb_vm_ops = {
	.open = hugetlb_open,
	.close = hugetlb_close,
	.name = hugetlb_name,
};

/* => 0 or -ENOMEM, then nothing is promised */
static int promise(struct hugetlb_map *map, unsigned long first,
		   unsigned long nr)
{
	if (!pool_reserve(map->h, nr))
		return -ENOMEM;
	for (unsigned long i = 0; i < nr; i++)
		if (xa_store(&map->pages, first + i, PROMISED, GFP_KERNEL)) {
			pool_unreserve(map->h, nr - i);
			truncate_map(map, 0, ULONG_MAX);
			return -ENOMEM;
		}
	return 0;
}

int hugetlb_attach(struct vm_area_struct *vma, struct hstate *h)
{
	struct hugetlb_map *map;
	int err = 0;

	if (vma->vm_pgoff & ((1UL << h->order) - 1))
		return -EINVAL;
	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	map->h = h;
	map->ino = shmem_next_ino();
	map->shared = vma->vm_flags & VM_MAYSHARE;
	xa_init(&map->pages, &page_tree_alloc);
	if (!(vma->vm_flags & VM_NORESERVE)) {
		mutex_lock(&hugetlb_mutex);
		err = promise(map, vma->vm_pgoff >> h->order,
			      (vma->vm_end - vma->vm_start) >>
				      (PAGE_SHIFT + h->order));
		mutex_unlock(&hugetlb_mutex);
	}
	if (err) {
		xa_destroy(&map->pages);
		kfree(map);
		return err;
	}
	if (!map->shared)
		vma->vm_flags |= VM_RESV_OWNER;
	vma->vm_private_data = map;
	vma->vm_ops = &hugetlb_vm_ops;
	return 0;
}

/* ---- page-table entries -------------------------------------------------- */

/* The PMD or PUD for addr, as a number. => NULL: no table for it */
static pteval_t *huge_entry(struct mm_struct *mm, unsigned long addr,
			    const struct hstate *h)
{
	pgd_t *pgd = pgd_offset(mm->pgd, addr);
	pmd_t *pmd;

	if (huge_page_size(h) == PMD_SIZE) {
		pmd = pmd_walk(mm->pgd, addr);
		return pmd ? &pmd->pmd : NULL;
	}
	return pgd_none(*pgd) ? NULL : &pud_offset(pgd, addr)->pud;
}

static pte_t get_huge(const pteval_t *entry)
{
	pteval_t val = entry ? READ_ONCE(*entry) : 0;

	return __pte(val ? val | PTE_TABLE_BIT : 0);
}

static void set_huge(pteval_t *entry, pte_t pte)
{
	spinlock_t *ptl = ptl_of(entry);

	spin_lock(ptl);
	VM_BUG_ON(*entry & PTE_TABLE_BIT);
	if (!*entry)
		pt_inc(entry);
	if (pte_none(pte))
		pt_dec(entry);
	set_pmd((pmd_t *)entry, pte_pmd(pte));
	spin_unlock(ptl);
}

/* Visit the entries of [start, end) that are not none. */
#define for_each_huge(vma, addr, entry, start, end)                   \
	for (addr = start; addr < end; addr += vma_hugetlb_size(vma)) \
		if (!(entry = huge_entry((vma)->vm_mm, addr,          \
					 map_of(vma)->h)) ||          \
		    !*(entry))                                        \
			continue;                                     \
		else

/* page is at addr of vma now; pte gets the rights that the access needs. */
static void map_huge(struct vm_area_struct *vma, unsigned long addr,
		     pteval_t *entry, struct page *page, bool write)
{
	pte_t pte = pfn_pte(page_to_pfn(page), vma->vm_page_prot);

	if (vma->anon_vma) {
		page->mapping = (void *)((unsigned long)vma->anon_vma |
					 PAGE_MAPPING_ANON);
		page->index = linear_page_index(vma, addr);
	}
	if (vma->vm_flags & VM_WRITE)
		pte = pte_mkwrite(pte);
	if (write)
		pte = pte_mkdirty(pte);
	atomic_inc(&page->_mapcount);
	atomic_long_add((long)compound_nr(page), &vma->vm_mm->hugetlb_usage);
	smp_wmb(); /* the content before the entry that shows it */
	set_huge(entry, pte);
}

/* => the page, with the reference that the mapping had */
static struct page *unmap_huge(struct vm_area_struct *vma, unsigned long addr,
			       pteval_t *entry, bool flush)
{
	struct page *page = pfn_to_page(pte_pfn(get_huge(entry)));

	set_huge(entry, __pte(0));
	if (flush)
		flush_tlb_page(&vma->vm_mm->arch, addr);
	atomic_dec(&page->_mapcount);
	atomic_long_sub((long)compound_nr(page), &vma->vm_mm->hugetlb_usage);
	return page;
}

/* ---- faults -------------------------------------------------------------- */

static void clear_huge_page(struct page *page)
{
	for (unsigned long i = 0; i < compound_nr(page); i++) {
		clear_page(page_address(page + i));
		cond_resched();
	}
}

static void copy_huge_page(struct page *to, struct page *from)
{
	for (unsigned long i = 0; i < compound_nr(to); i++) {
		copy_page(page_address(to + i), page_address(from + i));
		cond_resched();
	}
}

/* Nothing there. */
static vm_fault_t hugetlb_no_page(struct vm_fault *vmf, unsigned long haddr,
				  pteval_t *entry)
{
	struct vm_area_struct *vma = vmf->vma;
	struct hugetlb_map *map = map_of(vma);
	unsigned long index = huge_index(vma, haddr);
	void *slot = xa_load(&map->pages, index);
	bool shared = map->shared;
	bool may_use = shared || (vma->vm_flags & VM_RESV_OWNER);
	struct page *page = slot;

	if (!slot || slot == PROMISED) {
		page = pool_take(map->h, slot && may_use);
		if (!page)
			return VM_FAULT_SIGBUS;
		clear_huge_page(page);
		if (!shared) {
			if (slot && may_use)
				xa_erase(&map->pages, index);
		} else if (xa_store(&map->pages, index, page, GFP_KERNEL)) {
			put_huge_page(map->h, page);
			return VM_FAULT_OOM;
		}
	}
	if (shared)
		page_ref_inc(page);
	map_huge(vma, haddr, entry, page, vmf->flags & FAULT_FLAG_WRITE);
	return 0;
}

/*
 * The owner needs the page for itself and there is no other: all who share
 * it lose it, and die of SIGBUS when they miss it.
 */
static void unmap_ref_private(struct vm_area_struct *vma, struct page *page)
{
	struct hstate *h = map_of(vma)->h;
	struct anon_vma *av = vma->anon_vma;
	struct vma_interval *iv;

	down_write(&av->rwsem);
	vma_interval_foreach(iv, &av->rb_root, page->index, page->index)
	{
		struct vm_area_struct *v =
			container_of(iv, struct vm_area_struct, anon);
		unsigned long addr = vma_address(page, v);
		pteval_t *entry;

		if (v == vma)
			continue;
		/* v may be one that mremap() has just emptied. */
		entry = huge_entry(v->vm_mm, addr, h);
		if (pte_pfn(get_huge(entry)) == page_to_pfn(page)) {
			unmap_huge(v, addr, entry, true);
			put_huge_page(h, page);
		}
	}
	up_write(&av->rwsem);
}

/* A write to a private page that others may have, too. */
static vm_fault_t hugetlb_wp(struct vm_fault *vmf, unsigned long haddr,
			     pteval_t *entry)
{
	struct vm_area_struct *vma = vmf->vma;
	struct hugetlb_map *map = map_of(vma);
	pte_t pte = get_huge(entry);
	struct page *old = pfn_to_page(pte_pfn(pte)), *new = NULL;

	if (page_mapcount(old) > 1) {
		new = pool_take(map->h, false);
		if (!new && !(vma->vm_flags & VM_RESV_OWNER))
			return VM_FAULT_SIGBUS;
		if (!new)
			unmap_ref_private(vma, old);
	}
	if (!new) {
		set_huge(entry, pte_mkwrite(pte_mkdirty(pte_mkyoung(pte))));
		flush_tlb_page(&vma->vm_mm->arch, haddr);
		return 0;
	}
	copy_huge_page(new, old);
	unmap_huge(vma, haddr, entry, true);
	put_huge_page(map->h, old);
	map_huge(vma, haddr, entry, new, true);
	return 0;
}

static vm_fault_t refresh_huge(struct vm_fault *vmf, unsigned long haddr,
			       pteval_t *entry)
{
	pte_t old = get_huge(entry), new = pte_mkyoung(old);

	if (vmf->flags & FAULT_FLAG_WRITE) {
		if (!pte_write(old))
			return hugetlb_wp(vmf, haddr, entry);
		new = pte_mkdirty(new);
	}
	if (!pte_same(old, new)) {
		set_huge(entry, new);
		flush_tlb_page(&vmf->vma->vm_mm->arch, haddr);
	}
	return 0;
}

vm_fault_t hugetlb_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long size = vma_hugetlb_size(vma);
	unsigned long haddr = vmf->address & ~(size - 1);
	pteval_t *entry;
	vm_fault_t ret;

	if (!(vma->vm_flags & VM_MAYSHARE) && anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	entry = mm_entry_alloc(vma->vm_mm, haddr, size);
	if (!entry)
		return VM_FAULT_OOM;
	mutex_lock(&hugetlb_mutex);
	if (*entry)
		ret = refresh_huge(vmf, haddr, entry);
	else
		ret = hugetlb_no_page(vmf, haddr, entry);
	mutex_unlock(&hugetlb_mutex);
	return ret;
}

/* ---- the other walks ----------------------------------------------------- */

void hugetlb_zap(struct mmu_gather *tlb, struct vm_area_struct *vma,
		 unsigned long start, unsigned long end)
{
	pteval_t *entry;
	unsigned long addr;

	if (!map_of(vma)) /* mremap() moved it all away */
		return;
	mutex_lock(&hugetlb_mutex);
	for_each_huge(vma, addr, entry, start, end) put_huge_page(
		map_of(vma)->h, unmap_huge(vma, addr, entry, !tlb->fullmm));
	mutex_unlock(&hugetlb_mutex);
}

int hugetlb_copy(struct vm_area_struct *dst, struct vm_area_struct *src,
		 bool *reduced)
{
	pteval_t *from, *to;
	unsigned long addr;
	int err = 0;

	mutex_lock(&hugetlb_mutex);
	for_each_huge(src, addr, from, src->vm_start, src->vm_end)
	{
		pte_t pte = pte_wrprotect(get_huge(from));
		struct page *page = pfn_to_page(pte_pfn(pte));

		to = mm_entry_alloc(dst->vm_mm, addr, page_size(page));
		if (!to) {
			err = -ENOMEM;
			break;
		}
		page_ref_inc(page);
		atomic_inc(&page->_mapcount);
		atomic_long_add((long)compound_nr(page),
				&dst->vm_mm->hugetlb_usage);
		set_huge(from, pte);
		set_huge(to, pte);
		*reduced = true;
	}
	mutex_unlock(&hugetlb_mutex);
	return err;
}

void hugetlb_change_protection(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end)
{
	pteval_t *entry;
	unsigned long addr;

	mutex_lock(&hugetlb_mutex);
	for_each_huge(vma, addr, entry, start, end)
		set_huge(entry, new_rights(vma, get_huge(entry)));
	flush_tlb_range(&vma->vm_mm->arch, start, end);
	mutex_unlock(&hugetlb_mutex);
}

int hugetlb_move(struct vm_area_struct *src, unsigned long old,
		 unsigned long new, unsigned long len)
{
	struct mm_struct *mm = src->vm_mm;
	unsigned long size = vma_hugetlb_size(src), addr;
	pteval_t *from;

	for (addr = 0; addr < len; addr += size)
		if (!mm_entry_alloc(mm, new + addr, size))
			return -ENOMEM;
	mutex_lock(&hugetlb_mutex);
	for_each_huge(src, addr, from, old, old + len)
	{
		pte_t pte = get_huge(from);

		set_huge(from, __pte(0));
		flush_tlb_page(&mm->arch, addr);
		set_huge(huge_entry(mm, new + (addr - old), map_of(src)->h),
			 pte);
	}
	mutex_unlock(&hugetlb_mutex);
	return 0;
}

void hugetlb_stats(struct vm_area_struct *vma, struct mm_vma_stats *st)
{
	pteval_t *entry;
	unsigned long addr;

	mutex_lock(&hugetlb_mutex);
	for_each_huge(vma, addr, entry, vma->vm_start, vma->vm_end)
	{
		struct page *page = pfn_to_page(pte_pfn(get_huge(entry)));

		if (page_mapcount(page) >= 2)
			st->shared_hugetlb += page_size(page);
		else
			st->private_hugetlb += page_size(page);
	}
	mutex_unlock(&hugetlb_mutex);
}

unsigned long hugetlb_check(struct vm_area_struct *vma, unsigned long *bad)
{
	pteval_t *entry;
	unsigned long addr, n = 0;

	mutex_lock(&hugetlb_mutex);
	for_each_huge(vma, addr, entry, vma->vm_start, vma->vm_end)
	{
		pte_t pte = get_huge(entry);
		struct page *page = pfn_to_page(pte_pfn(pte));

		n++;
		if (!PageHuge(page) || page_mapcount(page) < 1 ||
		    page_ref_count(page) < page_mapcount(page) ||
		    compound_order(page) != map_of(vma)->h->order ||
		    (PageAnon(page) && pte_write(pte) &&
		     page_mapcount(page) != 1))
			++*bad;
	}
	mutex_unlock(&hugetlb_mutex);
	return n;
}
