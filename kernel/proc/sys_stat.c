// SPDX-License-Identifier: MIT
/* System calls on the attributes of files, in the layouts of the user ABI. */
#include <asm/uaccess.h>
#include <fs/fdtable.h>
#include <fs/namei.h>
#include <fs/stat.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/syscalls.h>

#define AT_STATX_SYNC_TYPE 0x6000 /* how fresh: nothing is remote */

/* struct stat of arm64, 128 bytes */
struct stat {
	u64 st_dev, st_ino;
	u32 st_mode, st_nlink, st_uid, st_gid;
	u64 st_rdev, __pad1;
	s64 st_size;
	s32 st_blksize, __pad2;
	s64 st_blocks;
	s64 st_atime, st_atime_nsec;
	s64 st_mtime, st_mtime_nsec;
	s64 st_ctime, st_ctime_nsec;
	u32 __unused4, __unused5;
};

static_assert(sizeof(struct stat) == 128, "struct stat is 128 bytes");

static int put_stat(const struct kstat *k, struct stat __user *ust)
{
	struct stat st = {
		.st_dev = new_encode_dev(k->dev),
		.st_ino = k->ino,
		.st_mode = k->mode,
		.st_nlink = k->nlink,
		.st_uid = k->uid,
		.st_gid = k->gid,
		.st_rdev = new_encode_dev(k->rdev),
		.st_size = k->size,
		.st_blksize = (s32)k->blksize,
		.st_blocks = (s64)k->blocks,
		.st_atime = k->atime.tv_sec,
		.st_atime_nsec = k->atime.tv_nsec,
		.st_mtime = k->mtime.tv_sec,
		.st_mtime_nsec = k->mtime.tv_nsec,
		.st_ctime = k->ctime.tv_sec,
		.st_ctime_nsec = k->ctime.tv_nsec,
	};

	return copy_to_user(ust, &st, sizeof(st)) ? -EFAULT : 0;
}

static int fd_stat(unsigned int fd, struct kstat *k)
{
	struct fd f __cleanup(fdput) = fdget_raw(current->files, fd);

	return f.file ? vfs_fstat(f.file, k) : -EBADF;
}

/* fstat(3) comes as fstatat(fd, "", AT_EMPTY_PATH): no path to walk then. */
static bool names_the_fd(int dfd, const char __user *uname, int flags)
{
	char c;

	return flags & AT_EMPTY_PATH && dfd >= 0 &&
	       (!uname || (!get_user(c, uname) && !c));
}

static int stat_at(int dfd, const char __user *uname, int flags,
		   struct kstat *k)
{
	struct at_name at __cleanup(at_name_put) = { .name = NULL };
	int err;

	if (names_the_fd(dfd, uname, flags))
		return fd_stat((unsigned int)dfd, k);
	err = at_name_get(&at, dfd, uname);
	return err ? err :
		     vfs_stat(&at.ctx, at_start(&at), at.name,
			      at_lookup_flags(flags), k);
}

SYSCALL(sys_newfstatat, int dfd, const char __user *uname,
	struct stat __user *ust, int flags)
{
	struct kstat k;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_at(dfd, uname, flags, &k);
	return err ? err : put_stat(&k, ust);
}

SYSCALL(sys_fstat, unsigned int fd, struct stat __user *ust)
{
	struct kstat k;
	int err = fd_stat(fd, &k);

	return err ? err : put_stat(&k, ust);
}

struct statx_timestamp {
	s64 tv_sec;
	u32 tv_nsec;
	s32 __reserved;
};

struct statx {
	u32 stx_mask, stx_blksize;
	u64 stx_attributes;
	u32 stx_nlink, stx_uid, stx_gid;
	u16 stx_mode, __spare0;
	u64 stx_ino, stx_size, stx_blocks, stx_attributes_mask;
	struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
	u32 stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
	u64 stx_mnt_id;
	u64 __spare[13];
};

static_assert(sizeof(struct statx) == 256, "struct statx is 256 bytes");

#define STATX_BASIC_STATS 0x7ffU
#define STATX__RESERVED	  0x80000000U

static struct statx_timestamp statx_time(const struct timespec64 *t)
{
	return (struct statx_timestamp){
		.tv_sec = t->tv_sec,
		.tv_nsec = (u32)t->tv_nsec,
	};
}

SYSCALL(sys_statx, int dfd, const char __user *uname, int flags,
	unsigned int mask, struct statx __user *ust)
{
	struct statx st = { .stx_mask = STATX_BASIC_STATS };
	struct kstat k;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE) ||
	    mask & STATX__RESERVED)
		return -EINVAL;
	err = stat_at(dfd, uname, flags, &k);
	if (err)
		return err;
	st.stx_blksize = k.blksize;
	st.stx_nlink = k.nlink;
	st.stx_uid = k.uid;
	st.stx_gid = k.gid;
	st.stx_mode = k.mode;
	st.stx_ino = k.ino;
	st.stx_size = (u64)k.size;
	st.stx_blocks = k.blocks;
	st.stx_atime = statx_time(&k.atime);
	st.stx_ctime = statx_time(&k.ctime);
	st.stx_mtime = statx_time(&k.mtime);
	st.stx_rdev_major = MAJOR(k.rdev);
	st.stx_rdev_minor = MINOR(k.rdev);
	st.stx_dev_major = MAJOR(k.dev);
	st.stx_dev_minor = MINOR(k.dev);
	return copy_to_user(ust, &st, sizeof(st)) ? -EFAULT : 0;
}

/* struct statfs of the user ABI */
struct statfs {
	s64 f_type, f_bsize;
	u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	s32 f_fsid[2];
	s64 f_namelen, f_frsize, f_flags, f_spare[4];
};

static int put_statfs(const struct kstatfs *k, struct statfs __user *ust)
{
	struct statfs st = {
		.f_type = (s64)k->f_type,
		.f_bsize = (s64)k->f_bsize,
		.f_blocks = k->f_blocks,
		.f_bfree = k->f_bfree,
		.f_bavail = k->f_bavail,
		.f_files = k->f_files,
		.f_ffree = k->f_ffree,
		.f_fsid = { (s32)k->f_fsid, (s32)(k->f_fsid >> 32) },
		.f_namelen = k->f_namelen,
		.f_frsize = (s64)k->f_frsize,
		.f_flags = (s64)k->f_flags,
	};

	return copy_to_user(ust, &st, sizeof(st)) ? -EFAULT : 0;
}

SYSCALL(sys_statfs, const char __user *uname, struct statfs __user *ust)
{
	struct path path __cleanup(path_put) = {};
	struct kstatfs k;
	int err = user_path_at(AT_FDCWD, uname, 0, &path);

	if (!err)
		err = vfs_statfs(&path, &k);
	return err ? err : put_statfs(&k, ust);
}

SYSCALL(sys_fstatfs, unsigned int fd, struct statfs __user *ust)
{
	struct fd f __cleanup(fdput) = fdget_raw(current->files, fd);
	struct kstatfs k;
	int err = f.file ? vfs_fstatfs(f.file, &k) : -EBADF;

	return err ? err : put_statfs(&k, ust);
}

/* access(2) asks for the real user unless told otherwise. */
SYSCALL(sys_faccessat2, int dfd, const char __user *uname, int mode, int flags)
{
	struct at_name at __cleanup(at_name_put) = {};
	int err;

	if (mode & ~7 ||
	    flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = at_name_get(&at, dfd, uname);
	if (err)
		return err;
	if (!(flags & AT_EACCESS)) {
		at.ctx.uid = current_cred()->uid;
		at.ctx.gid = current_cred()->gid;
	}
	return vfs_access(&at.ctx, at_start(&at), at.name, mode,
			  at_lookup_flags(flags));
}

SYSCALL(sys_faccessat, int dfd, const char __user *uname, int mode)
{
	return sys_faccessat2(dfd, uname, mode, 0);
}

/* --- changing --- */

/* One change to an object, by path or by descriptor. */
struct change {
	enum { CHANGE_MODE, CHANGE_OWNER, CHANGE_TIMES, CHANGE_SIZE } what;
	umode_t mode;
	uid_t uid;
	gid_t gid;
	const struct timespec64 *times;
	loff_t size;
};

static int apply_change(const struct change *c, const struct path *path)
{
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	if (c->what == CHANGE_MODE)
		return vfs_chmod(&ctx, path, c->mode);
	if (c->what == CHANGE_OWNER)
		return vfs_chown(&ctx, path, c->uid, c->gid);
	if (c->what == CHANGE_TIMES)
		return vfs_utimes(&ctx, path, c->times);
	return vfs_truncate(&ctx, path, c->size);
}

static int change_at(const struct change *c, int dfd, const char __user *uname,
		     int flags)
{
	struct path path __cleanup(path_put) = {};
	int err = user_path_at(dfd, uname, flags, &path);

	return err ? err : apply_change(c, &path);
}

static int change_fd(const struct change *c, unsigned int fd)
{
	struct fd f __cleanup(fdput) = fdget(current->files, fd);

	return f.file ? apply_change(c, &f.file->f_path) : -EBADF;
}

SYSCALL(sys_fchmodat, int dfd, const char __user *uname, umode_t mode)
{
	struct change c = { .what = CHANGE_MODE, .mode = mode };

	return change_at(&c, dfd, uname, 0);
}

SYSCALL(sys_fchmod, unsigned int fd, umode_t mode)
{
	struct change c = { .what = CHANGE_MODE, .mode = mode };

	return change_fd(&c, fd);
}

SYSCALL(sys_fchownat, int dfd, const char __user *uname, uid_t uid, gid_t gid,
	int flags)
{
	struct change c = { .what = CHANGE_OWNER, .uid = uid, .gid = gid };

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_at(&c, dfd, uname, flags);
}

SYSCALL(sys_fchown, unsigned int fd, uid_t uid, gid_t gid)
{
	struct change c = { .what = CHANGE_OWNER, .uid = uid, .gid = gid };

	return change_fd(&c, fd);
}

static bool valid_utime(const struct timespec64 *t)
{
	return t->tv_nsec == UTIME_NOW || t->tv_nsec == UTIME_OMIT ||
	       (t->tv_nsec >= 0 && t->tv_nsec < (long)NSEC_PER_SEC);
}

SYSCALL(sys_utimensat, int dfd, const char __user *uname,
	const struct timespec __user *utimes, int flags)
{
	struct timespec64 times[2];
	struct timespec raw[2];
	struct change c = { .what = CHANGE_TIMES };
	int i;

	if (utimes) {
		if (copy_from_user(raw, utimes, sizeof(raw)))
			return -EFAULT;
		for (i = 0; i < 2; i++) {
			times[i].tv_sec = raw[i].tv_sec;
			times[i].tv_nsec = (long)raw[i].tv_nsec;
			if (!valid_utime(&times[i]))
				return -EINVAL;
		}
		c.times = times;
	}
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!uname && dfd != AT_FDCWD)
		return flags ? -EINVAL : change_fd(&c, (unsigned int)dfd);
	return change_at(&c, dfd, uname, flags);
}

SYSCALL(sys_truncate, const char __user *uname, loff_t len)
{
	struct change c = { .what = CHANGE_SIZE, .size = len };

	return len < 0 ? -EINVAL : change_at(&c, AT_FDCWD, uname, 0);
}

SYSCALL(sys_ftruncate, unsigned int fd, loff_t len)
{
	struct fd f __cleanup(fdput) = fdget(current->files, fd);

	if (len < 0)
		return -EINVAL;
	return f.file ? vfs_ftruncate(f.file, len) : -EBADF;
}

SYSCALL(sys_fallocate, int fd, int mode, loff_t off, loff_t len)
{
	struct fd f __cleanup(fdput) = fdget(current->files, (unsigned int)fd);

	return f.file ? vfs_fallocate(f.file, mode, off, len) : -EBADF;
}
