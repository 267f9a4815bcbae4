// SPDX-License-Identifier: MIT
/*
 * /dev/kmsg: the kernel's log as a file. Each read returns one record, each
 * write makes one. Every open file has its own place in the log.
 */
#include <base/printk.h>
#include <fs/poll.h>
#include <lib/kstrtox.h>
#include <mm/phys/slab.h>
#include <sched/wait.h>
#include "kmsg.h"

#define LOG_USER 1 /* facility of user messages */
#define PRI_MAX	 1023UL

/* Lock key: (m) mutex */
struct kmsg_reader {
	struct mutex mutex;
	struct log_iter iter;	   /* (m) */
	char buf[2 * LOG_OUT_MAX]; /* (m) */
};

static int kmsg_open(struct inode *inode __unused, struct file *file)
{
	struct kmsg_reader *r;

	if (!(file->f_mode & FMODE_READ))
		return 0;
	r = kmalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->mutex);
	log_iter_first(&r->iter);
	file->private_data = r;
	return 0;
}

static int kmsg_release(struct inode *inode __unused, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t kmsg_read(struct file *file, struct iov_iter *to,
			 loff_t *pos __unused)
{
	struct kmsg_reader *r = file->private_data;
	struct log_iter before;
	ssize_t n;

	n = mutex_lock_interruptible(&r->mutex);
	if (n)
		return n;
	for (;;) {
		before = r->iter;
		n = kmsg_copy(&r->iter, r->buf, sizeof(r->buf));
		if (n)
			break;
		n = -EAGAIN;
		if (file->f_flags & O_NONBLOCK)
			break;
		n = wait_event_interruptible(log_wait, log_pending(&r->iter));
		if (n)
			break;
	}
	if (n > 0 && (size_t)n > to->count) {
		r->iter = before;
		n = -EINVAL;
	} else if (n > 0 && copy_to_iter(r->buf, (size_t)n, to) < (size_t)n) {
		n = -EFAULT;
	}
	mutex_unlock(&r->mutex);
	return n;
}

/* "<30>text": priority and facility, then the message. */
static ssize_t kmsg_write(struct file *file __unused, struct iov_iter *from,
			  loff_t *pos __unused)
{
	unsigned int level = DEFAULT_MESSAGE_LOGLEVEL, facility = LOG_USER;
	size_t len = from->count;
	char *buf, *text, *end;
	unsigned long pri;

	if (len > LOG_LINE_MAX)
		return -EINVAL;
	buf = kmalloc(len + 1, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (copy_from_iter(buf, len, from) < len) {
		kfree(buf);
		return -EFAULT;
	}
	buf[len] = 0;
	text = buf;
	if (buf[0] == '<') {
		pri = simple_strtoul(buf + 1, &end, 10);
		if (*end == '>' && end != buf + 1 && pri <= PRI_MAX) {
			level = pri & 7;
			facility = (unsigned int)pri >> 3 ?: LOG_USER;
			text = end + 1;
		}
	}
	log_store(facility, level, text, strlen(text));
	kfree(buf);
	return (ssize_t)len;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg_reader *r = file->private_data;
	loff_t ret = 0;

	if (!r)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	guard(mutex)(&r->mutex);
	if (whence == SEEK_SET)
		log_iter_first(&r->iter);
	else if (whence == SEEK_DATA)
		log_iter_clear(&r->iter);
	else if (whence == SEEK_END)
		log_iter_last(&r->iter);
	else
		ret = -EINVAL;
	return ret;
}

static unsigned int kmsg_poll(struct file *file, struct poll_table *pt)
{
	struct kmsg_reader *r = file->private_data;

	if (!r)
		return POLLOUT | POLLWRNORM;
	poll_wait(file, &log_wait, pt);
	return log_pending(&r->iter) ? POLLIN | POLLRDNORM : 0;
}

const struct file_operations kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read_iter = kmsg_read,
	.write_iter = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};
