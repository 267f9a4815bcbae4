// SPDX-License-Identifier: MIT
/*
 * The system calls of sockets: what user space passes, taken apart and put
 * together. The only family is AF_UNIX (fs/unix.c).
 */
#include <asm/uaccess.h>
#include <fs/fdtable.h>
#include <fs/unix.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>

#define AF_UNSPEC     0
#define AF_UNIX	      1
#define AF_MAX	      46
#define SOCK_RAW      3
#define SOCK_TYPE     0xf
#define SOCK_MAX      11
#define SOL_SOCKET    1
#define SO_REUSEADDR  2
#define SO_TYPE	      3
#define SO_ERROR      4
#define SO_SNDBUF     7
#define SO_RCVBUF     8
#define SO_KEEPALIVE  9
#define SO_PEERCRED   17
#define SO_RCVTIMEO   20
#define SO_SNDTIMEO   21
#define SO_ACCEPTCONN 30
#define SO_PROTOCOL   38
#define SO_DOMAIN     39
#define SCM_RIGHTS    1
#define SCM_MAX_BYTES 20480	  /* of control data, as net.core.optmem_max */
#define MSG_COMPAT    0x80000000u /* the kernel's own */

struct sockaddr_un {
	u16 family;
	char path[UNIX_PATH_MAX];
};

struct msghdr { /* as in user space */
	void __user *name;
	s32 namelen;
	struct iovec __user *iov;
	u64 iovlen;
	void __user *control;
	u64 controllen;
	u32 flags;
};

struct cmsghdr {
	u64 len; /* with this header */
	s32 level, type;
};

static struct ucred my_ucred(void)
{
	return (struct ucred){ current->tgid, current_cred()->euid,
			       current_cred()->egid };
}

/* => 0, -EBADF, -ENOTSOCK */
static int check_sock(const struct file *file)
{
	if (!file)
		return -EBADF;
	return S_ISSOCK(file->f_inode->i_mode) ? 0 : -ENOTSOCK;
}

/* --- addresses --- */

/* => AF_UNIX and the address, AF_UNSPEC, or -errno */
static int get_addr(const struct file *file, const void __user *uaddr, int len,
		    struct unix_addr *addr)
{
	union {
		struct sockaddr_un un;
		char room[128]; /* of every family's */
	} u;
	int err;

	if (len < 0 || len > (int)sizeof(u))
		return -EINVAL;
	if (copy_from_user(&u, uaddr, (size_t)len))
		return -EFAULT;
	err = check_sock(file);
	if (err)
		return err;
	if (len >= (int)sizeof(u.un.family) && u.un.family == AF_UNSPEC)
		return AF_UNSPEC;
	if (len <= (int)sizeof(u.un.family) || len > (int)sizeof(u.un) ||
	    u.un.family != AF_UNIX)
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	addr->len = (unsigned int)len - (unsigned int)sizeof(u.un.family);
	memcpy(addr->path, u.un.path, addr->len);
	if (addr->path[0]) /* a path: terminated, and that is told */
		addr->len = (unsigned int)strlen(addr->path) + 1;
	return AF_UNIX;
}

static int put_addr(const struct unix_addr *addr, void __user *uaddr,
		    s32 __user *ulen)
{
	u16 family = AF_UNIX;
	struct sockaddr_un un = { .family = family };
	s32 room, len = (s32)(sizeof(family) + addr->len);

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	memcpy(un.path, addr->path,
	       min(addr->len, (unsigned int)UNIX_PATH_MAX));
	if (copy_to_user(uaddr, &un,
			 (size_t)min(room, min(len, (s32)sizeof(un)))))
		return -EFAULT;
	return put_user(len, ulen);
}

/* Of a message: nothing at all if its sender has no name. */
static int put_sender(const struct unix_addr *addr, void __user *uaddr,
		      s32 __user *ulen)
{
	return addr->len ? put_addr(addr, uaddr, ulen) : put_user(0, ulen);
}

/* --- new sockets --- */

/* => SOCK_*, or -errno */
static int check_type(int family, int type, int protocol)
{
	if (type & ~(SOCK_TYPE | O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	if ((unsigned int)family < AF_MAX && (type & SOCK_TYPE) >= SOCK_MAX)
		return -EINVAL;
	if (family != AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	switch (type & SOCK_TYPE) {
	case SOCK_RAW:
		return SOCK_DGRAM;
	case SOCK_STREAM:
	case SOCK_DGRAM:
	case SOCK_SEQPACKET:
		return type & SOCK_TYPE;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

SYSCALL(sys_socket, int family, int type, int protocol)
{
	int kind = check_type(family, type, protocol);
	struct ucred me = my_ucred();

	if (kind < 0)
		return kind;
	return install_file(unix_socket(kind, (unsigned int)type, &me), type);
}

SYSCALL(sys_socketpair, int family, int type, int protocol, int __user *fds)
{
	int err, kind = check_type(family, type, protocol);
	struct ucred me = my_ucred();
	struct file *pair[2];

	if (type & ~(SOCK_TYPE | O_NONBLOCK | O_CLOEXEC))
		return kind;
	if (clear_user(fds, 2 * sizeof(*fds)))
		return -EFAULT;
	if (kind < 0)
		return kind;
	err = unix_socketpair(kind, (unsigned int)type, &me, pair);
	return err ? err : install_pair(pair, type, fds);
}

/* --- names and connections --- */

/* An address that may name a path: with the walk's context. */
struct addr_ctx {
	struct unix_addr addr;
	struct walk_ctx ctx;
};

static int addr_ctx_get(struct addr_ctx *a, const struct file *file,
			const void __user *uaddr, int len)
{
	int family = get_addr(file, uaddr, len, &a->addr);

	if (family != AF_UNIX)
		return family < 0 ? family : -EINVAL;
	walk_ctx_get(&a->ctx);
	return 0;
}

SYSCALL(sys_bind, int fd, const void __user *uaddr, int len)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct addr_ctx a;
	int err = check_sock(file);

	if (!err)
		err = addr_ctx_get(&a, file, uaddr, len);
	if (err)
		return err;
	err = unix_bind(file, &a.addr, &a.ctx);
	walk_ctx_put(&a.ctx);
	return err;
}

SYSCALL(sys_connect, int fd, const void __user *uaddr, int len)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct ucred me = my_ucred();
	struct addr_ctx a;
	int err;

	if (!file)
		return -EBADF;
	err = get_addr(file, uaddr, len, &a.addr);
	if (err == AF_UNSPEC)
		return unix_connect(file, NULL, NULL, &me);
	if (err != AF_UNIX)
		return err;
	walk_ctx_get(&a.ctx);
	err = unix_connect(file, &a.addr, &a.ctx, &me);
	walk_ctx_put(&a.ctx);
	return err;
}

SYSCALL(sys_listen, int fd, int backlog)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct ucred me = my_ucred();
	int err = check_sock(file);

	return err ? err : unix_listen(file, backlog, &me);
}

SYSCALL(sys_accept4, int fd, void __user *uaddr, s32 __user *ulen, int flags)
{
	struct file *file, *got;
	struct unix_addr addr;
	long err;

	file = fget(current->files, (unsigned int)fd);
	if (file && flags & ~(O_NONBLOCK | O_CLOEXEC))
		err = -EINVAL;
	else
		err = check_sock(file);
	got = err ? ERR_PTR(err) : unix_accept(file, (unsigned int)flags);
	fput(file);
	if (IS_ERR(got))
		return PTR_ERR(got);
	if (uaddr) {
		if (unix_getname(got, true, &addr))
			addr.len = 0; /* it has gone already */
		err = put_addr(&addr, uaddr, ulen);
	}
	if (!err)
		return install_file(got, flags);
	fput(got);
	return err;
}

SYSCALL(sys_accept, int fd, void __user *uaddr, s32 __user *ulen)
{
	return sys_accept4(fd, uaddr, ulen, 0);
}

static long get_name(int fd, bool peer, void __user *uaddr, s32 __user *ulen)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct unix_addr addr;
	long err = check_sock(file);

	if (!err)
		err = unix_getname(file, peer, &addr);
	return err ? err : put_addr(&addr, uaddr, ulen);
}

SYSCALL(sys_getsockname, int fd, void __user *uaddr, s32 __user *ulen)
{
	return get_name(fd, false, uaddr, ulen);
}

SYSCALL(sys_getpeername, int fd, void __user *uaddr, s32 __user *ulen)
{
	return get_name(fd, true, uaddr, ulen);
}

SYSCALL(sys_shutdown, int fd, int how)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	int err = check_sock(file);

	return err ? err : unix_shutdown(file, how);
}

/* --- messages --- */

/* One message: from msghdr, or from the arguments of sendto. */
static ssize_t do_send(int fd, struct iov_iter *from, const void __user *uaddr,
		       int addrlen, struct unix_files *files,
		       unsigned int flags)
{
	struct unix_call call = { .flags = flags, .files = files };
	struct file *file = fget(current->files, (unsigned int)fd);
	struct addr_ctx a;
	ssize_t n = check_sock(file);

	if (!n && uaddr && addrlen) {
		n = addr_ctx_get(&a, file, uaddr, addrlen);
		call.addr = &a.addr;
		call.ctx = &a.ctx;
	}
	if (!n) {
		n = unix_send(file, from, &call);
		if (call.addr)
			walk_ctx_put(&a.ctx);
	}
	unix_files_free(call.files);
	fput(file);
	if (n == -EPIPE && !(flags & MSG_NOSIGNAL))
		send_sig_info(SIGPIPE, NULL, current, false);
	return n;
}

SYSCALL(sys_sendto, int fd, void __user *buf, size_t n, unsigned int flags,
	const void __user *uaddr, int addrlen)
{
	struct iov_iter from;

	n = min(n, MAX_RW_COUNT);
	if (!access_ok(buf, n))
		return -EFAULT;
	iov_iter_user(&from, buf, n);
	return do_send(fd, &from, uaddr, addrlen, NULL, flags);
}

SYSCALL(sys_recvfrom, int fd, void __user *buf, size_t n, unsigned int flags,
	void __user *uaddr, s32 __user *ulen)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct unix_addr addr;
	struct unix_call call = { .flags = flags, .addr = &addr };
	struct iov_iter to;
	ssize_t got = check_sock(file);

	n = min(n, MAX_RW_COUNT);
	if (!access_ok(buf, n))
		return -EFAULT;
	if (got)
		return got;
	iov_iter_user(&to, buf, n);
	got = unix_recv(file, &to, &call);
	unix_files_free(call.files);
	if (got >= 0 && uaddr && put_sender(&addr, uaddr, ulen))
		return -EFAULT;
	return got;
}

/* Take files by number. => 0, -EBADF, -EINVAL (sockets do not travel) */
static int add_files(struct unix_files *files, const s32 *fds, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct file *file;

		if (files->nr == SCM_MAX_FD)
			return -EINVAL;
		file = fget(current->files, (unsigned int)fds[i]);
		if (!file)
			return -EBADF;
		files->file[files->nr++] = file;
		if (S_ISSOCK(file->f_inode->i_mode))
			return -EINVAL;
	}
	return 0;
}

/* data: control data in the kernel. => 0 and files, -EINVAL, -EBADF */
static int parse_control(const char *data, size_t size,
			 struct unix_files *files)
{
	while (size >= sizeof(struct cmsghdr)) {
		struct cmsghdr c;
		size_t step;
		int err;

		memcpy(&c, data, sizeof(c));
		if (c.len < sizeof(c) || c.len > size ||
		    c.level != SOL_SOCKET || c.type != SCM_RIGHTS)
			return -EINVAL;
		err = add_files(files, (const s32 *)(data + sizeof(c)),
				(c.len - sizeof(c)) / sizeof(s32));
		if (err)
			return err;
		step = min(ALIGN(c.len, 8UL), size);
		data += step;
		size -= step;
	}
	return 0;
}

/* => the files that go with a message, NULL: none; or ERR_PTR */
static struct unix_files *get_control(const struct msghdr *m)
{
	struct unix_files *files;
	char *data;
	int err;

	if (!m->control || !m->controllen)
		return NULL;
	if (m->controllen > SCM_MAX_BYTES)
		return ERR_PTR(-ENOBUFS);
	data = kvmalloc(m->controllen, GFP_KERNEL);
	files = kzalloc(sizeof(*files), GFP_KERNEL);
	err = data && files ? 0 : -ENOMEM;
	if (!err && copy_from_user(data, m->control, m->controllen))
		err = -EFAULT;
	if (!err)
		err = parse_control(data, m->controllen, files);
	kvfree(data);
	if (!err && files->nr)
		return files;
	unix_files_free(files);
	return ERR_PTR(err);
}

/* => 0; -EMFILE, -EFAULT: nothing was opened */
static int receive_file(struct file *file, unsigned int flags, s32 __user *out)
{
	int fd = get_unused_fd(current->files, 0, rlimit(RLIMIT_NOFILE),
			       flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);

	if (fd < 0)
		return fd;
	if (put_user(fd, out)) {
		put_unused_fd(current->files, (unsigned int)fd);
		return -EFAULT;
	}
	fd_install(current->files, (unsigned int)fd, get_file(file));
	return 0;
}

/* Give the process the files that came, as many as there is room for. */
static unsigned int put_control(struct msghdr *m, struct unix_files *files,
				unsigned int flags)
{
	struct cmsghdr c = { .level = SOL_SOCKET, .type = SCM_RIGHTS };
	s32 __user *out = (s32 __user *)((char *)m->control + sizeof(c));
	u64 room = m->control && m->controllen > sizeof(c) ?
			   (m->controllen - sizeof(c)) / sizeof(s32) :
			   0;
	unsigned int i;

	m->controllen = 0;
	for (i = 0; files && i < files->nr && i < room; i++)
		if (receive_file(files->file[i], flags, out + i))
			break;
	c.len = sizeof(c) + i * sizeof(s32);
	if (i && !copy_to_user(m->control, &c, sizeof(c)))
		m->controllen = ALIGN(c.len, 8UL);
	return files && i < files->nr ? MSG_CTRUNC : 0;
}

/* => 0, -EINVAL, -EBADF, -ENOTSOCK, -EFAULT, -EMSGSIZE */
static int get_msghdr(int fd, const struct msghdr __user *umsg,
		      unsigned int flags, struct msghdr *m)
{
	struct file *file;
	int err;

	if (flags & MSG_COMPAT)
		return -EINVAL;
	file = fget(current->files, (unsigned int)fd);
	err = check_sock(file);
	fput(file);
	if (err)
		return err;
	if (copy_from_user(m, umsg, sizeof(*m)))
		return -EFAULT;
	if (m->name && m->namelen < 0)
		return -EINVAL;
	return m->iovlen > UIO_MAXIOV ? -EMSGSIZE : 0;
}

SYSCALL(sys_sendmsg, int fd, const struct msghdr __user *umsg,
	unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct unix_files *files;
	struct iov_iter from;
	struct msghdr m;
	ssize_t n = get_msghdr(fd, umsg, flags, &m);

	if (!n)
		n = import_iovec(m.iov, m.iovlen, fast, &iov, &from);
	if (n < 0)
		return n;
	files = get_control(&m);
	n = IS_ERR(files) ? PTR_ERR(files) :
			    do_send(fd, &from, m.name, m.namelen, files, flags);
	iovec_free(iov, fast);
	return n;
}

/* What is told back. */
static int put_result(struct msghdr __user *umsg, const struct msghdr *m,
		      const struct unix_addr *addr)
{
	if (m->name && put_sender(addr, m->name, &umsg->namelen))
		return -EFAULT;
	return put_user(m->flags, &umsg->flags) ||
			       put_user(m->controllen, &umsg->controllen) ?
		       -EFAULT :
		       0;
}

SYSCALL(sys_recvmsg, int fd, struct msghdr __user *umsg, unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct unix_addr addr;
	struct unix_call call = { .flags = flags, .addr = &addr };
	struct file *file;
	struct iov_iter to;
	struct msghdr m;
	ssize_t n = get_msghdr(fd, umsg, flags, &m);

	if (!n)
		n = import_iovec(m.iov, m.iovlen, fast, &iov, &to);
	if (n < 0)
		return n;
	file = fget(current->files, (unsigned int)fd);
	n = check_sock(file);
	if (!n)
		n = unix_recv(file, &to, &call);
	fput(file);
	iovec_free(iov, fast);
	if (n >= 0) {
		m.flags = call.flags | (flags & MSG_CMSG_CLOEXEC) |
			  put_control(&m, call.files, flags);
		unix_files_free(call.files);
		if (put_result(umsg, &m, &addr))
			n = -EFAULT;
	}
	return n;
}

/* --- options --- */

static int option_value(struct file *file, int name,
			const struct unix_options *o)
{
	switch (name) {
	case SO_TYPE:
		return o->type;
	case SO_ERROR:
		return unix_take_error(file);
	case SO_SNDBUF:
	case SO_RCVBUF:
		return UNIX_BUFFER;
	case SO_ACCEPTCONN:
		return o->listening;
	case SO_DOMAIN:
		return AF_UNIX;
	case SO_REUSEADDR:
	case SO_KEEPALIVE:
	case SO_PROTOCOL:
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static struct timeval timeo_to_timeval(u64 ns)
{
	return ns == U64_MAX ? (struct timeval){} : ns_to_timeval(ns);
}

SYSCALL(sys_getsockopt, int fd, int level, int name, void __user *val,
	s32 __user *ulen)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	struct unix_options o;
	struct timeval tv;
	const void *from = &tv;
	s32 len = sizeof(tv), room;
	int n, err = check_sock(file);

	if (err)
		return err;
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	unix_get_options(file, &o);
	if (name == SO_PEERCRED) {
		from = &o.peer;
		len = sizeof(o.peer);
	} else if (name == SO_RCVTIMEO || name == SO_SNDTIMEO) {
		tv = timeo_to_timeval(name == SO_RCVTIMEO ? o.rcv_timeo :
							    o.snd_timeo);
	} else {
		n = option_value(file, name, &o);
		if (n < 0)
			return n;
		from = &n;
		len = sizeof(n);
	}
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	len = min(len, room);
	return copy_to_user(val, from, (size_t)len) || put_user(len, ulen) ?
		       -EFAULT :
		       0;
}

static int set_timeout(struct file *file, bool receive, const void __user *val,
		       int len)
{
	struct timeval tv;
	u64 ns;

	if (len < (int)sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, val, sizeof(tv)))
		return -EFAULT;
	if ((u64)tv.tv_usec >= USEC_PER_SEC)
		return -EDOM;
	ns = tv.tv_sec < 0 ? 0 :
	     tv.tv_sec > S64_MAX / (s64)NSEC_PER_SEC - 1 ?
			     U64_MAX :
			     (u64)tv.tv_sec * NSEC_PER_SEC +
				     (u64)tv.tv_usec * NSEC_PER_USEC;
	unix_set_timeout(file, receive, ns ? ns : U64_MAX);
	return 0;
}

/* Sizes are accepted: the buffer is as large as it is. */
static int set_option(struct file *file, int name, const void __user *val,
		      int len)
{
	int n;

	switch (name) {
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
		return set_timeout(file, name == SO_RCVTIMEO, val, len);
	case SO_REUSEADDR:
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_KEEPALIVE:
		if (len < (int)sizeof(n))
			return -EINVAL;
		return get_user(n, (const int __user *)val) ? -EFAULT : 0;
	default:
		return -ENOPROTOOPT;
	}
}

SYSCALL(sys_setsockopt, int fd, int level, int name, const void __user *val,
	int len)
{
	struct file *file __free(fput) = fget(current->files, (unsigned int)fd);
	int err = len < 0 ? -EINVAL : check_sock(file);

	if (err)
		return err;
	return level == SOL_SOCKET ? set_option(file, name, val, len) :
				     -EOPNOTSUPP;
}
