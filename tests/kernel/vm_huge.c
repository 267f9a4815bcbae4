// SPDX-License-Identifier: MIT
/*
 * Huge pages: each way a part of one can change, in two address spaces that
 * share it, with the n-th allocation failing; and the pools.
 */
#include <lib/err.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/hugetlb.h>

#include "vm_test.h"

#define AREA 0x40000000UL /* aligned, below everything else */

static int thp_was;

static struct mm_struct *huge_mm(struct ktest *t, unsigned long nr)
{
	struct mm_struct *mm = mm_alloc();

	(void)t;
	if (mm && do_mmap(mm, AREA, nr * HPAGE_PMD_SIZE, RW, ANON | MAP_FIXED,
			  0, NULL) != (long)AREA) {
		mmput(mm);
		return NULL;
	}
	return mm;
}

/* A word of its own in each small page. */
static bool fill(struct mm_struct *mm, unsigned long from, unsigned long to)
{
	for (unsigned long a = from; a < to; a += PAGE_SIZE)
		if (vm_write_word(mm, a, a ^ 0x5a))
			return false;
	return true;
}

static bool filled(struct mm_struct *mm, unsigned long from, unsigned long to)
{
	for (unsigned long a = from; a < to; a += PAGE_SIZE)
		if (vm_read_word(mm, a) != (a ^ 0x5a))
			return false;
	return true;
}

static unsigned long anon_thps(void)
{
	return global_node_page_state(NR_ANON_THPS);
}

static void start(struct vm_counts *before)
{
	vm_counts_get(before);
	thp_was = transparent_hugepage_mode;
	transparent_hugepage_mode = THP_ALWAYS;
}

static void end(struct ktest *t, const struct vm_counts *before,
		unsigned long thps)
{
	transparent_hugepage_mode = thp_was;
	vm_counts_expect(t, before);
	VM_EXPECT_EQ(t, anon_thps(), thps);
}

static void faulted_and_unmapped(struct ktest *t)
{
	unsigned long thps = anon_thps();
	struct vm_counts before;
	struct mm_struct *mm;
	spinlock_t *ptl;
	int code;

	start(&before);
	mm = huge_mm(t, 2);
	KTEST_ASSERT_NOT_NULL(t, mm);
	VM_EXPECT_EQ(t, vm_touch(mm, AREA + 5 * PAGE_SIZE, true, &code), 0);
	VM_EXPECT_EQ(t, anon_thps() - thps, HPAGE_PMD_NR);
	VM_EXPECT_EQ(t, get_mm_rss(mm), HPAGE_PMD_NR);
	VM_EXPECT_EQ(t, vm_read_word(mm, AREA), 0);
	KTEST_EXPECT_TRUE(t, fill(mm, AREA, AREA + HPAGE_PMD_SIZE));
	KTEST_EXPECT_TRUE(t, filled(mm, AREA, AREA + HPAGE_PMD_SIZE));
	/* As if there were a PTE for each part. */
	VM_EXPECT_EQ(t,
		     pte_pfn(follow_pte(mm, AREA + 7 * PAGE_SIZE, &ptl)) -
			     pte_pfn(follow_pte(mm, AREA, NULL)),
		     7);
	KTEST_EXPECT_NOT_NULL(t, ptl);
	if (ptl)
		spin_unlock(ptl);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_EQ(t, do_munmap(mm, AREA, HPAGE_PMD_SIZE), 0);
	VM_EXPECT_EQ(t, anon_thps(), thps);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 0);
	mmput(mm);
	end(t, &before, thps);
}

/* What a process may do to a part of a huge page that it shares. */
static int do_to_part(struct mm_struct *mm, int what)
{
	const unsigned long at = AREA + 9 * PAGE_SIZE;

	switch (what) {
	case 0:
		return do_munmap(mm, at, PAGE_SIZE);
	case 1:
		return do_mprotect(mm, at, PAGE_SIZE, PROT_READ);
	case 2:
		return do_madvise(mm, at, PAGE_SIZE, MADV_DONTNEED);
	case 3:
		return vm_write_word(mm, at, 1);
	case 4:
		return do_mlock(mm, at, PAGE_SIZE, false);
	case 5:
		return IS_ERR_VALUE(do_mremap(mm, at, PAGE_SIZE, PAGE_SIZE,
					      MREMAP_MAYMOVE | MREMAP_FIXED,
					      AREA + 2 * HPAGE_PMD_SIZE)) ?
			       -1 :
			       0;
	default:
		return do_madvise(mm, at, PAGE_SIZE, MADV_DONTDUMP);
	}
}

static void parts_split_for_all(struct ktest *t)
{
	unsigned long thps = anon_thps();
	struct mm_struct *mm, *child;
	struct vm_counts before;

	start(&before);
	for (int what = 0; what < 7; what++) {
		mm = huge_mm(t, 1);
		child = mm_alloc();
		KTEST_ASSERT_NOT_NULL(t, mm);
		KTEST_ASSERT_NOT_NULL(t, child);
		KTEST_EXPECT_TRUE(t, fill(mm, AREA, AREA + HPAGE_PMD_SIZE));
		VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
		VM_EXPECT_EQ(t, anon_thps() - thps, HPAGE_PMD_NR);
		VM_EXPECT_SOUND(t, child);
		VM_EXPECT_EQ(t, do_to_part(child, what), 0);
		VM_EXPECT_EQ(t, anon_thps(), thps);
		VM_EXPECT_SOUND(t, child);
		VM_EXPECT_SOUND(t, mm);
		KTEST_EXPECT_TRUE(t, filled(mm, AREA, AREA + HPAGE_PMD_SIZE));
		KTEST_EXPECT_TRUE(t, filled(child, AREA + 10 * PAGE_SIZE,
					    AREA + HPAGE_PMD_SIZE));
		mmput(what & 1 ? mm : child);
		mm = what & 1 ? child : mm;
		KTEST_EXPECT_TRUE(t, fill(mm, AREA, AREA + 9 * PAGE_SIZE));
		VM_EXPECT_SOUND(t, mm);
		mmput(mm);
	}
	end(t, &before, thps);
}

/* The huge zero page splits into small zero pages; it stays for good. */
static void zeroes(struct ktest *t)
{
	bool zero_was = transparent_hugepage_use_zero_page;
	unsigned long thps = anon_thps();
	struct vm_counts before;
	struct mm_struct *mm;

	start(&before);
	transparent_hugepage_use_zero_page = true;
	mm = huge_mm(t, 1);
	KTEST_ASSERT_NOT_NULL(t, mm);
	VM_EXPECT_EQ(t, vm_read_word(mm, AREA + 3 * PAGE_SIZE), 0);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 0);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_EQ(t, vm_write_word(mm, AREA, 1), 0);
	VM_EXPECT_EQ(t, get_mm_rss(mm), 1);
	VM_EXPECT_EQ(t, vm_read_word(mm, AREA + 3 * PAGE_SIZE), 0);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	transparent_hugepage_use_zero_page = zero_was;
	end(t, &before, thps);
}

static void without_memory(struct ktest *t)
{
	unsigned long thps = anon_thps(), nth;
	struct mm_struct *mm, *child;
	struct vm_counts before;
	bool done = false;

	start(&before);
	for (nth = 1; nth < 60 && !done; nth++) {
		mm = huge_mm(t, 2);
		child = mm_alloc();
		KTEST_ASSERT_NOT_NULL(t, mm);
		KTEST_ASSERT_NOT_NULL(t, child);
		fail_alloc_arm(nth);
		if (!vm_write_word(mm, AREA, 1) && !dup_mmap(child, mm) &&
		    !vm_write_word(mm, AREA, 2))
			do_munmap(mm, AREA + PAGE_SIZE, PAGE_SIZE);
		done = !fail_alloc_hit();
		fail_alloc_arm(0);
		VM_EXPECT_SOUND(t, mm);
		VM_EXPECT_SOUND(t, child);
		mmput(mm);
		mmput(child);
	}
	KTEST_EXPECT_TRUE(t, done);
	KTEST_EXPECT_GE(t, nth, 8UL);
	end(t, &before, thps);
}

static void moved(struct ktest *t)
{
	const unsigned long to = AREA + 4 * HPAGE_PMD_SIZE;
	unsigned long thps = anon_thps();
	struct vm_counts before;
	struct mm_struct *mm;

	start(&before);
	mm = huge_mm(t, 1);
	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_EXPECT_TRUE(t, fill(mm, AREA, AREA + HPAGE_PMD_SIZE));
	VM_EXPECT_EQ(t,
		     do_mremap(mm, AREA, HPAGE_PMD_SIZE, HPAGE_PMD_SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, to),
		     to);
	VM_EXPECT_EQ(t, anon_thps() - thps, HPAGE_PMD_NR);
	VM_EXPECT_EQ(t, vm_read_word(mm, to + PAGE_SIZE),
		     (AREA + PAGE_SIZE) ^ 0x5a);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_EQ(t,
		     do_mremap(mm, to, HPAGE_PMD_SIZE, HPAGE_PMD_SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, AREA + PAGE_SIZE),
		     AREA + PAGE_SIZE);
	VM_EXPECT_EQ(t, anon_thps(), thps);
	VM_EXPECT_EQ(t, vm_read_word(mm, AREA + 2 * PAGE_SIZE),
		     (AREA + PAGE_SIZE) ^ 0x5a);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	end(t, &before, thps);
}

static void pool_without_memory(struct ktest *t)
{
	const unsigned long flags = ANON | MAP_HUGETLB | MAP_FIXED |
				    21UL << MAP_HUGE_SHIFT;
	struct hstate *h = &hstates[0];
	unsigned long nr = h->nr - h->surplus, nth;
	struct mm_struct *mm, *child;
	struct vm_counts before;
	bool done = false;

	vm_counts_get(&before);
	hugetlb_set_nr(h, nr + 3);
	VM_EXPECT_EQ(t, h->nr, nr + 3);
	for (nth = 1; nth < 60 && !done; nth++) {
		mm = mm_alloc();
		child = mm_alloc();
		KTEST_ASSERT_NOT_NULL(t, mm);
		KTEST_ASSERT_NOT_NULL(t, child);
		fail_alloc_arm(nth);
		if (do_mmap(mm, AREA, 2 * HPAGE_PMD_SIZE, RW, flags, 0, NULL) ==
			    (long)AREA &&
		    !vm_write_word(mm, AREA, 1) && !dup_mmap(child, mm) &&
		    !vm_write_word(child, AREA, 2))
			VM_EXPECT_EQ(t, vm_read_word(mm, AREA), 1);
		done = !fail_alloc_hit();
		fail_alloc_arm(0);
		VM_EXPECT_SOUND(t, mm);
		VM_EXPECT_SOUND(t, child);
		mmput(mm);
		mmput(child);
		VM_EXPECT_EQ(t, h->resv, 0);
		VM_EXPECT_EQ(t, h->free, nr + 3);
	}
	KTEST_EXPECT_TRUE(t, done);
	hugetlb_set_nr(h, nr);
	VM_EXPECT_EQ(t, h->nr, nr);
	vm_counts_expect(t, &before);
}

static const struct ktest_case cases[] = {
	{ "faulted_and_unmapped", faulted_and_unmapped },
	{ "parts_split_for_all", parts_split_for_all },
	{ "zeroes", zeroes },
	{ "without_memory", without_memory },
	{ "moved", moved },
	{ "pool_without_memory", pool_without_memory },
	{},
};

const struct ktest_suite vm_huge_suite = { "vm_huge", cases };
