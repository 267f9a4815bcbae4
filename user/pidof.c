/* SPDX-License-Identifier: MIT */
/*
 * pidof NAME...: the numbers of the processes of that name, newest first:
 * echo -16 > /proc/$(pidof x)/oom_adj
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

int pidof_main(int argc, char **argv)
{
	struct process *list;
	size_t n = list_processes(&list);
	int found = 0;

	if (argc < 2)
		usage("pidof NAME...");
	while (n--)
		for (int i = 1; i < argc; i++)
			if (strcmp(list[n].comm, base_name(argv[i])) == 0)
				printf("%s%d", found++ ? " " : "", list[n].pid);
	if (found)
		putchar('\n');
	free(list);
	return !found;
}
