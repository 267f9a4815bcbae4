/* SPDX-License-Identifier: MIT */
/* Between smp.c and irq.c. */
#ifndef _KERNEL_BASE_IPI_H
#define _KERNEL_BASE_IPI_H

#include <base/smp.h>

/* => false: there is no interrupt controller yet */
bool send_ipi(u64 cpus, enum ipi_type ipi);

#endif
