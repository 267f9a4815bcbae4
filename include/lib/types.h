/* SPDX-License-Identifier: MIT */
/*
 * The basic types. 64-bit integers are (unsigned) long long, as in Linux, so
 * that %llx is right for u64 on every machine; phys_addr_t is a u64.
 */
#ifndef _LIB_TYPES_H
#define _LIB_TYPES_H

#include <lib/compiler.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

typedef u16 __le16;
typedef u32 __le32, __be32;
typedef u64 __le64;

typedef __SIZE_TYPE__ size_t;
typedef long ssize_t;
typedef unsigned long uintptr_t;
typedef long ptrdiff_t;

#ifndef __cplusplus
typedef _Bool bool;
enum { false, true };
#endif

typedef long long loff_t;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned short umode_t;
typedef u32 dev_t;
typedef unsigned long ino_t;
typedef s64 time64_t;
typedef u64 sector_t;
typedef u64 phys_addr_t;
typedef unsigned long pgoff_t;
typedef unsigned int gfp_t;

#undef NULL
#define NULL ((void *)0)

#define INT_MAX	      __INT_MAX__
#define INT_MIN	      (-INT_MAX - 1)
#define UINT_MAX      (~0U)
#define LONG_MAX      __LONG_MAX__
#define LONG_MIN      (-LONG_MAX - 1L)
#define ULONG_MAX     (~0UL)
#define SIZE_MAX      (~(size_t)0)
#define U16_MAX	      ((u16)~0U)
#define U32_MAX	      ((u32)~0U)
#define S32_MAX	      INT_MAX
#define U64_MAX	      ((u64)~0ULL)
#define S64_MAX	      ((s64)(U64_MAX >> 1))
#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8

#define lower_32_bits(n) ((u32)(n))
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

static_assert(sizeof(long) == 8 && sizeof(void *) == 8);

#endif
