// SPDX-License-Identifier: MIT
/*
 * What test_ext2.py asks of a file system.
 *
 *	ext2 statfs PATH	blocks, free ones, those for everybody
 *	ext2 fill UID PATH	write as UID until that fails; print why
 *	ext2 store PATH		store a byte by way of a mapping
 *	ext2 flags DIR		what chattr +i, +a, +A let one do
 *	ext2 syncfs DIR FILE	FILE cannot be written: who hears of it
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

#define SAY(call) say(#call, (call) < 0)

static int set_flags(const char *name, unsigned int flags)
{
	return ioctl(open(name, O_RDONLY), FS_IOC_SETFLAGS, &flags);
}

static unsigned int get_flags(const char *name)
{
	unsigned int flags = ~0U;

	ioctl(open(name, O_RDONLY), FS_IOC_GETFLAGS, &flags);
	return flags;
}

static void change_file(const char *f)
{
	struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	struct timespec set[2] = { { 1, 2 }, { 3, 4 } };
	int fd;

	printf("--- %s\n", f);
	SAY(open(f, O_RDONLY));
	SAY(open(f, O_WRONLY));
	SAY(open(f, O_WRONLY | O_TRUNC));
	SAY(open(f, O_RDONLY | O_TRUNC));
	SAY(open(f, O_WRONLY | O_CREAT | O_APPEND, 0600));
	SAY(truncate(f, 0));
	SAY(access(f, W_OK));
	SAY(link(f, "link"));
	SAY(rename(f, "new"));
	SAY(rename("other", f));
	SAY(unlink(f));
	SAY(chmod(f, 0600));
	SAY(chown(f, 0, 0));
	SAY(utimensat(AT_FDCWD, f, NULL, 0));
	SAY(utimensat(AT_FDCWD, f, now, 0));
	SAY(utimensat(AT_FDCWD, f, set, 0));
	fd = open(f, O_RDWR | O_APPEND);
	if (fd < 0)
		return;
	SAY(pwrite(fd, "z", 1, 0));
	SAY(ftruncate(fd, 0));
	SAY(fcntl(fd, F_SETFL, 0));
	SAY(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	say("mmap", mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
			    MAP_FAILED);
	say("private",
	    mmap(NULL, 1, PROT_WRITE, MAP_PRIVATE, fd, 0) == MAP_FAILED);
}

static void change_dir(const char *d)
{
	printf("--- %s\n", d);
	SAY(chdir(d));
	SAY(open("x", O_WRONLY | O_TRUNC));
	SAY(open("n", O_WRONLY | O_CREAT, 0600));
	SAY(mkdir("m", 0700));
	SAY(symlink("x", "s"));
	SAY(mknod("p", S_IFIFO | 0600, 0));
	SAY(link("x", "l"));
	SAY(link("x", "../out"));
	SAY(unlink("../out"));
	SAY(rename("x", "y"));
	SAY(rename("../other", "z"));
	SAY(unlink("x"));
	SAY(rmdir("sub"));
	SAY(chdir(".."));
	SAY(rename(d, "moved"));
	SAY(chmod(d, 0700));
	SAY(rmdir(d));
}

/* Each of i, a (files), di, da (directories): set, tried, cleared. */
static int flags(const char *where)
{
	static const unsigned int bits[] = { FS_IMMUTABLE_FL, FS_APPEND_FL };
	static const char *const names[] = { "i", "a", "di", "da" };
	unsigned int all = FS_NODUMP_FL | FS_NOATIME_FL;

	if (chdir(where))
		return 1;
	for (int i = 0; i < 4; i++) {
		close(open("other", O_WRONLY | O_CREAT, 0600));
		if (i < 2)
			close(open(names[i], O_WRONLY | O_CREAT, 0600));
		SAY(set_flags(names[i], bits[i & 1]));
		printf("%x\n", get_flags(names[i]));
		if (i < 2)
			change_file(names[i]);
		else
			change_dir(names[i]);
		SAY(set_flags(names[i], 0));
		SAY(rename(names[i], "gone"));
		unlink("gone");
	}
	close(open("f", O_WRONLY | O_CREAT, 0666));
	chmod(".", 0777);
	chown("f", 1, 1);
	SAY(set_flags("f", all));
	printf("%x\n", get_flags("f"));
	SAY(ioctl(open("f", O_RDONLY), FS_IOC_SETFLAGS, 8));
	setuid(1);
	SAY(set_flags("f", all | FS_IMMUTABLE_FL));
	SAY(set_flags("f", FS_NODUMP_FL));
	setuid(0);
	SAY(set_flags("/dev/null", 0));
	SAY(set_flags("/proc/version", 0));
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
	if (argc == 3 && !strcmp(argv[1], "flags"))
		return flags(argv[2]);
	return 2;
}
