/* SPDX-License-Identifier: MIT */
/* sleep SECONDS...: fractions and the units s m h d are allowed. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>

int sleep_main(int argc, char **argv)
{
	static const char units[] = "smhd";
	static const double factor[] = { 1, 60, 3600, 86400 };
	double total = 0;

	if (argc < 2)
		usage("sleep SECONDS[smhd]...");
	while (*++argv) {
		char *last = *argv + strlen(*argv);
		const char *unit = last > *argv ? strchr(units, last[-1]) :
						  NULL;
		double v;

		if (unit)
			last[-1] = '\0';
		v = parse_seconds(*argv);
		if (v < 0)
			errx(1, "'%s' is not a time", *argv);
		total += v * (unit ? factor[unit - units] : 1);
	}
	sleep_seconds(total);
	return 0;
}
