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

/* tasklist_lock held. */
static bool oom_unkillable(const struct task_struct *p)
{
	return p->flags & (PF_KTHREAD | PF_EXITING) || p->pid == 1 || !p->mm ||
	       !p->signal || p->exit_state ||
	       p->signal->oom_score_adj == OOM_SCORE_ADJ_MIN;
}

static struct task_struct *oom_select(unsigned long *points)
{
	struct task_struct *p, *worst = NULL;
	long worst_points = 0;

	spin_lock(&tasklist_lock);
	for_each_process(p) {
		long score;

		if (oom_unkillable(p))
			continue;
		score = oom_badness(p->mm, p->signal->oom_score_adj);
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

static void oom_kill(struct task_struct *victim, const char *why)
{
	struct mm_struct *mm = get_task_mm(victim);

	spin_lock(&tasklist_lock);
	if (mm && victim->signal)
		oom_report_kill(why, mm, victim->pid, victim->comm,
				victim->proc->cred.uid,
				victim->signal->oom_score_adj);
	if (victim->sighand)
		send_sig(SIGKILL, victim);
	spin_unlock(&tasklist_lock);
	if (mm)
		mmput(mm);
	put_task_struct(victim);
}

/* A victim that still holds its memory: wait for it, kill no second one. */
static bool oom_pending(void)
{
	struct task_struct *p;
	bool pending = false;

	spin_lock(&tasklist_lock);
	for_each_process(p) {
		if (p->mm && p->signal &&
		    (fatal_signal_pending(p) || p->flags & PF_EXITING)) {
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
