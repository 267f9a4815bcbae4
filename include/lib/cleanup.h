/* SPDX-License-Identifier: MIT */
/*
 * What is undone where its block ends, on whatever way it is left:
 *
 *	guard(spinlock)(&lock);			until the end of the block
 *	struct file *file __free(fput) = fget(files, fd);
 *	struct path path __cleanup(path_put) = {};
 *
 * The last declared is undone first. The value of a return is computed before:
 * with the lock held. There is no goto across a guard.
 */
#ifndef _LIB_CLEANUP_H
#define _LIB_CLEANUP_H

#include <lib/compiler.h>

/* fn gets the address of the variable. */
#define __cleanup(fn) __attribute__((__cleanup__(fn)))

/* A kind of lock for guard(). */
#define DEFINE_GUARD(kind, type, acquire, release)                     \
	typedef type *guard_##kind##_t;                                \
	static __always_inline type *guard_##kind##_begin(type *l)     \
	{                                                              \
		acquire(l);                                            \
		return l;                                              \
	}                                                              \
	static __always_inline void guard_##kind##_end(type *const *l) \
	{                                                              \
		release(*l);                                           \
	}

#define guard(kind)                         \
	guard_##kind##_t __UNIQUE_ID(guard) \
	__unused __cleanup(guard_##kind##_end) = guard_##kind##_begin

/* put(pointer) for __free(name); NULL is left alone. */
#define DEFINE_FREE(name, type, put)                           \
	static __always_inline void __free_##name(void *where) \
	{                                                      \
		type *p = *(type **)where;                     \
                                                               \
		if (p)                                         \
			put(p);                                \
	}

#define __free(name) __cleanup(__free_##name)

#endif
