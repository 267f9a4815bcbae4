// SPDX-License-Identifier: MIT
/* System calls about when and where a task runs. */
#include <asm/uaccess.h>
#include <base/smp.h>
#include <lib/errno.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <sched/sched.h>

/* 0 means the caller => a referenced task or NULL. */
static struct task_struct *get_target(pid_t pid)
{
	if (pid)
		return get_task_by_pid(pid);
	get_task_struct(current);
	return current;
}

long sys_sched_yield(void)
{
	yield();
	return 0;
}

long sys_getcpu(unsigned int __user *cpu, unsigned int __user *node,
		void __user *unused)
{
	(void)unused;
	if (cpu && put_user(smp_processor_id(), cpu))
		return -EFAULT;
	return node && put_user(0U, node) ? -EFAULT : 0;
}

long sys_sched_setaffinity(pid_t pid, unsigned int len,
			   const unsigned long __user *umask)
{
	struct task_struct *t;
	unsigned long mask = 0;
	int err;

	if (copy_from_user(&mask, umask, min(len, (unsigned int)sizeof(mask))))
		return -EFAULT;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	err = t->flags & PF_NO_SETAFFINITY ? -EINVAL :
					     sched_setaffinity(t, mask);
	put_task_struct(t);
	return err;
}

long sys_sched_getaffinity(pid_t pid, unsigned int len,
			   unsigned long __user *umask)
{
	struct task_struct *t;
	unsigned long mask;

	if (len < sizeof(mask) || len & (sizeof(mask) - 1))
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	mask = t->cpus_mask & cpu_online_mask;
	put_task_struct(t);
	return put_user(mask, umask) ? -EFAULT : (long)sizeof(mask);
}

long sys_sched_getscheduler(pid_t pid)
{
	struct task_struct *t;
	long policy;

	if (pid < 0)
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	policy = t->policy;
	put_task_struct(t);
	return policy;
}

long sys_sched_getparam(pid_t pid, int __user *param)
{
	struct task_struct *t;
	int prio;

	if (pid < 0 || !param)
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	prio = (int)t->rt_priority;
	put_task_struct(t);
	return put_user(prio, param);
}

/* All classes are scheduled fairly; real-time policies are refused. */
long sys_sched_setscheduler(pid_t pid, int policy, const int __user *param)
{
	struct task_struct *t;
	int prio;

	if (pid < 0 || !param)
		return -EINVAL;
	if (get_user(prio, param))
		return -EFAULT;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return prio < 1 || prio > 99 ? -EINVAL : -EPERM;
	if ((policy != SCHED_NORMAL && policy != SCHED_BATCH &&
	     policy != SCHED_IDLE) ||
	    prio)
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	t->policy = (unsigned int)policy;
	put_task_struct(t);
	return 0;
}

static bool known_policy(int policy)
{
	return policy >= SCHED_NORMAL && policy <= SCHED_IDLE && policy != 4;
}

long sys_sched_get_priority_max(int policy)
{
	if (!known_policy(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 99 : 0;
}

long sys_sched_get_priority_min(int policy)
{
	if (!known_policy(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 1 : 0;
}

long sys_sched_rr_get_interval(pid_t pid, struct timespec __user *uts)
{
	struct timespec ts = {};
	struct task_struct *t;

	if (pid < 0)
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	ts.tv_nsec = (s64)sched_slice_ns(t);
	put_task_struct(t);
	return copy_to_user(uts, &ts, sizeof(ts)) ? -EFAULT : 0;
}

/* --- nice --- */

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

static bool prio_selects(const struct task_struct *p, int which, int who)
{
	if (!p->signal)
		return which == PRIO_PROCESS && p->pid == who;
	if (which == PRIO_PROCESS)
		return p->pid == (who ? who : current->pid);
	if (which == PRIO_PGRP)
		return p->signal->pgrp == (who ? who : current->signal->pgrp);
	return p->proc->cred.uid == (who ? (uid_t)who : current_cred()->uid);
}

long sys_setpriority(int which, int who, int nice)
{
	struct task_struct *p;
	long err = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	nice = clamp(nice, MIN_NICE, MAX_NICE);
	spin_lock(&tasklist_lock);
	for_each_process(p) {
		if (!prio_selects(p, which, who))
			continue;
		if (nice < task_nice(p) && current_cred()->euid) {
			err = -EACCES;
			continue;
		}
		set_user_nice(p, nice);
		if (err == -ESRCH)
			err = 0;
	}
	spin_unlock(&tasklist_lock);
	return err;
}

/* => 1..40 (20 - nice), so that it cannot be taken for an error */
long sys_getpriority(int which, int who)
{
	struct task_struct *p;
	long best = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock(&tasklist_lock);
	for_each_process(p)
		if (prio_selects(p, which, who))
			best = max(best, 20L - task_nice(p));
	spin_unlock(&tasklist_lock);
	return best;
}
