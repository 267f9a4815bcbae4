/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory as programs see it: Linux's numbers and layouts for
 * 64-bit machines.
 */
#ifndef _UAPI_SHM_H
#define _UAPI_SHM_H

#include <lib/types.h>

#define IPC_PRIVATE 0
#define IPC_CREAT   01000
#define IPC_EXCL    02000
#define IPC_RMID    0
#define IPC_SET	    1
#define IPC_STAT    2
#define IPC_INFO    3

#define SHM_LOCK     11
#define SHM_UNLOCK   12
#define SHM_STAT     13
#define SHM_INFO     14
#define SHM_STAT_ANY 15

#define SHM_HUGETLB   04000 /* shmget */
#define SHM_NORESERVE 010000
#define SHM_RDONLY    010000 /* shmat */
#define SHM_RND	      020000
#define SHM_REMAP     040000
#define SHM_EXEC      0100000
#define SHM_DEST      01000U /* in mode: gone with the last detach */
#define SHM_LOCKED    02000U

struct ipc64_perm {
	s32 key;
	u32 uid, gid, cuid, cgid;
	u32 mode;
	u16 seq, pad;
	u64 unused[2];
};

struct shmid64_ds {
	struct ipc64_perm perm;
	u64 segsz;
	s64 atime, dtime, ctime;
	s32 cpid, lpid;
	u64 nattch;
	u64 unused[2];
};

struct shminfo64 {
	u64 shmmax, shmmin, shmmni, shmseg, shmall;
	u64 unused[4];
};

struct shm_info {
	s32 used_ids;
	u64 shm_tot, shm_rss, shm_swp; /* pages */
	u64 swap_attempts, swap_successes;
};

#endif
