// SPDX-License-Identifier: MIT
/*
 * The pure cores of mm/phys against simple models, under the sanitizers:
 *
 *	memblock   a byte per page: what was added, reserved, freed last
 *	vmap_tree  a byte per page: who has it; the lowest room by scanning
 */
#include <lib/errno.h>
#include <lib/prng.h>
#include <lib/string.h>
#include <mm/phys/memblock.h>
#include <mm/phys/vmap_tree.h>

#include "harness.h"

#include "../../mm/phys/memblock.c"
#include "../../mm/phys/vmap_tree.c"

#define PG 4096ULL

/* --- memblock ---------------------------------------------------------- */

static void fresh(void)
{
	memblock.memory.cnt = memblock.reserved.cnt = memblock.nomap.cnt = 0;
	memblock.memory.total_size = memblock.reserved.total_size = 0;
	memblock.nomap.total_size = 0;
}

TEST(memblock_merges_and_splits)
{
	fresh();
	EXPECT_EQ(memblock_add(0x1000, 0x1000), 0);
	EXPECT_EQ(memblock_add(0x3000, 0x1000), 0);
	EXPECT_EQ(memblock.memory.cnt, 2);
	EXPECT_EQ(memblock_add(0x2000, 0x1000), 0);
	EXPECT_EQ(memblock.memory.cnt, 1);
	EXPECT_EQ(memblock_phys_mem_size(), 0x3000);
	EXPECT_EQ(memblock_remove(0x1800, 0x800), 0);
	EXPECT_EQ(memblock.memory.cnt, 2);
	EXPECT_EQ(memblock_phys_mem_size(), 0x2800);
	EXPECT_EQ(memblock_add(0, 0x10000), 0);
	EXPECT_EQ(memblock.memory.cnt, 1);
	EXPECT(memblock_check());
}

TEST(memblock_refuses_nonsense)
{
	fresh();
	EXPECT_EQ(memblock_add(~0ULL - 10, 100), -EINVAL);
	EXPECT_EQ(memblock_add(0x1000, 0), 0);
	EXPECT_EQ(memblock.memory.cnt, 0);
	EXPECT_EQ(memblock_phys_alloc(PG, PG), 0);
	for (unsigned int i = 0; i < 2 * MEMBLOCK_REGIONS; i++)
		if (memblock_reserve((2 * i + 1) * PG, PG)) {
			EXPECT_EQ(memblock_reserve((2 * i + 1) * PG, PG),
				  -ENOSPC);
			EXPECT(memblock.reserved.cnt <= MEMBLOCK_REGIONS);
			EXPECT(memblock_check());
			return;
		}
	EXPECT(!"the array never fills");
}

TEST(memblock_keeps_nodes_apart)
{
	fresh();
	memblock_add_node(0, 16 * PG, 0);
	memblock_add_node(16 * PG, 16 * PG, 1);
	EXPECT_EQ(memblock.memory.cnt, 2);
	EXPECT_EQ(memblock_phys_alloc_range(PG, PG, 0, 0, 0), 15 * PG);
	EXPECT_EQ(memblock_phys_alloc_range(PG, PG, 0, 0, 1), 31 * PG);
	EXPECT_EQ(memblock_phys_alloc(2 * PG, 2 * PG), 28 * PG);
	EXPECT(memblock_is_region_memory(10 * PG, 12 * PG));
	EXPECT(!memblock_is_region_memory(30 * PG, 3 * PG));
}

TEST(memblock_limit)
{
	fresh();
	memblock_add(0, 16 * PG);
	memblock_add(32 * PG, 16 * PG);
	memblock_enforce_memory_limit(20 * PG);
	EXPECT_EQ(memblock_phys_mem_size(), 20 * PG);
	EXPECT_EQ(memblock_end_of_DRAM(), 36 * PG);
	memblock_enforce_memory_limit(100 * PG);
	EXPECT_EQ(memblock_phys_mem_size(), 20 * PG);
}

#define MODEL 512

TEST(memblock_against_a_model)
{
	static u8 mem[MODEL], res[MODEL];
	struct prng r;

	prng_seed(&r, 42);
	fresh();
	memset(mem, 0, MODEL);
	memset(res, 0, MODEL);
	for (int step = 0; step < 20000; step++) {
		u64 at = prng_below(&r, MODEL - 1);
		u64 n = 1 + prng_below(&r, min(40ULL, MODEL - at));
		unsigned int what = (unsigned int)prng_below(&r, 4);
		int err;

		if (at + n > MODEL)
			n = MODEL - at;
		if (what == 0)
			err = memblock_add(at * PG, n * PG);
		else if (what == 1)
			err = memblock_remove(at * PG, n * PG);
		else if (what == 2)
			err = memblock_reserve(at * PG, n * PG);
		else
			err = memblock_free(at * PG, n * PG);
		EXPECT_EQ(err, 0);
		memset((what < 2 ? mem : res) + at, !(what & 1), n);
		if (step % 64)
			continue;
		EXPECT(memblock_check());
		for (unsigned int i = 0; i < MODEL; i++) {
			EXPECT_EQ(memblock_is_memory(i * PG + 5), mem[i]);
			EXPECT_EQ(memblock_is_reserved(i * PG), res[i]);
		}
	}
}

/* The free ranges are what is memory and not reserved, in order. */
TEST(memblock_free_ranges)
{
	phys_addr_t pos, from, to, last = 0, sum = 0;

	fresh();
	memblock_add(10 * PG, 90 * PG);
	memblock_add(200 * PG, 10 * PG);
	memblock_reserve(0, 12 * PG);
	memblock_reserve(50 * PG, 5 * PG);
	memblock_reserve(99 * PG, 105 * PG);
	for_each_free_mem_range(pos, &from, &to, NULL) {
		EXPECT(from >= last && to > from);
		last = to;
		sum += to - from;
	}
	EXPECT_EQ(sum, (38 + 44 + 6) * PG);
	EXPECT_EQ(last, 210 * PG);
}

/* --- vmap_tree --------------------------------------------------------- */

#define BASE  0x10000000UL
#define PAGES 256UL

static u8 taken[PAGES];

static void paint(const struct vmap_area *va, u8 colour)
{
	unsigned long i;

	for (i = va->va_start; i < va->va_end; i += PG) {
		EXPECT_EQ(taken[(i - BASE) / PG], !colour);
		taken[(i - BASE) / PG] = colour;
	}
}

/* Is there room for n pages at a multiple of align with slack to spare? */
static bool room_for(unsigned long n)
{
	unsigned long i, run = 0;

	for (i = 0; i < PAGES; i++) {
		run = taken[i] ? 0 : run + 1;
		if (run == n)
			return true;
	}
	return false;
}

TEST(vmap_tree_against_a_model)
{
	struct vmap_area *areas[PAGES] = { NULL };
	struct vmap_tree t;
	struct prng r;

	prng_seed(&r, 7);
	memset(taken, 0, sizeof(taken));
	vmap_tree_init(&t, BASE, BASE + PAGES * PG);
	for (int step = 0; step < 20000; step++) {
		unsigned long i = prng_below(&r, PAGES);
		unsigned long n = 1 + prng_below(&r, 12);
		unsigned long align = PG << prng_below(&r, 3);

		if (areas[i]) {
			paint(areas[i], 0);
			vmap_tree_erase(&t, areas[i]);
			host_free(areas[i]);
			areas[i] = NULL;
		} else {
			struct vmap_area *va = host_alloc(sizeof(*va));

			if (vmap_tree_alloc(&t, va, n * PG, align)) {
				/* It may miss room only for alignment. */
				EXPECT(!room_for(n + align / PG - 1));
				host_free(va);
				continue;
			}
			EXPECT_EQ(va->va_start % align, 0);
			EXPECT_EQ(va->va_end - va->va_start, n * PG);
			paint(va, 1);
			areas[i] = va;
		}
		if (step % 16 == 0)
			EXPECT(vmap_tree_check(&t));
	}
	for (unsigned long i = 0; i < PAGES; i++) {
		struct vmap_area *va = vmap_tree_find(&t, BASE + i * PG + 1);

		EXPECT_EQ(va != NULL, taken[i]);
	}
	for (unsigned long i = 0; i < PAGES; i++)
		if (areas[i]) {
			vmap_tree_erase(&t, areas[i]);
			host_free(areas[i]);
		}
	EXPECT_EQ(t.nr, 0);
}

TEST(vmap_tree_takes_the_lowest_room)
{
	struct vmap_area a, b, c, d,
		e = { .va_start = BASE + 2 * PG, .va_end = BASE + 4 * PG };
	struct vmap_tree t;

	vmap_tree_init(&t, BASE, BASE + 16 * PG);
	EXPECT_EQ(vmap_tree_insert(&t, &e), 0);
	EXPECT_EQ(vmap_tree_insert(&t, &e), -EEXIST);
	EXPECT_EQ(vmap_tree_alloc(&t, &a, 3 * PG, PG), 0);
	EXPECT_EQ(a.va_start, BASE + 4 * PG);
	EXPECT_EQ(vmap_tree_alloc(&t, &b, 2 * PG, PG), 0);
	EXPECT_EQ(b.va_start, BASE);
	EXPECT_EQ(vmap_tree_alloc(&t, &c, 9 * PG, PG), 0);
	EXPECT_EQ(vmap_tree_alloc(&t, &d, PG, PG), -ENOSPC);
	vmap_tree_erase(&t, &e);
	EXPECT_EQ(vmap_tree_alloc(&t, &d, PG, PG), 0);
	EXPECT_EQ(d.va_start, BASE + 2 * PG);
	EXPECT_EQ(vmap_tree_alloc(&t, &e, ~0UL, PG), -ENOSPC);
	EXPECT_EQ(vmap_tree_alloc(&t, &e, 0, PG), -ENOSPC);
	EXPECT(vmap_tree_check(&t));
}
