// SPDX-License-Identifier: MIT
/* System calls that wait for several files, and files made to be waited for */
#include <asm/uaccess.h>
#include <base/clock.h>
#include <fs/eventpoll.h>
#include <fs/fdtable.h>
#include <fs/poll.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>

/* => ns, -1 for ever, or -EINVAL, -EFAULT in *err */
static s64 poll_timeout(const struct timespec __user *uts, int *err)
{
	u64 ns = 0;

	*err = 0;
	if (!uts)
		return -1;
	*err = get_timespec_ns(uts, &ns);
	return (s64)min(ns, (u64)S64_MAX);
}

static void store_left(struct timespec __user *uts, s64 left)
{
	struct timespec ts = {
		.tv_sec = left / (s64)NSEC_PER_SEC,
		.tv_nsec = left % (s64)NSEC_PER_SEC,
	};

	/* the result stands even if this cannot be told */
	if (uts && copy_to_user(uts, &ts, sizeof(ts)))
		return;
}

/* The call was interrupted: restart it unless a handler runs. */
static long poll_result(long ret)
{
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}

static int set_poll_sigmask(const u64 __user *umask, size_t size)
{
	u64 mask;

	if (!umask)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	set_temporary_sigmask(mask);
	return 0;
}

/* => how many are ready, -errno */
static long poll_user(struct pollfd __user *ufds, unsigned int n, s64 timeout,
		      s64 *left)
{
	struct pollfd *fds;
	long ret = -EFAULT;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	fds = kvmalloc(max(n, 1U) * sizeof(*fds), GFP_KERNEL);
	if (!fds)
		return -ENOMEM;
	if (!copy_from_user(fds, ufds, n * sizeof(*fds)))
		ret = do_poll(current->files, fds, n, timeout, left);
	if (ret >= 0 && copy_to_user(ufds, fds, n * sizeof(*fds)))
		ret = -EFAULT;
	kvfree(fds);
	return ret;
}

SYSCALL(sys_ppoll, struct pollfd __user *ufds, unsigned int n,
	struct timespec __user *uts, const u64 __user *umask, size_t masksize)
{
	s64 timeout, left = 0;
	long ret;
	int err;

	timeout = poll_timeout(uts, &err);
	if (!err)
		err = set_poll_sigmask(umask, masksize);
	if (err)
		return err;
	ret = poll_user(ufds, n, timeout, &left);
	if (ret >= 0 || ret == -EINTR)
		store_left(uts, left);
	return poll_result(ret);
}

struct fd_sets {
	unsigned long *in, *out, *ex;
	void *block;
	size_t bytes;
};

/* One bitmap of the user's, or NULL. */
static int get_fd_set(struct fd_sets *sets, unsigned int slot,
		      const unsigned long __user *uset, unsigned long **set)
{
	*set = NULL;
	if (!uset)
		return 0;
	*set = (unsigned long *)((char *)sets->block + slot * sets->bytes);
	return copy_from_user(*set, uset, sets->bytes) ? -EFAULT : 0;
}

static bool put_fd_set(const struct fd_sets *sets, unsigned long __user *uset,
		       const unsigned long *set)
{
	return !set || !copy_to_user(uset, set, sets->bytes);
}

SYSCALL(sys_pselect6, int n, unsigned long __user *in,
	unsigned long __user *out, unsigned long __user *ex,
	struct timespec __user *uts, void __user *usig)
{
	struct {
		const u64 __user *mask;
		size_t size;
	} sig = {};
	struct fd_sets sets;
	s64 timeout, left = 0;
	long ret;
	int err;

	timeout = poll_timeout(uts, &err);
	if (err)
		return err;
	if (n < 0 || (usig && copy_from_user(&sig, usig, sizeof(sig))))
		return n < 0 ? -EINVAL : -EFAULT;
	n = (int)min((unsigned long)n, rlimit(RLIMIT_NOFILE));
	sets.bytes = DIV_ROUND_UP((size_t)n, 64) * 8;
	sets.block = kvzalloc(max(3 * sets.bytes, (size_t)8), GFP_KERNEL);
	if (!sets.block)
		return -ENOMEM;
	ret = get_fd_set(&sets, 0, in, &sets.in);
	if (!ret)
		ret = get_fd_set(&sets, 1, out, &sets.out);
	if (!ret)
		ret = get_fd_set(&sets, 2, ex, &sets.ex);
	if (!ret)
		ret = set_poll_sigmask(sig.mask, sig.size);
	if (!ret) {
		ret = do_select(current->files, (unsigned int)n, sets.in,
				sets.out, sets.ex, timeout, &left);
		if (ret >= 0 && !(put_fd_set(&sets, in, sets.in) &&
				  put_fd_set(&sets, out, sets.out) &&
				  put_fd_set(&sets, ex, sets.ex)))
			ret = -EFAULT;
		store_left(uts, left);
		ret = poll_result(ret);
	}
	kvfree(sets.block);
	return ret;
}

/* --- epoll --- */

SYSCALL(sys_epoll_create1, int flags)
{
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	return install_file(epoll_create_file(), flags);
}

SYSCALL(sys_epoll_ctl, int epfd, int op, int fd, struct epoll_event __user *uev)
{
	bool has_event = op != EPOLL_CTL_DEL;
	struct epoll_event ev;
	struct file *ep, *file;
	long err = -EBADF;

	if (has_event && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	ep = fget(current->files, (unsigned int)epfd);
	if (!ep)
		return err;
	file = fget(current->files, (unsigned int)fd);
	if (file)
		err = epoll_ctl_file(ep, op, file, fd, has_event ? &ev : NULL);
	fput(file);
	fput(ep);
	return err;
}

static long do_epoll_wait(int epfd, struct epoll_event __user *events, int max,
			  u64 timeout, const u64 __user *umask, size_t masksize)
{
	struct file *ep;
	long ret = set_poll_sigmask(umask, masksize);

	if (ret)
		return ret;
	ep = fget(current->files, (unsigned int)epfd);
	if (max <= 0 || max > INT_MAX / (int)sizeof(*events))
		ret = -EINVAL;
	else if (!access_ok(events, (size_t)max * sizeof(*events)))
		ret = -EFAULT;
	else if (!ep)
		ret = -EBADF;
	else
		ret = epoll_wait_file(ep, events, max, timeout);
	fput(ep);
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret;
}

SYSCALL(sys_epoll_pwait, int epfd, struct epoll_event __user *events, int max,
	int timeout_ms, const u64 __user *mask, size_t masksize)
{
	return do_epoll_wait(epfd, events, max,
			     timeout_ms < 0 ? U64_MAX :
					      (u64)timeout_ms * NSEC_PER_MSEC,
			     mask, masksize);
}

SYSCALL(sys_epoll_pwait2, int epfd, struct epoll_event __user *events, int max,
	const struct timespec __user *uts, const u64 __user *mask,
	size_t masksize)
{
	u64 timeout = U64_MAX;
	int err = uts ? get_timespec_ns(uts, &timeout) : 0;

	return err ? err :
		     do_epoll_wait(epfd, events, max, timeout, mask, masksize);
}

/* --- eventfd, timerfd --- */

SYSCALL(sys_eventfd2, unsigned int count, int flags)
{
	if (flags & ~(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	return install_file(eventfd_file(count, (unsigned int)flags), flags);
}

SYSCALL(sys_timerfd_create, int clock, int flags)
{
	if (flags & ~(O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC &&
	    clock != CLOCK_BOOTTIME && clock != CLOCK_REALTIME_ALARM &&
	    clock != CLOCK_BOOTTIME_ALARM)
		return -EINVAL;
	return install_file(timerfd_file(clock == CLOCK_REALTIME ||
						 clock == CLOCK_REALTIME_ALARM,
					 (unsigned int)flags),
			    flags);
}

static int put_setting(struct itimerspec __user *uts,
		       const struct timerfd_setting *s)
{
	return put_itimerspec_ns(s->interval, s->value, uts);
}

#define TFD_TIMER_CANCEL_ON_SET 2 /* accepted: nobody sets the clock back */

SYSCALL(sys_timerfd_settime, int fd, int flags,
	const struct itimerspec __user *uts, struct itimerspec __user *uold)
{
	struct timerfd_setting new, old;
	struct file *file;
	int err;

	err = get_itimerspec_ns(uts, &new.interval, &new.value);
	if (!err && flags & ~(TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		err = -EINVAL;
	if (err)
		return err;
	file = fget(current->files, (unsigned int)fd);
	if (!file)
		return -EBADF;
	err = timerfd_set(file, &new, flags & TIMER_ABSTIME, &old);
	fput(file);
	return err || !uold ? err : put_setting(uold, &old);
}

SYSCALL(sys_timerfd_gettime, int fd, struct itimerspec __user *uts)
{
	struct file *file = fget(current->files, (unsigned int)fd);
	struct timerfd_setting now;
	int err;

	if (!file)
		return -EBADF;
	err = timerfd_get(file, &now);
	fput(file);
	return err ? err : put_setting(uts, &now);
}
