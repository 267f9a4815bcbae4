/* SPDX-License-Identifier: MIT */
/*
 * What a word may go on with: a command where one may stand (builtins,
 * functions, all programs in PATH), file names everywhere else.
 */
#include "sh.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct candidates {
	char **word;
	size_t n;
	const char *prefix; /* what all begin with */
};

static void add(struct candidates *c, const char *word)
{
	if (strncmp(word, c->prefix, strlen(c->prefix)) != 0)
		return;
	c->word = xrealloc(c->word, (c->n + 1) * sizeof(*c->word));
	c->word[c->n++] = xstrdup(word);
}

static void add_commands(struct candidates *c)
{
	const char *path = var_get("PATH"), *name;
	char *copy = xstrdup(path ? path : ""), *dir_name, *save;

	for (size_t i = 0; (name = builtin_name(i)); i++)
		add(c, name);
	for (size_t i = 0; (name = function_name(i)); i++)
		add(c, name);
	for (dir_name = strtok_r(copy, ":", &save); dir_name;
	     dir_name = strtok_r(NULL, ":", &save)) {
		DIR *dir = opendir(dir_name);
		struct dirent *d;

		while (dir && (d = readdir(dir)))
			if (*d->d_name != '.')
				add(c, d->d_name);
		if (dir)
			closedir(dir);
	}
	free(copy);
}

static void add_files(struct candidates *c)
{
	const char *slash = strrchr(c->prefix, '/');
	size_t len = slash ? (size_t)(slash - c->prefix) + 1 : 0;
	char *base = strndup(c->prefix, len), *path;
	DIR *dir = opendir(base && *base ? base : ".");
	struct dirent *d;
	struct stat st;

	while (dir && (d = readdir(dir))) {
		if (*d->d_name == '.' && c->prefix[len] != '.')
			continue;
		path = path_join(base ? base : "", d->d_name);
		path = xrealloc(path, strlen(path) + 2);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			strcat(path, "/");
		add(c, path);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(base);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t remove_doubles(char **word, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept && strcmp(word[kept - 1], word[i]) == 0)
			free(word[i]);
		else
			word[kept++] = word[i];
	}
	return kept;
}

size_t complete(const char *line, size_t pos, size_t *start, char ***out)
{
	struct candidates c = { 0 };
	size_t from = pos, before;
	char *prefix;

	while (from && !strchr(" \t;|&<>()'\"=", line[from - 1]))
		from--;
	for (before = from; before && line[before - 1] == ' ';)
		before--;
	prefix = strndup(line + from, pos - from);
	c.prefix = prefix ? prefix : "";
	if (!strchr(c.prefix, '/') &&
	    (!before || strchr(";|&(", line[before - 1])))
		add_commands(&c);
	else
		add_files(&c);
	free(prefix);
	if (c.n)
		qsort(c.word, c.n, sizeof(*c.word), compare);
	*start = from;
	*out = c.word;
	return remove_doubles(c.word, c.n);
}
