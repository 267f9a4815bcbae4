// SPDX-License-Identifier: MIT
/*
 * Reading directories. A directory's iterate_shared emits entries from the
 * position ctx->pos on; getdents64 gathers them in a page of kernel memory
 * while the directory is locked, and copies them out afterwards, so that no
 * lock is held across a fault.
 */
#include <asm/uaccess.h>
#include <base/printk.h>
#include <fs/fs.h>
#include <mm/phys/gfp.h>

struct linux_dirent64 {
	u64 d_ino;
	s64 d_off; /* position of the next entry */
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};

struct getdents_ctx {
	struct dir_context ctx;
	char *buf;
	size_t size, used;
	struct linux_dirent64 *last; /* its d_off is not known yet */
	int error; /* -EINVAL: no room; -EIO: a name no file can have */
};

static bool filldir64(struct dir_context *dc, const char *name, size_t len,
		      loff_t offset, ino_t ino, unsigned int d_type)
{
	struct getdents_ctx *ctx = container_of(dc, struct getdents_ctx, ctx);
	size_t reclen = ALIGN(offsetof(struct linux_dirent64, d_name) + len + 1,
			      sizeof(u64));
	struct linux_dirent64 *d = (void *)(ctx->buf + ctx->used);

	if (unlikely(!len || memchr(name, '/', len))) {
		ctx->error = -EIO;
		return false;
	}
	if (reclen > ctx->size - ctx->used) {
		ctx->error = -EINVAL;
		return false;
	}
	if (ctx->last)
		ctx->last->d_off = offset;
	memset((char *)d + reclen - sizeof(u64), 0, sizeof(u64));
	d->d_ino = ino;
	d->d_reclen = (u16)reclen;
	d->d_type = (u8)d_type;
	memcpy(d->d_name, name, len);
	ctx->last = d;
	ctx->used += reclen;
	return true;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *dentry = file->f_path.dentry;
	ino_t parent_ino;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, file->f_inode->i_ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		spin_lock(&dcache_lock);
		parent_ino = d_inode(dentry->d_parent)->i_ino;
		spin_unlock(&dcache_lock);
		if (!dir_emit(ctx, "..", 2, parent_ino, DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file->f_inode;
	int err = -ENOENT;

	if (!file->f_op->iterate_shared)
		return -ENOTDIR;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	inode_lock_shared(inode);
	if (!(inode->i_flags & S_DEAD)) {
		ctx->pos = file->f_pos;
		err = file->f_op->iterate_shared(file, ctx);
		file->f_pos = ctx->pos;
	}
	inode_unlock_shared(inode);
	if (!err)
		touch_atime(file);
	return err;
}

ssize_t vfs_getdents64(struct file *file, void *ubuf, size_t n)
{
	struct getdents_ctx ctx = { .ctx.actor = filldir64 };
	loff_t start = file->f_pos;
	ssize_t ret;

	ctx.size = min(n, (size_t)PAGE_SIZE);
	ctx.buf = (char *)__get_free_page(GFP_KERNEL);
	if (!ctx.buf)
		return -ENOMEM;
	ret = iterate_dir(file, &ctx.ctx);
	if (ret < 0)
		goto out;
	if (ctx.error == -EIO)
		printk_ratelimited(KERN_ERR
				   "VFS: directory %lu of %s: a bad name\n",
				   (unsigned long)file->f_inode->i_ino,
				   file->f_inode->i_sb->s_type->name);
	if (!ctx.used) {
		ret = ctx.error;
		goto out;
	}
	ctx.last->d_off = ctx.ctx.pos;
	ret = (ssize_t)ctx.used;
	if (copy_to_user(ubuf, ctx.buf, ctx.used)) {
		file->f_pos = start; /* nothing was read */
		ret = -EFAULT;
	}
out:
	free_page((unsigned long)ctx.buf);
	return ret;
}
