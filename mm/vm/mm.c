// SPDX-License-Identifier: MIT
/*
 * Address spaces and VMAs as objects: life, limits, sizes.
 *
 *	mm_users  threads (and others who look inside): at 0 the memory goes
 *	mm_count  whoever holds the struct; all users together count one
 *
 * Invariants: an mm without users has no VMAs, no pages and no tables; its
 * rss counters are then zero, or someone forgot a page: that is reported, as
 * Linux does, with "BUG: Bad rss-counter state".
 */
#include <base/bug.h>
#include <base/printk.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/swap_area.h>
#include <sched/sched.h>

unsigned long mmap_min_addr = 4096;
int sysctl_max_map_count = DEFAULT_MAX_MAP_COUNT;
int randomize_va_space = 2;

static struct kmem_cache *mm_cache, *vma_cache;
static atomic_long_t nr_mms, nr_vmas;
static DEFINE_SPINLOCK(mm_list_lock);
static LIST_HEAD(mm_list);

void mm_vm_init(void)
{
	mm_cache = kmem_cache_create(
		"mm_struct", sizeof(struct mm_struct), 0,
		SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_ACCOUNT, NULL);
	vma_cache = kmem_cache_create("vm_area_struct",
				      sizeof(struct vm_area_struct), 0,
				      SLAB_PANIC | SLAB_ACCOUNT, NULL);
	anon_vma_init();
	shmem_init();
	swap_init();
	hugepage_init();
	lru_init();
	hugetlb_init();
}

void mm_object_counts(unsigned long *mms, unsigned long *vmas,
		      unsigned long *anon_vmas)
{
	*mms = (unsigned long)atomic_long_read(&nr_mms);
	*vmas = (unsigned long)atomic_long_read(&nr_vmas);
	*anon_vmas = anon_vma_count();
}

/* ---- mm_struct ----------------------------------------------------------- */

static void mm_init_fields(struct mm_struct *mm)
{
	mm->mm_rb = RB_ROOT;
	init_rwsem(&mm->mmap_lock);
	spin_lock_init(&mm->page_table_lock);
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	mm->task_size = TASK_SIZE;
	mm->rlim_stack = 8UL << 20;
	mm->rlim_as = ULONG_MAX;
	mm->rlim_data = ULONG_MAX;
	mm->rlim_memlock = 8UL << 20;
	mm_set_layout(mm, 0, 0);
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cache, GFP_KERNEL);

	if (!mm)
		return NULL;
	mm->pgd = pgd_alloc();
	if (!mm->pgd) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	mm_init_fields(mm);
	arch_mm_init(&mm->arch, __pa(mm->pgd));
	spin_lock(&mm_list_lock);
	list_add_tail(&mm->mm_list, &mm_list);
	spin_unlock(&mm_list_lock);
	atomic_long_inc(&nr_mms);
	return mm;
}

/*
 * Top-down layout, as Linux does it:
 *
 *	TASK_SIZE  stack |  gap: stack limit + guard, 128 MiB to 5/6  |
 *	mmap_base  .................... mmap area grows down .........
 */
void mm_set_layout(struct mm_struct *mm, unsigned long stack_rnd,
		   unsigned long rnd)
{
	const unsigned long min_gap = 128UL << 20;
	const unsigned long max_gap = STACK_TOP / 6 * 5;
	unsigned long gap = mm->rlim_stack, pad = stack_guard_gap + stack_rnd;

	if (gap + pad > gap)
		gap += pad;
	gap = clamp(gap, min_gap, max_gap);
	mm->mmap_base = PAGE_ALIGN(STACK_TOP - gap - rnd);
}

void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}

bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_mmap(mm);
	mmdrop(mm);
}

static void check_mm(const struct mm_struct *mm)
{
	static const char *const names[NR_MM_COUNTERS] = {
		"MM_FILEPAGES", "MM_ANONPAGES", "MM_SWAPENTS", "MM_SHMEMPAGES"
	};
	long bytes = atomic_long_read(&mm->pgtables_bytes);

	for (int i = 0; i < NR_MM_COUNTERS; i++) {
		long x = atomic_long_read(&mm->rss_stat[i]);

		if (unlikely(x))
			pr_alert(
				"BUG: Bad rss-counter state mm:%px type:%s val:%ld\n",
				mm, names[i], x);
	}
	if (unlikely(atomic_long_read(&mm->hugetlb_usage)))
		pr_alert("BUG: non-zero hugetlb_usage on freeing mm\n");
	if (unlikely(bytes))
		pr_alert("BUG: non-zero pgtables_bytes on freeing mm: %ld\n",
			 bytes);
}

void mmdrop(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_count))
		return;
	BUG_ON(atomic_read(&mm->mm_users) || mm->mmap);
	check_mm(mm);
	spin_lock(&mm_list_lock);
	list_del(&mm->mm_list);
	spin_unlock(&mm_list_lock);
	pgd_free(mm->pgd);
	kmem_cache_free(mm_cache, mm);
	atomic_long_dec(&nr_mms);
}

/* ---- swapoff ------------------------------------------------------------- */

static int unuse_mm(struct mm_struct *mm, unsigned int type)
{
	struct vm_area_struct *vma;
	int err = 0;

	down_read(&mm->mmap_lock);
	for (vma = mm->mmap; vma && !err; vma = vma->vm_next) {
		if (vma->anon_vma && !is_vm_hugetlb_page(vma))
			err = swap_in_range(vma, vma->vm_start, vma->vm_end,
					    type);
		if (!err && signal_pending(current))
			err = -EINTR;
	}
	up_read(&mm->mmap_lock);
	return err;
}

int mm_unuse(unsigned int type)
{
	struct mm_struct *mm, *prev = NULL;
	int err = 0;

	spin_lock(&mm_list_lock);
	list_for_each_entry(mm, &mm_list, mm_list) {
		if (!get_mm_counter(mm, MM_SWAPENTS) || !mmget_not_zero(mm))
			continue;
		spin_unlock(&mm_list_lock);
		if (prev)
			mmput(prev);
		prev = mm; /* keeps its place in the list */
		err = unuse_mm(mm, type);
		spin_lock(&mm_list_lock);
		if (err)
			break;
	}
	spin_unlock(&mm_list_lock);
	if (prev)
		mmput(prev);
	return err;
}

unsigned long mm_swapents(void)
{
	const struct mm_struct *mm;
	unsigned long n = 0;

	spin_lock(&mm_list_lock);
	list_for_each_entry(mm, &mm_list, mm_list)
		n += get_mm_counter(mm, MM_SWAPENTS);
	spin_unlock(&mm_list_lock);
	return n;
}

/* ---- VMA objects --------------------------------------------------------- */

static pgprot_t vm_get_page_prot(vm_flags_t flags)
{
	return vm_prot_to_pgprot(flags & (VM_READ | VM_WRITE),
				 (flags & VM_WRITE) && (flags & VM_SHARED),
				 flags & VM_EXEC);
}

/*
 * Shared pages of an object that is written back start write-protected, so
 * that the first write is noticed and the page becomes dirty.
 */
void vma_set_page_prot(struct vm_area_struct *vma)
{
	vm_flags_t flags = vma->vm_flags;

	if ((flags & VM_SHARED) && vma->vm_mapping &&
	    mapping_can_writeback(vma->vm_mapping))
		flags &= ~VM_SHARED;
	vma->vm_page_prot = vm_get_page_prot(flags);
}

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_zalloc(vma_cache, GFP_KERNEL);

	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	atomic_long_inc(&nr_vmas);
	return vma;
}

void vma_get_backing(const struct vm_area_struct *vma)
{
	if (vma->vm_file)
		vma->vm_file_get(vma->vm_file);
	else if (vma->vm_mapping)
		shmem_get(vma->vm_mapping);
}

void vma_put_backing(const struct vm_area_struct *vma)
{
	if (vma->vm_file)
		vma->vm_file_put(vma->vm_file);
	else if (vma->vm_mapping)
		shmem_put(vma->vm_mapping);
}

struct vm_area_struct *vm_area_dup(const struct vm_area_struct *vma)
{
	struct vm_area_struct *copy = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (!copy)
		return NULL;
	*copy = *vma;
	copy->vm_next = NULL;
	copy->vm_prev = NULL;
	vma_get_backing(copy);
	if (copy->vm_ops && copy->vm_ops->open)
		copy->vm_ops->open(copy);
	atomic_long_inc(&nr_vmas);
	return copy;
}

void vm_area_free(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	vma_put_backing(vma);
	atomic_long_dec(&nr_vmas);
	kmem_cache_free(vma_cache, vma);
}

/* ---- accounting ---------------------------------------------------------- */

static bool is_exec_mapping(vm_flags_t f)
{
	return (f & (VM_EXEC | VM_WRITE | VM_STACK)) == VM_EXEC;
}

static bool is_stack_mapping(vm_flags_t f)
{
	return f & VM_STACK;
}

static bool is_data_mapping(vm_flags_t f)
{
	return (f & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE;
}

void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages)
{
	if (npages < 0 && mm->hiwater_vm < mm->total_vm)
		mm->hiwater_vm = mm->total_vm;
	mm->total_vm += (unsigned long)npages;
	if (is_exec_mapping(flags))
		mm->exec_vm += (unsigned long)npages;
	else if (is_stack_mapping(flags))
		mm->stack_vm += (unsigned long)npages;
	else if (is_data_mapping(flags))
		mm->data_vm += (unsigned long)npages;
}

bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags, unsigned long npages)
{
	if (mm->total_vm + npages > mm->rlim_as >> PAGE_SHIFT)
		return false;
	return !is_data_mapping(flags) ||
	       mm->data_vm + npages <= mm->rlim_data >> PAGE_SHIFT;
}

bool can_do_mlock(const struct mm_struct *mm)
{
	return mm->rlim_memlock || (mm->caps & MM_CAP_IPC_LOCK);
}

int mlock_future_check(struct mm_struct *mm, vm_flags_t flags,
		       unsigned long len)
{
	unsigned long pages = (len >> PAGE_SHIFT) + mm->locked_vm;

	if (!(flags & VM_LOCKED) || (mm->caps & MM_CAP_IPC_LOCK))
		return 0;
	return pages > mm->rlim_memlock >> PAGE_SHIFT ? -EAGAIN : 0;
}

void mm_get_sizes(struct mm_struct *mm, struct mm_sizes *s)
{
	unsigned long text_end = PAGE_ALIGN(mm->end_code);

	s->anon = get_mm_counter(mm, MM_ANONPAGES);
	s->file = get_mm_counter(mm, MM_FILEPAGES);
	s->shmem = get_mm_counter(mm, MM_SHMEMPAGES);
	s->hugetlb = (unsigned long)atomic_long_read(&mm->hugetlb_usage);
	s->swap = get_mm_counter(mm, MM_SWAPENTS);
	s->rss = s->anon + s->file + s->shmem;
	s->peak_rss = max(mm->hiwater_rss, s->rss);
	s->total_vm = mm->total_vm;
	s->peak_vm = max(mm->hiwater_vm, mm->total_vm);
	s->locked_vm = mm->locked_vm;
	s->data = mm->data_vm;
	s->stack = mm->stack_vm;
	s->text_bytes = text_end - (mm->start_code & PAGE_MASK);
	s->text_bytes = min(s->text_bytes, mm->exec_vm << PAGE_SHIFT);
	s->lib_bytes = (mm->exec_vm << PAGE_SHIFT) - s->text_bytes;
	s->pte_bytes = (unsigned long)atomic_long_read(&mm->pgtables_bytes);
}
