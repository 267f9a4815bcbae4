/* SPDX-License-Identifier: MIT */
/*
 * Memory and strings. memcpy, memmove, memset and memcmp come from the
 * machine (lib/memory.c has plain ones, for the host tests).
 */
#ifndef _LIB_STRING_H
#define _LIB_STRING_H

#include <lib/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memchr(const void *s, int c, size_t n);
/* => the first byte that differs from c, NULL if all are c */
void *memchr_inv(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strcpy(char *dst, const char *src);
/* => length copied, or -E2BIG if cut; dst is terminated if size > 0 */
ssize_t strscpy(char *dst, const char *src, size_t size);

char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
/* => the first c, or the end of the string */
char *strchrnul(const char *s, int c);
char *strstr(const char *s, const char *what);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
/* Cut the next piece off *s; NULL when there is none left. */
char *strsep(char **s, const char *delimiters);
char *skip_spaces(const char *s);
/* Cut trailing blanks, => the first character that is none. */
char *strim(char *s);

static inline bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

#endif
