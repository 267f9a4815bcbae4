// SPDX-License-Identifier: MIT
/*
 * Wait queues and completions; see sched/wait.h for the protocol.
 * Lock: the queue's own, interrupts off, because interrupt handlers wake.
 */
#include <sched/completion.h>
#include <sched/wait.h>
#include "rq.h"

void __init_waitqueue_head(wait_queue_head_t *wq, const char *name,
			   const struct lock_class_key *key)
{
	wq->lock.raw = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED;
	lockdep_init_map(&wq->lock.dep, name, key);
	INIT_LIST_HEAD(&wq->head);
}

static void add_entry(wait_queue_head_t *wq, struct wait_queue_entry *wqe)
{
	if (wqe->flags & WQ_FLAG_EXCLUSIVE)
		list_add_tail(&wqe->entry, &wq->head);
	else
		list_add(&wqe->entry, &wq->head);
}

void add_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *wqe)
{
	unsigned long flags;

	wqe->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	add_entry(wq, wqe);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void add_wait_queue_exclusive(wait_queue_head_t *wq,
			      struct wait_queue_entry *wqe)
{
	unsigned long flags;

	wqe->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	add_entry(wq, wqe);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *wqe)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&wqe->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

int prepare_to_wait_event(wait_queue_head_t *wq, struct wait_queue_entry *wqe,
			  unsigned int state)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&wq->lock, flags);
	if (unlikely(signal_pending_state(state, current))) {
		list_del_init(&wqe->entry);
		err = -ERESTARTSYS;
	} else {
		if (list_empty(&wqe->entry))
			add_entry(wq, wqe);
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return err;
}

static void prepare(wait_queue_head_t *wq, struct wait_queue_entry *wqe,
		    unsigned int state)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&wqe->entry))
		add_entry(wq, wqe);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *wqe,
		     unsigned int state)
{
	wqe->flags &= ~(unsigned int)WQ_FLAG_EXCLUSIVE;
	prepare(wq, wqe, state);
}

void prepare_to_wait_exclusive(wait_queue_head_t *wq,
			       struct wait_queue_entry *wqe, unsigned int state)
{
	wqe->flags |= WQ_FLAG_EXCLUSIVE;
	prepare(wq, wqe, state);
}

void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *wqe)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/*
	 * The entry may go out of scope now, so the waker must be done with
	 * it. Its last store is the one that is looked at here; if that is
	 * seen, the lock can be spared.
	 */
	if (smp_load_acquire(&wqe->entry.next) == &wqe->entry)
		return;
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&wqe->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

int autoremove_wake_function(struct wait_queue_entry *wqe, unsigned int mode,
			     int flags, void *key)
{
	(void)key;
	if (!try_to_wake_up(wqe->private, mode, flags))
		return 0;
	list_del(&wqe->entry);
	wqe->entry.prev = &wqe->entry;
	/* Pairs with finish_wait(), which may free the entry when it sees it. */
	smp_store_release(&wqe->entry.next, &wqe->entry);
	return 1;
}

static void wake_locked(wait_queue_head_t *wq, unsigned int mode, int nr,
			int flags, void *key)
{
	struct wait_queue_entry *wqe, *n;
	bool exclusive;

	list_for_each_entry_safe(wqe, n, &wq->head, entry) {
		/* After func the entry may be gone. */
		exclusive = wqe->flags & WQ_FLAG_EXCLUSIVE;
		if (wqe->func(wqe, mode, flags, key) && exclusive && !--nr)
			break;
	}
}

void __wake_up_locked(wait_queue_head_t *wq, unsigned int mode, int nr,
		      void *key)
{
	lockdep_assert_held(&wq->lock);
	wake_locked(wq, mode, nr, 0, key);
}

/*
 * The woken first want the queue's lock, to take their entries off it: on
 * another CPU they start only after it is free.
 */
static unsigned long lock_to_wake(wait_queue_head_t *wq)
{
	unsigned long flags;

	local_irq_save(flags);
	kicks_hold();
	spin_lock(&wq->lock);
	return flags;
}

static void unlock_and_kick(wait_queue_head_t *wq, unsigned long flags)
{
	/* From here on a woken one may free the queue. */
	spin_unlock(&wq->lock);
	kicks_release();
	local_irq_restore(flags);
}

void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr, void *key)
{
	unsigned long flags = lock_to_wake(wq);

	wake_locked(wq, mode, nr, 0, key);
	unlock_and_kick(wq, flags);
}

void __wake_up_sync(wait_queue_head_t *wq, unsigned int mode, int nr, void *key)
{
	unsigned long flags = lock_to_wake(wq);

	wake_locked(wq, mode, nr, WF_SYNC, key);
	unlock_and_kick(wq, flags);
}

/* ---- Completions ---- */

void complete(struct completion *c)
{
	unsigned long flags = lock_to_wake(&c->wait);

	c->done++;
	__wake_up_locked(&c->wait, TASK_NORMAL, 1, NULL);
	unlock_and_kick(&c->wait, flags);
}

/*
 * The count is looked at under the lock only: when this returns, complete()
 * has let go of *c. => ns left, at least 1; 0: timed out; or -ERESTARTSYS
 */
static s64 wait_common(struct completion *c, unsigned int state, u64 ns)
{
	DEFINE_WAIT(wait);
	s64 ret = 0;

	might_sleep();
	wait.flags = WQ_FLAG_EXCLUSIVE;
	spin_lock_irq(&c->wait.lock);
	while (!c->done) {
		if (signal_pending_state(state, current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (!ns)
			break;
		if (list_empty(&wait.entry))
			add_entry(&c->wait, &wait);
		__set_current_state(state);
		spin_unlock_irq(&c->wait.lock);
		ns = schedule_timeout_ns(ns);
		spin_lock_irq(&c->wait.lock);
	}
	list_del_init(&wait.entry);
	__set_current_state(TASK_RUNNING);
	if (c->done) {
		c->done--;
		ret = (s64)clamp(ns, 1ULL, (u64)S64_MAX);
	}
	spin_unlock_irq(&c->wait.lock);
	return ret;
}

void wait_for_completion(struct completion *c)
{
	wait_common(c, TASK_UNINTERRUPTIBLE, U64_MAX);
}

int wait_for_completion_killable(struct completion *c)
{
	s64 ret = wait_common(c, TASK_KILLABLE, U64_MAX);

	return ret < 0 ? (int)ret : 0;
}

u64 wait_for_completion_timeout(struct completion *c, u64 ns)
{
	return (u64)wait_common(c, TASK_UNINTERRUPTIBLE, ns);
}
