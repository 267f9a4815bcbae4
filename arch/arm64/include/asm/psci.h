/* SPDX-License-Identifier: MIT */
/* The firmware: starting CPUs, power off, reset. */
#ifndef _ASM_PSCI_H
#define _ASM_PSCI_H

#include <lib/types.h>

/* By which instruction the firmware is called; before that, none is. */
void psci_init(bool use_hvc);
/* => 0, or a negative errno: -ENODEV without firmware, -EINVAL, -EEXIST */
int psci_cpu_on(u64 mpidr, phys_addr_t entry, u64 context);
/* Return only if the firmware refuses. */
void psci_system_off(void);
void psci_system_reset(void);
/* major << 16 | minor; 0 without firmware */
u32 psci_version(void);
#endif
