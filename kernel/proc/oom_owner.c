// SPDX-License-Identifier: MIT
/*
 * Which process dies when memory is out: the process layer's half of the OOM
 * killer (mm/vm/oom.c decides when).
 */
#include <mm/vm/mm.h>
#include <mm/vm/oom.h>
#include <proc/process.h>
#include <proc/signal.h>

#define OOM_SCORE_ADJ_MIN (-1000)

/* All of this with tasklist_lock held. */

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

static bool is_dying(const struct task_struct *p)
{
	return p->signal->flags & SIGNAL_GROUP_EXIT ||
	       !atomic_read(&p->signal->live);
}

static bool oom_unkillable(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD || p->pid == 1 || !p->signal ||
	       is_dying(p) || p->signal->oom_score_adj == OOM_SCORE_ADJ_MIN;
}

static struct task_struct *oom_select(unsigned long *points)
{
	struct task_struct *p, *worst = NULL;
	long worst_points = 0;

	spin_lock(&tasklist_lock);
	for_each_process(p) {
		struct mm_struct *mm;
		long score;

		if (oom_unkillable(p))
			continue;
		mm = mm_of(p);
		if (!mm)
			continue;
		score = oom_badness(mm, p->signal->oom_score_adj);
		if (score <= worst_points)
			continue;
		worst = p;
		worst_points = score;
	}
	if (worst)
		get_task_struct(worst);
	spin_unlock(&tasklist_lock);
	*points = (unsigned long)worst_points;
	return worst;
}

/* No reference to its mm: the last one may not be dropped by an allocator. */
static void oom_kill(struct task_struct *victim, const char *why)
{
	struct mm_struct *mm;

	spin_lock(&tasklist_lock);
	if (victim->signal) {
		mm = mm_of(victim);
		if (mm)
			oom_report_kill(why, mm, victim->pid, victim->comm,
					victim->proc->cred.uid,
					victim->signal->oom_score_adj);
		send_sig(SIGKILL, victim);
	}
	spin_unlock(&tasklist_lock);
	put_task_struct(victim);
}

/*
 * A victim that has not given back its memory: wait for it, kill no second
 * one. (It drops its mm first and becomes a zombie when that is torn down.)
 */
static bool oom_pending(void)
{
	struct task_struct *p;
	bool pending = false;

	spin_lock(&tasklist_lock);
	for_each_process(p) {
		if (p->signal && is_dying(p) &&
		    (!p->exit_state || p->signal->nr_threads > 1)) {
			pending = true;
			break;
		}
	}
	spin_unlock(&tasklist_lock);
	return pending;
}

static const struct oom_owner_ops oom_ops = {
	.select = oom_select,
	.kill = oom_kill,
	.pending = oom_pending,
};

void oom_init(void)
{
	oom_set_owner(&oom_ops);
}
