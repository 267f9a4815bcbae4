// SPDX-License-Identifier: MIT
/*
 * blkdev.c - the way of a request through a block device
 *
 *	submit_bio    check --> queue --> driver, as long as it has room
 *	interrupt     wakes the thread of the device, nothing else
 *	the thread    takes what the driver is done with, starts what waits,
 *	              then, without the lock, ends the bios: bi_end_io()
 *
 * So bd_lock is never taken in an interrupt, and all that an end of I/O
 * touches (page tree, lists, page lock) needs no lock that is.
 *
 * Who reads waits for it; who writes has gone on. So reads are started first,
 * but after READS_AHEAD of them one write that waits.
 *
 * Invariants: a submitted bio is in exactly one place (a queue, the driver,
 * bd_done, the thread) and counted in in_flight until the thread has it;
 * bi_end_io is called once. There is no merging and no sorting: the page
 * cache submits runs already, and the host below us has an elevator.
 *
 * Locks: bd_lock, innermost but for the wait queue. Callers: page cache,
 * swap, file systems' flushes; drivers.
 */
#include <base/bug.h>
#include <base/clock.h>
#include <base/printk.h>
#include <base/random.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/mempool.h>
#include <mm/phys/vmstat.h>
#include <sched/blkdev.h>
#include <sched/completion.h>
#include <sched/kthread.h>

#define BIO_POOL_SIZE 16
#define READS_AHEAD   16U
#define BIO_RETRY_NS  (100 * NSEC_PER_MSEC)

static struct mempool bio_pool;
static DECLARE_WAIT_QUEUE_HEAD(bio_wait);

static DEFINE_SPINLOCK(devices_lock);
static LIST_HEAD(devices); /* devices_lock */

struct fail_make_request fail_make_request = { .interval = 1, .times = 1 };

/* ---- bios ---------------------------------------------------------------- */

struct bio *bio_alloc(struct block_device *bdev, enum req_op op,
		      sector_t sector)
{
	struct bio *bio;

	/* Somebody may hold one for long, while memory has come elsewhere. */
	while (!wait_event_timeout(bio_wait, (bio = mempool_alloc(&bio_pool)),
				   BIO_RETRY_NS))
		;
	memset(bio, 0, offsetof(struct bio, bi_io_vec));
	bio->bi_bdev = bdev;
	bio->bi_op = op;
	bio->bi_sector = sector;
	return bio;
}

void bio_put(struct bio *bio)
{
	if (unlikely(mempool_free(&bio_pool, bio)))
		wake_up(&bio_wait);
}

bool bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		  unsigned int off)
{
	struct bio_vec *bv = &bio->bi_io_vec[bio->bi_vcnt];

	VM_BUG_ON(!len || off + len > PAGE_SIZE);
	if (bio->bi_vcnt == bio->bi_bdev->bd_max_vecs)
		return false;
	bv->bv_page = page;
	bv->bv_len = len;
	bv->bv_offset = off;
	bio->bi_vcnt++;
	bio->bi_size += len;
	return true;
}

/* ---- failing on purpose -------------------------------------------------- */

/* Is this the one? Races between CPUs only blur the count. */
static bool should_fail(const struct block_device *bdev)
{
	static atomic_t count;
	struct fail_make_request *f = &fail_make_request;

	if (likely(!bdev->bd_make_it_fail) || !f->times)
		return false;
	if (f->interval > 1 &&
	    (unsigned int)atomic_inc_return(&count) % f->interval)
		return false;
	if (f->probability <= get_random_u64() % 100)
		return false;
	if (f->times > 0)
		f->times--;
	return true;
}

/* ---- submitting ---------------------------------------------------------- */

static int check_bio(struct bio *bio)
{
	const struct block_device *bdev = bio->bi_bdev;
	sector_t size = READ_ONCE(bdev->bd_nr_sectors);
	sector_t nr = bio->bi_size >> SECTOR_SHIFT;

	if (bio->bi_op != REQ_OP_FLUSH &&
	    (!nr || (bio->bi_size | bio->bi_sector << SECTOR_SHIFT) &
			    (bdev->bd_block_size - 1)))
		return -EINVAL;
	if (nr > size || bio->bi_sector > size - nr) {
		if (!bdev->bd_quiet)
			printk_ratelimited(
				KERN_ERR
				"attempt to access beyond end of device\n%s: op %d, want=%llu, limit=%llu\n",
				bdev->bd_name, bio->bi_op, bio->bi_sector + nr,
				size);
		return -EIO;
	}
	if ((bio->bi_op == REQ_OP_WRITE || bio->bi_op == REQ_OP_DISCARD) &&
	    bdev->bd_read_only)
		return -EIO;
	if (unlikely(should_fail(bdev))) {
		if (!fail_make_request.delay_ms)
			return -EIO;
		bio->bi_delay = true;
	}
	return 0;
}

static void count_bio(const struct bio *bio)
{
	long nr = bio->bi_size >> SECTOR_SHIFT;

	if (bio->bi_op == REQ_OP_READ)
		count_vm_events(PGPGIN, nr);
	else if (bio->bi_op == REQ_OP_WRITE)
		count_vm_events(PGPGOUT, nr);
}

/* => bd_lock held; the queue whose turn it is; NULL: nobody waits */
static struct list_head *next_queue(struct block_device *bdev)
{
	bool writes = !list_empty(&bdev->bd_writes);

	if (!list_empty(&bdev->bd_reads) &&
	    (!writes || bdev->bd_reads_ahead < READS_AHEAD))
		return &bdev->bd_reads;
	return writes ? &bdev->bd_writes : NULL;
}

/* => bd_lock held; true: the thread has bios to end */
static bool start_queued(struct block_device *bdev)
{
	struct list_head *queue;
	bool started = false;

	while ((queue = next_queue(bdev))) {
		struct bio *bio = list_first_entry(queue, struct bio, bi_list);

		/* Off the list first: then it is the device's. */
		list_del(&bio->bi_list);
		if (unlikely(bdev->bd_dead)) {
			bio->bi_status = -EIO;
			list_add_tail(&bio->bi_list, &bdev->bd_done);
			continue;
		}
		if (!bdev->bd_ops->start(bdev, bio)) {
			list_add(&bio->bi_list, queue);
			break;
		}
		started = true;
		bdev->bd_reads_ahead =
			queue == &bdev->bd_reads ? bdev->bd_reads_ahead + 1 : 0;
	}
	if (started)
		bdev->bd_ops->kick(bdev);
	return !list_empty(&bdev->bd_done);
}

void submit_bio(struct bio *bio)
{
	struct block_device *bdev = bio->bi_bdev;
	int err = check_bio(bio);
	bool ended;

	bio->bi_status = err;
	bio->bi_start = ktime_get_ns();
	if (!err)
		count_bio(bio);
	spin_lock(&bdev->bd_lock);
	if (!bdev->bd_stats.in_flight++)
		bdev->bd_busy_since = bio->bi_start;
	list_add_tail(&bio->bi_list, err ? &bdev->bd_done :
				     bio->bi_op == REQ_OP_READ ?
					   &bdev->bd_reads :
					   &bdev->bd_writes);
	ended = start_queued(bdev);
	spin_unlock(&bdev->bd_lock);
	if (unlikely(ended))
		blkdev_wake(bdev);
}

static void end_wait(struct bio *bio)
{
	complete(bio->bi_private);
}

int submit_bio_wait(struct bio *bio)
{
	bool outer = current->in_iowait;
	DECLARE_COMPLETION_ONSTACK(done);

	bio->bi_private = &done;
	bio->bi_end_io = end_wait;
	submit_bio(bio);
	current->in_iowait = true;
	wait_for_completion(&done);
	current->in_iowait = outer;
	return bio->bi_status;
}

/* Submit, wait, put. */
static int submit_bio_once(struct bio *bio)
{
	int err = submit_bio_wait(bio);

	bio_put(bio);
	return err;
}

int blkdev_rw_page(struct block_device *bdev, enum req_op op, sector_t sector,
		   struct page *page)
{
	struct bio *bio = bio_alloc(bdev, op, sector);

	bio_add_page(bio, page, PAGE_SIZE, 0);
	return submit_bio_once(bio);
}

int blkdev_issue_flush(struct block_device *bdev)
{
	if (!bdev->bd_write_cache)
		return 0;
	return submit_bio_once(bio_alloc(bdev, REQ_OP_FLUSH, 0));
}

int blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			 sector_t nr)
{
	/* bi_size has 32 bits. */
	sector_t most = min(bdev->bd_max_discard, (sector_t)1 << 22);
	int err = 0;

	if (!most)
		return -EOPNOTSUPP;
	while (nr && !err) {
		struct bio *bio = bio_alloc(bdev, REQ_OP_DISCARD, sector);
		sector_t part = min(nr, most);

		bio->bi_size = (unsigned int)(part << SECTOR_SHIFT);
		err = submit_bio_once(bio);
		sector += part;
		nr -= part;
	}
	return err;
}

/* ---- ending -------------------------------------------------------------- */

void blkdev_wake(struct block_device *bdev)
{
	WRITE_ONCE(bdev->bd_work, true);
	wake_up(&bdev->bd_wait);
}

/* => bd_lock held */
static void account_bio(struct block_device *bdev, const struct bio *bio,
			u64 now)
{
	struct disk_stats *st = &bdev->bd_stats;

	st->ios[bio->bi_op]++;
	st->sectors[bio->bi_op] += bio->bi_size >> SECTOR_SHIFT;
	st->nsecs[bio->bi_op] += now - bio->bi_start;
	if (!--st->in_flight)
		st->busy_ns += now - bdev->bd_busy_since;
}

static void collect_ended(struct block_device *bdev, struct list_head *ended)
{
	struct bio *bio;
	u64 now;

	spin_lock(&bdev->bd_lock);
	while ((bio = bdev->bd_ops->reap(bdev)))
		list_add_tail(&bio->bi_list, &bdev->bd_done);
	now = ktime_get_ns(); /* later than the start of each of them */
	start_queued(bdev);
	list_splice_init(&bdev->bd_done, ended);
	list_for_each_entry(bio, ended, bi_list)
		account_bio(bdev, bio, now);
	spin_unlock(&bdev->bd_lock);
}

static void end_bio(struct bio *bio)
{
	static const char *const names[NR_REQ_OPS] = { "READ", "WRITE", "FLUSH",
						       "DISCARD" };

	if (unlikely(bio->bi_delay))
		msleep((unsigned int)fail_make_request.delay_ms);
	if (unlikely(bio->bi_status) && !bio->bi_bdev->bd_quiet)
		printk_ratelimited(
			KERN_ERR
			"I/O error, dev %s, sector %llu op 0x%x:(%s) flags 0x0 phys_seg %u prio class 2\n",
			bio->bi_bdev->bd_name, bio->bi_sector, bio->bi_op,
			names[bio->bi_op], bio->bi_vcnt);
	bio->bi_end_io(bio);
}

static int blkdev_thread(void *arg)
{
	struct block_device *bdev = arg;

	current->flags |= PF_MEMALLOC;
	while (!kthread_should_stop()) {
		struct bio *bio, *next;
		LIST_HEAD(ended);

		wait_event_idle(bdev->bd_wait, xchg(&bdev->bd_work, false) ||
						       kthread_should_stop());
		collect_ended(bdev, &ended);
		list_for_each_entry_safe(bio, next, &ended, bi_list) {
			list_del(&bio->bi_list);
			end_bio(bio);
		}
	}
	return 0;
}

/* ---- devices ------------------------------------------------------------- */

/* => devices_lock held */
static struct block_device *find_device(dev_t dev, const char *name)
{
	struct block_device *bdev;

	list_for_each_entry(bdev, &devices, bd_list)
		if (name ? !strcmp(bdev->bd_name, name) : bdev->bd_dev == dev)
			return bdev;
	return NULL;
}

struct block_device *blkdev_get(dev_t dev)
{
	struct block_device *bdev;

	guard(spinlock)(&devices_lock);
	bdev = find_device(dev, NULL);
	if (bdev)
		atomic_inc(&bdev->bd_openers);
	return bdev;
}

void blkdev_put(struct block_device *bdev)
{
	atomic_dec(&bdev->bd_openers);
}

int blkdev_claim(struct block_device *bdev, void *holder)
{
	int err = 0;

	spin_lock(&devices_lock);
	if (bdev->bd_holders && bdev->bd_holder != holder) {
		err = -EBUSY;
	} else {
		bdev->bd_holder = holder;
		bdev->bd_holders++;
	}
	spin_unlock(&devices_lock);
	return err;
}

void blkdev_release(struct block_device *bdev)
{
	spin_lock(&devices_lock);
	BUG_ON(!bdev->bd_holders);
	bdev->bd_holders--;
	spin_unlock(&devices_lock);
}

struct block_device *blkdev_next(struct block_device *bdev)
{
	struct list_head *next;

	spin_lock(&devices_lock);
	next = bdev ? bdev->bd_list.next : devices.next;
	spin_unlock(&devices_lock);
	return next == &devices ?
		       NULL :
		       list_entry(next, struct block_device, bd_list);
}

void blkdev_stats(struct block_device *bdev, struct disk_stats *out)
{
	spin_lock(&bdev->bd_lock);
	*out = bdev->bd_stats;
	if (out->in_flight)
		out->busy_ns += ktime_get_ns() - bdev->bd_busy_since;
	spin_unlock(&bdev->bd_lock);
}

int blkdev_register(struct block_device *bdev)
{
	int err = 0;

	BUG_ON(bdev->bd_max_vecs < 1 || bdev->bd_max_vecs > BIO_MAX_VECS);
	spin_lock_init(&bdev->bd_lock);
	INIT_LIST_HEAD(&bdev->bd_reads);
	INIT_LIST_HEAD(&bdev->bd_writes);
	INIT_LIST_HEAD(&bdev->bd_done);
	init_waitqueue_head(&bdev->bd_wait);
	bdev->bd_thread = kthread_create(blkdev_thread, bdev, "kblockd/%s",
					 bdev->bd_name);
	if (IS_ERR(bdev->bd_thread))
		return (int)PTR_ERR(bdev->bd_thread);
	spin_lock(&devices_lock);
	if (find_device(bdev->bd_dev, NULL) || find_device(0, bdev->bd_name))
		err = -EEXIST;
	else
		list_add_tail(&bdev->bd_list, &devices);
	spin_unlock(&devices_lock);
	if (err)
		kthread_stop(bdev->bd_thread);
	else
		wake_up_process(bdev->bd_thread);
	return err;
}

void blkdev_unregister(struct block_device *bdev)
{
	BUG_ON(atomic_read(&bdev->bd_openers) || bdev->bd_stats.in_flight);
	spin_lock(&devices_lock);
	list_del(&bdev->bd_list);
	spin_unlock(&devices_lock);
	kthread_stop(bdev->bd_thread);
}

void blkdev_init(void)
{
	struct kmem_cache *cache = kmem_cache_create("bio", sizeof(struct bio),
						     0, SLAB_PANIC, NULL);

	if (mempool_init(&bio_pool, cache, BIO_POOL_SIZE))
		panic("No memory for block requests");
}
