/* SPDX-License-Identifier: MIT */
/*
 * cp [-r] FROM... TO and mv [-f] FROM... TO: both name the new place first
 * (TO/name if TO is a directory), mv renames and copies only if rename(2)
 * says that the two are on different file systems.
 */
#include "lib.h"
#include "files.h"
#include "tools.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy_file(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY), out, status = 0;

	if (in < 0) {
		warn("%s", from);
		return 1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode & 0777);
	if (out < 0 || copy_fd(in, out) < 0) {
		warn("%s", to);
		status = 1;
	}
	if (out >= 0)
		close(out);
	close(in);
	return status;
}

static int copy_link(const char *from, const char *to)
{
	char target[4096];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n >= 0) {
		target[n] = '\0';
		unlink(to);
		if (symlink(target, to) == 0)
			return 0;
	}
	warn("%s", to);
	return 1;
}

static int copy_tree(const char *from, const char *to);

static int copy_directory(const char *from, const char *to, mode_t mode)
{
	struct dirent *d;
	int status = 0;
	DIR *dir;

	if (mkdir(to, mode & 0777) < 0 && errno != EEXIST) {
		warn("%s", to);
		return 1;
	}
	dir = opendir(from);
	if (!dir) {
		warn("%s", from);
		return 1;
	}
	while ((d = readdir(dir))) {
		char *a, *b;

		if (is_dot(d->d_name))
			continue;
		a = path_join(from, d->d_name);
		b = path_join(to, d->d_name);
		status |= copy_tree(a, b);
		free(a);
		free(b);
	}
	closedir(dir);
	return status;
}

static int copy_tree(const char *from, const char *to)
{
	struct stat st;

	if (lstat(from, &st) < 0) {
		warn("%s", from);
		return 1;
	}
	if (S_ISDIR(st.st_mode))
		return copy_directory(from, to, st.st_mode);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to);
	return copy_file(from, to, st.st_mode);
}

static int same_file(const struct stat *st, const char *to)
{
	struct stat other;

	return stat(to, &other) == 0 && other.st_dev == st->st_dev &&
	       other.st_ino == st->st_ino;
}

static int copy_one(const char *from, const char *to, int recursive)
{
	struct stat st;

	if (stat(from, &st) < 0) {
		warn("%s", from);
		return 1;
	}
	if (same_file(&st, to)) {
		warnx("'%s' and '%s' are the same file", from, to);
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return copy_file(from, to, st.st_mode);
	if (recursive)
		return copy_tree(from, to);
	warnx("%s is a directory (use -r)", from);
	return 1;
}

static int move_one(const char *from, const char *to, int unused)
{
	(void)unused;
	if (rename(from, to) == 0)
		return 0;
	if (errno != EXDEV) {
		warn("%s to %s", from, to);
		return 1;
	}
	return copy_tree(from, to) || remove_tree(from, 1);
}

int to_each_target(char **from, int n, int option,
		   int (*fn)(const char *from, const char *to, int option))
{
	const char *to = from[n - 1];
	struct stat st;
	int status = 0, dir = stat(to, &st) == 0 && S_ISDIR(st.st_mode);

	if (n > 2 && !dir)
		errx(1, "%s is not a directory", to);
	for (int i = 0; i < n - 1; i++) {
		char *path = dir ? path_join(to, base_name(from[i])) :
				   xstrdup(to);

		status |= fn(from[i], path, option);
		free(path);
	}
	return status;
}

int cp_main(int argc, char **argv)
{
	int c, recursive = 0;

	while ((c = getopt(argc, argv, "rRafp")) != -1)
		if (c == 'r' || c == 'R' || c == 'a')
			recursive = 1;
		else if (c == '?')
			usage("cp [-r] FROM... TO");
	if (argc - optind < 2)
		usage("cp [-r] FROM... TO");
	return to_each_target(argv + optind, argc - optind, recursive,
			      copy_one);
}

int mv_main(int argc, char **argv)
{
	while (getopt(argc, argv, "f") == 'f')
		;
	if (argc - optind < 2)
		usage("mv FROM... TO");
	return to_each_target(argv + optind, argc - optind, 0, move_one);
}
