// SPDX-License-Identifier: MIT
/*
 * Attributes: reading them (stat), and changing them: every change of mode,
 * owner, size or times goes through notify_change() with the inode locked.
 */
#include <base/bug.h>
#include <fs/mount.h>
#include <fs/stat.h>

/* --- reading --- */

void generic_fillattr(struct inode *inode, struct kstat *st)
{
	st->mode = inode->i_mode;
	st->nlink = inode->i_nlink;
	st->uid = inode->i_uid;
	st->gid = inode->i_gid;
	st->dev = inode->i_sb->s_dev;
	st->rdev = inode->i_rdev;
	st->ino = inode->i_ino;
	st->size = inode->i_size;
	st->atime = inode->i_atime;
	st->mtime = inode->i_mtime;
	st->ctime = inode->i_ctime;
	st->blksize = (unsigned int)inode->i_sb->s_blocksize;
	st->blocks = inode->i_blocks;
}

int vfs_getattr(const struct path *path, struct kstat *st)
{
	struct inode *inode = d_inode(path->dentry);

	if (inode->i_op->getattr)
		return inode->i_op->getattr(path, st);
	generic_fillattr(inode, st);
	return 0;
}

int vfs_fstat(struct file *file, struct kstat *st)
{
	return vfs_getattr(&file->f_path, st);
}

int vfs_stat(const struct walk_ctx *ctx, const struct path *start,
	     const char *name, unsigned int lookup_flags, struct kstat *st)
{
	struct path path;
	int err = path_lookup(ctx, start, name, lookup_flags, &path);

	if (err)
		return err;
	err = vfs_getattr(&path, st);
	path_put(&path);
	return err;
}

int vfs_statfs(const struct path *path, struct kstatfs *st)
{
	struct super_block *sb = path->dentry->d_sb;
	unsigned int mf = path->mnt->mnt_flags;
	int err = 0;

	memset(st, 0, sizeof(*st));
	st->f_type = sb->s_magic;
	st->f_bsize = sb->s_blocksize;
	st->f_frsize = sb->s_blocksize;
	st->f_namelen = NAME_MAX;
	st->f_fsid = sb->s_dev;
	st->f_flags = ST_VALID | (mnt_is_readonly(path->mnt) ? ST_RDONLY : 0) |
		      (mf & MNT_NOSUID ? ST_NOSUID : 0) |
		      (mf & MNT_NODEV ? ST_NODEV : 0) |
		      (mf & MNT_NOEXEC ? ST_NOEXEC : 0) |
		      (mf & MNT_NOATIME ? ST_NOATIME : 0) |
		      (mf & MNT_RELATIME ? ST_RELATIME : 0);
	if (sb->s_op && sb->s_op->statfs)
		err = sb->s_op->statfs(path->dentry, st);
	return err;
}

int vfs_fstatfs(struct file *file, struct kstatfs *st)
{
	return vfs_statfs(&file->f_path, st);
}

int vfs_readlink(const struct path *path, char *buf, size_t size)
{
	struct inode *inode = d_inode(path->dentry);
	struct path target;
	char *text;
	size_t len;
	int err;

	if (!S_ISLNK(inode->i_mode))
		return -EINVAL;
	if (inode->i_op->readlink)
		return inode->i_op->readlink(path->dentry, buf, size);
	if (!inode->i_op->jump_link)
		return -EINVAL;
	err = inode->i_op->jump_link(path->dentry, &target);
	if (err)
		return err;
	text = d_path(&target, NULL, buf, size);
	path_put(&target);
	if (IS_ERR(text))
		return (int)PTR_ERR(text);
	len = strlen(text);
	memmove(buf, text, len);
	return (int)len;
}

/* --- changing --- */

void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	unsigned int valid = attr->ia_valid;

	if (valid & ATTR_UID)
		inode->i_uid = attr->ia_uid;
	if (valid & ATTR_GID)
		inode->i_gid = attr->ia_gid;
	if (valid & ATTR_ATIME)
		inode->i_atime = attr->ia_atime;
	if (valid & ATTR_MTIME)
		inode->i_mtime = attr->ia_mtime;
	if (valid & ATTR_CTIME)
		inode->i_ctime = attr->ia_ctime;
	if (valid & ATTR_MODE)
		inode->i_mode = (umode_t)((inode->i_mode & S_IFMT) |
					  (attr->ia_mode & S_IALLUGO));
}

/* Inode locked. */
static int notify_change_locked(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	size_t one = 1;
	int err;

	if (unlikely(inode->i_flags & S_IMMUTABLE) ||
	    (unlikely(inode->i_flags & S_APPEND) &&
	     attr->ia_valid & ~(ATTR_ATIME | ATTR_MTIME)))
		return -EPERM;
	if (attr->ia_valid & ATTR_SIZE && inode->i_flags & S_SWAPFILE)
		return -ETXTBSY;
	if (attr->ia_valid & ATTR_SIZE && attr->ia_size > inode->i_size) {
		err = check_file_size(attr->ia_size - 1, &one);
		if (err)
			return err;
	}
	attr->ia_valid |= ATTR_CTIME;
	attr->ia_ctime = current_time();
	if (inode->i_op->setattr)
		return inode->i_op->setattr(dentry, attr);
	if (attr->ia_valid & ATTR_SIZE)
		return -EINVAL;
	setattr_copy(inode, attr);
	return 0;
}

int notify_change(const struct path *path, struct iattr *attr)
{
	struct inode *inode = d_inode(path->dentry);
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	guard(inode)(inode);
	return notify_change_locked(path->dentry, attr);
}

static int do_truncate(const struct path *path, loff_t length)
{
	struct iattr attr = {
		.ia_valid = ATTR_SIZE | ATTR_MTIME,
		.ia_size = length,
		.ia_mtime = current_time(),
	};

	return notify_change(path, &attr);
}

int vfs_ftruncate(struct file *file, loff_t length)
{
	if (length < 0 || !S_ISREG(file->f_inode->i_mode) ||
	    !(file->f_mode & FMODE_WRITE))
		return -EINVAL;
	return do_truncate(&file->f_path, length);
}

/* The combinations of mode bits that nobody supports. */
static int check_falloc_mode(int mode)
{
	if (mode & ~FALLOC_FL_ALL)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) &&
	    (mode & (FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)) !=
		    FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_COLLAPSE_RANGE) &&
	    mode != FALLOC_FL_COLLAPSE_RANGE)
		return -EINVAL;
	if ((mode & FALLOC_FL_INSERT_RANGE) && mode != FALLOC_FL_INSERT_RANGE)
		return -EINVAL;
	if ((mode & FALLOC_FL_UNSHARE_RANGE) &&
	    (mode & ~(FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_KEEP_SIZE)))
		return -EINVAL;
	return 0;
}

int vfs_fallocate(struct file *file, int mode, loff_t off, loff_t len)
{
	umode_t type = file->f_inode->i_mode;
	int err;

	if (off < 0 || len <= 0)
		return -EINVAL;
	err = check_falloc_mode(mode);
	if (err)
		return err;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (S_ISFIFO(type))
		return -ESPIPE;
	if (S_ISDIR(type))
		return -EISDIR;
	if (!S_ISREG(type) && !S_ISBLK(type))
		return -ENODEV;
	if (len > file->f_inode->i_sb->s_maxbytes - off)
		return -EFBIG;
	if (!file->f_op->fallocate)
		return -EOPNOTSUPP;
	if (file->f_inode->i_flags & S_SWAPFILE)
		return -ETXTBSY;
	return file->f_op->fallocate(file, mode, off, len);
}

int vfs_truncate(const struct walk_ctx *ctx, const struct path *path,
		 loff_t length)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	if (length < 0)
		return -EINVAL;
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	err = inode_permission(ctx, inode, MAY_WRITE);
	if (err)
		return err;
	if (atomic_read(&inode->i_writecount) < 0)
		return -ETXTBSY;
	return do_truncate(path, length);
}

int vfs_chmod(const struct walk_ctx *ctx, const struct path *path, umode_t mode)
{
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = { .ia_valid = ATTR_MODE, .ia_mode = mode };

	if (!ctx_owner_or_root(ctx, inode))
		return -EPERM;
	if (S_ISLNK(inode->i_mode))
		return -EOPNOTSUPP;
	if (ctx->uid != 0 && !ctx_in_group(ctx, inode->i_gid))
		attr.ia_mode &= (umode_t)~S_ISGID;
	return notify_change(path, &attr);
}

int vfs_chown(const struct walk_ctx *ctx, const struct path *path, uid_t uid,
	      gid_t gid)
{
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = { .ia_valid = 0, .ia_uid = uid, .ia_gid = gid };

	if (uid != (uid_t)-1) {
		if (ctx->uid != 0 &&
		    (uid != inode->i_uid || ctx->uid != inode->i_uid))
			return -EPERM;
		attr.ia_valid |= ATTR_UID;
	}
	if (gid != (gid_t)-1) {
		if (ctx->uid != 0 &&
		    (ctx->uid != inode->i_uid ||
		     (gid != inode->i_gid && !ctx_in_group(ctx, gid))))
			return -EPERM;
		attr.ia_valid |= ATTR_GID;
	}
	/* A new owner does not inherit the power to become the old one. */
	if (attr.ia_valid && !S_ISDIR(inode->i_mode) &&
	    inode->i_mode & (S_ISUID | S_ISGID)) {
		attr.ia_valid |= ATTR_MODE;
		attr.ia_mode = (umode_t)(inode->i_mode & ~S_ISUID);
		if (inode->i_mode & S_IXGRP)
			attr.ia_mode &= (umode_t)~S_ISGID;
	}
	return notify_change(path, &attr);
}

static int attr_time(struct iattr *attr, unsigned int bit,
		     const struct timespec64 *t, struct timespec64 *out)
{
	if (t->tv_nsec == UTIME_OMIT)
		return 0;
	attr->ia_valid |= bit;
	if (t->tv_nsec == UTIME_NOW) {
		*out = current_time();
		return 0;
	}
	if (t->tv_nsec < 0 || t->tv_nsec >= 1000000000L)
		return -EINVAL;
	*out = *t;
	return 0;
}

int vfs_utimes(const struct walk_ctx *ctx, const struct path *path,
	       const struct timespec64 times[2])
{
	static const struct timespec64 now[2] = {
		{ .tv_nsec = UTIME_NOW },
		{ .tv_nsec = UTIME_NOW },
	};
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = { .ia_valid = 0 };
	int err;

	if (!times)
		times = now;
	err = attr_time(&attr, ATTR_ATIME, &times[0], &attr.ia_atime);
	if (!err)
		err = attr_time(&attr, ATTR_MTIME, &times[1], &attr.ia_mtime);
	if (err || !attr.ia_valid)
		return err;
	if (times[0].tv_nsec != UTIME_NOW || times[1].tv_nsec != UTIME_NOW)
		attr.ia_valid |= ATTR_TIMES_SET;
	if (!ctx_owner_or_root(ctx, inode)) {
		/* Whoever may write may say "now". */
		if (attr.ia_valid & ATTR_TIMES_SET)
			return -EPERM;
		err = inode_permission(ctx, inode, MAY_WRITE);
		if (err)
			return err;
	}
	return notify_change(path, &attr);
}
