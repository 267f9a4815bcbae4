/* SPDX-License-Identifier: MIT */
/*
 * The address map of the kernel half (docs/: "Address map") and the ways
 * between virtual and physical addresses.
 *
 *   ffff000000000000  (VA_START)
 *   ffff000008000000  modules
 *   ffff000010000000  vmalloc; the kernel image is at its start
 *   ffff7dfffe7f9000  fixmap
 *   ffff7dfffee00000  PCI I/O
 *   ffff7e0000000000  vmemmap: the array of struct page
 *   ffff800000000000  linear map: all of RAM    (PAGE_OFFSET)
 *
 * Bit 47 tells a linear-map address from every other kernel address.
 */
#ifndef _ASM_MEMORY_H
#define _ASM_MEMORY_H

#include <asm/page.h>

#define VA_BITS	    48
#define VA_START    (UL(0xffffffffffffffff) << VA_BITS)
#define PAGE_OFFSET (UL(0xffffffffffffffff) << (VA_BITS - 1))
#define TASK_SIZE   (UL(1) << VA_BITS)

#define STRUCT_PAGE_MAX_SHIFT 6
#define VMEMMAP_SIZE \
	(UL(1) << (VA_BITS - PAGE_SHIFT - 1 + STRUCT_PAGE_MAX_SHIFT))
#define VMEMMAP_START (PAGE_OFFSET - VMEMMAP_SIZE)

#define MODULES_VSIZE UL(0x08000000)
#define MODULES_VADDR (VA_START + UL(0x08000000))
#define MODULES_END   (MODULES_VADDR + MODULES_VSIZE)
#define KIMAGE_VADDR  MODULES_END
#define TEXT_OFFSET   UL(0x80000)

#define VMALLOC_START MODULES_END
#define VMALLOC_END   (PAGE_OFFSET - PUD_SIZE - VMEMMAP_SIZE - UL(0x10000))

#define PCI_IO_SIZE   UL(0x01000000)
#define PCI_IO_END    (VMEMMAP_START - UL(0x200000))
#define PCI_IO_START  (PCI_IO_END - PCI_IO_SIZE)
#define FIXADDR_TOP   (PCI_IO_START - UL(0x200000))
#define FIXADDR_SIZE  UL(0x407000)
#define FIXADDR_START (FIXADDR_TOP - FIXADDR_SIZE)

/*
 * Kernel stacks. THREAD_ALIGN makes the overflow check on exception entry
 * one bit test: an address on the stack has bit THREAD_SHIFT clear, and the
 * first byte below the stack has it set. Every kernel stack must start at a
 * multiple of THREAD_ALIGN.
 */
#define THREAD_SHIFT	    14
#define THREAD_SIZE	    (UL(1) << THREAD_SHIFT)
#define THREAD_ALIGN	    (2 * THREAD_SIZE)
#define OVERFLOW_STACK_SIZE UL(4096)

#define NR_CPUS 8

/* MAIR_EL1: what AttrIndx in a page-table entry means. */
#define MT_NORMAL	 0 /* 0xff: write-back, allocate */
#define MT_NORMAL_NC	 1 /* 0x44: not cacheable */
#define MT_DEVICE_nGnRE	 2 /* 0x04 */
#define MT_DEVICE_nGnRnE 3 /* 0x00 */
#define MAIR_EL1_VALUE	 UL(0x000444ff)

#ifndef __ASSEMBLY__
#include <lib/types.h>

static_assert(MODULES_VADDR == 0xffff000008000000UL);
static_assert(KIMAGE_VADDR == 0xffff000010000000UL);
static_assert(VMALLOC_END == 0xffff7dffbfff0000UL);
static_assert(FIXADDR_START == 0xffff7dfffe7f9000UL);
static_assert(FIXADDR_TOP == 0xffff7dfffec00000UL);
static_assert(PCI_IO_START == 0xffff7dfffee00000UL);
static_assert(PCI_IO_END == 0xffff7dffffe00000UL);
static_assert(VMEMMAP_START == 0xffff7e0000000000UL);
static_assert(PAGE_OFFSET == 0xffff800000000000UL);

/* Image address minus physical address; written once by head.S. */
extern s64 kimage_voffset;
/* PHYS_OFFSET: physical address shown at PAGE_OFFSET; set by mm/phys. */
extern phys_addr_t memstart_addr;
#define PHYS_OFFSET memstart_addr

/* => addr: any kernel address */
static __always_inline bool is_linear_va(unsigned long addr)
{
	return (addr & PAGE_OFFSET) == PAGE_OFFSET;
}

static __always_inline phys_addr_t __virt_to_phys(unsigned long addr)
{
	if (likely(is_linear_va(addr)))
		return addr - PAGE_OFFSET + memstart_addr;
	return addr - (unsigned long)kimage_voffset;
}

/* Physical address of a linear-map or kernel-image address. */
#define __pa(va) __virt_to_phys((unsigned long)(va))
/* Physical address of an object of the kernel image; usable at once. */
#define __pa_symbol(sym) \
	((phys_addr_t)((unsigned long)(sym) - (unsigned long)kimage_voffset))
/* Linear-map address of RAM. => after memstart_addr is known */
#define __va(pa) \
	((void *)(unsigned long)((phys_addr_t)(pa)-memstart_addr + PAGE_OFFSET))
/* Image address of a physical address inside the kernel image. */
#define __phys_to_kimg(pa) ((void *)((unsigned long)(pa) + kimage_voffset))

static inline phys_addr_t virt_to_phys(const volatile void *va)
{
	return __pa(va);
}

#define PHYS_PFN(pa)	((unsigned long)((pa) >> PAGE_SHIFT))
#define PFN_PHYS(pfn)	((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PFN_UP(x)	(((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define virt_to_pfn(va) PHYS_PFN(__pa(va))

/* The boot CPU's stack (that of init_task); aligned to THREAD_ALIGN. */
extern char init_stack[THREAD_SIZE];
#endif
#endif
