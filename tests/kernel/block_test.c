// SPDX-License-Identifier: MIT
/*
 * Unit tests of block devices: the core with a disk of eight pages in memory
 * that takes three requests at a time, and the ring of virtio with a device
 * that lies.
 */
#include <base/ktest.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/mempool.h>
#include <sched/blkdev.h>
#include <sched/completion.h>
#include "../../drivers/virtio/virtio.h"

extern const struct ktest_suite block_suite;

#define DISK_PAGES   8
#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)
#define ROOM	     3U

static struct block_device disk;
static char disk_data[DISK_PAGES * PAGE_SIZE];
static struct bio *slots[ROOM];
static unsigned int nr_slots, most_slots;
static bool hold;	   /* the device takes its time */
static bool one_at_a_time; /* ... and has room for one */

static bool mock_start(struct block_device *bdev, struct bio *bio)
{
	(void)bdev;
	if (nr_slots == (one_at_a_time ? 1 : ROOM))
		return false;
	slots[nr_slots++] = bio;
	most_slots = max(most_slots, nr_slots);
	return true;
}

static void mock_kick(struct block_device *bdev)
{
	blkdev_wake(bdev);
}

static void mock_move(struct bio *bio)
{
	char *at = disk_data + bio->bi_sector * SECTOR_SIZE;

	for (unsigned int i = 0; i < bio->bi_vcnt; i++) {
		struct bio_vec *bv = &bio->bi_io_vec[i];
		char *mem = (char *)page_address(bv->bv_page) + bv->bv_offset;

		if (bio->bi_op == REQ_OP_READ)
			memcpy(mem, at, bv->bv_len);
		else
			memcpy(at, mem, bv->bv_len);
		at += bv->bv_len;
	}
}

/* The last one first: no order is promised. */
static struct bio *mock_reap(struct block_device *bdev)
{
	struct bio *bio;

	(void)bdev;
	if (!nr_slots || hold)
		return NULL;
	bio = slots[--nr_slots];
	mock_move(bio);
	return bio;
}

static const struct block_device_operations mock_ops = {
	.start = mock_start,
	.kick = mock_kick,
	.reap = mock_reap,
};

static int disk_up(void)
{
	memset(&disk, 0, sizeof(disk));
	strscpy(disk.bd_name, "mock", sizeof(disk.bd_name));
	disk.bd_dev = 240 << 20;
	disk.bd_nr_sectors = DISK_PAGES * PAGE_SECTORS;
	disk.bd_block_size = SECTOR_SIZE;
	disk.bd_max_vecs = BIO_MAX_VECS;
	disk.bd_write_cache = true;
	disk.bd_quiet = true;
	disk.bd_ops = &mock_ops;
	nr_slots = most_slots = 0;
	return blkdev_register(&disk);
}

/* ---- the core ------------------------------------------------------------ */

static atomic_t left;
static struct completion all_ended;

static void count_end(struct bio *bio)
{
	bio_put(bio);
	if (atomic_dec_and_test(&left))
		complete(&all_ended);
}

static void queue_is_longer_than_the_device(struct ktest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct disk_stats st;

	KTEST_ASSERT_TRUE(t, page);
	KTEST_ASSERT_EQ(t, disk_up(), 0);
	init_completion(&all_ended);
	atomic_set(&left, 40);
	memset(page_address(page), 'w', PAGE_SIZE);
	hold = true;
	for (unsigned int i = 0; i < 40; i++) {
		struct bio *bio = bio_alloc(&disk, REQ_OP_WRITE,
					    i % DISK_PAGES * PAGE_SECTORS);

		bio_add_page(bio, page, PAGE_SIZE, 0);
		bio->bi_end_io = count_end;
		submit_bio(bio);
	}
	hold = false;
	blkdev_wake(&disk);
	wait_for_completion(&all_ended);
	KTEST_EXPECT_EQ(t, most_slots, ROOM);
	KTEST_EXPECT_EQ(t, disk_data[0], 'w');
	KTEST_EXPECT_EQ(t, disk_data[sizeof(disk_data) - 1], 'w');
	blkdev_stats(&disk, &st);
	KTEST_EXPECT_EQ(t, st.in_flight, 0U);
	KTEST_EXPECT_EQ(t, st.ios[REQ_OP_WRITE], 40ULL);
	KTEST_EXPECT_EQ(t, st.sectors[REQ_OP_WRITE], 320ULL);
	blkdev_unregister(&disk);
	put_page(page);
}

static char order[64];
static unsigned int nr_order;

static void note_order(struct bio *bio)
{
	order[nr_order++] = bio->bi_op == REQ_OP_READ ? 'r' : 'w';
	count_end(bio);
}

/* One at a time: who comes when? */
static void reads_go_first_but_not_for_ever(struct ktest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KTEST_ASSERT_TRUE(t, page);
	KTEST_ASSERT_EQ(t, disk_up(), 0);
	init_completion(&all_ended);
	atomic_set(&left, 40);
	nr_order = 0;
	one_at_a_time = true;
	hold = true;
	for (unsigned int i = 0; i < 40; i++) {
		enum req_op op = i < 20 ? REQ_OP_WRITE : REQ_OP_READ;
		struct bio *bio = bio_alloc(&disk, op, 0);

		bio_add_page(bio, page, PAGE_SIZE, 0);
		bio->bi_end_io = note_order;
		submit_bio(bio);
	}
	hold = false;
	blkdev_wake(&disk);
	wait_for_completion(&all_ended);
	one_at_a_time = false;
	/* The first write had started; then 16 reads, a write, 4 reads. */
	KTEST_EXPECT_EQ(t, memcmp(order, "wrrrrrrrrrrrrrrrrwrrrrwww", 25), 0);
	blkdev_unregister(&disk);
	put_page(page);
}

static void several_pieces_of_pages(struct ktest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct bio *bio;
	char *p;

	KTEST_ASSERT_TRUE(t, page);
	KTEST_ASSERT_EQ(t, disk_up(), 0);
	p = page_address(page);
	memset(p, 0, PAGE_SIZE);
	memset(disk_data, 'a', 512);
	memset(disk_data + 512, 'b', 1024);
	bio = bio_alloc(&disk, REQ_OP_READ, 0);
	bio_add_page(bio, page, 512, 3584);
	bio_add_page(bio, page, 1024, 1024);
	KTEST_EXPECT_EQ(t, submit_bio_wait(bio), 0);
	bio_put(bio);
	KTEST_EXPECT_EQ(t, p[3584], 'a');
	KTEST_EXPECT_EQ(t, p[1024], 'b');
	KTEST_EXPECT_EQ(t, p[2047], 'b');
	KTEST_EXPECT_EQ(t, p[2048], 0);
	blkdev_unregister(&disk);
	put_page(page);
}

static void errors_come_back(struct ktest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct bio *bio;

	KTEST_ASSERT_TRUE(t, page);
	KTEST_ASSERT_EQ(t, disk_up(), 0);
	KTEST_EXPECT_EQ(t, blkdev_rw_page(&disk, REQ_OP_READ, 57, page), -EIO);
	KTEST_EXPECT_EQ(t, blkdev_rw_page(&disk, REQ_OP_READ, ~0ULL, page),
			-EIO);
	bio = bio_alloc(&disk, REQ_OP_READ, 0);
	bio_add_page(bio, page, 100, 0);
	KTEST_EXPECT_EQ(t, submit_bio_wait(bio), -EINVAL);
	bio_put(bio);
	disk.bd_read_only = true;
	KTEST_EXPECT_EQ(t, blkdev_rw_page(&disk, REQ_OP_WRITE, 0, page), -EIO);
	KTEST_EXPECT_EQ(t, blkdev_rw_page(&disk, REQ_OP_READ, 0, page), 0);
	KTEST_EXPECT_EQ(t, blkdev_issue_flush(&disk), 0);
	KTEST_EXPECT_EQ(t, blkdev_issue_discard(&disk, 0, 8), -EOPNOTSUPP);
	disk.bd_dead = true;
	KTEST_EXPECT_EQ(t, blkdev_rw_page(&disk, REQ_OP_READ, 0, page), -EIO);
	blkdev_unregister(&disk);
	put_page(page);
}

static void every_third_fails(struct ktest *t)
{
	struct fail_make_request saved = fail_make_request;
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned int failed = 0;

	KTEST_ASSERT_TRUE(t, page);
	KTEST_ASSERT_EQ(t, disk_up(), 0);
	disk.bd_make_it_fail = true;
	fail_make_request = (struct fail_make_request){ .probability = 100,
							.interval = 3,
							.times = 2 };
	for (unsigned int i = 0; i < 12; i++)
		if (blkdev_rw_page(&disk, REQ_OP_READ, 0, page))
			failed++;
	KTEST_EXPECT_EQ(t, failed, 2U);
	fail_make_request = saved;
	blkdev_unregister(&disk);
	put_page(page);
}

static void one_holder(struct ktest *t)
{
	int a, b;

	KTEST_ASSERT_EQ(t, disk_up(), 0);
	KTEST_EXPECT_EQ(t, blkdev_claim(&disk, &a), 0);
	KTEST_EXPECT_EQ(t, blkdev_claim(&disk, &b), -EBUSY);
	KTEST_EXPECT_EQ(t, blkdev_claim(&disk, &a), 0);
	blkdev_release(&disk);
	blkdev_release(&disk);
	KTEST_EXPECT_EQ(t, blkdev_claim(&disk, &b), 0);
	blkdev_release(&disk);
	blkdev_unregister(&disk);
}

/* ---- the pool ------------------------------------------------------------ */

static void pool_has_some_when_memory_has_none(struct ktest *t)
{
	struct kmem_cache *cache =
		kmem_cache_create("ktest_pool", 64, 0, 0, NULL);
	static struct mempool pool;
	void *got[3];

	KTEST_ASSERT_TRUE(t, cache);
	KTEST_ASSERT_EQ(t, mempool_init(&pool, cache, 2), 0);
	for (unsigned int i = 0; i < 3; i++) {
		fail_alloc_arm(1);
		got[i] = mempool_alloc(&pool);
	}
	fail_alloc_arm(0);
	KTEST_EXPECT_TRUE(t, got[0] && got[1] && !got[2]);
	KTEST_EXPECT_TRUE(t, mempool_free(&pool, got[0]));
	KTEST_EXPECT_TRUE(t, mempool_free(&pool, got[1]));
	KTEST_EXPECT_EQ(t, pool.curr, 2U);
	got[0] = mempool_alloc(&pool);
	KTEST_EXPECT_EQ(t, pool.curr, 2U);
	KTEST_EXPECT_TRUE(t, !mempool_free(&pool, got[0]));
	kmem_cache_free(cache, pool.elements[0]);
	kmem_cache_free(cache, pool.elements[1]);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(cache), 0);
}

/* ---- the ring ------------------------------------------------------------ */

static void a_device_that_lies(struct ktest *t)
{
	struct vring_buf bufs[3] = { { 4096, 16 },
				     { 8192, 512 },
				     { 16384, 1 } };
	struct virtqueue vq;

	KTEST_ASSERT_EQ(t, vring_init(&vq, NULL, 8), 0);
	vring_add(&vq, bufs, 3, 1);
	KTEST_EXPECT_EQ(t, vq.num_free, 5U);
	KTEST_EXPECT_EQ(t, vq.desc[0].flags, VRING_DESC_F_NEXT);
	KTEST_EXPECT_EQ(t, vq.desc[1].flags,
			VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	KTEST_EXPECT_EQ(t, vq.desc[2].flags, VRING_DESC_F_WRITE);
	KTEST_EXPECT_EQ(t, vring_get(&vq), -EAGAIN);

	vq.used->idx = 4; /* more than were given */
	KTEST_EXPECT_EQ(t, vring_get(&vq), -EIO);
	vq.used->idx = 0xffff; /* back in time */
	KTEST_EXPECT_EQ(t, vring_get(&vq), -EIO);
	vq.used->idx = 1;
	vq.used->ring[0].id = 8; /* no such descriptor */
	KTEST_EXPECT_EQ(t, vring_get(&vq), -EIO);
	vq.used->ring[0].id = 0;
	KTEST_EXPECT_EQ(t, vring_get(&vq), 0);
	vring_put(&vq, 0);
	KTEST_EXPECT_EQ(t, vq.num_free, 8U);
	KTEST_EXPECT_EQ(t, vring_get(&vq), -EAGAIN);
	vring_free(&vq);
}

static const struct ktest_case cases[] = {
	{ "queue_is_longer_than_the_device", queue_is_longer_than_the_device },
	{ "reads_go_first_but_not_for_ever", reads_go_first_but_not_for_ever },
	{ "several_pieces_of_pages", several_pieces_of_pages },
	{ "errors_come_back", errors_come_back },
	{ "every_third_fails", every_third_fails },
	{ "one_holder", one_holder },
	{ "pool_has_some_when_memory_has_none",
	  pool_has_some_when_memory_has_none },
	{ "a_device_that_lies", a_device_that_lies },
	{},
};

const struct ktest_suite block_suite = { "block", cases };
