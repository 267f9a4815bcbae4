// SPDX-License-Identifier: MIT
/*
 * ext2 as a whole: mounting, what the super block says, and the way to a
 * block of metadata.
 *
 * While it is mounted for writing EXT2_VALID_FS is clear on the disk: if that
 * is what the next mount finds, the power went.
 *
 * Locks: sbi->lock for the counts. Mount, remount and umount hold
 * namespace_lock.
 */
#include <base/bug.h>
#include <base/clock.h>
#include <base/printk.h>
#include <fs/block_dev.h>
#include <fs/stat.h>
#include <fs/writeback.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>
#include "ext2.h"

static struct kmem_cache *ext2_inode_cache;

/* ---- blocks of metadata -------------------------------------------------- */

void __ext2_error(struct super_block *sb, const char *fmt, ...)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	char text[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printk_ratelimited(KERN_ERR "%s\n", text);
	sbi->mount_state |= EXT2_ERROR_FS;
	if (!sbi->read_only && sbi->es) {
		sbi->es->s_state |= cpu_to_le16(EXT2_ERROR_FS);
		ext2_dirty(sb, sbi->sb_page, sbi->es);
	}
	if (sbi->errors == EXT2_ERRORS_PANIC)
		panic("EXT2-fs: panic from previous error");
	if (sbi->errors == EXT2_ERRORS_RO && !sbi->read_only &&
	    !(sb->s_flags & SB_RDONLY)) {
		pr_crit("EXT2-fs (%s): error: remounting filesystem read-only\n",
			sb->s_bdev->bd_name);
		sb->s_flags |= SB_RDONLY;
	}
}

void *ext2_bread(struct super_block *sb, u32 nr, struct page **page)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 at = (u64)nr << sbi->bits;

	if (nr < sbi->first_data || nr >= sbi->blocks)
		return ERR_PTR(-EUCLEAN);
	*page = read_mapping_page(bdev_mapping(sb->s_bdev),
				  (pgoff_t)(at >> PAGE_SHIFT));
	if (IS_ERR(*page))
		return *page;
	return (char *)page_address(*page) + offset_in_page(at);
}

void ext2_dirty(struct super_block *sb, struct page *page, const void *at)
{
	unsigned int size = 1U << EXT2_SB(sb)->bits;

	bdev_dirty(page, (unsigned int)offset_in_page(at) & ~(size - 1), size);
}

struct ext2_group_desc *ext2_group(struct super_block *sb, u32 group,
				   struct page **page)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 at = ((u64)sbi->gd_block << sbi->bits) +
		 group * sizeof(struct ext2_group_desc);
	u64 first = ((u64)sbi->gd_block << sbi->bits) >> PAGE_SHIFT;

	BUG_ON(group >= sbi->groups);
	*page = sbi->gd_pages[(at >> PAGE_SHIFT) - first];
	return (void *)((char *)page_address(*page) + offset_in_page(at));
}

/* ---- inodes in memory ---------------------------------------------------- */

static struct inode *ext2_alloc_inode(struct super_block *sb)
{
	struct ext2_inode_info *ei =
		kmem_cache_zalloc(ext2_inode_cache, GFP_KERNEL);

	(void)sb;
	if (!ei)
		return NULL;
	mutex_init(&ei->truncate_mutex);
	return &ei->vfs_inode;
}

static void ext2_free_inode(struct inode *inode)
{
	kmem_cache_free(ext2_inode_cache, EXT2_I(inode));
}

static int may_be_written(struct super_block *sb);

/* ---- the super block ----------------------------------------------------- */

static void set_state(struct super_block *sb, bool mounted)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u16 state = sbi->mount_state;

	if (mounted)
		state &= (u16)~EXT2_VALID_FS;
	sbi->es->s_state = cpu_to_le16(state);
	sbi->es->s_wtime = cpu_to_le32((u32)current_time().tv_sec);
	ext2_dirty(sb, sbi->sb_page, sbi->es);
}

/* The sums of what the groups say. */
static void ext2_sync_fs(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	if (sbi->read_only)
		return;
	mutex_lock(&sbi->lock);
	sbi->es->s_free_blocks_count = cpu_to_le32((u32)sbi->free_blocks);
	sbi->es->s_free_inodes_count = cpu_to_le32((u32)sbi->free_inodes);
	sbi->es->s_wtime = cpu_to_le32((u32)current_time().tv_sec);
	ext2_dirty(sb, sbi->sb_page, sbi->es);
	mutex_unlock(&sbi->lock);
}

static void begin_writing(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u16 count = le16_to_cpu(sbi->es->s_mnt_count);

	if (!(sbi->mount_state & EXT2_VALID_FS))
		pr_warn("EXT2-fs (%s): warning: mounting unchecked fs, running e2fsck is recommended\n",
			sb->s_bdev->bd_name);
	else if (sbi->mount_state & EXT2_ERROR_FS)
		pr_warn("EXT2-fs (%s): warning: mounting fs with errors, running e2fsck is recommended\n",
			sb->s_bdev->bd_name);
	sbi->read_only = false;
	sbi->es->s_mnt_count = cpu_to_le16((u16)(count + 1));
	sbi->es->s_mtime = cpu_to_le32((u32)current_time().tv_sec);
	set_state(sb, true);
}

static void end_writing(struct super_block *sb)
{
	sync_filesystem(sb);
	set_state(sb, false);
	sync_filesystem(sb);
	EXT2_SB(sb)->read_only = true;
}

/* Is there a copy of the super block, and the descriptors, in the group? */
static bool has_super(const struct ext2_sb_info *sbi, u32 group)
{
	if (group <= 1 || !(le32_to_cpu(sbi->es->s_feature_ro_compat) &
			    EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER))
		return true;
	for (u64 base = 3; base <= 7; base += 2) {
		u64 power = base;

		while (power < group)
			power *= base;
		if (power == group)
			return true;
	}
	return false;
}

static int ext2_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct super_block *sb = dentry->d_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 reserved = le32_to_cpu(sbi->es->s_r_blocks_count);
	u64 meta = sbi->first_data;

	/* Bitmaps and inode tables; the copies of the super block, too. */
	meta += (u64)sbi->groups * (2 + sbi->table_blocks);
	for (u32 g = 0; g < sbi->groups; g++)
		meta += has_super(sbi, g) ? 1 + sbi->gd_blocks : 0;
	mutex_lock(&sbi->lock);
	st->f_bsize = 1UL << sbi->bits;
	st->f_blocks = sbi->blocks - min(meta, (u64)sbi->blocks);
	st->f_bfree = sbi->free_blocks;
	st->f_bavail = st->f_bfree > reserved ? st->f_bfree - reserved : 0;
	st->f_files = le32_to_cpu(sbi->es->s_inodes_count);
	st->f_ffree = sbi->free_inodes;
	st->f_namelen = EXT2_NAME_LEN;
	mutex_unlock(&sbi->lock);
	return 0;
}

/* Nobody uses the file system any more. */
static void ext2_release(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	for (unsigned int i = 0; i < sbi->nr_gd_pages; i++)
		if (sbi->gd_pages[i])
			put_page(sbi->gd_pages[i]);
	kfree(sbi->gd_pages);
	if (sbi->sb_page)
		put_page(sbi->sb_page);
	list_del(&sbi->list);
	bdev_close(sb->s_bdev, sb);
}

static void ext2_put_super(struct super_block *sb)
{
	if (!EXT2_SB(sb)->read_only)
		end_writing(sb);
}

static const char *const errors_names[] = {
	[EXT2_ERRORS_CONTINUE] = "continue",
	[EXT2_ERRORS_RO] = "remount-ro",
	[EXT2_ERRORS_PANIC] = "panic",
};

/* errors=, the only one that does something. => 0, -EINVAL */
static int parse_options(struct ext2_sb_info *sbi, const char *data)
{
	for (const char *end; data && *data; data = end + (*end == ',')) {
		u16 how = EXT2_ERRORS_PANIC;

		end = strchrnul(data, ',');
		if (strncmp(data, "errors=", 7))
			continue;
		data += 7;
		while (how &&
		       (strlen(errors_names[how]) != (size_t)(end - data) ||
			memcmp(errors_names[how], data, (size_t)(end - data))))
			how--;
		if (!how)
			return -EINVAL;
		sbi->errors = how;
	}
	return 0;
}

static u16 default_errors(const struct ext2_sb_info *sbi)
{
	u16 how = le16_to_cpu(sbi->es->s_errors);

	return how == EXT2_ERRORS_CONTINUE || how == EXT2_ERRORS_PANIC ?
		       how :
		       EXT2_ERRORS_RO;
}

static void ext2_show_options(struct seq_buf *s, struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	if (sbi->errors != default_errors(sbi))
		seq_buf_printf(s, ",errors=%s", errors_names[sbi->errors]);
}

static int ext2_remount(struct super_block *sb, unsigned long flags,
			const char *data)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	bool ro = flags & MS_RDONLY;
	int err = parse_options(sbi, data);

	if (err || (ro == sbi->read_only && !(sb->s_flags & SB_RDONLY)))
		return err;
	sb->s_flags &= ~(unsigned int)SB_RDONLY;
	if (ro) {
		end_writing(sb);
		return 0;
	}
	err = may_be_written(sb);
	if (err)
		return err;
	sbi->mount_state = le16_to_cpu(sbi->es->s_state);
	begin_writing(sb);
	return 0;
}

static const struct super_operations ext2_sops = {
	.alloc_inode = ext2_alloc_inode,
	.free_inode = ext2_free_inode,
	.evict_inode = ext2_evict_inode,
	.write_inode = ext2_write_inode,
	.sync_fs = ext2_sync_fs,
	.put_super = ext2_put_super,
	.release = ext2_release,
	.statfs = ext2_statfs,
	.remount = ext2_remount,
	.show_options = ext2_show_options,
};

/* ---- mounting ------------------------------------------------------------ */

static bool in_range(u64 v, u64 lo, u64 hi)
{
	return v >= lo && v <= hi;
}

static u32 blocks_for(const struct ext2_sb_info *sbi, u64 bytes)
{
	return (u32)((bytes + (1U << sbi->bits) - 1) >> sbi->bits);
}

/* Does what the super block says fit together, and on the device? */
static int check_super(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const struct ext2_super_block *es = sbi->es;
	u32 log = le32_to_cpu(es->s_log_block_size);
	bool dynamic = le32_to_cpu(es->s_rev_level) > 0;
	u64 per_block, groups;

	if (le16_to_cpu(es->s_magic) != EXT2_SUPER_MAGIC || log > 2)
		return -EINVAL;
	if (dynamic && (le32_to_cpu(es->s_feature_incompat) &
			~EXT2_FEATURE_INCOMPAT_SUPP)) {
		pr_err("EXT2-fs (%s): error: couldn't mount because of unsupported optional features (%x)\n",
		       sb->s_bdev->bd_name,
		       le32_to_cpu(es->s_feature_incompat) &
			       ~EXT2_FEATURE_INCOMPAT_SUPP);
		return -EINVAL;
	}
	sbi->bits = 10 + log;
	sbi->filetype = dynamic && (le32_to_cpu(es->s_feature_incompat) &
				    EXT2_FEATURE_INCOMPAT_FILETYPE);
	sbi->inode_size = dynamic ? le16_to_cpu(es->s_inode_size) : 128;
	sbi->first_ino = dynamic ? le32_to_cpu(es->s_first_ino) : 11;
	sbi->inodes_per_group = le32_to_cpu(es->s_inodes_per_group);
	sbi->blocks = le32_to_cpu(es->s_blocks_count);
	sbi->blocks_per_group = le32_to_cpu(es->s_blocks_per_group);
	sbi->first_data = le32_to_cpu(es->s_first_data_block);
	per_block = 8ULL << sbi->bits; /* bits of a bitmap */
	if (sbi->inode_size < 128 || sbi->inode_size > 1U << sbi->bits ||
	    (sbi->inode_size & (sbi->inode_size - 1)) ||
	    !in_range(sbi->inodes_per_group, 1, per_block) ||
	    !in_range(sbi->blocks_per_group, 1, per_block) ||
	    sbi->first_data != (log ? 0 : 1) ||
	    !in_range(sbi->blocks, sbi->first_data + 1,
		      (u64)blkdev_size(sb->s_bdev) >> sbi->bits) ||
	    sbi->first_ino < EXT2_ROOT_INO)
		return -EINVAL;
	groups = DIV_ROUND_UP((u64)sbi->blocks - sbi->first_data,
			      sbi->blocks_per_group);
	if (groups > EXT2_MAX_GROUPS ||
	    groups * sbi->inodes_per_group != le32_to_cpu(es->s_inodes_count))
		return -EINVAL;
	sbi->groups = (u32)groups;
	sbi->gd_block = sbi->first_data + 1;
	sbi->gd_blocks =
		blocks_for(sbi, groups * sizeof(struct ext2_group_desc));
	sbi->table_blocks =
		blocks_for(sbi, (u64)sbi->inodes_per_group * sbi->inode_size);
	return 0;
}

/* All group descriptors stay in memory, in the device's pages. */
static int read_groups(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 at = (u64)sbi->gd_block << sbi->bits;
	u64 end = at + (u64)sbi->groups * sizeof(struct ext2_group_desc);
	pgoff_t first = (pgoff_t)(at >> PAGE_SHIFT);
	unsigned int nr = (unsigned int)(DIV_ROUND_UP(end, PAGE_SIZE) - first);

	if (end > (u64)sbi->blocks << sbi->bits)
		return -EINVAL;
	sbi->gd_pages = kcalloc(nr, sizeof(void *), GFP_KERNEL);
	if (!sbi->gd_pages)
		return -ENOMEM;
	for (; sbi->nr_gd_pages < nr; sbi->nr_gd_pages++) {
		struct page *page = read_mapping_page(bdev_mapping(sb->s_bdev),
						      first + sbi->nr_gd_pages);

		if (IS_ERR(page))
			return (int)PTR_ERR(page);
		sbi->gd_pages[sbi->nr_gd_pages] = page;
	}
	return 0;
}

static int check_groups(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	for (u32 g = 0; g < sbi->groups; g++) {
		struct page *page;
		const struct ext2_group_desc *gd = ext2_group(sb, g, &page);
		u64 lo = sbi->first_data + (u64)g * sbi->blocks_per_group;
		u64 hi = min(lo + sbi->blocks_per_group, (u64)sbi->blocks) - 1;

		if (!in_range(le32_to_cpu(gd->bg_block_bitmap), lo, hi) ||
		    !in_range(le32_to_cpu(gd->bg_inode_bitmap), lo, hi) ||
		    !in_range(le32_to_cpu(gd->bg_inode_table), lo, hi) ||
		    (u64)le32_to_cpu(gd->bg_inode_table) + sbi->table_blocks -
				    1 >
			    hi) {
			pr_err("EXT2-fs (%s): error: group descriptors corrupted!\n",
			       sb->s_bdev->bd_name);
			return -EINVAL;
		}
	}
	return 0;
}

/* => 0, -EACCES: not to the device, -EROFS: not to what is on it */
static int may_be_written(struct super_block *sb)
{
	const struct ext2_super_block *es = EXT2_SB(sb)->es;

	if (sb->s_bdev->bd_read_only)
		return -EACCES;
	if (!le32_to_cpu(es->s_rev_level) ||
	    !(le32_to_cpu(es->s_feature_ro_compat) &
	      ~EXT2_FEATURE_RO_COMPAT_SUPP))
		return 0;
	pr_err("EXT2-fs (%s): error: couldn't mount RDWR because of unsupported optional features (%x)\n",
	       sb->s_bdev->bd_name,
	       le32_to_cpu(es->s_feature_ro_compat) &
		       ~EXT2_FEATURE_RO_COMPAT_SUPP);
	return -EROFS;
}

static int fill_super(struct super_block *sb, bool read_only)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct inode *root;
	int err;

	sbi->sb_page = read_mapping_page(bdev_mapping(sb->s_bdev), 0);
	if (IS_ERR(sbi->sb_page)) {
		err = (int)PTR_ERR(sbi->sb_page);
		sbi->sb_page = NULL;
		pr_err("EXT2-fs (%s): error: unable to read superblock\n",
		       sb->s_bdev->bd_name);
		return err == -ENOMEM ? err : -EINVAL;
	}
	sbi->es = (void *)((char *)page_address(sbi->sb_page) + 1024);
	err = check_super(sb);
	if (!err)
		err = read_groups(sb);
	if (!err)
		err = check_groups(sb);
	if (!err && !read_only)
		err = may_be_written(sb);
	if (err)
		return err;
	ext2_count_free(sb);
	sb->s_blocksize = 1UL << sbi->bits;
	/* What three tables reach; and i_blocks has 32 bits. */
	sb->s_maxbytes =
		min(1LL << (3 * (sbi->bits - 2) + sbi->bits), (loff_t)1 << 40);
	sb->s_magic = EXT2_SUPER_MAGIC;
	sbi->mount_state = le16_to_cpu(sbi->es->s_state);
	if (!sbi->errors)
		sbi->errors = default_errors(sbi);
	root = ext2_iget(sb, EXT2_ROOT_INO);
	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	if (!S_ISDIR(root->i_mode) || !root->i_size) {
		iput(root);
		pr_err("EXT2-fs (%s): error: corrupt root inode, run e2fsck\n",
		       sb->s_bdev->bd_name);
		return -EINVAL;
	}
	sb->s_root = d_alloc_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

/* The device behind a path. => or -errno */
static int lookup_bdev(const char *source, dev_t *dev)
{
	struct walk_ctx ctx = { 0 };
	struct path path;
	struct inode *inode;
	int err;

	get_root_path(&ctx.root);
	ctx.cwd = ctx.root;
	err = path_lookup(&ctx, NULL, source, LOOKUP_FOLLOW, &path);
	path_put(&ctx.root);
	if (err)
		return err;
	inode = d_inode(path.dentry);
	*dev = inode->i_rdev;
	err = S_ISBLK(inode->i_mode) ? 0 : -ENOTBLK;
	path_put(&path);
	return err;
}

static LIST_HEAD(supers); /* namespace_lock */

/* A second mount of a device shows the same file system. */
static struct super_block *already_mounted(dev_t dev, bool read_only)
{
	struct ext2_sb_info *sbi;

	list_for_each_entry(sbi, &supers, list)
		if (sbi->sb->s_dev == dev)
			return sbi->read_only == read_only ? sbi->sb :
							     ERR_PTR(-EBUSY);
	return NULL;
}

static struct super_block *ext2_mount(struct file_system_type *type,
				      unsigned long flags, const char *source,
				      const char *data)
{
	bool read_only = flags & MS_RDONLY;
	struct ext2_sb_info *sbi;
	struct super_block *sb;
	dev_t dev;
	int err = lookup_bdev(source, &dev);

	if (err)
		return ERR_PTR(err);
	sb = already_mounted(dev, read_only);
	if (sb)
		return sb;
	sb = alloc_super(type);
	sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	err = -ENOMEM;
	if (!sb || !sbi)
		goto free;
	mutex_init(&sbi->lock);
	sbi->sb = sb;
	sbi->read_only = true;
	err = parse_options(sbi, data);
	if (err)
		goto free;
	sb->s_fs_info = sbi;
	sb->s_op = &ext2_sops;
	sb->s_dev = dev;
	sb->s_bdev = bdev_open(dev, sb);
	err = PTR_ERR_OR_ZERO(sb->s_bdev);
	if (err)
		goto free;
	list_add(&sbi->list, &supers);
	bdev_sync(sb->s_bdev); /* later it would come over files */
	err = fill_super(sb, read_only);
	if (!err && !read_only)
		begin_writing(sb);
	if (!err)
		return sb;
	evict_inodes(sb);
	ext2_release(sb);
free:
	kfree(sbi);
	free_super(sb);
	return ERR_PTR(err);
}

void ext2_init(void)
{
	static struct file_system_type type = {
		.name = "ext2",
		.mount = ext2_mount,
	};

	ext2_inode_cache = kmem_cache_create("ext2_inode_cache",
					     sizeof(struct ext2_inode_info), 0,
					     SLAB_RECLAIM_ACCOUNT | SLAB_PANIC,
					     NULL);
	register_filesystem(&type);
}
