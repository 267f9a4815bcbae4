// SPDX-License-Identifier: MIT
/*
 * The tree of mounts. There is one for the whole system.
 *
 *	struct vfsmount:  mnt_parent, mnt_mountpoint   where it hangs
 *	                  mnt_root, mnt_sb             what hangs there
 *
 * namespace_lock serializes mount and umount; the links themselves change
 * under dcache_lock, which the path walk holds when it crosses a mount.
 * A mount holds its parent mount and its mountpoint; membership in the tree
 * is one of its own references, each path in use is another.
 */
#include <base/bug.h>
#include <fs/tmpfs.h>
#include <mm/phys/gfp.h>
#include <mm/phys/slab.h>
#include "mount_internal.h"

static DEFINE_MUTEX(namespace_lock);
static LIST_HEAD(mounts); /* namespace_lock and dcache_lock */
static struct vfsmount *root_mnt;
static int last_mnt_id; /* namespace_lock */
static struct kmem_cache *mnt_cache;

void get_root_path(struct path *out)
{
	out->mnt = mntget(root_mnt);
	out->dentry = dget(root_mnt->mnt_root);
}

struct vfsmount *__lookup_mnt(const struct vfsmount *mnt,
			      const struct dentry *dentry)
{
	struct vfsmount *m;

	list_for_each_entry(m, &mounts, mnt_list) {
		if (m->mnt_mountpoint == dentry && m->mnt_parent == mnt)
			return m;
	}
	return NULL;
}

/* --- life of a mount --- */

/* Takes over a count of sb. => or ERR_PTR(-ENOMEM), the count kept */
static struct vfsmount *alloc_mnt(struct super_block *sb, struct dentry *root,
				  const char *devname, unsigned int flags)
{
	struct vfsmount *mnt = kmem_cache_zalloc(mnt_cache, GFP_KERNEL);

	if (!mnt)
		return ERR_PTR(-ENOMEM);
	mnt->mnt_devname = kstrdup(devname, GFP_KERNEL);
	if (!mnt->mnt_devname) {
		kmem_cache_free(mnt_cache, mnt);
		return ERR_PTR(-ENOMEM);
	}
	mnt->mnt_sb = sb;
	mnt->mnt_root = dget(root);
	mnt->mnt_flags = flags;
	mnt->mnt_id = ++last_mnt_id;
	atomic_set(&mnt->mnt_count, 1);
	INIT_LIST_HEAD(&mnt->mnt_list);
	return mnt;
}

void mntput(struct vfsmount *mnt)
{
	if (!mnt || !atomic_dec_and_test(&mnt->mnt_count))
		return;
	BUG_ON(mnt->mnt_parent);
	dput(mnt->mnt_root);
	put_super(mnt->mnt_sb);
	kfree(mnt->mnt_devname);
	kmem_cache_free(mnt_cache, mnt);
}

/* => namespace_lock held */
static struct vfsmount *new_mount(struct file_system_type *type,
				  unsigned long ms_flags, unsigned int flags,
				  const char *source, const char *data)
{
	struct super_block *sb = get_super(type, ms_flags, source, data);
	struct vfsmount *mnt;

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	mnt = alloc_mnt(sb, sb->s_root, source, flags);
	if (IS_ERR(mnt))
		put_super(sb);
	return mnt;
}

struct vfsmount *kern_mount(struct file_system_type *type)
{
	guard(mutex)(&namespace_lock);
	return new_mount(type, 0, 0, type->name, NULL);
}

/* --- the tree --- */

/* Hang mnt on path. => the tree takes over the reference on mnt */
static int attach_mnt(struct vfsmount *mnt, const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	int err = 0;

	if (d_is_dir(mnt->mnt_root) != S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	if (path->mnt->mnt_sb == mnt->mnt_sb &&
	    path->mnt->mnt_root == path->dentry &&
	    mnt->mnt_root == path->dentry)
		return -EBUSY;
	guard(inode)(inode);
	spin_lock(&dcache_lock);
	if (inode->i_flags & S_DEAD ||
	    (d_unhashed(path->dentry) &&
	     path->dentry->d_parent != path->dentry) ||
	    (!path->mnt->mnt_parent && path->mnt != root_mnt)) {
		err = -ENOENT;
	} else {
		mnt->mnt_parent = mntget(path->mnt);
		mnt->mnt_mountpoint = dget(path->dentry);
		path->dentry->d_flags |= DCACHE_MOUNTED;
		list_add_tail(&mnt->mnt_list, &mounts);
	}
	spin_unlock(&dcache_lock);
	return err;
}

static bool is_mountpoint(const struct dentry *dentry)
{
	struct vfsmount *m;

	list_for_each_entry(m, &mounts, mnt_list) {
		if (m->mnt_mountpoint == dentry)
			return true;
	}
	return false;
}

/* Take mnt out. => dcache_lock held; *parent is to be put by the caller, the
 * tree's reference on mnt too */
static void __detach_mnt(struct vfsmount *mnt, struct path *parent)
{
	parent->mnt = mnt->mnt_parent;
	parent->dentry = mnt->mnt_mountpoint;
	mnt->mnt_parent = NULL;
	mnt->mnt_mountpoint = NULL;
	list_del_init(&mnt->mnt_list);
	if (!is_mountpoint(parent->dentry))
		parent->dentry->d_flags &= ~DCACHE_MOUNTED;
}

static struct vfsmount *first_child(const struct vfsmount *mnt)
{
	struct vfsmount *m;

	list_for_each_entry(m, &mounts, mnt_list) {
		if (m->mnt_parent == mnt)
			return m;
	}
	return NULL;
}

/* users: references that do not count. => namespace, dcache_lock held */
static bool __mount_busy(struct vfsmount *mnt, int users)
{
	return atomic_read(&mnt->mnt_count) > users || first_child(mnt);
}

bool mount_is_busy(struct vfsmount *mnt)
{
	guard(spinlock)(&dcache_lock);
	return __mount_busy(mnt, 1);
}

/* Lazy: mnt and all below it disappear from the tree now, from memory when
 * their last user goes. */
static void umount_tree(struct vfsmount *top)
{
	struct vfsmount *mnt, *child;
	struct path parent;

	do {
		spin_lock(&dcache_lock);
		for (mnt = top; (child = first_child(mnt)) != NULL;)
			mnt = child;
		__detach_mnt(mnt, &parent);
		spin_unlock(&dcache_lock);
		path_put(&parent);
		mntput(mnt);
	} while (mnt != top);
}

static int do_umount(struct vfsmount *mnt, unsigned int flags)
{
	struct path parent;

	if (flags & MNT_DETACH) {
		umount_tree(mnt);
		return 0;
	}
	spin_lock(&dcache_lock);
	/* The tree's reference, and the one of the path we came by. */
	if (__mount_busy(mnt, 2)) {
		spin_unlock(&dcache_lock);
		return -EBUSY;
	}
	__detach_mnt(mnt, &parent);
	spin_unlock(&dcache_lock);
	path_put(&parent);
	mntput(mnt);
	return 0;
}

int vfs_umount(const struct walk_ctx *ctx, const char *target,
	       unsigned int flags)
{
	struct path path;
	int err;

	if (flags & ~(unsigned int)(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if (ctx->uid != 0)
		return -EPERM;
	err = path_lookup(ctx, NULL, target,
			  flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	mutex_lock(&namespace_lock);
	err = -EINVAL;
	if (path.dentry == path.mnt->mnt_root && path.mnt->mnt_parent)
		err = do_umount(path.mnt, flags);
	mutex_unlock(&namespace_lock);
	path_put(&path);
	return err;
}

/* --- mount(2) --- */

static unsigned int mnt_flags_of(unsigned long ms)
{
	unsigned int f = 0;

	f |= ms & MS_NOSUID ? MNT_NOSUID : 0;
	f |= ms & MS_NODEV ? MNT_NODEV : 0;
	f |= ms & MS_NOEXEC ? MNT_NOEXEC : 0;
	f |= ms & MS_NOATIME ? MNT_NOATIME : MNT_RELATIME;
	f |= ms & MS_NODIRATIME ? MNT_NODIRATIME : 0;
	f |= ms & MS_RDONLY ? MNT_READONLY : 0;
	return f;
}

static int do_remount(const struct path *path, unsigned long flags,
		      const char *data)
{
	struct super_block *sb = path->mnt->mnt_sb;
	int err = 0;

	if (path->dentry != path->mnt->mnt_root)
		return -EINVAL;
	if (!(flags & MS_BIND) && sb->s_op && sb->s_op->remount)
		err = sb->s_op->remount(sb, flags, data);
	if (!err)
		path->mnt->mnt_flags = mnt_flags_of(flags);
	return err;
}

/* The other path of mount(2). */
static int lookup_source(const struct walk_ctx *ctx, const char *source,
			 struct path *path)
{
	if (!source || !*source)
		return -EINVAL;
	return path_lookup(ctx, NULL, source, LOOKUP_FOLLOW, path);
}

static int do_bind(const struct walk_ctx *ctx, const char *source,
		   const struct path *path)
{
	struct vfsmount *mnt;
	struct path old;
	int err = lookup_source(ctx, source, &old);

	if (err)
		return err;
	err = -EINVAL;
	if (old.mnt->mnt_sb->s_type->fs_flags & FS_NOUSER)
		goto out;
	/* One mount more of the same super block. */
	mnt = alloc_mnt(old.mnt->mnt_sb, old.dentry, old.mnt->mnt_devname,
			old.mnt->mnt_flags);
	err = PTR_ERR_OR_ZERO(mnt);
	if (err)
		goto out;
	hold_super(mnt->mnt_sb);
	err = attach_mnt(mnt, path);
	if (err)
		mntput(mnt);
out:
	path_put(&old);
	return err;
}

/* Is target inside the tree below mnt? */
static bool is_below(const struct vfsmount *target, const struct vfsmount *mnt)
{
	for (; target; target = target->mnt_parent) {
		if (target == mnt)
			return true;
	}
	return false;
}

static int do_move(const struct walk_ctx *ctx, const char *source,
		   const struct path *path)
{
	struct path old, parent;
	int err = lookup_source(ctx, source, &old);

	if (err)
		return err;
	err = -EINVAL;
	if (old.dentry != old.mnt->mnt_root || !old.mnt->mnt_parent)
		goto out;
	err = -ELOOP;
	if (is_below(path->mnt, old.mnt))
		goto out;
	err = -EINVAL;
	if (d_is_dir(old.dentry) != d_is_dir(path->dentry))
		goto out;
	spin_lock(&dcache_lock);
	__detach_mnt(old.mnt, &parent);
	spin_unlock(&dcache_lock);
	err = attach_mnt(old.mnt, path);
	if (err && attach_mnt(old.mnt, &parent))
		mntput(old.mnt);
	path_put(&parent);
out:
	path_put(&old);
	return err;
}

static int do_new_mount(const char *source, const struct path *path,
			const char *fstype, unsigned long flags,
			const char *data)
{
	struct file_system_type *type = get_fs_type(fstype);
	struct vfsmount *mnt;
	int err;

	if (!type || type->fs_flags & FS_NOUSER)
		return -ENODEV;
	mnt = new_mount(type, flags, mnt_flags_of(flags),
			source && *source ? source : "none", data);
	if (IS_ERR(mnt))
		return (int)PTR_ERR(mnt);
	err = attach_mnt(mnt, path);
	if (err)
		mntput(mnt);
	return err;
}

int vfs_mount(const struct walk_ctx *ctx, const char *source,
	      const char *target, const char *fstype, unsigned long flags,
	      const char *data)
{
	struct path path;
	int err;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	if (ctx->uid != 0)
		return -EPERM;
	err = path_lookup(ctx, NULL, target, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	mutex_lock(&namespace_lock);
	if (flags & MS_REMOUNT)
		err = do_remount(&path, flags, data);
	else if (flags & MS_BIND)
		err = do_bind(ctx, source, &path);
	else if (flags & (MS_PRIVATE | MS_SLAVE | MS_SHARED))
		err = path.dentry == path.mnt->mnt_root ? 0 : -EINVAL;
	else if (flags & MS_MOVE)
		err = do_move(ctx, source, &path);
	else
		err = fstype ?
			      do_new_mount(source, &path, fstype, flags, data) :
			      -EINVAL;
	mutex_unlock(&namespace_lock);
	path_put(&path);
	return err;
}

/* --- reports --- */

/* Blanks and backslashes as octal, as getmntent(3) wants them. */
static void mangle(struct seq_buf *s, const char *text)
{
	for (; *text; text++) {
		if (strchr(" \t\n\\#", *text))
			seq_buf_printf(s, "\\%03o", (unsigned char)*text);
		else
			seq_buf_putc(s, *text);
	}
}

static void show_mnt_flags(struct seq_buf *s, const struct vfsmount *mnt)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} names[] = {
		{ MNT_NOSUID, ",nosuid" },
		{ MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" },
		{ MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },
		{ MNT_RELATIME, ",relatime" },
	};
	unsigned int i;

	seq_buf_puts(s, mnt_is_readonly(mnt) ? "ro" : "rw");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (mnt->mnt_flags & names[i].flag)
			seq_buf_puts(s, names[i].text);
	}
}

static void show_sb_options(struct seq_buf *s, struct super_block *sb)
{
	if (sb->s_op && sb->s_op->show_options)
		sb->s_op->show_options(s, sb);
}

static void show_mount(struct seq_buf *s, struct vfsmount *m, char *buf)
{
	struct path path = { .mnt = m, .dentry = m->mnt_root };
	char *where = d_path(&path, NULL, buf, PATH_MAX);

	mangle(s, m->mnt_devname);
	seq_buf_putc(s, ' ');
	mangle(s, IS_ERR(where) ? "?" : where);
	seq_buf_printf(s, " %s ", m->mnt_sb->s_type->name);
	show_mnt_flags(s, m);
	show_sb_options(s, m->mnt_sb);
	seq_buf_puts(s, " 0 0\n");
}

static void show_mountinfo(struct seq_buf *s, struct vfsmount *m, char *buf)
{
	struct path path = { .mnt = m, .dentry = m->mnt_root };
	struct super_block *sb = m->mnt_sb;
	char *where;

	seq_buf_printf(s, "%d %d %u:%u ", m->mnt_id,
		       m->mnt_parent ? m->mnt_parent->mnt_id : m->mnt_id,
		       MAJOR(sb->s_dev), MINOR(sb->s_dev));
	where = dentry_path(m->mnt_root, buf, PATH_MAX);
	mangle(s, IS_ERR(where) ? "?" : where);
	seq_buf_putc(s, ' ');
	where = d_path(&path, NULL, buf, PATH_MAX);
	mangle(s, IS_ERR(where) ? "?" : where);
	seq_buf_putc(s, ' ');
	show_mnt_flags(s, m);
	seq_buf_printf(s, " - %s ", sb->s_type->name);
	mangle(s, m->mnt_devname);
	seq_buf_puts(s, " rw");
	show_sb_options(s, sb);
	seq_buf_putc(s, '\n');
}

static void for_mounts(struct seq_buf *s,
		       void (*show)(struct seq_buf *, struct vfsmount *,
				    char *))
{
	struct vfsmount *m;
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);

	if (!buf)
		return;
	mutex_lock(&namespace_lock);
	list_for_each_entry(m, &mounts, mnt_list)
		show(s, m, buf);
	mutex_unlock(&namespace_lock);
	kfree(buf);
}

void mounts_show(struct seq_buf *s)
{
	for_mounts(s, show_mount);
}

void mountinfo_show(struct seq_buf *s)
{
	for_mounts(s, show_mountinfo);
}

void mnt_init(void)
{
	struct file_system_type *type = get_fs_type("rootfs");

	mnt_cache = kmem_cache_create("mnt_cache", sizeof(struct vfsmount), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	shmem_file_init(); /* first, as device 0:1 */
	root_mnt = kern_mount(type);
	if (IS_ERR(root_mnt))
		panic("cannot mount the root file system: %ld",
		      PTR_ERR(root_mnt));
	list_add(&root_mnt->mnt_list, &mounts);
}
