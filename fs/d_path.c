// SPDX-License-Identifier: MIT
/*
 * From an object back to its name: the path is built from its end, dentry by
 * dentry and mount by mount, under dcache_lock, which keeps names, parents
 * and mounts in place.
 */
#include <base/bug.h>
#include <fs/mount.h>

struct name_buf {
	char *start; /* text is [start, end of buffer) */
	size_t room;
	bool overflow;
};

static void prepend(struct name_buf *b, const char *text, size_t len)
{
	if (b->overflow || len > b->room) {
		b->overflow = true;
		return;
	}
	b->room -= len;
	b->start -= len;
	memcpy(b->start, text, len);
}

/* => true if root was met on the way up */
static bool prepend_path(struct name_buf *b, const struct path *path,
			 const struct path *root)
{
	struct dentry *dentry = path->dentry;
	struct vfsmount *mnt = path->mnt;
	bool any = false, met = false;

	for (;;) {
		if (root && dentry == root->dentry && mnt == root->mnt) {
			met = true;
			break;
		}
		if (dentry == mnt->mnt_root || dentry == dentry->d_parent) {
			if (!mnt->mnt_parent) {
				met = !root;
				break;
			}
			dentry = mnt->mnt_mountpoint;
			mnt = mnt->mnt_parent;
			continue;
		}
		prepend(b, dentry->d_name.name, dentry->d_name.len);
		prepend(b, "/", 1);
		any = true;
		dentry = dentry->d_parent;
	}
	if (!any)
		prepend(b, "/", 1);
	return met;
}

/* A name that is made up: put it at the start of the buffer. */
static char *d_dname_path(struct dentry *dentry, char *buf, size_t size)
{
	struct seq_buf s;

	seq_buf_init(&s, buf, size - 1);
	dentry->d_op->d_dname(dentry, &s);
	if (s.overflow)
		return ERR_PTR(-ENAMETOOLONG);
	buf[s.len] = 0;
	return buf;
}

static bool d_is_deleted(const struct dentry *dentry)
{
	return d_unhashed(dentry) && dentry->d_parent != dentry;
}

char *d_path(const struct path *path, const struct path *root, char *buf,
	     size_t size)
{
	struct name_buf b = { .start = buf + size, .room = size };
	struct dentry *dentry = path->dentry;

	if (!size)
		return ERR_PTR(-ENAMETOOLONG);
	if (dentry->d_op && dentry->d_op->d_dname)
		return d_dname_path(dentry, buf, size);
	prepend(&b, "", 1);
	spin_lock(&dcache_lock);
	if (d_is_deleted(dentry))
		prepend(&b, " (deleted)", 10);
	prepend_path(&b, path, root);
	spin_unlock(&dcache_lock);
	return b.overflow ? ERR_PTR(-ENAMETOOLONG) : b.start;
}

char *dentry_path(struct dentry *dentry, char *buf, size_t size)
{
	struct name_buf b = { .start = buf + size, .room = size };
	bool is_root = dentry->d_parent == dentry;

	prepend(&b, "", 1);
	spin_lock(&dcache_lock);
	for (; dentry->d_parent != dentry; dentry = dentry->d_parent) {
		prepend(&b, dentry->d_name.name, dentry->d_name.len);
		prepend(&b, "/", 1);
	}
	spin_unlock(&dcache_lock);
	if (is_root)
		prepend(&b, "/", 1);
	return b.overflow ? ERR_PTR(-ENAMETOOLONG) : b.start;
}

int d_getcwd(const struct path *path, const struct path *root, char *buf,
	     size_t size)
{
	struct name_buf b = { .start = buf + size, .room = size };
	size_t len;
	bool deleted, met;

	prepend(&b, "", size ? 1 : 0);
	spin_lock(&dcache_lock);
	deleted = d_is_deleted(path->dentry);
	met = prepend_path(&b, path, root);
	spin_unlock(&dcache_lock);
	if (deleted)
		return -ENOENT;
	if (!met)
		prepend(&b, "(unreachable)", 13);
	if (b.overflow || !size)
		return -ERANGE;
	len = size - b.room;
	memmove(buf, b.start, len);
	return (int)len;
}
