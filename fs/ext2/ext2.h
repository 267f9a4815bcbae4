/* SPDX-License-Identifier: MIT */
/*
 * ext2, as on disk (Linux's Documentation/filesystems/ext2.rst; all numbers
 * little-endian) and in memory.
 *
 *	| boot | super | group | block  | inode  | inode | data ...
 *	| 1 KiB| block | descr.| bitmap | bitmap | table |
 *	               |<--------------- group 0 -------------------->| group 1
 *
 * Metadata is read and changed in the pages of the block device's own cache;
 * a block is a part of such a page, and its neighbours there may be data of
 * files, of which that page knows nothing: so only blocks that were changed
 * are written (bdev_dirty), and none that was freed (bdev_forget). There is no order among writes: after a
 * power cut e2fsck puts things right, and what fsync() has written is there.
 *
 * Lock key: (c) constant after mount, (l) sbi->lock, (t) truncate_mutex
 */
#ifndef _FS_EXT2_EXT2_H
#define _FS_EXT2_EXT2_H

#include <fs/fs.h>
#include <fs/mount.h>
#include <lib/byteorder.h>
#include <sched/blkdev.h>
#include <sched/mutex.h>

#define EXT2_SUPER_MAGIC 0xEF53
#define EXT2_ROOT_INO	 2
#define EXT2_N_BLOCKS	 15
#define EXT2_NDIR_BLOCKS 12
#define EXT2_NAME_LEN	 255
#define EXT2_LINK_MAX	 32000
#define EXT2_MAX_GROUPS	 65536U

#define EXT2_VALID_FS 1 /* s_state: was unmounted */
#define EXT2_ERROR_FS 2

#define EXT2_ERRORS_CONTINUE 1 /* s_errors: what to do then */
#define EXT2_ERRORS_RO	     2
#define EXT2_ERRORS_PANIC    3

/* i_flags; lsattr shows and chattr sets them. */
#define EXT2_IMMUTABLE_FL 0x10U
#define EXT2_APPEND_FL	  0x20U
#define EXT2_NOATIME_FL	  0x80U
#define EXT2_INDEX_FL	  0x1000U /* a directory with hashes */
#define EXT2_FL_VISIBLE	  0x3dfffU
#define EXT2_FL_SETTABLE  0x380ffU

/* Features; of the first kind all must be known, of the second to write. */
#define EXT2_FEATURE_INCOMPAT_FILETYPE	    0x2U
#define EXT2_FEATURE_INCOMPAT_SUPP	    EXT2_FEATURE_INCOMPAT_FILETYPE
#define EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER 0x1U
#define EXT2_FEATURE_RO_COMPAT_LARGE_FILE   0x2U
#define EXT2_FEATURE_RO_COMPAT_SUPP	    0x3U

struct ext2_super_block {
	__le32 s_inodes_count, s_blocks_count, s_r_blocks_count;
	__le32 s_free_blocks_count, s_free_inodes_count;
	__le32 s_first_data_block;
	__le32 s_log_block_size, s_log_frag_size; /* 1024 << n */
	__le32 s_blocks_per_group, s_frags_per_group, s_inodes_per_group;
	__le32 s_mtime, s_wtime;
	__le16 s_mnt_count, s_max_mnt_count;
	__le16 s_magic, s_state, s_errors, s_minor_rev_level;
	__le32 s_lastcheck, s_checkinterval, s_creator_os, s_rev_level;
	__le16 s_def_resuid, s_def_resgid;
	/* from revision 1 on */
	__le32 s_first_ino;
	__le16 s_inode_size, s_block_group_nr;
	__le32 s_feature_compat, s_feature_incompat, s_feature_ro_compat;
};

struct ext2_group_desc {
	__le32 bg_block_bitmap, bg_inode_bitmap, bg_inode_table;
	__le16 bg_free_blocks_count, bg_free_inodes_count, bg_used_dirs_count;
	__le16 bg_pad;
	__le32 bg_reserved[3];
};

struct ext2_inode {
	__le16 i_mode, i_uid;
	__le32 i_size, i_atime, i_ctime, i_mtime, i_dtime;
	__le16 i_gid, i_links_count;
	__le32 i_blocks, i_flags, i_osd1;
	__le32 i_block[EXT2_N_BLOCKS];
	__le32 i_generation, i_file_acl, i_size_high, i_faddr;
	u8 l_i_frag, l_i_fsize;
	__le16 i_pad1, l_i_uid_high, l_i_gid_high;
	__le32 l_i_reserved2;
};

struct ext2_dir_entry {
	__le32 inode; /* 0: unused */
	__le16 rec_len;
	u8 name_len;
	u8 file_type; /* DT_ >> ... : EXT2_FT_* */
	char name[];
};

/* A block of extended attributes begins so; inodes may share it. */
struct ext2_xattr_header {
	__le32 h_magic, h_refcount, h_blocks;
};

#define EXT2_XATTR_MAGIC 0xEA020000U

static_assert(sizeof(struct ext2_group_desc) == 32);
static_assert(sizeof(struct ext2_inode) == 128);
static_assert(offsetof(struct ext2_super_block, s_feature_ro_compat) == 100);

struct ext2_sb_info {
	struct mutex lock;
	struct page *sb_page;	     /* (c) */
	struct ext2_super_block *es; /* (l) in sb_page */
	struct page **gd_pages;	     /* (c) all group descriptors */
	unsigned int nr_gd_pages;
	struct super_block *sb; /* (c) */
	struct list_head list;	/* namespace_lock */
	unsigned int bits;	/* (c) log2 of the block size */
	unsigned int inode_size, inodes_per_group, first_ino; /* (c) */
	u32 blocks, blocks_per_group, groups, first_data;     /* (c) */
	u32 gd_block, gd_blocks;      /* (c) where the descriptors are */
	u32 table_blocks;	      /* (c) of a group's inode table */
	u64 free_blocks, free_inodes; /* (l) the sums of the groups' */
	bool filetype, read_only;     /* (c), by the namespace's lock */
	u16 mount_state;	      /* (c) s_state to come back at umount */
	u16 errors;		      /* (c) EXT2_ERRORS_* */
};

struct ext2_inode_info {
	struct inode vfs_inode;
	struct mutex truncate_mutex;	  /* the tree of blocks */
	__le32 i_data[EXT2_N_BLOCKS];	  /* (t) or a short symlink */
	u32 i_flags, i_dtime, last_block; /* (t) */
	u32 group;			  /* (c) */
	u32 i_file_acl;			  /* (c) block of attributes, or 0 */
};

static inline struct ext2_sb_info *EXT2_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct ext2_inode_info *EXT2_I(struct inode *inode)
{
	return container_of(inode, struct ext2_inode_info, vfs_inode);
}

/* The log line for what should not be on a disk; marks the system as bad. */
#define ext2_error(sb, fmt, ...) \
	__ext2_error(sb, "EXT2-fs (%s): error: " fmt, ##__VA_ARGS__)
void __ext2_error(struct super_block *sb, const char *fmt, ...) __printf(2, 0);

/* --- super.c --- */

/*
 * Block nr as bytes; *page holds it and gets a reference.
 * => ERR_PTR(-EIO, -ENOMEM, -EUCLEAN: there is no such block)
 */
void *ext2_bread(struct super_block *sb, u32 nr, struct page **page);
/* The block of metadata that `at` lies in, within page, has been changed. */
void ext2_dirty(struct super_block *sb, struct page *page, const void *at);
struct ext2_group_desc *ext2_group(struct super_block *sb, u32 group,
				   struct page **page);

/* --- balloc.c: blocks and inodes given out and taken back --- */

/* May a file use the block? Not one of the file system's own. */
bool ext2_data_block_valid(struct super_block *sb, u32 nr);
/* => 0 with *nr set near goal; -ENOSPC (root's reserve is root's), -EIO */
int ext2_new_block(struct super_block *sb, u32 goal, u32 *nr);
void ext2_free_block(struct super_block *sb, u32 nr);
/* => number, or 0 with *err */
ino_t ext2_new_ino(struct inode *dir, bool is_dir, int *err);
void ext2_free_ino(struct super_block *sb, ino_t ino, bool is_dir);
/* Sum up what the groups say is free; at mount. */
void ext2_count_free(struct super_block *sb);

/* --- inode.c --- */

struct inode *ext2_iget(struct super_block *sb, ino_t ino); /* or ERR_PTR */
/* A new inode on the disk, not in any directory; nlink 1. */
struct inode *ext2_new_inode(struct inode *dir, umode_t mode, dev_t dev,
			     const struct walk_ctx *ctx);
int ext2_write_inode(struct inode *inode, bool sync);
void ext2_evict_inode(struct inode *inode);
/* Is its text in the inode itself? */
bool ext2_is_fast_symlink(struct inode *inode);
/* Take back the blocks a failed write got behind the end. => i_rwsem held */
void ext2_write_failed(struct inode *inode);
int ext2_get_block(struct inode *inode, sector_t iblock, sector_t *phys,
		   bool create);
int ext2_setattr(struct dentry *dentry, const struct iattr *attr);
int ext2_getattr(const struct path *path, struct kstat *st);
extern const struct file_operations ext2_file_fops;

/* --- file.c --- */

/* The VFS's view of what i_flags says. */
void ext2_take_flags(struct inode *inode);
long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* --- dir.c --- */

/* => number or 0; *err: -EIO, -EUCLEAN */
ino_t ext2_inode_by_name(struct inode *dir, const struct qstr *name, int *err);
int ext2_add_link(struct inode *dir, const struct qstr *name,
		  struct inode *inode);
/* An entry gets another inode (".." and rename onto a name). */
int ext2_set_link(struct inode *dir, const struct qstr *name,
		  struct inode *inode);
int ext2_delete_entry(struct inode *dir, const struct qstr *name);
int ext2_make_empty(struct inode *dir, struct inode *parent);
bool ext2_empty_dir(struct inode *dir);
extern const struct file_operations ext2_dir_fops;

/* --- namei.c --- */
extern const struct inode_operations ext2_dir_iops;
extern const struct inode_operations ext2_file_iops;
extern const struct inode_operations ext2_symlink_iops;
extern const struct inode_operations ext2_special_iops;

/* --- super.c --- */
void ext2_init(void);

#endif
