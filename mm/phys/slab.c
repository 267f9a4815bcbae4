// SPDX-License-Identifier: MIT
/*
 * slab.c - handing out objects and taking them back
 *
 *	alloc ─► cpu_cache[cpu] ── pop ──────────────► object     (no lock)
 *	           │ empty
 *	           ▼ refill: batchcount objects       (list_lock)
 *	         slabs_partial, then slabs_free, then a new slab from the buddy
 *
 * A slab's state is `active`, its number of objects handed out (to callers or
 * to CPU stacks), and its freelist: freelist[active .. num-1] are the indexes
 * of the free objects. Taking one is freelist[active++], returning one is
 * freelist[--active] = index; what lies before `active` means nothing.
 *
 *	active = 3:  freelist  | - | - | - | 5 | 0 | 7 |      next: object 5
 *
 * CPU stacks come into being when a CPU first needs one. Until then its
 * pointer leads to empty_stack, which has room for nothing, so that the usual
 * path needs no extra test; while the stack is being allocated it leads to
 * busy_stack, so that the allocation itself (which may need this very cache)
 * goes to the slabs directly. That is also how the first caches boot.
 *
 * Invariants (slab_check()): the three lists hold slabs with active == num,
 * 0 < active < num, active == 0; free_objects is the sum of their free
 * objects. Lock: list_lock of a node, interrupts off; stacks: interrupts off.
 */
#include <lib/string.h>
#include <asm/irqflags.h>
#include <base/bug.h>
#include <base/smp.h>
#include <mm/phys/internal.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmstat.h>

#define RET_IP ((unsigned long)__builtin_return_address(0))

/* Read only; limit and avail 0 send every alloc and free the slow way. */
struct array_cache empty_stack, busy_stack;

static int slab_page_nid(const struct page *slab)
{
	return page_to_nid(slab);
}

/* --- Slabs: making and unmaking ---------------------------------------- */

static void account_slab(struct kmem_cache *c, struct page *slab, int sign)
{
	enum node_stat_item item = c->flags & SLAB_RECLAIM_ACCOUNT ?
					   NR_SLAB_RECLAIMABLE_B :
					   NR_SLAB_UNRECLAIMABLE_B;

	mod_node_page_state(page_pgdat(slab), item,
			    sign * (long)(PAGE_SIZE << c->gfporder));
}

/* The next colour of the node: where the first object of a slab begins. */
static unsigned int next_colour(struct kmem_cache *c, struct kmem_cache_node *n)
{
	unsigned long flags;
	unsigned int colour;

	spin_lock_irqsave(&n->list_lock, flags);
	colour = n->colour_next;
	n->colour_next = colour + 1 < c->colour ? colour + 1 : 0;
	spin_unlock_irqrestore(&n->list_lock, flags);
	return colour * c->colour_off;
}

static u8 *slab_freelist(struct kmem_cache *c, struct page *slab, gfp_t gfp)
{
	if (c->flags & __SLAB_OFF)
		return kmalloc(c->freelist_size, gfp & GFP_RECLAIM_MASK);
	return (u8 *)page_address(slab) + (PAGE_SIZE << c->gfporder) -
	       c->freelist_size;
}

static void init_objects(struct kmem_cache *c, struct page *slab)
{
	unsigned int i;

	for (i = 0; i < c->num; i++) {
		void *obj = slab_obj(c, slab, i);

		if (c->ctor)
			c->ctor(obj);
		if (c->flags & SLAB_DEBUG_FLAGS)
			slab_debug_init_obj(c, obj);
		slab->freelist[i] = (u8)i;
	}
}

/* A new slab, all free. => on no list; NULL: no memory; no locks are held */
static struct page *new_slab(struct kmem_cache *c, gfp_t gfp)
{
	struct page *slab;
	u8 *freelist;

	slab = alloc_pages((gfp & GFP_RECLAIM_MASK) | c->allocflags,
			   c->gfporder);
	if (!slab)
		return NULL;
	freelist = slab_freelist(c, slab, gfp);
	if (!freelist) {
		__free_pages(slab, c->gfporder);
		return NULL;
	}
	__SetPageSlab(slab);
	slab->slab_cache = c;
	slab->freelist = freelist;
	slab->active = 0;
	slab->s_mem = (char *)page_address(slab) +
		      next_colour(c, c->node[slab_page_nid(slab)]);
	init_objects(c, slab);
	account_slab(c, slab, 1);
	return slab;
}

static void destroy_slab(struct kmem_cache *c, struct page *slab)
{
	u8 *freelist = slab->freelist;

	VM_BUG_ON_PAGE(slab->active, slab);
	account_slab(c, slab, -1);
	slab->slab_cache = NULL;
	slab->s_mem = NULL;
	slab->freelist = NULL;
	slab->page_type = PAGE_TYPE_NONE;
	__ClearPageSlab(slab);
	if (c->flags & __SLAB_OFF)
		kfree(freelist);
	__free_pages(slab, c->gfporder);
}

static void destroy_slabs(struct kmem_cache *c, struct list_head *list)
{
	while (!list_empty(list)) {
		struct page *slab =
			list_first_entry(list, struct page, slab_list);

		list_del(&slab->slab_list);
		destroy_slab(c, slab);
	}
}

/* --- Slabs: objects in and out; list_lock is held ---------------------- */

/* Put slab on the list its state asks for. */
static inline void place_slab(struct kmem_cache *c, struct kmem_cache_node *n,
			      struct page *slab)
{
	if (slab->active == c->num)
		list_move(&slab->slab_list, &n->slabs_full);
	else if (slab->active)
		list_move(&slab->slab_list, &n->slabs_partial);
	else
		list_move(&slab->slab_list, &n->slabs_free);
}

static struct page *first_slab(struct kmem_cache_node *n)
{
	struct page *slab = list_first_entry_or_null(&n->slabs_partial,
						     struct page, slab_list);

	if (slab)
		return slab;
	slab = list_first_entry_or_null(&n->slabs_free, struct page, slab_list);
	if (slab)
		n->free_slabs--;
	return slab;
}

/* Take up to `want` objects from one node's slabs. => taken */
static unsigned int take_objects(struct kmem_cache *c,
				 struct kmem_cache_node *n, void **objs,
				 unsigned int want)
{
	unsigned int got = 0;

	while (got < want) {
		struct page *slab = first_slab(n);

		if (!slab)
			break;
		VM_BUG_ON_PAGE(slab->active >= c->num, slab);
		while (got < want && slab->active < c->num) {
			u8 index = slab->freelist[slab->active++];

			VM_BUG_ON_PAGE(index >= c->num, slab);
			objs[got++] = slab_obj(c, slab, index);
		}
		place_slab(c, n, slab);
	}
	n->free_objects -= got;
	return got;
}

/* Return one object; an empty slab beyond the limit goes to `empty`. */
static void return_object(struct kmem_cache *c, struct kmem_cache_node *n,
			  struct page *slab, void *obj, struct list_head *empty)
{
	unsigned int was = slab->active;

	VM_BUG_ON_PAGE(!was || was > c->num, slab);
	slab->freelist[--slab->active] = (u8)slab_obj_index(c, slab, obj);
	n->free_objects++;
	if (was != c->num && slab->active)
		return;
	if (!slab->active) {
		if (n->free_objects > n->free_limit) {
			n->free_objects -= c->num;
			n->total_slabs--;
			list_move(&slab->slab_list, empty);
			return;
		}
		n->free_slabs++;
	}
	place_slab(c, n, slab);
}

/* Return several objects to the slabs, of whichever nodes they are. */
static void return_objects(struct kmem_cache *c, void **objs, unsigned int nr)
{
	LIST_HEAD(empty);
	unsigned int i = 0;
	unsigned long flags;

	while (i < nr) {
		int nid = slab_page_nid(virt_to_head_page(objs[i]));
		struct kmem_cache_node *n = c->node[nid];

		spin_lock_irqsave(&n->list_lock, flags);
		do {
			struct page *slab = virt_to_head_page(objs[i]);

			if (slab_page_nid(slab) != nid)
				break;
			return_object(c, n, slab, objs[i], &empty);
		} while (++i < nr);
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
	destroy_slabs(c, &empty);
}

/* Add a slab to its node. => false: no memory */
static bool grow(struct kmem_cache *c, gfp_t gfp)
{
	struct page *slab = new_slab(c, gfp);
	struct kmem_cache_node *n;
	unsigned long flags;

	if (!slab)
		return false;
	n = c->node[slab_page_nid(slab)];
	spin_lock_irqsave(&n->list_lock, flags);
	list_add_tail(&slab->slab_list, &n->slabs_free);
	n->free_slabs++;
	n->total_slabs++;
	n->free_objects += c->num;
	spin_unlock_irqrestore(&n->list_lock, flags);
	return true;
}

/* From this node, else from any that has some. */
static unsigned int take_from_nodes(struct kmem_cache *c, void **objs,
				    unsigned int want)
{
	int self = numa_node_id(), i;

	for (i = 0; i < (int)nr_node_ids; i++) {
		unsigned int nid = (unsigned int)(self + i) % nr_node_ids;
		struct kmem_cache_node *n = c->node[nid];
		unsigned int got;

		if (!n || !READ_ONCE(n->free_objects))
			continue;
		spin_lock(&n->list_lock);
		got = take_objects(c, n, objs, want);
		spin_unlock(&n->list_lock);
		if (got)
			return got;
	}
	return 0;
}

/* --- CPU stacks -------------------------------------------------------- */

/* Give this CPU a stack. => interrupts are off, and off again on return */
static noinline void make_stack(struct kmem_cache *c, unsigned int cpu)
{
	struct array_cache *ac;

	c->cpu_cache[cpu] = &busy_stack;
	ac = kmalloc(sizeof(*ac) + c->limit * sizeof(void *),
		     GFP_ATOMIC | __GFP_NOWARN);
	if (ac) {
		ac->avail = 0;
		ac->limit = c->limit;
		ac->batchcount = c->batchcount;
	}
	c->cpu_cache[cpu] = ac ? ac : &empty_stack;
}

/*
 * This CPU's stack is empty: fill it by a batch and hand out one object, or
 * without a stack fetch that one object. Interrupts are off; they are let in
 * while a slab is made, if gfp allows it, and the CPU may then be another.
 */
static noinline void *alloc_slow(struct kmem_cache *c, gfp_t gfp,
				 unsigned long irq)
{
	bool sleep = gfp & __GFP_DIRECT_RECLAIM;

	for (;;) {
		unsigned int cpu = smp_processor_id();
		struct array_cache *ac = c->cpu_cache[cpu];
		void *obj;
		bool grown;

		if (ac == &empty_stack && slab_up) {
			make_stack(c, cpu);
			ac = c->cpu_cache[cpu];
		}
		if (ac->limit && !ac->avail)
			ac->avail =
				take_from_nodes(c, ac->entry, ac->batchcount);
		if (ac->avail)
			return ac->entry[--ac->avail];
		if (!ac->limit && take_from_nodes(c, &obj, 1))
			return obj;
		if (sleep)
			local_irq_restore(irq);
		grown = grow(c, gfp);
		if (sleep)
			local_irq_disable();
		if (!grown)
			return NULL;
	}
}

static __always_inline void *slab_alloc(struct kmem_cache *c, gfp_t gfp,
					unsigned long ip)
{
	struct array_cache *ac;
	unsigned long irq;
	void *obj;

	if (CONFIG_DEBUG && gfpflags_allow_blocking(gfp))
		VM_BUG_ON(in_interrupt());
	if (unlikely(c->flags & __SLAB_FAIL) && fail_alloc_now(gfp))
		return NULL;
	local_irq_save(irq);
	ac = c->cpu_cache[smp_processor_id()];
	if (likely(ac->avail))
		obj = ac->entry[--ac->avail];
	else
		obj = alloc_slow(c, gfp, irq);
	local_irq_restore(irq);
	if (unlikely(!obj))
		return NULL;
	if (unlikely(c->flags & SLAB_DEBUG_FLAGS))
		slab_debug_alloc(c, obj, ip);
	if (gfp & __GFP_ZERO)
		memset(obj, 0, c->object_size);
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	return slab_alloc(c, gfp, RET_IP);
}

void *kmem_cache_zalloc(struct kmem_cache *c, gfp_t gfp)
{
	return slab_alloc(c, gfp | __GFP_ZERO, RET_IP);
}

/* This CPU's stack is full (or there is none). Interrupts are off. */
static noinline void free_slow(struct kmem_cache *c, void *obj)
{
	unsigned int cpu = smp_processor_id();
	struct array_cache *ac = c->cpu_cache[cpu];
	unsigned int n;

	if (ac == &empty_stack && slab_up) {
		make_stack(c, cpu);
		ac = c->cpu_cache[cpu];
	}
	if (!ac->limit) {
		return_objects(c, &obj, 1);
		return;
	}
	/* The oldest go: they are the coldest. */
	n = min(ac->batchcount, ac->avail);
	return_objects(c, ac->entry, n);
	ac->avail -= n;
	memmove(ac->entry, ac->entry + n, ac->avail * sizeof(void *));
	ac->entry[ac->avail++] = obj;
}

static __always_inline void slab_free(struct kmem_cache *c, void *obj,
				      unsigned long ip)
{
	struct array_cache *ac;
	unsigned long irq;

	if (unlikely(c->flags & SLAB_DEBUG_FLAGS) &&
	    !slab_debug_free(c, obj, ip))
		return;
	local_irq_save(irq);
	ac = c->cpu_cache[smp_processor_id()];
	if (likely(ac->avail < ac->limit))
		ac->entry[ac->avail++] = obj;
	else
		free_slow(c, obj);
	local_irq_restore(irq);
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	struct page *slab = virt_to_head_page(obj);

	if (unlikely(!PageSlab(slab) || slab->slab_cache != c)) {
		slab_error(c, obj, "freed to a cache it is not from", RET_IP);
		return;
	}
	slab_free(c, obj, RET_IP);
}

void kfree(const void *p)
{
	struct page *page;

	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return;
	page = virt_to_head_page(p);
	if (likely(PageSlab(page))) {
		slab_free(page->slab_cache, (void *)p, RET_IP);
		return;
	}
	if (unlikely(!PAGE_ALIGNED(p) || page_address(page) != p ||
		     page_ref_count(page) != 1))
		bad_page_panic(page, "kfree() of what kmalloc() did not give");
	kmalloc_account_large(page, -1);
	__free_pages(page, compound_order(page));
}

/* --- Shrinking and counting -------------------------------------------- */

/* This CPU's stack back to the slabs. */
static void flush_stack(void *cache)
{
	struct kmem_cache *c = cache;
	struct array_cache *ac;
	unsigned long irq;

	local_irq_save(irq);
	ac = c->cpu_cache[smp_processor_id()];
	if (ac->avail) {
		return_objects(c, ac->entry, ac->avail);
		ac->avail = 0;
	}
	local_irq_restore(irq);
}

static unsigned long drain_node(struct kmem_cache *c, struct kmem_cache_node *n)
{
	LIST_HEAD(empty);
	unsigned long flags, slabs;

	spin_lock_irqsave(&n->list_lock, flags);
	list_splice_init(&n->slabs_free, &empty);
	slabs = n->free_slabs;
	n->free_slabs = 0;
	n->total_slabs -= slabs;
	n->free_objects -= slabs * c->num;
	spin_unlock_irqrestore(&n->list_lock, flags);
	destroy_slabs(c, &empty);
	return slabs << c->gfporder;
}

unsigned long kmem_cache_shrink(struct kmem_cache *c)
{
	unsigned long pages = 0;
	int nid;

	flush_stack(c);
	for_each_online_node(nid)
		pages += drain_node(c, c->node[nid]);
	return pages;
}

/* Like kmem_cache_shrink(), with the stacks of all CPUs. => may sleep */
void slab_drain_all_cpus(struct kmem_cache *c)
{
	int nid;

	on_each_cpu(flush_stack, c, true);
	for_each_online_node(nid)
		drain_node(c, c->node[nid]);
}

unsigned long kmem_cache_inuse(struct kmem_cache *c)
{
	unsigned long used = 0, flags;
	unsigned int cpu;
	int nid;

	for_each_online_node(nid) {
		struct kmem_cache_node *n = c->node[nid];

		spin_lock_irqsave(&n->list_lock, flags);
		used += n->total_slabs * c->num - n->free_objects;
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		used -= READ_ONCE(c->cpu_cache[cpu]->avail);
	return used;
}
