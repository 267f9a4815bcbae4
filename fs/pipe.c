// SPDX-License-Identifier: MIT
/*
 * Pipes and FIFOs: a ring of up to 16 pages.
 *
 *	slots:  tail -> [xxxx....] [xxxxxxxx] [xx......] <- head - 1
 *	reader takes from tail          writer appends, or fills up the last
 *
 * A write of at most PIPE_BUF bytes goes into one slot whole, so it is never
 * torn. The ring empty (head == tail) makes readers sleep, the ring full
 * makes writers sleep; only the change from empty or from full wakes anybody,
 * and one sleeper at a time, who passes it on if something is left.
 *
 * Lock: pipe->mutex, held while copying (the copy may fault and sleep).
 */
#include <asm/uaccess.h>
#include <base/bug.h>
#include <fs/pipe.h>
#include <fs/poll.h>
#include <fs/pseudo.h>
#include <fs/stat.h>
#include <mm/phys/slab.h>
#include "file_internal.h"

static bool pipe_empty(const struct pipe_inode_info *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}

static bool pipe_full(const struct pipe_inode_info *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) >= PIPE_DEF_BUFFERS;
}

static struct pipe_buffer *slot(struct pipe_inode_info *p, unsigned int n)
{
	return &p->bufs[n % PIPE_DEF_BUFFERS];
}

/* --- pages --- */

static struct page *pipe_get_page(struct pipe_inode_info *p)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < PIPE_SPARE_PAGES; i++) {
		page = p->spare[i];
		if (page) {
			p->spare[i] = NULL;
			return page;
		}
	}
	return alloc_page(GFP_HIGHUSER | __GFP_ACCOUNT);
}

static void pipe_put_page(struct pipe_inode_info *p, struct page *page)
{
	unsigned int i;

	for (i = 0; i < PIPE_SPARE_PAGES; i++) {
		if (!p->spare[i]) {
			p->spare[i] = page;
			return;
		}
	}
	__free_page(page);
}

static struct pipe_inode_info *alloc_pipe(void)
{
	struct pipe_inode_info *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	mutex_init(&p->mutex);
	init_waitqueue_head(&p->rd_wait);
	init_waitqueue_head(&p->wr_wait);
	p->r_counter = 1;
	p->w_counter = 1;
	return p;
}

static void free_pipe(struct pipe_inode_info *p)
{
	unsigned int i;

	for (; p->tail != p->head; p->tail++)
		__free_page(slot(p, p->tail)->page);
	for (i = 0; i < PIPE_SPARE_PAGES; i++) {
		if (p->spare[i])
			__free_page(p->spare[i]);
	}
	kfree(p);
}

static void wake_readers(struct pipe_inode_info *p)
{
	if (wq_has_sleeper(&p->rd_wait))
		wake_up_interruptible_sync_poll(&p->rd_wait,
						POLLIN | POLLRDNORM);
}

static void wake_writers(struct pipe_inode_info *p)
{
	if (wq_has_sleeper(&p->wr_wait))
		wake_up_interruptible_sync_poll(&p->wr_wait,
						POLLOUT | POLLWRNORM);
}

/* --- reading --- */

/* Drain slots into the iterator. => bytes, or -EFAULT if there were none */
static ssize_t drain(struct pipe_inode_info *p, struct iov_iter *to)
{
	ssize_t done = 0;

	while (to->count && p->head != p->tail) {
		struct pipe_buffer *b = slot(p, p->tail);
		size_t want = min((size_t)b->len, to->count), got;

		got = copy_to_iter((char *)page_address(b->page) + b->offset,
				   want, to);
		b->offset += (u32)got;
		b->len -= (u32)got;
		done += (ssize_t)got;
		if (!b->len) {
			pipe_put_page(p, b->page);
			b->page = NULL;
			WRITE_ONCE(p->tail, p->tail + 1);
		}
		if (got < want)
			return done ? done : -EFAULT;
	}
	return done;
}

static ssize_t pipe_read(struct file *file, struct iov_iter *to,
			 loff_t *pos __unused)
{
	struct pipe_inode_info *p = file->private_data;
	bool was_full, more;
	ssize_t ret = 0;

	if (!to->count)
		return 0;
	mutex_lock(&p->mutex);
	while (p->head == p->tail) {
		if (!p->writers)
			break;
		ret = -EAGAIN;
		if (file->f_flags & O_NONBLOCK)
			break;
		mutex_unlock(&p->mutex);
		ret = wait_event_interruptible_exclusive(
			p->rd_wait, !pipe_empty(p) || !READ_ONCE(p->writers));
		if (ret)
			return ret;
		mutex_lock(&p->mutex);
	}
	was_full = pipe_full(p);
	if (p->head != p->tail)
		ret = drain(p, to);
	more = p->head != p->tail || !p->writers;
	was_full = was_full && !pipe_full(p);
	mutex_unlock(&p->mutex);
	if (was_full)
		wake_writers(p);
	if (more && waitqueue_active(&p->rd_wait))
		wake_readers(p);
	return ret;
}

/* --- writing --- */

/*
 * Put what goes beyond whole pages into the last slot, if all of it fits.
 * => bytes, -EFAULT
 */
static ssize_t merge(struct pipe_inode_info *p, struct iov_iter *from)
{
	size_t chars = from->count & ~PAGE_MASK, got, end;
	struct pipe_buffer *b;

	if (!chars || p->head == p->tail)
		return 0;
	b = slot(p, p->head - 1);
	end = b->offset + b->len;
	if (end + chars > PAGE_SIZE)
		return 0;
	got = copy_from_iter((char *)page_address(b->page) + end, chars, from);
	if (got < chars)
		return -EFAULT;
	b->len += (u32)got;
	return (ssize_t)got;
}

/* Fill free slots. => bytes; -EFAULT, -ENOMEM if there were none */
static ssize_t fill(struct pipe_inode_info *p, struct iov_iter *from)
{
	ssize_t done = 0;

	while (from->count && !pipe_full(p)) {
		size_t want = min(from->count, (size_t)PAGE_SIZE), got;
		struct page *page = pipe_get_page(p);
		struct pipe_buffer *b = slot(p, p->head);

		if (!page)
			return done ? done : -ENOMEM;
		got = copy_from_iter(page_address(page), want, from);
		if (!got) {
			pipe_put_page(p, page);
			return done ? done : -EFAULT;
		}
		b->page = page;
		b->offset = 0;
		b->len = (u32)got;
		WRITE_ONCE(p->head, p->head + 1);
		done += (ssize_t)got;
		if (got < want)
			break;
	}
	return done;
}

/* The ring is full: sleep until it is not. => mutex held, before and after */
static int wait_writable(struct pipe_inode_info *p, struct file *file,
			 bool wake)
{
	int err;

	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	mutex_unlock(&p->mutex);
	if (wake)
		wake_readers(p);
	err = wait_event_interruptible_exclusive(
		p->wr_wait, !pipe_full(p) || !READ_ONCE(p->readers));
	mutex_lock(&p->mutex);
	return err;
}

static ssize_t pipe_write(struct file *file, struct iov_iter *from,
			  loff_t *pos __unused)
{
	struct pipe_inode_info *p = file->private_data;
	ssize_t done = 0, n = 0;
	bool was_empty, room;

	if (!from->count)
		return 0;
	mutex_lock(&p->mutex);
	was_empty = p->head == p->tail;
	if (p->readers)
		n = merge(p, from);
	while (n >= 0) {
		done += n;
		if (!p->readers) {
			n = -EPIPE;
			break;
		}
		if (!from->count)
			break;
		if (pipe_full(p)) {
			n = wait_writable(p, file, was_empty);
			was_empty = p->head == p->tail;
		} else {
			n = fill(p, from);
			if (!n)
				n = -EFAULT;
		}
	}
	was_empty = (was_empty || READ_ONCE(p->polled)) && p->head != p->tail;
	room = !pipe_full(p);
	mutex_unlock(&p->mutex);
	if (was_empty)
		wake_readers(p);
	if (room && waitqueue_active(&p->wr_wait))
		wake_writers(p);
	return done ? done : n;
}

static unsigned int pipe_poll(struct file *file, struct poll_table *pt)
{
	struct pipe_inode_info *p = file->private_data;
	unsigned int mask = 0;

	WRITE_ONCE(p->polled, true);
	if (file->f_mode & FMODE_READ)
		poll_wait(file, &p->rd_wait, pt);
	if (file->f_mode & FMODE_WRITE)
		poll_wait(file, &p->wr_wait, pt);
	if (file->f_mode & FMODE_READ) {
		if (!pipe_empty(p))
			mask |= POLLIN | POLLRDNORM;
		if (!READ_ONCE(p->writers) &&
		    READ_ONCE(p->w_counter) != (unsigned long)file->f_pos)
			mask |= POLLHUP;
	}
	if (file->f_mode & FMODE_WRITE) {
		if (!pipe_full(p))
			mask |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(p->readers))
			mask |= POLLERR;
	}
	return mask;
}

static int pipe_bytes(struct pipe_inode_info *p)
{
	unsigned int n, bytes = 0;

	mutex_lock(&p->mutex);
	for (n = p->tail; n != p->head; n++)
		bytes += slot(p, n)->len;
	mutex_unlock(&p->mutex);
	return (int)bytes;
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	return put_user(pipe_bytes(file->private_data), (int *)arg);
}

long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (file->f_op != &pipefifo_fops)
		return -EBADF;
	if (cmd == F_SETPIPE_SZ && (arg > PIPE_SIZE || !arg))
		return arg > INT_MAX || !arg ? -EINVAL : -EPERM;
	return PIPE_SIZE;
}

/* --- the ends: open and release --- */

static void put_pipe(struct inode *inode, struct pipe_inode_info *p)
{
	bool last;

	spin_lock(&inode->i_lock);
	last = --p->files == 0;
	if (last)
		inode->i_pipe = NULL;
	spin_unlock(&inode->i_lock);
	if (last)
		free_pipe(p);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *p = file->private_data;
	bool hangup;

	mutex_lock(&p->mutex);
	if (file->f_mode & FMODE_READ)
		p->readers--;
	if (file->f_mode & FMODE_WRITE)
		p->writers--;
	hangup = !p->readers != !p->writers;
	mutex_unlock(&p->mutex);
	if (hangup) {
		wake_up_interruptible_all(&p->rd_wait);
		wake_up_interruptible_all(&p->wr_wait);
	}
	put_pipe(inode, p);
	return 0;
}

/* The inode's pipe, one file more; made by the first. => NULL: no memory */
static struct pipe_inode_info *get_pipe(struct inode *inode)
{
	struct pipe_inode_info *p = READ_ONCE(inode->i_pipe), *new = NULL;

	if (!p) {
		new = alloc_pipe();
		if (!new)
			return NULL;
	}
	spin_lock(&inode->i_lock);
	/* It may have gone, or come, since. */
	if (!inode->i_pipe && new) {
		inode->i_pipe = new;
		new = NULL;
	}
	p = inode->i_pipe;
	if (p)
		p->files++;
	spin_unlock(&inode->i_lock);
	if (new)
		free_pipe(new);
	return p ? p : get_pipe(inode);
}

/* Wait for an open of the other kind. => mutex held, before and after */
static int wait_partner(struct pipe_inode_info *p, unsigned int *counter,
			wait_queue_head_t *wq)
{
	unsigned int seen = *counter;
	int err;

	mutex_unlock(&p->mutex);
	err = wait_event_interruptible(*wq, READ_ONCE(*counter) != seen);
	mutex_lock(&p->mutex);
	return err;
}

/* Count this end in; wait for the other one. => mutex held */
static int open_end(struct pipe_inode_info *p, struct file *file)
{
	bool nonblock = file->f_flags & O_NONBLOCK;
	/* Opened through /proc/PID/fd, a pipe without a name waits for none. */
	bool is_pipe = file->f_inode->i_sb->s_magic == PIPEFS_MAGIC;

	switch (file->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		p->r_counter++;
		p->readers++;
		wake_up_interruptible_all(&p->wr_wait);
		if (p->writers || is_pipe)
			return 0;
		/* Not a hang-up until there was a writer. */
		file->f_pos = p->w_counter;
		return nonblock ? 0 :
				  wait_partner(p, &p->w_counter, &p->rd_wait);
	case FMODE_WRITE:
		if (nonblock && !p->readers && !is_pipe)
			return -ENXIO;
		p->w_counter++;
		p->writers++;
		wake_up_interruptible_all(&p->rd_wait);
		if (p->readers || is_pipe)
			return 0;
		return wait_partner(p, &p->r_counter, &p->wr_wait);
	default:
		p->readers++;
		p->writers++;
		p->r_counter++;
		p->w_counter++;
		wake_up_interruptible_all(&p->rd_wait);
		wake_up_interruptible_all(&p->wr_wait);
		return 0;
	}
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *p = get_pipe(inode);
	int err;

	if (!p)
		return -ENOMEM;
	stream_open(inode, file);
	file->private_data = p;
	mutex_lock(&p->mutex);
	err = open_end(p, file);
	if (err == -ENXIO)
		file->f_mode &= ~FMODE_WRITE; /* it was not counted */
	mutex_unlock(&p->mutex);
	if (err)
		pipe_release(inode, file);
	return err;
}

const struct file_operations pipefifo_fops = {
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.llseek = no_llseek,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.open = fifo_open,
	.release = pipe_release,
};

/* --- pipe(2): an inode without a name, open twice --- */

static struct file *pipe_end(struct pipe_inode_info *p, const struct path *path,
			     unsigned int flags)
{
	struct file *file = alloc_file_pseudo(path, flags, &pipefifo_fops);

	if (IS_ERR(file))
		return file;
	file->private_data = p;
	file->f_mode |= FMODE_STREAM;
	return file;
}

int create_pipe_files(struct file *files[2], unsigned int flags)
{
	struct pipe_inode_info *p = alloc_pipe();
	struct path path;
	int err = -ENOMEM;

	if (!p)
		return err;
	err = pseudo_path(PSEUDO_PIPE, S_IFIFO | S_IRUSR | S_IWUSR, NULL,
			  &path);
	if (err)
		goto free;
	d_inode(path.dentry)->i_fop = &pipefifo_fops;
	d_inode(path.dentry)->i_pipe = p;
	p->readers = 1;
	p->writers = 1;
	p->files = 2;
	flags &= O_NONBLOCK | O_DIRECT;
	files[0] = pipe_end(p, &path, flags | O_RDONLY);
	err = PTR_ERR_OR_ZERO(files[0]);
	if (err)
		goto put;
	path_get(&path);
	files[1] = pipe_end(p, &path, flags | O_WRONLY);
	err = PTR_ERR_OR_ZERO(files[1]);
	if (!err)
		return 0;
	path_put(&path);
	p->writers = 0;
	p->files = 1;
	fput(files[0]);
	return err;
put:
	d_inode(path.dentry)->i_pipe = NULL;
	path_put(&path);
free:
	free_pipe(p);
	return err;
}
