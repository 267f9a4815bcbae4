// SPDX-License-Identifier: MIT
/*
 * How much may be dirty, and how dirty pages of one object are written.
 *
 *	free + file pages = what could be dirty
 *	   |- 20 % dirty_ratio -------------- writers wait
 *	   |- 15 % -------------------------- writers look
 *	   |- 10 % dirty_background_ratio --- the flusher works
 *	   0
 *
 * A page under write-back can be written to and become dirty again: it is
 * written once more then. Waiting is only for those who want to know that it
 * is on the disk.
 *
 * write_cache_pages() gathers neighbours in one bio. Whoever holds pages in an
 * unsent bio must not wait for anybody, who might wait for those pages: it is
 * sent off first.
 *
 * Locks: page lock, mapping->lock. Callers: fs_writeback.c, fsync, msync.
 */
#include <base/bug.h>
#include <base/percpu.h>
#include <mm/vm/internal.h>
#include <mm/vm/vmscan.h>
#include <mm/vm/writeback.h>
#include <sched/blkdev.h>
#include <sched/sched.h>

#define RATELIMIT_PAGES 32U
#define PAUSE_NS	10000000ULL

int dirty_background_ratio = 10, vm_dirty_ratio = 20;
unsigned long dirty_background_bytes, vm_dirty_bytes;

/* ---- limits -------------------------------------------------------------- */

static unsigned long dirtyable_memory(void)
{
	unsigned long free = nr_free_pages();
	unsigned long kept = min(free, totalreserve_pages());

	return free - kept + global_node_page_state(NR_INACTIVE_FILE) +
	       global_node_page_state(NR_ACTIVE_FILE) + 1;
}

void global_dirty_limits(unsigned long *background, unsigned long *dirty)
{
	unsigned long all = dirtyable_memory();

	*dirty = vm_dirty_bytes ? DIV_ROUND_UP(vm_dirty_bytes, PAGE_SIZE) :
				  all * (unsigned int)vm_dirty_ratio / 100;
	*background = dirty_background_bytes ?
			      DIV_ROUND_UP(dirty_background_bytes, PAGE_SIZE) :
			      all * (unsigned int)dirty_background_ratio / 100;
	if (*background >= *dirty)
		*background = *dirty / 2;
}

/* A fatal signal is not kept waiting. */
static void pause_for(u64 ns)
{
	set_current_state(TASK_KILLABLE);
	io_schedule_timeout_ns(ns);
}

static void balance_dirty_pages(void)
{
	for (;;) {
		unsigned long background, limit, dirty;

		global_dirty_limits(&background, &limit);
		dirty = global_node_page_state(NR_FILE_DIRTY);
		if (dirty > background && wakeup_flusher_threads)
			wakeup_flusher_threads();
		dirty += global_node_page_state(NR_WRITEBACK);
		if (dirty <= (background + limit) / 2 ||
		    (current->flags & PF_MEMALLOC) ||
		    fatal_signal_pending(current))
			return;
		if (dirty <= limit) {
			/* Slow down the more, the nearer to the limit. */
			u64 over = dirty - (background + limit) / 2;

			pause_for(PAUSE_NS * over / (limit - background + 1));
			return;
		}
		pause_for(PAUSE_NS);
	}
}

static DEFINE_PER_CPU(unsigned int, dirtied_pages);

void balance_dirty_pages_ratelimited(struct address_space *mapping)
{
	unsigned int *n = this_cpu_ptr(&dirtied_pages);

	if (!mapping_can_writeback(mapping) || ++*n < RATELIMIT_PAGES)
		return;
	*n = 0;
	balance_dirty_pages();
}

/* ---- errors -------------------------------------------------------------- */

/*
 * An errseq: 12 bits of error, one: whether anybody has seen it, and a
 * count, which need not go on as long as nobody has.
 */
#define WB_ERR_MASK 0xfffU
#define WB_ERR_SEEN 0x1000U
#define WB_ERR_ONE  0x2000U

void errseq_set(unsigned int *eseq, int err)
{
	unsigned int old, new;

	if (!err)
		return;
	do {
		old = READ_ONCE(*eseq);
		new = (old & WB_ERR_SEEN) ? old + WB_ERR_ONE : old;
		new = (new & ~(WB_ERR_MASK | WB_ERR_SEEN)) | (unsigned int)-err;
	} while (cmpxchg_relaxed(eseq, old, new) != old);
}

unsigned int errseq_sample(const unsigned int *eseq)
{
	unsigned int now = READ_ONCE(*eseq);

	return (now & WB_ERR_SEEN) ? now : 0;
}

int errseq_check_and_advance(unsigned int *eseq, unsigned int *seen)
{
	unsigned int now = READ_ONCE(*eseq);

	if (now == *seen)
		return 0;
	*seen = now | WB_ERR_SEEN;
	/* If another error comes now, that is for the next time. */
	cmpxchg_relaxed(eseq, now, *seen);
	return -(int)(now & WB_ERR_MASK);
}

/* ---- writing ------------------------------------------------------------- */

/* Send off what wbc has gathered. */
static void wbc_submit(struct writeback_control *wbc)
{
	if (wbc->bio)
		submit_bio(wbc->bio);
	wbc->bio = NULL;
}

/* The first page at or after *index with the mark, referenced, or NULL. */
static struct page *next_tagged(struct address_space *mapping,
				unsigned long *index, pgoff_t last,
				xa_mark_t tag)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = xa_find_marked(&mapping->i_pages, index, last, tag);
	if (page)
		page_ref_inc(page);
	spin_unlock(&mapping->lock);
	return page;
}

/*
 * All that is dirty now gets a mark of its own: else who writes faster than
 * the disk would keep sync() for ever.
 */
static void tag_pages_for_writeback(struct address_space *mapping,
				    pgoff_t first, pgoff_t last)
{
	unsigned long index;
	struct page *page;

	spin_lock(&mapping->lock);
	xa_for_each_range_marked(&mapping->i_pages, index, page, first, last,
				 PAGECACHE_TAG_DIRTY)
		xa_set_mark(&mapping->i_pages, index, PAGECACHE_TAG_TOWRITE);
	spin_unlock(&mapping->lock);
}

static int write_one(struct address_space *mapping, struct page *page,
		     struct writeback_control *wbc)
{
	if (!trylock_page(page)) {
		wbc_submit(wbc);
		lock_page(page);
	}
	if (PageWriteback(page) && wbc->sync_mode == WB_SYNC_ALL) {
		wbc_submit(wbc);
		wait_on_page_writeback(page);
	}
	if (page->mapping == mapping && !PageWriteback(page) &&
	    clear_page_dirty_for_io(page)) {
		wbc->nr_to_write--;
		return mapping->a_ops->writepage(mapping, page, wbc);
	}
	unlock_page(page);
	return 0;
}

int write_cache_pages(struct address_space *mapping,
		      struct writeback_control *wbc)
{
	bool all = wbc->sync_mode == WB_SYNC_ALL;
	xa_mark_t tag = all ? PAGECACHE_TAG_TOWRITE : PAGECACHE_TAG_DIRTY;
	unsigned long index = wbc->first;
	struct page *page;
	int err, first_err = 0;

	if (all)
		tag_pages_for_writeback(mapping, wbc->first, wbc->last);
	for (; (all || wbc->nr_to_write > 0) &&
	       (page = next_tagged(mapping, &index, wbc->last, tag));
	     index++) {
		err = write_one(mapping, page, wbc);
		put_page(page);
		if (err) {
			errseq_set(&mapping->wb_err, err);
			first_err = first_err ? first_err : err;
		}
		if (index == wbc->last)
			break;
		cond_resched();
	}
	wbc_submit(wbc);
	return first_err;
}

int filemap_fdatawrite_range(struct address_space *mapping, loff_t lstart,
			     loff_t lend, enum writeback_sync_modes mode)
{
	struct writeback_control wbc = {
		.sync_mode = mode,
		.nr_to_write = LONG_MAX,
		.first = (pgoff_t)lstart >> PAGE_SHIFT,
		.last = lend < 0 ? ULONG_MAX : (pgoff_t)lend >> PAGE_SHIFT,
	};

	if (!mapping_can_writeback(mapping) ||
	    !xa_marked(&mapping->i_pages, PAGECACHE_TAG_DIRTY))
		return 0;
	return write_cache_pages(mapping, &wbc);
}

void filemap_fdatawait_range(struct address_space *mapping, loff_t lstart,
			     loff_t lend)
{
	unsigned long index = (pgoff_t)lstart >> PAGE_SHIFT;
	pgoff_t last = lend < 0 ? ULONG_MAX : (pgoff_t)lend >> PAGE_SHIFT;
	struct page *page;

	while ((page = next_tagged(mapping, &index, last,
				   PAGECACHE_TAG_WRITEBACK))) {
		wait_on_page_writeback(page);
		put_page(page);
		if (index++ == last)
			break;
		cond_resched();
	}
}

int filemap_write_and_wait_range(struct address_space *mapping, loff_t lstart,
				 loff_t lend)
{
	unsigned int seen = errseq_sample(&mapping->wb_err);
	int err = filemap_fdatawrite_range(mapping, lstart, lend, WB_SYNC_ALL);

	filemap_fdatawait_range(mapping, lstart, lend);
	return err ? err : errseq_check_and_advance(&mapping->wb_err, &seen);
}
