// SPDX-License-Identifier: MIT
/*
 * Two views compared, again and again: random calls on a small family of
 * address spaces and on a model that remembers what each page must hold;
 * and every single allocation failing once.
 */
#include <lib/prng.h>
#include <mm/vm/meminfo.h>
#include <sched/completion.h>
#include <sched/kthread.h>
#include <sched/sched.h>

#include "vm_test.h"

#define MMS   3U
#define SPAN  96UL	   /* pages under test */
#define BASE  0x7fe00000UL /* crosses tables */
#define STEPS 320U

struct mirror {
	struct mm_struct *mm;
	bool mapped[SPAN], writable[SPAN];
	unsigned long word[SPAN];
};

static struct mirror family[MMS];
static struct prng rng;

static unsigned long at(unsigned long page)
{
	return BASE + (page << PAGE_SHIFT);
}

static void mirror_check(struct ktest *t, struct mirror *m)
{
	VM_EXPECT_SOUND(t, m->mm);
	for (unsigned long i = 0; i < SPAN; i++) {
		unsigned long got = vm_read_word(m->mm, at(i));

		VM_EXPECT_EQ(t, got, m->mapped[i] ? m->word[i] : ~0UL);
	}
}

static void do_write(struct ktest *t, struct mirror *m, unsigned long i)
{
	unsigned long v = prng_u64(&rng) >> 1;
	bool ok = m->mapped[i] && m->writable[i];

	VM_EXPECT_EQ(t, vm_write_word(m->mm, at(i), v), ok ? 0 : -EFAULT);
	if (ok)
		m->word[i] = v;
}

static void do_fork(struct ktest *t, struct mirror *m, struct mirror *c)
{
	struct mm_struct *child = mm_alloc();

	if (m == c || !child) {
		if (child)
			mmput(child);
		return;
	}
	VM_EXPECT_EQ(t, dup_mmap(child, m->mm), 0);
	mmput(c->mm);
	*c = *m;
	c->mm = child;
}

static void random_step(struct ktest *t)
{
	struct mirror *m = &family[prng_below(&rng, MMS)];
	unsigned long from = prng_below(&rng, SPAN), i;
	unsigned long to = from + 1 + prng_below(&rng, min(SPAN - from, 12UL));
	unsigned long len = (to - from) << PAGE_SHIFT;
	bool w = prng_below(&rng, 2);

	switch (prng_below(&rng, 8)) {
	case 0:
		VM_EXPECT_EQ(t,
			     do_mmap(m->mm, at(from), len, w ? RW : PROT_READ,
				     ANON | MAP_FIXED, 0, NULL),
			     (long)at(from));
		for (i = from; i < to; i++) {
			m->mapped[i] = true;
			m->writable[i] = w;
			m->word[i] = 0;
		}
		break;
	case 1:
		VM_EXPECT_EQ(t, do_munmap(m->mm, at(from), len), 0);
		for (i = from; i < to; i++)
			m->mapped[i] = false;
		break;
	case 2:
		for (i = from; i < to && m->mapped[i]; i++)
			m->writable[i] = w;
		VM_EXPECT_EQ(t,
			     do_mprotect(m->mm, at(from), len,
					 w ? RW : PROT_READ),
			     i == to ? 0 : -ENOMEM);
		break;
	case 3:
		do_madvise(m->mm, at(from), len, MADV_DONTNEED);
		for (i = from; i < to; i++)
			m->word[i] = 0;
		break;
	case 4:
		do_fork(t, m, &family[prng_below(&rng, MMS)]);
		break;
	default:
		for (i = from; i < to; i++)
			do_write(t, m, i);
		break;
	}
}

static void random_family(struct ktest *t)
{
	struct vm_counts before;

	vm_counts_get(&before);
	prng_seed(&rng, 12345);
	for (unsigned int i = 0; i < MMS; i++) {
		family[i] = (struct mirror){ .mm = mm_alloc() };
		KTEST_ASSERT_NOT_NULL(t, family[i].mm);
	}
	for (unsigned int s = 0; s < STEPS; s++) {
		random_step(t);
		if (s % 16 == 0)
			mirror_check(t, &family[s / 16 % MMS]);
	}
	for (unsigned int i = 0; i < MMS; i++) {
		mirror_check(t, &family[i]);
		mmput(family[i].mm);
	}
	vm_counts_expect(t, &before);
}

/* ---- several CPUs in one address space ----------------------------------- */

#define WORKERS	     3U
#define SHARED_PAGES 24UL
#define ROUNDS	     80U

/*
 * Each worker has one word in every page, writes it, and remembers; the
 * others fork, protect and share meanwhile. No write may get lost.
 */
struct worker {
	struct mm_struct *mm;
	unsigned long base;
	unsigned int nr;
	unsigned long word[SHARED_PAGES];
	unsigned int wrong;
	struct completion done;
};

static struct worker workers[WORKERS];

static int work(void *arg)
{
	struct worker *w = arg;
	struct prng r;
	int code;

	prng_seed(&r, w->nr + 1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned long page = prng_below(&r, SHARED_PAGES);
		unsigned long addr = w->base + (page << PAGE_SHIFT) + w->nr * 8;
		unsigned long v = prng_u64(&r) >> 1;

		switch (prng_below(&r, 4)) {
		case 0:
			mm_user_fault(w->mm, addr, FAULT_FLAG_USER, &code);
			break;
		case 1:
			if (vm_read_word(w->mm, addr) != w->word[page])
				w->wrong++;
			break;
		default:
			if (!vm_write_word(w->mm, addr, v))
				w->word[page] = v;
			break;
		}
		cond_resched();
	}
	complete(&w->done);
	return 0;
}

static void disturb(struct ktest *t, struct mm_struct *mm, unsigned long base)
{
	for (unsigned int i = 0; i < 6; i++) {
		unsigned long a = base + (prng_below(&rng, SHARED_PAGES - 4)
					  << PAGE_SHIFT);
		struct mm_struct *child = mm_alloc();

		KTEST_ASSERT_NOT_NULL(t, child);
		VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
		VM_EXPECT_EQ(t, do_mprotect(mm, a, 4 * PAGE_SIZE, PROT_READ),
			     0);
		VM_EXPECT_EQ(t, vm_write_word(child, a + 1024, i), 0);
		VM_EXPECT_EQ(t, do_mprotect(mm, a, 4 * PAGE_SIZE, RW), 0);
		cond_resched();
		mmput(child);
	}
}

static void many_cpus(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_counts before;
	unsigned long base;

	KTEST_ASSERT_NOT_NULL(t, mm);
	vm_counts_get(&before);
	base = (unsigned long)do_mmap(mm, 0, SHARED_PAGES * PAGE_SIZE, RW, ANON,
				      0, NULL);
	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){ .mm = mm, .base = base, .nr = i };
		init_completion(&workers[i].done);
		kthread_run(work, &workers[i], "vmtest/%u", i);
	}
	disturb(t, mm, base);
	for (unsigned int i = 0; i < WORKERS; i++)
		wait_for_completion(&workers[i].done);
	VM_EXPECT_SOUND(t, mm);
	for (unsigned int i = 0; i < WORKERS; i++) {
		VM_EXPECT_EQ(t, workers[i].wrong, 0);
		for (unsigned long p = 0; p < SHARED_PAGES; p++)
			VM_EXPECT_EQ(t,
				     vm_read_word(mm, base + (p << PAGE_SHIFT) +
							      i * 8),
				     workers[i].word[p]);
	}
	VM_EXPECT_EQ(t, do_munmap(mm, base, SHARED_PAGES * PAGE_SIZE), 0);
	vm_counts_expect(t, &before);
	mmput(mm);
}

/* ---- each allocation fails once ------------------------------------------ */

/* A parent with pages in three tables, and VMAs of several kinds. */
static struct mm_struct *make_parent(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
	for (unsigned long i = 0; i < 3; i++) {
		unsigned long a = 0x40000000UL * (i + 1);

		do_mmap(mm, a, 4 * PAGE_SIZE, RW, ANON | MAP_FIXED, 0, NULL);
		do_mprotect(mm, a, PAGE_SIZE, PROT_READ);
		vm_write_word(mm, a + PAGE_SIZE, i);
	}
	do_mmap(mm, 0, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, 0, NULL);
	return mm;
}

static int whole_story(struct mm_struct *parent, struct mm_struct *child)
{
	int err = dup_mmap(child, parent);
	unsigned long v = 1, a = 0x40000000UL + PAGE_SIZE;
	long ret;

	if (err)
		return err;
	ret = do_mmap(child, 0, 8 * PAGE_SIZE, RW, ANON, 0, NULL);
	if (ret < 0)
		return (int)ret;
	if (mm_write_user(child, (unsigned long)ret, &v, 8) ||
	    mm_write_user(child, a, &v, 8))
		return -EFAULT;
	err = do_mprotect(child, (unsigned long)ret + PAGE_SIZE, PAGE_SIZE,
			  PROT_READ);
	if (err)
		return err;
	ret = do_mremap(child, a, PAGE_SIZE, 600 * PAGE_SIZE, MREMAP_MAYMOVE,
			0);
	if (ret < 0)
		return (int)ret;
	ret = do_mmap(child, 0, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, 0,
		      NULL);
	if (ret < 0)
		return (int)ret;
	return mm_write_user(child, (unsigned long)ret, &v, 8);
}

static void failing_allocations(struct ktest *t)
{
	struct mm_struct *parent = make_parent();
	struct vm_counts before;
	unsigned long nth;
	int err = -ENOMEM;

	KTEST_ASSERT_NOT_NULL(t, parent);
	vm_counts_get(&before);
	for (nth = 1; nth < 200; nth++) {
		struct mm_struct *child = mm_alloc();
		bool hit;

		KTEST_ASSERT_NOT_NULL(t, child);
		fail_alloc_arm(nth);
		err = whole_story(parent, child);
		hit = fail_alloc_hit();
		fail_alloc_arm(0);
		VM_EXPECT_SOUND(t, child);
		VM_EXPECT_SOUND(t, parent);
		mmput(child);
		vm_counts_expect(t, &before);
		if (!hit)
			break;
	}
	VM_EXPECT_EQ(t, err, 0);
	KTEST_EXPECT_GT(t, nth, 10UL);
	mmput(parent);
}

static const struct ktest_case cases[] = { { "random_family", random_family },
					   { "many_cpus", many_cpus },
					   { "failing_allocations",
					     failing_allocations },
					   {} };
const struct ktest_suite vm_stress_suite = { "vm_stress", cases };
