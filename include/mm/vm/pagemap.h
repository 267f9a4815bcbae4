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
 *
 * Lock key: (l) lock, (i) i_mmap_lock, (c) constant, (a) atomic.
 */
#ifndef _MM_VM_PAGEMAP_H
#define _MM_VM_PAGEMAP_H

#include <base/spinlock.h>
#include <lib/rbtree.h>
#include <lib/types.h>
#include <lib/xarray.h>
#include <mm/phys/page.h>

struct address_space;
struct vm_fault;
struct vm_operations_struct;

struct address_space_operations {
	/*
	 * Fill page from the backing store; it is locked, and stays so.
	 * => 0 and the page uptodate, or -errno; may sleep.
	 * NULL: memory is the only store and a missing page is zeroes.
	 */
	int (*readpage)(struct address_space *mapping, struct page *page);
	/* Write a dirty page back; locked. NULL: nothing to write to. */
	int (*writepage)(struct address_space *mapping, struct page *page);
	/* => size of the object in bytes */
	loff_t (*size)(struct address_space *mapping);
	/*
	 * May one more page be added (quota of a tmpfs)? => 0 or -ENOSPC
	 * uncharge gives npages back when they leave. Both may be NULL.
	 */
	int (*charge)(struct address_space *mapping, unsigned long npages);
	void (*uncharge)(struct address_space *mapping, unsigned long npages);
};

#define AS_SHMEM   0 /* flag bit: swap-backed, counted as Shmem */
#define AS_SEALED  1 /* (i) shared mappings that may write are refused */
#define AS_NOPUNCH 2 /* F_SEAL_FUTURE_WRITE: no MADV_REMOVE */

struct address_space {
	void *host;	       /* (c) owner: an inode */
	struct xarray i_pages; /* (l) index -> page */
	spinlock_t lock;
	unsigned long nrpages;			      /* (l) */
	const struct address_space_operations *a_ops; /* (c) */
	gfp_t gfp;				      /* (c) for new pages */
	unsigned long flags;			      /* (c) but the last two */
	spinlock_t i_mmap_lock;
	struct rb_root i_mmap; /* (i) VMAs by page offset */
	void *private_data;    /* (c) owner's */
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

/* --- the page lock: PG_locked; sleeps, so never under a spinlock --- */
bool trylock_page(struct page *page);
void __lock_page(struct page *page);
void unlock_page(struct page *page);
void wait_on_page_locked(struct page *page);

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

/* Mark modified. => true if it was clean */
bool set_page_dirty(struct page *page);

/* --- lookup: all results carry a reference --- */

/* => page or NULL */
struct page *find_get_page(struct address_space *mapping, pgoff_t index);
/* => page, locked and still in the cache, or NULL */
struct page *find_lock_page(struct address_space *mapping, pgoff_t index);
/* => locked page, perhaps new and then not uptodate; NULL if no memory */
struct page *find_or_create_page(struct address_space *mapping, pgoff_t index,
				 gfp_t gfp);
/* => uptodate page; ERR_PTR(-ENOMEM, -EIO, -ENOSPC); may sleep */
struct page *read_mapping_page(struct address_space *mapping, pgoff_t index);
/* The same; *major is set when the backing store had to be read. */
struct page *mapping_get_page(struct address_space *mapping, pgoff_t index,
			      bool *major);

/* page is locked and not in a cache. => 0, -EEXIST, -ENOMEM, -ENOSPC */
int add_to_page_cache(struct page *page, struct address_space *mapping,
		      pgoff_t index, gfp_t gfp);
/* page is locked, in a cache and unmapped; drops the cache's reference. */
void delete_from_page_cache(struct page *page);

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
/*
 * Unmap the object's bytes [start, start + len) from every VMA; len 0 means
 * to the end. even_cows: private copies go too (truncate does that).
 */
void unmap_mapping_range(struct address_space *mapping, loff_t start,
			 loff_t len, bool even_cows);

/* --- read and write through the cache --- */

/*
 * Move n bytes between kaddr and wherever ctx says; may fault and sleep.
 * => bytes moved; fewer than n ends the transfer
 */
typedef size_t (*mapping_copy_t)(void *ctx, void *kaddr, size_t n);

/*
 * Copy from the object at *pos, at most to its size; *pos advances.
 * => bytes copied, 0 at the end, -EFAULT, -EIO, -ENOMEM if there were none
 */
ssize_t generic_mapping_read(struct address_space *mapping, loff_t *pos,
			     size_t n, mapping_copy_t copy, void *ctx);
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
