/* SPDX-License-Identifier: MIT */
/*
 * Advisory locks: flock(2) on whole files, fcntl(2) on ranges, owned by a
 * process (its table of descriptors) or by an open file.
 */
#ifndef _FS_LOCKS_H
#define _FS_LOCKS_H

#include <fs/fs.h>

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

/*
 * fcntl's six commands (F_GETLK and on, F_OFD_GETLK and on).
 * => owner: whose locks these are, if not the file's own
 * => 0, -EAGAIN, -EDEADLK, -EBADF, -EINVAL, -EFAULT, -ENOMEM, -ERESTARTSYS
 */
long fcntl_lock(struct file *file, const void *owner, unsigned int cmd,
		unsigned long uflock);
/*
 * op: LOCK_*, looked at before file, which may be NULL: -EBADF.
 * => 0, -EWOULDBLOCK, -EINVAL, -ENOMEM, -ERESTARTSYS
 */
int flock_file(struct file *file, unsigned int op);
/* The owner closes a descriptor of it: POSIX lets all its locks go. */
void locks_forget(struct file *file, const void *owner);

#endif
