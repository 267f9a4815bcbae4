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

int __must_check kstrtoull(const char *s, unsigned int base, u64 *res);
int __must_check kstrtoll(const char *s, unsigned int base, s64 *res);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base,
			    unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);
/* y, 1, on and n, 0, off */
int __must_check kstrtobool(const char *s, bool *res);

#define kstrtou64(s, base, res) kstrtoull(s, base, res)
#define kstrtos64(s, base, res) kstrtoll(s, base, res)
#define kstrtou32(s, base, res) kstrtouint(s, base, res)

/* The number at the start of s, wrapping silently; *end: what follows. */
u64 simple_strtoull(const char *s, char **end, unsigned int base);
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);

/* A size with an optional suffix K, M, G, T, P or E, as on a command line. */
u64 memparse(const char *s, char **end);

#endif
