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

/*
 * Open what is behind file, for swap alone. => 0 and *b; -EINVAL: neither a
 * device nor a file with a place on one; -EBUSY, -ENXIO
 */
static int open_backing(struct file *file, struct swap_backing *b)
{
	struct inode *inode = file->f_inode;

	if (!S_ISBLK(inode->i_mode))
		return -EINVAL;
	b->bdev = bdev_open(inode->i_rdev, swap_files);
	if (IS_ERR(b->bdev))
		return (int)PTR_ERR(b->bdev);
	b->mapping = bdev_mapping(b->bdev);
	b->pages = (u64)blkdev_size(b->bdev) >> PAGE_SHIFT;
	return 0;
}

static void close_backing(const struct file *file, struct block_device *bdev)
{
	if (S_ISBLK(file->f_inode->i_mode))
		bdev_close(bdev, swap_files);
}

static void set_entry(int type, struct file *file, struct block_device *bdev)
{
	spin_lock(&swap_files_lock);
	swap_files[type].file = file;
	swap_files[type].bdev = bdev;
	spin_unlock(&swap_files_lock);
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
