// SPDX-License-Identifier: MIT
/*
 * tmpfs as a whole: instances with their limits, and inodes. rootfs, ramfs
 * and devtmpfs are the same file system under other names and limits.
 *
 * A page is charged to its instance when it enters the page cache and given
 * back when it leaves: a hole costs nothing, and a file that was unlinked
 * while open or mapped is charged until its last user has gone. Each page is
 * a promise, too (Committed_AS), but in a file whose whole size was promised.
 */
#include <base/bug.h>
#include <fs/namei.h>
#include <fs/stat.h>
#include <fs/tmpfs.h>
#include <lib/kstrtox.h>
#include <mm/phys/slab.h>
#include <mm/vm/meminfo.h>

static struct kmem_cache *tmpfs_inode_cache;

/* --- limits --- */

static int tmpfs_charge(struct address_space *mapping, unsigned long npages)
{
	struct inode *inode = mapping->host;
	struct tmpfs_sb_info *sbi = TMPFS_SB(inode->i_sb);
	bool account = sbi->account && !TMPFS_I(inode)->reserved;
	int err = 0;

	if (account && vm_enough_memory(NULL, npages))
		return -ENOSPC;
	spin_lock(&sbi->lock);
	if (sbi->max_blocks && npages > sbi->max_blocks - sbi->used_blocks)
		err = -ENOSPC;
	else
		sbi->used_blocks += npages;
	spin_unlock(&sbi->lock);
	if (unlikely(err) && account)
		vm_unacct_memory(npages);
	return err;
}

static void tmpfs_uncharge(struct address_space *mapping, unsigned long npages)
{
	struct inode *inode = mapping->host;
	struct tmpfs_sb_info *sbi = TMPFS_SB(inode->i_sb);

	spin_lock(&sbi->lock);
	BUG_ON(npages > sbi->used_blocks);
	sbi->used_blocks -= npages;
	spin_unlock(&sbi->lock);
	if (sbi->account && !TMPFS_I(inode)->reserved)
		vm_unacct_memory(npages);
}

static loff_t tmpfs_size(struct address_space *mapping)
{
	struct inode *inode = mapping->host;

	return READ_ONCE(inode->i_size);
}

const struct address_space_operations tmpfs_aops = {
	.size = tmpfs_size,
	.charge = tmpfs_charge,
	.uncharge = tmpfs_uncharge,
};

bool tmpfs_charge_inode(struct super_block *sb)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(sb);
	bool ok;

	guard(spinlock)(&sbi->lock);
	ok = !sbi->max_inodes || sbi->used_inodes < sbi->max_inodes;
	sbi->used_inodes += ok;
	return ok;
}

void tmpfs_uncharge_inode(struct super_block *sb)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(sb);

	guard(spinlock)(&sbi->lock);
	BUG_ON(!sbi->used_inodes);
	sbi->used_inodes--;
}

/* --- inodes --- */

static struct inode *tmpfs_alloc_inode(struct super_block *sb __unused)
{
	struct tmpfs_inode_info *info;

	info = kmem_cache_alloc(tmpfs_inode_cache, GFP_KERNEL);
	if (!info)
		return NULL;
	info->entries = RB_ROOT;
	info->last_cookie = 1; /* 0 and 1 are "." and ".." */
	return &info->vfs_inode;
}

static void tmpfs_free_inode(struct inode *inode)
{
	struct tmpfs_inode_info *info = TMPFS_I(inode);

	if (S_ISLNK(inode->i_mode) && info->symlink != info->inline_link)
		kfree(info->symlink);
	kmem_cache_free(tmpfs_inode_cache, info);
}

static void tmpfs_evict_inode(struct inode *inode)
{
	if (S_ISREG(inode->i_mode))
		vm_unacct_memory(TMPFS_I(inode)->reserved);
	tmpfs_uncharge_inode(inode->i_sb);
}

static void init_owner(struct inode *inode, const struct inode *dir,
		       const struct walk_ctx *ctx)
{
	inode->i_uid = ctx ? ctx->uid : 0;
	inode->i_gid = ctx ? ctx->gid : 0;
	if (!dir || !(dir->i_mode & S_ISGID))
		return;
	inode->i_gid = dir->i_gid;
	if (S_ISDIR(inode->i_mode))
		inode->i_mode |= S_ISGID;
}

static void init_ops(struct inode *inode, dev_t dev)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		inode->i_mapping = &inode->i_data;
		TMPFS_I(inode)->seals = F_SEAL_SEAL;
		TMPFS_I(inode)->reserved = 0;
		address_space_init(inode->i_mapping, inode, &tmpfs_aops, 0,
				   1UL << AS_SHMEM);
		break;
	case S_IFDIR:
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &tmpfs_dir_fops;
		inode->i_nlink = 2;
		inode->i_size = 2 * TMPFS_DIRENT_SIZE;
		break;
	case S_IFLNK:
		inode->i_op = &tmpfs_symlink_iops;
		TMPFS_I(inode)->symlink = TMPFS_I(inode)->inline_link;
		break;
	default:
		inode->i_op = &tmpfs_file_iops;
		init_special_inode(inode, inode->i_mode, dev);
	}
}

struct inode *tmpfs_get_inode(struct super_block *sb, const struct inode *dir,
			      umode_t mode, dev_t dev,
			      const struct walk_ctx *ctx)
{
	struct inode *inode;

	if (!tmpfs_charge_inode(sb))
		return ERR_PTR(-ENOSPC);
	inode = new_inode(sb, mode);
	if (!inode) {
		tmpfs_uncharge_inode(sb);
		return ERR_PTR(-ENOMEM);
	}
	init_owner(inode, dir, ctx);
	init_ops(inode, dev);
	return inode;
}

/* --- instances --- */

static int tmpfs_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(dentry->d_sb);

	guard(spinlock)(&sbi->lock);
	st->f_blocks = sbi->max_blocks;
	st->f_bfree =
		sbi->max_blocks - (sbi->max_blocks ? sbi->used_blocks : 0);
	st->f_bavail = st->f_bfree;
	st->f_files = sbi->max_inodes;
	st->f_ffree =
		sbi->max_inodes - (sbi->max_inodes ? sbi->used_inodes : 0);
	return 0;
}

/* "10%", "64m", "4096" in bytes. => pages */
static int parse_size(const char *text, unsigned long *pages)
{
	char *end;
	u64 size = memparse(text, &end);

	if (*end == '%' && end[1] == 0) {
		if (size > 10000)
			return -EINVAL;
		*pages = (unsigned long)size * totalram_pages() / 100;
		return 0;
	}
	*pages = (unsigned long)(size >> PAGE_SHIFT) +
		 ((size & ~PAGE_MASK) != 0);
	return *end || end == text ? -EINVAL : 0;
}

static int parse_number(const char *text, unsigned int base, unsigned long *out)
{
	return kstrtoul(text, base, out) ? -EINVAL : 0;
}

static int parse_option(struct tmpfs_sb_info *sbi, const char *key,
			const char *value)
{
	unsigned long n = 0;
	int err;

	if (!value)
		return -EINVAL;
	if (!strcmp(key, "size")) {
		sbi->size_given = true;
		return parse_size(value, &sbi->max_blocks);
	}
	if (!strcmp(key, "nr_blocks") || !strcmp(key, "nr_inodes")) {
		char *end;

		n = (unsigned long)memparse(value, &end);
		*(key[3] == 'b' ? &sbi->max_blocks : &sbi->max_inodes) = n;
		return *end ? -EINVAL : 0;
	}
	err = parse_number(value, strcmp(key, "mode") ? 10 : 8, &n);
	if (err || n > U32_MAX)
		return -EINVAL;
	if (!strcmp(key, "mode"))
		sbi->mode = (umode_t)(n & S_IALLUGO);
	else if (!strcmp(key, "uid"))
		sbi->uid = (uid_t)n;
	else if (!strcmp(key, "gid"))
		sbi->gid = (gid_t)n;
	else
		return -EINVAL;
	return 0;
}

static int parse_options(struct tmpfs_sb_info *sbi, const char *data)
{
	char *copy, *rest, *key, *value;
	int err = 0;

	if (!data || !*data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (key = strsep(&rest, ",")) != NULL) {
		if (!*key)
			continue;
		value = strchr(key, '=');
		if (value)
			*value++ = 0;
		err = parse_option(sbi, key, value);
	}
	kfree(copy);
	return err;
}

static int tmpfs_remount(struct super_block *sb, unsigned long flags __unused,
			 const char *data)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(sb), wanted = *sbi;
	int err = parse_options(&wanted, data);

	if (err)
		return err;
	guard(spinlock)(&sbi->lock);
	if ((wanted.max_blocks && wanted.max_blocks < sbi->used_blocks) ||
	    (wanted.max_inodes && wanted.max_inodes < sbi->used_inodes)) {
		err = -EINVAL;
	} else {
		sbi->max_blocks = wanted.max_blocks;
		sbi->max_inodes = wanted.max_inodes;
		sbi->size_given = wanted.size_given;
	}
	return err;
}

static void tmpfs_show_options(struct seq_buf *s, struct super_block *sb)
{
	const struct tmpfs_sb_info *sbi = TMPFS_SB(sb);

	if (sbi->size_given)
		seq_buf_printf(s, ",size=%luk",
			       sbi->max_blocks << (PAGE_SHIFT - 10));
	if (sbi->mode != (S_IRWXUGO | S_ISVTX))
		seq_buf_printf(s, ",mode=%03o", sbi->mode);
	if (sbi->uid)
		seq_buf_printf(s, ",uid=%u", sbi->uid);
	if (sbi->gid)
		seq_buf_printf(s, ",gid=%u", sbi->gid);
}

static const struct super_operations tmpfs_sops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.evict_inode = tmpfs_evict_inode,
	.put_super = tmpfs_drop_tree,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

static int fill_super(struct super_block *sb)
{
	struct tmpfs_sb_info *sbi = TMPFS_SB(sb);
	struct inode *root =
		tmpfs_get_inode(sb, NULL, sbi->mode | S_IFDIR, 0, NULL);

	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	root->i_uid = sbi->uid;
	root->i_gid = sbi->gid;
	sb->s_root = d_alloc_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

struct super_block *tmpfs_mount(struct file_system_type *type,
				unsigned long flags __unused,
				const char *source __unused, const char *data)
{
	struct super_block *sb = alloc_super(type);
	struct tmpfs_sb_info *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	bool limits = strcmp(type->name, "ramfs") != 0;
	int err = -ENOMEM;

	if (!sb || !sbi)
		goto fail;
	spin_lock_init(&sbi->lock);
	sbi->mode = strcmp(type->name, "tmpfs") ? 0755 : 01777;
	sbi->account = limits;
	if (limits) {
		sbi->max_blocks = totalram_pages() / 2;
		sbi->max_inodes = totalram_pages() / 2;
	}
	err = limits ? parse_options(sbi, data) : 0;
	if (err)
		goto fail;
	sb->s_fs_info = sbi;
	sb->s_op = &tmpfs_sops;
	sb->s_magic = limits ? TMPFS_MAGIC : RAMFS_MAGIC;
	err = fill_super(sb);
	if (!err)
		return sb;
fail:
	kfree(sbi);
	free_super(sb);
	return ERR_PTR(err);
}

static struct file_system_type tmpfs_fs_type = {
	.name = "tmpfs",
	.fs_flags = FS_NODEV,
	.mount = tmpfs_mount,
};

static struct file_system_type ramfs_fs_type = {
	.name = "ramfs",
	.fs_flags = FS_NODEV,
	.mount = tmpfs_mount,
};

static struct file_system_type rootfs_fs_type = {
	.name = "rootfs",
	.fs_flags = FS_NODEV | FS_NOUSER,
	.mount = tmpfs_mount,
};

void tmpfs_init(void)
{
	tmpfs_inode_cache = kmem_cache_create(
		"shmem_inode_cache", sizeof(struct tmpfs_inode_info), 0,
		SLAB_RECLAIM_ACCOUNT | SLAB_PANIC, NULL);
	register_filesystem(&rootfs_fs_type);
	register_filesystem(&tmpfs_fs_type);
	register_filesystem(&ramfs_fs_type);
}
