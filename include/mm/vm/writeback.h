/* SPDX-License-Identifier: MIT */
/*
 * Write-back: dirty pages of the page cache go to their store, some time
 * before memory is needed, or when somebody asks.
 */
#ifndef _MM_VM_WRITEBACK_H
#define _MM_VM_WRITEBACK_H

#include <lib/types.h>
#include <mm/phys/page.h>

struct address_space;
struct bio;

enum writeback_sync_modes {
	WB_SYNC_NONE, /* what is easy */
	WB_SYNC_ALL,  /* all that is dirty now; the caller waits for it */
};

struct writeback_control {
	enum writeback_sync_modes sync_mode;
	long nr_to_write;    /* pages still wanted (SYNC_NONE) */
	pgoff_t first, last; /* in this range, last inclusive */
	struct bio *bio;     /* neighbours gathered so far */
};

/* Write dirty pages by a_ops->writepage. => 0 or the first error */
int write_cache_pages(struct address_space *mapping,
		      struct writeback_control *wbc);

/*
 * By bytes, lend inclusive (-1: to the end): start writing; wait for what is
 * being written; both. => 0 or -errno; process context
 */
int filemap_fdatawrite_range(struct address_space *mapping, loff_t lstart,
			     loff_t lend, enum writeback_sync_modes mode);
void filemap_fdatawait_range(struct address_space *mapping, loff_t lstart,
			     loff_t lend);
int filemap_write_and_wait_range(struct address_space *mapping, loff_t lstart,
				 loff_t lend);

/*
 * A write failed (wb_err of a mapping, s_wb_err of a file system): the next
 * fsync() or syncfs() of each who has it open will say so, and if nobody has
 * been told, of who opens it next. err may be 0.
 */
void errseq_set(unsigned int *eseq, int err);
/* => where a new open begins */
unsigned int errseq_sample(const unsigned int *eseq);
/* => the error since *seen, once, or 0; *seen is as of now */
int errseq_check_and_advance(unsigned int *eseq, unsigned int *seen);

/* --- limits --- */

extern int dirty_background_ratio, vm_dirty_ratio;	     /* percent */
extern unsigned long dirty_background_bytes, vm_dirty_bytes; /* 0: ratio */

/* => pages that may be dirty before write-back begins, writers must wait */
void global_dirty_limits(unsigned long *background, unsigned long *dirty);
/*
 * The caller has made a page dirty, and may have to wait until others are
 * written. => process context, no lock of the page cache
 */
void balance_dirty_pages_ratelimited(struct address_space *mapping);

#endif
