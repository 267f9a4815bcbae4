// SPDX-License-Identifier: MIT
/*
 * Directories of tmpfs: the dentries are the entries. Each positive dentry
 * has one extra reference (the pin) and hangs in its directory's tree by a
 * cookie that only grows, which is its readdir position: entries that come
 * and go while somebody reads the directory neither repeat nor hide others.
 *
 * => dir is locked exclusively in all inode operations here
 */
#include <base/bug.h>
#include <fs/namei.h>
#include <fs/tmpfs.h>
#include <mm/phys/slab.h>

static struct dentry *rb_dentry(struct rb_node *node)
{
	return rb_entry(node, struct dentry, d_dirnode);
}

static bool cookie_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_dentry(a)->d_cookie <
	       rb_entry(b, struct dentry, d_dirnode)->d_cookie;
}

static void add_node(struct inode *dir, struct dentry *dentry)
{
	struct tmpfs_inode_info *info = TMPFS_I(dir);

	dentry->d_cookie = ++info->last_cookie;
	rb_add(&dentry->d_dirnode, &info->entries, cookie_less);
	dir->i_size += TMPFS_DIRENT_SIZE;
	inode_times_now(dir);
}

static void del_node(struct inode *dir, struct dentry *dentry)
{
	BUG_ON(!dentry->d_cookie);
	rb_erase(&dentry->d_dirnode, &TMPFS_I(dir)->entries);
	dentry->d_cookie = 0;
	dir->i_size -= TMPFS_DIRENT_SIZE;
	inode_times_now(dir);
}

/* The name appears: takes over the reference on inode. */
static void add_entry(struct inode *dir, struct dentry *dentry,
		      struct inode *inode)
{
	add_node(dir, dentry);
	dget(dentry);
	d_instantiate(dentry, inode);
}

/* The name disappears; the caller has a reference on dentry. */
static void del_entry(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	del_node(dir, dentry);
	inode->i_ctime = dir->i_ctime;
	if (!S_ISDIR(inode->i_mode) && inode->i_nlink > 1)
		tmpfs_uncharge_inode(dir->i_sb);
	drop_nlink(inode);
	if (S_ISDIR(inode->i_mode)) {
		drop_nlink(inode);
		drop_nlink(dir);
	}
	dput(dentry);
}

static int tmpfs_lookup(struct inode *dir __unused, struct dentry *dentry)
{
	d_add(dentry, NULL); /* all that exist are in the cache */
	return 0;
}

static int tmpfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		       dev_t dev, const struct walk_ctx *ctx)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode, dev, ctx);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	if (S_ISDIR(mode))
		inc_nlink(dir);
	add_entry(dir, dentry, inode);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *dentry, umode_t mode,
			const struct walk_ctx *ctx)
{
	return tmpfs_mknod(dir, dentry, mode, 0, ctx);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode,
		       const struct walk_ctx *ctx)
{
	return tmpfs_mknod(dir, dentry, mode | S_IFDIR, 0, ctx);
}

static int tmpfs_symlink(struct inode *dir, struct dentry *dentry,
			 const char *target, const struct walk_ctx *ctx)
{
	size_t len = strlen(target);
	struct tmpfs_inode_info *info;
	struct inode *inode;
	char *text = NULL;

	if (len >= TMPFS_SYMLINK_INLINE) {
		text = kmalloc(len + 1, GFP_KERNEL);
		if (!text)
			return -ENOMEM;
	}
	inode = tmpfs_get_inode(dir->i_sb, dir, S_IFLNK | S_IRWXUGO, 0, ctx);
	if (IS_ERR(inode)) {
		kfree(text);
		return (int)PTR_ERR(inode);
	}
	info = TMPFS_I(inode);
	if (text)
		info->symlink = text;
	memcpy(info->symlink, target, len + 1);
	inode->i_size = (loff_t)len;
	add_entry(dir, dentry, inode);
	return 0;
}

static int tmpfs_readlink(struct dentry *dentry, char *buf, size_t size)
{
	struct inode *inode = d_inode(dentry);
	size_t len = min((size_t)inode->i_size, size);

	memcpy(buf, TMPFS_I(inode)->symlink, len);
	return (int)len;
}

static int tmpfs_link(struct inode *inode, struct inode *dir,
		      struct dentry *dentry)
{
	if (!tmpfs_charge_inode(dir->i_sb))
		return -ENOSPC;
	inc_nlink(inode);
	inode->i_ctime = current_time();
	add_entry(dir, dentry, igrab(inode));
	return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
	del_entry(dir, dentry);
	return 0;
}

static bool dir_is_empty(struct inode *inode)
{
	return RB_EMPTY_ROOT(&TMPFS_I(inode)->entries);
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!dir_is_empty(d_inode(dentry)))
		return -ENOTEMPTY;
	del_entry(dir, dentry);
	return 0;
}

static int tmpfs_rename(struct inode *odir, struct dentry *odentry,
			struct inode *ndir, struct dentry *ndentry)
{
	struct inode *inode = d_inode(odentry), *target = d_inode(ndentry);

	if (target && S_ISDIR(target->i_mode) && !dir_is_empty(target))
		return -ENOTEMPTY;
	if (target)
		del_entry(ndir, ndentry);
	del_node(odir, odentry);
	add_node(ndir, odentry);
	if (S_ISDIR(inode->i_mode) && odir != ndir) {
		drop_nlink(odir);
		inc_nlink(ndir);
	}
	inode->i_ctime = odir->i_ctime;
	return 0;
}

/* The first entry at or after the position. */
static struct rb_node *find_cookie(struct rb_root *root, u64 cookie)
{
	struct rb_node *node = root->rb_node, *found = NULL;

	while (node) {
		if (rb_dentry(node)->d_cookie >= cookie) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static int tmpfs_iterate(struct file *file, struct dir_context *ctx)
{
	struct tmpfs_inode_info *info = TMPFS_I(file->f_inode);
	struct rb_node *node;

	if (!dir_emit_dots(file, ctx))
		return 0;
	node = find_cookie(&info->entries, (u64)ctx->pos);
	for (; node; node = rb_next(node)) {
		struct dentry *d = rb_dentry(node);
		struct inode *inode = d_inode(d);

		ctx->pos = (loff_t)d->d_cookie;
		if (!dir_emit(ctx, d->d_name.name, d->d_name.len, inode->i_ino,
			      mode_to_dt(inode->i_mode)))
			return 0;
		ctx->pos++;
	}
	return 0;
}

void tmpfs_drop_tree(struct super_block *sb)
{
	struct dentry *dir = sb->s_root, *child;
	struct rb_node *node;

	for (;;) {
		node = rb_first(&TMPFS_I(d_inode(dir))->entries);
		if (!node) {
			if (dir == sb->s_root)
				return;
			dir = dir->d_parent;
			continue;
		}
		child = rb_dentry(node);
		if (d_is_dir(child) && !dir_is_empty(d_inode(child))) {
			dir = child;
			continue;
		}
		del_node(d_inode(dir), child);
		if (!d_is_dir(child) && d_inode(child)->i_nlink > 1) {
			tmpfs_uncharge_inode(sb);
			drop_nlink(d_inode(child));
		}
		d_drop(child);
		dput(child);
	}
}

const struct inode_operations tmpfs_dir_iops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
};

const struct inode_operations tmpfs_symlink_iops = {
	.readlink = tmpfs_readlink,
};

const struct file_operations tmpfs_dir_fops = {
	.iterate_shared = tmpfs_iterate,
	.fsync = generic_fsync,
};
