// SPDX-License-Identifier: MIT
/*
 * The iterator over the memory of one read or write (fs/uio.h): one loop
 * over segments serves all copies.
 */
#include <asm/uaccess.h>
#include <base/bug.h>
#include <fs/fcntl.h>
#include <fs/uio.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/phys/vmalloc.h>

static void iov_iter_one(struct iov_iter *i, void *buf, size_t n, bool user)
{
	i->user = user;
	i->nr_segs = 1;
	i->iov_offset = 0;
	i->count = n;
	i->one.iov_base = buf;
	i->one.iov_len = n;
	i->iov = &i->one;
}

void iov_iter_user(struct iov_iter *i, void *ubuf, size_t n)
{
	iov_iter_one(i, ubuf, min(n, MAX_RW_COUNT), true);
}

void iov_iter_kernel(struct iov_iter *i, void *kbuf, size_t n)
{
	iov_iter_one(i, kbuf, n, false);
}

void iov_iter_vec(struct iov_iter *i, const struct iovec *iov,
		  unsigned int nr_segs, size_t count)
{
	i->user = true;
	i->nr_segs = nr_segs;
	i->iov_offset = 0;
	i->count = count;
	i->iov = iov;
}

/* Step over finished segments. => bytes in the current one, at most n */
static size_t iov_iter_seg(struct iov_iter *i, size_t n)
{
	n = min(n, i->count);
	while (n && i->iov_offset == i->iov->iov_len) {
		BUG_ON(i->nr_segs <= 1);
		i->iov++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
	return n ? min(n, i->iov->iov_len - i->iov_offset) : 0;
}

enum iov_op { IOV_TO, IOV_FROM, IOV_ZERO };

static size_t iov_user(enum iov_op op, void *ubuf, void *kbuf, size_t n)
{
	if (op == IOV_TO)
		return n - copy_to_user(ubuf, kbuf, n);
	if (op == IOV_FROM)
		return n - copy_from_user(kbuf, ubuf, n);
	return n - clear_user(ubuf, n);
}

static size_t iov_kernel(enum iov_op op, void *buf, void *kbuf, size_t n)
{
	if (op == IOV_TO)
		memcpy(buf, kbuf, n);
	else if (op == IOV_FROM)
		memcpy(kbuf, buf, n);
	else
		memset(buf, 0, n);
	return n;
}

static __always_inline size_t iov_copy(enum iov_op op, char *kbuf, size_t n,
				       struct iov_iter *i)
{
	size_t done = 0, part, moved;

	while ((part = iov_iter_seg(i, n - done)) != 0) {
		char *at = (char *)i->iov->iov_base + i->iov_offset;

		moved = i->user ? iov_user(op, at, kbuf + done, part) :
				  iov_kernel(op, at, kbuf + done, part);
		i->iov_offset += moved;
		i->count -= moved;
		done += moved;
		if (moved != part)
			break;
	}
	return done;
}

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *i)
{
	return iov_copy(IOV_TO, (char *)(uintptr_t)src, n, i);
}

size_t copy_from_iter(void *dst, size_t n, struct iov_iter *i)
{
	return iov_copy(IOV_FROM, dst, n, i);
}

size_t iov_iter_zero(size_t n, struct iov_iter *i)
{
	return iov_copy(IOV_ZERO, NULL, n, i);
}

void iov_iter_advance(struct iov_iter *i, size_t n)
{
	size_t part;

	BUG_ON(n > i->count);
	while ((part = iov_iter_seg(i, n)) != 0) {
		i->iov_offset += part;
		i->count -= part;
		n -= part;
	}
}

void iovec_free(struct iovec *iov, const struct iovec *fast)
{
	if (iov != fast && !IS_ERR(iov))
		kvfree(iov);
}

struct iovec *iovec_from_user(const void *uvec, unsigned long nr,
			      struct iovec *fast)
{
	struct iovec *iov = fast;
	int err = 0;

	if (nr > UIO_MAXIOV)
		return ERR_PTR(-EINVAL);
	if (nr > UIO_FASTIOV) {
		iov = kvmalloc(nr * sizeof(*iov), GFP_KERNEL);
		if (!iov)
			return ERR_PTR(-ENOMEM);
	}
	if (copy_from_user(iov, uvec, nr * sizeof(*iov)))
		err = -EFAULT;
	for (unsigned long k = 0; k < nr && !err; k++)
		if ((ssize_t)iov[k].iov_len < 0)
			err = -EINVAL;
	if (!err)
		return iov;
	iovec_free(iov, fast);
	return ERR_PTR(err);
}

/* Check the places and cut the sum to what one call may move. */
static ssize_t iovec_total(struct iovec *iov, unsigned long nr)
{
	size_t total = 0;
	unsigned long k;

	for (k = 0; k < nr; k++) {
		size_t len = iov[k].iov_len;

		if (!access_ok(iov[k].iov_base, len))
			return -EFAULT;
		if (len > MAX_RW_COUNT - total) {
			len = MAX_RW_COUNT - total;
			iov[k].iov_len = len;
		}
		total += len;
	}
	return (ssize_t)total;
}

ssize_t import_iovec(const void *uvec, unsigned long nr_segs,
		     struct iovec *fast, struct iovec **iovp,
		     struct iov_iter *i)
{
	struct iovec *iov = iovec_from_user(uvec, nr_segs, fast);
	ssize_t total;

	*iovp = fast;
	if (IS_ERR(iov))
		return PTR_ERR(iov);
	total = iovec_total(iov, nr_segs);
	if (total < 0) {
		iovec_free(iov, fast);
		return total;
	}
	*iovp = iov;
	iov_iter_vec(i, iov, (unsigned int)nr_segs, (size_t)total);
	return total;
}

size_t iter_copy_out(void *iter, void *kaddr, size_t n)
{
	return copy_to_iter(kaddr, n, iter);
}

size_t iter_copy_in(void *iter, void *kaddr, size_t n)
{
	return copy_from_iter(kaddr, n, iter);
}
