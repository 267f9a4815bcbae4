// SPDX-License-Identifier: MIT
/*
 * Unix sockets, the second half: messages.
 *
 *   sender: allocate, copy in --lock--> receiver's queue --> copy out, free
 *
 * A stream is messages whose borders the reader does not see. A message stays
 * in the queue until it is read whole; only the holder of read_mutex takes it
 * off, so it can be copied from without the lock. At most UNIX_BUFFER bytes
 * wait at a receiver; the sender sleeps on the receiver's wait queue.
 *
 * Files that travel with a message are referenced by it. Unix sockets may
 * not travel: so no socket can be kept alive by its own queue, and there is
 * no garbage to collect.
 */
#include <asm/uaccess.h>
#include <fs/poll.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include "unix_internal.h"

#define STREAM_CHUNK 16384 /* bytes in one message of a stream */
#define MSG_OVERHEAD 768   /* of room, besides its bytes: as Linux counts */

struct unix_msg {
	struct list_head list;
	struct unix_sock *from; /* referenced */
	struct unix_files *files;
	size_t len, done;
	char data[];
};

void unix_files_free(struct unix_files *files)
{
	while (files && files->nr)
		fput(files->file[--files->nr]);
	kfree(files);
}

static void free_msg(struct unix_msg *msg)
{
	unix_files_free(msg->files);
	unix_put(msg->from);
	kvfree(msg);
}

void unix_free_messages(struct list_head *queue)
{
	struct unix_msg *msg, *next;

	list_for_each_entry_safe(msg, next, queue, list)
		free_msg(msg);
}

/* --- sending --- */

static struct unix_msg *make_msg(struct unix_sock *s, struct iov_iter *from)
{
	size_t len = s->type == SOCK_STREAM ?
			     min(from->count, (size_t)STREAM_CHUNK) :
			     from->count;
	struct unix_msg *msg;

	if (len > UNIX_BUFFER - 32)
		return ERR_PTR(-EMSGSIZE);
	msg = kvmalloc(sizeof(*msg) + len, GFP_KERNEL);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	msg->from = unix_hold(s);
	msg->files = NULL;
	msg->len = len;
	msg->done = 0;
	if (copy_from_iter(msg->data, len, from) == len)
		return msg;
	free_msg(msg);
	return ERR_PTR(-EFAULT);
}

static size_t room_of(const struct unix_msg *msg)
{
	return msg->len + MSG_OVERHEAD;
}

static bool has_room(const struct unix_sock *to, const struct unix_msg *msg)
{
	size_t queued = READ_ONCE(to->queued);

	return !queued || queued + room_of(msg) <= UNIX_BUFFER;
}

/* to->lock held. => 0, -EAGAIN: no room */
static int check_delivery(const struct unix_sock *s, const struct unix_sock *to,
			  const struct unix_msg *msg)
{
	if (to->dead)
		return unix_is_dgram(s) ? -ECONNREFUSED : -EPIPE;
	if (s->shut & SEND_SHUTDOWN || to->shut & RCV_SHUTDOWN)
		return -EPIPE;
	if (unix_is_dgram(s) && to->peer && to->peer != s)
		return -EPERM;
	return has_room(to, msg) ? 0 : -EAGAIN;
}

static int deliver(struct unix_sock *s, struct unix_sock *to,
		   struct unix_msg *msg, bool nonblock)
{
	int err;

	for (;;) {
		spin_lock(&to->lock);
		err = check_delivery(s, to, msg);
		if (!err) {
			list_add_tail(&msg->list, &to->queue);
			to->queued += room_of(msg);
		}
		spin_unlock(&to->lock);
		if (err != -EAGAIN || nonblock)
			break;
		err = unix_wait(to,
				has_room(to, msg) || READ_ONCE(to->shut) ||
					READ_ONCE(s->shut) & SEND_SHUTDOWN,
				s->snd_timeo);
		if (err)
			break;
	}
	if (!err)
		wake_up_interruptible_poll(&to->wait, POLLIN | POLLRDNORM);
	return err;
}

/* => referenced, or ERR_PTR */
static struct unix_sock *get_receiver(struct unix_sock *s,
				      const struct unix_call *call)
{
	struct unix_sock *to;

	if (call->addr && unix_is_dgram(s))
		return unix_find(call->addr, call->ctx, s->type);
	if (call->addr)
		return ERR_PTR(s->state == UNIX_CONNECTED ? -EISCONN :
							    -EOPNOTSUPP);
	to = unix_get_peer(s);
	if (to)
		return to;
	return ERR_PTR(s->state == UNIX_CONNECTED ? -EPIPE : -ENOTCONN);
}

ssize_t unix_send(struct file *file, struct iov_iter *from,
		  struct unix_call *call)
{
	bool nonblock = file->f_flags & O_NONBLOCK ||
			call->flags & MSG_DONTWAIT;
	struct unix_sock *s = unix_of(file), *to;
	ssize_t done = 0;
	int err = 0;

	if (call->flags & MSG_OOB)
		return -EOPNOTSUPP;
	to = get_receiver(s, call);
	if (IS_ERR(to))
		return PTR_ERR(to);
	while (from->count || (!done && s->type != SOCK_STREAM)) {
		struct unix_msg *msg = make_msg(s, from);
		size_t len;

		err = (int)PTR_ERR_OR_ZERO(msg);
		if (err)
			break;
		len = msg->len;
		swap(msg->files, call->files);
		err = deliver(s, to, msg, nonblock);
		if (err) {
			swap(msg->files, call->files);
			free_msg(msg);
			break;
		}
		done += (ssize_t)len;
		if (s->type != SOCK_STREAM)
			break;
	}
	unix_put(to);
	return done ? done : err;
}

/* --- receiving --- */

static struct unix_msg *first_msg(struct unix_sock *s)
{
	guard(spinlock)(&s->lock);
	return list_first_entry_or_null(&s->queue, struct unix_msg, list);
}

/* Nothing is in the queue: is that an error, or the end (1)? */
static int why_empty(struct unix_sock *s)
{
	int err;

	guard(spinlock)(&s->lock);
	err = s->err;
	s->err = 0;
	if (!err && s->shut & RCV_SHUTDOWN)
		err = 1;
	return err;
}

static bool readable(struct unix_sock *s)
{
	return !list_empty(&s->queue) || READ_ONCE(s->shut) & RCV_SHUTDOWN ||
	       READ_ONCE(s->err);
}

/*
 * Wait for a message. => it, with read_mutex held; NULL: the end; ERR_PTR
 */
static struct unix_msg *wait_msg(struct unix_sock *s, bool nonblock)
{
	struct unix_msg *msg;
	int err;

	for (;;) {
		mutex_lock(&s->read_mutex);
		msg = first_msg(s);
		if (msg)
			return msg;
		err = why_empty(s);
		mutex_unlock(&s->read_mutex);
		if (!err)
			err = nonblock ?
				      -EAGAIN :
				      unix_wait(s, readable(s), s->rcv_timeo);
		if (err)
			return err > 0 ? NULL : ERR_PTR(err);
	}
}

static void remove_msg(struct unix_sock *s, struct unix_msg *msg)
{
	struct unix_sock *peer;

	spin_lock(&s->lock);
	list_del(&msg->list);
	s->queued -= room_of(msg);
	peer = unix_hold(s->peer);
	spin_unlock(&s->lock);
	free_msg(msg);
	/* who waits for room, here, and who polls for it, there */
	wake_up_interruptible_poll(&s->wait, POLLOUT | POLLWRNORM);
	if (peer)
		wake_up_interruptible_poll(&peer->wait, POLLOUT | POLLWRNORM);
	unix_put(peer);
}

static void receive_extras(struct unix_msg *msg, struct unix_call *call)
{
	if (call->addr)
		*call->addr = msg->from->addr;
	if (!call->files && !(call->flags & MSG_PEEK))
		swap(call->files, msg->files);
}

/* read_mutex held. => bytes of msg */
static ssize_t receive(struct unix_sock *s, struct unix_msg *msg,
		       struct iov_iter *to, struct unix_call *call,
		       unsigned int *flags)
{
	bool stream = s->type == SOCK_STREAM, peek = call->flags & MSG_PEEK;
	size_t left = msg->len - msg->done, want = min(left, to->count), got;

	got = copy_to_iter(msg->data + msg->done, want, to);
	if (got < want && (!got || !stream))
		return -EFAULT;
	receive_extras(msg, call);
	if (!stream && want < left)
		*flags |= MSG_TRUNC;
	if (!peek) {
		msg->done += got;
		if (!stream || msg->done == msg->len)
			remove_msg(s, msg);
	}
	return (ssize_t)(!stream && call->flags & MSG_TRUNC ? left : got);
}

/* Shall a stream's reader go on? Not over a border that carries files. */
static bool go_on(struct unix_sock *s, const struct unix_call *call,
		  const struct iov_iter *to)
{
	bool more;

	if (s->type != SOCK_STREAM || !to->count || call->flags & MSG_PEEK ||
	    call->files)
		return false;
	guard(spinlock)(&s->lock);
	more = call->flags & MSG_WAITALL;
	if (!list_empty(&s->queue))
		more = !list_first_entry(&s->queue, struct unix_msg, list)
				->files;
	return more;
}

ssize_t unix_recv(struct file *file, struct iov_iter *to,
		  struct unix_call *call)
{
	bool nonblock = file->f_flags & O_NONBLOCK ||
			call->flags & MSG_DONTWAIT;
	bool all = call->flags & MSG_WAITALL;
	struct unix_sock *s = unix_of(file);
	unsigned int flags = 0;
	struct unix_msg *msg;
	ssize_t done = 0, n;

	if (call->flags & MSG_OOB)
		return -EOPNOTSUPP;
	/* a listener's queue holds no messages, but sockets */
	if (!unix_is_dgram(s) && s->state != UNIX_CONNECTED)
		return s->type == SOCK_STREAM ? -EINVAL : -ENOTCONN;
	call->files = NULL;
	if (call->addr)
		call->addr->len = 0;
	do {
		/* another reader may have been faster with the rest */
		msg = wait_msg(s, nonblock || (done && !all));
		n = PTR_ERR_OR_ZERO(msg);
		if (IS_ERR_OR_NULL(msg))
			break;
		n = receive(s, msg, to, call, &flags);
		mutex_unlock(&s->read_mutex);
		if (n > 0)
			done += n;
	} while (n > 0 && go_on(s, call, to));
	call->flags = flags;
	return done ? done : n;
}

/* --- as a file --- */

ssize_t unix_read_iter(struct file *file, struct iov_iter *to,
		       loff_t *pos __unused)
{
	struct unix_call call = {};
	ssize_t n = to->count ? unix_recv(file, to, &call) : 0;

	unix_files_free(call.files); /* whoever reads does not want them */
	return n;
}

ssize_t unix_write_iter(struct file *file, struct iov_iter *from,
			loff_t *pos __unused)
{
	struct unix_call call = {};

	return unix_send(file, from, &call);
}

poll_t unix_poll(struct file *file, struct poll_table *pt)
{
	struct unix_sock *s = unix_of(file), *peer;
	bool dgram = unix_is_dgram(s);
	poll_t mask = 0;

	poll_wait(file, &s->wait, pt);
	peer = unix_get_peer(s);
	spin_lock(&s->lock);
	if (s->err)
		mask |= POLLERR;
	if (s->shut & RCV_SHUTDOWN)
		mask |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (!list_empty(&s->queue))
		mask |= POLLIN | POLLRDNORM;
	if (s->shut == (RCV_SHUTDOWN | SEND_SHUTDOWN) ||
	    (!dgram && s->state == UNIX_FRESH))
		mask |= POLLHUP;
	spin_unlock(&s->lock);
	if (s->state != UNIX_LISTENING &&
	    (!peer || READ_ONCE(peer->queued) <= UNIX_BUFFER / 4))
		mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
	unix_put(peer);
	return mask;
}

long unix_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *s = unix_of(file);
	struct unix_msg *msg;
	size_t bytes = 0;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	if (s->state == UNIX_LISTENING)
		return -EINVAL;
	spin_lock(&s->lock);
	list_for_each_entry(msg, &s->queue, list) {
		bytes += msg->len - msg->done;
		if (s->type != SOCK_STREAM)
			break;
	}
	spin_unlock(&s->lock);
	return put_user((int)bytes, (int *)arg);
}
