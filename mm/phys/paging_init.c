// SPDX-License-Identifier: MIT
/*
 * paging_init.c - the kernel's final page table
 *
 *	linear map   |████████|████|r r r r·w w|████|████████████████████|
 *	              2 MiB         pages       2 MiB        1 GiB
 *	                       └ the image's alias: text and read-only data,
 *	                         init text too, are read-only here as well
 *	image        |text ROX|rodata RO|init text ROX|init data, data, bss RW|
 *
 * Built while still running on the tables of head.S (tables are reached
 * through fixmap slots, see mmu.c), then switched to at once: from then on
 * __va() works for all of RAM. Only the 2 MiB around the image are mapped by
 * pages, so a change of permissions there never has to split a block.
 *
 * Boot CPU, interrupts off, no lock.
 */
#include <asm/mmu_context.h>
#include <asm/sections.h>
#include <asm/tlbflush.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/pgtable.h>

/* Map [from, to) of RAM at its linear address. */
static void map_linear(phys_addr_t from, phys_addr_t to, pgprot_t prot,
		       unsigned int flags)
{
	if (from < to)
		map_kernel_range(swapper_pg_dir, (unsigned long)__va(from),
				 from, (unsigned long)(to - from), prot,
				 flags | MAP_BOOT);
}

/*
 * One range of RAM. The parts:  before | rw | ro (image) | rw | behind, the
 * middle three mapped by pages up to the 2 MiB boundaries around the image.
 */
static void map_memory_range(phys_addr_t from, phys_addr_t to)
{
	phys_addr_t ro_start = clamp(__pa_symbol(_text), from, to);
	phys_addr_t ro_end = clamp(__pa_symbol(__inittext_end), from, to);
	phys_addr_t fine_start = ALIGN_DOWN(__pa_symbol(_text), PMD_SIZE);
	phys_addr_t fine_end = ALIGN(__pa_symbol(__init_end), PMD_SIZE);

	fine_start = clamp(fine_start, from, to);
	fine_end = clamp(fine_end, from, to);
	map_linear(from, fine_start, PAGE_KERNEL, 0);
	map_linear(fine_start, ro_start, PAGE_KERNEL, MAP_NO_BLOCKS);
	map_linear(ro_start, ro_end, PAGE_KERNEL_RO, MAP_NO_BLOCKS);
	map_linear(ro_end, fine_end, PAGE_KERNEL, MAP_NO_BLOCKS);
	map_linear(fine_end, to, PAGE_KERNEL, 0);
}

static void map_segment(const char *start, const char *end, pgprot_t prot)
{
	map_kernel_range(swapper_pg_dir, (unsigned long)start,
			 __pa_symbol(start), (unsigned long)(end - start), prot,
			 MAP_NO_BLOCKS | MAP_BOOT);
}

static void map_image(void)
{
	map_segment(_text, __start_rodata, PAGE_KERNEL_ROX);
	map_segment(__start_rodata, __init_begin, PAGE_KERNEL_RO);
	map_segment(__init_begin, __initdata_begin, PAGE_KERNEL_ROX);
	map_segment(__initdata_begin, _end, PAGE_KERNEL);
}

void paging_init(void)
{
	phys_addr_t pos, from, to;

	BUILD_BUG_ON(sizeof(swapper_pg_dir) != PAGE_SIZE);
	for_each_mem_range(pos, &from, &to, NULL)
		map_memory_range(PAGE_ALIGN(from), PAGE_ALIGN_DOWN(to));
	map_image();
	fixmap_copy(swapper_pg_dir);
	arch_use_swapper(__pa_symbol(swapper_pg_dir));
}

void mark_rodata_ro(void)
{
	unsigned long bad = ptdump_check_wx(true);

	if (bad)
		pr_warn("Checked W+X mappings: FAILED, %lu W+X pages found\n",
			bad);
	else
		pr_info("Checked W+X mappings: passed, no W+X pages found\n");
}

/*
 * The boot part of the image goes to the allocator: unmapped where it ran,
 * writable again in the linear map.
 */
void free_initmem(void)
{
	unsigned long start = (unsigned long)__init_begin;
	unsigned long size = (unsigned long)(__init_end - __init_begin);
	void *alias = __va(__pa_symbol(__init_begin));

	unmap_kernel_range(start, size, NULL);
	BUG_ON(set_memory_rw((unsigned long)alias, (int)(size >> PAGE_SHIFT)));
	free_reserved_area(alias, (char *)alias + size,
			   "unused kernel image (initmem)");
}
