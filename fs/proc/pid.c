// SPDX-License-Identifier: MIT
/*
 * /proc/PID: directories that the process layer describes by a table and
 * fills through callbacks. procfs knows a process only as a reference
 * (`task`). The inode of a process's or thread's directory holds one; those
 * below borrow it, since a dentry holds its parent. When the process is
 * gone, functions return -ESRCH and names are looked up anew.
 *
 *	/proc/17/fd/3:  ops->get(17) -> table entry "fd" (FDS) -> id 3
 */
#include <base/bug.h>
#include <lib/kstrtox.h>
#include <lib/printf.h>
#include "internal.h"

const struct proc_pid_ops *pid_ops;

static const struct inode_operations pid_dir_iops, pid_file_iops;
static const struct inode_operations pid_link_iops;
static const struct file_operations pid_dir_fops;

/* A number as a name: no sign, no leading zero. => -1: it is none */
static int name_to_int(const struct qstr *name)
{
	int n = 0;
	u32 i;

	if (!name->len || (name->name[0] == '0' && name->len > 1))
		return -1;
	for (i = 0; i < name->len; i++) {
		unsigned int digit = (unsigned char)name->name[i] - '0';

		if (digit > 9 || n > (INT_MAX - 9) / 10)
			return -1;
		n = n * 10 + (int)digit;
	}
	return n;
}

static bool may_access(const struct proc_pid *pid)
{
	return !pid->entry || pid_ops->may_access(pid->task, pid->entry);
}

/* --- inodes --- */

static bool is_dir_kind(enum proc_pid_kind kind)
{
	return kind == PROC_PID_DIR || kind == PROC_PID_FDS ||
	       kind == PROC_PID_FDINFO || kind == PROC_PID_TASKS ||
	       kind == PROC_PID_RANGES;
}

static unsigned int table_dirs(const struct proc_pid_entry *e)
{
	unsigned int n = 2;

	for (; e && e->name; e++)
		n += is_dir_kind(e->kind);
	return n;
}

static bool pid_revalidate(struct dentry *dentry);

static const struct dentry_operations pid_dops = {
	.d_revalidate = pid_revalidate,
};

/* => 0 and dentry is bound, -ENOMEM */
static int pid_bind(struct dentry *dentry, unsigned int mode,
		    const struct proc_pid *what)
{
	struct inode *inode = new_inode(dentry->d_sb, (umode_t)mode);

	if (!inode) {
		if (what->owned)
			put_task_struct(what->task);
		return -ENOMEM;
	}
	PROC_I(inode)->pid = *what;
	if (S_ISDIR(mode)) {
		inode->i_op = &pid_dir_iops;
		inode->i_fop = &pid_dir_fops;
		inode->i_nlink = table_dirs(what->table);
	} else if (S_ISLNK(mode)) {
		inode->i_op = &pid_link_iops;
		inode->i_size = what->entry->kind == PROC_PID_LINK ? 0 : 64;
	} else {
		inode->i_op = &pid_file_iops;
		inode->i_fop = what->entry->kind == PROC_PID_FILE ?
				       what->entry->fops :
				       &proc_text_fops;
	}
	pid_ops->owner(what->task, &inode->i_uid, &inode->i_gid);
	dentry->d_op = &pid_dops;
	dentry->d_flags |= DCACHE_REVALIDATE | DCACHE_NOCACHE;
	d_add(dentry, inode);
	return 0;
}

/* The object behind a link by number or range. => 0, *out referenced */
static int numbered_path(const struct proc_pid *pid, struct path *out,
			 fmode_t *mode)
{
	if (pid->end)
		return pid->entry->range_path(pid->task, pid->start, pid->end,
					      out, mode);
	return pid->entry->fd_path(pid->task, pid->id, out, mode);
}

static bool pid_revalidate(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	const struct proc_pid *pid = &PROC_I(inode)->pid;
	struct path path;
	fmode_t mode;

	if (pid_ops->is_gone(pid->task))
		return false;
	pid_ops->owner(pid->task, &inode->i_uid, &inode->i_gid);
	if (pid->id < 0 && !pid->end)
		return true;
	/* Is it still open or mapped, and of the same mode? */
	if (numbered_path(pid, &path, &mode))
		return false;
	path_put(&path);
	return S_ISREG(inode->i_mode) ||
	       !(mode & FMODE_WRITE) == !(inode->i_mode & S_IWUSR);
}

/* --- looking names up --- */

static umode_t entry_mode(const struct proc_pid_entry *e)
{
	unsigned int mode = e->mode;

	if (is_dir_kind(e->kind))
		return (umode_t)(S_IFDIR | mode);
	return (umode_t)(mode | (e->kind == PROC_PID_LINK ? S_IFLNK : S_IFREG));
}

static int lookup_entry(const struct proc_pid *dir, struct dentry *dentry)
{
	const struct proc_pid_entry *e;
	struct proc_pid what = { .task = dir->task, .id = -1 };

	for (e = dir->table; e->name; e++) {
		if (strlen(e->name) == dentry->d_name.len &&
		    !memcmp(e->name, dentry->d_name.name, dentry->d_name.len))
			break;
	}
	if (!e->name)
		return -ENOENT;
	what.entry = e;
	what.table = e->kind == PROC_PID_DIR ? e->sub : NULL;
	return pid_bind(dentry, entry_mode(e), &what);
}

static unsigned int fmode_bits(fmode_t fmode)
{
	return (fmode & FMODE_READ ? S_IRUSR : 0) |
	       (fmode & FMODE_WRITE ? S_IWUSR : 0);
}

static int lookup_fd(const struct proc_pid *dir, struct dentry *dentry)
{
	struct proc_pid what = { .task = dir->task, .entry = dir->entry };
	unsigned int mode = S_IFREG | S_IRUGO;
	fmode_t fmode;
	struct path path;
	int err = -ENOENT;

	what.id = name_to_int(&dentry->d_name);
	if (what.id >= 0)
		err = dir->entry->fd_path(dir->task, what.id, &path, &fmode);
	if (err)
		return err;
	path_put(&path);
	if (dir->entry->kind == PROC_PID_FDS)
		mode = S_IFLNK | S_IXUSR | fmode_bits(fmode);
	return pid_bind(dentry, mode, &what);
}

/* "400000-4cc000": no signs, no leading zeros, as it is listed */
static bool parse_range(const char *name, unsigned long *start,
			unsigned long *end)
{
	char text[40], *p;

	*start = simple_strtoul(name, &p, 16);
	if (*p != '-')
		return false;
	*end = simple_strtoul(p + 1, &p, 16);
	snprintf(text, sizeof(text), "%lx-%lx", *start, *end);
	return !strcmp(text, name);
}

static int lookup_range(const struct proc_pid *dir, struct dentry *dentry)
{
	struct proc_pid what = { .task = dir->task,
				 .entry = dir->entry,
				 .id = -1 };
	struct path path;
	fmode_t fmode;
	int err;

	if (!parse_range(dentry->d_name.name, &what.start, &what.end))
		return -ENOENT;
	err = numbered_path(&what, &path, &fmode);
	if (err)
		return err;
	path_put(&path);
	return pid_bind(dentry, S_IFLNK | fmode_bits(fmode), &what);
}

/* The directory of a process or thread, whose reference it takes over. */
static int bind_task(struct dentry *dentry, struct task_struct *task,
		     const struct proc_pid_entry *table)
{
	if (!task)
		return -ENOENT;
	return pid_bind(dentry, S_IFDIR | 0555,
			&(struct proc_pid){ .task = task,
					    .owned = true,
					    .table = table,
					    .id = -1 });
}

static int lookup_tid(const struct proc_pid *dir, struct dentry *dentry)
{
	int id = name_to_int(&dentry->d_name);

	return bind_task(dentry,
			 id > 0 ? dir->entry->get_id(dir->task, id) : NULL,
			 dir->entry->sub);
}

static int pid_dir_lookup(struct inode *inode, struct dentry *dentry)
{
	const struct proc_pid *dir = &PROC_I(inode)->pid;

	if (pid_ops->is_gone(dir->task))
		return -ENOENT;
	if (!may_access(dir))
		return -EACCES;
	if (!dir->entry || dir->entry->kind == PROC_PID_DIR)
		return lookup_entry(dir, dentry);
	if (dir->entry->kind == PROC_PID_TASKS)
		return lookup_tid(dir, dentry);
	if (dir->entry->kind == PROC_PID_RANGES)
		return lookup_range(dir, dentry);
	return lookup_fd(dir, dentry);
}

/* The root of procfs: numbers are processes, the rest is registered. */
int proc_pid_lookup(struct inode *dir, struct dentry *dentry)
{
	int pid = name_to_int(&dentry->d_name);

	if (pid < 0)
		return pde_lookup(dir, dentry);
	if (!pid_ops || !pid)
		return -ENOENT;
	return bind_task(dentry, pid_ops->get(pid), pid_ops->entries);
}

/* --- reading directories --- */

static bool emit_int(struct dir_context *ctx, int n, unsigned int type)
{
	char name[12];
	int len = snprintf(name, sizeof(name), "%d", n);

	return dir_emit(ctx, name, (size_t)len, (ino_t)n + 1, type);
}

int proc_pid_iterate(struct dir_context *ctx)
{
	int pid = (int)(ctx->pos - FIRST_PID_POS) - 1;

	while (pid_ops && (pid = pid_ops->next_pid(max(pid, 0))) > 0) {
		ctx->pos = FIRST_PID_POS + pid;
		if (!emit_int(ctx, pid, DT_DIR))
			return 0;
		ctx->pos++;
	}
	return 0;
}

static int iterate_ids(const struct proc_pid *dir, struct dir_context *ctx)
{
	unsigned int type = dir->entry->kind == PROC_PID_TASKS ? DT_DIR :
			    dir->entry->kind == PROC_PID_FDS   ? DT_LNK :
								 DT_REG;
	int id = (int)(ctx->pos - 2) - 1;

	while ((id = dir->entry->next_id(dir->task, id)) >= 0) {
		ctx->pos = id + 2;
		if (!emit_int(ctx, id, type))
			return 0;
		ctx->pos++;
	}
	return 0;
}

/* The position of a range is its first page; 0 and 1 are the dots'. */
static int iterate_ranges(const struct proc_pid *dir, struct dir_context *ctx)
{
	unsigned long start = (unsigned long)(ctx->pos - 2) << PAGE_SHIFT, end;
	char name[40];

	while (dir->entry->next_range(dir->task, &start, &end)) {
		int len = snprintf(name, sizeof(name), "%lx-%lx", start, end);

		ctx->pos = (loff_t)(start >> PAGE_SHIFT) + 2;
		if (!dir_emit(ctx, name, (size_t)len, (ino_t)ctx->pos, DT_LNK))
			return 0;
		ctx->pos++;
		start = end;
	}
	return 0;
}

static int iterate_table(const struct proc_pid *dir, struct dir_context *ctx)
{
	const struct proc_pid_entry *e = dir->table;
	loff_t n = 2;

	for (; e->name; e++, n++) {
		if (n < ctx->pos)
			continue;
		if (!dir_emit(ctx, e->name, strlen(e->name),
			      (ino_t)(uintptr_t)e & 0xffffff,
			      mode_to_dt(entry_mode(e))))
			return 0;
		ctx->pos = n + 1;
	}
	return 0;
}

static int pid_readdir(struct file *file, struct dir_context *ctx)
{
	const struct proc_pid *dir = &PROC_I(file->f_inode)->pid;

	if (pid_ops->is_gone(dir->task))
		return -ENOENT;
	if (!may_access(dir))
		return -EACCES;
	if (!dir_emit_dots(file, ctx))
		return 0;
	if (dir->table)
		return iterate_table(dir, ctx);
	if (dir->entry->kind == PROC_PID_RANGES)
		return iterate_ranges(dir, ctx);
	return iterate_ids(dir, ctx);
}

/* --- files and links --- */

struct task_struct *proc_pid_task(const struct inode *inode)
{
	const struct proc_pid *pid = &PROC_I(inode)->pid;

	if (pid_ops->is_gone(pid->task))
		return ERR_PTR(-ESRCH);
	return may_access(pid) ? pid->task : ERR_PTR(-EACCES);
}

int proc_pid_show(struct inode *inode, struct seq_buf *s)
{
	const struct proc_pid *pid = &PROC_I(inode)->pid;

	if (pid_ops->is_gone(pid->task))
		return -ESRCH;
	if (pid->id >= 0)
		return pid->entry->fd_show(pid->task, pid->id, s);
	return pid->entry->show ? pid->entry->show(pid->task, s) : -EIO;
}

int proc_pid_store(struct inode *inode, char *text)
{
	const struct proc_pid *pid = &PROC_I(inode)->pid;

	if (pid_ops->is_gone(pid->task))
		return -ESRCH;
	return pid->entry->write ? pid->entry->write(pid->task, text) : -EIO;
}

static int pid_jump_link(struct dentry *dentry, struct path *out)
{
	const struct proc_pid *pid = &PROC_I(d_inode(dentry))->pid;
	fmode_t mode;

	if (pid_ops->is_gone(pid->task))
		return -ENOENT;
	if (!may_access(pid))
		return -EACCES;
	return pid->entry->get_path ? pid->entry->get_path(pid->task, out) :
				      numbered_path(pid, out, &mode);
}

static const struct inode_operations pid_dir_iops = {
	.lookup = pid_dir_lookup,
	.setattr = proc_setattr,
};
static const struct inode_operations pid_file_iops = {
	.setattr = proc_setattr,
};
static const struct inode_operations pid_link_iops = {
	.jump_link = pid_jump_link,
	.setattr = proc_setattr,
};
static const struct file_operations pid_dir_fops = {
	.iterate_shared = pid_readdir,
};

/* --- /proc/self --- */

static void self_show(struct seq_buf *s)
{
	if (current->tgid > 0)
		seq_buf_printf(s, "%d", current->tgid);
}

static void thread_self_show(struct seq_buf *s)
{
	if (current->tgid > 0)
		seq_buf_printf(s, "%d/task/%d", current->tgid, current->pid);
}

static void add_self(const char *name, text_show_t show)
{
	struct proc_dir_entry *e =
		pde_add(&proc_root, name, S_IFLNK | S_IRWXUGO);

	if (!WARN_ON(IS_ERR(e)))
		e->what.show = show;
}

void proc_set_pid_ops(const struct proc_pid_ops *ops)
{
	pid_ops = ops;
	add_self("self", self_show);
	add_self("thread-self", thread_self_show);
}
