// SPDX-License-Identifier: MIT
/*
 * The slots of swap: given out, counted, taken back.
 *
 * Areas of the highest priority are used first, those of the same priority in
 * turn, a cluster each. Within an area each CPU gives out slots in a row,
 * from the start of an empty cluster on, so that what one reclaimer writes
 * together lies together:
 *
 *	used   [11110000][11000000][00000000]        CPU 0: the 5th slot, then
 *	           ^next[0] ^next[1]                 the third cluster
 *
 * Only when no cluster is empty any more, free slots are taken one by one as
 * they come, from the last one on and around.
 *
 * Locks: swap_lock (the order of areas), then an area's lock. Callers: the
 * page tables' walkers and the swap cache.
 */
#include <asm/atomic.h>
#include <base/bug.h>
#include <lib/bitmap.h>
#include <lib/errno.h>
#include <mm/vm/internal.h>
#include <mm/vm/swap_area.h>

struct swap_info_struct swap_info[MAX_SWAPFILES];
unsigned long total_swap_pages;

static DEFINE_SPINLOCK(swap_lock);
static LIST_HEAD(swap_avail); /* by prio, largest first */
static atomic_long_t nr_swap_pages;

void swap_init(void)
{
	for (unsigned int i = 0; i < MAX_SWAPFILES; i++) {
		spin_lock_init(&swap_info[i].lock);
		swap_info[i].type = i;
		xa_init(&swap_info[i].cache, &swap_tree_alloc);
	}
}

unsigned long get_nr_swap_pages(void)
{
	return (unsigned long)max(atomic_long_read(&nr_swap_pages), 0L);
}

bool vm_swap_full(void)
{
	return get_nr_swap_pages() * 2 < READ_ONCE(total_swap_pages);
}

/* ---- giving out ---------------------------------------------------------- */

/* => a free slot, or max. si is locked */
static unsigned long find_slot(struct swap_info_struct *si, unsigned int cpu)
{
	unsigned long slot = si->next[cpu];

	if (slot % SWAP_CLUSTER && slot < si->max && !test_bit(slot, si->used))
		return slot;
	if (!si->scattered) {
		slot = bitmap_find_next_zero_area(si->used, si->max, slot,
						  SWAP_CLUSTER,
						  SWAP_CLUSTER - 1);
		if (slot + SWAP_CLUSTER > si->max)
			slot = bitmap_find_next_zero_area(si->used, si->max, 0,
							  SWAP_CLUSTER,
							  SWAP_CLUSTER - 1);
		if (slot + SWAP_CLUSTER <= si->max)
			return slot;
		si->scattered = true;
	}
	slot = find_next_zero_bit(si->used, si->max, si->next[cpu]);
	return slot < si->max ? slot : find_first_zero_bit(si->used, si->max);
}

/* => 0, -ENOMEM, -ENOSPC: the area is full; si is locked */
static int take_slot(struct swap_info_struct *si, struct page *page,
		     unsigned int cpu)
{
	unsigned long slot;
	int err;

	if (si->inuse == si->pages)
		return -ENOSPC;
	slot = find_slot(si, cpu);
	BUG_ON(slot >= si->max || si->map[slot]);
	err = xa_store(&si->cache, slot, page, GFP_NOWAIT | __GFP_NOWARN);
	if (err)
		return err;
	si->map[slot] = SWAP_HAS_CACHE;
	set_bit(slot, si->used);
	si->inuse++;
	si->next[cpu] = slot + 1;
	set_page_private(page, swp_entry(si->type, slot).val);
	SetPageSwapCache(page);
	get_page(page);
	return 0;
}

/* si goes behind the others of its priority. => swap_lock held */
static void insert_avail(struct swap_info_struct *si)
{
	struct swap_info_struct *other;

	list_for_each_entry(other, &swap_avail, avail) {
		if (other->prio < si->prio)
			break;
	}
	list_add_tail(&si->avail, &other->avail);
}

int swap_alloc_slot(struct page *page)
{
	unsigned int cpu = smp_processor_id();
	struct swap_info_struct *si;
	int err = -ENOMEM;

	if (!get_nr_swap_pages())
		return -ENOMEM;
	spin_lock(&swap_lock);
	list_for_each_entry(si, &swap_avail, avail) {
		spin_lock(&si->lock);
		err = take_slot(si, page, cpu);
		spin_unlock(&si->lock);
		if (err != -ENOSPC)
			break;
	}
	if (!err) {
		atomic_long_dec(&nr_swap_pages);
		if (!(si->next[cpu] % SWAP_CLUSTER)) {
			list_del(&si->avail);
			insert_avail(si);
		}
	}
	spin_unlock(&swap_lock);
	return err ? -ENOMEM : 0;
}

void swap_enable(struct swap_info_struct *si)
{
	spin_lock(&swap_lock);
	spin_lock(&si->lock);
	si->writeok = true;
	atomic_long_add((long)(si->pages - si->inuse), &nr_swap_pages);
	spin_unlock(&si->lock);
	total_swap_pages += si->pages;
	insert_avail(si);
	spin_unlock(&swap_lock);
}

void swap_disable(struct swap_info_struct *si)
{
	spin_lock(&swap_lock);
	spin_lock(&si->lock);
	si->writeok = false;
	atomic_long_sub((long)(si->pages - si->inuse), &nr_swap_pages);
	spin_unlock(&si->lock);
	total_swap_pages -= si->pages;
	list_del(&si->avail);
	spin_unlock(&swap_lock);
}

/* ---- counting ------------------------------------------------------------ */

struct swap_info_struct *swap_lock_area(swp_entry_t entry)
{
	struct swap_info_struct *si;

	if (swp_type(entry) >= MAX_SWAPFILES)
		return NULL;
	si = &swap_info[swp_type(entry)];
	spin_lock(&si->lock);
	if (likely(swp_offset(entry) < si->max))
		return si;
	spin_unlock(&si->lock);
	return NULL;
}

/* Nobody refers to slot: it is free, and what the cache knew is forgotten. */
static void free_slot(struct swap_info_struct *si, unsigned long slot)
{
	VM_BUG_ON(!test_bit(slot, si->used) || !si->inuse);
	xa_erase(&si->cache, slot);
	clear_bit(slot, si->used);
	si->inuse--;
	if (!si->used[slot / SWAP_CLUSTER])
		si->scattered = false;
	if (si->writeok)
		atomic_long_inc(&nr_swap_pages);
}

void swap_slot_put_cache(struct swap_info_struct *si, unsigned long slot)
{
	VM_BUG_ON(!(si->map[slot] & SWAP_HAS_CACHE));
	si->map[slot] &= (u16)~SWAP_HAS_CACHE;
	if (!si->map[slot])
		free_slot(si, slot);
}

int swap_duplicate(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_lock_area(entry);
	int err = 0;

	if (!si)
		return is_swapin_error_entry(entry) ? 0 : -ENOMEM;
	VM_BUG_ON(!si->map[swp_offset(entry)]);
	if ((si->map[swp_offset(entry)] & SWAP_MAP_BAD) < SWAP_MAP_MAX)
		si->map[swp_offset(entry)]++;
	else
		err = -ENOMEM;
	spin_unlock(&si->lock);
	return err;
}

/* => true: the cache alone holds the slot now */
static bool put_slot(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_lock_area(entry);
	unsigned long slot = swp_offset(entry);
	bool cached;

	if (!si)
		return false;
	VM_BUG_ON(!(si->map[slot] & SWAP_MAP_BAD));
	if (!--si->map[slot])
		free_slot(si, slot);
	cached = si->map[slot] == SWAP_HAS_CACHE;
	spin_unlock(&si->lock);
	return cached;
}

void swap_free(swp_entry_t entry)
{
	put_slot(entry);
}

void free_swap_and_cache(swp_entry_t entry)
{
	struct page *page = put_slot(entry) ? lookup_swap_cache(entry) : NULL;

	if (page) {
		free_swap_cache(page);
		put_page(page);
	}
}

int swp_swapcount(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_lock_area(entry);
	int count;

	if (!si)
		return 0;
	count = si->map[swp_offset(entry)] & SWAP_MAP_BAD;
	spin_unlock(&si->lock);
	return count;
}
