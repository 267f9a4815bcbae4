/* SPDX-License-Identifier: MIT */
/*
 * File names for a pattern: one part of the path after the other, each part
 * with * ? [ tried against all names of the directory reached so far.
 */
#include "sh.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct matches {
	char **path;
	size_t n;
};

static void walk(struct matches *m, const char *base, const char *pattern);

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* base + a part without the backslashes + the slashes behind it */
static char *extend(const char *base, const char *part, size_t len, int slash)
{
	size_t n = strlen(base);
	char *path = xmalloc(n + len + 2);

	memcpy(path, base, n);
	for (size_t i = 0; i < len; i++) {
		if (part[i] == '\\' && i + 1 < len)
			i++;
		path[n++] = part[i];
	}
	if (slash)
		path[n++] = '/';
	path[n] = '\0';
	return path;
}

static void found(struct matches *m, char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		free(path);
		return;
	}
	m->path = xrealloc(m->path, (m->n + 1) * sizeof(*m->path));
	m->path[m->n++] = path;
}

static void try_names(struct matches *m, const char *base, char *part,
		      const char *rest)
{
	DIR *dir = opendir(*base ? base : ".");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		char *path;

		if (fnmatch(part, d->d_name, FNM_PERIOD) != 0)
			continue;
		path = path_join(base, d->d_name);
		if (!rest) {
			found(m, path);
			continue;
		}
		path = xrealloc(path, strlen(path) + 2);
		strcat(path, "/");
		walk(m, path, rest);
		free(path);
	}
	if (dir)
		closedir(dir);
}

static void walk(struct matches *m, const char *base, const char *pattern)
{
	const char *slash = strchr(pattern, '/');
	size_t len = slash ? (size_t)(slash - pattern) : strlen(pattern);
	char *part = strndup(pattern, len), *path;

	while (slash && *slash == '/')
		slash++;
	if (part && strpbrk(part, "*?[")) {
		try_names(m, base, part, slash);
	} else {
		path = extend(base, pattern, len, slash != NULL);
		if (slash && *slash) {
			walk(m, path, slash);
			free(path);
		} else {
			found(m, path);
		}
	}
	free(part);
}

struct word *glob_field(struct arena *a, const char *pattern)
{
	struct word *list = NULL, **end = &list;
	struct matches m = { 0 };

	walk(&m, "", pattern);
	if (m.n)
		qsort(m.path, m.n, sizeof(*m.path), compare);
	for (size_t i = 0; i < m.n; i++) {
		*end = arena_alloc(a, sizeof(**end));
		(*end)->s = arena_copy(a, m.path[i], strlen(m.path[i]));
		end = &(*end)->next;
		free(m.path[i]);
	}
	free(m.path);
	return list;
}
