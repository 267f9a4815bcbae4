// SPDX-License-Identifier: MIT
/*
 * The end of memory. The allocator, having found nothing and reclaimed
 * nothing, asks out_of_memory() whether trying again makes sense:
 *
 *	the caller itself is to die    it becomes a victim: yes, with reserves
 *	it could not wait for I/O      others may get further: wait, yes
 *	a victim is dying already      wait a moment, yes
 *	someone can be killed          report, kill, wait a moment, yes
 *	nobody is left                 panic
 *
 * How bad a process is: resident pages, swapped ones and page tables, plus
 * oom_score_adj thousandths of all memory. Who is worst, and what is to be
 * killed with it, the process layer says (struct oom_owner_ops). A victim
 * that cannot get to its end is helped by the reaper (oom_reaper.c).
 *
 * Lock: oom_lock: one killing at a time; the allocator only tries it, others
 * wait for the effect rather than for the lock.
 */
#include <base/bug.h>
#include <base/preempt.h>
#include <base/printk.h>
#include <mm/phys/gfp.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/oom.h>
#include <mm/vm/swap.h>
#include <mm/vm/vmscan.h>
#include <sched/mutex.h>
#include <sched/sched.h>

#define OOM_WAIT_NS 4000000ULL /* for a victim to give pages back */
#define SYSRQ_ORDER (-1)

int sysctl_panic_on_oom;
int sysctl_oom_kill_allocating_task;
int sysctl_oom_dump_tasks = 1;

static const struct oom_owner_ops *owner;
static DEFINE_MUTEX(oom_lock);

unsigned long oom_total_pages(void)
{
	return totalram_pages() + total_swap_pages;
}

long oom_footprint(struct mm_struct *mm)
{
	return (long)(get_mm_rss(mm) + get_mm_counter(mm, MM_SWAPENTS)) +
	       atomic_long_read(&mm->pgtables_bytes) / (long)PAGE_SIZE;
}

/* ---- the report ---------------------------------------------------------- */

void oom_dump_header(const struct oom_control *oc)
{
	char mode[96];

	gfp_describe(oc->gfp, mode, sizeof(mode));
	pr_warn("%s invoked oom-killer: gfp_mask=%#x(%s), order=%d, oom_score_adj=%hd\n",
		current->comm, oc->gfp, mode, oc->order, owner->current_adj());
	dump_stack();
	show_mem();
	if (sysctl_oom_dump_tasks)
		owner->dump_tasks();
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

/* ---- the decision -------------------------------------------------------- */

static void check_panic_on_oom(const struct oom_control *oc)
{
	if (likely(!sysctl_panic_on_oom) || oc->order == SYSRQ_ORDER)
		return;
	oom_dump_header(oc);
	panic("Out of memory: %s panic_on_oom is enabled",
	      sysctl_panic_on_oom == 2 ? "compulsory" : "system-wide");
}

/* oom_lock held. => false: nobody can be killed (sysrq only) */
static bool kill_one(const struct oom_control *oc)
{
	struct task_struct *victim;

	check_panic_on_oom(oc);
	if (sysctl_oom_kill_allocating_task && oc->order != SYSRQ_ORDER) {
		victim = owner->select_current();
		if (victim) {
			owner->kill(oc, victim,
				    "Out of memory (oom_kill_allocating_task)");
			return true;
		}
	}
	victim = owner->select(oc);
	if (victim == OOM_WAIT)
		return true;
	if (victim) {
		owner->kill(oc, victim, "Out of memory");
		return true;
	}
	oom_dump_header(oc);
	pr_warn("Out of memory and no killable processes...\n");
	if (oc->order != SYSRQ_ORDER)
		panic("System is deadlocked on memory");
	return false;
}

bool out_of_memory(gfp_t gfp, int order)
{
	const struct oom_control oc = {
		.gfp = gfp,
		.order = order,
		.totalpages = oom_total_pages(),
	};

	if (!owner || (current->flags & PF_SWAPOFF))
		return false;
	if (owner->current_dies())
		return true;
	/* Without file systems little was tried: no reason to kill. */
	if ((gfp & __GFP_FS) && mutex_trylock(&oom_lock)) {
		kill_one(&oc);
		mutex_unlock(&oom_lock);
	}
	if (!fatal_signal_pending(current))
		schedule_timeout_killable_ns(OOM_WAIT_NS);
	return true;
}

bool oom_kill_by_hand(void)
{
	const struct oom_control oc = {
		.gfp = GFP_KERNEL,
		.order = SYSRQ_ORDER,
		.totalpages = oom_total_pages(),
	};
	bool killed;

	mutex_lock(&oom_lock);
	killed = kill_one(&oc);
	mutex_unlock(&oom_lock);
	return killed;
}

/*
 * The allocator fails a small request only for a victim, which will not come
 * back here. Whoever else does was out of luck, or of injected failures.
 */
void pagefault_out_of_memory(void)
{
	if (fatal_signal_pending(current))
		return;
	pr_warn_ratelimited(
		"Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF\n");
	schedule_timeout_killable_ns(OOM_WAIT_NS);
}

/* ---- what the allocator calls -------------------------------------------- */

/* Half of what is below min is enough to die, and leaves some for others. */
static unsigned int reserves(void)
{
	if (current->flags & PF_MEMALLOC)
		return ALLOC_NO_WATERMARKS;
	return owner && owner->is_victim() ? ALLOC_OOM : 0;
}

static const struct reclaim_ops vm_reclaim_ops = {
	.direct_reclaim = try_to_free_pages,
	.wakeup_kswapd = wakeup_kswapd,
	.reclaimable_pages = zone_reclaimable_pages,
	.out_of_memory = out_of_memory,
	.release_page = lru_release_page,
	.reserves = reserves,
};

void oom_init_vm(void)
{
	set_reclaim_ops(&vm_reclaim_ops);
}

void oom_set_owner(const struct oom_owner_ops *ops)
{
	oom_reaper_init();
	owner = ops;
}
