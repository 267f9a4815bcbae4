// SPDX-License-Identifier: MIT
/* System calls that wait for several files, and files made to be waited for */
#include <asm/uaccess.h>
#include <fs/eventpoll.h>
#include <fs/fdtable.h>
#include <fs/poll.h>
#include <lib/errno.h>
#include <mm/phys/vmalloc.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>

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

/* Before the wait. => 0 and ns, -1 for ever; -EINVAL, -EFAULT */
static int poll_begin(const struct timespec __user *uts, s64 *timeout,
		      const u64 __user *umask, size_t masksize)
{
	u64 ns = 0;
	int err = uts ? get_timespec_ns(uts, &ns) : 0;

	*timeout = uts ? (s64)min(ns, (u64)S64_MAX) : -1;
	return err ? err : set_poll_sigmask(umask, masksize);
}

/* After it. An interrupted call is restarted unless a handler runs. */
static long poll_end(long ret, struct timespec __user *uts, s64 left)
{
	bool interrupted = ret == -EINTR;

	/* the result stands even if what is left cannot be told */
	if (uts && (ret >= 0 || interrupted))
		put_timespec_ns((u64)left, uts);
	restore_saved_sigmask_unless(interrupted);
	return interrupted ? -ERESTARTNOHAND : ret;
}

/* => how many are ready, -errno */
static long poll_user(struct pollfd __user *ufds, unsigned int n, s64 timeout,
		      s64 *left)
{
	struct pollfd *fds __free(kvfree) = NULL;
	long ret;

	if (n > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	fds = kvmalloc(max(n, 1U) * sizeof(*fds), GFP_KERNEL);
	if (!fds)
		return -ENOMEM;
	if (copy_from_user(fds, ufds, n * sizeof(*fds)))
		return -EFAULT;
	ret = do_poll(current->files, fds, n, timeout, left);
	if (ret >= 0 && copy_to_user(ufds, fds, n * sizeof(*fds)))
		return -EFAULT;
	return ret;
}

SYSCALL(sys_ppoll, struct pollfd __user *ufds, unsigned int n,
	struct timespec __user *uts, const u64 __user *umask, size_t masksize)
{
	s64 timeout, left = 0;
	long ret = poll_begin(uts, &timeout, umask, masksize);

	if (ret)
		return ret;
	ret = poll_user(ufds, n, timeout, &left);
	return poll_end(ret, uts, left);
}

/* What select() wants to know of each descriptor: in, out, ex. */
#define NR_SETS 3

static long select_user(int n, unsigned long __user *const user[NR_SETS],
			s64 timeout, s64 *left)
{
	unsigned long *set[NR_SETS] = {}, *block __free(kvfree) = NULL;
	size_t words;
	long ret;

	if (n < 0)
		return -EINVAL;
	n = (int)min((unsigned long)n, rlimit(RLIMIT_NOFILE));
	words = DIV_ROUND_UP((size_t)n, BITS_PER_LONG);
	block = kvzalloc(max(NR_SETS * words, 1UL) * sizeof(long), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	for (unsigned int i = 0; i < NR_SETS; i++) {
		if (!user[i])
			continue;
		set[i] = block + i * words;
		if (copy_from_user(set[i], user[i], words * sizeof(long)))
			return -EFAULT;
	}
	ret = do_select(current->files, (unsigned int)n, set[0], set[1], set[2],
			timeout, left);
	for (unsigned int i = 0; i < NR_SETS && ret >= 0; i++)
		if (set[i] &&
		    copy_to_user(user[i], set[i], words * sizeof(long)))
			ret = -EFAULT;
	return ret;
}

SYSCALL(sys_pselect6, int n, unsigned long __user *in,
	unsigned long __user *out, unsigned long __user *ex,
	struct timespec __user *uts, void __user *usig)
{
	unsigned long __user *const user[NR_SETS] = { in, out, ex };
	struct {
		const u64 __user *mask;
		size_t size;
	} sig = {};
	s64 timeout, left = 0;
	long ret;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	ret = poll_begin(uts, &timeout, sig.mask, sig.size);
	if (ret)
		return ret;
	ret = select_user(n, user, timeout, &left);
	return poll_end(ret, uts, left);
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
	struct file *ep __free(fput) = NULL, *file __free(fput) = NULL;
	bool has_event = op != EPOLL_CTL_DEL;
	struct epoll_event ev;

	if (has_event && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	ep = fget(current->files, (unsigned int)epfd);
	file = fget(current->files, (unsigned int)fd);
	if (!ep || !file)
		return -EBADF;
	return epoll_ctl_file(ep, op, file, fd, has_event ? &ev : NULL);
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
	struct file *file __free(fput) = NULL;
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
	return err || !uold ? err : put_setting(uold, &old);
}

SYSCALL(sys_timerfd_gettime, int fd, struct itimerspec __user *uts)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct timerfd_setting now;
	int err = file ? timerfd_get(file, &now) : -EBADF;

	return err ? err : put_setting(uts, &now);
}
