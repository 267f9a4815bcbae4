// SPDX-License-Identifier: MIT
/*
 * slab_debug.c - catching misuse of objects; walking all slabs; reports
 *
 * A slot of a debug cache:
 *
 *	| pad | red zone |  object ............  | red zone | slab_track |
 *	        8 bytes     6b 6b 6b 6b 6b … a5     8 bytes    who and when
 *
 *	red zones   ACTIVE while handed out, INACTIVE while free. Freeing finds
 *	            INACTIVE: a double free; anything else: an overflow.
 *	poison      what a free object holds. Allocating finds something else:
 *	            it was written to after being freed.
 *	track       code address, time and CPU of the last alloc and free.
 *
 * An error names the cache, the object and both call sites, and panics.
 */
#include <lib/bitops.h>
#include <lib/seq_buf.h>
#include <lib/string.h>
#include <base/bug.h>
#include <base/clock.h>
#include <base/printk.h>
#include <base/smp.h>
#include <mm/phys/internal.h>
#include <mm/phys/report.h>
#include <mm/phys/slab.h>

void (*slab_error_hook)(struct kmem_cache *c, const void *obj,
			const char *what);

static u64 *redzone1(const struct kmem_cache *c __unused, const void *obj)
{
	return (u64 *)obj - 1;
}

static u64 *redzone2(const struct kmem_cache *c, const void *obj)
{
	return (u64 *)((char *)obj + ALIGN(c->object_size, 8U));
}

struct slab_track *slab_track_of(const struct kmem_cache *c, const void *obj)
{
	char *end = (char *)obj + ALIGN(c->object_size, 8U);

	if (!(c->flags & SLAB_STORE_USER))
		return NULL;
	return (struct slab_track *)(end + (c->flags & SLAB_RED_ZONE ? 8 : 0));
}

void slab_show_track(const struct kmem_cache *c, const void *obj)
{
	const struct slab_track *t = slab_track_of(c, obj);

	pr_err("object %px of %s, %u bytes\n", obj, c->name, c->object_size);
	if (!t)
		return;
	if (t->alloc_site)
		pr_err("  allocated by %pS on CPU %u at %llu.%06llu s\n",
		       site_code(t->alloc_site), t->alloc_cpu,
		       t->alloc_when / NSEC_PER_SEC,
		       t->alloc_when % NSEC_PER_SEC / 1000);
	if (t->free_site)
		pr_err("  freed by %pS on CPU %u at %llu.%06llu s\n",
		       site_code(t->free_site), t->free_cpu,
		       t->free_when / NSEC_PER_SEC,
		       t->free_when % NSEC_PER_SEC / 1000);
}

void slab_error(struct kmem_cache *c, const void *obj, const char *what,
		unsigned long ip)
{
	if (slab_error_hook) {
		slab_error_hook(c, obj, what);
		return;
	}
	pr_emerg("slab error in cache `%s': object %px: %s, seen by %pS\n",
		 c->name, obj, what, (void *)ip);
	slab_show_track(c, obj);
	panic("slab: cache `%s' object %px: %s", c->name, obj, what);
}

static void set_redzones(const struct kmem_cache *c, void *obj, u64 value)
{
	if (!(c->flags & SLAB_RED_ZONE))
		return;
	*redzone1(c, obj) = value;
	*redzone2(c, obj) = value;
}

static void poison(const struct kmem_cache *c, void *obj, int byte)
{
	if (!(c->flags & SLAB_POISON))
		return;
	memset(obj, byte, c->object_size);
	if (byte == POISON_FREE)
		((u8 *)obj)[c->object_size - 1] = POISON_END;
}

static bool poison_intact(const struct kmem_cache *c, const void *obj)
{
	const u8 *p = obj;

	return p[c->object_size - 1] == POISON_END &&
	       !memchr_inv(p, POISON_FREE, c->object_size - 1);
}

static const char *slab_obj_damage(const struct kmem_cache *c, const void *obj,
				   bool in_use)
{
	u64 want = in_use ? RED_ACTIVE : RED_INACTIVE;

	if (c->flags & SLAB_RED_ZONE) {
		u64 one = *redzone1(c, obj), two = *redzone2(c, obj);

		if (in_use && one == RED_INACTIVE && two == RED_INACTIVE)
			return "double free";
		if (!in_use && one == RED_ACTIVE && two == RED_ACTIVE)
			return "handed out twice";
		if (one != want)
			return "red zone in front overwritten";
		if (two != want)
			return "red zone behind overwritten";
	}
	if (!in_use && (c->flags & SLAB_POISON) && !poison_intact(c, obj))
		return "written to after it was freed";
	return NULL;
}

void slab_debug_init_obj(struct kmem_cache *c, void *obj)
{
	struct slab_track *t = slab_track_of(c, obj);

	if (t)
		memset(t, 0, sizeof(*t));
	set_redzones(c, obj, RED_INACTIVE);
	poison(c, obj, POISON_FREE);
}

void slab_debug_alloc(struct kmem_cache *c, void *obj, unsigned long ip)
{
	const char *damage = slab_obj_damage(c, obj, false);
	struct slab_track *t = slab_track_of(c, obj);

	if (unlikely(damage))
		slab_error(c, obj, damage, ip);
	if (t) {
		t->alloc_site = code_site(ip);
		t->alloc_when = sched_clock();
		t->alloc_cpu = smp_processor_id();
	}
	set_redzones(c, obj, RED_ACTIVE);
	poison(c, obj, POISON_INUSE);
}

bool slab_debug_free(struct kmem_cache *c, void *obj, unsigned long ip)
{
	const struct page *slab = virt_to_head_page(obj);
	const char *damage = slab_obj_damage(c, obj, true);
	struct slab_track *t = slab_track_of(c, obj);

	if (slab_obj(c, slab, slab_obj_index(c, slab, obj)) != obj)
		damage = "freed, but it is not the start of an object";
	if (unlikely(damage)) {
		slab_error(c, obj, damage, ip);
		return false;
	}
	if (t) {
		t->free_site = code_site(ip);
		t->free_when = sched_clock();
		t->free_cpu = smp_processor_id();
	}
	set_redzones(c, obj, RED_INACTIVE);
	poison(c, obj, POISON_FREE);
	return true;
}

bool slab_obj_is_free(const struct kmem_cache *c, const struct page *slab,
		      unsigned int index)
{
	unsigned int i;

	for (i = slab->active; i < c->num; i++)
		if (slab->freelist[i] == index)
			return true;
	return false;
}

bool slab_describe(const void *addr)
{
	const struct page *slab;
	const struct kmem_cache *c;
	const void *obj;

	if (!virt_addr_valid(addr))
		return false;
	slab = virt_to_head_page(addr);
	if (!PageSlab(slab) || addr < slab->s_mem)
		return false;
	c = slab->slab_cache;
	obj = slab_obj(c, slab, slab_obj_index(c, slab, addr));
	pr_info("%px is byte %ld of slab object %px of %s\n", addr,
		(long)((const char *)addr - (const char *)obj), obj, c->name);
	slab_show_track(c, obj);
	return true;
}

/* --- slab_check() ------------------------------------------------------ */

static bool slab_bad(const struct kmem_cache *c, const struct page *slab,
		     const char *what)
{
	pr_err("slab_check: cache %s slab %px (active %u of %u): %s\n", c->name,
	       page_address(slab), slab->active, c->num, what);
	return false;
}

static bool check_slab(const struct kmem_cache *c, const struct page *slab)
{
	unsigned long seen[BITS_TO_LONGS(SLAB_OBJ_MAX + 1)] = { 0 };
	unsigned int i;

	if (!PageSlab(slab) || slab->slab_cache != c)
		return slab_bad(c, slab, "does not belong to the cache");
	if (compound_order(slab) != c->gfporder)
		return slab_bad(c, slab, "has a wrong order");
	for (i = slab->active; i < c->num; i++) {
		u8 index = slab->freelist[i];
		const char *damage;

		if (index >= c->num || __test_and_set_bit(index, seen))
			return slab_bad(c, slab, "freelist is damaged");
		damage = slab_obj_damage(c, slab_obj(c, slab, index), false);
		if (damage)
			return slab_bad(c, slab, damage);
	}
	return true;
}

/* One list of a node: every slab as full as the list says. */
static bool check_list(const struct kmem_cache *c, struct list_head *head,
		       unsigned int least, unsigned int most,
		       unsigned long *slabs, unsigned long *free)
{
	const struct page *slab;

	list_for_each_entry(slab, head, slab_list) {
		if (slab->active < least || slab->active > most)
			return slab_bad(c, slab, "is on the wrong list");
		if (!check_slab(c, slab))
			return false;
		++*slabs;
		*free += c->num - slab->active;
	}
	return true;
}

static bool check_node(const struct kmem_cache *c, struct kmem_cache_node *n)
{
	unsigned long slabs = 0, free = 0, empty = 0, empty_objs = 0;
	bool ok;

	ok = check_list(c, &n->slabs_full, c->num, c->num, &slabs, &free) &&
	     check_list(c, &n->slabs_partial, 1, c->num - 1, &slabs, &free) &&
	     check_list(c, &n->slabs_free, 0, 0, &empty, &empty_objs);
	if (ok && (slabs + empty != n->total_slabs || empty != n->free_slabs ||
		   free + empty_objs != n->free_objects)) {
		pr_err("slab_check: cache %s: %lu slabs, %lu empty, %lu free objects; counted %lu, %lu, %lu\n",
		       c->name, slabs + empty, empty, free + empty_objs,
		       n->total_slabs, n->free_slabs, n->free_objects);
		return false;
	}
	return ok;
}

bool kmem_cache_check(struct kmem_cache *c)
{
	bool ok = true;
	int nid;

	for_each_online_node(nid) {
		struct kmem_cache_node *n = c->node[nid];
		unsigned long flags;

		spin_lock_irqsave(&n->list_lock, flags);
		ok = check_node(c, n) && ok;
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
	return ok;
}

bool slab_check(void)
{
	struct kmem_cache *c;
	unsigned long flags;
	bool ok = true;

	spin_lock_irqsave(&slab_mutex, flags);
	list_for_each_entry(c, &slab_caches, list)
		ok = kmem_cache_check(c) && ok;
	spin_unlock_irqrestore(&slab_mutex, flags);
	return ok;
}

/* --- /proc/slabinfo ---------------------------------------------------- */

static void slabinfo_line(struct seq_buf *m, struct kmem_cache *c)
{
	unsigned long total = 0, idle = 0, free = 0, flags;
	int nid;

	for_each_online_node(nid) {
		struct kmem_cache_node *n = c->node[nid];

		spin_lock_irqsave(&n->list_lock, flags);
		total += n->total_slabs;
		idle += n->free_slabs;
		free += n->free_objects;
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
	seq_buf_printf(m, "%-17s %6lu %6lu %6u %4u %4d", c->name,
		       total * c->num - free, total * c->num, c->size, c->num,
		       1 << c->gfporder);
	seq_buf_printf(m, " : tunables %4u %4u %4u", c->limit, c->batchcount,
		       0U);
	seq_buf_printf(m, " : slabdata %6lu %6lu %6lu\n", total - idle, total,
		       0UL);
}

void slabinfo_show(struct seq_buf *m)
{
	struct kmem_cache *c;
	unsigned long flags;

	seq_buf_puts(m, "slabinfo - version: 2.1\n");
	seq_buf_puts(
		m,
		"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
	seq_buf_puts(m, " : tunables <limit> <batchcount> <sharedfactor>");
	seq_buf_puts(m,
		     " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	spin_lock_irqsave(&slab_mutex, flags);
	list_for_each_entry(c, &slab_caches, list)
		slabinfo_line(m, c);
	spin_unlock_irqrestore(&slab_mutex, flags);
}

void slab_inuse_show(struct seq_buf *m)
{
	struct kmem_cache *c;
	unsigned long flags;

	spin_lock_irqsave(&slab_mutex, flags);
	list_for_each_entry(c, &slab_caches, list)
		seq_buf_printf(m, "%s %lu\n", c->name, kmem_cache_inuse(c));
	spin_unlock_irqrestore(&slab_mutex, flags);
}
