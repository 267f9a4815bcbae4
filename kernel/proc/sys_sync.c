// SPDX-License-Identifier: MIT
/*
 * Page cache and disk: the system calls that say what of a file shall be read
 * soon, written now, or forgotten.
 */
#include <fs/fdtable.h>
#include <fs/fs.h>
#include <fs/writeback.h>
#include <proc/syscalls.h>

#define POSIX_FADV_NORMAL     0
#define POSIX_FADV_RANDOM     1
#define POSIX_FADV_SEQUENTIAL 2
#define POSIX_FADV_WILLNEED   3
#define POSIX_FADV_DONTNEED   4
#define POSIX_FADV_NOREUSE    5

#define SYNC_FILE_RANGE_WAIT_BEFORE 1
#define SYNC_FILE_RANGE_WRITE	    2
#define SYNC_FILE_RANGE_WAIT_AFTER  4

/* --- what will be read ---------------------------------------------------- */

/* Pages that lie in the range as a whole: a part may still be wanted. */
static void fadvise_dontneed(struct address_space *mapping, loff_t off,
			     loff_t end)
{
	pgoff_t first = (pgoff_t)(off + (loff_t)PAGE_SIZE - 1) >> PAGE_SHIFT;
	pgoff_t last = end < 0 ? ULONG_MAX : (pgoff_t)(end + 1) >> PAGE_SHIFT;

	filemap_fdatawrite_range(mapping, off, end, WB_SYNC_NONE);
	if (first < last && !mapping_is_shmem(mapping))
		invalidate_mapping_pages(mapping, first, last - 1);
}

static void fadvise_willneed(struct address_space *mapping, loff_t off,
			     loff_t end)
{
	pgoff_t first = (pgoff_t)off >> PAGE_SHIFT;
	pgoff_t last = end < 0 ? ULONG_MAX / 2 : (pgoff_t)end >> PAGE_SHIFT;

	force_page_cache_readahead(mapping, first, last - first + 1);
}

static long fadvise(struct file *file, loff_t off, loff_t len, int advice)
{
	struct address_space *mapping = file->f_mapping;
	loff_t end = len ? off + len - 1 : -1;

	if (S_ISFIFO(file->f_inode->i_mode))
		return -ESPIPE;
	if (len < 0 || advice < 0 || advice > POSIX_FADV_NOREUSE)
		return -EINVAL;
	if (!mapping || off < 0 || (len && end < off))
		return 0;
	if (advice == POSIX_FADV_NORMAL)
		file->f_ra.ra_pages = VM_READAHEAD_PAGES;
	else if (advice == POSIX_FADV_RANDOM)
		file->f_ra.ra_pages = 0;
	else if (advice == POSIX_FADV_SEQUENTIAL)
		file->f_ra.ra_pages = 2 * VM_READAHEAD_PAGES;
	else if (advice == POSIX_FADV_WILLNEED)
		fadvise_willneed(mapping, off, end);
	else if (advice == POSIX_FADV_DONTNEED)
		fadvise_dontneed(mapping, off, end);
	return 0;
}

SYSCALL(sys_fadvise64, int fd, loff_t off, loff_t len, int advice)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);

	return file ? fadvise(file, off, len, advice) : -EBADF;
}

SYSCALL(sys_readahead, int fd, loff_t off, size_t n)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	umode_t mode;

	if (!file || !(file->f_mode & FMODE_READ))
		return -EBADF;
	mode = file->f_inode->i_mode;
	if ((!S_ISREG(mode) && !S_ISBLK(mode)) || n > LONG_MAX)
		return -EINVAL;
	return fadvise(file, off, (loff_t)n, POSIX_FADV_WILLNEED);
}

/* --- what shall be written ------------------------------------------------ */

static long sync_range(struct file *file, loff_t off, loff_t end,
		       unsigned int flags)
{
	struct address_space *mapping = file->f_mapping;
	umode_t mode = file->f_inode->i_mode;
	int err = 0;

	if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISBLK(mode) &&
	    !S_ISLNK(mode))
		return -ESPIPE;
	if (!mapping)
		return 0;
	if (flags & SYNC_FILE_RANGE_WAIT_BEFORE)
		filemap_fdatawait_range(mapping, off, end);
	if (flags & SYNC_FILE_RANGE_WRITE)
		err = filemap_fdatawrite_range(mapping, off, end, WB_SYNC_NONE);
	if (flags & SYNC_FILE_RANGE_WAIT_AFTER)
		filemap_fdatawait_range(mapping, off, end);
	if (!err && (flags & ~SYNC_FILE_RANGE_WRITE))
		err = errseq_check_and_advance(&mapping->wb_err,
					       &file->f_wb_err);
	return err;
}

SYSCALL(sys_sync_file_range, int fd, loff_t off, loff_t n, unsigned int flags)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	loff_t end;

	if (!file)
		return -EBADF;
	if (flags & ~7U || off < 0 || check_add_overflow(off, n, &end) ||
	    end < off)
		return -EINVAL;
	return sync_range(file, off, n ? end - 1 : -1, flags);
}

SYSCALL(sys_fsync, unsigned int fd)
{
	struct file *file __free(fput) = fget(current->files, fd);

	return file ? vfs_fsync(file) : -EBADF;
}

SYSCALL(sys_syncfs, int fd)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);

	struct super_block *sb;
	int err, err2;

	if (!file)
		return -EBADF;
	sb = file->f_inode->i_sb;
	if (!sb->s_bdev)
		return 0;
	err = sync_filesystem(sb);
	err2 = errseq_check_and_advance(&sb->s_wb_err, &file->f_sb_err);
	return err ? err : err2;
}

SYSCALL(sys_sync, void)
{
	sync_filesystem(NULL);
	return 0;
}
