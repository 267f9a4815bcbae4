// SPDX-License-Identifier: MIT
/*
 * Inodes: the objects behind the names. A file system allocates its own
 * structure around struct inode; here is what all have in common: counting,
 * link counts, time stamps, and the end of a life.
 *
 * An inode lives as long as somebody refers to it (dentries, mostly), or
 * longer if it is cached (icache.c). Then it is evicted: its pages go, then
 * its memory.
 */
#include <base/bug.h>
#include <base/clock.h>
#include <fs/block_dev.h>
#include <fs/mount.h>
#include <fs/writeback.h>
#include <mm/phys/slab.h>

#define DAY_SECONDS (24 * 60 * 60)

static struct kmem_cache *inode_cache;
static atomic_long_t last_ino;
static atomic_long_t nr_inodes;

ino_t get_next_ino(void)
{
	return (ino_t)atomic_long_add_return(1, &last_ino);
}

unsigned long inode_count(void)
{
	return (unsigned long)atomic_long_read(&nr_inodes);
}

void inode_init(struct inode *inode, struct super_block *sb, umode_t mode)
{
	static const struct inode_operations empty_iops;
	static const struct file_operations empty_fops;

	memset(inode, 0, offsetof(struct inode, i_lock));
	inode->i_mode = mode;
	inode->i_nlink = 1;
	atomic_set(&inode->i_count, 1);
	inode->i_op = &empty_iops;
	inode->i_fop = &empty_fops;
	inode->i_sb = sb;
	inode->i_ino = get_next_ino();
	inode->i_atime = current_time();
	inode->i_mtime = inode->i_atime;
	inode->i_ctime = inode->i_atime;
	INIT_HLIST_HEAD(&inode->i_locks);
	INIT_LIST_HEAD(&inode->i_io_list);
	INIT_LIST_HEAD(&inode->i_lru);
	spin_lock_init(&inode->i_lock);
	init_rwsem(&inode->i_rwsem);
	atomic_long_inc(&nr_inodes);
}

struct inode *new_inode(struct super_block *sb, umode_t mode)
{
	const struct super_operations *op = sb->s_op;
	struct inode *inode = op && op->alloc_inode ?
				      op->alloc_inode(sb) :
				      kmem_cache_alloc(inode_cache, GFP_KERNEL);

	if (inode)
		inode_init(inode, sb, mode);
	return inode;
}

void evict_inode(struct inode *inode)
{
	const struct super_operations *op = inode->i_sb->s_op;

	if (op && op->evict_inode)
		op->evict_inode(inode);
	if (inode->i_mapping)
		address_space_destroy(inode->i_mapping);
	BUG_ON(inode->i_pipe);
	BUG_ON(!hlist_empty(&inode->i_locks));
}

void free_inode(struct inode *inode)
{
	const struct super_operations *op = inode->i_sb->s_op;

	atomic_long_dec(&nr_inodes);
	if (op && op->free_inode)
		op->free_inode(inode);
	else
		kmem_cache_free(inode_cache, inode);
}

void inode_lock(struct inode *inode)
{
	down_write(&inode->i_rwsem);
}

void inode_lock_nested(struct inode *inode, unsigned int subclass)
{
	down_write_nested(&inode->i_rwsem, subclass);
}

void inode_unlock(struct inode *inode)
{
	up_write(&inode->i_rwsem);
}

void inode_lock_shared(struct inode *inode)
{
	down_read(&inode->i_rwsem);
}

void inode_unlock_shared(struct inode *inode)
{
	up_read(&inode->i_rwsem);
}

/* --- link counts: two directories may change one at the same time --- */

void inc_nlink(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	inode->i_nlink++;
	spin_unlock(&inode->i_lock);
	mark_inode_dirty(inode, I_DIRTY_SYNC);
}

void drop_nlink(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	if (inode->i_nlink) /* a damaged disk may have counted too few */
		inode->i_nlink--;
	spin_unlock(&inode->i_lock);
	mark_inode_dirty(inode, I_DIRTY_SYNC);
}

void clear_nlink(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	inode->i_nlink = 0;
	spin_unlock(&inode->i_lock);
	mark_inode_dirty(inode, I_DIRTY_SYNC);
}

/* --- time stamps --- */

struct timespec64 current_time(void)
{
	u64 now = ktime_get_real_ns();
	u64 sec = now / NSEC_PER_SEC;

	return (struct timespec64){
		.tv_sec = (time64_t)sec,
		.tv_nsec = (long)(now - sec * NSEC_PER_SEC),
	};
}

void inode_times_now(struct inode *inode)
{
	inode->i_ctime = current_time();
	inode->i_mtime = inode->i_ctime;
	mark_inode_dirty(inode, I_DIRTY_SYNC);
}

static bool time_before_eq(const struct timespec64 *a,
			   const struct timespec64 *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec :
					a->tv_nsec <= b->tv_nsec;
}

/* relatime: only if it is older than a change, or than a day. */
void touch_atime(struct file *file)
{
	struct inode *inode = file->f_inode;
	struct vfsmount *mnt = file->f_path.mnt;
	struct timespec64 now;

	if (file->f_flags & O_NOATIME || inode->i_flags & S_NOATIME ||
	    mnt->mnt_flags & MNT_NOATIME || mnt_is_readonly(mnt))
		return;
	if (mnt->mnt_flags & MNT_NODIRATIME && S_ISDIR(inode->i_mode))
		return;
	now = current_time();
	if (time_before_eq(&inode->i_atime, &inode->i_mtime) ||
	    time_before_eq(&inode->i_atime, &inode->i_ctime) ||
	    now.tv_sec - inode->i_atime.tv_sec >= DAY_SECONDS) {
		inode->i_atime = now;
		mark_inode_dirty(inode, I_DIRTY_SYNC);
	}
}

/* --- devices, and programs that run --- */

/* A socket is opened by its name only with connect(2). */
static int no_dev_open(struct inode *inode __unused, struct file *file __unused)
{
	return -ENXIO;
}

static const struct file_operations no_dev_fops = {
	.open = no_dev_open,
};

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	if (S_ISCHR(mode)) {
		inode->i_fop = &def_chr_fops;
		inode->i_rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->i_fop = &def_blk_fops;
		inode->i_rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->i_fop = &pipefifo_fops;
	} else {
		inode->i_fop = &no_dev_fops;
	}
}

int deny_write_access(struct file *file)
{
	atomic_t *count = &file->f_inode->i_writecount;
	int old = atomic_read(count);

	while (old <= 0) {
		int seen = atomic_cmpxchg(count, old, old - 1);

		if (seen == old)
			return 0;
		old = seen;
	}
	return -ETXTBSY;
}

void allow_write_access(struct file *file)
{
	atomic_inc(&file->f_inode->i_writecount);
}

void inode_cache_init(void)
{
	inode_cache = kmem_cache_create("inode_cache", sizeof(struct inode), 0,
					SLAB_RECLAIM_ACCOUNT | SLAB_PANIC,
					NULL);
}
