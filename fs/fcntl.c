// SPDX-License-Identifier: MIT
/*
 * fcntl(2): duplicating descriptors and changing flags.
 */
#include <fs/fdtable.h>
#include <fs/locks.h>
#include <fs/pipe.h>
#include <fs/tmpfs.h>

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC)

int file_set_flags(struct file *file, unsigned int flags)
{
	if (flags & O_DIRECT && S_ISREG(file->f_inode->i_mode))
		return -EINVAL;
	if ((flags ^ file->f_flags) & O_APPEND &&
	    file->f_inode->i_flags & S_APPEND)
		return -EPERM;
	guard(spinlock)(&file->f_lock);
	file->f_flags = (file->f_flags & ~(unsigned int)SETFL_MASK) |
			(flags & SETFL_MASK);
	return 0;
}

static long dup_file(struct files_struct *files, struct file *file,
		     unsigned long start, unsigned int flags,
		     unsigned long limit)
{
	int fd;

	if (start >= limit)
		return -EINVAL;
	fd = get_unused_fd(files, (unsigned int)start, limit, flags);
	if (fd >= 0)
		fd_install(files, (unsigned int)fd, get_file(file));
	return fd;
}

static long file_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_GETFL:
		return file->f_flags |
		       (file->f_mode & FMODE_PATH ? 0 : O_LARGEFILE);
	case F_SETFL:
		return file_set_flags(file, (unsigned int)arg);
	case F_SETOWN:
	case F_GETOWN:
		return 0;
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		return pipe_fcntl(file, cmd, arg);
	case F_ADD_SEALS:
		return shmem_add_seals(file, arg);
	case F_GET_SEALS:
		return shmem_get_seals(file);
	default:
		return -EINVAL;
	}
}

long do_fcntl(struct files_struct *files, unsigned int fd, unsigned int cmd,
	      unsigned long arg, unsigned long nofile_limit)
{
	struct fd f __cleanup(fdput) = fdget_raw(files, fd);
	long ret;

	if (!f.file)
		return -EBADF;
	switch (cmd) {
	case F_DUPFD:
		return dup_file(files, f.file, arg, 0, nofile_limit);
	case F_DUPFD_CLOEXEC:
		return dup_file(files, f.file, arg, O_CLOEXEC, nofile_limit);
	case F_GETFD:
		return get_close_on_exec(files, fd);
	case F_SETFD:
		return set_close_on_exec(files, fd, arg & FD_CLOEXEC);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		if (f.file->f_mode & FMODE_PATH)
			return -EBADF;
		ret = fcntl_lock(f.file, files, cmd, arg);
		/* closed meanwhile by another thread: nobody else unlocks */
		if (f.put && !ret && !file_is_at(files, fd, f.file))
			locks_forget(f.file, files);
		return ret;
	default:
		return f.file->f_mode & FMODE_PATH && cmd != F_GETFL ?
			       -EBADF :
			       file_fcntl(f.file, cmd, arg);
	}
}
