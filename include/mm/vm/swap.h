/* SPDX-License-Identifier: MIT */
/*
 * Swap: pages of memory that no file stands behind (anonymous, tmpfs, shared)
 * have a slot on disk while memory is short.
 *
 *	PTE   [page] --add_to_swap()--------> the page is in the swap cache, too
 *	      [swap entry] <--try_to_unmap()--    slot <--> page
 *	      [swap entry]               page written, dropped: only the slot
 *	PTE   [page] <--do_swap_page()-----  read in again, into the swap cache
 *
 * A swap entry names an area and a slot in it. Each slot counts who refers to
 * it (PTEs, shared memory objects) and knows whether the swap cache holds a
 * page for it; it is free when neither is so.
 *
 * A page in the swap cache has PG_swapcache and PG_swapbacked, its entry in
 * page->private, and one reference for the cache. page->mapping stays that of
 * an anonymous page (its anon_vma); a page of shared memory has none.
 * PG_swapcache changes with the page locked.
 *
 * Locks: page lock > ptl > mapping->lock > swap_lock > si->lock. Unless said
 * otherwise functions take their locks themselves and do not sleep.
 */
#ifndef _MM_VM_SWAP_H
#define _MM_VM_SWAP_H

#include <asm/pgtable.h>
#include <lib/types.h>
#include <lib/xarray.h>
#include <mm/phys/page.h>

struct bio;
struct mm_struct;
struct vm_area_struct;
struct vm_fault;

/* --- entries --- */

typedef struct {
	unsigned long val; /* type << 58 | offset: also fits an xarray value */
} swp_entry_t;

#define SWP_ENTRY_SHIFT 58

static inline swp_entry_t swp_entry(unsigned int type, unsigned long offset)
{
	return (swp_entry_t){ (unsigned long)type << SWP_ENTRY_SHIFT | offset };
}

static inline unsigned int swp_type(swp_entry_t entry)
{
	return (unsigned int)(entry.val >> SWP_ENTRY_SHIFT);
}

static inline unsigned long swp_offset(swp_entry_t entry)
{
	return entry.val & ((UL(1) << SWP_ENTRY_SHIFT) - 1);
}

static inline bool is_swap_pte(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}

static inline swp_entry_t pte_to_swp_entry(pte_t pte)
{
	return swp_entry(pte_swp_type(pte), pte_swp_offset(pte));
}

static inline pte_t swp_entry_to_pte(swp_entry_t entry)
{
	return swp_pte(swp_type(entry), swp_offset(entry));
}

/* What stands for a page of shared memory that is in swap. */
static inline void *swp_to_radix_entry(swp_entry_t entry)
{
	return xa_mk_value(entry.val);
}

static inline swp_entry_t radix_to_swp_entry(const void *value)
{
	return (swp_entry_t){ xa_to_value(value) };
}

/*
 * The last type is no area: it stands for a page that could not be read when
 * its area was taken away. Whoever touches it gets SIGBUS.
 */
#define MAX_SWAPFILES  27U
#define SWP_TYPE_ERROR ((1U << SWP_TYPE_BITS) - 1)

static inline bool is_swapin_error_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_TYPE_ERROR;
}

/* What an entry counts in MM_SWAPENTS; one for a lost page has no slot. */
static inline int swap_pte_count(pte_t pte)
{
	return pte_swp_type(pte) != SWP_TYPE_ERROR;
}

/* --- slots (swapfile.c) --- */

extern unsigned long total_swap_pages;
extern int sysctl_page_cluster; /* log2 of the pages read at once, at most */
/* => free slots of all areas */
unsigned long get_nr_swap_pages(void);
/* More than half of swap is in use: then copies of pages are not kept there. */
bool vm_swap_full(void);

/* One more reference to a slot that has some. => 0, -ENOMEM: too many */
int swap_duplicate(swp_entry_t entry);
/* One less; the last one frees the slot, if the cache does not hold it. */
void swap_free(swp_entry_t entry);
/* The same, and a page that nobody maps leaves the cache with it, perhaps. */
void free_swap_and_cache(swp_entry_t entry);
/* => references to the slot, without that of the cache */
int swp_swapcount(swp_entry_t entry);
/* The same for the slot of page; 0 if it has none. */
static inline int page_swapcount(const struct page *page)
{
	return PageSwapCache(page) ?
		       swp_swapcount((swp_entry_t){ page_private(page) }) :
		       0;
}

/* --- the swap cache (swap_state.c) --- */

/*
 * Give page a slot. => 0: in the swap cache and dirty; -ENOMEM: no slot, or
 * no memory; page is locked, uptodate, in no cache
 */
int add_to_swap(struct page *page);
/* The other way. => page is locked, no slot's last hold of its content */
void delete_from_swap_cache(struct page *page);
/*
 * A page that memory is wanted from leaves the cache for good, with its
 * reference. shadow may be NULL.
 * => false: others refer to it, or it is dirty or mapped. page is locked; the
 *    caller's reference stays
 */
bool remove_from_swap_cache(struct page *page, void *shadow);
/* => the page with a reference, or NULL */
struct page *lookup_swap_cache(swp_entry_t entry);
/*
 * Free the slot of a page if nobody refers to it. => true: page is dirty and
 * in the cache no more; page is locked
 */
bool try_to_free_swap(struct page *page);
/* Try that for a page whose last mapping is gone, if its lock is free. */
void free_swap_cache(struct page *page);
/*
 * May the only one who maps page write to it? Then it is in the cache no
 * more, or being written out. => page is locked
 */
bool reuse_swap_page(struct page *page);

/* --- to disk and back (page_io.c) --- */

/*
 * Write a page of the swap cache to its slot: it is locked, and no more when
 * this returns; PG_dirty has been cleared, PG_writeback is set until it is
 * done. Neighbours may wait in *plug for each other, which begins as NULL:
 * swap_unplug() sends them off. plug NULL: at once.
 * => 0; may sleep for a bio
 */
int swap_writepage(struct page *page, struct bio **plug);
void swap_unplug(struct bio **plug);
/*
 * The same for a page of shared memory: it moves from the page cache to the
 * swap cache first. => 0: unlocked and on its way; -ENOMEM: no slot; -EBUSY:
 * it is mapped. Then it is still locked, and dirty
 */
int shmem_writepage(struct page *page, struct bio **plug);

/* --- page tables --- */

/*
 * page, in the swap cache, locked and anonymous, leaves this slot of vma's,
 * which has been cleared and flushed: its swap entry takes the place.
 * => 0, -ENOMEM: put the old entry back; ptl held. The mapping's count and
 *    reference are the caller's to drop.
 */
int swap_out_pte(struct vm_area_struct *vma, pte_t *ptep, struct page *page);

/* --- areas (swapfile.c) --- */

#define SWAP_FLAG_PREFER	0x8000 /* the priority is given */
#define SWAP_FLAG_PRIO_MASK	0x7fff
#define SWAP_FLAG_DISCARD	0x10000
#define SWAP_FLAG_DISCARD_ONCE	0x20000 /* the whole area, now */
#define SWAP_FLAG_DISCARD_PAGES 0x40000
#define SWAP_FLAGS_VALID                                              \
	(SWAP_FLAG_PRIO_MASK | SWAP_FLAG_PREFER | SWAP_FLAG_DISCARD | \
	 SWAP_FLAG_DISCARD_ONCE | SWAP_FLAG_DISCARD_PAGES)

struct address_space;
struct block_device;

/* What an area lies on; the caller keeps it open and in its place. */
struct swap_backing {
	struct block_device *bdev;
	struct address_space *mapping; /* of the device, or of the file */
	u64 pages;
	/*
	 * Where on bdev is this page of the file? => 0, -EINVAL: nowhere,
	 * -EAGAIN: not in one piece, -EIO. NULL: it is a device
	 */
	int (*map_page)(struct address_space *mapping, pgoff_t index,
			u64 *sector);
};

/*
 * One call of this or the next at a time.
 * => the area's type; -EBUSY: it is one already, -EINVAL: it has no good
 *    header, -EPERM: too many, -ENOMEM, -EIO; may sleep
 */
int swap_on(const struct swap_backing *b, int flags, const char *name);
/*
 * => the type of what was an area; -EINVAL: it was none, -ENOMEM, -EINTR: it
 *    still is one
 */
int swap_off(const struct address_space *mapping);

struct swap_area_info {
	unsigned long pages, inuse;
	int prio;
};
struct swap_totals {
	unsigned long slots, cached; /* in use; with a page in the cache */
	unsigned long refs, entries; /* by the maps; by who has them */
};
/* Invariant walker: => true if the books agree; else prints. May sleep */
bool swap_check(struct swap_totals *t);

/* => false: no area has this type */
bool swap_area_info(unsigned int type, struct swap_area_info *info);

#endif
