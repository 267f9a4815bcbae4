/* SPDX-License-Identifier: MIT */
/*
 * A mempool: objects of one cache, some of them kept back for the time when
 * there is no memory. Who needs one to *free* memory (a bio, to write a page
 * out) takes it here: there always is one, or one that comes back soon.
 *
 *	alloc    the cache, without reclaim --> else one that was kept back
 *	free     fewer kept back than min?  --> keep it; else to the cache
 *
 * Here nobody sleeps: a caller that gets NULL waits until one was freed.
 *
 * Lock key: (l) lock, (c) constant after mempool_init()
 */
#ifndef _MM_PHYS_MEMPOOL_H
#define _MM_PHYS_MEMPOOL_H

#include <base/spinlock.h>
#include <mm/phys/slab.h>

#define MEMPOOL_MAX 16

struct mempool {
	spinlock_t lock;
	struct kmem_cache *cache;    /* c */
	unsigned int min;	     /* c: to be kept back */
	unsigned int curr;	     /* l: are kept back */
	void *elements[MEMPOOL_MAX]; /* l */
};

/* => 0, -ENOMEM; min <= MEMPOOL_MAX. Never destroyed. */
int mempool_init(struct mempool *pool, struct kmem_cache *cache,
		 unsigned int min);
/* => process context; NULL: all are in use. Does not sleep. */
void *mempool_alloc(struct mempool *pool);
/* => process context; true: it was kept back, somebody may wait for it */
bool mempool_free(struct mempool *pool, void *element);

#endif
