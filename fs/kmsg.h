/* SPDX-License-Identifier: MIT */
/*
 * /dev/kmsg, for the table in fs/mem_dev.c.
 */
#ifndef _FS_KMSG_H
#define _FS_KMSG_H

#include <fs/fs.h>

extern const struct file_operations kmsg_fops;

#endif
