/* SPDX-License-Identifier: MIT */
/* What the device tree says about the firmware. */
#ifndef _DRIVERS_PSCI_H
#define _DRIVERS_PSCI_H

/* => 0; -ENODEV: there is no PSCI, so one CPU and no power-off */
int psci_dt_init(const void *fdt);
#endif
