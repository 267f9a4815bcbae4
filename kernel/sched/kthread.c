// SPDX-License-Identifier: MIT
/*
 * Kernel threads: from kthread_create() to the end of their function.
 * struct kthread lives as long as its task. The thread and whoever stops it
 * meet at the completion `exited`. Lock: tasklist_lock for the list.
 */
#include <asm/upcall.h>
#include <base/smp.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>
#include <sched/completion.h>
#include <sched/kthread.h>
#include <sched/sched.h>
#include "rq.h"

struct kthread {
	int (*fn)(void *arg);
	void *arg;
	bool should_stop;
	int result; /* valid once exited */
	struct completion exited;
};

pid_t (*kthread_alloc_pid)(struct task_struct *t);
void (*kthread_free_pid)(struct task_struct *t);

static int kthread_main(void *data)
{
	struct kthread *k = data;

	/* Stopped before it began: it never runs. */
	return kthread_should_stop() ? -EINTR : k->fn(k->arg);
}

static struct kthread *make_kthread(int (*fn)(void *arg), void *arg)
{
	struct kthread *k = kzalloc(sizeof(*k), GFP_KERNEL);

	if (!k)
		return NULL;
	k->fn = fn;
	k->arg = arg;
	init_completion(&k->exited);
	return k;
}

static int number_and_list(struct task_struct *t)
{
	pid_t pid = kthread_alloc_pid ? kthread_alloc_pid(t) : 0;

	if (pid < 0)
		return pid;
	t->pid = pid;
	t->tgid = pid;
	t->parent = &init_task;
	t->real_parent = &init_task;
	spin_lock(&tasklist_lock);
	list_add_tail(&t->sibling, &init_task.children);
	list_add_tail(&t->tasks, &task_list);
	spin_unlock(&tasklist_lock);
	return 0;
}

struct task_struct *kthread_create(int (*fn)(void *arg), void *arg,
				   const char *namefmt, ...)
{
	struct task_struct *t = task_alloc();
	struct kthread *k;
	int err = -ENOMEM;
	va_list args;

	if (!t)
		return ERR_PTR(-ENOMEM);
	k = make_kthread(fn, arg);
	if (!k)
		goto put_task;
	t->kthread = k;
	t->flags = PF_KTHREAD | PF_FORKNOEXEC;
	va_start(args, namefmt);
	vsnprintf(t->comm, sizeof(t->comm), namefmt, args);
	va_end(args);
	sched_fork(t);
	t->cpus_mask = CPU_MASK_ALL;
	arch_thread_init_kernel(&t->arch, kthread_main, k);
	err = number_and_list(t);
	if (err)
		goto put_task;
	return t;

put_task:
	put_task_struct(t);
	return ERR_PTR(err);
}

bool kthread_should_stop(void)
{
	struct kthread *k = current->kthread;

	return k && READ_ONCE(k->should_stop);
}

int kthread_stop(struct task_struct *t)
{
	struct kthread *k = t->kthread;
	int result;

	get_task_struct(t);
	/* The wake-up orders this before the thread's look at it. */
	WRITE_ONCE(k->should_stop, true);
	wake_up_process(t);
	wait_for_completion(&k->exited);
	result = k->result;
	put_task_struct(t);
	return result;
}

void kthread_exit(int code)
{
	struct task_struct *t = current;
	struct kthread *k = t->kthread;

	BUG_ON(!k);
	t->flags |= PF_EXITING;
	spin_lock(&tasklist_lock);
	list_del_init(&t->sibling);
	list_del_init(&t->tasks);
	spin_unlock(&tasklist_lock);
	if (kthread_free_pid)
		kthread_free_pid(t);
	k->result = code;
	complete(&k->exited);
	do_task_dead();
}

void kthread_forget(struct task_struct *t)
{
	kthread_free(t);
	t->flags &= ~(unsigned int)PF_KTHREAD;
}

void kthread_free(struct task_struct *t)
{
	kfree(t->kthread);
	t->kthread = NULL;
}
