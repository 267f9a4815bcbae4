/* SPDX-License-Identifier: MIT */
/* Per-CPU variables: asm/percpu.h, and making the copies. */
#ifndef _BASE_PERCPU_H
#define _BASE_PERCPU_H

#include <asm/percpu.h>

/*
 * Make a copy of the template for each possible CPU but the boot CPU, which
 * keeps the template itself, so that pointers taken before stay good.
 * => alloc: zeroed or not, never fails; => once, before secondaries start
 */
void setup_per_cpu_areas(void *(*alloc)(size_t size, size_t align));

#endif
