/* SPDX-License-Identifier: MIT */
/*
 * Reading cpio archives in the newc format, pushed in as they arrive.
 *
 *	magic "070701" and 13 fields of 8 hex digits | name\0 pad | data pad
 *	...
 *	header of the entry "TRAILER!!!"
 *
 * Several archives may follow each other with zeros between, each of them
 * plain or gzipped, as in a Linux initramfs. All is untrusted.
 */
#ifndef _LIB_CPIO_H
#define _LIB_CPIO_H

#include <lib/types.h>

#define CPIO_HEADER_SIZE 110
#define CPIO_NAME_MAX	 4096 /* with the final 0 */

struct cpio_entry {
	const char *name; /* terminated, valid in callbacks */
	size_t namelen;	  /* without the 0 */
	u32 ino, mode, uid, gid, nlink, mtime;
	u32 devmajor, devminor, rdevmajor, rdevminor;
	u32 size;
};

/* Each may stop the parse by returning a negative errno. */
struct cpio_ops {
	int (*begin)(void *ctx, const struct cpio_entry *e);
	/* Parts of the data in order, size bytes in all. */
	int (*data)(void *ctx, const struct cpio_entry *e, const void *buf,
		    size_t len);
	int (*end)(void *ctx, const struct cpio_entry *e);
};

struct cpio_parser {
	const struct cpio_ops *ops;
	void *ctx;
	int state;
	u32 want; /* bytes left in this state */
	u32 have; /* bytes collected in header or name */
	struct cpio_entry e;
	u64 offset;	   /* bytes consumed, uncompressed */
	const char *error; /* a sentence, after -EINVAL */
	char header[CPIO_HEADER_SIZE];
	char name[CPIO_NAME_MAX];
};

void cpio_init(struct cpio_parser *p, const struct cpio_ops *ops, void *ctx);

/*
 * Take len more bytes.
 * => 0; -EINVAL with p->error and p->offset set; what a callback returned.
 *    After an error the parser is dead and returns -EINVAL.
 */
int cpio_feed(struct cpio_parser *p, const void *buf, size_t len);

/* No more input. => 0, or -EINVAL if it ends within an archive */
int cpio_finish(struct cpio_parser *p);

/*
 * A whole image in memory: feeds plain archives, unpacks gzipped ones, and
 * finishes. => as above; work: GUNZIP_WORK_SIZE bytes, aligned to 8
 */
int cpio_unpack(struct cpio_parser *p, const void *image, size_t len,
		void *work);

#endif
