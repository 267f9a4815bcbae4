/* SPDX-License-Identifier: MIT */
#ifndef _LIB_CRC32_H
#define _LIB_CRC32_H

#include <lib/types.h>

/*
 * The CRC of gzip and Ethernet, polynomial 0xedb88320, without the inversion
 * at either end: the usual checksum is ~crc32_le(~0U, p, len).
 */
u32 crc32_le(u32 crc, const void *p, size_t len);

#endif
