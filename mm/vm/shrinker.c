// SPDX-License-Identifier: MIT
/*
 * Caches of objects give way, too: each that registers is asked for its share.
 *
 *	objects in the cache >> priority, times 4 / seeks   --> to be looked at
 *
 * As with pages: at priority 12 a 4096th, at 0 all; what costs nothing to make
 * again (seeks 0), half at any. What is less than a batch is remembered
 * (nr_deferred) until it is worth the call.
 *
 * Lock: shrinker_lock, a mutex only tried in reclaim: who finds it taken knows
 * that somebody is at it.
 */
#include <mm/phys/slab.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/vmscan.h>
#include <sched/mutex.h>
#include <sched/sched.h>

#define SHRINK_BATCH 128UL

static LIST_HEAD(shrinkers);
static DEFINE_MUTEX(shrinker_lock);

void register_shrinker(struct shrinker *s)
{
	mutex_lock(&shrinker_lock);
	list_add_tail(&s->list, &shrinkers);
	mutex_unlock(&shrinker_lock);
}

/* A small cache is worth a call when it would go as a whole. */
static unsigned long do_shrink_slab(struct shrinker *s, gfp_t gfp, int priority)
{
	struct shrink_control sc = { .gfp_mask = gfp,
				     .nr_to_scan = SHRINK_BATCH };
	unsigned long count = s->count_objects(s, &sc), freed = 0, want;

	want = s->seeks ? (count >> priority) * 4 / (unsigned int)s->seeks :
			  count / 2;
	want = min(want + s->nr_deferred, 2 * count);
	if (count && want >= count)
		want = round_up(want, SHRINK_BATCH);
	for (; want >= SHRINK_BATCH; want -= SHRINK_BATCH) {
		freed += s->scan_objects(s, &sc);
		count_vm_events(SLABS_SCANNED, (long)SHRINK_BATCH);
		cond_resched();
	}
	s->nr_deferred = want;
	return freed;
}

unsigned long shrink_slab(gfp_t gfp, int priority)
{
	unsigned long freed = 0;
	struct shrinker *s;

	if (!mutex_trylock(&shrinker_lock))
		return 0;
	list_for_each_entry(s, &shrinkers, list)
		freed += do_shrink_slab(s, gfp, priority);
	mutex_unlock(&shrinker_lock);
	return freed;
}

unsigned long drop_slab(void)
{
	unsigned long freed, all = 0;

	do {
		freed = shrink_slab(GFP_KERNEL, 0);
		all += freed;
	} while (freed > 10);
	kmem_cache_shrink_all();
	return all;
}
