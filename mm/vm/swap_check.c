// SPDX-License-Identifier: MIT
/*
 * The books of swap, compared.
 *
 *	map of each area    vs  its bits, its number in use, its cache
 *	pages of the cache  vs  their flags and entries, NR_SWAPCACHE
 *	references, summed  vs  MM_SWAPENTS of all address spaces (which
 *	                        mm_check() compares with their tables) and the
 *	                        values of shared memory
 *
 * While others run the sums may differ for a moment: then look again.
 */
#include <base/bug.h>
#include <base/printk.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>
#include <sched/sched.h>

#define complain(si, slot, what) \
	pr_err("swap_check: area %u, slot %lu: %s\n", (si)->type, slot, what)

/* => number of complaints */
static unsigned long check_cached(const struct swap_info_struct *si,
				  unsigned long slot, struct swap_totals *t)
{
	const struct page *page = xa_load(&si->cache, slot);

	if (page && xa_is_value(page))
		page = NULL;
	if (!page != !(si->map[slot] & SWAP_HAS_CACHE)) {
		complain(si, slot, "the map and the cache disagree");
		return 1;
	}
	if (!page)
		return 0;
	t->cached++;
	if (page_private(page) == swp_entry(si->type, slot).val &&
	    PageSwapCache(page) && page_ref_count(page) > 0)
		return 0;
	complain(si, slot, "cached page of another slot, or of none");
	return 1;
}

static unsigned long check_area(struct swap_info_struct *si,
				struct swap_totals *t)
{
	unsigned long bad = 0, inuse = 0;

	spin_lock(&si->lock);
	for (unsigned long slot = 0; slot < si->max; slot++) {
		if (!si->map[slot] != !test_bit(slot, si->used)) {
			complain(si, slot, "the map and the bits disagree");
			bad++;
		}
		if (!si->map[slot] || si->map[slot] == SWAP_MAP_BAD)
			continue;
		inuse++;
		t->refs += si->map[slot] & SWAP_MAP_BAD;
		bad += check_cached(si, slot, t);
	}
	if (inuse != si->inuse) {
		complain(si, inuse, "as many are in use, not as it says");
		bad++;
	}
	t->slots += inuse;
	spin_unlock(&si->lock);
	return bad;
}

bool swap_check(struct swap_totals *t)
{
	for (int tries = 0; tries < 10; tries++) {
		unsigned long bad = 0;

		*t = (struct swap_totals){ .slots = 0 };
		for (unsigned int i = 0; i < MAX_SWAPFILES; i++)
			bad += check_area(&swap_info[i], t);
		if (bad)
			return false;
		t->entries = mm_swapents() + shmem_swapped_total();
		if (t->refs == t->entries &&
		    t->cached == global_node_page_state(NR_SWAPCACHE))
			return true;
		schedule_timeout_uninterruptible_ns(10000000);
	}
	pr_err("swap_check: %lu references, %lu entries; %lu cached, counted %lu\n",
	       t->refs, t->entries, t->cached,
	       global_node_page_state(NR_SWAPCACHE));
	return false;
}
