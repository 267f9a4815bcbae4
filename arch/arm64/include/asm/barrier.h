/* SPDX-License-Identifier: MIT */
/* Memory barriers. Who observes what is said where one is used. */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <lib/compiler.h>

#define isb()	    __asm__ __volatile__("isb" ::: "memory")
#define dsb(opt)    __asm__ __volatile__("dsb " #opt ::: "memory")
#define dmb(opt)    __asm__ __volatile__("dmb " #opt ::: "memory")
#define wfe()	    __asm__ __volatile__("wfe" ::: "memory")
#define wfi()	    __asm__ __volatile__("wfi" ::: "memory")
#define cpu_relax() __asm__ __volatile__("yield" ::: "memory")

/* Against other CPUs. */
#define smp_mb()  dmb(ish)
#define smp_rmb() dmb(ishld)
#define smp_wmb() dmb(ishst)

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_store_mb(var, v)        \
	do {                        \
		WRITE_ONCE(var, v); \
		smp_mb();           \
	} while (0)
#endif
