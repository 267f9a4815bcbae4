/* SPDX-License-Identifier: MIT */
/*
 * Lists, trees, bits and sorting: random operations on the structure and on a
 * model too simple to be wrong.
 */
#include <lib/bitmap.h>
#include <lib/hash.h>
#include <lib/list.h>
#include <lib/prng.h>
#include <lib/rbtree.h>
#include <lib/sort.h>
#include <lib/string.h>

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
	struct list_head *p;
	struct item *i;

	list_for_each_entry(i, head, link)
		got[n++] = (char)('0' + i->value);
	got[n] = '\0';
	EXPECT_STR(got, want);
	for (p = head->prev; p != head; p = p->prev)
		EXPECT_EQ('0' + list_entry(p, struct item, link)->value,
			  got[n - ++back]);
	EXPECT_EQ(back, n);
}

TEST(list)
{
	struct item it[8], *i, *next;
	LIST_HEAD(a);
	LIST_HEAD(b);

	EXPECT(list_empty(&a));
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
	list_add(&it[1].link, &b);
	list_splice_init(&a, &b);
	EXPECT(list_empty(&a));
	expect_items(&b, "24601");
	list_del_init(&it[1].link);
	list_del_init(&it[4].link);
	list_del_init(&it[6].link);
	list_del_init(&it[0].link);
	expect_items(&b, "2");
	list_replace(&it[2].link, &it[7].link);
	expect_items(&b, "7");
}

TEST(hlist)
{
	struct item it[4], *i;
	struct hlist_node *next;
	HLIST_HEAD(h);
	int sum = 0;

	for (int n = 0; n < 4; n++) {
		it[n].value = n;
		hlist_add_head(&it[n].hash, &h);
	}
	hlist_for_each_entry(i, &h, hash)
		sum = sum * 10 + i->value;
	EXPECT_EQ(sum, 3210);
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
	static struct node nodes[NR_NODES];
	struct rb_root_cached tree = RB_ROOT_CACHED;
	struct node *n;
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

/* ---- bits ------------------------------------------------------------- */

TEST(bitops)
{
	struct prng r;

	prng_seed(&r, 3);
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
		EXPECT_EQ(__fls(v), high - 1);
		EXPECT_EQ(rounddown_pow_of_two(v), 1UL << (high - 1));
		if (high < 64)
			EXPECT_EQ(roundup_pow_of_two(v),
				  1UL << (weight == 1 ? high - 1 : high));
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
	for_each_set_bit(bit, map, n)
		weight--;
	EXPECT_EQ(weight, 0);
}

TEST(bitmap)
{
	DECLARE_BITMAP(a, 256);
	DECLARE_BITMAP(b, 256);
	bool model[256];
	struct prng r;

	prng_seed(&r, 4);
	for (int round = 0; round < 300; round++) {
		unsigned int n = (unsigned int)prng_below(&r, NR_BITS + 1);

		random_map(a, model, &r);
		check_map(a, model, n);
		bitmap_copy(b, a, n);
		check_map(b, model, n);
	}
	memset(a, 0xff, sizeof(a));
	bitmap_copy(b, a, 100);
	EXPECT_EQ(b[1] >> 36, 0);
	bitmap_zero(a, 100);
	EXPECT_EQ(bitmap_weight(a, 128), 0);
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
