/* SPDX-License-Identifier: MIT */
/*
 * gzip (RFC 1952, RFC 1951) from memory to a callback.
 */
#ifndef _LIB_INFLATE_H
#define _LIB_INFLATE_H

#include <lib/types.h>

#define GUNZIP_WORK_SIZE (40 * SZ_1K)

/*
 * Unpack the one gzip member at the start of in, handing flush pieces of at
 * most 32 KiB; a flush that returns an error ends it.
 * => 0 with *consumed = the member's length (consumed may be NULL);
 *    -EINVAL if the data is no gzip, is cut short, or fails its checksum
 *    (flush has then seen a part); what flush returned
 * => work: GUNZIP_WORK_SIZE bytes, aligned to 8
 */
int gunzip(const void *in, size_t inlen,
	   int (*flush)(void *ctx, const void *buf, size_t len), void *ctx,
	   void *work, size_t *consumed);

static inline bool is_gzip(const void *in, size_t inlen)
{
	const u8 *p = in;

	return inlen >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

#endif
