// SPDX-License-Identifier: MIT
/*
 * /proc/PID: the table of its files, its links, and who may look.
 *
 * procfs (fs/) asks through proc_pid_ops and knows tasks only as references
 * that it holds for as long as a file is open. A task that has been reaped in
 * the meantime has no signal_struct any more: that is how it is told.
 *
 *   stat status statm limits comm ...    pid_status.c, pid_texts.c
 *   maps smaps smaps_rollup map_files/   pid_maps.c
 *   mem pagemap clear_refs               pid_mem.c
 *   exe cwd root fd/ fdinfo/ task/       here
 */
#include <fs/fdtable.h>
#include <fs/mount.h>
#include <fs/proc_fs.h>
#include <proc/pid_proc.h>
#include <proc/process.h>

/* --- who may look --- */

static void pid_owner(struct task_struct *t, uid_t *uid, gid_t *gid)
{
	*uid = 0;
	*gid = 0;
	guard(spinlock)(&tasklist_lock);
	if (t->proc) {
		*uid = t->proc->cred.euid;
		*gid = t->proc->cred.egid;
	}
}

bool ptrace_may_access(struct task_struct *t, bool real)
{
	const struct cred *me = current_cred(), *c;
	uid_t uid = real ? me->uid : me->fsuid;
	gid_t gid = real ? me->gid : me->fsgid;

	if (!me->euid || t->tgid == current->tgid)
		return true;
	guard(spinlock)(&tasklist_lock);
	c = t->proc ? &t->proc->cred : NULL;
	return c && t->proc->dumpable && uid == c->euid && uid == c->suid &&
	       uid == c->uid && gid == c->egid && gid == c->sgid &&
	       gid == c->gid;
}

bool pid_may_read(struct task_struct *t)
{
	return ptrace_may_access(t, false);
}

/* What shows addresses, memory or files is not for everybody. */
static bool is_private(const struct proc_pid_entry *e)
{
	return e->kind == PROC_PID_LINK || e->kind == PROC_PID_FDS ||
	       e->kind == PROC_PID_FILE || e->kind == PROC_PID_RANGES ||
	       e->kind == PROC_PID_FDINFO || e->show == pid_maps_show ||
	       e->show == pid_smaps_show || e->show == pid_smaps_rollup_show ||
	       e->show == pid_environ_show || e->show == pid_auxv_show;
}

static bool pid_may_access(struct task_struct *t,
			   const struct proc_pid_entry *e)
{
	return !is_private(e) || pid_may_read(t);
}

/* --- links --- */

static int pid_exe_path(struct task_struct *t, struct path *out)
{
	int err = -ENOENT;

	guard(spinlock)(&tasklist_lock);
	if (t->mm && !(t->flags & PF_KTHREAD) && t->signal->exe_file) {
		*out = t->signal->exe_file->f_path;
		path_get(out);
		err = 0;
	}
	return err;
}

static int get_fs_path(struct task_struct *t, bool root, struct path *out)
{
	int err = -ENOENT;

	if (t->flags & PF_KTHREAD) {
		get_root_path(out);
		return 0;
	}
	spin_lock(&tasklist_lock);
	if (t->fs) {
		spin_lock(&t->fs->lock);
		*out = root ? t->fs->root : t->fs->cwd;
		path_get(out);
		spin_unlock(&t->fs->lock);
		err = 0;
	}
	spin_unlock(&tasklist_lock);
	return err;
}

static int pid_cwd_path(struct task_struct *t, struct path *out)
{
	return get_fs_path(t, false, out);
}

static int pid_root_path(struct task_struct *t, struct path *out)
{
	return get_fs_path(t, true, out);
}

/* --- open files --- */

/* => with a reference, or NULL */
static struct files_struct *get_task_files(struct task_struct *t)
{
	guard(spinlock)(&tasklist_lock);
	return t->files ? get_files_struct(t->files) : NULL;
}

static int pid_next_fd(struct task_struct *t, int after)
{
	struct files_struct *files __free(put_files_struct) = get_task_files(t);
	struct file *file __free(fput) = NULL;
	unsigned int fd = (unsigned int)(after + 1);

	return files && files_next(files, &fd, &file) ? (int)fd : -1;
}

static struct file *get_task_file(struct files_struct *files, int id)
{
	return files ? fget_raw(files, (unsigned int)id) : NULL;
}

static int pid_fd_path(struct task_struct *t, int id, struct path *out,
		       fmode_t *mode)
{
	struct files_struct *files __free(put_files_struct) = get_task_files(t);
	struct file *file __free(fput) = get_task_file(files, id);

	if (!file)
		return -ENOENT;
	*out = file->f_path;
	path_get(out);
	*mode = file->f_mode;
	return 0;
}

static int pid_fdinfo_show(struct task_struct *t, int id, struct seq_buf *s)
{
	struct files_struct *files __free(put_files_struct) = get_task_files(t);
	struct file *file __free(fput) = get_task_file(files, id);
	unsigned int flags;

	if (!file)
		return -ENOENT;
	flags = file->f_flags;
	if (!(file->f_mode & FMODE_PATH))
		flags |= O_LARGEFILE;
	if (get_close_on_exec(files, (unsigned int)id) == 1)
		flags |= O_CLOEXEC;
	seq_buf_printf(s, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
		       file->f_mode & FMODE_STREAM ? 0 : file->f_pos, flags,
		       file->f_path.mnt->mnt_id, file_inode(file)->i_ino);
	return 0;
}

/* --- threads --- */

static int pid_next_tid(struct task_struct *t, int after)
{
	struct task_struct *leader;
	int next = -1;

	guard(spinlock)(&tasklist_lock);
	leader = t->group_leader;
	if (!pid_is_gone(t) && !pid_is_gone(leader)) {
		t = leader;
		do {
			if (t->pid > after && (next < 0 || t->pid < next))
				next = t->pid;
		}
		while_each_thread(leader, t);
	}
	return next;
}

static struct task_struct *pid_get_tid(struct task_struct *leader, int id)
{
	struct task_struct *t = get_task_by_pid(id);

	if (!t || t->tgid == leader->tgid)
		return t;
	put_task_struct(t);
	return NULL;
}

/* --- the tables --- */

static int pid_mounts_show(struct task_struct *t __unused, struct seq_buf *s)
{
	mounts_show(s);
	return 0;
}

static int pid_mountinfo_show(struct task_struct *t __unused, struct seq_buf *s)
{
	mountinfo_show(s);
	return 0;
}

static int pid_cgroup_show(struct task_struct *t __unused, struct seq_buf *s)
{
	seq_buf_puts(s, "0::/\n");
	return 0;
}

#define TEXT(name, mode, fn, ...)                                    \
	{                                                            \
		name, mode, PROC_PID_TEXT, .show = fn, ##__VA_ARGS__ \
	}
#define FILE(name, mode, ops)                          \
	{                                              \
		name, mode, PROC_PID_FILE, .fops = ops \
	}
#define LINK(name, path)                                    \
	{                                                   \
		name, 0777, PROC_PID_LINK, .get_path = path \
	}

#define COMMON_ENTRIES                                                         \
	TEXT("auxv", 0400, pid_auxv_show),                                     \
		TEXT("cgroup", 0444, pid_cgroup_show),                         \
		TEXT("clear_refs", 0200, NULL, pid_clear_refs_write),          \
		TEXT("cmdline", 0444, pid_cmdline_show),                       \
		TEXT("comm", 0644, pid_comm_show, pid_comm_write),             \
		LINK("cwd", pid_cwd_path),                                     \
		TEXT("environ", 0400, pid_environ_show),                       \
		LINK("exe", pid_exe_path),                                     \
		TEXT("fail-nth", 0644, pid_fail_nth_show, pid_fail_nth_write), \
		{ "fd", 0500, PROC_PID_FDS, .next_id = pid_next_fd,            \
		  .fd_path = pid_fd_path },                                    \
		{ "fdinfo",                                                    \
		  0555,                                                        \
		  PROC_PID_FDINFO,                                             \
		  .next_id = pid_next_fd,                                      \
		  .fd_path = pid_fd_path,                                      \
		  .fd_show = pid_fdinfo_show },                                \
		TEXT("limits", 0444, pid_limits_show),                         \
		TEXT("maps", 0444, pid_maps_show),                             \
		FILE("mem", 0600, &pid_mem_fops),                              \
		TEXT("mountinfo", 0444, pid_mountinfo_show),                   \
		TEXT("mounts", 0444, pid_mounts_show),                         \
		TEXT("oom_adj", 0644, pid_oom_adj_show, pid_oom_adj_write),    \
		TEXT("oom_score", 0444, pid_oom_score_show),                   \
		TEXT("oom_score_adj", 0644, pid_oom_score_adj_show,            \
		     pid_oom_score_adj_write),                                 \
		FILE("pagemap", 0400, &pid_pagemap_fops),                      \
		TEXT("personality", 0400, pid_personality_show),               \
		LINK("root", pid_root_path),                                   \
		TEXT("smaps", 0444, pid_smaps_show),                           \
		TEXT("smaps_rollup", 0444, pid_smaps_rollup_show),             \
		TEXT("stack", 0400, pid_stack_show),                           \
		TEXT("statm", 0444, pid_statm_show),                           \
		TEXT("status", 0444, pid_status_show),                         \
		TEXT("wchan", 0444, pid_wchan_show)

static const struct proc_pid_entry tid_entries[] = {
	COMMON_ENTRIES,
	TEXT("stat", 0444, pid_tid_stat_show),
	{ .name = NULL },
};

static const struct proc_pid_entry pid_entries[] = {
	COMMON_ENTRIES,
	TEXT("stat", 0444, pid_stat_show),
	{ "map_files", 0500, PROC_PID_RANGES, .next_range = pid_next_mapping,
	  .range_path = pid_mapping_path },
	{ "task", 0555, PROC_PID_TASKS, .next_id = pid_next_tid,
	  .get_id = pid_get_tid, .sub = tid_entries },
	{ .name = NULL },
};

static const struct proc_pid_ops pid_ops = {
	.next_pid = next_pid,
	.get = get_task_by_pid,
	.is_gone = pid_is_gone,
	.owner = pid_owner,
	.may_access = pid_may_access,
	.entries = pid_entries,
};

void proc_pid_init(void)
{
	proc_set_pid_ops(&pid_ops);
}
