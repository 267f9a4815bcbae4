/* SPDX-License-Identifier: MIT */
/*
 * Between fs/unix.c (who is connected to whom) and fs/unix_io.c (messages).
 *
 * Lock key: (l) lock, (u) unix_mutex, (c) constant, (a) atomic,
 * (1) unix_mutex, and set but once
 */
#ifndef _FS_UNIX_INTERNAL_H
#define _FS_UNIX_INTERNAL_H

#include <fs/unix.h>
#include <sched/wait.h>

#define RCV_SHUTDOWN  1u
#define SEND_SHUTDOWN 2u

enum unix_state { UNIX_FRESH, UNIX_LISTENING, UNIX_CONNECTED };

/* Of two sockets the locks are never held together. */
struct unix_sock {
	atomic_t count;		  /* (a) file, peer, messages, backlog */
	int type;		  /* (c) SOCK_* */
	spinlock_t lock;	  /* innermost but for the wait queue */
	struct mutex read_mutex;  /* who takes messages off the queue */
	wait_queue_head_t wait;	  /* for everything that may change */
	enum unix_state state;	  /* (l)(u) */
	bool dead;		  /* (l) no file any more */
	unsigned int shut;	  /* (l) *_SHUTDOWN */
	int err;		  /* (l) to be told once */
	struct unix_sock *peer;	  /* (l) referenced */
	struct list_head queue;	  /* (l) messages; for a listener: sockets */
	size_t queued;		  /* (l) bytes (sockets) in it */
	struct list_head link;	  /* (l) of the listener: in its queue */
	size_t max_backlog;	  /* (l) */
	struct list_head named;	  /* (u) in the list of all that are */
	struct unix_addr addr;	  /* (1) */
	struct path path;	  /* (1) of a name in a file system */
	struct ucred cred;	  /* (u) */
	struct ucred peer_cred;	  /* (u) */
	u64 rcv_timeo, snd_timeo; /* ns, U64_MAX: none */
};

static inline bool unix_is_dgram(const struct unix_sock *s)
{
	return s->type == SOCK_DGRAM;
}

static inline struct unix_sock *unix_hold(struct unix_sock *s)
{
	if (s)
		atomic_inc(&s->count);
	return s;
}

void unix_put(struct unix_sock *s); /* NULL is allowed */
struct unix_sock *unix_of(const struct file *file);
struct unix_sock *unix_get_peer(struct unix_sock *s); /* with a reference */
/* Who has this name, with a reference; or ERR_PTR(-ECONNREFUSED, ...) */
struct unix_sock *unix_find(const struct unix_addr *addr,
			    const struct walk_ctx *ctx, int type);
/* Free messages that are in nobody's queue any more. */
void unix_free_messages(struct list_head *queue);
/*
 * Sleep on s->wait until condition, at most timeo ns.
 * => 0, -EAGAIN: time is up, -ERESTARTSYS
 */
#define unix_wait(s, condition, timeo)                                         \
	({                                                                     \
		s64 __ns = wait_event_interruptible_timeout((s)->wait,         \
							    condition, timeo); \
		__ns > 0 ? 0 : __ns ? (int)__ns : -EAGAIN;                     \
	})

poll_t unix_poll(struct file *file, struct poll_table *pt);
long unix_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
ssize_t unix_read_iter(struct file *file, struct iov_iter *to, loff_t *pos);
ssize_t unix_write_iter(struct file *file, struct iov_iter *from, loff_t *pos);

#endif
