/* SPDX-License-Identifier: MIT */
/* ln [-s] [-f] TARGET... NAME: hard or symbolic links; touch FILE...: set its
 * times to now, making it if it is not there. */
#include "lib.h"
#include "files.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SYMBOLIC = 1, FORCE = 2 };

static int link_one(const char *target, const char *name, int flags)
{
	int error;

	if (flags & FORCE)
		unlink(name);
	error = flags & SYMBOLIC ? symlink(target, name) : link(target, name);
	if (error)
		warn("%s", name);
	return error != 0;
}

int ln_main(int argc, char **argv)
{
	static char here[] = ".";
	int c, flags = 0;

	while ((c = getopt(argc, argv, "sf")) != -1)
		if (c == '?')
			usage("ln [-s] [-f] TARGET... [NAME]");
		else
			flags |= c == 's' ? SYMBOLIC : FORCE;
	if (optind == argc)
		usage("ln [-s] [-f] TARGET... [NAME]");
	if (argc - optind == 1) {
		char *names[] = { argv[optind], here };

		return to_each_target(names, 2, flags, link_one);
	}
	return to_each_target(argv + optind, argc - optind, flags, link_one);
}

int touch_main(int argc, char **argv)
{
	int fd, status = 0;

	if (argc < 2)
		usage("touch FILE...");
	while (*++argv) {
		fd = open(*argv, O_WRONLY | O_CREAT, 0666);
		if (fd >= 0)
			close(fd);
		if (utimensat(AT_FDCWD, *argv, NULL, 0) < 0) {
			warn("%s", *argv);
			status = 1;
		}
	}
	return status;
}
