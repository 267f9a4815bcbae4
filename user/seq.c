/* SPDX-License-Identifier: MIT */
/* seq [FIRST [STEP]] LAST: numbers; yes [WORD...]: one line for ever. */
#include "lib.h"
#include "tools.h"

#include <stdlib.h>

int seq_main(int argc, char **argv)
{
	long first = 1, step = 1, last;

	if (argc < 2 || argc > 4)
		usage("seq [FIRST [STEP]] LAST");
	last = strtol(argv[argc - 1], NULL, 10);
	if (argc > 2)
		first = strtol(argv[1], NULL, 10);
	if (argc == 4)
		step = strtol(argv[2], NULL, 10);
	if (!step)
		usage("seq [FIRST [STEP]] LAST");
	for (; step > 0 ? first <= last : first >= last; first += step)
		printf("%ld\n", first);
	return 0;
}

int yes_main(int argc, char **argv)
{
	while (!ferror(stdout)) {
		if (argc < 2)
			fputs("y", stdout);
		for (int i = 1; i < argc; i++)
			printf("%s%s", i > 1 ? " " : "", argv[i]);
		putchar('\n');
	}
	return 1;
}
