/* SPDX-License-Identifier: MIT */
/*
 * Proof of lock order, in the debug build: every lock belongs to a class
 * (the place where it is initialised); taking B while A is held records
 * "A before B"; a circle among these records is a deadlock that may happen
 * some day, and is reported the first time it could. So is a class that an
 * interrupt handler takes while others hold it with interrupts on.
 *
 * Otherwise a lockdep_map is empty and all of this costs nothing.
 */
#ifndef _BASE_LOCKDEP_H
#define _BASE_LOCKDEP_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <base/config.h>

#define LOCKDEP_MAX_HELD     32
#define LOCKDEP_MAX_SUBCLASS 4

/* Its address names the class; one static object for each init site. */
struct lock_class_key {
	char dummy;
};

/* What the debug build knows of a lock. */
struct lockdep_data {
	const struct lock_class_key *key; /* NULL: the lock's own address */
	const char *name;
	unsigned short class_idx[LOCKDEP_MAX_SUBCLASS]; /* 0: not yet known */
};

struct lockdep_map {
	struct lockdep_data data[CONFIG_DEBUG];
};

#if CONFIG_DEBUG
#define LOCKDEP_MAP_INIT(lockname)                \
	{                                         \
		.data = { { .name = #lockname } } \
	}
#else
#define LOCKDEP_MAP_INIT(lockname) \
	{                          \
	}
#endif

struct held_lock {
	struct lockdep_map *map;
	unsigned long ip;
	unsigned short class_idx;
	bool in_irq;
};

/* The locks a task (or the interrupts of a CPU) holds, oldest first. */
struct lockdep_held {
	unsigned int depth;
	struct held_lock lock[LOCKDEP_MAX_HELD];
};

#define _RET_IP_ ((unsigned long)__builtin_return_address(0))
#define _THIS_IP_                        \
	__extension__({                  \
		__label__ __here;        \
__here:                                  \
		(unsigned long)&&__here; \
	})

void __lockdep_init_map(struct lockdep_map *map, const char *name,
			const struct lock_class_key *key);
void __lockdep_acquire(struct lockdep_map *map, unsigned int subclass,
		       bool trylock, unsigned long ip);
void __lockdep_release(struct lockdep_map *map, unsigned long ip);
bool __lockdep_is_held(const struct lockdep_map *map);

static __always_inline void lockdep_init_map(struct lockdep_map *map,
					     const char *name,
					     const struct lock_class_key *key)
{
	if (CONFIG_DEBUG)
		__lockdep_init_map(map, name, key);
}

/*
 * Say that the lock is being taken (before waiting for it, so that the
 * report comes before the deadlock) or, with trylock, was taken.
 * => subclass: tells apart nested locks of one class; 0 otherwise
 */
static __always_inline void lockdep_acquire_nested(struct lockdep_map *map,
						   unsigned int subclass,
						   bool trylock,
						   unsigned long ip)
{
	if (CONFIG_DEBUG)
		__lockdep_acquire(map, subclass, trylock, ip);
}

static __always_inline void lockdep_acquire(struct lockdep_map *map,
					    bool trylock, unsigned long ip)
{
	lockdep_acquire_nested(map, 0, trylock, ip);
}

static __always_inline void lockdep_release(struct lockdep_map *map)
{
	if (CONFIG_DEBUG)
		__lockdep_release(map, _THIS_IP_);
}

/* => true if the caller holds it, or if nobody keeps account */
static __always_inline bool lockdep_is_held(const struct lockdep_map *map)
{
	return !CONFIG_DEBUG || __lockdep_is_held(map);
}

/* For anything with a `dep`: spinlock_t, struct mutex, struct rw_semaphore. */
#define lockdep_assert_held(l) \
	__lockdep_assert_held(&(l)->dep, __FILE__, __LINE__)

void lockdep_not_held(const struct lockdep_map *map, const char *file,
		      int line) __noreturn;

static __always_inline void __lockdep_assert_held(const struct lockdep_map *map,
						  const char *file, int line)
{
	if (CONFIG_DEBUG && !__lockdep_is_held(map))
		lockdep_not_held(map, file, line);
}

/* Report and panic if current still holds a lock (on return to user mode). */
void lockdep_assert_none_held(const char *where);
/* Print the locks that current holds. */
void lockdep_show_held(void);

/*
 * What to do with a report: NULL prints it and panics. A test sets its own,
 * which gets the text; the order that was objected to is then forgotten.
 */
extern void (*lockdep_report_hook)(const char *what);

#endif
