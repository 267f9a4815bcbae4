/* SPDX-License-Identifier: MIT */
/*
 * CRC-32, one byte at a time through a table. The table is linear over xor,
 * so the entries for the eight single bits give all others.
 */
#include <lib/crc32.h>

#define E1(n)                                                          \
	(((n)&0x01 ? 0x77073096U : 0) ^ ((n)&0x02 ? 0xee0e612cU : 0) ^ \
	 ((n)&0x04 ? 0x076dc419U : 0) ^ ((n)&0x08 ? 0x0edb8832U : 0) ^ \
	 ((n)&0x10 ? 0x1db71064U : 0) ^ ((n)&0x20 ? 0x3b6e20c8U : 0) ^ \
	 ((n)&0x40 ? 0x76dc4190U : 0) ^ ((n)&0x80 ? 0xedb88320U : 0))
#define E4(n)  E1(n), E1((n) + 1), E1((n) + 2), E1((n) + 3)
#define E16(n) E4(n), E4((n) + 4), E4((n) + 8), E4((n) + 12)
#define E64(n) E16(n), E16((n) + 16), E16((n) + 32), E16((n) + 48)

static const u32 table[256] = { E64(0), E64(64), E64(128), E64(192) };

u32 crc32_le(u32 crc, const void *p, size_t len)
{
	for (const u8 *b = p; len--; b++)
		crc = crc >> 8 ^ table[(u8)crc ^ *b];
	return crc;
}
