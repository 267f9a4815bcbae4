/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own symbol table: functions only, sorted by address, made by
 * tools/kallsyms.py while linking.
 */
#ifndef _BASE_KALLSYMS_H
#define _BASE_KALLSYMS_H

#include <lib/types.h>

extern const u32 kallsyms_count;
extern const u32 kallsyms_offsets[];	  /* from _text, ascending */
extern const u32 kallsyms_name_offsets[]; /* into kallsyms_names */
extern const char kallsyms_names[];

/* Make %pS and %ps know names. */
void kallsyms_init(void);
/* => the function that holds addr, its size and the distance; or NULL */
const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset);

#endif
