// SPDX-License-Identifier: MIT
/* Memory with a descriptor: memfd_create, seals, fallocate, POSIX shm. */
#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PAGE 4096L

static int memfd(unsigned int flags, off_t size)
{
	int fd = memfd_create("box", flags);

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, size), 0);
	return fd;
}

static char *shared(int fd, size_t len, int prot)
{
	char *p = mmap(NULL, len, prot, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Is there a line of maps that ends like this? */
static int in_maps(const char *what)
{
	char line[512];
	int found = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (strlen(line) >= strlen(what))
			found |= !strcmp(line + strlen(line) - strlen(what),
					 what);
	}
	fclose(f);
	return found;
}

TEST(memfd_checks_its_arguments)
{
	char name[300];

	memset(name, 'x', sizeof(name));
	CHECK_ERR(memfd_create("a", 0x40), EINVAL);
	CHECK_ERR(memfd_create("a", 0x80000000U), EINVAL);
	CHECK_ERR(memfd_create((char *)1, 0), EFAULT);
	name[250] = 0;
	CHECK_ERR(memfd_create(name, 0), EINVAL);
	name[249] = 0;
	CHECK(memfd_create(name, 0) >= 0);
}

TEST(memfd_is_a_file_without_a_name)
{
	char text[64] = "", link[64] = "";
	struct stat st;
	int fd = memfd(MFD_CLOEXEC, 2 * PAGE);
	char *p = shared(fd, 2 * PAGE, PROT_READ | PROT_WRITE);

	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(st.st_mode, S_IFREG | 0777);
	CHECK_EQ(st.st_size, 2 * PAGE);
	CHECK_EQ(st.st_blocks, 0);
	strcpy(p + PAGE, "hello");
	CHECK_EQ(pread(fd, text, 5, PAGE), 5);
	CHECK(!strcmp(text, "hello"));
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, 8);
	CHECK(in_maps(" /memfd:box (deleted)"));
	sprintf(text, "/proc/self/fd/%d", fd);
	CHECK_EQ(readlink(text, link, sizeof(link)), 20);
	CHECK(!strcmp(link, "/memfd:box (deleted)"));
}

TEST(seals_need_permission)
{
	int fd = memfd(0, 0), file;

	CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	fd = memfd(MFD_ALLOW_SEALING, 0);
	CHECK_EQ(fcntl(fd, F_GET_SEALS), 0);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, 0x1000), EINVAL);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL), 0);
	CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SEAL);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), EPERM);
	file = open("/proc/self/maps", O_RDONLY);
	CHECK_ERR(fcntl(file, F_GET_SEALS), EINVAL);
	CHECK_ERR(fcntl(file, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	file = open("/dev/null", O_RDWR);
	CHECK_ERR(fcntl(file, F_ADD_SEALS, F_SEAL_GROW), EINVAL);
}

TEST(size_seals_hold)
{
	int fd = memfd(MFD_ALLOW_SEALING, 2 * PAGE);
	char buf[PAGE];

	memset(buf, 1, sizeof(buf));
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	CHECK_ERR(ftruncate(fd, PAGE), EPERM);
	CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	CHECK_ERR(ftruncate(fd, 4 * PAGE), EPERM);
	CHECK_ERR(fallocate(fd, 0, 0, 4 * PAGE), EPERM);
	CHECK_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE), EPERM);
	CHECK_EQ(fallocate(fd, 0, 0, 3 * PAGE), 0);
	CHECK_EQ(pwrite(fd, buf, PAGE, 2 * PAGE), PAGE);
	CHECK_EQ(pwrite(fd, buf, PAGE, 2 * PAGE + 1), PAGE - 1);
	CHECK_ERR(pwrite(fd, buf, 1, 3 * PAGE), EPERM);
	CHECK_EQ(pwrite(fd, buf, 2, 3 * PAGE - 1), 1);
}

TEST(a_write_seal_waits_for_writable_mappings)
{
	int fd = memfd(MFD_ALLOW_SEALING, PAGE), ro;
	char *p = shared(fd, PAGE, PROT_READ | PROT_WRITE), c = 1;
	char path[64];

	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	munmap(p, PAGE);
	p = shared(fd, PAGE, PROT_READ); /* could become writable */
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	munmap(p, PAGE);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	*p = 7;
	CHECK_ERR(write(fd, &c, 1), EPERM);
	CHECK_ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			    PAGE),
		  EPERM);
	CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
	      MAP_FAILED);
	CHECK_EQ(errno, EPERM);
	p = shared(fd, PAGE, PROT_READ);
	CHECK_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	sprintf(path, "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY);
	CHECK(ro >= 0);
	p = shared(ro, PAGE, PROT_READ);
	CHECK_EQ(*p, 0);
	CHECK_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
}

TEST(a_future_write_seal_keeps_old_mappings)
{
	int fd = memfd(MFD_ALLOW_SEALING, PAGE);
	char *p = shared(fd, PAGE, PROT_READ | PROT_WRITE), *q, c = 1;

	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
	*p = 5;
	CHECK_ERR(write(fd, &c, 1), EPERM);
	CHECK_ERR(madvise(p, PAGE, MADV_REMOVE), EPERM);
	CHECK_EQ(*p, 5);
	CHECK(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, EPERM);
	q = shared(fd, PAGE, PROT_READ);
	CHECK_EQ(*q, 5);
	CHECK_ERR(mprotect(q, PAGE, PROT_READ | PROT_WRITE), EACCES);
}

static long blocks(int fd)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return st.st_blocks / 8;
}

TEST(fallocate_fills_and_punches)
{
	int fd = memfd(0, 0), ro;
	char *p;

	CHECK_ERR(fallocate(fd, 0, -1, 1), EINVAL);
	CHECK_ERR(fallocate(fd, 0, 0, 0), EINVAL);
	CHECK_ERR(fallocate(fd, 0x1000, 0, 1), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 1), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 1), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE | 1, 0, 1), EINVAL);
	CHECK_ERR(fallocate(fd, FALLOC_FL_INSERT_RANGE | 1, 0, 1), EINVAL);
	CHECK_ERR(fallocate(fd, 0, 0x7fffffffffffffffL, 1), EFBIG);
	CHECK_ERR(fallocate(99, 0, 0, 1), EBADF);
	ro = open("/dev/null", O_RDWR);
	CHECK_ERR(fallocate(ro, 0, 0, 1), ENODEV);
	ro = open("/tmp", O_RDONLY);
	CHECK_ERR(fallocate(ro, 0, 0, 1), EBADF);

	CHECK_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(blocks(fd), 4);
	CHECK_EQ(fallocate(fd, 0, 10, 8 * PAGE - 10), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 8 * PAGE);
	CHECK_EQ(blocks(fd), 8);
	p = shared(fd, 8 * PAGE, PROT_READ | PROT_WRITE);
	memset(p, 1, 8 * PAGE);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			   PAGE + 100, 3 * PAGE),
		 0);
	CHECK_EQ(blocks(fd), 6);
	CHECK(p[PAGE + 99] == 1 && p[PAGE + 100] == 0 && p[2 * PAGE] == 0);
	CHECK(p[4 * PAGE + 99] == 0 && p[4 * PAGE + 100] == 1);
}

static void grow_too_far(void)
{
	ftruncate(memfd_create("x", 0), 3 * PAGE);
}

TEST(rlimit_fsize_ends_files)
{
	struct rlimit two = { 2 * PAGE, 2 * PAGE };
	int fd = memfd(0, 0);

	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &two), 0);
	CHECK_DIES(grow_too_far, SIGXFSZ);
	signal(SIGXFSZ, SIG_IGN);
	CHECK_ERR(ftruncate(fd, 3 * PAGE), EFBIG);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	CHECK_EQ(pwrite(fd, "abc", 3, 2 * PAGE - 1), 1);
	CHECK_ERR(pwrite(fd, "abc", 3, 2 * PAGE), EFBIG);
	CHECK_ERR(fallocate(fd, 0, 0, 3 * PAGE), EFBIG);
	CHECK_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE), EFBIG);
}

/* Whether others use a file is not for everybody to know. */
TEST(mincore_hides_what_others_read)
{
	int fd = open("/tmp/mincore", O_RDWR | O_CREAT | O_TRUNC, 0644);
	unsigned char vec[2];
	char *p;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK_EQ(mincore(p, 2 * PAGE, vec), 0);
	CHECK(!vec[0] && !vec[1]);
	CHECK_EQ(setuid(7), 0);
	CHECK_EQ(mincore(p, 2 * PAGE, vec), 0);
	CHECK(vec[0] == 1 && vec[1] == 1);
}

TEST(madv_remove_punches_a_hole)
{
	int fd = memfd(0, 4 * PAGE);
	char *p = shared(fd, 4 * PAGE, PROT_READ | PROT_WRITE), *q;

	memset(p, 1, 4 * PAGE);
	CHECK_EQ(madvise(p + PAGE, 2 * PAGE, MADV_REMOVE), 0);
	CHECK_EQ(blocks(fd), 2);
	CHECK(p[0] == 1 && p[PAGE] == 0 && p[3 * PAGE] == 1);
	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK_ERR(madvise(q, PAGE, MADV_REMOVE), EACCES);
	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_ERR(madvise(q, PAGE, MADV_REMOVE), EINVAL);
	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		 -1, 0);
	*q = 3;
	CHECK_EQ(madvise(q, PAGE, MADV_REMOVE), 0);
	CHECK_EQ(*q, 0);
	CHECK_EQ(mlock(q, PAGE), 0);
	CHECK_ERR(madvise(q, PAGE, MADV_REMOVE), EINVAL);
}

TEST(posix_shm_is_shared_by_name)
{
	int fd = shm_open("/quire-test", O_CREAT | O_EXCL | O_RDWR, 0600), fd2;
	char *p, *q;

	CHECK(fd >= 0);
	CHECK_ERR(shm_open("/quire-test", O_CREAT | O_EXCL | O_RDWR, 0600),
		  EEXIST);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	fd2 = shm_open("/quire-test", O_RDWR, 0);
	CHECK(fd2 >= 0);
	p = shared(fd, PAGE, PROT_READ | PROT_WRITE);
	q = shared(fd2, PAGE, PROT_READ);
	*p = 42;
	CHECK_EQ(*q, 42);
	CHECK(in_maps(" /dev/shm/quire-test"));
	CHECK_EQ(shm_unlink("/quire-test"), 0);
	CHECK_ERR(shm_open("/quire-test", O_RDWR, 0), ENOENT);
	CHECK(in_maps(" /dev/shm/quire-test (deleted)"));
	CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
}

TEST(remap_file_pages_reorders_a_file)
{
	int fd = memfd(0, 4 * PAGE);
	char *p = shared(fd, 4 * PAGE, PROT_READ | PROT_WRITE);

	for (int i = 0; i < 4; i++)
		p[i * PAGE] = (char)i;
	CHECK_EQ(remap_file_pages(p, PAGE, 0, 3, 0), 0);
	CHECK_EQ(remap_file_pages(p + 3 * PAGE, PAGE, 0, 0, 0), 0);
	CHECK(p[0] == 3 && p[PAGE] == 1 && p[3 * PAGE] == 0);
	close(fd);
	CHECK_EQ(remap_file_pages(p, 4 * PAGE, 0, 0, 0), 0);
	CHECK(p[0] == 0 && p[3 * PAGE] == 3);
	CHECK_EQ(remap_file_pages(p, 2 * PAGE, 0, 1, 0), 0);
	CHECK(p[0] == 1 && p[PAGE] == 2);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_ERR(remap_file_pages(p, 2 * PAGE, 0, 1, 0), EINVAL);
	CHECK_ERR(remap_file_pages(p, PAGE, PROT_READ, 0, 0), EINVAL);
	CHECK_ERR(remap_file_pages(p, 0, 0, 0, 0), EINVAL);
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_ERR(remap_file_pages(p, PAGE, 0, 0, 0), EINVAL);
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p[PAGE] = 9;
	CHECK_EQ(remap_file_pages(p, PAGE, 0, 1, 0), 0);
	CHECK_EQ(p[0], 9);
}

static void nothing(int sig)
{
	(void)sig;
}

/* An fallocate that does not come to its end keeps no memory. */
TEST(half_an_allocation_is_none)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = memfd_create("half", 0);
	struct stat st;
	char *p;

	CHECK_EQ(ftruncate(fd, 4096), 0);
	CHECK_EQ(pwrite(fd, "x", 1, 0), 1);
	sigaction(SIGALRM, &sa, NULL);
	ualarm(2000, 2000); /* perhaps the first comes too early */
	CHECK_ERR(fallocate(fd, 0, 0, 300 << 20), EINTR);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 4096);
	CHECK_EQ(st.st_blocks, 8);
	/* Nor holes that it filled; what was written stays, by whatever way. */
	CHECK_EQ(ftruncate(fd, 300 << 20), 0);
	p = shared(fd, 16 * PAGE, PROT_READ | PROT_WRITE);
	CHECK_EQ(p[5 * PAGE], 0);
	p[5 * PAGE] = 6;
	CHECK_ERR(fallocate(fd, 0, 0, 300 << 20), EINTR);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 300 << 20);
	CHECK_EQ(st.st_blocks, 16);
	CHECK(p[0] == 'x' && p[5 * PAGE] == 6);
}

TAP_MAIN(CASE(half_an_allocation_is_none), CASE(memfd_checks_its_arguments),
	 CASE(memfd_is_a_file_without_a_name), CASE(seals_need_permission),
	 CASE(size_seals_hold), CASE(a_write_seal_waits_for_writable_mappings),
	 CASE(a_future_write_seal_keeps_old_mappings),
	 CASE(fallocate_fills_and_punches), CASE(rlimit_fsize_ends_files),
	 CASE(mincore_hides_what_others_read), CASE(madv_remove_punches_a_hole),
	 CASE(posix_shm_is_shared_by_name),
	 CASE(remap_file_pages_reorders_a_file))
