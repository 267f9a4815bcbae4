/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: a shared object that the kernel lends to every program, and the
 * page of data before it. vdso/ holds its code, vdso.S the finished image.
 */
#ifndef _ASM_VDSO_H
#define _ASM_VDSO_H

#include <lib/types.h>

#define VDSO_MAX_PAGES	2
#define VDSO_DATA_PAGES 2 /* Linux has a second one for time namespaces */

/*
 * The clocks are straight lines over one counter. All but real_base is
 * written once; that is one aligned word, so that a reader on any CPU sees
 * the old or the new time of day and no reader needs to try again.
 */
struct vdso_data {
	u64 first;     /* the counter when CLOCK_MONOTONIC was 0 */
	u64 mult;      /* ns per tick, times 2^32 */
	u64 tick;      /* ns: the step of the coarse clocks */
	u64 real_base; /* CLOCK_REALTIME at that moment, ns */
};

/* => CLOCK_MONOTONIC, ns; never overflows */
static inline u64 vdso_data_ns(const struct vdso_data *d, u64 count)
{
	return (u64)(((unsigned __int128)(count - d->first) * d->mult) >> 32);
}

/* The object, page-aligned, in rodata. Its e_entry is the sigreturn code. */
extern const char vdso_start[], vdso_end[];
#endif
