/* SPDX-License-Identifier: MIT */
/*
 * Unix domain sockets: two-way pipes between processes, as streams or as
 * messages, in pairs or found by name. A socket is an open file; what a pipe
 * end can do, it can do by read, write, poll.
 */
#ifndef _FS_UNIX_H
#define _FS_UNIX_H

#include <fs/fs.h>
#include <fs/namei.h>

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_SEQPACKET 5

#define SHUT_RD	  0
#define SHUT_WR	  1
#define SHUT_RDWR 2

#define MSG_OOB		 0x01u
#define MSG_PEEK	 0x02u
#define MSG_CTRUNC	 0x08u
#define MSG_TRUNC	 0x20u
#define MSG_DONTWAIT	 0x40u
#define MSG_EOR		 0x80u
#define MSG_WAITALL	 0x100u
#define MSG_NOSIGNAL	 0x4000u
#define MSG_CMSG_CLOEXEC 0x40000000u

#define UNIX_PATH_MAX 108
#define UNIX_BUFFER   212992 /* bytes that may wait at a receiver */
#define SCM_MAX_FD    253

/* Without the family. A first byte of 0: abstract, not in a file system. */
struct unix_addr {
	unsigned int len; /* 0: no name */
	char path[UNIX_PATH_MAX + 1];
};

struct ucred {
	s32 pid;
	u32 uid, gid;
};

/* Files on their way from one process to another. */
struct unix_files {
	unsigned int nr;
	struct file *file[SCM_MAX_FD]; /* referenced */
};

void unix_files_free(struct unix_files *files); /* NULL is allowed */

/* What goes with the bytes of one call, there and back. */
struct unix_call {
	unsigned int flags;	/* MSG_*; from recv: CTRUNC, TRUNC, EOR */
	struct unix_addr *addr; /* send: to whom, recv: from whom; or NULL */
	const struct walk_ctx *ctx; /* send: to find addr */
	struct unix_files *files;   /* send: consumed; recv: the caller's now */
};

/* flags: O_NONBLOCK. => ERR_PTR(-ENFILE, -ENOMEM) */
struct file *unix_socket(int type, unsigned int flags, const struct ucred *me);
int unix_socketpair(int type, unsigned int flags, const struct ucred *me,
		    struct file *pair[2]);
/* All below: file is a socket. */
int unix_bind(struct file *file, const struct unix_addr *addr,
	      const struct walk_ctx *ctx);
int unix_listen(struct file *file, int backlog, const struct ucred *me);
/* addr NULL: dissolve a datagram socket's connection */
int unix_connect(struct file *file, const struct unix_addr *addr,
		 const struct walk_ctx *ctx, const struct ucred *me);
struct file *unix_accept(struct file *file, unsigned int flags);
int unix_shutdown(struct file *file, int how);
/* => 0 and a copy; -ENOTCONN for a peer that is not there */
int unix_getname(struct file *file, bool peer, struct unix_addr *addr);

/*
 * => bytes, 0 at the end (recv), -EAGAIN, -EPIPE, -EMSGSIZE, -ENOTCONN,
 *    -ECONNREFUSED, -ECONNRESET, -ERESTARTSYS ...
 */
ssize_t unix_send(struct file *file, struct iov_iter *from,
		  struct unix_call *call);
ssize_t unix_recv(struct file *file, struct iov_iter *to,
		  struct unix_call *call);

struct unix_options {
	int type;
	bool listening;
	struct ucred peer;	  /* pid 0: nobody */
	u64 rcv_timeo, snd_timeo; /* ns; U64_MAX: none */
};

void unix_get_options(struct file *file, struct unix_options *o);
void unix_set_timeout(struct file *file, bool receive, u64 ns);
int unix_take_error(struct file *file); /* SO_ERROR: a positive errno */

#endif
