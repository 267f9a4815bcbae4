/* SPDX-License-Identifier: MIT */
/*
 * A swap area and its slots, for the files of swap alone.
 *
 *	slot      0      1     2     3     4        max
 *	        header | .. | used |free| bad ..
 *	map[]    BAD     2     C|1   0    BAD       references, C: in the cache
 *	used      1      1     1     0     1        the same in a bit, to search
 *	cache           page  page                  by slot; or a shadow
 *
 * A slot that is free for others (map 0) has no page in the cache; its shadow
 * goes with it. One lock guards all of this, so each step is a whole one.
 *
 * Lock key: (l) lock, (s) swap_lock, (c) constant while the area is in use
 */
#ifndef _MM_VM_SWAP_AREA_H
#define _MM_VM_SWAP_AREA_H

#include <base/spinlock.h>
#include <lib/list.h>
#include <mm/vm/swap.h>

struct block_device;

#define SWAP_HAS_CACHE 0x8000U
#define SWAP_MAP_BAD   0x7fffU /* no slot for anybody */
#define SWAP_MAP_MAX   0x7ffeU /* references */
#define SWAP_CLUSTER   64UL    /* slots that are given out in a row */

struct swap_extent {
	unsigned long start, nr; /* slots */
	u64 sector;		 /* of the first one's start on bdev */
};

struct swap_info_struct {
	spinlock_t lock;
	unsigned int type;	/* (c) our place among the areas */
	bool writeok;		/* (l) slots may be given out */
	int prio;		/* (s) larger is used first */
	struct list_head avail; /* (s) in swap_avail, by prio; while writeok */
	unsigned long max;	/* (l) slots; 0: no area */
	unsigned long pages;	/* (c) of them to be had */
	unsigned long inuse;	/* (l) */
	unsigned long next[NR_CPUS]; /* (l) where to look for the next free one */
	bool scattered;		     /* (l) no whole cluster was free lately */
	u16 *map;		     /* (l) */
	unsigned long *used;	     /* (l) */
	struct xarray cache;	     /* (l) slot -> page, or what it was */
	struct block_device *bdev;   /* (c) */
	const struct address_space *mapping; /* (c) tells it from others */
	struct swap_extent *extents;	     /* (c) by start */
	unsigned int nr_extents;	     /* (c) */
};

extern struct swap_info_struct swap_info[MAX_SWAPFILES];

void swap_init(void);

/* => the locked area that entry lies in; NULL: there is none (any more) */
struct swap_info_struct *swap_lock_area(swp_entry_t entry);
/*
 * A free slot for page, and page in the cache under it, with a reference.
 * => 0, -ENOMEM
 */
int swap_alloc_slot(struct page *page);
/* The cache lets go of a slot. => si is locked */
void swap_slot_put_cache(struct swap_info_struct *si, unsigned long slot);
/* Slots that may be given out come, or go: all of si, as it is now. */
void swap_enable(struct swap_info_struct *si);
void swap_disable(struct swap_info_struct *si);

/*
 * A new, locked page will get what slot has: it enters the cache, with a
 * reference for it. => 0, -EEXIST, -ENOENT: nobody uses the slot, -ENOMEM
 */
int add_to_swap_cache(struct page *page, swp_entry_t entry, gfp_t gfp);

/*
 * Read a locked page of the cache, which is unlocked when that is done; it is
 * uptodate then, if it went well. *plug as in swap_writepage().
 */
void swap_readpage(struct page *page, struct bio **plug);

/*
 * The page of a slot, from the cache or being read, neighbours with it.
 * *major is set if it has to be read.
 * => with a reference, or NULL: no memory, or nobody uses the slot any more
 */
struct page *swapin_readahead(swp_entry_t entry, bool *major);
/*
 * Lock a page that is to be in the cache for entry, uptodate; read it once
 * more, alone, if its neighbours may have spoilt that.
 * => 0; -EAGAIN: it is not in the cache; -EIO. Not locked then
 */
int swap_lock_page(struct page *page, swp_entry_t entry);

#endif
