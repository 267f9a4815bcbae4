// SPDX-License-Identifier: MIT
/*
 * Files of tmpfs: reading, writing and mapping all meet at the same pages of
 * the page cache. Writers hold the inode's i_rwsem; readers and faults go by
 * i_size, which truncation lowers before it takes the pages away.
 */
#include <base/bug.h>
#include <fs/stat.h>
#include <fs/tmpfs.h>
#include <mm/vm/mm.h>
#include <sched/sched.h>

static ssize_t tmpfs_read_iter(struct file *file, struct iov_iter *to,
			       loff_t *pos)
{
	ssize_t n = generic_mapping_read(file->f_mapping, NULL, pos, to->count,
					 iter_copy_out, to);

	touch_atime(file);
	return n;
}

/* What the seals leave of a write. => 0, perhaps with less, or -EPERM */
static int check_sealed_write(struct inode *inode, loff_t pos, size_t *count)
{
	unsigned int seals = TMPFS_I(inode)->seals;
	loff_t whole = inode->i_size & (loff_t)PAGE_MASK;

	if (likely(!(seals & ~F_SEAL_SEAL)))
		return 0;
	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if (!(seals & F_SEAL_GROW) || pos + (loff_t)*count <= inode->i_size)
		return 0;
	if (pos >= whole)
		return -EPERM;
	*count = (size_t)(whole - pos);
	return 0;
}

static ssize_t tmpfs_write_iter(struct file *file, struct iov_iter *from,
				loff_t *pos)
{
	struct inode *inode = file->f_inode;
	ssize_t n = 0;

	inode_lock(inode);
	n = generic_write_checks(file, from, pos);
	if (n > 0)
		n = check_sealed_write(inode, *pos, &from->count);
	if (n < 0 || !from->count)
		goto out;
	file_remove_privs(file);
	n = generic_mapping_write(inode->i_mapping, pos, from->count,
				  iter_copy_in, from);
	if (n > 0 && *pos > inode->i_size)
		WRITE_ONCE(inode->i_size, *pos);
	inode_times_now(inode);
out:
	inode_unlock(inode);
	return n;
}

int tmpfs_set_size(struct inode *inode, loff_t size)
{
	unsigned int seals = TMPFS_I(inode)->seals;
	loff_t old = inode->i_size;

	if ((size < old && (seals & F_SEAL_SHRINK)) ||
	    (size > old && (seals & F_SEAL_GROW)))
		return -EPERM;
	if (size > inode->i_sb->s_maxbytes)
		return -EFBIG;
	WRITE_ONCE(inode->i_size, size);
	if (size < old)
		truncate_pagecache(inode->i_mapping, size);
	return 0;
}

/* --- fallocate --- */

static int punch_hole(struct inode *inode, loff_t off, loff_t len)
{
	if (TMPFS_I(inode)->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	truncate_inode_pages_range(inode->i_mapping, off, off + len - 1);
	return 0;
}

/* Is there room for the pages that [first, end) lacks? */
static bool room_for(struct inode *inode, pgoff_t first, pgoff_t end)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(inode->i_sb);
	unsigned long index, want = end - first;
	struct page *page;

	if (!sbi->max_blocks)
		return true;
	if (want > sbi->max_blocks)
		return false;
	spin_lock(&inode->i_mapping->lock);
	xa_for_each_range(&inode->i_mapping->i_pages, index, page, first,
			  end - 1)
		want--;
	spin_unlock(&inode->i_mapping->lock);
	return want <= sbi->max_blocks - READ_ONCE(sbi->used_blocks);
}

/*
 * All or nothing, but for pages that were there and held only zeroes: those
 * may go, too. => 0, -EINTR, -ENOMEM, -ENOSPC
 */
static int add_pages(struct address_space *mapping, pgoff_t first, pgoff_t end)
{
	struct page *page;
	pgoff_t index;

	for (index = first; index < end; index++) {
		page = signal_pending(current) ?
			       ERR_PTR(-EINTR) :
			       read_mapping_page(mapping, index);
		if (IS_ERR(page)) {
			truncate_clean_pages(mapping, first, index);
			return (int)PTR_ERR(page);
		}
		put_page(page);
		cond_resched();
	}
	return 0;
}

static int fill_range(struct inode *inode, loff_t off, loff_t len, bool keep)
{
	pgoff_t index = (pgoff_t)off >> PAGE_SHIFT;
	pgoff_t end = (pgoff_t)(off + len - 1) / PAGE_SIZE + 1;
	int err;

	if (off + len > inode->i_size) {
		size_t one = 1;

		err = check_file_size(off + len - 1, &one);
		if (err)
			return err;
		if (TMPFS_I(inode)->seals & F_SEAL_GROW)
			return -EPERM;
	}
	if (!room_for(inode, index, end))
		return -ENOSPC;
	err = add_pages(inode->i_mapping, index, end);
	if (!err && !keep && off + len > inode->i_size)
		WRITE_ONCE(inode->i_size, off + len);
	return err;
}

static int tmpfs_fallocate(struct file *file, int mode, loff_t off, loff_t len)
{
	struct inode *inode = file->f_inode;
	int err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	guard(inode)(inode);
	err = mode & FALLOC_FL_PUNCH_HOLE ?
		      punch_hole(inode, off, len) :
		      fill_range(inode, off, len, mode & FALLOC_FL_KEEP_SIZE);
	if (!err)
		inode_times_now(inode);
	return err;
}

static int tmpfs_setattr(struct dentry *dentry, const struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = 0;

	if (attr->ia_valid & ATTR_SIZE)
		err = S_ISREG(inode->i_mode) ?
			      tmpfs_set_size(inode, attr->ia_size) :
			      -EINVAL;
	if (!err)
		setattr_copy(inode, attr);
	return err;
}

static int tmpfs_getattr(const struct path *path, struct kstat *st)
{
	struct inode *inode = d_inode(path->dentry);

	generic_fillattr(inode, st);
	if (inode->i_mapping)
		st->blocks = (u64)(inode->i_mapping->nrpages +
				   inode->i_mapping->nrswapped) *
			     (PAGE_SIZE / 512);
	return 0;
}

/* Where the next page (data) or the next gap (hole) begins. */
static loff_t seek_pages(struct inode *inode, loff_t offset, bool data)
{
	struct address_space *mapping = inode->i_mapping;
	unsigned long index = (unsigned long)offset >> PAGE_SHIFT;
	loff_t pos;

	spin_lock(&mapping->lock);
	if (data) {
		if (!xa_find(&mapping->i_pages, &index, ULONG_MAX))
			index = LONG_MAX >> PAGE_SHIFT;
	} else {
		while (xa_load(&mapping->i_pages, index))
			index++;
	}
	spin_unlock(&mapping->lock);
	pos = (loff_t)(index << PAGE_SHIFT);
	return max(pos, offset);
}

static loff_t tmpfs_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_inode;
	loff_t size = inode->i_size, pos;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	if (offset < 0 || offset >= size)
		return -ENXIO;
	pos = seek_pages(inode, offset, whence == SEEK_DATA);
	if (pos < 0 || pos >= size) {
		if (whence == SEEK_DATA)
			return -ENXIO;
		pos = size;
	}
	file->f_pos = pos;
	return pos;
}

static int tmpfs_mmap_backing(struct file *file, struct vm_backing *b)
{
	touch_atime(file);
	b->mapping = file->f_mapping;
	b->ops = &generic_file_vm_ops;
	b->sealed = TMPFS_I(file->f_inode)->seals &
		    (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
	return 0;
}

const struct inode_operations tmpfs_file_iops = {
	.setattr = tmpfs_setattr,
	.getattr = tmpfs_getattr,
};

const struct file_operations tmpfs_file_fops = {
	.read_iter = tmpfs_read_iter,
	.write_iter = tmpfs_write_iter,
	.llseek = tmpfs_llseek,
	.mmap_backing = tmpfs_mmap_backing,
	.fsync = generic_fsync,
	.fallocate = tmpfs_fallocate,
};
