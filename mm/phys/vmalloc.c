// SPDX-License-Identifier: MIT
/*
 * vmalloc.c - areas of virtual memory, and what is mapped there
 *
 *	VMALLOC_START                                        VMALLOC_END
 *	|image|····|pages|g|····|registers|g|stack|g|····
 *	                  └ guard: one page of the area that is never mapped
 *
 * An area is found in the tree (vmap_tree.c), then its pages are mapped, and
 * only then does anybody get its address. Freeing goes the other way: unmap
 * and flush on all CPUs, then give the pages back, and last the addresses, so
 * that no address is handed out again while a TLB remembers its old page.
 *
 * Lock: vmap_lock, interrupts off, for the tree alone. The rest of an area
 * belongs to whoever allocated it.
 */
#include <lib/string.h>
#include <base/bug.h>
#include <base/printk.h>
#include <asm/sections.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/pgtable.h>
#include <mm/phys/report.h>
#include <mm/phys/vmalloc.h>

#define RET __builtin_return_address(0)

static DEFINE_SPINLOCK(vmap_lock);
static struct vmap_tree vmap_tree;
static struct kmem_cache *vm_struct_cache;
static atomic_long_t nr_vmalloc_pages;

static struct vm_struct *to_vm(struct vmap_area *va)
{
	return va ? container_of(va, struct vm_struct, va) : NULL;
}

/* --- Areas ------------------------------------------------------------- */

/* Find room for size bytes and a guard page. => NULL: no memory or no room */
static struct vm_struct *get_vm_area(unsigned long size, unsigned long align,
				     unsigned long vm_flags, gfp_t gfp,
				     const void *caller)
{
	struct vm_struct *area;
	unsigned long flags;
	int err;

	size = PAGE_ALIGN(size);
	if (!size || size > VMALLOC_END - VMALLOC_START)
		return NULL;
	area = kmem_cache_zalloc(vm_struct_cache, gfp & GFP_RECLAIM_MASK);
	if (!area)
		return NULL;
	if (!(vm_flags & VM_NO_GUARD))
		size += PAGE_SIZE;
	spin_lock_irqsave(&vmap_lock, flags);
	err = vmap_tree_alloc(&vmap_tree, &area->va, size,
			      max(align, PAGE_SIZE));
	spin_unlock_irqrestore(&vmap_lock, flags);
	if (err) {
		kmem_cache_free(vm_struct_cache, area);
		pr_warn_ratelimited("vmap allocation for size %lu failed\n",
				    size);
		return NULL;
	}
	area->addr = (void *)area->va.va_start;
	area->size = size;
	area->flags = vm_flags;
	area->caller = caller;
	return area;
}

static void put_vm_area(struct vm_struct *area)
{
	unsigned long flags;

	spin_lock_irqsave(&vmap_lock, flags);
	vmap_tree_erase(&vmap_tree, &area->va);
	spin_unlock_irqrestore(&vmap_lock, flags);
	kmem_cache_free(vm_struct_cache, area);
}

static unsigned long area_bytes(const struct vm_struct *area)
{
	return area->size - (area->flags & VM_NO_GUARD ? 0 : PAGE_SIZE);
}

struct vm_struct *find_vm_area(const void *addr)
{
	unsigned long flags;
	struct vmap_area *va;

	spin_lock_irqsave(&vmap_lock, flags);
	va = vmap_tree_find(&vmap_tree, (unsigned long)addr);
	spin_unlock_irqrestore(&vmap_lock, flags);
	return to_vm(va);
}

bool vmalloc_is_guard(unsigned long addr, struct vm_struct **area)
{
	struct vm_struct *vm = find_vm_area((void *)addr);

	*area = vm;
	return vm && addr - (unsigned long)vm->addr >= area_bytes(vm);
}

/* --- vmalloc, vfree ---------------------------------------------------- */

static void free_area_pages(struct vm_struct *area)
{
	unsigned int i;

	for (i = 0; i < area->nr_pages; i++)
		__free_page(area->pages[i]);
	atomic_long_sub(area->nr_pages, &nr_vmalloc_pages);
	area->nr_pages = 0;
	kvfree(area->pages);
	area->pages = NULL;
}

static bool alloc_area_pages(struct vm_struct *area, gfp_t gfp)
{
	unsigned long nr = area_bytes(area) >> PAGE_SHIFT;

	area->pages =
		kvmalloc(nr * sizeof(struct page *), gfp & GFP_RECLAIM_MASK);
	if (!area->pages)
		return false;
	while (area->nr_pages < nr) {
		struct page *page = alloc_page(gfp);

		if (!page)
			break;
		area->pages[area->nr_pages++] = page;
	}
	atomic_long_add(area->nr_pages, &nr_vmalloc_pages);
	return area->nr_pages == nr;
}

/*
 * A mapped area with pages of its own. Also what kernel stacks are made of.
 * => NULL: nothing has happened
 */
static struct vm_struct *vmalloc_area(unsigned long size, unsigned long align,
				      gfp_t gfp, unsigned long vm_flags,
				      const void *caller)
{
	struct vm_struct *area;

	if ((size >> PAGE_SHIFT) >= totalram_pages())
		return NULL;
	area = get_vm_area(size, align, VM_ALLOC | vm_flags, gfp, caller);
	if (!area)
		return NULL;
	if (!alloc_area_pages(area, gfp))
		goto free_pages;
	if (map_kernel_pages((unsigned long)area->addr, area->pages,
			     area->nr_pages, PAGE_KERNEL))
		goto unmap;
	return area;
unmap:
	unmap_kernel_range((unsigned long)area->addr, area_bytes(area), NULL);
free_pages:
	free_area_pages(area);
	put_vm_area(area);
	return NULL;
}

static void *vmalloc_caller(unsigned long size, gfp_t gfp, const void *caller)
{
	struct vm_struct *area = vmalloc_area(size, PAGE_SIZE, gfp, 0, caller);

	return area ? area->addr : NULL;
}

void *vmalloc(unsigned long size)
{
	return vmalloc_caller(size, GFP_KERNEL, RET);
}

/* The area that starts at addr, unmapped. Anything else is a bug. */
static struct vm_struct *unmap_area(const void *addr, unsigned long kind)
{
	struct vm_struct *area = find_vm_area(addr);

	if (WARN(!area || area->addr != addr || !(area->flags & kind),
		 "Trying to vfree() bad address (%px)\n", addr))
		return NULL;
	unmap_kernel_range((unsigned long)addr, area_bytes(area), NULL);
	return area;
}

void vfree(const void *addr)
{
	struct vm_struct *area;

	if (!addr)
		return;
	area = unmap_area(addr, VM_ALLOC);
	if (!area)
		return;
	free_area_pages(area);
	put_vm_area(area);
}

/* --- vmap, ioremap ----------------------------------------------------- */

void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot)
{
	struct vm_struct *area;

	if (count > totalram_pages())
		return NULL;
	area = get_vm_area((unsigned long)count << PAGE_SHIFT, PAGE_SIZE,
			   flags | VM_MAP, GFP_KERNEL, RET);
	if (!area)
		return NULL;
	area->nr_pages = count;
	if (map_kernel_pages((unsigned long)area->addr, pages, count, prot)) {
		vunmap(area->addr);
		return NULL;
	}
	return area->addr;
}

void vunmap(const void *addr)
{
	struct vm_struct *area;

	if (!addr)
		return;
	area = unmap_area(addr, VM_MAP | VM_IOREMAP);
	if (area)
		put_vm_area(area);
}

void *ioremap(phys_addr_t pa, size_t size)
{
	phys_addr_t base = PAGE_ALIGN_DOWN(pa);
	unsigned long offset = (unsigned long)(pa - base);
	struct vm_struct *area;

	/* Two mappings of RAM with different attributes are unpredictable. */
	if (!size || pa + size < pa || WARN_ON(memblock_is_map_memory(pa)))
		return NULL;
	area = get_vm_area(size + offset,
			   size >= PMD_SIZE ? PMD_SIZE : PAGE_SIZE, VM_IOREMAP,
			   GFP_KERNEL, RET);
	if (!area)
		return NULL;
	area->phys_addr = base;
	if (map_kernel_range(swapper_pg_dir, (unsigned long)area->addr, base,
			     area_bytes(area), PROT_DEVICE_nGnRE, 0)) {
		vunmap(area->addr);
		return NULL;
	}
	return (char *)area->addr + offset;
}

void iounmap(volatile void *addr)
{
	vunmap((void *)((unsigned long)addr & PAGE_MASK));
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (size <= PAGE_SIZE)
		return kmalloc(size, gfp);
	if (size <= KMALLOC_MAX_SIZE) {
		p = kmalloc(size, gfp | __GFP_NOWARN | __GFP_NORETRY);
		if (p)
			return p;
	}
	return vmalloc_caller(size, gfp, RET);
}

void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

void kvfree(const void *addr)
{
	if (is_vmalloc_addr(addr))
		vfree(addr);
	else
		kfree(addr);
}

struct page *vmalloc_to_page(const void *addr)
{
	phys_addr_t pa;

	if (!is_vmalloc_addr(addr) ||
	    !kernel_walk((unsigned long)addr, &pa, NULL, NULL) ||
	    !pfn_valid(PHYS_PFN(pa)))
		return NULL;
	return phys_to_page(pa);
}

unsigned long vmalloc_nr_pages(void)
{
	return (unsigned long)atomic_long_read(&nr_vmalloc_pages);
}

/* --- Boot, report ------------------------------------------------------ */

/* The image is where areas live: its segments are areas, too. */
static void add_image_area(struct vm_struct *area, const char *start,
			   const char *end)
{
	area->addr = (void *)start;
	area->size = (unsigned long)(end - start);
	area->flags = VM_STATIC | VM_NO_GUARD;
	area->caller = (void *)paging_init;
	area->va.va_start = (unsigned long)start;
	area->va.va_end = (unsigned long)end;
	BUG_ON(vmap_tree_insert(&vmap_tree, &area->va));
}

void vmalloc_init(void)
{
	static struct vm_struct image[4];

	vmap_tree_init(&vmap_tree, VMALLOC_START, VMALLOC_END);
	add_image_area(&image[0], _text, _etext);
	add_image_area(&image[1], __start_rodata, __end_rodata);
	add_image_area(&image[2], __init_begin, __init_end);
	add_image_area(&image[3], _sdata, _end);
	vm_struct_cache = kmem_cache_create(
		"vmap_area", sizeof(struct vm_struct), 0, SLAB_PANIC, NULL);
}

void *alloc_stack_area(const void *caller)
{
	struct vm_struct *area = vmalloc_area(
		THREAD_SIZE, THREAD_ALIGN, GFP_KERNEL, VM_STACK_AREA, caller);

	return area ? area->addr : NULL;
}

static void vmallocinfo_line(struct seq_buf *m, const struct vm_struct *area)
{
	unsigned long start = (unsigned long)area->addr;

	seq_buf_printf(m, "0x%016lx-0x%016lx %7lu", start, start + area->size,
		       area->size);
	if (area->caller)
		seq_buf_printf(m, " %pS", area->caller);
	if (area->nr_pages)
		seq_buf_printf(m, " pages=%u", area->nr_pages);
	if (area->flags & VM_IOREMAP)
		seq_buf_printf(m, " phys=%pa ioremap", &area->phys_addr);
	if (area->flags & VM_ALLOC)
		seq_buf_puts(m, " vmalloc");
	if (area->flags & VM_MAP)
		seq_buf_puts(m, " vmap");
	if (area->flags & VM_STATIC)
		seq_buf_puts(m, " vmap");
	seq_buf_putc(m, '\n');
}

void vmallocinfo_show(struct seq_buf *m)
{
	struct vmap_area *va;
	unsigned long flags;

	spin_lock_irqsave(&vmap_lock, flags);
	for (va = vmap_tree_first(&vmap_tree); va; va = vmap_tree_next(va))
		vmallocinfo_line(m, to_vm(va));
	spin_unlock_irqrestore(&vmap_lock, flags);
}

bool vmalloc_check(void)
{
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&vmap_lock, flags);
	ok = vmap_tree_check(&vmap_tree);
	spin_unlock_irqrestore(&vmap_lock, flags);
	return ok;
}
