/* SPDX-License-Identifier: MIT */
/* Swap areas, by the files they lie on. */
#ifndef _FS_SWAPON_H
#define _FS_SWAPON_H

#include <fs/fs.h>

struct seq_buf;

/*
 * Use file, a device or a file on one, for swap; flags: SWAP_FLAG_*. It stays
 * open. => 0, -EINVAL, -EBUSY, -EPERM, -ENOMEM, -EIO
 */
int vfs_swapon(struct file *file, int flags);
/* => 0, -EINVAL: it is no swap area, -ENOMEM, -EINTR */
int vfs_swapoff(struct file *file);
/* /proc/swaps */
void swaps_show(struct seq_buf *s);

#endif
