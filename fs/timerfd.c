// SPDX-License-Identifier: MIT
/*
 * timerfd(2): a timer that is read. The timer's interrupt only says that the
 * time has come; how many periods have passed is reckoned by whoever reads.
 *
 * Lock: wait.lock guards next and interval.
 */
#include <base/clock.h>
#include <fs/eventpoll.h>
#include <fs/poll.h>
#include <fs/pseudo.h>
#include <mm/phys/slab.h>
#include <sched/timer.h>

struct timerfd {
	wait_queue_head_t wait;
	struct timer timer;
	u64 next;     /* ns, monotonic, not yet read; 0: off */
	u64 interval; /* ns; 0: once */
	bool realtime;
};

static const struct file_operations timerfd_fops;

static bool is_due(const struct timerfd *t)
{
	u64 next = READ_ONCE(t->next);

	return next && next <= ktime_get_ns();
}

static void timerfd_fired(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);

	wake_up_poll(&t->wait, POLLIN);
}

/* wait.lock held: periods that have passed and were not read; they are now */
static u64 take_periods(struct timerfd *t)
{
	u64 n = 1, now = ktime_get_ns();

	if (!t->next || t->next > now)
		return 0;
	if (t->interval) {
		n += (now - t->next) / t->interval;
		t->next += n * t->interval;
		mod_timer_ns(&t->timer, t->next);
	} else {
		t->next = 0;
	}
	return n;
}

static ssize_t timerfd_read(struct file *file, struct iov_iter *to,
			    loff_t *pos __unused)
{
	struct timerfd *t = file->private_data;
	u64 n;
	int err;

	if (to->count < sizeof(n))
		return -EINVAL;
	for (;;) {
		spin_lock_irq(&t->wait.lock);
		n = take_periods(t);
		spin_unlock_irq(&t->wait.lock);
		if (n)
			return copy_item_to(to, &n, sizeof(n));
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(t->wait, is_due(t));
		if (err)
			return err;
	}
}

static poll_t timerfd_poll(struct file *file, struct poll_table *pt)
{
	struct timerfd *t = file->private_data;

	poll_wait(file, &t->wait, pt);
	return is_due(t) ? POLLIN : 0;
}

static int timerfd_release(struct inode *inode __unused, struct file *file)
{
	struct timerfd *t = file->private_data;

	del_timer_sync(&t->timer);
	kfree(t);
	return 0;
}

static const struct file_operations timerfd_fops = {
	.read_iter = timerfd_read,
	.llseek = noop_llseek,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

struct file *timerfd_file(bool realtime, unsigned int flags)
{
	struct timerfd *t = kzalloc(sizeof(*t), GFP_KERNEL);
	struct file *file;

	if (!t)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&t->wait);
	timer_setup(&t->timer, timerfd_fired);
	t->realtime = realtime;
	file = pseudo_file(PSEUDO_ANON, "[timerfd]", &timerfd_fops, t,
			   O_RDWR | (flags & O_NONBLOCK));
	if (IS_ERR(file))
		kfree(t);
	return file;
}

/* wait.lock held */
static void read_setting(const struct timerfd *t, struct timerfd_setting *s)
{
	u64 now = ktime_get_ns(), next = t->next;

	s->interval = t->interval;
	/* of a period that has passed, the next one is what is left */
	if (next && next <= now && t->interval)
		next += ((now - next) / t->interval + 1) * t->interval;
	s->value = next > now ? next - now : 0;
}

int timerfd_set(struct file *file, const struct timerfd_setting *new,
		bool absolute, struct timerfd_setting *old)
{
	struct timerfd *t = file->private_data;
	u64 now = ktime_get_ns(), next = new->value, offset = 0;

	if (file->f_op != &timerfd_fops)
		return -EINVAL;
	if (absolute && t->realtime)
		offset = ktime_get_real_ns() - now;
	if (next)
		next = absolute ? (next > offset ? next - offset : 1) :
				  min(now + next, (u64)S64_MAX);
	guard(spinlock_irq)(&t->wait.lock);
	read_setting(t, old);
	t->interval = new->interval;
	WRITE_ONCE(t->next, next);
	if (next)
		mod_timer_ns(&t->timer, next);
	else
		del_timer(&t->timer);
	return 0;
}

int timerfd_get(struct file *file, struct timerfd_setting *now)
{
	struct timerfd *t = file->private_data;

	if (file->f_op != &timerfd_fops)
		return -EINVAL;
	guard(spinlock_irq)(&t->wait.lock);
	read_setting(t, now);
	return 0;
}
