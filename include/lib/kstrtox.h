/* SPDX-License-Identifier: MIT */
/*
 * Text to numbers. Base 0 takes 0x and 0 prefixes for 16 and 8. The kstrto
 * functions want the whole string to be one number, with at most a newline
 * behind it.
 *
 * => 0; -EINVAL if it is no number; -ERANGE if it does not fit
 */
#ifndef _LIB_KSTRTOX_H
#define _LIB_KSTRTOX_H

#include <lib/types.h>

int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);

/* The number at the start of s, wrapping silently; *end: what follows. */
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);

/* A size with an optional suffix K, M, G, T, P or E, as on a command line. */
u64 memparse(const char *s, char **end);

#endif
