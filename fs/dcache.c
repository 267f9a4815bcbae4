// SPDX-License-Identifier: MIT
/*
 * The dentry cache: names that have been looked up, in a hash table keyed by
 * parent and name, so that a path walk needs no file system.
 *
 *	hash[parent, name] -> dentry -> d_parent -> ... -> root
 *	                         |
 *	                         +-> inode, or none: "there is no such name"
 *
 * One spinlock, dcache_lock, guards the table, the unused list, all names
 * and parents, and the mount tree: a walk takes it once, goes as far as the
 * cache knows and takes one reference at the end (fs/namei.c).
 *
 * Invariants: a dentry with d_count 0 is hashed and on the unused list; an
 * unhashed one is freed when its count falls to 0; a child holds its parent.
 * The number of unused dentries is bounded, so that asking for names that do
 * not exist cannot fill the memory.
 */
#include <base/bug.h>
#include <fs/fs.h>
#include <lib/hash.h>
#include <mm/phys/gfp.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <mm/vm/vmscan.h>

#define UNUSED_MAX   2048UL /* then the oldest are freed */
#define UNUSED_BATCH 256UL

/* A long name, shared by a dentry and those that were renamed over. */
struct external_name {
	atomic_t count;
	char name[];
};

int sysctl_vfs_cache_pressure = 100;
DEFINE_SPINLOCK(dcache_lock);

static struct hlist_head *dentry_hash; /* dcache_lock */
static u32 dentry_hash_mask;
static LIST_HEAD(unused);	/* dcache_lock; oldest first */
static unsigned long nr_unused; /* dcache_lock */
static atomic_long_t nr_dentry;
static struct kmem_cache *dentry_cache;

u32 name_hash(const struct dentry *parent, const char *name, u32 len)
{
	return full_name_hash(parent, name, len);
}

static struct hlist_head *d_bucket(u32 hash)
{
	return &dentry_hash[hash & dentry_hash_mask];
}

/* --- names --- */

static struct external_name *external_name(const struct dentry *dentry)
{
	return container_of((char(*)[])(uintptr_t)dentry->d_name.name,
			    struct external_name, name);
}

static bool dname_external(const struct dentry *dentry)
{
	return dentry->d_name.name != dentry->d_iname;
}

static void dname_free(struct dentry *dentry)
{
	struct external_name *ext;

	if (!dname_external(dentry))
		return;
	ext = external_name(dentry);
	if (atomic_dec_and_test(&ext->count))
		kfree(ext);
}

static bool dname_set(struct dentry *dentry, const struct qstr *name)
{
	struct external_name *ext;
	char *to = dentry->d_iname;

	if (name->len >= DNAME_INLINE_LEN) {
		ext = kmalloc(sizeof(*ext) + name->len + 1, GFP_KERNEL);
		if (!ext)
			return false;
		atomic_set(&ext->count, 1);
		to = ext->name;
	}
	memcpy(to, name->name, name->len);
	to[name->len] = 0;
	dentry->d_name.name = to;
	dentry->d_name.len = name->len;
	dentry->d_name.hash = name->hash;
	return true;
}

/* dentry gets from's name. => dcache_lock held; the old name is dropped */
static void dname_copy(struct dentry *dentry, struct dentry *from)
{
	dname_free(dentry);
	if (dname_external(from)) {
		atomic_inc(&external_name(from)->count);
		dentry->d_name = from->d_name;
		return;
	}
	memcpy(dentry->d_iname, from->d_iname, DNAME_INLINE_LEN);
	dentry->d_name = from->d_name;
	dentry->d_name.name = dentry->d_iname;
}

/* --- making --- */

static struct dentry *__d_alloc(struct super_block *sb, const struct qstr *name)
{
	struct dentry *dentry = kmem_cache_alloc(dentry_cache, GFP_KERNEL);

	if (!dentry)
		return NULL;
	if (!dname_set(dentry, name)) {
		kmem_cache_free(dentry_cache, dentry);
		return NULL;
	}
	atomic_set(&dentry->d_count, 1);
	dentry->d_flags = DCACHE_UNHASHED;
	INIT_HLIST_NODE(&dentry->d_hash);
	INIT_LIST_HEAD(&dentry->d_lru);
	dentry->d_inode = NULL;
	dentry->d_sb = sb;
	dentry->d_op = sb->s_d_op;
	dentry->d_cookie = 0;
	if (sb->s_flags & SB_NOCACHE)
		dentry->d_flags |= DCACHE_NOCACHE;
	if (dentry->d_op && dentry->d_op->d_revalidate)
		dentry->d_flags |= DCACHE_REVALIDATE;
	dentry->d_parent = dentry;
	atomic_long_inc(&nr_dentry);
	return dentry;
}

struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = __d_alloc(parent->d_sb, name);

	if (dentry)
		dentry->d_parent = dget(parent);
	return dentry;
}

struct dentry *d_alloc_anon(struct super_block *sb, struct inode *inode,
			    const struct dentry_operations *ops)
{
	return d_alloc_pseudo(sb, "", inode, ops);
}

struct dentry *d_alloc_pseudo(struct super_block *sb, const char *name,
			      struct inode *inode,
			      const struct dentry_operations *ops)
{
	const struct qstr q = { .name = name, .len = (u32)strlen(name) };
	struct dentry *dentry = __d_alloc(sb, &q);

	if (!dentry)
		return NULL;
	dentry->d_op = ops;
	dentry->d_flags = DCACHE_UNHASHED;
	dentry->d_inode = inode;
	return dentry;
}

struct dentry *d_alloc_root(struct inode *inode)
{
	static const struct qstr slash = { .name = "/", .len = 1 };
	struct dentry *dentry;

	if (!inode)
		return NULL;
	dentry = __d_alloc(inode->i_sb, &slash);
	if (!dentry) {
		iput(inode);
		return NULL;
	}
	dentry->d_inode = inode;
	inode->i_dentry = dentry;
	dentry->d_flags &= ~DCACHE_REVALIDATE;
	return dentry;
}

/* --- hashing --- */

static void __d_rehash(struct dentry *dentry)
{
	hlist_add_head(&dentry->d_hash, d_bucket(dentry->d_name.hash));
	dentry->d_flags &= ~DCACHE_UNHASHED;
}

static void __d_drop(struct dentry *dentry)
{
	if (d_unhashed(dentry))
		return;
	hlist_del_init(&dentry->d_hash);
	dentry->d_flags |= DCACHE_UNHASHED;
}

/* => dcache_lock held */
static void d_bind(struct dentry *dentry, struct inode *inode)
{
	BUG_ON(dentry->d_inode);
	WRITE_ONCE(dentry->d_inode, inode);
	if (d_unhashed(dentry))
		__d_rehash(dentry);
	if (inode && S_ISDIR(inode->i_mode))
		inode->i_dentry = dentry;
}

void d_add(struct dentry *dentry, struct inode *inode)
{
	guard(spinlock)(&dcache_lock);
	BUG_ON(!d_unhashed(dentry));
	d_bind(dentry, inode);
}

int d_splice(struct dentry *dentry, struct inode *inode)
{
	const struct dentry *other, *d = dentry;

	guard(spinlock)(&dcache_lock);
	other = inode && S_ISDIR(inode->i_mode) ? inode->i_dentry : NULL;
	if (other && (other == other->d_parent || !d_unhashed(other))) {
		do
			d = d->d_parent;
		while (d != other && d != d->d_parent);
		return d == other ? -ELOOP : -EUCLEAN;
	}
	d_bind(dentry, inode);
	return 0;
}

void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	guard(spinlock)(&dcache_lock);
	d_bind(dentry, inode);
}

void d_drop(struct dentry *dentry)
{
	guard(spinlock)(&dcache_lock);
	__d_drop(dentry);
}

void d_delete(struct dentry *dentry)
{
	d_drop(dentry);
}

struct dentry *__d_lookup(const struct dentry *parent, const struct qstr *name)
{
	struct dentry *d;

	hlist_for_each_entry(d, d_bucket(name->hash), d_hash) {
		if (d->d_name.hash == name->hash && d->d_parent == parent &&
		    d->d_name.len == name->len &&
		    !memcmp(d->d_name.name, name->name, name->len))
			return d;
	}
	return NULL;
}

struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct dentry *d;

	guard(spinlock)(&dcache_lock);
	d = __d_lookup(parent, name);
	if (d)
		dget(d);
	return d;
}

void d_move(struct dentry *dentry, struct dentry *target)
{
	struct dentry *old_parent;

	spin_lock(&dcache_lock);
	BUG_ON(dentry->d_parent == dentry);
	old_parent = dentry->d_parent;
	__d_drop(dentry);
	__d_drop(target);
	dname_copy(dentry, target);
	dentry->d_parent = dget(target->d_parent);
	__d_rehash(dentry);
	spin_unlock(&dcache_lock);
	dput(old_parent);
}

bool d_is_subdir(struct dentry *dentry, struct dentry *ancestor)
{
	bool found = false;

	guard(spinlock)(&dcache_lock);
	for (;; dentry = dentry->d_parent) {
		if (dentry == ancestor)
			found = true;
		if (found || dentry == dentry->d_parent)
			break;
	}
	return found;
}

/* --- letting go --- */

/*
 * Free a dentry without users. => takes dcache_lock, releases it; returns
 * the parent, whose reference passes to the caller, or NULL
 */
static struct dentry *dentry_kill(struct dentry *dentry)
{
	struct dentry *parent = dentry->d_parent;
	struct inode *inode = dentry->d_inode;

	BUG_ON(atomic_read(&dentry->d_count));
	BUG_ON(dentry->d_flags & DCACHE_MOUNTED);
	__d_drop(dentry);
	if (inode && S_ISDIR(inode->i_mode) && inode->i_dentry == dentry)
		inode->i_dentry = NULL;
	if (dentry->d_flags & DCACHE_ON_LRU) {
		list_del(&dentry->d_lru);
		nr_unused--;
	}
	spin_unlock(&dcache_lock);
	iput(inode);
	dname_free(dentry);
	kmem_cache_free(dentry_cache, dentry);
	atomic_long_dec(&nr_dentry);
	return parent == dentry ? NULL : parent;
}

/* => true if there are too many unused dentries now */
static bool __dput(struct dentry *dentry)
{
	bool full;

	while (dentry) {
		if (likely(atomic_add_unless(&dentry->d_count, -1, 1)))
			return false;
		spin_lock(&dcache_lock);
		if (!atomic_dec_and_test(&dentry->d_count)) {
			spin_unlock(&dcache_lock);
			return false;
		}
		if (!(dentry->d_flags & (DCACHE_UNHASHED | DCACHE_NOCACHE)))
			break;
		dentry = dentry_kill(dentry);
	}
	if (!dentry)
		return false;
	if (dentry->d_flags & DCACHE_ON_LRU) {
		list_move_tail(&dentry->d_lru, &unused);
	} else {
		list_add_tail(&dentry->d_lru, &unused);
		dentry->d_flags |= DCACHE_ON_LRU;
		nr_unused++;
	}
	full = nr_unused > UNUSED_MAX;
	spin_unlock(&dcache_lock);
	return full;
}

void dput(struct dentry *dentry)
{
	if (unlikely(__dput(dentry)))
		shrink_dcache(NULL, UNUSED_BATCH);
}

/*
 * Take the next victim off the unused list: those in use again leave it.
 * => dcache_lock held
 */
static struct dentry *next_unused(const struct super_block *sb,
				  const struct dentry *parent)
{
	struct dentry *d, *n;

	list_for_each_entry_safe(d, n, &unused, d_lru) {
		if (atomic_read(&d->d_count)) {
			list_del_init(&d->d_lru);
			d->d_flags &= ~DCACHE_ON_LRU;
			nr_unused--;
			continue;
		}
		if ((!sb || d->d_sb == sb) &&
		    (!parent || d->d_parent == parent))
			return d;
	}
	return NULL;
}

unsigned long shrink_dcache(struct super_block *sb, unsigned long nr)
{
	unsigned long freed = 0;
	struct dentry *d;

	while (!nr || freed < nr) {
		spin_lock(&dcache_lock);
		d = next_unused(sb, NULL);
		if (!d) {
			spin_unlock(&dcache_lock);
			break;
		}
		__dput(dentry_kill(d));
		freed++;
	}
	return freed;
}

void shrink_dcache_parent(struct dentry *parent)
{
	struct dentry *d;

	for (;;) {
		spin_lock(&dcache_lock);
		d = next_unused(NULL, parent);
		if (!d) {
			spin_unlock(&dcache_lock);
			return;
		}
		__dput(dentry_kill(d));
	}
}

void dcache_stat(unsigned long *nr, unsigned long *nr_unused_out)
{
	guard(spinlock)(&dcache_lock);
	*nr = (unsigned long)atomic_long_read(&nr_dentry);
	*nr_unused_out = nr_unused;
}

/* To lose a dentry is to lose its inode, perhaps: not for who is below. */
static unsigned long count_unused(struct shrinker *s __unused,
				  struct shrink_control *sc)
{
	if (!(sc->gfp_mask & __GFP_FS))
		return 0;
	return vfs_pressure_ratio(READ_ONCE(nr_unused));
}

static unsigned long scan_unused(struct shrinker *s __unused,
				 struct shrink_control *sc)
{
	return shrink_dcache(NULL, sc->nr_to_scan);
}

static struct shrinker dcache_shrinker = {
	.count_objects = count_unused,
	.scan_objects = scan_unused,
	.seeks = DEFAULT_SEEKS,
};

void dcache_init(void)
{
	unsigned long n = clamp(totalram_pages() / 32, 1024UL, 65536UL);

	n = roundup_pow_of_two(n);
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0,
					 SLAB_RECLAIM_ACCOUNT | SLAB_PANIC,
					 NULL);
	dentry_hash = kvzalloc(n * sizeof(*dentry_hash), GFP_KERNEL);
	if (!dentry_hash)
		panic("no memory for the dentry hash table");
	dentry_hash_mask = (u32)n - 1;
	register_shrinker(&dcache_shrinker);
}
