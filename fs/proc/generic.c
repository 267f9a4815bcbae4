// SPDX-License-Identifier: MIT
/*
 * The tree of registered names that procfs and sysfs show, and its inodes.
 * Entries are only ever added, so a pointer to one stays good; proc_lock
 * guards the lists of children.
 */
#include <base/bug.h>
#include <mm/phys/slab.h>
#include "internal.h"

static DEFINE_SPINLOCK(proc_lock);

#define PDE_ROOT(var)                                                    \
	{                                                                \
		.name = "/", .len = 1, .mode = S_IFDIR | 0555, .ino = 1, \
		.nlink = 2, .children = LIST_HEAD_INIT((var).children),  \
	}

struct proc_dir_entry proc_root = PDE_ROOT(proc_root);
static struct proc_dir_entry sysfs_root = PDE_ROOT(sysfs_root);

static struct kmem_cache *proc_inode_cache;
static atomic_t last_pde_ino = ATOMIC_INIT(0x1000);

/* --- the tree --- */

/* => proc_lock held */
static struct proc_dir_entry *pde_find(struct proc_dir_entry *dir,
				       const char *name, size_t len)
{
	struct proc_dir_entry *e;

	list_for_each_entry(e, &dir->children, sibling) {
		if (e->len == len && !memcmp(e->name, name, len))
			return e;
	}
	return NULL;
}

static struct proc_dir_entry *pde_alloc(const char *name, size_t len,
					umode_t mode)
{
	struct proc_dir_entry *e = kzalloc(sizeof(*e) + len + 1, GFP_KERNEL);
	char *copy = (char *)(e + 1);

	if (!e)
		return NULL;
	memcpy(copy, name, len);
	e->name = copy;
	e->len = len;
	e->mode = mode;
	e->ino = (ino_t)atomic_inc_return(&last_pde_ino);
	e->nlink = S_ISDIR(mode) ? 2 : 1;
	INIT_LIST_HEAD(&e->children);
	return e;
}

/* => the child, existing (its mode stays) or new; NULL: no memory */
static struct proc_dir_entry *pde_child(struct proc_dir_entry *dir,
					const char *name, size_t len,
					umode_t mode, bool *is_new)
{
	struct proc_dir_entry *new = pde_alloc(name, len, mode), *e;

	spin_lock(&proc_lock);
	e = pde_find(dir, name, len);
	*is_new = !e && new;
	if (*is_new) {
		list_add_tail(&new->sibling, &dir->children);
		if (S_ISDIR(mode))
			dir->nlink++;
		e = new;
		new = NULL;
	}
	spin_unlock(&proc_lock);
	kfree(new);
	return e;
}

struct proc_dir_entry *pde_add(struct proc_dir_entry *root, const char *path,
			       umode_t mode)
{
	struct proc_dir_entry *dir = root;
	const char *slash;
	bool is_new;

	while ((slash = strchr(path, '/')) != NULL) {
		dir = pde_child(dir, path, (size_t)(slash - path),
				S_IFDIR | 0555, &is_new);
		if (!dir)
			return ERR_PTR(-ENOMEM);
		path = slash + 1;
	}
	dir = pde_child(dir, path, strlen(path), mode, &is_new);
	if (!dir)
		return ERR_PTR(-ENOMEM);
	return is_new || (S_ISDIR(mode) && S_ISDIR(dir->mode)) ?
		       dir :
		       ERR_PTR(-EEXIST);
}

static void add_files(struct proc_dir_entry *root,
		      const struct pseudo_file *files, size_t n)
{
	for (; n--; files++) {
		struct proc_dir_entry *e = pde_add(
			root, files->path, (umode_t)(S_IFREG | files->mode));

		if (!WARN_ON(IS_ERR(e)))
			e->what = *files;
	}
}

void proc_create(const struct pseudo_file *files, size_t n)
{
	add_files(&proc_root, files, n);
}

void sysfs_create(const struct pseudo_file *files, size_t n)
{
	add_files(&sysfs_root, files, n);
}

void sysfs_mkdir(const char *path)
{
	WARN_ON(IS_ERR(pde_add(&sysfs_root, path, S_IFDIR | 0755)));
}

static void show_target(struct seq_buf *s, void *target)
{
	seq_buf_puts(s, target);
}

static void add_symlink(struct proc_dir_entry *root, const char *path,
			const char *target)
{
	struct proc_dir_entry *e = pde_add(root, path, S_IFLNK | S_IRWXUGO);

	if (WARN_ON(IS_ERR(e)))
		return;
	e->what.data = (void *)(uintptr_t)target;
	e->what.show_data = show_target;
}

void proc_symlink(const char *path, const char *target)
{
	add_symlink(&proc_root, path, target);
}

void sysfs_symlink(const char *path, const char *target)
{
	add_symlink(&sysfs_root, path, target);
}

/* --- inodes --- */

static struct inode *proc_alloc_inode(struct super_block *sb __unused)
{
	struct proc_inode *pi = kmem_cache_alloc(proc_inode_cache, GFP_KERNEL);

	if (!pi)
		return NULL;
	pi->pde = NULL;
	pi->pid = (struct proc_pid){ .id = -1 };
	return &pi->vfs_inode;
}

static void proc_free_inode(struct inode *inode)
{
	kmem_cache_free(proc_inode_cache, PROC_I(inode));
}

static void proc_evict_inode(struct inode *inode)
{
	if (PROC_I(inode)->pid.owned)
		put_task_struct(PROC_I(inode)->pid.task);
}

/* Opening with O_TRUNC is what a shell does; there is no size to change. */
int proc_setattr(struct dentry *dentry, const struct iattr *attr)
{
	if (attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID))
		return -EPERM;
	setattr_copy(d_inode(dentry), attr);
	return 0;
}

static int pde_readlink(struct dentry *dentry, char *buf, size_t size)
{
	struct proc_dir_entry *e = PROC_I(d_inode(dentry))->pde;
	struct seq_buf s;

	seq_buf_init(&s, buf, size);
	if (e->what.show)
		e->what.show(&s);
	else
		e->what.show_data(&s, e->what.data);
	return s.overflow ? -ENAMETOOLONG : s.len ? (int)s.len : -ENOENT;
}

/* The registered children, from position 2 on. => false: full */
static bool pde_iterate(struct proc_dir_entry *dir, struct dir_context *ctx)
{
	struct proc_dir_entry *e;
	loff_t n = 2;
	bool room = true;

	guard(spinlock)(&proc_lock);
	list_for_each_entry(e, &dir->children, sibling) {
		if (n++ < ctx->pos)
			continue;
		room = dir_emit(ctx, e->name, e->len, e->ino,
				mode_to_dt(e->mode));
		if (!room)
			break;
		ctx->pos++;
	}
	return room;
}

static int pde_readdir(struct file *file, struct dir_context *ctx)
{
	if (dir_emit_dots(file, ctx))
		pde_iterate(PROC_I(file->f_inode)->pde, ctx);
	return 0;
}

static int root_readdir(struct file *file, struct dir_context *ctx)
{
	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos < FIRST_PID_POS) {
		if (!pde_iterate(&proc_root, ctx))
			return 0;
		ctx->pos = FIRST_PID_POS;
	}
	return proc_pid_iterate(ctx);
}

static struct inode *pde_inode(struct super_block *sb,
			       struct proc_dir_entry *pde);

int pde_lookup(struct inode *dir, struct dentry *dentry)
{
	struct proc_dir_entry *e;
	struct inode *inode;

	spin_lock(&proc_lock);
	e = pde_find(PROC_I(dir)->pde, dentry->d_name.name, dentry->d_name.len);
	spin_unlock(&proc_lock);
	if (!e)
		return -ENOENT;
	inode = pde_inode(dir->i_sb, e);
	if (!inode)
		return -ENOMEM;
	d_add(dentry, inode);
	return 0;
}

static const struct inode_operations pde_dir_iops = {
	.lookup = pde_lookup,
	.setattr = proc_setattr,
};
static const struct inode_operations proc_root_iops = {
	.lookup = proc_pid_lookup,
	.setattr = proc_setattr,
};
static const struct inode_operations pde_file_iops = {
	.setattr = proc_setattr,
};
/* Of a knob the mode counts for root, too. */
static int knob_permission(const struct walk_ctx *ctx, struct inode *inode,
			   int mask)
{
	if (!ctx->uid)
		return mask & ~(inode->i_mode >> 6) & 7 ? -EACCES : 0;
	return generic_permission(ctx, inode, mask);
}

static const struct inode_operations pde_knob_iops = {
	.permission = knob_permission,
	.setattr = proc_setattr,
};
static const struct inode_operations pde_link_iops = {
	.readlink = pde_readlink,
	.setattr = proc_setattr,
};
static const struct file_operations pde_dir_fops = {
	.iterate_shared = pde_readdir,
};
static const struct file_operations proc_root_fops = {
	.iterate_shared = root_readdir,
};

static struct file_system_type proc_fs_type;

static struct inode *pde_inode(struct super_block *sb,
			       struct proc_dir_entry *pde)
{
	struct inode *inode = new_inode(sb, pde->mode);

	if (!inode)
		return NULL;
	PROC_I(inode)->pde = pde;
	inode->i_ino = pde->ino;
	inode->i_nlink = pde->nlink;
	if (pde == &proc_root) {
		inode->i_op = &proc_root_iops;
		inode->i_fop = &proc_root_fops;
	} else if (S_ISDIR(pde->mode)) {
		inode->i_op = &pde_dir_iops;
		inode->i_fop = &pde_dir_fops;
	} else if (S_ISLNK(pde->mode)) {
		inode->i_op = &pde_link_iops;
	} else {
		inode->i_op =
			sb->s_type == &proc_fs_type &&
					!strncmp(pde->what.path, "sys/", 4) ?
				&pde_knob_iops :
				&pde_file_iops;
		inode->i_fop = pde->what.fops ?: &proc_text_fops;
	}
	return inode;
}

/* --- the file systems --- */

static const struct super_operations proc_sops = {
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
	.evict_inode = proc_evict_inode,
};

static struct super_block *tree_mount(struct file_system_type *type,
				      unsigned long flags __unused,
				      const char *source __unused,
				      const char *data __unused)
{
	bool is_proc = type == &proc_fs_type;
	struct super_block *sb = alloc_super(type);

	if (!sb)
		return ERR_PTR(-ENOMEM);
	sb->s_op = &proc_sops;
	sb->s_magic = is_proc ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
	sb->s_blocksize = is_proc ? 1024 : PAGE_SIZE;
	sb->s_flags = SB_SINGLE;
	sb->s_root =
		d_alloc_root(pde_inode(sb, is_proc ? &proc_root : &sysfs_root));
	if (sb->s_root)
		return sb;
	free_super(sb);
	return ERR_PTR(-ENOMEM);
}

static struct file_system_type proc_fs_type = {
	.name = "proc",
	.fs_flags = FS_NODEV,
	.mount = tree_mount,
};

static struct file_system_type sysfs_fs_type = {
	.name = "sysfs",
	.fs_flags = FS_NODEV,
	.mount = tree_mount,
};

void proc_init(void)
{
	proc_inode_cache =
		kmem_cache_create("proc_inode_cache", sizeof(struct proc_inode),
				  0, SLAB_RECLAIM_ACCOUNT | SLAB_PANIC, NULL);
	register_filesystem(&proc_fs_type);
	register_filesystem(&sysfs_fs_type);
	proc_global_init();
	proc_sysctl_init();
}
