// SPDX-License-Identifier: MIT
/*
 * /dev/vda as programs see it: sizes, positions, mappings, exclusion,
 * discard. Destroys what is on it, so tests/test_block.py gives it a drive of
 * 4 MiB; without one there is nothing to test. `block eio OFFSET` writes to a
 * page that the drive cannot write; `block discard FROM LENGTH [excl]` says
 * what BLKDISCARD says.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "tap.h"

#define DISK "/dev/vda"
#define SIZE (4 << 20)
#define PAGE 4096

static int open_disk(int flags)
{
	int fd = open(DISK, flags);

	CHECK(fd >= 0);
	return fd;
}

static char byte_at(int fd, off_t at)
{
	char c;

	CHECK_EQ(pread(fd, &c, 1, at), 1);
	return c;
}

TEST(sizes_and_numbers)
{
	unsigned long long bytes = 0;
	unsigned long sectors = 0;
	int fd = open_disk(O_RDONLY), ssz = 0, ro = 1;
	unsigned int pbsz = 0;
	struct stat st;

	CHECK_EQ(ioctl(fd, BLKGETSIZE64, &bytes), 0);
	CHECK_EQ(bytes, SIZE);
	CHECK_EQ(ioctl(fd, BLKGETSIZE, &sectors), 0);
	CHECK_EQ(sectors, SIZE / 512);
	CHECK_EQ(ioctl(fd, BLKSSZGET, &ssz), 0);
	CHECK_EQ(ssz, 512);
	CHECK_EQ(ioctl(fd, BLKPBSZGET, &pbsz), 0);
	CHECK_EQ(pbsz, 512);
	CHECK_EQ(ioctl(fd, BLKROGET, &ro), 0);
	CHECK_EQ(ro, 0);
	CHECK_ERR(ioctl(fd, 0x5401, &ro), ENOTTY); /* TCGETS */
	CHECK_ERR(ioctl(fd, BLKGETSIZE64, 8), EFAULT);
	CHECK_EQ(lseek(fd, 0, SEEK_END), SIZE);
	CHECK_EQ(lseek(fd, -512, SEEK_CUR), SIZE - 512);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISBLK(st.st_mode));
	CHECK_EQ(major(st.st_rdev), 254);
	CHECK_EQ(minor(st.st_rdev), 0);
	CHECK_EQ(st.st_size, 0);
}

TEST(bytes_anywhere)
{
	static char in[20000], out[20000];
	int fd = open_disk(O_RDWR);

	memset(in, 'x', sizeof(in));
	CHECK_EQ(pwrite(fd, in, sizeof(in), 4097), sizeof(in));
	CHECK_EQ(byte_at(fd, 4096 + sizeof(in)), 'x');
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fdatasync(fd), 0);
	CHECK_EQ(ioctl(fd, BLKFLSBUF, 0), 0); /* read from the disk again */
	CHECK_EQ(pread(fd, out, sizeof(out), 4097), sizeof(out));
	CHECK(!memcmp(in, out, sizeof(in)));
	close(fd);
	fd = open_disk(O_RDONLY);
	CHECK_EQ(byte_at(fd, 4097), 'x');
	CHECK_ERR(pwrite(fd, in, 1, 0), EBADF);
}

TEST(the_end)
{
	int fd = open_disk(O_RDWR);
	char buf[1024] = "";

	CHECK_EQ(pwrite(fd, buf, sizeof(buf), SIZE - 100), 100);
	CHECK_ERR(pwrite(fd, buf, 1, SIZE), ENOSPC);
	CHECK_EQ(pread(fd, buf, sizeof(buf), SIZE - 100), 100);
	CHECK_EQ(pread(fd, buf, sizeof(buf), SIZE), 0);
	CHECK_ERR(ftruncate(fd, 0), EINVAL);
}

TEST(two_names_one_cache)
{
	int a = open_disk(O_RDWR), b = open_disk(O_RDWR);
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, a,
		       8 * PAGE);

	CHECK(p != MAP_FAILED);
	p[0] = 'm';
	p[PAGE] = 'n';
	CHECK_EQ(byte_at(b, 8 * PAGE), 'm');
	CHECK_EQ(pwrite(b, "w", 1, 9 * PAGE), 1);
	CHECK_EQ(p[PAGE], 'w');
	CHECK_EQ(msync(p, 2 * PAGE, MS_SYNC), 0);
	CHECK_EQ(munmap(p, 2 * PAGE), 0);
	CHECK_EQ(ioctl(a, BLKFLSBUF, 0), 0);
	CHECK_EQ(byte_at(b, 8 * PAGE), 'm');
	CHECK_EQ(byte_at(b, 9 * PAGE), 'w');
}

TEST(exclusive_is_exclusive)
{
	int a = open_disk(O_RDWR | O_EXCL), b;

	CHECK_ERR(open(DISK, O_RDWR | O_EXCL), EBUSY);
	b = open_disk(O_RDONLY);
	close(a);
	a = open_disk(O_RDWR | O_EXCL);
	close(b);
	CHECK_ERR(open(DISK, O_RDWR | O_EXCL), EBUSY);
}

TEST(read_only_is_refused)
{
	int fd = open_disk(O_RDONLY), on = 1;

	CHECK_EQ(ioctl(fd, BLKROSET, &on), 0);
	CHECK_ERR(write(open_disk(O_WRONLY), "x", 1), EPERM);
	on = 0;
	CHECK_EQ(ioctl(fd, BLKROSET, &on), 0);
	CHECK_EQ(write(open_disk(O_WRONLY), "x", 1), 1);
}

TEST(discarded_is_gone)
{
	int fd = open_disk(O_RDWR), ro = open_disk(O_RDONLY), excl, on = 1;
	unsigned long long range[2] = { 64 * 1024, 128 * 1024 };
	static char buf[256 * 1024];

	memset(buf, 'd', sizeof(buf));
	CHECK_EQ(pwrite(fd, buf, sizeof(buf), 0), sizeof(buf));
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(ioctl(fd, BLKDISCARD, range), 0);
	CHECK_EQ(byte_at(fd, 64 * 1024 - 1), 'd');
	CHECK_EQ(byte_at(fd, 64 * 1024), 0);
	CHECK_EQ(byte_at(fd, 192 * 1024 - 1), 0);
	CHECK_EQ(byte_at(fd, 192 * 1024), 'd');
	memset(buf, 'e', PAGE); /* dirty, and of no use to anybody */
	CHECK_EQ(pwrite(fd, buf, PAGE, range[0]), PAGE);
	CHECK_EQ(ioctl(fd, BLKDISCARD, range), 0);
	CHECK_EQ(byte_at(fd, 64 * 1024), 0);
	excl = open_disk(O_RDWR | O_EXCL);
	CHECK_EQ(pwrite(fd, buf, PAGE, range[0]), PAGE);
	CHECK_ERR(ioctl(fd, BLKDISCARD, range), EBUSY);
	CHECK_EQ(byte_at(fd, 64 * 1024), 'e');
	CHECK_EQ(ioctl(excl, BLKDISCARD, range), 0);
	CHECK_EQ(byte_at(fd, 64 * 1024), 0);
	CHECK_EQ(ioctl(fd, BLKROSET, &on), 0);
	CHECK_ERR(ioctl(fd, BLKDISCARD, range), EPERM);
	on = 0;
	CHECK_EQ(ioctl(fd, BLKROSET, &on), 0);
	CHECK_ERR(ioctl(ro, BLKDISCARD, range), EBADF);
	range[0] = 1;
	CHECK_ERR(ioctl(fd, BLKDISCARD, range), EINVAL);
	range[0] = SIZE;
	CHECK_ERR(ioctl(fd, BLKDISCARD, range), EINVAL);
	range[0] = -4096ULL;
	range[1] = 8192;
	CHECK_ERR(ioctl(fd, BLKDISCARD, range), EINVAL);
}

TEST(no_such_device)
{
	CHECK_EQ(mknod("/tmp/none", S_IFBLK | 0600, makedev(254, 240)), 0);
	CHECK_ERR(open("/tmp/none", O_RDONLY), ENXIO);
	unlink("/tmp/none");
	CHECK_EQ(mknod("/tmp/other", S_IFBLK | 0600, makedev(254, 0)), 0);
	CHECK(open("/tmp/other", O_RDONLY) >= 0);
	unlink("/tmp/other");
}

/* fsync says it once, to each open file that was there. */
static int bad_place(off_t at)
{
	int fd = open(DISK, O_RDWR), other = open(DISK, O_RDWR);

	CHECK(fd >= 0 && other >= 0);
	CHECK_EQ(pwrite(fd, "lost", 4, at), 4);
	CHECK_ERR(fsync(fd), EIO);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(pwrite(fd, "kept", 4, at + 65536), 4);
	CHECK_EQ(fsync(fd), 0);
	printf("ok 1 - bad_place\n");
	return 0;
}

static int discard(off_t from, off_t length, int flags)
{
	unsigned long long range[2] = { from, length };
	int fd = open(DISK, O_RDWR | flags);

	errno = 0;
	ioctl(fd, BLKDISCARD, range);
	printf("%s\n", strerror(errno));
	return 0;
}

static const struct tap_case cases[] = {
	CASE(sizes_and_numbers),
	CASE(bytes_anywhere),
	CASE(the_end),
	CASE(two_names_one_cache),
	CASE(exclusive_is_exclusive),
	CASE(read_only_is_refused),
	CASE(discarded_is_gone),
	CASE(no_such_device),
};

int main(int argc, char **argv)
{
	if (argc >= 4)
		return discard(atol(argv[2]), atol(argv[3]),
			       argc == 5 ? O_EXCL : 0);
	if (argc == 3)
		return bad_place(atol(argv[2]));
	if (access(DISK, F_OK)) {
		printf("ok 1 - no disk # SKIP\n1..1\n");
		return 0;
	}
	return tap_run(cases, sizeof(cases) / sizeof(*cases));
}
