// SPDX-License-Identifier: MIT
/*
 * Inodes: their place in the inode table, and the tree of their blocks.
 *
 *	i_block[0..11]  --> data
 *	i_block[12]     --> [ block of numbers ] --> data
 *	i_block[13]     --> [ ] --> [ ] --> data
 *	i_block[14]     --> [ ] --> [ ] --> [ ] --> data
 *
 * A number 0 anywhere is a hole, however large what it stands for.
 *
 * Locks: i_rwsem for size and attributes (the VFS), truncate_mutex for the
 * tree, then sbi->lock.
 */
#include <base/bug.h>
#include <fs/block_dev.h>
#include <fs/mpage.h>
#include <fs/stat.h>
#include <fs/writeback.h>
#include <lib/errno.h>
#include "ext2.h"

/* ---- the tree ------------------------------------------------------------ */

/* Which way to block iblock. => number of steps, 0: it is too far */
static unsigned int block_path(const struct ext2_sb_info *sbi, sector_t iblock,
			       unsigned int path[4])
{
	unsigned int per_bits = sbi->bits - 2, depth;
	u64 mask = (1U << per_bits) - 1;

	if (iblock < EXT2_NDIR_BLOCKS) {
		path[0] = (unsigned int)iblock;
		return 1;
	}
	iblock -= EXT2_NDIR_BLOCKS;
	for (depth = 1; depth <= 3 && iblock >> (per_bits * depth); depth++)
		iblock -= 1ULL << (per_bits * depth);
	if (depth > 3)
		return 0;
	path[0] = EXT2_NDIR_BLOCKS + depth - 1;
	for (unsigned int i = 1; i <= depth; i++)
		path[i] = (unsigned int)((iblock >> (per_bits * (depth - i))) &
					 mask);
	return depth + 1;
}

static u32 goal_of(struct inode *inode)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (ei->last_block)
		return ei->last_block + 1;
	return sbi->first_data + ei->group * sbi->blocks_per_group;
}

/* A block of numbers, all holes. */
static int clear_table(struct super_block *sb, u32 nr)
{
	struct page *page;
	void *table = ext2_bread(sb, nr, &page);

	if (IS_ERR(table))
		return (int)PTR_ERR(table);
	memset(table, 0, 1UL << EXT2_SB(sb)->bits);
	ext2_dirty(sb, page, table);
	put_page(page);
	return 0;
}

/* Fill the empty *slot of a tree. => truncate_mutex held */
static int grow(struct inode *inode, __le32 *slot, bool table)
{
	struct super_block *sb = inode->i_sb;
	u32 nr;
	int err = ext2_new_block(sb, goal_of(inode), &nr);

	if (!err && table) {
		err = clear_table(sb, nr);
		if (err)
			ext2_free_block(sb, nr);
	}
	if (err)
		return err;
	EXT2_I(inode)->last_block = nr;
	*slot = cpu_to_le32(nr);
	inode->i_blocks += 1UL << (EXT2_SB(sb)->bits - SECTOR_SHIFT);
	mark_inode_dirty(inode, I_DIRTY_DATASYNC);
	return 0;
}

static int walk(struct inode *inode, const unsigned int *path,
		unsigned int depth, sector_t *phys, bool create)
{
	struct super_block *sb = inode->i_sb;
	__le32 *slot = &EXT2_I(inode)->i_data[path[0]];
	struct page *page = NULL, *next;
	int err = 0;

	*phys = BLOCK_HOLE;
	for (unsigned int i = 1;; i++) {
		if (!*slot) {
			if (!create)
				break;
			err = grow(inode, slot, i < depth);
			if (err)
				break;
			if (page)
				ext2_dirty(sb, page, slot);
		}
		if (!ext2_data_block_valid(sb, le32_to_cpu(*slot))) {
			ext2_error(sb, "inode %lu: block %u is none of a file",
				   sb->s_bdev->bd_name,
				   (unsigned long)inode->i_ino,
				   le32_to_cpu(*slot));
			err = -EUCLEAN;
			break;
		}
		if (i == depth) {
			*phys = le32_to_cpu(*slot);
			break;
		}
		slot = ext2_bread(sb, le32_to_cpu(*slot), &next);
		if (page)
			put_page(page);
		page = NULL;
		if (IS_ERR(slot))
			return (int)PTR_ERR(slot);
		page = next;
		slot += path[i];
	}
	if (page)
		put_page(page);
	return err;
}

int ext2_get_block(struct inode *inode, sector_t iblock, sector_t *phys,
		   bool create)
{
	unsigned int path[4];
	unsigned int depth = block_path(EXT2_SB(inode->i_sb), iblock, path);
	int err;

	if (!depth)
		return create ? -EFBIG : -EIO;
	mutex_lock(&EXT2_I(inode)->truncate_mutex);
	err = walk(inode, path, depth, phys, create);
	mutex_unlock(&EXT2_I(inode)->truncate_mutex);
	return err;
}

/* ---- cutting the tree ---------------------------------------------------- */

static void free_slot(struct inode *inode, __le32 *slot)
{
	unsigned long sectors = 1UL
				<< (EXT2_SB(inode->i_sb)->bits - SECTOR_SHIFT);

	ext2_free_block(inode->i_sb, le32_to_cpu(*slot));
	*slot = 0;
	inode->i_blocks -= min(inode->i_blocks, sectors);
}

/*
 * Free what *slot leads to, `level` tables deep, from block `from` of it on.
 * What a table that cannot be read leads to stays allocated, for fsck; but it
 * must not come back if the file grows.
 */
static void cut(struct inode *inode, __le32 *slot, unsigned int level, u64 from)
{
	struct super_block *sb = inode->i_sb;
	unsigned int per_bits = EXT2_SB(sb)->bits - 2;
	struct page *page;
	__le32 *table;

	if (!*slot)
		return;
	if (level && ext2_data_block_valid(sb, le32_to_cpu(*slot))) {
		u64 span = 1ULL << (per_bits * (level - 1));

		table = ext2_bread(sb, le32_to_cpu(*slot), &page);
		if (IS_ERR(table)) {
			ext2_error(sb, "inode %lu: cannot read block %u",
				   sb->s_bdev->bd_name,
				   (unsigned long)inode->i_ino,
				   le32_to_cpu(*slot));
			if (!from)
				*slot = 0;
			return;
		}
		cond_resched();
		for (u64 i = from / span; i < 1ULL << per_bits; i++)
			cut(inode, &table[i], level - 1,
			    i == from / span ? from % span : 0);
		ext2_dirty(sb, page, table);
		put_page(page);
	}
	if (from)
		return;
	if (level)
		bdev_forget(sb->s_bdev,
			    (loff_t)le32_to_cpu(*slot) << inode->i_blkbits,
			    1U << inode->i_blkbits);
	free_slot(inode, slot);
}

/* => pages behind the size are gone already */
static void truncate_blocks(struct inode *inode, loff_t size)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);
	unsigned int per_bits = sbi->bits - 2;
	u64 first = ((u64)size + (1ULL << sbi->bits) - 1) >> sbi->bits;

	mutex_lock(&ei->truncate_mutex);
	for (u64 i = first; i < EXT2_NDIR_BLOCKS; i++)
		if (ei->i_data[i])
			free_slot(inode, &ei->i_data[i]);
	first = first > EXT2_NDIR_BLOCKS ? first - EXT2_NDIR_BLOCKS : 0;
	for (unsigned int level = 1; level <= 3; level++) {
		u64 span = 1ULL << (per_bits * level);

		if (first < span)
			cut(inode, &ei->i_data[EXT2_NDIR_BLOCKS + level - 1],
			    level, first);
		first = first > span ? first - span : 0;
	}
	ei->last_block = 0;
	mutex_unlock(&ei->truncate_mutex);
	mark_inode_dirty(inode, I_DIRTY_DATASYNC);
}

void ext2_write_failed(struct inode *inode)
{
	truncate_pagecache(inode->i_mapping, inode->i_size);
	truncate_blocks(inode, inode->i_size);
}

/* What is behind size in its block must be 0 if the file grows again. */
static int zero_tail(struct inode *inode, loff_t size)
{
	sector_t phys;
	struct page *page;
	int err;

	if (!(size & ((1L << inode->i_blkbits) - 1)))
		return 0;
	err = ext2_get_block(inode, (sector_t)size >> inode->i_blkbits, &phys,
			     false);
	if (err || phys == BLOCK_HOLE)
		return err;
	page = read_mapping_page(inode->i_mapping,
				 (pgoff_t)(size >> PAGE_SHIFT));
	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	lock_page(page);
	memset((char *)page_address(page) + offset_in_page(size), 0,
	       PAGE_SIZE - offset_in_page(size));
	set_page_dirty(page);
	unlock_page(page);
	put_page(page);
	return 0;
}

static int set_size(struct inode *inode, loff_t size)
{
	loff_t old = inode->i_size;
	int err;

	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	if (size > inode->i_sb->s_maxbytes)
		return -EFBIG;
	err = size < old ? zero_tail(inode, size) : 0;
	if (err)
		return err;
	WRITE_ONCE(inode->i_size, size);
	if (size < old) {
		truncate_pagecache(inode->i_mapping, size);
		truncate_blocks(inode, size);
	}
	mark_inode_dirty(inode, I_DIRTY_DATASYNC);
	return 0;
}

int ext2_setattr(struct dentry *dentry, const struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = 0;

	if (attr->ia_valid & ATTR_SIZE)
		err = set_size(inode, attr->ia_size);
	if (!err)
		setattr_copy(inode, attr);
	return err;
}

int ext2_getattr(const struct path *path, struct kstat *st)
{
	struct inode *inode = d_inode(path->dentry);

	generic_fillattr(inode, st);
	st->blocks = inode->i_blocks;
	return 0;
}

/* ---- pages --------------------------------------------------------------- */

static int ext2_readpage(struct address_space *mapping, struct page *page)
{
	return mpage_readpage(mapping->host, page, ext2_get_block);
}

static void ext2_readahead(struct address_space *mapping, struct page **pages,
			   unsigned int nr)
{
	mpage_readahead(mapping->host, pages, nr, ext2_get_block);
}

static int ext2_writepage(struct address_space *mapping, struct page *page,
			  struct writeback_control *wbc)
{
	return mpage_writepage(mapping->host, page, wbc, ext2_get_block,
			       MPAGE_ALL_BLOCKS);
}

static int ext2_write_begin(struct address_space *mapping, struct page *page,
			    unsigned int from, unsigned int to)
{
	return mpage_prepare(mapping->host, page, from, to, ext2_get_block);
}

static void ext2_write_end(struct address_space *mapping, struct page *page,
			   loff_t end, unsigned int len)
{
	struct inode *inode = mapping->host;

	(void)page, (void)len;
	if (end > inode->i_size) {
		WRITE_ONCE(inode->i_size, end);
		mark_inode_dirty(inode, I_DIRTY_DATASYNC);
	}
}

static int ext2_page_mkwrite(struct address_space *mapping, struct page *page)
{
	struct inode *inode = mapping->host;
	loff_t left = inode->i_size - ((loff_t)page->index << PAGE_SHIFT);

	if (left <= 0)
		return -EFAULT;
	inode_times_now(inode);
	return mpage_prepare(inode, page, 0,
			     (unsigned int)min(left, (loff_t)PAGE_SIZE),
			     ext2_get_block);
}

static loff_t ext2_size(struct address_space *mapping)
{
	struct inode *inode = mapping->host;

	return READ_ONCE(inode->i_size);
}

static int ext2_bmap(struct address_space *mapping, sector_t iblock,
		     sector_t *phys)
{
	int err = ext2_get_block(mapping->host, iblock, phys, false);

	return !err && *phys == BLOCK_HOLE ? -EINVAL : err;
}

static const struct address_space_operations ext2_aops = {
	.readpage = ext2_readpage,
	.readahead = ext2_readahead,
	.writepage = ext2_writepage,
	.write_begin = ext2_write_begin,
	.write_end = ext2_write_end,
	.page_mkwrite = ext2_page_mkwrite,
	.dirtied = inode_pages_dirtied,
	.sync = generic_mapping_sync,
	.bmap = ext2_bmap,
	.size = ext2_size,
};

/* ---- the inode table ----------------------------------------------------- */

/* => the inode on disk; *page holds it; ERR_PTR(-EUCLEAN, -EIO, -ENOMEM) */
static struct ext2_inode *raw_inode(struct super_block *sb, ino_t ino,
				    struct page **page)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 group = (u32)((ino - 1) / sbi->inodes_per_group);
	u64 at = (u64)((ino - 1) % sbi->inodes_per_group) * sbi->inode_size;
	const struct ext2_group_desc *gd;
	struct page *gd_page;
	char *block;

	if ((ino != EXT2_ROOT_INO && ino < sbi->first_ino) ||
	    group >= sbi->groups) {
		ext2_error(sb, "bad inode number: %lu", sb->s_bdev->bd_name,
			   (unsigned long)ino);
		return ERR_PTR(-EUCLEAN);
	}
	gd = ext2_group(sb, group, &gd_page);
	block = ext2_bread(
		sb, le32_to_cpu(gd->bg_inode_table) + (u32)(at >> sbi->bits),
		page);
	if (IS_ERR(block))
		return (void *)block;
	return (void *)(block + (at & ((1UL << sbi->bits) - 1)));
}

static void set_ops(struct inode *inode, dev_t dev)
{
	inode->i_bdev = inode->i_sb->s_bdev;
	inode->i_blkbits = (unsigned char)EXT2_SB(inode->i_sb)->bits;
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &ext2_file_iops;
		inode->i_fop = &ext2_file_fops;
		break;
	case S_IFDIR:
		inode->i_op = &ext2_dir_iops;
		inode->i_fop = &ext2_dir_fops;
		break;
	case S_IFLNK:
		inode->i_op = &ext2_symlink_iops;
		break;
	default:
		inode->i_op = &ext2_special_iops;
		init_special_inode(inode, inode->i_mode, dev);
		return;
	}
	inode->i_mapping = &inode->i_data;
	address_space_init(inode->i_mapping, inode, &ext2_aops, 0, 0);
}

static struct timespec64 from_disk(__le32 sec)
{
	return (struct timespec64){ .tv_sec = (s32)le32_to_cpu(sec) };
}

static void read_raw(struct inode *inode, const struct ext2_inode *raw)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 dev = le32_to_cpu(raw->i_block[0]) ? le32_to_cpu(raw->i_block[0]) :
						 le32_to_cpu(raw->i_block[1]);

	inode->i_mode = le16_to_cpu(raw->i_mode);
	inode->i_uid = le16_to_cpu(raw->i_uid) |
		       (uid_t)le16_to_cpu(raw->l_i_uid_high) << 16;
	inode->i_gid = le16_to_cpu(raw->i_gid) |
		       (gid_t)le16_to_cpu(raw->l_i_gid_high) << 16;
	inode->i_nlink = le16_to_cpu(raw->i_links_count);
	inode->i_size = le32_to_cpu(raw->i_size);
	if (S_ISREG(inode->i_mode))
		inode->i_size |= (loff_t)le32_to_cpu(raw->i_size_high) << 32;
	inode->i_blocks = le32_to_cpu(raw->i_blocks);
	inode->i_atime = from_disk(raw->i_atime);
	inode->i_mtime = from_disk(raw->i_mtime);
	inode->i_ctime = from_disk(raw->i_ctime);
	ei->i_flags = le32_to_cpu(raw->i_flags);
	ext2_take_flags(inode);
	ei->i_file_acl = le32_to_cpu(raw->i_file_acl);
	memcpy(ei->i_data, raw->i_block, sizeof(ei->i_data));
	set_ops(inode, le32_to_cpu(raw->i_block[0]) ?
			       MKDEV((dev >> 8) & 0xff, dev & 0xff) :
			       new_decode_dev(dev));
}

/* Nothing that would make the rest of the kernel stumble. */
static bool sane(struct inode *inode)
{
	if (!inode->i_nlink || inode->i_size < 0 ||
	    inode->i_size > inode->i_sb->s_maxbytes)
		return false;
	switch (inode->i_mode & S_IFMT) {
	case S_IFDIR:
		return !(inode->i_size & ((1L << inode->i_blkbits) - 1)) &&
		       inode->i_size >> inode->i_blkbits <=
			       EXT2_SB(inode->i_sb)->blocks;
	case S_IFLNK:
		return inode->i_size > 0 && inode->i_size < (loff_t)PAGE_SIZE;
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return true;
	default:
		return false;
	}
}

struct inode *ext2_iget(struct super_block *sb, ino_t ino)
{
	struct inode *inode = iget_locked(sb, ino);
	struct ext2_inode *raw;
	struct page *page;
	bool ok;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!inode_is_new(inode))
		return inode;
	EXT2_I(inode)->group = (u32)((ino - 1) / EXT2_SB(sb)->inodes_per_group);
	raw = raw_inode(sb, ino, &page);
	if (IS_ERR(raw)) {
		iget_failed(inode);
		return (void *)raw;
	}
	read_raw(inode, raw);
	put_page(page);
	ok = sane(inode);
	if (!ok) {
		ext2_error(sb,
			   "inode %lu is damaged: mode %o, links %u, size %lld",
			   sb->s_bdev->bd_name, (unsigned long)ino,
			   inode->i_mode, inode->i_nlink, inode->i_size);
		iget_failed(inode);
		return ERR_PTR(-EUCLEAN);
	}
	unlock_new_inode(inode);
	return inode;
}

static void write_raw(struct inode *inode, struct ext2_inode *raw)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (!inode->i_nlink) /* attributes, too: they are not the next one's */
		memset(raw, 0, EXT2_SB(inode->i_sb)->inode_size);
	raw->i_mode = cpu_to_le16(inode->i_mode);
	raw->i_uid = cpu_to_le16((u16)inode->i_uid);
	raw->l_i_uid_high = cpu_to_le16((u16)(inode->i_uid >> 16));
	raw->i_gid = cpu_to_le16((u16)inode->i_gid);
	raw->l_i_gid_high = cpu_to_le16((u16)(inode->i_gid >> 16));
	raw->i_links_count = cpu_to_le16((u16)inode->i_nlink);
	raw->i_size = cpu_to_le32((u32)inode->i_size);
	if (S_ISREG(inode->i_mode))
		raw->i_size_high = cpu_to_le32((u32)(inode->i_size >> 32));
	raw->i_blocks = cpu_to_le32((u32)inode->i_blocks);
	raw->i_atime = cpu_to_le32((u32)inode->i_atime.tv_sec);
	raw->i_mtime = cpu_to_le32((u32)inode->i_mtime.tv_sec);
	raw->i_ctime = cpu_to_le32((u32)inode->i_ctime.tv_sec);
	raw->i_dtime = cpu_to_le32(ei->i_dtime);
	raw->i_flags = cpu_to_le32(ei->i_flags);
	if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
		raw->i_block[1] = cpu_to_le32(new_encode_dev(inode->i_rdev));
	else
		memcpy(raw->i_block, ei->i_data, sizeof(ei->i_data));
}

static void note_large_file(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	__le32 bit = cpu_to_le32(EXT2_FEATURE_RO_COMPAT_LARGE_FILE);

	if (sbi->es->s_feature_ro_compat & bit)
		return;
	mutex_lock(&sbi->lock);
	sbi->es->s_feature_ro_compat |= bit;
	ext2_dirty(sb, sbi->sb_page, sbi->es);
	mutex_unlock(&sbi->lock);
}

int ext2_write_inode(struct inode *inode, bool sync)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_inode *raw;
	struct page *page;

	(void)sync; /* who waits writes all buffers of the device anyway */
	raw = raw_inode(sb, inode->i_ino, &page);
	if (IS_ERR(raw))
		return (int)PTR_ERR(raw);
	mutex_lock(&EXT2_I(inode)->truncate_mutex);
	write_raw(inode, raw);
	mutex_unlock(&EXT2_I(inode)->truncate_mutex);
	ext2_dirty(sb, page, raw);
	put_page(page);
	if (S_ISREG(inode->i_mode) && inode->i_size > S32_MAX)
		note_large_file(sb);
	return 0;
}

bool ext2_is_fast_symlink(struct inode *inode)
{
	unsigned long block = inode->i_sb->s_blocksize >> SECTOR_SHIFT;

	return S_ISLNK(inode->i_mode) &&
	       inode->i_blocks <= (EXT2_I(inode)->i_file_acl ? block : 0);
}

/* Its block of attributes has one user less. */
static void drop_attributes(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	u32 nr = EXT2_I(inode)->i_file_acl, users = 0;
	struct ext2_xattr_header *h = ERR_PTR(-EUCLEAN);
	struct page *page;

	if (ext2_data_block_valid(sb, nr))
		h = ext2_bread(sb, nr, &page);
	if (!IS_ERR(h)) {
		mutex_lock(&EXT2_SB(sb)->lock);
		if (le32_to_cpu(h->h_magic) == EXT2_XATTR_MAGIC &&
		    le32_to_cpu(h->h_blocks) == 1)
			users = le32_to_cpu(h->h_refcount);
		if (users > 1) {
			h->h_refcount = cpu_to_le32(users - 1);
			ext2_dirty(sb, page, h);
		}
		mutex_unlock(&EXT2_SB(sb)->lock);
		put_page(page);
	}
	if (users == 1) {
		bdev_forget(sb->s_bdev, (loff_t)nr << inode->i_blkbits,
			    1U << inode->i_blkbits);
		ext2_free_block(sb, nr);
	} else if (!users) {
		ext2_error(sb, "bad block of attributes %u",
			   sb->s_bdev->bd_name, nr);
	}
}

/* No name leads to it any more: its blocks and its number are free. */
void ext2_evict_inode(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (inode->i_nlink || inode->i_life & I_BAD)
		return;
	if (inode->i_mapping)
		truncate_inode_pages_range(inode->i_mapping, 0, -1);
	if (ei->i_file_acl)
		drop_attributes(inode);
	if (inode->i_mapping && !ext2_is_fast_symlink(inode)) {
		inode->i_size = 0;
		truncate_blocks(inode, 0);
	}
	ei->i_dtime = (u32)current_time().tv_sec;
	if (!ext2_write_inode(inode, false))
		ext2_free_ino(inode->i_sb, inode->i_ino,
			      S_ISDIR(inode->i_mode));
}

/* A bitmap that lies gives out what is in use. => 0, -EIO, -ENOMEM */
static int check_unused(struct super_block *sb, ino_t ino)
{
	struct page *page;
	const struct ext2_inode *raw = raw_inode(sb, ino, &page);
	bool used;

	if (IS_ERR(raw))
		return PTR_ERR(raw) == -ENOMEM ? -ENOMEM : -EIO;
	used = raw->i_links_count;
	put_page(page);
	if (!used)
		return 0;
	ext2_error(sb, "inode number already in use - inode = %lu",
		   sb->s_bdev->bd_name, (unsigned long)ino);
	return -EIO;
}

struct inode *ext2_new_inode(struct inode *dir, umode_t mode, dev_t dev,
			     const struct walk_ctx *ctx)
{
	struct super_block *sb = dir->i_sb;
	struct inode *inode = new_inode(sb, mode);
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_ino = ext2_new_ino(dir, S_ISDIR(mode), &err);
	if (!err)
		err = check_unused(sb, inode->i_ino);
	if (err) {
		if (inode->i_ino && err == -ENOMEM)
			ext2_free_ino(sb, inode->i_ino, S_ISDIR(mode));
		free_inode(inode);
		return ERR_PTR(err);
	}
	EXT2_I(inode)->group =
		(u32)((inode->i_ino - 1) / EXT2_SB(sb)->inodes_per_group);
	inode->i_uid = ctx->uid;
	inode->i_gid = ctx->gid;
	if (dir->i_mode & S_ISGID) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			inode->i_mode |= S_ISGID;
	}
	set_ops(inode, dev);
	insert_inode_hash(inode);
	mark_inode_dirty(inode, I_DIRTY_SYNC | I_DIRTY_DATASYNC);
	return inode;
}
