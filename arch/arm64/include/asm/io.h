/* SPDX-License-Identifier: MIT */
/*
 * Device registers. readl and writel are ordered against normal memory: a
 * write comes after the stores before it, a read before the loads after it.
 * The relaxed ones are ordered only against the same device.
 */
#ifndef _ASM_IO_H
#define _ASM_IO_H

#include <lib/types.h>
#include <asm/barrier.h>

#ifndef __iomem
#define __iomem
#endif

#define __IO_ACCESS(size, type, ldr, str, reg)                                 \
	static __always_inline type read##size##_relaxed(                      \
		const volatile void __iomem *p)                                \
	{                                                                      \
		type v;                                                        \
		__asm__ __volatile__(ldr " %" reg "0, [%1]"                    \
				     : "=r"(v)                                 \
				     : "r"(p));                                \
		return v;                                                      \
	}                                                                      \
	static __always_inline void write##size##_relaxed(                     \
		type v, volatile void __iomem *p)                              \
	{                                                                      \
		__asm__ __volatile__(str " %" reg "0, [%1]" ::"rZ"(v),         \
				     "r"(p));                                  \
	}                                                                      \
	static __always_inline type read##size(const volatile void __iomem *p) \
	{                                                                      \
		type v = read##size##_relaxed(p);                              \
                                                                               \
		dmb(oshld);                                                    \
		return v;                                                      \
	}                                                                      \
	static __always_inline void write##size(type v,                        \
						volatile void __iomem *p)      \
	{                                                                      \
		dmb(oshst);                                                    \
		write##size##_relaxed(v, p);                                   \
	}

__IO_ACCESS(b, u8, "ldrb", "strb", "w")
__IO_ACCESS(w, u16, "ldrh", "strh", "w")
__IO_ACCESS(l, u32, "ldr", "str", "w")
__IO_ACCESS(q, u64, "ldr", "str", "x")
#endif
