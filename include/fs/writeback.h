/* SPDX-License-Identifier: MIT */
/*
 * Dirty inodes and who writes them. Only inodes with a block device behind
 * them (i_bdev) take part.
 */
#ifndef _FS_WRITEBACK_H
#define _FS_WRITEBACK_H

#include <mm/vm/writeback.h>

struct file;
struct inode;
struct super_block;

/* i_state: what is dirty */
#define I_DIRTY_SYNC	 0x01U /* the inode itself, but for what follows */
#define I_DIRTY_DATASYNC 0x02U /* what fdatasync() needs: size, blocks */
#define I_DIRTY_PAGES	 0x04U /* pages, dirty or on their way */
#define I_DIRTY		 (I_DIRTY_SYNC | I_DIRTY_DATASYNC | I_DIRTY_PAGES)
#define I_SYNC		 0x80U /* somebody is writing it */

/* => any context but interrupts; spinlocks may be held */
void mark_inode_dirty(struct inode *inode, unsigned int what);
/* For address_space_operations.dirtied, if host is an inode. */
void inode_pages_dirtied(struct address_space *mapping);
/* It is about to be freed: off the list, and nobody writes it any more. */
void inode_forget_dirty(struct inode *inode);

/* Write the inode and its pages, and wait. => 0 or -errno */
int sync_inode(struct inode *inode);
/*
 * All of one file system, or of all (NULL), and wait. => 0 or -EIO, of its
 * metadata; for files see s_wb_err
 */
int sync_filesystem(struct super_block *sb);
/* For file_operations.fsync: the file and all metadata, on the medium. */
int generic_file_fsync(struct file *file);
/* For address_space_operations.sync */
int generic_mapping_sync(struct address_space *mapping, loff_t start,
			 loff_t end);

/* Centiseconds: how often the flusher looks; how old is too old. */
extern int dirty_writeback_interval, dirty_expire_interval;
/* Write what is dirty soon, and look at those anew; any context. */
void wakeup_flusher(void);

/* Drop all clean unused pages of files and devices; may sleep. */
void drop_pagecache(void);

/* Starts the flusher; process context, once. */
void writeback_init(void);

#endif
