/* SPDX-License-Identifier: MIT */
/* Barriers for host tests, which have one thread. */
#ifndef _HOST_ASM_BARRIER_H
#define _HOST_ASM_BARRIER_H

#define smp_mb()		barrier()
#define smp_rmb()		barrier()
#define smp_wmb()		barrier()
#define smp_load_acquire(p)	READ_ONCE(*(p))
#define smp_store_release(p, v) WRITE_ONCE(*(p), v)

#endif
