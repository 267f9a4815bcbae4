// SPDX-License-Identifier: MIT
/*
 * poll and select: ask every file, and if none is ready, sleep until a wait
 * queue of one of them is woken; then ask again.
 *
 * The first round puts an entry on each queue before the file is asked, so a
 * wakeup that comes after the answer finds the entry: it sets `triggered`,
 * and the poller does not go to sleep. No lock but the queues' own.
 */
#include <asm/barrier.h>
#include <asm/current.h>
#include <base/bug.h>
#include <fs/fdtable.h>
#include <fs/poll.h>
#include <mm/phys/vmalloc.h>

#define ENTRIES_PER_PAGE                                \
	((PAGE_SIZE - sizeof(struct poll_table_page)) / \
	 sizeof(struct poll_table_entry))

#define EVENTS_IN  (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define EVENTS_OUT (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)

static int poll_wake(struct wait_queue_entry *wait, unsigned int mode,
		     int flags, void *key)
{
	struct poll_table_entry *e =
		container_of(wait, struct poll_table_entry, wait);
	struct poll_wqueues *pwq = e->pwq;

	if (key && !((unsigned long)key & e->events))
		return 0;
	smp_wmb(); /* the event before the news of it */
	WRITE_ONCE(pwq->triggered, true);
	return try_to_wake_up(pwq->task, mode, flags);
}

static void free_entry(struct poll_table_entry *e)
{
	remove_wait_queue(e->head, &e->wait);
	fput(e->file);
}

void poll_freewait(struct poll_wqueues *pwq)
{
	struct poll_table_page *page, *next;
	unsigned int i;

	for (i = 0; i < pwq->nr_inline; i++)
		free_entry(&pwq->inl[i]);
	list_for_each_entry_safe(page, next, &pwq->pages, list) {
		for (i = 0; i < page->nr; i++)
			free_entry(&page->entries[i]);
		free_page((unsigned long)page);
	}
}

static struct poll_table_entry *get_entry(struct poll_wqueues *pwq)
{
	struct poll_table_page *page;

	if (pwq->nr_inline < POLL_INLINE_ENTRIES)
		return &pwq->inl[pwq->nr_inline++];
	page = list_first_entry_or_null(&pwq->pages, struct poll_table_page,
					list);
	if (!page || page->nr >= ENTRIES_PER_PAGE) {
		page = (void *)__get_free_page(GFP_KERNEL);
		if (!page) {
			pwq->error = -ENOMEM;
			return NULL;
		}
		page->nr = 0;
		list_add(&page->list, &pwq->pages);
	}
	return &page->entries[page->nr++];
}

static void queue_entry(struct file *file, wait_queue_head_t *wq,
			struct poll_table *pt)
{
	struct poll_wqueues *pwq = container_of(pt, struct poll_wqueues, pt);
	struct poll_table_entry *e = get_entry(pwq);

	if (!e)
		return;
	e->pwq = pwq;
	e->events = pt->events;
	e->head = wq;
	e->file = get_file(file);
	init_waitqueue_func_entry(&e->wait, poll_wake);
	add_wait_queue(wq, &e->wait);
}

void poll_initwait(struct poll_wqueues *pwq)
{
	pwq->pt.queue = queue_entry;
	pwq->pt.events = ~0U;
	pwq->task = current;
	pwq->triggered = false;
	pwq->error = 0;
	pwq->nr_inline = 0;
	INIT_LIST_HEAD(&pwq->pages);
}

poll_t vfs_poll(struct file *file, struct poll_table *pt)
{
	if (!file->f_op->poll)
		return DEFAULT_POLLMASK;
	return file->f_op->poll(file, pt);
}

/* => is it ready? */
static bool poll_one(struct files_struct *files, struct pollfd *pfd,
		     struct poll_table *pt)
{
	poll_t mask = POLLNVAL;
	struct fd f;

	pfd->revents = 0;
	if (pfd->fd < 0)
		return false;
	f = fdget(files, (unsigned int)pfd->fd);
	if (f.file) {
		pt->events = (unsigned short)pfd->events | POLLERR | POLLHUP;
		mask = vfs_poll(f.file, pt) & pt->events;
		fdput(&f);
	}
	pfd->revents = (short)mask;
	return mask != 0;
}

static int poll_round(struct files_struct *files, struct pollfd *fds,
		      unsigned int nfds, struct poll_table *pt)
{
	unsigned int i;
	int ready = 0;

	for (i = 0; i < nfds; i++) {
		if (poll_one(files, &fds[i], pt)) {
			ready++;
			pt->queue = NULL;
		}
		if ((i & 63) == 63)
			cond_resched();
	}
	pt->queue = NULL;
	return ready;
}

/* Sleep until triggered. => ns left */
static u64 poll_sleep(struct poll_wqueues *pwq, u64 left)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pwq->triggered))
		left = schedule_timeout_ns(left);
	__set_current_state(TASK_RUNNING);
	/* Forget the news before asking, not after. */
	WRITE_ONCE(pwq->triggered, false);
	smp_mb();
	return left;
}

int do_poll(struct files_struct *files, struct pollfd *fds, unsigned int nfds,
	    s64 timeout_ns, s64 *left_ns)
{
	u64 left = timeout_ns < 0 ? U64_MAX : (u64)timeout_ns;
	struct poll_wqueues pwq;
	int ready;

	poll_initwait(&pwq);
	if (!left)
		pwq.pt.queue = NULL;
	for (;;) {
		ready = poll_round(files, fds, nfds, &pwq.pt);
		if (ready || !left)
			break;
		if (pwq.error || signal_pending(current)) {
			ready = pwq.error ? pwq.error : -EINTR;
			break;
		}
		left = poll_sleep(&pwq, left);
	}
	poll_freewait(&pwq);
	if (left_ns)
		*left_ns = timeout_ns < 0 ? timeout_ns : (s64)left;
	return ready;
}

/* --- select: the same with bitmaps --- */

static bool bit_in(const unsigned long *map, unsigned int fd)
{
	return map && test_bit(fd, map);
}

/* The set bits as pollfds. => their number, -EBADF */
static int select_to_poll(struct files_struct *files, struct pollfd *fds,
			  unsigned int nfds, const unsigned long *in,
			  const unsigned long *out, const unsigned long *ex)
{
	unsigned int fd;
	struct fd f;
	int n = 0;

	for (fd = 0; fd < nfds; fd++) {
		poll_t events = (bit_in(in, fd) ? EVENTS_IN : 0) |
				(bit_in(out, fd) ? EVENTS_OUT : 0) |
				(bit_in(ex, fd) ? POLLPRI : 0);

		if (!events)
			continue;
		f = fdget(files, fd);
		if (!f.file)
			return -EBADF;
		fdput(&f);
		fds[n].fd = (int)fd;
		fds[n].events = (short)events;
		n++;
	}
	return n;
}

static int set_result(unsigned long *map, const struct pollfd *p, poll_t mask)
{
	if (!map || !test_bit((unsigned long)p->fd, map))
		return 0;
	if ((unsigned short)p->revents & mask)
		return 1;
	__clear_bit((unsigned long)p->fd, map);
	return 0;
}

int do_select(struct files_struct *files, unsigned int nfds, unsigned long *in,
	      unsigned long *out, unsigned long *ex, s64 timeout_ns,
	      s64 *left_ns)
{
	struct pollfd *fds = NULL;
	int n, i, ret, bits = 0;

	if (nfds) {
		fds = kvmalloc(nfds * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	n = select_to_poll(files, fds, nfds, in, out, ex);
	ret = n;
	if (n >= 0)
		ret = do_poll(files, fds, (unsigned int)n, timeout_ns, left_ns);
	for (i = 0; ret >= 0 && i < n; i++) {
		bits += set_result(in, &fds[i], EVENTS_IN);
		bits += set_result(out, &fds[i], EVENTS_OUT);
		bits += set_result(ex, &fds[i], POLLPRI);
	}
	kvfree(fds);
	return ret < 0 ? ret : bits;
}
