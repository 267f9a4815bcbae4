// SPDX-License-Identifier: MIT
/* memfd and seals, System V and POSIX shared memory, huge pages. */
#include "diff.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#define memfd(name, flags) (int)syscall(SYS_memfd_create, name, flags)

CASE(memfd_create_errors)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[249] = 0;
	DO(memfd(name, 0) >= 0);
	name[249] = 'n';
	name[250] = 0;
	DO(memfd(name, 0));
	DO(memfd("", 0) >= 0);
	DO(memfd("x", 0x8000));
	DO(memfd("x", MFD_CLOEXEC | MFD_ALLOW_SEALING) >= 0);
	DO(memfd(KERNEL_ADDR, 0));
	DO(memfd(0, 0));
	DO(memfd(KERNEL_ADDR, 0x8000));
}

CASE(memfd_mapped)
{
	int fd = memfd("thing", MFD_ALLOW_SEALING);

	DO(ftruncate(fd, 4 * P));
	area_of(0, 4, RW, SHARED, fd, 0);
	area_of(8, 2, RW, PRIVATE, fd, 1);
	maps();
	FAULTS(wr_n(0, 2));
	smaps(at(0));
	bytes(8, 2);
	DO(fcntl(fd, F_GET_SEALS));
	DO(fcntl(fd, F_GETFL) & 7);
	rd(at(3));
	area_of(20, 4, R, SHARED, fd, 2);
	rd(at(22));
	close(fd);
	maps();
}

CASE(memfd_seals)
{
	int fd = memfd("s", MFD_ALLOW_SEALING), plain = memfd("p", 0), other;

	must(ftruncate(fd, 4 * P));
	DO(fcntl(plain, F_GET_SEALS));
	DO(fcntl(plain, F_ADD_SEALS, F_SEAL_SHRINK));
	DO(fcntl(0, F_GET_SEALS));
	DO(fcntl(fd, F_ADD_SEALS, 0x100));
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	DO(ftruncate(fd, 2 * P));
	DO(ftruncate(fd, 6 * P));
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	DO(ftruncate(fd, 8 * P));
	DO(pwrite(fd, "x", 1, 6 * P));
	DO(pwrite(fd, "xx", 2, 6 * P - 1));
	area_of(0, 2, RW, SHARED, fd, 0);
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap_(at(0), 2 * P);
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	DO(pwrite(fd, "x", 1, 0));
	DO(mmap_(at(0), P, RW, SHARED | FIXED, fd, 0));
	DO(mmap_(at(0), P, R, SHARED | FIXED, fd, 0));
	DO(mprotect_(at(0), P, RW));
	smaps(at(0));
	DO(mmap_(at(4), P, RW, PRIVATE | FIXED, fd, 0));
	wr(at(4));
	DO(fcntl(fd, F_GET_SEALS));
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	DO(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	other = memfd("f", MFD_ALLOW_SEALING);
	must(ftruncate(other, P));
	area_of(8, 1, RW, SHARED, other, 0);
	DO(fcntl(other, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	wr(at(8));
	DO(mmap_(at(9), P, RW, SHARED | FIXED, other, 0));
	DO(mmap_(at(9), P, R, SHARED | FIXED, other, 0));
	DO(mprotect_(at(9), P, RW));
	DO(write(other, "x", 1));
	maps();
}

CASE(sysv_shm)
{
	int id = shmget(IPC_PRIVATE, 3 * P + 5, 0600), key;
	struct shmid_ds ds;

	say("shmget: %s", id >= 0 ? "id" : strerrorname_np(errno));
	DO(shmat(id, (void *)at(0), 0));
	DO(shmat(id, (void *)at(2), 0));
	DO(shmat(id, (void *)at(10), SHM_RDONLY));
	DO(shmat(id, (void *)(at(20) + 5), 0));
	DO(shmat(id, (void *)(at(20) + 5), SHM_RND));
	DO(shmat(id, (void *)at(2), SHM_REMAP));
	DO(shmat(id, NULL, SHM_REMAP));
	maps();
	wr_n(2, 2);
	bytes(10, 4);
	wr(at(10));
	rd(at(13));
	rd(at(14));
	DO(shmctl(id, IPC_STAT, &ds));
	DO(ds.shm_nattch);
	DO(ds.shm_segsz);
	DO(munmap_(at(11), P));
	maps();
	DO(shmctl(id, IPC_STAT, &ds));
	DO(ds.shm_nattch);
	DO(shmdt((void *)at(10)));
	DO(shmdt((void *)at(10)));
	DO(shmdt((void *)(at(20) + 1)));
	maps();
	DO(shmctl(id, IPC_RMID, NULL));
	maps();
	DO(shmat(id, (void *)at(30), 0));
	smaps(at(2));
	key = shmget(0x1234, P, IPC_CREAT | 0600);
	DO(shmget(0x1234, P, IPC_CREAT | IPC_EXCL | 0600));
	DO(shmget(0x1234, 2 * P, 0600));
	DO(shmget(0x1234, P, 0) == key);
	DO(shmat(key, (void *)at(40), 0));
	maps();
	DO(shmctl(key, IPC_RMID, NULL));
	DO(shmget(0x1234, P, 0));
	DO(shmget(IPC_PRIVATE, 0, 0600));
	DO(shmat(123456, NULL, 0));
	DO(shmdt(NULL));
	DO(shmctl(123456, IPC_STAT, &ds));
	DO(shmctl(key, 99, &ds));
}

CASE(posix_shm)
{
	int fd = open("/dev/shm/diff", O_RDWR | O_CREAT | O_TRUNC, 0600);

	say("open: %s", fd >= 0 ? "fd" : strerrorname_np(errno));
	DO(ftruncate(fd, 2 * P));
	area_of(0, 2, RW, SHARED, fd, 0);
	wr_n(0, 2);
	maps();
	DO(unlink("/dev/shm/diff"));
	maps();
	smaps(at(0));
	rd(at(1));
}

#define THP "/sys/kernel/mm/transparent_hugepage/enabled"

static void thp_mode(const char *mode)
{
	say("%s: %d", mode, put(THP, mode));
}

CASE(thp_madvise)
{
	thp_mode("madvise");
	area(512, 1536, RW);
	FAULTS(wr(at(512)));
	smaps(at(512));
	DO(madvise_(at(1024), 512 * P, MADV_HUGEPAGE));
	maps();
	FAULTS(wr(at(1030)));
	smaps(at(1024));
	FAULTS(wr_n(1024, 512));
	core(1020, 10);
	DO(madvise_(at(1100), P, MADV_DONTNEED));
	smaps(at(1024));
	DO(mprotect_(at(1200), P, R));
	maps();
	smaps(at(1024));
	thp_mode("never");
}

CASE(thp_always)
{
	thp_mode("always");
	area(512, 1024, RW);
	FAULTS(rd(at(520)));
	smaps(at(512));
	FAULTS(wr(at(520)));
	FAULTS(wr(at(1030)));
	smaps(at(512));
	DO(munmap_(at(1030), P));
	smaps(at(512));
	area(2000, 600, RW);
	FAULTS(wr(at(2000)));
	FAULTS(wr(at(2050)));
	smaps(at(2000));
	thp_mode("never");
}

static void thp_child(void)
{
	smaps(at(512));
	FAULTS(wr(at(513)));
	smaps(at(512));
	bytes(512, 4);
}

CASE(thp_fork_and_move)
{
	thp_mode("madvise");
	area(512, 512, RW);
	DO(madvise_(at(512), 512 * P, MADV_HUGEPAGE));
	FAULTS(wr_n(512, 512));
	child(thp_child);
	smaps(at(512));
	FAULTS(wr(at(514)));
	smaps(at(512));
	DO(mremap_(at(512), 512 * P, 512 * P, MREMAP_MAYMOVE | MREMAP_FIXED,
		   at(2048)));
	smaps(at(2048));
	FAULTS(wr_n(2048, 512));
	thp_mode("never");
}

CASE(thp_none)
{
	thp_mode("never");
	area(512, 512, RW);
	DO(madvise_(at(512), 512 * P, MADV_HUGEPAGE));
	FAULTS(wr_n(512, 4));
	smaps(at(512));
}

CASE(hugetlb_without_pool)
{
	put("/proc/sys/vm/nr_hugepages", "0");
	DO(mmap_(at(512), 512 * P, RW, ANON | FIXED | MAP_HUGETLB, -1, 0));
	DO(mmap_(at(512), P, RW, ANON | FIXED | MAP_HUGETLB, -1, 0));
	DO(mmap_(at(511), 512 * P, RW, ANON | FIXED | MAP_HUGETLB, -1, 0));
	DO(mmap_(at(512), 512 * P, RW,
		 ANON | FIXED | MAP_HUGETLB | MAP_NORESERVE, -1, 0));
	wr(at(512));
	DO(mmap_(at(512), 512 * P, RW,
		 ANON | FIXED | MAP_HUGETLB | (13 << MAP_HUGE_SHIFT), -1, 0));
	DO(mmap_(at(512), 512 * P, RW,
		 ANON | FIXED | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), -1, 0));
	DO(mmap_(at(512), 512 * P, RW, PRIVATE | FIXED | MAP_HUGETLB,
		 new_file("/tmp/diff", 1), 0));
}

CASE(hugetlb_pool)
{
	say("pool: %d", put("/proc/sys/vm/nr_hugepages", "4"));
	DELTA(MEMINFO,
	      "HugePages_Total HugePages_Free HugePages_Rsvd Committed_AS",
	      area_of(512, 1024, RW, ANON | MAP_HUGETLB, -1, 0));
	maps();
	FAULTS(wr_n(512, 512));
	smaps(at(512));
	DELTA(MEMINFO, "HugePages_Total HugePages_Free HugePages_Rsvd",
	      wr(at(1024)));
	DO(munmap_(at(512), P));
	DO(munmap_(at(513), 511 * P));
	DO(mprotect_(at(513), P, R));
	DO(mprotect_(at(512), 512 * P, R));
	maps();
	wr(at(600));
	DO(madvise_(at(512), 512 * P, MADV_DONTNEED));
	DO(madvise_(at(513), 512 * P, MADV_DONTNEED));
	DO(mremap_(at(512), 512 * P, 1024 * P, MREMAP_MAYMOVE, 0));
	DO(mmap_(at(4096), 4096 * P, RW, ANON | FIXED | MAP_HUGETLB, -1, 0));
	DO(munmap_(at(512), 1024 * P));
	DELTA(MEMINFO, "HugePages_Total HugePages_Free", (void)0);
	put("/proc/sys/vm/nr_hugepages", "0");
}

/* An offset into memory that has no file: a place among its pages. */
CASE(hugetlb_at_an_offset)
{
	unsigned int flags = ANON | FIXED | MAP_HUGETLB;

	put("/proc/sys/vm/nr_hugepages", "1");
	DO(mmap_(at(512), 512 * P, RW, flags, -1, P));
	DELTA(MEMINFO, "HugePages_Rsvd",
	      DO(mmap_(at(512), 512 * P, RW, flags, -1, 1024 * P)));
	maps();
	wr(at(600));
	DELTA(MEMINFO, "HugePages_Free", munmap_(at(512), 512 * P));
	put("/proc/sys/vm/nr_hugepages", "0");
	DO(mmap_(at(512), 512 * P, RW, flags, -1, P));
}
