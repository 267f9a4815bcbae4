/* SPDX-License-Identifier: MIT */
/* Threads of the kernel's own: tasks without a user address space. */
#ifndef _SCHED_KTHREAD_H
#define _SCHED_KTHREAD_H

#include <lib/err.h>
#include <sched/task.h>

/*
 * A new thread that will run fn(arg) once it is woken by wake_up_process().
 * => the task or ERR_PTR(-ENOMEM, -EAGAIN); the caller need not hold a
 *    reference unless fn may return before kthread_stop() is called
 */
struct task_struct *kthread_create(int (*fn)(void *arg), void *arg,
				   const char *namefmt, ...) __printf(3, 4);

#define kthread_run(fn, arg, namefmt, ...)                               \
	__extension__({                                                  \
		struct task_struct *__kt =                               \
			kthread_create(fn, arg, namefmt, ##__VA_ARGS__); \
		if (!IS_ERR(__kt))                                       \
			wake_up_process(__kt);                           \
		__kt;                                                    \
	})

/* Ask the thread to end and wait until it did. => its return value */
int kthread_stop(struct task_struct *t);
/* In the thread: has it been asked to? */
bool kthread_should_stop(void);
/* A kernel thread that turns into a process stops being stoppable. */
void kthread_forget(struct task_struct *t);

/*
 * Given by L7: a number for a new thread, which it may also enter into its
 * tables (=> or -EAGAIN); and its return. Called without locks.
 */
extern pid_t (*kthread_alloc_pid)(struct task_struct *t);
extern void (*kthread_free_pid)(struct task_struct *t);

#endif
