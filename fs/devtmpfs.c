// SPDX-License-Identifier: MIT
/*
 * devtmpfs: the one tmpfs instance in which the kernel itself makes a node
 * for each device. It exists from the start; mount(2) shows it somewhere.
 */
#include <base/bug.h>
#include <fs/chardev.h>
#include <fs/mount.h>
#include <fs/tmpfs.h>
#include <mm/phys/slab.h>

static struct vfsmount *dev_mnt;

static struct super_block *devtmpfs_mount(struct file_system_type *type,
					  unsigned long flags,
					  const char *source, const char *data)
{
	struct super_block *sb = tmpfs_mount(type, flags, source, data);

	if (!IS_ERR(sb))
		sb->s_flags |= SB_SINGLE;
	return sb;
}

static struct file_system_type dev_fs_type = {
	.name = "devtmpfs",
	.fs_flags = FS_NODEV,
	.mount = devtmpfs_mount,
};

/* The kernel's view, with the root of devtmpfs as "/". */
static void dev_ctx(struct walk_ctx *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->root.mnt = dev_mnt;
	ctx->root.dentry = dev_mnt->mnt_root;
	ctx->cwd = ctx->root;
}

/* Make the directories in front of the last component. => 0 or -errno */
static int make_parents(const struct walk_ctx *ctx, const char *name)
{
	char *copy = kstrdup(name, GFP_KERNEL), *slash;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (slash = strchr(copy, '/'); slash && !err;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		err = vfs_mkdir(ctx, NULL, copy, 0755);
		if (err == -EEXIST)
			err = 0;
		*slash = '/';
	}
	kfree(copy);
	return err;
}

int device_create(const char *name, umode_t mode, unsigned int major,
		  unsigned int minor)
{
	struct walk_ctx ctx;
	int err;

	if (!(mode & S_IFMT))
		mode |= S_IFCHR;
	dev_ctx(&ctx);
	err = make_parents(&ctx, name);
	if (err)
		return err;
	return vfs_mknod(&ctx, NULL, name, mode, MKDEV(major, minor));
}

int devtmpfs_mkdir(const char *name, umode_t mode)
{
	struct walk_ctx ctx;
	int err;

	dev_ctx(&ctx);
	err = make_parents(&ctx, name);
	return err ? err : vfs_mkdir(&ctx, NULL, name, mode);
}

void devtmpfs_init(void)
{
	register_filesystem(&dev_fs_type);
	dev_mnt = kern_mount(&dev_fs_type);
	if (IS_ERR(dev_mnt))
		panic("cannot mount devtmpfs");
	devtmpfs_mkdir("pts", 0755);
	devtmpfs_mkdir("shm", 01777);
}
