// SPDX-License-Identifier: MIT
/*
 * Tests of the path walk and of everything that changes directories, on a
 * private tmpfs. The errors are those of Linux.
 */
#include <base/ktest.h>
#include <fs/namei.h>
#include <mm/phys/slab.h>
#include "fs_test.h"

#define EQ KTEST_EXPECT_EQ

void sandbox_enter(struct ktest *t, struct sandbox *s, const char *options)
{
	struct walk_ctx root;
	int err;

	s->ok = false;
	walk_ctx_kernel(&root);
	shrink_dcache(NULL, 0);
	dcache_stat(&s->dentries, &s->inodes);
	s->inodes = inode_count();
	EQ(t, vfs_mkdir(&root, NULL, "/ktest", 0755), 0);
	err = vfs_mount(&root, "ktest", "/ktest", "tmpfs", 0, options);
	EQ(t, err, 0);
	if (err)
		return;
	EQ(t, path_lookup(&root, NULL, "/ktest", LOOKUP_DIRECTORY, &s->top), 0);
	s->ctx = root;
	s->ctx.cwd = s->top;
	s->ctx.umask = 0;
	s->ok = true;
}

void sandbox_leave(struct ktest *t, struct sandbox *s)
{
	unsigned long dentries, idle;
	struct walk_ctx root;

	if (!s->ok)
		return;
	walk_ctx_kernel(&root);
	path_put(&s->top);
	EQ(t, vfs_umount(&root, "/ktest", 0), 0);
	EQ(t, vfs_rmdir(&root, NULL, "/ktest"), 0);
	shrink_dcache(NULL, 0);
	dcache_stat(&dentries, &idle);
	EQ(t, dentries, s->dentries);
	EQ(t, inode_count(), s->inodes);
}

int put_file(const struct sandbox *s, const char *name, const char *text)
{
	struct file *f = vfs_open(&s->ctx, NULL, name,
				  O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t n;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	n = kernel_write(f, text, strlen(text), NULL);
	fput(f);
	return n == (ssize_t)strlen(text) ? 0 : (int)n;
}

bool file_is(const struct sandbox *s, const char *name, const char *text)
{
	struct file *f = vfs_open(&s->ctx, NULL, name, O_RDONLY, 0);
	char buf[64];
	ssize_t n;

	if (IS_ERR(f))
		return false;
	n = kernel_read(f, buf, sizeof(buf), NULL);
	fput(f);
	return n == (ssize_t)strlen(text) && !memcmp(buf, text, (size_t)n);
}

int file_mode(const struct sandbox *s, const char *name, struct kstat *st)
{
	return vfs_stat(&s->ctx, NULL, name, 0, st);
}

static int lookup(const struct sandbox *s, const char *name, unsigned int flags)
{
	struct path p;
	int err = path_lookup(&s->ctx, NULL, name, flags, &p);

	if (!err)
		path_put(&p);
	return err;
}

static void walk(struct ktest *t)
{
	struct sandbox s;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "a", 0755), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "a//b///", 0755), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "a", 0755), -EEXIST);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "x/y", 0755), -ENOENT);
	EQ(t, put_file(&s, "a/b/f", "hello"), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "a/./b/../b/f", "hello"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "/ktest/a/b/f", "hello"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "/../../ktest/a/b/f", "hello"));
	EQ(t, lookup(&s, "", 0), -ENOENT);
	EQ(t, lookup(&s, "", LOOKUP_EMPTY), 0);
	EQ(t, lookup(&s, "/", 0), 0);
	EQ(t, lookup(&s, "a/b/f/", 0), -ENOTDIR);
	EQ(t, lookup(&s, "a/b/f/g", 0), -ENOTDIR);
	EQ(t, lookup(&s, "a/b/f/.", 0), -ENOTDIR);
	EQ(t, lookup(&s, "a/b/f/..", 0), -ENOTDIR);
	EQ(t, lookup(&s, "a/b/f", LOOKUP_DIRECTORY), -ENOTDIR);
	EQ(t, lookup(&s, "a/b/nothing", 0), -ENOENT);
	EQ(t, lookup(&s, "a/b/nothing", 0), -ENOENT);
	EQ(t, lookup(&s, "a/nothing/f", 0), -ENOENT);
	sandbox_leave(t, &s);
}

static void long_names(struct ktest *t)
{
	char *name = kmalloc(PATH_MAX, GFP_KERNEL);
	struct sandbox s;
	int i;

	KTEST_ASSERT_NOT_NULL(t, name);
	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	memset(name, 'n', 256);
	name[256] = 0;
	EQ(t, lookup(&s, name, 0), -ENAMETOOLONG);
	EQ(t, put_file(&s, name, "x"), -ENAMETOOLONG);
	name[255] = 0;
	EQ(t, put_file(&s, name, "long"), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, name, "long"));
	EQ(t, vfs_rename(&s.ctx, NULL, name, NULL, "short", 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "short", "long"));
	EQ(t, vfs_rename(&s.ctx, NULL, "short", NULL, name, 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, name, "long"));
	/* As deep as a path can go, and back. */
	for (i = 0; i < PATH_MAX / 2 - 1; i++)
		memcpy(name + 2 * i, "./", 2);
	name[2 * i] = 0;
	EQ(t, lookup(&s, name, 0), 0);
	kfree(name);
	sandbox_leave(t, &s);
}

static void symlinks(struct ktest *t)
{
	struct sandbox s;
	struct path p;
	char buf[16];

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "d", 0755), 0);
	EQ(t, put_file(&s, "d/f", "text"), 0);
	EQ(t, vfs_symlink(&s.ctx, "d", NULL, "l1"), 0);
	EQ(t, vfs_symlink(&s.ctx, "l1/", NULL, "l2"), 0);
	EQ(t, vfs_symlink(&s.ctx, "/ktest/l2/f", NULL, "d/abs"), 0);
	EQ(t, vfs_symlink(&s.ctx, "../d/./f", NULL, "d/rel"), 0);
	EQ(t, vfs_symlink(&s.ctx, "loop", NULL, "loop"), 0);
	EQ(t, vfs_symlink(&s.ctx, "gone", NULL, "dangling"), 0);
	EQ(t, vfs_symlink(&s.ctx, "", NULL, "empty"), -ENOENT);
	KTEST_EXPECT_TRUE(t, file_is(&s, "l2/f", "text"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "l2/abs", "text"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "l1/rel", "text"));
	EQ(t, lookup(&s, "d/f", 0), 0);
	EQ(t, lookup(&s, "d/abs/", LOOKUP_FOLLOW), -ENOTDIR);
	EQ(t, lookup(&s, "loop", LOOKUP_FOLLOW), -ELOOP);
	EQ(t, lookup(&s, "loop/x", 0), -ELOOP);
	EQ(t, lookup(&s, "loop", 0), 0);
	EQ(t, lookup(&s, "dangling", LOOKUP_FOLLOW), -ENOENT);
	EQ(t, path_lookup(&s.ctx, NULL, "l1", 0, &p), 0);
	EQ(t, vfs_readlink(&p, buf, sizeof(buf)), 1);
	EQ(t, buf[0], 'd');
	path_put(&p);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "l1", O_NOFOLLOW, 0)), -ELOOP);
	/* O_CREAT goes through a dangling link, with O_EXCL it does not. */
	EQ(t,
	   PTR_ERR(vfs_open(&s.ctx, NULL, "dangling", O_CREAT | O_EXCL | O_RDWR,
			    0644)),
	   -EEXIST);
	EQ(t, put_file(&s, "dangling", "made"), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "gone", "made"));
	EQ(t, vfs_unlink(&s.ctx, NULL, "dangling"), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "gone", "made"));
	sandbox_leave(t, &s);
}

static void open_errors(struct ktest *t)
{
	struct sandbox s;
	struct file *f;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "d", 0755), 0);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "d", O_RDWR, 0)), -EISDIR);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "d", O_CREAT, 0)), -EISDIR);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "n/", O_CREAT, 0)), -EISDIR);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "n", O_RDWR, 0)), -ENOENT);
	EQ(t, put_file(&s, "f", "0123456789"), 0);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "f", O_DIRECTORY, 0)), -ENOTDIR);
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "f", O_CREAT | O_EXCL, 0)),
	   -EEXIST);
	f = vfs_open_exec(&s.ctx, NULL, "f", LOOKUP_FOLLOW);
	EQ(t, PTR_ERR(f), -EACCES);
	EQ(t, vfs_mknod(&s.ctx, NULL, "prog", S_IFREG | 0755, 0), 0);
	f = vfs_open_exec(&s.ctx, NULL, "prog", LOOKUP_FOLLOW);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, PTR_ERR(vfs_open(&s.ctx, NULL, "prog", O_WRONLY, 0)), -ETXTBSY);
	allow_write_access(f);
	fput(f);
	f = vfs_open(&s.ctx, NULL, "prog", O_WRONLY, 0);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, PTR_ERR(vfs_open_exec(&s.ctx, NULL, "prog", 0)), -ETXTBSY);
	fput(f);
	f = vfs_open(&s.ctx, NULL, "f", O_RDWR | O_TRUNC, 0);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, f->f_inode->i_size, 0);
	fput(f);
	sandbox_leave(t, &s);
}

static void removing(struct ktest *t)
{
	struct sandbox s;
	struct kstat st;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "d", 0755), 0);
	EQ(t, put_file(&s, "d/f", "x"), 0);
	EQ(t, vfs_link(&s.ctx, NULL, "d/f", NULL, "g", 0), 0);
	EQ(t, vfs_link(&s.ctx, NULL, "d", NULL, "h", 0), -EPERM);
	EQ(t, file_mode(&s, "g", &st), 0);
	EQ(t, st.nlink, 2U);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "d"), -ENOTEMPTY);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "d/f"), -ENOTDIR);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "d/."), -EINVAL);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "d/.."), -ENOTEMPTY);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "/"), -EBUSY);
	EQ(t, vfs_unlink(&s.ctx, NULL, "d"), -EISDIR);
	EQ(t, vfs_unlink(&s.ctx, NULL, "d/f/"), -ENOTDIR);
	EQ(t, vfs_unlink(&s.ctx, NULL, "none"), -ENOENT);
	EQ(t, vfs_unlink(&s.ctx, NULL, "d/f"), 0);
	EQ(t, lookup(&s, "d/f", 0), -ENOENT);
	EQ(t, lookup(&s, "d/other", 0), -ENOENT);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "d/"), 0);
	EQ(t, lookup(&s, "d", 0), -ENOENT);
	EQ(t, file_mode(&s, "g", &st), 0);
	EQ(t, st.nlink, 1U);
	sandbox_leave(t, &s);
}

static void renaming(struct ktest *t)
{
	struct sandbox s;
	struct kstat st;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "a", 0755), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "a/b", 0755), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "c", 0755), 0);
	EQ(t, put_file(&s, "f", "F"), 0);
	EQ(t, put_file(&s, "g", "G"), 0);
	EQ(t, vfs_rename(&s.ctx, NULL, "f", NULL, "g", RENAME_NOREPLACE),
	   -EEXIST);
	EQ(t, vfs_rename(&s.ctx, NULL, "f", NULL, "g", 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "g", "F"));
	EQ(t, lookup(&s, "f", 0), -ENOENT);
	EQ(t, vfs_rename(&s.ctx, NULL, "g", NULL, "a/b/g", 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "a/b/g", "F"));
	EQ(t, vfs_rename(&s.ctx, NULL, "a", NULL, "a/b/x", 0), -EINVAL);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b", NULL, "a", 0), -ENOTEMPTY);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b", NULL, "c/.", 0), -EBUSY);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b/g", NULL, "c", 0), -EISDIR);
	EQ(t, vfs_rename(&s.ctx, NULL, "c", NULL, "a/b/g", 0), -ENOTDIR);
	EQ(t, vfs_rename(&s.ctx, NULL, "none", NULL, "x", 0), -ENOENT);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b/g/", NULL, "x", 0), -ENOTDIR);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b", NULL, "/x", 0), -EXDEV);
	/* A directory over an empty one, into another parent. */
	EQ(t, vfs_mkdir(&s.ctx, NULL, "c/e", 0755), 0);
	EQ(t, vfs_rename(&s.ctx, NULL, "a/b", NULL, "c/e", 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "c/e/g", "F"));
	KTEST_EXPECT_TRUE(t, file_is(&s, "c/e/../e/g", "F"));
	EQ(t, file_mode(&s, "a", &st), 0);
	EQ(t, st.nlink, 2U);
	EQ(t, file_mode(&s, "c", &st), 0);
	EQ(t, st.nlink, 3U);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "a"), 0);
	sandbox_leave(t, &s);
}

static void permissions(struct ktest *t)
{
	struct sandbox s;
	struct walk_ctx user;
	struct file *f;
	struct path p;

	sandbox_enter(t, &s, "mode=755");
	KTEST_ASSERT_TRUE(t, s.ok);
	user = s.ctx;
	user.uid = 1000;
	user.gid = 1000;
	EQ(t, put_file(&s, "secret", "x"), 0);
	EQ(t, path_lookup(&s.ctx, NULL, "secret", 0, &p), 0);
	EQ(t, vfs_chmod(&s.ctx, &p, 0600), 0);
	EQ(t, vfs_chmod(&user, &p, 0666), -EPERM);
	EQ(t, vfs_chown(&user, &p, 1000, 1000), -EPERM);
	EQ(t, vfs_utimes(&user, &p, NULL), -EACCES);
	EQ(t, vfs_truncate(&user, &p, 0), -EACCES);
	path_put(&p);
	EQ(t, PTR_ERR(vfs_open(&user, NULL, "secret", O_RDONLY, 0)), -EACCES);
	EQ(t, PTR_ERR(vfs_open(&user, NULL, "new", O_CREAT, 0644)), -EACCES);
	EQ(t, vfs_unlink(&user, NULL, "secret"), -EACCES);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "tmp", 01777), 0);
	EQ(t, put_file(&s, "tmp/roots", "x"), 0);
	f = vfs_open(&user, NULL, "tmp/mine", O_CREAT | O_RDWR, 0600);
	KTEST_ASSERT_FALSE(t, IS_ERR(f));
	EQ(t, f->f_inode->i_uid, 1000U);
	fput(f);
	EQ(t, vfs_unlink(&user, NULL, "tmp/roots"), -EPERM);
	EQ(t, vfs_rename(&user, NULL, "tmp/mine", NULL, "tmp/roots", 0),
	   -EPERM);
	EQ(t, vfs_access(&user, NULL, "tmp/mine", MAY_READ, 0), 0);
	EQ(t, vfs_access(&user, NULL, "tmp/mine", MAY_EXEC, 0), -EACCES);
	EQ(t, vfs_unlink(&user, NULL, "tmp/mine"), 0);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "closed", 0700), 0);
	EQ(t, vfs_access(&user, NULL, "closed/x", 0, 0), -EACCES);
	EQ(t, vfs_mount(&user, "x", "/ktest", "tmpfs", 0, NULL), -EPERM);
	sandbox_leave(t, &s);
}

static void mounts(struct ktest *t)
{
	struct sandbox s;
	char buf[64];
	struct path p;

	sandbox_enter(t, &s, NULL);
	KTEST_ASSERT_TRUE(t, s.ok);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "m", 0755), 0);
	EQ(t, put_file(&s, "m/hidden", "below"), 0);
	EQ(t, vfs_mount(&s.ctx, "x", "m", "nosuchfs", 0, NULL), -ENODEV);
	EQ(t, vfs_mount(&s.ctx, "x", "m", "tmpfs", 0, "size=bad"), -EINVAL);
	EQ(t, vfs_mount(&s.ctx, "x", "m/hidden", "tmpfs", 0, NULL), -ENOTDIR);
	EQ(t, vfs_mount(&s.ctx, "x", "m", "tmpfs", 0, NULL), 0);
	EQ(t, lookup(&s, "m/hidden", 0), -ENOENT);
	EQ(t, put_file(&s, "m/f", "above"), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "m/../m/f", "above"));
	EQ(t, path_lookup(&s.ctx, NULL, "m/f", 0, &p), 0);
	KTEST_EXPECT_STREQ(t, d_path(&p, NULL, buf, sizeof(buf)), "/ktest/m/f");
	EQ(t, vfs_umount(&s.ctx, "m", 0), -EBUSY);
	EQ(t, vfs_unlink(&s.ctx, NULL, "m/f"), 0);
	KTEST_EXPECT_STREQ(t, d_path(&p, NULL, buf, sizeof(buf)),
			   "/ktest/m/f (deleted)");
	path_put(&p);
	EQ(t, vfs_rmdir(&s.ctx, NULL, "m"), -EBUSY);
	EQ(t, vfs_rename(&s.ctx, NULL, "m", NULL, "n", 0), -EBUSY);
	EQ(t, vfs_mount(&s.ctx, NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL),
	   0);
	EQ(t, put_file(&s, "m/g", "x"), -EROFS);
	EQ(t, vfs_mkdir(&s.ctx, NULL, "m/g", 0755), -EROFS);
	EQ(t, vfs_umount(&s.ctx, "m/..", MNT_DETACH | 64), -EINVAL);
	EQ(t, vfs_umount(&s.ctx, "m", 0), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "m/hidden", "below"));
	EQ(t, vfs_umount(&s.ctx, "m", 0), -EINVAL);
	/* The same directory at two places. */
	EQ(t, vfs_mkdir(&s.ctx, NULL, "b", 0755), 0);
	EQ(t, vfs_mount(&s.ctx, "m", "b", NULL, MS_BIND, NULL), 0);
	KTEST_EXPECT_TRUE(t, file_is(&s, "b/hidden", "below"));
	EQ(t, vfs_rename(&s.ctx, NULL, "b/hidden", NULL, "m/x", 0), -EXDEV);
	EQ(t, vfs_umount(&s.ctx, "b", MNT_DETACH), 0);
	sandbox_leave(t, &s);
}

static const struct ktest_case cases[] = {
	{ "walk", walk },
	{ "long_names", long_names },
	{ "symlinks", symlinks },
	{ "open_errors", open_errors },
	{ "removing", removing },
	{ "renaming", renaming },
	{ "permissions", permissions },
	{ "mounts", mounts },
	{},
};

const struct ktest_suite fs_namei_suite = { "fs_namei", cases };
