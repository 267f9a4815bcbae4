// SPDX-License-Identifier: MIT
/*
 * What test_ext2.py asks of a file system.
 *
 *	ext2 statfs PATH	blocks, free ones, those for everybody
 *	ext2 fill UID PATH	write as UID until that fails; print why
 *	ext2 store PATH		store a byte by way of a mapping
 *	ext2 syncfs DIR FILE	FILE cannot be written: who hears of it
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

static void say(const char *what, int failed)
{
	printf("%s %s\n", what, failed ? strerror(errno) : "ok");
}

static int errors(const char *dir, const char *name)
{
	int a = open(dir, O_RDONLY), b = open(dir, O_RDONLY), c;
	int fd = open(name, O_RDWR);

	say("write", pwrite(fd, "y", 1, 0) != 1);
	sync();
	c = open(name, O_RDONLY); /* nobody has been told */
	say("a", syncfs(a));
	say("a again", syncfs(a));
	say("later", syncfs(open(dir, O_RDONLY)));
	say("b", syncfs(b));
	say("b again", syncfs(b));
	say("c", syncfs(c));
	say("fsync", fsync(fd));
	say("fsync again", fsync(fd));
	say("devtmpfs", syncfs(open("/dev/vda", O_RDONLY)));
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
	if (argc == 4 && !strcmp(argv[1], "syncfs"))
		return errors(argv[2], argv[3]);
	return 2;
}
