// SPDX-License-Identifier: MIT
/*
 * Names of ext2: what mkdir, link, rename and their like do to directories
 * and link counts. The VFS has checked rights and locked what it must.
 *
 * An inode is made before its name and freed after it: a crash in between
 * leaves an inode without a name, which e2fsck puts into lost+found, and
 * never a name without an inode.
 */
#include <base/bug.h>
#include <fs/namei.h>
#include <fs/stat.h>
#include <fs/writeback.h>
#include <lib/errno.h>
#include <mm/vm/mm.h>
#include "ext2.h"

static const struct qstr dotdot = { .name = "..", .len = 2 };

static int ext2_lookup(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = NULL;
	ino_t ino;
	int err;

	if (dentry->d_name.len > EXT2_NAME_LEN)
		return -ENAMETOOLONG;
	ino = ext2_inode_by_name(dir, &dentry->d_name, &err);
	if (err)
		return err;
	if (ino) {
		inode = ext2_iget(dir->i_sb, ino);
		if (IS_ERR(inode))
			return (int)PTR_ERR(inode);
	}
	err = d_splice(dentry, inode);
	if (err) {
		ext2_error(dir->i_sb, "directory %lu lies in %s",
			   dir->i_sb->s_bdev->bd_name, (unsigned long)ino,
			   err == -ELOOP ? "itself" : "two others");
		iput(inode);
	}
	return err;
}

/* A new inode gets its first name, or goes again. */
static int add_nondir(struct inode *dir, struct dentry *dentry,
		      struct inode *inode)
{
	int err = ext2_add_link(dir, &dentry->d_name, inode);

	if (err) {
		drop_nlink(inode);
		iput(inode);
		return err;
	}
	d_instantiate(dentry, inode);
	return 0;
}

static int ext2_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		      dev_t dev, const struct walk_ctx *ctx)
{
	struct inode *inode = ext2_new_inode(dir, mode, dev, ctx);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	return add_nondir(dir, dentry, inode);
}

static int ext2_create(struct inode *dir, struct dentry *dentry, umode_t mode,
		       const struct walk_ctx *ctx)
{
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	return ext2_mknod(dir, dentry, mode, 0, ctx);
}

static size_t copy_target(void *ctx, void *kaddr, size_t n)
{
	memcpy(kaddr, *(const char **)ctx, n);
	*(const char **)ctx += n;
	return n;
}

/* Up to 59 bytes fit in the place of the block numbers. */
static int ext2_symlink(struct inode *dir, struct dentry *dentry,
			const char *target, const struct walk_ctx *ctx)
{
	size_t len = strlen(target);
	struct inode *inode;
	loff_t pos = 0;
	ssize_t n;

	if (len >= dir->i_sb->s_blocksize)
		return -ENAMETOOLONG;
	inode = ext2_new_inode(dir, S_IFLNK | S_IRWXUGO, 0, ctx);
	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	if (len < sizeof(EXT2_I(inode)->i_data)) {
		memcpy(EXT2_I(inode)->i_data, target, len + 1);
		inode->i_size = (loff_t)len;
		return add_nondir(dir, dentry, inode);
	}
	n = generic_mapping_write(inode->i_mapping, &pos, len, copy_target,
				  &target);
	if (n == (ssize_t)len)
		return add_nondir(dir, dentry, inode);
	drop_nlink(inode);
	iput(inode);
	return n < 0 ? (int)n : -ENOSPC;
}

static size_t copy_text(void *ctx, void *kaddr, size_t n)
{
	memcpy(*(char **)ctx, kaddr, n);
	*(char **)ctx += n;
	return n;
}

static int ext2_readlink(struct dentry *dentry, char *buf, size_t size)
{
	struct inode *inode = d_inode(dentry);
	size_t len = min((size_t)inode->i_size, size);
	loff_t pos = 0;

	if (!ext2_is_fast_symlink(inode))
		return (int)generic_mapping_read(inode->i_mapping, NULL, &pos,
						 len, copy_text, &buf);
	len = min(len, sizeof(EXT2_I(inode)->i_data));
	memcpy(buf, EXT2_I(inode)->i_data, len);
	return (int)len;
}

static int ext2_link(struct inode *inode, struct inode *dir,
		     struct dentry *dentry)
{
	int err;

	if (inode->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inc_nlink(inode);
	inode->i_ctime = current_time();
	err = ext2_add_link(dir, &dentry->d_name, inode);
	if (err) {
		drop_nlink(inode);
		return err;
	}
	d_instantiate(dentry, igrab(inode));
	return 0;
}

static int ext2_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode,
		      const struct walk_ctx *ctx)
{
	struct inode *inode;
	int err;

	if (dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inode = ext2_new_inode(dir, (umode_t)(S_IFDIR | mode), 0, ctx);
	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	inc_nlink(inode);
	inc_nlink(dir);
	err = ext2_make_empty(inode, dir);
	if (!err)
		err = ext2_add_link(dir, &dentry->d_name, inode);
	if (err) {
		clear_nlink(inode);
		drop_nlink(dir);
		iput(inode);
		return err;
	}
	d_instantiate(dentry, inode);
	return 0;
}

static int ext2_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err = ext2_delete_entry(dir, &dentry->d_name);

	if (err)
		return err;
	inode->i_ctime = dir->i_ctime;
	drop_nlink(inode);
	return 0;
}

static int ext2_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (!ext2_empty_dir(inode))
		return -ENOTEMPTY;
	err = ext2_unlink(dir, dentry);
	if (err)
		return err;
	clear_nlink(inode);
	drop_nlink(dir);
	return 0;
}

/* ndentry's inode, if there is one, loses its name to inode. */
static int replace_target(struct inode *ndir, struct dentry *ndentry,
			  struct inode *inode)
{
	struct inode *target = d_inode(ndentry);
	int err = ext2_set_link(ndir, &ndentry->d_name, inode);

	if (err)
		return err;
	target->i_ctime = current_time();
	if (S_ISDIR(target->i_mode)) {
		clear_nlink(target);
		drop_nlink(ndir);
	} else {
		drop_nlink(target);
	}
	return 0;
}

static int ext2_rename(struct inode *odir, struct dentry *odentry,
		       struct inode *ndir, struct dentry *ndentry)
{
	struct inode *inode = d_inode(odentry), *target = d_inode(ndentry);
	bool is_dir = S_ISDIR(inode->i_mode), moves = is_dir && odir != ndir;
	int err;

	if (target && S_ISDIR(target->i_mode) && !ext2_empty_dir(target))
		return -ENOTEMPTY;
	if (moves && !target && ndir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	if (moves && !ext2_inode_by_name(inode, &dotdot, &err))
		return err ? err : -EUCLEAN;
	err = target ? replace_target(ndir, ndentry, inode) :
		       ext2_add_link(ndir, &ndentry->d_name, inode);
	if (err)
		return err;
	inode->i_ctime = current_time();
	mark_inode_dirty(inode, I_DIRTY_SYNC);
	err = ext2_delete_entry(odir, &odentry->d_name);
	if (err || !moves)
		return err;
	inc_nlink(ndir);
	drop_nlink(odir);
	return ext2_set_link(inode, &dotdot, ndir);
}

const struct inode_operations ext2_dir_iops = {
	.lookup = ext2_lookup,
	.create = ext2_create,
	.link = ext2_link,
	.unlink = ext2_unlink,
	.symlink = ext2_symlink,
	.mkdir = ext2_mkdir,
	.rmdir = ext2_rmdir,
	.mknod = ext2_mknod,
	.rename = ext2_rename,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
};

const struct inode_operations ext2_file_iops = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
};

const struct inode_operations ext2_symlink_iops = {
	.readlink = ext2_readlink,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
};

const struct inode_operations ext2_special_iops = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
};
