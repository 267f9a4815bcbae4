// SPDX-License-Identifier: MIT
/*
 * Open files: where they come from and where they go. All exist in one slab
 * cache; a constructor keeps their locks ready, so opening sets only fields.
 */
#include <base/bug.h>
#include <fs/eventpoll.h>
#include <fs/locks.h>
#include <fs/proc_fs.h>
#include <mm/phys/slab.h>
#include "file_internal.h"

static struct kmem_cache *filp_cache;
static atomic_long_t nr_files;
static unsigned long max_files = 8192;

static void filp_ctor(void *obj)
{
	struct file *file = obj;

	mutex_init(&file->f_pos_lock);
	spin_lock_init(&file->f_lock);
}

struct file *alloc_file(unsigned int flags, uid_t uid, gid_t gid)
{
	struct file *file;

	if (unlikely((unsigned long)atomic_long_read(&nr_files) >= max_files &&
		     uid != 0))
		return ERR_PTR(-ENFILE);
	file = kmem_cache_alloc(filp_cache, GFP_KERNEL);
	if (!file)
		return ERR_PTR(-ENOMEM);
	atomic_long_inc(&nr_files);
	memset(&file->f_path, 0, sizeof(file->f_path));
	file->f_inode = NULL;
	file->f_op = NULL;
	file->f_flags = flags;
	file->f_mode = 0;
	atomic_long_set(&file->f_count, 1);
	file->f_pos = 0;
	file->private_data = NULL;
	file->f_mapping = NULL;
	INIT_HLIST_HEAD(&file->f_ep);
	file->f_uid = uid;
	file->f_gid = gid;
	return file;
}

struct file *alloc_file_pseudo(const struct path *path, unsigned int flags,
			       const struct file_operations *fops)
{
	struct file *file = alloc_file(flags, 0, 0);

	if (IS_ERR(file))
		return file;
	file->f_path = *path;
	file->f_inode = d_inode(path->dentry);
	file->f_mapping = file->f_inode->i_mapping;
	file->f_mode = (fmode_t)((flags + 1) & O_ACCMODE);
	file->f_op = fops;
	return file;
}

static void file_free(struct file *file)
{
	atomic_long_dec(&nr_files);
	kmem_cache_free(filp_cache, file);
}

void file_open_failed(struct file *file)
{
	if (file->f_mode & FMODE_WRITER)
		atomic_dec(&file->f_inode->i_writecount);
	path_put(&file->f_path);
	file_free(file);
}

static noinline void __fput(struct file *file)
{
	if (unlikely(!hlist_empty(&file->f_ep)))
		epoll_forget_file(file);
	if (unlikely(!hlist_empty(&file->f_inode->i_locks)))
		locks_forget(file, file);
	if (file->f_op->release)
		file->f_op->release(file->f_inode, file);
	file_open_failed(file);
}

void fput(struct file *file)
{
	if (file && atomic_long_dec_and_test(&file->f_count))
		__fput(file);
}

static void file_nr_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%ld\t0\t%lu\n", (long)atomic_long_read(&nr_files),
		       max_files);
}

static void inode_nr_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%lu\t0\n", inode_count());
}

static void dentry_state_show(struct seq_buf *s)
{
	unsigned long nr, idle;

	dcache_stat(&nr, &idle);
	seq_buf_printf(s, "%lu\t%lu\t45\t0\t0\t0\n", nr, idle);
}

static struct ctl_table file_max = { "sys/fs/file-max", 0644, CTL_ULONG,
				     &max_files, .max = LONG_MAX };

void files_init(void)
{
	static const struct pseudo_file files[] = {
		{ "sys/fs/file-nr", 0444, .show = file_nr_show },
		{ "sys/fs/inode-nr", 0444, .show = inode_nr_show },
		{ "sys/fs/dentry-state", 0444, .show = dentry_state_show },
	};

	filp_cache = kmem_cache_create("filp", sizeof(struct file), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC,
				       filp_ctor);
	fdtable_init();
	/* A tenth of memory, at 1 KiB for a file with its inode and dentry */
	max_files = max(totalram_pages() * 4 / 10, 8192UL);
	register_sysctls(&file_max, 1);
	proc_create(files, ARRAY_SIZE(files));
}
