// SPDX-License-Identifier: MIT
/*
 * Changing directories: make, remove, link and rename. All have one shape:
 *
 *	walk to the parent -> lock it -> look the name up -> check -> do it
 *
 * Checks come first and in Linux's order, as programs tell errors apart.
 * Locks: the parent's i_rwsem, then that of an object that loses its name (so
 * that a directory cannot gain entries while it is removed). rename of two
 * parents: s_rename_lock, then the ancestor before the descendant.
 */
#include <fs/mount.h>
#include "namei_internal.h"

/* --- what is allowed --- */

static int may_create(const struct walk_ctx *ctx, struct inode *dir)
{
	if (dir->i_flags & S_DEAD)
		return -ENOENT;
	return inode_permission(ctx, dir, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory only the owner of file or directory deletes. */
static bool sticky_denies(const struct walk_ctx *ctx, const struct inode *dir,
			  const struct inode *inode)
{
	return dir->i_mode & S_ISVTX && ctx->uid != 0 &&
	       ctx->uid != inode->i_uid && ctx->uid != dir->i_uid;
}

static int may_delete(const struct walk_ctx *ctx, struct inode *dir,
		      struct dentry *victim, bool is_dir)
{
	struct inode *inode = d_inode(victim);
	int err;

	if (!inode)
		return -ENOENT;
	err = inode_permission(ctx, dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (dir->i_flags & S_APPEND || sticky_denies(ctx, dir, inode) ||
	    inode->i_flags & (S_SWAPFILE | S_APPEND | S_IMMUTABLE))
		return -EPERM;
	if (is_dir && !S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	if (!is_dir && S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (victim->d_parent == victim)
		return -EBUSY;
	return dir->i_flags & S_DEAD ? -ENOENT : 0;
}

/* --- making names --- */

/* The last name of nd, looked up in its directory, which becomes locked. */
static struct dentry *lock_and_lookup(struct nameidata *nd)
{
	struct dentry *parent = nd->path.dentry;
	struct dentry *dentry;
	struct qstr q;

	inode_lock_nested(d_inode(parent), I_MUTEX_PARENT);
	qstr_set(&q, parent, nd->last.name, nd->last.len);
	dentry = lookup_one_locked(parent, &q);
	if (IS_ERR(dentry))
		inode_unlock(d_inode(parent));
	return dentry;
}

struct dentry *path_create(const struct walk_ctx *ctx, const struct path *start,
			   const char *name, bool is_dir, struct path *parent)
{
	struct nameidata nd;
	struct dentry *dentry;
	int err = nd_parent(&nd, ctx, start, name);

	if (err)
		return ERR_PTR(err);
	dentry = ERR_PTR(-EEXIST);
	if (nd.last_type != LAST_NORM)
		goto out;
	dentry = lock_and_lookup(&nd);
	if (IS_ERR(dentry))
		goto out;
	if (!d_is_negative(dentry))
		err = -EEXIST;
	else if (nd.slash && !is_dir)
		err = -ENOENT;
	else
		err = mnt_want_write(nd.path.mnt);
	if (!err) {
		*parent = nd.path;
		path_get(parent);
		goto out;
	}
	inode_unlock(d_inode(nd.path.dentry));
	dput(dentry);
	dentry = ERR_PTR(err);
out:
	nd_done(&nd);
	return dentry;
}

void done_path_create(struct path *parent, struct dentry *dentry)
{
	inode_unlock(d_inode(parent->dentry));
	dput(dentry);
	path_put(parent);
}

int vfs_mkdir(const struct walk_ctx *ctx, const struct path *start,
	      const char *name, umode_t mode)
{
	struct path parent;
	struct dentry *dentry = path_create(ctx, start, name, true, &parent);
	struct inode *dir;
	int err;

	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	dir = d_inode(parent.dentry);
	err = may_create(ctx, dir);
	mode &= (umode_t)((S_IRWXUGO | S_ISVTX) & ~ctx->umask);
	if (!err)
		err = dir->i_op->mkdir ?
			      dir->i_op->mkdir(dir, dentry, mode, ctx) :
			      -EPERM;
	done_path_create(&parent, dentry);
	return err;
}

static int create_node(const struct walk_ctx *ctx, struct inode *dir,
		       struct dentry *dentry, umode_t mode, dev_t dev)
{
	int err = may_create(ctx, dir);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && ctx->uid != 0)
		return -EPERM;
	if (S_ISREG(mode))
		return dir->i_op->create ?
			       dir->i_op->create(dir, dentry, mode, ctx) :
			       -EACCES;
	return dir->i_op->mknod ?
		       dir->i_op->mknod(dir, dentry, mode, dev, ctx) :
		       -EPERM;
}

int vfs_mknod(const struct walk_ctx *ctx, const struct path *start,
	      const char *name, umode_t mode, dev_t dev)
{
	struct dentry *dentry;
	struct path parent;
	int err;

	dentry = path_create(ctx, start, name, false, &parent);
	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	mode &= (umode_t) ~(ctx->umask & S_IRWXUGO);
	err = create_node(ctx, d_inode(parent.dentry), dentry, mode, dev);
	done_path_create(&parent, dentry);
	return err;
}

int vfs_symlink(const struct walk_ctx *ctx, const char *target,
		const struct path *start, const char *name)
{
	struct dentry *dentry;
	struct inode *dir;
	struct path parent;
	int err;

	if (!*target)
		return -ENOENT;
	dentry = path_create(ctx, start, name, false, &parent);
	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	dir = d_inode(parent.dentry);
	err = may_create(ctx, dir);
	if (!err)
		err = dir->i_op->symlink ?
			      dir->i_op->symlink(dir, dentry, target, ctx) :
			      -EPERM;
	done_path_create(&parent, dentry);
	return err;
}

static int link_inode(const struct walk_ctx *ctx, struct inode *inode,
		      struct inode *dir, struct dentry *dentry)
{
	int err = may_create(ctx, dir);

	if (err)
		return err;
	if (S_ISDIR(inode->i_mode) || !dir->i_op->link ||
	    inode->i_flags & (S_APPEND | S_IMMUTABLE))
		return -EPERM;
	inode_lock_nested(inode, I_MUTEX_CHILD);
	if (!inode->i_nlink)
		err = -ENOENT;
	else if (inode->i_nlink >= LINK_MAX)
		err = -EMLINK;
	else
		err = dir->i_op->link(inode, dir, dentry);
	inode_unlock(inode);
	return err;
}

int vfs_link(const struct walk_ctx *ctx, const struct path *ostart,
	     const char *oname, const struct path *nstart, const char *nname,
	     unsigned int lookup_flags)
{
	struct path parent, old __cleanup(path_put) = {};
	struct dentry *dentry;
	int err = path_lookup(ctx, ostart, oname, lookup_flags, &old);

	if (err)
		return err;
	dentry = path_create(ctx, nstart, nname, false, &parent);
	if (IS_ERR(dentry))
		return (int)PTR_ERR(dentry);
	err = -EXDEV;
	if (old.mnt == parent.mnt)
		err = link_inode(ctx, d_inode(old.dentry),
				 d_inode(parent.dentry), dentry);
	done_path_create(&parent, dentry);
	return err;
}

/* --- removing names --- */

/* A directory that is gone: nothing is made in it any more. */
static void dir_is_dead(struct dentry *dentry)
{
	d_inode(dentry)->i_flags |= S_DEAD;
	shrink_dcache_parent(dentry);
}

/* The parent is locked, the checks are done. */
static int remove_locked(struct inode *dir, struct dentry *dentry, bool is_dir)
{
	int (*op)(struct inode *, struct dentry *) = is_dir ? dir->i_op->rmdir :
							      dir->i_op->unlink;
	struct inode *inode = d_inode(dentry);
	int err = -EPERM;

	if (!op)
		return err;
	igrab(inode);
	inode_lock_nested(inode, I_MUTEX_CHILD);
	err = -EBUSY;
	if (!(dentry->d_flags & DCACHE_MOUNTED))
		err = op(dir, dentry);
	if (!err && is_dir)
		dir_is_dead(dentry);
	if (!err)
		d_delete(dentry);
	inode_unlock(inode);
	iput(inode);
	return err;
}

int vfs_rmdir(const struct walk_ctx *ctx, const struct path *start,
	      const char *name)
{
	static const int errors[] = {
		[LAST_DOT] = -EINVAL,
		[LAST_DOTDOT] = -ENOTEMPTY,
		[LAST_ROOT] = -EBUSY,
		[LAST_JUMPED] = -EBUSY,
	};
	struct nameidata nd;
	struct dentry *dentry;
	struct inode *dir;
	int err = nd_parent(&nd, ctx, start, name);

	if (err)
		return err;
	err = errors[nd.last_type];
	if (err)
		goto out;
	dentry = lock_and_lookup(&nd);
	err = PTR_ERR_OR_ZERO(dentry);
	if (err)
		goto out;
	dir = d_inode(nd.path.dentry);
	err = d_is_negative(dentry) ? -ENOENT : mnt_want_write(nd.path.mnt);
	if (!err)
		err = may_delete(ctx, dir, dentry, true);
	if (!err)
		err = remove_locked(dir, dentry, true);
	inode_unlock(dir);
	dput(dentry);
out:
	nd_done(&nd);
	return err;
}

int vfs_unlink(const struct walk_ctx *ctx, const struct path *start,
	       const char *name)
{
	struct nameidata nd;
	struct dentry *dentry;
	struct inode *dir;
	int err = nd_parent(&nd, ctx, start, name);

	if (err)
		return err;
	err = -EISDIR;
	if (nd.last_type != LAST_NORM)
		goto out;
	dentry = lock_and_lookup(&nd);
	err = PTR_ERR_OR_ZERO(dentry);
	if (err)
		goto out;
	dir = d_inode(nd.path.dentry);
	if (d_is_negative(dentry))
		err = -ENOENT;
	else if (nd.slash)
		err = d_is_dir(dentry) ? -EISDIR : -ENOTDIR;
	else
		err = mnt_want_write(nd.path.mnt);
	if (!err)
		err = may_delete(ctx, dir, dentry, false);
	if (!err)
		err = remove_locked(dir, dentry, false);
	inode_unlock(dir);
	dput(dentry);
out:
	nd_done(&nd);
	return err;
}

/* --- rename --- */

/* The child of ancestor on the way down to dentry, or NULL; referenced
 * indirectly by dentry. */
static struct dentry *d_ancestor(struct dentry *ancestor, struct dentry *dentry)
{
	struct dentry *p;

	guard(spinlock)(&dcache_lock);
	for (p = dentry; p != p->d_parent; p = p->d_parent) {
		if (p->d_parent == ancestor)
			return p;
	}
	return NULL;
}

/* => the child of the one parent that holds the other, or NULL */
static struct dentry *lock_rename(struct dentry *p1, struct dentry *p2)
{
	struct dentry *trap;

	/* One directory of two names: only a damaged disk has that. */
	if (d_inode(p1) == d_inode(p2)) {
		inode_lock_nested(d_inode(p1), I_MUTEX_PARENT);
		return NULL;
	}
	mutex_lock(&p1->d_sb->s_rename_lock);
	trap = d_ancestor(p2, p1);
	if (trap)
		swap(p1, p2);
	else
		trap = d_ancestor(p1, p2);
	inode_lock_nested(d_inode(p1), I_MUTEX_PARENT);
	inode_lock_nested(d_inode(p2), I_MUTEX_PARENT2);
	return trap;
}

static void unlock_rename(struct dentry *p1, struct dentry *p2)
{
	inode_unlock(d_inode(p1));
	if (d_inode(p1) != d_inode(p2)) {
		inode_unlock(d_inode(p2));
		mutex_unlock(&p1->d_sb->s_rename_lock);
	}
}

static int may_rename(const struct walk_ctx *ctx, struct inode *odir,
		      struct dentry *odentry, struct inode *ndir,
		      struct dentry *ndentry)
{
	bool is_dir = d_is_dir(odentry);
	int err = may_delete(ctx, odir, odentry, is_dir);

	if (!err && d_is_negative(ndentry))
		err = may_create(ctx, ndir);
	else if (!err)
		err = may_delete(ctx, ndir, ndentry, is_dir);
	if (!err && is_dir && odir != ndir)
		err = inode_permission(ctx, d_inode(odentry), MAY_WRITE);
	return err ? err : odir->i_op->rename ? 0 : -EPERM;
}

/* Both parents are locked and the checks are done. */
static int rename_locked(struct inode *odir, struct dentry *odentry,
			 struct inode *ndir, struct dentry *ndentry)
{
	struct inode *target = d_inode(ndentry);
	int err = -EBUSY;

	if (target) {
		igrab(target);
		inode_lock_nested(target, I_MUTEX_CHILD);
	}
	if (!((odentry->d_flags | ndentry->d_flags) & DCACHE_MOUNTED))
		err = odir->i_op->rename(odir, odentry, ndir, ndentry);
	if (!err) {
		if (target && S_ISDIR(target->i_mode))
			dir_is_dead(ndentry);
		d_move(odentry, ndentry);
	}
	if (target) {
		inode_unlock(target);
		iput(target);
	}
	return err;
}

static struct dentry *lookup_last(struct nameidata *nd)
{
	struct qstr q;

	qstr_set(&q, nd->path.dentry, nd->last.name, nd->last.len);
	return lookup_one_locked(nd->path.dentry, &q);
}

static int rename_check(const struct nameidata *ond, struct dentry *odentry,
			const struct nameidata *nnd, struct dentry *ndentry,
			const struct dentry *trap, unsigned int flags)
{
	if (d_is_negative(odentry))
		return -ENOENT;
	if (flags & RENAME_NOREPLACE && !d_is_negative(ndentry))
		return -EEXIST;
	if (!d_is_dir(odentry)) {
		if (ond->slash)
			return -ENOTDIR;
		if (nnd->slash)
			return -ENOTDIR;
	}
	if (odentry == trap)
		return -EINVAL;
	return ndentry == trap ? -ENOTEMPTY : 0;
}

static int do_rename(const struct walk_ctx *ctx, struct nameidata *ond,
		     struct nameidata *nnd, unsigned int flags)
{
	struct dentry *op = ond->path.dentry, *np = nnd->path.dentry;
	struct dentry *trap = lock_rename(op, np);
	struct dentry *odentry = lookup_last(ond), *ndentry = NULL;
	int err = PTR_ERR_OR_ZERO(odentry);

	if (err)
		goto unlock;
	ndentry = lookup_last(nnd);
	err = PTR_ERR_OR_ZERO(ndentry);
	if (err)
		goto put_old;
	err = rename_check(ond, odentry, nnd, ndentry, trap, flags);
	if (!err && d_inode(odentry) == d_inode(ndentry))
		goto put_new;
	if (!err)
		err = may_rename(ctx, d_inode(op), odentry, d_inode(np),
				 ndentry);
	if (!err)
		err = rename_locked(d_inode(op), odentry, d_inode(np), ndentry);
put_new:
	dput(ndentry);
put_old:
	dput(odentry);
unlock:
	unlock_rename(op, np);
	return err;
}

int vfs_rename(const struct walk_ctx *ctx, const struct path *ostart,
	       const char *oname, const struct path *nstart, const char *nname,
	       unsigned int flags)
{
	struct nameidata ond, nnd;
	int err;

	err = nd_parent(&ond, ctx, ostart, oname);
	if (err)
		return err;
	err = nd_parent(&nnd, ctx, nstart, nname);
	if (err)
		goto out_old;
	if (ond.path.mnt != nnd.path.mnt)
		err = -EXDEV;
	else if (ond.last_type != LAST_NORM)
		err = -EBUSY;
	else if (nnd.last_type != LAST_NORM)
		err = flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	else
		err = mnt_want_write(ond.path.mnt);
	if (!err)
		err = do_rename(ctx, &ond, &nnd, flags);
	nd_done(&nnd);
out_old:
	nd_done(&ond);
	return err;
}
