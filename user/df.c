/* SPDX-License-Identifier: MIT */
/* df [-h] [PATH...]: the size of file systems, of all in /proc/mounts that
 * have one if no path is given. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int human;

static void print_size(unsigned long long bytes)
{
	if (human)
		printf(" %10s", human_size(bytes));
	else
		printf(" %10llu", bytes / 1024);
}

static int show(const char *device, const char *path, int all)
{
	unsigned long long size, used, left;
	struct statvfs st;

	if (statvfs(path, &st) < 0) {
		warn("%s", path);
		return 1;
	}
	if (!st.f_blocks && !all)
		return 0;
	size = (unsigned long long)st.f_blocks * st.f_frsize;
	used = size - (unsigned long long)st.f_bfree * st.f_frsize;
	left = (unsigned long long)st.f_bavail * st.f_frsize;
	printf("%-14s", device);
	print_size(size);
	print_size(used);
	print_size(left);
	printf(" %3llu%% %s\n",
	       used + left ? (used * 100 + used + left - 1) / (used + left) : 0,
	       path);
	return 0;
}

/* All mounts; or, of those with the same device as `of`, the last. */
static int show_mounts(const char *of)
{
	char line[512], device[64], path[256], found[2][256] = { "-" };
	FILE *f = fopen("/proc/mounts", "r");
	struct stat st, there;
	int status = 0;

	if (!f)
		err(1, "/proc/mounts");
	if (of && stat(of, &st) < 0)
		err(1, "%s", of);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %255s", device, path) != 2)
			continue;
		if (!of) {
			status |= show(device, path, 0);
		} else if (stat(path, &there) == 0 &&
			   there.st_dev == st.st_dev) {
			strcpy(found[0], device);
			strcpy(found[1], path);
		}
	}
	fclose(f);
	return of ? show(found[0], found[1], 1) : status;
}

int df_main(int argc, char **argv)
{
	int c, status = 0;

	while ((c = getopt(argc, argv, "hk")) != -1)
		if (c == '?')
			usage("df [-h] [PATH...]");
		else
			human = c == 'h';
	printf("%-14s %10s %10s %10s Use%% Mounted on\n", "Filesystem",
	       human ? "Size" : "1K-blocks", "Used", "Available");
	if (optind == argc)
		return show_mounts(NULL);
	for (argv += optind; *argv; argv++)
		status |= show_mounts(*argv);
	return status;
}
