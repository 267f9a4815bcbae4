// SPDX-License-Identifier: MIT
/*
 * boot_mem.c - from the device tree to memblock
 *
 *	/memory                        memory, with its numa-node-id
 *	/memreserve/, /reserved-memory reserved, or nomap
 *	/chosen linux,initrd-*         reserved: the initial ramdisk
 *	the blob itself, the image     reserved
 *	mem=                           cuts memory; what is in use comes back
 *
 * PHYS_OFFSET (memstart_addr) is the start of memory rounded down to 1 GiB, so
 * that a 1 GiB block of the linear map is one of physical memory, too.
 *
 * Boot CPU only. After paging_init() memblock_alloc() gives zeroed memory by
 * address; before it, only physical addresses can be had.
 */
#include <asm/mmu_context.h>
#include <lib/byteorder.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>
#include <asm/memory.h>
#include <asm/sections.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>

#define MEMSTART_ALIGN	 PUD_SIZE
#define MAX_PHYSMEM_BITS 48

static phys_addr_t fdt_phys, fdt_size;
phys_addr_t phys_initrd_start, phys_initrd_size;

static void must(int err, const char *what)
{
	if (err)
		panic("memblock: cannot note %s: error %d", what, err);
}

/* Call fn for each reg of a node. => number of regs */
static int for_each_reg(const void *fdt, int node,
			void (*fn)(const void *fdt, int node, u64 base,
				   u64 size))
{
	u64 base, size;
	int i;

	for (i = 0; !fdt_read_reg(fdt, node, i, &base, &size); i++)
		if (size)
			fn(fdt, node, base, size);
	return i;
}

static void add_memory(const void *fdt, int node, u64 base, u64 size)
{
	u32 nid = 0;

	if (fdt_prop_u32(fdt, node, "numa-node-id", &nid))
		nid = 0;
	if (nid >= MAX_NUMNODES) {
		pr_warn("memory of node %u counted as node 0's\n", nid);
		nid = 0;
	}
	base = PAGE_ALIGN(base);
	if (base >= BIT_ULL(MAX_PHYSMEM_BITS) || size < PAGE_SIZE)
		return;
	must(memblock_add_node(base, PAGE_ALIGN_DOWN(size), (int)nid),
	     "memory");
}

static void scan_memory(const void *fdt)
{
	int node;

	for (node = fdt_first_child(fdt, fdt_root(fdt)); node >= 0;
	     node = fdt_next_sibling(fdt, node)) {
		const char *type = fdt_prop_string(fdt, node, "device_type");

		if (type && !strcmp(type, "memory") &&
		    fdt_is_available(fdt, node))
			for_each_reg(fdt, node, add_memory);
	}
}

static void reserve_region(const void *fdt, int node, u64 base, u64 size)
{
	bool nomap = fdt_getprop(fdt, node, "no-map", NULL);

	pr_info("Reserved memory: %s [mem %#018llx-%#018llx]%s\n",
		fdt_node_name(fdt, node), base, base + size - 1,
		nomap ? " not mapped" : "");
	if (nomap)
		must(memblock_mark_nomap(base, size), "a no-map region");
	must(memblock_reserve(base, size), "a reserved region");
}

static void scan_reserved(const void *fdt)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node, i;
	u64 base, size;

	for (i = 0; fdt_mem_rsv(fdt, i, &base, &size); i++)
		if (size)
			must(memblock_reserve(base, size), "/memreserve/");
	if (parent < 0)
		return;
	for (node = fdt_first_child(fdt, parent); node >= 0;
	     node = fdt_next_sibling(fdt, node))
		if (fdt_is_available(fdt, node) &&
		    !for_each_reg(fdt, node, reserve_region))
			pr_warn("Reserved memory: %s has no place, ignored\n",
				fdt_node_name(fdt, node));
}

static void scan_initrd(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	u64 start, end;

	if (chosen < 0 ||
	    fdt_prop_u64(fdt, chosen, "linux,initrd-start", &start) ||
	    fdt_prop_u64(fdt, chosen, "linux,initrd-end", &end))
		return;
	if (end <= start)
		return;
	if (!memblock_is_region_memory(start, end - start)) {
		pr_err("initrd not fully in memory: ignored\n");
		return;
	}
	phys_initrd_start = start;
	phys_initrd_size = end - start;
	must(memblock_reserve(PAGE_ALIGN_DOWN(start),
			      PAGE_ALIGN(end) - PAGE_ALIGN_DOWN(start)),
	     "the initrd");
}

/* mem= must not take away what is already in use. */
static void keep(phys_addr_t start, phys_addr_t size)
{
	phys_addr_t from = PAGE_ALIGN_DOWN(start);

	if (size && !memblock_is_region_memory(start, size))
		must(memblock_add_node(from, PAGE_ALIGN(start + size) - from,
				       0),
		     "memory in use");
}

static void limit_memory(phys_addr_t limit)
{
	if (!limit || limit >= memblock_phys_mem_size())
		return;
	memblock_enforce_memory_limit(PAGE_ALIGN(limit));
	pr_notice("Memory limited to %lluMB\n", limit >> 20);
	keep(__pa_symbol(_text), (phys_addr_t)(_end - _text));
	keep(fdt_phys, fdt_size);
	keep(phys_initrd_start, phys_initrd_size);
}

/*
 * The bytes of the blob that carry anything: QEMU pads it to 1 MiB, and what
 * is behind the last block is not worth keeping.
 */
static phys_addr_t fdt_used(const void *fdt)
{
	const __be32 *header = fdt;
	u32 strct = be32_to_cpu(header[2]) + be32_to_cpu(header[9]);
	u32 strings = be32_to_cpu(header[3]) + be32_to_cpu(header[8]);

	return min(max(strct, strings), fdt_totalsize(fdt));
}

void arm64_memblock_init(const void *fdt, phys_addr_t fdt_pa,
			 phys_addr_t mem_limit)
{
	phys_addr_t image = __pa_symbol(_text);
	phys_addr_t image_size = (phys_addr_t)(_end - _text);

	fdt_phys = fdt_pa;
	fdt_size = fdt_used(fdt);
	scan_memory(fdt);
	if (!memblock_phys_mem_size())
		panic("the device tree names no memory");
	if (!memblock_is_region_memory(image, image_size))
		panic("the kernel image at %#llx is not in memory", image);
	must(memblock_reserve(image, image_size), "the image");
	must(memblock_reserve(fdt_phys, fdt_size), "the device tree");
	scan_reserved(fdt);
	scan_initrd(fdt);
	limit_memory(mem_limit);
	memstart_addr = ALIGN_DOWN(memblock_start_of_DRAM(), MEMSTART_ALIGN);
	/* What the linear map cannot reach is not there. */
	memblock_remove(memstart_addr + (UL(1) << (VA_BITS - 1)),
			~(phys_addr_t)0 -
				(memstart_addr + (UL(1) << (VA_BITS - 1))));
	BUG_ON(!memblock_check());
}

static void *alloc_zeroed(phys_addr_t pa, phys_addr_t size, const char *what)
{
	BUG_ON(!linear_map_ready || buddy_up);
	if (!pa)
		panic("memblock: no room for %llu bytes%s", size, what);
	return memset(__va(pa), 0, size);
}

void *memblock_alloc(phys_addr_t size, phys_addr_t align)
{
	return alloc_zeroed(memblock_phys_alloc(size, align), size, "");
}

/* Near its node if there is room, else anywhere. */
void *memblock_alloc_node(phys_addr_t size, phys_addr_t align, int nid)
{
	phys_addr_t pa = memblock_phys_alloc_range(size, align, 0, 0, nid);

	if (!pa)
		pa = memblock_phys_alloc(size, align);
	return alloc_zeroed(pa, size, " of a node");
}

static size_t percpu_bytes;

unsigned long percpu_pages(void)
{
	return PFN_UP(percpu_bytes);
}

void *mm_percpu_alloc(size_t size, size_t align)
{
	percpu_bytes += size;
	return memblock_alloc(size, align);
}

void *mm_fdt_virt(void)
{
	return __va(fdt_phys);
}
