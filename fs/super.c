// SPDX-License-Identifier: MIT
/*
 * File system types, super blocks, and the order in which the virtual file
 * system comes up.
 */
#include <base/bug.h>
#include <fs/chardev.h>
#include <fs/pseudo.h>
#include <fs/proc_fs.h>
#include <fs/tmpfs.h>
#include <mm/phys/slab.h>
#include "ext2/ext2.h"
#include "mount_internal.h"

bool (*may_use_reserve)(uid_t uid, gid_t gid);

static LIST_HEAD(file_systems); /* fs_lock */
static DEFINE_SPINLOCK(fs_lock);
static atomic_t last_dev;

static struct file_system_type *__find_fs(const char *name)
{
	struct file_system_type *type;

	list_for_each_entry(type, &file_systems, list) {
		if (!strcmp(type->name, name))
			return type;
	}
	return NULL;
}

int register_filesystem(struct file_system_type *type)
{
	int err = -EBUSY;

	guard(spinlock)(&fs_lock);
	if (!__find_fs(type->name)) {
		list_add_tail(&type->list, &file_systems);
		err = 0;
	}
	return err;
}

struct file_system_type *get_fs_type(const char *name)
{
	guard(spinlock)(&fs_lock);
	return __find_fs(name);
}

void filesystems_show(struct seq_buf *s)
{
	struct file_system_type *type;

	guard(spinlock)(&fs_lock);
	list_for_each_entry(type, &file_systems, list)
		seq_buf_printf(s, "%s\t%s\n",
			       type->fs_flags & FS_NODEV ? "nodev" : "",
			       type->name);
}

struct super_block *alloc_super(struct file_system_type *type)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	sb->s_type = type;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_maxbytes = S64_MAX;
	sb->s_dev = MKDEV(0, (unsigned int)atomic_inc_return(&last_dev));
	mutex_init(&sb->s_rename_lock);
	return sb;
}

void free_super(struct super_block *sb)
{
	kfree(sb);
}

void hold_super(struct super_block *sb)
{
	guard(spinlock)(&fs_lock);
	sb->s_count++;
}

/* The super block for a mount of type, counted. => namespace_lock held */
struct super_block *get_super(struct file_system_type *type,
			      unsigned long flags, const char *source,
			      const char *data)
{
	struct super_block *sb = type->single;

	if (!sb) {
		sb = type->mount(type, flags, source, data);
		if (IS_ERR(sb))
			return sb;
		if (sb->s_flags & SB_SINGLE)
			type->single = sb;
	}
	hold_super(sb);
	return sb;
}

void put_super(struct super_block *sb)
{
	struct dentry *root;
	bool last;

	spin_lock(&fs_lock);
	last = --sb->s_count == 0 && !(sb->s_flags & SB_SINGLE);
	spin_unlock(&fs_lock);
	if (!last)
		return;
	root = sb->s_root;
	if (sb->s_op && sb->s_op->put_super)
		sb->s_op->put_super(sb);
	shrink_dcache(sb, 0);
	dput(root);
	shrink_dcache(sb, 0);
	if (sb->s_op && sb->s_op->release) {
		evict_inodes(sb);
		sb->s_op->release(sb);
	}
	kfree(sb->s_fs_info);
	free_super(sb);
}

void vfs_init(void)
{
	dcache_init();
	inode_cache_init();
	icache_init();
	files_init();
	tmpfs_init();
	mnt_init();
	pseudo_init();
	proc_init();
	sysfs_init();
	devtmpfs_init();
	ext2_init();
	mem_dev_init();
}
