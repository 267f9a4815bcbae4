/* SPDX-License-Identifier: MIT */
/*
 * What the language lacks: attribute names, arithmetic on sizes and
 * alignments, container_of. The macros that take arguments evaluate each of
 * them once, unless they say so.
 */
#ifndef _LIB_COMPILER_H
#define _LIB_COMPILER_H

#include <lib/const.h>

#define __packed       __attribute__((__packed__))
#define __aligned(n)   __attribute__((__aligned__(n)))
#define __unused       __attribute__((__unused__))
#define __noreturn     __attribute__((__noreturn__))
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#define __section(s)   __attribute__((__section__(s)))
#define __cold	       __attribute__((__cold__))
#define __must_check   __attribute__((__warn_unused_result__))
#define noinline       __attribute__((__noinline__))
#define fallthrough    __attribute__((__fallthrough__))
#undef __always_inline
#define __always_inline inline __attribute__((__always_inline__))

/* The host build predefines these three as nothing. */
#ifndef __init
#define __init	    __section(".init.text") __cold
#define __initdata  __section(".init.data")
#define __initconst __section(".init.rodata")
#endif

#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)
#define unreachable() __builtin_unreachable()
#define barrier()     __asm__ __volatile__("" ::: "memory")

#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define __PASTE_1(a, b)	  a##b
#define __PASTE(a, b)	  __PASTE_1(a, b)
#define __UNIQUE_ID(name) __PASTE(__uid_##name, __COUNTER__)

#define __static_assert(expr, msg, ...) _Static_assert(expr, msg)
#undef static_assert
#define static_assert(expr, ...) __static_assert(expr, ##__VA_ARGS__, #expr)

#undef offsetof
#define offsetof(type, member)	   __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Unlike in Linux the types may differ: -Wsign-compare catches the case that
 * hurts, a signed variable against an unsigned one.
 */
#define __pick(op, a, b, x, y)         \
	__extension__({                \
		__typeof__(a) x = (a); \
		__typeof__(b) y = (b); \
		x op y ? x : y;        \
	})
#define min(a, b)	  __pick(<, a, b, __UNIQUE_ID(x), __UNIQUE_ID(y))
#define max(a, b)	  __pick(>, a, b, __UNIQUE_ID(x), __UNIQUE_ID(y))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define min3(a, b, c)	  min(min(a, b), c)
#define max3(a, b, c)	  max(max(a, b), c)
#define clamp(v, lo, hi)  min(max(v, lo), hi)

#define __swap(a, b, t)                \
	do {                           \
		__typeof__(a) t = (a); \
		(a) = (b);             \
		(b) = t;               \
	} while (0)
#define swap(a, b) __swap(a, b, __UNIQUE_ID(t)) /* places */

/* a: a power of two; the result has the type of x. */
#define __ALIGN_MASK(x, m) (((x) + (m)) & ~(m))
#define ALIGN(x, a)	   __ALIGN_MASK(x, (__typeof__(x))(a)-1)
#define ALIGN_DOWN(x, a)   ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)   (((x) & ((__typeof__(x))(a)-1)) == 0)
#define round_up(x, a)	   ALIGN(x, a)

/* Any divisor n, which is evaluated twice. */
#define DIV_ROUND_UP(x, n) (((x) + (n)-1) / (n))

#define BIT(n)		  (UL(1) << (n))
#define BIT_ULL(n)	  (ULL(1) << (n))
#define GENMASK(h, l)	  ((~UL(0) << (l)) & (~UL(0) >> (63 - (h))))
#define GENMASK_ULL(h, l) ((~ULL(0) << (l)) & (~ULL(0) >> (63 - (h))))

#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)

#endif
