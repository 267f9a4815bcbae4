// SPDX-License-Identifier: MIT
/* System calls about when and where a task runs. */
#include <asm/uaccess.h>
#include <base/smp.h>
#include <lib/err.h>
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

/* May the caller say how @t runs: its owner, or root? tasklist_lock held. */
static bool is_owner(const struct task_struct *t)
{
	uid_t uid = current_cred()->euid;

	return !uid || (t->proc && (uid == t->proc->cred.euid ||
				    uid == t->proc->cred.uid));
}

/* => a referenced task that the caller may change; -ESRCH, -EPERM */
static struct task_struct *get_own_target(pid_t pid)
{
	struct task_struct *t = get_target(pid);
	bool allowed;

	if (!t)
		return ERR_PTR(-ESRCH);
	spin_lock(&tasklist_lock);
	allowed = is_owner(t);
	spin_unlock(&tasklist_lock);
	if (allowed)
		return t;
	put_task_struct(t);
	return ERR_PTR(-EPERM);
}

SYSCALL(sys_sched_yield, void)
{
	yield();
	return 0;
}

SYSCALL(sys_getcpu, unsigned int __user *cpu, unsigned int __user *node,
	void __user *unused __unused)
{
	if (cpu && put_user(smp_processor_id(), cpu))
		return -EFAULT;
	return node && put_user(0U, node) ? -EFAULT : 0;
}

SYSCALL(sys_sched_setaffinity, pid_t pid, unsigned int len,
	const unsigned long __user *umask)
{
	struct task_struct *t;
	unsigned long mask = 0;
	int err;

	if (copy_from_user(&mask, umask, min(len, (unsigned int)sizeof(mask))))
		return -EFAULT;
	t = get_own_target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	err = t->flags & PF_NO_SETAFFINITY ? -EINVAL :
					     sched_setaffinity(t, mask);
	put_task_struct(t);
	return err;
}

SYSCALL(sys_sched_getaffinity, pid_t pid, unsigned int len,
	unsigned long __user *umask)
{
	struct task_struct *t __free(put_task_struct) = NULL;
	unsigned long mask;

	if (len < sizeof(mask) || len & (sizeof(mask) - 1))
		return -EINVAL;
	t = get_target(pid);
	if (!t)
		return -ESRCH;
	mask = t->cpus_mask & cpu_online_mask;
	return put_user(mask, umask) ? -EFAULT : (long)sizeof(mask);
}

SYSCALL(sys_sched_getscheduler, pid_t pid)
{
	struct task_struct *t __free(put_task_struct) = get_target(pid);

	if (pid < 0)
		return -EINVAL;
	return t ? (long)t->policy : -ESRCH;
}

SYSCALL(sys_sched_getparam, pid_t pid, int __user *param)
{
	struct task_struct *t __free(put_task_struct) = get_target(pid);

	if (pid < 0 || !param)
		return -EINVAL;
	return t ? put_user((int)t->rt_priority, param) : -ESRCH;
}

/*
 * All classes are scheduled fairly; real-time policies are refused.
 * => policy < 0: the one it has
 */
static long setscheduler(pid_t pid, int policy, const int __user *param)
{
	struct task_struct *t;
	int prio, err = 0;

	if (pid < 0 || !param)
		return -EINVAL;
	if (get_user(prio, param))
		return -EFAULT;
	t = get_own_target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		err = prio < 1 || prio > 99 ? -EINVAL : -EPERM;
	else if (prio || policy == 4 || policy > SCHED_IDLE)
		err = -EINVAL;
	else if (policy >= 0)
		t->policy = (unsigned int)policy;
	put_task_struct(t);
	return err;
}

SYSCALL(sys_sched_setscheduler, pid_t pid, int policy, const int __user *param)
{
	return policy < 0 ? -EINVAL : setscheduler(pid, policy, param);
}

SYSCALL(sys_sched_setparam, pid_t pid, const int __user *param)
{
	return setscheduler(pid, -1, param);
}

/* Up to SCHED_DEADLINE (6); 4 never was one. */
static bool known_policy(int policy)
{
	return policy >= SCHED_NORMAL && policy <= 6 && policy != 4;
}

SYSCALL(sys_sched_get_priority_max, int policy)
{
	if (!known_policy(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 99 : 0;
}

SYSCALL(sys_sched_get_priority_min, int policy)
{
	if (!known_policy(policy))
		return -EINVAL;
	return policy == SCHED_FIFO || policy == SCHED_RR ? 1 : 0;
}

SYSCALL(sys_sched_rr_get_interval, pid_t pid, struct timespec __user *uts)
{
	struct task_struct *t __free(put_task_struct) = get_target(pid);
	struct timespec ts = {};

	if (pid < 0)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	ts.tv_nsec = (s64)sched_slice_ns(t);
	return copy_to_user(uts, &ts, sizeof(ts)) ? -EFAULT : 0;
}

/* --- nice --- */

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

/* Is it of the group or user that is meant? tasklist_lock held. */
static bool prio_selects(const struct task_struct *p, int which, int who)
{
	if (which == PRIO_PROCESS || !p->signal)
		return false;
	if (which == PRIO_PGRP)
		return p->signal->pgrp == (who ? who : current->signal->pgrp);
	return p->proc->cred.uid == (who ? (uid_t)who : current_cred()->uid);
}

/* Call fn, with tasklist_lock held, for every thread that is meant. */
static void for_each_selected(int which, int who,
			      void (*fn)(struct task_struct *t, int nice,
					 long *result),
			      int nice, long *result)
{
	struct task_struct *p, *t;

	guard(spinlock)(&tasklist_lock);
	if (which == PRIO_PROCESS) {
		t = who ? find_task_by_pid(who) : current;
		if (t)
			fn(t, nice, result);
	}
	for_each_process(p) {
		if (!prio_selects(p, which, who))
			continue;
		t = p;
		do
			fn(t, nice, result);
		while_each_thread(p, t);
	}
}

static void set_one_nice(struct task_struct *t, int nice, long *result)
{
	if (!is_owner(t)) {
		*result = -EPERM;
	} else if (nice < task_nice(t) && current_cred()->euid) {
		*result = -EACCES;
	} else {
		set_user_nice(t, nice);
		if (*result == -ESRCH)
			*result = 0;
	}
}

SYSCALL(sys_setpriority, int which, int who, int nice)
{
	long result = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	for_each_selected(which, who, set_one_nice,
			  clamp(nice, MIN_NICE, MAX_NICE), &result);
	return result;
}

static void best_nice(struct task_struct *t, int nice, long *result)
{
	*result = max(*result, (long)nice - task_nice(t));
}

/* => 1..40 (20 - nice), so that it cannot be taken for an error */
SYSCALL(sys_getpriority, int which, int who)
{
	long result = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	for_each_selected(which, who, best_nice, 20, &result);
	return result;
}
