// SPDX-License-Identifier: MIT
/*
 * virtio_mmio.c - virtio devices behind a page of registers
 *
 * QEMU's virt machine has 32 such transports; each is a node in the device
 * tree whether something is plugged in (device id) or not. Version 1 is the
 * legacy interface: the ring is one block, known by its page number. Version
 * 2 is that of virtio 1.0: three addresses, and the agreement on features is
 * confirmed.
 *
 * No locks: probing is one thread's; later only notify and ack are used.
 */
#include <asm/io.h>
#include <base/irq.h>
#include <base/printk.h>
#include <drivers/dt_irq.h>
#include <drivers/virtio.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>
#include <mm/phys/page.h>
#include <mm/phys/report.h>
#include <mm/phys/vmalloc.h>
#include "virtio.h"

#define VIRTIO_MAGIC 0x74726976U /* "virt" */

#define R_MAGIC	       0x000
#define R_VERSION      0x004
#define R_DEVICE_ID    0x008
#define R_FEATURES     0x010 /* 32 of the device's, those selected by: */
#define R_FEATURES_SEL 0x014
#define R_ACCEPTED     0x020 /* the driver's */
#define R_ACCEPTED_SEL 0x024
#define R_PAGE_SIZE    0x028 /* legacy */
#define R_QUEUE_SEL    0x030
#define R_QUEUE_MAX    0x034
#define R_QUEUE_NUM    0x038
#define R_QUEUE_ALIGN  0x03c /* legacy */
#define R_QUEUE_PFN    0x040 /* legacy */
#define R_QUEUE_READY  0x044
#define R_QUEUE_NOTIFY 0x050
#define R_INT_STATUS   0x060
#define R_INT_ACK      0x064
#define R_STATUS       0x070
#define R_QUEUE_DESC   0x080 /* low word, high word */
#define R_QUEUE_AVAIL  0x090
#define R_QUEUE_USED   0x0a0
#define R_CONFIG_GEN   0x0fc
#define R_CONFIG       0x100
#define R_SIZE	       0x200

#define S_ACKNOWLEDGE 1U
#define S_DRIVER      2U
#define S_DRIVER_OK   4U
#define S_FEATURES_OK 8U
#define S_FAILED      128U

static u32 get_reg(struct virtio_device *vdev, unsigned int reg)
{
	return readl(vdev->base + reg);
}

static void set_reg(struct virtio_device *vdev, unsigned int reg, u32 value)
{
	writel(value, vdev->base + reg);
}

static void add_status(struct virtio_device *vdev, u32 bits)
{
	set_reg(vdev, R_STATUS, get_reg(vdev, R_STATUS) | bits);
}

void virtio_reset(struct virtio_device *vdev)
{
	set_reg(vdev, R_STATUS, 0);
	/* It is over when the device says so. */
	for (int i = 0; i < 1000000 && get_reg(vdev, R_STATUS); i++)
		cpu_relax();
}

void virtio_fail(struct virtio_device *vdev)
{
	add_status(vdev, S_FAILED);
}

void virtio_driver_ok(struct virtio_device *vdev)
{
	add_status(vdev, S_DRIVER_OK);
}

int virtio_begin(struct virtio_device *vdev, u64 wanted, u64 *features)
{
	u64 offered;

	virtio_reset(vdev);
	add_status(vdev, S_ACKNOWLEDGE);
	add_status(vdev, S_DRIVER);
	set_reg(vdev, R_FEATURES_SEL, 1);
	offered = (u64)get_reg(vdev, R_FEATURES) << 32;
	set_reg(vdev, R_FEATURES_SEL, 0);
	offered |= get_reg(vdev, R_FEATURES);

	*features = offered & (wanted | VIRTIO_F_VERSION_1);
	set_reg(vdev, R_ACCEPTED_SEL, 1);
	set_reg(vdev, R_ACCEPTED, upper_32_bits(*features));
	set_reg(vdev, R_ACCEPTED_SEL, 0);
	set_reg(vdev, R_ACCEPTED, lower_32_bits(*features));
	if (vdev->legacy) {
		set_reg(vdev, R_PAGE_SIZE, PAGE_SIZE);
		return 0;
	}
	add_status(vdev, S_FEATURES_OK);
	if (!(*features & VIRTIO_F_VERSION_1) ||
	    !(get_reg(vdev, R_STATUS) & S_FEATURES_OK))
		return -ENODEV;
	return 0;
}

static void set_address(struct virtio_device *vdev, unsigned int reg,
			const void *part)
{
	phys_addr_t pa = virt_to_phys(part);

	set_reg(vdev, reg, lower_32_bits(pa));
	set_reg(vdev, reg + 4, upper_32_bits(pa));
}

int virtio_setup_queue(struct virtio_device *vdev, struct virtqueue *vq)
{
	unsigned int num;
	int err;

	set_reg(vdev, R_QUEUE_SEL, 0);
	num = min(get_reg(vdev, R_QUEUE_MAX), VRING_MAX_NUM);
	if (num < 4)
		return -ENOENT;
	num = 1U << (fls64(num) - 1);
	err = vring_init(vq, vdev, num);
	if (err)
		return err;
	set_reg(vdev, R_QUEUE_NUM, num);
	if (vdev->legacy) {
		set_reg(vdev, R_QUEUE_ALIGN, VRING_ALIGN);
		set_reg(vdev, R_QUEUE_PFN, (u32)virt_to_pfn(vq->desc));
		return 0;
	}
	set_address(vdev, R_QUEUE_DESC, vq->desc);
	set_address(vdev, R_QUEUE_AVAIL, vq->avail);
	set_address(vdev, R_QUEUE_USED, vq->used);
	set_reg(vdev, R_QUEUE_READY, 1);
	return 0;
}

void virtio_notify(struct virtio_device *vdev)
{
	set_reg(vdev, R_QUEUE_NOTIFY, 0);
}

u32 virtio_ack_irq(struct virtio_device *vdev)
{
	u32 status = get_reg(vdev, R_INT_STATUS);

	if (status)
		set_reg(vdev, R_INT_ACK, status);
	return status;
}

/* Bytes one by one: the only width that legacy and modern share. */
int virtio_config(struct virtio_device *vdev, unsigned int offset, void *buf,
		  unsigned int len)
{
	for (int tries = 0; tries < 100; tries++) {
		u32 before = vdev->legacy ? 0 : get_reg(vdev, R_CONFIG_GEN);

		for (unsigned int i = 0; i < len; i++)
			((u8 *)buf)[i] =
				readb(vdev->base + R_CONFIG + offset + i);
		if (vdev->legacy || get_reg(vdev, R_CONFIG_GEN) == before)
			return 0;
	}
	return -EIO;
}

/* ---- finding ------------------------------------------------------------- */

/* => 0 and *vdev mapped; -ENODEV: nothing is plugged in */
static __init int map_device(const void *fdt, int node,
			     struct virtio_device *vdev)
{
	u64 pa, size;
	u32 version;
	int irq = dt_irq(fdt, node, 0, &vdev->irq_type);

	if (irq < 0 || fdt_read_reg(fdt, node, 0, &pa, &size) || size < R_SIZE)
		return -EINVAL;
	vdev->base = ioremap(pa, R_SIZE);
	if (!vdev->base)
		return -ENOMEM;
	vdev->irq = (unsigned int)irq;
	version = get_reg(vdev, R_VERSION);
	vdev->legacy = version == 1;
	vdev->device_id = get_reg(vdev, R_DEVICE_ID);
	strscpy(vdev->name, fdt_node_name(fdt, node), sizeof(vdev->name));
	if (get_reg(vdev, R_MAGIC) == VIRTIO_MAGIC && vdev->device_id &&
	    (version == 1 || version == 2)) {
		request_mem_region(pa, size, fdt_node_name(fdt, node));
		return 0;
	}
	iounmap(vdev->base);
	return -ENODEV;
}

void __init virtio_init(const void *fdt)
{
	int node = -1;

	for (;;) {
		struct virtio_device vdev;
		int err;

		node = fdt_node_by_compatible(fdt, node, "virtio,mmio");
		if (node < 0)
			break;
		if (!fdt_is_available(fdt, node) ||
		    map_device(fdt, node, &vdev))
			continue;
		err = vdev.device_id == VIRTIO_ID_BLOCK ?
			      virtio_blk_probe(&vdev) :
			      -ENODEV;
		if (!err)
			continue;
		pr_warn("virtio: %s: device of type %u is not used (error %d)\n",
			vdev.name, vdev.device_id, err);
		iounmap(vdev.base);
	}
}
