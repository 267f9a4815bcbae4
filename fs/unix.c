// SPDX-License-Identifier: MIT
/*
 * Unix sockets, the first half: names, connections, the end. (The second,
 * fs/unix_io.c, moves the bytes.)
 *
 *   file --> unix_sock <--peer--> unix_sock <-- file
 *               | queue: messages that its owner will read
 *
 *   listener --queue--> unix_sock, connected already, waiting for accept
 *
 * Each of a pair holds a reference on the other, until one is closed: that
 * one lets go of both. A datagram socket's peer is only its default address.
 * A name in a file system is an inode: who is bound to it is found by
 * searching the list of all named sockets.
 *
 * Locks: unix_mutex serialises binding, listening, connecting and closing
 * of what has a name; a socket's lock guards its queue, state and peer.
 */
#include <base/bug.h>
#include <fs/poll.h>
#include <fs/pseudo.h>
#include <mm/phys/slab.h>
#include "unix_internal.h"

static DEFINE_MUTEX(unix_mutex);
static LIST_HEAD(named_sockets); /* unix_mutex */
static const struct file_operations unix_fops;

struct unix_sock *unix_of(const struct file *file)
{
	BUG_ON(file->f_op != &unix_fops);
	return file->private_data;
}

static struct unix_sock *alloc_sock(int type, const struct ucred *me)
{
	struct unix_sock *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	atomic_set(&s->count, 1);
	s->type = type;
	spin_lock_init(&s->lock);
	mutex_init(&s->read_mutex);
	init_waitqueue_head(&s->wait);
	INIT_LIST_HEAD(&s->queue);
	INIT_LIST_HEAD(&s->link);
	INIT_LIST_HEAD(&s->named);
	s->cred = *me;
	s->rcv_timeo = s->snd_timeo = U64_MAX;
	return s;
}

void unix_put(struct unix_sock *s)
{
	if (s && atomic_dec_and_test(&s->count))
		kfree(s);
}

struct unix_sock *unix_get_peer(struct unix_sock *s)
{
	guard(spinlock)(&s->lock);
	return unix_hold(s->peer);
}

/* s becomes connected to peer. */
static void join(struct unix_sock *s, struct unix_sock *peer)
{
	guard(spinlock)(&s->lock);
	s->state = UNIX_CONNECTED;
	s->peer = unix_hold(peer);
	s->peer_cred = peer->cred;
}

/* --- the end --- */

/* The other side of a connection: it reads the end, and writes in vain. */
static void hang_up(struct unix_sock *s, struct unix_sock *gone, bool unread)
{
	bool linked;

	spin_lock(&s->lock);
	s->shut = RCV_SHUTDOWN | SEND_SHUTDOWN;
	if (unread)
		s->err = -ECONNRESET;
	linked = s->peer == gone;
	if (linked)
		s->peer = NULL;
	spin_unlock(&s->lock);
	if (linked)
		unix_put(gone);
	wake_up_interruptible_all(&s->wait);
}

/* Nobody has it open any more. Takes over the file's reference. */
static void close_sock(struct unix_sock *s)
{
	struct unix_sock *peer, *next, *waiting;
	bool listening, unread;
	LIST_HEAD(queue);

	mutex_lock(&unix_mutex);
	list_del_init(&s->named);
	spin_lock(&s->lock);
	s->dead = true;
	s->shut = RCV_SHUTDOWN | SEND_SHUTDOWN;
	listening = s->state == UNIX_LISTENING;
	unread = !list_empty(&s->queue);
	list_splice_init(&s->queue, &queue);
	peer = s->peer;
	s->peer = NULL;
	spin_unlock(&s->lock);
	mutex_unlock(&unix_mutex);
	if (peer && !unix_is_dgram(s))
		hang_up(peer, s, unread);
	unix_put(peer);
	if (listening)
		list_for_each_entry_safe(waiting, next, &queue, link)
			close_sock(waiting);
	else
		unix_free_messages(&queue);
	wake_up_interruptible_all(&s->wait);
	path_put(&s->path);
	unix_put(s);
}

static int unix_release(struct inode *inode __unused, struct file *file)
{
	close_sock(file->private_data);
	return 0;
}

static const struct file_operations unix_fops = {
	.read_iter = unix_read_iter,
	.write_iter = unix_write_iter,
	.llseek = no_llseek,
	.poll = unix_poll,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

/* --- new ones --- */

/* Takes over the reference on s, also if it fails. */
static struct file *sock_file(struct unix_sock *s, unsigned int flags)
{
	struct file *file = pseudo_file(PSEUDO_SOCK, NULL, &unix_fops, s,
					O_RDWR | (flags & O_NONBLOCK));

	if (IS_ERR(file))
		close_sock(s);
	return file;
}

struct file *unix_socket(int type, unsigned int flags, const struct ucred *me)
{
	struct unix_sock *s = alloc_sock(type, me);

	return s ? sock_file(s, flags) : ERR_PTR(-ENOMEM);
}

int unix_socketpair(int type, unsigned int flags, const struct ucred *me,
		    struct file *pair[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		pair[i] = unix_socket(type, flags, me);
		if (!IS_ERR(pair[i]))
			continue;
		if (i)
			fput(pair[0]);
		return (int)PTR_ERR(pair[i]);
	}
	join(unix_of(pair[0]), unix_of(pair[1]));
	join(unix_of(pair[1]), unix_of(pair[0]));
	return 0;
}

/* --- names --- */

/* Each type has abstract names of its own; a path has one owner. */
static bool same_name(const struct unix_sock *s, const struct unix_addr *addr,
		      const struct inode *inode, int type)
{
	if (inode)
		return s->path.dentry && d_inode(s->path.dentry) == inode;
	return !s->path.dentry && s->type == type && s->addr.len == addr->len &&
	       !memcmp(s->addr.path, addr->path, addr->len);
}

/* unix_mutex held. inode NULL: an abstract name. */
static struct unix_sock *find_named(const struct unix_addr *addr,
				    const struct inode *inode, int type)
{
	struct unix_sock *s;

	list_for_each_entry(s, &named_sockets, named)
		if (same_name(s, addr, inode, type))
			return s;
	return NULL;
}

static int find_path(const struct unix_addr *addr, const struct walk_ctx *ctx,
		     struct path *path)
{
	int err = path_lookup(ctx, NULL, addr->path, LOOKUP_FOLLOW, path);

	if (err)
		return err;
	err = inode_permission(ctx, d_inode(path->dentry), MAY_WRITE);
	if (!err && !S_ISSOCK(d_inode(path->dentry)->i_mode))
		err = -ECONNREFUSED;
	if (err)
		path_put(path);
	return err;
}

struct unix_sock *unix_find(const struct unix_addr *addr,
			    const struct walk_ctx *ctx, int type)
{
	struct path path = {};
	struct unix_sock *s;
	int err = addr->path[0] ? find_path(addr, ctx, &path) : 0;

	if (err)
		return ERR_PTR(err);
	mutex_lock(&unix_mutex);
	s = find_named(addr, path.dentry ? d_inode(path.dentry) : NULL, type);
	if (!s)
		s = ERR_PTR(-ECONNREFUSED);
	else if (s->type != type)
		s = ERR_PTR(-EPROTOTYPE);
	else
		unix_hold(s);
	mutex_unlock(&unix_mutex);
	path_put(&path);
	return s;
}

/* Make a name in the file system. => 0 and its path */
static int make_name(const struct walk_ctx *ctx, const char *name,
		     struct path *path)
{
	int err = vfs_mknod(ctx, NULL, name, S_IFSOCK | S_IRWXUGO, 0);

	if (err)
		return err == -EEXIST ? -EADDRINUSE : err;
	err = path_lookup(ctx, NULL, name, 0, path);
	if (err)
		vfs_unlink(ctx, NULL, name);
	return err;
}

int unix_bind(struct file *file, const struct unix_addr *addr,
	      const struct walk_ctx *ctx)
{
	struct unix_sock *s = unix_of(file);
	int err = 0;

	guard(mutex)(&unix_mutex);
	if (s->addr.len)
		err = -EINVAL;
	else if (addr->path[0])
		err = make_name(ctx, addr->path, &s->path);
	else if (find_named(addr, NULL, s->type))
		err = -EADDRINUSE;
	if (!err) {
		s->addr = *addr;
		list_add(&s->named, &named_sockets);
	}
	return err;
}

int unix_getname(struct file *file, bool peer, struct unix_addr *addr)
{
	struct unix_sock *s = unix_of(file), *who;

	who = peer ? unix_get_peer(s) : unix_hold(s);
	if (!who)
		return -ENOTCONN;
	mutex_lock(&unix_mutex);
	*addr = who->addr;
	mutex_unlock(&unix_mutex);
	unix_put(who);
	return 0;
}

/* --- connections --- */

int unix_listen(struct file *file, int backlog, const struct ucred *me)
{
	struct unix_sock *s = unix_of(file);
	int err = 0;

	if (unix_is_dgram(s))
		return -EOPNOTSUPP;
	mutex_lock(&unix_mutex);
	spin_lock(&s->lock);
	if (!s->addr.len || s->state == UNIX_CONNECTED) {
		err = -EINVAL;
	} else {
		s->state = UNIX_LISTENING;
		s->max_backlog = (size_t)clamp(backlog, 0, 4096);
		s->cred = *me;
	}
	spin_unlock(&s->lock);
	mutex_unlock(&unix_mutex);
	wake_up_interruptible_all(&s->wait);
	return err;
}

/* unix_mutex held. => -EAGAIN: the listener's queue is full */
static int check_connect(const struct unix_sock *s, struct unix_sock *to)
{
	if (s->state != UNIX_FRESH)
		return s->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
	if (to->state != UNIX_LISTENING || to->shut & RCV_SHUTDOWN)
		return -ECONNREFUSED;
	return READ_ONCE(to->queued) > to->max_backlog ? -EAGAIN : 0;
}

/* server is what accept will return. */
static int connect_stream(struct unix_sock *s, struct unix_sock *to,
			  struct unix_sock *server, bool nonblock)
{
	int err;

	for (;;) {
		mutex_lock(&unix_mutex);
		err = check_connect(s, to);
		if (err != -EAGAIN)
			break;
		mutex_unlock(&unix_mutex);
		if (nonblock)
			return err;
		err = unix_wait(to,
				READ_ONCE(to->shut) || READ_ONCE(to->queued) <=
							       to->max_backlog,
				s->snd_timeo);
		if (err)
			return err;
	}
	if (!err) {
		server->cred = to->cred;
		server->addr = to->addr;
		join(s, server);
		join(server, s);
		spin_lock(&to->lock);
		list_add_tail(&server->link, &to->queue);
		to->queued++;
		spin_unlock(&to->lock);
		wake_up_interruptible_poll(&to->wait, POLLIN | POLLRDNORM);
	}
	mutex_unlock(&unix_mutex);
	return err;
}

static void connect_dgram(struct unix_sock *s, struct unix_sock *to)
{
	struct unix_sock *old;

	spin_lock(&s->lock);
	old = s->peer;
	s->peer = unix_hold(to);
	s->state = to ? UNIX_CONNECTED : UNIX_FRESH;
	spin_unlock(&s->lock);
	unix_put(old);
}

int unix_connect(struct file *file, const struct unix_addr *addr,
		 const struct walk_ctx *ctx, const struct ucred *me)
{
	struct unix_sock *s = unix_of(file), *to, *server;
	int err = 0;

	if (!addr) {
		if (!unix_is_dgram(s))
			return -EINVAL;
		connect_dgram(s, NULL);
		return 0;
	}
	to = unix_find(addr, ctx, s->type);
	if (IS_ERR(to))
		return (int)PTR_ERR(to);
	if (unix_is_dgram(s)) {
		connect_dgram(s, to);
	} else {
		s->cred = *me;
		server = alloc_sock(s->type, me);
		err = !server ? -ENOMEM :
				connect_stream(s, to, server,
					       file->f_flags & O_NONBLOCK);
		if (err)
			unix_put(server);
	}
	unix_put(to);
	return err;
}

static struct unix_sock *take_waiting(struct unix_sock *s)
{
	struct unix_sock *got;

	guard(spinlock)(&s->lock);
	got = list_first_entry_or_null(&s->queue, struct unix_sock, link);
	if (got) {
		list_del_init(&got->link);
		s->queued--;
	}
	return got;
}

struct file *unix_accept(struct file *file, unsigned int flags)
{
	struct unix_sock *s = unix_of(file), *got;
	int err = 0;

	if (unix_is_dgram(s))
		return ERR_PTR(-EOPNOTSUPP);
	if (s->state != UNIX_LISTENING)
		return ERR_PTR(-EINVAL);
	while (!(got = take_waiting(s))) {
		if (s->shut & RCV_SHUTDOWN)
			err = -EINVAL;
		else if (file->f_flags & O_NONBLOCK)
			err = -EAGAIN;
		else
			err = unix_wait(s,
					READ_ONCE(s->queued) ||
						s->shut & RCV_SHUTDOWN,
					s->rcv_timeo);
		if (err)
			return ERR_PTR(err);
	}
	wake_up_interruptible_all(&s->wait); /* those who wait to connect */
	return sock_file(got, flags);
}

int unix_shutdown(struct file *file, int how)
{
	struct unix_sock *s = unix_of(file), *peer;
	unsigned int mine = (unsigned int)how + 1;
	unsigned int theirs = (mine & RCV_SHUTDOWN) << 1 | mine >> 1;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	spin_lock(&s->lock);
	s->shut |= mine;
	peer = unix_is_dgram(s) ? NULL : unix_hold(s->peer);
	spin_unlock(&s->lock);
	wake_up_interruptible_all(&s->wait);
	if (peer) {
		spin_lock(&peer->lock);
		peer->shut |= theirs;
		spin_unlock(&peer->lock);
		wake_up_interruptible_all(&peer->wait);
		unix_put(peer);
	}
	return 0;
}

/* --- options --- */

void unix_get_options(struct file *file, struct unix_options *o)
{
	struct unix_sock *s = unix_of(file);

	*o = (struct unix_options){
		.type = s->type,
		.listening = s->state == UNIX_LISTENING,
		.peer = s->peer_cred,
		.rcv_timeo = s->rcv_timeo,
		.snd_timeo = s->snd_timeo,
	};
}

void unix_set_timeout(struct file *file, bool receive, u64 ns)
{
	struct unix_sock *s = unix_of(file);

	*(receive ? &s->rcv_timeo : &s->snd_timeo) = ns;
}

int unix_take_error(struct file *file)
{
	struct unix_sock *s = unix_of(file);
	int err;

	guard(spinlock)(&s->lock);
	err = -s->err;
	s->err = 0;
	return err;
}
