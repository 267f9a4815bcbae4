/* SPDX-License-Identifier: MIT */
/*
 * The texts of /proc/PID, between the files that make them. @task is a
 * struct task_struct with a reference; it may be dead and released.
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

/* pid_status.c */
int pid_stat_show(void *task, struct seq_buf *s);     /* the process */
int pid_tid_stat_show(void *task, struct seq_buf *s); /* the thread */
int pid_status_show(void *task, struct seq_buf *s);
int pid_statm_show(void *task, struct seq_buf *s);

/* pid_maps.c */
int pid_maps_show(void *task, struct seq_buf *s);
int pid_smaps_show(void *task, struct seq_buf *s);
int pid_smaps_rollup_show(void *task, struct seq_buf *s);
bool pid_next_mapping(void *task, unsigned long *start, unsigned long *end);
int pid_mapping_path(void *task, unsigned long start, unsigned long end,
		     struct path *out, fmode_t *mode);

/* pid_mem.c */
extern const struct file_operations pid_mem_fops, pid_pagemap_fops;
int pid_clear_refs_write(void *task, char *buf, size_t len);

/* pid_texts.c */
int pid_cmdline_show(void *task, struct seq_buf *s);
int pid_environ_show(void *task, struct seq_buf *s);
int pid_auxv_show(void *task, struct seq_buf *s);
int pid_comm_show(void *task, struct seq_buf *s);
int pid_comm_write(void *task, char *buf, size_t len);
int pid_limits_show(void *task, struct seq_buf *s);
int pid_personality_show(void *task, struct seq_buf *s);
int pid_wchan_show(void *task, struct seq_buf *s);
int pid_stack_show(void *task, struct seq_buf *s);
int pid_fail_nth_show(void *task, struct seq_buf *s);
int pid_fail_nth_write(void *task, char *buf, size_t len);

/* oom_proc.c */
int pid_oom_score_show(void *task, struct seq_buf *s);
int pid_oom_score_adj_show(void *task, struct seq_buf *s);
int pid_oom_score_adj_write(void *task, char *buf, size_t len);
int pid_oom_adj_show(void *task, struct seq_buf *s);
int pid_oom_adj_write(void *task, char *buf, size_t len);

#endif /* PROC_PID_PROC_H */
