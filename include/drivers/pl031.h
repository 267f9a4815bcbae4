/* SPDX-License-Identifier: MIT */
/* The real-time clock: read once, to know what time it is. */
#ifndef _DRIVERS_PL031_H
#define _DRIVERS_PL031_H

/* => 0 and the time is set; -ENODEV: time begins in 1970 */
int pl031_init(const void *fdt);
#endif
