// SPDX-License-Identifier: MIT
/*
 * virtio_blk.c - a disk that is a file of the host
 *
 * A request is a chain of buffers:
 *
 *	header (what, which sector) | data ... | status (one byte, by device)
 *
 * Header and status live in requests[head], head being the number of the
 * first descriptor: as long as the chain is out nobody else has that number.
 * Pages that happen to be neighbours become one buffer.
 *
 * A device that says it is done with what it was never given, or with more
 * than it was given, cannot be trusted with memory any more: it is reset, and
 * all requests, those on the way included, end with EIO.
 *
 * Lock: bd_lock of the block device; the interrupt takes none.
 */
#include <base/irq.h>
#include <base/printk.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <sched/blkdev.h>
#include "virtio.h"

#define F_SEG_MAX  (1ULL << 2)
#define F_RO	   (1ULL << 5)
#define F_BLK_SIZE (1ULL << 6)
#define F_FLUSH	   (1ULL << 9) /* there is a write cache */
#define F_TOPOLOGY (1ULL << 10)
#define F_DISCARD  (1ULL << 13)
#define F_WANTED \
	(F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | F_DISCARD)

#define T_IN	  0U
#define T_OUT	  1U
#define T_FLUSH	  4U
#define T_DISCARD 11U

#define STATUS_OK     0
#define STATUS_UNSUPP 2
#define STATUS_NONE   0xff /* ours: not yet written */

struct blk_config {
	__le64 capacity; /* sectors */
	__le32 size_max, seg_max;
	u8 geometry[4];
	__le32 blk_size;
	u8 physical_block_exp, alignment_offset;
	__le16 min_io_size;
	__le32 opt_io_size;
	u8 writeback, unused0;
	__le16 num_queues;
	__le32 max_discard_sectors, max_discard_seg;
	__le32 discard_sector_alignment;
} __packed;

struct blk_request {
	__le32 type, ioprio;
	__le64 sector;
	struct {
		__le64 sector;
		__le32 num, flags;
	} discard;
	u8 status;
	struct bio *bio; /* NULL: not in use */
};

struct virtio_blk {
	struct block_device bdev;
	struct virtio_device vdev;
	struct virtqueue vq;
	bool resized;
	struct blk_request requests[];
};

static struct virtio_blk *to_vblk(struct block_device *bdev)
{
	return container_of(bdev, struct virtio_blk, bdev);
}

/* ---- requests ------------------------------------------------------------ */

/* The pages of bio, neighbours as one. => how many buffers */
static unsigned int add_pages(const struct bio *bio, struct vring_buf *bufs)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < bio->bi_vcnt; i++) {
		const struct bio_vec *bv = &bio->bi_io_vec[i];
		phys_addr_t pa = page_to_phys(bv->bv_page) + bv->bv_offset;

		if (n && bufs[n - 1].addr + bufs[n - 1].len == pa) {
			bufs[n - 1].len += bv->bv_len;
			continue;
		}
		bufs[n].addr = pa;
		bufs[n++].len = bv->bv_len;
	}
	return n;
}

static bool start_bio(struct block_device *bdev, struct bio *bio)
{
	static const u32 types[NR_REQ_OPS] = { T_IN, T_OUT, T_FLUSH,
					       T_DISCARD };
	struct virtio_blk *vb = to_vblk(bdev);
	struct blk_request *rq = &vb->requests[vb->vq.free_head];
	struct vring_buf bufs[BIO_MAX_VECS + 2];
	unsigned int n = 1 + add_pages(bio, bufs + 1);

	if (bio->bi_op == REQ_OP_DISCARD)
		bufs[n++] = (struct vring_buf){ virt_to_phys(&rq->discard),
						sizeof(rq->discard) };
	if (n + 1 > vb->vq.num_free)
		return false;
	rq->type = types[bio->bi_op];
	rq->ioprio = 0;
	rq->sector = bio->bi_sector;
	if (bio->bi_op == REQ_OP_DISCARD) {
		rq->sector = 0;
		rq->discard.sector = bio->bi_sector;
		rq->discard.num = bio->bi_size >> SECTOR_SHIFT;
		rq->discard.flags = 0;
	}
	rq->status = STATUS_NONE;
	rq->bio = bio;
	bufs[0].addr = virt_to_phys(rq);
	bufs[0].len = offsetof(struct blk_request, discard);
	bufs[n].addr = virt_to_phys(&rq->status);
	bufs[n].len = 1;
	vring_add(&vb->vq, bufs, n + 1, bio->bi_op == REQ_OP_READ ? 1 : n);
	return true;
}

static void kick(struct block_device *bdev)
{
	vring_kick(&to_vblk(bdev)->vq);
}

/* => the bio; its request may be used again */
static struct bio *end_request(struct blk_request *rq, int err)
{
	struct bio *bio = rq->bio;

	rq->bio = NULL;
	bio->bi_status = err;
	return bio;
}

/* One after the other until nothing is left of a device that is dead. */
static struct bio *reap_dead(struct virtio_blk *vb)
{
	for (unsigned int i = 0; i < vb->vq.num; i++)
		if (vb->requests[i].bio)
			return end_request(&vb->requests[i], -EIO);
	return NULL;
}

static void disable(struct virtio_blk *vb, const char *why)
{
	pr_err("virtio_blk %s: [%s] %s: disabled\n", vb->vdev.name,
	       vb->bdev.bd_name, why);
	vb->bdev.bd_dead = true;
	virtio_reset(&vb->vdev);
	virtio_fail(&vb->vdev);
}

static void read_capacity(struct virtio_blk *vb)
{
	__le64 capacity;

	if (virtio_config(&vb->vdev, offsetof(struct blk_config, capacity),
			  &capacity, sizeof(capacity))) {
		disable(vb, "the device's configuration changes for ever");
		return;
	}
	if (capacity > (u64)S64_MAX >> SECTOR_SHIFT) {
		pr_err("virtio_blk %s: impossible capacity of %llu sectors\n",
		       vb->bdev.bd_name, capacity);
		capacity = 0;
	}
	WRITE_ONCE(vb->bdev.bd_nr_sectors, capacity);
	pr_notice(
		"virtio_blk %s: [%s] %llu 512-byte logical blocks (%llu MiB)%s\n",
		vb->vdev.name, vb->bdev.bd_name, capacity, capacity >> 11,
		vb->bdev.bd_read_only ? ", read-only" : "");
}

static struct bio *reap(struct block_device *bdev)
{
	struct virtio_blk *vb = to_vblk(bdev);
	struct blk_request *rq;
	u8 status;
	int head;

	if (unlikely(xchg(&vb->resized, false)))
		read_capacity(vb);
	if (unlikely(bdev->bd_dead))
		return reap_dead(vb);
	head = vring_get(&vb->vq);
	if (head == -EAGAIN)
		return NULL;
	if (unlikely(head < 0 || !vb->requests[head].bio)) {
		disable(vb, "the device returned a request it was not given");
		return reap_dead(vb);
	}
	rq = &vb->requests[head];
	status = READ_ONCE(rq->status);
	vring_put(&vb->vq, (unsigned int)head);
	return end_request(rq, status == STATUS_OK     ? 0 :
			       status == STATUS_UNSUPP ? -EOPNOTSUPP :
							 -EIO);
}

static const struct block_device_operations virtio_blk_ops = {
	.start = start_bio,
	.kick = kick,
	.reap = reap,
};

static irqreturn_t interrupt(int irq, void *dev)
{
	struct virtio_blk *vb = dev;
	u32 why = virtio_ack_irq(&vb->vdev);

	(void)irq;
	if (!why)
		return IRQ_NONE;
	if (why & VIRTIO_INT_CONFIG)
		WRITE_ONCE(vb->resized, true);
	blkdev_wake(&vb->bdev);
	return IRQ_HANDLED;
}

/* ---- probing ------------------------------------------------------------- */

/* A block size that is not a power of two of a sector to a page is not one. */
static unsigned int sane_block_size(u32 size)
{
	return size < SECTOR_SIZE || size > PAGE_SIZE || size & (size - 1) ?
		       SECTOR_SIZE :
		       size;
}

static __init int describe(struct virtio_blk *vb, u64 features)
{
	struct block_device *bdev = &vb->bdev;
	struct blk_config c;
	int err = virtio_config(&vb->vdev, 0, &c, sizeof(c));

	if (err)
		return err;
	bdev->bd_block_size = SECTOR_SIZE;
	if (features & F_BLK_SIZE)
		bdev->bd_block_size = sane_block_size(c.blk_size);
	bdev->bd_phys_block_size = bdev->bd_block_size;
	if (features & F_TOPOLOGY && c.physical_block_exp < 8)
		bdev->bd_phys_block_size <<= c.physical_block_exp;
	bdev->bd_max_vecs = min((unsigned int)BIO_MAX_VECS, vb->vq.num - 2);
	if (features & F_SEG_MAX && c.seg_max)
		bdev->bd_max_vecs = min(bdev->bd_max_vecs, c.seg_max);
	if (features & F_DISCARD)
		bdev->bd_max_discard = c.max_discard_sectors;
	bdev->bd_read_only = features & F_RO;
	bdev->bd_write_cache = features & F_FLUSH;
	return 0;
}

int __init virtio_blk_probe(const struct virtio_device *vdev)
{
	static unsigned int index; /* of disks found so far */
	struct virtio_blk *vb;
	struct block_device *bdev;
	u64 features;
	int err;

	if (index == 26)
		return -ENOSPC;
	vb = kzalloc(sizeof(*vb) + VRING_MAX_NUM * sizeof(vb->requests[0]),
		     GFP_KERNEL);
	if (!vb)
		return -ENOMEM;
	vb->vdev = *vdev;
	bdev = &vb->bdev;
	err = virtio_begin(&vb->vdev, F_WANTED, &features);
	if (!err)
		err = virtio_setup_queue(&vb->vdev, &vb->vq);
	if (err)
		goto free_vb;
	snprintf(bdev->bd_name, sizeof(bdev->bd_name), "vd%c", 'a' + index);
	bdev->bd_dev = VIRTBLK_MAJOR << 20 | index * DISK_MINORS;
	bdev->bd_ops = &virtio_blk_ops;
	err = describe(vb, features);
	if (err)
		goto free_queue;
	read_capacity(vb);
	irq_set_type(vdev->irq, vdev->irq_type);
	err = request_irq(vdev->irq, interrupt, vb->vdev.name, vb);
	if (err)
		goto free_queue;
	err = blkdev_register(bdev);
	if (err)
		goto free_irq;
	virtio_driver_ok(&vb->vdev);
	index++;
	return 0;

free_irq:
	free_irq(vdev->irq, vb);
free_queue:
	virtio_reset(&vb->vdev);
	vring_free(&vb->vq);
free_vb:
	virtio_fail(&vb->vdev);
	kfree(vb);
	return err;
}
