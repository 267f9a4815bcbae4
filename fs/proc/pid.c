// SPDX-License-Identifier: MIT
/*
 * /proc/PID: directories that the process layer describes by a table and
 * fills through callbacks. procfs knows a process only as an opaque reference
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

static bool may_access(const struct proc_inode *pi)
{
	return !pi->entry || !pid_ops->may_access ||
	       !pid_ops->may_access(pi->task, pi->entry);
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

/* What an inode is, without its place in memory. */
struct pid_what {
	void *task;
	bool owned; /* the inode takes the reference over */
	umode_t mode;
	const struct proc_pid_entry *entry, *table;
	int id;
	unsigned long start, end;
};

static bool pid_revalidate(struct dentry *dentry);

static const struct dentry_operations pid_dops = {
	.d_revalidate = pid_revalidate,
};

/* => 0 and dentry is bound, -ENOMEM */
static int pid_bind(struct dentry *dentry, const struct pid_what *what)
{
	struct inode *inode = new_inode(dentry->d_sb, what->mode);
	struct proc_inode *pi;

	if (!inode) {
		if (what->owned)
			pid_ops->put(what->task);
		return -ENOMEM;
	}
	pi = PROC_I(inode);
	pi->task = what->task;
	pi->owned = what->owned;
	pi->entry = what->entry;
	pi->table = what->table;
	pi->id = what->id;
	pi->start = what->start;
	pi->end = what->end;
	if (S_ISDIR(what->mode)) {
		inode->i_op = &pid_dir_iops;
		inode->i_fop = &pid_dir_fops;
		inode->i_nlink = table_dirs(what->table);
	} else if (S_ISLNK(what->mode)) {
		inode->i_op = &pid_link_iops;
		inode->i_size = what->entry->kind == PROC_PID_LINK ? 0 : 64;
	} else {
		inode->i_op = &pid_file_iops;
		inode->i_fop = what->entry->kind == PROC_PID_FILE ?
				       what->entry->fops :
				       &proc_text_fops;
	}
	pid_ops->owner(pi->task, &inode->i_uid, &inode->i_gid);
	dentry->d_op = &pid_dops;
	dentry->d_flags |= DCACHE_REVALIDATE | DCACHE_NOCACHE;
	d_add(dentry, inode);
	return 0;
}

/* The object behind a link by number or range. => 0, *out referenced */
static int numbered_path(const struct proc_inode *pi, struct path *out,
			 fmode_t *mode)
{
	if (pi->end)
		return pi->entry->range_path(pi->task, pi->start, pi->end, out,
					     mode);
	return pi->entry->fd_path(pi->task, pi->id, out, mode);
}

static bool pid_revalidate(struct dentry *dentry)
{
	struct proc_inode *pi = PROC_I(d_inode(dentry));
	struct path path;
	fmode_t mode;

	if (!pid_ops->alive(pi->task))
		return false;
	pid_ops->owner(pi->task, &pi->vfs_inode.i_uid, &pi->vfs_inode.i_gid);
	if (pi->id < 0 && !pi->end)
		return true;
	/* Is it still open or mapped, and of the same mode? */
	if (numbered_path(pi, &path, &mode))
		return false;
	path_put(&path);
	return S_ISREG(pi->vfs_inode.i_mode) ||
	       (mode & FMODE_WRITE) ==
		       (pi->vfs_inode.i_mode & S_IWUSR ? FMODE_WRITE : 0);
}

/* --- looking names up --- */

static umode_t entry_mode(const struct proc_pid_entry *e)
{
	unsigned int mode = e->mode;

	if (is_dir_kind(e->kind))
		return (umode_t)(S_IFDIR | mode);
	return (umode_t)(mode | (e->kind == PROC_PID_LINK ? S_IFLNK : S_IFREG));
}

static int lookup_entry(struct proc_inode *dir, struct dentry *dentry)
{
	const struct proc_pid_entry *e;

	for (e = dir->table; e->name; e++) {
		if (strlen(e->name) == dentry->d_name.len &&
		    !memcmp(e->name, dentry->d_name.name, dentry->d_name.len))
			break;
	}
	if (!e->name)
		return -ENOENT;
	return pid_bind(dentry,
			&(struct pid_what){ .task = dir->task,
					    .mode = entry_mode(e),
					    .entry = e,
					    .table = e->kind == PROC_PID_DIR ?
							     e->sub :
							     NULL,
					    .id = -1 });
}

static unsigned int fmode_bits(fmode_t fmode)
{
	return (fmode & FMODE_READ ? S_IRUSR : 0) |
	       (fmode & FMODE_WRITE ? S_IWUSR : 0);
}

static int lookup_fd(struct proc_inode *dir, struct dentry *dentry)
{
	const struct proc_pid_entry *e = dir->entry;
	unsigned int mode = S_IFREG | S_IRUGO;
	int id = name_to_int(&dentry->d_name), err = -ENOENT;
	fmode_t fmode;
	struct path path;

	if (id >= 0)
		err = e->fd_path(dir->task, id, &path, &fmode);
	if (err)
		return err;
	path_put(&path);
	if (e->kind == PROC_PID_FDS) {
		mode = S_IFLNK | S_IXUSR | fmode_bits(fmode);
	}
	return pid_bind(dentry, &(struct pid_what){ .task = dir->task,
						    .mode = (umode_t)mode,
						    .entry = e,
						    .id = id });
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

static int lookup_range(struct proc_inode *dir, struct dentry *dentry)
{
	struct pid_what what = { .task = dir->task,
				 .entry = dir->entry,
				 .id = -1 };
	struct path path;
	fmode_t fmode;
	int err;

	if (!parse_range(dentry->d_name.name, &what.start, &what.end))
		return -ENOENT;
	err = dir->entry->range_path(dir->task, what.start, what.end, &path,
				     &fmode);
	if (err)
		return err;
	path_put(&path);
	what.mode = (umode_t)(S_IFLNK | fmode_bits(fmode));
	return pid_bind(dentry, &what);
}

static int lookup_tid(struct proc_inode *dir, struct dentry *dentry)
{
	int id = name_to_int(&dentry->d_name);
	void *thread = id > 0 ? dir->entry->get_id(dir->task, id) : NULL;

	if (!thread)
		return -ENOENT;
	return pid_bind(dentry, &(struct pid_what){ .task = thread,
						    .owned = true,
						    .mode = S_IFDIR | 0555,
						    .table = dir->entry->sub,
						    .id = -1 });
}

static int pid_dir_lookup(struct inode *inode, struct dentry *dentry)
{
	struct proc_inode *dir = PROC_I(inode);

	if (!pid_ops->alive(dir->task))
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
	void *task = NULL;

	if (pid < 0)
		return pde_lookup(dir, dentry);
	if (pid_ops && pid > 0)
		task = pid_ops->get(pid);
	if (!task)
		return -ENOENT;
	return pid_bind(dentry, &(struct pid_what){ .task = task,
						    .owned = true,
						    .mode = S_IFDIR | 0555,
						    .table = pid_ops->entries,
						    .id = -1 });
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

static int iterate_ids(struct proc_inode *dir, struct dir_context *ctx)
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
static int iterate_ranges(struct proc_inode *dir, struct dir_context *ctx)
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

static int iterate_table(struct proc_inode *dir, struct dir_context *ctx)
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
	struct proc_inode *dir = PROC_I(file->f_inode);

	if (!pid_ops->alive(dir->task))
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

void *proc_pid_task(const struct inode *inode)
{
	const struct proc_inode *pi = PROC_I(inode);

	if (!pid_ops->alive(pi->task))
		return ERR_PTR(-ESRCH);
	return may_access(pi) ? pi->task : ERR_PTR(-EACCES);
}

int proc_pid_show(struct inode *inode, struct seq_buf *s)
{
	struct proc_inode *pi = PROC_I(inode);

	if (!pid_ops->alive(pi->task))
		return -ESRCH;
	if (pi->id >= 0)
		return pi->entry->fd_show(pi->task, pi->id, s);
	return pi->entry->show ? pi->entry->show(pi->task, s) : -EIO;
}

int proc_pid_store(struct inode *inode, char *buf, size_t len)
{
	struct proc_inode *pi = PROC_I(inode);

	if (!pid_ops->alive(pi->task))
		return -ESRCH;
	return pi->entry->write ? pi->entry->write(pi->task, buf, len) : -EIO;
}

static int pid_jump_link(struct dentry *dentry, struct path *out)
{
	struct proc_inode *pi = PROC_I(d_inode(dentry));
	fmode_t mode;

	if (!pid_ops->alive(pi->task))
		return -ENOENT;
	if (!may_access(pi))
		return -EACCES;
	return pi->entry->get_path ? pi->entry->get_path(pi->task, out) :
				     numbered_path(pi, out, &mode);
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
	if (pid_ops && pid_ops->self_pid() > 0)
		seq_buf_printf(s, "%d", pid_ops->self_pid());
}

static void thread_self_show(struct seq_buf *s)
{
	if (pid_ops && pid_ops->self_pid() > 0)
		seq_buf_printf(s, "%d/task/%d", pid_ops->self_pid(),
			       pid_ops->self_tid());
}

static void add_self(const char *name, text_show_t show)
{
	struct proc_dir_entry *e =
		pde_add(&proc_root, name, S_IFLNK | S_IRWXUGO);

	if (!IS_ERR(e))
		e->show = show;
}

void proc_set_pid_ops(const struct proc_pid_ops *ops)
{
	pid_ops = ops;
	add_self("self", self_show);
	add_self("thread-self", thread_self_show);
}
