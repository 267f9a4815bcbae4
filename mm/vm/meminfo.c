// SPDX-License-Identifier: MIT
/*
 * /proc/meminfo and its relatives: where all of memory is right now.
 *
 *	MemTotal = MemFree + page cache + anonymous + slab + tables + stacks
 *	           + per-CPU + what kernel code asked for page by page
 *
 * The lines, their order and their columns are Linux 6.1's on arm64, those
 * of mechanisms that are not here yet with the zero that is true.
 */
#include <asm/memory.h>
#include <lib/seq_buf.h>
#include <mm/phys/report.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>
#include <sched/blkdev.h>

struct line {
	const char *name;
	unsigned long pages;
};

/* "Name:", padded to 16 columns with a number of 8 digits, in kB. */
static void show_kb(struct seq_buf *s, const char *name, unsigned long kb)
{
	seq_buf_puts(s, name);
	seq_buf_pad(s, 16);
	seq_buf_put_decimal(s, kb, 8);
	seq_buf_puts(s, " kB\n");
}

static void show_lines(struct seq_buf *s, const struct line *l, size_t n)
{
	for (; n; n--, l++)
		show_kb(s, l->name, l->pages << (PAGE_SHIFT - 10));
}

/* => pages that new programs could have without swapping, an estimate */
static long si_mem_available(void)
{
	unsigned long cache = global_node_page_state(NR_ACTIVE_FILE) +
			      global_node_page_state(NR_INACTIVE_FILE);
	unsigned long misc = global_node_page_state(NR_KERNEL_MISC_RECLAIMABLE);
	struct phys_meminfo pm;
	unsigned long slab;
	long available;

	phys_meminfo(&pm);
	slab = pm.slab_reclaimable + misc;
	available = (long)pm.freeram - (long)pm.totalreserve;
	available += (long)(cache - min(cache / 2, pm.wmark_low));
	available += (long)(slab - min(slab / 2, pm.wmark_low));
	return max(available, 0L);
}

/* The caches of the devices themselves: Buffers. */
static unsigned long nr_blockdev_pages(void)
{
	struct block_device *bdev = NULL;
	unsigned long nr = 0;

	while ((bdev = blkdev_next(bdev)))
		nr += READ_ONCE(bdev->bd_mapping->nrpages);
	return nr;
}

void si_meminfo(struct mem_sysinfo *si)
{
	struct phys_meminfo pm;

	phys_meminfo(&pm);
	*si = (struct mem_sysinfo){
		.totalram = pm.totalram,
		.freeram = pm.freeram,
		.sharedram = global_node_page_state(NR_SHMEM),
		.bufferram = nr_blockdev_pages(),
		.totalswap = total_swap_pages,
		.freeswap = get_nr_swap_pages(),
	};
}

static void show_lru(struct seq_buf *s)
{
	unsigned long ia = global_node_page_state(NR_INACTIVE_ANON);
	unsigned long aa = global_node_page_state(NR_ACTIVE_ANON);
	unsigned long ifi = global_node_page_state(NR_INACTIVE_FILE);
	unsigned long af = global_node_page_state(NR_ACTIVE_FILE);
	const struct line lines[] = {
		{ "Active:", aa + af },
		{ "Inactive:", ia + ifi },
		{ "Active(anon):", aa },
		{ "Inactive(anon):", ia },
		{ "Active(file):", af },
		{ "Inactive(file):", ifi },
		{ "Unevictable:", global_node_page_state(NR_UNEVICTABLE) },
		{ "Mlocked:", global_zone_page_state(NR_MLOCK) },
	};

	show_lines(s, lines, ARRAY_SIZE(lines));
}

static void show_use(struct seq_buf *s, const struct phys_meminfo *pm)
{
	unsigned long slab = pm->slab_reclaimable + pm->slab_unreclaimable;
	unsigned long misc = global_node_page_state(NR_KERNEL_MISC_RECLAIMABLE);
	const struct line before[] = {
		{ "SwapTotal:", total_swap_pages },
		{ "SwapFree:", get_nr_swap_pages() },
		{ "Zswap:", 0 },
		{ "Zswapped:", 0 },
		{ "Dirty:", global_node_page_state(NR_FILE_DIRTY) },
		{ "Writeback:", global_node_page_state(NR_WRITEBACK) },
		{ "AnonPages:", global_node_page_state(NR_ANON_MAPPED) },
		{ "Mapped:", global_node_page_state(NR_FILE_MAPPED) },
		{ "Shmem:", global_node_page_state(NR_SHMEM) },
		{ "KReclaimable:", pm->slab_reclaimable + misc },
		{ "Slab:", slab },
		{ "SReclaimable:", pm->slab_reclaimable },
		{ "SUnreclaim:", pm->slab_unreclaimable },
	};
	const struct line after[] = {
		{ "PageTables:", pm->pagetables },
		{ "SecPageTables:",
		  global_node_page_state(NR_SECONDARY_PAGETABLE) },
		{ "NFS_Unstable:", 0 },
		{ "Bounce:", global_zone_page_state(NR_BOUNCE) },
		{ "WritebackTmp:", global_node_page_state(NR_WRITEBACK_TEMP) },
		{ "CommitLimit:", vm_commit_limit() },
		{ "Committed_AS:", vm_committed_as() },
	};

	show_lines(s, before, ARRAY_SIZE(before));
	show_kb(s, "KernelStack:", pm->kernel_stack_kb);
	show_lines(s, after, ARRAY_SIZE(after));
}

static void show_rest(struct seq_buf *s, const struct phys_meminfo *pm)
{
	const struct line lines[] = {
		{ "AnonHugePages:", global_node_page_state(NR_ANON_THPS) },
		{ "ShmemHugePages:", 0 },
		{ "ShmemPmdMapped:", 0 },
		{ "FileHugePages:", 0 },
		{ "FilePmdMapped:", 0 },
		{ "CmaTotal:", 0 },
		{ "CmaFree:", 0 },
	};
	const struct hstate *h = default_hstate;
	unsigned long hugetlb_kb = 0;

	for (int i = 0; i < HUGE_MAX_HSTATE; i++)
		hugetlb_kb +=
			hstates[i].nr * (huge_page_size(&hstates[i]) >> 10);
	show_kb(s, "VmallocTotal:",
		(unsigned long)(VMALLOC_END - VMALLOC_START) >> 10);
	show_kb(s, "VmallocUsed:", pm->vmalloc_used << (PAGE_SHIFT - 10));
	show_kb(s, "VmallocChunk:", 0UL);
	show_kb(s, "Percpu:", pm->percpu << (PAGE_SHIFT - 10));
	seq_buf_printf(s, "%s%5lu kB\n", "HardwareCorrupted: ", 0UL);
	show_lines(s, lines, ARRAY_SIZE(lines));
	seq_buf_printf(s,
		       "HugePages_Total:   %5lu\n"
		       "HugePages_Free:    %5lu\n"
		       "HugePages_Rsvd:    %5lu\n"
		       "HugePages_Surp:    %5lu\n"
		       "Hugepagesize:   %8lu kB\n"
		       "Hugetlb:        %8lu kB\n",
		       h->nr, h->free, h->resv, h->surplus,
		       huge_page_size(h) >> 10, hugetlb_kb);
}

void meminfo_show(struct seq_buf *s)
{
	struct phys_meminfo pm;
	unsigned long swapcache = global_node_page_state(NR_SWAPCACHE);
	unsigned long buffers = nr_blockdev_pages();

	phys_meminfo(&pm);
	const struct line lines[] = {
		{ "MemTotal:", pm.totalram },
		{ "MemFree:", pm.freeram },
		{ "MemAvailable:", (unsigned long)si_mem_available() },
		{ "Buffers:", buffers },
		{ "Cached:",
		  global_node_page_state(NR_FILE_PAGES) - swapcache - buffers },
		{ "SwapCached:", swapcache },
	};

	show_lines(s, lines, ARRAY_SIZE(lines));
	show_lru(s);
	show_use(s, &pm);
	show_rest(s, &pm);
}

/* ---- one node ------------------------------------------------------------ */

static void node_line(struct seq_buf *s, int nid, const char *name,
		      unsigned long kb)
{
	seq_buf_printf(s, "Node %d %-16s%8lu kB\n", nid, name, kb);
}

void node_meminfo_show(struct seq_buf *s, int nid)
{
	static const struct {
		const char *name;
		enum node_stat_item item;
	} lines[] = {
		{ "Active(anon):", NR_ACTIVE_ANON },
		{ "Inactive(anon):", NR_INACTIVE_ANON },
		{ "Active(file):", NR_ACTIVE_FILE },
		{ "Inactive(file):", NR_INACTIVE_FILE },
		{ "Unevictable:", NR_UNEVICTABLE },
		{ "Dirty:", NR_FILE_DIRTY },
		{ "Writeback:", NR_WRITEBACK },
		{ "FilePages:", NR_FILE_PAGES },
		{ "Mapped:", NR_FILE_MAPPED },
		{ "AnonPages:", NR_ANON_MAPPED },
		{ "Shmem:", NR_SHMEM },
		{ "PageTables:", NR_PAGETABLE },
	};
	pg_data_t *pgdat = NODE_DATA(nid);
	unsigned long total = 0, nr_free = 0;

	for (int z = 0; z < MAX_NR_ZONES; z++) {
		total += zone_managed_pages(&pgdat->node_zones[z]);
		nr_free +=
			zone_page_state(&pgdat->node_zones[z], NR_FREE_PAGES);
	}
	total <<= PAGE_SHIFT - 10;
	nr_free <<= PAGE_SHIFT - 10;
	node_line(s, nid, "MemTotal:", total);
	node_line(s, nid, "MemFree:", nr_free);
	node_line(s, nid, "MemUsed:", total - nr_free);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		node_line(s, nid, lines[i].name,
			  node_page_state(pgdat, lines[i].item)
				  << (PAGE_SHIFT - 10));
}
