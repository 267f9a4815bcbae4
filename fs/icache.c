// SPDX-License-Identifier: MIT
/*
 * The inode cache: inodes of file systems on disks are hashed by (sb, number),
 * and one that nobody uses stays, with its pages, on the list of unused ones,
 * the longest unused first:
 *
 *	iget_locked() --> I_NEW --> in use <--> unused --> I_FREEING --> gone
 *	                 being         iget    shrinker, umount, at once
 *	                 filled                if it has no name any more
 *
 * While it is being freed (its blocks are given back) it can still be found,
 * and whoever wants it waits, and reads it anew.
 *
 * Inodes that live in memory only are not hashed: they go with their last
 * reference.
 *
 * Lock: icache_lock (hash, list, i_life); i_count goes from and to 0 under it.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <fs/fs.h>
#include <fs/writeback.h>
#include <lib/hash.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/vmscan.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define INODE_HASH_BITS 10

static DEFINE_SPINLOCK(icache_lock);
static struct hlist_head inode_hash[1 << INODE_HASH_BITS];
static LIST_HEAD(unused_inodes); /* oldest first */
static unsigned long nr_unused;
static DECLARE_WAIT_QUEUE_HEAD(inode_wait);

static struct hlist_head *bucket(const struct super_block *sb, ino_t ino)
{
	return &inode_hash[hash_64((unsigned long)sb ^ ino, INODE_HASH_BITS)];
}

static void off_lru(struct inode *inode)
{
	if (!list_empty(&inode->i_lru)) {
		list_del_init(&inode->i_lru);
		nr_unused--;
	}
}

bool inode_tryget(struct inode *inode)
{
	bool ok;

	if (atomic_inc_not_zero(&inode->i_count))
		return true;
	spin_lock(&icache_lock);
	ok = !(inode->i_life & I_FREEING);
	if (ok) {
		atomic_inc(&inode->i_count);
		off_lru(inode);
	}
	spin_unlock(&icache_lock);
	return ok;
}

static bool settled(const struct inode *inode)
{
	return !(READ_ONCE(inode->i_life) & I_NEW);
}

/* => icache_lock held; *freeing: there is one, on its way out */
static struct inode *find_inode(struct super_block *sb, ino_t ino,
				bool *freeing)
{
	struct inode *inode;

	*freeing = false;
	hlist_for_each_entry(inode, bucket(sb, ino), i_hash) {
		if (inode->i_ino != ino || inode->i_sb != sb)
			continue;
		*freeing = inode->i_life & I_FREEING;
		return inode;
	}
	return NULL;
}

/* Referenced; NULL: there is none, or it was freed: look again (*again) */
static struct inode *get_cached(struct super_block *sb, ino_t ino, bool *again)
{
	struct inode *inode;
	DEFINE_WAIT(wait);

	prepare_to_wait(&inode_wait, &wait, TASK_UNINTERRUPTIBLE);
	spin_lock(&icache_lock);
	inode = find_inode(sb, ino, again);
	if (inode && !*again) {
		atomic_inc(&inode->i_count);
		off_lru(inode);
	}
	spin_unlock(&icache_lock);
	if (*again) {
		schedule();
		inode = NULL;
	}
	finish_wait(&inode_wait, &wait);
	return inode;
}

bool inode_is_new(const struct inode *inode)
{
	return inode->i_life & I_NEW;
}

static void hash_inode(struct inode *inode)
{
	hlist_add_head(&inode->i_hash, bucket(inode->i_sb, inode->i_ino));
}

void insert_inode_hash(struct inode *inode)
{
	spin_lock(&icache_lock);
	hash_inode(inode);
	spin_unlock(&icache_lock);
}

struct inode *iget_locked(struct super_block *sb, ino_t ino)
{
	struct inode *inode, *new = NULL;
	bool again;

	for (;;) {
		inode = get_cached(sb, ino, &again);
		if (inode || again) {
			if (!inode)
				continue;
			break;
		}
		if (!new) {
			new = new_inode(sb, 0);
			if (!new)
				return NULL;
			new->i_ino = ino;
		}
		spin_lock(&icache_lock);
		if (!find_inode(sb, ino, &again)) {
			new->i_life = I_NEW;
			hash_inode(new);
			spin_unlock(&icache_lock);
			return new;
		}
		spin_unlock(&icache_lock);
	}
	if (new)
		free_inode(new);
	wait_event(inode_wait, settled(inode));
	if (inode->i_life & I_BAD) {
		iput(inode);
		return NULL;
	}
	return inode;
}

void unlock_new_inode(struct inode *inode)
{
	spin_lock(&icache_lock);
	inode->i_life &= (u8)~I_NEW;
	spin_unlock(&icache_lock);
	wake_up_all(&inode_wait);
}

void iget_failed(struct inode *inode)
{
	spin_lock(&icache_lock);
	inode->i_life = I_BAD;
	hlist_del_init(&inode->i_hash);
	spin_unlock(&icache_lock);
	wake_up_all(&inode_wait);
	clear_nlink(inode);
	iput(inode);
}

/* ---- the end of a life ----------------------------------------------------- */

/* I_FREEING is set, so nobody can get a reference any more. */
static void evict_cached(struct inode *inode)
{
	inode_forget_dirty(inode);
	evict_inode(inode);
	spin_lock(&icache_lock);
	hlist_del_init(&inode->i_hash);
	spin_unlock(&icache_lock);
	wake_up_all(&inode_wait);
	free_inode(inode);
}

/* The last reference goes. => true: the inode stays in the cache */
static bool keep_unused(struct inode *inode)
{
	bool keep;

	spin_lock(&icache_lock);
	if (!atomic_dec_and_test(&inode->i_count)) {
		spin_unlock(&icache_lock);
		return true;
	}
	keep = inode->i_nlink && !hlist_unhashed(&inode->i_hash);
	if (keep) {
		list_add_tail(&inode->i_lru, &unused_inodes);
		nr_unused++;
	} else {
		inode->i_life |= I_FREEING;
	}
	spin_unlock(&icache_lock);
	return keep;
}

void iput(struct inode *inode)
{
	if (!inode)
		return;
	if (!inode->i_bdev) {
		if (atomic_dec_and_test(&inode->i_count)) {
			evict_inode(inode);
			free_inode(inode);
		}
		return;
	}
	if (!atomic_add_unless(&inode->i_count, -1, 1) && !keep_unused(inode))
		evict_cached(inode);
}

/*
 * The longest unused inode, I_FREEING, or NULL: of sb, or, without one, a clean
 * one among at most *nr.
 */
static struct inode *next_unused(struct super_block *sb, unsigned long *nr)
{
	struct inode *inode, *n;

	spin_lock(&icache_lock);
	list_for_each_entry_safe(inode, n, &unused_inodes, i_lru) {
		if (sb && inode->i_sb != sb)
			continue;
		if (!sb && !*nr)
			break;
		if (!sb && READ_ONCE(inode->i_state)) { /* dirty: later */
			list_move_tail(&inode->i_lru, &unused_inodes);
			--*nr;
			continue;
		}
		*nr -= !sb;
		off_lru(inode);
		inode->i_life |= I_FREEING;
		spin_unlock(&icache_lock);
		return inode;
	}
	spin_unlock(&icache_lock);
	return NULL;
}

static unsigned long shrink(struct super_block *sb, unsigned long nr)
{
	unsigned long freed = 0;
	struct inode *inode;

	while ((inode = next_unused(sb, &nr))) {
		count_vm_events(PGINODESTEAL,
				(long)READ_ONCE(inode->i_data.nrpages));
		evict_cached(inode);
		freed++;
		cond_resched();
	}
	return freed;
}

static bool has_inodes(const struct super_block *sb)
{
	const struct inode *inode;
	bool found = false;

	spin_lock(&icache_lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(inode_hash) && !found; i++)
		hlist_for_each_entry(inode, &inode_hash[i], i_hash)
			found |= inode->i_sb == sb;
	spin_unlock(&icache_lock);
	return found;
}

/* The flusher and drop_caches may hold one for a moment. */
void evict_inodes(struct super_block *sb)
{
	unsigned int tries = 1000;

	for (shrink(sb, 0); has_inodes(sb); shrink(sb, 0)) {
		if (!tries--) {
			pr_err("VFS: Busy inodes after unmount of %s\n",
			       sb->s_type->name);
			return;
		}
		msleep(10);
	}
}

static unsigned long icache_count(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	return sc->gfp_mask & __GFP_FS ? READ_ONCE(nr_unused) : 0;
}

static unsigned long icache_scan(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	return shrink(NULL, sc->nr_to_scan);
}

void icache_init(void)
{
	static struct shrinker shrinker = {
		.count_objects = icache_count,
		.scan_objects = icache_scan,
		.seeks = DEFAULT_SEEKS,
	};

	register_shrinker(&shrinker);
}

/* With a reference to it an inode keeps its place in the hash. */
void for_each_cached_inode(void (*fn)(struct inode *inode))
{
	struct inode *inode, *prev = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(inode_hash); i++) {
		spin_lock(&icache_lock);
		hlist_for_each_entry(inode, &inode_hash[i], i_hash) {
			if (inode->i_life)
				continue;
			atomic_inc(&inode->i_count);
			off_lru(inode);
			spin_unlock(&icache_lock);
			iput(prev);
			fn(inode);
			prev = inode;
			spin_lock(&icache_lock);
		}
		spin_unlock(&icache_lock);
	}
	iput(prev);
}
