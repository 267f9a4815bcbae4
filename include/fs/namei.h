/* SPDX-License-Identifier: MIT */
/*
 * From names to objects, and what system calls do with names. There are no
 * processes here: a walk_ctx says who asks and from where.
 *
 * Names are kernel strings of less than PATH_MAX bytes, hostile otherwise.
 * A name is taken relative to `start` (an open directory), or to the current
 * directory if start is NULL; "/..." starts at ctx->root.
 *
 * => all may sleep; no locks held by the caller; 0 or -errno
 */
#ifndef _FS_NAMEI_H
#define _FS_NAMEI_H

#include <fs/fs.h>

/* Borrowed references: root and cwd stay the caller's. */
struct walk_ctx {
	struct path root, cwd;
	uid_t uid; /* fsuid */
	gid_t gid; /* fsgid */
	umode_t umask;
	unsigned int ngroups;
	const gid_t *groups; /* supplementary, ngroups of them */
};

struct kstat;

#define LOOKUP_FOLLOW	 0x01 /* a final symlink is followed */
#define LOOKUP_DIRECTORY 0x02 /* -ENOTDIR if it is none */
#define LOOKUP_EMPTY	 0x04 /* "" means start itself */
#define LOOKUP_PARENT	 0x08 /* fs/namei.c's own: stop before the last name */

/* Find the object. => out is referenced; -ENOENT, -ENOTDIR, -ELOOP, ... */
int path_lookup(const struct walk_ctx *ctx, const struct path *start,
		const char *name, unsigned int flags, struct path *out);

/* open(2). flags: O_*; mode: of a new file, before the umask. */
struct file *vfs_open(const struct walk_ctx *ctx, const struct path *start,
		      const char *name, unsigned int flags, umode_t mode);
/*
 * Open a program for exec: a regular file with an x bit, not on a noexec
 * mount; writing is denied until allow_write_access(file).
 */
struct file *vfs_open_exec(const struct walk_ctx *ctx, const struct path *start,
			   const char *name, unsigned int lookup_flags);
int vfs_mkdir(const struct walk_ctx *ctx, const struct path *start,
	      const char *name, umode_t mode);
int vfs_mknod(const struct walk_ctx *ctx, const struct path *start,
	      const char *name, umode_t mode, dev_t dev);
int vfs_rmdir(const struct walk_ctx *ctx, const struct path *start,
	      const char *name);
int vfs_unlink(const struct walk_ctx *ctx, const struct path *start,
	       const char *name);
int vfs_symlink(const struct walk_ctx *ctx, const char *target,
		const struct path *start, const char *name);
/* lookup_flags (LOOKUP_FOLLOW, LOOKUP_EMPTY) are for the old name. */
int vfs_link(const struct walk_ctx *ctx, const struct path *ostart,
	     const char *oname, const struct path *nstart, const char *nname,
	     unsigned int lookup_flags);
/* flags: RENAME_NOREPLACE or 0 */
int vfs_rename(const struct walk_ctx *ctx, const struct path *ostart,
	       const char *oname, const struct path *nstart, const char *nname,
	       unsigned int flags);
/* stat(2) and friends in one step; LOOKUP_FOLLOW, LOOKUP_EMPTY. */
int vfs_stat(const struct walk_ctx *ctx, const struct path *start,
	     const char *name, unsigned int lookup_flags, struct kstat *st);
/* readlink(2) into a kernel buffer. => length (not terminated), -EINVAL */
int vfs_readlink(const struct path *path, char *buf, size_t size);
/* access(2): mode of MAY_* (0: exists). ctx->uid should be the real uid. */
int vfs_access(const struct walk_ctx *ctx, const struct path *start,
	       const char *name, int mode, unsigned int lookup_flags);
/* May ctx enter this directory (chdir, chroot)? 0, -ENOTDIR, -EACCES */
int vfs_may_chdir(const struct walk_ctx *ctx, const struct path *path);

int inode_permission(const struct walk_ctx *ctx, struct inode *inode, int mask);
int generic_permission(const struct walk_ctx *ctx, struct inode *inode,
		       int mask);
bool ctx_in_group(const struct walk_ctx *ctx, gid_t gid);
/* The owner or root? */
bool ctx_owner_or_root(const struct walk_ctx *ctx, const struct inode *inode);

/* A walk_ctx for the kernel itself: uid 0 at the root; no references. */
void walk_ctx_kernel(struct walk_ctx *ctx);

/*
 * For code that makes names in the kernel: the locked parent and a dentry.
 * path_create() => dentry (referenced, negative), *parent referenced and its
 * inode locked; -EEXIST if the name exists. done_path_create() undoes both.
 */
struct dentry *path_create(const struct walk_ctx *ctx, const struct path *start,
			   const char *name, bool is_dir, struct path *parent);
void done_path_create(struct path *parent, struct dentry *dentry);

#endif
