/* SPDX-License-Identifier: MIT */
/*
 * Waiting for several files at once. A file's poll operation names its wait
 * queues with poll_wait() and returns what is ready now; the poller is on all
 * the queues before it looks, so no event is lost.
 *
 *	do_poll -> file->f_op->poll -> poll_wait(queue) -> entry on the queue
 *	wake_up(queue) -> entry's callback: triggered = true, wake the poller
 */
#ifndef _FS_POLL_H
#define _FS_POLL_H

#include <lib/list.h>
#include <lib/types.h>
#include <sched/wait.h>

#define POLLIN		 0x0001u
#define POLLPRI		 0x0002u
#define POLLOUT		 0x0004u
#define POLLERR		 0x0008u
#define POLLHUP		 0x0010u
#define POLLNVAL	 0x0020u
#define POLLRDNORM	 0x0040u
#define POLLRDBAND	 0x0080u
#define POLLWRNORM	 0x0100u
#define POLLWRBAND	 0x0200u
#define POLLRDHUP	 0x2000u
#define DEFAULT_POLLMASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

typedef unsigned int poll_t;

struct file;
struct files_struct;
struct task_struct;

struct pollfd { /* as in user space */
	int fd;
	short events;
	short revents;
};

/*
 * What a poll operation gets: how to be told later (NULL: just asking). An
 * operation names at most POLL_QUEUES queues, which live as long as its file.
 */
#define POLL_QUEUES 2

struct poll_table {
	void (*queue)(struct file *file, wait_queue_head_t *wq,
		      struct poll_table *pt);
	poll_t events; /* of interest, for the queue entry */
};

/* Called by a file's poll operation; pt may be NULL (ask only). */
static inline void poll_wait(struct file *file, wait_queue_head_t *wq,
			     struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(file, wq, pt);
}

#define POLL_INLINE_ENTRIES 8

struct poll_table_entry {
	struct wait_queue_entry wait;
	struct poll_wqueues *pwq;
	poll_t events; /* that are of interest */
	wait_queue_head_t *head;
	struct file *file; /* referenced */
};

struct poll_table_page {
	struct list_head list;
	unsigned int nr;
	struct poll_table_entry entries[];
};

/* Lives on the poller's stack: owned by the task, triggered by anybody. */
struct poll_wqueues {
	struct poll_table pt;
	struct task_struct *task;
	bool triggered;
	int error; /* -ENOMEM: an entry is missing */
	unsigned int nr_inline;
	struct list_head pages;
	struct poll_table_entry inl[POLL_INLINE_ENTRIES];
};

void poll_initwait(struct poll_wqueues *pwq);
void poll_freewait(struct poll_wqueues *pwq);
/* => ready events; DEFAULT_POLLMASK for files that have no poll operation */
poll_t vfs_poll(struct file *file, struct poll_table *pt);

/*
 * poll(2) on fds already in kernel memory; revents are filled in.
 * => timeout_ns < 0: forever, 0: only look
 * => number of ready entries, 0 after the timeout, -EINTR by a signal, -ENOMEM
 * => *left_ns, if not NULL: what was left of the timeout
 */
int do_poll(struct files_struct *files, struct pollfd *fds, unsigned int nfds,
	    s64 timeout_ns, s64 *left_ns);

/*
 * select(2) on kernel bitmaps of nfds bits; in, out, ex (any may be NULL) are
 * replaced by the results.
 * => number of bits set, or -EBADF, -EINTR, -ENOMEM
 */
int do_select(struct files_struct *files, unsigned int nfds, unsigned long *in,
	      unsigned long *out, unsigned long *ex, s64 timeout_ns,
	      s64 *left_ns);

#endif
