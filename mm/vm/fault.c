// SPDX-License-Identifier: MIT
/*
 * Page faults: the promise of a VMA is kept.
 *
 *	slot          access  mapping            what is done          function
 *	------------  ------  -----------------  --------------------  ---------
 *	empty         read    anonymous          the shared zero page  anonymous
 *	empty         write   anonymous          a zeroed page         anonymous
 *	empty         read    object             its page, read-only,  read_fault
 *	                                         and up to 15 cached
 *	                                         neighbours
 *	empty         write   object, private    a copy of its page    cow_fault
 *	empty         write   object, shared     its page, writable,   shared_
 *	                                         dirty                    fault
 *	read-only     write   zero page          a zeroed page         wp_page
 *	read-only     write   anonymous, alone   made writable         wp_page
 *	read-only     write   anonymous, shared  a copy                wp_page
 *	read-only     write   object, private    a copy                wp_page
 *	read-only     write   object, shared     writable, dirty       wp_page
 *	clean         write   any, may write     dirty                 refresh
 *	old           any     any                young                 refresh
 *	swap entry    any     anonymous          its page, read in     do_swap_
 *	                                                                 page
 *	as wanted     any     any                nothing: another CPU  refresh
 *	                                         was faster
 *	no table      any     anonymous          perhaps a huge page   do_huge_
 *	                                                                 fault
 *
 * One walk finds the slot; its content is read once without the lock and
 * compared under the lock before it is replaced, so whatever two CPUs fault
 * in at the same time, one of them wins and the other starts over.
 *
 * Break before make: an entry that changes its page is cleared and flushed
 * before the new one is written.
 *
 * Locks: mmap_lock for reading (the caller), page lock for object pages,
 * the table's lock for the slot. Callers: mm_user_fault() (the trap),
 * populate, access from outside (access.c).
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/writeback.h>

#define FAULT_AROUND_PAGES 16UL

/* ---- helpers ------------------------------------------------------------- */

/* Lock the slot. => false, unlocked: it is not as we saw it any more */
static inline bool lock_slot(struct vm_fault *vmf)
{
	vmf->ptl = pte_lockptr(vmf->pmd);
	spin_lock(vmf->ptl);
	if (likely(pte_same(ptep_get(vmf->pte), vmf->orig_pte)))
		return true;
	spin_unlock(vmf->ptl);
	return false;
}

/* Fill an empty, locked slot. The page's content comes before its entry. */
static inline void fill_slot(struct vm_fault *vmf, pte_t pte)
{
	smp_wmb();
	set_pte(vmf->pte, pte);
	pt_inc(vmf->pte);
}

/* A fresh anonymous page of vma: dirty from the start, writable if allowed. */
static inline pte_t anon_pte(const struct vm_area_struct *vma,
			     const struct page *page)
{
	pte_t pte = pte_mkdirty(pfn_pte(page_to_pfn(page), vma->vm_page_prot));

	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

static struct page *copy_of(struct page *old)
{
	struct page *page = alloc_page(GFP_USER_PAGE);

	if (page)
		copy_page(page_address(page), page_address(old));
	return page;
}

/* ---- anonymous memory, empty slot ---------------------------------------- */

static vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;
	pte_t pte;

	if (!(vmf->flags & FAULT_FLAG_WRITE)) {
		pte = pte_mkspecial(pfn_pte(zero_pfn, vma->vm_page_prot));
		if (lock_slot(vmf)) {
			fill_slot(vmf, pte);
			spin_unlock(vmf->ptl);
		}
		return 0;
	}
	if (unlikely(anon_vma_prepare(vma)))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_USER_PAGE | __GFP_ZERO);
	if (unlikely(!page))
		return VM_FAULT_OOM;
	pte = anon_pte(vma, page);
	if (unlikely(!lock_slot(vmf))) {
		put_page(page);
		return 0;
	}
	page_add_new_anon_rmap(page, vma, vmf->address);
	add_mm_counter(vma->vm_mm, MM_ANONPAGES, 1);
	fill_slot(vmf, pte);
	spin_unlock(vmf->ptl);
	return 0;
}

/* ---- objects, empty slot ------------------------------------------------- */

/* Get the object's page, locked, into vmf->page. */
static vm_fault_t get_object_page(struct vm_fault *vmf)
{
	vm_fault_t ret = vmf->vma->vm_ops->fault(vmf);

	if (unlikely(ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)))
		return ret;
	VM_BUG_ON_PAGE(!(ret & VM_FAULT_LOCKED), vmf->page);
	VM_BUG_ON_PAGE(!PageLocked(vmf->page), vmf->page);
	return ret;
}

/* Map vmf->page, locked and referenced; the mapping takes the reference. */
static bool map_object_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = vmf->page;
	pte_t pte = pfn_pte(page_to_pfn(page), vma->vm_page_prot);

	if (vmf->flags & FAULT_FLAG_WRITE) {
		VM_BUG_ON(!(vma->vm_flags & VM_SHARED));
		pte = pte_mkwrite(pte_mkdirty(pte));
	}
	if (vma->vm_flags & VM_EXEC)
		sync_exec_page(page);
	if (!lock_slot(vmf))
		return false;
	page_add_file_rmap(page);
	if (unlikely(vma->vm_flags & VM_LOCKED))
		mlock_page(page);
	add_mm_counter(vma->vm_mm, mm_counter_file(page), 1);
	fill_slot(vmf, pte);
	spin_unlock(vmf->ptl);
	return true;
}

/*
 * The window: 16 pages from the aligned address before the fault on, or from
 * the VMA's start if that is later; inside the VMA and the page table.
 */
static vm_fault_t fault_around(struct vm_fault *vmf)
{
	const unsigned long bytes = FAULT_AROUND_PAGES << PAGE_SHIFT;
	struct vm_area_struct *vma = vmf->vma;
	unsigned long from = max(vmf->address & ~(bytes - 1), vma->vm_start);
	unsigned long to =
		min(pmd_addr_end(vmf->address, vma->vm_end), from + bytes);

	return vma->vm_ops->map_pages(
		vmf, vmf->pgoff - ((vmf->address - from) >> PAGE_SHIFT),
		vmf->pgoff + ((to - vmf->address) >> PAGE_SHIFT) - 1);
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (vmf->vma->vm_ops->map_pages) {
		ret = fault_around(vmf);
		if (ret)
			return ret;
	}
	ret = get_object_page(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (!map_object_page(vmf)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
	} else {
		unlock_page(vmf->page);
	}
	return ret & ~VM_FAULT_LOCKED;
}

static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;
	vm_fault_t ret;

	if (unlikely(anon_vma_prepare(vma)))
		return VM_FAULT_OOM;
	ret = get_object_page(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	page = copy_of(vmf->page);
	unlock_page(vmf->page);
	put_page(vmf->page);
	if (unlikely(!page))
		return VM_FAULT_OOM;
	if (vma->vm_flags & VM_EXEC)
		sync_exec_page(page);
	if (lock_slot(vmf)) {
		page_add_new_anon_rmap(page, vma, vmf->address);
		add_mm_counter(vma->vm_mm, MM_ANONPAGES, 1);
		fill_slot(vmf, anon_pte(vma, page));
		spin_unlock(vmf->ptl);
	} else {
		put_page(page);
	}
	return ret & ~VM_FAULT_LOCKED;
}

/* The store gets page ready to be written to. => 0 or what to tell */
static vm_fault_t page_mkwrite(struct address_space *mapping, struct page *page)
{
	int err = mapping->a_ops->page_mkwrite ?
			  mapping->a_ops->page_mkwrite(mapping, page) :
			  0;

	return !err ? 0 : err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	vm_fault_t err, ret = get_object_page(vmf);

	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	err = page_mkwrite(vmf->vma->vm_mapping, vmf->page);
	if (unlikely(err)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
		return err;
	}
	if (map_object_page(vmf)) {
		set_page_dirty(vmf->page);
		unlock_page(vmf->page);
		balance_dirty_pages_ratelimited(vmf->vma->vm_mapping);
	} else {
		unlock_page(vmf->page);
		put_page(vmf->page);
	}
	return ret & ~VM_FAULT_LOCKED;
}

static vm_fault_t do_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;

	vmf->pgoff = linear_page_index(vma, vmf->address);
	if (unlikely(!vma->vm_ops->fault))
		return VM_FAULT_SIGBUS;
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_read_fault(vmf);
	if (vma->vm_flags & VM_SHARED)
		return do_shared_fault(vmf);
	return do_cow_fault(vmf);
}

/* ---- write to a read-only slot ------------------------------------------- */

/* The locked slot stays as it is but for rights and history. */
static inline void upgrade_slot(struct vm_fault *vmf, pte_t pte)
{
	set_pte(vmf->pte, pte);
	flush_tlb_fix_spurious_fault(&vmf->vma->vm_mm->arch, vmf->address);
	spin_unlock(vmf->ptl);
}

/* Written to; and writable, unless a debugger forces a read-only mapping. */
static inline pte_t writable(const struct vm_area_struct *vma, pte_t pte)
{
	pte = pte_mkdirty(pte_mkyoung(pte));
	return likely(vma->vm_flags & VM_WRITE) ? pte_mkwrite(pte) : pte;
}

/* The slot is locked and gets the new page; old may be the zero page. */
static void replace_page(struct vm_fault *vmf, struct page *old,
			 struct page *new)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;

	ptep_get_and_clear(vmf->pte);
	flush_tlb_page(&mm->arch, vmf->address);
	page_add_new_anon_rmap(new, vma, vmf->address);
	if (!old) {
		add_mm_counter(mm, MM_ANONPAGES, 1);
	} else {
		if (!PageAnon(old)) {
			add_mm_counter(mm, mm_counter_file(old), -1);
			add_mm_counter(mm, MM_ANONPAGES, 1);
		}
		page_remove_rmap(old);
		if (unlikely(vma->vm_flags & VM_LOCKED))
			munlock_page(old, false);
	}
	smp_wmb();
	set_pte(vmf->pte, anon_pte(vma, new));
}

/* A page of our own instead of old (NULL: of zeroes). Slot unlocked. */
static vm_fault_t wp_page_copy(struct vm_fault *vmf, struct page *old)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *new = NULL;

	if (likely(!anon_vma_prepare(vma)))
		new = old ? copy_of(old) :
			    alloc_page(GFP_USER_PAGE | __GFP_ZERO);
	if (unlikely(!new)) {
		if (old)
			put_page(old);
		return VM_FAULT_OOM;
	}
	if (old && (vma->vm_flags & VM_EXEC))
		sync_exec_page(new);
	if (lock_slot(vmf)) {
		replace_page(vmf, old, new);
		spin_unlock(vmf->ptl);
		if (old)
			put_page(old); /* the mapping's reference */
	} else {
		put_page(new);
	}
	if (old)
		put_page(old);
	return 0;
}

/*
 * Does nobody else see page, mapped or in swap? If in doubt a copy is always
 * right; a write by force gets one, since the slot stays read-only.
 */
static bool reuse_anon_page(const struct vm_area_struct *vma, struct page *page)
{
	bool reuse;

	if (likely(!PageSwapCache(page)))
		return anon_page_is_ours(page);
	if (!(vma->vm_flags & VM_WRITE) || !trylock_page(page))
		return false;
	reuse = reuse_swap_page(page);
	unlock_page(page);
	return reuse;
}

/*
 * A shared page that is written back: dirty together with its entry, both
 * under the page lock, or else write-back would see only one of them.
 * The slot is locked and unchanged; it is unlocked here.
 */
static vm_fault_t wp_page_shared(struct vm_fault *vmf, struct page *page)
{
	vm_fault_t ret = 0;

	get_page(page);
	spin_unlock(vmf->ptl);
	lock_page(page);
	if (likely(page->mapping == vmf->vma->vm_mapping)) {
		ret = page_mkwrite(page->mapping, page);
		if (!ret && lock_slot(vmf)) {
			upgrade_slot(vmf, writable(vmf->vma, vmf->orig_pte));
			set_page_dirty(page);
		}
	}
	unlock_page(page);
	put_page(page);
	balance_dirty_pages_ratelimited(vmf->vma->vm_mapping);
	return ret;
}

/* The slot is locked and unchanged; it is unlocked here. */
vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = vm_normal_page(vmf->orig_pte);

	if (page && PageAnon(page) && reuse_anon_page(vma, page)) {
		upgrade_slot(vmf, writable(vma, vmf->orig_pte));
		count_vm_event(PGREUSE);
		return 0;
	}
	if (vma->vm_flags & VM_SHARED) {
		if (page && mapping_can_writeback(vma->vm_mapping))
			return wp_page_shared(vmf, page);
		if (page)
			set_page_dirty(page);
		upgrade_slot(vmf, writable(vma, vmf->orig_pte));
		return 0;
	}
	if (page)
		get_page(page);
	spin_unlock(vmf->ptl);
	return wp_page_copy(vmf, page);
}

/* ---- a present slot ------------------------------------------------------ */

static vm_fault_t refresh(struct vm_fault *vmf)
{
	pte_t pte = vmf->orig_pte, new = pte_mkyoung(pte);
	bool write = vmf->flags & FAULT_FLAG_WRITE;

	if (!lock_slot(vmf))
		return 0;
	if (write) {
		if (!pte_write(pte))
			return do_wp_page(vmf);
		new = pte_mkdirty(new);
	}
	if (write) {
		upgrade_slot(vmf, new); /* or another CPU did so */
	} else {
		set_pte(vmf->pte, new); /* a TLB never holds an old entry */
		spin_unlock(vmf->ptl);
	}
	return 0;
}

/* ---- entry --------------------------------------------------------------- */

/* What was just seen empty: may it be so because the OOM reaper was there? */
static inline bool is_reaped(const struct mm_struct *mm)
{
	smp_rmb(); /* pairs with oom_reaper.c:reap_pages() */
	return READ_ONCE(mm->oom_reaped);
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long addr,
			   unsigned int flags)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_fault vmf; /* the other fields when they are known */

	vmf.vma = vma;
	vmf.address = addr & PAGE_MASK;
	vmf.flags = flags;
	VM_BUG_ON(addr < vma->vm_start || addr >= vma->vm_end);
	count_vm_event(PGFAULT);
	vmf.pte = pte_walk(mm->pgd, addr, &vmf.pmd);
	if (unlikely(!vmf.pte)) {
		vm_fault_t ret;

		if (unlikely(is_reaped(mm)))
			return VM_FAULT_SIGBUS;
		ret = do_huge_fault(&vmf);
		if (ret != VM_FAULT_FALLBACK)
			return ret;
		vmf.pte = mm_pte_alloc(mm, addr, &vmf.pmd);
		if (!vmf.pte)
			return vmf.pmd && !pmd_none(*vmf.pmd) ? 0 :
								VM_FAULT_OOM;
	}
	vmf.orig_pte = ptep_get(vmf.pte);
	if (pte_none(vmf.orig_pte)) {
		if (unlikely(is_reaped(mm)))
			return VM_FAULT_SIGBUS;
		return vma_is_anonymous(vma) ? do_anonymous_page(&vmf) :
					       do_fault(&vmf);
	}
	if (unlikely(!pte_present(vmf.orig_pte)))
		return do_swap_page(&vmf);
	return refresh(&vmf);
}

/* The rights an access needs, any of them; execute implies read. */
static inline vm_flags_t needed_rights(unsigned int flags)
{
	if (flags & FAULT_FLAG_WRITE)
		return VM_WRITE;
	if (flags & FAULT_FLAG_INSTRUCTION)
		return VM_EXEC;
	return VM_READ | VM_WRITE | VM_EXEC;
}

/*
 * addr is below a VMA: perhaps its stack grows. mmap_lock is held for
 * reading. => the VMA, now holding addr, or NULL; still held for reading
 */
static noinline struct vm_area_struct *grow_stack(struct mm_struct *mm,
						  unsigned long addr)
{
	struct vm_area_struct *vma;

	up_read(&mm->mmap_lock);
	down_write(&mm->mmap_lock);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start > addr) {
		if (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, addr))
			vma = NULL;
	}
	downgrade_write(&mm->mmap_lock);
	return vma;
}

vm_fault_t mm_user_fault(struct mm_struct *mm, unsigned long addr,
			 unsigned int flags, int *si_code)
{
	struct vm_area_struct *vma;
	vm_fault_t ret;

	down_read(&mm->mmap_lock);
	vma = find_vma(mm, addr);
	if (unlikely(vma && vma->vm_start > addr))
		vma = vma->vm_flags & VM_GROWSDOWN ? grow_stack(mm, addr) :
						     NULL;
	if (unlikely(!vma)) {
		*si_code = SEGV_MAPERR;
		ret = VM_FAULT_SIGSEGV;
	} else if (unlikely(!(vma->vm_flags & needed_rights(flags)))) {
		*si_code = SEGV_ACCERR;
		ret = VM_FAULT_SIGSEGV;
	} else {
		ret = handle_mm_fault(vma, addr, flags);
	}
	up_read(&mm->mmap_lock);
	if (unlikely(ret & VM_FAULT_MAJOR))
		count_vm_event(PGMAJFAULT);
	if (unlikely(ret & VM_FAULT_SIGBUS))
		*si_code = BUS_ADRERR;
	return ret & (VM_FAULT_ERROR | VM_FAULT_MAJOR);
}
