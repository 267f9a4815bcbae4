// SPDX-License-Identifier: MIT
/*
 * Address spaces: the mmap family, faults, copy-on-write, the stack. Each
 * test has an mm of its own and ends with nothing left over.
 */
#include <mm/vm/huge_mm.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/oom.h>
#include <sched/completion.h>
#include <sched/kthread.h>

#include "vm_test.h"

void vm_counts_get(struct vm_counts *c)
{
	mm_object_counts(&c->mms, &c->vmas, &c->anon_vmas);
	c->anon_mapped = global_node_page_state(NR_ANON_MAPPED);
	c->file_mapped = global_node_page_state(NR_FILE_MAPPED);
	c->inactive_anon = global_node_page_state(NR_INACTIVE_ANON);
	c->shmem = global_node_page_state(NR_SHMEM);
	c->tables = global_node_page_state(NR_PAGETABLE);
	c->committed = vm_committed_as();
}

void vm_counts_expect(struct ktest *t, const struct vm_counts *b)
{
	struct vm_counts now;

	vm_counts_get(&now);
	VM_EXPECT_EQ(t, now.mms, b->mms);
	VM_EXPECT_EQ(t, now.vmas, b->vmas);
	VM_EXPECT_EQ(t, now.anon_vmas, b->anon_vmas);
	VM_EXPECT_EQ(t, now.anon_mapped, b->anon_mapped);
	VM_EXPECT_EQ(t, now.file_mapped, b->file_mapped);
	VM_EXPECT_EQ(t, now.inactive_anon, b->inactive_anon);
	VM_EXPECT_EQ(t, now.shmem, b->shmem);
	VM_EXPECT_EQ(t, now.tables, b->tables);
	VM_EXPECT_EQ(t, now.committed, b->committed);
}

static void demand_zero(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_counts before;
	unsigned long a;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	vm_counts_get(&before);
	a = (unsigned long)do_mmap(mm, 0, 16 * PAGE_SIZE, RW, ANON, 0, NULL);
	VM_EXPECT_EQ(t, a, mm->mmap_base - 16 * PAGE_SIZE);
	/* A read sees zeroes and costs no page. */
	VM_EXPECT_EQ(t, vm_touch(mm, a, false, &code), 0);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a), 0);
	/* Zero page to own page, and an own page at once. */
	VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), 0);
	VM_EXPECT_EQ(t, vm_touch(mm, a + PAGE_SIZE, true, &code), 0);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_ANONPAGES), 2);
	VM_EXPECT_EQ(t, vm_write_word(mm, a + PAGE_SIZE - 8, 77), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + PAGE_SIZE - 8), 77);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + 8 * PAGE_SIZE), 0);
	VM_EXPECT_SOUND(t, mm);
	/* Outside, and without the right. */
	VM_EXPECT_EQ(t, vm_touch(mm, a - 1, false, &code), VM_FAULT_SIGSEGV);
	VM_EXPECT_EQ(t, code, SEGV_MAPERR);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, PAGE_SIZE, PROT_READ), 0);
	VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), VM_FAULT_SIGSEGV);
	VM_EXPECT_EQ(t, code, SEGV_ACCERR);
	VM_EXPECT_EQ(t, do_munmap(mm, a, 16 * PAGE_SIZE), 0);
	VM_EXPECT_EQ(t, mm->map_count, 0);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 0);
	vm_counts_expect(t, &before);
	mmput(mm);
}

static void copy_on_write(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc(), *child = mm_alloc();
	struct vm_counts before;
	unsigned long a;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_ASSERT_NOT_NULL(t, child);
	vm_counts_get(&before);
	a = (unsigned long)do_mmap(mm, 0, 4 * PAGE_SIZE, RW, ANON, 0, NULL);
	for (unsigned long i = 0; i < 3; i++)
		VM_EXPECT_EQ(t, vm_write_word(mm, a + i * PAGE_SIZE, i + 1), 0);
	VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
	VM_EXPECT_EQ(t, get_mm_rss(child), 3);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_SOUND(t, child);
	/* The child's write is the child's own. */
	VM_EXPECT_EQ(t, vm_write_word(child, a, 100), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a), 1);
	VM_EXPECT_EQ(t, vm_read_word(child, a), 100);
	/* The parent is alone with its page now: no copy. */
	{
		unsigned long reused = vm_event(PGREUSE);

		VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), 0);
		VM_EXPECT_EQ(t, vm_event(PGREUSE), reused + 1);
	}
	VM_EXPECT_EQ(t, vm_write_word(mm, a + PAGE_SIZE, 200), 0);
	VM_EXPECT_EQ(t, vm_read_word(child, a + PAGE_SIZE), 2);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_SOUND(t, child);
	mmput(mm);
	/* Whoever is left has all its pages. */
	VM_EXPECT_EQ(t, vm_read_word(child, a + 2 * PAGE_SIZE), 3);
	VM_EXPECT_EQ(t, vm_write_word(child, a + 2 * PAGE_SIZE, 4), 0);
	VM_EXPECT_SOUND(t, child);
	mmput(child);
	before.mms -= 2;
	before.tables -= 2; /* the two top tables */
	vm_counts_expect(t, &before);
}

static struct completion put_done;

static int put_mm(void *mm)
{
	mmput(mm);
	complete(&put_done);
	return 0;
}

/*
 * Who removes a VMA looks at the lock of its anon_vma to the end of up_write(),
 * when the next may hold it already, remove the last VMA, and be gone.
 */
static void anon_vma_outlives_unlock(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc(), *child = mm_alloc();
	struct anon_vma *av;
	unsigned long a;

	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_ASSERT_NOT_NULL(t, child);
	init_completion(&put_done);
	a = (unsigned long)do_mmap(mm, 0, PAGE_SIZE, RW, ANON, 0, NULL);
	VM_EXPECT_EQ(t, vm_write_word(mm, a, 1), 0);
	VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
	av = find_vma(mm, a)->anon_vma;
	VM_EXPECT_EQ(t, atomic_read(&av->refcount), 1);
	down_read(&av->rwsem);
	KTEST_ASSERT_FALSE(t, IS_ERR(kthread_run(put_mm, child, "vmtest/put")));
	while (!(atomic_long_read(&av->rwsem.count) & RWSEM_WAITERS))
		schedule_timeout_uninterruptible_ns(20000);
	VM_EXPECT_EQ(t, atomic_read(&av->refcount), 2);
	up_read(&av->rwsem);
	wait_for_completion(&put_done);
	VM_EXPECT_EQ(t, atomic_read(&av->refcount), 1);
	VM_EXPECT_EQ(t, av->nr_vmas, 1);
	mmput(mm);
}

static void split_and_merge(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	a = (unsigned long)do_mmap(mm, 0, 9 * p, RW, ANON, 0, NULL);
	for (unsigned long i = 0; i < 9; i++)
		VM_EXPECT_EQ(t, vm_write_word(mm, a + i * p, i), 0);
	VM_EXPECT_EQ(t, do_mprotect(mm, a + 3 * p, 3 * p, PROT_READ), 0);
	VM_EXPECT_EQ(t, mm->map_count, 3);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_EQ(t, do_mprotect(mm, a + 3 * p, 3 * p, RW), 0);
	VM_EXPECT_EQ(t, mm->map_count, 1);
	VM_EXPECT_EQ(t, do_munmap(mm, a + 4 * p, p - 1), 0);
	VM_EXPECT_EQ(t, mm->map_count, 2);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 8);
	/* A new mapping in the hole joins both sides. */
	VM_EXPECT_EQ(t,
		     do_mmap(mm, a + 4 * p, p, RW, ANON | MAP_FIXED, 0, NULL),
		     (long)(a + 4 * p));
	VM_EXPECT_EQ(t, mm->map_count, 1);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + 4 * p), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + 5 * p), 5);
	/* Over the top of everything. */
	VM_EXPECT_EQ(t,
		     do_mmap(mm, a - p, 11 * p, PROT_READ, ANON | MAP_FIXED, 0,
			     NULL),
		     (long)(a - p));
	VM_EXPECT_EQ(t, mm->map_count, 1);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 0);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

/* Old, clean, and what accesses make of it. */
static void access_flag_and_dirty(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, p = PAGE_SIZE;
	pte_t pte;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	a = (unsigned long)do_mmap(mm, 0, p, RW, ANON, 0, NULL);
	VM_EXPECT_EQ(t, vm_write_word(mm, a, 5), 0);
	KTEST_EXPECT_TRUE(t, pte_young(follow_pte(mm, a, NULL)));
	VM_EXPECT_EQ(t, do_madvise(mm, a, p, MADV_COLD), 0);
	pte = follow_pte(mm, a, NULL);
	KTEST_EXPECT_TRUE(t, !pte_young(pte) && pte_dirty(pte));
	VM_EXPECT_EQ(t, vm_touch(mm, a, false, &code), 0);
	KTEST_EXPECT_TRUE(t, pte_young(follow_pte(mm, a, NULL)));
	VM_EXPECT_EQ(t, do_madvise(mm, a, p, MADV_FREE), 0);
	VM_EXPECT_EQ(t, vm_touch(mm, a, false, &code), 0);
	pte = follow_pte(mm, a, NULL);
	KTEST_EXPECT_TRUE(t, pte_young(pte) && !pte_dirty(pte));
	VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), 0);
	KTEST_EXPECT_TRUE(t, pte_dirty(follow_pte(mm, a, NULL)));
	VM_EXPECT_EQ(t, vm_read_word(mm, a), 5);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void errno_order(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	a = (unsigned long)do_mmap(mm, 0, 4 * p, RW, ANON, 0, NULL);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, 0, RW, ANON, 0, NULL), -EINVAL);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, ~0UL, RW, ANON, 0, NULL), -ENOMEM);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, TASK_SIZE, RW, ANON, 0, NULL), -ENOMEM);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, RW, MAP_ANONYMOUS, 0, NULL), -EINVAL);
	VM_EXPECT_EQ(t, do_mmap(mm, a + 1, p, RW, ANON | MAP_FIXED, 0, NULL),
		     -EINVAL);
	VM_EXPECT_EQ(t,
		     do_mmap(mm, a, p, RW, ANON | MAP_FIXED_NOREPLACE, 0, NULL),
		     -EEXIST);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, RW, ANON | MAP_FIXED, 0, NULL),
		     -EPERM);
	VM_EXPECT_EQ(t, do_munmap(mm, a + 1, p), -EINVAL);
	VM_EXPECT_EQ(t, do_munmap(mm, a, 0), -EINVAL);
	VM_EXPECT_EQ(t, do_munmap(mm, 0, p), 0);
	VM_EXPECT_EQ(t, do_mprotect(mm, a + 1, p, RW), -EINVAL);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, 0, RW), 0);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, 0x100UL << 40, RW), -ENOMEM);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, p, 0x80), -EINVAL);
	VM_EXPECT_EQ(t, do_mprotect(mm, a + 2 * p, 3 * p, PROT_READ), -ENOMEM);
	VM_EXPECT_EQ(t, do_mremap(mm, a + 1, p, p, 0, 0), -EINVAL);
	VM_EXPECT_EQ(t, do_mremap(mm, a, p, 0, 0, 0), -EINVAL);
	VM_EXPECT_EQ(t, do_mremap(mm, a - p, p, 2 * p, 0, 0), -EFAULT);
	VM_EXPECT_EQ(t, do_mremap(mm, a, p, 2 * p, MREMAP_FIXED, 0), -EINVAL);
	VM_EXPECT_EQ(t, do_mremap(mm, a, 8 * p, 9 * p, MREMAP_MAYMOVE, 0),
		     -EFAULT);
	VM_EXPECT_EQ(t, do_mremap(mm, a, p, 9 * p, 0, 0), -ENOMEM);
	VM_EXPECT_EQ(t, do_madvise(mm, a, p, 99), -EINVAL);
	VM_EXPECT_EQ(t, do_madvise(mm, a + 1, p, MADV_DONTNEED), -EINVAL);
	VM_EXPECT_EQ(t, do_madvise(mm, a - p, 2 * p, MADV_DONTNEED), -ENOMEM);
	VM_EXPECT_EQ(t, do_mlock(mm, a - p, p, false), -ENOMEM);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void brk_moves(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long start = 0x500000;

	KTEST_ASSERT_NOT_NULL(t, mm);
	mm->start_brk = mm->brk = start;
	VM_EXPECT_EQ(t, do_brk(mm, 0), start);
	VM_EXPECT_EQ(t, do_brk(mm, start + 100), start + 100);
	VM_EXPECT_EQ(t, vm_write_word(mm, start + 4088, 5), 0);
	VM_EXPECT_EQ(t, do_brk(mm, start + 0x10000), start + 0x10000);
	VM_EXPECT_EQ(t, mm->map_count, 1);
	KTEST_EXPECT_STREQ(t, vma_name(mm->mmap), "[heap]");
	VM_EXPECT_EQ(t, do_brk(mm, start + 0x1000), start + 0x1000);
	VM_EXPECT_EQ(t, mm->total_vm, 1);
	/* Something in the way, and the limit. */
	VM_EXPECT_EQ(t,
		     do_mmap(mm, start + 0x4000, 4096, RW, ANON | MAP_FIXED, 0,
			     NULL),
		     (long)start + 0x4000);
	VM_EXPECT_EQ(t, do_brk(mm, start + 0x4000), start + 0x1000);
	VM_EXPECT_EQ(t, do_brk(mm, start + 0x3000), start + 0x3000);
	mm->rlim_data = 0x2000;
	VM_EXPECT_EQ(t, do_brk(mm, start + 0x3001), start + 0x3000);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void remap_moves_pages(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, b, p = PAGE_SIZE, n = 600;
	long moved;

	KTEST_ASSERT_NOT_NULL(t, mm);
	do_mmap(mm, mm->mmap_base - p, p, PROT_NONE, ANON | MAP_FIXED, 0, NULL);
	a = (unsigned long)do_mmap(mm, 0, n * p, RW, ANON, 0, NULL);
	for (unsigned long i = 0; i < n; i += 7)
		VM_EXPECT_EQ(t, vm_write_word(mm, a + i * p, i + 1), 0);
	b = get_mm_rss(mm);
	moved = do_mremap(mm, a, n * p, 2 * n * p, MREMAP_MAYMOVE, 0);
	VM_EXPECT_ADDR(t, moved);
	KTEST_EXPECT_NE(t, moved, (long)a);
	VM_EXPECT_EQ(t, get_mm_rss(mm), b);
	VM_EXPECT_SOUND(t, mm);
	for (unsigned long i = 0; i < n; i++)
		VM_EXPECT_EQ(t, vm_read_word(mm, (unsigned long)moved + i * p),
			     i % 7 ? 0 : i + 1);
	VM_EXPECT_EQ(t, vm_read_word(mm, a), ~0UL);
	/* Shrink, then a fixed place at an odd distance from 2 MiB. */
	VM_EXPECT_EQ(
		t, do_mremap(mm, (unsigned long)moved, 2 * n * p, 8 * p, 0, 0),
		moved);
	VM_EXPECT_EQ(t,
		     do_mremap(mm, (unsigned long)moved, 8 * p, 8 * p,
			       MREMAP_MAYMOVE | MREMAP_FIXED,
			       0x40000000 - 3 * p),
		     0x40000000L - 3 * p);
	VM_EXPECT_EQ(t, vm_read_word(mm, 0x40000000 + 4 * p), 8);
	VM_EXPECT_EQ(t, mm->total_vm, 8 + 1);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void shared_memory(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc(), *child = mm_alloc();
	struct vm_counts before;
	unsigned long a, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_ASSERT_NOT_NULL(t, child);
	vm_counts_get(&before);
	a = (unsigned long)do_mmap(mm, 0, 4 * p, RW, MAP_SHARED | MAP_ANONYMOUS,
				   0, NULL);
	VM_EXPECT_EQ(t, vm_write_word(mm, a, 1), 0);
	VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
	VM_EXPECT_EQ(t, get_mm_rss(child), 0);
	VM_EXPECT_EQ(t, vm_read_word(child, a), 1);
	VM_EXPECT_EQ(t, vm_write_word(child, a + p, 2), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + p), 2);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_SHMEMPAGES), 2);
	VM_EXPECT_EQ(t, global_node_page_state(NR_SHMEM), before.shmem + 2);
	KTEST_EXPECT_STREQ(t, vma_name(mm->mmap), "/dev/zero (deleted)");
	/* A hole: both see zeroes again. */
	VM_EXPECT_EQ(t, do_madvise(mm, a, p, MADV_REMOVE), 0);
	VM_EXPECT_EQ(t, vm_read_word(child, a), 0);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_SOUND(t, child);
	mmput(mm);
	VM_EXPECT_EQ(t, vm_read_word(child, a + p), 2);
	mmput(child);
	before.mms -= 2;
	before.tables -= 2;
	vm_counts_expect(t, &before);
}

static void stack_grows(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long top = STACK_TOP, limit;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	VM_EXPECT_EQ(t, mm_setup_stack(mm, top), 0);
	KTEST_EXPECT_STREQ(t, vma_name(mm->mmap), "[stack]");
	VM_EXPECT_EQ(t, vm_touch(mm, top - (1UL << 20), true, &code), 0);
	VM_EXPECT_EQ(t, mm->mmap->vm_start, top - (1UL << 20));
	limit = top - mm->rlim_stack;
	VM_EXPECT_EQ(t, vm_touch(mm, limit, true, &code), 0);
	VM_EXPECT_EQ(t, vm_touch(mm, limit - 1, true, &code), VM_FAULT_SIGSEGV);
	/* The guard gap towards another mapping. */
	mm->rlim_stack = ULONG_MAX;
	VM_EXPECT_EQ(t,
		     do_mmap(mm, limit - stack_guard_gap - 4 * PAGE_SIZE,
			     PAGE_SIZE, RW, ANON | MAP_FIXED, 0, NULL),
		     (long)(limit - stack_guard_gap - 4 * PAGE_SIZE));
	VM_EXPECT_EQ(t, vm_touch(mm, limit - 3 * PAGE_SIZE, true, &code), 0);
	VM_EXPECT_EQ(t, vm_touch(mm, limit - 3 * PAGE_SIZE - 1, true, &code),
		     VM_FAULT_SIGSEGV);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void advice_and_locks(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, p = PAGE_SIZE;
	unsigned char vec[4];

	KTEST_ASSERT_NOT_NULL(t, mm);
	a = (unsigned long)do_mmap(mm, 0, 4 * p, RW, ANON | MAP_POPULATE, 0,
				   NULL);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 4);
	VM_EXPECT_EQ(t, do_madvise(mm, a + p, p, MADV_DONTNEED), 0);
	VM_EXPECT_EQ(t, do_mincore(mm, a, 4, vec, NULL), 0);
	VM_EXPECT_EQ(t, vec[0] * 8 + vec[1] * 4 + vec[2] * 2 + vec[3], 11);
	VM_EXPECT_EQ(t, do_mlock(mm, a + 5, 2 * p, false), 0);
	VM_EXPECT_EQ(t, mm->locked_vm, 3);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 4);
	VM_EXPECT_EQ(t, do_madvise(mm, a, p, MADV_DONTNEED), -EINVAL);
	mm->rlim_memlock = 3 * p;
	VM_EXPECT_EQ(t, do_mlock(mm, a, 4 * p, false), -ENOMEM);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, RW, ANON | MAP_LOCKED, 0, NULL),
		     -EAGAIN);
	VM_EXPECT_EQ(t, do_munlock(mm, a, 4 * p), 0);
	VM_EXPECT_EQ(t, mm->locked_vm, 0);
	VM_EXPECT_EQ(t, mm->map_count, 1);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
}

static void overcommit_modes(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long huge = (totalram_pages() + 1) << PAGE_SHIFT;
	int ratio = sysctl_overcommit_ratio;

	KTEST_ASSERT_NOT_NULL(t, mm);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, huge, RW, ANON, 0, NULL), -ENOMEM);
	VM_EXPECT_ADDR(t,
		       do_mmap(mm, 0, huge, RW, ANON | MAP_NORESERVE, 0, NULL));
	VM_EXPECT_ADDR(t, do_mmap(mm, 0, huge, PROT_READ, ANON, 0, NULL));
	sysctl_overcommit_memory = OVERCOMMIT_ALWAYS;
	VM_EXPECT_ADDR(t, do_mmap(mm, 0, huge, RW, ANON, 0, NULL));
	sysctl_overcommit_memory = OVERCOMMIT_NEVER;
	sysctl_overcommit_ratio = 0;
	VM_EXPECT_EQ(t, do_mmap(mm, 0, PAGE_SIZE, RW, ANON, 0, NULL), -ENOMEM);
	sysctl_overcommit_ratio = ratio;
	sysctl_overcommit_memory = OVERCOMMIT_GUESS;
	mm->rlim_as = mm->total_vm << PAGE_SHIFT;
	VM_EXPECT_EQ(t, do_mmap(mm, 0, PAGE_SIZE, RW, ANON, 0, NULL), -ENOMEM);
	mmput(mm);
}

/* Who may not start I/O has not tried all: nobody is killed for it. */
static void oom_spares_nofs(struct ktest *t)
{
	unsigned long kills = vm_event(OOM_KILL);

	VM_EXPECT_EQ(t, out_of_memory(GFP_NOFS, 0), true);
	VM_EXPECT_EQ(t, out_of_memory(GFP_NOIO, 0), true);
	VM_EXPECT_EQ(t, vm_event(OOM_KILL), kills);
}

static const struct ktest_case cases[] = {
	{ "demand_zero", demand_zero },
	{ "copy_on_write", copy_on_write },
	{ "anon_vma_outlives_unlock", anon_vma_outlives_unlock },
	{ "split_and_merge", split_and_merge },
	{ "access_flag_and_dirty", access_flag_and_dirty },
	{ "errno_order", errno_order },
	{ "brk_moves", brk_moves },
	{ "remap_moves_pages", remap_moves_pages },
	{ "shared_memory", shared_memory },
	{ "stack_grows", stack_grows },
	{ "advice_and_locks", advice_and_locks },
	{ "overcommit_modes", overcommit_modes },
	{ "oom_spares_nofs", oom_spares_nofs },
	{}
};
const struct ktest_suite vm_mm_suite = { "vm_mm", cases };
