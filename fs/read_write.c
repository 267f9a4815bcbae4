// SPDX-License-Identifier: MIT
/*
 * Moving bytes and the file position: what is checked before a file's own
 * read_iter and write_iter are called.
 */
#include <asm/uaccess.h>
#include <base/bug.h>
#include <fs/mount.h>
#include <fs/poll.h>
#include <mm/phys/gfp.h>
#include <mm/vm/mm.h>

#define SENDFILE_CHUNK_ORDER 2
#define SENDFILE_CHUNK	     (PAGE_SIZE << SENDFILE_CHUNK_ORDER)

static int no_size_limit(loff_t pos __unused, size_t *count __unused)
{
	return 0;
}

int (*check_file_size)(loff_t pos, size_t *count) = no_size_limit;

/* => 0, or -errno: nothing may be read or written at such a place */
static int check_pos(const struct file *file, loff_t pos, size_t n)
{
	loff_t end;

	if (file->f_mode & FMODE_STREAM)
		return 0;
	if (likely(pos >= 0 && !check_add_overflow(pos, (loff_t)n, &end)))
		return 0;
	if (!(file->f_mode & FMODE_UNSIGNED))
		return -EINVAL;
	return pos < 0 && n >= -(size_t)pos ? -EOVERFLOW : 0;
}

ssize_t vfs_iter_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	int err;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read_iter)
		return S_ISDIR(file->f_inode->i_mode) ? -EISDIR : -EINVAL;
	err = check_pos(file, *pos, to->count);
	if (err)
		return err;
	return file->f_op->read_iter(file, to, pos);
}

ssize_t vfs_iter_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write_iter)
		return -EINVAL;
	if (unlikely(file->f_inode->i_flags & S_SWAPFILE))
		return -ETXTBSY;
	err = check_pos(file, *pos, from->count);
	if (err)
		return err;
	return file->f_op->write_iter(file, from, pos);
}

ssize_t vfs_read(struct file *file, void *ubuf, size_t n, loff_t *pos)
{
	struct iov_iter to;

	if (!access_ok(ubuf, n))
		return file->f_mode & FMODE_READ ? -EFAULT : -EBADF;
	iov_iter_user(&to, ubuf, n);
	return vfs_iter_read(file, &to, pos);
}

ssize_t vfs_write(struct file *file, const void *ubuf, size_t n, loff_t *pos)
{
	struct iov_iter from;

	if (!access_ok(ubuf, n))
		return file->f_mode & FMODE_WRITE ? -EFAULT : -EBADF;
	iov_iter_user(&from, (void *)(uintptr_t)ubuf, n);
	return vfs_iter_write(file, &from, pos);
}

ssize_t kernel_read(struct file *file, void *buf, size_t n, loff_t *pos)
{
	struct iov_iter to;

	iov_iter_kernel(&to, buf, n);
	return vfs_iter_read(file, &to, pos ? pos : &file->f_pos);
}

ssize_t kernel_write(struct file *file, const void *buf, size_t n, loff_t *pos)
{
	struct iov_iter from;

	iov_iter_kernel(&from, (void *)(uintptr_t)buf, n);
	return vfs_iter_write(file, &from, pos ? pos : &file->f_pos);
}

/* --- positions --- */

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence < SEEK_SET || whence > SEEK_HOLE)
		return -EINVAL;
	if (!(file->f_mode & FMODE_LSEEK))
		return -ESPIPE;
	if (file->f_op->llseek)
		return file->f_op->llseek(file, offset, whence);
	return generic_file_llseek(file, offset, whence);
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence,
					file->f_inode->i_size);
}

loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t size)
{
	loff_t pos = offset;

	switch (whence) {
	case SEEK_END:
		if (check_add_overflow(offset, size, &pos))
			return -EOVERFLOW;
		break;
	case SEEK_CUR:
		if (check_add_overflow(offset, file->f_pos, &pos))
			return -EOVERFLOW;
		break;
	case SEEK_DATA:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		pos = size;
		break;
	default:
		break;
	}
	if (pos < 0)
		return -EINVAL;
	file->f_pos = pos;
	return pos;
}

loff_t no_llseek(struct file *file __unused, loff_t offset __unused,
		 int whence __unused)
{
	return -ESPIPE;
}

loff_t noop_llseek(struct file *file, loff_t offset __unused,
		   int whence __unused)
{
	return file->f_pos;
}

loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence != SEEK_SET && whence != SEEK_CUR)
		return -EINVAL;
	file->f_pos = offset + (whence == SEEK_CUR ? file->f_pos : 0);
	return file->f_pos;
}

int stream_open(struct inode *inode __unused, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	file->f_mode |= FMODE_STREAM;
	return 0;
}

int nonseekable_open(struct inode *inode __unused, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

/* --- sendfile: through a buffer, a few pages at a time --- */

/*
 * One chunk from in to out. => bytes that reached out, 0 at in's end, -errno;
 * in's position is put back to what was written
 */
static ssize_t send_chunk(struct file *out, struct file *in, loff_t *in_pos,
			  loff_t *out_pos, char *buf, size_t n)
{
	loff_t start = *in_pos;
	ssize_t got = kernel_read(in, buf, n, in_pos), put;

	if (got <= 0)
		return got;
	put = kernel_write(out, buf, (size_t)got, out_pos);
	if (put < got)
		*in_pos = start + (put > 0 ? put : 0);
	return put;
}

ssize_t vfs_sendfile(struct file *out, struct file *in, loff_t *in_pos,
		     loff_t *out_pos, size_t count)
{
	unsigned long buf;
	size_t done = 0;
	ssize_t n = 0;

	if (in_pos && !(in->f_mode & FMODE_PREAD))
		return -ESPIPE;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	/* What is read from a stream cannot be put back. */
	if (out->f_flags & O_APPEND || !in->f_op->read_iter ||
	    in->f_mode & FMODE_STREAM)
		return -EINVAL;
	buf = __get_free_pages(GFP_KERNEL, SENDFILE_CHUNK_ORDER);
	if (!buf)
		return -ENOMEM;
	count = min(count, MAX_RW_COUNT);
	while (done < count) {
		size_t want = min(count - done, (size_t)SENDFILE_CHUNK);

		n = send_chunk(out, in, in_pos ? in_pos : &in->f_pos,
			       out_pos ? out_pos : &out->f_pos, (char *)buf,
			       want);
		if (n <= 0)
			break;
		done += (size_t)n;
		if ((size_t)n < want || signal_pending(current))
			break;
		cond_resched();
	}
	free_pages(buf, SENDFILE_CHUNK_ORDER);
	return done ? (ssize_t)done : n;
}

/* --- the rest of what a file can do --- */

long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err = -ENOIOCTLCMD;

	if (file->f_mode & FMODE_PATH)
		return -EBADF;
	if (file->f_op->ioctl)
		err = file->f_op->ioctl(file, cmd, arg);
	if (err != -ENOIOCTLCMD)
		return err;
	if (cmd == FIONREAD && S_ISREG(file->f_inode->i_mode))
		return put_user((int)(file->f_inode->i_size - file->f_pos),
				(int *)arg);
	return -ENOTTY;
}

ssize_t generic_write_checks(struct file *file, struct iov_iter *from,
			     loff_t *pos)
{
	struct inode *inode = file->f_inode;
	loff_t most = inode->i_sb->s_maxbytes;
	int err;

	if (file->f_flags & O_APPEND)
		*pos = inode->i_size;
	if (!from->count)
		return 0;
	if (*pos >= most)
		return -EFBIG;
	from->count = min(from->count, (size_t)(most - *pos));
	err = check_file_size(*pos, &from->count);
	return err ? err : (ssize_t)from->count;
}

/* Set-user-id does not survive a change by somebody else. */
void file_remove_privs(struct file *file)
{
	struct inode *inode = file->f_inode;

	if (file->f_uid == 0 || !(inode->i_mode & (S_ISUID | S_ISGID)))
		return;
	inode->i_mode &= (umode_t)~S_ISUID;
	if (inode->i_mode & S_IXGRP)
		inode->i_mode &= (umode_t)~S_ISGID;
}

int vfs_fsync(struct file *file)
{
	return file->f_op->fsync ? file->f_op->fsync(file) : -EINVAL;
}

int generic_fsync(struct file *file __unused)
{
	return 0;
}

static void backing_get(struct file *file)
{
	get_file(file);
}

int vfs_mmap_backing(struct file *file, struct vm_backing *b)
{
	memset(b, 0, sizeof(*b));
	b->file = file;
	b->get = backing_get;
	b->put = fput;
	b->may_read = file->f_mode & FMODE_READ;
	b->may_write = file->f_mode & FMODE_WRITE &&
		       !(file->f_inode->i_flags & S_APPEND);
	b->may_exec = !(file->f_path.mnt->mnt_flags & MNT_NOEXEC);
	return file->f_op->mmap_backing ? file->f_op->mmap_backing(file, b) : 0;
}
