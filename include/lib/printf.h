/* SPDX-License-Identifier: MIT */
/*
 * Formatted text into a buffer: C's printf for integers, characters and
 * strings, and of Linux's %p family
 *
 *	%p, %px   16 hexadecimal digits
 *	%pS       the symbol at that address: name+0xoffset/0xsize
 *	%ps       the same, the name alone
 *	%pa       a pointer to a phys_addr_t: 0x and 16 digits
 */
#ifndef _LIB_PRINTF_H
#define _LIB_PRINTF_H

#include <lib/stdarg.h>
#include <lib/types.h>

/* => the length the whole text has; cut and terminated to fit size */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
/* => the length of what is in buf */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/*
 * The decimal digits of v, not terminated. => their number
 * => buf has room for 20
 */
unsigned int put_dec(char *buf, u64 v);

/* Set by whoever has a symbol table; => NULL if addr belongs to none. */
extern const char *(*printf_symbol_lookup)(unsigned long addr,
					   unsigned long *size,
					   unsigned long *offset);

#endif
