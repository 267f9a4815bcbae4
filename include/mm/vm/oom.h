/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: who has to go. The choice needs processes, so the process
 * layer brings it; this layer decides when, and writes the report.
 */
#ifndef _MM_VM_OOM_H
#define _MM_VM_OOM_H

#include <lib/types.h>

struct mm_struct;
struct task_struct;

struct oom_owner_ops {
	/*
	 * The worst process, by oom_badness(). => with a reference that
	 * kill() consumes, or NULL; *points is its score
	 */
	struct task_struct *(*select)(unsigned long *points);
	/* Kill it; why is "Out of memory". Consumes the reference. */
	void (*kill)(struct task_struct *victim, const char *why);
	/* Is a victim on its way out already? Then no other is chosen. */
	bool (*pending)(void);
};

/* Once: hooks reclaim and OOM into the page allocator. */
void oom_init_vm(void);
void oom_set_owner(const struct oom_owner_ops *ops);

/*
 * The allocator has nothing left. => true if something was or is being
 * killed, so that trying again makes sense
 */
bool out_of_memory(gfp_t gfp, int order);
/* A fault ended in VM_FAULT_OOM: wait a little before it is taken again. */
void pagefault_out_of_memory(void);

/* Score as Linux computes it: pages of rss, swap and tables + adj. */
long oom_badness(struct mm_struct *mm, short adj);
/* The line Linux prints for a victim; uid and names from the caller. */
void oom_report_kill(const char *why, struct mm_struct *mm, pid_t pid,
		     const char *comm, uid_t uid, short adj);

#endif
