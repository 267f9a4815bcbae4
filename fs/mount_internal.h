/* SPDX-License-Identifier: MIT */
/*
 * Between fs/super.c and fs/namespace.c: the life of a super block.
 */
#ifndef _FS_MOUNT_INTERNAL_H
#define _FS_MOUNT_INTERNAL_H

#include <fs/mount.h>

struct super_block *get_super(struct file_system_type *type,
			      unsigned long flags, const char *source,
			      const char *data);
void hold_super(struct super_block *sb); /* one count more */
/* The last one destroys it, unless it is SB_SINGLE. May sleep. */
void put_super(struct super_block *sb);

#endif
