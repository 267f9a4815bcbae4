/* SPDX-License-Identifier: MIT */
/*
 * Strings, and what of memory the machine does not provide. strchrnul(),
 * strnlen() and strspn() carry most of the others.
 */
#include <lib/ctype.h>
#include <lib/errno.h>
#include <lib/string.h>

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n--; p++) {
		if (*p == (u8)c)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

void *memchr_inv(const void *s, int c, size_t n)
{
	const u64 pattern = (u8)c * 0x0101010101010101ULL;
	const u8 *p = s;

	while (n && (!IS_ALIGNED((uintptr_t)p, 8) || n < 8)) {
		if (*p != (u8)c)
			return (void *)(uintptr_t)p;
		p++;
		n--;
	}
	for (; n >= 8 && *(const u64 *)(const void *)p == pattern; n -= 8)
		p += 8;
	for (; n--; p++) {
		if (*p != (u8)c)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n--; a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strcpy(char *dst, const char *src)
{
	return memcpy(dst, src, strlen(src) + 1);
}

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	memcpy(dst, src, min(len, size - 1));
	dst[min(len, size - 1)] = '\0';
	return len < size ? (ssize_t)len : -E2BIG;
}

char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)(uintptr_t)s;
}

char *strchr(const char *s, int c)
{
	char *p = strchrnul(s, c);

	return *p == (char)c ? p : NULL;
}

char *strrchr(const char *s, int c)
{
	const char *p = s + strlen(s);

	while (*p != (char)c) {
		if (p-- == s)
			return NULL;
	}
	return (char *)(uintptr_t)p;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (; strncmp(s, what, len); s++) {
		if (!*s)
			return NULL;
	}
	return (char *)(uintptr_t)s;
}

size_t strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (!strchr(reject, s[n]))
		n++;
	return n;
}

char *strsep(char **s, const char *delimiters)
{
	char *piece = *s, *end;

	if (!piece)
		return NULL;
	end = piece + strcspn(piece, delimiters);
	*s = *end ? end + 1 : NULL;
	*end = '\0';
	return piece;
}

char *skip_spaces(const char *s)
{
	while (isspace((u8)*s))
		s++;
	return (char *)(uintptr_t)s;
}

char *strim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((u8)s[len - 1]))
		len--;
	s[len] = '\0';
	return skip_spaces(s);
}
