/* SPDX-License-Identifier: MIT */
/* The pools behind hugetlb.c. => hugetlb_mutex is held, unless said otherwise */
#ifndef _MM_VM_HUGETLB_POOL_H
#define _MM_VM_HUGETLB_POOL_H

#include <mm/vm/hugetlb.h>
#include <sched/mutex.h>

extern struct mutex hugetlb_mutex;

/* Promise n pages, adding surplus ones if allowed. => false: too few */
bool pool_reserve(struct hstate *h, unsigned long n);
void pool_unreserve(struct hstate *h, unsigned long n);
/*
 * A page of any content, refcount 1, not mapped; out of the promised ones, or
 * not. => NULL: none left
 */
struct page *pool_take(struct hstate *h, bool promised);
/* Drop a reference; the last one brings it back. */
void put_huge_page(struct hstate *h, struct page *page);

#endif
