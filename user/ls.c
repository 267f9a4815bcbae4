/* SPDX-License-Identifier: MIT */
/*
 * ls [-aAl1RhdirStF] [PATH...]. One directory at a time is read into an array
 * of entries, sorted, and printed long (-l), one a line (-1, or when the
 * output is no terminal), or in columns, filled downwards.
 */
#include "lib.h"
#include "files.h"
#include "tools.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

struct entry {
	char *name; /* as printed */
	char *path; /* as opened */
	struct stat st;
};

struct list {
	struct entry *e;
	size_t n;
};

static char opt[128];
static int printed; /* something was, so the next needs a gap */

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = 0;

	if (opt['S'])
		order = (x->st.st_size < y->st.st_size) -
			(x->st.st_size > y->st.st_size);
	else if (opt['t'])
		order = (x->st.st_mtime < y->st.st_mtime) -
			(x->st.st_mtime > y->st.st_mtime);
	if (!order)
		order = strcmp(x->name, y->name);
	return opt['r'] ? -order : order;
}

/* Take over path. => 0, or 1 if it cannot be examined */
static int add(struct list *l, const char *name, char *path, int follow)
{
	struct entry e = { .path = path };

	if ((follow ? stat(path, &e.st) : -1) < 0 && lstat(path, &e.st) < 0) {
		warn("%s", path);
		free(path);
		return 1;
	}
	e.name = xstrdup(name);
	if (!(l->n & (l->n - 1)))
		l->e = xrealloc(l->e, (l->n ? 2 * l->n : 1) * sizeof(e));
	l->e[l->n++] = e;
	return 0;
}

static void drop(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->e[i].name);
		free(l->e[i].path);
	}
	free(l->e);
}

static char type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

static const char *mode_text(mode_t mode)
{
	static char text[11];

	text[0] = type_letter(mode);
	for (int i = 0; i < 9; i++)
		text[1 + i] = mode & (0400 >> i) ? "rwx"[i % 3] : '-';
	if (mode & S_ISUID)
		text[3] = mode & 0100 ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & 0010 ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & 0001 ? 't' : 'T';
	return text;
}

static char suffix(mode_t mode)
{
	if (!opt['F'])
		return '\0';
	if (S_ISDIR(mode))
		return '/';
	if (S_ISLNK(mode))
		return '@';
	return S_ISREG(mode) && mode & 0111 ? '*' : '\0';
}

static void print_name(const struct entry *e)
{
	char target[4096];
	ssize_t n;

	fputs(e->name, stdout);
	if (opt['l'] && S_ISLNK(e->st.st_mode)) {
		n = readlink(e->path, target, sizeof(target));
		printf(" -> %.*s", n > 0 ? (int)n : 0, target);
	} else if (suffix(e->st.st_mode)) {
		putchar(suffix(e->st.st_mode));
	}
}

static void print_long(const struct entry *e)
{
	const struct stat *st = &e->st;
	time_t age = time(NULL) - st->st_mtime;
	int recent = age > -3600 && age < 182 * 24 * 3600;
	char when[32] = "";

	strftime(when, sizeof(when), recent ? "%b %e %H:%M" : "%b %e  %Y",
		 localtime(&st->st_mtime));
	if (opt['i'])
		printf("%7llu ", (unsigned long long)st->st_ino);
	printf("%s %3lu %-8s ", mode_text(st->st_mode),
	       (unsigned long)st->st_nlink, user_name(st->st_uid));
	printf("%-8s ", group_name(st->st_gid));
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf("%3u, %3u", major(st->st_rdev), minor(st->st_rdev));
	else if (opt['h'])
		printf("%8s", human_size((unsigned long long)st->st_size));
	else
		printf("%8lld", (long long)st->st_size);
	printf(" %s ", when);
	print_name(e);
	putchar('\n');
}

static int cell_width(const struct entry *e)
{
	return (int)strlen(e->name) + (opt['i'] ? 8 : 0) + !!opt['F'];
}

static void print_columns(const struct list *l)
{
	int rows, cols, width = 1;
	size_t per_line, lines;

	tty_size(STDOUT_FILENO, &rows, &cols);
	for (size_t i = 0; i < l->n; i++)
		if (cell_width(&l->e[i]) + 2 > width)
			width = cell_width(&l->e[i]) + 2;
	per_line = opt['1'] || width > cols ? 1 : (size_t)(cols / width);
	lines = (l->n + per_line - 1) / per_line;
	for (size_t y = 0; y < lines; y++) {
		for (size_t i = y; i < l->n; i += lines) {
			const struct entry *e = &l->e[i];
			int last = i + lines >= l->n;

			if (opt['i'])
				printf("%7llu ",
				       (unsigned long long)e->st.st_ino);
			print_name(e);
			if (!last)
				printf("%*s",
				       width - cell_width(e) +
					       (opt['F'] &&
						!suffix(e->st.st_mode)),
				       "");
		}
		putchar('\n');
	}
}

static void sort_list(struct list *l)
{
	if (l->n)
		qsort(l->e, l->n, sizeof(*l->e), compare);
}

static void print_list(struct list *l)
{
	sort_list(l);
	if (opt['l'])
		for (size_t i = 0; i < l->n; i++)
			print_long(&l->e[i]);
	else
		print_columns(l);
	printed |= l->n != 0;
}

static int list_directory(const char *path, int title)
{
	struct list l = { 0 };
	DIR *dir = opendir(path);
	struct dirent *d;
	int status = 0;

	if (!dir) {
		warn("%s", path);
		return 1;
	}
	while (errno = 0, (d = readdir(dir))) {
		if (*d->d_name == '.' && !opt['a'] &&
		    (!opt['A'] || is_dot(d->d_name)))
			continue;
		status |= add(&l, d->d_name, path_join(path, d->d_name), 0);
	}
	if (errno) {
		warn("reading directory '%s'", path);
		status = 1;
	}
	closedir(dir);
	if (title)
		printf("%s%s:\n", printed ? "\n" : "", path);
	printed |= title;
	print_list(&l);
	for (size_t i = 0; opt['R'] && i < l.n; i++)
		if (S_ISDIR(l.e[i].st.st_mode) && !is_dot(l.e[i].name))
			status |= list_directory(l.e[i].path, 1);
	drop(&l);
	return status;
}

int ls_main(int argc, char **argv)
{
	static char here[] = ".";
	char *only_here[] = { here, NULL };
	struct list files = { 0 }, dirs = { 0 };
	int c, status = 0;

	while ((c = getopt(argc, argv, "aAl1RhdirStFC")) != -1) {
		if (c == '?')
			usage("ls [-aAl1RhdirStFC] [PATH...]");
		opt[c] = 1;
	}
	if (!isatty(STDOUT_FILENO) && !opt['C'])
		opt['1'] = 1;
	argv = optind < argc ? argv + optind : only_here;
	for (; *argv; argv++) {
		struct stat st;
		int is_dir = !opt['d'] && stat(*argv, &st) == 0 &&
			     S_ISDIR(st.st_mode);

		status |= add(is_dir ? &dirs : &files, *argv, xstrdup(*argv),
			      !opt['l'] && !opt['d']);
	}
	if (files.n)
		print_list(&files);
	sort_list(&dirs);
	for (size_t i = 0; i < dirs.n; i++)
		status |= list_directory(dirs.e[i].path,
					 opt['R'] || files.n + dirs.n > 1);
	drop(&files);
	drop(&dirs);
	return status;
}
