// SPDX-License-Identifier: MIT
/*
 * Text files of procfs and sysfs. The whole text is made when a file is read
 * at offset 0, into a buffer that stays with the open file; later offsets go
 * on in that text. So each read returns as many bytes as fit, and a reader in
 * small steps sees one moment, not a mixture.
 *
 * Lock key: (m) mutex
 */
#include <base/bug.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include "internal.h"

#define TEXT_MAX  (64UL << 20)
#define WRITE_MAX PAGE_SIZE

struct text_file {
	struct mutex mutex;
	char *buf;   /* (m) kvmalloced, or NULL */
	size_t size; /* (m) of buf */
	size_t len;  /* (m) of the text */
};

static int proc_show(struct inode *inode, struct seq_buf *s)
{
	const struct proc_dir_entry *e = PROC_I(inode)->pde;

	if (!e)
		return proc_pid_show(inode, s);
	if (e->what.show)
		e->what.show(s);
	else if (e->what.show_data)
		e->what.show_data(s, e->what.data);
	else
		return -EIO;
	return 0;
}

static int proc_store(struct inode *inode, char *text)
{
	const struct proc_dir_entry *e = PROC_I(inode)->pde;

	if (!e)
		return proc_pid_store(inode, text);
	if (e->what.write)
		return e->what.write(text);
	return e->what.write_data ? e->what.write_data(e->what.data, text) :
				    -EIO;
}

/* Make the text, in a larger buffer until it fits. => mutex held */
static int text_make(struct text_file *t, struct inode *inode)
{
	struct seq_buf s;
	int err;

	for (;;) {
		if (!t->buf) {
			t->buf = kvmalloc(t->size, GFP_KERNEL);
			if (!t->buf)
				return -ENOMEM;
		}
		seq_buf_init(&s, t->buf, t->size);
		err = proc_show(inode, &s);
		t->len = err ? 0 : s.len;
		if (err || !seq_buf_has_overflowed(&s))
			return err;
		kvfree(t->buf);
		t->buf = NULL;
		t->len = 0;
		if (t->size >= TEXT_MAX)
			return -ENOMEM;
		t->size *= 4;
	}
}

static ssize_t text_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct text_file *t = file->private_data;
	ssize_t ret = 0;
	size_t n;

	mutex_lock(&t->mutex);
	if (*pos == 0 || !t->buf)
		ret = text_make(t, file->f_inode);
	if (ret || *pos >= (loff_t)t->len || !to->count)
		goto out;
	n = min(t->len - (size_t)*pos, to->count);
	ret = (ssize_t)copy_to_iter(t->buf + *pos, n, to);
	*pos += ret;
	if (!ret)
		ret = -EFAULT;
out:
	mutex_unlock(&t->mutex);
	return ret;
}

/* One write is one value: the whole of it reaches the owner. */
static ssize_t text_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t len = min(from->count, (size_t)WRITE_MAX - 1);
	char *buf = kmalloc(len + 1, GFP_KERNEL);
	ssize_t ret = -EFAULT;

	if (!buf)
		return -ENOMEM;
	if (copy_from_iter(buf, len, from) == len) {
		buf[len] = 0;
		ret = proc_store(file->f_inode, buf);
	}
	kfree(buf);
	if (ret)
		return ret;
	*pos += (loff_t)len;
	return (ssize_t)len;
}

static int text_open(struct inode *inode, struct file *file)
{
	struct text_file *t;
	int err = PROC_I(inode)->pde ? 0 :
				       PTR_ERR_OR_ZERO(proc_pid_task(inode));

	if (err)
		return err;
	t = kmalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	mutex_init(&t->mutex);
	t->buf = NULL;
	t->size = PAGE_SIZE;
	t->len = 0;
	file->private_data = t;
	return 0;
}

static int text_release(struct inode *inode __unused, struct file *file)
{
	struct text_file *t = file->private_data;

	kvfree(t->buf);
	kfree(t);
	return 0;
}

const struct file_operations proc_text_fops = {
	.open = text_open,
	.release = text_release,
	.read_iter = text_read,
	.write_iter = text_write,
};
