// SPDX-License-Identifier: MIT
/*
 * The path walk: from a name to an object, component by component.
 *
 *	"usr/bin/../lib/x"     position: (mount, dentry), always a directory
 *	   each step: search permission, then "." / ".." / lookup in the cache
 *	   a miss:    ask the file system, with the directory locked
 *	   a mount:   go on at the root of what is mounted there
 *	   a symlink: its text takes the place of the component; what follows
 *	              it is kept on a stack
 *
 * The walk holds dcache_lock and takes no references as long as the cache
 * answers; nd_pin() takes a reference on the position when the lock has to
 * be released (to sleep).
 *
 * Names are hostile: a component is at most NAME_MAX long, at most
 * MAXSYMLINKS links are followed, the depth of the stack is bounded by that.
 */
#include <base/bug.h>
#include <fs/mount.h>
#include "namei_internal.h"
#include <mm/phys/slab.h>

void path_get(const struct path *path)
{
	mntget(path->mnt);
	dget(path->dentry);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mntput(path->mnt);
}

/* --- permissions --- */

bool ctx_in_group(const struct walk_ctx *ctx, gid_t gid)
{
	unsigned int i;

	if (ctx->gid == gid)
		return true;
	for (i = 0; i < ctx->ngroups; i++) {
		if (ctx->groups[i] == gid)
			return true;
	}
	return false;
}

bool ctx_owner_or_root(const struct walk_ctx *ctx, const struct inode *inode)
{
	return ctx->uid == 0 || ctx->uid == inode->i_uid;
}

int generic_permission(const struct walk_ctx *ctx, struct inode *inode,
		       int mask)
{
	unsigned int mode = inode->i_mode;

	if (ctx->uid == 0) {
		if (mask & MAY_EXEC && !S_ISDIR(mode) && !(mode & S_IXUGO))
			return -EACCES;
		return 0;
	}
	if (ctx->uid == inode->i_uid)
		mode >>= 6;
	else if (ctx_in_group(ctx, inode->i_gid))
		mode >>= 3;
	return (unsigned int)mask & ~mode & 7 ? -EACCES : 0;
}

int inode_permission(const struct walk_ctx *ctx, struct inode *inode, int mask)
{
	if (mask & MAY_WRITE && unlikely(inode->i_flags & S_IMMUTABLE))
		return -EPERM;
	if (inode->i_op->permission)
		return inode->i_op->permission(ctx, inode, mask);
	return generic_permission(ctx, inode, mask);
}

/* --- the position: locked or referenced --- */

/* => dcache_lock held: releases it; the position is referenced after */
static void nd_pin(struct nameidata *nd)
{
	struct path old = nd->held;

	if (nd->path.dentry == old.dentry && nd->path.mnt == old.mnt) {
		spin_unlock(&dcache_lock);
		return;
	}
	path_get(&nd->path);
	spin_unlock(&dcache_lock);
	nd->held = nd->path;
	path_put(&old);
}

/* Take over a referenced path as the new position. => pinned */
static void nd_set(struct nameidata *nd, const struct path *path)
{
	struct path old = nd->held;

	nd->held = *path;
	nd->path = *path;
	path_put(&old);
}

static struct inode *nd_inode(const struct nameidata *nd)
{
	return d_inode(nd->path.dentry);
}

/* => dcache_lock held */
static void follow_mounts(struct path *path)
{
	struct vfsmount *mnt;

	while (unlikely(path->dentry->d_flags & DCACHE_MOUNTED)) {
		mnt = __lookup_mnt(path->mnt, path->dentry);
		if (!mnt)
			break;
		path->mnt = mnt;
		path->dentry = mnt->mnt_root;
	}
}

/* => dcache_lock held */
static void follow_dotdot(struct nameidata *nd)
{
	const struct path *root = &nd->ctx->root;
	struct path *p = &nd->path;

	for (;;) {
		if (p->dentry == root->dentry && p->mnt == root->mnt)
			break;
		if (p->dentry != p->mnt->mnt_root) {
			p->dentry = p->dentry->d_parent;
			break;
		}
		if (!p->mnt->mnt_parent)
			break;
		p->dentry = p->mnt->mnt_mountpoint;
		p->mnt = p->mnt->mnt_parent;
	}
	follow_mounts(p);
}

/* --- lookup of one name --- */

struct dentry *lookup_one_locked(struct dentry *parent, const struct qstr *name)
{
	struct inode *dir = d_inode(parent);
	struct dentry *dentry = d_lookup(parent, name);
	int err;

	if (dentry) {
		if (!(dentry->d_flags & DCACHE_REVALIDATE) ||
		    d_is_negative(dentry) || dentry->d_op->d_revalidate(dentry))
			return dentry;
		d_drop(dentry);
		dput(dentry);
	}
	if (dir->i_flags & S_DEAD)
		return ERR_PTR(-ENOENT);
	if (!dir->i_op->lookup)
		return ERR_PTR(-ENOTDIR);
	dentry = d_alloc(parent, name);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	err = dir->i_op->lookup(dir, dentry);
	if (!err)
		return dentry;
	dput(dentry);
	return ERR_PTR(err);
}

static struct dentry *lookup_slow(struct dentry *parent,
				  const struct qstr *name)
{
	struct inode *dir = d_inode(parent);
	struct dentry *dentry;

	inode_lock_nested(dir, I_MUTEX_PARENT);
	dentry = lookup_one_locked(parent, name);
	inode_unlock(dir);
	return dentry;
}

/* --- symbolic links --- */

static void nd_restart(struct nameidata *nd)
{
	struct path root = nd->ctx->root;

	path_get(&root);
	nd_set(nd, &root);
}

/*
 * The walk's text is now buf (kmalloced), then rest, which keeps the text it
 * is in alive; if nothing is left of that, it is freed.
 */
static void nd_push(struct nameidata *nd, char *buf, const char *rest)
{
	rest += strspn(rest, "/");
	if (*rest) {
		BUG_ON(nd->depth >= ARRAY_SIZE(nd->stack));
		nd->stack[nd->depth].rest = rest;
		nd->stack[nd->depth].own = nd->own;
		nd->depth++;
	} else {
		kfree(nd->own);
	}
	nd->own = buf;
	nd->name = buf;
}

/* Go on with what was behind the link. => false: there is nothing */
static bool nd_pop(struct nameidata *nd)
{
	if (!nd->depth)
		return false;
	kfree(nd->own);
	nd->depth--;
	nd->name = nd->stack[nd->depth].rest;
	nd->own = nd->stack[nd->depth].own;
	return true;
}

static int follow_link_text(struct nameidata *nd, struct dentry *link,
			    const char *rest)
{
	struct inode *inode = d_inode(link);
	char *buf;
	int len;

	if (!inode->i_op->readlink)
		return -EINVAL;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	len = inode->i_op->readlink(link, buf, PATH_MAX - 1);
	if (len <= 0) {
		kfree(buf);
		return len < 0 ? len : -ENOENT;
	}
	buf[len] = 0;
	if (buf[0] == '/')
		nd_restart(nd);
	nd_push(nd, buf, rest);
	return 0;
}

int nd_follow_link(struct nameidata *nd, struct dentry *link, const char *rest)
{
	struct inode *inode = d_inode(link);
	struct path path;
	int err;

	if (nd->links++ >= MAXSYMLINKS)
		return -ELOOP;
	if (!inode->i_op->jump_link)
		return follow_link_text(nd, link, rest);
	err = inode->i_op->jump_link(link, &path);
	if (err)
		return err;
	nd_set(nd, &path);
	nd->name = rest;
	nd->jumped = true;
	return 0;
}

/* --- the walk --- */

/*
 * One step to the named child. last: nothing follows it.
 * => dcache_lock held, before and after if the result is 0; on error it is
 *    released. May have been released between.
 */
static int walk_component(struct nameidata *nd, const struct qstr *name,
			  const char *rest, bool last)
{
	struct path next = { .mnt = nd->path.mnt };
	struct inode *inode;
	bool pinned = false;
	int err;

	next.dentry = __d_lookup(nd->path.dentry, name);
	if (unlikely(!next.dentry ||
		     next.dentry->d_flags & DCACHE_REVALIDATE)) {
		nd_pin(nd);
		next.dentry = lookup_slow(nd->path.dentry, name);
		if (IS_ERR(next.dentry))
			return (int)PTR_ERR(next.dentry);
		pinned = true;
		spin_lock(&dcache_lock);
	}
	inode = d_inode(next.dentry);
	err = -ENOENT;
	if (!inode)
		goto out;
	if (S_ISLNK(inode->i_mode) &&
	    (!last || nd->flags & LOOKUP_FOLLOW || nd->slash)) {
		if (!pinned)
			dget(next.dentry);
		pinned = true;
		nd_pin(nd);
		err = nd_follow_link(nd, next.dentry, rest);
		dput(next.dentry);
		if (!err)
			spin_lock(&dcache_lock);
		return err;
	}
	nd->name = rest;
	err = 0;
	if (!pinned) {
		follow_mounts(&next);
		nd->path = next;
		return 0;
	}
	/* The child's reference becomes the position's. */
	mntget(next.mnt);
	spin_unlock(&dcache_lock);
	nd_set(nd, &next);
	spin_lock(&dcache_lock);
	follow_mounts(&nd->path);
	return 0;
out:
	spin_unlock(&dcache_lock);
	if (pinned)
		dput(next.dentry);
	return err;
}

static int classify(const char *name, size_t len)
{
	if (name[0] != '.' || len > 2)
		return LAST_NORM;
	if (len == 1)
		return LAST_DOT;
	return name[1] == '.' ? LAST_DOTDOT : LAST_NORM;
}

/*
 * => dcache_lock held, before and after if the result is 0
 * => with LOOKUP_PARENT the position is the last component's directory
 */
static int walk(struct nameidata *nd)
{
	struct qstr q;
	const char *end;
	size_t len;
	bool last;
	int err;

	nd->last_type = nd->jumped ? LAST_JUMPED : LAST_ROOT;
	nd->jumped = false;
	for (;;) {
		while (*nd->name == '/')
			nd->name++;
		if (!*nd->name) {
			if (!nd_pop(nd))
				return 0;
			continue;
		}
		err = -ENOTDIR;
		if (!d_is_dir(nd->path.dentry))
			break;
		err = inode_permission(nd->ctx, nd_inode(nd), MAY_EXEC);
		if (err)
			break;
		end = strchrnul(nd->name, '/');
		len = (size_t)(end - nd->name);
		err = -ENAMETOOLONG;
		if (len > NAME_MAX)
			break;
		last = false;
		if (!end[strspn(end, "/")] && !nd->depth) {
			last = true;
			nd->slash |= *end == '/';
		}
		nd->last_type = classify(nd->name, len);
		if (last && nd->flags & LOOKUP_PARENT) {
			nd->last.name = nd->name;
			nd->last.len = (u32)len;
			return 0;
		}
		if (nd->last_type == LAST_NORM) {
			qstr_set(&q, nd->path.dentry, nd->name, len);
			err = walk_component(nd, &q, end, last);
			if (err)
				return err;
			continue;
		}
		if (nd->last_type == LAST_DOTDOT)
			follow_dotdot(nd);
		nd->name = end;
	}
	spin_unlock(&dcache_lock);
	return err;
}

/* Walk nd->name from the position. => pinned, or -errno */
int nd_walk(struct nameidata *nd)
{
	int err;

	spin_lock(&dcache_lock);
	err = walk(nd);
	if (err)
		return err;
	nd_pin(nd);
	if (nd->slash && !(nd->flags & LOOKUP_PARENT) &&
	    !d_is_dir(nd->path.dentry))
		return -ENOTDIR;
	return 0;
}

void nd_init(struct nameidata *nd, const struct walk_ctx *ctx,
	     const struct path *start, const char *name, unsigned int flags)
{
	memset(nd, 0, offsetof(struct nameidata, stack));
	nd->ctx = ctx;
	nd->flags = flags;
	nd->name = name;
	if (*name == '/')
		nd->path = ctx->root;
	else
		nd->path = start ? *start : ctx->cwd;
}

void nd_done(struct nameidata *nd)
{
	while (nd_pop(nd))
		;
	kfree(nd->own);
	path_put(&nd->held);
}

int path_lookup(const struct walk_ctx *ctx, const struct path *start,
		const char *name, unsigned int flags, struct path *out)
{
	struct nameidata nd;
	int err = 0;

	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	nd_init(&nd, ctx, start, name, flags);
	if (*name)
		err = nd_walk(&nd);
	if (!err && flags & LOOKUP_DIRECTORY && !d_is_dir(nd.path.dentry))
		err = -ENOTDIR;
	if (!err && *name) {
		*out = nd.held;
		memset(&nd.held, 0, sizeof(nd.held));
	} else if (!err) {
		*out = nd.path;
		path_get(out);
	}
	nd_done(&nd);
	return err;
}

int nd_parent(struct nameidata *nd, const struct walk_ctx *ctx,
	      const struct path *start, const char *name)
{
	int err;

	if (!*name)
		return -ENOENT;
	nd_init(nd, ctx, start, name, LOOKUP_PARENT);
	err = nd_walk(nd);
	if (err)
		nd_done(nd);
	return err;
}

void walk_ctx_kernel(struct walk_ctx *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	get_root_path(&ctx->root);
	path_put(&ctx->root);
	ctx->cwd = ctx->root;
	ctx->umask = 022;
}
