// SPDX-License-Identifier: MIT
/*
 * When memory is reclaimed, and by whom.
 *
 *	free pages of a zone
 *	   high ------ kswapd goes to sleep again
 *	   low  ------ an allocation that finds less wakes it, and goes on
 *	   min  ------ an allocation that finds less must reclaim itself
 *	               (direct reclaim): it waits, that is the cost
 *	   0
 *
 * Both start with a 4096th of each list (priority 12) and look at more and
 * more of it until they have what they want. A kswapd that found nothing
 * sixteen times gives up, until some direct reclaim has had success.
 *
 * Whoever reclaims has PF_MEMALLOC: what it needs for that comes from the
 * reserve, and never makes it reclaim again.
 *
 * Lock: none; zones' free pages are read as they are.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <mm/vm/internal.h>
#include <mm/vm/vmscan.h>
#include <sched/kthread.h>
#include <sched/psi.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define NAP_NS 100000000ULL

/* One for each node. Lock key: (a) READ_ONCE/WRITE_ONCE, races only blur it */
static struct kswapd {
	pg_data_t *pgdat;
	wait_queue_head_t wait;
	enum zone_type highest; /* (a) the zone somebody wants, at most */
} kswapds[MAX_NUMNODES];

/* ---- kswapd -------------------------------------------------------------- */

/* Is there a zone up to highest with free pages above mark? */
static bool pgdat_balanced(pg_data_t *pgdat, enum zone_type highest,
			   enum zone_watermarks mark)
{
	bool any = false;

	for (int i = 0; i <= (int)highest; i++) {
		struct zone *zone = &pgdat->node_zones[i];

		if (!zone_managed_pages(zone))
			continue;
		any = true;
		if (zone_watermark_ok(zone, 0, zone->_watermark[mark], highest,
				      0))
			return true;
	}
	return !any;
}

static unsigned long reclaim_goal(pg_data_t *pgdat, enum zone_type highest)
{
	unsigned long goal = 0;

	for (int i = 0; i <= (int)highest; i++) {
		struct zone *zone = &pgdat->node_zones[i];

		if (zone_managed_pages(zone))
			goal += max(high_wmark_pages(zone), SWAP_CLUSTER_MAX);
	}
	return goal;
}

static void balance_pgdat(struct kswapd *k)
{
	pg_data_t *pgdat = k->pgdat;
	enum zone_type highest = READ_ONCE(k->highest);
	struct scan_control sc = {
		.gfp_mask = GFP_KERNEL,
		.priority = DEF_PRIORITY,
		.reclaim_idx = highest,
		.may_swap = true,
		.may_writepage = true,
		.kswapd = true,
	};

	count_vm_event(PAGEOUTRUN);
	while (sc.priority >= 1) {
		unsigned long before = sc.nr_reclaimed;

		if (pgdat_balanced(pgdat, highest, WMARK_HIGH))
			return;
		sc.nr_to_reclaim = reclaim_goal(pgdat, highest);
		sc.nr_scanned = 0;
		shrink_node(pgdat, &sc);
		/* Look harder if there was little to look at, or no success. */
		if (sc.nr_scanned < sc.nr_to_reclaim ||
		    sc.nr_reclaimed == before)
			sc.priority--;
		cond_resched();
	}
	if (!sc.nr_reclaimed)
		WRITE_ONCE(pgdat->kswapd_failures, pgdat->kswapd_failures + 1);
}

static bool has_work(const struct kswapd *k)
{
	return !pgdat_unreclaimable(k->pgdat) &&
	       !pgdat_balanced(k->pgdat, READ_ONCE(k->highest), WMARK_HIGH);
}

/*
 * A nap first: if memory is short again within it, the marks are too close
 * for what is being asked, and somebody may want to know (/proc/vmstat).
 */
static void sleep_if_balanced(struct kswapd *k)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&k->wait, &wait, TASK_INTERRUPTIBLE);
	if (!has_work(k)) {
		u64 left = schedule_timeout_ns(NAP_NS);

		prepare_to_wait(&k->wait, &wait, TASK_INTERRUPTIBLE);
		if (left) {
			count_vm_event(KSWAPD_LOW_WMARK_HIT_QUICKLY);
		} else if (has_work(k)) {
			count_vm_event(KSWAPD_HIGH_WMARK_HIT_QUICKLY);
		} else {
			WRITE_ONCE(k->highest, ZONE_DMA);
			schedule();
		}
	}
	finish_wait(&k->wait, &wait);
}

static int kswapd(void *arg)
{
	struct kswapd *k = arg;

	current->flags |= PF_MEMALLOC | PF_KSWAPD;
	for (;;) {
		struct psi_stall stall;

		sleep_if_balanced(k);
		if (!has_work(k))
			continue;
		psi_memstall_enter(&stall);
		balance_pgdat(k);
		psi_memstall_leave(&stall);
	}
	return 0;
}

void wakeup_kswapd(struct zone *zone)
{
	struct kswapd *k = &kswapds[zone_to_nid(zone)];

	if (!k->pgdat || !zone_managed_pages(zone))
		return;
	if (READ_ONCE(k->highest) < zone_idx(zone))
		WRITE_ONCE(k->highest, zone_idx(zone));
	if (!waitqueue_active(&k->wait) || pgdat_unreclaimable(k->pgdat) ||
	    pgdat_balanced(k->pgdat, zone_idx(zone), WMARK_HIGH))
		return;
	wake_up_interruptible(&k->wait);
}

void kswapd_init(void)
{
	pg_data_t *pgdat;

	workingset_init();
	for_each_online_pgdat(pgdat)
	{
		struct kswapd *k = &kswapds[pgdat->node_id];
		struct task_struct *t;

		init_waitqueue_head(&k->wait);
		k->pgdat = pgdat;
		t = kthread_run(kswapd, k, "kswapd%d", pgdat->node_id);
		if (IS_ERR(t))
			panic("no memory for kswapd");
	}
}

/* ---- direct reclaim ------------------------------------------------------ */

/* => pages of a zone that reclaim could find */
unsigned long zone_reclaimable_pages(const struct zone *zone)
{
	unsigned long nr = zone_page_state(zone, NR_ZONE_INACTIVE_FILE) +
			   zone_page_state(zone, NR_ZONE_ACTIVE_FILE);

	if (get_nr_swap_pages())
		nr += zone_page_state(zone, NR_ZONE_INACTIVE_ANON) +
		      zone_page_state(zone, NR_ZONE_ACTIVE_ANON);
	return nr;
}

/*
 * All lists, and nothing. What is being written must end first. Else, if there
 * is much, others hold its locks: sixteen rounds without them are soon over,
 * and the OOM killer would be called for want of a CPU, not of memory.
 */
static void throttle_no_progress(struct zone *zone)
{
	if (node_page_state(zone->zone_pgdat, NR_WRITEBACK))
		reclaim_throttle(zone->zone_pgdat);
	else if (zone_reclaimable_pages(zone) > min_wmark_pages(zone))
		msleep(1);
}

unsigned long try_to_free_pages(struct zone *zone, gfp_t gfp, int order)
{
	struct scan_control sc = {
		.nr_to_reclaim = max(SWAP_CLUSTER_MAX, 1UL << order),
		.gfp_mask = gfp,
		.reclaim_idx = zone_idx(zone),
		.may_swap = true,
		.may_writepage = true,
	};
	struct psi_stall stall;
	pg_data_t *pgdat;

	psi_memstall_enter(&stall);
	current->flags |= PF_MEMALLOC;
	for (sc.priority = DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
		for_each_online_pgdat(pgdat) shrink_node(pgdat, &sc);
		if (sc.nr_reclaimed >= sc.nr_to_reclaim)
			break;
	}
	current->flags &= ~(unsigned int)PF_MEMALLOC;
	if (!sc.nr_reclaimed)
		throttle_no_progress(zone);
	else
		WRITE_ONCE(zone->zone_pgdat->kswapd_failures, 0);
	psi_memstall_leave(&stall);
	return sc.nr_reclaimed;
}
