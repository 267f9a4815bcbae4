// SPDX-License-Identifier: MIT
/*
 * sparse.c - the array of struct page, where there is memory
 *
 *	vmemmap (2 TiB of addresses, 64 bytes for each 4 KiB from memstart)
 *	|████████|········|██|······|██████████████|
 *	 2 MiB block       pages     2 MiB blocks       for 128 MiB of RAM each
 *
 * One section is 128 MiB of addresses: its struct pages fill exactly one
 * 2 MiB block. What is present is noted in units of 4 MiB, the largest buddy
 * block, so that the buddy of a page that exists can always be looked at; of
 * a hole inside such a unit the pages exist and are reserved. Larger holes
 * cost nothing: their part of vmemmap is not mapped.
 *
 * Invariants: a bit in section_map[] is set if and only if vmemmap is mapped
 * for that unit. Boot only, constant afterwards; no lock.
 */
#include <lib/bitops.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/page.h>
#include <mm/phys/pgtable.h>
#include <mm/phys/report.h>

#define UNITS_PER_SECTION (1U << (PFN_SECTION_SHIFT - SUBSECTION_SHIFT))
static_assert(UNITS_PER_SECTION == 32, "units are the bits of a u32");
static_assert(PAGES_PER_SECTION * sizeof(struct page) == PMD_SIZE);

static u32 *section_map; /* [section - first]: present units */
static unsigned long first_section, nr_sections;

bool pfn_valid(unsigned long pfn)
{
	unsigned long section = (pfn >> PFN_SECTION_SHIFT) - first_section;
	unsigned long unit = (pfn >> SUBSECTION_SHIFT) % UNITS_PER_SECTION;

	return section < nr_sections && (section_map[section] >> unit & 1);
}

unsigned long memmap_end_pfn(void)
{
	return (first_section + nr_sections) << PFN_SECTION_SHIFT;
}

bool virt_addr_valid(const void *va)
{
	return is_linear_va((unsigned long)va) && pfn_valid(PHYS_PFN(__pa(va)));
}

static void mark_present(unsigned long from, unsigned long to)
{
	unsigned long pfn;

	for (pfn = from; pfn < to; pfn += MAX_ORDER_NR_PAGES)
		section_map[(pfn >> PFN_SECTION_SHIFT) - first_section] |=
			1U << ((pfn >> SUBSECTION_SHIFT) % UNITS_PER_SECTION);
}

/* Back [va, end) of vmemmap with memory of node nid, in the largest pieces. */
static void vmemmap_populate(unsigned long va, unsigned long end, int nid)
{
	while (va < end) {
		unsigned long next =
			min(ALIGN_DOWN(va + PMD_SIZE, PMD_SIZE), end);
		unsigned long size = next - va;
		phys_addr_t align = size == PMD_SIZE ? PMD_SIZE : PAGE_SIZE;
		phys_addr_t pa;

		pa = memblock_phys_alloc_range(size, align, 0, 0, nid);
		if (!pa)
			pa = memblock_phys_alloc(size, align);
		if (!pa)
			panic("no memory for struct page: %lu KiB wanted",
			      size / 1024);
		map_kernel_range(swapper_pg_dir, va, pa, size, PAGE_KERNEL,
				 MAP_BOOT);
		va = next;
	}
}

void sparse_init(void)
{
	const struct memblock_type *mem = &memblock.memory;
	unsigned long done = 0;
	unsigned int i;

	first_section = PHYS_PFN(memstart_addr) >> PFN_SECTION_SHIFT;
	nr_sections =
		(PHYS_PFN(memblock_end_of_DRAM() - 1) >> PFN_SECTION_SHIFT) -
		first_section + 1;
	section_map = memblock_alloc(nr_sections * sizeof(*section_map), 8);
	for (i = 0; i < mem->cnt; i++) {
		const struct memblock_region *r = &mem->regions[i];
		unsigned long from =
			ALIGN_DOWN(PHYS_PFN(r->base), MAX_ORDER_NR_PAGES);
		unsigned long to =
			ALIGN(PHYS_PFN(r->base + r->size), MAX_ORDER_NR_PAGES);

		from = max(from, done);
		if (from >= to)
			continue;
		mark_present(from, to);
		vmemmap_populate((unsigned long)pfn_to_page(from),
				 (unsigned long)(pfn_to_page(to - 1) + 1),
				 r->nid);
		done = to;
	}
}

/*
 * Write fresh struct pages: free-looking ones that only need to be handed to
 * the buddy, or reserved ones.
 */
void memmap_init_range(unsigned long pfn, unsigned long end, struct zone *zone,
		       bool reserved)
{
	struct page *page = pfn_to_page(pfn);
	struct page fresh = {
		.flags = (unsigned long)zone->zone_id << ZONEID_PGSHIFT,
		.page_type = PAGE_TYPE_NONE,
	};

	if (reserved) {
		fresh.flags |= 1UL << PG_reserved;
		set_page_count(&fresh, 1);
	}
	for (; pfn < end; pfn++, page++)
		*page = fresh;
}

void zone_adopt_pages(struct zone *zone, struct page *page, unsigned long nr)
{
	unsigned long i, mask = (1UL << ZONEID_PGSHIFT) - 1;

	for (i = 0; i < nr; i++)
		page[i].flags = (page[i].flags & mask) |
				(unsigned long)zone->zone_id << ZONEID_PGSHIFT;
}
