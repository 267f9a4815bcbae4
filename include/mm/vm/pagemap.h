/* SPDX-License-Identifier: MIT */
/*
 * The page cache: each object (file, shared memory) has one address_space,
 * which knows its resident pages by page offset and the VMAs that show it.
 *
 *	         i_pages[index] --> page --+
 *	address_space <--- page->mapping --+ page->index
 *	         i_mmap  --> VMAs that map it (reverse map)
 *
 * read(2), write(2) and faults all meet at the same pages: that is what
 * makes mapped files and shared memory coherent.
 *
 * Invariants: a page in i_pages holds one reference for the cache, has
 * mapping and index set and is counted in nrpages, NR_FILE_PAGES and, for
 * AS_SHMEM, NR_SHMEM. mapping and index change only with both the page
 * locked and mapping->lock held. A page leaves the cache unmapped.
 * Where a store is written back to, PG_dirty, the mark and NR_FILE_DIRTY
 * change together under mapping->lock; so do those of write-back.
 *
 * A value instead of a page in i_pages remembers one that was reclaimed: in
 * shared memory (AS_SHMEM) where in swap it is, in files how long ago that was.
 *
 * Lock key: (l) lock, (i) i_mmap_rwsem, (c) constant, (a) atomic.
 */
#ifndef _MM_VM_PAGEMAP_H
#define _MM_VM_PAGEMAP_H

#include <base/spinlock.h>
#include <lib/rbtree.h>
#include <lib/types.h>
#include <lib/xarray.h>
#include <mm/phys/page.h>
#include <mm/vm/readahead.h>
#include <sched/rwsem.h>

struct address_space;
struct vm_fault;
struct vm_operations_struct;
struct writeback_control;

struct address_space_operations {
	/*
	 * Start to fill the locked page from the backing store; it is
	 * unlocked when that is done, and uptodate if it went well.
	 * => 0, or -errno with the page unlocked; may sleep.
	 * NULL: memory is the only store and a missing page is zeroes.
	 */
	int (*readpage)(struct address_space *mapping, struct page *page);
	/* The same for nr neighbours, all new in the cache. May be NULL. */
	void (*readahead)(struct address_space *mapping, struct page **pages,
			  unsigned int nr);
	/*
	 * Bytes [from, to) of the locked page will be written: find room for
	 * them in the store now. => 0, -ENOSPC, -EIO. May be NULL.
	 */
	int (*write_begin)(struct address_space *mapping, struct page *page,
			   unsigned int from, unsigned int to);
	/*
	 * The len bytes up to end of the object have been, in this page: raise
	 * the size, if it is less. May be NULL.
	 */
	void (*write_end)(struct address_space *mapping, struct page *page,
			  loff_t end, unsigned int len);
	/* A shared mapping begins to write to the locked page; likewise. */
	int (*page_mkwrite)(struct address_space *mapping, struct page *page);
	/*
	 * Write the locked page, clean since now: set_page_writeback(),
	 * unlock, and end_page_writeback() when it is done; wbc->bio gathers
	 * neighbours.
	 * => 0 or -errno, unlocked in any case. NULL: nothing to write to.
	 */
	int (*writepage)(struct address_space *mapping, struct page *page,
			 struct writeback_control *wbc);
	/*
	 * msync(MS_SYNC): all of [start, end] on the medium, and what is needed
	 * to find it. => 0 or -errno. NULL: the pages alone
	 */
	int (*sync)(struct address_space *mapping, loff_t start, loff_t end);
	/* A page became dirty; any context, spinlocks held. */
	void (*dirtied)(struct address_space *mapping);
	/*
	 * Where is block iblock of the object on its device, in such blocks?
	 * => 0, -EINVAL: nowhere, -EIO. NULL: it is on none
	 */
	int (*bmap)(struct address_space *mapping, sector_t iblock,
		    sector_t *phys);
	/* => size of the object in bytes */
	loff_t (*size)(struct address_space *mapping);
	/*
	 * May one more page be added (quota of a tmpfs)? => 0 or -ENOSPC
	 * uncharge gives npages back when they leave. Both may be NULL.
	 */
	int (*charge)(struct address_space *mapping, unsigned long npages);
	void (*uncharge)(struct address_space *mapping, unsigned long npages);
};

/* Marks in i_pages. */
#define PAGECACHE_TAG_DIRTY	XA_MARK_0
#define PAGECACHE_TAG_WRITEBACK XA_MARK_1
#define PAGECACHE_TAG_TOWRITE	XA_MARK_2

#define AS_SHMEM   0 /* flag bit: swap-backed, counted as Shmem */
#define AS_SEALED  1 /* (i) shared mappings that may write are refused */
#define AS_NOPUNCH 2 /* F_SEAL_FUTURE_WRITE: no MADV_REMOVE */

struct address_space {
	void *host;	       /* (c) owner: an inode */
	struct xarray i_pages; /* (l) index -> page */
	spinlock_t lock;
	unsigned long nrpages;	 /* (l) */
	unsigned long nrswapped; /* (l) AS_SHMEM: values that are in swap */
	const struct address_space_operations *a_ops; /* (c) */
	gfp_t gfp;				      /* (c) for new pages */
	unsigned long flags;			      /* (c) but the last two */
	unsigned int wb_err;	      /* READ_ONCE; see writeback.h */
	struct file_ra_state mmap_ra; /* of all who map it */
	struct rw_semaphore i_mmap_rwsem;
	struct rb_root i_mmap;	  /* (i) VMAs by page offset */
	void *private_data;	  /* (c) owner's */
	struct list_head swapped; /* shmem_swap.c: those with nrswapped */
	unsigned int swap_users;  /* shmem_swap.c: swapoff is looking at it */
};

/* gfp 0 stands for GFP_HIGHUSER. */
void address_space_init(struct address_space *mapping, void *host,
			const struct address_space_operations *a_ops, gfp_t gfp,
			unsigned long flags);
/* Drop all pages. => nobody maps or uses the object any more */
void address_space_destroy(struct address_space *mapping);

static inline bool mapping_is_shmem(const struct address_space *mapping)
{
	return mapping->flags & (1UL << AS_SHMEM);
}

/* Is there a store that dirty pages go to, and that counts them? */
static inline bool mapping_can_writeback(const struct address_space *mapping)
{
	return mapping->a_ops->writepage != NULL;
}

/* --- the page lock: PG_locked; sleeps, so never under a spinlock --- */
bool trylock_page(struct page *page);
void __lock_page(struct page *page);
void unlock_page(struct page *page);
/* Wait until bit is clear; that it stays so, nobody promises. */
void wait_on_page_bit(struct page *page, unsigned int bit);

static inline void wait_on_page_locked(struct page *page)
{
	if (PageLocked(page))
		wait_on_page_bit(page, PG_locked);
}

static inline void lock_page(struct page *page)
{
	if (!trylock_page(page))
		__lock_page(page);
}

/*
 * From now on no shared mapping of the object may write.
 * => 0, -EBUSY: there is one that may
 */
int mapping_deny_writable(struct address_space *mapping);

/* Mark modified, after the modification. => true if it was clean */
bool set_page_dirty(struct page *page);
/*
 * The locked page is about to be written: clean from now on, and the next
 * write of those who map it will be noticed. => was it dirty?
 */
bool clear_page_dirty_for_io(struct page *page);

/* --- write-back: PG_writeback, from a locked page to the end of the I/O --- */
void set_page_writeback(struct page *page);
void end_page_writeback(struct page *page); /* any process context */

static inline void wait_on_page_writeback(struct page *page)
{
	if (PageWriteback(page))
		wait_on_page_bit(page, PG_writeback);
}

/* --- lookup: all results carry a reference --- */

/* => page or NULL */
struct page *find_get_page(struct address_space *mapping, pgoff_t index);
/* => page, locked and still in the cache, or NULL */
struct page *find_lock_page(struct address_space *mapping, pgoff_t index);
/* => uptodate page; ERR_PTR(-ENOMEM, -EIO, -ENOSPC); may sleep */
struct page *read_mapping_page(struct address_space *mapping, pgoff_t index);
/* The same; *major is set when the backing store had to be read. */
struct page *mapping_get_page(struct address_space *mapping, pgoff_t index,
			      bool *major);

/*
 * The same, but a hole stays one. => NULL: there is nothing in memory or swap;
 * what is not uptodate is returned as it is
 */
struct page *find_get_swapped_page(struct address_space *mapping, pgoff_t index,
				   bool *major);

/* page is locked and not in a cache. => 0, -EEXIST, -ENOMEM, -ENOSPC */
int add_to_page_cache(struct page *page, struct address_space *mapping,
		      pgoff_t index, gfp_t gfp);
/* page is locked, in a cache and unmapped; drops the cache's reference. */
void delete_from_page_cache(struct page *page);
/*
 * Take a locked, clean page out that nobody uses but the cache and the caller,
 * whose reference stays; a shadow (or NULL) remembers it.
 * => false: it is in use, dirty or mapped elsewhere, and was left alone
 */
bool remove_mapping(struct address_space *mapping, struct page *page,
		    void *shadow);
/* Drop the clean unused pages [first, last], and shadows. => pages left */
unsigned long invalidate_mapping_pages(struct address_space *mapping,
				       pgoff_t first, pgoff_t last);

/* --- truncate --- */

/*
 * Drop cached pages of bytes [lstart, lend], lend inclusive (-1: to the
 * end); bytes of a page that is only partly inside are zeroed. Mappings are
 * taken away first. => process context
 */
void truncate_inode_pages_range(struct address_space *mapping, loff_t lstart,
				loff_t lend);
/*
 * Drop pages [first, end) that were never written to: where nothing is read
 * in, they are zeroes. => process context
 */
void truncate_clean_pages(struct address_space *mapping, pgoff_t first,
			  pgoff_t end);
/*
 * The size is now newsize (the owner has set it): unmap and drop what lies
 * behind and zero the rest of the last page.
 */
void truncate_pagecache(struct address_space *mapping, loff_t newsize);

/* --- read and write through the cache --- */

/*
 * Move n bytes between kaddr and wherever ctx says; may fault and sleep.
 * => bytes moved; fewer than n ends the transfer
 */
typedef size_t (*mapping_copy_t)(void *ctx, void *kaddr, size_t n);

/*
 * Copy from the object at *pos, at most to its size; *pos advances. ra: of the
 * reader, or NULL.
 * => bytes copied, 0 at the end, -EFAULT, -EIO, -ENOMEM if there were none
 */
ssize_t generic_mapping_read(struct address_space *mapping,
			     struct file_ra_state *ra, loff_t *pos, size_t n,
			     mapping_copy_t copy, void *ctx);
/*
 * Copy into the object at *pos. The caller serializes writers (i_rwsem) and
 * raises the size to *pos afterwards, if it is larger.
 * => bytes copied; -EFAULT, -ENOSPC, -ENOMEM, -EIO if there were none
 */
ssize_t generic_mapping_write(struct address_space *mapping, loff_t *pos,
			      size_t n, mapping_copy_t copy, void *ctx);

/* --- mapped files --- */
extern const struct vm_operations_struct generic_file_vm_ops;
unsigned int filemap_fault(struct vm_fault *vmf);
unsigned int filemap_map_pages(struct vm_fault *vmf, pgoff_t first,
			       pgoff_t last);

/* Caches for nodes of the page trees; once, after the slab is up. */
void pagecache_init(void);

#endif
