// SPDX-License-Identifier: MIT
/*
 * epoll: a set of files that remembers which of them may be ready.
 *
 *   eventpoll                      watched file
 *     items  --tree--> epitem -------> file      (no reference)
 *     ready  --list--> epitem <-list-- f_ep
 *                      waits[] ------> its wait queues
 *
 * A wake-up on a file's queue puts the item on the ready list and wakes one
 * sleeper. That is only a hint: who collects asks each item's file again, as
 * poll would. Level-triggered items go back on the list as long as the answer
 * is yes, edge-triggered ones stay off it until the next wake-up.
 *
 * Nested: an epoll file that is watched by others has no queue entries;
 * becoming ready, it marks the items that watch it, and so on upwards (at
 * most EP_MAX_NESTS, without circles: checked when an item is added).
 *
 * An item does not hold its file open: the last fput of a watched file takes
 * the items away (epoll_forget_file), before the file is released.
 *
 * Locks: ep_mutex guards trees, items and the asking, ep_lock the ready lists
 * and f_ep (interrupts off: wake-ups come from anywhere). One pair for all
 * epolls: nesting would make two of a kind an art.
 */
#include <asm/uaccess.h>
#include <fs/eventpoll.h>
#include <fs/poll.h>
#include <fs/pseudo.h>
#include <mm/phys/slab.h>
#include <sched/sched.h>

#define EPOLLEXCLUSIVE (1U << 28)
#define EPOLLWAKEUP    (1U << 29) /* accepted: nothing is suspended here */
#define EPOLLONESHOT   (1U << 30)
#define EPOLLET	       (1U << 31)
#define EP_PRIVATE     (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)
#define EP_EXCLUSIVE_OK                                                 \
	(POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | \
	 EPOLLEXCLUSIVE)
#define EP_MAX_NESTS 4

struct eventpoll {
	struct rb_root items;	/* (m) by file and number */
	struct list_head ready; /* (l) */
	wait_queue_head_t wq;	/* collectors (exclusive), pollers */
	struct file *file;	/* (c) */
	u64 told;    /* (l) take_count when it last told those above */
	u64 checked; /* (m) check_count when depth was found */
	int depth;   /* (m) */
};

struct ep_wait {
	struct wait_queue_entry wqe;
	struct epitem *item;
	wait_queue_head_t *head;
};

/* Lock key: (m) ep_mutex, (l) ep_lock, (c) constant */
struct epitem {
	struct rb_node node;	 /* (m) */
	struct list_head ready;	 /* (l) empty: not on the list */
	struct hlist_node watch; /* (m)(l) in file->f_ep */
	struct eventpoll *ep;	 /* (c) */
	struct file *file;	 /* (c) */
	int fd;			 /* (c) */
	struct epoll_event ev;	 /* (m), events also (l) */
	unsigned int nr_waits;	 /* (c) */
	struct ep_wait waits[POLL_QUEUES];
};

static DEFINE_MUTEX(ep_mutex);
static DEFINE_SPINLOCK(ep_lock);
static u64 take_count = 1; /* (l) grows when ready lists become shorter */
static u64 check_count;	   /* (m) */
static const struct file_operations eventpoll_fops;

static struct eventpoll *ep_of(const struct file *file)
{
	return file->f_op == &eventpoll_fops ? file->private_data : NULL;
}

/* --- becoming ready --- */

/*
 * ep_lock held. => true: a collector was woken
 * Whoever was told before, and nobody has looked since, knows: so a net of
 * epolls costs its edges, not the ways through it.
 */
static bool mark_ready(struct epitem *item)
{
	struct eventpoll *ep = item->ep;
	struct epitem *up;
	bool woken;

	if (!(item->ev.events & ~EP_PRIVATE))
		return false; /* one shot, and that was fired */
	if (list_empty(&item->ready))
		list_add_tail(&item->ready, &ep->ready);
	if (ep->told == take_count)
		return false;
	ep->told = take_count;
	woken = wq_has_sleeper(&ep->wq);
	if (woken)
		wake_up(&ep->wq);
	hlist_for_each_entry(up, &ep->file->f_ep, watch)
		woken |= mark_ready(up);
	return woken;
}

static int ep_wake(struct wait_queue_entry *wqe, unsigned int mode __unused,
		   int flags __unused, void *key)
{
	struct epitem *item = container_of(wqe, struct ep_wait, wqe)->item;
	bool woken = false;
	unsigned long irq;

	spin_lock_irqsave(&ep_lock, irq);
	if (!key || (unsigned long)key & item->ev.events)
		woken = mark_ready(item);
	spin_unlock_irqrestore(&ep_lock, irq);
	return woken || !(item->ev.events & EPOLLEXCLUSIVE);
}

/* --- asking: ep_mutex held --- */

static poll_t ep_events(struct eventpoll *ep);

static poll_t item_poll(struct epitem *item, struct poll_table *pt)
{
	struct eventpoll *inner = ep_of(item->file);

	return (inner ? ep_events(inner) : vfs_poll(item->file, pt)) &
	       item->ev.events;
}

/*
 * The next item of a list of candidates. From now on a wake-up puts it on
 * the ready list again.
 */
static struct epitem *take_item(struct list_head *todo)
{
	struct epitem *item;

	guard(spinlock_irq)(&ep_lock);
	item = list_first_entry_or_null(todo, struct epitem, ready);
	if (item)
		list_del_init(&item->ready);
	take_count++;
	return item;
}

static void take_ready(struct eventpoll *ep, struct list_head *todo)
{
	guard(spinlock_irq)(&ep_lock);
	list_splice_init(&ep->ready, todo);
	take_count++;
}

static void put_back(struct eventpoll *ep, struct epitem *item)
{
	guard(spinlock_irq)(&ep_lock);
	if (list_empty(&item->ready))
		list_add_tail(&item->ready, &ep->ready);
}

/* What was not looked at comes first the next time. */
static void put_rest(struct eventpoll *ep, struct list_head *todo)
{
	guard(spinlock_irq)(&ep_lock);
	list_splice(todo, &ep->ready);
	if (!list_empty(&ep->ready) && wq_has_sleeper(&ep->wq))
		wake_up(&ep->wq);
}

/* Is anything in it ready? Items that are not leave the list. */
static poll_t ep_events(struct eventpoll *ep)
{
	struct epitem *item;
	poll_t events = 0;
	LIST_HEAD(todo);

	take_ready(ep, &todo);
	while (!events && (item = take_item(&todo))) {
		if (!item_poll(item, NULL))
			continue;
		events = POLLIN | POLLRDNORM;
		spin_lock_irq(&ep_lock);
		if (list_empty(&item->ready))
			list_add(&item->ready, &todo);
		spin_unlock_irq(&ep_lock);
	}
	spin_lock_irq(&ep_lock);
	list_splice(&todo, &ep->ready);
	spin_unlock_irq(&ep_lock);
	return events;
}

static poll_t ep_poll(struct file *file, struct poll_table *pt)
{
	struct eventpoll *ep = file->private_data;

	poll_wait(file, &ep->wq, pt);
	guard(mutex)(&ep_mutex);
	return ep_events(ep);
}

/* --- waiting --- */

/* => events stored, -EFAULT if not even the first could be */
static int collect(struct eventpoll *ep, struct epoll_event *uevents, int max)
{
	struct epitem *item;
	LIST_HEAD(todo);
	int n = 0;

	guard(mutex)(&ep_mutex);
	take_ready(ep, &todo);
	while (n < max && (item = take_item(&todo))) {
		struct epoll_event ev = { .data = item->ev.data };

		ev.events = item_poll(item, NULL);
		if (!ev.events)
			continue;
		if (copy_to_user(&uevents[n], &ev, sizeof(ev))) {
			put_back(ep, item);
			n = n ? n : -EFAULT;
			break;
		}
		n++;
		if (item->ev.events & EPOLLONESHOT)
			item->ev.events &= EP_PRIVATE;
		else if (!(item->ev.events & EPOLLET))
			put_back(ep, item);
	}
	put_rest(ep, &todo);
	return n;
}

int epoll_wait_file(struct file *epfile, struct epoll_event *uevents, int max,
		    u64 timeout)
{
	struct eventpoll *ep = ep_of(epfile);
	DEFINE_WAIT(wait);
	int n;

	if (!ep)
		return -EINVAL;
	for (;;) {
		n = list_empty(&ep->ready) ? 0 : collect(ep, uevents, max);
		if (n || !timeout)
			return n;
		if (signal_pending(current))
			return -EINTR;
		prepare_to_wait_exclusive(&ep->wq, &wait, TASK_INTERRUPTIBLE);
		if (list_empty(&ep->ready))
			timeout = schedule_timeout_ns(timeout);
		finish_wait(&ep->wq, &wait);
	}
}

/* --- the set: ep_mutex held --- */

static bool item_before(const struct epitem *a, const struct file *file, int fd)
{
	return a->file != file ? a->file < file : a->fd < fd;
}

static struct epitem *find_item(struct eventpoll *ep, const struct file *file,
				int fd)
{
	struct rb_node *n = ep->items.rb_node;

	while (n) {
		struct epitem *item = rb_entry(n, struct epitem, node);

		if (item->file == file && item->fd == fd)
			return item;
		n = item_before(item, file, fd) ? n->rb_right : n->rb_left;
	}
	return NULL;
}

static bool item_less(struct rb_node *a, const struct rb_node *b)
{
	const struct epitem *item = rb_entry(b, struct epitem, node);

	return item_before(rb_entry(a, struct epitem, node), item->file,
			   item->fd);
}

struct ep_table {
	struct poll_table pt;
	struct epitem *item;
};

static void queue_item(struct file *file __unused, wait_queue_head_t *wq,
		       struct poll_table *pt)
{
	struct epitem *item = container_of(pt, struct ep_table, pt)->item;
	struct ep_wait *w = &item->waits[item->nr_waits];

	BUG_ON(item->nr_waits == POLL_QUEUES);
	item->nr_waits++;
	init_waitqueue_func_entry(&w->wqe, ep_wake);
	w->item = item;
	w->head = wq;
	if (item->ev.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &w->wqe);
	else
		add_wait_queue(wq, &w->wqe);
}

static void remove_item(struct epitem *item)
{
	while (item->nr_waits) {
		struct ep_wait *w = &item->waits[--item->nr_waits];

		remove_wait_queue(w->head, &w->wqe);
	}
	spin_lock_irq(&ep_lock);
	hlist_del(&item->watch);
	list_del_init(&item->ready);
	spin_unlock_irq(&ep_lock);
	rb_erase(&item->node, &item->ep->items);
	kfree(item);
}

/* New interest: if it is met already, nobody will say so later. */
static void look_at(struct epitem *item, struct poll_table *pt)
{
	if (!item_poll(item, pt))
		return;
	guard(spinlock_irq)(&ep_lock);
	mark_ready(item);
}

/* => levels of epolls below ep, or -ELOOP: top is among them */
static int depth_below(struct eventpoll *ep, const struct eventpoll *top)
{
	struct rb_node *n;
	int depth = 0;

	if (ep == top)
		return -ELOOP;
	if (ep->checked == check_count)
		return ep->depth;
	for (n = rb_first(&ep->items); n; n = rb_next(n)) {
		struct epitem *item = rb_entry(n, struct epitem, node);
		struct eventpoll *inner = ep_of(item->file);
		int d = inner ? depth_below(inner, top) : -1;

		if (d == -ELOOP)
			return d;
		depth = max(depth, d + 1);
	}
	ep->checked = check_count;
	return ep->depth = depth;
}

static int depth_above(struct eventpoll *ep)
{
	struct epitem *item;
	int depth = 0;

	if (ep->checked == check_count)
		return ep->depth;
	hlist_for_each_entry(item, &ep->file->f_ep, watch)
		depth = max(depth, depth_above(item->ep) + 1);
	ep->checked = check_count;
	return ep->depth = depth;
}

static int check_nesting(struct eventpoll *ep, struct file *file)
{
	struct eventpoll *inner = ep_of(file);
	int below;

	if (!inner)
		return 0;
	check_count++;
	below = depth_below(inner, ep);
	if (below < 0)
		return below;
	check_count++;
	return below + depth_above(ep) >= EP_MAX_NESTS ? -ELOOP : 0;
}

static int add_item(struct eventpoll *ep, struct file *file, int fd,
		    const struct epoll_event *ev)
{
	struct ep_table table = { .pt = { .queue = queue_item } };
	struct epitem *item;
	int err = check_nesting(ep, file);

	if (err)
		return err;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	INIT_LIST_HEAD(&item->ready);
	item->ep = ep;
	item->file = file;
	item->fd = fd;
	item->ev = *ev;
	rb_add(&item->node, &ep->items, item_less);
	spin_lock_irq(&ep_lock);
	hlist_add_head(&item->watch, &file->f_ep);
	spin_unlock_irq(&ep_lock);
	table.item = item;
	look_at(item, &table.pt);
	return 0;
}

static int mod_item(struct epitem *item, const struct epoll_event *ev)
{
	if ((item->ev.events | ev->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	spin_lock_irq(&ep_lock);
	item->ev = *ev;
	spin_unlock_irq(&ep_lock);
	look_at(item, NULL);
	return 0;
}

int epoll_ctl_file(struct file *epfile, int op, struct file *file, int fd,
		   const struct epoll_event *uev)
{
	struct eventpoll *ep = ep_of(epfile);
	struct epoll_event ev = {};
	struct epitem *item;
	int err;

	if (!file->f_op->poll)
		return -EPERM;
	if (!ep || file == epfile)
		return -EINVAL;
	if (uev) {
		ev = *uev;
		if (ev.events & EPOLLEXCLUSIVE && op == EPOLL_CTL_ADD &&
		    (ep_of(file) || ev.events & ~EP_EXCLUSIVE_OK))
			return -EINVAL;
		ev.events |= POLLERR | POLLHUP;
	}
	guard(mutex)(&ep_mutex);
	item = find_item(ep, file, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		err = item ? -EEXIST : add_item(ep, file, fd, &ev);
		break;
	case EPOLL_CTL_MOD:
		err = item ? mod_item(item, &ev) : -ENOENT;
		break;
	case EPOLL_CTL_DEL:
		err = item ? 0 : -ENOENT;
		if (item)
			remove_item(item);
		break;
	default:
		err = -EINVAL;
	}
	return err;
}

/* --- the file --- */

void epoll_forget_file(struct file *file)
{
	struct epitem *item;
	struct hlist_node *next;

	guard(mutex)(&ep_mutex);
	hlist_for_each_entry_safe(item, next, &file->f_ep, watch)
		remove_item(item);
}

static int ep_release(struct inode *inode __unused, struct file *file)
{
	struct eventpoll *ep = file->private_data;
	struct rb_node *n;

	mutex_lock(&ep_mutex);
	while ((n = rb_first(&ep->items)))
		remove_item(rb_entry(n, struct epitem, node));
	mutex_unlock(&ep_mutex);
	kfree(ep);
	return 0;
}

static const struct file_operations eventpoll_fops = {
	.llseek = noop_llseek,
	.poll = ep_poll,
	.release = ep_release,
};

struct file *epoll_create_file(void)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL);

	if (!ep)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&ep->ready);
	init_waitqueue_head(&ep->wq);
	ep->file = pseudo_file(PSEUDO_ANON, "[eventpoll]", &eventpoll_fops, ep,
			       O_RDWR);
	if (IS_ERR(ep->file)) {
		struct file *err = ep->file;

		kfree(ep);
		return err;
	}
	return ep->file;
}
