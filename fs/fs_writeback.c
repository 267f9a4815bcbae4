// SPDX-License-Identifier: MIT
/*
 * The list of dirty inodes, and the flusher that keeps it short.
 *
 *	write(2), a fault, chmod ---> mark_inode_dirty() ---> [ list, oldest ]
 *	                                                          first |
 *	flusher: every 5 s those dirty for 30 s; at once, when        <-'
 *	         dirty_background_ratio is passed, or reclaim meets
 *	         nothing but dirty pages
 *	sync, fsync, umount: the same by themselves, and wait
 *
 * An inode stays on the list until its pages are clean and written, so that
 * sync(2) finds those too that the flusher has only sent off. I_SYNC is the
 * right to write one; the others wait for it, or pass on.
 *
 * Locks: sync_mutex; wb_lock (list, i_state), inside it icache's.
 */
#include <base/bug.h>
#include <base/clock.h>
#include <fs/block_dev.h>
#include <fs/mount.h>
#include <fs/writeback.h>
#include <lib/errno.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/vmscan.h>
#include <sched/kthread.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define CENTISECOND_NS	10000000ULL
#define WRITEBACK_CHUNK 1024L /* pages of one inode before the next */

int dirty_writeback_interval = 500, dirty_expire_interval = 3000;

static DEFINE_SPINLOCK(wb_lock);
static LIST_HEAD(dirty_inodes);	 /* wb_lock: by i_dirtied_when */
static unsigned long sync_round; /* wb_lock: how many sync()s have begun */
static DEFINE_MUTEX(sync_mutex); /* one at a time */
static DECLARE_WAIT_QUEUE_HEAD(inode_sync_wait);
static DECLARE_WAIT_QUEUE_HEAD(flusher_wait);
static bool flush_wanted;

/* ---- the list ------------------------------------------------------------ */

static void enlist(struct inode *inode)
{
	bool first = list_empty(&dirty_inodes);

	inode->i_dirtied_when = ktime_get_ns();
	list_move_tail(&inode->i_io_list, &dirty_inodes);
	if (first && wq_has_sleeper(&flusher_wait))
		wake_up(&flusher_wait);
}

void mark_inode_dirty(struct inode *inode, unsigned int what)
{
	if (!inode->i_bdev)
		return;
	smp_mb(); /* the change, before the look: begin_writing() */
	if ((READ_ONCE(inode->i_state) & what) == what ||
	    READ_ONCE(inode->i_life) & I_FREEING)
		return;
	spin_lock(&wb_lock);
	if (!(inode->i_state & (I_DIRTY | I_SYNC))) {
		enlist(inode);
		inode->i_sync_round = sync_round;
	}
	inode->i_state |= what;
	spin_unlock(&wb_lock);
}

void inode_pages_dirtied(struct address_space *mapping)
{
	mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
}

static bool may_write(struct inode *inode)
{
	return !(READ_ONCE(inode->i_state) & I_SYNC);
}

void inode_forget_dirty(struct inode *inode)
{
	wait_event(inode_sync_wait, may_write(inode));
	spin_lock(&wb_lock);
	inode->i_state &= ~I_DIRTY;
	list_del_init(&inode->i_io_list);
	spin_unlock(&wb_lock);
}

/*
 * The first of sb (NULL: of all) that is dirty since `since`; or, for a
 * sync(), each once that was on the list when its round began, whatever the
 * flusher does to the order. => referenced, or NULL
 */
static struct inode *next_dirty(struct super_block *sb, u64 since,
				unsigned long round)
{
	struct inode *inode;

	spin_lock(&wb_lock);
	list_for_each_entry(inode, &dirty_inodes, i_io_list) {
		if (!round && inode->i_dirtied_when > since)
			break;
		if ((round && inode->i_sync_round == round) ||
		    (sb && inode->i_sb != sb) || !inode_tryget(inode))
			continue;
		if (round)
			inode->i_sync_round = round;
		spin_unlock(&wb_lock);
		return inode;
	}
	spin_unlock(&wb_lock);
	return NULL;
}

/* ---- one inode ----------------------------------------------------------- */

/* => what was dirty, with I_SYNC taken; 0: nothing, or another is at it */
static unsigned int begin_writing(struct inode *inode, bool wait)
{
	unsigned int dirty = 0;

	spin_lock(&wb_lock);
	while (wait && (inode->i_state & I_SYNC)) {
		spin_unlock(&wb_lock);
		wait_event(inode_sync_wait, may_write(inode));
		spin_lock(&wb_lock);
	}
	if (!(inode->i_state & I_SYNC)) {
		dirty = inode->i_state & I_DIRTY;
		if (dirty)
			inode->i_state = (inode->i_state & ~I_DIRTY) | I_SYNC;
	}
	if (dirty || (inode->i_state & I_SYNC))
		list_move_tail(&inode->i_io_list, &dirty_inodes);
	inode->i_dirtied_when = ktime_get_ns();
	spin_unlock(&wb_lock);
	smp_mb(); /* what is changed from here on is dirty anew */
	return dirty;
}

static void end_writing(struct inode *inode)
{
	const struct address_space *mapping = inode->i_mapping;

	spin_lock(&wb_lock);
	inode->i_state &= ~I_SYNC;
	if (mapping && (xa_marked(&mapping->i_pages, PAGECACHE_TAG_DIRTY) ||
			xa_marked(&mapping->i_pages, PAGECACHE_TAG_WRITEBACK)))
		inode->i_state |= I_DIRTY_PAGES;
	if (!(inode->i_state & I_DIRTY))
		list_del_init(&inode->i_io_list);
	spin_unlock(&wb_lock);
	wake_up_all(&inode_sync_wait);
}

static int write_inode_now(struct inode *inode, struct writeback_control *wbc)
{
	const struct super_operations *op = inode->i_sb->s_op;
	bool all = wbc->sync_mode == WB_SYNC_ALL;
	unsigned int dirty = begin_writing(inode, all);
	int err = 0, err2 = 0;

	if (!dirty)
		return 0;
	if (inode->i_mapping) {
		err = write_cache_pages(inode->i_mapping, wbc);
		if (all)
			filemap_fdatawait_range(inode->i_mapping, 0, -1);
	}
	if ((dirty & (I_DIRTY_SYNC | I_DIRTY_DATASYNC)) && op->write_inode)
		err2 = op->write_inode(inode, all);
	end_writing(inode);
	err = err ? err : err2;
	errseq_set(&inode->i_sb->s_wb_err, err);
	return err;
}

int sync_inode(struct inode *inode)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_ALL,
					 .nr_to_write = LONG_MAX,
					 .last = ULONG_MAX };

	return write_inode_now(inode, &wbc);
}

/* What next_dirty() finds, one after the other. => pages written */
static unsigned long write_inodes(struct super_block *sb, u64 since,
				  unsigned long round)
{
	long chunk = round ? LONG_MAX : WRITEBACK_CHUNK;
	unsigned long n = 0;
	struct inode *inode;

	while ((inode = next_dirty(sb, since, round))) {
		struct writeback_control wbc = {
			.sync_mode = round ? WB_SYNC_ALL : WB_SYNC_NONE,
			.nr_to_write = chunk,
			.last = ULONG_MAX,
		};

		write_inode_now(inode, &wbc);
		iput(inode);
		n += (unsigned long)(chunk - wbc.nr_to_write);
		cond_resched();
	}
	return n;
}

static unsigned long write_since(struct super_block *sb, u64 since)
{
	return write_inodes(sb, since, 0);
}

/* ---- sync ---------------------------------------------------------------- */

static void sync_inodes(struct super_block *sb)
{
	unsigned long round;

	write_since(sb, ktime_get_ns());
	mutex_lock(&sync_mutex);
	spin_lock(&wb_lock);
	round = ++sync_round;
	spin_unlock(&wb_lock);
	write_inodes(sb, 0, round);
	mutex_unlock(&sync_mutex);
}

int sync_filesystem(struct super_block *sb)
{
	struct block_device *bdev = NULL;

	sync_inodes(sb);
	if (sb) {
		if (sb->s_op->sync_fs)
			sb->s_op->sync_fs(sb);
		return sb->s_bdev ? bdev_sync(sb->s_bdev) : 0;
	}
	while ((bdev = blkdev_next(bdev)))
		bdev_sync(bdev);
	return 0;
}

int generic_mapping_sync(struct address_space *mapping, loff_t start,
			 loff_t end)
{
	unsigned int seen = errseq_sample(&mapping->wb_err);
	struct inode *inode = mapping->host;
	int err = sync_inode(inode), err2 = bdev_sync(inode->i_bdev);

	(void)start, (void)end;
	if (!err)
		err = errseq_check_and_advance(&mapping->wb_err, &seen);
	return err ? err : err2;
}

int generic_file_fsync(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	int err = generic_mapping_sync(mapping, 0, -1);
	int err2 = errseq_check_and_advance(&mapping->wb_err, &file->f_wb_err);

	return err ? err : err2;
}

/* ---- dropping caches ----------------------------------------------------- */

static void drop_inode_pages(struct inode *inode)
{
	if (inode->i_mapping)
		invalidate_mapping_pages(inode->i_mapping, 0, ULONG_MAX);
}

void drop_pagecache(void)
{
	struct block_device *bdev = NULL;

	for_each_cached_inode(drop_inode_pages);
	while ((bdev = blkdev_next(bdev)))
		invalidate_mapping_pages(bdev->bd_mapping, 0, ULONG_MAX);
}

/* ---- the flusher --------------------------------------------------------- */

static bool over_background(void)
{
	unsigned long background, dirty;

	global_dirty_limits(&background, &dirty);
	return global_node_page_state(NR_FILE_DIRTY) > background;
}

/* As long as it helps: what is on its way already need not be hurried. */
static void flush(void)
{
	if (READ_ONCE(flush_wanted)) {
		WRITE_ONCE(flush_wanted, false);
		write_since(NULL, ktime_get_ns());
	}
	while (over_background() && write_since(NULL, ktime_get_ns()))
		;
}

static u64 centiseconds(const int *n)
{
	return (u64)READ_ONCE(*n) * CENTISECOND_NS;
}

/* A machine at rest is not woken: the first dirty inode does that. */
static int flusher(void *unused)
{
	(void)unused;
	current->flags |= PF_MEMALLOC;
	for (;;) {
		u64 period = centiseconds(&dirty_writeback_interval), now, age;

		wait_event_idle(flusher_wait,
				READ_ONCE(flush_wanted) ||
					!list_empty(&dirty_inodes));
		wait_event_idle_timeout(flusher_wait, READ_ONCE(flush_wanted),
					period ? period : U64_MAX);
		flush();
		now = ktime_get_ns();
		age = centiseconds(&dirty_expire_interval);
		if (period && now > age)
			write_since(NULL, now - age);
	}
	return 0;
}

void wakeup_flusher(void)
{
	if (READ_ONCE(flush_wanted))
		return;
	WRITE_ONCE(flush_wanted, true);
	wake_up(&flusher_wait);
}

void writeback_init(void)
{
	if (IS_ERR(kthread_run(flusher, NULL, "flusher")))
		panic("no memory for the flusher");
	wakeup_flusher_threads = wakeup_flusher;
}
