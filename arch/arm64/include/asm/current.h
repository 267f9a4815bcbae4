/* SPDX-License-Identifier: MIT */
/*
 * The running task, kept in SP_EL0 while in the kernel. Opaque here: a
 * struct task_struct begins with its struct arch_task.
 */
#ifndef _ASM_CURRENT_H
#define _ASM_CURRENT_H

#include <lib/compiler.h>

struct task_struct;

/* Not volatile: it cannot change under the function that reads it. */
static __always_inline struct task_struct *get_current(void)
{
	struct task_struct *task;

	__asm__("mrs %0, sp_el0" : "=r"(task));
	return task;
}

#define current get_current()
#endif
