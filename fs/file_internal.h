/* SPDX-License-Identifier: MIT */
/*
 * Between fs/open.c and fs/file_table.c: the birth of an open file.
 */
#ifndef _FS_FILE_INTERNAL_H
#define _FS_FILE_INTERNAL_H

#include <fs/fs.h>

/* f_count 1, no path, no operations. => ERR_PTR(-ENFILE, -ENOMEM) */
struct file *alloc_file(unsigned int flags, uid_t uid, gid_t gid);
/* A file that is open already on a path of the kernel's making; the path's
 * references are taken over. => ERR_PTR: they are kept by the caller */
struct file *alloc_file_pseudo(const struct path *path, unsigned int flags,
			       const struct file_operations *fops);
/* Drop a file whose open did not succeed: no release is called. */
void file_open_failed(struct file *file);

void fdtable_init(void);

#endif
