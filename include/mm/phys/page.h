/* SPDX-License-Identifier: MIT */
/*
 * struct page: one for each 4 KiB of RAM, in one virtual array (vmemmap), so
 * that page, pfn, physical and linear address convert by arithmetic alone.
 *
 *	flags      [63..58 node, zone]                     [21..0 PG_xxx]
 *	a union    what the page is used for right now (see below)
 *	page_type  -1 and up: _mapcount of a page that user space may map;
 *	           PAGE_TYPE_xxx: what else it is
 *	_refcount  0: free (or a tail); the page is freed when it drops to 0
 *
 * Who may change what: PG_ bits atomically by whoever holds a reference;
 * the union by the present owner under the owner's lock; flags' zone bits
 * never after boot (but for a test's private zone).
 */
#ifndef _MM_PHYS_PAGE_H
#define _MM_PHYS_PAGE_H

#include <lib/types.h>
#include <asm/page.h>
#include <asm/memory.h>
#include <asm/atomic.h>
#include <asm/bitops.h>
#include <base/bug.h>
#include <base/config.h>
#include <mm/phys/mmzone.h>

struct address_space;
struct kmem_cache;

struct page {
	unsigned long flags;
	union {
		struct { /* page cache, anonymous, private use */
			union {
				struct list_head lru;
				struct { /* PG_mlocked: on no list */
					void *__mlock_1;
					unsigned long mlock_count;
				};
			};
			struct address_space *mapping;
			pgoff_t index;
			unsigned long private;
		};
		struct { /* first page of a free block: PageBuddy */
			struct list_head buddy_list;
			unsigned long __buddy_1, __buddy_2;
			unsigned long buddy_order;
		};
		struct { /* slab: in the first page of one */
			struct list_head slab_list;
			struct kmem_cache *slab_cache;
			void *s_mem;  /* first object */
			u8 *freelist; /* indexes of free objects */
		};
		struct { /* a page table: PageTable */
			struct list_head pt_list;
			unsigned long pt_live;	 /* entries in use */
			struct page *pt_deposit; /* ready for splits */
			unsigned long ptl;	 /* the lock, or its address */
		};
		struct { /* tails of a compound page */
			unsigned long compound_head;  /* head | 1 */
			unsigned long compound_order; /* first tail only */
		};
	};
	union {
		atomic_t _mapcount; /* mappings - 1 */
		unsigned int page_type;
		unsigned int active; /* slab: objects in use */
	};
	atomic_t _refcount;
	/* Debug: who allocated it last, who freed it (offsets from _text). */
	u32 alloc_site, free_site;
};

static_assert(sizeof(struct page) == 64);
#define STRUCT_PAGE_SHIFT 6

enum pageflags {
	PG_locked,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_active,
	PG_workingset,
	PG_waiters,
	PG_error,
	PG_slab,
	PG_owner_priv_1,
	PG_arch_1,   /* instruction cache is clean for this page */
	PG_reserved, /* never was the allocator's, or a hole */
	PG_private,
	PG_private_2,
	PG_writeback,
	PG_head, /* first page of a compound page */
	PG_mappedtodisk,
	PG_reclaim,
	PG_swapbacked,
	PG_unevictable,
	PG_mlocked,
	__NR_PAGEFLAGS,
	PG_swapcache = PG_owner_priv_1,
	PG_readahead = PG_reclaim, /* of pages that are not written */
};

/* page_type values: far from any _mapcount. */
#define PAGE_TYPE_NONE	0xffffffffU /* _mapcount == -1 */
#define PAGE_TYPE_BUDDY 0xf0000080U /* heads a free block */
#define PAGE_TYPE_PCP	0xf0000100U /* free, on a CPU's list */
#define PAGE_TYPE_TABLE 0xf0000400U

#define ZONEID_PGSHIFT	58
#define ZONE_TABLE_SIZE 64
/* The id of a zone made for a test (never a real node's). */
#define ZONE_ID_PRIVATE (ZONE_TABLE_SIZE - 1)
extern struct zone *zone_table[ZONE_TABLE_SIZE];
static_assert(MAX_NUMNODES * MAX_NR_ZONES < ZONE_TABLE_SIZE);

/* --- Conversions: page, pfn, physical, linear -------------------------- */

/* The array is indexed by the distance from the start of the linear map. */
#define VMEMMAP_BASE ((struct page *)VMEMMAP_START)

static inline struct page *virt_to_page(const void *va)
{
	return VMEMMAP_BASE + (((unsigned long)va - PAGE_OFFSET) >> PAGE_SHIFT);
}

static inline void *page_address(const struct page *page)
{
	return (void *)(PAGE_OFFSET + (((unsigned long)page - VMEMMAP_START)
				       << (PAGE_SHIFT - STRUCT_PAGE_SHIFT)));
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return memstart_addr + (((unsigned long)page - VMEMMAP_START)
				<< (PAGE_SHIFT - STRUCT_PAGE_SHIFT));
}

static inline struct page *phys_to_page(phys_addr_t pa)
{
	return VMEMMAP_BASE + ((pa - memstart_addr) >> PAGE_SHIFT);
}

static inline unsigned long page_to_pfn(const struct page *page)
{
	return (unsigned long)(page_to_phys(page) >> PAGE_SHIFT);
}

static inline struct page *pfn_to_page(unsigned long pfn)
{
	return phys_to_page((phys_addr_t)pfn << PAGE_SHIFT);
}

/* Is there a struct page for this pfn? (It may still be PG_reserved.) */
bool pfn_valid(unsigned long pfn);
/* A linear-map address with a struct page behind it? */
bool virt_addr_valid(const void *va);

static inline unsigned int page_zone_id(const struct page *page)
{
	return (unsigned int)(page->flags >> ZONEID_PGSHIFT);
}

static inline struct zone *page_zone(const struct page *page)
{
	return zone_table[page_zone_id(page)];
}

#define page_zonenum(page) zone_idx(page_zone(page))
#define page_pgdat(page)   (page_zone(page)->zone_pgdat)
#define page_to_nid(page)  (page_pgdat(page)->node_id)

/* --- Compound pages ---------------------------------------------------- */

static inline struct page *compound_head(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	if (unlikely(head & 1))
		return (struct page *)(head - 1);
	return (struct page *)page;
}

static inline bool PageTail(const struct page *page)
{
	return READ_ONCE(page->compound_head) & 1;
}

/* --- Flags: atomic, and __ for pages nobody else can see --------------- */

#define PAGEFLAG(Name, bit)                                       \
	static inline bool Page##Name(const struct page *page)    \
	{                                                         \
		return (READ_ONCE(page->flags) >> (bit)) & 1;     \
	}                                                         \
	static inline void SetPage##Name(struct page *page)       \
	{                                                         \
		set_bit(bit, &page->flags);                       \
	}                                                         \
	static inline void ClearPage##Name(struct page *page)     \
	{                                                         \
		clear_bit(bit, &page->flags);                     \
	}                                                         \
	static inline void __SetPage##Name(struct page *page)     \
	{                                                         \
		page->flags |= UL(1) << (bit);                    \
	}                                                         \
	static inline void __ClearPage##Name(struct page *page)   \
	{                                                         \
		page->flags &= ~(UL(1) << (bit));                 \
	}                                                         \
	static inline bool TestSetPage##Name(struct page *page)   \
	{                                                         \
		return test_and_set_bit(bit, &page->flags);       \
	}                                                         \
	static inline bool TestClearPage##Name(struct page *page) \
	{                                                         \
		return test_and_clear_bit(bit, &page->flags);     \
	}

PAGEFLAG(Locked, PG_locked)
PAGEFLAG(Referenced, PG_referenced)
PAGEFLAG(Uptodate, PG_uptodate)
PAGEFLAG(Dirty, PG_dirty)
PAGEFLAG(LRU, PG_lru)
PAGEFLAG(Active, PG_active)
PAGEFLAG(Workingset, PG_workingset)
PAGEFLAG(Waiters, PG_waiters)
PAGEFLAG(Error, PG_error)
PAGEFLAG(Slab, PG_slab)
PAGEFLAG(Reserved, PG_reserved)
PAGEFLAG(Writeback, PG_writeback)
PAGEFLAG(Head, PG_head)
PAGEFLAG(Reclaim, PG_reclaim)
PAGEFLAG(Readahead, PG_readahead)
PAGEFLAG(SwapBacked, PG_swapbacked)
PAGEFLAG(SwapCache, PG_swapcache)
PAGEFLAG(Unevictable, PG_unevictable)
PAGEFLAG(Mlocked, PG_mlocked)
PAGEFLAG(ArchClean, PG_arch_1)

static inline bool PageCompound(const struct page *page)
{
	return PageHead(page) || PageTail(page);
}

static inline unsigned int compound_order(const struct page *page)
{
	return PageHead(page) ? (unsigned int)page[1].compound_order : 0;
}

/* A page of a pool for MAP_HUGETLB? (Transparent ones have nothing in private.) */
static inline bool PageHuge(const struct page *page)
{
	const struct page *head = compound_head(page);

	return PageHead(head) && head->private;
}

#define compound_nr(page) (UL(1) << compound_order(page))
#define page_size(page)	  (PAGE_SIZE << compound_order(page))

static inline struct page *virt_to_head_page(const void *va)
{
	return compound_head(virt_to_page(va));
}

static inline bool PageBuddy(const struct page *page)
{
	return READ_ONCE(page->page_type) == PAGE_TYPE_BUDDY;
}

static inline bool PageTable(const struct page *page)
{
	return READ_ONCE(page->page_type) == PAGE_TYPE_TABLE;
}

/* mapping's low bit: not a file's address_space but an anonymous owner. */
#define PAGE_MAPPING_ANON 0x1UL

static inline bool PageAnon(const struct page *page)
{
	return (unsigned long)READ_ONCE(page->mapping) & PAGE_MAPPING_ANON;
}

#define page_private(page)	  ((page)->private)
#define set_page_private(page, v) ((page)->private = (v))

/* --- Counts ------------------------------------------------------------ */

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

static inline int page_count(const struct page *page)
{
	return page_ref_count(compound_head(page));
}

static inline void set_page_count(struct page *page, int v)
{
	atomic_set(&page->_refcount, v);
}

static inline void page_ref_inc(struct page *page)
{
	atomic_inc(&page->_refcount);
}

/* The page cache replaces a page only while exactly `count` refer to it. */
static inline bool page_ref_freeze(struct page *page, int count)
{
	return atomic_cmpxchg(&page->_refcount, count, 0) == count;
}

static inline void page_ref_unfreeze(struct page *page, int count)
{
	atomic_set(&page->_refcount, count);
}

static inline bool put_page_testzero(struct page *page)
{
	return atomic_dec_and_test(&page->_refcount);
}

/* A reference to a page that may be on its way to the free list. */
static inline bool get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->_refcount);
}

static inline int page_mapcount(const struct page *page)
{
	return atomic_read(&page->_mapcount) + 1;
}

static inline bool page_mapped(const struct page *page)
{
	return page_mapcount(page) > 0;
}

/* The last reference is gone: free the page, whatever it was. */
void __put_page(struct page *page);

/* --- Saying what is wrong with a page ---------------------------------- */

/* Print all that is known about page, and why. */
void dump_page(const struct page *page, const char *reason);
void __noreturn bad_page_panic(const struct page *page, const char *cond);

/* BUG, but with the page dumped first: in the debug build only. */
#define VM_BUG_ON_PAGE(cond, page)                                         \
	do {                                                               \
		if (CONFIG_DEBUG && unlikely(cond))                        \
			bad_page_panic(page, "VM_BUG_ON_PAGE(" #cond ")"); \
	} while (0)
#define VM_BUG_ON(cond)               \
	do {                          \
		if (CONFIG_DEBUG)     \
			BUG_ON(cond); \
	} while (0)

static inline void get_page(struct page *page)
{
	page = compound_head(page);
	VM_BUG_ON_PAGE(page_ref_count(page) <= 0, page);
	atomic_inc(&page->_refcount);
}

static inline void put_page(struct page *page)
{
	page = compound_head(page);
	VM_BUG_ON_PAGE(page_ref_count(page) <= 0, page);
	if (put_page_testzero(page))
		__put_page(page);
}

/* The page of zeroes that every read of untouched memory sees. */
extern unsigned char empty_zero_page[PAGE_SIZE];
extern struct page *zero_page;
extern unsigned long zero_pfn;
#define ZERO_PAGE(vaddr) (zero_page)
#define is_zero_pfn(pfn) ((pfn) == zero_pfn)

#endif
