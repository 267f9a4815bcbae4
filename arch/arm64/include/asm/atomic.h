/* SPDX-License-Identifier: MIT */
/*
 * Atomic integers with Linux's names and orderings: operations that return
 * nothing order nothing; operations that return a value are full barriers,
 * except those named _relaxed, _acquire or _release. "Full" is made of a
 * releasing exclusive pair followed by dmb ish: accesses before cannot sink
 * below the store, accesses after cannot rise above the barrier.
 */
#ifndef _ASM_ATOMIC_H
#define _ASM_ATOMIC_H

#include <lib/types.h>
#include <asm/barrier.h>

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef struct {
	long counter;
} atomic_long_t;

/* clang-format off */
#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }
#define ATOMIC_LONG_INIT(i)	{ (i) }

#define xchg(ptr, val)							\
	__extension__({							\
		__typeof__(*(ptr)) xchg_old =				\
			__atomic_exchange_n(ptr, val, __ATOMIC_RELEASE); \
		smp_mb();						\
		xchg_old;						\
	})

#define __cmpxchg(ptr, old, new, order)					\
	__extension__({							\
		__typeof__(*(ptr)) cmpxchg_old = (old);			\
		__atomic_compare_exchange_n(ptr, &cmpxchg_old, new, false, \
					    order, __ATOMIC_RELAXED);	\
		cmpxchg_old;						\
	})
#define cmpxchg_relaxed(ptr, old, new)					\
	__cmpxchg(ptr, old, new, __ATOMIC_RELAXED)
#define cmpxchg_acquire(ptr, old, new)					\
	__cmpxchg(ptr, old, new, __ATOMIC_ACQUIRE)
#define cmpxchg_release(ptr, old, new)					\
	__cmpxchg(ptr, old, new, __ATOMIC_RELEASE)
#define cmpxchg(ptr, old, new)						\
	__extension__({							\
		__typeof__(*(ptr)) cmpxchg_full =			\
			cmpxchg_release(ptr, old, new);			\
		smp_mb();						\
		cmpxchg_full;						\
	})
/* => true if *ptr was *oldp and is now val; else *oldp is what was there */
#define try_cmpxchg(ptr, oldp, val)					\
	__extension__({							\
		bool try_done = __atomic_compare_exchange_n(ptr, oldp, val, \
							    false,	\
							    __ATOMIC_RELEASE, \
							    __ATOMIC_RELAXED); \
		smp_mb();						\
		try_done;						\
	})

#define ATOMIC_OPS(pre, type, vt)					\
	static __always_inline vt pre##_read(const type *v)		\
	{								\
		return READ_ONCE(v->counter);				\
	}								\
	static __always_inline vt pre##_read_acquire(const type *v)	\
	{								\
		return smp_load_acquire(&v->counter);			\
	}								\
	static __always_inline void pre##_set(type *v, vt i)		\
	{								\
		WRITE_ONCE(v->counter, i);				\
	}								\
	static __always_inline void pre##_add(vt i, type *v)		\
	{								\
		__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);	\
	}								\
	static __always_inline void pre##_sub(vt i, type *v)		\
	{								\
		__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);	\
	}								\
	static __always_inline void pre##_inc(type *v)			\
	{								\
		pre##_add(1, v);					\
	}								\
	static __always_inline void pre##_dec(type *v)			\
	{								\
		pre##_sub(1, v);					\
	}								\
	static __always_inline void pre##_andnot(vt i, type *v)		\
	{								\
		__atomic_fetch_and(&v->counter, ~i, __ATOMIC_RELAXED);	\
	}								\
	static __always_inline vt pre##_fetch_or(vt i, type *v)		\
	{								\
		vt old = __atomic_fetch_or(&v->counter, i, __ATOMIC_RELEASE); \
									\
		smp_mb();						\
		return old;						\
	}								\
	static __always_inline vt pre##_add_return(vt i, type *v)	\
	{								\
		vt now = __atomic_add_fetch(&v->counter, i, __ATOMIC_RELEASE); \
									\
		smp_mb();						\
		return now;						\
	}								\
	static __always_inline vt pre##_inc_return(type *v)		\
	{								\
		return pre##_add_return(1, v);				\
	}								\
	static __always_inline bool pre##_inc_and_test(type *v)		\
	{								\
		return pre##_add_return(1, v) == 0;			\
	}								\
	static __always_inline bool pre##_dec_and_test(type *v)		\
	{								\
		return pre##_add_return(-1, v) == 0;			\
	}								\
	static __always_inline bool pre##_add_negative(vt i, type *v)	\
	{								\
		return pre##_add_return(i, v) < 0;			\
	}								\
	static __always_inline vt pre##_xchg(type *v, vt i)		\
	{								\
		return xchg(&v->counter, i);				\
	}								\
	static __always_inline vt pre##_cmpxchg(type *v, vt old, vt new) \
	{								\
		return cmpxchg(&v->counter, old, new);			\
	}								\
	static __always_inline vt pre##_cmpxchg_relaxed(type *v, vt old, vt new) \
	{								\
		return cmpxchg_relaxed(&v->counter, old, new);		\
	}								\
	/* Add a unless the value is u. => was it something else? */	\
	static __always_inline bool pre##_add_unless(type *v, vt a, vt u) \
	{								\
		vt c = pre##_read(v);					\
									\
		while (c != u && !try_cmpxchg(&v->counter, &c, c + a))	\
			;						\
		return c != u;						\
	}								\
	static __always_inline bool pre##_inc_not_zero(type *v)		\
	{								\
		return pre##_add_unless(v, 1, 0);			\
	}

/* clang-format on */
ATOMIC_OPS(atomic, atomic_t, int)
ATOMIC_OPS(atomic64, atomic64_t, s64)
ATOMIC_OPS(atomic_long, atomic_long_t, long)
#endif
