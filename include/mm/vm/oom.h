/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: who has to go. The choice needs processes, so the process
 * layer brings it; this layer decides when, writes the report and takes the
 * victim's memory if the victim does not bring it itself.
 */
#ifndef _MM_VM_OOM_H
#define _MM_VM_OOM_H

#include <lib/types.h>

struct mm_struct;
struct task_struct;

#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000

/* The request that found nothing; order -1: sysrq-f. */
struct oom_control {
	gfp_t gfp;
	int order;
	unsigned long totalpages; /* RAM and swap */
};

/* => task context, oom_lock held; they take tasklist_lock */
struct oom_owner_ops {
	/*
	 * Will the running task's memory be free soon anyhow? Then it is made
	 * a victim, with access to the reserves.
	 */
	bool (*current_dies)(void);
	/*
	 * The worst process, with a reference; NULL: there is none;
	 * OOM_WAIT: a victim is on its way already.
	 */
	struct task_struct *(*select)(const struct oom_control *oc);
	/* The running one, with a reference, or NULL: it may not be killed. */
	struct task_struct *(*select_current)(void);
	/* Report and kill. Consumes the reference. */
	void (*kill)(const struct oom_control *oc, struct task_struct *victim,
		     const char *why);
	/* The table of all who could be killed, to the log. */
	void (*dump_tasks)(void);
	/* Has the running task been chosen? => any task context, no locks */
	bool (*is_victim)(void);
	short (*current_adj)(void);
};
#define OOM_WAIT ((struct task_struct *)-1L)

extern int sysctl_panic_on_oom, sysctl_oom_kill_allocating_task,
	sysctl_oom_dump_tasks;

/* Once: hooks reclaim and OOM into the page allocator. */
void oom_init_vm(void);
/* Once, when threads can be made: starts the reaper. */
void oom_set_owner(const struct oom_owner_ops *ops);

/*
 * The allocator has nothing left. => true if something was or is being
 * killed, so that trying again makes sense
 */
bool out_of_memory(gfp_t gfp, int order);
/* sysrq-f: kill one now. => false: nobody can be killed */
bool oom_kill_by_hand(void);
/* A fault of a program ended in VM_FAULT_OOM: it will be taken again. */
void pagefault_out_of_memory(void);

/* RAM and swap in pages: what an oom_score_adj of 1000 is worth. */
unsigned long oom_total_pages(void);
/* Resident pages, swapped ones, page tables; in pages. */
long oom_footprint(struct mm_struct *mm);
/* What an adjustment of adj thousandths adds to it. */
static inline long oom_adj_pages(short adj, unsigned long totalpages)
{
	return adj * ((long)totalpages / 1000);
}

/* The head of Linux's report: who asked for what, and where memory is. */
void oom_dump_header(const struct oom_control *oc);
/* The line Linux prints for a victim; uid and names from the caller. */
void oom_report_kill(const char *why, struct mm_struct *mm, pid_t pid,
		     const char *comm, uid_t uid, short adj);
/*
 * All users of mm are killed: free its private memory soon, even if they are
 * stuck. => tasklist_lock or a reference on mm; sleeps not
 */
void oom_reap_later(struct mm_struct *mm, struct task_struct *victim);
void oom_reaper_init(void);

#endif
