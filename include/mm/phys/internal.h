/* SPDX-License-Identifier: MIT */
/*
 * What the files of mm/phys share among themselves and with their tests.
 * Nobody else includes this.
 *
 * Lock order, outermost first (a lock may be taken with those above held):
 *	slab_mutex
 *	  cache node list_lock
 *	    vmap_lock
 *	      kernel_table_lock
 *	        a user table's ptl, parents before children
 *	          zone->lock
 *	            resource_lock
 * All of them but the user tables' are taken with interrupts off.
 */
#ifndef _MM_PHYS_INTERNAL_H
#define _MM_PHYS_INTERNAL_H

#include <lib/types.h>
#include <mm/phys/gfp.h>
#include <mm/phys/mmzone.h>
#include <mm/phys/page.h>
#include <mm/phys/slab.h>

/* --- page_alloc.c, page_alloc_slow.c ----------------------------------- */

/* Everything __alloc_pages() does, on any list of zones. */
struct page *alloc_pages_zonelist(gfp_t gfp, unsigned int order,
				  const struct zonelist *zl, enum zone_type ht);
/* One pass over the zones. => NULL if none is above its mark */
struct page *get_page_from_freelist(gfp_t gfp, unsigned int order,
				    const struct zonelist *zl,
				    enum zone_type ht,
				    unsigned int alloc_flags);
struct page *alloc_pages_slow(gfp_t gfp, unsigned int order,
			      const struct zonelist *zl, enum zone_type ht);
/* Is failing armed, and does this one fail? */
extern struct task_struct *fail_alloc_task;
bool fail_alloc_now(gfp_t gfp);

/* New pages for the buddy: not free before, [pfn, end) all of one zone. */
void free_pages_core(unsigned long pfn, unsigned long end);
extern const struct reclaim_ops *reclaim_ops;
/* Set by mem_init(): pages come from the buddy, no longer from memblock. */
extern bool buddy_up;

/* --- page_debug.c ------------------------------------------------------ */

u32 code_site(unsigned long ip);
void *site_code(u32 site);
void page_poison(struct page *page, unsigned int order);
void page_check_poison(struct page *page, unsigned int order);
bool zone_check(struct zone *zone);

/* --- mmzone.c, watermark.c, sparse.c ----------------------------------- */

/*
 * Make an empty zone with the given id (entry of zone_table[]). Tests make
 * private ones from pages they own.
 */
void zone_init(struct zone *zone, pg_data_t *pgdat, enum zone_type idx,
	       unsigned int id);
void zone_pcp_init(struct zone *zone);
/* Put pages that the caller owns (refcount as from alloc) into zone. */
void zone_adopt_pages(struct zone *zone, struct page *page, unsigned long nr);
/* Set marks by hand: tests. */
void zone_set_watermarks(struct zone *zone, unsigned long wmin,
			 unsigned long wlow, unsigned long whigh);
void sparse_init(void);
void memmap_init_range(unsigned long pfn, unsigned long end, struct zone *zone,
		       bool reserved);

/* --- slab -------------------------------------------------------------- */

extern bool slab_up;	      /* kmalloc may be called */
extern spinlock_t slab_mutex; /* slab_caches; a spinlock: L2 has no
					 * sleeping locks */

/* Debug objects: where the parts of a slot are. */
struct slab_track {
	u32 alloc_site, free_site;
	u64 alloc_when, free_when;
	u32 alloc_cpu, free_cpu;
};

#define RED_INACTIVE 0x09F911029D74E35BULL /* free */
#define RED_ACTIVE   0xD84156C5635688C0ULL /* in use */
#define POISON_FREE  0x6b
#define POISON_END   0xa5
#define POISON_INUSE 0x5a

/* => obj points to the caller's object, not to its slot */
void slab_debug_init_obj(struct kmem_cache *c, void *obj);
void slab_debug_alloc(struct kmem_cache *c, void *obj, unsigned long ip);
/* => false: it must not be freed (only when a test caught the error) */
bool slab_debug_free(struct kmem_cache *c, void *obj, unsigned long ip);
/* Panic with all that is known of the object, unless a test has a hook. */
void slab_error(struct kmem_cache *c, const void *obj, const char *what,
		unsigned long ip);
extern void (*slab_error_hook)(struct kmem_cache *c, const void *obj,
			       const char *what);
struct slab_track *slab_track_of(const struct kmem_cache *c, const void *obj);
void slab_show_track(const struct kmem_cache *c, const void *obj);

extern struct array_cache empty_stack, busy_stack;
void slab_drain_all_cpus(struct kmem_cache *c);
void slab_set_fail(bool on);
void kmalloc_account_large(struct page *page, int sign);

static inline void *slab_obj(const struct kmem_cache *c,
			     const struct page *slab, unsigned int index)
{
	return (char *)slab->s_mem + (size_t)c->size * index + c->obj_offset;
}

/* The index by multiplication: exact for offsets inside a slab. */
static inline unsigned int slab_obj_index(const struct kmem_cache *c,
					  const struct page *slab,
					  const void *obj)
{
	u64 off = (unsigned long)obj - (unsigned long)slab->s_mem;

	return (unsigned int)((off * c->reciprocal) >> 32);
}

/* Is this object (by index) on the slab's free list? => list_lock */
bool slab_obj_is_free(const struct kmem_cache *c, const struct page *slab,
		      unsigned int index);
void kmalloc_init(void);

/* --- paging_init.c, mmu.c ---------------------------------------------- */

/* A page for a kernel table, zeroed. => 0 if there is none */
phys_addr_t kernel_table_alloc(bool may_fail);

/* --- vmalloc.c --------------------------------------------------------- */

/* An area for one kernel stack. => NULL */
void *alloc_stack_area(const void *caller);
bool vmalloc_check(void);

/* --- boot_mem.c, iomem.c ----------------------------------------------- */

void iomem_init(void);

#endif
