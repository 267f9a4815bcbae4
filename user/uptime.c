/* SPDX-License-Identifier: MIT */
/* uptime: time of day, time since boot, load. */
#include "lib.h"
#include "proc.h"
#include "tools.h"

int uptime_main(int argc, char **argv)
{
	char text[128];

	(void)argc;
	(void)argv;
	format_uptime(text, sizeof(text));
	printf(" %s\n", text);
	return 0;
}
