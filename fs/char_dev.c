// SPDX-License-Identifier: MIT
/*
 * Character devices: which file operations stand behind a device number.
 * Opening a node looks the number up and hands the file over to the driver.
 *
 * Lock: chrdevs_lock; entries are never removed.
 */
#include <base/bug.h>
#include <fs/chardev.h>
#include <mm/phys/slab.h>
#include <sched/blkdev.h>

struct chrdev {
	struct list_head list; /* chrdevs_lock; sorted by major */
	unsigned int major, first, count;
	const char *name;
	const struct file_operations *fops;
};

static LIST_HEAD(chrdevs);
static DEFINE_SPINLOCK(chrdevs_lock);

static bool overlaps(const struct chrdev *a, const struct chrdev *b)
{
	return a->major == b->major && a->first < b->first + b->count &&
	       b->first < a->first + a->count;
}

/* Keep the list sorted. => chrdevs_lock held; 0, -EBUSY */
static int insert_chrdev(struct chrdev *new)
{
	struct list_head *where = &chrdevs;
	struct chrdev *d;

	list_for_each_entry(d, &chrdevs, list) {
		if (overlaps(d, new))
			return -EBUSY;
		if (where == &chrdevs && d->major > new->major)
			where = &d->list;
	}
	list_add_tail(&new->list, where);
	return 0;
}

int register_chrdev(unsigned int major, unsigned int minor_from,
		    unsigned int count, const char *name,
		    const struct file_operations *fops)
{
	struct chrdev *d;
	int err;

	if (!count || major >= 1U << (32 - MINORBITS) ||
	    minor_from > MINORMASK || count > MINORMASK - minor_from + 1)
		return -EINVAL;
	d = kmalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	d->major = major;
	d->first = minor_from;
	d->count = count;
	d->name = name;
	d->fops = fops;
	spin_lock(&chrdevs_lock);
	err = insert_chrdev(d);
	spin_unlock(&chrdevs_lock);
	if (err)
		kfree(d);
	return err;
}

static const struct file_operations *find_chrdev(dev_t dev)
{
	const struct file_operations *fops = NULL;
	struct chrdev *d;

	guard(spinlock)(&chrdevs_lock);
	list_for_each_entry(d, &chrdevs, list) {
		if (d->major == MAJOR(dev) && MINOR(dev) - d->first < d->count)
			fops = d->fops;
	}
	return fops;
}

static int chrdev_open(struct inode *inode, struct file *file)
{
	const struct file_operations *fops = find_chrdev(inode->i_rdev);

	if (!fops)
		return -ENXIO;
	file->f_op = fops;
	return fops->open ? fops->open(inode, file) : 0;
}

const struct file_operations def_chr_fops = {
	.open = chrdev_open,
	.llseek = noop_llseek,
};

void devices_show(struct seq_buf *s)
{
	const struct chrdev *last = NULL;
	struct chrdev *d;

	seq_buf_puts(s, "Character devices:\n");
	spin_lock(&chrdevs_lock);
	list_for_each_entry(d, &chrdevs, list) {
		if (!last || last->major != d->major ||
		    strcmp(last->name, d->name))
			seq_buf_printf(s, "%3u %s\n", d->major, d->name);
		last = d;
	}
	spin_unlock(&chrdevs_lock);
	seq_buf_puts(s, "\nBlock devices:\n");
	if (blkdev_next(NULL))
		seq_buf_printf(s, "%3d virtblk\n", VIRTBLK_MAJOR);
}
