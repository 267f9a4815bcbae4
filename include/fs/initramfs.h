/* SPDX-License-Identifier: MIT */
/*
 * Unpack the cpio archive the boot loader left in memory into the root file
 * system.
 */
#ifndef _FS_INITRAMFS_H
#define _FS_INITRAMFS_H

#include <fs/namei.h>

/*
 * image: one or more newc archives, plain or gzipped, in kernel memory.
 * => 0, or -errno with one sentence in err
 */
int unpack_initramfs(const struct walk_ctx *ctx, const void *image, size_t len,
		     char *err, size_t err_size);

#endif
