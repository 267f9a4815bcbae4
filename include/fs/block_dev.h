/* SPDX-License-Identifier: MIT */
/*
 * Block devices as files, and their page cache: the "buffers". A file system
 * on a device keeps its metadata in pages of the very same cache.
 */
#ifndef _FS_BLOCK_DEV_H
#define _FS_BLOCK_DEV_H

#include <fs/fs.h>
#include <sched/blkdev.h>

/*
 * Open the device; with a holder, for it alone (O_EXCL, mount, swapon).
 * => ERR_PTR(-ENXIO, -EBUSY); may sleep
 */
struct block_device *bdev_open(dev_t dev, void *holder);
/* Whoever is the last writes back all buffers and drops them. */
void bdev_close(struct block_device *bdev, void *holder);

/* The device's pages; its host is an inode with the device's size. */
static inline struct address_space *bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_mapping;
}

/*
 * Bytes [off, off + len) of a device's page have been changed, in whole
 * sectors; the others of the page may be older than what is on the disk, and
 * are not written.
 */
void bdev_dirty(struct page *page, unsigned int off, unsigned int len);
/*
 * They could not be written: dirty again, if a file system is mounted there.
 * page is under write-back.
 */
void bdev_write_failed(struct page *page, unsigned int off, unsigned int len);
/* What the device's page holds of these bytes must never be written. */
void bdev_forget(struct block_device *bdev, loff_t at, unsigned int len);

/* Write the dirty buffers, wait, flush the device's cache. => 0, -EIO */
int bdev_sync(struct block_device *bdev);

/* The nodes, /proc/partitions, /sys/block: after the drivers' probing. */
void block_dev_init(void);
void block_sysfs_init(struct block_device *bdev); /* block_stat.c */
void block_proc_init(void);

extern const struct file_operations def_blk_fops;

#endif
