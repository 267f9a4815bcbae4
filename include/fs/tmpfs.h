/* SPDX-License-Identifier: MIT */
/*
 * A file system whose data lives in the page cache and nowhere else, and
 * whose directories live in the dentry cache: every positive dentry is pinned
 * by one extra reference. Registered as tmpfs and ramfs; the root file system
 * and devtmpfs are instances.
 */
#ifndef _FS_TMPFS_H
#define _FS_TMPFS_H

#include <fs/fs.h>

#define TMPFS_SYMLINK_INLINE 40
#define TMPFS_DIRENT_SIZE    20 /* what a name adds to st_size */

/* Lock key: (l) lock, (c) constant */
struct tmpfs_sb_info {
	spinlock_t lock;
	unsigned long max_blocks;  /* (l) pages; 0: no limit */
	unsigned long used_blocks; /* (l) */
	unsigned long max_inodes;  /* (l) 0: no limit */
	unsigned long used_inodes; /* (l) */
	umode_t mode;		   /* (c) of the root */
	uid_t uid;		   /* (c) */
	gid_t gid;		   /* (c) */
	bool size_given;	   /* (c) show it in /proc/mounts */
	bool account;		   /* (c) pages count in Committed_AS */
};

/* Lock key: (i) i_rwsem, (c) constant */
struct tmpfs_inode_info {
	union {
		struct {			/* of a directory */
			struct rb_root entries; /* (i) by d_cookie */
			u64 last_cookie;	/* (i) */
		};
		struct {	       /* of a symbolic link */
			char *symlink; /* (c) inline or kmalloced */
			char inline_link[TMPFS_SYMLINK_INLINE];
		};
		struct {			/* of a regular file */
			unsigned int seals;	/* (i) F_SEAL_* */
			unsigned long reserved; /* (c) pages promised at once;
						 *  0: page by page */
		};
	};
	struct inode vfs_inode;
};

static inline struct tmpfs_inode_info *TMPFS_I(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode_info, vfs_inode);
}

static inline struct tmpfs_sb_info *TMPFS_SB(struct super_block *sb)
{
	return sb->s_fs_info;
}

extern const struct inode_operations tmpfs_dir_iops, tmpfs_symlink_iops;
extern const struct inode_operations tmpfs_file_iops;
extern const struct file_operations tmpfs_dir_fops, tmpfs_file_fops;
extern const struct address_space_operations tmpfs_aops;

/* A new instance for a type with its own name (devtmpfs). => or ERR_PTR */
struct super_block *tmpfs_mount(struct file_system_type *type,
				unsigned long flags, const char *source,
				const char *data);
/* => or ERR_PTR(-ENOSPC, -ENOMEM); owner and setgid rules from dir and ctx */
struct inode *tmpfs_get_inode(struct super_block *sb, const struct inode *dir,
			      umode_t mode, dev_t dev,
			      const struct walk_ctx *ctx);
/* Every name costs one: its inode, or its place as a further link. */
bool tmpfs_charge_inode(struct super_block *sb);
void tmpfs_uncharge_inode(struct super_block *sb);
/* Undo of all creations: an instance is being destroyed. */
void tmpfs_drop_tree(struct super_block *sb);
/* Truncate or extend; inode locked. => 0, -EFBIG, -EPERM (sealed) */
int tmpfs_set_size(struct inode *inode, loff_t size);

/* --- files without a name (shmem_file.c) --- */

void shmem_file_init(void);
/*
 * A file of size bytes, owned by ctx, that d_path() calls "/NAME (deleted)".
 * reserve: promise the whole size now. => ERR_PTR(-ENOMEM, -ENFILE)
 */
struct file *shmem_file_setup(const char *name, loff_t size, bool reserve,
			      const struct walk_ctx *ctx);
/* The file, not yet seen by anyone, may be sealed. */
void shmem_allow_seals(struct file *file);
/* F_ADD_SEALS => 0, -EPERM, -EBUSY, -EINVAL (not a file of tmpfs) */
long shmem_add_seals(struct file *file, unsigned long seals);
/* F_GET_SEALS => F_SEAL_* or -EINVAL */
long shmem_get_seals(struct file *file);
void tmpfs_init(void);

#endif
