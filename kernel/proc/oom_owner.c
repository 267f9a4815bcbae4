// SPDX-License-Identifier: MIT
/*
 * Which process dies when memory is out: the process layer's half of the OOM
 * killer (mm/vm/oom.c decides when).
 *
 *	select   most points wins; the later of equals, as on Linux
 *	kill     SIGKILL to the victim and to whoever shares its memory, which
 *	         would not be free otherwise; then the reaper is told
 *	victim   signal->oom_mm is set: access to the reserves, and while that
 *	         mm can give something (not oom.skip) nobody else is chosen
 *
 * Lock: tasklist_lock, for all of it.
 */
#include <base/printk.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/mm.h>
#include <mm/vm/oom.h>
#include <proc/process.h>
#include <proc/signal.h>

/* Its first thread may have ended, and have no mm any more. */
static struct mm_struct *mm_of(struct task_struct *p)
{
	struct task_struct *t = p;

	do {
		if (t->mm)
			return t->mm;
	}
	while_each_thread(p, t);
	return NULL;
}

/* Has it forked by vfork and borrows its parent's memory until it execs? */
static bool in_vfork(struct task_struct *p, const struct mm_struct *mm)
{
	return READ_ONCE(p->vfork_done) && mm_of(p->real_parent) == mm;
}

const char *oom_ineligible(struct task_struct *p, struct mm_struct **mm)
{
	if (p->pid == 1)
		return "init";
	if (p->flags & PF_KTHREAD || !p->signal)
		return "kernel thread";
	*mm = mm_of(p);
	if (!*mm)
		return "exiting: its memory is free";
	if (p->signal->oom_score_adj == OOM_SCORE_ADJ_MIN)
		return "oom_score_adj -1000";
	if (READ_ONCE((*mm)->oom.skip))
		return "victim: its memory has been taken";
	if (in_vfork(p, *mm))
		return "vfork: uses its parent's memory until it execs";
	return NULL;
}

static bool is_victim(void)
{
	return current->signal && READ_ONCE(current->signal->oom_mm);
}

static short current_adj(void)
{
	return current->signal ? current->signal->oom_score_adj : 0;
}

/* ---- making victims ------------------------------------------------------ */

static void mark_victim(struct task_struct *p, struct mm_struct *mm)
{
	if (p->signal->oom_mm)
		return;
	mmgrab(mm);
	WRITE_ONCE(p->signal->oom_mm, mm);
}

static bool is_dying(const struct task_struct *p)
{
	return p->signal->flags & SIGNAL_GROUP_EXIT ||
	       (p->signal->nr_threads == 1 && p->flags & PF_EXITING);
}

/* Will mm be free when p is gone, which is on its way? */
static bool will_free_mem(struct task_struct *p, const struct mm_struct *mm)
{
	struct task_struct *other;

	if (!is_dying(p) || READ_ONCE(mm->oom.skip))
		return false;
	if (atomic_read(&mm->mm_users) <= 1)
		return true;
	for_each_process(other)
		if (other->signal && other->signal != p->signal &&
		    mm_of(other) == mm && !is_dying(other))
			return false;
	return true;
}

/* => true: it is a victim now, and needs neither report nor signal */
static bool goes_by_itself(struct task_struct *p)
{
	struct mm_struct *mm = NULL;
	bool goes;

	guard(spinlock)(&tasklist_lock);
	if (p->signal)
		mm = mm_of(p);
	goes = mm && will_free_mem(p, mm);
	if (goes) {
		mark_victim(p, mm);
		oom_reap_later(mm, p);
	}
	return goes;
}

static bool current_dies(void)
{
	return goes_by_itself(current);
}

static struct task_struct *select_worst(const struct oom_control *oc)
{
	struct task_struct *p, *worst = NULL;
	long score, worst_score = LONG_MIN;
	struct mm_struct *mm;

	guard(spinlock)(&tasklist_lock);
	for_each_process(p) {
		if (p->signal && p->signal->oom_mm && oc->order >= 0 &&
		    !READ_ONCE(p->signal->oom_mm->oom.skip)) {
			worst = OOM_WAIT;
			break;
		}
		if (oom_ineligible(p, &mm))
			continue;
		score = oom_footprint(mm) +
			oom_adj_pages(p->signal->oom_score_adj, oc->totalpages);
		if (p->signal->oom_flag_origin)
			score = LONG_MAX;
		if (score < worst_score)
			continue;
		worst = p;
		worst_score = score;
	}
	if (worst && worst != OOM_WAIT)
		get_task_struct(worst);
	return worst;
}

static struct task_struct *select_current(void)
{
	struct task_struct *p = current->group_leader;
	struct mm_struct *mm;
	bool may;

	guard(spinlock)(&tasklist_lock);
	may = !oom_ineligible(p, &mm);
	if (may)
		get_task_struct(p);
	return may ? p : NULL;
}

/* ---- killing ------------------------------------------------------------- */

/* Who shares mm with the victim has to go too. => false: init does */
static bool kill_sharers(struct task_struct *victim, struct mm_struct *mm)
{
	struct task_struct *p;
	bool all = true;

	for_each_process(p) {
		if (!p->signal || p->signal == victim->signal || mm_of(p) != mm)
			continue;
		if (p->pid == 1) {
			all = false;
			pr_info("oom killer %d (%s) has mm pinned by %d (%s)\n",
				victim->pid, victim->comm, p->pid, p->comm);
			continue;
		}
		send_sig(SIGKILL, p);
	}
	return all;
}

/* tasklist_lock held. */
static void kill_locked(struct task_struct *victim, const char *why)
{
	struct mm_struct *mm = victim->signal ? mm_of(victim) : NULL;

	if (!mm) {
		pr_info("%s: OOM victim %d (%s) is already exiting. Skip killing the task\n",
			why, victim->pid, victim->comm);
		return;
	}
	count_vm_event(OOM_KILL);
	send_sig(SIGKILL, victim);
	mark_victim(victim, mm);
	oom_report_kill(why, mm, victim->pid, victim->comm,
			victim->proc->cred.uid, victim->signal->oom_score_adj);
	if (kill_sharers(victim, mm))
		oom_reap_later(mm, victim);
	else
		WRITE_ONCE(mm->oom.skip, true);
}

static void report(const struct oom_control *oc, struct task_struct *victim)
{
	static struct ratelimit_state rs = { .interval = 5 * NSEC_PER_SEC,
					     .burst = 10 };
	uid_t uid = 0;

	if (!__ratelimit(&rs, __func__))
		return;
	oom_dump_header(oc);
	spin_lock(&tasklist_lock);
	if (victim->proc)
		uid = victim->proc->cred.uid;
	spin_unlock(&tasklist_lock);
	pr_info("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=%s%u,global_oom,task_memcg=/,task=%s,pid=%d,uid=%u\n",
		nr_node_ids > 1 ? "0-" : "", nr_node_ids - 1, victim->comm,
		victim->pid, uid);
}

static void kill_victim(const struct oom_control *oc,
			struct task_struct *victim, const char *why)
{
	if (!goes_by_itself(victim)) {
		report(oc, victim);
		spin_lock(&tasklist_lock);
		kill_locked(victim, why);
		spin_unlock(&tasklist_lock);
	}
	put_task_struct(victim);
}

static void dump_tasks(void)
{
	struct task_struct *p;

	pr_info("Tasks state (memory values in pages):\n");
	pr_info("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n");
	guard(spinlock)(&tasklist_lock);
	for_each_process(p) {
		struct mm_struct *mm = p->signal && p->pid != 1 ? mm_of(p) :
								  NULL;

		if (mm && !(p->flags & PF_KTHREAD))
			pr_info("[%7d] %5u %5d %8lu %8lu %8ld %8lu         %5hd %s\n",
				p->pid, p->proc->cred.uid, p->tgid,
				mm->total_vm, get_mm_rss(mm),
				atomic_long_read(&mm->pgtables_bytes),
				get_mm_counter(mm, MM_SWAPENTS),
				p->signal->oom_score_adj, p->comm);
	}
}

static const struct oom_owner_ops oom_ops = {
	.current_dies = current_dies,
	.select = select_worst,
	.select_current = select_current,
	.kill = kill_victim,
	.dump_tasks = dump_tasks,
	.is_victim = is_victim,
	.current_adj = current_adj,
};

void oom_init(void)
{
	oom_set_owner(&oom_ops);
}
