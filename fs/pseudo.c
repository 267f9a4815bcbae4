// SPDX-License-Identifier: MIT
/*
 * File systems without a mount point: pipefs, sockfs, anon_inodefs. An inode
 * here has no name; its dentry makes one up when somebody reads the link in
 * /proc/PID/fd.
 */
#include <base/bug.h>
#include <fs/mount.h>
#include <fs/pseudo.h>
#include <fs/stat.h>
#include "file_internal.h"

static struct vfsmount *mounts[NR_PSEUDO_FS];
static struct file_system_type types[NR_PSEUDO_FS];
static const unsigned int magics[NR_PSEUDO_FS] = {
	[PSEUDO_ANON] = ANON_INODE_FS_MAGIC,
	[PSEUDO_PIPE] = PIPEFS_MAGIC,
	[PSEUDO_SOCK] = SOCKFS_MAGIC,
	[PSEUDO_BDEV] = BDEVFS_MAGIC,
};

static void pseudo_dname(struct dentry *dentry, struct seq_buf *s)
{
	const struct inode *inode = d_inode(dentry);

	if (inode->i_private)
		seq_buf_printf(s, "anon_inode:%s",
			       (const char *)inode->i_private);
	else
		seq_buf_printf(s, "%s:[%lu]",
			       S_ISSOCK(inode->i_mode) ? "socket" : "pipe",
			       inode->i_ino);
}

static const struct dentry_operations pseudo_dops = {
	.d_dname = pseudo_dname,
};

int pseudo_path(enum pseudo_fs kind, umode_t mode, const char *name,
		struct path *out)
{
	struct inode *inode = new_inode(mounts[kind]->mnt_sb, mode);

	if (!inode)
		return -ENOMEM;
	inode->i_private = (void *)(unsigned long)name;
	out->dentry = d_alloc_anon(inode->i_sb, inode, &pseudo_dops);
	if (!out->dentry) {
		iput(inode);
		return -ENOMEM;
	}
	out->mnt = mntget(mounts[kind]);
	return 0;
}

struct file *pseudo_file(enum pseudo_fs kind, const char *name,
			 const struct file_operations *fops, void *private,
			 unsigned int flags)
{
	umode_t mode = kind == PSEUDO_SOCK ? S_IFSOCK | S_IRWXUGO :
					     S_IRUSR | S_IWUSR;
	struct file *file;
	struct path path;
	int err = pseudo_path(kind, mode, name, &path);

	if (err)
		return ERR_PTR(err);
	file = alloc_file_pseudo(&path, flags & (O_ACCMODE | O_NONBLOCK), fops);
	if (IS_ERR(file)) {
		path_put(&path);
		return file;
	}
	file->f_mode |= FMODE_STREAM;
	file->private_data = private;
	return file;
}

int copy_item_from(struct iov_iter *from, void *item, size_t size)
{
	if (from->count < size)
		return -EINVAL;
	return copy_from_iter(item, size, from) == size ? 0 : -EFAULT;
}

ssize_t copy_item_to(struct iov_iter *to, const void *item, size_t size)
{
	return copy_to_iter(item, size, to) == size ? (ssize_t)size : -EFAULT;
}

static struct super_block *pseudo_mount(struct file_system_type *type,
					unsigned long flags __unused,
					const char *source __unused,
					const char *data __unused)
{
	struct super_block *sb = alloc_super(type);

	if (!sb)
		return ERR_PTR(-ENOMEM);
	sb->s_magic = magics[type - types];
	sb->s_flags = SB_SINGLE;
	sb->s_root = d_alloc_root(new_inode(sb, S_IFDIR | S_IRUSR));
	if (sb->s_root)
		return sb;
	free_super(sb);
	return ERR_PTR(-ENOMEM);
}

static struct file_system_type types[NR_PSEUDO_FS] = {
	[PSEUDO_ANON] = { .name = "anon_inodefs" },
	[PSEUDO_PIPE] = { .name = "pipefs" },
	[PSEUDO_SOCK] = { .name = "sockfs" },
	[PSEUDO_BDEV] = { .name = "bdev" },
};

void pseudo_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_PSEUDO_FS; i++) {
		types[i].fs_flags = FS_NODEV | FS_NOUSER;
		types[i].mount = pseudo_mount;
		register_filesystem(&types[i]);
		mounts[i] = kern_mount(&types[i]);
		if (IS_ERR(mounts[i]))
			panic("cannot mount %s", types[i].name);
	}
}
