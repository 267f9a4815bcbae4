// SPDX-License-Identifier: MIT
/*
 * The pools of huge pages: 2 MiB and 1 GiB, filled by the administrator.
 *
 *	nr = in use + free         free >= resv: every promise can be kept
 *	   = set + surplus         surplus: added for a promise, or still in
 *	                           use when the pool was made smaller; goes
 *	                           back to the buddy when it comes home
 *
 * A page in a pool is a compound page without references, its pool in
 * page->private.
 *
 * Lock: hugetlb_mutex. Callers: hugetlb.c, /sys/kernel/mm/hugepages, boot.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <lib/kstrtox.h>
#include <lib/string.h>
#include <mm/vm/hugetlb_pool.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

struct mutex hugetlb_mutex;

struct hstate hstates[HUGE_MAX_HSTATE] = {
	{ .order = PMD_SHIFT - PAGE_SHIFT },
	{ .order = PUD_SHIFT - PAGE_SHIFT },
};
struct hstate *default_hstate = &hstates[0];

static unsigned long boot_nr[HUGE_MAX_HSTATE]; /* asked for by hugepages= */

/* ---- pages come and go --------------------------------------------------- */

/* A page more, from the buddy. => false: none to be had */
static bool pool_grow(struct hstate *h)
{
	struct page *page;

	if (h->order < MAX_ORDER)
		page = alloc_pages(GFP_HIGHUSER_MOVABLE | __GFP_COMP |
					   __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
				   h->order);
	else
		page = alloc_contig_pages(h->order);
	count_vm_event(page ? HTLB_BUDDY_ALLOC_SUCCESS : HTLB_BUDDY_ALLOC_FAIL);
	if (!page)
		return false;
	set_page_private(page, (unsigned long)h);
	set_page_count(page, 0);
	list_add(&page->lru, &h->freelist);
	h->nr++;
	h->free++;
	return true;
}

static struct page *pool_pop(struct hstate *h)
{
	struct page *page = list_first_entry(&h->freelist, struct page, lru);

	VM_BUG_ON(!h->free);
	list_del(&page->lru);
	h->free--;
	set_page_count(page, 1);
	return page;
}

static void pool_shrink(struct hstate *h)
{
	struct page *page = pool_pop(h);

	h->nr--;
	set_page_private(page, 0);
	__free_pages(page, h->order);
}

/* Surplus pages that nobody has a claim on go. */
static void pool_trim(struct hstate *h)
{
	while (h->surplus && h->free > h->resv) {
		pool_shrink(h);
		h->surplus--;
	}
}

static bool pool_add_surplus(struct hstate *h)
{
	if (h->surplus >= h->max_surplus || !pool_grow(h))
		return false;
	h->surplus++;
	return true;
}

/* ---- users --------------------------------------------------------------- */

bool pool_reserve(struct hstate *h, unsigned long n)
{
	while (h->free - h->resv < n)
		if (!pool_add_surplus(h)) {
			pool_trim(h);
			return false;
		}
	h->resv += n;
	return true;
}

void pool_unreserve(struct hstate *h, unsigned long n)
{
	VM_BUG_ON(h->resv < n);
	h->resv -= n;
	pool_trim(h);
}

struct page *pool_take(struct hstate *h, bool promised)
{
	if (promised)
		h->resv--;
	else if (h->free == h->resv && !pool_add_surplus(h))
		return NULL;
	return pool_pop(h);
}

void put_huge_page(struct hstate *h, struct page *page)
{
	VM_BUG_ON_PAGE(!PageHuge(page) || page_ref_count(page) < 1, page);
	if (!put_page_testzero(page))
		return;
	VM_BUG_ON_PAGE(page_mapped(page), page);
	page->mapping = NULL;
	ClearPageArchClean(page);
	list_add(&page->lru, &h->freelist);
	h->free++;
	pool_trim(h);
}

/* ---- settings ------------------------------------------------------------ */

static void set_nr(struct hstate *h, unsigned long count)
{
	while (h->surplus && h->nr - h->surplus < count)
		h->surplus--;
	while (h->nr - h->surplus < count && pool_grow(h))
		cond_resched();
	while (h->nr - h->surplus > count && h->free > h->resv)
		pool_shrink(h);
	if (h->nr - h->surplus > count)
		h->surplus = h->nr - count;
}

void hugetlb_set_nr(struct hstate *h, unsigned long count)
{
	mutex_lock(&hugetlb_mutex);
	set_nr(h, count);
	mutex_unlock(&hugetlb_mutex);
}

void hugetlb_set_overcommit(struct hstate *h, unsigned long count)
{
	mutex_lock(&hugetlb_mutex);
	h->max_surplus = count;
	mutex_unlock(&hugetlb_mutex);
}

struct hstate *hstate_of_flags(unsigned long flags)
{
	unsigned long log = (flags >> MAP_HUGE_SHIFT) & MAP_HUGE_MASK;

	if (!log)
		return default_hstate;
	for (int i = 0; i < HUGE_MAX_HSTATE; i++)
		if (hstates[i].order + PAGE_SHIFT == log)
			return &hstates[i];
	return NULL;
}

/* ---- boot ---------------------------------------------------------------- */

/* "2M", "1G", "2048K". => NULL: no pool of that size */
static struct hstate *hstate_named(const char *val)
{
	u64 size = memparse(val, NULL);

	for (int i = 0; i < HUGE_MAX_HSTATE; i++)
		if (huge_page_size(&hstates[i]) == size)
			return &hstates[i];
	pr_err("HugeTLB: unsupported size %s\n", val);
	return NULL;
}

void hugetlb_boot_param(const char *name, const char *val)
{
	static struct hstate *sized; /* by the last hugepagesz= */
	struct hstate *h;
	unsigned long n;

	if (!val)
		return;
	if (!strcmp(name, "hugepages")) {
		if (!kstrtoul(val, 10, &n))
			boot_nr[(sized ?: default_hstate) - hstates] = n;
		return;
	}
	h = hstate_named(val);
	if (!h)
		return;
	if (!strcmp(name, "hugepagesz"))
		sized = h;
	else
		default_hstate = h;
}

void hugetlb_init(void)
{
	mutex_init(&hugetlb_mutex);
	for (int i = 0; i < HUGE_MAX_HSTATE; i++) {
		struct hstate *h = &hstates[i];

		INIT_LIST_HEAD(&h->freelist);
		set_nr(h, boot_nr[i]);
		if (h->nr < boot_nr[i])
			pr_warn("HugeTLB: %lu of %lu pages of %lu kB\n", h->nr,
				boot_nr[i], huge_page_size(h) >> 10);
		else if (h->nr)
			pr_info("HugeTLB: %lu pages of %lu kB\n", h->nr,
				huge_page_size(h) >> 10);
	}
}
