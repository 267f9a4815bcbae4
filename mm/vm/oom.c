// SPDX-License-Identifier: MIT
/*
 * The end of memory. The allocator, having found nothing and reclaimed
 * nothing, asks out_of_memory() whether trying again makes sense:
 *
 *	a victim is dying already    wait a moment, yes; but if it does not
 *	                             get there it may wait for the caller's
 *	                             locks: then another victim
 *	the caller itself is to die  no: fail, so that it gets there
 *	someone can be killed        kill, wait a moment, yes
 *	nobody                       no
 *
 * Who is killed the process layer says (struct oom_owner_ops); how bad a
 * process is, oom_badness() says: resident pages, swap and page tables, plus
 * oom_score_adj thousandths of all memory.
 *
 * Lock: oom_lock, tried only: one CPU kills at a time, others wait for the
 * effect rather than for the lock.
 */
#include <base/clock.h>
#include <base/preempt.h>
#include <base/printk.h>
#include <mm/phys/report.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/oom.h>
#include <sched/sched.h>

#define OOM_WAIT_NS  10000000ULL /* for a victim to give pages back */
#define OOM_STUCK_NS (100 * OOM_WAIT_NS)

static const struct oom_owner_ops *owner;
static DEFINE_SPINLOCK(oom_lock);
/* When victims were first and last waited for; races only blur it. */
static u64 pending_since, pending_seen;

long oom_badness(struct mm_struct *mm, short adj)
{
	long points;

	if (adj == -1000)
		return LONG_MIN;
	points = (long)(get_mm_rss(mm) + get_mm_counter(mm, MM_SWAPENTS)) +
		 atomic_long_read(&mm->pgtables_bytes) / (long)PAGE_SIZE;
	return points + adj * (long)(totalram_pages() / 1000);
}

#define KB(pages) ((pages) << (PAGE_SHIFT - 10))

void oom_report_kill(const char *why, struct mm_struct *mm, pid_t pid,
		     const char *comm, uid_t uid, short adj)
{
	pr_err("%s: Killed process %d (%s) total-vm:%lukB, anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB, UID:%u pgtables:%lukB oom_score_adj:%hd\n",
	       why, pid, comm, KB(mm->total_vm),
	       KB(get_mm_counter(mm, MM_ANONPAGES)),
	       KB(get_mm_counter(mm, MM_FILEPAGES)),
	       KB(get_mm_counter(mm, MM_SHMEMPAGES)), uid,
	       (unsigned long)atomic_long_read(&mm->pgtables_bytes) >> 10, adj);
}

static bool kill_one(gfp_t gfp, int order)
{
	struct task_struct *victim;
	unsigned long points;

	victim = owner->select(&points);
	if (!victim)
		return false;
	pr_warn("%s invoked oom-killer: gfp_mask=%#x, order=%d\n",
		current->comm, gfp, order);
	show_free_areas();
	count_vm_event(OOM_KILL);
	owner->kill(victim, "Out of memory");
	return true;
}

/* Is a victim on its way out, and not for too long already? */
static bool victim_pending(void)
{
	u64 now = ktime_get_ns();

	if (!owner->pending || !owner->pending())
		return false;
	if (now - READ_ONCE(pending_seen) > 10 * OOM_WAIT_NS)
		WRITE_ONCE(pending_since, now);
	WRITE_ONCE(pending_seen, now);
	if (now - READ_ONCE(pending_since) < OOM_STUCK_NS)
		return true;
	WRITE_ONCE(pending_since, now);
	return false;
}

bool out_of_memory(gfp_t gfp, int order)
{
	bool killed;

	if (!owner || fatal_signal_pending(current))
		return false;
	if (victim_pending()) {
		schedule_timeout_killable_ns(OOM_WAIT_NS);
		return !fatal_signal_pending(current);
	}
	if (!spin_trylock(&oom_lock)) {
		schedule_timeout_killable_ns(OOM_WAIT_NS);
		return true;
	}
	killed = kill_one(gfp, order);
	spin_unlock(&oom_lock);
	if (!killed)
		return false;
	if (!fatal_signal_pending(current))
		schedule_timeout_killable_ns(OOM_WAIT_NS);
	return !fatal_signal_pending(current);
}

/* The allocator has had a victim killed if there was one: try again soon. */
void pagefault_out_of_memory(void)
{
	if (!fatal_signal_pending(current))
		schedule_timeout_killable_ns(OOM_WAIT_NS);
}

/* ---- what the allocator calls -------------------------------------------- */

/* Caches give back what they keep for later. */
static unsigned long shrink_slabs(struct zone *zone, gfp_t gfp, int order)
{
	(void)zone, (void)gfp, (void)order;
	return kmem_cache_shrink_all();
}

/* Whoever is to die may use the reserves, so that it dies soon. */
static bool may_dip(void)
{
	return !in_interrupt() && ((current->flags & PF_MEMALLOC) ||
				   fatal_signal_pending(current));
}

static const struct reclaim_ops vm_reclaim_ops = {
	.direct_reclaim = shrink_slabs,
	.out_of_memory = out_of_memory,
	.release_page = lru_release_page,
	.may_dip = may_dip,
};

void oom_init_vm(void)
{
	set_reclaim_ops(&vm_reclaim_ops);
}

void oom_set_owner(const struct oom_owner_ops *ops)
{
	owner = ops;
}
