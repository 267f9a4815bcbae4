// SPDX-License-Identifier: MIT
/*
 * page_debug.c - pages that are not what they should be
 *
 * dump_page() says in words what a struct page claims to be; bad_page_panic()
 * does so and stops. In the debug build each page remembers the code that
 * last allocated and freed it, and free pages are filled with a pattern that
 * is checked when they are handed out again: whoever wrote to freed memory is
 * found by its freeing site.
 *
 * buddy_check() counts the free lists by walking them, and compares: block by
 * block alignment, zone, type, and that no block's buddy is free as well;
 * zone by zone the sums.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <asm/sections.h>
#include <base/bug.h>
#include <base/printk.h>
#include <base/smp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmalloc.h>
#include <mm/phys/vmstat.h>

#define PAGE_POISON 0xaaaaaaaaaaaaaaaaULL

static const char *const pageflag_names[__NR_PAGEFLAGS] = {
	"locked",	"referenced", "uptodate",     "dirty",	 "lru",
	"active",	"workingset", "waiters",      "error",	 "slab",
	"owner_priv_1", "arch_1",     "reserved",     "private", "private_2",
	"writeback",	"head",	      "mappedtodisk", "reclaim", "swapbacked",
	"unevictable",	"mlocked",
};

/* Code addresses fit in 32 bits as distances from _text. */
u32 code_site(unsigned long ip)
{
	return (u32)(ip - (unsigned long)_text);
}

void *site_code(u32 site)
{
	return site ? (void *)((unsigned long)_text + site) : NULL;
}

static void flags_in_words(unsigned long flags, char *buf, size_t size)
{
	size_t len = 0;
	unsigned int i;

	buf[0] = 0;
	for (i = 0; i < __NR_PAGEFLAGS; i++)
		if (flags >> i & 1)
			len += (size_t)scnprintf(buf + len, size - len, "%s%s",
						 len ? "|" : "",
						 pageflag_names[i]);
}

static const char *page_kind(const struct page *page)
{
	if (PageBuddy(page))
		return "free block";
	if (page->page_type == PAGE_TYPE_PCP)
		return "free, on a CPU's list";
	if (PageTable(page))
		return "page table";
	if (PageSlab(page))
		return "slab";
	if (PageReserved(page))
		return "reserved";
	if (PageTail(page))
		return "tail of a compound page";
	return PageAnon(page) ? "anonymous" : "page";
}

void dump_page(const struct page *page, const char *reason)
{
	char words[160];

	flags_in_words(page->flags, words, sizeof(words));
	pr_emerg(
		"page:%px refcount:%d mapcount:%d mapping:%px index:%#lx pfn:%#lx\n",
		page, page_ref_count(page),
		PageSlab(page) ? 0 : page_mapcount(page), page->mapping,
		page->index, page_to_pfn(page));
	pr_emerg("%s: flags: %#lx(%s) zone %s type %#x private %#lx\n",
		 page_kind(page), page->flags, words,
		 page_zone(page) ? page_zone(page)->name : "?", page->page_type,
		 page->private);
	if (CONFIG_DEBUG)
		pr_emerg("last allocated by %pS, last freed by %pS\n",
			 site_code(page->alloc_site),
			 site_code(page->free_site));
	if (reason)
		pr_emerg("page dumped because: %s\n", reason);
}

void __noreturn bad_page_panic(const struct page *page, const char *cond)
{
	dump_page(page, cond);
	panic("bad page: pfn %#lx flags %#lx: %s", page_to_pfn(page),
	      page->flags, cond);
}

void page_poison(struct page *page, unsigned int order)
{
	u64 *p = page_address(page);
	unsigned long i;

	for (i = 0; i < (PAGE_SIZE << order) / sizeof(*p); i++)
		p[i] = PAGE_POISON;
}

/* Pages that were never freed carry no free_site and no pattern yet. */
void page_check_poison(struct page *page, unsigned int order)
{
	unsigned long n, i;

	for (n = 0; n < 1UL << order; n++, page++) {
		const u64 *p = page_address(page);

		if (!page->free_site)
			continue;
		for (i = 0; i < PAGE_SIZE / sizeof(*p); i++)
			if (unlikely(p[i] != PAGE_POISON)) {
				pr_emerg("byte %#lx of the page: %#llx\n",
					 i * sizeof(*p), p[i]);
				bad_page_panic(page, "written to while free");
			}
	}
}

static const struct {
	gfp_t bits;
	const char *name;
} gfp_names[] = {
	{ GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ GFP_HIGHUSER, "GFP_HIGHUSER" },
	{ GFP_USER, "GFP_USER" },
	{ GFP_KERNEL, "GFP_KERNEL" },
	{ GFP_NOFS, "GFP_NOFS" },
	{ GFP_ATOMIC, "GFP_ATOMIC" },
	{ GFP_NOIO, "GFP_NOIO" },
	{ GFP_NOWAIT, "GFP_NOWAIT" },
	{ __GFP_DMA, "__GFP_DMA" },
	{ __GFP_DMA32, "__GFP_DMA32" },
	{ __GFP_HIGHMEM, "__GFP_HIGHMEM" },
	{ __GFP_MOVABLE, "__GFP_MOVABLE" },
	{ __GFP_HIGH, "__GFP_HIGH" },
	{ __GFP_ATOMIC, "__GFP_ATOMIC" },
	{ __GFP_ZERO, "__GFP_ZERO" },
	{ __GFP_NOWARN, "__GFP_NOWARN" },
	{ __GFP_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ __GFP_NOFAIL, "__GFP_NOFAIL" },
	{ __GFP_NORETRY, "__GFP_NORETRY" },
	{ __GFP_MEMALLOC, "__GFP_MEMALLOC" },
	{ __GFP_COMP, "__GFP_COMP" },
	{ __GFP_THISNODE, "__GFP_THISNODE" },
};

void gfp_describe(gfp_t gfp, char *buf, size_t size)
{
	size_t len = 0;
	unsigned int i;

	buf[0] = 0;
	for (i = 0; i < ARRAY_SIZE(gfp_names); i++) {
		if ((gfp & gfp_names[i].bits) != gfp_names[i].bits)
			continue;
		len += (size_t)scnprintf(buf + len, size - len, "%s%s",
					 len ? "|" : "", gfp_names[i].name);
		gfp &= ~gfp_names[i].bits;
	}
	if (gfp || !len)
		scnprintf(buf + len, size - len, "%s%#x", len ? "|" : "", gfp);
}

/* --- buddy_check() ----------------------------------------------------- */

static bool check_block(const struct zone *zone, const struct page *page,
			unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	const struct page *buddy = pfn & (1UL << order) ?
					   page - (1UL << order) :
					   page + (1UL << order);
	const char *wrong = NULL;

	if (!PageBuddy(page) || page->buddy_order != order)
		wrong = "not marked as a block of its list's order";
	else if (pfn & ((1UL << order) - 1))
		wrong = "not aligned to its order";
	else if (page_zone(page) != zone)
		wrong = "on the list of another zone";
	else if (page_ref_count(page))
		wrong = "free with references";
	else if (order < MAX_ORDER - 1 && PageBuddy(buddy) &&
		 buddy->buddy_order == order && page_zone(buddy) == zone)
		wrong = "its buddy is free too";
	if (wrong)
		dump_page(page, wrong);
	return !wrong;
}

static bool check_pcp(const struct zone *zone, unsigned int cpu)
{
	const struct per_cpu_pages *pcp = &zone->pageset[cpu];
	const struct page *page;
	int n = 0;

	list_for_each_entry(page, &pcp->list, lru) {
		if (page->page_type != PAGE_TYPE_PCP ||
		    page_zone(page) != zone || page_ref_count(page)) {
			dump_page(page, "does not belong on a CPU's list");
			return false;
		}
		n++;
	}
	if (n != pcp->count)
		pr_err("zone %s cpu %u: %d pages listed, %d counted\n",
		       zone->name, cpu, n, pcp->count);
	return n == pcp->count;
}

bool zone_check(struct zone *zone)
{
	unsigned long flags, free = 0;
	bool ok = true;
	unsigned int o;

	spin_lock_irqsave(&zone->lock, flags);
	for (o = 0; o < MAX_ORDER && ok; o++) {
		const struct free_area *area = &zone->free_area[o];
		const struct page *page;
		unsigned long n = 0;

		list_for_each_entry(page, &area->free_list, buddy_list) {
			ok = ok && check_block(zone, page, o);
			n++;
		}
		if (n != area->nr_free) {
			pr_err("zone %s order %u: %lu blocks listed, %lu counted\n",
			       zone->name, o, n, area->nr_free);
			ok = false;
		}
		free += n << o;
	}
	if (ok && free != zone->free_pages) {
		pr_err("zone %s: %lu pages in blocks, %lu counted\n",
		       zone->name, free, zone->free_pages);
		ok = false;
	}
	if (ok && free > zone_managed_pages(zone)) {
		pr_err("zone %s: more free pages than pages\n", zone->name);
		ok = false;
	}
	spin_unlock(&zone->lock);
	/* Other CPUs' lists are theirs; what this CPU keeps can be checked. */
	ok = ok && check_pcp(zone, smp_processor_id());
	local_irq_restore(flags);
	return ok;
}

bool buddy_check(void)
{
	struct zone *zone;
	bool ok = true;

	for_each_populated_zone(zone)
		ok = zone_check(zone) && ok;
	return ok;
}

void mm_describe_address(unsigned long addr)
{
	struct vm_struct *area;

	if (vmalloc_is_guard(addr, &area))
		pr_alert(
			"%#lx is in the guard page behind %s area %px of %lu bytes, allocated by %pS\n",
			addr, area->flags & VM_STACK_AREA ? "stack" : "vmalloc",
			area->addr, area->size, area->caller);
	else if (area)
		pr_alert("%#lx is in area %px of %lu bytes, allocated by %pS\n",
			 addr, area->addr, area->size, area->caller);
	else if (!slab_describe((void *)addr) && virt_addr_valid((void *)addr))
		dump_page(virt_to_page((void *)addr), NULL);
}

bool mm_phys_check(void)
{
	bool buddy_ok = buddy_check();
	bool vmap_ok = vmalloc_check();

	return slab_check() && buddy_ok && vmap_ok;
}
