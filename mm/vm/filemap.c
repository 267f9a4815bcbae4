// SPDX-License-Identifier: MIT
/*
 * The page cache: pages of objects, found by (mapping, index).
 *
 *	absent --alloc, lock, insert--> present, locked, not uptodate
 *	       --readpage, unlock-----> present, uptodate       --> read, mapped
 *	       --set_page_dirty-------> dirty --writepage--> under write-back
 *	       --truncate, reclaim----> absent (page->mapping NULL)
 *
 * Memory-only objects (tmpfs, shared memory) have no readpage: a page is
 * born zeroed and uptodate.
 *
 * Who holds mapping->lock sees page->mapping and the tree agree, and a page
 * in the tree cannot leave it: that is why fault-around maps pages under it
 * without taking each page's lock. Whoever found a page by reference only
 * must lock it and look at page->mapping again.
 *
 * Locks: page lock, then ptl, then mapping->lock. Callers: read and write of
 * files, faults, exec, truncate.
 */
#include <base/bug.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/vmscan.h>
#include <sched/psi.h>
#include <sched/sched.h>
#include <sched/wait.h>

static struct kmem_cache *node_cache;

/* ---- the page lock ------------------------------------------------------- */

#define PAGE_WAIT_BITS 6
static wait_queue_head_t page_wait_table[1 << PAGE_WAIT_BITS];

static wait_queue_head_t *page_waitqueue(const struct page *page)
{
	return &page_wait_table[hash_ptr(page, PAGE_WAIT_BITS)];
}

bool trylock_page(struct page *page)
{
	return !(__atomic_fetch_or(&page->flags, 1UL << PG_locked,
				   __ATOMIC_ACQUIRE) &
		 (1UL << PG_locked));
}

/* A page that was in use when it was taken is being read in again. */
static bool is_thrashing(const struct page *page)
{
	return PageWorkingset(page) && PageLocked(page) && !PageUptodate(page);
}

/*
 * Until bit is clear; lock: until PG_locked is ours. PG_waiters is set before
 * the last look at the bit, and who clears it reads PG_waiters in the same
 * atomic step: no wake-up is lost.
 */
static void wait_for_page(struct page *page, unsigned int bit, bool lock)
{
	wait_queue_head_t *wq = page_waitqueue(page);
	struct psi_stall stall = { .task = NULL };
	DEFINE_WAIT(wait);

	if (is_thrashing(page))
		psi_memstall_enter(&stall);
	for (;;) {
		prepare_to_wait(wq, &wait, TASK_UNINTERRUPTIBLE);
		SetPageWaiters(page);
		smp_mb();
		if (lock ? trylock_page(page) : !test_bit(bit, &page->flags))
			break;
		io_schedule_timeout_ns(U64_MAX);
	}
	finish_wait(wq, &wait);
	psi_memstall_leave(&stall);
	smp_mb(); /* what the bit's owner wrote is seen after the bit */
}

void __lock_page(struct page *page)
{
	wait_for_page(page, PG_locked, true);
}

void wait_on_page_bit(struct page *page, unsigned int bit)
{
	wait_for_page(page, bit, false);
}

/* Clear bit and tell those who wait, for whatever bit it is. */
static inline void clear_and_wake(struct page *page, unsigned int bit)
{
	unsigned long old = __atomic_fetch_and(
		&page->flags, ~((1UL << bit) | (1UL << PG_waiters)),
		__ATOMIC_RELEASE);

	VM_BUG_ON_PAGE(!(old & (1UL << bit)), page);
	if (unlikely(old & (1UL << PG_waiters)))
		wake_up_all(page_waitqueue(page));
}

void unlock_page(struct page *page)
{
	clear_and_wake(page, PG_locked);
}

/* ---- objects ------------------------------------------------------------- */

static void *node_alloc(gfp_t gfp)
{
	return kmem_cache_alloc(node_cache, gfp);
}

static void node_free(void *node)
{
	kmem_cache_free(node_cache, node);
}

const struct xa_alloc page_tree_alloc = {
	.alloc = node_alloc,
	.free = node_free,
};

const struct xa_alloc file_tree_alloc = {
	.alloc = node_alloc,
	.free = node_free,
	.only_values = workingset_list_node,
};

const struct xa_alloc swap_tree_alloc = {
	.alloc = node_alloc,
	.free = node_free,
	.only_values = workingset_list_node,
};

/* A node cannot be waited for under a lock, so it is done before it. */
bool page_tree_stock(gfp_t gfp)
{
	void *node = kmem_cache_alloc(node_cache, gfp & GFP_RECLAIM_MASK);

	if (node)
		kmem_cache_free(node_cache, node);
	return node;
}

void pagecache_init(void)
{
	node_cache = kmem_cache_create("radix_tree_node", XA_NODE_SIZE, 0,
				       SLAB_PANIC | SLAB_RECLAIM_ACCOUNT, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(page_wait_table); i++)
		init_waitqueue_head(&page_wait_table[i]);
}

void address_space_init(struct address_space *mapping, void *host,
			const struct address_space_operations *a_ops, gfp_t gfp,
			unsigned long flags)
{
	mapping->host = host;
	xa_init(&mapping->i_pages, flags & (1UL << AS_SHMEM) ?
					   &page_tree_alloc :
					   &file_tree_alloc);
	spin_lock_init(&mapping->lock);
	mapping->nrpages = 0;
	mapping->nrswapped = 0;
	INIT_LIST_HEAD(&mapping->swapped);
	mapping->swap_users = 0;
	mapping->a_ops = a_ops;
	mapping->gfp = gfp ? gfp : GFP_HIGHUSER;
	mapping->flags = flags;
	mapping->wb_err = 0;
	file_ra_state_init(&mapping->mmap_ra);
	init_rwsem(&mapping->i_mmap_rwsem);
	mapping->i_mmap = RB_ROOT;
	mapping->private_data = NULL;
}

void address_space_destroy(struct address_space *mapping)
{
	BUG_ON(mapping->i_mmap.rb_node);
	truncate_inode_pages_range(mapping, 0, -1);
	if (mapping_is_shmem(mapping)) /* no page is left to be swapped out */
		shmem_forget_swapped(mapping);
	/* Who has erased the last shadow is still about to unlock. */
	spin_lock(&mapping->lock);
	spin_unlock(&mapping->lock);
	BUG_ON(mapping->nrpages || !xa_empty(&mapping->i_pages));
}

/* ---- entering and leaving the cache -------------------------------------- */

static int charge(struct address_space *mapping)
{
	return mapping->a_ops->charge ? mapping->a_ops->charge(mapping, 1) : 0;
}

static void uncharge(struct address_space *mapping)
{
	if (mapping->a_ops->uncharge)
		mapping->a_ops->uncharge(mapping, 1);
}

static void count_cached(struct page *page, long delta, bool shmem)
{
	mod_node_page_state(page_pgdat(page), NR_FILE_PAGES, delta);
	if (shmem)
		mod_node_page_state(page_pgdat(page), NR_SHMEM, delta);
}

/* A value makes way, but for one that says where a page is. */
static int tree_store(struct address_space *mapping, struct page *page,
		      pgoff_t index, void **shadow)
{
	void *old = xa_load(&mapping->i_pages, index);

	if (old && (!xa_is_value(old) || mapping_is_shmem(mapping)))
		return -EEXIST;
	*shadow = old;
	return xa_store(&mapping->i_pages, index, page,
			GFP_NOWAIT | __GFP_NOWARN);
}

static int tree_insert(struct address_space *mapping, struct page *page,
		       pgoff_t index, gfp_t gfp, void **shadow)
{
	int err;

	for (;;) {
		spin_lock(&mapping->lock);
		err = tree_store(mapping, page, index, shadow);
		if (!err)
			break;
		spin_unlock(&mapping->lock);
		if (err != -ENOMEM || !gfpflags_allow_blocking(gfp))
			return err;
		if (!page_tree_stock(gfp))
			return -ENOMEM;
	}
	page->mapping = mapping;
	page->index = index;
	mapping->nrpages++;
	spin_unlock(&mapping->lock);
	return 0;
}

int add_to_page_cache(struct page *page, struct address_space *mapping,
		      pgoff_t index, gfp_t gfp)
{
	bool shmem = mapping_is_shmem(mapping);
	void *shadow = NULL;
	int err;

	VM_BUG_ON_PAGE(!PageLocked(page) || page->mapping, page);
	err = charge(mapping);
	if (err)
		return err;
	if (shmem)
		SetPageSwapBacked(page);
	get_page(page);
	err = tree_insert(mapping, page, index, gfp, &shadow);
	if (err) {
		put_page(page);
		uncharge(mapping);
		return err;
	}
	count_cached(page, 1, shmem);
	if (unlikely(shadow))
		workingset_refault(page, shadow);
	lru_cache_add(page);
	return 0;
}

static void count_dirty(struct page *page, long delta)
{
	mod_node_page_state(page_pgdat(page), NR_FILE_DIRTY, delta);
	mod_zone_page_state(page_zone(page), NR_ZONE_WRITE_PENDING, delta);
}

/* Page leaves the tree, a shadow (or NULL) stays. => mapping->lock held */
static void tree_remove(struct address_space *mapping, struct page *page,
			void *shadow)
{
	pgoff_t index = page->index;

	VM_BUG_ON_PAGE(PageWriteback(page) || page_mapped(page), page);
	if (xa_get_mark(&mapping->i_pages, index, PAGECACHE_TAG_DIRTY))
		count_dirty(page, -1);
	for (xa_mark_t m = PAGECACHE_TAG_DIRTY; m <= PAGECACHE_TAG_TOWRITE; m++)
		if (xa_marked(&mapping->i_pages, m))
			xa_clear_mark(&mapping->i_pages, index, m);
	BUG_ON(xa_load(&mapping->i_pages, index) != page);
	if (!shadow || xa_store(&mapping->i_pages, index, shadow, 0))
		xa_erase(&mapping->i_pages, index);
	page->mapping = NULL;
	page->private = 0; /* what the store kept there */
	mapping->nrpages--;
	ClearPageDirty(page);
}

/* page has left mapping: the rest, without the lock */
static void forget_cached(struct address_space *mapping, struct page *page)
{
	count_cached(page, -1, mapping_is_shmem(mapping));
	uncharge(mapping);
}

/* => false: mapped meanwhile, or dirty and to be kept; nothing was done */
bool remove_from_page_cache(struct page *page, bool keep_dirty)
{
	struct address_space *mapping = page->mapping;

	VM_BUG_ON_PAGE(!PageLocked(page) || !mapping, page);
	wait_on_page_writeback(page);
	spin_lock(&mapping->lock);
	if (page_mapped(page) || (keep_dirty && PageDirty(page))) {
		spin_unlock(&mapping->lock);
		return false;
	}
	tree_remove(mapping, page, NULL);
	spin_unlock(&mapping->lock);
	forget_cached(mapping, page);
	put_page(page);
	return true;
}

void delete_from_page_cache(struct page *page)
{
	bool gone = remove_from_page_cache(page, false);

	BUG_ON(!gone);
}

/*
 * With the count frozen at the two known references nobody can find the page;
 * a writer would have set PG_dirty before it dropped its reference.
 */
bool remove_mapping(struct address_space *mapping, struct page *page,
		    void *shadow)
{
	VM_BUG_ON_PAGE(!PageLocked(page), page);
	spin_lock(&mapping->lock);
	if (page->mapping != mapping || !page_ref_freeze(page, 2)) {
		spin_unlock(&mapping->lock);
		return false;
	}
	if (PageDirty(page) || PageWriteback(page)) {
		page_ref_unfreeze(page, 2);
		spin_unlock(&mapping->lock);
		return false;
	}
	/* In shared memory a value would be a swap entry. */
	tree_remove(mapping, page, mapping_is_shmem(mapping) ? NULL : shadow);
	page_ref_unfreeze(page, 1);
	spin_unlock(&mapping->lock);
	forget_cached(mapping, page);
	return true;
}

/* ---- dirty pages and write-back ------------------------------------------ */

/*
 * The order is: modify, then look at PG_dirty. Who clears it writes what the
 * page holds afterwards, so that a modification is never taken for written.
 */
bool set_page_dirty(struct page *page)
{
	struct address_space *mapping = page_mapping_file(page);
	bool newly;

	if (!mapping || !mapping_can_writeback(mapping))
		return !PageDirty(page) && !TestSetPageDirty(page);
	smp_mb(); /* the modification, before the look */
	if (PageDirty(page))
		return false;
	spin_lock(&mapping->lock);
	newly = page->mapping == mapping && !TestSetPageDirty(page);
	if (newly) {
		xa_set_mark(&mapping->i_pages, page->index,
			    PAGECACHE_TAG_DIRTY);
		count_dirty(page, 1);
	}
	spin_unlock(&mapping->lock);
	if (newly) {
		inc_node_page_state(page, NR_DIRTIED);
		if (mapping->a_ops->dirtied)
			mapping->a_ops->dirtied(mapping);
	}
	return newly;
}

bool clear_page_dirty_for_io(struct page *page)
{
	struct address_space *mapping = page_mapping_file(page);
	bool was;

	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (!mapping || !mapping_can_writeback(mapping))
		return TestClearPageDirty(page);
	page_mkclean(page);
	spin_lock(&mapping->lock);
	was = TestClearPageDirty(page);
	if (was) {
		xa_clear_mark(&mapping->i_pages, page->index,
			      PAGECACHE_TAG_DIRTY);
		count_dirty(page, -1);
	}
	spin_unlock(&mapping->lock);
	return was;
}

void set_page_writeback(struct page *page)
{
	struct address_space *mapping = page_mapping_file(page);

	VM_BUG_ON_PAGE(!PageLocked(page) || PageWriteback(page), page);
	if (mapping) {
		spin_lock(&mapping->lock);
		SetPageWriteback(page);
		xa_set_mark(&mapping->i_pages, page->index,
			    PAGECACHE_TAG_WRITEBACK);
		xa_clear_mark(&mapping->i_pages, page->index,
			      PAGECACHE_TAG_TOWRITE);
		spin_unlock(&mapping->lock);
	} else {
		SetPageWriteback(page);
	}
	inc_node_page_state(page, NR_WRITEBACK);
	mod_zone_page_state(page_zone(page), NR_ZONE_WRITE_PENDING, 1);
}

void end_page_writeback(struct page *page)
{
	struct address_space *mapping = page_mapping_file(page);

	if (mapping) {
		spin_lock(&mapping->lock);
		xa_clear_mark(&mapping->i_pages, page->index,
			      PAGECACHE_TAG_WRITEBACK);
		spin_unlock(&mapping->lock);
	}
	dec_node_page_state(page, NR_WRITEBACK);
	mod_zone_page_state(page_zone(page), NR_ZONE_WRITE_PENDING, -1);
	inc_node_page_state(page, NR_WRITTEN);
	get_page(page); /* truncate may free it once the bit is clear */
	clear_and_wake(page, PG_writeback);
	if (TestClearPageReclaim(page))
		rotate_reclaimable_page(page);
	acct_reclaim_writeback();
	put_page(page);
}

/* ---- finding ------------------------------------------------------------- */

struct page *find_get_page(struct address_space *mapping, pgoff_t index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = xa_load(&mapping->i_pages, index);
	if (unlikely(xa_is_value(page)))
		page = NULL;
	if (page)
		page_ref_inc(page);
	spin_unlock(&mapping->lock);
	return page;
}

struct page *find_get_swapped_page(struct address_space *mapping, pgoff_t index,
				   bool *major)
{
	for (;;) {
		struct page *page = find_get_page(mapping, index);

		if (likely(page) || likely(!READ_ONCE(mapping->nrswapped)))
			return page;
		page = shmem_swapin(mapping, index, major);
		if (!IS_ERR(page) || PTR_ERR(page) != -EAGAIN)
			return page;
	}
}

struct page *find_lock_page(struct address_space *mapping, pgoff_t index)
{
	for (;;) {
		struct page *page = find_get_page(mapping, index);

		if (!page)
			return NULL;
		lock_page(page);
		if (likely(page->mapping == mapping))
			return page;
		unlock_page(page);
		put_page(page);
	}
}

struct page *new_cache_page(struct address_space *mapping, pgoff_t index,
			    gfp_t gfp)
{
	struct page *page = alloc_page(gfp);
	int err;

	if (!page)
		return ERR_PTR(-ENOMEM);
	__SetPageLocked(page);
	err = add_to_page_cache(page, mapping, index, gfp & ~__GFP_ZERO);
	if (!err)
		return page;
	__ClearPageLocked(page);
	put_page(page);
	return ERR_PTR(err);
}

/* page is locked and not uptodate; unlocks it. => 0 or -errno */
static int fill_page(struct address_space *mapping, struct page *page)
{
	int err = mapping->a_ops->readpage(mapping, page);

	if (err)
		return err;
	wait_on_page_locked(page);
	return PageUptodate(page) ? 0 : -EIO;
}

/* The page was there, but perhaps is being read or has been truncated. */
static int make_uptodate(struct address_space *mapping, struct page *page,
			 bool *major)
{
	lock_page(page);
	if (page->mapping != mapping) {
		unlock_page(page);
		return -EAGAIN;
	}
	if (PageUptodate(page)) {
		unlock_page(page);
		return 0;
	}
	*major = true;
	return fill_page(mapping, page);
}

static struct page *make_page(struct address_space *mapping, pgoff_t index,
			      bool *major)
{
	bool zero = !mapping->a_ops->readpage;
	struct page *page = new_cache_page(
		mapping, index, mapping->gfp | (zero ? __GFP_ZERO : 0));
	int err;

	if (IS_ERR(page))
		return page;
	if (zero) {
		SetPageUptodate(page);
		unlock_page(page);
		return page;
	}
	*major = true;
	err = fill_page(mapping, page);
	if (!err)
		return page;
	put_page(page);
	return ERR_PTR(err);
}

struct page *mapping_get_page(struct address_space *mapping, pgoff_t index,
			      bool *major)
{
	for (;;) {
		struct page *page =
			find_get_swapped_page(mapping, index, major);
		int err;

		if (IS_ERR(page))
			return page;
		if (!page) {
			page = make_page(mapping, index, major);
			if (!IS_ERR(page) || PTR_ERR(page) != -EEXIST)
				return page;
			continue;
		}
		if (likely(PageUptodate(page)))
			return page;
		err = make_uptodate(mapping, page, major);
		if (!err)
			return page;
		put_page(page);
		if (err != -EAGAIN)
			return ERR_PTR(err);
	}
}

struct page *read_mapping_page(struct address_space *mapping, pgoff_t index)
{
	bool major;

	return mapping_get_page(mapping, index, &major);
}
