// SPDX-License-Identifier: MIT
/*
 * block_dev.c - /dev/vda: a block device as a file, and its page cache
 *
 *	/dev/vda (inode of devtmpfs, i_rdev) --open--> block_device
 *	                                                   | bd_mapping
 *	read, write, mmap, a file system's metadata --> pages (Buffers)
 *	                                                   | bio
 *	                                                 driver
 *
 * Each device has one inode of its own, in the file system bdev that nobody
 * mounts, and all nodes with its number lead to the pages of that inode. They
 * live as long as the device is open: whoever closes it last writes them back
 * and drops them.
 *
 * Locks: bdev_mutex for open and close; i_rwsem of the bdev inode for
 * writers. Callers: vfs, file systems on disks.
 */
#include <asm/current.h>
#include <asm/uaccess.h>
#include <base/bug.h>
#include <base/printk.h>
#include <fs/block_dev.h>
#include <fs/chardev.h>
#include <fs/mpage.h>
#include <fs/pseudo.h>
#include <fs/writeback.h>
#include <mm/vm/mm.h>

static DEFINE_MUTEX(bdev_mutex);

/* ---- its pages ----------------------------------------------------------- */

static struct block_device *mapping_bdev(struct address_space *mapping)
{
	return mapping->private_data;
}

static loff_t bdev_mapping_size(struct address_space *mapping)
{
	return blkdev_size(mapping_bdev(mapping));
}

/* Block n of the device is its block n. */
static int bdev_get_block(struct inode *inode, sector_t iblock, sector_t *phys,
			  bool create)
{
	(void)inode, (void)create;
	*phys = iblock;
	return 0;
}

static int blkdev_readpage(struct address_space *mapping, struct page *page)
{
	return mpage_readpage(mapping->host, page, bdev_get_block);
}

static void blkdev_readahead(struct address_space *mapping, struct page **pages,
			     unsigned int nr)
{
	mpage_readahead(mapping->host, pages, nr, bdev_get_block);
}

/*
 * A file system's metadata and its files share the disk, and a page of the
 * device's cache may hold both; but files are written past that cache. So a
 * page knows which of its sectors are newer than the disk: a bit for each, in
 * the upper half of page->private.
 */
static u32 *dirty_sectors(struct page *page)
{
	return (u32 *)&page->private + 1;
}

static u32 sector_bits(unsigned int off, unsigned int len)
{
	unsigned int first = off >> SECTOR_SHIFT;
	unsigned int end = (off + len + SECTOR_SIZE - 1) >> SECTOR_SHIFT;

	return (1U << end) - (1U << first);
}

void bdev_dirty(struct page *page, unsigned int off, unsigned int len)
{
	__atomic_fetch_or(dirty_sectors(page), sector_bits(off, len),
			  __ATOMIC_SEQ_CST);
	set_page_dirty(page);
}

void bdev_forget(struct block_device *bdev, loff_t at, unsigned int len)
{
	struct page *page =
		find_lock_page(bdev->bd_mapping, (pgoff_t)at >> PAGE_SHIFT);

	if (!page)
		return;
	wait_on_page_writeback(page);
	__atomic_fetch_and(dirty_sectors(page),
			   ~sector_bits((unsigned int)offset_in_page(at), len),
			   __ATOMIC_SEQ_CST);
	unlock_page(page);
	put_page(page);
}

static int blkdev_writepage(struct address_space *mapping, struct page *page,
			    struct writeback_control *wbc)
{
	u32 blocks =
		__atomic_exchange_n(dirty_sectors(page), 0, __ATOMIC_SEQ_CST);

	return mpage_writepage(mapping->host, page, wbc, bdev_get_block,
			       blocks);
}

static void blkdev_write_end(struct address_space *mapping, struct page *page,
			     loff_t end, unsigned int len)
{
	(void)mapping;
	bdev_dirty(page, (unsigned int)offset_in_page(end - len), len);
}

static int blkdev_page_mkwrite(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	bdev_dirty(page, 0, PAGE_SIZE);
	return 0;
}

static const struct address_space_operations def_blk_aops = {
	.readpage = blkdev_readpage,
	.readahead = blkdev_readahead,
	.writepage = blkdev_writepage,
	.write_end = blkdev_write_end,
	.page_mkwrite = blkdev_page_mkwrite,
	.dirtied = inode_pages_dirtied,
	.sync = generic_mapping_sync,
	.size = bdev_mapping_size,
};

void bdev_write_failed(struct page *page, unsigned int off, unsigned int len)
{
	if (READ_ONCE(mapping_bdev(page->mapping)->bd_holders))
		bdev_dirty(page, off, len);
}

/* Without telling the device to keep it: that is what fsync adds. */
static int write_buffers(struct block_device *bdev)
{
	return filemap_write_and_wait_range(bdev->bd_mapping, 0, -1);
}

int bdev_sync(struct block_device *bdev)
{
	int err = write_buffers(bdev), err2 = blkdev_issue_flush(bdev);

	return err ? err : err2;
}

static void drop_buffers(struct block_device *bdev)
{
	write_buffers(bdev);
	truncate_inode_pages_range(bdev->bd_mapping, 0, -1);
}

/* ---- open and close ------------------------------------------------------ */

struct block_device *bdev_open(dev_t dev, void *holder)
{
	struct block_device *bdev;
	int err;

	mutex_lock(&bdev_mutex);
	bdev = blkdev_get(dev);
	err = !bdev ? -ENXIO : holder ? blkdev_claim(bdev, holder) : 0;
	if (bdev && err)
		blkdev_put(bdev);
	else if (bdev && atomic_read(&bdev->bd_openers) == 1)
		/* It may have grown. */
		WRITE_ONCE(((struct inode *)bdev->bd_mapping->host)->i_size,
			   blkdev_size(bdev));
	mutex_unlock(&bdev_mutex);
	return err ? ERR_PTR(err) : bdev;
}

void bdev_close(struct block_device *bdev, void *holder)
{
	mutex_lock(&bdev_mutex);
	if (holder)
		blkdev_release(bdev);
	if (atomic_read(&bdev->bd_openers) == 1)
		drop_buffers(bdev);
	blkdev_put(bdev);
	mutex_unlock(&bdev_mutex);
}

static void *file_holder(struct file *file)
{
	return file->f_mode & FMODE_EXCL ? file : NULL;
}

static int blkdev_open(struct inode *inode, struct file *file)
{
	struct block_device *bdev;

	if (file->f_flags & O_EXCL)
		file->f_mode |= FMODE_EXCL;
	bdev = bdev_open(inode->i_rdev, file_holder(file));
	if (IS_ERR(bdev))
		return (int)PTR_ERR(bdev);
	file->private_data = bdev;
	file->f_mapping = bdev->bd_mapping;
	file->f_wb_err = errseq_sample(&file->f_mapping->wb_err);
	return 0;
}

static int blkdev_release_file(struct inode *inode, struct file *file)
{
	(void)inode;
	bdev_close(file->private_data, file_holder(file));
	return 0;
}

/* ---- read and write ------------------------------------------------------ */

static ssize_t blkdev_read_iter(struct file *file, struct iov_iter *to,
				loff_t *pos)
{
	return generic_mapping_read(file->f_mapping, &file->f_ra, pos,
				    to->count, iter_copy_out, to);
}

static ssize_t blkdev_write_iter(struct file *file, struct iov_iter *from,
				 loff_t *pos)
{
	struct block_device *bdev = file->private_data;
	struct inode *inode = bdev->bd_mapping->host;
	loff_t size = blkdev_size(bdev);
	ssize_t n;

	if (bdev->bd_read_only)
		return -EPERM;
	if (!from->count)
		return 0;
	if (*pos >= size)
		return -ENOSPC;
	iov_iter_truncate(from, (size_t)(size - *pos));
	inode_lock(inode);
	n = generic_mapping_write(file->f_mapping, pos, from->count,
				  iter_copy_in, from);
	inode_unlock(inode);
	return n;
}

static loff_t blkdev_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence,
					blkdev_size(file->private_data));
}

static int blkdev_mmap(struct file *file, struct vm_backing *b)
{
	b->mapping = file->f_mapping;
	b->ops = &generic_file_vm_ops;
	return 0;
}

/* ---- ioctl --------------------------------------------------------------- */

#define BLKROSET	 0x125d
#define BLKROGET	 0x125e
#define BLKRRPART	 0x125f
#define BLKGETSIZE	 0x1260
#define BLKFLSBUF	 0x1261
#define BLKRAGET	 0x1263
#define BLKSSZGET	 0x1268
#define BLKBSZGET	 0x80081270
#define BLKGETSIZE64	 0x80081272
#define BLKDISCARD	 0x1277
#define BLKIOMIN	 0x1278
#define BLKIOOPT	 0x1279
#define BLKALIGNOFF	 0x127a
#define BLKPBSZGET	 0x127b
#define BLKDISCARDZEROES 0x127c
#define BLKROTATIONAL	 0x127e

/*
 * Forget what is cached of bytes [start, end), which will be lost. Dirty or
 * not; but if it is another's disk, a mounted one perhaps, only what he does
 * not need. => 0, -EBUSY
 */
static int drop_range(struct file *file, loff_t start, loff_t end)
{
	struct block_device *bdev = file->private_data;
	struct address_space *mapping = bdev->bd_mapping;
	pgoff_t first = (pgoff_t)(start >> PAGE_SHIFT);
	pgoff_t last = (pgoff_t)((end - 1) >> PAGE_SHIFT);
	void *holder = file_holder(file) ?: bdev;

	guard(mutex)(&bdev_mutex); /* nobody mounts it meanwhile */
	if (blkdev_claim(bdev, holder))
		return invalidate_mapping_pages(mapping, first, last) ? -EBUSY :
									0;
	truncate_inode_pages_range(mapping, start, end - 1);
	blkdev_release(bdev);
	return 0;
}

static int blkdev_discard(struct file *file, const void *urange)
{
	struct block_device *bdev = file->private_data;
	u64 range[2], end; /* start and length in bytes */
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!bdev->bd_max_discard)
		return -EOPNOTSUPP;
	if (copy_from_user(range, urange, sizeof(range)))
		return -EFAULT;
	if (!range[1] || (range[0] | range[1]) & (bdev->bd_block_size - 1) ||
	    check_add_overflow(range[0], range[1], &end) ||
	    end > (u64)blkdev_size(bdev))
		return -EINVAL;
	if (bdev->bd_read_only)
		return -EPERM;
	err = drop_range(file, (loff_t)range[0], (loff_t)end);
	if (err)
		return err;
	err = blkdev_issue_discard(bdev, range[0] >> SECTOR_SHIFT,
				   range[1] >> SECTOR_SHIFT);
	/* What was read meanwhile may be old. */
	invalidate_mapping_pages(bdev->bd_mapping, range[0] >> PAGE_SHIFT,
				 (end - 1) >> PAGE_SHIFT);
	return err;
}

/* Those that change the device for all. */
static int blkdev_admin_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	struct block_device *bdev = file->private_data;
	int ro;

	if (file->f_uid)
		return -EACCES;
	if (cmd == BLKFLSBUF) {
		write_buffers(bdev);
		invalidate_mapping_pages(bdev->bd_mapping, 0, ULONG_MAX);
		return 0;
	}
	if (cmd == BLKRRPART)
		return -EINVAL; /* no partitions */
	if (get_user(ro, (int *)arg))
		return -EFAULT;
	bdev->bd_read_only = ro;
	return 0;
}

static long blkdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct block_device *bdev = file->private_data;
	loff_t size = blkdev_size(bdev);

	switch (cmd) {
	case BLKROGET:
		return put_user((int)bdev->bd_read_only, (int *)arg);
	case BLKGETSIZE:
		return put_user((unsigned long)size >> SECTOR_SHIFT,
				(unsigned long *)arg);
	case BLKGETSIZE64:
		return put_user((u64)size, (u64 *)arg);
	case BLKSSZGET:
		return put_user((int)bdev->bd_block_size, (int *)arg);
	case BLKPBSZGET:
	case BLKIOMIN:
		return put_user(bdev->bd_phys_block_size, (u32 *)arg);
	case BLKBSZGET:
		return put_user((int)PAGE_SIZE, (int *)arg);
	case BLKRAGET: /* sectors */
		return put_user(256UL, (unsigned long *)arg);
	case BLKIOOPT:
	case BLKALIGNOFF:
	case BLKDISCARDZEROES:
		return put_user(0, (u32 *)arg);
	case BLKROTATIONAL:
		return put_user(1, (u16 *)arg);
	case BLKDISCARD:
		return blkdev_discard(file, (const void *)arg);
	case BLKFLSBUF:
	case BLKROSET:
	case BLKRRPART:
		return blkdev_admin_ioctl(file, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

const struct file_operations def_blk_fops = {
	.open = blkdev_open,
	.release = blkdev_release_file,
	.read_iter = blkdev_read_iter,
	.write_iter = blkdev_write_iter,
	.llseek = blkdev_llseek,
	.mmap_backing = blkdev_mmap,
	.fsync = generic_file_fsync,
	.ioctl = blkdev_ioctl,
};

/* ---- coming into being --------------------------------------------------- */

/* An inode for its pages, a node for its name. => 0, -ENOMEM */
static int add_bdev(struct block_device *bdev)
{
	struct inode *inode;
	struct path path;
	int err = pseudo_path(PSEUDO_BDEV, S_IFBLK | 0600, NULL, &path);

	if (err)
		return err;
	inode = d_inode(path.dentry);
	inode->i_rdev = bdev->bd_dev;
	inode->i_bdev = bdev;
	inode->i_blkbits = SECTOR_SHIFT; /* as dirty_sectors() counts */
	inode->i_mapping = &inode->i_data;
	address_space_init(&inode->i_data, inode, &def_blk_aops, 0, 0);
	inode->i_data.private_data = bdev;
	bdev->bd_mapping = &inode->i_data;
	block_sysfs_init(bdev);
	return device_create(bdev->bd_name, S_IFBLK | 0660, MAJOR(bdev->bd_dev),
			     MINOR(bdev->bd_dev));
}

void block_dev_init(void)
{
	struct block_device *bdev = NULL;

	block_proc_init();
	while ((bdev = blkdev_next(bdev)))
		if (add_bdev(bdev))
			panic("cannot make /dev/%s", bdev->bd_name);
}
