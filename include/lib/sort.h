/* SPDX-License-Identifier: MIT */
#ifndef _LIB_SORT_H
#define _LIB_SORT_H

#include <lib/types.h>

/*
 * Sort num elements of size bytes in place: heapsort, O(n log n) always, no
 * memory, not stable. swap_func may be NULL.
 */
void sort(void *base, size_t num, size_t size,
	  int (*cmp)(const void *, const void *),
	  void (*swap_func)(void *a, void *b, int size));

#endif
