/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of one read or write come from or go to: a kernel or user
 * buffer, or a vector of user buffers. A file's read_iter and write_iter see
 * only this, so read, pread, readv, sendfile and kernel_read are one path.
 *
 * => copies stop at the first address that faults and say how far they came
 * => may sleep (faults); an iterator belongs to one task
 */
#ifndef _FS_UIO_H
#define _FS_UIO_H

#include <lib/types.h>

struct page;

struct iovec {
	void *iov_base; /* user pointer if iter->user */
	size_t iov_len;
};

struct iov_iter {
	bool user;
	unsigned int nr_segs;	 /* left, the current one included */
	size_t iov_offset;	 /* done of the current segment */
	size_t count;		 /* bytes left */
	const struct iovec *iov; /* current segment */
	struct iovec one;	 /* iov points here for a single buffer */
};

/* An iterator points into itself: do not copy it by assignment. */
void iov_iter_user(struct iov_iter *i, void *ubuf, size_t n);
void iov_iter_kernel(struct iov_iter *i, void *kbuf, size_t n);
/* iov: kernel copy of the vector, stays with the caller. */
void iov_iter_vec(struct iov_iter *i, const struct iovec *iov,
		  unsigned int nr_segs, size_t count);

#define UIO_FASTIOV  8
#define MAX_RW_COUNT ((size_t)0x7ffff000)

/*
 * Copy a user iovec array in; the places in it may be anywhere.
 * => fast (an array of UIO_FASTIOV) or a longer one, for iovec_free();
 *    ERR_PTR: -EINVAL, -EFAULT, -ENOMEM
 */
struct iovec *iovec_from_user(const void *uvec, unsigned long nr,
			      struct iovec *fast);
/* iov may also be NULL, fast or an ERR_PTR. */
void iovec_free(struct iovec *iov, const struct iovec *fast);
/*
 * The same for places in this address space.
 * => total bytes (capped to MAX_RW_COUNT), or -EINVAL, -EFAULT, -ENOMEM;
 *    then *iovp is fast
 */
ssize_t import_iovec(const void *uvec, unsigned long nr_segs,
		     struct iovec *fast, struct iovec **iovp,
		     struct iov_iter *i);

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

/* Shorten to at most n bytes. */
static inline void iov_iter_truncate(struct iov_iter *i, size_t n)
{
	if (i->count > n)
		i->count = n;
}

/* => bytes copied, the iterator moved on by as much */
size_t copy_to_iter(const void *src, size_t n, struct iov_iter *i);
size_t copy_from_iter(void *dst, size_t n, struct iov_iter *i);
size_t iov_iter_zero(size_t n, struct iov_iter *i);
/* The same as a mapping_copy_t: for generic_mapping_read() and _write(). */
size_t iter_copy_out(void *iter, void *kaddr, size_t n);
size_t iter_copy_in(void *iter, void *kaddr, size_t n);
/* Move forward over n bytes without copying; n <= count. */
void iov_iter_advance(struct iov_iter *i, size_t n);

#endif
