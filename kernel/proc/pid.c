// SPDX-License-Identifier: MIT
/*
 * Process numbers: handed out upwards, 1 to 32767, and not again before the
 * whole range was used (so a pid just printed is not another program's).
 *
 * A number may also live on as a process group or session after its process
 * is gone; such a number is passed over.
 *
 * pid_tasks maps number -> task and holds one reference to each; it and the
 * bitmap are guarded by tasklist_lock.
 */
#include <base/bug.h>
#include <lib/bitmap.h>
#include <mm/phys/vmalloc.h>
#include <proc/process.h>
#include <sched/kthread.h>

#define PID_MAX 32768

static DECLARE_BITMAP(pid_map, PID_MAX);
static struct task_struct **pid_tasks;
static pid_t last_pid_given;
static unsigned int thread_count;

/* kernel/sched makes kernel threads; their numbers come from here. */
static pid_t number_kthread(struct task_struct *t)
{
	pid_t pid = alloc_pid();

	if (pid < 0)
		return pid;
	t->pid = pid;
	guard(spinlock)(&tasklist_lock);
	attach_pid(t);
	return pid;
}

static void unnumber_kthread(struct task_struct *t)
{
	spin_lock(&tasklist_lock);
	detach_pid(t);
	spin_unlock(&tasklist_lock);
	put_task_struct(t);
}

void pids_init(void)
{
	pid_tasks = kvzalloc(PID_MAX * sizeof(*pid_tasks), GFP_KERNEL);
	BUG_ON(!pid_tasks);
	__set_bit(0, pid_map);
	kthread_alloc_pid = number_kthread;
	kthread_free_pid = unnumber_kthread;
}

static bool pid_names_a_group(pid_t pid)
{
	struct task_struct *p;

	for_each_process(p)
		if (p->signal &&
		    (p->signal->pgrp == pid || p->signal->session == pid))
			return true;
	return false;
}

pid_t alloc_pid(void)
{
	unsigned long pid, start;
	bool wrapped = false;

	spin_lock(&tasklist_lock);
	start = (unsigned long)last_pid_given + 1;
	for (;;) {
		pid = find_next_zero_bit(pid_map, PID_MAX, start);
		if (pid < PID_MAX && !pid_names_a_group((pid_t)pid))
			break;
		if (pid >= PID_MAX && wrapped) {
			spin_unlock(&tasklist_lock);
			return -EAGAIN;
		}
		wrapped |= pid >= PID_MAX;
		start = pid >= PID_MAX ? 1 : pid + 1;
	}
	__set_bit(pid, pid_map);
	last_pid_given = (pid_t)pid;
	spin_unlock(&tasklist_lock);
	return (pid_t)pid;
}

pid_t claim_pid(pid_t pid)
{
	pid_t got = -EEXIST;

	if (pid < 1 || pid >= PID_MAX)
		return -EINVAL;
	if (current_cred()->euid)
		return -EPERM;
	guard(spinlock)(&tasklist_lock);
	if (!test_bit((unsigned int)pid, pid_map) && !pid_names_a_group(pid)) {
		__set_bit((unsigned int)pid, pid_map);
		got = pid;
	}
	return got;
}

void free_pid(pid_t pid)
{
	guard(spinlock)(&tasklist_lock);
	__clear_bit((unsigned long)pid, pid_map);
}

void attach_pid(struct task_struct *t)
{
	lockdep_assert_held(&tasklist_lock);
	BUG_ON(!test_bit((unsigned int)t->pid, pid_map) || pid_tasks[t->pid]);
	get_task_struct(t);
	pid_tasks[t->pid] = t;
	thread_count++;
}

/* The caller drops the reference of the table when it has let go the lock. */
void detach_pid(struct task_struct *t)
{
	lockdep_assert_held(&tasklist_lock);
	BUG_ON(pid_tasks[t->pid] != t);
	pid_tasks[t->pid] = NULL;
	__clear_bit((unsigned long)t->pid, pid_map);
	thread_count--;
}

/* Two live tasks swap numbers; the references of the table go along. */
void exchange_pids(struct task_struct *a, struct task_struct *b)
{
	lockdep_assert_held(&tasklist_lock);
	swap(a->pid, b->pid);
	pid_tasks[a->pid] = a;
	pid_tasks[b->pid] = b;
}

struct task_struct *find_task_by_pid(pid_t pid)
{
	lockdep_assert_held(&tasklist_lock);
	return pid > 0 && pid < PID_MAX ? pid_tasks[pid] : NULL;
}

struct task_struct *get_task_by_pid(pid_t pid)
{
	struct task_struct *t;

	guard(spinlock)(&tasklist_lock);
	t = find_task_by_pid(pid);
	if (t)
		get_task_struct(t);
	return t;
}

pid_t next_pid(pid_t after)
{
	unsigned long pid = (unsigned long)after + 1;

	spin_lock(&tasklist_lock);
	for (; pid < PID_MAX; pid++) {
		pid = find_next_bit(pid_map, PID_MAX, pid);
		if (pid >= PID_MAX ||
		    (pid_tasks[pid] && thread_group_leader(pid_tasks[pid])))
			break;
	}
	spin_unlock(&tasklist_lock);
	return pid < PID_MAX ? (pid_t)pid : 0;
}

pid_t last_pid(void)
{
	return READ_ONCE(last_pid_given);
}

unsigned int nr_threads(void)
{
	return READ_ONCE(thread_count);
}
