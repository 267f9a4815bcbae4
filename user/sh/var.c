/* SPDX-License-Identifier: MIT */
/*
 * Variables: one list, few enough that walking it costs nothing. A function
 * with local variables, and a command with assignments before it, keep what
 * was there on a list of saved values and put it back afterwards.
 */
#include "sh.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct var {
	struct var *next;
	char *name;
	char *value; /* NULL: marked, but not set */
	int flags;
};

struct saved_var {
	struct saved_var *next;
	char *name, *value;
	int flags, existed;
};

static struct var *vars;

static struct var **find(const char *name, size_t len)
{
	struct var **v = &vars;

	while (*v && (strncmp((*v)->name, name, len) || (*v)->name[len]))
		v = &(*v)->next;
	return v;
}

static struct var *get_or_add(const char *name, size_t len)
{
	struct var **end = find(name, len), *v = *end;

	if (!v) {
		v = xmalloc(sizeof(*v));
		*v = (struct var){ 0 };
		v->name = strndup(name, len);
		*end = v;
	}
	return v;
}

static int set(const char *name, size_t len, const char *value)
{
	struct var *v = get_or_add(name, len);
	char *copy;

	if (v->flags & VAR_READONLY) {
		shell_error("%s: is read-only", v->name);
		sh.status = 1;
		return -1;
	}
	copy = value ? xstrdup(value) : NULL;
	free(v->value);
	v->value = copy;
	return 0;
}

void var_init(void)
{
	char path[4096];

	for (char **e = environ; e && *e; e++) {
		size_t len = name_length(*e);

		if (!len || (*e)[len] != '=')
			continue;
		set(*e, len, *e + len + 1);
		get_or_add(*e, len)->flags |= VAR_EXPORT;
	}
	if (!var_get("PATH"))
		var_set("PATH", "/bin:/sbin");
	if (getcwd(path, sizeof(path)))
		var_set("PWD", path);
	var_set("IFS", " \t\n");
}

const char *var_get(const char *name)
{
	struct var *v = *find(name, strlen(name));

	return v ? v->value : NULL;
}

int var_set(const char *name, const char *value)
{
	return set(name, strlen(name), value);
}

int var_assign(const char *word, const char *value)
{
	return set(word, name_length(word), value);
}

void var_flag(const char *name, int flag)
{
	get_or_add(name, strlen(name))->flags |= flag;
}

int var_unset(const char *name)
{
	struct var **v = find(name, strlen(name)), *dead = *v;

	if (!dead)
		return 0;
	if (dead->flags & VAR_READONLY) {
		shell_error("%s: is read-only", name);
		return 1;
	}
	*v = dead->next;
	free(dead->name);
	free(dead->value);
	free(dead);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp((*(struct var *const *)a)->name,
		      (*(struct var *const *)b)->name);
}

static void print_quoted(const char *s)
{
	putchar('\'');
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
	puts("'");
}

void var_print(int flag, const char *prefix)
{
	struct var **list;
	size_t n = 0;

	for (struct var *v = vars; v; v = v->next)
		n++;
	list = xmalloc((n + 1) * sizeof(*list));
	n = 0;
	for (struct var *v = vars; v; v = v->next)
		if (v->value && (v->flags & flag) == flag)
			list[n++] = v;
	qsort(list, n, sizeof(*list), compare);
	for (size_t i = 0; i < n; i++) {
		printf("%s%s=", prefix, list[i]->name);
		print_quoted(list[i]->value);
	}
	free(list);
}

char **var_environment(struct arena *a)
{
	size_t n = 0;
	char **env;

	for (struct var *v = vars; v; v = v->next)
		n++;
	env = arena_alloc(a, (n + 1) * sizeof(*env));
	n = 0;
	for (struct var *v = vars; v; v = v->next) {
		size_t size;

		if (!v->value || !(v->flags & VAR_EXPORT))
			continue;
		size = strlen(v->name) + strlen(v->value) + 2;
		env[n] = arena_alloc(a, size);
		snprintf(env[n++], size, "%s=%s", v->name, v->value);
	}
	return env;
}

void var_save(struct saved_var **list, const char *word)
{
	struct saved_var *s = xmalloc(sizeof(*s));
	struct var *v = *find(word, name_length(word));

	s->next = *list;
	s->name = strndup(word, name_length(word));
	s->value = v && v->value ? xstrdup(v->value) : NULL;
	s->flags = v ? v->flags : 0;
	s->existed = v != NULL;
	*list = s;
}

void var_restore(struct saved_var **list)
{
	struct saved_var *s;

	while ((s = *list)) {
		struct var *v = get_or_add(s->name, strlen(s->name));

		*list = s->next;
		v->flags = 0;
		set(s->name, strlen(s->name), s->value);
		v->flags = s->flags;
		if (!s->existed)
			var_unset(s->name);
		free(s->name);
		free(s->value);
		free(s);
	}
}
