/* SPDX-License-Identifier: MIT */
/*
 * vmalloc: virtually contiguous kernel memory, made of whatever pages there
 * are, in [VMALLOC_START, VMALLOC_END). Behind each area one page stays
 * unmapped, so that running off its end faults.
 *
 * Lock: vmap_lock (interrupts off) for the tree of areas. An area belongs to
 * its creator from the time it is found until it is freed.
 */
#ifndef _MM_PHYS_VMALLOC_H
#define _MM_PHYS_VMALLOC_H

#include <lib/seq_buf.h>
#include <asm/memory.h>
#include <asm/pgtable.h>
#include <mm/phys/gfp.h>
#include <mm/phys/vmap_tree.h>

#define VM_IOREMAP    0x01UL
#define VM_ALLOC      0x02UL  /* vmalloc(): the pages are freed with it */
#define VM_MAP	      0x04UL  /* vmap() */
#define VM_NO_GUARD   0x40UL  /* the image: its neighbours are known */
#define VM_STACK_AREA 0x80UL  /* a kernel stack */
#define VM_STATIC     0x100UL /* part of the image: never freed */

struct vm_struct {
	struct vmap_area va; /* size with guard: vmap_lock */
	void *addr;
	unsigned long size; /* bytes, guard page included */
	unsigned long flags;
	struct page **pages; /* in order; NULL: physical */
	unsigned int nr_pages;
	phys_addr_t phys_addr; /* VM_IOREMAP */
	const void *caller;
};

void vmalloc_init(void);

/*
 * => NULL: no memory or no room; size is rounded up to pages
 * => any context that may sleep if gfp says so; vfree() in any context
 */
void *vmalloc(unsigned long size);
void vfree(const void *addr);

/* Map pages the caller owns; vunmap() leaves them alone. */
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot);
void vunmap(const void *addr);

/* Device registers (nGnRE). => NULL; RAM is refused */
void *ioremap(phys_addr_t pa, size_t size);
void iounmap(volatile void *addr);

/* kmalloc() if it is there at once, else vmalloc(). */
void *kvmalloc(size_t size, gfp_t gfp);
void *kvzalloc(size_t size, gfp_t gfp);
void kvfree(const void *addr);
DEFINE_FREE(kvfree, void, kvfree)

/* The area addr lies in, guard page included; NULL. */
struct vm_struct *find_vm_area(const void *addr);
struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_nr_pages(void); /* in vmalloc()ed areas */

static inline bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START &&
	       (unsigned long)addr < VMALLOC_END;
}

/* Does addr lie in the guard page of an area? For the fault report. */
bool vmalloc_is_guard(unsigned long addr, struct vm_struct **area);

/*
 * Kernel stacks: THREAD_SIZE bytes, aligned to THREAD_ALIGN, unmapped below
 * and above. Recently freed ones are kept, two for each CPU, and come back
 * as they were left (not zeroed). Counted in NR_KERNEL_STACK_KB while in use.
 * => the lowest address, or NULL; alloc may sleep; free in any context
 */
void *alloc_thread_stack(void);
void free_thread_stack(void *stack);
/* Give the cached stacks of this CPU back. => number */
unsigned int drain_thread_stacks(void);

#endif
