/* SPDX-License-Identifier: MIT */
/*
 * Character devices: a range of device numbers belongs to file operations;
 * device_create() makes the node in devtmpfs.
 */
#ifndef _FS_CHARDEV_H
#define _FS_CHARDEV_H

#include <fs/fs.h>

#define MEM_MAJOR    1
#define TTYAUX_MAJOR 5
#define TTYAMA_MAJOR 204

/*
 * Opening a node with such a number gives the file fops and calls their
 * open. => 0, -EBUSY if the range overlaps, -EINVAL, -ENOMEM
 * => before or after vfs_init()
 */
int register_chrdev(unsigned int major, unsigned int minor_from,
		    unsigned int count, const char *name,
		    const struct file_operations *fops);

/*
 * A node in devtmpfs (/dev), with the directories its name needs
 * ("console", "pts/0"); a character device unless mode has S_IFBLK.
 * => 0, -EEXIST, -ENOMEM; after vfs_init()
 */
int device_create(const char *name, umode_t mode, unsigned int major,
		  unsigned int minor);
int devtmpfs_mkdir(const char *name, umode_t mode);

void devices_show(struct seq_buf *s); /* /proc/devices */

void devtmpfs_init(void);
void mem_dev_init(void);

#endif
