// SPDX-License-Identifier: MIT
/*
 * kmalloc.c - memory by size
 *
 *	16 32 64 96 128 192 256 512 1k 2k 4k 8k     caches; then whole pages
 *
 * The two sizes that are no powers of two, 96 and 192, hold what would waste
 * most. A request beyond 8 KiB is a compound page of its own; kfree() tells
 * them apart by PG_slab.
 */
#include <lib/bitops.h>
#include <lib/string.h>
#include <base/bug.h>
#include <mm/phys/internal.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmstat.h>

struct kmem_cache *kmalloc_caches[NR_KMALLOC_CACHES];

static const struct {
	const char *name;
	unsigned int size;
} kmalloc_info[NR_KMALLOC_CACHES] = {
	{ "kmalloc-16", 16 },	{ "kmalloc-32", 32 },	{ "kmalloc-64", 64 },
	{ "kmalloc-96", 96 },	{ "kmalloc-128", 128 }, { "kmalloc-192", 192 },
	{ "kmalloc-256", 256 }, { "kmalloc-512", 512 }, { "kmalloc-1k", 1024 },
	{ "kmalloc-2k", 2048 }, { "kmalloc-4k", 4096 }, { "kmalloc-8k", 8192 },
};

void kmalloc_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_KMALLOC_CACHES; i++) {
		unsigned int size = kmalloc_info[i].size;
		unsigned int align = size & -size;

		BUG_ON(kmalloc_index(size) != i);
		align = min(align, SLAB_LINE_SIZE);
		kmalloc_caches[i] =
			kmem_cache_create(kmalloc_info[i].name, size, align,
					  SLAB_PANIC | __SLAB_KMALLOC, NULL);
	}
}

void kmalloc_account_large(struct page *page, int sign)
{
	mod_node_page_state(page_pgdat(page), NR_SLAB_UNRECLAIMABLE_B,
			    sign * (long)page_size(page));
}

static void *kmalloc_large(size_t size, gfp_t gfp)
{
	unsigned int order = (unsigned int)get_count_order(PFN_UP(size));
	struct page *page;

	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	/* A single page must be a compound one as well: kfree() asks. */
	page = alloc_pages(gfp | __GFP_COMP, order);
	if (!page)
		return NULL;
	kmalloc_account_large(page, 1);
	return page_address(page);
}

void *__kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	if (unlikely(size > KMALLOC_MAX_CACHE_SIZE ||
		     (gfp & (__GFP_DMA | __GFP_DMA32))))
		return kmalloc_large(size, gfp);
	return kmem_cache_alloc(kmalloc_caches[kmalloc_index(size)], gfp);
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	return p ? memcpy(p, src, len) : NULL;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}
