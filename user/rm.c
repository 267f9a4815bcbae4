/* SPDX-License-Identifier: MIT */
/*
 * rm [-r] [-f] FILE..., and rmdir and mkdir, the other two that change
 * only directories.
 */
#include "lib.h"
#include "files.h"
#include "tools.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int empty_directory(const char *path, int force)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int status = 0;

	if (!dir) {
		warn("%s", path);
		return 1;
	}
	while ((d = readdir(dir))) {
		char *child;

		if (is_dot(d->d_name))
			continue;
		child = path_join(path, d->d_name);
		status |= remove_tree(child, force);
		free(child);
	}
	closedir(dir);
	return status;
}

int remove_tree(const char *path, int force)
{
	struct stat st;
	int dir;

	if (lstat(path, &st) < 0) {
		if (force && errno == ENOENT)
			return 0;
		warn("%s", path);
		return 1;
	}
	dir = S_ISDIR(st.st_mode);
	if (dir && empty_directory(path, force))
		return 1;
	if ((dir ? rmdir(path) : unlink(path)) == 0)
		return 0;
	warn("%s", path);
	return 1;
}

int rm_main(int argc, char **argv)
{
	int c, recursive = 0, force = 0, status = 0;

	while ((c = getopt(argc, argv, "rRf")) != -1)
		if (c == 'f')
			force = 1;
		else if (c == '?')
			usage("rm [-r] [-f] FILE...");
		else
			recursive = 1;
	if (optind == argc && !force)
		usage("rm [-r] [-f] FILE...");
	for (argv += optind; *argv; argv++) {
		if (recursive) {
			status |= remove_tree(*argv, force);
		} else if (unlink(*argv) < 0 && !(force && errno == ENOENT)) {
			warn("%s", *argv);
			status = 1;
		}
	}
	return status;
}

int rmdir_main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2)
		usage("rmdir DIRECTORY...");
	while (*++argv)
		if (rmdir(*argv) < 0) {
			warn("%s", *argv);
			status = 1;
		}
	return status;
}

/* mkdir -p: each leading part first; an existing directory is no error. */
static int make_parents(char *path)
{
	struct stat st;

	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0777);
		*p = '/';
	}
	if (mkdir(path, 0777) == 0)
		return 0;
	return errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode) ?
		       0 :
		       -1;
}

int mkdir_main(int argc, char **argv)
{
	int c, parents = 0, status = 0;

	while ((c = getopt(argc, argv, "p")) != -1)
		if (c == 'p')
			parents = 1;
		else
			usage("mkdir [-p] DIRECTORY...");
	if (optind == argc)
		usage("mkdir [-p] DIRECTORY...");
	for (argv += optind; *argv; argv++)
		if ((parents ? make_parents(*argv) : mkdir(*argv, 0777)) < 0) {
			warn("%s", *argv);
			status = 1;
		}
	return status;
}
