/* SPDX-License-Identifier: MIT */
/*
 * epoll, eventfd, timerfd: files that are made to be waited for.
 */
#ifndef _FS_EVENTPOLL_H
#define _FS_EVENTPOLL_H

#include <fs/fs.h>

struct epoll_event { /* as in user space on arm64 */
	u32 events;
	u32 pad; /* named: what is copied out has no unset bytes */
	u64 data;
};

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3

/* => the file, or ERR_PTR(-ENFILE, -ENOMEM) */
struct file *epoll_create_file(void);
/*
 * epoll_ctl(2): watch file, known to the caller by the number fd.
 * => ev: NULL for EPOLL_CTL_DEL
 * => 0, -EINVAL, -EPERM, -EEXIST, -ENOENT, -ELOOP, -ENOMEM
 */
int epoll_ctl_file(struct file *epfile, int op, struct file *file, int fd,
		   const struct epoll_event *ev);
/*
 * Wait at most timeout ns (U64_MAX: for ever) for something to be ready.
 * => number of events stored at the user's array, 0: time is up,
 *    -EINVAL (not an epoll file), -EFAULT, -EINTR
 */
int epoll_wait_file(struct file *epfile, struct epoll_event *uevents, int max,
		    u64 timeout);
/* The last reference on a watched file is gone: nobody watches it any more. */
void epoll_forget_file(struct file *file);

#define EFD_SEMAPHORE 1

/* flags: EFD_SEMAPHORE, O_NONBLOCK => ERR_PTR(-ENFILE, -ENOMEM) */
struct file *eventfd_file(u64 count, unsigned int flags);

/* realtime: a time given as absolute is one of ktime_get_real_ns() */
struct file *timerfd_file(bool realtime, unsigned int flags);
struct timerfd_setting {
	u64 value;    /* ns; 0: off; absolute or not */
	u64 interval; /* ns; 0: once */
};
/* => 0 and the old setting (value is what is left), -EINVAL: not one */
int timerfd_set(struct file *file, const struct timerfd_setting *new,
		bool absolute, struct timerfd_setting *old);
int timerfd_get(struct file *file, struct timerfd_setting *now);

#endif
