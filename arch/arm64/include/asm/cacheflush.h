/* SPDX-License-Identifier: MIT */
/* Cache maintenance by virtual address. */
#ifndef _ASM_CACHEFLUSH_H
#define _ASM_CACHEFLUSH_H

#include <lib/types.h>

/*
 * [start, start + len) will be executed: clean data to the point of
 * unification, then drop what instruction caches of all CPUs hold.
 * => start: any kernel alias of the memory, mapped
 */
void sync_icache_range(unsigned long start, unsigned long len);

#endif
