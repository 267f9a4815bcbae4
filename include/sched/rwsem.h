/* SPDX-License-Identifier: MIT */
/*
 * Sleeping lock for many readers or one writer. First come, first served:
 * a reader that finds somebody waiting waits behind, so writers are not
 * starved; a released lock is handed to the first waiter, and if that is a
 * reader, to all readers up to the next writer.
 *
 *   count:  [ number of readers ... | WAITERS | WRITER ]
 *
 * => process context; a reader must not take it again (a writer may queue
 *    in between); the task that took it releases it
 */
#ifndef _SCHED_RWSEM_H
#define _SCHED_RWSEM_H

#include <asm/atomic.h>
#include <base/spinlock.h>
#include <lib/list.h>
#include <sched/task.h>

#define RWSEM_WRITER  1L
#define RWSEM_WAITERS 2L
#define RWSEM_READER  4L /* one of them */

struct rw_semaphore {
	atomic_long_t count;
	spinlock_t wait_lock;
	struct list_head wait_list; /* wait_lock */
	struct lockdep_map dep;
};

void __init_rwsem(struct rw_semaphore *sem, const char *name,
		  const struct lock_class_key *key);
#define init_rwsem(sem)                                         \
	do {                                                    \
		static const struct lock_class_key __rwsem_key; \
		__init_rwsem(sem, #sem, &__rwsem_key);          \
	} while (0)

/* => 0 or -EINTR */
int __rwsem_wait(struct rw_semaphore *sem, bool write, unsigned int state);
void __rwsem_wake(struct rw_semaphore *sem);

static __always_inline bool __rwsem_take_read(struct rw_semaphore *sem)
{
	long c = atomic_long_read(&sem->count);

	while (likely(!(c & (RWSEM_WRITER | RWSEM_WAITERS)))) {
		long old = cmpxchg_acquire(&sem->count.counter, (s64)c,
					   (s64)(c + RWSEM_READER));

		if (likely(old == c))
			return true;
		c = old;
	}
	return false;
}

static __always_inline bool __rwsem_take_write(struct rw_semaphore *sem)
{
	return cmpxchg_acquire(&sem->count.counter, (s64)0,
			       (s64)RWSEM_WRITER) == 0;
}

static __always_inline int __rwsem_down(struct rw_semaphore *sem, bool write,
					unsigned int state,
					unsigned int subclass)
{
	int err = 0;

	might_sleep();
	lockdep_acquire_nested(&sem->dep, subclass, false, _THIS_IP_);
	if (unlikely(!(write ? __rwsem_take_write(sem) :
			       __rwsem_take_read(sem))))
		err = __rwsem_wait(sem, write, state);
	if (unlikely(err))
		lockdep_release(&sem->dep);
	return err;
}

static inline void down_read(struct rw_semaphore *sem)
{
	__rwsem_down(sem, false, TASK_UNINTERRUPTIBLE, 0);
}

/* => 0 or -EINTR: a fatal signal came first */
static inline int down_read_killable(struct rw_semaphore *sem)
{
	return __rwsem_down(sem, false, TASK_KILLABLE, 0);
}

static inline bool down_read_trylock(struct rw_semaphore *sem)
{
	if (!__rwsem_take_read(sem))
		return false;
	lockdep_acquire(&sem->dep, true, _THIS_IP_);
	return true;
}

static inline void down_write(struct rw_semaphore *sem)
{
	__rwsem_down(sem, true, TASK_UNINTERRUPTIBLE, 0);
}

/* For a second lock of the same class (a child's mm under its parent's). */
static inline void down_write_nested(struct rw_semaphore *sem,
				     unsigned int subclass)
{
	__rwsem_down(sem, true, TASK_UNINTERRUPTIBLE, subclass);
}

static inline int down_write_killable(struct rw_semaphore *sem)
{
	return __rwsem_down(sem, true, TASK_KILLABLE, 0);
}

static inline void up_read(struct rw_semaphore *sem)
{
	s64 now;

	lockdep_release(&sem->dep);
	now = __atomic_sub_fetch(&sem->count.counter, RWSEM_READER,
				 __ATOMIC_RELEASE);
	if (unlikely(now == RWSEM_WAITERS))
		__rwsem_wake(sem);
}

static inline void up_write(struct rw_semaphore *sem)
{
	s64 now;

	lockdep_release(&sem->dep);
	now = __atomic_sub_fetch(&sem->count.counter, RWSEM_WRITER,
				 __ATOMIC_RELEASE);
	if (unlikely(now & RWSEM_WAITERS))
		__rwsem_wake(sem);
}

/* The writer becomes a reader; waiting readers at the head come along. */
static inline void downgrade_write(struct rw_semaphore *sem)
{
	s64 now = __atomic_add_fetch(&sem->count.counter,
				     RWSEM_READER - RWSEM_WRITER,
				     __ATOMIC_RELEASE);

	if (unlikely(now & RWSEM_WAITERS))
		__rwsem_wake(sem);
}

DEFINE_GUARD(rwsem_read, struct rw_semaphore, down_read, up_read)
DEFINE_GUARD(rwsem_write, struct rw_semaphore, down_write, up_write)

#endif
