// SPDX-License-Identifier: MIT
/*
 * Directories: a file of entries, each a name and the number of an inode. In
 * every block they follow each other without a gap, from its start to its
 * end: the last one's rec_len reaches there, and so does that of an entry
 * whose successor was deleted.
 *
 *	| 2 . 12 | 2 .. 12 | 11 lost+found 20 | 0 (unused) ...... 980 |
 *
 * What is read from the disk is believed only after check_block().
 *
 * Lock: the directory's i_rwsem (the VFS); pages are changed with their lock.
 */
#include <base/bug.h>
#include <fs/mpage.h>
#include <fs/writeback.h>
#include <lib/err.h>
#include <lib/errno.h>
#include "ext2.h"

#define DIR_PAD 4U

static unsigned int rec_len(size_t name_len)
{
	return (unsigned int)round_up(sizeof(struct ext2_dir_entry) + name_len,
				      DIR_PAD);
}

static struct ext2_dir_entry *next_entry(struct ext2_dir_entry *de)
{
	return (void *)((char *)de + le16_to_cpu(de->rec_len));
}

/* --- blocks --- */

/* Are these entries, all of them? */
static bool check_block(struct inode *dir, const char *block)
{
	unsigned int size = 1U << dir->i_blkbits, at = 0, len;
	u32 inodes = le32_to_cpu(EXT2_SB(dir->i_sb)->es->s_inodes_count);

	for (; at < size; at += len) {
		const struct ext2_dir_entry *de = (const void *)(block + at);

		len = size - at < rec_len(0) ? 0 : le16_to_cpu(de->rec_len);
		if (len < rec_len(1) || len % DIR_PAD || len > size - at ||
		    rec_len(de->name_len) > len ||
		    le32_to_cpu(de->inode) > inodes) {
			ext2_error(dir->i_sb,
				   "directory %lu: bad entry at offset %u",
				   dir->i_sb->s_bdev->bd_name,
				   (unsigned long)dir->i_ino, at);
			return false;
		}
	}
	return true;
}

/* Block n of dir, checked. => its first entry, *page referenced; ERR_PTR */
static struct ext2_dir_entry *get_block(struct inode *dir, u64 n,
					struct page **page)
{
	u64 at = n << dir->i_blkbits;
	char *block;

	*page = read_mapping_page(dir->i_mapping, (pgoff_t)(at >> PAGE_SHIFT));
	if (IS_ERR(*page))
		return (void *)*page;
	block = (char *)page_address(*page) + offset_in_page(at);
	if (check_block(dir, block))
		return (void *)block;
	put_page(*page);
	return ERR_PTR(-EUCLEAN);
}

static u64 nr_blocks(const struct inode *dir)
{
	return (u64)dir->i_size >> dir->i_blkbits;
}

static bool at_end(const struct inode *dir, const void *block, const void *de)
{
	return (const char *)de - (const char *)block >= 1L << dir->i_blkbits;
}

static bool is_name(const struct ext2_dir_entry *de, const struct qstr *name)
{
	return de->inode && de->name_len == name->len &&
	       !memcmp(de->name, name->name, name->len);
}

/*
 * Where name is. *prev: the entry in front of it in its block, or NULL.
 * => ERR_PTR(-ENOENT, -EIO, -EUCLEAN); *page has a reference if found
 */
static struct ext2_dir_entry *find_entry(struct inode *dir,
					 const struct qstr *name,
					 struct page **page,
					 struct ext2_dir_entry **prev)
{
	for (u64 n = 0; n < nr_blocks(dir); n++) {
		struct ext2_dir_entry *block = get_block(dir, n, page), *de;

		if (IS_ERR(block))
			return block;
		*prev = NULL;
		for (de = block; !at_end(dir, block, de);
		     *prev = de, de = next_entry(de))
			if (is_name(de, name))
				return de;
		put_page(*page);
	}
	return ERR_PTR(-ENOENT);
}

ino_t ext2_inode_by_name(struct inode *dir, const struct qstr *name, int *err)
{
	struct ext2_dir_entry *prev, *de;
	struct page *page;
	ino_t ino;

	de = find_entry(dir, name, &page, &prev);
	*err = PTR_ERR_OR_ZERO(de);
	if (*err) {
		*err = *err == -ENOENT ? 0 : *err;
		return 0;
	}
	ino = le32_to_cpu(de->inode);
	put_page(page);
	return ino;
}

/* --- changing --- */

static void changed(struct inode *dir, struct page *page)
{
	set_page_dirty(page);
	unlock_page(page);
	EXT2_I(dir)->i_flags &= ~EXT2_INDEX_FL; /* nobody keeps it up */
	inode_times_now(dir);
}

static void set_inode(struct ext2_dir_entry *de, const struct inode *inode)
{
	static const u8 types[] = {
		[S_IFREG >> 12] = 1, [S_IFDIR >> 12] = 2, [S_IFCHR >> 12] = 3,
		[S_IFBLK >> 12] = 4, [S_IFIFO >> 12] = 5, [S_IFSOCK >> 12] = 6,
		[S_IFLNK >> 12] = 7,
	};

	de->inode = cpu_to_le32((u32)inode->i_ino);
	de->file_type = EXT2_SB(inode->i_sb)->filetype ?
				types[(inode->i_mode & S_IFMT) >> 12] :
				0;
}

static void set_entry(struct ext2_dir_entry *de, unsigned int len,
		      const struct qstr *name, const struct inode *inode)
{
	de->rec_len = cpu_to_le16((u16)len);
	de->name_len = (u8)name->len;
	memcpy(de->name, name->name, name->len);
	set_inode(de, inode);
}

/* An entry with room for need bytes behind what it holds itself, or NULL. */
static struct ext2_dir_entry *
find_room(struct inode *dir, struct ext2_dir_entry *block, unsigned int need)
{
	struct ext2_dir_entry *de = block;

	for (; !at_end(dir, block, de); de = next_entry(de)) {
		unsigned int used = de->inode ? rec_len(de->name_len) : 0;

		if (le16_to_cpu(de->rec_len) >= used + need)
			return de;
	}
	return NULL;
}

static void put_behind(struct ext2_dir_entry *de, const struct qstr *name,
		       const struct inode *inode)
{
	unsigned int len = le16_to_cpu(de->rec_len);
	unsigned int used = de->inode ? rec_len(de->name_len) : 0;

	if (used) {
		de->rec_len = cpu_to_le16((u16)used);
		de = next_entry(de);
	}
	set_entry(de, len - used, name, inode);
}

/* One more block, all of it one unused entry. => locked page, or ERR_PTR */
static struct ext2_dir_entry *add_block(struct inode *dir, struct page **page)
{
	unsigned int size = 1U << dir->i_blkbits;
	u64 at = (u64)dir->i_size;
	unsigned int off = offset_in_page(at);
	struct ext2_dir_entry *de;
	int err;

	*page = read_mapping_page(dir->i_mapping, (pgoff_t)(at >> PAGE_SHIFT));
	if (IS_ERR(*page))
		return (void *)*page;
	lock_page(*page);
	err = mpage_prepare(dir, *page, off, off + size, ext2_get_block);
	if (err) {
		unlock_page(*page);
		put_page(*page);
		return ERR_PTR(err);
	}
	de = (void *)((char *)page_address(*page) + off);
	memset(de, 0, size);
	de->rec_len = cpu_to_le16((u16)size);
	dir->i_size += size;
	mark_inode_dirty(dir, I_DIRTY_DATASYNC);
	return de;
}

int ext2_add_link(struct inode *dir, const struct qstr *name,
		  struct inode *inode)
{
	unsigned int need = rec_len(name->len);
	struct ext2_dir_entry *de = NULL;
	struct page *page;

	if (name->len > EXT2_NAME_LEN)
		return -ENAMETOOLONG;
	for (u64 n = 0; n < nr_blocks(dir) && !de; n++) {
		struct ext2_dir_entry *block = get_block(dir, n, &page);

		if (IS_ERR(block))
			return (int)PTR_ERR(block);
		de = find_room(dir, block, need);
		if (!de)
			put_page(page);
		else
			lock_page(page);
	}
	if (!de)
		de = add_block(dir, &page);
	if (IS_ERR(de))
		return (int)PTR_ERR(de);
	put_behind(de, name, inode);
	changed(dir, page);
	put_page(page);
	return 0;
}

int ext2_set_link(struct inode *dir, const struct qstr *name,
		  struct inode *inode)
{
	struct ext2_dir_entry *prev, *de;
	struct page *page;

	de = find_entry(dir, name, &page, &prev);
	if (IS_ERR(de))
		return (int)PTR_ERR(de);
	lock_page(page);
	set_inode(de, inode);
	changed(dir, page);
	put_page(page);
	return 0;
}

int ext2_delete_entry(struct inode *dir, const struct qstr *name)
{
	struct ext2_dir_entry *prev, *de;
	struct page *page;

	de = find_entry(dir, name, &page, &prev);
	if (IS_ERR(de))
		return (int)PTR_ERR(de);
	lock_page(page);
	if (prev)
		prev->rec_len = cpu_to_le16((u16)(le16_to_cpu(prev->rec_len) +
						  le16_to_cpu(de->rec_len)));
	de->inode = 0;
	changed(dir, page);
	put_page(page);
	return 0;
}

int ext2_make_empty(struct inode *dir, struct inode *parent)
{
	struct qstr dot = { .name = ".", .len = 1 };
	struct qstr dotdot = { .name = "..", .len = 2 };
	struct page *page;
	struct ext2_dir_entry *de = add_block(dir, &page);

	if (IS_ERR(de))
		return (int)PTR_ERR(de);
	put_behind(de, &dot, dir);
	put_behind(de, &dotdot, parent);
	changed(dir, page);
	put_page(page);
	return 0;
}

static bool is_dots(const struct ext2_dir_entry *de)
{
	return de->name[0] == '.' &&
	       (de->name_len == 1 || (de->name_len == 2 && de->name[1] == '.'));
}

/* Damaged ones are not empty: nothing in them is lost. */
bool ext2_empty_dir(struct inode *dir)
{
	for (u64 n = 0; n < nr_blocks(dir); n++) {
		struct page *page;
		struct ext2_dir_entry *block = get_block(dir, n, &page), *de;

		if (IS_ERR(block))
			return false;
		for (de = block; !at_end(dir, block, de); de = next_entry(de))
			if (de->inode && !is_dots(de))
				break;
		put_page(page);
		if (!at_end(dir, block, de))
			return false;
	}
	return true;
}

/* --- reading --- */

/* The entries of one block from offset `from` on. => false: full */
static bool emit_block(struct inode *dir, struct dir_context *ctx, u64 n,
		       struct ext2_dir_entry *block)
{
	/* 0 unknown, else DT_ as getdents() wants it */
	static const u8 types[] = { 0, 8, 4, 2, 6, 1, 12, 10 };
	struct ext2_dir_entry *de;

	for (de = block; !at_end(dir, block, de); de = next_entry(de)) {
		u64 at = (n << dir->i_blkbits) +
			 (u64)((char *)de - (char *)block);
		unsigned int type = EXT2_SB(dir->i_sb)->filetype &&
						    de->file_type < 8 ?
					    types[de->file_type] :
					    0;

		if (at < (u64)ctx->pos || !de->inode)
			continue;
		ctx->pos = (loff_t)at;
		if (!dir_emit(ctx, de->name, de->name_len,
			      le32_to_cpu(de->inode), type))
			return false;
	}
	ctx->pos = (loff_t)((n + 1) << dir->i_blkbits);
	return true;
}

static int ext2_iterate(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file->f_inode;
	u64 n = (u64)ctx->pos >> dir->i_blkbits;

	for (; n < nr_blocks(dir); n++) {
		struct page *page;
		struct ext2_dir_entry *block = get_block(dir, n, &page);
		bool more;

		if (IS_ERR(block))
			return (int)PTR_ERR(block);
		more = emit_block(dir, ctx, n, block);
		put_page(page);
		if (!more)
			break;
	}
	return 0;
}

const struct file_operations ext2_dir_fops = {
	.iterate_shared = ext2_iterate,
	.llseek = generic_file_llseek,
	.fsync = generic_file_fsync,
	.ioctl = ext2_ioctl,
};
