/* SPDX-License-Identifier: MIT */
/* true and false: the exit statuses 0 and 1. */
#include "tools.h"

int true_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int false_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}
