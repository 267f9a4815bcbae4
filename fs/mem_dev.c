// SPDX-License-Identifier: MIT
/*
 * The devices without hardware: null, zero, full, random, urandom. One table
 * says what exists.
 */
#include <asm/current.h>
#include <base/bug.h>
#include <base/random.h>
#include <fs/chardev.h>
#include <mm/vm/mm.h>
#include <sched/sched.h>
#include "kmsg.h"

#define CHUNK 256U

static ssize_t read_null(struct file *file __unused,
			 struct iov_iter *to __unused, loff_t *pos __unused)
{
	return 0;
}

static ssize_t write_null(struct file *file __unused, struct iov_iter *from,
			  loff_t *pos __unused)
{
	size_t n = from->count;

	iov_iter_advance(from, n);
	return (ssize_t)n;
}

static ssize_t write_full(struct file *file __unused,
			  struct iov_iter *from __unused, loff_t *pos __unused)
{
	return -ENOSPC;
}

/* A page at a time, so that a signal can end a huge read. */
static ssize_t read_zero(struct file *file __unused, struct iov_iter *to,
			 loff_t *pos __unused)
{
	ssize_t done = 0;

	while (to->count) {
		size_t want = min(to->count, (size_t)PAGE_SIZE);
		size_t n = iov_iter_zero(want, to);

		done += (ssize_t)n;
		if (n < want)
			return done ? done : -EFAULT;
		if (signal_pending(current))
			return done;
		cond_resched();
	}
	return done;
}

static int mmap_zero(struct file *file __unused, struct vm_backing *b)
{
	b->mapping = NULL;
	b->private_is_anon = true;
	return 0;
}

static ssize_t read_random(struct file *file __unused, struct iov_iter *to,
			   loff_t *pos __unused)
{
	u8 buf[CHUNK];
	ssize_t done = 0;

	while (to->count) {
		size_t want = min(to->count, sizeof(buf)), n;

		get_random_bytes(buf, want);
		n = copy_to_iter(buf, want, to);
		done += (ssize_t)n;
		if (n < want) {
			done = done ? done : -EFAULT;
			break;
		}
		if (signal_pending(current))
			break;
		cond_resched();
	}
	memset(buf, 0, sizeof(buf));
	return done;
}

static ssize_t write_random(struct file *file __unused, struct iov_iter *from,
			    loff_t *pos __unused)
{
	u8 buf[CHUNK];
	ssize_t done = 0;

	while (from->count) {
		size_t n = copy_from_iter(buf, sizeof(buf), from);

		if (!n)
			return done ? done : -EFAULT;
		add_device_randomness(buf, n);
		done += (ssize_t)n;
		cond_resched();
	}
	return done;
}

static const struct file_operations null_fops = {
	.read_iter = read_null,
	.write_iter = write_null,
	.llseek = noop_llseek,
};

static const struct file_operations zero_fops = {
	.read_iter = read_zero,
	.write_iter = write_null,
	.llseek = noop_llseek,
	.mmap_backing = mmap_zero,
};

static const struct file_operations full_fops = {
	.read_iter = read_zero,
	.write_iter = write_full,
	.llseek = noop_llseek,
};

static const struct file_operations random_fops = {
	.read_iter = read_random,
	.write_iter = write_random,
	.llseek = noop_llseek,
};

static const struct {
	const char *name;
	unsigned int minor;
	umode_t mode;
	const struct file_operations *fops;
} devices[] = {
	{ "null", 3, 0666, &null_fops },
	{ "zero", 5, 0666, &zero_fops },
	{ "full", 7, 0666, &full_fops },
	{ "random", 8, 0666, &random_fops },
	{ "urandom", 9, 0666, &random_fops },
	{ "kmsg", 11, 0644, &kmsg_fops },
};

void mem_dev_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		if (register_chrdev(MEM_MAJOR, devices[i].minor, 1, "mem",
				    devices[i].fops) ||
		    device_create(devices[i].name, devices[i].mode, MEM_MAJOR,
				  devices[i].minor))
			panic("cannot make /dev/%s", devices[i].name);
	}
}
