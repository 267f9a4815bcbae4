// SPDX-License-Identifier: MIT
/*
 * mempool.c - a few objects that are there when no memory is
 *
 * See <mm/phys/mempool.h>. The reserve of the page allocator is left alone
 * (__GFP_NOMEMALLOC): it is for those who have no pool. Lock: pool->lock.
 */
#include <base/bug.h>
#include <lib/errno.h>
#include <mm/phys/mempool.h>

#define GFP_POOL (GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

int mempool_init(struct mempool *pool, struct kmem_cache *cache,
		 unsigned int min)
{
	BUG_ON(min > MEMPOOL_MAX);
	spin_lock_init(&pool->lock);
	pool->cache = cache;
	pool->min = min;
	for (pool->curr = 0; pool->curr < min; pool->curr++) {
		void *element = kmem_cache_alloc(cache, GFP_KERNEL);

		if (!element)
			return -ENOMEM;
		pool->elements[pool->curr] = element;
	}
	return 0;
}

void *mempool_alloc(struct mempool *pool)
{
	void *element = kmem_cache_alloc(pool->cache, GFP_POOL);

	if (likely(element))
		return element;
	spin_lock(&pool->lock);
	if (pool->curr)
		element = pool->elements[--pool->curr];
	spin_unlock(&pool->lock);
	return element;
}

bool mempool_free(struct mempool *pool, void *element)
{
	bool keep;

	if (likely(READ_ONCE(pool->curr) == pool->min)) {
		kmem_cache_free(pool->cache, element);
		return false;
	}
	spin_lock(&pool->lock);
	keep = pool->curr < pool->min;
	if (keep)
		pool->elements[pool->curr++] = element;
	spin_unlock(&pool->lock);
	if (!keep)
		kmem_cache_free(pool->cache, element);
	return keep;
}
