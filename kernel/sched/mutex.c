// SPDX-License-Identifier: MIT
/*
 * The slow ways of mutexes: waiting, and handing over.
 *
 *   owner:  0 --> A --> A|WAITERS --> B|WAITERS --> B --> 0
 *           lock   B, C queue    A unlocks:     C has left
 *                                B owns it before it runs
 *
 * Invariant: MUTEX_WAITERS is set exactly while the queue is not empty
 * (changed under wait_lock), so the owner's quick unlock fails if somebody
 * waits. Lock: wait_lock, process context only; the runqueue's nests inside.
 */
#include <lib/errno.h>
#include <sched/mutex.h>
#include <sched/sched.h>

struct mutex_waiter {
	struct list_head list;
	struct task_struct *task;
	bool granted; /* wait_lock */
};

void __mutex_init(struct mutex *m, const char *name,
		  const struct lock_class_key *key)
{
	m->owner = 0;
	spin_lock_init(&m->wait_lock);
	INIT_LIST_HEAD(&m->wait_list);
	lockdep_init_map(&m->dep, name, key);
}

/* => true: it was free and is ours; else WAITERS is set. wait_lock held */
static bool take_or_mark(struct mutex *m)
{
	unsigned long owner = READ_ONCE(m->owner), old;

	for (;;) {
		old = cmpxchg_acquire(&m->owner, owner,
				      owner ? owner | MUTEX_WAITERS :
					      (unsigned long)current);
		if (old == owner)
			return owner == 0;
		owner = old;
	}
}

static void leave_queue(struct mutex *m, struct mutex_waiter *w)
{
	list_del(&w->list);
	if (list_empty(&m->wait_list))
		__atomic_fetch_and(&m->owner, ~MUTEX_WAITERS, __ATOMIC_RELAXED);
}

int __mutex_lock_slow(struct mutex *m, unsigned int state)
{
	struct mutex_waiter w = { .task = current };
	int err = 0;

	BUG_ON((READ_ONCE(m->owner) & ~MUTEX_WAITERS) ==
	       (unsigned long)current);
	spin_lock(&m->wait_lock);
	if (take_or_mark(m)) {
		spin_unlock(&m->wait_lock);
		return 0;
	}
	list_add_tail(&w.list, &m->wait_list);
	while (!w.granted) {
		if (signal_pending_state(state, current)) {
			leave_queue(m, &w);
			err = -EINTR;
			break;
		}
		set_current_state(state);
		spin_unlock(&m->wait_lock);
		schedule();
		spin_lock(&m->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock(&m->wait_lock);
	return err;
}

void __mutex_unlock_slow(struct mutex *m)
{
	struct mutex_waiter *w;
	unsigned long next = 0;

	spin_lock(&m->wait_lock);
	BUG_ON((m->owner & ~MUTEX_WAITERS) != (unsigned long)current);
	w = list_first_entry_or_null(&m->wait_list, struct mutex_waiter, list);
	if (w) {
		list_del(&w->list);
		next = (unsigned long)w->task;
		if (!list_empty(&m->wait_list))
			next |= MUTEX_WAITERS;
	}
	/* The next owner sees what this one did. */
	smp_store_release(&m->owner, next);
	if (w) {
		w->granted = true;
		wake_up_process(w->task);
	}
	spin_unlock(&m->wait_lock);
}
