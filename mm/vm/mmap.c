// SPDX-License-Identifier: MIT
/*
 * mmap, munmap, brk: ranges come and go.
 *
 * A new mapping takes five steps; nothing is changed before step 4:
 *
 *	1 arguments  protections, flags, backing        __do_mmap()
 *	2 address    hint, fixed, or a gap of the tree  get_unmapped_area()
 *	3 limits     RLIMIT_AS/DATA/MEMLOCK, map count, promise
 *	4 clear      MAP_FIXED: what was there goes
 *	5 link       join a neighbour, or a new VMA     mmap_region()
 *
 * munmap(): split at both ends, take the run of VMAs out, then the pages,
 * then the tables in the hole between the neighbours:
 *
 *	pppp[aaaa|bbbbbb|cc]nnnn    ->    pppp..............nnnn
 *	                                      ^ floor        ^ ceiling
 *
 * Lock: mmap_lock for writing. The order of the checks is Linux's: it shows
 * in errno. Callers: the system calls, exec, ELF loading.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>

/* ---- split and merge ----------------------------------------------------- */

/* Whatever the number of VMAs: munmap() needs one more to give many back. */
static int __split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
		       unsigned long addr, bool new_below)
{
	struct vm_area_struct *new;

	if (unlikely(is_vm_hugetlb_page(vma)) &&
	    (addr & (vma_hugetlb_size(vma) - 1)))
		return -EINVAL;
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	vma_adjust_trans_huge(vma, addr);
	rmap_lock(vma->vm_mapping, vma->anon_vma);
	__vma_rmap_remove(vma);
	vma_split_apply(mm, vma, new, addr, new_below);
	__vma_rmap_insert(vma);
	__vma_rmap_insert(new);
	rmap_unlock(vma->vm_mapping, vma->anon_vma);
	return 0;
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr, bool new_below)
{
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	return __split_vma(mm, vma, addr, new_below);
}

/* The plan with the reverse map around it; see vma_merge.c for the cases. */
static void merge_commit(struct mm_struct *mm, struct vma_merge_plan *plan)
{
	struct vm_area_struct *keep = plan->keep;
	struct address_space *mapping = keep->vm_mapping;
	struct anon_vma *av = keep->anon_vma ?: plan->anon_vma;

	rmap_lock(mapping, av);
	__vma_rmap_remove(keep);
	for (int i = 0; i < 2 && plan->remove[i]; i++)
		__vma_rmap_remove(plan->remove[i]);
	if (plan->trim)
		__vma_rmap_remove(plan->trim);
	vma_merge_apply(mm, plan);
	if (plan->trim)
		__vma_rmap_insert(plan->trim);
	__vma_rmap_insert(keep);
	rmap_unlock(mapping, av);
}

struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 struct vm_area_struct *prev,
				 struct vm_area_struct *curr,
				 unsigned long addr, unsigned long end,
				 const struct vma_attr *attr)
{
	struct vma_merge_plan plan;

	if (!vma_merge_plan(mm, prev, curr, addr, end, attr, &plan))
		return NULL;
	merge_commit(mm, &plan);
	for (int i = 0; i < 2 && plan.remove[i]; i++)
		vm_area_free(plan.remove[i]);
	return plan.keep;
}

int vma_modify_flags(struct mm_struct *mm, struct vm_area_struct **vmap,
		     unsigned long start, unsigned long end, vm_flags_t flags)
{
	struct vm_area_struct *vma = *vmap, *merged;
	struct vma_attr attr = vma_attr_of(vma, start);
	int err;

	VM_BUG_ON(start < vma->vm_start || end > vma->vm_end || start >= end);
	attr.flags = flags;
	vma_adjust_trans_huge(vma, start);
	vma_adjust_trans_huge(vma, end);
	merged = vma_merge(mm, start == vma->vm_start ? vma->vm_prev : NULL,
			   vma, start, end, &attr);
	if (merged) {
		*vmap = merged;
		return 0;
	}
	if (start > vma->vm_start) {
		err = split_vma(mm, vma, start, true);
		if (err)
			return err;
	}
	if (end < vma->vm_end) {
		err = split_vma(mm, vma, end, false);
		if (err)
			return err;
	}
	vma->vm_flags = flags;
	vma_set_page_prot(vma);
	return 0;
}

/* ---- munmap -------------------------------------------------------------- */

/*
 * The run from first on is out of the tree: now its pages, its tables,
 * itself. floor and ceiling are the borders of the neighbours.
 */
static void unmap_region(struct mm_struct *mm, struct vm_area_struct *first,
			 unsigned long floor, unsigned long ceiling)
{
	unsigned long start = first->vm_start, end = start, unaccount = 0;
	struct vm_area_struct *vma, *next;
	struct mmu_gather tlb;

	update_hiwater_rss(mm);
	tlb_gather_mmu(&tlb, mm, false);
	for (vma = first; vma; vma = vma->vm_next) {
		zap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, true);
		vma_rmap_remove(vma);
		end = vma->vm_end;
	}
	tlb_finish_mmu(&tlb);
	free_pgtables(mm, start, end, floor, ceiling);

	for (vma = first; vma; vma = next) {
		long pages = (long)vma_pages(vma);

		next = vma->vm_next;
		if (vma->vm_flags & VM_ACCOUNT)
			unaccount += (unsigned long)pages;
		if (vma->vm_flags & VM_LOCKED)
			mm->locked_vm -= (unsigned long)pages;
		vm_stat_account(mm, vma->vm_flags, -pages);
		vm_area_free(vma);
	}
	if (unaccount)
		vm_unacct_memory(unaccount);
}

/* Cut so that VMA borders fall on start and end. => the first VMA inside */
static int split_ends(struct mm_struct *mm, struct vm_area_struct **first,
		      struct vm_area_struct **last, unsigned long start,
		      unsigned long end)
{
	struct vm_area_struct *vma = *first, *tail;
	int err;

	if (start > vma->vm_start) {
		/* Both cuts in one VMA: do not begin what cannot end. */
		if (end < vma->vm_end && mm->map_count >= sysctl_max_map_count)
			return -ENOMEM;
		err = __split_vma(mm, vma, start, true);
		if (err)
			return err;
	}
	for (tail = vma; tail->vm_next && tail->vm_next->vm_start < end;)
		tail = tail->vm_next;
	if (end < tail->vm_end) {
		err = __split_vma(mm, tail, end, false);
		if (err)
			return err;
	}
	*first = vma;
	*last = tail;
	return 0;
}

int __do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	struct vm_area_struct *first, *last, *prev, *next;
	unsigned long end;
	int err;

	if (offset_in_page(start) || start > TASK_SIZE ||
	    len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	end = start + len;
	first = find_vma_intersection(mm, start, end);
	if (!first)
		return 0;
	err = split_ends(mm, &first, &last, start, end);
	if (err)
		return err;

	prev = first->vm_prev;
	next = last->vm_next;
	vma_detach_run(mm, first, last);
	unmap_region(mm, first, prev ? prev->vm_end : 0,
		     next ? next->vm_start : TASK_SIZE);
	return 0;
}

int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	int err;

	down_write(&mm->mmap_lock);
	err = __do_munmap(mm, start, len);
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- finding an address -------------------------------------------------- */

static bool hint_is_free(struct mm_struct *mm, unsigned long addr,
			 unsigned long len)
{
	struct vm_area_struct *prev, *vma;

	if (addr < lowest_address() || addr > TASK_SIZE - len)
		return false;
	vma = find_vma_prev(mm, addr, &prev);
	return (!vma || addr + len <= vm_start_gap(vma)) &&
	       (!prev || addr >= prev->vm_end);
}

static unsigned long find_gap(struct mm_struct *mm, unsigned long len,
			      unsigned long align)
{
	struct vm_unmapped_area_info info = {
		.length = len,
		.align_mask = (align - 1) & PAGE_MASK,
		.low_limit = lowest_address(),
		.high_limit = mm->mmap_base,
		.topdown = true,
	};
	unsigned long addr = vm_unmapped_area(mm, &info);

	if (!IS_ERR_VALUE(addr))
		return addr;
	/* A stack limit that leaves no room below: from the bottom up. */
	info.topdown = false;
	info.low_limit = TASK_UNMAPPED_BASE;
	info.high_limit = TASK_SIZE;
	return vm_unmapped_area(mm, &info);
}

unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags)
{
	unsigned long align = PAGE_SIZE;

	(void)pgoff;
	if (unlikely(flags & MAP_HUGETLB))
		align = huge_page_size(hstate_of_flags(flags));
	if (len > TASK_SIZE - lowest_address())
		return (unsigned long)-ENOMEM;
	if (!(flags & MAP_FIXED)) {
		if (addr) {
			addr = ALIGN(addr, align);
			if (hint_is_free(mm, addr, len))
				return addr;
		}
		return find_gap(mm, len, align);
	}
	if (addr > TASK_SIZE - len)
		return (unsigned long)-ENOMEM;
	if (addr & (align - 1))
		return (unsigned long)-EINVAL;
	if (addr < mmap_min_addr && !(mm->caps & MM_CAP_RAWIO))
		return (unsigned long)-EPERM;
	return addr;
}

/* ---- mmap ---------------------------------------------------------------- */

static vm_flags_t calc_vm_flags(unsigned long prot, unsigned long flags)
{
	vm_flags_t vm = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);

	if (flags & MAP_GROWSDOWN)
		vm |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm |= VM_LOCKED;
	if (flags & MAP_SYNC)
		vm |= VM_SYNC;
	if (flags & MAP_ANONYMOUS)
		vm |= VM_MTE_ALLOWED;
	return vm;
}

/* The rights a file mapping may have. => 0 and *vm adjusted, or -errno */
static int check_file_mapping(const struct vm_backing *b, pgoff_t pgoff,
			      unsigned long len, unsigned long prot,
			      unsigned long flags, vm_flags_t *vm)
{
	if (len > LONG_MAX || pgoff > (LONG_MAX - len) >> PAGE_SHIFT)
		return -EOVERFLOW;
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		flags &= MAP_LEGACY_MASK;
		fallthrough;
	case MAP_SHARED_VALIDATE:
		if (flags & ~MAP_LEGACY_MASK)
			return -EOPNOTSUPP;
		if ((prot & PROT_WRITE) && !b->may_write)
			return -EACCES;
		*vm |= VM_SHARED | VM_MAYSHARE;
		if (b->sealed && b->may_write) {
			if (prot & PROT_WRITE)
				return -EPERM;
			*vm &= ~VM_MAYWRITE;
		}
		if (!b->may_write)
			*vm &= ~(VM_MAYWRITE | VM_SHARED);
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (!b->may_read)
		return -EACCES;
	if (!b->may_exec) {
		if (*vm & VM_EXEC)
			return -EPERM;
		*vm &= ~VM_MAYEXEC;
	}
	if (!b->ops && !b->private_is_anon)
		return -ENODEV;
	return *vm & VM_GROWSDOWN ? -EINVAL : 0;
}

static int check_anon_mapping(unsigned long flags, vm_flags_t *vm)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*vm & VM_GROWSDOWN)
			return -EINVAL;
		*vm |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Attach what stands behind the mapping. => 0, -ENOMEM, -EINVAL */
static int attach_backing(struct vm_area_struct *vma,
			  const struct vm_backing *b)
{
	if (unlikely(b && b->h))
		return hugetlb_attach(vma, b->h);
	if ((vma->vm_flags & VM_MAYSHARE) && (!b || b->private_is_anon)) {
		vma->vm_mapping = shmem_create(vma->vm_mm,
					       vma->vm_end - vma->vm_start,
					       vma->vm_flags & VM_NORESERVE);
		if (!vma->vm_mapping)
			return -ENOMEM;
		vma->vm_ops = &shmem_anon_vm_ops;
		vma->vm_pgoff = 0;
		return 0;
	}
	if (!b)
		return 0;
	vma->vm_file = b->file;
	vma->vm_file_get = b->get;
	vma->vm_file_put = b->put;
	if (!b->private_is_anon) {
		vma->vm_mapping = b->mapping;
		vma->vm_ops = b->ops;
		vma->vm_private_data = b->private_data;
	}
	vma_get_backing(vma);
	return 0;
}

static struct vma_attr attr_of_backing(vm_flags_t vm, pgoff_t pgoff,
				       const struct vm_backing *b)
{
	struct vma_attr attr = { .flags = vm, .pgoff = pgoff };

	if (b) {
		attr.file = b->file;
		if (!b->private_is_anon) {
			attr.mapping = b->mapping;
			attr.ops = b->ops;
			attr.private_data = b->private_data;
		}
	}
	return attr;
}

/* F_SEAL_WRITE came first. The look is after the VMA entered i_mmap. */
static bool denied_by_seal(const struct vm_area_struct *vma)
{
	return may_write_shared(vma) && vma->vm_mapping &&
	       (READ_ONCE(vma->vm_mapping->flags) & (1UL << AS_SEALED));
}

static int insert_new_vma(struct mm_struct *mm, struct vm_area_struct *prev,
			  unsigned long addr, unsigned long len, vm_flags_t vm,
			  pgoff_t pgoff, const struct vm_backing *b)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm;
	vma->vm_pgoff = pgoff;
	err = attach_backing(vma, b);
	if (err) {
		vm_area_free(vma);
		return err;
	}
	vma_set_page_prot(vma);
	__vma_link(mm, vma, prev);
	vma_rmap_insert(vma);
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	if (unlikely(denied_by_seal(vma))) {
		__vma_unlink(mm, vma);
		vma_rmap_remove(vma);
		vm_area_free(vma);
		return -EPERM;
	}
	return 0;
}

/* Steps 3 to 5: the arguments are right, addr is chosen. */
static int mmap_region(struct mm_struct *mm, unsigned long addr,
		       unsigned long len, vm_flags_t vm, pgoff_t pgoff,
		       const struct vm_backing *b)
{
	unsigned long pages = len >> PAGE_SHIFT;
	struct vm_area_struct *prev;
	bool shmem = (vm & VM_MAYSHARE) && (!b || b->private_is_anon);
	struct vma_attr attr;
	int err;

	if (!may_expand_vm(mm, vm, pages) &&
	    !may_expand_vm(mm, vm,
			   pages - count_vma_pages_range(mm, addr, addr + len)))
		return -ENOMEM;
	if (!find_vma_links(mm, addr, addr + len, &prev)) {
		err = __do_munmap(mm, addr, len);
		if (err)
			return err;
		if (WARN_ON(!find_vma_links(mm, addr, addr + len, &prev)))
			return -ENOMEM;
	}
	if (accountable_mapping(vm)) {
		if (vm_enough_memory(mm, pages))
			return -ENOMEM;
		vm |= VM_ACCOUNT;
	}
	attr = attr_of_backing(vm, pgoff, b);
	attr.fresh = true;
	if (shmem || !vma_merge(mm, prev, NULL, addr, addr + len, &attr)) {
		err = insert_new_vma(mm, prev, addr, len, vm, pgoff, b);
		if (err)
			goto uncharge;
	}
	vm_stat_account(mm, vm, (long)pages);
	if (vm & VM_LOCKED)
		mm->locked_vm += pages;
	return 0;

uncharge:
	if (vm & VM_ACCOUNT)
		vm_unacct_memory(pages);
	return err;
}

/* A hint too low means "anywhere, but near". */
static unsigned long round_hint(unsigned long addr)
{
	addr &= PAGE_MASK;
	if (addr && addr < lowest_address())
		return lowest_address();
	return addr;
}

/* Steps 1 and 2. */
long __do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	       unsigned long prot, unsigned long flags, unsigned long pgoff,
	       const struct vm_backing *b)
{
	vm_flags_t vm;
	int err;

	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	if (!(flags & MAP_FIXED))
		addr = round_hint(addr);
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	addr = get_unmapped_area(mm, addr, len, pgoff, flags);
	if (IS_ERR_VALUE(addr))
		return (long)addr;
	if ((flags & MAP_FIXED_NOREPLACE) &&
	    find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;

	vm = calc_vm_flags(prot, flags) | mm->def_flags | VM_MAYREAD |
	     VM_MAYWRITE | VM_MAYEXEC;
	if ((flags & MAP_LOCKED) && !can_do_mlock(mm))
		return -EPERM;
	if (mlock_future_check(mm, vm, len))
		return -EAGAIN;
	err = b ? check_file_mapping(b, pgoff, len, prot, flags, &vm) :
		  check_anon_mapping(flags, &vm);
	if (err)
		return err;
	if (!b)
		pgoff = vm & VM_MAYSHARE ? 0 : addr >> PAGE_SHIFT;
	if (unlikely(b && b->h))
		vm = (vm & ~(VM_LOCKED | VM_LOCKONFAULT)) | VM_HUGETLB |
		     VM_DONTEXPAND;
	if ((flags & MAP_NORESERVE) &&
	    (sysctl_overcommit_memory != OVERCOMMIT_NEVER || (vm & VM_HUGETLB)))
		vm |= VM_NORESERVE;
	err = mmap_region(mm, addr, len, vm, pgoff, b);
	return err ? err : (long)addr;
}

/* MAP_HUGETLB is a file in disguise. => false: no pages of that size */
static noinline bool huge_backing(struct vm_backing *b, unsigned long flags)
{
	*b = (struct vm_backing){
		.h = hstate_of_flags(flags),
		.ops = &hugetlb_vm_ops,
		.may_read = true,
		.may_write = true,
		.may_exec = true,
	};
	return b->h;
}

long do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	     unsigned long prot, unsigned long flags, unsigned long pgoff,
	     const struct vm_backing *b)
{
	struct vm_backing huge;
	bool populate;
	long ret;

	if (unlikely(flags & MAP_HUGETLB)) {
		if (b || !huge_backing(&huge, flags))
			return -EINVAL;
		len = ALIGN(len, huge_page_size(huge.h));
		b = &huge;
	}
	down_write(&mm->mmap_lock);
	ret = __do_mmap(mm, addr, len, prot, flags, pgoff, b);
	populate = (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE ||
		   (flags & MAP_LOCKED) ||
		   (mm->def_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
	up_write(&mm->mmap_lock);
	if (unlikely(populate) && !IS_ERR_VALUE(ret))
		mm_populate(mm, (unsigned long)ret, PAGE_ALIGN(len));
	return ret;
}

/* ---- brk ----------------------------------------------------------------- */

/* [addr, addr + len) is free and becomes zero-filled private memory. */
static int brk_region(struct mm_struct *mm, unsigned long addr,
		      unsigned long len, vm_flags_t flags)
{
	flags |= VM_DATA_DEFAULT_FLAGS | mm->def_flags;
	if (mlock_future_check(mm, mm->def_flags, len))
		return -EAGAIN;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	return mmap_region(mm, addr, len, flags, addr >> PAGE_SHIFT, NULL);
}

int vm_brk_flags(struct mm_struct *mm, unsigned long addr, unsigned long len,
		 vm_flags_t flags)
{
	unsigned long end = PAGE_ALIGN(addr + len);
	int err = 0;

	if (end < addr || end > TASK_SIZE)
		return -ENOMEM;
	addr = PAGE_ALIGN(addr);
	if (flags & ~VM_EXEC)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (end > addr) {
		if (find_vma_intersection(mm, addr, end))
			err = __do_munmap(mm, addr, end - addr);
		if (!err)
			err = brk_region(mm, addr, end - addr, flags);
	}
	up_write(&mm->mmap_lock);
	return err;
}

static bool data_limit_ok(const struct mm_struct *mm, unsigned long brk)
{
	return mm->rlim_data == ULONG_MAX ||
	       (brk - mm->start_brk) + (mm->end_data - mm->start_data) <=
		       mm->rlim_data;
}

/* => may mm->brk become brk? The pages are added or removed here. */
static bool move_brk(struct mm_struct *mm, unsigned long brk)
{
	unsigned long new = PAGE_ALIGN(brk), old = PAGE_ALIGN(mm->brk);
	const struct vm_area_struct *next;

	if (brk < mm->start_brk || brk > TASK_SIZE || !data_limit_ok(mm, brk))
		return false;
	if (new == old)
		return true;
	if (new < old)
		return find_vma_intersection(mm, new, old) &&
		       !__do_munmap(mm, new, old - new);
	next = find_vma(mm, old);
	if (next && new + PAGE_SIZE > vm_start_gap(next))
		return false;
	return !brk_region(mm, old, new - old, 0);
}

unsigned long do_brk(struct mm_struct *mm, unsigned long brk)
{
	unsigned long old, ret;
	bool populate = false;

	down_write(&mm->mmap_lock);
	old = mm->brk;
	if (brk != old && move_brk(mm, brk)) {
		mm->brk = brk;
		populate = brk > old && (mm->def_flags & VM_LOCKED);
	}
	ret = mm->brk;
	up_write(&mm->mmap_lock);
	if (unlikely(populate) && PAGE_ALIGN(ret) > PAGE_ALIGN(old))
		mm_populate(mm, PAGE_ALIGN(old),
			    PAGE_ALIGN(ret) - PAGE_ALIGN(old));
	return ret;
}
