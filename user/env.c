/* SPDX-License-Identifier: MIT */
/* env [-i] [NAME=VALUE...] [COMMAND]: print or change the environment; pwd. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int env_main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+i")) != -1)
		if (c == 'i')
			clearenv();
		else
			usage("env [-i] [NAME=VALUE...] [COMMAND...]");
	for (argv += optind; *argv && strchr(*argv, '='); argv++)
		putenv(*argv);
	if (*argv) {
		execvp(*argv, argv);
		err(127, "%s", *argv);
	}
	for (char **e = environ; e && *e; e++)
		puts(*e);
	return 0;
}

int pwd_main(int argc, char **argv)
{
	char path[4096];

	(void)argc;
	(void)argv;
	if (!getcwd(path, sizeof(path))) {
		warn("pwd");
		return 1;
	}
	puts(path);
	return 0;
}
