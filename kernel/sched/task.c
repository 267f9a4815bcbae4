// SPDX-License-Identifier: MIT
/*
 * Making and freeing tasks. A task is freed by whoever drops the last
 * reference; the scheduler holds one until the task has left its CPU for
 * good, so nobody frees the stack he stands on.
 */
#include <base/lockdep.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <sched/task.h>
#include "rq.h"

static struct lockdep_held init_held;
static struct kmem_cache *task_cache;

/* The boot CPU has run as this since head.S; later it is its idle task. */
struct task_struct init_task = {
	.arch = {
		.stack = init_stack,
		.lockdep = CONFIG_DEBUG ? &init_held : NULL,
	},
	.__state = TASK_RUNNING,
	.flags = PF_KTHREAD | PF_IDLE | PF_NO_SETAFFINITY,
	.usage = ATOMIC_INIT(1),
	.on_cpu = 1,
	.prio = DEFAULT_PRIO,
	.static_prio = DEFAULT_PRIO,
	.cpus_mask = cpumask_of(0),
	.real_parent = &init_task,
	.parent = &init_task,
	.group_leader = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.thread_group = LIST_HEAD_INIT(init_task.thread_group),
	.comm = "swapper/0",
};

LIST_HEAD(task_list);
DEFINE_SPINLOCK(tasklist_lock);

void task_init(void)
{
	task_cache = kmem_cache_create("task_struct",
				       sizeof(struct task_struct), 64,
				       SLAB_PANIC | SLAB_ACCOUNT, NULL);
}

struct task_struct *task_alloc(void)
{
	struct task_struct *t = kmem_cache_zalloc(task_cache, GFP_KERNEL);

	if (!t)
		return NULL;
	t->arch.stack = alloc_thread_stack();
	if (!t->arch.stack)
		goto free_task;
	if (CONFIG_DEBUG) {
		t->arch.lockdep =
			kzalloc(sizeof(struct lockdep_held), GFP_KERNEL);
		if (!t->arch.lockdep)
			goto free_stack;
	}
	t->__state = TASK_NEW;
	atomic_set(&t->usage, 1);
	t->prio = DEFAULT_PRIO;
	t->static_prio = DEFAULT_PRIO;
	t->cpus_mask = CPU_MASK_ALL;
	t->group_leader = t;
	INIT_LIST_HEAD(&t->children);
	INIT_LIST_HEAD(&t->sibling);
	INIT_LIST_HEAD(&t->tasks);
	INIT_LIST_HEAD(&t->thread_group);
	return t;

free_stack:
	free_thread_stack(t->arch.stack);
free_task:
	kmem_cache_free(task_cache, t);
	return NULL;
}

void __put_task_struct(struct task_struct *t)
{
	BUG_ON(t == current || t->on_cpu);
	kthread_free(t);
	kfree(t->arch.lockdep);
	free_thread_stack(t->arch.stack);
	kmem_cache_free(task_cache, t);
}

void set_task_comm(struct task_struct *t, const char *name)
{
	/* A reader may see a mix, but always a terminated one. */
	strscpy(t->comm, name, sizeof(t->comm));
}

char task_state_char(const struct task_struct *t)
{
	unsigned int state = READ_ONCE(t->__state);

	if (t->exit_state & EXIT_ZOMBIE)
		return 'Z';
	if (t->exit_state & EXIT_DEAD || state & TASK_DEAD)
		return 'X';
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	if (state & TASK_INTERRUPTIBLE)
		return 'S';
	if (state & TASK_UNINTERRUPTIBLE)
		return 'D';
	if (state & __TASK_STOPPED)
		return 'T';
	if (state & __TASK_TRACED)
		return 't';
	return 'R';
}
