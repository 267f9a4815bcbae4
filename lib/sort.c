/* SPDX-License-Identifier: MIT */
/*
 * Heapsort. The front of the array is a heap, each element not less than its
 * two children at 2i + 1 and 2i + 2; its first element, the largest, is
 * exchanged with its last one and the heap made one shorter.
 */
#include <lib/sort.h>

static void swap_bytes(void *a, void *b, int size)
{
	u8 *x = a, *y = b;

	for (; size--; x++, y++)
		swap(*x, *y);
}

void sort(void *base, size_t num, size_t size,
	  int (*cmp)(const void *, const void *),
	  void (*swap_func)(void *a, void *b, int size))
{
	size_t build = num / 2, parent, child;
	char *a = base;

	if (!swap_func)
		swap_func = swap_bytes;
	while (num > 1) {
		if (build) {
			parent = --build;
		} else {
			num--;
			swap_func(a, a + num * size, (int)size);
			parent = 0;
		}
		/* All below parent are heaps: let parent sink into place. */
		for (; (child = 2 * parent + 1) < num; parent = child) {
			if (child + 1 < num &&
			    cmp(a + child * size, a + (child + 1) * size) < 0)
				child++;
			if (cmp(a + parent * size, a + child * size) >= 0)
				break;
			swap_func(a + parent * size, a + child * size,
				  (int)size);
		}
	}
}
