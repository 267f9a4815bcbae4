// SPDX-License-Identifier: MIT
/*
 * page_alloc_slow.c - when no zone is above its low mark
 *
 *	wake kswapd ─► try again down to min, for GFP_ATOMIC deeper
 *	  │ no page
 *	  ├─ reclaim's own task: the whole reserve; one chosen to die: half
 *	  ├─ may not sleep: fail
 *	  └─ may sleep:  reclaim ─► try ─► drain the per-CPU lists ─► try
 *	                   ▲   could reclaim still help?    │
 *	                   └────────────────────────────────┤
 *	                 small and patient: out_of_memory() ┘ else fail
 *
 * It could, if what is free and what is reclaimable come to more than min, and
 * not sixteen rounds in a row have been without a page. So there is no OOM
 * kill while there is hope, and no loop when there is none.
 *
 * Reclaim and the OOM killer live above (struct reclaim_ops); without them
 * the allocator fails when it is empty. Failing writes one line and a picture
 * of the zones to the log, at most a few times a second.
 *
 * The end of the file is failure injection: the n-th allocation of one task
 * fails, so that a test can walk through every error path of an operation.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <asm/current.h>
#include <asm/irqflags.h>
#include <base/bug.h>
#include <base/preempt.h>
#include <base/printk.h>
#include <mm/phys/gfp.h>
#include <mm/phys/internal.h>
#include <mm/phys/report.h>
#include <mm/phys/vmstat.h>

const struct reclaim_ops *reclaim_ops;

void set_reclaim_ops(const struct reclaim_ops *ops)
{
	reclaim_ops = ops;
}

static void wake_kswapds(const struct zonelist *zl)
{
	struct zone *const *zp;

	if (!reclaim_ops || !reclaim_ops->wakeup_kswapd)
		return;
	for (zp = zl->zones; *zp; zp++)
		reclaim_ops->wakeup_kswapd(*zp);
}

/* How deep may this request dig, beyond the min mark? */
static unsigned int gfp_to_alloc_flags(gfp_t gfp)
{
	unsigned int flags = WMARK_MIN;

	if (gfp & __GFP_HIGH)
		flags |= ALLOC_HIGH;
	if (gfp & __GFP_ATOMIC)
		flags |= ALLOC_HARDER;
	return flags;
}

/* => ALLOC_NO_WATERMARKS, ALLOC_OOM, or 0: no reserve for this request */
static unsigned int reserve_flags(gfp_t gfp)
{
	if (gfp & __GFP_NOMEMALLOC)
		return 0;
	if (gfp & __GFP_MEMALLOC)
		return ALLOC_NO_WATERMARKS;
	if (in_interrupt() || !reclaim_ops || !reclaim_ops->reserves)
		return 0;
	return reclaim_ops->reserves();
}

static unsigned long direct_reclaim(gfp_t gfp, unsigned int order,
				    const struct zonelist *zl)
{
	if (!reclaim_ops || !reclaim_ops->direct_reclaim)
		return 0;
	count_vm_event(ALLOCSTALL_DMA + zone_idx(zl->zones[0]));
	return reclaim_ops->direct_reclaim(zl->zones[0], gfp, (int)order);
}

/* The last resort. => true if trying again makes sense */
static bool try_oom(gfp_t gfp, unsigned int order)
{
	if (order > PAGE_ALLOC_COSTLY_ORDER ||
	    (gfp & (__GFP_NORETRY | __GFP_RETRY_MAYFAIL)))
		return false;
	return reclaim_ops && reclaim_ops->out_of_memory &&
	       reclaim_ops->out_of_memory(gfp, (int)order);
}

/* The name of the running program: what follows "Comm: " in reports. */
static const char *current_name(char *buf, size_t size)
{
	char *name;

	buf[0] = 0;
	if (report_task_hook && !in_interrupt())
		report_task_hook(buf, size);
	name = strstr(buf, "Comm: ");
	return name ? name + strlen("Comm: ") : "kernel";
}

static void warn_alloc(gfp_t gfp, unsigned int order)
{
	char mode[96], task[64];

	if (gfp & __GFP_NOWARN)
		return;
	gfp_describe(gfp, mode, sizeof(mode));
	printk_ratelimited(KERN_WARNING
			   "%s: page allocation failure: order:%u, "
			   "mode:%#x(%s), nodemask=(null)\n",
			   current_name(task, sizeof(task)), order, gfp, mode);
}

/* If all that is reclaimable were free, would there be enough in some zone? */
static bool reclaim_could_help(const struct zonelist *zl, unsigned int order,
			       enum zone_type ht)
{
	struct zone *const *zp;

	if (!reclaim_ops || !reclaim_ops->reclaimable_pages)
		return false;
	for (zp = zl->zones; *zp; zp++) {
		long available = (long)(zone_page_state(*zp, NR_FREE_PAGES) +
					reclaim_ops->reclaimable_pages(*zp));

		if (available - (1L << order) >=
		    (long)min_wmark_pages(*zp) + (*zp)->lowmem_reserve[ht])
			return true;
	}
	return false;
}

/* Try again after a round that freed nothing for us? Counts those in a row. */
static bool should_reclaim_retry(const struct zonelist *zl, gfp_t gfp,
				 unsigned int order, enum zone_type ht,
				 bool progress, unsigned int *fruitless)
{
	bool costly = order > PAGE_ALLOC_COSTLY_ORDER;

	if (costly && !(gfp & __GFP_RETRY_MAYFAIL))
		return false;
	*fruitless = progress && !costly ? 0 : *fruitless + 1;
	return *fruitless <= MAX_RECLAIM_RETRIES &&
	       reclaim_could_help(zl, order, ht);
}

/* Reclaim, drain, and ask the OOM killer, until there is a page or no hope. */
static struct page *reclaim_and_retry(gfp_t gfp, unsigned int order,
				      const struct zonelist *zl,
				      enum zone_type ht, unsigned int flags)
{
	unsigned int fruitless = 0;

	for (;;) {
		unsigned long got = direct_reclaim(gfp, order, zl);
		struct page *page =
			get_page_from_freelist(gfp, order, zl, ht, flags);
		unsigned int reserve;

		if (page)
			return page;
		/* Pages may be hiding on the lists of other CPUs. */
		drain_all_pages(NULL);
		page = get_page_from_freelist(gfp, order, zl, ht, flags);
		if (page)
			return page;
		/* It may have been chosen to die: without looping, then. */
		reserve = reserve_flags(gfp);
		if (reserve) {
			page = get_page_from_freelist(gfp, order, zl, ht,
						      reserve);
			if (page || !(gfp & __GFP_NOFAIL))
				return page;
		}
		if ((gfp & __GFP_NORETRY) && !(gfp & __GFP_NOFAIL))
			return NULL;
		if (should_reclaim_retry(zl, gfp, order, ht, got, &fruitless))
			continue;
		if (try_oom(gfp, order))
			fruitless = 0;
		else if (!(gfp & __GFP_NOFAIL))
			return NULL;
	}
}

struct page *alloc_pages_slow(gfp_t gfp, unsigned int order,
			      const struct zonelist *zl, enum zone_type ht)
{
	unsigned int flags = gfp_to_alloc_flags(gfp), reserve;
	struct page *page;

	if (!zl->zones[0])
		goto fail;
	if (gfp & __GFP_KSWAPD_RECLAIM)
		wake_kswapds(zl);
	page = get_page_from_freelist(gfp, order, zl, ht, flags);
	if (page)
		return page;
	reserve = reserve_flags(gfp);
	if (reserve) {
		page = get_page_from_freelist(gfp, order, zl, ht, reserve);
		if (page)
			return page;
		/* Reclaim must not wait for itself. */
		if (reserve == ALLOC_NO_WATERMARKS)
			goto fail;
	}
	if (!(gfp & __GFP_DIRECT_RECLAIM)) {
		WARN_ON_ONCE(gfp & __GFP_NOFAIL);
		drain_local_pages(NULL);
		page = get_page_from_freelist(gfp, order, zl, ht, flags);
	} else {
		page = reclaim_and_retry(gfp, order, zl, ht, flags);
	}
	if (page)
		return page;
fail:
	warn_alloc(gfp, order);
	return NULL;
}

/* --- Failure injection ------------------------------------------------- */

struct task_struct *fail_alloc_task; /* NULL: off; what the paths test */
static atomic_long_t fail_nth, fail_seen;
static bool fail_done;

unsigned long fail_alloc_arm(unsigned long nth)
{
	unsigned long seen = (unsigned long)atomic_long_read(&fail_seen);

	WRITE_ONCE(fail_alloc_task, NULL);
	atomic_long_set(&fail_nth, (long)nth);
	atomic_long_set(&fail_seen, 0);
	WRITE_ONCE(fail_done, false);
	slab_set_fail(nth);
	if (nth)
		WRITE_ONCE(fail_alloc_task, current);
	return seen;
}

bool fail_alloc_hit(void)
{
	return READ_ONCE(fail_done);
}

unsigned long fail_alloc_left(void)
{
	if (READ_ONCE(fail_alloc_task) != current || fail_alloc_hit())
		return 0;
	return (unsigned long)(atomic_long_read(&fail_nth) -
			       atomic_long_read(&fail_seen));
}

void fail_alloc_forget(void)
{
	if (unlikely(READ_ONCE(fail_alloc_task) == current))
		fail_alloc_arm(0);
}

bool fail_alloc_now(gfp_t gfp)
{
	if (READ_ONCE(fail_alloc_task) != current || in_interrupt() ||
	    (gfp & __GFP_NOFAIL))
		return false;
	if (atomic_long_inc_return(&fail_seen) != atomic_long_read(&fail_nth))
		return false;
	WRITE_ONCE(fail_done, true);
	return true;
}
