// SPDX-License-Identifier: MIT
/*
 * memblock.c - sorted arrays of physical ranges
 *
 * Two operations on one array carry everything: add a range (and merge what
 * touches), and remove a range (and split what it cuts):
 *
 *	before    [=====]      [======]   [==]
 *	add           (==========)              of the same name and node
 *	after     [====================]  [==]
 *	remove           (###)
 *	after     [=====]     [========]  [==]
 *
 * A free range is one of `memory` minus all of `reserved`, found by walking
 * both arrays in step. Ranges of different nodes are kept apart even if they
 * touch: the zones want to tell them apart.
 *
 * Invariants (memblock_check()): regions are sorted, disjoint, not empty, and
 * total_size is their sum. Everything is pure: no lock, no pages, no console;
 * tests/host/ runs this file against a bitmap. Callers: mm/phys/boot_mem.c.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/memblock.h>

struct memblock memblock = {
	.current_limit = ~(phys_addr_t)0,
};

static phys_addr_t region_end(const struct memblock_region *r)
{
	return r->base + r->size;
}

static void insert_region(struct memblock_type *type, unsigned int i,
			  const struct memblock_region *r)
{
	memmove(&type->regions[i + 1], &type->regions[i],
		(type->cnt - i) * sizeof(*r));
	type->regions[i] = *r;
	type->cnt++;
	type->total_size += r->size;
}

static void delete_region(struct memblock_type *type, unsigned int i)
{
	type->total_size -= type->regions[i].size;
	type->cnt--;
	memmove(&type->regions[i], &type->regions[i + 1],
		(type->cnt - i) * sizeof(type->regions[0]));
}

static bool range_ok(phys_addr_t base, phys_addr_t size)
{
	return size && base + size > base;
}

/* Cut [base, base + size) out of the array, splitting at most one region. */
static int remove_range(struct memblock_type *type, phys_addr_t base,
			phys_addr_t size)
{
	phys_addr_t end = base + size;
	unsigned int i = 0;

	if (!range_ok(base, size))
		return size ? -EINVAL : 0;
	while (i < type->cnt) {
		struct memblock_region *r = &type->regions[i];
		struct memblock_region tail = *r;

		if (region_end(r) <= base) {
			i++;
			continue;
		}
		if (r->base >= end)
			break;
		if (r->base < base && region_end(r) > end &&
		    type->cnt == MEMBLOCK_REGIONS)
			return -ENOSPC;
		delete_region(type, i);
		if (tail.base < base) {
			struct memblock_region head = tail;

			head.size = base - head.base;
			insert_region(type, i++, &head);
		}
		if (region_end(&tail) > end) {
			tail.size = region_end(&tail) - end;
			tail.base = end;
			insert_region(type, i++, &tail);
		}
	}
	return 0;
}

/* Join neighbours that touch and are of one node, around index i. */
static void merge_around(struct memblock_type *type, unsigned int i)
{
	unsigned int j = i ? i - 1 : 0;

	while (j + 1 < type->cnt && j <= i + 1) {
		struct memblock_region *a = &type->regions[j];
		struct memblock_region next = type->regions[j + 1];

		if (region_end(a) != next.base || a->nid != next.nid) {
			j++;
			continue;
		}
		delete_region(type, j + 1);
		a->size += next.size;
		type->total_size += next.size;
	}
}

/* Add a range; what was there before gives way to it. */
static int add_range(struct memblock_type *type, phys_addr_t base,
		     phys_addr_t size, int nid)
{
	struct memblock_region r = { base, size, nid };
	unsigned int i;
	int err;

	if (!range_ok(base, size))
		return size ? -EINVAL : 0;
	if (type->cnt + 2 > MEMBLOCK_REGIONS)
		return -ENOSPC;
	err = remove_range(type, base, size);
	if (err)
		return err;
	for (i = 0; i < type->cnt && type->regions[i].base < base; i++)
		;
	insert_region(type, i, &r);
	merge_around(type, i);
	return 0;
}

int memblock_add_node(phys_addr_t base, phys_addr_t size, int nid)
{
	return add_range(&memblock.memory, base, size, nid);
}

int memblock_add(phys_addr_t base, phys_addr_t size)
{
	return memblock_add_node(base, size, -1);
}

int memblock_reserve(phys_addr_t base, phys_addr_t size)
{
	return add_range(&memblock.reserved, base, size, -1);
}

int memblock_mark_nomap(phys_addr_t base, phys_addr_t size)
{
	return add_range(&memblock.nomap, base, size, -1);
}

int memblock_remove(phys_addr_t base, phys_addr_t size)
{
	return remove_range(&memblock.memory, base, size);
}

int memblock_free(phys_addr_t base, phys_addr_t size)
{
	return remove_range(&memblock.reserved, base, size);
}

void memblock_enforce_memory_limit(phys_addr_t limit)
{
	struct memblock_type *type = &memblock.memory;
	unsigned int i;

	for (i = 0; i < type->cnt; i++) {
		struct memblock_region *r = &type->regions[i];

		if (limit < r->size) {
			phys_addr_t cut = r->base + limit;

			remove_range(type, cut, ~(phys_addr_t)0 - cut);
			return;
		}
		limit -= r->size;
	}
}

static const struct memblock_region *region_of(const struct memblock_type *type,
					       phys_addr_t addr)
{
	unsigned int lo = 0, hi = type->cnt;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;
		const struct memblock_region *r = &type->regions[mid];

		if (addr < r->base)
			hi = mid;
		else if (addr >= region_end(r))
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

bool memblock_is_memory(phys_addr_t addr)
{
	return region_of(&memblock.memory, addr);
}

bool memblock_is_reserved(phys_addr_t addr)
{
	return region_of(&memblock.reserved, addr);
}

bool memblock_is_map_memory(phys_addr_t addr)
{
	return memblock_is_memory(addr) && !region_of(&memblock.nomap, addr);
}

bool memblock_is_region_memory(phys_addr_t base, phys_addr_t size)
{
	while (size) {
		const struct memblock_region *r =
			region_of(&memblock.memory, base);
		phys_addr_t step;

		if (!r)
			return false;
		step = region_end(r) - base;
		if (step >= size)
			return true;
		base += step;
		size -= step;
	}
	return true;
}

phys_addr_t memblock_phys_mem_size(void)
{
	return memblock.memory.total_size;
}

phys_addr_t memblock_start_of_DRAM(void)
{
	return memblock.memory.cnt ? memblock.memory.regions[0].base : 0;
}

phys_addr_t memblock_end_of_DRAM(void)
{
	unsigned int n = memblock.memory.cnt;

	return n ? region_end(&memblock.memory.regions[n - 1]) : 0;
}

/* The first address >= at that b leaves free, and where that room ends. */
static phys_addr_t skip_taken(const struct memblock_type *b, phys_addr_t at,
			      phys_addr_t *room_end)
{
	unsigned int i;

	*room_end = ~(phys_addr_t)0;
	for (i = 0; b && i < b->cnt; i++) {
		const struct memblock_region *r = &b->regions[i];

		if (region_end(r) <= at)
			continue;
		if (r->base > at) {
			*room_end = r->base;
			break;
		}
		at = region_end(r);
	}
	return at;
}

bool memblock_next_range(const struct memblock_type *a,
			 const struct memblock_type *b, phys_addr_t *pos,
			 phys_addr_t *start, phys_addr_t *end, int *nid)
{
	unsigned int i;

	for (i = 0; i < a->cnt; i++) {
		const struct memblock_region *r = &a->regions[i];
		phys_addr_t from, room_end;

		if (region_end(r) <= *pos)
			continue;
		from = *pos > r->base ? *pos : r->base;
		from = skip_taken(b, from, &room_end);
		if (from >= region_end(r))
			continue;
		*start = from;
		*end = min(room_end, region_end(r));
		if (nid)
			*nid = r->nid;
		*pos = *end;
		return true;
	}
	return false;
}

/*
 * Best from above: low memory is what devices with short addresses and the
 * boot loader's leftovers want, so take the highest room that fits.
 */
phys_addr_t memblock_phys_alloc_range(phys_addr_t size, phys_addr_t align,
				      phys_addr_t start, phys_addr_t end,
				      int nid)
{
	phys_addr_t pos = 0, from, to, found = 0;
	int range_nid;

	if (!size)
		return 0;
	if (!end || end > memblock.current_limit)
		end = memblock.current_limit;
	while (memblock_next_range(&memblock.memory, &memblock.reserved, &pos,
				   &from, &to, &range_nid)) {
		phys_addr_t at;

		from = max(from, start);
		to = min(to, end);
		if (to <= from || to - from < size ||
		    (nid >= 0 && range_nid != nid))
			continue;
		at = ALIGN_DOWN(to - size, align);
		if (at >= from && at)
			found = at;
	}
	if (found && memblock_reserve(found, size))
		return 0;
	return found;
}

phys_addr_t memblock_phys_alloc(phys_addr_t size, phys_addr_t align)
{
	return memblock_phys_alloc_range(size, align, 0, 0, -1);
}

static bool type_check(const struct memblock_type *type)
{
	phys_addr_t sum = 0, last = 0;
	unsigned int i;

	for (i = 0; i < type->cnt; i++) {
		const struct memblock_region *r = &type->regions[i];

		if (!range_ok(r->base, r->size) || (i && r->base < last))
			return false;
		if (i && r->base == last && r->nid == r[-1].nid)
			return false;
		last = region_end(r);
		sum += r->size;
	}
	return type->cnt <= MEMBLOCK_REGIONS && sum == type->total_size;
}

bool memblock_check(void)
{
	return type_check(&memblock.memory) && type_check(&memblock.reserved) &&
	       type_check(&memblock.nomap);
}
