/* SPDX-License-Identifier: MIT */
/*
 * The VMA core against models too simple to be wrong:
 *
 *	VMAs in list and tree   an array with one tag for each page
 *	gap search              a scan of that array, page by page
 *	merging                 neighbours with equal tags are one VMA
 *	interval tree           an array of intervals
 *
 * The address space has 512 pages; the operations are random.
 */
#include "vma_host.h"

#include "../../mm/vm/interval.c"

#define PAGES 512U

/* What a page of the model is: nothing, or these attributes. */
struct tag {
	bool used;
	vm_flags_t flags;
	unsigned long file;
	pgoff_t pgoff;
};

static struct tag model[PAGES];
static struct prng rng;

static void reset(void)
{
	reset_mm();
	memset(model, 0, sizeof(model));
}

/* ---- the same on the model ----------------------------------------------- */

static unsigned long addr_of(unsigned int page)
{
	return (unsigned long)page << PAGE_SHIFT;
}

static void model_map(unsigned int from, unsigned int to,
		      const struct vma_attr *attr)
{
	for (unsigned int p = from; p < to; p++)
		model[p] = (struct tag){ true, attr->flags,
					 (unsigned long)attr->file,
					 attr->pgoff + p - from };
}

static bool tags_join(const struct tag *a, const struct tag *b)
{
	return a->used && b->used && a->flags == b->flags &&
	       a->file == b->file && a->pgoff + 1 == b->pgoff;
}

/* Is each VMA exactly a maximal run of the model? */
static void compare(void)
{
	struct vm_area_struct *vma = mm.mmap;
	const char *wrong = vma_tree_check(&mm);

	if (wrong)
		host_fail(__FILE__, __LINE__, "%s", wrong);
	for (unsigned int p = 0; p < PAGES;) {
		unsigned int run = p + 1;

		if (!model[p].used) {
			p++;
			continue;
		}
		while (run < PAGES && tags_join(&model[run - 1], &model[run]))
			run++;
		if (!vma) {
			host_fail(__FILE__, __LINE__, "too few VMAs");
			return;
		}
		EXPECT_EQ(vma->vm_start, addr_of(p));
		EXPECT_EQ(vma->vm_end, addr_of(run));
		EXPECT_EQ(vma->vm_flags, model[p].flags);
		EXPECT_EQ((unsigned long)vma->vm_file, model[p].file);
		EXPECT_EQ(vma->vm_pgoff, model[p].pgoff);
		vma = vma->vm_next;
		p = run;
	}
	EXPECT(!vma);
}

static bool range_free(unsigned int from, unsigned int to)
{
	for (unsigned int p = from; p < to; p++)
		if (model[p].used)
			return false;
	/* The guard below a growing stack counts as used. */
	for (unsigned int p = to; p < to + 4 && p < PAGES; p++)
		if (model[p].used)
			return !(model[p].flags & VM_GROWSDOWN);
	return true;
}

static unsigned long model_gap(unsigned int len, unsigned int low,
			       unsigned int high, bool topdown)
{
	if (high < low + len)
		return (unsigned long)-ENOMEM;
	for (unsigned int i = 0; i <= high - low - len; i++) {
		unsigned int p = topdown ? high - len - i : low + i;

		if (range_free(p, p + len))
			return addr_of(p);
	}
	return (unsigned long)-ENOMEM;
}

/* ---- random runs --------------------------------------------------------- */

static struct vma_attr random_attr(unsigned int page)
{
	static const vm_flags_t flags[] = { VM_READ, VM_READ | VM_WRITE,
					    VM_READ | VM_EXEC, VM_NONE };
	struct vma_attr attr = {
		.flags = flags[prng_below(&rng, ARRAY_SIZE(flags))],
		.pgoff = page,
	};

	if (prng_below(&rng, 3) == 0) {
		attr.file = (struct file *)(8 * (1 + prng_below(&rng, 2)));
		attr.pgoff = prng_below(&rng, 3) ? page + 7 : 1000;
	} else if (prng_below(&rng, 8) == 0) {
		attr.flags = VM_READ | VM_WRITE | VM_GROWSDOWN;
	}
	return attr;
}

static void random_step(unsigned int limit)
{
	unsigned int from = (unsigned int)prng_below(&rng, limit);
	unsigned int most =
		min(limit - from, prng_below(&rng, 10) ? 12U : 200U);
	unsigned int to = from + 1 + (unsigned int)prng_below(&rng, most);
	struct vma_attr attr = random_attr(from);

	to = min(to, limit);
	switch (prng_below(&rng, 4)) {
	case 0:
	case 1:
		map(addr_of(from), addr_of(to), &attr);
		model_map(from, to, &attr);
		break;
	case 2:
		unmap(addr_of(from), addr_of(to));
		memset(&model[from], 0, (to - from) * sizeof(model[0]));
		break;
	case 3:
		attr.flags &= ~VM_GROWSDOWN;
		protect(addr_of(from), addr_of(to), attr.flags);
		for (unsigned int p = from; p < to; p++)
			if (model[p].used)
				model[p].flags = attr.flags | (model[p].flags &
							       VM_GROWSDOWN);
		break;
	}
}

static void check_lookups(void)
{
	unsigned int page = (unsigned int)prng_below(&rng, PAGES), p = page;
	unsigned long addr = addr_of(page) + prng_below(&rng, PAGE_SIZE);
	struct vm_area_struct *vma = find_vma(&mm, addr), *prev, *same;

	EXPECT_EQ(vma_lookup(&mm, addr) != NULL, model[page].used);
	while (p < PAGES && !model[p].used)
		p++;
	EXPECT_EQ(vma != NULL, p < PAGES);
	if (vma)
		EXPECT(vma->vm_start <= addr_of(p) && addr_of(p) < vma->vm_end);
	same = find_vma_prev(&mm, addr, &prev);
	EXPECT(same == vma);
	if (vma)
		EXPECT(prev == vma->vm_prev);
	else
		EXPECT(!prev || (!prev->vm_next && prev->vm_end <= addr));
}

static void check_gap(void)
{
	struct vm_unmapped_area_info info = { .topdown = prng_below(&rng, 2) };
	unsigned int len = 1 + (unsigned int)prng_below(&rng, 20);
	unsigned int low = (unsigned int)prng_below(&rng, PAGES / 2);
	unsigned int high = PAGES - (unsigned int)prng_below(&rng, PAGES / 2);

	info.length = addr_of(len);
	info.low_limit = addr_of(low);
	info.high_limit = addr_of(high);
	EXPECT_EQ(vm_unmapped_area(&mm, &info),
		  model_gap(len, low, high, info.topdown));
}

static void random_run(unsigned int steps, unsigned int limit, u64 seed)
{
	prng_seed(&rng, seed);
	reset();
	for (unsigned int i = 0; i < steps; i++) {
		random_step(limit);
		if (i % 4 == 0 || limit < PAGES)
			compare();
		check_lookups();
		check_gap();
	}
	compare();
	reset();
}

TEST(vma_random_operations_against_page_map)
{
	for (u64 seed = 1; seed <= 20; seed++)
		random_run(10000, PAGES, seed);
}

TEST(vma_random_operations_in_a_crowded_space)
{
	for (u64 seed = 100; seed < 120; seed++)
		random_run(10000, 24, seed);
}

/* ---- cases --------------------------------------------------------------- */

static struct vma_attr rw_at(unsigned int page)
{
	return (struct vma_attr){ .flags = VM_READ | VM_WRITE, .pgoff = page };
}

TEST(vma_merge_respects_anon_vma)
{
	struct vma_attr attr;
	struct anon_vma *a = (struct anon_vma *)64, *b = (void *)128;

	reset();
	attr = rw_at(10);
	map(addr_of(10), addr_of(20), &attr);
	mm.mmap->anon_vma = a;
	/* A fresh neighbour joins a VMA that has pages of its own ... */
	attr = rw_at(20);
	map(addr_of(20), addr_of(30), &attr);
	EXPECT_EQ(mm.map_count, 1);
	/* ... but not one that shares them with a parent. */
	mm.mmap->anon_fork = 1;
	attr = rw_at(30);
	map(addr_of(30), addr_of(40), &attr);
	EXPECT_EQ(mm.map_count, 2);
	mm.mmap->anon_fork = 0;
	/* Two with different anon_vmas stay two, the middle joins the left. */
	reset();
	attr = rw_at(10);
	map(addr_of(10), addr_of(20), &attr);
	mm.mmap->anon_vma = a;
	attr = rw_at(30);
	map(addr_of(30), addr_of(40), &attr);
	mm.mmap->vm_next->anon_vma = b;
	attr = rw_at(20);
	map(addr_of(20), addr_of(30), &attr);
	EXPECT_EQ(mm.map_count, 2);
	EXPECT_EQ(mm.mmap->vm_end, addr_of(30));
	/* All three join if only the right one has pages: it is adopted. */
	reset();
	attr = rw_at(10);
	map(addr_of(10), addr_of(20), &attr);
	attr = rw_at(30);
	map(addr_of(30), addr_of(40), &attr);
	mm.mmap->vm_next->anon_vma = b;
	attr = rw_at(20);
	map(addr_of(20), addr_of(30), &attr);
	EXPECT_EQ(mm.map_count, 1);
	EXPECT(mm.mmap->anon_vma == b);
	reset();
}

TEST(vma_special_never_merges)
{
	struct vma_attr attr = rw_at(10);

	reset();
	attr.flags |= VM_DONTEXPAND;
	map(addr_of(10), addr_of(11), &attr);
	attr.pgoff = 11;
	map(addr_of(11), addr_of(12), &attr);
	EXPECT_EQ(mm.map_count, 2);
	reset();
}

TEST(vma_gap_alignment)
{
	struct vm_unmapped_area_info info = {
		.length = addr_of(8),
		.low_limit = addr_of(1),
		.high_limit = addr_of(100),
		.align_mask = addr_of(16) - 1,
		.topdown = true,
	};
	struct vma_attr attr = rw_at(80);

	reset();
	map(addr_of(80), addr_of(100), &attr);
	EXPECT_EQ(vm_unmapped_area(&mm, &info), addr_of(64));
	info.topdown = false;
	EXPECT_EQ(vm_unmapped_area(&mm, &info), addr_of(16));
	reset();
}

/* ---- interval tree ------------------------------------------------------- */

#define INTERVALS 200U

static void check_hits(struct vma_interval *iv, const bool *in,
		       const struct rb_root *root)
{
	pgoff_t first = prng_below(&rng, 1000);
	pgoff_t last = first + prng_below(&rng, 50), before = 0;
	unsigned int hits = 0, want = 0;
	struct vma_interval *at;

	for (unsigned int i = 0; i < INTERVALS; i++)
		want += in[i] && iv[i].first <= last && iv[i].last >= first;
	vma_interval_foreach(at, root, first, last)
	{
		EXPECT(at->first <= last && at->last >= first);
		EXPECT(at->first >= before);
		before = at->first;
		hits++;
	}
	EXPECT_EQ(hits, want);
}

TEST(interval_tree_finds_what_a_scan_finds)
{
	static struct vma_interval iv[INTERVALS];
	static bool in[INTERVALS];
	struct rb_root root = RB_ROOT;

	prng_seed(&rng, 42);
	for (unsigned int step = 0; step < 50000; step++) {
		unsigned int i = (unsigned int)prng_below(&rng, INTERVALS);

		if (in[i]) {
			vma_interval_remove(&iv[i], &root);
		} else {
			iv[i].first = prng_below(&rng, 1000);
			iv[i].last = iv[i].first + prng_below(&rng, 100);
			vma_interval_insert(&iv[i], &root);
		}
		in[i] = !in[i];
		check_hits(iv, in, &root);
	}
}
