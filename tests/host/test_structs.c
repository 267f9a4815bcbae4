/* SPDX-License-Identifier: MIT */
/*
 * Lists, trees, arrays, bits and sorting: random operations on the structure
 * and on a model too simple to be wrong.
 */
#include <lib/bitmap.h>
#include <lib/errno.h>
#include <lib/hash.h>
#include <lib/list.h>
#include <lib/prng.h>
#include <lib/rbtree.h>
#include <lib/sort.h>
#include <lib/string.h>
#include <lib/xarray.h>

#include "harness.h"

/* ---- compiler.h ------------------------------------------------------- */

TEST(arithmetic_macros)
{
	int a = 3, b = 4, calls = 0;

	EXPECT_EQ(min(a++, 10), 3);
	EXPECT_EQ(a, 4);
	EXPECT_EQ(max(min(a, b), max(1, 2)), 4);
	EXPECT_EQ(clamp(++calls, 5, 7), 5);
	EXPECT_EQ(calls, 1);
	swap(a, calls);
	EXPECT_EQ(a, 1);
	EXPECT_EQ(ALIGN(4097UL, 4096), 8192);
	EXPECT_EQ(ALIGN_DOWN(0xffffffff00001234UL, 4096), 0xffffffff00001000UL);
	EXPECT_EQ(ALIGN(0x100000001ULL, 16), 0x100000010ULL);
	EXPECT(IS_ALIGNED(8192UL, 4096) && !IS_ALIGNED(8193UL, 2));
	EXPECT_EQ(DIV_ROUND_UP(10, 4), 3);
	EXPECT_EQ(GENMASK(7, 4), 0xf0);
	EXPECT_EQ(GENMASK(63, 0), ~0UL);
}

/* ---- list.h ----------------------------------------------------------- */

struct item {
	int value;
	struct list_head link;
	struct hlist_node hash;
};

/* Does the list hold exactly the digits of `want`, both ways round? */
static void expect_items(struct list_head *head, const char *want)
{
	char got[32];
	unsigned int n = 0, back = 0;
	struct item *i;

	list_for_each_entry(i, head, link)
		got[n++] = (char)('0' + i->value);
	got[n] = '\0';
	EXPECT_STR(got, want);
	list_for_each_entry_reverse(i, head, link)
		EXPECT_EQ('0' + i->value, got[n - ++back]);
	EXPECT_EQ(back, n);
}

TEST(list)
{
	struct item it[8], *i, *next;
	LIST_HEAD(a);
	LIST_HEAD(b);

	EXPECT(list_empty(&a) && !list_is_singular(&a));
	EXPECT(!list_first_entry_or_null(&a, struct item, link));
	for (int n = 0; n < 8; n++) {
		it[n].value = n;
		list_add_tail(&it[n].link, &a);
	}
	expect_items(&a, "01234567");
	list_move(&it[3].link, &a);
	list_move_tail(&it[0].link, &a);
	expect_items(&a, "31245670");
	list_for_each_entry_safe(i, next, &a, link)
		if (i->value % 2)
			list_del(&i->link);
	expect_items(&a, "2460");
	EXPECT(it[1].link.next == LIST_POISON1);
	list_cut_position(&b, &a, &it[4].link);
	expect_items(&b, "24");
	expect_items(&a, "60");
	list_splice_init(&b, &a);
	expect_items(&a, "2460");
	EXPECT(list_empty(&b));
	list_splice_tail_init(&a, &b);
	list_rotate_left(&b);
	expect_items(&b, "4602");
	list_del_init(&it[4].link);
	list_del_init(&it[6].link);
	list_del_init(&it[0].link);
	EXPECT(list_is_singular(&b));
	EXPECT(list_is_first(&it[2].link, &b) && list_is_last(&it[2].link, &b));
	list_replace(&it[2].link, &it[7].link);
	expect_items(&b, "7");
	i = &it[7];
	list_add(&it[5].link, &b);
	list_add_tail(&it[1].link, &b);
	list_for_each_entry_continue(i, &b, link)
		EXPECT_EQ(i->value, 1);
}

TEST(hlist)
{
	struct item it[5], *i;
	struct hlist_node *next;
	HLIST_HEAD(h);
	int sum = 0;

	for (int n = 0; n < 4; n++) {
		it[n].value = n;
		hlist_add_head(&it[n].hash, &h);
	}
	it[4].value = 4;
	hlist_add_before(&it[4].hash, &it[1].hash);
	hlist_for_each_entry(i, &h, hash)
		sum = sum * 10 + i->value;
	EXPECT_EQ(sum, 32410);
	hlist_for_each_entry_safe(i, next, &h, hash)
		if (i->value != 2)
			hlist_del_init(&i->hash);
	EXPECT(hlist_unhashed(&it[0].hash));
	EXPECT(h.first == &it[2].hash && !it[2].hash.next);
	hlist_add_behind(&it[0].hash, &it[2].hash);
	hlist_del(&it[2].hash);
	EXPECT(h.first == &it[0].hash && it[0].hash.pprev == &h.first);
}

/* ---- rbtree ----------------------------------------------------------- */

struct node {
	unsigned int key;
	u64 own, most;
	bool in;
	struct rb_node rb;
};

#define NR_NODES 300

static u64 own_of(struct node *n)
{
	return n->own;
}

RB_DECLARE_CALLBACKS_MAX(static, most_callbacks, struct node, rb, u64, most,
			 own_of);

static bool node_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct node, rb)->key <
	       rb_entry(b, struct node, rb)->key;
}

static bool black(const struct rb_node *n)
{
	return !n || (n->__rb_parent_color & 1);
}

/* => the black height; checks colours, parents and, if asked, maxima */
static int check_subtree(struct rb_node *n, bool augmented)
{
	struct node *x;
	u64 most;
	int left, right;

	if (!n)
		return 0;
	left = check_subtree(n->rb_left, augmented);
	right = check_subtree(n->rb_right, augmented);
	EXPECT_EQ(left, right);
	EXPECT(black(n) || (black(n->rb_left) && black(n->rb_right)));
	EXPECT(!n->rb_left || rb_parent(n->rb_left) == n);
	EXPECT(!n->rb_right || rb_parent(n->rb_right) == n);
	x = rb_entry(n, struct node, rb);
	most = x->own;
	if (n->rb_left)
		most = max(most, rb_entry(n->rb_left, struct node, rb)->most);
	if (n->rb_right)
		most = max(most, rb_entry(n->rb_right, struct node, rb)->most);
	if (augmented)
		EXPECT_EQ(x->most, most);
	return left + black(n);
}

static void check_tree(struct rb_root *root, int count, bool augmented)
{
	struct rb_node *n, *prev = NULL;
	int seen = 0;

	EXPECT(black(root->rb_node));
	check_subtree(root->rb_node, augmented);
	for (n = rb_first(root); n; prev = n, n = rb_next(n)) {
		EXPECT(rb_prev(n) == prev);
		EXPECT(!prev || !node_less(n, prev));
		seen++;
	}
	EXPECT(rb_last(root) == prev);
	EXPECT_EQ(seen, count);
}

TEST(rbtree_plain_and_cached)
{
	static struct node nodes[NR_NODES], copy;
	struct rb_root_cached tree = RB_ROOT_CACHED;
	struct node *n, *next;
	struct prng r;
	int count = 0;

	prng_seed(&r, 1);
	for (int step = 0; step < 6000; step++) {
		n = &nodes[prng_below(&r, NR_NODES)];
		if (n->in) {
			rb_erase_cached(&n->rb, &tree);
			count--;
		} else {
			n->key = (unsigned int)prng_below(&r, 500);
			rb_add_cached(&n->rb, &tree, node_less);
			count++;
		}
		n->in = !n->in;
		EXPECT(rb_first_cached(&tree) == rb_first(&tree.rb_root));
		if (step % 16 == 0)
			check_tree(&tree.rb_root, count, false);
	}
	n = rb_entry(tree.rb_root.rb_node, struct node, rb);
	copy = *n;
	rb_replace_node(&n->rb, &copy.rb, &tree.rb_root);
	check_tree(&tree.rb_root, count, false);
	rbtree_postorder_for_each_entry_safe(n, next, &tree.rb_root, rb) {
		memset(n, 0xff, sizeof(*n));
		count--;
	}
	EXPECT_EQ(count, 0);
}

static void add_augmented(struct rb_root *root, struct node *n)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	struct node *p;

	while (*link) {
		parent = *link;
		p = rb_entry(parent, struct node, rb);
		p->most = max(p->most, n->own);
		link = n->key < p->key ? &parent->rb_left : &parent->rb_right;
	}
	n->most = n->own;
	rb_link_node(&n->rb, parent, link);
	rb_insert_augmented(&n->rb, root, &most_callbacks);
}

TEST(rbtree_augmented)
{
	static struct node nodes[NR_NODES];
	struct rb_root root = RB_ROOT;
	struct node *n;
	struct prng r;
	int count = 0;

	prng_seed(&r, 2);
	for (int step = 0; step < 6000; step++) {
		n = &nodes[prng_below(&r, NR_NODES)];
		if (!n->in) {
			n->key = (unsigned int)prng_below(&r, 500);
			n->own = prng_below(&r, 1000);
			add_augmented(&root, n);
			n->in = true;
			count++;
		} else if (prng_below(&r, 4) == 0) {
			n->own = prng_below(&r, 1000);
			most_callbacks.propagate(&n->rb, NULL);
		} else {
			rb_erase_augmented(&n->rb, &root, &most_callbacks);
			n->in = false;
			count--;
		}
		if (step % 8 == 0)
			check_tree(&root, count, true);
	}
}

/* ---- xarray ----------------------------------------------------------- */

#define NR_INDEXES 400

static long nodes_out, allocs_until_failure = -1;

static void *xa_test_alloc(gfp_t gfp)
{
	EXPECT_EQ(gfp, 7);
	if (allocs_until_failure == 0)
		return NULL;
	if (allocs_until_failure > 0)
		allocs_until_failure--;
	nodes_out++;
	return host_alloc(XA_NODE_SIZE);
}

static void xa_test_free(void *node)
{
	nodes_out--;
	host_free(node);
}

static const struct xa_alloc test_alloc = { xa_test_alloc, xa_test_free };

struct model {
	unsigned long index;
	void *entry;
	bool marks[XA_PRESENT];
};

/* The structure's own invariants. => nodes below and with p */
static long check_nodes(const void *p, const struct xa_node *parent,
			unsigned int shift, unsigned int *marks)
{
	const struct xa_node *node;
	unsigned int below;
	long n = 1;

	if (((unsigned long)p & 3) != 2) {
		EXPECT(!parent || shift == 0);
		return 0;
	}
	node = (const void *)((unsigned long)p - 2);
	EXPECT(node->parent == parent);
	EXPECT(!parent || node->shift == shift - XA_CHUNK_SHIFT);
	EXPECT(node->marks[XA_PRESENT] != 0);
	EXPECT(parent || node->marks[XA_PRESENT] != 1);
	for (unsigned int i = 0; i < XA_CHUNK_SIZE; i++) {
		EXPECT_EQ(test_bit(i, &node->marks[XA_PRESENT]),
			  node->slots[i] != NULL);
		if (!node->slots[i])
			continue;
		below = ~0U;
		n += check_nodes(node->slots[i], node, node->shift, &below);
		for (xa_mark_t m = 0; m < XA_PRESENT && node->shift; m++)
			EXPECT_EQ(test_bit(i, &node->marks[m]),
				  (below >> m) & 1);
	}
	*marks = 0;
	for (xa_mark_t m = 0; m < XA_NR_MARKS; m++)
		*marks |= (unsigned int)!!node->marks[m] << m;
	return n;
}

static void check_xarray(const struct xarray *xa, const struct model *m)
{
	unsigned int marks = xa->marks;

	EXPECT_EQ(check_nodes(xa->head, NULL, 0, &marks), nodes_out);
	EXPECT_EQ(marks, xa->marks);
	EXPECT_EQ(xa_empty(xa), !xa->marks);
	for (int i = 0; i < NR_INDEXES; i++) {
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
	void *entry = xa_mk_value(prng_below(r, 1000));
	xa_mark_t k = (xa_mark_t)prng_below(r, XA_PRESENT);
	int err;

	switch (prng_below(r, 6)) {
	case 0:
	case 1:
		if (failing)
			allocs_until_failure = (long)prng_below(r, 6);
		err = xa_store(xa, e->index, entry, 7);
		EXPECT(!err || (failing && err == -ENOMEM && !e->entry));
		if (!err)
			e->entry = entry;
		allocs_until_failure = -1;
		break;
	case 2:
		err = xa_insert(xa, e->index, entry, 7);
		EXPECT_EQ(err, e->entry ? -EBUSY : 0);
		if (!err)
			e->entry = entry;
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
		}
		check_xarray(&xa, m);
		xa_destroy(&xa);
		EXPECT_EQ(nodes_out, 0);
		EXPECT(xa_empty(&xa));
	}
}

TEST(xarray_each)
{
	struct xarray xa = XARRAY_INIT(&test_alloc);
	unsigned long index, n = 0;
	void *entry;

	for (index = 0; index < 1000; index += 7)
		EXPECT_EQ(xa_store(&xa, index, xa_mk_value(index), 7), 0);
	EXPECT_EQ(xa_store(&xa, ULONG_MAX, xa_mk_value(1), 7), 0);
	xa_set_mark(&xa, 700, XA_MARK_1);
	xa_set_mark(&xa, 701, XA_MARK_1);
	xa_for_each_marked(&xa, index, entry, XA_MARK_1) EXPECT_EQ(index, 700);
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
	struct xarray xa = XARRAY_INIT(&test_alloc);
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

/* ---- bits ------------------------------------------------------------- */

TEST(bitops)
{
	struct prng r;

	prng_seed(&r, 3);
	EXPECT_EQ(fls(0), 0);
	EXPECT_EQ(ffs(0), 0);
	EXPECT_EQ(roundup_pow_of_two(1), 1);
	EXPECT_EQ(get_count_order(1), 0);
	EXPECT_EQ(get_count_order(5), 3);
	for (int i = 0; i < 2000; i++) {
		u64 v = prng_u64(&r) >> prng_below(&r, 64);
		unsigned int high = 0, low = 64, weight = 0;

		for (unsigned int b = 0; b < 64; b++) {
			if (!((v >> b) & 1))
				continue;
			high = b + 1;
			low = min(low, b);
			weight++;
		}
		EXPECT_EQ(fls64(v), high);
		EXPECT_EQ(hweight64(v), weight);
		EXPECT_EQ(is_power_of_2(v), weight == 1);
		if (!v)
			continue;
		EXPECT_EQ(__ffs(v), low);
		EXPECT_EQ(ilog2(v), high - 1);
		EXPECT_EQ(rounddown_pow_of_two(v), 1UL << (high - 1));
		if (high < 64)
			EXPECT_EQ(roundup_pow_of_two(v),
				  1UL << (weight == 1 ? high - 1 : high));
		EXPECT_EQ(rol64(v, 13), (v << 13) | (v >> 51));
	}
}

#define NR_BITS 200

static void random_map(unsigned long *map, bool *model, struct prng *r)
{
	u64 mode = prng_below(r, 4);

	for (unsigned int i = 0; i < 256; i++) {
		bool v = mode == 0 ? prng_u64(r) >> 63 :
			 mode == 1 ? prng_below(r, 40) == 0 :
			 mode == 2 ? prng_below(r, 40) != 0 :
				     i % 64 == 63;

		__assign_bit(i, map, v);
		model[i] = v;
	}
}

static void check_map(const unsigned long *map, const bool *model,
		      unsigned int n)
{
	unsigned int weight = 0, next = n, next_zero = n, last = n, bit;

	for (unsigned int i = n; i--;) {
		if (model[i])
			next = i;
		else
			next_zero = i;
		EXPECT_EQ(find_next_bit(map, n, i), next);
		EXPECT_EQ(find_next_zero_bit(map, n, i), next_zero);
		EXPECT_EQ(test_bit(i, map), model[i]);
		weight += model[i];
		if (model[i] && last == n)
			last = i;
	}
	EXPECT_EQ(find_last_bit(map, n), last);
	EXPECT_EQ(bitmap_weight(map, n), weight);
	EXPECT_EQ(bitmap_empty(map, n), weight == 0);
	EXPECT_EQ(bitmap_full(map, n), weight == n);
	for_each_set_bit(bit, map, n)
		weight--;
	EXPECT_EQ(weight, 0);
}

TEST(bitmap)
{
	DECLARE_BITMAP(a, 256);
	DECLARE_BITMAP(b, 256);
	DECLARE_BITMAP(c, 256);
	bool ma[256], mb[256], mc[256], any, eq, sub;
	struct prng r;

	prng_seed(&r, 4);
	for (int round = 0; round < 300; round++) {
		unsigned int n = (unsigned int)prng_below(&r, NR_BITS + 1);
		unsigned int start, len;

		random_map(a, ma, &r);
		random_map(b, mb, &r);
		check_map(a, ma, n);
		any = sub = false;
		eq = true;
		for (unsigned int i = 0; i < n; i++) {
			any |= ma[i] && mb[i];
			sub |= ma[i] && !mb[i];
			eq &= ma[i] == mb[i];
			mc[i] = ma[i] ^ mb[i];
		}
		EXPECT_EQ(bitmap_intersects(a, b, n), any);
		EXPECT_EQ(bitmap_subset(a, b, n), !sub);
		EXPECT_EQ(bitmap_equal(a, b, n), eq);
		EXPECT_EQ(bitmap_and(c, a, b, n), any);
		EXPECT_EQ(bitmap_andnot(c, a, b, n), sub);
		bitmap_xor(c, a, b, n);
		check_map(c, mc, n);
		bitmap_or(c, a, b, n);
		bitmap_complement(c, c, n);
		for (unsigned int i = 0; i < n; i++)
			mc[i] = !(ma[i] || mb[i]);
		check_map(c, mc, n);
		bitmap_copy(c, a, n);
		EXPECT(bitmap_equal(c, a, n));
		start = (unsigned int)prng_below(&r, 256);
		len = (unsigned int)prng_below(&r, 257 - start);
		bitmap_set(a, start, len);
		bitmap_clear(b, start, len);
		for (unsigned int i = start; i < start + len; i++) {
			ma[i] = true;
			mb[i] = false;
		}
		check_map(a, ma, 256);
		check_map(b, mb, 256);
	}
	bitmap_fill(a, 100);
	EXPECT(bitmap_full(a, 100));
	EXPECT_EQ(a[1] >> 36, 0);
	bitmap_zero(a, 100);
	EXPECT(bitmap_empty(a, 100));
}

TEST(bitmap_zero_area)
{
	DECLARE_BITMAP(map, NR_BITS);
	bool m[256];
	struct prng r;

	prng_seed(&r, 5);
	for (int round = 0; round < 500; round++) {
		unsigned long nr = 1 + prng_below(&r, 12), want, got;
		unsigned long mask = (1UL << prng_below(&r, 4)) - 1, i;
		unsigned long from = prng_below(&r, NR_BITS);

		bitmap_zero(map, NR_BITS);
		for (i = 0; i < NR_BITS; i++) {
			m[i] = prng_below(&r, 5) == 0;
			__assign_bit(i, map, m[i]);
		}
		for (want = ALIGN(from, mask + 1); want + nr <= NR_BITS;
		     want += mask + 1) {
			for (i = 0; i < nr && !m[want + i]; i++)
				;
			if (i == nr)
				break;
		}
		got = bitmap_find_next_zero_area(map, NR_BITS, from, nr, mask);
		if (want + nr > NR_BITS)
			EXPECT(got > NR_BITS - nr);
		else
			EXPECT_EQ(got, want);
	}
}

/* ---- sorting and hashing ---------------------------------------------- */

static int cmp_u32(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

TEST(sort)
{
	u32 v[300];
	struct prng r;

	prng_seed(&r, 6);
	for (u64 n = 0; n < 300; n++) {
		u64 sum = 0;

		for (u64 i = 0; i < n; i++)
			sum += v[i] = (u32)prng_below(&r, n % 3 ? n : 3);
		sort(v, n, sizeof(v[0]), cmp_u32, NULL);
		for (u64 i = 0; i < n; i++) {
			sum -= v[i];
			EXPECT(i == 0 || v[i - 1] <= v[i]);
		}
		EXPECT_EQ(sum, 0);
	}
}

TEST(hash_spreads)
{
	unsigned int used[256] = { 0 }, most = 0;
	char name[16];

	for (u64 i = 0; i < 2048; i++)
		used[hash_64(i * 4096, 8)]++;
	for (int i = 0; i < 256; i++)
		most = max(most, used[i]);
	EXPECT(most < 32);
	most = 0;
	memset(used, 0, sizeof(used));
	for (int i = 0; i < 2048; i++) {
		int len = host_snprintf(name, sizeof(name), "file%d", i);

		used[full_name_hash(used, name, (unsigned int)len) & 255]++;
	}
	for (int i = 0; i < 256; i++)
		most = max(most, used[i]);
	EXPECT(most < 32);
}
