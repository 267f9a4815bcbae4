// SPDX-License-Identifier: MIT
/*
 * eventfd(2): a number in the kernel. write adds to it, read takes all of it
 * (or 1, as a semaphore) and sleeps while it is 0.
 *
 * Lock: wait.lock guards the count.
 */
#include <fs/eventpoll.h>
#include <fs/poll.h>
#include <fs/pseudo.h>
#include <mm/phys/slab.h>

struct eventfd {
	wait_queue_head_t wait;
	u64 count;
	bool semaphore;
};

/* Sleep for what the caller, who holds wait.lock, will look at again. */
#define eventfd_wait(e, file, condition)                                \
	((file)->f_flags & O_NONBLOCK ? -EAGAIN : ({                    \
		int __err;                                              \
		spin_unlock_irq(&(e)->wait.lock);                       \
		__err = wait_event_interruptible((e)->wait, condition); \
		spin_lock_irq(&(e)->wait.lock);                         \
		__err;                                                  \
	}))

static ssize_t eventfd_read(struct file *file, struct iov_iter *to,
			    loff_t *pos __unused)
{
	struct eventfd *e = file->private_data;
	u64 got = 0;
	int err = 0;

	if (to->count < sizeof(got))
		return -EINVAL;
	spin_lock_irq(&e->wait.lock);
	while (!err && !e->count)
		err = eventfd_wait(e, file, READ_ONCE(e->count));
	if (!err) {
		got = e->semaphore ? 1 : e->count;
		e->count -= got;
		__wake_up_locked(&e->wait, TASK_NORMAL, 0,
				 (void *)(unsigned long)POLLOUT);
	}
	spin_unlock_irq(&e->wait.lock);
	return err ? err : copy_item_to(to, &got, sizeof(got));
}

static ssize_t eventfd_write(struct file *file, struct iov_iter *from,
			     loff_t *pos __unused)
{
	struct eventfd *e = file->private_data;
	u64 n;
	int err = copy_item_from(from, &n, sizeof(n));

	if (!err && n == U64_MAX)
		err = -EINVAL;
	if (err)
		return err;
	spin_lock_irq(&e->wait.lock);
	while (!err && n >= U64_MAX - e->count)
		err = eventfd_wait(e, file, n < U64_MAX - READ_ONCE(e->count));
	if (!err) {
		e->count += n;
		__wake_up_locked(&e->wait, TASK_NORMAL, 0,
				 (void *)(unsigned long)POLLIN);
	}
	spin_unlock_irq(&e->wait.lock);
	return err ? err : (ssize_t)sizeof(n);
}

static poll_t eventfd_poll(struct file *file, struct poll_table *pt)
{
	struct eventfd *e = file->private_data;
	u64 count;

	poll_wait(file, &e->wait, pt);
	count = READ_ONCE(e->count);
	return (count ? POLLIN : 0) | (count < U64_MAX - 1 ? POLLOUT : 0);
}

static int eventfd_release(struct inode *inode __unused, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations eventfd_fops = {
	.read_iter = eventfd_read,
	.write_iter = eventfd_write,
	.llseek = noop_llseek,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

struct file *eventfd_file(u64 count, unsigned int flags)
{
	struct eventfd *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct file *file;

	if (!e)
		return ERR_PTR(-ENOMEM);
	init_waitqueue_head(&e->wait);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	file = pseudo_file(PSEUDO_ANON, "[eventfd]", &eventfd_fops, e,
			   O_RDWR | (flags & O_NONBLOCK));
	if (IS_ERR(file))
		kfree(e);
	return file;
}
