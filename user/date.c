/* SPDX-License-Identifier: MIT */
/* date [-u] [+FORMAT]: the time of day as strftime(3) formats it. */
#include "lib.h"
#include "tools.h"

#include <time.h>
#include <unistd.h>

int date_main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y";
	time_t now = time(NULL);
	char text[512];
	int c, utc = 0;

	while ((c = getopt(argc, argv, "u")) != -1)
		if (c == 'u')
			utc = 1;
		else
			usage("date [-u] [+FORMAT]");
	if (argv[optind] && argv[optind][0] == '+')
		format = argv[optind] + 1;
	else if (argv[optind])
		usage("date [-u] [+FORMAT]");
	if (!strftime(text, sizeof(text), format,
		      utc ? gmtime(&now) : localtime(&now)))
		text[0] = '\0';
	puts(text);
	return 0;
}
