/* SPDX-License-Identifier: MIT */
/*
 * Pipes: a ring of pages between two open files, named (FIFO) or not.
 */
#ifndef _FS_PIPE_H
#define _FS_PIPE_H

#include <fs/fs.h>
#include <sched/wait.h>

#define PIPE_DEF_BUFFERS 16
#define PIPE_SIZE	 (PIPE_DEF_BUFFERS * 4096)

#define PIPE_SPARE_PAGES 2 /* kept for the next writes */

struct pipe_buffer {
	struct page *page;
	u32 offset, len;
};

/* Lock key: (m) mutex; head and tail are also read without it. */
struct pipe_inode_info {
	struct mutex mutex;
	wait_queue_head_t rd_wait, wr_wait;
	unsigned int head;		   /* (m) next slot to fill */
	unsigned int tail;		   /* (m) next slot to drain */
	unsigned int readers, writers;	   /* (m) open files of each kind */
	unsigned int r_counter, w_counter; /* (m) opens so far: FIFO waits */
	bool polled; /* an edge-triggered epoll wants to hear each write */
	unsigned int files;		      /* inode->i_lock: files in all */
	struct page *spare[PIPE_SPARE_PAGES]; /* (m) */
	struct pipe_buffer bufs[PIPE_DEF_BUFFERS]; /* (m) */
};

/*
 * Both ends of a new pipe, files[0] to read. flags: O_CLOEXEC (ignored here),
 * O_NONBLOCK. => 0, -ENFILE, -ENOMEM
 * => a write without readers returns -EPIPE; the signal is the caller's
 */
int create_pipe_files(struct file *files[2], unsigned int flags);
/* F_GETPIPE_SZ, F_SETPIPE_SZ (sizes up to 64 KiB): bytes or -errno */
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
