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
#include <lib/bitmap.h>
#include <mm/phys/slab.h>
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
	struct poll_table *pt = e->pt;

	if (key && !((unsigned long)key & e->events))
		return 0;
	smp_wmb(); /* the event before the news of it */
	WRITE_ONCE(pt->triggered, true);
	return try_to_wake_up(pt->task, mode, flags);
}

void poll_initwait(struct poll_table *pt)
{
	pt->task = current;
	pt->queueing = true;
	pt->events = ~0U;
	pt->triggered = false;
	pt->error = 0;
	pt->nr_inline = 0;
	INIT_LIST_HEAD(&pt->pages);
}

static void free_entry(struct poll_table_entry *e)
{
	remove_wait_queue(e->head, &e->wait);
	fput(e->file);
}

void poll_freewait(struct poll_table *pt)
{
	struct poll_table_page *page, *next;
	unsigned int i;

	for (i = 0; i < pt->nr_inline; i++)
		free_entry(&pt->inl[i]);
	list_for_each_entry_safe(page, next, &pt->pages, list) {
		for (i = 0; i < page->nr; i++)
			free_entry(&page->entries[i]);
		free_page((unsigned long)page);
	}
}

static struct poll_table_entry *get_entry(struct poll_table *pt)
{
	struct poll_table_page *page;

	if (pt->nr_inline < POLL_INLINE_ENTRIES)
		return &pt->inl[pt->nr_inline++];
	page = list_first_entry_or_null(&pt->pages, struct poll_table_page,
					list);
	if (!page || page->nr >= ENTRIES_PER_PAGE) {
		page = (void *)__get_free_page(GFP_KERNEL);
		if (!page) {
			pt->error = -ENOMEM;
			return NULL;
		}
		page->nr = 0;
		list_add(&page->list, &pt->pages);
	}
	return &page->entries[page->nr++];
}

void poll_wait(struct file *file, wait_queue_head_t *wq, struct poll_table *pt)
{
	struct poll_table_entry *e;

	if (!pt || !pt->queueing)
		return;
	e = get_entry(pt);
	if (!e)
		return;
	e->pt = pt;
	e->events = pt->events;
	e->head = wq;
	e->file = get_file(file);
	init_waitqueue_func_entry(&e->wait, poll_wake);
	add_wait_queue(wq, &e->wait);
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
		fdput(f);
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
			pt->queueing = false;
		}
		if ((i & 63) == 63)
			cond_resched();
	}
	pt->queueing = false;
	return ready;
}

/* Sleep until triggered. => ns left */
static u64 poll_sleep(struct poll_table *pt, u64 left)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pt->triggered))
		left = schedule_timeout_ns(left);
	__set_current_state(TASK_RUNNING);
	/* Forget the news before asking, not after. */
	WRITE_ONCE(pt->triggered, false);
	smp_mb();
	return left;
}

int do_poll(struct files_struct *files, struct pollfd *fds, unsigned int nfds,
	    s64 timeout_ns, s64 *left_ns)
{
	u64 left = timeout_ns < 0 ? U64_MAX : (u64)timeout_ns;
	struct poll_table pt;
	int ready;

	poll_initwait(&pt);
	if (!left)
		pt.queueing = false;
	for (;;) {
		ready = poll_round(files, fds, nfds, &pt);
		if (ready || !left)
			break;
		if (pt.error || signal_pending(current)) {
			ready = pt.error ? pt.error : -EINTR;
			break;
		}
		left = poll_sleep(&pt, left);
	}
	poll_freewait(&pt);
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
		fdput(f);
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
