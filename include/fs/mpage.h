/* SPDX-License-Identifier: MIT */
/*
 * Between the page cache and a block device: pages of a file become requests
 * for the blocks that hold them.
 */
#ifndef _FS_MPAGE_H
#define _FS_MPAGE_H

#include <sched/blkdev.h>

struct inode;
struct page;
struct writeback_control;

/*
 * Where is block iblock of the file (in units of 1 << i_blkbits bytes)?
 * => 0 with *phys set, BLOCK_HOLE: there is none; with create there always is;
 *    -ENOSPC, -EIO, -EUCLEAN. May sleep; a new block that is not written as a whole
 *    is zeroed in the page by the caller
 */
#define BLOCK_HOLE ((sector_t)-1)
typedef int (*get_block_t)(struct inode *inode, sector_t iblock, sector_t *phys,
			   bool create);

/* The bodies of the address_space_operations of such names. */
int mpage_readpage(struct inode *inode, struct page *page, get_block_t get);
void mpage_readahead(struct inode *inode, struct page **pages, unsigned int nr,
		     get_block_t get);
/* blocks: a bit for each block of the page that is to be written */
#define MPAGE_ALL_BLOCKS (~0U)
int mpage_writepage(struct inode *inode, struct page *page,
		    struct writeback_control *wbc, get_block_t get,
		    unsigned int blocks);
/* write_begin, page_mkwrite: blocks for bytes [from, to) of an uptodate page */
int mpage_prepare(struct inode *inode, struct page *page, unsigned int from,
		  unsigned int to, get_block_t get);

#endif
