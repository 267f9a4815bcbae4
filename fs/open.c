// SPDX-License-Identifier: MIT
/*
 * From a name to an open file. Opening is: find (or create) the object, check
 * what is asked against what is allowed, then let the object's own open
 * operation have the new file.
 */
#include <fs/mount.h>
#include <fs/stat.h>
#include <mm/vm/writeback.h>
#include "file_internal.h"
#include "namei_internal.h"

#define O_CREATION_FLAGS (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static int acc_mode(unsigned int flags)
{
	static const int modes[] = {
		MAY_READ,
		MAY_WRITE,
		MAY_READ | MAY_WRITE,
		MAY_READ | MAY_WRITE,
	};

	return modes[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

static int may_open(const struct walk_ctx *ctx, const struct path *path,
		    unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	int acc = acc_mode(flags), err;

	if (S_ISLNK(inode->i_mode))
		return -ELOOP;
	if (S_ISDIR(inode->i_mode) && acc & MAY_WRITE)
		return -EISDIR;
	if ((S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode)) &&
	    path->mnt->mnt_flags & MNT_NODEV)
		return -EACCES;
	if ((S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode)) &&
	    acc & MAY_WRITE && mnt_want_write(path->mnt))
		return -EROFS;
	err = inode_permission(ctx, inode, acc);
	if (err)
		return err;
	if (unlikely(inode->i_flags & S_APPEND) && acc & MAY_WRITE &&
	    (flags & (O_APPEND | O_TRUNC)) != O_APPEND)
		return -EPERM;
	return flags & O_NOATIME && !ctx_owner_or_root(ctx, inode) ? -EPERM : 0;
}

static int get_write_access(struct file *file)
{
	atomic_t *count = &file->f_inode->i_writecount;
	int old = atomic_read(count), seen;

	for (;; old = seen) {
		if (old < 0)
			return -ETXTBSY;
		seen = atomic_cmpxchg(count, old, old + 1);
		if (seen == old)
			break;
	}
	file->f_mode |= FMODE_WRITER;
	return 0;
}

/* Fill in an allocated file and call the object's open. */
static int do_dentry_open(struct file *file, const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	file->f_path = *path;
	path_get(path);
	file->f_inode = inode;
	file->f_mapping = inode->i_mapping;
	file_ra_state_init(&file->f_ra);
	if (inode->i_mapping)
		file->f_wb_err = errseq_sample(&inode->i_mapping->wb_err);
	file->f_sb_err = errseq_sample(&inode->i_sb->s_wb_err);
	if (file->f_flags & O_PATH) {
		static const struct file_operations path_fops;

		file->f_mode = FMODE_PATH;
		file->f_op = &path_fops;
		return 0;
	}
	file->f_mode = (fmode_t)((file->f_flags + 1) & O_ACCMODE) |
		       FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	file->f_op = inode->i_fop;
	if (S_ISREG(inode->i_mode) && file->f_mode & FMODE_WRITE) {
		err = get_write_access(file);
		if (err)
			return err;
	}
	if (!file->f_op->open)
		return 0;
	err = file->f_op->open(inode, file);
	if (err)
		file->f_mode &= ~(FMODE_READ | FMODE_WRITE);
	return err;
}

struct file *dentry_open(const struct path *path, unsigned int flags, uid_t uid,
			 gid_t gid)
{
	struct file *file = alloc_file(
		flags & ~(unsigned int)(O_CREATION_FLAGS & ~O_EXCL), uid, gid);
	int err;

	if (IS_ERR(file))
		return file;
	err = do_dentry_open(file, path);
	file->f_flags &= ~(unsigned int)O_EXCL; /* seen by devices only */
	if (!err)
		return file;
	file_open_failed(file);
	return ERR_PTR(err);
}

static int handle_truncate(const struct path *path)
{
	struct iattr attr = {
		.ia_valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME,
		.ia_mtime = current_time(),
	};

	if (!S_ISREG(d_inode(path->dentry)->i_mode))
		return 0;
	if (atomic_read(&d_inode(path->dentry)->i_writecount) < 0)
		return -ETXTBSY;
	return notify_change(path, &attr);
}

/* The object is found; created: it is new, its mode does not count. */
static struct file *finish_open(const struct walk_ctx *ctx,
				const struct path *path, unsigned int flags,
				bool created)
{
	struct file *file;
	int err = created || flags & O_PATH ? 0 : may_open(ctx, path, flags);

	if (err)
		return ERR_PTR(err);
	file = dentry_open(path, flags, ctx->uid, ctx->gid);
	if (IS_ERR(file) || !(flags & O_TRUNC) || created)
		return file;
	err = handle_truncate(path);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

static struct file *open_existing(const struct walk_ctx *ctx,
				  const struct path *start, const char *name,
				  unsigned int flags)
{
	unsigned int lookup = flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct file *file;
	struct path path;
	int err;

	if (flags & O_DIRECTORY)
		lookup |= LOOKUP_DIRECTORY;
	err = path_lookup(ctx, start, name, lookup, &path);
	if (err)
		return ERR_PTR(err);
	file = finish_open(ctx, &path, flags, false);
	path_put(&path);
	return file;
}

static int create_file(const struct walk_ctx *ctx, const struct path *parent,
		       struct dentry *dentry, umode_t mode)
{
	struct inode *dir = d_inode(parent->dentry);
	int err = mnt_want_write(parent->mnt);

	if (!err && dir->i_flags & S_DEAD)
		err = -ENOENT;
	if (!err)
		err = inode_permission(ctx, dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	mode &= (umode_t)(S_IALLUGO & ~ctx->umask);
	return dir->i_op->create(dir, dentry, mode | S_IFREG, ctx);
}

/* What is mounted on an existing object hides it. */
static void cross_mounts(struct path *path)
{
	struct vfsmount *mnt;

	for (;;) {
		spin_lock(&dcache_lock);
		mnt = path->dentry->d_flags & DCACHE_MOUNTED ?
			      __lookup_mnt(path->mnt, path->dentry) :
			      NULL;
		if (mnt)
			mntget(mnt);
		spin_unlock(&dcache_lock);
		if (!mnt)
			return;
		path_put(path);
		path->mnt = mnt;
		path->dentry = dget(mnt->mnt_root);
	}
}

/*
 * The last name with O_CREAT. => file or ERR_PTR; NULL: it was a symbolic
 * link, walk on
 */
static struct file *open_last(struct nameidata *nd, unsigned int flags,
			      umode_t mode)
{
	struct dentry *parent = nd->path.dentry, *dentry;
	struct path path = { .mnt = nd->path.mnt };
	struct file *file;
	bool created = false;
	struct qstr q;
	int err = 0;

	if (nd->last_type != LAST_NORM || nd->slash)
		return ERR_PTR(-EISDIR);
	inode_lock_nested(d_inode(parent), I_MUTEX_PARENT);
	qstr_set(&q, parent, nd->last.name, nd->last.len);
	dentry = lookup_one_locked(parent, &q);
	if (!IS_ERR(dentry) && d_is_negative(dentry)) {
		err = create_file(nd->ctx, &nd->path, dentry, mode);
		created = true;
	}
	inode_unlock(d_inode(parent));
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (!err && !created && flags & O_EXCL)
		err = -EEXIST;
	if (!err && S_ISLNK(d_inode(dentry)->i_mode)) {
		err = flags & O_NOFOLLOW ? -ELOOP :
					   nd_follow_link(nd, dentry, "");
		dput(dentry);
		return ERR_PTR(err); /* NULL if 0 */
	}
	if (err) {
		dput(dentry);
		return ERR_PTR(err);
	}
	path.dentry = dentry;
	mntget(path.mnt);
	cross_mounts(&path);
	file = d_is_dir(path.dentry) ?
		       ERR_PTR(-EISDIR) :
		       finish_open(nd->ctx, &path, flags, created);
	path_put(&path);
	return file;
}

static struct file *open_create(const struct walk_ctx *ctx,
				const struct path *start, const char *name,
				unsigned int flags, umode_t mode)
{
	struct nameidata nd;
	struct file *file;
	int err = nd_parent(&nd, ctx, start, name);

	if (err)
		return ERR_PTR(err);
	for (;;) {
		/* A link jumped to an object that has no name to create. */
		if (nd.last_type == LAST_JUMPED) {
			file = finish_open(ctx, &nd.path, flags, false);
			break;
		}
		file = open_last(&nd, flags, mode);
		if (file)
			break;
		err = nd_walk(&nd);
		if (err) {
			file = ERR_PTR(err);
			break;
		}
	}
	nd_done(&nd);
	return file;
}

struct file *vfs_open(const struct walk_ctx *ctx, const struct path *start,
		      const char *name, unsigned int flags, umode_t mode)
{
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return ERR_PTR(-EOPNOTSUPP);
	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	flags &= ~(unsigned int)O_LARGEFILE;
	if (!(flags & O_CREAT))
		return open_existing(ctx, start, name, flags);
	if (flags & O_DIRECTORY)
		return ERR_PTR(-EINVAL);
	return open_create(ctx, start, name, flags, mode);
}

struct file *vfs_open_exec(const struct walk_ctx *ctx, const struct path *start,
			   const char *name, unsigned int lookup_flags)
{
	struct path path __cleanup(path_put) = {};
	struct inode *inode;
	struct file *file;
	int err = path_lookup(ctx, start, name, lookup_flags, &path);

	if (err)
		return ERR_PTR(err);
	inode = d_inode(path.dentry);
	if (!S_ISREG(inode->i_mode) || path.mnt->mnt_flags & MNT_NOEXEC)
		return ERR_PTR(-EACCES);
	err = inode_permission(ctx, inode, MAY_EXEC);
	if (err)
		return ERR_PTR(err);
	file = dentry_open(&path, O_RDONLY, ctx->uid, ctx->gid);
	if (IS_ERR(file))
		return file;
	err = deny_write_access(file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

int vfs_access(const struct walk_ctx *ctx, const struct path *start,
	       const char *name, int mode, unsigned int lookup_flags)
{
	struct path path __cleanup(path_put) = {};
	struct inode *inode;
	int err;

	if (mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC))
		return -EINVAL;
	err = path_lookup(ctx, start, name, lookup_flags, &path);
	if (err)
		return err;
	inode = d_inode(path.dentry);
	if (mode & MAY_EXEC && S_ISREG(inode->i_mode) &&
	    path.mnt->mnt_flags & MNT_NOEXEC)
		return -EACCES;
	err = inode_permission(ctx, inode, mode);
	if (!err && mode & MAY_WRITE &&
	    (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) ||
	     S_ISLNK(inode->i_mode)))
		err = mnt_want_write(path.mnt);
	return err;
}

int vfs_may_chdir(const struct walk_ctx *ctx, const struct path *path)
{
	if (!d_is_dir(path->dentry))
		return -ENOTDIR;
	return inode_permission(ctx, d_inode(path->dentry), MAY_EXEC);
}
