// SPDX-License-Identifier: MIT
/*
 * iomem.c - who answers at which physical address
 *
 *	iomem_resource ─ 09000000-09000fff : pl011@9000000
 *	               └ 40000000-5fffffff : System RAM
 *	                    ├ 40080000-402fffff : Kernel code
 *	                    └ 40400000-404fffff : Kernel data
 *
 * Siblings are sorted and disjoint; a resource lies wholly inside its parent.
 * Inserting one that contains existing siblings makes them its children.
 *
 * Lock: resource_lock, interrupts off. Resources are never removed.
 */
#include <lib/errno.h>
#include <lib/seq_buf.h>
#include <asm/sections.h>
#include <base/bug.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/report.h>

static struct resource iomem_resource = {
	.start = 0,
	.end = ~(phys_addr_t)0,
	.name = "PCI mem",
};

static DEFINE_SPINLOCK(resource_lock);

static bool contains(const struct resource *outer, const struct resource *r)
{
	return outer->start <= r->start && r->end <= outer->end;
}

static bool apart(const struct resource *a, const struct resource *b)
{
	return a->end < b->start || b->end < a->start;
}

/* Take the run of siblings that res contains as its children. */
static int adopt(struct resource *parent, struct resource *res)
{
	struct resource **link = &parent->child, *first, *last, *r;

	while (*link && (*link)->end < res->start)
		link = &(*link)->sibling;
	first = *link;
	last = NULL;
	for (r = first; r && r->start <= res->end; r = r->sibling) {
		if (!contains(res, r))
			return -EBUSY;
		last = r;
	}
	res->parent = parent;
	res->sibling = first;
	res->child = NULL;
	if (last) {
		res->child = first;
		res->sibling = last->sibling;
		last->sibling = NULL;
		for (r = first; r; r = r->sibling)
			r->parent = res;
	}
	*link = res;
	return 0;
}

static int insert_resource(struct resource *parent, struct resource *res)
{
	struct resource *r;
	unsigned long flags;
	int err = -EINVAL;

	if (res->end < res->start || !contains(parent, res))
		return err;
	spin_lock_irqsave(&resource_lock, flags);
	/* Down to the smallest one that contains it. */
	for (r = parent->child; r;) {
		bool same = r->start == res->start && r->end == res->end;

		if (apart(r, res) || !contains(r, res) || same) {
			r = r->sibling;
			continue;
		}
		parent = r;
		r = r->child;
	}
	err = adopt(parent, res);
	spin_unlock_irqrestore(&resource_lock, flags);
	return err;
}

int request_mem_region(phys_addr_t start, phys_addr_t size, const char *name)
{
	struct resource *res = kzalloc(sizeof(*res), GFP_KERNEL);
	int err;

	if (!res)
		return -ENOMEM;
	res->start = start;
	res->end = start + size - 1;
	res->name = name;
	err = insert_resource(&iomem_resource, res);
	if (err)
		kfree(res);
	return err;
}

/* RAM and the image; called once, when kmalloc works. */
void iomem_init(void)
{
	static struct resource code = { .name = "Kernel code" };
	static struct resource data = { .name = "Kernel data" };
	unsigned int i;

	for (i = 0; i < memblock.memory.cnt; i++)
		WARN_ON(request_mem_region(memblock.memory.regions[i].base,
					   memblock.memory.regions[i].size,
					   "System RAM"));
	for (i = 0; i < memblock.nomap.cnt; i++)
		WARN_ON(request_mem_region(memblock.nomap.regions[i].base,
					   memblock.nomap.regions[i].size,
					   "reserved"));
	code.start = __pa_symbol(_text);
	code.end = __pa_symbol(__init_begin) - 1;
	data.start = __pa_symbol(_sdata);
	data.end = __pa_symbol(_end) - 1;
	WARN_ON(insert_resource(&iomem_resource, &code));
	WARN_ON(insert_resource(&iomem_resource, &data));
}

/* Depth first; the tree only grows, so the lock is held for one reading. */
void iomem_show(struct seq_buf *m)
{
	const struct resource *r;
	unsigned long flags;
	unsigned int depth = 0, width = 8;

	spin_lock_irqsave(&resource_lock, flags);
	for (r = iomem_resource.child; r; r = r->sibling)
		if (r->end >> 32)
			width = 9;
	r = iomem_resource.child;
	while (r) {
		seq_buf_printf(m, "%*s%0*llx-%0*llx : %s\n", (int)depth * 2, "",
			       (int)width, r->start, (int)width, r->end,
			       r->name);
		if (r->child) {
			r = r->child;
			depth++;
			continue;
		}
		while (!r->sibling && depth) {
			r = r->parent;
			depth--;
		}
		r = r->sibling;
	}
	spin_unlock_irqrestore(&resource_lock, flags);
}
