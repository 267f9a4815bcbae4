// SPDX-License-Identifier: MIT
/*
 * The slow ways of mutexes: waiting, and handing over.
 *
 *   owner:  0 --> A --> A|WAITERS --> WAITERS --> C|WAITERS --> B --> 0
 *           lock   B queues      A unlocks,   C was      C unlocks:
 *                                B is woken   quicker    B owns it before it
 *                                                        runs
 *
 * A free lock is for who comes first, so a CPU that runs need not wait for one
 * that must be woken. But the first in the queue is passed over only once.
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
	bool passed_over; /* wait_lock: it was woken, and too late */
	bool granted;	  /* wait_lock */
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
		bool is_free = !(owner & ~MUTEX_WAITERS);

		old = cmpxchg_acquire(&m->owner, owner,
				      is_free ? owner | (unsigned long)current :
						owner | MUTEX_WAITERS);
		if (old == owner)
			return is_free;
		owner = old;
	}
}

static struct mutex_waiter *first_waiter(struct mutex *m)
{
	return list_first_entry_or_null(&m->wait_list, struct mutex_waiter,
					list);
}

static void leave_queue(struct mutex *m, struct mutex_waiter *w)
{
	list_del(&w->list);
	if (list_empty(&m->wait_list))
		__atomic_fetch_and(&m->owner, ~MUTEX_WAITERS, __ATOMIC_RELAXED);
}

/* A signal has come; the wake-up may have, too, and is the next one's then. */
static void give_up(struct mutex *m, struct mutex_waiter *w)
{
	leave_queue(m, w);
	w = first_waiter(m);
	if (w && !(READ_ONCE(m->owner) & ~MUTEX_WAITERS))
		wake_up_process(w->task);
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
			give_up(m, &w);
			err = -EINTR;
			break;
		}
		set_current_state(state);
		spin_unlock(&m->wait_lock);
		schedule();
		spin_lock(&m->wait_lock);
		if (w.granted || first_waiter(m) != &w)
			continue;
		if (take_or_mark(m)) {
			leave_queue(m, &w);
			break;
		}
		w.passed_over = true;
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
	w = first_waiter(m);
	if (w && w->passed_over) {
		list_del(&w->list);
		w->granted = true;
		next = (unsigned long)w->task;
	}
	if (!list_empty(&m->wait_list))
		next |= MUTEX_WAITERS;
	/* The next owner sees what this one did. */
	smp_store_release(&m->owner, next);
	if (w)
		wake_up_process(w->task);
	spin_unlock(&m->wait_lock);
}
