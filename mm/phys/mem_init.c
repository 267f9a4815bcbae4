// SPDX-License-Identifier: MIT
/*
 * mem_init.c - memblock hands over to the buddy; what boot prints about it
 *
 *	memory   |======================|          mem_init():
 *	reserved   ##  ####     #                  PG_reserved, refcount 1
 *	free     ==  ==    ===== =======|          largest aligned blocks first
 *
 * After that memblock is only read (for /proc/iomem). What was reserved just
 * for boot comes back piece by piece: init memory, the initrd.
 *
 * Boot CPU; free_reserved_area() in any context.
 */
#include <lib/string.h>
#include <asm/memory.h>
#include <asm/sections.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/gfp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/vmstat.h>

bool buddy_up;

unsigned char empty_zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);
struct page *zero_page;
unsigned long zero_pfn;

static void mark_reserved(unsigned long pfn, unsigned long end)
{
	for (; pfn < end; pfn++) {
		struct page *page;

		if (!pfn_valid(pfn))
			continue;
		page = pfn_to_page(pfn);
		__SetPageReserved(page);
		set_page_count(page, 1);
	}
}

/* A page that is only partly free is not free. */
static unsigned long memblock_free_all(void)
{
	const struct memblock_type *res = &memblock.reserved;
	phys_addr_t pos, from, to;
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < memblock.nomap.cnt; i++)
		memblock_reserve(memblock.nomap.regions[i].base,
				 memblock.nomap.regions[i].size);
	for (i = 0; i < res->cnt; i++)
		mark_reserved(PHYS_PFN(res->regions[i].base),
			      PHYS_PFN(PAGE_ALIGN(res->regions[i].base +
						  res->regions[i].size)));
	for_each_free_mem_range(pos, &from, &to, NULL) {
		unsigned long pfn = PHYS_PFN(PAGE_ALIGN(from));
		unsigned long end = PHYS_PFN(to);

		while (pfn < end) {
			struct zone *zone = page_zone(pfn_to_page(pfn));
			unsigned long stop = min(end, zone_end_pfn(zone));

			free_pages_core(pfn, stop);
			pages += stop - pfn;
			pfn = stop;
		}
	}
	return pages;
}

#define KB(bytes) ((unsigned long)(bytes) >> 10)

static void mem_init_print_info(void)
{
	unsigned long phys = KB(memblock_phys_mem_size());
	unsigned long free = KB(nr_free_pages() << PAGE_SHIFT);
	unsigned long init = KB(__init_end - __init_begin);

	pr_info("Memory: %luK/%luK available (%luK kernel code, %luK rwdata, %luK rodata, %luK init, %luK bss, %luK reserved, 0K cma-reserved)\n",
		free, phys, KB(_etext - _text), KB(_edata - _sdata),
		KB(__end_rodata - __start_rodata), init, KB(_end - __bss_start),
		phys - free);
}

void mem_init(void)
{
	memblock_free_all();
	buddy_up = true;
	zero_page = phys_to_page(__pa_symbol(empty_zero_page));
	zero_pfn = page_to_pfn(zero_page);
	set_min_free_kbytes(0);
	pr_info("Built %u zonelists, mobility grouping off.  Total pages: %lu\n",
		nr_node_ids, totalram_pages());
	mem_init_print_info();
	BUG_ON(CONFIG_DEBUG && !buddy_check());
}

/* --- The layout table -------------------------------------------------- */

static void print_area(const char *name, unsigned long from, unsigned long to)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB" };
	unsigned long size = (to - from) >> 10;
	unsigned int unit = 0;

	while (size >= 10240 && unit < ARRAY_SIZE(units) - 1) {
		size >>= 10;
		unit++;
	}
	pr_notice("    %8s : 0x%16lx - 0x%16lx   (%6lu %s)\n", name, from, to,
		  size, units[unit]);
}

void mem_print_layout(void)
{
	unsigned long first, last;

	first = (unsigned long)phys_to_page(memblock_start_of_DRAM());
	last = (unsigned long)(phys_to_page(memblock_end_of_DRAM() - 1) + 1);
	pr_notice("Virtual kernel memory layout:\n");
	print_area("modules", MODULES_VADDR, MODULES_END);
	print_area("vmalloc", VMALLOC_START, VMALLOC_END);
	print_area(".init", (unsigned long)__init_begin,
		   (unsigned long)__init_end);
	print_area(".text", (unsigned long)_text, (unsigned long)_etext);
	print_area(".rodata", (unsigned long)__start_rodata,
		   (unsigned long)__end_rodata);
	print_area(".data", (unsigned long)_sdata, (unsigned long)_edata);
	print_area(".bss", (unsigned long)__bss_start,
		   (unsigned long)__bss_stop);
	print_area("fixed", FIXADDR_START, FIXADDR_TOP);
	print_area("PCI I/O", PCI_IO_START, PCI_IO_END);
	print_area("vmemmap", VMEMMAP_START, VMEMMAP_START + VMEMMAP_SIZE);
	print_area(" actual", first, last);
	print_area("memory", (unsigned long)__va(memblock_start_of_DRAM()),
		   (unsigned long)__va(memblock_end_of_DRAM() - 1) + 1);
}

/* --- Giving boot memory back ------------------------------------------- */

unsigned long free_reserved_area(void *start, void *end, const char *what)
{
	unsigned long va = PAGE_ALIGN((unsigned long)start);
	unsigned long stop = PAGE_ALIGN_DOWN((unsigned long)end);
	unsigned long pages = 0;

	for (; va < stop; va += PAGE_SIZE, pages++) {
		struct page *page = virt_to_page((void *)va);

		VM_BUG_ON_PAGE(!PageReserved(page), page);
		__ClearPageReserved(page);
		atomic_long_inc(&page_zone(page)->managed_pages);
		__free_page(page);
	}
	if (pages && what)
		pr_info("Freeing %s memory: %luK\n", what,
			pages << (PAGE_SHIFT - 10));
	return pages;
}

void free_initrd_mem(void)
{
	phys_addr_t start = PAGE_ALIGN_DOWN(phys_initrd_start);
	phys_addr_t end = PAGE_ALIGN(phys_initrd_start + phys_initrd_size);

	if (!phys_initrd_size)
		return;
	free_reserved_area(__va(start), __va(end), "initrd");
	phys_initrd_start = 0;
	phys_initrd_size = 0;
}
