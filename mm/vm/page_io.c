// SPDX-License-Identifier: MIT
/*
 * Pages of the swap cache to disk and back, in bios.
 *
 *	out   slots given out in a row are written in one bio: it waits in the
 *	      caller's plug for the next page, and goes when that is elsewhere,
 *	      or when the bio is full, or when the caller is done
 *	in    the page that is wanted and its neighbours, one bio for each run
 *
 * A failed write leaves its pages dirty and in the cache; they are tried again
 * or never leave. A failed read leaves pages that are not uptodate: then the
 * one that is wanted is read alone (swapin.c), since the fault may be its
 * neighbour's.
 *
 * Locks: none but the pages'. The ends run in the device's thread.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <lib/types.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>
#include <sched/blkdev.h>

#define SECTORS_PER_PAGE (PAGE_SIZE >> SECTOR_SHIFT)

/* Where slot is on si->bdev. */
static u64 swap_sector(const struct swap_info_struct *si, unsigned long slot)
{
	unsigned int low = 0, high = si->nr_extents;
	const struct swap_extent *e;

	while (high - low > 1) {
		unsigned int mid = (low + high) / 2;

		if (si->extents[mid].start <= slot)
			low = mid;
		else
			high = mid;
	}
	e = &si->extents[low];
	BUG_ON(slot - e->start >= e->nr);
	return e->sector + (slot - e->start) * SECTORS_PER_PAGE;
}

static const struct swap_info_struct *area_of(const struct page *page,
					      u64 *sector)
{
	swp_entry_t entry = { page_private(page) };
	const struct swap_info_struct *si = &swap_info[swp_type(entry)];

	VM_BUG_ON_PAGE(!PageSwapCache(page), (struct page *)page);
	*sector = swap_sector(si, swp_offset(entry));
	return si;
}

static void report(const struct bio *bio, const char *what)
{
	dev_t dev = bio->bi_bdev->bd_dev;

	printk_ratelimited(KERN_ALERT "%s-error on swap-device (%u:%u:%llu)\n",
			   what, (unsigned int)(dev >> 20),
			   (unsigned int)dev & 0xfffff, bio->bi_sector);
}

/* Put page at the end of *plug; what does not fit is sent off first. */
static void add_to_plug(struct bio **plug, struct page *page, enum req_op op,
			void (*end_io)(struct bio *bio))
{
	u64 sector;
	const struct swap_info_struct *si = area_of(page, &sector);
	struct bio *bio = *plug;

	if (bio && bio->bi_bdev == si->bdev &&
	    bio->bi_sector + (bio->bi_size >> SECTOR_SHIFT) == sector &&
	    bio_add_page(bio, page, PAGE_SIZE, 0))
		return;
	swap_unplug(plug);
	bio = bio_alloc(si->bdev, op, sector);
	bio->bi_end_io = end_io;
	BUG_ON(!bio_add_page(bio, page, PAGE_SIZE, 0));
	*plug = bio;
}

void swap_unplug(struct bio **plug)
{
	if (*plug)
		submit_bio(*plug);
	*plug = NULL;
}

/* ---- out ----------------------------------------------------------------- */

static void end_swap_write(struct bio *bio)
{
	if (bio->bi_status)
		report(bio, "Write");
	for (unsigned int i = 0; i < bio->bi_vcnt; i++) {
		struct page *page = bio->bi_io_vec[i].bv_page;

		if (bio->bi_status) {
			SetPageError(page);
			set_page_dirty(page);
			ClearPageReclaim(page);
		}
		end_page_writeback(page);
	}
	bio_put(bio);
}

int swap_writepage(struct page *page, struct bio **plug)
{
	struct bio *now = NULL;

	if (try_to_free_swap(page)) { /* nobody wants it any more */
		unlock_page(page);
		return 0;
	}
	count_vm_event(PSWPOUT);
	set_page_writeback(page);
	add_to_plug(plug ? plug : &now, page, REQ_OP_WRITE, end_swap_write);
	unlock_page(page);
	swap_unplug(&now);
	return 0;
}

/* ---- in ------------------------------------------------------------------ */

static void end_swap_read(struct bio *bio)
{
	if (bio->bi_status)
		report(bio, "Read");
	for (unsigned int i = 0; i < bio->bi_vcnt; i++) {
		struct page *page = bio->bi_io_vec[i].bv_page;

		if (!bio->bi_status)
			SetPageUptodate(page);
		unlock_page(page);
	}
	bio_put(bio);
}

void swap_readpage(struct page *page, struct bio **plug)
{
	VM_BUG_ON_PAGE(!PageLocked(page) || PageUptodate(page), page);
	count_vm_event(PSWPIN);
	add_to_plug(plug, page, REQ_OP_READ, end_swap_read);
}
