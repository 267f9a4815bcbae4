/* SPDX-License-Identifier: MIT */
/*
 * File systems that nobody mounts: home of the inodes without a name, behind
 * pipes, sockets and the files that are nothing but a function of the kernel.
 */
#ifndef _FS_PSEUDO_H
#define _FS_PSEUDO_H

#include <fs/fs.h>

enum pseudo_fs {
	PSEUDO_ANON, /* readlink says anon_inode:NAME */
	PSEUDO_PIPE, /* pipe:[INO] */
	PSEUDO_SOCK, /* socket:[INO] */
	PSEUDO_BDEV, /* never seen */
	NR_PSEUDO_FS,
};

/* A new inode and dentry, referenced. name: kept. => 0, -ENOMEM */
int pseudo_path(enum pseudo_fs kind, umode_t mode, const char *name,
		struct path *out);
/*
 * An open file of its own on such a path. name: "[eventfd]", kept.
 * flags: O_*, of which the mode and O_NONBLOCK stay
 * => ERR_PTR(-ENFILE, -ENOMEM): private is still the caller's
 */
struct file *pseudo_file(enum pseudo_fs kind, const char *name,
			 const struct file_operations *fops, void *private,
			 unsigned int flags);
/* The parts of a read or write of one fixed-size item: 0 or -EINVAL/-EFAULT */
int copy_item_from(struct iov_iter *from, void *item, size_t size);
/* => size, or -EFAULT */
ssize_t copy_item_to(struct iov_iter *to, const void *item, size_t size);
void pseudo_init(void);

#endif
