/* SPDX-License-Identifier: MIT */
/*
 * The tree of mounts: which file system hangs on which directory.
 *
 *	rootfs "/"  --mountpoint "/proc"-->  proc root
 *
 * mount and umount hold namespace_lock (a mutex); the path walk looks a mount
 * up under dcache_lock.
 */
#ifndef _FS_MOUNT_H
#define _FS_MOUNT_H

#include <fs/fs.h>
#include <fs/namei.h>

#define MNT_NOSUID     0x01
#define MNT_NODEV      0x02
#define MNT_NOEXEC     0x04
#define MNT_NOATIME    0x08
#define MNT_NODIRATIME 0x10
#define MNT_RELATIME   0x20
#define MNT_READONLY   0x40

struct vfsmount {
	struct dentry *mnt_root;       /* (c) referenced */
	struct super_block *mnt_sb;    /* (c) */
	unsigned int mnt_flags;	       /* (n) */
	int mnt_id;		       /* (c) */
	atomic_t mnt_count;	       /* (a) users; tree membership is one */
	struct vfsmount *mnt_parent;   /* (d) NULL: not in the tree */
	struct dentry *mnt_mountpoint; /* (d) */
	struct list_head mnt_list;     /* (d) all mounts, oldest first */
	char *mnt_devname;	       /* (c) */
};

static inline struct vfsmount *mntget(struct vfsmount *mnt)
{
	atomic_inc(&mnt->mnt_count);
	return mnt;
}

void mntput(struct vfsmount *mnt); /* may sleep; NULL is allowed */

static inline bool mnt_is_readonly(const struct vfsmount *mnt)
{
	return mnt->mnt_flags & MNT_READONLY ||
	       mnt->mnt_sb->s_flags & SB_RDONLY;
}

/* -EROFS if the mount, or all of its file system, is read-only */
static inline int mnt_want_write(const struct vfsmount *mnt)
{
	return mnt_is_readonly(mnt) ? -EROFS : 0;
}

/* A mount outside the tree (pipes, anonymous inodes). => or ERR_PTR */
struct vfsmount *kern_mount(struct file_system_type *type);

/* The mount on top of path, or NULL. => dcache_lock held */
struct vfsmount *__lookup_mnt(const struct vfsmount *mnt,
			      const struct dentry *dentry);

/*
 * mount(2): flags MS_*. MS_REMOUNT, MS_BIND, MS_MOVE are understood (MS_REC
 * binds one mount only); MS_PRIVATE and its kin are accepted.
 * => 0, -EPERM, -ENODEV, -ENOENT, -ENOTDIR, -EBUSY, -EINVAL, -ENOMEM
 */
int vfs_mount(const struct walk_ctx *ctx, const char *source,
	      const char *target, const char *fstype, unsigned long flags,
	      const char *data);
/* umount2(2): MNT_DETACH, MNT_FORCE, UMOUNT_NOFOLLOW. 0, -EBUSY, -EINVAL */
int vfs_umount(const struct walk_ctx *ctx, const char *target,
	       unsigned int flags);
/* Are any names below this mount in use? */
bool mount_is_busy(struct vfsmount *mnt);

void mounts_show(struct seq_buf *s);	/* /proc/mounts */
void mountinfo_show(struct seq_buf *s); /* /proc/self/mountinfo */

#endif
