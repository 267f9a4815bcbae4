/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: tasks that sleep until a condition may have become true.
 *
 *	sleeper                          waker
 *	  prepare_to_wait: queue,          make the condition true
 *	    state = INTERRUPTIBLE          wake_up: for each entry, func()
 *	  condition true? -> finish_wait
 *	  schedule()
 *
 * The state is set before the condition is looked at, so a wake-up between
 * the look and schedule() is not lost: it makes the state RUNNING again.
 *
 * Lock: wait_queue_head.lock, taken with interrupts off; the scheduler's
 * runqueue lock nests inside it. wake_up*() may be called in any context
 * that may take it.
 */
#ifndef _SCHED_WAIT_H
#define _SCHED_WAIT_H

#include <base/spinlock.h>
#include <lib/errno.h>
#include <lib/list.h>
#include <sched/sched.h>

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head; /* lock; exclusive entries at the end */
} wait_queue_head_t;

struct wait_queue_entry;

/*
 * Called by wake_up() with the queue's lock held.
 * => nonzero: woke somebody; counts against the number of exclusive ones
 */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wqe,
				 unsigned int mode, int flags, void *key);

#define WQ_FLAG_EXCLUSIVE 0x01

typedef struct wait_queue_entry {
	unsigned int flags;
	void *private; /* the task, for the functions here */
	wait_queue_func_t func;
	struct list_head entry; /* head's lock; empty: not queued */
} wait_queue_entry_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)              \
	{                                                \
		.lock = __SPIN_LOCK_UNLOCKED(name.lock), \
		.head = { &(name).head, &(name).head },  \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)

void __init_waitqueue_head(wait_queue_head_t *wq, const char *name,
			   const struct lock_class_key *key);
#define init_waitqueue_head(wq)                              \
	do {                                                 \
		static const struct lock_class_key __wq_key; \
		__init_waitqueue_head(wq, #wq, &__wq_key);   \
	} while (0)

/* Wakes and takes the entry off the queue. */
int autoremove_wake_function(struct wait_queue_entry *wqe, unsigned int mode,
			     int flags, void *key);

#define DEFINE_WAIT_FUNC(name, function)                   \
	struct wait_queue_entry name = {                   \
		.private = current,                        \
		.func = function,                          \
		.entry = { &(name).entry, &(name).entry }, \
	}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)

static inline void init_waitqueue_func_entry(struct wait_queue_entry *wqe,
					     wait_queue_func_t func)
{
	wqe->flags = 0;
	wqe->private = NULL;
	wqe->func = func;
	INIT_LIST_HEAD(&wqe->entry);
}

/* Without states: for poll and the like. */
void add_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *wqe);
void add_wait_queue_exclusive(wait_queue_head_t *wq,
			      struct wait_queue_entry *wqe);
void remove_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *wqe);

/* => is anybody waiting? Orders the caller's stores before the look. */
static inline bool wq_has_sleeper(wait_queue_head_t *wq)
{
	smp_mb();
	return !list_empty(&wq->head);
}

static inline bool waitqueue_active(wait_queue_head_t *wq)
{
	return !list_empty(&wq->head);
}

void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *wqe,
		     unsigned int state);
void prepare_to_wait_exclusive(wait_queue_head_t *wq,
			       struct wait_queue_entry *wqe,
			       unsigned int state);
/* => 0, or -ERESTARTSYS: a signal is pending, and wqe is not queued */
int prepare_to_wait_event(wait_queue_head_t *wq, struct wait_queue_entry *wqe,
			  unsigned int state);
void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *wqe);

/* Wake all that are not exclusive and nr exclusive ones (0: all). */
void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr, void *key);
/* The same if the caller will sleep at once: prefer its own CPU. */
void __wake_up_sync(wait_queue_head_t *wq, unsigned int mode, int nr,
		    void *key);
/* With wq->lock held. */
void __wake_up_locked(wait_queue_head_t *wq, unsigned int mode, int nr,
		      void *key);

#define wake_up(wq)		      __wake_up(wq, TASK_NORMAL, 1, NULL)
#define wake_up_all(wq)		      __wake_up(wq, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(wq)     __wake_up(wq, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(wq) __wake_up(wq, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(wq) \
	__wake_up_sync(wq, TASK_INTERRUPTIBLE, 1, NULL)
/* key: the poll events that came. */
#define wake_up_poll(wq, events) \
	__wake_up(wq, TASK_NORMAL, 1, (void *)(unsigned long)(events))
#define wake_up_interruptible_poll(wq, events) \
	__wake_up(wq, TASK_INTERRUPTIBLE, 1, (void *)(unsigned long)(events))
#define wake_up_interruptible_sync_poll(wq, events) \
	__wake_up_sync(wq, TASK_INTERRUPTIBLE, 1,   \
		       (void *)(unsigned long)(events))

/*
 * Sleep in `state` until condition; cmd sleeps.
 * => 0 or -ERESTARTSYS
 */
#define ___wait_event(wq, condition, state, excl, cmd)                        \
	__extension__({                                                       \
		int __ret = 0;                                                \
		DEFINE_WAIT(__wait);                                          \
		__wait.flags = (excl) ? WQ_FLAG_EXCLUSIVE : 0;                \
		for (;;) {                                                    \
			__ret = prepare_to_wait_event(&(wq), &__wait, state); \
			if (condition) {                                      \
				__ret = 0;                                    \
				break;                                        \
			}                                                     \
			if (__ret)                                            \
				break;                                        \
			cmd;                                                  \
		}                                                             \
		finish_wait(&(wq), &__wait);                                  \
		__ret;                                                        \
	})

#define __wait_event_state(wq, condition, state, excl)                     \
	__extension__({                                                    \
		int __ret0 = 0;                                            \
		might_sleep();                                             \
		if (!(condition))                                          \
			__ret0 = ___wait_event(wq, condition, state, excl, \
					       schedule());                \
		__ret0;                                                    \
	})
#define wait_event(wq, condition) \
	((void)__wait_event_state(wq, condition, TASK_UNINTERRUPTIBLE, 0))
/* => 0 or -ERESTARTSYS */
#define wait_event_interruptible(wq, condition) \
	__wait_event_state(wq, condition, TASK_INTERRUPTIBLE, 0)
#define wait_event_interruptible_exclusive(wq, condition) \
	__wait_event_state(wq, condition, TASK_INTERRUPTIBLE, 1)
#define wait_event_idle(wq, condition) /* of kernel threads: it is no load */ \
	((void)__wait_event_state(wq, condition, TASK_IDLE, 0))

#define __wait_event_timeout(wq, condition, ns, state)                        \
	__extension__({                                                       \
		u64 __left = (ns);                                            \
		s64 __ret0 = 0;                                               \
		bool __done = (condition);                                    \
		might_sleep();                                                \
		if (!__done)                                                  \
			__ret0 = ___wait_event(                               \
				wq, (__done = (condition)) || !__left, state, \
				0, __left = schedule_timeout_ns(__left));     \
		if (!__ret0)                                                  \
			__ret0 = !__done ? 0 :                                \
					   (s64)(__left > S64_MAX ?           \
							 (u64)S64_MAX :       \
						 __left ? __left :            \
							  1);                 \
		__ret0;                                                       \
	})
/*
 * ns: how long at most; U64_MAX: for ever.
 * => s64: ns left, at least 1: the condition is true; 0: time is up, it is
 *    not; -ERESTARTSYS (not by wait_event_timeout)
 */
#define wait_event_timeout(wq, condition, ns) \
	__wait_event_timeout(wq, condition, ns, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_timeout(wq, condition, ns) \
	__wait_event_timeout(wq, condition, ns, TASK_INTERRUPTIBLE)
#define wait_event_idle_timeout(wq, condition, ns) \
	__wait_event_timeout(wq, condition, ns, TASK_IDLE)

/*
 * Woken once something was logged: by the tick or on the way to idle, since
 * printk itself may be called where waking is not possible.
 */
extern wait_queue_head_t log_wait;

#endif
