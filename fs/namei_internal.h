/* SPDX-License-Identifier: MIT */
/*
 * The state of one path walk; for the files of fs/ that change directories.
 */
#ifndef _FS_NAMEI_INTERNAL_H
#define _FS_NAMEI_INTERNAL_H

#include <fs/namei.h>

enum last_type {
	LAST_NORM, /* an ordinary name */
	LAST_DOT,
	LAST_DOTDOT,
	LAST_ROOT,   /* no component at all: "/" */
	LAST_JUMPED, /* a jump_link ended the walk */
};

struct nameidata {
	const struct walk_ctx *ctx;
	struct path path;   /* where we are */
	struct path held;   /* what we have a reference on; or zero */
	const char *name;   /* the text not walked yet */
	char *own;	    /* kmalloced text that name is in */
	unsigned int flags; /* LOOKUP_* */
	unsigned int links; /* followed so far */
	unsigned int depth; /* of stack */
	int last_type;
	struct qstr last; /* LOOKUP_PARENT: not hashed */
	bool slash;	  /* '/' behind the last component */
	bool jumped;	  /* a jump_link was just followed */
	struct {
		const char *rest;
		char *own;
	} stack[MAXSYMLINKS + 1];
};

/* Begin at start; its references and the name must stay. */
void nd_init(struct nameidata *nd, const struct walk_ctx *ctx,
	     const struct path *start, const char *name, unsigned int flags);
/* Walk. => nd->path is referenced through nd->held; or -errno */
int nd_walk(struct nameidata *nd);
void nd_done(struct nameidata *nd);
/* Both of them, to the directory of the last component.
 * => 0; then nd_done() is due */
int nd_parent(struct nameidata *nd, const struct walk_ctx *ctx,
	      const struct path *start, const char *name);
/* The position is link's directory: take its text in. => then nd_walk() */
int nd_follow_link(struct nameidata *nd, struct dentry *link, const char *rest);
/* The name in a locked directory: referenced, perhaps negative; ERR_PTR */
struct dentry *lookup_one_locked(struct dentry *parent,
				 const struct qstr *name);

#endif
