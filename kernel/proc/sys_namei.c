// SPDX-License-Identifier: MIT
/*
 * System calls that take a path: copy the name, take the process's point of
 * view, let the file systems do the work.
 */
#include <asm/uaccess.h>
#include <fs/fdtable.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <lib/err.h>
#include <mm/phys/gfp.h>
#include <mm/phys/slab.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/syscalls.h>

static struct kmem_cache *names_cachep;

static bool may_use_reserved_blocks(uid_t uid, gid_t gid)
{
	const struct cred *cred = current->proc ? current_cred() : NULL;
	struct walk_ctx ctx;

	if (!cred || !cred->euid || cred->fsuid == uid)
		return true;
	ctx.gid = cred->fsgid;
	ctx.ngroups = cred->ngroups;
	ctx.groups = cred->groups;
	return gid && ctx_in_group(&ctx, gid);
}

void namei_init(void)
{
	may_use_reserve = may_use_reserved_blocks;
	names_cachep = kmem_cache_create("names_cache", PATH_MAX, 0,
					 SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}

char *getname(const char __user *uname)
{
	char *name = kmem_cache_alloc(names_cachep, GFP_KERNEL);
	long n;

	if (!name)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(name, uname, PATH_MAX);
	if (n >= 0 && n < PATH_MAX)
		return name;
	kmem_cache_free(names_cachep, name);
	return ERR_PTR(n < 0 ? n : -ENAMETOOLONG);
}

void putname(char *name)
{
	if (!IS_ERR_OR_NULL(name))
		kmem_cache_free(names_cachep, name);
}

void walk_ctx_get(struct walk_ctx *ctx)
{
	const struct cred *cred = current_cred();

	ctx->root = get_fs_root();
	ctx->cwd = get_fs_pwd();
	ctx->uid = cred->fsuid;
	ctx->gid = cred->fsgid;
	ctx->ngroups = cred->ngroups;
	ctx->groups = cred->groups;
	ctx->umask = current->fs->umask;
}

void walk_ctx_put(struct walk_ctx *ctx)
{
	path_put(&ctx->root);
	path_put(&ctx->cwd);
}

/* Where a relative name begins: at @dfd unless that is AT_FDCWD. */
static int get_start(struct at_name *at, int dfd)
{
	struct file *file;

	at->has_dir = false;
	if (dfd == AT_FDCWD || at->name[0] == '/')
		return 0;
	file = fget_raw(current->files, (unsigned int)dfd);
	if (!file)
		return -EBADF;
	at->dir = file->f_path;
	path_get(&at->dir);
	at->has_dir = true;
	fput(file);
	return 0;
}

int at_name_get(struct at_name *at, int dfd, const char __user *uname)
{
	int err;

	at->name = getname(uname);
	if (IS_ERR(at->name)) {
		err = (int)PTR_ERR(at->name);
	} else {
		err = get_start(at, dfd);
		if (!err) {
			walk_ctx_get(&at->ctx);
			return 0;
		}
		putname(at->name);
	}
	at->name = NULL;
	return err;
}

void at_name_put(struct at_name *at)
{
	if (!at->name)
		return;
	walk_ctx_put(&at->ctx);
	if (at->has_dir)
		path_put(&at->dir);
	kmem_cache_free(names_cachep, at->name);
}

int at_lookup(struct at_name *at, unsigned int flags, struct path *path)
{
	return path_lookup(&at->ctx, at_start(at), at->name, flags, path);
}

unsigned int at_lookup_flags(int at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

int user_path_at(int dfd, const char __user *uname, int at_flags,
		 struct path *path)
{
	struct at_name at __cleanup(at_name_put);
	int err = at_name_get(&at, dfd, uname);

	return err ? err : at_lookup(&at, at_lookup_flags(at_flags), path);
}

/* --- making and removing names --- */

SYSCALL(sys_mkdirat, int dfd, const char __user *uname, umode_t mode)
{
	struct at_name at __cleanup(at_name_put);
	int err = at_name_get(&at, dfd, uname);

	return err ? err : vfs_mkdir(&at.ctx, at_start(&at), at.name, mode);
}

SYSCALL(sys_mknodat, int dfd, const char __user *uname, umode_t mode, u32 dev)
{
	struct at_name at __cleanup(at_name_put) = {};
	int err;

	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	if (S_ISDIR(mode))
		return -EPERM;
	if (!S_ISREG(mode) && !S_ISCHR(mode) && !S_ISBLK(mode) &&
	    !S_ISFIFO(mode) && !S_ISSOCK(mode))
		return -EINVAL;
	err = at_name_get(&at, dfd, uname);
	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && current_cred()->euid)
		return -EPERM;
	return vfs_mknod(&at.ctx, at_start(&at), at.name, mode,
			 new_decode_dev(dev));
}

SYSCALL(sys_unlinkat, int dfd, const char __user *uname, int flag)
{
	struct at_name at __cleanup(at_name_put) = {};
	int err;

	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	err = at_name_get(&at, dfd, uname);
	if (err)
		return err;
	return flag ? vfs_rmdir(&at.ctx, at_start(&at), at.name) :
		      vfs_unlink(&at.ctx, at_start(&at), at.name);
}

SYSCALL(sys_symlinkat, const char __user *utarget, int dfd,
	const char __user *uname)
{
	char *target __free(putname) = getname(utarget);
	struct at_name at __cleanup(at_name_put) = {};
	int err;

	if (IS_ERR(target))
		return PTR_ERR(target);
	if (!*target)
		return -ENOENT;
	err = at_name_get(&at, dfd, uname);
	return err ? err : vfs_symlink(&at.ctx, target, at_start(&at), at.name);
}

SYSCALL(sys_linkat, int odfd, const char __user *oname, int ndfd,
	const char __user *nname, int flags)
{
	struct at_name old __cleanup(at_name_put) = {};
	struct at_name new __cleanup(at_name_put) = {};
	unsigned int lookup = 0;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_SYMLINK_FOLLOW)
		lookup |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = at_name_get(&old, odfd, oname);
	if (!err)
		err = at_name_get(&new, ndfd, nname);
	if (err)
		return err;
	return vfs_link(&old.ctx, at_start(&old), old.name, at_start(&new),
			new.name, lookup);
}

SYSCALL(sys_renameat2, int odfd, const char __user *oname, int ndfd,
	const char __user *nname, unsigned int flags)
{
	struct at_name old __cleanup(at_name_put) = {};
	struct at_name new __cleanup(at_name_put) = {};
	int err;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	err = at_name_get(&old, odfd, oname);
	if (!err)
		err = at_name_get(&new, ndfd, nname);
	if (err)
		return err;
	return vfs_rename(&old.ctx, at_start(&old), old.name, at_start(&new),
			  new.name, flags);
}

SYSCALL(sys_renameat, int odfd, const char __user *oname, int ndfd,
	const char __user *nname)
{
	return sys_renameat2(odfd, oname, ndfd, nname, 0);
}

SYSCALL(sys_readlinkat, int dfd, const char __user *uname, char __user *ubuf,
	int size)
{
	struct path path __cleanup(path_put) = {};
	char *buf __free(putname) = NULL;
	int n;

	if (size <= 0)
		return -EINVAL;
	n = user_path_at(dfd, uname, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
			 &path);
	if (n)
		return n;
	buf = kmem_cache_alloc(names_cachep, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	n = vfs_readlink(&path, buf, min((size_t)size, (size_t)PATH_MAX));
	return n > 0 && copy_to_user(ubuf, buf, (size_t)n) ? -EFAULT : n;
}

/* --- the process's own place --- */

SYSCALL(sys_getcwd, char __user *ubuf, size_t size)
{
	struct path root __cleanup(path_put) = get_fs_root();
	struct path cwd __cleanup(path_put) = get_fs_pwd();
	char *buf __free(putname) = kmem_cache_alloc(names_cachep, GFP_KERNEL);
	int n;

	if (!buf)
		return -ENOMEM;
	n = d_getcwd(&cwd, &root, buf, min(size, (size_t)PATH_MAX));
	return n > 0 && copy_to_user(ubuf, buf, (size_t)n) ? -EFAULT : n;
}

/* A directory to enter, by name => 0 and a reference */
static int enter_dir(const char __user *uname, struct path *path)
{
	struct at_name at __cleanup(at_name_put);
	int err = at_name_get(&at, AT_FDCWD, uname);

	if (!err)
		err = at_lookup(&at, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, path);
	if (err)
		return err;
	err = vfs_may_chdir(&at.ctx, path);
	if (err)
		path_put(path);
	return err;
}

SYSCALL(sys_chdir, const char __user *uname)
{
	struct path path;
	int err = enter_dir(uname, &path);

	if (!err)
		set_fs_pwd(&path);
	return err;
}

SYSCALL(sys_fchdir, unsigned int fd)
{
	struct file *file __free(fput) = fget_raw(current->files, fd);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();
	int err;

	if (!file)
		return -EBADF;
	err = vfs_may_chdir(&ctx, &file->f_path);
	if (err)
		return err;
	path_get(&file->f_path);
	set_fs_pwd(&file->f_path);
	return 0;
}

SYSCALL(sys_chroot, const char __user *uname)
{
	struct path path;
	int err;

	err = enter_dir(uname, &path);
	if (err)
		return err;
	if (current_cred()->euid) {
		path_put(&path);
		return -EPERM;
	}
	set_fs_root(&path);
	return 0;
}

SYSCALL(sys_umask, int mask)
{
	struct fs_struct *fs = current->fs;
	long old;

	guard(spinlock)(&fs->lock);
	old = fs->umask;
	fs->umask = (umode_t)(mask & 0777);
	return old;
}

/* --- mounts --- */

/* An optional string argument => NULL if it was not given */
static char *get_optional(const char __user *ustr)
{
	return ustr ? getname(ustr) : NULL;
}

SYSCALL(sys_mount, const char __user *usource, const char __user *utarget,
	const char __user *utype, unsigned long flags, const char __user *udata)
{
	char *source __free(putname) = get_optional(usource);
	char *type __free(putname) = get_optional(utype);
	char *data __free(putname) = get_optional(udata);
	char *target __free(putname) = getname(utarget);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	if (IS_ERR(source))
		return PTR_ERR(source);
	if (IS_ERR(type))
		return PTR_ERR(type);
	if (IS_ERR(data))
		return PTR_ERR(data);
	if (IS_ERR(target))
		return PTR_ERR(target);
	if (current_cred()->euid)
		return -EPERM;
	return vfs_mount(&ctx, source, target, type, flags, data);
}

SYSCALL(sys_umount2, const char __user *uname, int flags)
{
	char *name __free(putname) = getname(uname);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (current_cred()->euid)
		return -EPERM;
	return vfs_umount(&ctx, name, (unsigned int)flags);
}
