// SPDX-License-Identifier: MIT
/*
 * The initramfs: each entry of the archive becomes an object of the root
 * file system as soon as it is complete. lib/cpio parses and lib/inflate
 * unpacks; here are the objects.
 *
 * Hard links: newc gives all names of one inode the same numbers, and the
 * data with the last of them. The first name makes the file; the others are
 * links to it, found in a table that lives as long as the unpacking.
 *
 * An entry that cannot be made (a bad name, a missing directory) stops the
 * unpacking: an initramfs is either whole or refused.
 */
#include <base/bug.h>
#include <fs/initramfs.h>
#include <fs/stat.h>
#include <lib/cpio.h>
#include <lib/hash.h>
#include <lib/inflate.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>

#define LINK_HASH_BITS 5

/* A file with several names, and the first of them. */
struct hard_link {
	struct hlist_node node;
	u32 ino, devmajor, devminor;
	umode_t type;
	char name[];
};

struct unpack {
	const struct walk_ctx *ctx;
	struct cpio_parser parser;
	struct file *file; /* receives the data, or NULL */
	char *target;	   /* symbolic link's text */
	size_t target_len;
	struct hlist_head links[1 << LINK_HASH_BITS];
	char failed[128]; /* name of the entry that did not work */
};

/* --- hard links --- */

static struct hard_link *find_link(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link *l;

	hlist_for_each_entry(l, &u->links[hash_32(e->ino, LINK_HASH_BITS)],
			     node) {
		if (l->ino == e->ino && l->devmajor == e->devmajor &&
		    l->devminor == e->devminor && l->type == (e->mode & S_IFMT))
			return l;
	}
	return NULL;
}

static int remember_link(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link *l = kmalloc(sizeof(*l) + e->namelen + 1, GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	l->ino = e->ino;
	l->devmajor = e->devmajor;
	l->devminor = e->devminor;
	l->type = (umode_t)(e->mode & S_IFMT);
	memcpy(l->name, e->name, e->namelen + 1);
	hlist_add_head(&l->node, &u->links[hash_32(e->ino, LINK_HASH_BITS)]);
	return 0;
}

static void forget_links(struct unpack *u)
{
	struct hlist_node *next;
	struct hard_link *l;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(u->links); i++) {
		hlist_for_each_entry_safe(l, next, &u->links[i], node)
			kfree(l);
		INIT_HLIST_HEAD(&u->links[i]);
	}
}

/* => 1: the entry is a further name of a known file and was linked */
static int maybe_link(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link *l;
	int err;

	if (e->nlink < 2 || S_ISDIR(e->mode))
		return 0;
	l = find_link(u, e);
	if (!l)
		return remember_link(u, e);
	vfs_unlink(u->ctx, NULL, e->name);
	err = vfs_link(u->ctx, NULL, l->name, NULL, e->name, 0);
	return err ? err : 1;
}

/* --- objects --- */

/* Owner, mode and time, as the archive says. */
static int set_attr(struct unpack *u, const struct cpio_entry *e)
{
	struct iattr attr = {
		.ia_valid = ATTR_UID | ATTR_GID | ATTR_MTIME | ATTR_ATIME,
		.ia_uid = e->uid,
		.ia_gid = e->gid,
		.ia_mode = (umode_t)e->mode,
		.ia_mtime = { .tv_sec = e->mtime },
		.ia_atime = { .tv_sec = e->mtime },
	};
	struct path path;
	int err = path_lookup(u->ctx, NULL, e->name, 0, &path);

	if (err)
		return err;
	if (!S_ISLNK(e->mode))
		attr.ia_valid |= ATTR_MODE;
	err = notify_change(&path, &attr);
	path_put(&path);
	return err;
}

/* What is in the way of another type goes. */
static void clean_path(struct unpack *u, const struct cpio_entry *e)
{
	struct kstat st;

	if (vfs_stat(u->ctx, NULL, e->name, 0, &st) ||
	    (st.mode & S_IFMT) == (e->mode & S_IFMT))
		return;
	if (S_ISDIR(st.mode))
		vfs_rmdir(u->ctx, NULL, e->name);
	else
		vfs_unlink(u->ctx, NULL, e->name);
}

static int begin_regular(struct unpack *u, const struct cpio_entry *e)
{
	int linked = maybe_link(u, e);
	unsigned int flags = O_WRONLY | O_CREAT | O_LARGEFILE;
	struct file *file;

	if (linked < 0)
		return linked;
	if (!linked)
		flags |= O_TRUNC;
	else if (!e->size)
		return 0;
	file = vfs_open(u->ctx, NULL, e->name, flags,
			(umode_t)(e->mode & S_IALLUGO));
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	u->file = file;
	return 0;
}

static int begin_special(struct unpack *u, const struct cpio_entry *e)
{
	int err = maybe_link(u, e);

	if (err)
		return err < 0 ? err : 0;
	err = vfs_mknod(u->ctx, NULL, e->name, (umode_t)e->mode,
			MKDEV(e->rdevmajor, e->rdevminor));
	return err == -EEXIST ? 0 : err;
}

static int begin_entry(struct unpack *u, const struct cpio_entry *e)
{
	int err;

	clean_path(u, e);
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return begin_regular(u, e);
	case S_IFDIR:
		err = vfs_mkdir(u->ctx, NULL, e->name,
				(umode_t)(e->mode & S_IALLUGO));
		return err == -EEXIST ? 0 : err;
	case S_IFLNK:
		if (!e->size || e->size >= PATH_MAX)
			return -ENAMETOOLONG;
		u->target = kmalloc(e->size + 1, GFP_KERNEL);
		u->target_len = 0;
		return u->target ? 0 : -ENOMEM;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return begin_special(u, e);
	default:
		return -EINVAL;
	}
}

static int unpack_begin(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;
	int err = 0;

	if (strcmp(e->name, ".") && e->namelen)
		err = begin_entry(u, e);
	if (err)
		strscpy(u->failed, e->name, sizeof(u->failed));
	return err;
}

static int unpack_data(void *ctx, const struct cpio_entry *e, const void *buf,
		       size_t len)
{
	struct unpack *u = ctx;
	ssize_t n = (ssize_t)len;

	if (u->target) {
		memcpy(u->target + u->target_len, buf, len);
		u->target_len += len;
	} else if (u->file) {
		n = kernel_write(u->file, buf, len, NULL);
	}
	if (n == (ssize_t)len)
		return 0;
	strscpy(u->failed, e->name, sizeof(u->failed));
	return n < 0 ? (int)n : -ENOSPC;
}

static int unpack_end(void *ctx, const struct cpio_entry *e)
{
	struct unpack *u = ctx;
	int err = 0;

	if (u->target) {
		u->target[u->target_len] = 0;
		err = vfs_symlink(u->ctx, u->target, NULL, e->name);
		if (err == -EEXIST && !vfs_unlink(u->ctx, NULL, e->name))
			err = vfs_symlink(u->ctx, u->target, NULL, e->name);
		kfree(u->target);
		u->target = NULL;
	}
	fput(u->file);
	u->file = NULL;
	if (!err && e->namelen)
		err = set_attr(u, e);
	if (err)
		strscpy(u->failed, e->name, sizeof(u->failed));
	return err;
}

static const struct cpio_ops unpack_ops = {
	.begin = unpack_begin,
	.data = unpack_data,
	.end = unpack_end,
};

/* One sentence about what went wrong. */
static void explain(const struct unpack *u, int err, char *buf, size_t size)
{
	if (u->failed[0])
		snprintf(buf, size, "cannot make \"%s\" (error %d)%s",
			 u->failed, err,
			 err == -ENOSPC || err == -ENOMEM ?
				 ": not enough memory" :
				 "");
	else
		snprintf(buf, size, "%s at byte %llu",
			 u->parser.error ? u->parser.error :
					   "the archive is damaged",
			 u->parser.offset);
}

int unpack_initramfs(const struct walk_ctx *ctx, const void *image, size_t len,
		     char *err_buf, size_t err_size)
{
	struct unpack *u = kvzalloc(sizeof(*u), GFP_KERNEL);
	void *work = kvmalloc(GUNZIP_WORK_SIZE, GFP_KERNEL);
	struct walk_ctx plain = *ctx;
	int err = -ENOMEM;

	if (!u || !work) {
		snprintf(err_buf, err_size, "not enough memory to begin");
		goto out;
	}
	plain.umask = 0;
	u->ctx = &plain;
	cpio_init(&u->parser, &unpack_ops, u);
	err = cpio_unpack(&u->parser, image, len, work);
	if (err)
		explain(u, err, err_buf, err_size);
	forget_links(u);
	kfree(u->target);
	fput(u->file);
out:
	kvfree(work);
	kvfree(u);
	return err;
}
