/* SPDX-License-Identifier: MIT */
/*
 * The XArray: random operations on it and on a model too simple to be wrong,
 * with its structure checked, and with every allocation failing once.
 */
#include <lib/bitops.h>
#include <lib/errno.h>
#include <lib/prng.h>
#include <lib/sort.h>
#include <lib/string.h>
#include <lib/xarray.h>

#include "harness.h"

#define NR_INDEXES 400

static long nodes_out, allocs_until_failure = -1;

static void *xa_test_alloc(gfp_t gfp)
{
	struct xa_node *node;

	EXPECT_EQ(gfp, 7);
	if (allocs_until_failure == 0)
		return NULL;
	if (allocs_until_failure > 0)
		allocs_until_failure--;
	nodes_out++;
	node = host_alloc(XA_NODE_SIZE);
	INIT_LIST_HEAD(&node->list);
	return node;
}

static LIST_HEAD(value_leaves);

static void xa_test_only_values(struct xa_node *leaf, bool only)
{
	EXPECT(list_empty(&leaf->list) == only);
	if (only)
		list_add(&leaf->list, &value_leaves);
	else
		list_del_init(&leaf->list);
}

static void xa_test_free(void *p)
{
	struct xa_node *node = p;

	EXPECT(list_empty(&node->list));
	nodes_out--;
	host_free(node);
}

static const struct xa_alloc test_alloc = { xa_test_alloc, xa_test_free,
					    xa_test_only_values };

struct model {
	unsigned long index;
	void *entry;
	bool marks[XA_PRESENT];
};

/* The structure's own invariants. => nodes below and with p */
static long check_nodes(const struct xarray *xa, const void *p,
			const struct xa_node *parent, unsigned int shift,
			unsigned int *marks)
{
	const struct xa_node *node;
	unsigned int below, values = 0;
	long n = 1;

	if (((unsigned long)p & 3) != 2) {
		EXPECT(!parent || shift == 0);
		return 0;
	}
	node = (const void *)((unsigned long)p - 2);
	EXPECT(node->parent == parent && node->array == xa);
	EXPECT(!parent || node->shift == shift - XA_CHUNK_SHIFT);
	EXPECT(node->marks[XA_PRESENT] != 0);
	EXPECT(parent || node->marks[XA_PRESENT] != 1);
	for (unsigned int i = 0; i < XA_CHUNK_SIZE; i++) {
		EXPECT_EQ(test_bit(i, &node->marks[XA_PRESENT]),
			  node->slots[i] != NULL);
		if (!node->slots[i])
			continue;
		below = ~0U;
		values += xa_is_value(node->slots[i]);
		n += check_nodes(xa, node->slots[i], node, node->shift, &below);
		for (xa_mark_t m = 0; m < XA_PRESENT && node->shift; m++)
			EXPECT_EQ(test_bit(i, &node->marks[m]),
				  (below >> m) & 1);
	}
	EXPECT_EQ(node->nr_values, values);
	EXPECT(list_empty(&node->list) !=
	       (values && values == hweight_long(node->marks[XA_PRESENT])));
	*marks = 0;
	for (xa_mark_t m = 0; m < XA_NR_MARKS; m++)
		*marks |= (unsigned int)!!node->marks[m] << m;
	return n;
}

/* What lies side by side from m[i] on is what the model says. */
static void check_slots(const struct xarray *xa, const struct model *m, int i)
{
	unsigned long from = m[i].index, nr = 0, found = 0, there = 0;
	void *const *slots = xa_slots(xa, from, &nr);

	EXPECT(nr > 0 && (from | 63) - from >= nr - 1);
	for (unsigned long k = 0; slots && k < nr; k++)
		found += slots[k] != NULL;
	for (; i < NR_INDEXES && m[i].index - from < nr; i++) {
		there += m[i].entry != NULL;
		EXPECT((slots ? slots[m[i].index - from] : NULL) == m[i].entry);
	}
	EXPECT_EQ(found, there);
}

static void check_xarray(const struct xarray *xa, const struct model *m)
{
	unsigned int marks = xa->marks;

	EXPECT_EQ(check_nodes(xa, xa->head, NULL, 0, &marks), nodes_out);
	EXPECT_EQ(marks, xa->marks);
	EXPECT_EQ(xa_empty(xa), !xa->marks);
	for (int i = 0; i < NR_INDEXES; i++) {
		check_slots(xa, m, i);
		EXPECT(xa_load(xa, m[i].index) == m[i].entry);
		for (xa_mark_t k = 0; k < XA_PRESENT; k++)
			EXPECT_EQ(xa_get_mark(xa, m[i].index, k),
				  m[i].marks[k]);
	}
}

static int model_cmp(const void *a, const void *b)
{
	const struct model *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static bool has_index(const struct model *m, int n, unsigned long index)
{
	while (n--)
		if (m[n].index == index)
			return true;
	return false;
}

/* Different indexes of all magnitudes, in order; near each other, too. */
static void make_model(struct model *m, struct prng *r)
{
	unsigned long v;

	memset(m, 0, NR_INDEXES * sizeof(*m));
	for (int i = 0; i < NR_INDEXES; i++) {
		do {
			v = prng_u64(r) >> prng_below(r, 64);
			if (i % 5 == 0)
				v -= v % 64;
			if (i < 80)
				v = (unsigned long)i;
			else if (i == 80)
				v = ULONG_MAX;
		} while (has_index(m, i, v));
		m[i].index = v;
	}
	sort(m, NR_INDEXES, sizeof(*m), model_cmp, NULL);
}

/* All searches from one point must agree with the model. */
static void check_find(const struct xarray *xa, const struct model *m,
		       struct prng *r)
{
	const struct model *from = &m[prng_below(r, NR_INDEXES)], *e;
	unsigned long start = from->index + prng_below(r, 2), index = start;
	unsigned long last = m[prng_below(r, NR_INDEXES)].index;
	xa_mark_t mark = (xa_mark_t)prng_below(r, XA_NR_MARKS);
	void *got = xa_find_marked(xa, &index, last, mark);

	for (e = m; e < m + NR_INDEXES; e++)
		if (e->entry && e->index >= start && e->index <= last &&
		    (mark == XA_PRESENT || e->marks[mark]))
			break;
	if (e == m + NR_INDEXES) {
		EXPECT(!got);
		EXPECT_EQ(index, start);
	} else {
		EXPECT(got == e->entry);
		EXPECT_EQ(index, e->index);
	}
}

static void random_xarray_step(struct xarray *xa, struct model *e,
			       struct prng *r, bool failing)
{
	unsigned long v = prng_below(r, 1000);
	void *entry = v % 4 ? xa_mk_value(v) : (void *)((v + 4) * 4);
	xa_mark_t k = (xa_mark_t)prng_below(r, XA_PRESENT);
	int err;

	switch (prng_below(r, 6)) {
	case 0:
	case 1:
	case 2:
		if (failing)
			allocs_until_failure = (long)prng_below(r, 6);
		err = xa_store(xa, e->index, entry, 7);
		EXPECT(!err || (failing && err == -ENOMEM && !e->entry));
		if (!err)
			e->entry = entry;
		allocs_until_failure = -1;
		break;
	case 3:
		EXPECT(xa_erase(xa, e->index) == e->entry);
		e->entry = NULL;
		memset(e->marks, 0, sizeof(e->marks));
		break;
	case 4:
		xa_set_mark(xa, e->index, k);
		e->marks[k] = !!e->entry;
		break;
	default:
		xa_clear_mark(xa, e->index, k);
		e->marks[k] = false;
		break;
	}
}

static void erase_value_leaf(struct xarray *xa, struct model *m)
{
	struct xa_node *leaf, *node;
	unsigned long index = 0;

	if (list_empty(&value_leaves))
		return;
	leaf = list_last_entry(&value_leaves, struct xa_node, list);
	for (node = leaf; node->parent; node = node->parent)
		index += (unsigned long)node->offset << node->parent->shift;
	for (struct model *e = m; e < m + NR_INDEXES; e++) {
		if (e->index - index >= XA_CHUNK_SIZE)
			continue;
		e->entry = NULL;
		memset(e->marks, 0, sizeof(e->marks));
	}
	xa_erase_leaf(leaf);
	check_xarray(xa, m);
}

TEST(xarray_against_model)
{
	static struct model m[NR_INDEXES];
	struct xarray xa;
	struct prng r;

	for (u64 seed = 1; seed <= 6; seed++) {
		/* Few indexes, so that the array often gets empty, or many. */
		u64 range = seed % 3 == 0 ? 4 : seed % 3 == 1 ? 90 : NR_INDEXES;

		prng_seed(&r, seed);
		make_model(m, &r);
		xa_init(&xa, &test_alloc);
		for (int step = 0; step < 4000; step++) {
			random_xarray_step(&xa, &m[prng_below(&r, range)], &r,
					   seed % 2);
			check_find(&xa, m, &r);
			if (step % 32 == 0)
				check_xarray(&xa, m);
			if (step % 64 == 0)
				erase_value_leaf(&xa, m);
		}
		check_xarray(&xa, m);
		xa_destroy(&xa);
		EXPECT_EQ(nodes_out, 0);
		EXPECT(xa_empty(&xa));
	}
}

TEST(xarray_each)
{
	struct xarray xa = { .alloc = &test_alloc };
	unsigned long index, n = 0;
	void *entry;

	for (index = 0; index < 1000; index += 7)
		EXPECT_EQ(xa_store(&xa, index, xa_mk_value(index), 7), 0);
	EXPECT_EQ(xa_store(&xa, ULONG_MAX, xa_mk_value(1), 7), 0);
	xa_set_mark(&xa, 700, XA_MARK_1);
	xa_set_mark(&xa, 701, XA_MARK_1);
	index = 0;
	EXPECT(xa_find_marked(&xa, &index, ULONG_MAX, XA_MARK_1));
	EXPECT_EQ(index, 700);
	EXPECT(!xa_find_after_marked(&xa, &index, ULONG_MAX, XA_MARK_1));
	EXPECT(xa_marked(&xa, XA_MARK_1) && !xa_marked(&xa, XA_MARK_0));
	xa_for_each_range(&xa, index, entry, 100, 200)
		n++;
	EXPECT_EQ(n, 14);
	xa_for_each(&xa, index, entry) {
		n++;
		EXPECT(index == ULONG_MAX || xa_to_value(entry) == index);
		EXPECT(xa_erase(&xa, index) == entry);
	}
	EXPECT_EQ(n, 14 + 143 + 1);
	EXPECT(xa_empty(&xa));
	EXPECT_EQ(nodes_out, 0);
}

/* The n-th allocation fails, n climbing until the store succeeds. */
TEST(xarray_allocation_failures)
{
	struct xarray xa = { .alloc = &test_alloc };
	unsigned long at[] = { 5, 0, 64, 1UL << 40, ULONG_MAX };
	long n;
	int err;

	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++) {
		n = 0;
		do {
			long before = nodes_out;

			allocs_until_failure = n++;
			err = xa_store(&xa, at[i], xa_mk_value(i), 7);
			EXPECT(!err || nodes_out == before);
			EXPECT_EQ(!err, xa_load(&xa, at[i]) != NULL);
		} while (err && n < 30);
		EXPECT_EQ(err, 0);
	}
	allocs_until_failure = -1;
	xa_destroy(&xa);
	EXPECT_EQ(nodes_out, 0);
}
