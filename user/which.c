/* SPDX-License-Identifier: MIT */
/* which NAME...: where PATH finds a program. */
#include "lib.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find(const char *name, char *path)
{
	char *save, *dir;

	for (dir = strtok_r(path, ":", &save); dir;
	     dir = strtok_r(NULL, ":", &save)) {
		char *file = path_join(dir, name);
		int found = access(file, X_OK) == 0;

		if (found)
			puts(file);
		free(file);
		if (found)
			return 0;
	}
	return 1;
}

int which_main(int argc, char **argv)
{
	const char *path = getenv("PATH");
	int status = 0;

	if (argc < 2)
		usage("which NAME...");
	while (*++argv) {
		char *copy = xstrdup(path ? path : "/bin:/sbin");

		status |= find(*argv, copy);
		free(copy);
	}
	return status;
}
