// SPDX-License-Identifier: MIT
/*
 * The books of pages that can be reclaimed, compared.
 *
 *	pages on each list  vs  their flags, the counters of node and zones
 *	PG_lru of all pages vs  the same counters: none is lost
 *	flags of all pages  vs  NR_FILE_PAGES, NR_SHMEM, NR_FILE_DIRTY,
 *	                        NR_WRITEBACK, NR_FILE_MAPPED, NR_ANON_MAPPED
 *	page->mapping       vs  the object's tree: the page, its marks, nrpages
 *
 * While others run sums may differ for a moment: then look again.
 */
#include <base/printk.h>
#include <mm/phys/report.h>
#include <mm/vm/internal.h>
#include <sched/sched.h>

#define FIRST_LRU NR_INACTIVE_ANON
#define TRIES	  10

/* What the lists say, then what the flags of pages say, by node counter. */
struct tally {
	unsigned long bad;
	long listed[NR_LRU_LISTS];
	long node[NR_VM_NODE_STAT_ITEMS];
};

#define complain(t, page, fmt, ...)                                        \
	do {                                                               \
		(t)->bad++;                                                \
		pr_err("lru_check: pfn %lx: " fmt "\n", page_to_pfn(page), \
		       ##__VA_ARGS__);                                     \
	} while (0)

/* ---- lists --------------------------------------------------------------- */

static void walk_lists(struct tally *t, struct lruvec *lruvec)
{
	const struct page *page;

	spin_lock(&lruvec->lock);
	for (enum lru_list lru = 0; lru < LRU_UNEVICTABLE; lru++) {
		list_for_each_entry(page, &lruvec->lists[lru], lru) {
			if (!PageLRU(page) || page_lru(page) != lru ||
			    page_lruvec(page) != lruvec)
				complain(t, page, "on list %d, flags %lx", lru,
					 page->flags);
			t->listed[lru] += (long)compound_nr(page);
		}
	}
	spin_unlock(&lruvec->lock);
}

/* ---- pages --------------------------------------------------------------- */

static void check_nrpages(struct tally *t, const struct page *page,
			  struct address_space *mapping)
{
	unsigned long index, n = 0;
	const void *entry;

	xa_for_each(&mapping->i_pages, index, entry)
		n += !xa_is_value(entry);
	if (n != mapping->nrpages)
		complain(t, page, "%lu pages in the tree, nrpages %lu", n,
			 mapping->nrpages);
}

/* page is locked. The end of write-back clears the mark, then the flag. */
static void check_in_tree(struct tally *t, const struct page *page,
			  struct address_space *mapping)
{
	struct xarray *tree = &mapping->i_pages;
	unsigned long first = 0;

	spin_lock(&mapping->lock);
	if (xa_load(tree, page->index) != page)
		complain(t, page, "not in the tree at %lx", page->index);
	if (mapping_can_writeback(mapping) &&
	    xa_get_mark(tree, page->index, PAGECACHE_TAG_DIRTY) !=
		    PageDirty(page))
		complain(t, page, "flag and mark of dirt disagree");
	if (xa_get_mark(tree, page->index, PAGECACHE_TAG_WRITEBACK) &&
	    !PageWriteback(page))
		complain(t, page, "marked as in write-back, and is not");
	if (xa_find(tree, &first, ULONG_MAX) == page)
		check_nrpages(t, page, mapping);
	spin_unlock(&mapping->lock);
}

/* A reference and the lock keep it what it is, or it is left out. */
static void check_cached(struct tally *t, struct page *page)
{
	struct address_space *mapping;

	if (!get_page_unless_zero(page))
		return;
	if (trylock_page(page)) {
		mapping = PageLRU(page) ? page_mapping_file(page) : NULL;
		if (mapping)
			check_in_tree(t, page, mapping);
		unlock_page(page);
	}
	put_page(page);
}

static void count_page(struct tally *t, struct page *page)
{
	long nr = (long)compound_nr(page);
	bool anon = PageAnon(page), cached = !anon && page->mapping;

	t->node[FIRST_LRU + page_lru(page)] += nr;
	t->node[NR_FILE_PAGES] += cached || PageSwapCache(page);
	t->node[NR_WRITEBACK] += PageWriteback(page);
	if (page_mapped(page))
		t->node[anon ? NR_ANON_MAPPED : NR_FILE_MAPPED] += nr;
	t->node[NR_SHMEM] += cached && PageSwapBacked(page);
	t->node[NR_FILE_DIRTY] += cached && !PageSwapBacked(page) &&
				  PageDirty(page);
	if (cached)
		check_cached(t, page);
}

static void walk_pages(struct tally *t)
{
	for (unsigned long pfn = 0; pfn < memmap_end_pfn(); pfn++) {
		struct page *page;

		if (!pfn_valid(pfn))
			continue;
		page = pfn_to_page(pfn);
		if (PageTail(page) || !page_ref_count(page))
			continue;
		if (PageLRU(page))
			count_page(t, page);
		else if (!PageSlab(page) && !PageHead(page)) /* the vDSO */
			t->node[NR_FILE_MAPPED] += page_mapped(page);
	}
}

/* ---- sums ---------------------------------------------------------------- */

static const u8 counted[] = { NR_FILE_PAGES, NR_SHMEM,	     NR_FILE_DIRTY,
			      NR_WRITEBACK,  NR_FILE_MAPPED, NR_ANON_MAPPED };

static bool equal(const char *name, unsigned long counted_as, long found,
		  bool say)
{
	if (counted_as == (unsigned long)found)
		return true;
	if (say)
		pr_err("lru_check: %s: counted %lu, found %ld\n", name,
		       counted_as, found);
	return false;
}

/* => do the counters agree with what was found? say: tell the log */
static bool compare(const struct tally *t, bool say)
{
	bool ok = true;

	for (unsigned int lru = 0; lru < NR_LRU_LISTS; lru++) {
		unsigned int item = FIRST_LRU + lru;
		unsigned long n = global_node_page_state(item);

		ok &= equal(node_stat_names[item], n, t->node[item], say);
		if (lru != LRU_UNEVICTABLE)
			ok &= equal("on its list", n, t->listed[lru], say);
		n = global_zone_page_state(NR_ZONE_INACTIVE_ANON + lru);
		ok &= equal(zone_stat_names[NR_ZONE_INACTIVE_ANON + lru], n,
			    t->node[item], say);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(counted); i++)
		ok &= equal(node_stat_names[counted[i]],
			    global_node_page_state(counted[i]),
			    t->node[counted[i]], say);
	return ok;
}

bool lru_check(unsigned long *pages)
{
	struct tally t;

	for (int tries = 1;; tries++) {
		pg_data_t *pgdat;

		t = (struct tally){ .bad = 0 };
		for_each_online_pgdat(pgdat) walk_lists(&t, node_lruvec(pgdat));
		walk_pages(&t);
		*pages = (unsigned long)t.node[NR_FILE_PAGES];
		if (t.bad || compare(&t, tries == TRIES))
			return !t.bad;
		if (tries == TRIES)
			return false;
		schedule_timeout_uninterruptible_ns(10000000);
	}
}
