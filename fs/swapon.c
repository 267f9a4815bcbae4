// SPDX-License-Identifier: MIT
/*
 * swapon(2) and swapoff(2) as files see them: what is behind the name, who
 * keeps it open, and /proc/swaps. The areas themselves are mm/vm/swapfile.c.
 *
 * A device is claimed, so that nobody mounts it; a file is marked S_SWAPFILE:
 * nobody writes to it, truncates or unlinks it.
 *
 * Locks: swapon_mutex, one area comes or goes at a time; swap_files_lock for
 * the table of open files, which /proc/swaps reads.
 */
#include <fs/block_dev.h>
#include <fs/swapon.h>
#include <lib/err.h>
#include <lib/seq_buf.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/pagemap.h>
#include <mm/vm/swap.h>
#include <mm/vm/writeback.h>
#include <sched/blkdev.h>
#include <sched/mutex.h>

static DEFINE_MUTEX(swapon_mutex);
static DEFINE_SPINLOCK(swap_files_lock);
static struct {
	struct file *file; /* NULL: no area of this type */
	struct block_device *bdev;
} swap_files[MAX_SWAPFILES]; /* swap_files_lock */

static char *swap_file_name(const struct file *file, char **buf)
{
	char *name = ERR_PTR(-ENOMEM);

	*buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (*buf)
		name = d_path(&file->f_path, NULL, *buf, PATH_MAX);
	return IS_ERR(name) ? "?" : name;
}

/* Where page index of a file is. Its blocks should be one run on the device. */
static int map_page(struct address_space *mapping, pgoff_t index, u64 *sector)
{
	struct inode *inode = mapping->host;
	unsigned int bits = inode->i_blkbits;
	sector_t per_page = PAGE_SIZE >> bits, first = 0, block;

	for (sector_t i = 0; i < per_page; i++) {
		int err = mapping->a_ops->bmap(mapping, index * per_page + i,
					       &block);

		if (err)
			return err;
		if (!i)
			first = block;
		else if (block != first + i)
			return -EAGAIN;
	}
	*sector = first << (bits - SECTOR_SHIFT);
	return 0;
}

/* Mark the file; what is to be written of it must not come later. */
static int claim_file(struct inode *inode)
{
	int err = 0;

	inode_lock(inode);
	if (inode->i_flags & S_SWAPFILE)
		err = -EBUSY;
	else
		inode->i_flags |= S_SWAPFILE;
	inode_unlock(inode);
	if (err)
		return err;
	err = filemap_write_and_wait_range(inode->i_mapping, 0, -1);
	if (err)
		inode->i_flags &= (unsigned short)~S_SWAPFILE;
	return err;
}

/*
 * Get what is behind file, for swap alone. => 0 and *b; -EINVAL: neither a
 * device nor a file with a place on one; -EBUSY, -ENXIO, -EIO
 */
static int open_backing(struct file *file, struct swap_backing *b)
{
	struct inode *inode = file->f_inode;

	b->mapping = file->f_mapping;
	if (S_ISBLK(inode->i_mode)) {
		b->bdev = bdev_open(inode->i_rdev, swap_files);
		if (IS_ERR(b->bdev))
			return (int)PTR_ERR(b->bdev);
		b->pages = (u64)blkdev_size(b->bdev) >> PAGE_SHIFT;
		return 0;
	}
	if (!S_ISREG(inode->i_mode) || !b->mapping->a_ops->bmap)
		return -EINVAL;
	b->bdev = inode->i_bdev;
	b->pages = (u64)inode->i_size >> PAGE_SHIFT;
	b->map_page = map_page;
	return claim_file(inode);
}

static void close_backing(const struct file *file, struct block_device *bdev)
{
	struct inode *inode = file->f_inode;

	if (S_ISBLK(inode->i_mode)) {
		bdev_close(bdev, swap_files);
		return;
	}
	guard(inode)(inode);
	inode->i_flags &= (unsigned short)~S_SWAPFILE;
}

static void set_entry(int type, struct file *file, struct block_device *bdev)
{
	guard(spinlock)(&swap_files_lock);
	swap_files[type].file = file;
	swap_files[type].bdev = bdev;
}

int vfs_swapon(struct file *file, int flags)
{
	struct swap_backing b = {};
	char *buf, *name;
	int type = open_backing(file, &b);

	if (type)
		return type;
	name = swap_file_name(file, &buf);
	mutex_lock(&swapon_mutex);
	type = swap_on(&b, flags, name);
	if (type >= 0)
		set_entry(type, get_file(file), b.bdev);
	mutex_unlock(&swapon_mutex);
	kfree(buf);
	if (type < 0)
		close_backing(file, b.bdev);
	return min(type, 0);
}

int vfs_swapoff(struct file *file)
{
	struct block_device *bdev;
	int type;

	mutex_lock(&swapon_mutex);
	type = swap_off(file->f_mapping);
	if (type >= 0) {
		file = swap_files[type].file;
		bdev = swap_files[type].bdev;
		set_entry(type, NULL, NULL);
	}
	mutex_unlock(&swapon_mutex);
	if (type < 0)
		return type;
	close_backing(file, bdev);
	fput(file);
	return 0;
}

static void show_area(struct seq_buf *s, const struct file *file,
		      const struct swap_area_info *info)
{
	const bool device = S_ISBLK(file->f_inode->i_mode);
	unsigned long size = info->pages << (PAGE_SHIFT - 10);
	unsigned long used = info->inuse << (PAGE_SHIFT - 10);
	char *buf, *name = swap_file_name(file, &buf);
	size_t len = strlen(name);

	seq_buf_puts(s, name);
	seq_buf_printf(s, "%*s%s\t%lu\t%s%lu\t%s%d\n",
		       len < 40 ? (int)(40 - len) : 1, " ",
		       device ? "partition" : "file\t", size,
		       size < 10000000 ? "\t" : "", used,
		       used < 10000000 ? "\t" : "", info->prio);
	kfree(buf);
}

void swaps_show(struct seq_buf *s)
{
	seq_buf_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (unsigned int type = 0; type < MAX_SWAPFILES; type++) {
		struct swap_area_info info;
		struct file *file;

		spin_lock(&swap_files_lock);
		file = swap_files[type].file;
		if (file)
			get_file(file);
		spin_unlock(&swap_files_lock);
		if (file && swap_area_info(type, &info))
			show_area(s, file, &info);
		fput(file);
	}
}
