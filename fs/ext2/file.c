// SPDX-License-Identifier: MIT
/* Regular files of ext2: all by way of the page cache. */
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

const struct file_operations ext2_file_fops = {
	.read_iter = ext2_read_iter,
	.write_iter = ext2_write_iter,
	.llseek = generic_file_llseek,
	.mmap_backing = ext2_mmap_backing,
	.fsync = generic_file_fsync,
};
