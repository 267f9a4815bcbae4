/* SPDX-License-Identifier: MIT */
/* The interrupt controller: GICv2 or GICv3, whichever the machine has. */
#ifndef _DRIVERS_GIC_H
#define _DRIVERS_GIC_H

/*
 * Find, start and register the controller.
 * => on the boot CPU, after ioremap() works; other CPUs come in by
 *    irq_chip.cpu_init
 * => 0; -ENODEV if there is none that we know
 */
int gic_init(const void *fdt);
#endif
