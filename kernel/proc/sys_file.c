// SPDX-License-Identifier: MIT
/* System calls on open files: descriptors, reading and writing, waiting. */
#include <asm/uaccess.h>
#include <fs/fdtable.h>
#include <fs/locks.h>
#include <fs/namei.h>
#include <fs/pipe.h>
#include <lib/err.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>

static unsigned long nofile_limit(void)
{
	return rlimit(RLIMIT_NOFILE);
}

static int new_fd(int flags)
{
	return get_unused_fd(current->files, 0, nofile_limit(),
			     (unsigned int)flags);
}

long install_file(struct file *file, int flags)
{
	int fd;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = new_fd(flags);
	if (fd >= 0)
		fd_install(current->files, (unsigned int)fd, file);
	else
		fput(file);
	return fd;
}

SYSCALL(sys_openat, int dfd, const char __user *uname, int flags, umode_t mode)
{
	struct at_name at __cleanup(at_name_put);
	struct file *file;
	int fd, err = at_name_get(&at, dfd, uname);

	if (err)
		return err;
	fd = new_fd(flags);
	if (fd < 0)
		return fd;
	file = vfs_open(&at.ctx, at_start(&at), at.name, (unsigned int)flags,
			mode & S_IALLUGO);
	if (IS_ERR(file)) {
		put_unused_fd(current->files, (unsigned int)fd);
		return PTR_ERR(file);
	}
	fd_install(current->files, (unsigned int)fd, file);
	return fd;
}

SYSCALL(sys_close, unsigned int fd)
{
	return close_fd(current->files, fd);
}

#define CLOSE_RANGE_UNSHARE 2U
#define CLOSE_RANGE_CLOEXEC 4U

SYSCALL(sys_close_range, unsigned int first, unsigned int last,
	unsigned int flags)
{
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) ||
	    first > last)
		return -EINVAL;
	err = flags & CLOSE_RANGE_UNSHARE ? unshare_files() : 0;
	return err ? err :
		     close_fd_range(current->files, first, last,
				    flags & CLOSE_RANGE_CLOEXEC);
}

SYSCALL(sys_dup, unsigned int oldfd)
{
	struct file *file = fget_raw(current->files, oldfd);

	return file ? install_file(file, 0) : -EBADF;
}

SYSCALL(sys_dup3, unsigned int oldfd, unsigned int newfd, int flags)
{
	struct file *file __free(fput) = NULL;

	if (flags & ~O_CLOEXEC || oldfd == newfd)
		return -EINVAL;
	if (newfd >= nofile_limit())
		return -EBADF;
	file = fget_raw(current->files, oldfd);
	if (!file)
		return -EBADF;
	return replace_fd(current->files, newfd, file, nofile_limit(),
			  (unsigned int)flags);
}

SYSCALL(sys_fcntl, unsigned int fd, unsigned int cmd, unsigned long arg)
{
	return do_fcntl(current->files, fd, cmd, arg, nofile_limit());
}

SYSCALL(sys_flock, unsigned int fd, unsigned int op)
{
	struct file *file __free(fput) = fget(current->files, fd);

	return flock_file(file, op);
}

static long ioctl_nonblock(struct file *file, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	return file_set_flags(file,
			      on ? file->f_flags | O_NONBLOCK :
				   file->f_flags & ~(unsigned int)O_NONBLOCK);
}

SYSCALL(sys_ioctl, unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct fd f __cleanup(fdput) = fdget(current->files, fd);

	if (!f.file)
		return -EBADF;
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		return set_close_on_exec(current->files, fd, cmd == FIOCLEX);
	case FIONBIO:
		return ioctl_nonblock(f.file, (int __user *)arg);
	default:
		return vfs_ioctl(f.file, cmd, arg);
	}
}

long install_pair(struct file *ends[2], int flags, int __user *ufds)
{
	struct files_struct *files = current->files;
	int fds[2], err;

	err = fds[0] = new_fd(flags);
	if (err < 0)
		goto put_files;
	err = fds[1] = new_fd(flags);
	if (err < 0)
		goto put_first;
	err = -EFAULT;
	if (copy_to_user(ufds, fds, sizeof(fds)))
		goto put_second;
	fd_install(files, (unsigned int)fds[0], ends[0]);
	fd_install(files, (unsigned int)fds[1], ends[1]);
	return 0;

put_second:
	put_unused_fd(files, (unsigned int)fds[1]);
put_first:
	put_unused_fd(files, (unsigned int)fds[0]);
put_files:
	fput(ends[0]);
	fput(ends[1]);
	return err;
}

SYSCALL(sys_pipe2, int __user *ufds, int flags)
{
	struct file *ends[2];
	int err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = create_pipe_files(ends, (unsigned int)flags);
	return err ? err : install_pair(ends, flags, ufds);
}

/* --- reading and writing --- */

static int check_fsize_limit(loff_t pos, size_t *count)
{
	u64 limit = current->signal ? rlimit(RLIMIT_FSIZE) : RLIM_INFINITY;

	if (likely(limit == RLIM_INFINITY))
		return 0;
	if ((u64)pos >= limit) {
		send_sig_info(SIGXFSZ, NULL, current, false);
		return -EFBIG;
	}
	*count = min(*count, limit - (u64)pos);
	return 0;
}

void sys_file_init(void)
{
	check_file_size = check_fsize_limit;
}

/* A pipe without readers: the error comes with a signal. */
static ssize_t write_result(ssize_t n)
{
	if (n == -EPIPE)
		send_sig_info(SIGPIPE, NULL, current, false);
	return n;
}

SYSCALL(sys_lseek, unsigned int fd, loff_t off, unsigned int whence)
{
	struct fd f __cleanup(fdput_pos) = fdget_pos(current->files, fd);

	return f.file ? (long)vfs_llseek(f.file, off, (int)whence) : -EBADF;
}

SYSCALL(sys_read, unsigned int fd, char __user *buf, size_t n)
{
	struct fd f __cleanup(fdput_pos) = fdget_pos(current->files, fd);

	return f.file ? vfs_read(f.file, buf, n, &f.file->f_pos) : -EBADF;
}

SYSCALL(sys_write, unsigned int fd, const char __user *buf, size_t n)
{
	struct fd f __cleanup(fdput_pos) = fdget_pos(current->files, fd);

	if (!f.file)
		return -EBADF;
	return write_result(vfs_write(f.file, buf, n, &f.file->f_pos));
}

#define RWF_SUPPORTED 7 /* HIPRI, DSYNC, SYNC: nothing is slow here */

/* @pos NULL: the file's own. */
static ssize_t rw_vector(unsigned long fd, const struct iovec __user *uvec,
			 unsigned long nr, loff_t *pos, bool write, int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct fd f __cleanup(fdput_pos) =
		pos ? fdget(current->files, (unsigned int)fd) :
		      fdget_pos(current->files, (unsigned int)fd);
	struct iov_iter iter;
	ssize_t ret;

	if (!f.file)
		return -EBADF;
	ret = import_iovec(uvec, nr, fast, &iov, &iter);
	if (ret > 0 && flags & ~RWF_SUPPORTED)
		ret = -EOPNOTSUPP;
	if (ret >= 0) {
		loff_t *p = pos ? pos : &f.file->f_pos;

		ret = write ? vfs_iter_write(f.file, &iter, p) :
			      vfs_iter_read(f.file, &iter, p);
		iovec_free(iov, fast);
	}
	return write ? write_result(ret) : ret;
}

SYSCALL(sys_readv, unsigned long fd, const struct iovec __user *vec,
	unsigned long n)
{
	return rw_vector(fd, vec, n, NULL, false, 0);
}

SYSCALL(sys_writev, unsigned long fd, const struct iovec __user *vec,
	unsigned long n)
{
	return rw_vector(fd, vec, n, NULL, true, 0);
}

/* Positional calls need a file that has positions. */
static int get_seekable(unsigned int fd, loff_t pos, fmode_t mode,
			struct file **file)
{
	if (pos < 0)
		return -EINVAL;
	*file = fget(current->files, fd);
	if (!*file)
		return -EBADF;
	return (*file)->f_mode & mode ? 0 : -ESPIPE;
}

SYSCALL(sys_pread64, unsigned int fd, char __user *buf, size_t n, loff_t pos)
{
	struct file *file __free(fput) = NULL;
	int err = get_seekable(fd, pos, FMODE_PREAD, &file);

	return err ? err : vfs_read(file, buf, n, &pos);
}

SYSCALL(sys_pwrite64, unsigned int fd, const char __user *buf, size_t n,
	loff_t pos)
{
	struct file *file __free(fput) = NULL;
	int err = get_seekable(fd, pos, FMODE_PWRITE, &file);

	return err ? err : vfs_write(file, buf, n, &pos);
}

static long rw_vector_at(unsigned long fd, const struct iovec __user *vec,
			 unsigned long n, loff_t pos, bool write, int flags)
{
	struct file *file __free(fput) = NULL;
	int err = get_seekable((unsigned int)fd, pos,
			       write ? FMODE_PWRITE : FMODE_PREAD, &file);

	return err ? err : rw_vector(fd, vec, n, &pos, write, flags);
}

SYSCALL(sys_preadv, unsigned long fd, const struct iovec __user *vec,
	unsigned long n, loff_t pos)
{
	return rw_vector_at(fd, vec, n, pos, false, 0);
}

SYSCALL(sys_pwritev, unsigned long fd, const struct iovec __user *vec,
	unsigned long n, loff_t pos)
{
	return rw_vector_at(fd, vec, n, pos, true, 0);
}

static long rw_vector_flags(unsigned long fd, const struct iovec __user *vec,
			    unsigned long n, loff_t pos, int flags, bool write)
{
	return pos == -1 ? rw_vector(fd, vec, n, NULL, write, flags) :
			   rw_vector_at(fd, vec, n, pos, write, flags);
}

SYSCALL(sys_preadv2, unsigned long fd, const struct iovec __user *vec,
	unsigned long n, loff_t pos, unsigned long unused __unused, int flags)
{
	return rw_vector_flags(fd, vec, n, pos, flags, false);
}

SYSCALL(sys_pwritev2, unsigned long fd, const struct iovec __user *vec,
	unsigned long n, loff_t pos, unsigned long unused __unused, int flags)
{
	return rw_vector_flags(fd, vec, n, pos, flags, true);
}

/* => 0, -EISDIR, -EINVAL, -EBADF */
static int check_copy(const struct file *in, const struct file *out,
		      loff_t from, loff_t to, size_t n)
{
	if (S_ISDIR(in->f_inode->i_mode) || S_ISDIR(out->f_inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(in->f_inode->i_mode) || !S_ISREG(out->f_inode->i_mode))
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE) ||
	    out->f_flags & O_APPEND)
		return -EBADF;
	if (from < 0 || to < 0 ||
	    (in->f_inode == out->f_inode && from + (loff_t)n > to &&
	     to + (loff_t)n > from))
		return -EINVAL;
	return 0;
}

static ssize_t copy_range(struct file *in, struct file *out, loff_t __user *uin,
			  loff_t __user *uout, size_t n, unsigned int flags)
{
	loff_t from = in->f_pos, to = out->f_pos;
	ssize_t done;

	if ((uin && get_user(from, uin)) || (uout && get_user(to, uout)))
		return -EFAULT;
	if (flags)
		return -EINVAL;
	n = min(n, MAX_RW_COUNT);
	done = check_copy(in, out, from, to, n);
	if (!done)
		done = vfs_sendfile(out, in, &from, &to, n);
	if (done <= 0)
		return done;
	if (!uin)
		in->f_pos = from;
	if (!uout)
		out->f_pos = to;
	return (uin && put_user(from, uin)) || (uout && put_user(to, uout)) ?
		       -EFAULT :
		       done;
}

SYSCALL(sys_copy_file_range, int infd, loff_t __user *uin, int outfd,
	loff_t __user *uout, size_t n, unsigned int flags)
{
	struct file *in __free(fput) = fget(current->files, (unsigned int)infd);
	struct file *out __free(fput) =
		fget(current->files, (unsigned int)outfd);

	return in && out ? copy_range(in, out, uin, uout, n, flags) : -EBADF;
}

SYSCALL(sys_sendfile, int outfd, int infd, loff_t __user *uoff, size_t n)
{
	struct file *in __free(fput) = NULL, *out __free(fput) = NULL;
	loff_t pos = 0;
	ssize_t ret;

	if (uoff && get_user(pos, uoff))
		return -EFAULT;
	in = fget(current->files, (unsigned int)infd);
	out = fget(current->files, (unsigned int)outfd);
	if (!in || !out)
		return -EBADF;
	ret = vfs_sendfile(out, in, uoff ? &pos : NULL, NULL, n);
	if (ret > 0 && uoff && put_user(pos, uoff))
		return -EFAULT;
	return write_result(ret);
}

SYSCALL(sys_getdents64, unsigned int fd, void __user *dirent, unsigned int n)
{
	struct fd f __cleanup(fdput_pos) = fdget_pos(current->files, fd);

	return f.file ? vfs_getdents64(f.file, dirent, n) : -EBADF;
}

/* What a file system without extended attributes says to all of them. */
SYSCALL(sys_no_xattr, void)
{
	return -EOPNOTSUPP;
}
