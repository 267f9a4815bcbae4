/* SPDX-License-Identifier: MIT */
/*
 * What the transport (virtio_mmio.c), the ring (virtio_ring.c) and the disk
 * (virtio_blk.c) know of each other.
 *
 * All fields in memory and registers are little-endian, and so are we.
 */
#ifndef _DRIVERS_VIRTIO_VIRTIO_H
#define _DRIVERS_VIRTIO_VIRTIO_H

#include <asm/io.h>
#include <lib/types.h>

#define VIRTIO_ID_BLOCK	   2
#define VIRTIO_F_VERSION_1 (1ULL << 32) /* not legacy */

/* One device behind one transport. */
struct virtio_device {
	void __iomem *base;
	u32 device_id; /* VIRTIO_ID_*; 0: nothing plugged in */
	bool legacy;   /* as before virtio 1.0 */
	unsigned int irq;
	unsigned int irq_type;
	char name[20]; /* of the device tree node */
};

/* --- virtio_ring.c --- */

struct vring_desc {
	__le64 addr;
	__le32 len;
	__le16 flags; /* VRING_DESC_F_* */
	__le16 next;
};

#define VRING_DESC_F_NEXT  1
#define VRING_DESC_F_WRITE 2 /* the device writes */

struct vring_avail {
	__le16 flags;
	__le16 idx; /* counts up, wraps at 2^16 */
	__le16 ring[];
};

struct vring_used {
	__le16 flags; /* VRING_USED_F_* */
	__le16 idx;
	struct {
		__le32 id; /* first descriptor */
		__le32 len;
	} ring[];
};

#define VRING_USED_F_NO_NOTIFY 1

/*
 * Ours is `desc`, `avail`; the device's is `used`. Free descriptors are
 * chained by next. Serialized by the caller.
 */
struct virtqueue {
	struct virtio_device *vdev;
	unsigned int num; /* descriptors: a power of two */
	unsigned int num_free;
	u16 free_head; /* the head of what is added next */
	u16 avail_idx; /* added, perhaps not yet shown */
	u16 last_used;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

struct vring_buf {
	phys_addr_t addr;
	u32 len;
};

#define VRING_MAX_NUM 256U
#define VRING_ALIGN   4096U

/* => 0, -ENOMEM; num is a power of two */
int vring_init(struct virtqueue *vq, struct virtio_device *vdev,
	       unsigned int num);
void vring_free(struct virtqueue *vq);
/*
 * One request: n buffers, of which the device reads the first `out`.
 * => n <= vq->num_free; its head is the free_head from before
 */
void vring_add(struct virtqueue *vq, const struct vring_buf *bufs,
	       unsigned int n, unsigned int out);
/* Show the device what was added and tell it if it wants to be told. */
void vring_kick(struct virtqueue *vq);
/*
 * => head of a request that the device is done with; -EAGAIN: none;
 *    -EIO: the device wrote nonsense
 */
int vring_get(struct virtqueue *vq);
/* The descriptors of this request are free again. */
void vring_put(struct virtqueue *vq, unsigned int head);

/* --- virtio_mmio.c --- */

/*
 * Reset, then agree on features of `wanted`. => 0 and *features: those that
 * both have; -ENODEV: the device does not agree
 */
int virtio_begin(struct virtio_device *vdev, u64 wanted, u64 *features);
/* Give the device its only queue. => 0, -ENOENT, -ENOMEM */
int virtio_setup_queue(struct virtio_device *vdev, struct virtqueue *vq);
void virtio_driver_ok(struct virtio_device *vdev);
/* The device forgets everything and touches memory no more. */
void virtio_reset(struct virtio_device *vdev);
/* The driver gives up. */
void virtio_fail(struct virtio_device *vdev);
void virtio_notify(struct virtio_device *vdev);
/* => what the interrupt is for, acknowledged: VIRTIO_INT_* */
u32 virtio_ack_irq(struct virtio_device *vdev);
#define VIRTIO_INT_CONFIG 2

/*
 * The device's configuration, len bytes from offset on, at one moment.
 * => 0; -EIO: it changes for ever
 */
int virtio_config(struct virtio_device *vdev, unsigned int offset, void *buf,
		  unsigned int len);

/* --- virtio_blk.c --- */

/* Takes over *vdev. => 0 or -errno: nothing was kept */
int virtio_blk_probe(const struct virtio_device *vdev);

#endif
