// SPDX-License-Identifier: MIT
/* System V shared memory: numbers, attach counts, limits, names. */
#include "tap.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE 4096L

static int made = -1;

static int segment(size_t size)
{
	made = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	CHECK(made >= 0);
	return made;
}

static char *attach(int id, int flags)
{
	char *p = shmat(id, NULL, flags);

	CHECK(p != (char *)-1);
	return p;
}

static struct shmid_ds stat_of(int id)
{
	struct shmid_ds ds;

	CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
	return ds;
}

static void drop(int id)
{
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
}

static int maps_count(const char *what)
{
	char line[512];
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, what) != NULL;
	fclose(f);
	return n;
}

TEST(shmget_finds_by_key)
{
	key_t key = 0x51234 + getpid();
	int id;

	CHECK_ERR(shmget(key, PAGE, 0), ENOENT);
	CHECK_ERR(shmget(key, 0, IPC_CREAT), EINVAL);
	CHECK_ERR(shmget(key, ~0UL, IPC_CREAT | 0600), EINVAL);
	id = shmget(key, 100, IPC_CREAT | 0600);
	CHECK(id >= 0);
	CHECK_EQ(shmget(key, 0, 0), id);
	CHECK_EQ(shmget(key, 100, IPC_CREAT | 0600), id);
	CHECK_ERR(shmget(key, 101, 0), EINVAL);
	CHECK_ERR(shmget(key, 100, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	CHECK_EQ(stat_of(id).shm_segsz, 100);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0600);
	CHECK_EQ(stat_of(id).shm_perm.__key, key);
	CHECK_EQ(stat_of(id).shm_cpid, getpid());
	CHECK_EQ(stat_of(id).shm_lpid, 0);
	drop(id);
	CHECK_ERR(shmget(key, 0, 0), ENOENT);
	CHECK_ERR(shmctl(id, IPC_RMID, NULL), EINVAL);
}

TEST(attaching_shares_memory)
{
	int id = segment(3 * PAGE);
	char *p = attach(id, 0), *q = attach(id, SHM_RDONLY);

	strcpy(p + PAGE, "hello");
	CHECK(!strcmp(q + PAGE, "hello"));
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	CHECK_EQ(stat_of(id).shm_lpid, getpid());
	CHECK(stat_of(id).shm_atime > 0);
	CHECK_EQ(maps_count("rw-s 00000000 00:01"), 1);
	CHECK_EQ(maps_count("r--s 00000000 00:01"), 1);
	CHECK_EQ(maps_count("/SYSV00000000 (deleted)"), 2);
	CHECK_ERR(mprotect(q, PAGE, PROT_READ | PROT_WRITE), EACCES);
	CHECK_EQ(shmdt(q), 0);
	CHECK_ERR(shmdt(q), EINVAL);
	CHECK_ERR(shmdt(p + PAGE), EINVAL);
	CHECK_ERR(shmdt(p + 1), EINVAL);
	CHECK_EQ(stat_of(id).shm_nattch, 1);
	drop(id);
}

TEST(shmat_places_where_it_is_told)
{
	int id = segment(2 * PAGE);
	char *room = mmap(NULL, 16 * PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(shmat(id, room, 0) == (void *)-1 && errno == EINVAL);
	CHECK(shmat(id, room + 1, 0) == (void *)-1 && errno == EINVAL);
	CHECK(shmat(id, NULL, SHM_REMAP) == (void *)-1 && errno == EINVAL);
	CHECK(shmat(-1, NULL, 0) == (void *)-1 && errno == EINVAL);
	CHECK(shmat(id + 1, NULL, 0) == (void *)-1 && errno == EINVAL);
	CHECK_EQ(shmat(id, room, SHM_REMAP), room);
	munmap(room + 4 * PAGE, 8 * PAGE);
	CHECK_EQ(shmat(id, room + 4 * PAGE, 0), room + 4 * PAGE);
	CHECK_EQ(shmat(id, room + 8 * PAGE + 77, SHM_RND), room + 8 * PAGE);
	CHECK_EQ(stat_of(id).shm_nattch, 3);
	drop(id);
}

TEST(attach_counts_follow_fork_and_exit)
{
	int id = segment(PAGE), go[2];
	char *p = attach(id, 0), c;
	pid_t pid;

	CHECK_EQ(pipe(go), 0);
	pid = fork();
	if (!pid) {
		*p = 1;
		close(go[1]);
		_exit(read(go[0], &c, 1) != 0);
	}
	close(go[0]);
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	close(go[1]);
	waitpid(pid, NULL, 0);
	CHECK_EQ(*p, 1);
	CHECK_EQ(stat_of(id).shm_nattch, 1);
	CHECK_EQ(stat_of(id).shm_lpid, pid);
	CHECK_EQ(shmdt(p), 0);
	/* The pieces count one by one. */
	drop(id);
	id = segment(4 * PAGE);
	p = attach(id, 0);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 2);
	CHECK_EQ(mprotect(p + 3 * PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 3);
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(stat_of(id).shm_nattch, 0);
	CHECK_EQ(maps_count("SYSV"), 0);
	drop(id);
}

TEST(removal_waits_for_the_last_detach)
{
	int id = segment(PAGE);
	char *p = attach(id, 0), *q;

	*p = 9;
	drop(id);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0600 | SHM_DEST);
	q = attach(id, 0); /* by number it can still be had */
	CHECK_EQ(*q, 9);
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(*q, 9);
	CHECK_EQ(shmdt(q), 0);
	CHECK(shmat(id, NULL, 0) == (void *)-1 && errno == EINVAL);
}

TEST(shmctl_tells_and_changes)
{
	int id = segment(PAGE), top;
	struct shminfo limits;
	struct shm_info info;
	struct shmid_ds ds;

	top = shmctl(0, IPC_INFO, (struct shmid_ds *)&limits);
	CHECK(top >= 0);
	CHECK_EQ(limits.shmmin, 1);
	CHECK_EQ(limits.shmmni, 4096);
	CHECK_EQ(limits.shmmax, 18446744073692774399UL);
	CHECK_EQ(limits.shmall, 18446744073692774399UL);
	*attach(id, 0) = 1;
	CHECK_EQ(shmctl(0, SHM_INFO, (struct shmid_ds *)&info), top);
	CHECK_EQ(info.used_ids, 1);
	CHECK_EQ(info.shm_tot, 1);
	CHECK_EQ(info.shm_rss, 1);
	CHECK_EQ(shmctl(id & 0x7fff, SHM_STAT, &ds), id);
	CHECK_EQ(ds.shm_nattch, 1);
	CHECK_EQ(shmctl(id & 0x7fff, 15, &ds), id);
	ds.shm_perm.mode = 0644;
	CHECK_EQ(shmctl(id, IPC_SET, &ds), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0644);
	CHECK_EQ(shmctl(id, SHM_LOCK, NULL), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0644 | SHM_LOCKED);
	CHECK_EQ(shmctl(id, SHM_UNLOCK, NULL), 0);
	CHECK_EQ(stat_of(id).shm_perm.mode, 0644);
	CHECK_ERR(shmctl(id, IPC_STAT, (struct shmid_ds *)8), EFAULT);
	CHECK_ERR(shmctl(id, IPC_SET, (struct shmid_ds *)8), EFAULT);
	CHECK_ERR(shmctl(id, 99, &ds), EINVAL);
	CHECK_ERR(shmctl(-1, IPC_STAT, &ds), EINVAL);
	drop(id);
}

TEST(permissions_are_those_of_the_mode)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0644);
	struct shmid_ds ds;

	made = id;
	if (!fork()) {
		CHECK_EQ(setgid(7), 0);
		CHECK_EQ(setuid(7), 0);
		CHECK(shmat(id, NULL, SHM_RDONLY) != (void *)-1);
		CHECK(shmat(id, NULL, 0) == (void *)-1 && errno == EACCES);
		CHECK(shmat(id, NULL, SHM_RDONLY | SHM_EXEC) == (void *)-1 &&
		      errno == EACCES);
		CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
		CHECK_ERR(shmctl(id, IPC_RMID, NULL), EPERM);
		CHECK_ERR(shmctl(id, IPC_SET, &ds), EPERM);
		_exit(0);
	}
	int status;

	wait(&status);
	CHECK_EQ(status, 0);
	CHECK_EQ(stat_of(id).shm_nattch, 0);
	drop(id);
}

TEST(proc_sysvipc_shows_the_segment)
{
	int id = segment(5000), found = 0, key, num, mode, cpid, lpid;
	char line[512];
	unsigned long size, nattch;
	FILE *f = fopen("/proc/sysvipc/shm", "r");

	CHECK(f);
	attach(id, 0)[0] = 1;
	CHECK(fgets(line, sizeof(line), f));
	CHECK(!strcmp(line, "       key      shmid perms                  size "
			    " cpid  lpid nattch   uid   gid  cuid  cgid      "
			    "atime      dtime      ctime                   rss "
			    "                 swap\n"));
	while (fgets(line, sizeof(line), f)) {
		CHECK_EQ(sscanf(line, "%d %d %o %lu %d %d %lu", &key, &num,
				&mode, &size, &cpid, &lpid, &nattch),
			 7);
		if (num != id)
			continue;
		found = 1;
		CHECK_EQ(strlen(line), 170);
		CHECK_EQ(mode, 0600);
		CHECK_EQ(size, 5000);
		CHECK_EQ(cpid, getpid());
		CHECK_EQ(nattch, 1);
		CHECK(strstr(line, " 4096                     0\n"));
	}
	CHECK(found);
	drop(id);
}

static unsigned long meminfo(const char *key)
{
	char line[128];
	unsigned long kb = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = strtoul(line + strlen(key) + 1, NULL, 10);
	fclose(f);
	return kb;
}

TEST(a_segment_is_a_promise_from_the_start)
{
	unsigned long before = meminfo("Committed_AS");
	int id = segment(64 << 20);

	CHECK_EQ(meminfo("Committed_AS") - before, 64 << 10);
	drop(id);
	CHECK_EQ(meminfo("Committed_AS"), before);
	id = shmget(IPC_PRIVATE, 64 << 20, IPC_CREAT | SHM_NORESERVE | 0600);
	CHECK_EQ(meminfo("Committed_AS"), before);
	attach(id, 0)[0] = 1;
	CHECK_EQ(meminfo("Committed_AS"), before + 4);
	drop(id);
}

TAP_MAIN(CASE(shmget_finds_by_key), CASE(attaching_shares_memory),
	 CASE(shmat_places_where_it_is_told),
	 CASE(attach_counts_follow_fork_and_exit),
	 CASE(removal_waits_for_the_last_detach),
	 CASE(shmctl_tells_and_changes),
	 CASE(permissions_are_those_of_the_mode),
	 CASE(proc_sysvipc_shows_the_segment),
	 CASE(a_segment_is_a_promise_from_the_start))
