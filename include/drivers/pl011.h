/* SPDX-License-Identifier: MIT */
/* The PrimeCell UART: console and serial port. */
#ifndef _DRIVERS_PL011_H
#define _DRIVERS_PL011_H

/*
 * Boot messages from the first moment on, through the fixmap.
 * => after early_fixmap_init(); 0 or -ENODEV
 */
int pl011_early_init(const void *fdt);
/*
 * The whole driver: registers mapped by ioremap(), received characters by
 * interrupt to <base/serial.h>.
 * => after gic_init(); 0 or a negative errno
 */
int pl011_init(const void *fdt);
#endif
