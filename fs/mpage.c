// SPDX-License-Identifier: MIT
/*
 * Pages to blocks. A page is 4 KiB, a block 0.5 to 4 KiB, and they may lie
 * anywhere on the device:
 *
 *	page 7              page 8            of the file
 *	[b28 b29 b30 b31]   [b32 b33 -- --]
 *	  \   \   \   \       |   |   holes: zeroes, nothing is written
 *	  900 901 902 903     904 77          on the device
 *	  '------------ bio --------' '-- bio --'
 *
 * A run of blocks that goes on where the last ended joins its bio, across
 * pages. A page may wait for several bios: page->private counts them, plus
 * one until all are known. The last to end unlocks the page, or ends its
 * write-back.
 *
 * Locks: the page's, held until then (reading) or until the write is on its
 * way. Ends run in the device's thread.
 */
#include <asm/atomic.h>
#include <base/bug.h>
#include <fs/block_dev.h>
#include <fs/fs.h>
#include <fs/mpage.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/vm/writeback.h>

/* The lower half of page->private; of a device's page, the upper is taken. */
static atomic_t *pending(struct page *page)
{
	return (atomic_t *)&page->private;
}

/* One piece of page is done, with that result. */
static void piece_done(struct page *page, enum req_op op, int err)
{
	if (unlikely(err))
		SetPageError(page);
	if (!atomic_dec_and_test(pending(page)))
		return;
	if (op == REQ_OP_READ) {
		if (!PageError(page))
			SetPageUptodate(page);
		unlock_page(page);
		return;
	}
	if (PageError(page) && page->mapping) {
		const struct inode *host = page->mapping->host;

		errseq_set(&page->mapping->wb_err, -EIO);
		errseq_set(&host->i_sb->s_wb_err, -EIO);
	}
	end_page_writeback(page);
}

/*
 * What could not be written is clean nevertheless, and may be dropped: fsync
 * tells. But metadata is not the caller's: it stays dirty and is tried again.
 * To read an old map of blocks again would give blocks away twice.
 */
static void keep_metadata(const struct bio_vec *v)
{
	const struct address_space *mapping = v->bv_page->mapping;
	const struct inode *host = mapping ? mapping->host : NULL;

	if (host && S_ISBLK(host->i_mode))
		bdev_write_failed(v->bv_page, v->bv_offset, v->bv_len);
	else if (host && !S_ISREG(host->i_mode))
		set_page_dirty(v->bv_page);
}

static void end_bio(struct bio *bio)
{
	for (unsigned int i = 0; i < bio->bi_vcnt; i++) {
		const struct bio_vec *v = &bio->bi_io_vec[i];

		if (unlikely(bio->bi_status) && bio->bi_op == REQ_OP_WRITE)
			keep_metadata(v);
		piece_done(v->bv_page, bio->bi_op, bio->bi_status);
	}
	bio_put(bio);
}

/* Bytes [off, off + len) of page are at sector. *bio: what was begun, or NULL */
static void add_piece(struct bio **bio, struct block_device *bdev,
		      enum req_op op, sector_t sector, struct page *page,
		      unsigned int len, unsigned int off)
{
	struct bio *b = *bio;

	atomic_inc(pending(page));
	if (b && b->bi_sector + (b->bi_size >> SECTOR_SHIFT) == sector &&
	    bio_add_page(b, page, len, off))
		return;
	if (b)
		submit_bio(b);
	*bio = b = bio_alloc(bdev, op, sector);
	b->bi_end_io = end_bio;
	bio_add_page(b, page, len, off);
}

/* The blocks of a page, found before anything is begun. */
struct page_map {
	unsigned int bits; /* of a block */
	unsigned int nr;   /* blocks of the page within the file */
	sector_t phys[PAGE_SIZE / SECTOR_SIZE];
};

/* => up to the end of the file, which a disk's inode need not know; or <= 0 */
static loff_t bytes_from(const struct inode *inode, const struct page *page)
{
	struct address_space *mapping = inode->i_mapping;

	return mapping->a_ops->size(mapping) -
	       ((loff_t)page->index << PAGE_SHIFT);
}

static int map_page(struct inode *inode, struct page *page,
		    struct page_map *map, get_block_t get, bool create)
{
	sector_t first;
	loff_t left = bytes_from(inode, page);

	map->bits = inode->i_blkbits;
	first = (sector_t)page->index << (PAGE_SHIFT - map->bits);
	left = clamp(left, (loff_t)0, (loff_t)PAGE_SIZE);
	map->nr = (unsigned int)((left + (1 << map->bits) - 1) >> map->bits);
	for (unsigned int i = 0; i < map->nr; i++) {
		int err = get(inode, first + i, &map->phys[i], create);

		if (err)
			return err;
	}
	return 0;
}

/* Runs of neighbouring blocks go together. */
static void add_page_pieces(struct bio **bio, struct inode *inode,
			    enum req_op op, struct page *page,
			    const struct page_map *map)
{
	unsigned int i = 0, n;

	for (; i < map->nr; i += n) {
		for (n = 1;
		     i + n < map->nr && map->phys[i + n] == map->phys[i] + n;
		     n++)
			;
		if (map->phys[i] != BLOCK_HOLE)
			add_piece(bio, inode->i_bdev, op,
				  map->phys[i] << (map->bits - SECTOR_SHIFT),
				  page, n << map->bits, i << map->bits);
	}
}

/* ---- reading ------------------------------------------------------------- */

static void zero_holes(struct page *page, const struct page_map *map)
{
	char *addr = page_address(page);
	unsigned int used = map->nr << map->bits;

	for (unsigned int i = 0; i < map->nr; i++)
		if (map->phys[i] == BLOCK_HOLE)
			memset(addr + (i << map->bits), 0, 1UL << map->bits);
	memset(addr + used, 0, PAGE_SIZE - used);
}

static int read_into(struct bio **bio, struct inode *inode, struct page *page,
		     get_block_t get)
{
	struct page_map map;
	int err = map_page(inode, page, &map, get, false);

	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (err) {
		unlock_page(page);
		return err;
	}
	zero_holes(page, &map);
	ClearPageError(page);
	atomic_set(pending(page), 1);
	add_page_pieces(bio, inode, REQ_OP_READ, page, &map);
	piece_done(page, REQ_OP_READ, 0);
	return 0;
}

int mpage_readpage(struct inode *inode, struct page *page, get_block_t get)
{
	struct bio *bio = NULL;
	int err = read_into(&bio, inode, page, get);

	if (bio)
		submit_bio(bio);
	return err;
}

void mpage_readahead(struct inode *inode, struct page **pages, unsigned int nr,
		     get_block_t get)
{
	struct bio *bio = NULL;

	for (unsigned int i = 0; i < nr; i++)
		read_into(&bio, inode, pages[i], get);
	if (bio)
		submit_bio(bio);
}

/* ---- writing ------------------------------------------------------------- */

int mpage_prepare(struct inode *inode, struct page *page, unsigned int from,
		  unsigned int to, get_block_t get)
{
	unsigned int bits = inode->i_blkbits;
	sector_t first = (sector_t)page->index << (PAGE_SHIFT - bits), phys;

	for (unsigned int i = from >> bits; i << bits < to; i++) {
		int err = get(inode, first + i, &phys, true);

		if (err)
			return err;
	}
	return 0;
}

/*
 * What a mapping wrote behind the end of the file must not get to the disk.
 * A page that lies behind it altogether is about to be truncated.
 */
int mpage_writepage(struct inode *inode, struct page *page,
		    struct writeback_control *wbc, get_block_t get,
		    unsigned int blocks)
{
	loff_t left = bytes_from(inode, page);
	struct page_map map;
	int err;

	if (left <= 0) {
		unlock_page(page);
		return 0;
	}
	if (left < (loff_t)PAGE_SIZE)
		memset((char *)page_address(page) + left, 0,
		       PAGE_SIZE - (size_t)left);
	err = map_page(inode, page, &map, get, true);
	if (err) {
		unlock_page(page);
		return err;
	}
	for (unsigned int i = 0; i < map.nr; i++)
		if (!(blocks & 1U << i))
			map.phys[i] = BLOCK_HOLE;
	ClearPageError(page);
	set_page_writeback(page);
	atomic_set(pending(page), 1);
	add_page_pieces(&wbc->bio, inode, REQ_OP_WRITE, page, &map);
	unlock_page(page);
	piece_done(page, REQ_OP_WRITE, 0);
	return 0;
}
