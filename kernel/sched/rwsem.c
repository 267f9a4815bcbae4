// SPDX-License-Identifier: MIT
/*
 * The slow ways of read-write semaphores. Who must wait queues in order of
 * arrival; grant() gives the lock to the head of the queue whenever it can:
 *
 *   queue:  R R W R      free:  both readers at the head, W stays
 *           W R R        free:  the writer alone
 *
 * Invariant: RWSEM_WAITERS is set exactly while the queue is not empty
 * (changed under wait_lock). While it is set the quick ways in are closed,
 * so count only falls except by grant(), which may therefore look and then
 * add. Lock: wait_lock, process context; the runqueue's nests inside.
 */
#include <lib/errno.h>
#include <sched/rwsem.h>
#include <sched/sched.h>

struct rwsem_waiter {
	struct list_head list;
	struct task_struct *task;
	bool write;
	bool granted; /* wait_lock */
};

void __init_rwsem(struct rw_semaphore *sem, const char *name,
		  const struct lock_class_key *key)
{
	atomic_long_set(&sem->count, 0);
	spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->wait_list);
	lockdep_init_map(&sem->dep, name, key);
}

static void leave_queue(struct rw_semaphore *sem, struct rwsem_waiter *w)
{
	list_del(&w->list);
	if (list_empty(&sem->wait_list))
		atomic_long_andnot(RWSEM_WAITERS, &sem->count);
}

/* wait_lock held */
static void grant(struct rw_semaphore *sem)
{
	struct rwsem_waiter *w;
	struct task_struct *task;
	long count;

	while (!list_empty(&sem->wait_list)) {
		w = list_first_entry(&sem->wait_list, struct rwsem_waiter,
				     list);
		/* Acquire: the new holder sees what the last one did. */
		count = atomic_long_read_acquire(&sem->count);
		if (count & (w->write ? ~RWSEM_WAITERS : RWSEM_WRITER))
			return;
		atomic_long_add(w->write ? RWSEM_WRITER : RWSEM_READER,
				&sem->count);
		leave_queue(sem, w);
		task = w->task;
		w->granted = true;
		if (task != current)
			wake_up_process(task);
	}
}

int __rwsem_wait(struct rw_semaphore *sem, bool write, unsigned int state)
{
	struct rwsem_waiter w = { .task = current, .write = write };
	int err = 0;

	spin_lock(&sem->wait_lock);
	list_add_tail(&w.list, &sem->wait_list);
	/* From here on who unlocks looks at the queue; who did before, and
	 * did not see us, has left the lock for this grant(). */
	atomic_long_fetch_or(RWSEM_WAITERS, &sem->count);
	grant(sem);
	while (!w.granted) {
		if (signal_pending_state(state, current)) {
			leave_queue(sem, &w);
			/* A writer in front may have kept readers waiting. */
			grant(sem);
			err = -EINTR;
			break;
		}
		set_current_state(state);
		spin_unlock(&sem->wait_lock);
		schedule();
		spin_lock(&sem->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock(&sem->wait_lock);
	return err;
}

void __rwsem_wake(struct rw_semaphore *sem)
{
	spin_lock(&sem->wait_lock);
	grant(sem);
	spin_unlock(&sem->wait_lock);
}
