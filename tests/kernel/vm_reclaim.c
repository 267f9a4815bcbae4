// SPDX-License-Identifier: MIT
/*
 * Reclaim of pages of an object of the test's own: at boot there are no other
 * pages of files, so all that is asked of the node comes from here.
 */
#include <mm/vm/internal.h>
#include <mm/vm/vmscan.h>

#include "vm_test.h"

#define NR 16UL

static struct address_space mapping;

static loff_t test_size(struct address_space *m)
{
	(void)m;
	return (loff_t)(NR << PAGE_SHIFT);
}

static int test_readpage(struct address_space *m, struct page *page)
{
	(void)m;
	SetPageUptodate(page);
	unlock_page(page);
	return 0;
}

static const struct address_space_operations aops = {
	.readpage = test_readpage,
	.size = test_size,
};

/* Pages 0 to NR - 1, the first nr_hot of them used twice. */
static void fill(unsigned long nr_hot)
{
	for (pgoff_t i = 0; i < NR; i++) {
		struct page *page = read_mapping_page(&mapping, i);

		mark_page_accessed(page);
		if (i < nr_hot)
			mark_page_accessed(page);
		put_page(page);
	}
}

/* One round over the node's lists. => pages of the object that are left */
static unsigned long reclaim(int priority)
{
	struct scan_control sc = {
		.nr_to_reclaim = ULONG_MAX / 2,
		.gfp_mask = GFP_KERNEL,
		.priority = priority,
		.reclaim_idx = MAX_NR_ZONES - 1,
	};

	shrink_node(NODE_DATA(0), &sc);
	return mapping.nrpages;
}

static bool is_cached(pgoff_t index)
{
	struct page *page = find_get_page(&mapping, index);

	if (page)
		put_page(page);
	return page;
}

/* What was used once goes, what was used twice has to be used less first. */
static void second_chance(struct ktest *t)
{
	address_space_init(&mapping, NULL, &aops, 0, 0);
	fill(4);
	VM_EXPECT_EQ(t, reclaim(0), 4);
	KTEST_EXPECT_TRUE(t, is_cached(3) && !is_cached(4));
	VM_EXPECT_EQ(t, reclaim(0), 0);
	address_space_destroy(&mapping);
}

/* A user's reference, a lock and dirt each keep a page. */
static void in_use(struct ktest *t)
{
	struct page *held, *locked, *dirty;

	address_space_init(&mapping, NULL, &aops, 0, 0);
	fill(0);
	held = find_get_page(&mapping, 1);
	locked = find_lock_page(&mapping, 2);
	put_page(locked);
	dirty = find_get_page(&mapping, 3);
	set_page_dirty(dirty);
	put_page(dirty);
	VM_EXPECT_EQ(t, reclaim(0), 3);
	unlock_page(locked);
	put_page(held);
	KTEST_EXPECT_TRUE(t, is_cached(1) && is_cached(2) && is_cached(3));
	address_space_destroy(&mapping);
}

/*
 * Shared memory that was truncated while it was in swap leaves a page that is
 * dirty and belongs to nobody; there is nothing to write.
 */
static void dirty_orphan(struct ktest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KTEST_ASSERT_NOT_NULL(t, page);
	SetPageUptodate(page);
	SetPageSwapBacked(page);
	SetPageDirty(page);
	get_page(page); /* a look at it that has not ended */
	VM_EXPECT_EQ(t, reclaim_pages(&page, 1), 0);
	VM_EXPECT_EQ(t, page_ref_count(page), 1);
	KTEST_EXPECT_FALSE(t, PageActive(page)); /* as if it could be written */
	put_page(page);
}

static bool comes_back_active(pgoff_t index)
{
	struct page *page = read_mapping_page(&mapping, index);
	bool active = PageActive(page);

	put_page(page);
	return active;
}

/* Back after few others: active. After more than there is room for: not. */
static void refault_distance(struct ktest *t)
{
	struct lruvec *lruvec = node_lruvec(NODE_DATA(0));

	address_space_init(&mapping, NULL, &aops, 0, 0);
	fill(NR / 2);
	VM_EXPECT_EQ(t, reclaim(1), NR * 3 / 4); /* half of the inactive */
	KTEST_EXPECT_TRUE(t, comes_back_active(NR * 3 / 4 - 1));
	atomic_long_add(NR, &lruvec->nonresident_age);
	KTEST_EXPECT_FALSE(t, comes_back_active(NR * 3 / 4 - 2));
	address_space_destroy(&mapping);
}

static unsigned long shadow_leaves(void)
{
	return global_node_page_state(WORKINGSET_NODES);
}

/* A leaf of the tree is counted while shadows are all it has. */
static void leaves_of_shadows(struct ktest *t)
{
	unsigned long before = shadow_leaves();

	address_space_init(&mapping, NULL, &aops, 0, 0);
	fill(4);
	reclaim(0);
	VM_EXPECT_EQ(t, shadow_leaves(), before);
	VM_EXPECT_EQ(t, reclaim(0), 0);
	VM_EXPECT_EQ(t, shadow_leaves(), before + 1);
	KTEST_EXPECT_FALSE(t, is_cached(3));
	put_page(read_mapping_page(&mapping, 3));
	VM_EXPECT_EQ(t, shadow_leaves(), before);
	VM_EXPECT_EQ(t, invalidate_mapping_pages(&mapping, 0, 3), 0);
	VM_EXPECT_EQ(t, shadow_leaves(), before + 1);
	KTEST_EXPECT_NULL(t, xa_load(&mapping.i_pages, 2));
	KTEST_EXPECT_NOT_NULL(t, xa_load(&mapping.i_pages, 4));
	VM_EXPECT_EQ(t, invalidate_mapping_pages(&mapping, 0, ULONG_MAX), 0);
	VM_EXPECT_EQ(t, shadow_leaves(), before);
	KTEST_EXPECT_TRUE(t, xa_empty(&mapping.i_pages));
	fill(0);
	reclaim(0);
	VM_EXPECT_EQ(t, shadow_leaves(), before + 1);
	address_space_destroy(&mapping);
	VM_EXPECT_EQ(t, shadow_leaves(), before);
}

static const struct ktest_case cases[] = {
	{ "second_chance", second_chance },
	{ "in_use", in_use },
	{ "dirty_orphan", dirty_orphan },
	{ "refault_distance", refault_distance },
	{ "leaves_of_shadows", leaves_of_shadows },
	{},
};
const struct ktest_suite vm_reclaim_suite = { "vm_reclaim", cases };
