// SPDX-License-Identifier: MIT
/*
 * Names for addresses: a binary search in the table that the linking step
 * made. A function ends where the next one begins. Read-only, no lock.
 */
#include <asm/sections.h>
#include <base/kallsyms.h>
#include <lib/printf.h>
#include <lib/string.h>

static const char *name_of(u32 i)
{
	return &kallsyms_names[kallsyms_name_offsets[i]];
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset)
{
	u32 low = 0, high = kallsyms_count, mid;
	unsigned long at, end;

	if (!is_kernel_text(addr))
		return NULL;
	at = addr - (unsigned long)_text;
	/* The last symbol that begins at or before it is in [low, high). */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (kallsyms_offsets[mid] <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NULL;
	end = low < kallsyms_count ? kallsyms_offsets[low] :
				     (unsigned long)(__inittext_end - _text);
	*offset = at - kallsyms_offsets[low - 1];
	*size = end - kallsyms_offsets[low - 1];
	return name_of(low - 1);
}

void kallsyms_init(void)
{
	printf_symbol_lookup = kallsyms_lookup;
}
