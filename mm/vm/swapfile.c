// SPDX-License-Identifier: MIT
/*
 * Swap areas come and go: swapon(2) and swapoff(2).
 *
 *	page 0 of an area, as mkswap(8) writes it
 *	   1024  version 1, last page, number of bad pages, uuid, label
 *	   1536  the bad pages
 *	   4086  "SWAPSPACE2"
 *
 * The header is data from outside: each number is checked against what the
 * device has. An area on a file is a list of extents, found once; the file
 * system is not asked again, so the file must not move (S_SWAPFILE).
 *
 * swapoff gives out no more slots, then looks for each page where it may be
 * wanted (shared memory, the page tables of all processes), until no slot is
 * in use. If memory runs out on the way, the area is as before.
 *
 * Locks: the caller's mutex, one call at a time; below it all of mm's.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <lib/bitmap.h>
#include <lib/byteorder.h>
#include <lib/err.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/swap_area.h>
#include <sched/blkdev.h>
#include <sched/sched.h>

#define SECTORS_PER_PAGE (PAGE_SIZE >> SECTOR_SHIFT)

struct swap_header {
	u8 boot[1024];
	u32 version, last_page, nr_badpages;
	u8 uuid[16], label[16];
	u32 padding[117];
	u32 badpages[637];
	u8 unused[2];
	char magic[10];
};

static_assert(sizeof(struct swap_header) == PAGE_SIZE);

static int least_prio = -1;

/* ---- the header ---------------------------------------------------------- */

static bool has_signature(const struct swap_header *h)
{
	if (!memcmp(h->magic, "SWAPSPACE2", 10))
		return true;
	pr_err("Unable to find swap-space signature\n");
	return false;
}

/* An area from a machine of the other byte order. */
static void swap_bytes(struct swap_header *h)
{
	h->version = swab32(h->version);
	h->last_page = swab32(h->last_page);
	h->nr_badpages = swab32(h->nr_badpages);
	for (size_t i = 0; i < ARRAY_SIZE(h->badpages); i++)
		h->badpages[i] = swab32(h->badpages[i]);
}

/* => slots, the header's included; 0: no good. have: pages there are */
static unsigned long check_header(struct swap_header *h, bool is_file, u64 have)
{
	if (!has_signature(h))
		return 0;
	if (swab32(h->version) == 1)
		swap_bytes(h);
	if (h->version != 1) {
		pr_warn("Unable to handle swap header version %d\n",
			h->version);
		return 0;
	}
	if (!h->last_page) {
		pr_warn("Empty swap-file\n");
		return 0;
	}
	if (h->last_page >= have) {
		pr_warn("Swap area shorter than signature indicates\n");
		return 0;
	}
	if (h->nr_badpages > (is_file ? 0 : ARRAY_SIZE(h->badpages)))
		return 0;
	return h->last_page + 1UL;
}

/* => 0, -EINVAL: a bad page outside the area */
static int mark_bad_pages(struct swap_info_struct *si,
			  const struct swap_header *h)
{
	for (u32 i = 0; i < h->nr_badpages; i++) {
		u32 slot = h->badpages[i];

		if (!slot || slot > h->last_page)
			return -EINVAL;
		si->map[slot] = SWAP_MAP_BAD;
	}
	return 0;
}

/* ---- where it lies ------------------------------------------------------- */

/* Slot begins at sector: the last extent grows, or there is one more. */
static int add_extent(struct swap_info_struct *si, unsigned long slot,
		      u64 sector, unsigned int *room)
{
	struct swap_extent *e = si->extents + si->nr_extents - 1, *more;

	if (si->nr_extents && e->start + e->nr == slot &&
	    e->sector + e->nr * SECTORS_PER_PAGE == sector) {
		e->nr++;
		return 0;
	}
	if (si->nr_extents == *room) {
		*room = max(2 * *room, 8U);
		more = kvmalloc(*room * sizeof(*more), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		if (si->nr_extents)
			memcpy(more, si->extents,
			       si->nr_extents * sizeof(*more));
		kvfree(si->extents);
		si->extents = more;
	}
	si->extents[si->nr_extents++] = (struct swap_extent){
		.start = slot, .nr = 1, .sector = sector
	};
	return 0;
}

/* A page of the file that is not in one piece is no slot for anybody. */
static int find_extents(struct swap_info_struct *si,
			const struct swap_backing *b, unsigned long max)
{
	unsigned int room = 0;
	int err = 0;

	if (!b->map_page) {
		si->extents = kvmalloc(sizeof(*si->extents), GFP_KERNEL);
		if (!si->extents)
			return -ENOMEM;
		*si->extents = (struct swap_extent){ .nr = max };
		si->nr_extents = 1;
		return 0;
	}
	for (unsigned long slot = 0; slot < max && !err; slot++) {
		u64 sector;

		err = b->map_page(b->mapping, slot, &sector);
		if (!err) {
			err = add_extent(si, slot, sector, &room);
		} else if (err == -EAGAIN) {
			si->map[slot] = SWAP_MAP_BAD;
			err = 0;
		} else if (err == -EINVAL) {
			pr_err("swapon: swapfile has holes\n");
		}
		cond_resched();
	}
	return err;
}

static void discard_all(const struct swap_info_struct *si)
{
	for (unsigned int i = 0; i < si->nr_extents; i++) {
		const struct swap_extent *e = &si->extents[i];
		u64 skip = e->start ? 0 : SECTORS_PER_PAGE; /* the header */

		if (blkdev_issue_discard(si->bdev, e->sector + skip,
					 e->nr * SECTORS_PER_PAGE - skip))
			return;
	}
}

/* ---- swapon -------------------------------------------------------------- */

static void free_area(struct swap_info_struct *si)
{
	kvfree(si->map);
	kvfree(si->used);
	kvfree(si->extents);
	si->map = NULL;
	si->used = NULL;
	si->extents = NULL;
	si->nr_extents = 0;
	si->mapping = NULL;
}

/* Everything but giving slots out. => 0 or -errno; free_area() is the undo */
static int setup_area(struct swap_info_struct *si, const struct swap_backing *b,
		      struct swap_header *h)
{
	unsigned long max = check_header(h, b->map_page, b->pages);
	int err;

	if (!max)
		return -EINVAL;
	si->map = kvzalloc(max * sizeof(*si->map), GFP_KERNEL);
	si->used = kvzalloc(BITS_TO_LONGS(max) * sizeof(long), GFP_KERNEL);
	if (!si->map || !si->used)
		return -ENOMEM;
	err = mark_bad_pages(si, h);
	if (!err)
		err = find_extents(si, b, max);
	if (err)
		return err;
	si->map[0] = SWAP_MAP_BAD;
	si->pages = 0;
	for (unsigned long i = 0; i < max; i++) {
		if (si->map[i])
			set_bit(i, si->used);
		else
			si->pages++;
	}
	if (!si->pages) {
		pr_warn("Empty swap-file\n");
		return -EINVAL;
	}
	si->bdev = b->bdev;
	si->mapping = b->mapping;
	si->inuse = 0;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		si->next[cpu] = SWAP_CLUSTER;
	si->scattered = false;
	spin_lock(&si->lock);
	si->max = max;
	spin_unlock(&si->lock);
	return 0;
}

/* => the area on mapping (NULL: one that is free), or NULL */
static struct swap_info_struct *find_area(const struct address_space *mapping)
{
	for (unsigned int i = 0; i < MAX_SWAPFILES; i++)
		if (swap_info[i].mapping == mapping)
			return &swap_info[i];
	return NULL;
}

static int read_and_setup(struct swap_info_struct *si,
			  const struct swap_backing *b)
{
	struct page *page = read_mapping_page(b->mapping, 0);
	struct swap_header *h;
	int err = -ENOMEM;

	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	h = kmalloc(sizeof(*h), GFP_KERNEL);
	if (h) {
		memcpy(h, page_address(page), sizeof(*h));
		err = setup_area(si, b, h);
		kfree(h);
	}
	put_page(page);
	if (err)
		free_area(si);
	return err;
}

static void report_area(const struct swap_info_struct *si, const char *name,
			bool discard)
{
	const struct swap_extent *last = &si->extents[si->nr_extents - 1];
	u64 low = si->extents[0].sector, high = 0;

	for (const struct swap_extent *e = si->extents; e <= last; e++) {
		low = min(low, e->sector);
		high = max(high, e->sector + e->nr * SECTORS_PER_PAGE);
	}
	pr_info("Adding %luk swap on %s.  Priority:%d extents:%u across:%lluk %s\n",
		si->pages << (PAGE_SHIFT - 10), name, si->prio, si->nr_extents,
		si->nr_extents == 1 ? (u64)si->pages << (PAGE_SHIFT - 10) :
				      (high - low) >> 1,
		discard ? "Ds" : "");
}

int swap_on(const struct swap_backing *b, int flags, const char *name)
{
	struct swap_info_struct *si;
	bool discard;
	int err;

	err = find_area(b->mapping) ? -EBUSY : -EPERM;
	si = find_area(NULL);
	if (si && err != -EBUSY)
		err = read_and_setup(si, b);
	if (!err) {
		discard = (flags & SWAP_FLAG_DISCARD) &&
			  b->bdev->bd_max_discard;
		if (discard && (flags & (SWAP_FLAG_DISCARD_ONCE |
					 SWAP_FLAG_DISCARD_PAGES)) !=
				       SWAP_FLAG_DISCARD_PAGES)
			discard_all(si);
		si->prio = flags & SWAP_FLAG_PREFER ?
				   flags & SWAP_FLAG_PRIO_MASK :
				   --least_prio;
		report_area(si, name, discard);
		swap_enable(si);
	}
	return err ? err : (int)si->type;
}

/* ---- swapoff ------------------------------------------------------------- */

/* Can all that is in the area be had in memory, or in other areas? */
static bool room_for(const struct swap_info_struct *si)
{
	unsigned long cache = global_node_page_state(NR_INACTIVE_FILE) +
			      global_node_page_state(NR_ACTIVE_FILE);

	return READ_ONCE(si->inuse) <=
	       nr_free_pages() + cache + get_nr_swap_pages();
}

/* Pages of the cache that no entry refers to any more. */
static void unuse_cache(struct swap_info_struct *si)
{
	unsigned long slot = 0;

	for (;;) {
		struct page *page;

		spin_lock(&si->lock);
		xa_for_each_start(&si->cache, slot, page,
				  slot) if (!xa_is_value(page)) break;
		if (page)
			page_ref_inc(page);
		spin_unlock(&si->lock);
		if (!page)
			return;
		lock_page(page);
		wait_on_page_writeback(page);
		if (PageSwapCache(page))
			try_to_free_swap(page);
		unlock_page(page);
		put_page(page);
		slot++;
		cond_resched();
	}
}

static int unuse(struct swap_info_struct *si)
{
	int err = 0;

	while (!err && READ_ONCE(si->inuse)) {
		err = shmem_unuse(si->type);
		if (!err)
			err = mm_unuse(si->type);
		if (!err)
			unuse_cache(si);
		if (!err && signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* The default priorities stay without gaps. */
static void close_gap(int prio)
{
	if (prio >= 0)
		return;
	least_prio++;
	for (unsigned int i = 0; i < MAX_SWAPFILES; i++)
		if (swap_info[i].mapping && swap_info[i].prio < prio)
			swap_info[i].prio++;
}

static int take_away(struct swap_info_struct *si)
{
	int err;

	if (vm_enough_memory(NULL, si->pages))
		return -ENOMEM;
	vm_unacct_memory(si->pages);
	swap_disable(si);
	err = room_for(si) ? 0 : -ENOMEM;
	if (!err) {
		current->flags |= PF_SWAPOFF;
		err = unuse(si);
		current->flags &= ~PF_SWAPOFF;
	}
	if (err) {
		swap_enable(si);
		return err;
	}
	spin_lock(&si->lock);
	si->max = 0;
	BUG_ON(!xa_empty(&si->cache));
	spin_unlock(&si->lock);
	free_area(si);
	close_gap(si->prio);
	return 0;
}

int swap_off(const struct address_space *mapping)
{
	struct swap_info_struct *si = find_area(mapping);
	int err = si ? take_away(si) : -EINVAL;

	return err ? err : (int)si->type;
}

/* ---- looking ------------------------------------------------------------- */

bool swap_area_info(unsigned int type, struct swap_area_info *info)
{
	struct swap_info_struct *si = &swap_info[type];
	bool there;

	spin_lock(&si->lock);
	there = si->max;
	info->pages = si->pages;
	info->inuse = si->inuse;
	info->prio = si->prio;
	spin_unlock(&si->lock);
	return there;
}
