// SPDX-License-Identifier: MIT
/* Files made to be waited for: epoll, eventfd, timerfd. */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static int ep, fds[2];
static void *volatile bad = (void *)8;

static int ctl(int op, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, op, fd, &ev);
}

/* => number of events; the first one's in *events */
static int ready(uint32_t *events)
{
	struct epoll_event ev[4] = {};
	int n = epoll_wait(ep, ev, 4, 0);

	if (events)
		*events = ev[0].events;
	return n;
}

static void put_byte(void)
{
	CHECK_EQ(write(fds[1], "x", 1), 1);
}

static void get_byte(void)
{
	char c;

	CHECK_EQ(read(fds[0], &c, 1), 1);
}

static void with_pipe(uint32_t events)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	CHECK(ep >= 0);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(ctl(EPOLL_CTL_ADD, fds[0], events), 0);
}

TEST(level_triggered_stays)
{
	uint32_t ev;

	with_pipe(EPOLLIN);
	CHECK_EQ(ready(NULL), 0);
	put_byte();
	CHECK_EQ(ready(&ev), 1);
	CHECK_EQ(ev, EPOLLIN);
	CHECK_EQ(ready(NULL), 1);
	get_byte();
	CHECK_EQ(ready(NULL), 0);
	close(fds[1]);
	CHECK_EQ(ready(&ev), 1);
	CHECK_EQ(ev, EPOLLHUP); /* always asked for */
}

TEST(edge_triggered_once_for_each_write)
{
	with_pipe(EPOLLIN | EPOLLET);
	put_byte();
	CHECK_EQ(ready(NULL), 1);
	CHECK_EQ(ready(NULL), 0);
	put_byte(); /* not empty before, and still news */
	CHECK_EQ(ready(NULL), 1);
	CHECK_EQ(ready(NULL), 0);
	CHECK_EQ(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET), 0);
	CHECK_EQ(ready(NULL), 1);
}

TEST(oneshot_until_armed_again)
{
	with_pipe(EPOLLIN | EPOLLONESHOT);
	put_byte();
	CHECK_EQ(ready(NULL), 1);
	put_byte();
	CHECK_EQ(ready(NULL), 0);
	CHECK_EQ(ctl(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT), 0);
	CHECK_EQ(ready(NULL), 1);
	CHECK_EQ(ready(NULL), 0);
}

TEST(ctl_misuse)
{
	struct epoll_event ev;
	int file = open("/tmp/events", O_RDWR | O_CREAT, 0600);

	with_pipe(EPOLLIN);
	CHECK_ERR(ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN), EEXIST);
	CHECK_ERR(ctl(EPOLL_CTL_MOD, fds[1], EPOLLIN), ENOENT);
	CHECK_ERR(ctl(EPOLL_CTL_DEL, fds[1], 0), ENOENT);
	CHECK_ERR(ctl(EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
	CHECK_ERR(ctl(EPOLL_CTL_ADD, ep, EPOLLIN), EINVAL);
	CHECK_ERR(ctl(EPOLL_CTL_ADD, 999, EPOLLIN), EBADF);
	CHECK_ERR(ctl(7, fds[0], EPOLLIN), EINVAL);
	CHECK_ERR(epoll_ctl(fds[0], EPOLL_CTL_DEL, fds[1], NULL), EINVAL);
	CHECK_ERR(epoll_ctl(999, EPOLL_CTL_DEL, fds[0], NULL), EBADF);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, fds[1], NULL), EFAULT);
	CHECK_ERR(epoll_wait(ep, &ev, 0, 0), EINVAL);
	CHECK_ERR(epoll_wait(fds[0], &ev, 1, 0), EINVAL);
	CHECK_ERR(epoll_wait(999, &ev, 1, 0), EBADF);
	put_byte();
	CHECK_ERR(epoll_wait(ep, bad, 1, 0), EFAULT);
	CHECK_EQ(ready(NULL), 1);
	CHECK_ERR(epoll_create1(1), EINVAL);
	CHECK_ERR(epoll_create(0), EINVAL);
	unlink("/tmp/events");
}

TEST(two_numbers_are_two_items)
{
	int other;

	with_pipe(EPOLLIN);
	other = dup(fds[0]);
	CHECK_EQ(ctl(EPOLL_CTL_ADD, other, EPOLLIN), 0);
	put_byte();
	CHECK_EQ(ready(NULL), 2);
	close(fds[0]); /* the file is still open */
	CHECK_EQ(ready(NULL), 2);
	close(other);
	CHECK_EQ(ready(NULL), 0);
}

TEST(closing_removes)
{
	struct epoll_event ev;

	with_pipe(EPOLLIN);
	put_byte();
	close(fds[0]);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(fds[1]);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN), 0);
	close(ep); /* the watched stay as they are */
	put_byte();
	get_byte();
}

TEST(nested_and_no_circles)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct pollfd p = { .events = POLLIN };
	int e[7];

	with_pipe(EPOLLIN);
	e[0] = ep;
	for (int i = 1; i < 7; i++) {
		e[i] = epoll_create1(0);
		errno = 0;
		if (epoll_ctl(e[i], EPOLL_CTL_ADD, e[i - 1], &ev)) {
			CHECK_EQ(errno, ELOOP);
			CHECK_EQ(i, 5);
			break;
		}
	}
	CHECK_ERR(epoll_ctl(e[0], EPOLL_CTL_ADD, e[3], &ev), ELOOP);
	p.fd = e[3];
	CHECK_EQ(poll(&p, 1, 0), 0);
	put_byte();
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(epoll_wait(e[4], &ev, 1, 0), 1);
	CHECK_EQ(ev.events, EPOLLIN);
	get_byte();
	CHECK_EQ(poll(&p, 1, 0), 0);
	CHECK_EQ(epoll_wait(e[4], &ev, 1, 0), 0);
}

static void *late_writer(void *arg)
{
	usleep(50000);
	put_byte();
	return arg;
}

/* Layers of epolls, each watching all of the one below: 40^4 ways up. */
TEST(a_pyramid_is_climbed_once)
{
	enum { WIDE = 40, HIGH = 4 };
	int at[HIGH][WIDE], leaf = eventfd(0, EFD_NONBLOCK), refused = 0;
	struct epoll_event ev = { .events = EPOLLIN };

	alarm(20);
	for (int l = HIGH - 1; l >= 0; l--)
		for (int i = 0; i < WIDE; i++)
			at[l][i] = epoll_create1(0);
	for (int l = 0; l < HIGH; l++)
		for (int i = 0; i < WIDE * (l ? WIDE : 1); i++)
			refused += epoll_ctl(at[l][i % WIDE], EPOLL_CTL_ADD,
					     l ? at[l - 1][i / WIDE] : leaf,
					     &ev) != 0;
	for (int i = 0; i < 100; i++) {
		CHECK_EQ(eventfd_write(leaf, 1), 0);
		CHECK_EQ(epoll_wait(at[0][i % WIDE], &ev, 1, 0), 1);
	}
	/* Linux refuses so many ways */
	CHECK(refused || epoll_wait(at[HIGH - 1][0], &ev, 1, 0) == 1);
}

TEST(sleepers_are_woken)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct timespec ts = { .tv_nsec = 20000000 };
	pthread_t t;
	int outer;

	with_pipe(EPOLLIN);
	outer = epoll_create1(0);
	CHECK_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &ev), 0);
	CHECK_EQ(epoll_wait(outer, &ev, 1, 20), 0);
	CHECK_EQ(syscall(SYS_epoll_pwait2, ep, &ev, 1, &ts, NULL, 0), 0);
	pthread_create(&t, NULL, late_writer, NULL);
	CHECK_EQ(epoll_wait(outer, &ev, 1, -1), 1);
	CHECK_EQ(ready(NULL), 1);
	pthread_join(t, NULL);
}

#define EATERS 3

static int eaten[EATERS];

static void *eater(void *arg)
{
	struct epoll_event ev;
	int *n = arg;
	char c;

	for (;;) {
		CHECK_EQ(epoll_wait(ep, &ev, 1, -1), 1);
		if (read(fds[0], &c, 1) == 1) {
			if (c == 'q')
				return NULL;
			(*n)++;
		} else {
			CHECK_EQ(errno, EAGAIN);
		}
	}
}

TEST(no_wake_up_is_lost_among_threads)
{
	pthread_t t[EATERS];
	int i, sum = 0;

	with_pipe(EPOLLIN);
	CHECK_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	for (i = 0; i < EATERS; i++)
		pthread_create(&t[i], NULL, eater, &eaten[i]);
	for (i = 0; i < 2000; i++)
		put_byte();
	CHECK_EQ(write(fds[1], "qqq", EATERS), EATERS);
	for (i = 0; i < EATERS; i++) {
		pthread_join(t[i], NULL);
		sum += eaten[i];
	}
	CHECK_EQ(sum, 2000);
}

static volatile int handled;

static void handler(int sig)
{
	handled = sig;
}

TEST(pwait_with_a_mask)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct epoll_event ev;
	sigset_t set, none;

	with_pipe(EPOLLIN);
	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 10), 0);
	CHECK_ERR(epoll_pwait(ep, &ev, 1, -1, &none), EINTR);
	CHECK_EQ(handled, SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &none);
	CHECK(sigismember(&none, SIGUSR1));
}

TEST(eventfd_counts)
{
	struct pollfd p = { .fd = eventfd(3, EFD_NONBLOCK),
			    .events = POLLIN | POLLOUT };
	uint64_t n;

	CHECK(p.fd >= 0);
	n = 4;
	CHECK_EQ(write(p.fd, &n, 8), 8);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLOUT);
	CHECK_EQ(read(p.fd, &n, 8), 8);
	CHECK_EQ(n, 7);
	CHECK_ERR(read(p.fd, &n, 8), EAGAIN);
	CHECK_ERR(read(p.fd, &n, 7), EINVAL);
	CHECK_ERR(write(p.fd, &n, 7), EINVAL);
	CHECK_ERR(read(p.fd, bad, 4), EINVAL);
	n = UINT64_MAX;
	CHECK_ERR(write(p.fd, &n, 8), EINVAL);
	n = UINT64_MAX - 1;
	CHECK_EQ(write(p.fd, &n, 8), 8);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN);
	n = 1;
	CHECK_ERR(write(p.fd, &n, 8), EAGAIN);
	CHECK_ERR(eventfd(0, 8), EINVAL);
}

TEST(eventfd_as_a_semaphore)
{
	int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	uint64_t n;

	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK_EQ(n, 1);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
}

static void *late_poster(void *arg)
{
	uint64_t n = 5;

	usleep(50000);
	CHECK_EQ(write(*(int *)arg, &n, 8), 8);
	return NULL;
}

TEST(eventfd_sleeps)
{
	int fd = eventfd(0, 0);
	pthread_t t;
	uint64_t n;

	pthread_create(&t, NULL, late_poster, &fd);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK_EQ(n, 5);
	pthread_join(t, NULL);
}

static void link_of(int fd, char *text, size_t size)
{
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, size - 1);
	CHECK(n > 0);
	text[n] = '\0';
}

TEST(they_have_names)
{
	char text[64];

	link_of(eventfd(0, 0), text, sizeof(text));
	CHECK(!strcmp(text, "anon_inode:[eventfd]"));
	link_of(epoll_create1(0), text, sizeof(text));
	CHECK(!strcmp(text, "anon_inode:[eventpoll]"));
	link_of(timerfd_create(CLOCK_MONOTONIC, 0), text, sizeof(text));
	CHECK(!strcmp(text, "anon_inode:[timerfd]"));
	CHECK_EQ(pipe(fds), 0);
	link_of(fds[0], text, sizeof(text));
	CHECK(!strncmp(text, "pipe:[", 6));
}

TEST(timerfd_counts_periods)
{
	struct itimerspec its = { .it_value.tv_nsec = 10000000,
				  .it_interval.tv_nsec = 10000000 },
			  old;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t n = 0;

	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK_EQ(timerfd_settime(fd, 0, &its, NULL), 0);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	usleep(35000);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 3);
	CHECK_EQ(timerfd_gettime(fd, &old), 0);
	CHECK_EQ(old.it_interval.tv_nsec, 10000000);
	CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 10000000);
	its.it_value.tv_nsec = 0;
	CHECK_EQ(timerfd_settime(fd, 0, &its, &old), 0);
	CHECK_EQ(old.it_interval.tv_nsec, 10000000);
	usleep(20000);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
}

TEST(timerfd_at_a_wall_clock_time)
{
	struct itimerspec its = {};
	struct timespec now;
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	uint64_t n = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	its.it_value = now;
	its.it_value.tv_nsec += 30000000;
	if (its.it_value.tv_nsec >= 1000000000) {
		its.it_value.tv_sec++;
		its.it_value.tv_nsec -= 1000000000;
	}
	CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL), 0);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK_EQ(n, 1);
	clock_gettime(CLOCK_REALTIME, &now);
	CHECK(now.tv_sec > its.it_value.tv_sec ||
	      now.tv_nsec >= its.it_value.tv_nsec);
	its.it_value.tv_sec = 5; /* long past */
	CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL), 0);
	CHECK_EQ(read(fd, &n, 8), 8);
	its.it_value.tv_nsec = 1000000000;
	CHECK_ERR(timerfd_settime(fd, 0, &its, NULL), EINVAL);
	CHECK_ERR(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	CHECK_ERR(timerfd_gettime(0, &its), EINVAL);
}

TAP_MAIN(CASE(level_triggered_stays), CASE(edge_triggered_once_for_each_write),
	 CASE(oneshot_until_armed_again), CASE(ctl_misuse),
	 CASE(two_numbers_are_two_items), CASE(closing_removes),
	 CASE(nested_and_no_circles), CASE(a_pyramid_is_climbed_once),
	 CASE(sleepers_are_woken), CASE(no_wake_up_is_lost_among_threads),
	 CASE(pwait_with_a_mask), CASE(eventfd_counts),
	 CASE(eventfd_as_a_semaphore), CASE(eventfd_sleeps),
	 CASE(they_have_names), CASE(timerfd_counts_periods),
	 CASE(timerfd_at_a_wall_clock_time))
