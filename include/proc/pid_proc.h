/* SPDX-License-Identifier: MIT */
/*
 * The texts of /proc/PID, between the files that make them. @t is referenced;
 * it may be dead and released.
 * => 0, or -ESRCH
 */
#ifndef PROC_PID_PROC_H
#define PROC_PID_PROC_H

#include <fs/fs.h>
#include <lib/seq_buf.h>
#include <sched/task.h>

struct mm_struct;

/* Reaped: the number is free or another's. Kernel threads have no signals. */
static inline bool pid_is_gone(const struct task_struct *t)
{
	return t->flags & PF_KTHREAD ? t->flags & PF_EXITING :
				       !READ_ONCE(t->signal);
}

/*
 * May the caller see addresses and memory of @t: root, or the same user?
 * Asked with who it is for files, or (real) with who has started it.
 */
bool ptrace_may_access(struct task_struct *t, bool real);
bool pid_may_read(struct task_struct *t);

typedef int pid_show_t(struct task_struct *t, struct seq_buf *s);
typedef int pid_write_t(struct task_struct *t, char *text);

/* pid_status.c: stat of the process, and of the thread */
pid_show_t pid_stat_show, pid_tid_stat_show, pid_status_show, pid_statm_show;

/* pid_maps.c */
pid_show_t pid_maps_show, pid_smaps_show, pid_smaps_rollup_show;
bool pid_next_mapping(struct task_struct *t, unsigned long *start,
		      unsigned long *end);
int pid_mapping_path(struct task_struct *t, unsigned long start,
		     unsigned long end, struct path *out, fmode_t *mode);

/* pid_mem.c */
extern const struct file_operations pid_mem_fops, pid_pagemap_fops;
pid_write_t pid_clear_refs_write;

/* pid_texts.c */
pid_show_t pid_cmdline_show, pid_environ_show, pid_auxv_show, pid_comm_show;
pid_show_t pid_limits_show, pid_personality_show, pid_wchan_show;
pid_show_t pid_stack_show, pid_fail_nth_show;
pid_write_t pid_comm_write, pid_fail_nth_write;

/* oom_proc.c */
pid_show_t pid_oom_score_show, pid_oom_score_adj_show, pid_oom_adj_show;
pid_write_t pid_oom_score_adj_write, pid_oom_adj_write;

/* Of the whole system: oom_proc.c, mm_check.c, sysrq.c (the letter) */
void oom_preview_show(struct seq_buf *s);
void mm_check_show(struct seq_buf *s);
int sysrq_write(char *text);

#endif /* PROC_PID_PROC_H */
