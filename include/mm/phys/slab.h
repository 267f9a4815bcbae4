/* SPDX-License-Identifier: MIT */
/*
 * Slab: caches of equal objects, in slabs of 1 << order pages.
 *
 *	kmem_cache ─ cpu_cache[cpu] ─► | obj | obj | obj |    a stack of objects
 *	     │                          avail ^               ready to hand out
 *	     └ node[nid] ─ slabs_partial, slabs_full, slabs_free
 *	                     │
 *	     one slab:  |colour|obj 0|obj 1|obj 2| … |rest|freelist|  on-slab
 *	                |colour|obj 0|obj 1| … |rest|   freelist elsewhere
 *	                                                (objects >= 512 bytes)
 *
 * The usual alloc and free touch only this CPU's stack, with interrupts off.
 * An empty or full stack moves batchcount objects from or to the slabs, under
 * the node's list_lock. Colouring: each new slab starts its objects one cache
 * line further, so that equal objects of different slabs do not compete for
 * the same cache set.
 *
 * Debug layout (SLAB_RED_ZONE, SLAB_STORE_USER), from object start obj_offset:
 *	|redzone 8|object ... |redzone 8|struct slab_track|
 * SLAB_POISON fills free objects with 0x6b and 0xa5 as their last byte.
 */
#ifndef _MM_PHYS_SLAB_H
#define _MM_PHYS_SLAB_H

#include <lib/cleanup.h>
#include <lib/list.h>
#include <lib/seq_buf.h>
#include <lib/types.h>
#include <base/config.h>
#include <base/spinlock.h>
#include <mm/phys/gfp.h>

#define SLAB_RED_ZONE	     0x00000400U
#define SLAB_POISON	     0x00000800U
#define SLAB_HWCACHE_ALIGN   0x00002000U
#define SLAB_STORE_USER	     0x00010000U
#define SLAB_RECLAIM_ACCOUNT 0x00020000U
#define SLAB_PANIC	     0x00040000U
#define SLAB_ACCOUNT	     0x04000000U
#define SLAB_NO_DEBUG	     0x08000000U /* none even in debug builds */
#define __SLAB_OFF	     0x80000000U /* freelist off the slab */
#define __SLAB_FAIL	     0x40000000U /* failure injection is armed */
#define __SLAB_KMALLOC	     0x20000000U

#define SLAB_DEBUG_FLAGS (SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

#define SLAB_LINE_SIZE 64U  /* of the L1 data cache */
#define SLAB_OBJ_MAX   255U /* objects in a slab: index is a u8 */

/* One CPU's stack of free objects. */
struct array_cache {
	unsigned int avail;
	unsigned int limit;
	unsigned int batchcount;
	void *entry[];
};

/* Lock key: l list_lock (interrupts off). Holds one node's slabs. */
struct kmem_cache_node {
	spinlock_t list_lock;
	struct list_head slabs_partial; /* l */
	struct list_head slabs_full;	/* l */
	struct list_head slabs_free;	/* l */
	unsigned long total_slabs;	/* l */
	unsigned long free_slabs;	/* l */
	unsigned long free_objects;	/* l: without the stacks */
	unsigned long free_limit;	/* b: keep no more than that */
	unsigned int colour_next;	/* l */
};

/*
 * Lock key: i interrupts off on that CPU, b set at creation, c slab_mutex.
 */
struct kmem_cache {
	struct array_cache *cpu_cache[NR_CPUS]; /* i */
	unsigned int flags;			/* b, but for __SLAB_FAIL */
	unsigned int size;			/* b: from object to object */
	u32 reciprocal;			/* b: (offset * this) >> 32 = index */
	unsigned int num;		/* b: objects in a slab */
	unsigned int gfporder;		/* b */
	gfp_t allocflags;		/* b */
	unsigned int colour;		/* b: number of colours */
	unsigned int colour_off;	/* b: bytes from one to the next */
	unsigned int freelist_size;	/* b */
	unsigned int object_size;	/* b: what the creator asked for */
	unsigned int obj_offset;	/* b: of the object in its slot */
	unsigned int align;		/* b */
	unsigned int batchcount, limit; /* b: for new stacks */
	void (*ctor)(void *);		/* b */
	const char *name;		/* b */
	struct list_head list;		/* c: in slab_caches */
	bool dying;			/* c */
	struct kmem_cache_node *node[MAX_NUMNODES]; /* b */
};

extern struct list_head slab_caches;

void kmem_cache_init(void);

/*
 * align 0: as small as the object allows (8). ctor runs once per object when
 * its slab is made, so a freed object must be left constructed.
 * => name must stay; NULL on no memory (SLAB_PANIC: panics)
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *));
/* => 0, or -EBUSY: objects are in use; they are reported and all stays */
int kmem_cache_destroy(struct kmem_cache *cachep);

/* => any context, as gfp says; not zeroed unless __GFP_ZERO */
void *kmem_cache_alloc(struct kmem_cache *cachep, gfp_t gfp);
void *kmem_cache_zalloc(struct kmem_cache *cachep, gfp_t gfp);
/* => any context; objp must be of this cache */
void kmem_cache_free(struct kmem_cache *cachep, void *objp);

/* Return this CPU's free objects and every empty slab. => pages freed */
unsigned long kmem_cache_shrink(struct kmem_cache *cachep);
unsigned long kmem_cache_shrink_all(void);
/* Objects handed out, exact when the cache is quiet: the leak counter. */
unsigned long kmem_cache_inuse(struct kmem_cache *cachep);

/* --- kmalloc ----------------------------------------------------------- */

#define KMALLOC_MAX_CACHE_SIZE 8192 /* beyond it: whole pages */
#define KMALLOC_MAX_SIZE       (PAGE_SIZE << (MAX_ORDER - 1))
#define NR_KMALLOC_CACHES      12

/* 16 32 64 96 128 192 256 512 1k 2k 4k 8k, by kmalloc_index() */
extern struct kmem_cache *kmalloc_caches[NR_KMALLOC_CACHES];

/* Folds to a constant for a constant. => size <= KMALLOC_MAX_CACHE_SIZE */
static __always_inline unsigned int kmalloc_index(size_t size)
{
	if (size <= 16)
		return 0;
	if (size <= 32)
		return 1;
	if (size <= 64)
		return 2;
	if (size <= 96)
		return 3;
	if (size <= 128)
		return 4;
	if (size <= 192)
		return 5;
	if (size <= 256)
		return 6;
	return 63U - (unsigned int)__builtin_clzl(size - 1) - 1;
}

void *__kmalloc(size_t size, gfp_t gfp);

/*
 * => aligned to 16, and to size for powers of two from 64 on (not in debug
 *    builds); NULL on no memory; size 0 gives ZERO_SIZE_PTR
 */
static __always_inline void *kmalloc(size_t size, gfp_t gfp)
{
	if (__builtin_constant_p(size) && size &&
	    size <= KMALLOC_MAX_CACHE_SIZE && !CONFIG_DEBUG)
		return kmem_cache_alloc(kmalloc_caches[kmalloc_index(size)],
					gfp);
	return __kmalloc(size, gfp);
}

#define ZERO_SIZE_PTR	    ((void *)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= 16)

static __always_inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

/* => NULL if n * size overflows */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

/* Any pointer of kmalloc, kmem_cache_alloc; NULL. */
void kfree(const void *p);
DEFINE_FREE(kfree, void, kfree)

char *kstrdup(const char *s, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

/* --- Reports and checks ------------------------------------------------ */

/*
 * Walk every slab of every cache: lists, counts, freelists, red zones.
 * => true; what is wrong is printed
 */
bool slab_check(void);
bool kmem_cache_check(struct kmem_cache *cachep);
/* If addr lies in a slab object: say which, and who had it. => false: no */
bool slab_describe(const void *addr);

#endif
