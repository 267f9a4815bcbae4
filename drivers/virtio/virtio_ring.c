// SPDX-License-Identifier: MIT
/*
 * virtio_ring.c - the split virtqueue: how a driver and a device share work
 *
 *	desc[]   buffers; a request is a chain of them
 *	avail    heads of chains for the device:  we write,  it reads
 *	used     heads the device is done with:   it writes, we read
 *
 * Both rings are only ever advanced by their writer, so no lock is shared
 * with the device; what orders them are barriers. The device is another
 * observer of the outer shareable domain, hence dmb osh.
 *
 * Legacy and modern devices differ in how they are told where the three
 * parts are; the layout here suits both (used begins on a page).
 *
 * What the device writes is not trusted: indices are checked before use.
 */
#include <asm/barrier.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/gfp.h>
#include "virtio.h"

static size_t used_offset(unsigned int num)
{
	size_t n = num * sizeof(struct vring_desc) +
		   sizeof(struct vring_avail) + (num + 1) * sizeof(__le16);

	return ALIGN(n, (size_t)VRING_ALIGN);
}

static size_t vring_size(unsigned int num)
{
	return used_offset(num) + sizeof(struct vring_used) +
	       num * sizeof_field(struct vring_used, ring[0]) + sizeof(__le16);
}

int vring_init(struct virtqueue *vq, struct virtio_device *vdev,
	       unsigned int num)
{
	size_t size = vring_size(num);
	char *mem = alloc_pages_exact(size, GFP_KERNEL);

	if (!mem)
		return -ENOMEM;
	memset(mem, 0, size);
	memset(vq, 0, sizeof(*vq));
	vq->vdev = vdev;
	vq->num = vq->num_free = num;
	vq->desc = (struct vring_desc *)mem;
	vq->avail = (struct vring_avail *)(vq->desc + num);
	vq->used = (struct vring_used *)(mem + used_offset(num));
	for (unsigned int i = 0; i < num; i++)
		vq->desc[i].next = (u16)(i + 1);
	return 0;
}

void vring_free(struct virtqueue *vq)
{
	free_pages_exact(vq->desc, vring_size(vq->num));
}

void vring_add(struct virtqueue *vq, const struct vring_buf *bufs,
	       unsigned int n, unsigned int out)
{
	unsigned int i = vq->free_head;

	vq->avail->ring[vq->avail_idx++ % vq->num] = (u16)i;
	vq->num_free -= n;
	for (unsigned int b = 0; b < n; b++) {
		struct vring_desc *desc = &vq->desc[i];

		desc->addr = bufs[b].addr;
		desc->len = bufs[b].len;
		desc->flags = (u16)((b < out ? 0 : VRING_DESC_F_WRITE) |
				    (b + 1 < n ? VRING_DESC_F_NEXT : 0));
		i = desc->next;
	}
	vq->free_head = (u16)i;
}

void vring_kick(struct virtqueue *vq)
{
	/* The device must see requests before the index that shows them, */
	dmb(oshst);
	WRITE_ONCE(vq->avail->idx, vq->avail_idx);
	/* and we its wish not older than its look at the index. */
	dmb(osh);
	if (!(READ_ONCE(vq->used->flags) & VRING_USED_F_NO_NOTIFY))
		virtio_notify(vq->vdev);
}

int vring_get(struct virtqueue *vq)
{
	u16 ready = (u16)(READ_ONCE(vq->used->idx) - vq->last_used);
	u32 head;

	if (!ready)
		return -EAGAIN;
	/* The entry, and the data, are read after the index. */
	dmb(oshld);
	head = READ_ONCE(vq->used->ring[vq->last_used % vq->num].id);
	if (ready > vq->num - vq->num_free || head >= vq->num)
		return -EIO;
	vq->last_used++;
	return (int)head;
}

void vring_put(struct virtqueue *vq, unsigned int head)
{
	struct vring_desc *desc = &vq->desc[head];

	for (vq->num_free++; desc->flags & VRING_DESC_F_NEXT; vq->num_free++)
		desc = &vq->desc[desc->next];
	desc->next = vq->free_head;
	vq->free_head = (u16)head;
}
