// SPDX-License-Identifier: MIT
/*
 * Bitmaps: which blocks and inodes are in use. One bitmap of each kind for a
 * group, a block each; a bit set means used.
 *
 * Blocks are looked for from a goal on, the block behind the file's last one,
 * so that a file lies in one piece; then in the other groups. Directories are
 * spread over the groups, files stay in the group of their directory.
 *
 * Lock: sbi->lock, for bitmaps and counts.
 */
#include <base/bug.h>
#include <lib/bitmap.h>
#include <lib/err.h>
#include <lib/errno.h>
#include "ext2.h"

static u64 group_start(const struct ext2_sb_info *sbi, u32 group)
{
	return sbi->first_data + (u64)group * sbi->blocks_per_group;
}

/* The last group may be smaller. */
static unsigned int blocks_of(const struct ext2_sb_info *sbi, u32 group)
{
	return (unsigned int)min((u64)sbi->blocks_per_group,
				 sbi->blocks - group_start(sbi, group));
}

bool ext2_data_block_valid(struct super_block *sb, u32 nr)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const struct ext2_group_desc *gd;
	struct page *page;
	u32 group, table;

	if (nr <= sbi->first_data || nr >= sbi->blocks)
		return false;
	group = (nr - sbi->first_data) / sbi->blocks_per_group;
	gd = ext2_group(sb, group, &page);
	table = le32_to_cpu(gd->bg_inode_table);
	if (group == 0 && nr < sbi->gd_block + sbi->gd_blocks)
		return false;
	return nr != le32_to_cpu(gd->bg_block_bitmap) &&
	       nr != le32_to_cpu(gd->bg_inode_bitmap) &&
	       !(nr >= table && nr < table + sbi->table_blocks);
}

/* So many more, or fewer: of a group, and with free of all of them. */
static void add16(__le16 *v, u64 *sum, int delta)
{
	*v = cpu_to_le16((u16)(le16_to_cpu(*v) + delta));
	if (sum)
		*sum += (u64)(s64)delta;
}

void ext2_count_free(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	for (u32 g = 0; g < sbi->groups; g++) {
		struct page *page;
		const struct ext2_group_desc *gd = ext2_group(sb, g, &page);

		sbi->free_blocks += le16_to_cpu(gd->bg_free_blocks_count);
		sbi->free_inodes += le16_to_cpu(gd->bg_free_inodes_count);
	}
}

/*
 * The first free bit at or after from in a bitmap, now set.
 * => bit; -ENOSPC, or why the bitmap cannot be read
 */
static long take_bit(struct super_block *sb, u32 bitmap, unsigned int from,
		     unsigned int end)
{
	struct page *page;
	unsigned long *map = ext2_bread(sb, bitmap, &page);
	long bit;

	if (IS_ERR(map))
		return PTR_ERR(map);
	bit = (long)find_next_zero_bit(map, end, from);
	if (bit >= (long)end && from)
		bit = (long)find_next_zero_bit(map, end, 0);
	if (bit < (long)end) {
		set_bit((unsigned int)bit, map);
		ext2_dirty(sb, page, map);
	} else {
		bit = -ENOSPC;
	}
	put_page(page);
	return bit;
}

/* => false: it was free, or cannot be reached */
static bool give_bit(struct super_block *sb, u32 bitmap, unsigned int bit)
{
	struct page *page;
	unsigned long *map = ext2_bread(sb, bitmap, &page);
	bool was;

	if (IS_ERR(map))
		return false;
	was = test_and_clear_bit(bit, map);
	ext2_dirty(sb, page, map);
	put_page(page);
	return was;
}

/* ---- blocks -------------------------------------------------------------- */

/* Some blocks are kept for root, or for who the super block says. */
static bool has_free_blocks(const struct ext2_sb_info *sbi)
{
	const struct ext2_super_block *es = sbi->es;

	return sbi->free_blocks > le32_to_cpu(es->s_r_blocks_count) ||
	       may_use_reserve(le16_to_cpu(es->s_def_resuid),
			       le16_to_cpu(es->s_def_resgid));
}

int ext2_new_block(struct super_block *sb, u32 goal, u32 *nr)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 group, from = 0;
	long bit = -ENOSPC;

	if (goal < sbi->first_data || goal >= sbi->blocks)
		goal = sbi->first_data;
	group = (goal - sbi->first_data) / sbi->blocks_per_group;
	from = (goal - sbi->first_data) % sbi->blocks_per_group;
	mutex_lock(&sbi->lock);
	for (u32 n = has_free_blocks(sbi) ? 0 : sbi->groups;
	     n < sbi->groups && bit == -ENOSPC; n++, from = 0) {
		struct page *page;
		struct ext2_group_desc *gd = ext2_group(sb, group, &page);

		if (gd->bg_free_blocks_count)
			bit = take_bit(sb, le32_to_cpu(gd->bg_block_bitmap),
				       from, blocks_of(sbi, group));
		if (bit >= 0) {
			*nr = (u32)(group_start(sbi, group) + (u64)bit);
			add16(&gd->bg_free_blocks_count, &sbi->free_blocks, -1);
			ext2_dirty(sb, page, gd);
			break;
		}
		group = group + 1 < sbi->groups ? group + 1 : 0;
	}
	mutex_unlock(&sbi->lock);
	if (bit >= 0 && !ext2_data_block_valid(sb, *nr)) {
		ext2_error(sb, "Allocating block %u in system zone",
			   sb->s_bdev->bd_name, *nr);
		return -EUCLEAN;
	}
	return bit < 0 ? (int)bit : 0;
}

void ext2_free_block(struct super_block *sb, u32 nr)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_group_desc *gd;
	struct page *page;
	u32 group;

	if (!ext2_data_block_valid(sb, nr)) {
		ext2_error(sb, "Freeing block %u not in datazone",
			   sb->s_bdev->bd_name, nr);
		return;
	}
	group = (nr - sbi->first_data) / sbi->blocks_per_group;
	mutex_lock(&sbi->lock);
	gd = ext2_group(sb, group, &page);
	if (give_bit(sb, le32_to_cpu(gd->bg_block_bitmap),
		     (nr - sbi->first_data) % sbi->blocks_per_group)) {
		add16(&gd->bg_free_blocks_count, &sbi->free_blocks, 1);
		ext2_dirty(sb, page, gd);
	} else {
		ext2_error(sb, "bit already cleared for block %u",
			   sb->s_bdev->bd_name, nr);
	}
	mutex_unlock(&sbi->lock);
}

/* ---- inodes -------------------------------------------------------------- */

/* The group with the most free blocks among those with many free inodes. */
static u32 group_for_dir(struct super_block *sb)
{
	u32 groups = EXT2_SB(sb)->groups, best = 0, most = 0;
	u64 average = EXT2_SB(sb)->free_inodes / groups;

	for (u32 g = 0; g < groups; g++) {
		struct page *page;
		const struct ext2_group_desc *gd = ext2_group(sb, g, &page);
		u32 blocks = le16_to_cpu(gd->bg_free_blocks_count);

		if (le16_to_cpu(gd->bg_free_inodes_count) >= average &&
		    blocks > most) {
			most = blocks;
			best = g;
		}
	}
	return best;
}

ino_t ext2_new_ino(struct inode *dir, bool is_dir, int *err)
{
	struct super_block *sb = dir->i_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	long bit = -ENOSPC;
	u32 group;

	mutex_lock(&sbi->lock);
	group = is_dir ? group_for_dir(sb) : EXT2_I(dir)->group;
	for (u32 n = 0; n < sbi->groups && bit == -ENOSPC; n++) {
		struct page *page;
		struct ext2_group_desc *gd = ext2_group(sb, group, &page);

		if (gd->bg_free_inodes_count)
			bit = take_bit(sb, le32_to_cpu(gd->bg_inode_bitmap),
				       group ? 0 : sbi->first_ino - 1,
				       sbi->inodes_per_group);
		if (bit >= 0) {
			add16(&gd->bg_free_inodes_count, &sbi->free_inodes, -1);
			if (is_dir)
				add16(&gd->bg_used_dirs_count, NULL, 1);
			ext2_dirty(sb, page, gd);
			break;
		}
		group = group + 1 < sbi->groups ? group + 1 : 0;
	}
	mutex_unlock(&sbi->lock);
	*err = bit < 0 ? (int)bit : 0;
	return bit < 0 ? 0 : (ino_t)group * sbi->inodes_per_group + bit + 1;
}

void ext2_free_ino(struct super_block *sb, ino_t ino, bool is_dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 group = (u32)((ino - 1) / sbi->inodes_per_group);
	struct ext2_group_desc *gd;
	struct page *page;

	mutex_lock(&sbi->lock);
	gd = ext2_group(sb, group, &page);
	if (give_bit(sb, le32_to_cpu(gd->bg_inode_bitmap),
		     (unsigned int)((ino - 1) % sbi->inodes_per_group))) {
		add16(&gd->bg_free_inodes_count, &sbi->free_inodes, 1);
		if (is_dir)
			add16(&gd->bg_used_dirs_count, NULL, -1);
		ext2_dirty(sb, page, gd);
	} else {
		ext2_error(sb, "bit already cleared for inode %lu",
			   sb->s_bdev->bd_name, (unsigned long)ino);
	}
	mutex_unlock(&sbi->lock);
}
