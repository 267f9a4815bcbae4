// SPDX-License-Identifier: MIT
/* Unix sockets: pairs, names, messages, files that travel, the end. */
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

static int sv[2];
static char buf[300000];
static void *volatile bad = (void *)8;

static int revents(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = (short)events };

	CHECK(poll(&p, 1, 0) >= 0);
	return p.revents;
}

TEST(a_pair_talks_both_ways)
{
	int n;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_EQ(write(sv[0], "hello", 5), 5);
	CHECK_EQ(send(sv[0], "world", 5, 0), 5);
	CHECK_EQ(ioctl(sv[1], FIONREAD, &n), 0);
	CHECK_EQ(n, 10);
	CHECK_EQ(read(sv[1], buf, 3), 3);
	CHECK_EQ(recv(sv[1], buf + 3, 100, 0), 7);
	CHECK(!memcmp(buf, "helloworld", 10));
	CHECK_EQ(write(sv[1], "back", 4), 4);
	CHECK_EQ(read(sv[0], buf, 100), 4);
	CHECK_ERR(recv(sv[0], buf, 1, MSG_DONTWAIT), EAGAIN);
	CHECK_ERR(lseek(sv[0], 0, SEEK_SET), ESPIPE);
	CHECK_ERR(pread(sv[0], buf, 1, 0), ESPIPE);
	CHECK_EQ(read(sv[0], buf, 0), 0);
}

TEST(messages_keep_their_borders)
{
	int types[] = { SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 2; i++) {
		struct iovec iov = { buf, 4 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

		CHECK_EQ(socketpair(AF_UNIX, types[i], 0, sv), 0);
		CHECK_EQ(write(sv[0], "first", 5), 5);
		CHECK_EQ(send(sv[0], "", 0, 0), 0);
		CHECK_EQ(send(sv[0], "second", 6, 0), 6);
		CHECK_EQ(recv(sv[1], buf, 100, MSG_PEEK), 5);
		CHECK_EQ(recvmsg(sv[1], &m, 0), 4);
		CHECK_EQ(m.msg_flags, MSG_TRUNC);
		CHECK_EQ(recv(sv[1], buf, 100, 0), 0);
		CHECK_EQ(recv(sv[1], buf, 2, MSG_TRUNC), 6);
		CHECK_EQ(recv(sv[1], buf, 2, MSG_DONTWAIT), -1);
		CHECK_ERR(send(sv[0], buf, sizeof(buf), 0), EMSGSIZE);
		close(sv[0]);
		close(sv[1]);
	}
}

TEST(a_full_one_blocks)
{
	ssize_t n, total = 0;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv), 0);
	CHECK_EQ(revents(sv[0], POLLIN | POLLOUT), POLLOUT);
	while ((n = write(sv[0], buf, 10000)) > 0)
		total += n;
	CHECK_EQ(errno, EAGAIN);
	CHECK(total > 60000 && total < 400000);
	CHECK_EQ(revents(sv[0], POLLIN | POLLOUT), 0);
	while ((n = read(sv[1], buf, sizeof(buf))) > 0)
		total -= n;
	CHECK_EQ(total, 0);
	CHECK_EQ(revents(sv[0], POLLIN | POLLOUT), POLLOUT);
}

static void *slow_reader(void *arg)
{
	static char part[7777];
	size_t want = *(size_t *)arg;
	ssize_t n;

	while (want && (n = read(sv[1], part, sizeof(part))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			CHECK_EQ(part[i], 'z');
		want -= (size_t)n;
	}
	CHECK_EQ(want, 0);
	return NULL;
}

TEST(a_long_write_arrives_whole)
{
	size_t want = 4 * sizeof(buf);
	pthread_t t;

	memset(buf, 'z', sizeof(buf));
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	pthread_create(&t, NULL, slow_reader, &want);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(write(sv[0], buf, sizeof(buf)), sizeof(buf));
	pthread_join(t, NULL);
	CHECK_EQ(write(sv[0], "ab", 2), 2);
	CHECK_EQ(write(sv[0], "cd", 2), 2);
	CHECK_EQ(recv(sv[1], buf, 4, MSG_WAITALL), 4);
}

static void write_to_closed(void)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	close(sv[1]);
	write(sv[0], "x", 1);
}

TEST(the_end_is_seen)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_EQ(write(sv[1], "last", 4), 4);
	close(sv[1]);
	CHECK_EQ(revents(sv[0], POLLIN | POLLOUT | POLLRDHUP),
		 POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
	CHECK_EQ(read(sv[0], buf, 10), 4);
	CHECK_EQ(read(sv[0], buf, 10), 0);
	CHECK_ERR(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_DIES(write_to_closed, SIGPIPE);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_EQ(write(sv[0], "unread", 6), 6);
	close(sv[1]);
	CHECK_ERR(read(sv[0], buf, 10), ECONNRESET);
	CHECK_EQ(read(sv[0], buf, 10), 0);
}

TEST(shutdown_closes_one_way)
{
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_EQ(write(sv[0], "x", 1), 1);
	CHECK_EQ(shutdown(sv[0], SHUT_WR), 0);
	CHECK_ERR(send(sv[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_EQ(read(sv[1], buf, 10), 1);
	CHECK_EQ(read(sv[1], buf, 10), 0);
	CHECK_EQ(revents(sv[1], POLLIN | POLLRDHUP), POLLIN | POLLRDHUP);
	CHECK_EQ(write(sv[1], "y", 1), 1);
	CHECK_EQ(read(sv[0], buf, 10), 1);
	CHECK_ERR(shutdown(sv[0], 3), EINVAL);
	CHECK_EQ(shutdown(sv[0], SHUT_RD), 0);
	CHECK_ERR(send(sv[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

static struct sockaddr_un un(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, path);
	return a;
}

static int server(int type, const struct sockaddr_un *a)
{
	int s = socket(AF_UNIX, type, 0);

	CHECK(s >= 0);
	CHECK_EQ(bind(s, (const void *)a, sizeof(*a)), 0);
	if (type != SOCK_DGRAM)
		CHECK_EQ(listen(s, 1), 0);
	return s;
}

TEST(nobody_there)
{
	struct sockaddr_un a = un("/tmp/no-such-socket");
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	CHECK_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(connect(s, (void *)&a, sizeof(a)), ENOENT);
	a = un("/tmp");
	CHECK_ERR(connect(s, (void *)&a, sizeof(a)), ECONNREFUSED);
	a = un("/tmp/gone");
	fd = server(SOCK_STREAM, &a);
	close(fd);
	CHECK_ERR(connect(s, (void *)&a, sizeof(a)), ECONNREFUSED);
	CHECK_EQ(unlink("/tmp/gone"), 0);
	CHECK_ERR(connect(0, (void *)&a, sizeof(a)), ENOTSOCK);
	CHECK_ERR(connect(s, (void *)&a, 2), EINVAL);
	CHECK_ERR(connect(s, bad, sizeof(a)), EFAULT);
	CHECK_ERR(read(s, buf, 1), EINVAL);
	CHECK_ERR(send(s, buf, 1, 0), ENOTCONN);
	CHECK_ERR(socket(77, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERR(socket(AF_UNIX, 9, 0), ESOCKTNOSUPPORT);
	CHECK_ERR(socket(AF_UNIX, SOCK_STREAM, 5), EPROTONOSUPPORT);
	CHECK_ERR(getpeername(s, (void *)&a, &(socklen_t){ sizeof(a) }),
		  ENOTCONN);
	CHECK_EQ(revents(s, POLLIN | POLLOUT), POLLOUT | POLLHUP);
}

TEST(a_server_and_its_clients)
{
	struct sockaddr_un a = un("/tmp/server"), got;
	int s = server(SOCK_STREAM, &a), c[3], in, err;
	socklen_t len = sizeof(got);
	struct ucred cred;
	struct stat st;

	CHECK_EQ(stat(a.sun_path, &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	got = un("/tmp/another");
	CHECK_ERR(bind(s, (void *)&got, sizeof(got)), EINVAL);
	CHECK_ERR(stat(got.sun_path, &st), ENOENT);
	for (int i = 0; i < 3; i++)
		c[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK_ERR(bind(c[0], (void *)&a, sizeof(a)), EADDRINUSE);
	CHECK_EQ(revents(s, POLLIN), 0);
	CHECK_EQ(connect(c[0], (void *)&a, sizeof(a)), 0);
	CHECK_ERR(connect(c[0], (void *)&a, sizeof(a)), EISCONN);
	CHECK_EQ(connect(c[1], (void *)&a, sizeof(a)), 0);
	CHECK_ERR(connect(c[2], (void *)&a, sizeof(a)), EAGAIN);
	CHECK_EQ(revents(s, POLLIN), POLLIN);
	CHECK_EQ(write(c[0], "early", 5), 5); /* before it is accepted */
	in = accept(s, (void *)&got, &len);
	CHECK(in >= 0);
	CHECK_EQ(len, 2); /* the client has no name */
	CHECK_EQ(read(in, buf, 10), 5);
	len = sizeof(got);
	CHECK_EQ(getpeername(c[0], (void *)&got, &len), 0);
	CHECK(!strcmp(got.sun_path, a.sun_path));
	CHECK_EQ(len, offsetof(struct sockaddr_un, sun_path) +
			      strlen(a.sun_path) + 1);
	len = sizeof(cred);
	CHECK_EQ(getsockopt(c[0], SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
	CHECK_EQ(cred.pid, getpid());
	CHECK_EQ(cred.uid, getuid());
	len = sizeof(err);
	CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, &err, &len), 0);
	CHECK_EQ(err, 1);
	close(s); /* c[1] was never accepted */
	CHECK_ERR(send(c[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	unlink(a.sun_path);
}

TEST(abstract_names)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0quire" },
			   from;
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 6, n;
	int d = socket(AF_UNIX, SOCK_DGRAM, 0);
	int e = socket(AF_UNIX, SOCK_DGRAM, 0);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK_EQ(bind(d, (void *)&a, len), 0);
	CHECK_ERR(bind(e, (void *)&a, len), EADDRINUSE);
	CHECK_ERR(connect(s, (void *)&a, len),
		  ECONNREFUSED); /* none of this type */
	CHECK_EQ(sendto(e, "msg", 3, 0, (void *)&a, len), 3);
	n = sizeof(from);
	CHECK_EQ(recvfrom(d, buf, 9, 0, (void *)&from, &n), 3);
	CHECK_EQ(n, 0);
	CHECK_EQ(connect(e, (void *)&a, len), 0);
	CHECK_EQ(send(e, "msg", 3, 0), 3);
	CHECK_EQ(sendto(d, "self", 4, 0, (void *)&a, len), 4);
	CHECK_EQ(recv(d, buf, 9, 0), 3);
	n = sizeof(from);
	CHECK_EQ(recvfrom(d, buf, 9, 0, (void *)&from, &n), 4);
	CHECK_EQ(n, len);
	CHECK(!memcmp(from.sun_path, a.sun_path, 6));
	close(d);
	CHECK_ERR(send(e, "msg", 3, 0), ECONNREFUSED);
	CHECK_ERR(sendto(e, "msg", 3, 0, (void *)&a, len), ECONNREFUSED);
}

static ssize_t send_fd(int s, int fd)
{
	union {
		struct cmsghdr c;
		char space[CMSG_SPACE(sizeof(int))];
	} u = { .c = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &u,
			    .msg_controllen = sizeof(u) };

	memcpy(CMSG_DATA(&u.c), &fd, sizeof(fd));
	return sendmsg(s, &m, 0);
}

TEST(files_travel)
{
	union {
		struct cmsghdr c;
		char space[CMSG_SPACE(sizeof(int))];
	} u;
	struct iovec iov = { buf, 10 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &u,
			    .msg_controllen = sizeof(u) };
	int p[2], fd;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(write(sv[0], "abc", 3), 3);
	CHECK_EQ(send_fd(sv[0], p[1]), 1);
	close(p[1]);
	CHECK_EQ(write(sv[0], "d", 1), 1);
	CHECK_EQ(recv(sv[1], buf, 2, 0), 2);
	CHECK_EQ(recvmsg(sv[1], &m, MSG_CMSG_CLOEXEC) > 0, 1);
	if (!m.msg_controllen) { /* what came before is a message of its own */
		m.msg_controllen = sizeof(u);
		CHECK_EQ(recvmsg(sv[1], &m, MSG_CMSG_CLOEXEC), 1);
	}
	CHECK_EQ(u.c.cmsg_type, SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&u.c), sizeof(fd));
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(write(fd, "through", 7), 7);
	CHECK_EQ(read(p[0], buf, 10), 7);
	close(fd);
	CHECK_EQ(read(p[0], buf, 10), 0); /* that was the last writer */
	/* not taken: told, and closed */
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(send_fd(sv[0], p[1]), 1);
	close(p[1]);
	while (recv(sv[1], buf, 1, 0) == 1 && buf[0] != 'f')
		;
	CHECK_EQ(read(p[0], buf, 10), 0);
	CHECK_ERR(send_fd(sv[0], 999), EBADF);
	/* in the queue of a socket that goes */
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(send_fd(sv[0], p[1]), 1);
	close(p[1]);
	close(sv[1]);
	CHECK_EQ(read(p[0], buf, 10), 0);
}

TEST(timeouts_and_options)
{
	struct timeval tv = { .tv_usec = 30000 };
	socklen_t len;
	int v;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	CHECK_EQ(setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)),
		 0);
	CHECK_ERR(read(sv[0], buf, 1), EAGAIN);
	len = sizeof(tv);
	tv.tv_usec = 0;
	CHECK_EQ(getsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &len), 0);
	CHECK(tv.tv_usec >= 30000);
	len = sizeof(v);
	CHECK_EQ(getsockopt(sv[0], SOL_SOCKET, SO_TYPE, &v, &len), 0);
	CHECK_EQ(v, SOCK_SEQPACKET);
	CHECK_EQ(getsockopt(sv[0], SOL_SOCKET, SO_ERROR, &v, &len), 0);
	CHECK_EQ(v, 0);
	CHECK_EQ(getsockopt(sv[0], SOL_SOCKET, SO_DOMAIN, &v, &len), 0);
	CHECK_EQ(v, AF_UNIX);
	CHECK_EQ(getsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &v, &len), 0);
	CHECK_EQ(v, 212992);
	CHECK_ERR(getsockopt(sv[0], SOL_SOCKET, 999, &v, &len), ENOPROTOOPT);
	CHECK_ERR(getsockopt(0, SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK);
	CHECK_ERR(setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &v, 2), EINVAL);
}

static void *client(void *arg)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	char c = 0;

	CHECK_EQ(connect(s, arg, sizeof(struct sockaddr_un)), 0);
	for (int i = 0; i < 100; i++) {
		CHECK_EQ(write(s, &c, 1), 1);
		CHECK_EQ(read(s, &c, 1), 1);
	}
	close(s);
	return (void *)(long)c;
}

TEST(clients_wait_for_their_turn)
{
	struct sockaddr_un a = un("/tmp/turns");
	int s = server(SOCK_STREAM, &a), in;
	pthread_t t[6];
	void *sum;
	char c;

	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, client, &a);
	for (int i = 0; i < 6; i++) {
		in = accept(s, NULL, NULL);
		CHECK(in >= 0);
		while (read(in, &c, 1) == 1) {
			c++;
			CHECK_EQ(write(in, &c, 1), 1);
		}
		close(in);
	}
	for (int i = 0; i < 6; i++) {
		pthread_join(t[i], &sum);
		CHECK_EQ((long)sum, 100);
	}
	unlink(a.sun_path);
}

/* What waits at a listener is for accept alone. */
TEST(a_listener_has_no_bytes)
{
	int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

	for (int i = 0; i < 2; i++) {
		struct sockaddr_un a = un("/tmp/nobytes");
		int s = server(types[i], &a), n;
		int c = socket(AF_UNIX, types[i], 0);

		CHECK_EQ(connect(c, (void *)&a, sizeof(a)), 0);
		CHECK_EQ(write(c, "hello", 5), 5);
		CHECK_ERR(recv(s, buf, sizeof(buf), 0), i ? ENOTCONN : EINVAL);
		CHECK_ERR(read(s, buf, 1), i ? ENOTCONN : EINVAL);
		CHECK_ERR(recv(s, buf, 1, MSG_PEEK), i ? ENOTCONN : EINVAL);
		CHECK_ERR(ioctl(s, FIONREAD, &n), EINVAL);
		unlink(a.sun_path);
	}
}

/* Who waits for room in a queue is told that nobody accepts any more. */
TEST(a_shut_listener_refuses)
{
	struct sockaddr_un a = un("/tmp/shut");
	int s = server(SOCK_STREAM, &a), c;

	CHECK_EQ(listen(s, 0), 0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(connect(c, (void *)&a, sizeof(a)), 0);
	CHECK_EQ(shutdown(s, SHUT_RDWR), 0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	alarm(5);
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
	unlink(a.sun_path);
}

/* What waits costs memory beyond its bytes, and files do, too. */
TEST(small_messages_fill_it_too)
{
	int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

	for (int i = 0; i < 6; i++) {
		size_t len = i % 2 || i / 2 == 0;
		int n = 0;

		CHECK_EQ(socketpair(AF_UNIX, types[i / 2] | SOCK_NONBLOCK, 0,
				    sv),
			 0);
		while (n < 2000 && send(sv[0], "x", len, 0) == (ssize_t)len)
			n++;
		CHECK(n > 8 && n < 2000);
		CHECK_EQ(errno, EAGAIN);
		CHECK_EQ(recv(sv[1], buf, sizeof(buf), 0),
			 i / 2 ? (ssize_t)len : n);
		CHECK_EQ(send(sv[0], "x", len, 0), len);
	}
	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	CHECK_EQ(send(sv[0], buf, 212992 - 32, 0), 212992 - 32);
	CHECK_ERR(send(sv[0], buf, 212992 - 31, 0), EMSGSIZE);
}

static void send_file(int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	CHECK_EQ(sendmsg(sv[0], &m, 0), 1);
}

/* A file whose number cannot be told is not left open. */
TEST(no_descriptor_is_lost)
{
	struct iovec iov = { buf, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = bad,
			    .msg_controllen = 64 };
	int next;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	next = dup(0);
	close(next);
	send_file(0);
	CHECK_EQ(recvmsg(sv[1], &m, 0), 1);
	CHECK(m.msg_flags & MSG_CTRUNC);
	CHECK_EQ(dup(0), next);
}

TAP_MAIN(CASE(small_messages_fill_it_too), CASE(no_descriptor_is_lost),
	 CASE(a_shut_listener_refuses), CASE(a_listener_has_no_bytes),
	 CASE(a_pair_talks_both_ways), CASE(messages_keep_their_borders),
	 CASE(a_full_one_blocks), CASE(a_long_write_arrives_whole),
	 CASE(the_end_is_seen), CASE(shutdown_closes_one_way),
	 CASE(nobody_there), CASE(a_server_and_its_clients),
	 CASE(abstract_names), CASE(files_travel), CASE(timeouts_and_options),
	 CASE(clients_wait_for_their_turn))
