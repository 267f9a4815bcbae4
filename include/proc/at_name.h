/* SPDX-License-Identifier: MIT */
/*
 * Path names from user space, and the process's point of view that the file
 * systems want as an argument: its root, its current directory, who it is.
 */
#ifndef PROC_AT_NAME_H
#define PROC_AT_NAME_H

#include <asm/uaccess.h>
#include <fs/fcntl.h>
#include <fs/namei.h>
#include <lib/cleanup.h>

void namei_init(void);

/* Copy a path in => kernel string, ERR_PTR(-EFAULT, -ENAMETOOLONG, -ENOMEM). */
char *getname(const char __user *name);
void putname(char *name); /* NULL and errors are allowed */
DEFINE_FREE(putname, char, putname)

/* The calling process's view; holds references until walk_ctx_put(). */
void walk_ctx_get(struct walk_ctx *ctx);
void walk_ctx_put(struct walk_ctx *ctx);

static __always_inline struct walk_ctx current_walk_ctx(void)
{
	struct walk_ctx ctx;

	walk_ctx_get(&ctx);
	return ctx;
}

/* Everything an *at() call needs: the view, the start directory, the name. */
struct at_name {
	struct walk_ctx ctx;
	struct path dir; /* of dfd; used if has_dir */
	bool has_dir;
	char *name; /* NULL: nothing is held */
};

/* => 0, -EBADF, -EFAULT ...; at_name_put() is for all of them */
int at_name_get(struct at_name *at, int dfd, const char __user *name);
void at_name_put(struct at_name *at);

static inline const struct path *at_start(const struct at_name *at)
{
	return at->has_dir ? &at->dir : NULL;
}

/* flags: LOOKUP_* => 0 and a reference in @path */
int at_lookup(struct at_name *at, unsigned int flags, struct path *path);
/* AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH => LOOKUP_* */
unsigned int at_lookup_flags(int at_flags);
/* All in one => 0 and a reference in @path */
int user_path_at(int dfd, const char __user *name, int at_flags,
		 struct path *path);

#endif /* PROC_AT_NAME_H */
