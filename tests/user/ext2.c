// SPDX-License-Identifier: MIT
/*
 * What test_ext2.py asks of a file system.
 *
 *	ext2 statfs PATH	blocks, free ones, those for everybody
 *	ext2 fill UID PATH	write as UID until that fails; print why
 *	ext2 store PATH		store a byte by way of a mapping
 */
#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

static int show_statfs(const char *path)
{
	struct statfs st;

	if (statfs(path, &st))
		return 1;
	printf("%lu %lu %lu\n", (unsigned long)st.f_blocks,
	       (unsigned long)st.f_bfree, (unsigned long)st.f_bavail);
	return 0;
}

static int fill(uid_t uid, const char *path)
{
	static char buf[4096];
	int fd;

	if (uid && (setgid(uid) || setuid(uid)))
		return 1;
	fd = open(path, O_WRONLY | O_CREAT, 0666);
	if (fd < 0)
		return 1;
	while (write(fd, buf, sizeof(buf)) > 0)
		;
	puts(strerror(errno));
	return 0;
}

static int store(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p = mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return 1;
	*p = 'x';
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "statfs"))
		return show_statfs(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "fill"))
		return fill((uid_t)atoi(argv[2]), argv[3]);
	if (argc == 3 && !strcmp(argv[1], "store"))
		return store(argv[2]);
	return 2;
}
