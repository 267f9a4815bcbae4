/* SPDX-License-Identifier: MIT */
/*
 * mmap, munmap, mprotect, mremap, brk, first touches and forks at random, on
 * the VMA core and on a sorted array. The array knows nothing of trees and
 * plans; its rules of merging are written down as Linux 6.1 states them:
 *
 *	fresh range (mmap, brk)   asks next, then prev, on behalf of next
 *	                          if that was joined
 *	old range (mprotect,      asks prev and next, on its own behalf; joins
 *	mremap)                   both only if they agree, else prev
 *
 * After each operation both lists must be equal in every field.
 */
#include "vma_host.h"

#define SPACE	256U /* pages */
#define AREAS	(SPACE + 8)
#define BRK	32U /* the heap begins there */
#define BRK_TOP 64U
#define OPS	2000000U

struct area {
	unsigned int start, end; /* pages */
	vm_flags_t flags;
	unsigned long file; /* 0: anonymous; 24: its vm_ops have close() */
	pgoff_t pgoff;
	unsigned long av; /* 0: none */
	bool forked;
};

static struct area model[AREAS];
static unsigned int nr, heap_end;
static unsigned long last_av;
static struct prng rng;

static unsigned long addr_of(unsigned int page)
{
	return (unsigned long)page << PAGE_SHIFT;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)prng_below(&rng, n);
}

/* ---- the array ----------------------------------------------------------- */

static void insert_at(unsigned int i, struct area a)
{
	for (unsigned int k = nr++; k > i; k--)
		model[k] = model[k - 1];
	model[i] = a;
}

static void remove_at(unsigned int i)
{
	nr--;
	for (; i < nr; i++)
		model[i] = model[i + 1];
}

/* An area border at page, if page is inside an area. */
static void cut(unsigned int page)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct area upper = model[i];

		if (page <= upper.start || page >= upper.end)
			continue;
		upper.pgoff += page - upper.start;
		upper.start = page;
		model[i].end = page;
		insert_at(i + 1, upper);
		return;
	}
}

static unsigned int first_behind(unsigned int page)
{
	unsigned int i = 0;

	while (i < nr && model[i].end <= page)
		i++;
	return i;
}

static void model_unmap(unsigned int start, unsigned int end)
{
	unsigned int i = first_behind(start);

	if (i == nr || model[i].start >= end)
		return;
	cut(start);
	cut(end);
	i = first_behind(start);
	while (i < nr && model[i].start < end)
		remove_at(i);
}

/* is_mergeable_anon_vma(), with the chain of a */
static bool anon_ok(unsigned long av, const struct area *a)
{
	bool singular = a->av && !a->forked;

	return av == a->av || ((!av || !a->av) && singular);
}

static bool kind_ok(const struct area *a, const struct area *b)
{
	return a->flags == b->flags && a->file == b->file && a->file != 24;
}

static bool after(const struct area *prev, const struct area *r,
		  unsigned long av)
{
	return prev->end == r->start && kind_ok(prev, r) && anon_ok(av, prev) &&
	       prev->pgoff + (prev->end - prev->start) == r->pgoff;
}

static bool before(const struct area *next, const struct area *r,
		   unsigned long av)
{
	return next->start == r->end && kind_ok(next, r) && anon_ok(av, next) &&
	       r->pgoff + (r->end - r->start) == next->pgoff;
}

static void adopt_av(struct area *to, const struct area *from)
{
	if (to->av || !from->av)
		return;
	to->av = from->av;
	to->forked = from->forked;
}

/* r's range is free, between i - 1 and i. */
static void place(unsigned int i, struct area r, bool fresh)
{
	struct area *prev = i ? &model[i - 1] : NULL;
	struct area *next = i < nr ? &model[i] : NULL;
	bool right = next && before(next, &r, r.av);
	bool left = prev && after(prev, &r, right && fresh ? next->av : r.av);

	if (left && right && prev->av && next->av && prev->av != next->av)
		right = false;
	if (left) {
		prev->end = right ? next->end : r.end;
		adopt_av(prev, &r);
		if (right) {
			adopt_av(prev, next);
			remove_at(i);
		}
	} else if (right) {
		next->start = r.start;
		next->pgoff = r.pgoff;
		adopt_av(next, &r);
	} else {
		insert_at(i, r);
	}
}

static void model_map(struct area r, bool fresh)
{
	model_unmap(r.start, r.end);
	place(first_behind(r.start), r, fresh);
}

/*
 * The part [start, end) of area i gets new flags: out with it, and in again;
 * it may join what lay beside the whole area, but not its own rest.
 */
static void model_protect_one(unsigned int i, unsigned int start,
			      unsigned int end, vm_flags_t flags)
{
	struct area r = model[i];

	if (r.flags == flags)
		return;
	r.pgoff += start - r.start;
	r.start = start;
	r.end = end;
	r.flags = flags;
	model_unmap(start, end);
	place(first_behind(start), r, false);
}

static void model_protect(unsigned int start, unsigned int end,
			  vm_flags_t flags)
{
	while (start < end) {
		unsigned int i = first_behind(start), to;

		if (i == nr || model[i].start >= end)
			return;
		start = max(start, model[i].start);
		to = min(end, model[i].end);
		model_protect_one(i, start, to, flags);
		start = to;
	}
}

/* ---- both sides ---------------------------------------------------------- */

static const struct vm_operations_struct plain_ops;
static void no_close(struct vm_area_struct *vma)
{
	(void)vma;
}
static const struct vm_operations_struct close_ops = { .close = no_close };

static struct vma_attr attr_of(const struct area *r, bool fresh)
{
	return (struct vma_attr){
		.flags = r->flags,
		.file = (struct file *)r->file,
		.ops = r->file == 24 ? &close_ops :
		       r->file	     ? &plain_ops :
				       NULL,
		.anon_vma = (struct anon_vma *)(64 * r->av),
		.pgoff = r->pgoff,
		.fresh = fresh,
	};
}

static struct area random_area(void)
{
	static const vm_flags_t flags[] = { VM_READ, VM_READ | VM_WRITE,
					    VM_READ | VM_WRITE, VM_NONE };
	struct area r = { .start = below(SPACE),
			  .flags = flags[below(ARRAY_SIZE(flags))] };

	r.end = min(r.start + 1 + below(below(8) ? 8 : 60), SPACE);
	r.pgoff = r.start;
	if (!below(3)) {
		r.file = 8 * (1 + below(3));
		r.pgoff = below(4) ? r.start + 7 : below(1000);
	}
	return r;
}

static void do_map(struct area r)
{
	struct vma_attr attr = attr_of(&r, true);

	map(addr_of(r.start), addr_of(r.end), &attr);
	model_map(r, true);
}

/* Where the array has the highest or lowest room for len pages. */
static unsigned int model_gap(unsigned int len, bool topdown)
{
	unsigned int found = ~0U, from = 0;

	for (unsigned int i = 0; i <= nr; i++) {
		unsigned int to = i < nr ? model[i].start : SPACE;

		if (to - from >= len && (topdown || found == ~0U))
			found = topdown ? to - len : from;
		from = i < nr ? model[i].end : from;
	}
	return found;
}

static void do_map_somewhere(struct area r)
{
	struct vm_unmapped_area_info info = {
		.length = addr_of(r.end - r.start),
		.high_limit = addr_of(SPACE),
		.topdown = below(4),
	};
	unsigned int want = model_gap(r.end - r.start, info.topdown);
	unsigned long addr = vm_unmapped_area(&mm, &info);

	EXPECT_EQ(addr, want == ~0U ? (unsigned long)-ENOMEM : addr_of(want));
	if (want == ~0U)
		return;
	r.end = want + r.end - r.start;
	if (!r.file)
		r.pgoff = want;
	r.start = want;
	do_map(r);
}

/* mremap: area i, or a part of it, goes elsewhere, or grows at its end. */
static void do_move(unsigned int i, unsigned int to)
{
	struct area old = model[i], r;
	struct vma_attr attr;
	struct vm_area_struct *prev;

	old.start += below(old.end - old.start);
	old.pgoff += old.start - model[i].start;
	r = old;
	r.start = to;
	r.end = to + old.end - old.start;
	if (r.end > SPACE || (r.start < old.end && old.start < r.end))
		return;
	if (!r.file && !r.av)
		r.pgoff = to;
	model_unmap(r.start, r.end);
	place(first_behind(r.start), r, false);
	model_unmap(old.start, old.end);

	unmap(addr_of(r.start), addr_of(r.end));
	attr = attr_of(&r, false);
	EXPECT(find_vma_links(&mm, addr_of(r.start), addr_of(r.end), &prev));
	if (!try_merge(prev, NULL, addr_of(r.start), addr_of(r.end), &attr)) {
		map(addr_of(r.start), addr_of(r.end), &attr);
		vma_lookup(&mm, addr_of(r.start))->anon_fork = r.forked;
	}
	unmap(addr_of(old.start), addr_of(old.end));
}

static void do_grow(unsigned int i, unsigned int by)
{
	struct area r = model[i];
	unsigned int limit = i + 1 < nr ? model[i + 1].start : SPACE;
	struct vm_area_struct *vma = vma_lookup(&mm, addr_of(r.start));
	struct vma_attr attr = vma_attr_of(vma, vma->vm_end);
	bool grown;

	if (r.end + by > limit)
		return;
	grown = try_merge(vma, NULL, addr_of(r.end), addr_of(r.end + by),
			  &attr);
	r.pgoff += r.end - r.start;
	r.start = r.end;
	r.end += by;
	/* What cannot join its own end (fork) moves instead; not here. */
	EXPECT_EQ(grown,
		  after(&model[i], &r, r.av) ||
			  (i + 1 < nr && before(&model[i + 1], &r, r.av)));
	if (grown)
		place(i + 1, r, false);
}

static void do_brk(unsigned int to)
{
	struct area r = { .start = heap_end,
			  .end = to,
			  .flags = VM_READ | VM_WRITE | VM_ACCOUNT,
			  .pgoff = heap_end };
	unsigned int i = first_behind(heap_end);

	if (to > heap_end) {
		if (i < nr && model[i].start < to + 1)
			return;
		do_map(r);
	} else if (to < heap_end) {
		unmap(addr_of(to), addr_of(heap_end));
		model_unmap(to, heap_end);
	}
	heap_end = to;
}

/* The first private page: as __anon_vma_prepare() chooses. */
static bool shares(const struct area *a, const struct area *b,
		   const struct area *from)
{
	return a->end == b->start && a->file == b->file &&
	       !((a->flags ^ b->flags) & ~VM_ACCESS_FLAGS) && from->av &&
	       !from->forked && b->pgoff == a->pgoff + (a->end - a->start);
}

static void do_touch(unsigned int i)
{
	struct area *a = &model[i];

	if (a->av)
		return;
	if (i + 1 < nr && shares(a, a + 1, a + 1))
		a->av = a[1].av;
	else if (i && shares(a - 1, a, a - 1))
		a->av = a[-1].av;
	else
		a->av = ++last_av;
	vma_lookup(&mm, addr_of(a->start))->anon_vma =
		(struct anon_vma *)(64 * a->av);
}

static void do_fork(void)
{
	struct vm_area_struct *vma;

	for (unsigned int i = 0; i < nr; i++)
		model[i].forked = model[i].av;
	for_each_vma(&mm, vma)
		vma->anon_fork = vma->anon_vma ? 1 : 0;
}

/* ---- runs ---------------------------------------------------------------- */

static bool same(const struct vm_area_struct *vma, const struct area *a)
{
	return vma->vm_start == addr_of(a->start) &&
	       vma->vm_end == addr_of(a->end) && vma->vm_flags == a->flags &&
	       (unsigned long)vma->vm_file == a->file &&
	       vma->vm_pgoff == a->pgoff &&
	       (unsigned long)vma->anon_vma == 64 * a->av &&
	       vma->anon_fork == a->forked;
}

static bool equal(void)
{
	struct vm_area_struct *vma = mm.mmap;

	for (unsigned int i = 0; i < nr; i++, vma = vma->vm_next)
		if (!vma || !same(vma, &model[i]))
			return false;
	return !vma;
}

static void step(void)
{
	struct area r = random_area();

	switch (below(nr > 60 ? 24 : 20)) {
	case 0 ... 5:
		do_map(r);
		break;
	case 6 ... 7:
		do_map_somewhere(r);
		break;
	case 8 ... 11:
		protect(addr_of(r.start), addr_of(r.end), r.flags);
		model_protect(r.start, r.end, r.flags);
		break;
	case 12 ... 13:
		if (nr)
			do_move(below(nr), r.start);
		break;
	case 14:
		if (nr)
			do_grow(below(nr), 1 + below(6));
		break;
	case 15:
		do_brk(BRK + below(BRK_TOP - BRK));
		break;
	case 16 ... 18:
		if (nr)
			do_touch(below(nr));
		break;
	case 19:
		if (!below(40))
			do_fork();
		break;
	default:
		unmap(addr_of(r.start), addr_of(r.end));
		model_unmap(r.start, r.end);
	}
}

TEST(vma_millions_of_operations_against_a_sorted_array)
{
	prng_seed(&rng, 6);
	reset_mm();
	nr = 0;
	heap_end = BRK;
	for (unsigned int i = 0; i < OPS; i++) {
		step();
		if (!equal()) {
			host_fail(__FILE__, __LINE__, "lists differ after %u",
				  i);
			break;
		}
		if (i % 64)
			continue;
		if (vma_tree_check(&mm)) {
			host_fail(__FILE__, __LINE__, "after %u: %s", i,
				  vma_tree_check(&mm));
			break;
		}
		if (!below(100)) { /* begin anew with nothing shared */
			reset_mm();
			nr = 0;
			heap_end = BRK;
		}
	}
	reset_mm();
}
