// SPDX-License-Identifier: MIT
/*
 * Tests of tmpfs files and directories, descriptor tables, pipes, cpio and
 * the text files, on private instances.
 */
#include <asm/current.h>
#include <base/ktest.h>
#include <fs/fdtable.h>
#include <fs/initramfs.h>
#include <fs/pipe.h>
#include <fs/poll.h>
#include <fs/proc_fs.h>
#include <fs/tmpfs.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>
#include <sched/kthread.h>
#include <sched/sched.h>
#include "fs_test.h"

#define EQ KTEST_EXPECT_EQ

static struct file *open_rw(const struct sandbox *s, const char *name)
{
	return vfs_open(&s->ctx, NULL, name, O_RDWR | O_CREAT, 0644);
}

static void file_io(struct ktest *t)
{
	char *buf = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
	struct sandbox s;
	struct kstat st;
	struct file *f;
	loff_t pos;
	size_t i;

	KTEST_ASSERT_NOT_NULL(t, buf);
	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	f = open_rw(&s, "f");
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	for (i = 0; i < 3 * PAGE_SIZE; i++)
		buf[i] = (char)(i * 7);
	pos = 100;
	EQ(t, kernel_write(f, buf, 3 * PAGE_SIZE, &pos),
	   (ssize_t)(3 * PAGE_SIZE));
	EQ(t, f->f_inode->i_size, (loff_t)(3 * PAGE_SIZE + 100));
	pos = 0;
	memset(buf, 1, 3 * PAGE_SIZE);
	EQ(t, kernel_read(f, buf, 200, &pos), 200);
	EQ(t, buf[99], 0);
	EQ(t, buf[101], 7);
	/* A hole in the middle; what follows it. */
	pos = 64 * (loff_t)PAGE_SIZE;
	EQ(t, kernel_write(f, "end", 3, &pos), 3);
	EQ(t, vfs_fstat(f, &st), 0);
	EQ(t, st.blocks, 5 * PAGE_SIZE / 512);
	EQ(t, vfs_llseek(f, 0, SEEK_HOLE), (loff_t)(4 * PAGE_SIZE));
	EQ(t, vfs_llseek(f, 5 * (loff_t)PAGE_SIZE, SEEK_DATA),
	   (loff_t)(64 * PAGE_SIZE));
	EQ(t, vfs_llseek(f, 1LL << 40, SEEK_DATA), -ENXIO);
	EQ(t, vfs_llseek(f, -1, SEEK_SET), -EINVAL);
	EQ(t, vfs_llseek(f, LONG_MAX, SEEK_END), -EOVERFLOW);
	/* Shrink into a page and grow again: zeroes. */
	EQ(t, vfs_ftruncate(f, 150), 0);
	EQ(t, vfs_ftruncate(f, 1000), 0);
	EQ(t, vfs_ftruncate(f, -1), -EINVAL);
	pos = 0;
	EQ(t, kernel_read(f, buf, 3 * PAGE_SIZE, &pos), 1000);
	EQ(t, buf[149], (char)(49 * 7));
	EQ(t, buf[150], 0);
	EQ(t, f->f_inode->i_mapping->nrpages, 1UL);
	/* Unlinked, but open: the data stays. */
	EQ(t, vfs_unlink(&s.ctx, NULL, "f"), 0);
	pos = 149;
	EQ(t, kernel_read(f, buf, 1, &pos), 1);
	EQ(t, vfs_umount(&s.ctx, "/ktest", 0), -EBUSY);
	fput(f);
	kfree(buf);
	sandbox_leave(t, &s);
}

static void limits(struct ktest *t)
{
	struct sandbox s;
	struct kstatfs st;
	struct file *f;
	loff_t pos = 0;
	int i;

	sandbox_enter(t, &s, "size=4k,nr_inodes=4,mode=700");
	KTEST_ASSERT_TRUE(t, s.ok);
	f = open_rw(&s, "f");
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, kernel_write(f, "x", 1, &pos), 1);
	pos = 4095;
	EQ(t, kernel_write(f, "yz", 2, &pos), 1);
	EQ(t, kernel_write(f, "z", 1, &pos), -ENOSPC);
	EQ(t, vfs_statfs(&s.top, &st), 0);
	EQ(t, st.f_blocks, 1ULL);
	EQ(t, st.f_bfree, 0ULL);
	EQ(t, vfs_ftruncate(f, 0), 0);
	pos = 10000;
	EQ(t, kernel_write(f, "x", 1, &pos), 1);
	fput(f);
	EQ(t, vfs_unlink(&s.ctx, NULL, "f"), 0);
	EQ(t, vfs_statfs(&s.top, &st), 0);
	EQ(t, st.f_bfree, 1ULL);
	for (i = 0; i < 3; i++)
		EQ(t,
		   vfs_mkdir(&s.ctx, NULL, (char[]){ (char)('a' + i), 0 },
			     0755),
		   0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "x", 0755), -ENOSPC);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "a"), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "x", 0755), 0);
	sandbox_leave(t, &s);
}

struct counter {
	struct dir_context ctx;
	unsigned int seen, max;
	u64 sum;
};

static bool count_entry(struct dir_context *dc, const char *name, size_t len,
			loff_t offset, ino_t ino, unsigned int type)
{
	struct counter *c = container_of(dc, struct counter, ctx);

	(void)offset;
	(void)ino;
	(void)type;
	if (c->seen == c->max)
		return false;
	c->seen++;
	if (len == 3 && name[0] != '.')
		c->sum += (u64)(name[1] - '0') * 10 + (u64)(name[2] - '0');
	return true;
}

/* Entries that come and go between two reads disturb no others. */
static void readdir(struct ktest *t)
{
	struct counter c = { .ctx.actor = count_entry, .max = 30 };
	struct sandbox s;
	struct file *d;
	char name[4];
	int i;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%02d", i);
		EQ(t, vfs_mknod(&s.ctx, NULL, name, S_IFREG | 0644, 0), 0);
	}
	d = vfs_open(&s.ctx, NULL, ".", O_RDONLY | O_DIRECTORY, 0);
	KTEST_ASSERT_FALSE(t, IS_ERR(d));
	EQ(t, iterate_dir(d, &c.ctx), 0);
	EQ(t, c.seen, 30U);
	for (i = 0; i < 28; i++) {
		snprintf(name, sizeof(name), "n%02d", i);
		EQ(t, vfs_unlink(&s.ctx, NULL, name), 0);
	}
	c.max = 1000;
	EQ(t, iterate_dir(d, &c.ctx), 0);
	EQ(t, c.seen, 102U);
	EQ(t, c.sum, 4950ULL);
	EQ(t, iterate_dir(d, &c.ctx), 0);
	EQ(t, c.seen, 102U);
	fput(d);
	sandbox_leave(t, &s);
}

static void descriptors(struct ktest *t)
{
	struct files_struct *a = alloc_files(), *b;
	struct sandbox s;
	struct file *f;
	int fd, i;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok && a);
	f = open_rw(&s, "f");
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	for (i = 0; i < 300; i++) {
		fd = get_unused_fd(a, 0, 1024, i & 1 ? O_CLOEXEC : 0);
		EQ(t, fd, i);
		fd_install(a, (unsigned int)fd, get_file(f));
	}
	EQ(t, get_unused_fd(a, 0, 300, 0), -EMFILE);
	EQ(t, close_fd(a, 7), 0);
	EQ(t, close_fd(a, 7), -EBADF);
	EQ(t, close_fd(a, UINT_MAX), -EBADF);
	EQ(t, get_unused_fd(a, 0, 300, 0), 7);
	put_unused_fd(a, 7);
	EQ(t, replace_fd(a, 500, f, 1024, O_CLOEXEC), 500);
	EQ(t, replace_fd(a, 2000, f, 1024, 0), -EBADF);
	EQ(t, do_fcntl(a, 0, F_DUPFD, 600, 1024), 600L);
	EQ(t, do_fcntl(a, 0, F_DUPFD, 1024, 1024), (long)-EINVAL);
	EQ(t, do_fcntl(a, 7, F_GETFD, 0, 1024), (long)-EBADF);
	EQ(t, do_fcntl(a, 9, F_GETFD, 0, 1024), 1L);
	b = dup_fd(a);
	KTEST_ASSERT_FALSE(t, IS_ERR(b));
	EQ(t, files_count_open(b), 301U);
	do_close_on_exec(b);
	EQ(t, files_count_open(b), 151U);
	EQ(t, close_fd_range(b, 0, UINT_MAX, false), 0);
	EQ(t, files_count_open(b), 0U);
	EQ(t, atomic_long_read(&f->f_count), 302L);
	put_files_struct(b);
	put_files_struct(a);
	EQ(t, atomic_long_read(&f->f_count), 1L);
	fput(f);
	sandbox_leave(t, &s);
}

/* --- pipes --- */

static int echo_thread(void *arg)
{
	struct file **end = arg;
	char c;

	while (kernel_read(end[0], &c, 1, NULL) == 1) {
		c++;
		kernel_write(end[1], &c, 1, NULL);
	}
	fput(end[1]);
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible_ns(1000000);
	return 0;
}

static void pipes(struct ktest *t)
{
	struct file *there[2], *back[2], *ends[2];
	struct task_struct *task;
	char c = 0;
	int i;

	EQ(t, create_pipe_files(there, 0), 0);
	EQ(t, create_pipe_files(back, 0), 0);
	ends[0] = there[0];
	ends[1] = back[1];
	task = kthread_run(echo_thread, ends, "pipe_echo");
	KTEST_ASSERT_FALSE(t, IS_ERR(task));
	for (i = 0; i < 20; i++) {
		EQ(t, kernel_write(there[1], &c, 1, NULL), 1);
		EQ(t, kernel_read(back[0], &c, 1, NULL), 1);
	}
	EQ(t, c, 20);
	fput(there[1]); /* its reader sees the end */
	EQ(t, kernel_read(back[0], &c, 1, NULL), 0);
	EQ(t, kthread_stop(task), 0);
	fput(there[0]);
	fput(back[0]);
}

static void pipe_limits(struct ktest *t)
{
	char *buf = kzalloc(8192, GFP_KERNEL);
	struct poll_wqueues pwq;
	struct file *end[2];
	ssize_t n, total = 0;

	KTEST_ASSERT_NOT_NULL(t, buf);
	EQ(t, create_pipe_files(end, O_NONBLOCK), 0);
	EQ(t, kernel_read(end[0], buf, 1, NULL), -EAGAIN);
	EQ(t, kernel_read(end[1], buf, 1, NULL), -EBADF);
	EQ(t, vfs_poll(end[0], NULL) & POLLIN, 0U);
	EQ(t, vfs_poll(end[1], NULL) & POLLOUT, POLLOUT);
	while ((n = kernel_write(end[1], buf, 3000, NULL)) > 0) {
		EQ(t, n, 3000); /* never torn */
		total += n;
	}
	EQ(t, n, -EAGAIN);
	EQ(t, vfs_poll(end[1], NULL) & POLLOUT, 0U);
	while ((n = kernel_read(end[0], buf, 8192, NULL)) > 0)
		total -= n;
	EQ(t, total, 0);
	while ((n = kernel_write(end[1], buf, 8192, NULL)) > 0)
		total += n;
	EQ(t, total, (ssize_t)PIPE_SIZE);
	/* Polling with an entry on the queue, which then goes. */
	poll_initwait(&pwq);
	EQ(t, vfs_poll(end[1], &pwq.pt) & POLLOUT, 0U);
	EQ(t, kernel_read(end[0], buf, 8192, NULL), 8192);
	KTEST_EXPECT_TRUE(t, pwq.triggered);
	poll_freewait(&pwq);
	fput(end[0]);
	EQ(t, kernel_write(end[1], buf, 1, NULL), -EPIPE);
	EQ(t, vfs_poll(end[1], NULL) & POLLERR, POLLERR);
	fput(end[1]);
	kfree(buf);
}

/* --- cpio --- */

static char *cpio_add(char *p, const char *name, unsigned int mode,
		      unsigned int ino, unsigned int nlink, const char *data)
{
	size_t size = strlen(data), len = strlen(name) + 1;

	p += snprintf(p, 111,
		      "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
		      "%08x%08x%08x",
		      ino, mode, 0, 0, nlink, 1000, (unsigned int)size, 8, 1,
		      S_ISCHR(mode) ? 1 : 0, S_ISCHR(mode) ? 3 : 0,
		      (unsigned int)len, 0);
	memcpy(p, name, len);
	p += ALIGN(len + 110, 4UL) - 110;
	memcpy(p, data, size);
	return p + ALIGN(size, 4UL);
}

static void initramfs(struct ktest *t)
{
	char *image = kzalloc(4096, GFP_KERNEL), *p = image;
	char err[96] = "";
	struct sandbox s;
	struct kstat st;

	KTEST_ASSERT_NOT_NULL(t, image);
	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	p = cpio_add(p, "d", S_IFDIR | 0700, 1, 2, "");
	p = cpio_add(p, "d/one", S_IFREG | 0640, 2, 2, "");
	p = cpio_add(p, "d/two", S_IFREG | 0640, 2, 2, "linked");
	p = cpio_add(p, "sym", S_IFLNK | 0777, 3, 1, "d/one");
	p = cpio_add(p, "null", S_IFCHR | 0666, 4, 1, "");
	p = cpio_add(p, "TRAILER!!!", 0, 0, 1, "");
	EQ(t,
	   unpack_initramfs(&s.ctx, image, (size_t)(p - image), err,
			    sizeof(err)),
	   0);
	KTEST_EXPECT_STREQ(t, err, "");
	KTEST_EXPECT_TRUE(t, file_is(&s, "sym", "linked"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "d/two", "linked"));
	EQ(t, file_mode(&s, "d/one", &st), 0);
	EQ(t, st.mode, S_IFREG | 0640);
	EQ(t, st.nlink, 2U);
	EQ(t, st.mtime.tv_sec, 1000);
	EQ(t, file_mode(&s, "null", &st), 0);
	EQ(t, st.rdev, MKDEV(1, 3));
	/* Unpacking it once more replaces, a cut one is refused. */
	EQ(t,
	   unpack_initramfs(&s.ctx, image, (size_t)(p - image), err,
			    sizeof(err)),
	   0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "sym", "linked"));
	EQ(t, unpack_initramfs(&s.ctx, image, 300, err, sizeof(err)), -EINVAL);
	KTEST_EXPECT_TRUE(t, err[0] != 0);
	p = cpio_add(image, "no/dir", S_IFREG | 0640, 9, 1, "x");
	EQ(t,
	   unpack_initramfs(&s.ctx, image, (size_t)(p - image), err,
			    sizeof(err)),
	   -ENOENT);
	kfree(image);
	sandbox_leave(t, &s);
}

/* --- procfs --- */

/* procfs keeps its root once it was mounted: not a leak. */
static void mount_proc_once(struct ktest *t)
{
	struct walk_ctx root;

	walk_ctx_kernel(&root);
	EQ(t, vfs_mkdir(&root, NULL, "/ktest", 0755), 0);
	EQ(t, vfs_mount(&root, "proc", "/ktest", "proc", 0, NULL), 0);
	EQ(t, vfs_umount(&root, "/ktest", 0), 0);
	EQ(t, vfs_rmdir(&root, NULL, "/ktest"), 0);
}

static void texts(struct ktest *t)
{
	struct sandbox s;
	struct file *f;
	char a[256], b[256];
	loff_t pos = 0;
	ssize_t n, m = 0;

	mount_proc_once(t);
	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "p", 0755), 0);
	EQ(t, vfs_mount(&s.ctx, "proc", "p", "proc", 0, NULL), 0);
	f = vfs_open(&s.ctx, NULL, "p/filesystems", O_RDONLY, 0);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	n = kernel_read(f, a, sizeof(a), NULL);
	KTEST_EXPECT_GT(t, n, 20);
	while (pos < n && (m = kernel_read(f, b + pos, 7, &pos)) > 0)
		;
	EQ(t, memcmp(a, b, (size_t)n), 0);
	EQ(t, kernel_read(f, a, sizeof(a), NULL), 0);
	EQ(t, vfs_llseek(f, 0, SEEK_SET), 0);
	EQ(t, kernel_read(f, a, 7, NULL), 7);
	fput(f);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "p/999999", O_RDONLY, 0)),
	   -ENOENT);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "p/01", O_RDONLY, 0)), -ENOENT);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "p/x", 0755), -ENOENT);
	EQ(t, vfs_unlink(&s.ctx, NULL, "p/stat"), -EPERM);
	f = vfs_open(&s.ctx, NULL, "p/sys/vm/overcommit_memory",
		     O_RDWR | O_CREAT | O_TRUNC, 0);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, kernel_read(f, a, sizeof(a), NULL), 2);
	EQ(t, kernel_write(f, "9\n", 2, NULL), -EINVAL);
	EQ(t, kernel_write(f, a, 2, NULL), 2);
	fput(f);
	EQ(t, vfs_umount(&s.ctx, "p", 0), 0);
	shrink_dcache(NULL, 0);
	sandbox_leave(t, &s);
}

static const struct ktest_case cases[] = {
	{ "file_io", file_io },
	{ "limits", limits },
	{ "readdir", readdir },
	{ "descriptors", descriptors },
	{ "pipes", pipes },
	{ "pipe_limits", pipe_limits },
	{ "initramfs", initramfs },
	{ "texts", texts },
	{},
};

const struct ktest_suite fs_tmpfs_suite = { "fs_tmpfs", cases };
