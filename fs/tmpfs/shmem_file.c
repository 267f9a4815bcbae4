// SPDX-License-Identifier: MIT
/*
 * Files of tmpfs that have no name: memory with a descriptor
 * (memfd_create(2)), and what stands behind a System V segment. They live on
 * a tmpfs that is mounted nowhere and has no limits.
 *
 * Seals are promises of a file to those who were sent its descriptor: it
 * will not shrink, not grow, not be written. They can only be added. Against
 * F_SEAL_WRITE a shared mapping that may write counts as a writer: the seal
 * is refused as long as there is one (mapping_deny_writable()), and no such
 * mapping comes after it.
 */
#include <base/bug.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/tmpfs.h>
#include <mm/vm/meminfo.h>
#include "../file_internal.h"

static struct vfsmount *shm_mnt;

static void shmem_dname(struct dentry *dentry, struct seq_buf *s)
{
	seq_buf_printf(s, "/%s (deleted)", dentry->d_name.name);
}

static const struct dentry_operations shmem_dops = {
	.d_dname = shmem_dname,
};

static struct file *open_inode(const char *name, struct inode *inode)
{
	struct path path = { .mnt = shm_mnt };
	struct file *file;

	path.dentry = d_alloc_pseudo(shm_mnt->mnt_sb, name, inode, &shmem_dops);
	if (!path.dentry) {
		iput(inode);
		return ERR_PTR(-ENOMEM);
	}
	mntget(path.mnt);
	file = alloc_file_pseudo(&path, O_RDWR, &tmpfs_file_fops);
	if (IS_ERR(file))
		path_put(&path);
	else
		file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	return file;
}

struct file *shmem_file_setup(const char *name, loff_t size, bool reserve,
			      const struct walk_ctx *ctx)
{
	unsigned long pages =
		reserve ? PAGE_ALIGN((unsigned long)size) >> PAGE_SHIFT : 0;
	struct inode *inode;

	if (vm_enough_memory(NULL, pages))
		return ERR_PTR(-ENOMEM);
	inode = tmpfs_get_inode(shm_mnt->mnt_sb, NULL, S_IFREG | S_IRWXUGO, 0,
				ctx);
	if (IS_ERR(inode)) {
		vm_unacct_memory(pages);
		return ERR_PTR(-ENOMEM);
	}
	clear_nlink(inode);
	inode->i_size = size;
	TMPFS_I(inode)->reserved = pages;
	return open_inode(name, inode);
}

/* --- seals --- */

static bool is_shmem_file(const struct file *file)
{
	return file->f_op == &tmpfs_file_fops;
}

void shmem_allow_seals(struct file *file)
{
	TMPFS_I(file->f_inode)->seals = 0;
}

long shmem_get_seals(struct file *file)
{
	if (!is_shmem_file(file))
		return -EINVAL;
	return TMPFS_I(file->f_inode)->seals;
}

/* inode locked */
static int add_seals(struct inode *inode, unsigned int seals)
{
	struct tmpfs_inode_info *info = TMPFS_I(inode);
	int err;

	if (info->seals & F_SEAL_SEAL)
		return -EPERM;
	if (seals & ~info->seals & F_SEAL_WRITE) {
		err = mapping_deny_writable(inode->i_mapping);
		if (err)
			return err;
	}
	if (seals & F_SEAL_FUTURE_WRITE) /* those mapped may still write */
		inode->i_mapping->flags |= 1UL << AS_NOPUNCH;
	info->seals |= seals;
	return 0;
}

long shmem_add_seals(struct file *file, unsigned long seals)
{
	if (seals > UINT_MAX)
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~F_ALL_SEALS)
		return -EINVAL;
	if (!is_shmem_file(file))
		return -EINVAL;
	guard(inode)(file->f_inode);
	return add_seals(file->f_inode, (unsigned int)seals);
}

/* --- the instance --- */

/*
 * The first instance, so that its device is 0:1, as in Linux: that is what
 * maps shows for shared anonymous memory, too.
 */
static struct super_block *shm_mount(struct file_system_type *type,
				     unsigned long flags, const char *source,
				     const char *data)
{
	struct super_block *sb = tmpfs_mount(type, flags, source, data);

	if (!IS_ERR(sb)) {
		TMPFS_SB(sb)->max_blocks = 0;
		TMPFS_SB(sb)->max_inodes = 0;
	}
	return sb;
}

void shmem_file_init(void)
{
	static struct file_system_type shm_fs_type = {
		.name = "tmpfs",
		.fs_flags = FS_NODEV | FS_NOUSER,
		.mount = shm_mount,
	};

	shm_mnt = kern_mount(&shm_fs_type);
	if (IS_ERR(shm_mnt))
		panic("cannot mount the tmpfs of shared memory");
}
