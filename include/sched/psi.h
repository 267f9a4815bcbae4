/* SPDX-License-Identifier: MIT */
/*
 * Pressure: how much time is lost to memory being short.
 *
 *	some   at least one task waits for memory: reclaims itself, or waits
 *	       for a page that reclaim should not have taken
 *	full   and meanwhile nothing else gets done, on any CPU
 */
#ifndef _SCHED_PSI_H
#define _SCHED_PSI_H

#include <lib/list.h>
#include <lib/types.h>

struct seq_buf;
struct task_struct;

/* On the stack of a task that loses time. Lock key: (p) psi_lock */
struct psi_stall {
	struct list_head list;	  /* (p) */
	struct task_struct *task; /* NULL: within another stall */
	u64 runtime;		  /* (p) of the task, counted until now; ns */
};

/* From here to there current works, or waits, only since memory is short. */
void psi_memstall_enter(struct psi_stall *stall);
void psi_memstall_leave(struct psi_stall *stall);

/* /proc/pressure/memory */
void psi_memory_show(struct seq_buf *s);

#endif
