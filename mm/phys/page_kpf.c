// SPDX-License-Identifier: MIT
/*
 * page_kpf.c - what a page is, in the bits of /proc/kpageflags
 *
 * PG_ bits may be renumbered any day; KPF_ bits are a promise to programs.
 * Many are the PG_ bit under another number (copied[]), the others come from
 * what else struct page says: its type, its mapping, its place in a block.
 *
 * No lock: callers look at pages that are not theirs. Each field is read
 * once; a page that changes its use meanwhile may show a mixture.
 */
#include <mm/phys/internal.h>
#include <mm/phys/page.h>
#include <mm/phys/report.h>

#define KPF(bit) (1ULL << KPF_##bit)

static const struct {
	u8 pg, kpf;
} copied[] = {
	{ PG_locked, KPF_LOCKED },
	{ PG_error, KPF_ERROR },
	{ PG_referenced, KPF_REFERENCED },
	{ PG_uptodate, KPF_UPTODATE },
	{ PG_dirty, KPF_DIRTY },
	{ PG_lru, KPF_LRU },
	{ PG_active, KPF_ACTIVE },
	{ PG_slab, KPF_SLAB },
	{ PG_writeback, KPF_WRITEBACK },
	{ PG_reclaim, KPF_RECLAIM },
	{ PG_swapbacked, KPF_SWAPBACKED },
	{ PG_unevictable, KPF_UNEVICTABLE },
	{ PG_reserved, KPF_RESERVED },
	{ PG_mlocked, KPF_MLOCKED },
	{ PG_mappedtodisk, KPF_MAPPEDTODISK },
	{ PG_private, KPF_PRIVATE },
	{ PG_private_2, KPF_PRIVATE_2 },
	{ PG_owner_priv_1, KPF_OWNER_PRIVATE },
	{ PG_arch_1, KPF_ARCH },
};

/* Only the first page of a free block says so: look for one. */
static bool in_free_block(const struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (page_ref_count(page))
		return false;
	for (unsigned int order = 0; order < MAX_ORDER; order++) {
		struct page *first = pfn_to_page(pfn & ~((1UL << order) - 1));

		if (PageBuddy(first) && READ_ONCE(first->buddy_order) >= order)
			return true;
	}
	return false;
}

/* A page that user space may map: the fields mean what they say. */
static u64 user_page_flags(const struct page *page)
{
	const struct page *head = compound_head(page);
	u64 kpf = 0;

	if (page_mapped(head))
		kpf |= KPF(MMAP);
	if (PageAnon(head))
		kpf |= KPF(ANON) | (PageSwapCache(head) ? KPF(SWAPCACHE) : 0);
	if (PageHuge(head))
		kpf |= KPF(HUGE);
	else if (PageCompound(page) && (PageLRU(head) || PageAnon(head)))
		kpf |= KPF(THP);
	if (is_zero_pfn(page_to_pfn(page)))
		kpf |= KPF(ZERO_PAGE);
	return kpf;
}

u64 page_kpf_flags(unsigned long pfn)
{
	const struct page *page = pfn_to_page(pfn);
	unsigned long flags;
	u64 kpf = 0;

	if (!pfn_valid(pfn))
		return KPF(NOPAGE);
	flags = READ_ONCE(page->flags);
	for (unsigned int i = 0; i < ARRAY_SIZE(copied); i++)
		kpf |= (u64)(flags >> copied[i].pg & 1) << copied[i].kpf;
	if (PageTable(page))
		return kpf | KPF(PGTABLE);
	if (in_free_block(page))
		return kpf | KPF(BUDDY);
	if (PageCompound(page))
		kpf |= PageTail(page) ? KPF(COMPOUND_TAIL) : KPF(COMPOUND_HEAD);
	if (PageSlab(compound_head(page)))
		return kpf | KPF(SLAB);
	return kpf | user_page_flags(page);
}

u64 page_kpf_count(unsigned long pfn)
{
	const struct page *head;
	int count;

	if (!pfn_valid(pfn))
		return 0;
	/* A compound page is mapped as a whole. */
	head = compound_head(pfn_to_page(pfn));
	if (PageSlab(head))
		return 0;
	count = page_mapcount(head);
	return count > 0 ? (u64)count : 0; /* else it has a type */
}
