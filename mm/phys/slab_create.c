// SPDX-License-Identifier: MIT
/*
 * slab_create.c - what a cache looks like: sizes, orders, colours
 *
 * From the object's size follow, in this order:
 *	slot      object, and in debug caches red zones and owner around it
 *	place     of the freelist: in the slab, or off it for slots >= 512,
 *	          unless it fits into what the objects leave over anyway
 *	order     the smallest at which at most 1/8 of the slab is left over
 *	colours   leftover / cache line + 1
 *	stack     how many objects a CPU keeps: fewer of the large ones
 *
 *	on-slab   |c|obj|obj|obj|obj|…|left|freelist|   c: colour * 64 bytes,
 *	off-slab  |c|obj  |obj  |obj  |…|left|          never more than left
 *
 * The first two caches are those of struct kmem_cache and kmem_cache_node
 * themselves; they live in the image.
 *
 * Lock: slab_mutex (a spinlock, never held while allocating) for slab_caches.
 */
#include <lib/bitops.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <base/bug.h>
#include <base/printk.h>
#include <base/smp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/slab.h>

#define OFF_SLAB_MIN_SIZE    (PAGE_SIZE >> 3)
#define SLAB_BREAK_GFP_ORDER 1 /* no larger slabs to save a little */
#define BYTES_PER_WORD	     ((unsigned int)sizeof(void *))

LIST_HEAD(slab_caches);
DEFINE_SPINLOCK(slab_mutex);
bool slab_up;

static struct kmem_cache cache_cache, node_cache;
static struct kmem_cache_node boot_nodes[2][MAX_NUMNODES];

/* --- Layout ------------------------------------------------------------ */

static unsigned int debug_flags(unsigned int size, unsigned int flags,
				bool has_ctor)
{
	if (CONFIG_DEBUG && !(flags & SLAB_NO_DEBUG)) {
		flags |= SLAB_POISON;
		/* Not if that would double what a large object takes. */
		if (size < PAGE_SIZE)
			flags |= SLAB_RED_ZONE | SLAB_STORE_USER;
	}
	return has_ctor ? flags & ~SLAB_POISON : flags;
}

static unsigned int object_align(unsigned int size, unsigned int align,
				 unsigned int flags)
{
	if (flags & SLAB_HWCACHE_ALIGN) {
		unsigned int line = SLAB_LINE_SIZE;

		/* Small objects share a line, but do not straddle one. */
		while (size <= line / 2)
			line /= 2;
		align = max(align, line);
	}
	return max(align, BYTES_PER_WORD);
}

static void set_slot(struct kmem_cache *c)
{
	unsigned int size = ALIGN(c->object_size, BYTES_PER_WORD);

	if (c->flags & SLAB_RED_ZONE) {
		c->obj_offset = max(c->align, (unsigned int)sizeof(u64));
		size += c->obj_offset + (unsigned int)sizeof(u64);
	}
	if (c->flags & SLAB_STORE_USER)
		size += (unsigned int)sizeof(struct slab_track);
	c->size = ALIGN(size, c->align);
	/* Rounded up: exact for every offset within a slab. */
	c->reciprocal = (u32)(((1ULL << 32) + c->size - 1) / c->size);
}

/* Objects in a slab of this order, and the bytes they leave. */
static unsigned int slab_fit(const struct kmem_cache *c, unsigned int order,
			     unsigned int *left)
{
	unsigned int bytes = (unsigned int)PAGE_SIZE << order;
	unsigned int index = c->flags & __SLAB_OFF ? 0 : 1;
	unsigned int num = min(bytes / (c->size + index), SLAB_OBJ_MAX);

	*left = bytes - num * (c->size + index);
	return num;
}

/* => the bytes left over; c->num is 0 if no slab is large enough */
static unsigned int choose_order(struct kmem_cache *c)
{
	unsigned int order, left = 0;

	for (order = 0; order < MAX_ORDER; order++) {
		c->num = slab_fit(c, order, &left);
		c->gfporder = order;
		if (!c->num)
			continue;
		if (c->flags & SLAB_RECLAIM_ACCOUNT ||
		    order >= SLAB_BREAK_GFP_ORDER ||
		    left * 8 <= PAGE_SIZE << order)
			break;
	}
	c->freelist_size = c->num;
	return left;
}

static void set_geometry(struct kmem_cache *c)
{
	unsigned int left;

	if (c->size >= OFF_SLAB_MIN_SIZE)
		c->flags |= __SLAB_OFF;
	left = choose_order(c);
	if ((c->flags & __SLAB_OFF) && left >= c->freelist_size) {
		c->flags &= ~__SLAB_OFF;
		left -= c->freelist_size;
	}
	c->colour_off = max(SLAB_LINE_SIZE, c->align);
	c->colour = left / c->colour_off + 1;
	if (c->gfporder)
		c->allocflags |= __GFP_COMP;
}

static void set_stack_size(struct kmem_cache *c)
{
	if (c->size > 131072)
		c->limit = 1;
	else if (c->size > PAGE_SIZE)
		c->limit = 8;
	else if (c->size > 1024)
		c->limit = 24;
	else if (c->size > 256)
		c->limit = 54;
	else
		c->limit = 120;
	c->batchcount = (c->limit + 1) / 2;
}

static void init_node(struct kmem_cache *c, struct kmem_cache_node *n)
{
	memset(n, 0, sizeof(*n));
	spin_lock_init(&n->list_lock);
	INIT_LIST_HEAD(&n->slabs_partial);
	INIT_LIST_HEAD(&n->slabs_full);
	INIT_LIST_HEAD(&n->slabs_free);
	n->free_limit = c->limit + c->num;
}

/* All but the nodes. => -EINVAL: no slab can hold such an object */
static int setup_cache(struct kmem_cache *c, const char *name,
		       unsigned int size, unsigned int align,
		       unsigned int flags, void (*ctor)(void *))
{
	unsigned int cpu;

	if (!size || size > KMALLOC_MAX_SIZE || (align & (align - 1)) ||
	    align > PAGE_SIZE)
		return -EINVAL;
	c->name = name;
	c->object_size = size;
	c->flags = debug_flags(size, flags, ctor);
	c->align = object_align(size, align, flags);
	c->ctor = ctor;
	set_slot(c);
	set_geometry(c);
	if (!c->num)
		return -EINVAL;
	set_stack_size(c);
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		c->cpu_cache[cpu] = &empty_stack;
	return 0;
}

static void free_nodes(struct kmem_cache *c)
{
	int nid;

	for (nid = 0; nid < MAX_NUMNODES; nid++)
		if (c->node[nid])
			kmem_cache_free(&node_cache, c->node[nid]);
}

static int alloc_nodes(struct kmem_cache *c)
{
	int nid;

	for_each_online_node(nid) {
		c->node[nid] = kmem_cache_alloc(&node_cache, GFP_KERNEL);
		if (!c->node[nid]) {
			free_nodes(c);
			return -ENOMEM;
		}
		init_node(c, c->node[nid]);
	}
	return 0;
}

static void publish(struct kmem_cache *c)
{
	unsigned long flags;

	spin_lock_irqsave(&slab_mutex, flags);
	list_add_tail(&c->list, &slab_caches);
	spin_unlock_irqrestore(&slab_mutex, flags);
}

static struct kmem_cache *create_cache(const char *name, unsigned int size,
				       unsigned int align, unsigned int flags,
				       void (*ctor)(void *))
{
	struct kmem_cache *c = kmem_cache_zalloc(&cache_cache, GFP_KERNEL);

	if (!c)
		return NULL;
	if (setup_cache(c, name, size, align, flags, ctor) || alloc_nodes(c)) {
		kmem_cache_free(&cache_cache, c);
		return NULL;
	}
	publish(c);
	return c;
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *c = create_cache(name, size, align, flags, ctor);

	if (!c && (flags & SLAB_PANIC))
		panic("kmem_cache_create: cache `%s' of %u bytes failed", name,
		      size);
	return c;
}

/* --- Destroying -------------------------------------------------------- */

/* Name the objects that are still out. => list_lock is not held: it is over */
static void report_leaks(struct kmem_cache *c)
{
	const struct page *slab;
	unsigned int i, said = 0;
	int nid;

	for_each_online_node(nid) {
		struct list_head *lists[] = { &c->node[nid]->slabs_full,
					      &c->node[nid]->slabs_partial };
		unsigned int l;

		for (l = 0; l < ARRAY_SIZE(lists); l++)
			list_for_each_entry(slab, lists[l], slab_list)
				for (i = 0; i < c->num && said < 8; i++)
					if (!slab_obj_is_free(c, slab, i)) {
						slab_show_track(
							c,
							slab_obj(c, slab, i));
						said++;
					}
	}
}

static void free_stacks(struct kmem_cache *c)
{
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		struct array_cache *ac = c->cpu_cache[cpu];

		c->cpu_cache[cpu] = &empty_stack;
		if (ac != &empty_stack && ac != &busy_stack)
			kfree(ac);
	}
}

int kmem_cache_destroy(struct kmem_cache *c)
{
	unsigned long flags, inuse;

	if (!c)
		return 0;
	BUG_ON(c == &cache_cache || c == &node_cache ||
	       (c->flags & __SLAB_KMALLOC));
	slab_drain_all_cpus(c);
	inuse = kmem_cache_inuse(c);
	if (inuse) {
		pr_err("kmem_cache_destroy %s: Slab cache still has objects: %lu of %u bytes\n",
		       c->name, inuse, c->object_size);
		report_leaks(c);
		return -EBUSY;
	}
	spin_lock_irqsave(&slab_mutex, flags);
	list_del(&c->list);
	spin_unlock_irqrestore(&slab_mutex, flags);
	free_stacks(c);
	free_nodes(c);
	kmem_cache_free(&cache_cache, c);
	return 0;
}

unsigned long kmem_cache_shrink_all(void)
{
	unsigned long pages = 0, flags;
	struct kmem_cache *c;

	spin_lock_irqsave(&slab_mutex, flags);
	list_for_each_entry(c, &slab_caches, list)
		pages += kmem_cache_shrink(c);
	spin_unlock_irqrestore(&slab_mutex, flags);
	return pages;
}

/* Failure injection: send every allocation past the test for it, or not. */
void slab_set_fail(bool on)
{
	struct kmem_cache *c;
	unsigned long flags;

	spin_lock_irqsave(&slab_mutex, flags);
	list_for_each_entry(c, &slab_caches, list) {
		if (on)
			c->flags |= __SLAB_FAIL;
		else
			c->flags &= ~__SLAB_FAIL;
	}
	spin_unlock_irqrestore(&slab_mutex, flags);
}

/* --- Boot -------------------------------------------------------------- */

static void boot_cache(struct kmem_cache *c, struct kmem_cache_node *nodes,
		       const char *name, unsigned int size)
{
	int nid;

	BUG_ON(setup_cache(c, name, size, 0, SLAB_HWCACHE_ALIGN, NULL));
	for_each_online_node(nid) {
		c->node[nid] = &nodes[nid];
		init_node(c, c->node[nid]);
	}
	publish(c);
}

void kmem_cache_init(void)
{
	boot_cache(&cache_cache, boot_nodes[0], "kmem_cache",
		   sizeof(struct kmem_cache));
	boot_cache(&node_cache, boot_nodes[1], "kmem_cache_node",
		   sizeof(struct kmem_cache_node));
	kmalloc_init();
	slab_up = true;
	iomem_init();
}
