/* SPDX-License-Identifier: MIT */
/*
 * Attributes of files as the kernel passes them around; system calls turn
 * them into the layouts of user space.
 */
#ifndef _FS_STAT_H
#define _FS_STAT_H

#include <fs/fs.h>

struct kstat {
	umode_t mode;
	unsigned int nlink;
	uid_t uid;
	gid_t gid;
	dev_t dev, rdev; /* new_encode_dev() for user space */
	ino_t ino;
	loff_t size;
	struct timespec64 atime, mtime, ctime;
	unsigned int blksize;
	u64 blocks; /* of 512 bytes */
};

struct kstatfs {
	unsigned long f_type;
	u64 f_bsize;
	u64 f_blocks, f_bfree, f_bavail;
	u64 f_files, f_ffree;
	u64 f_fsid;
	unsigned int f_namelen;
	u64 f_frsize;
	unsigned long f_flags; /* ST_* */
};

#define ST_RDONLY   0x0001
#define ST_NOSUID   0x0002
#define ST_NODEV    0x0004
#define ST_NOEXEC   0x0008
#define ST_VALID    0x0020
#define ST_NOATIME  0x0400
#define ST_RELATIME 0x1000

#define TMPFS_MAGIC	    0x01021994
#define RAMFS_MAGIC	    0x858458f6
#define PROC_SUPER_MAGIC    0x9fa0
#define SYSFS_MAGIC	    0x62656572
#define ANON_INODE_FS_MAGIC 0x09041934
#define SOCKFS_MAGIC	    0x534f434b
#define BDEVFS_MAGIC	    0x62646576
#define PIPEFS_MAGIC	    0x50495045

#define ATTR_MODE      0x01
#define ATTR_UID       0x02
#define ATTR_GID       0x04
#define ATTR_SIZE      0x08
#define ATTR_ATIME     0x10
#define ATTR_MTIME     0x20
#define ATTR_CTIME     0x40
#define ATTR_TIMES_SET 0x80 /* to what the caller says, not to now */

struct iattr {
	unsigned int ia_valid;
	umode_t ia_mode;
	uid_t ia_uid;
	gid_t ia_gid;
	loff_t ia_size;
	struct timespec64 ia_atime, ia_mtime, ia_ctime;
};

void generic_fillattr(struct inode *inode, struct kstat *st);
/* Everything but the size, as checked by the caller; inode locked. */
void setattr_copy(struct inode *inode, const struct iattr *attr);
/* Locks the inode, sets ctime, calls i_op->setattr. => 0 or -errno */
int notify_change(const struct path *path, struct iattr *attr);

int vfs_getattr(const struct path *path, struct kstat *st);
int vfs_fstat(struct file *file, struct kstat *st);
int vfs_statfs(const struct path *path, struct kstatfs *st);
int vfs_fstatfs(struct file *file, struct kstatfs *st);

/* ftruncate(2): 0, -EINVAL, -EFBIG, -ENOSPC */
int vfs_ftruncate(struct file *file, loff_t length);
/* fallocate(2) => 0 or Linux's -errno */
int vfs_fallocate(struct file *file, int mode, loff_t off, loff_t len);
/* These act on the object itself (a path from path_lookup()). */
int vfs_truncate(const struct walk_ctx *ctx, const struct path *path,
		 loff_t length);
int vfs_chmod(const struct walk_ctx *ctx, const struct path *path,
	      umode_t mode);
/* uid or gid -1: leave it */
int vfs_chown(const struct walk_ctx *ctx, const struct path *path, uid_t uid,
	      gid_t gid);
/* times: atime, mtime with UTIME_NOW/UTIME_OMIT; NULL: both now */
int vfs_utimes(const struct walk_ctx *ctx, const struct path *path,
	       const struct timespec64 times[2]);

#endif
