// SPDX-License-Identifier: MIT
/*
 * The reverse map: membership of VMAs in the interval trees of their objects,
 * counting of mappings, and the walk from a page to its PTEs.
 *
 *	                 anon_vma  (one for a family of VMAs)
 *	                /    |    \
 *	   parent: [VMA0] [VMA1]   child: [VMA0']     pieces and fork copies
 *	       PTE ->  page <- PTE                    page->index tells where
 *
 * Rules:
 *  - A VMA enters the trees before its page tables hold anything, and leaves
 *    them before its tables are freed; so whoever holds the tree's lock may
 *    walk the tables of the VMAs in it.
 *  - Borders of a VMA in a tree change only with the tree's lock held from
 *    the removal to the re-insertion: a walk never misses a page.
 *  - All VMAs that map a page are in the tree that page->mapping names.
 *
 * Locks: i_mmap_rwsem, then anon_vma->rwsem, then page table locks. To walk,
 * for reading. Who must wait sleeps, and leaves its CPU to whom it waits for:
 * that one's CPU may be a thread of the host that is not running.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>

static struct kmem_cache *anon_vma_cache;
static atomic_long_t nr_anon_vmas;
static DEFINE_SPINLOCK(anon_vma_lifetime);

void anon_vma_init(void)
{
	anon_vma_cache = kmem_cache_create("anon_vma", sizeof(struct anon_vma),
					   0, SLAB_PANIC | SLAB_ACCOUNT, NULL);
}

unsigned long anon_vma_count(void)
{
	return (unsigned long)atomic_long_read(&nr_anon_vmas);
}

/* ---- locks and trees ----------------------------------------------------- */

void rmap_lock(struct address_space *mapping, struct anon_vma *av)
{
	if (mapping)
		down_write(&mapping->i_mmap_rwsem);
	if (av)
		down_write(&av->rwsem);
}

void rmap_unlock(struct address_space *mapping, struct anon_vma *av)
{
	if (av)
		up_write(&av->rwsem);
	if (mapping)
		up_write(&mapping->i_mmap_rwsem);
}

static void set_interval(struct vma_interval *iv,
			 const struct vm_area_struct *vma)
{
	iv->first = vma->vm_pgoff;
	iv->last = vma->vm_pgoff + vma_pages(vma) - 1;
}

void __vma_rmap_insert(struct vm_area_struct *vma)
{
	if (vma->vm_mapping) {
		set_interval(&vma->shared, vma);
		vma_interval_insert(&vma->shared, &vma->vm_mapping->i_mmap);
	}
	if (vma->anon_vma) {
		set_interval(&vma->anon, vma);
		vma_interval_insert(&vma->anon, &vma->anon_vma->rb_root);
		vma->anon_vma->nr_vmas++;
	}
}

void __vma_rmap_remove(struct vm_area_struct *vma)
{
	if (vma->vm_mapping)
		vma_interval_remove(&vma->shared, &vma->vm_mapping->i_mmap);
	if (vma->anon_vma) {
		VM_BUG_ON(!vma->anon_vma->nr_vmas);
		vma_interval_remove(&vma->anon, &vma->anon_vma->rb_root);
		vma->anon_vma->nr_vmas--;
	}
}

void vma_rmap_insert(struct vm_area_struct *vma)
{
	if (!vma->vm_mapping && !vma->anon_vma)
		return;
	rmap_lock(vma->vm_mapping, vma->anon_vma);
	__vma_rmap_insert(vma);
	rmap_unlock(vma->vm_mapping, vma->anon_vma);
}

/*
 * Reclaim comes from the page, which tells of its anon_vma as long as it is
 * mapped: anon_vma_lifetime lies between that look and the reference.
 * => NULL: not mapped, or of a file
 */
static struct anon_vma *page_get_anon_vma(struct page *page)
{
	struct anon_vma *av;

	guard(spinlock)(&anon_vma_lifetime);
	if (!page_mapped(page))
		return NULL;
	smp_rmb(); /* page_add_anon_rmap() has set the mapping first */
	av = page_anon_vma(page);
	if (av)
		atomic_inc(&av->refcount);
	return av;
}

static void put_anon_vma(struct anon_vma *av)
{
	if (!atomic_dec_and_test(&av->refcount))
		return;
	VM_BUG_ON(av->rb_root.rb_node);
	atomic_long_dec(&nr_anon_vmas);
	kmem_cache_free(anon_vma_cache, av);
}

/* The last VMA has left: after who looks just now, no visitor comes any more. */
static void release_anon_vma(struct anon_vma *av)
{
	spin_lock(&anon_vma_lifetime);
	spin_unlock(&anon_vma_lifetime);
	put_anon_vma(av);
}

void vma_rmap_remove(struct vm_area_struct *vma)
{
	struct anon_vma *av = vma->anon_vma;
	bool last;

	if (!vma->vm_mapping && !av)
		return;
	if (av) /* up_write() looks at it when others may hold it already */
		atomic_inc(&av->refcount);
	rmap_lock(vma->vm_mapping, av);
	__vma_rmap_remove(vma);
	last = av && !av->nr_vmas;
	rmap_unlock(vma->vm_mapping, av);
	vma->anon_vma = NULL;
	if (last)
		release_anon_vma(av);
	if (av)
		put_anon_vma(av);
}

/* A writer is seen in the tree, or will see the flag when it enters. */
int mapping_deny_writable(struct address_space *mapping)
{
	struct vma_interval *iv;
	int err = 0;

	guard(rwsem_write)(&mapping->i_mmap_rwsem);
	vma_interval_foreach(iv, &mapping->i_mmap, 0, ULONG_MAX)
	{
		if (may_write_shared(
			    container_of(iv, struct vm_area_struct, shared)))
			err = -EBUSY;
	}
	if (!err)
		mapping->flags |= 1UL << AS_SEALED;
	return err;
}

/* ---- giving a VMA its anon_vma ------------------------------------------- */

/*
 * Would a and b, neighbours, merge if their rights were equal? Then they
 * should share an anon_vma now, so that a later mprotect() can merge them.
 */
static bool could_merge(const struct vm_area_struct *a,
			const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && a->vm_file == b->vm_file &&
	       a->vm_mapping == b->vm_mapping &&
	       !((a->vm_flags ^ b->vm_flags) &
		 ~(VM_ACCESS_FLAGS | VM_SOFTDIRTY)) &&
	       b->vm_pgoff == a->vm_pgoff + vma_pages(a);
}

static struct anon_vma *neighbour_anon_vma(const struct vm_area_struct *vma)
{
	const struct vm_area_struct *n = vma->vm_next, *p = vma->vm_prev;
	struct anon_vma *av;

	if (n && could_merge(vma, n) && !n->anon_fork) {
		av = READ_ONCE(n->anon_vma);
		if (av)
			return av;
	}
	if (p && could_merge(p, vma) && !p->anon_fork)
		return READ_ONCE(p->anon_vma);
	return NULL;
}

/*
 * Threads may fault in the same VMA at once, holding mmap_lock for reading:
 * page_table_lock decides who sets vma->anon_vma. The neighbour's anon_vma
 * cannot go away meanwhile, since the neighbour cannot.
 */
int __anon_vma_prepare(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *av = neighbour_anon_vma(vma), *fresh = NULL;

	if (!av) {
		fresh = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);
		if (!fresh)
			return -ENOMEM;
		init_rwsem(&fresh->rwsem);
		atomic_set(&fresh->refcount, 1);
		fresh->rb_root = RB_ROOT;
		fresh->nr_vmas = 0;
		av = fresh;
	}
	down_write(&av->rwsem);
	spin_lock(&mm->page_table_lock);
	if (likely(!vma->anon_vma)) {
		set_interval(&vma->anon, vma);
		vma_interval_insert(&vma->anon, &av->rb_root);
		av->nr_vmas++;
		smp_store_release(&vma->anon_vma, av);
		if (fresh)
			atomic_long_inc(&nr_anon_vmas);
		fresh = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	up_write(&av->rwsem);
	if (fresh)
		kmem_cache_free(anon_vma_cache, fresh);
	return 0;
}

/* ---- counting mappings --------------------------------------------------- */

void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
			unsigned long addr)
{
	VM_BUG_ON_PAGE(!PageLocked(page) || !PageSwapCache(page), page);
	if (!page_mapped(page)) {
		page->mapping =
			(struct address_space *)((unsigned long)vma->anon_vma |
						 PAGE_MAPPING_ANON);
		page->index = linear_page_index(vma, addr);
	}
	VM_BUG_ON_PAGE(page_anon_vma(page) != vma->anon_vma, page);
	smp_wmb(); /* the anon_vma of before may be gone: page_get_anon_vma */
	if (atomic_inc_and_test(&page->_mapcount))
		inc_node_page_state(page, NR_ANON_MAPPED);
}

void page_remove_rmap(struct page *page)
{
	VM_BUG_ON_PAGE(!page_mapped(page), page);
	if (atomic_add_negative(-1, &page->_mapcount))
		dec_node_page_state(page, PageAnon(page) ? NR_ANON_MAPPED :
							   NR_FILE_MAPPED);
}

/* ---- the walk ------------------------------------------------------------ */

/* Show w->fn the PTE at which vma would map page. => false to stop */
static bool walk_one(struct page *page, struct vm_area_struct *vma,
		     struct rmap_walk *w)
{
	unsigned long addr = vma_address(page, vma);
	bool go_on = true;
	spinlock_t *ptl;
	pmd_t *pmd;
	pte_t *pte = pte_walk(vma->vm_mm->pgd, addr, &pmd);

	VM_BUG_ON(addr < vma->vm_start || addr >= vma->vm_end);
	if (!pte)
		return !huge_pmd_of(page, vma) ||
		       w->fn(page, vma, addr, NULL, w->arg);
	ptl = pte_lockptr(pmd);
	spin_lock(ptl);
	if (pte_present(*pte) && vm_normal_page(*pte) == page)
		go_on = w->fn(page, vma, addr, pte, w->arg);
	spin_unlock(ptl);
	return go_on;
}

static void walk_anon(struct page *page, struct anon_vma *av,
		      struct rmap_walk *w)
{
	struct vma_interval *iv;

	vma_interval_foreach(iv, &av->rb_root, page->index, page->index)
	{
		if (!walk_one(page,
			      container_of(iv, struct vm_area_struct, anon), w))
			break;
	}
}

static void walk_file(struct page *page, struct address_space *mapping,
		      struct rmap_walk *w)
{
	struct vma_interval *iv;

	vma_interval_foreach(iv, &mapping->i_mmap, page->index, page->index)
	{
		if (!walk_one(page,
			      container_of(iv, struct vm_area_struct, shared),
			      w))
			break;
	}
}

/* => false: not locked, for want of patience */
static bool lock_tree(struct rw_semaphore *sem, const struct rmap_walk *w)
{
	if (w->try_lock)
		return down_read_trylock(sem);
	down_read(sem);
	return true;
}

bool rmap_walk(struct page *page, struct rmap_walk *w)
{
	struct address_space *mapping = page_mapping_file(page);
	struct anon_vma *av;
	bool locked;

	if (mapping) {
		if (!lock_tree(&mapping->i_mmap_rwsem, w))
			return false;
		walk_file(page, mapping, w);
		up_read(&mapping->i_mmap_rwsem);
		return true;
	}
	av = page_get_anon_vma(page);
	if (!av)
		return true;
	locked = lock_tree(&av->rwsem, w);
	if (locked) {
		walk_anon(page, av, w);
		up_read(&av->rwsem);
	}
	put_anon_vma(av);
	return locked;
}

void page_unlock_anon_vma_write(struct anon_vma *av)
{
	up_write(&av->rwsem);
	put_anon_vma(av);
}

struct anon_vma *page_lock_anon_vma_write(struct page *page)
{
	struct anon_vma *av = page_get_anon_vma(page);

	if (!av)
		return NULL;
	down_write(&av->rwsem);
	if (page_mapped(page))
		return av;
	page_unlock_anon_vma_write(av);
	return NULL;
}

static bool mkclean_one(struct page *page, struct vm_area_struct *vma,
			unsigned long addr, pte_t *pte, void *arg)
{
	pte_t old = *pte;

	(void)page, (void)arg;
	if (pte_dirty(old) || pte_write(old)) {
		set_pte(pte, pte_wrprotect(pte_mkclean(old)));
		flush_tlb_page(&vma->vm_mm->arch, addr);
	}
	return true;
}

void page_mkclean(struct page *page)
{
	struct rmap_walk w = { .fn = mkclean_one };

	VM_BUG_ON_PAGE(!PageLocked(page) || PageAnon(page), page);
	if (page_mapped(page))
		rmap_walk(page, &w);
}

static bool count_one(struct page *page, struct vm_area_struct *vma,
		      unsigned long addr, pte_t *pte, void *arg)
{
	(void)page, (void)vma, (void)addr, (void)pte;
	++*(int *)arg;
	return true;
}

int page_count_mappings(struct page *page)
{
	int n = 0;
	struct rmap_walk w = { .fn = count_one, .arg = &n };

	rmap_walk(page, &w);
	return n;
}
