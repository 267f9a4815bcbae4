/* SPDX-License-Identifier: MIT */
/*
 * Block devices: arrays of 512-byte sectors that answer later.
 *
 *	page cache, swap        bio = operation + first sector + pages
 *	     | submit_bio()                         ^ bi_end_io(bio)
 *	     v                                      | in the device's thread
 *	  bd_reads  --start()--> driver's ring --reap()--> bd_done
 *	  bd_writes                  ^ interrupt: blkdev_wake()
 *	  (wait for room)
 *
 * A bio is one request: what is in it is one run of sectors, to or from any
 * pages. Requests of one device may be carried out in any order; who wants
 * an order waits. What was written is safe only after a flush.
 *
 * bi_end_io runs in a thread of the device, never in an interrupt: it may
 * take ordinary spinlocks, unlock and put pages and bios and submit further
 * bios; it must not allocate and must not wait for I/O.
 *
 * Lock key: (l) bd_lock, (c) constant once registered, (a) atomic,
 * (r) devices_lock, (o) whoever has the bio: its owner, from submit_bio() to
 * bi_end_io() the device
 */
#ifndef _SCHED_BLKDEV_H
#define _SCHED_BLKDEV_H

#include <asm/atomic.h>
#include <base/spinlock.h>
#include <lib/list.h>
#include <lib/types.h>
#include <mm/phys/page.h>
#include <sched/wait.h>

struct address_space;

#define SECTOR_SHIFT 9
#define SECTOR_SIZE  512U
#define BIO_MAX_VECS 32

#define VIRTBLK_MAJOR 254 /* what Linux hands out first */
#define DISK_MINORS   16  /* of each disk: itself and partitions */

enum req_op {
	REQ_OP_READ,
	REQ_OP_WRITE,
	REQ_OP_FLUSH,	/* no pages: what was written reaches the medium */
	REQ_OP_DISCARD, /* no pages: bi_size bytes are not needed any more */
	NR_REQ_OPS,
};

struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len, bv_offset; /* within one page */
};

struct bio {
	struct list_head bi_list; /* o */
	struct block_device *bi_bdev;
	void (*bi_end_io)(struct bio *bio);
	void *bi_private;
	sector_t bi_sector;
	u64 bi_start;	      /* ns: submitted */
	unsigned int bi_size; /* bytes */
	enum req_op bi_op;
	int bi_status; /* 0, -EIO, -EOPNOTSUPP; set when it ends */
	unsigned short bi_vcnt;
	bool bi_delay; /* end it late: failure injection */
	struct bio_vec bi_io_vec[BIO_MAX_VECS];
};

/* A driver. All are called with bd_lock held and do not sleep. */
struct block_device_operations {
	/* Hand bio to the device. => false: no room, ask after next reap() */
	bool (*start)(struct block_device *bdev, struct bio *bio);
	/* Tell the device that bios were started. */
	void (*kick)(struct block_device *bdev);
	/* => a bio the device is done with, bi_status set; NULL: no more */
	struct bio *(*reap)(struct block_device *bdev);
};

/* By operation, of all that have ended. */
struct disk_stats {
	u64 ios[NR_REQ_OPS];
	u64 sectors[NR_REQ_OPS];
	u64 nsecs[NR_REQ_OPS]; /* from submit to end, added up */
	u64 busy_ns;	       /* time with at least one on the way */
	unsigned int in_flight;
};

struct block_device {
	char bd_name[8];		 /* c: "vda" */
	dev_t bd_dev;			 /* c */
	sector_t bd_nr_sectors;		 /* l; read without */
	unsigned int bd_block_size;	 /* c: bytes the device works in */
	unsigned int bd_phys_block_size; /* c */
	unsigned int bd_max_vecs;	 /* c: pages of one bio */
	sector_t bd_max_discard;	 /* c: sectors at once; 0: cannot */
	bool bd_read_only;		 /* a */
	bool bd_write_cache;		 /* c: needs flushes */
	bool bd_quiet;			 /* c: errors are not logged (tests) */
	bool bd_make_it_fail;		 /* a: see fail_make_request */
	bool bd_dead;			 /* l: everything is -EIO now */
	const struct block_device_operations *bd_ops; /* c */

	spinlock_t bd_lock;
	/* l: not yet started: reads, which somebody waits for, and the rest */
	struct list_head bd_reads, bd_writes;
	unsigned int bd_reads_ahead; /* l: in a row, while writes waited */
	struct list_head bd_done;    /* l: ended, for the thread */
	struct disk_stats bd_stats;  /* l */
	u64 bd_busy_since;	     /* l: ns, while in_flight */

	bool bd_work;		       /* a: the thread has something to do */
	struct task_struct *bd_thread; /* c */
	wait_queue_head_t bd_wait;

	struct list_head bd_list;	  /* r */
	unsigned int bd_holders;	  /* r: by how many claimed */
	void *bd_holder;		  /* r: who has claimed it */
	atomic_t bd_openers;		  /* a */
	struct address_space *bd_mapping; /* c: its pages: fs/block_dev.c */
};

/* --- bios --- */

/*
 * A bio from a pool, empty. Submit one before allocating the next.
 * => may sleep (for others' bios, never for memory); never NULL
 */
struct bio *bio_alloc(struct block_device *bdev, enum req_op op,
		      sector_t sector);
/* => false: the bio is full; submit it and take another */
bool bio_add_page(struct bio *bio, struct page *page, unsigned int len,
		  unsigned int off);
void bio_put(struct bio *bio);
/*
 * Start it; bi_end_io(bio) will be called exactly once, perhaps before this
 * returns, with bi_status set. Pages and bio must stay until then.
 * => never fails, never sleeps; process context, spinlocks may be held
 */
void submit_bio(struct bio *bio);
/* The same, and wait. => bi_status; the bio is still the caller's */
int submit_bio_wait(struct bio *bio);
/* A whole page of the device at once. => 0 or -EIO; may sleep */
int blkdev_rw_page(struct block_device *bdev, enum req_op op, sector_t sector,
		   struct page *page);
/* All that was written before is on the medium. => 0 or -EIO; may sleep */
int blkdev_issue_flush(struct block_device *bdev);
/* => 0, -EIO, -EOPNOTSUPP; may sleep */
int blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			 sector_t nr);

/* --- devices --- */

/* Opened once more; devices never go away. => NULL: there is none */
struct block_device *blkdev_get(dev_t dev);
void blkdev_put(struct block_device *bdev);
/*
 * A file system or a swap area keeps all others off (and a holder may come
 * again). => 0, -EBUSY: another has it
 */
int blkdev_claim(struct block_device *bdev, void *holder);
void blkdev_release(struct block_device *bdev);
/* One device after the other, in order of registration; NULL: begin, end. */
struct block_device *blkdev_next(struct block_device *bdev);
/* Numbers of this moment. */
void blkdev_stats(struct block_device *bdev, struct disk_stats *out);

static inline loff_t blkdev_size(const struct block_device *bdev)
{
	return (loff_t)(READ_ONCE(bdev->bd_nr_sectors) << SECTOR_SHIFT);
}

/*
 * Driver: name, dev, sizes, limits and ops are set. Makes the thread.
 * => 0, -ENOMEM, -EAGAIN, -EEXIST
 */
int blkdev_register(struct block_device *bdev);
/* => nobody has it open, nothing is on the way */
void blkdev_unregister(struct block_device *bdev);
/* Driver: look for finished bios. => any context */
void blkdev_wake(struct block_device *bdev);

/* The pool of bios; once, before any driver. */
void blkdev_init(void);

/*
 * Failure injection, as Linux's fail_make_request: of the requests of devices
 * that are to fail (bd_make_it_fail), each interval-th, and of those as many
 * in a hundred as probability says, fails with -EIO, until `times` have.
 * With delay_ms they do not fail: they end that much later.
 */
struct fail_make_request {
	unsigned long probability; /* 0..100 */
	unsigned long interval;
	int times; /* -1: no limit */
	unsigned long delay_ms;
};
extern struct fail_make_request fail_make_request;

#endif
