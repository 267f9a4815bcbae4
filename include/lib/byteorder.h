/* SPDX-License-Identifier: MIT */
/*
 * Byte order, on a little-endian machine.
 */
#ifndef _LIB_BYTEORDER_H
#define _LIB_BYTEORDER_H

#include <lib/types.h>

#define swab32(x) __builtin_bswap32(x)

#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
#define cpu_to_le16(x) ((__le16)(x))
#define cpu_to_le32(x) ((__le32)(x))
#define be32_to_cpu(x) swab32(x)
#define cpu_to_be32(x) swab32(x)

/* At any address, byte by byte: the compiler makes one access of it. */
static inline u16 get_unaligned_le16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] | b[1] << 8);
}

static inline u32 get_unaligned_le32(const void *p)
{
	const u8 *b = p;

	return get_unaligned_le16(b) | (u32)get_unaligned_le16(b + 2) << 16;
}

static inline u64 get_unaligned_le64(const void *p)
{
	const u8 *b = p;

	return get_unaligned_le32(b) | (u64)get_unaligned_le32(b + 4) << 32;
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

#endif
