/* SPDX-License-Identifier: MIT */
/* Paravirtual devices: disks, as far as we know any. */
#ifndef _DRIVERS_VIRTIO_H
#define _DRIVERS_VIRTIO_H

/*
 * Find every virtio,mmio node of the device tree, start the disks and
 * register them as block devices.
 * => process context, after blkdev_init()
 */
void virtio_init(const void *fdt);
#endif
