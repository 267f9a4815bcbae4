/* SPDX-License-Identifier: MIT */
/*
 * A file system of a test's own: a tmpfs on /ktest, taken away afterwards
 * with a check that nothing is left of it.
 */
#ifndef _TESTS_KERNEL_FS_TEST_H
#define _TESTS_KERNEL_FS_TEST_H

#include <base/ktest.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/stat.h>

struct sandbox {
	struct walk_ctx ctx; /* cwd: the root of the tmpfs; uid 0 */
	struct path top;
	unsigned long dentries, inodes; /* before */
	bool ok;
};

/* => s->ok; options as for mount(2) */
void sandbox_enter(struct ktest *t, struct sandbox *s, const char *options);
void sandbox_leave(struct ktest *t, struct sandbox *s);
/* A file with that text; 0 or -errno. */
int put_file(const struct sandbox *s, const char *name, const char *text);
/* Does the file hold exactly that text? */
bool file_is(const struct sandbox *s, const char *name, const char *text);
int file_mode(const struct sandbox *s, const char *name, struct kstat *st);

#endif
