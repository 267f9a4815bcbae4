// SPDX-License-Identifier: MIT
/* Regular files of ext2: all by way of the page cache. And flags of inodes. */
#include <asm/uaccess.h>
#include <fs/namei.h>
#include <fs/writeback.h>
#include <lib/errno.h>
#include <mm/vm/mm.h>
#include "ext2.h"

static ssize_t ext2_read_iter(struct file *file, struct iov_iter *to,
			      loff_t *pos)
{
	ssize_t n = generic_mapping_read(file->f_mapping, &file->f_ra, pos,
					 to->count, iter_copy_out, to);

	touch_atime(file);
	return n;
}

static ssize_t ext2_write_iter(struct file *file, struct iov_iter *from,
			       loff_t *pos)
{
	struct inode *inode = file->f_inode;
	ssize_t n, want;

	inode_lock(inode);
	n = want = generic_write_checks(file, from, pos);
	if (n > 0) {
		file_remove_privs(file);
		n = generic_mapping_write(inode->i_mapping, pos, from->count,
					  iter_copy_in, from);
		if (n < want)
			ext2_write_failed(inode);
		inode_times_now(inode);
	}
	inode_unlock(inode);
	if (n > 0 && file->f_flags & (O_DSYNC | O_SYNC)) {
		int err = generic_file_fsync(file);

		n = err ? err : n;
	}
	return n;
}

static int ext2_mmap_backing(struct file *file, struct vm_backing *b)
{
	touch_atime(file);
	b->mapping = file->f_mapping;
	b->ops = &generic_file_vm_ops;
	return 0;
}

#define FS_IOC_GETFLAGS 0x80086601
#define FS_IOC_SETFLAGS 0x40086602

void ext2_take_flags(struct inode *inode)
{
	u32 disk = EXT2_I(inode)->i_flags;
	unsigned int flags = inode->i_flags;

	flags &= ~(S_IMMUTABLE | S_APPEND | S_NOATIME);
	flags |= (disk & EXT2_IMMUTABLE_FL ? S_IMMUTABLE : 0) |
		 (disk & EXT2_APPEND_FL ? S_APPEND : 0) |
		 (disk & EXT2_NOATIME_FL ? S_NOATIME : 0);
	inode->i_flags = (unsigned short)flags;
}

static long set_flags(struct file *file, u32 flags)
{
	struct inode *inode = file->f_inode;
	u32 *now = &EXT2_I(inode)->i_flags;
	u32 changes;
	int err = mnt_want_write(file->f_path.mnt);

	if (err)
		return err;
	if (file->f_uid && file->f_uid != inode->i_uid)
		return -EPERM;
	guard(inode)(inode);
	changes = (flags ^ *now) & EXT2_FL_SETTABLE;
	if (file->f_uid && changes & (EXT2_IMMUTABLE_FL | EXT2_APPEND_FL))
		return -EPERM;
	*now ^= changes;
	ext2_take_flags(inode);
	inode->i_ctime = current_time();
	mark_inode_dirty(inode, I_DIRTY_SYNC);
	return 0;
}

long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 *there = (u32 *)arg, flags;

	if (cmd == FS_IOC_GETFLAGS)
		return put_user(EXT2_I(file->f_inode)->i_flags &
					EXT2_FL_VISIBLE,
				there);
	if (cmd != FS_IOC_SETFLAGS)
		return -ENOIOCTLCMD;
	return get_user(flags, there) ? -EFAULT : set_flags(file, flags);
}

const struct file_operations ext2_file_fops = {
	.read_iter = ext2_read_iter,
	.write_iter = ext2_write_iter,
	.llseek = generic_file_llseek,
	.mmap_backing = ext2_mmap_backing,
	.fsync = generic_file_fsync,
	.ioctl = ext2_ioctl,
};
