/* SPDX-License-Identifier: MIT */
/* Following frame records: {fp, lr} pairs that x29 links together. */
#ifndef _ASM_STACKTRACE_H
#define _ASM_STACKTRACE_H

#include <lib/types.h>
#include <asm/ptrace.h>

struct task_struct;

/*
 * Call cb with each return address, innermost first, until it returns
 * false or the records leave the stack.
 * => regs: start there (and report regs->pc first); else task, which must
 *    not run; else the caller of this function
 * => any context; never faults on broken records
 */
void arch_stack_walk(bool (*cb)(void *cookie, u64 pc), void *cookie,
		     const struct pt_regs *regs,
		     const struct task_struct *task);
#endif
