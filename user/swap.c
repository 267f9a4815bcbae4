/* SPDX-License-Identifier: MIT */
/*
 * mkswap [-L LABEL] FILE: make a swap area of a file or a disk.
 * swapon [-p PRIORITY] [-d] FILE...: use it; without FILE: which are in use,
 * with -s as /proc/swaps has them.
 * swapoff -a | FILE...: bring everything back to memory, and use it no more.
 *
 * The header is all that a swap area has of its own:
 *
 *	page 0	1024 bytes not used, then version, last page, uuid, label;
 *		its last ten bytes are "SWAPSPACE2"
 *	page 1 ... last	one slot of 4 KiB each
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

#define PAGE 4096

struct swap_header {
	char boot_block[1024];
	unsigned int version, last_page, bad_pages;
	unsigned char uuid[16];
	char label[16];
	char zero[PAGE - 1024 - 12 - 32 - 10];
	char magic[10];
};

static unsigned long long size_of(int fd, const char *path)
{
	unsigned long long size = 0;
	struct stat st;

	if (fstat(fd, &st) < 0 ||
	    (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, &size) < 0))
		err(1, "%s", path);
	return S_ISBLK(st.st_mode) ? size : (unsigned long long)st.st_size;
}

static void write_header(const char *path, const char *label)
{
	static struct swap_header h = { .version = 1 };
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned long long pages;

	if (fd < 0)
		err(1, "%s", path);
	pages = size_of(fd, path) / PAGE;
	if (pages < 10)
		errx(1, "%s: swap area needs to be at least %d KiB", path,
		     10 * PAGE / 1024);
	if (pages > 0xffffffff)
		pages = 0xffffffff;
	h.last_page = (unsigned int)pages - 1;
	strncpy(h.label, label, sizeof(h.label) - 1);
	memcpy(h.magic, "SWAPSPACE2", sizeof(h.magic));
	if (getrandom(h.uuid, sizeof(h.uuid), 0) < 0 ||
	    write_all(fd, &h, sizeof(h)) < 0 || fsync(fd) < 0 || close(fd) < 0)
		err(1, "%s", path);
	printf("Setting up swapspace version 1, size = %s (%llu bytes)\n",
	       human_size((pages - 1) * PAGE), (pages - 1) * PAGE);
}

int mkswap_main(int argc, char **argv)
{
	const char *label = "";
	int c;

	while ((c = getopt(argc, argv, "L:")) == 'L')
		label = optarg;
	if (c != -1 || optind + 1 != argc)
		usage("mkswap [-L LABEL] FILE");
	write_header(argv[optind], label);
	return 0;
}

/* Call fn for the path of each area in use, the first column of /proc/swaps. */
static int for_each_area(int (*fn)(const char *line, const char *path))
{
	FILE *f = fopen("/proc/swaps", "r");
	char line[512], path[256];
	int status = 0;

	if (!f)
		err(1, "/proc/swaps");
	while (fgets(line, sizeof(line), f))
		if (*line == '/' && sscanf(line, "%255s", path) == 1)
			status |= fn(line, path);
	fclose(f);
	return status;
}

static int show_raw(const char *line, const char *path)
{
	(void)path;
	fputs(line, stdout);
	return 0;
}

static int show(const char *line, const char *path)
{
	unsigned long long size, used;
	char type[32], text[8];
	int priority;

	if (sscanf(line, "%*s %31s %llu %llu %d", type, &size, &used,
		   &priority) != 4)
		return 1;
	strcpy(text, human_size(size * 1024));
	printf("%-15s %-10s %5s %5s %4d\n", path, type, text,
	       human_size(used * 1024), priority);
	return 0;
}

static int turn_off(const char *line, const char *path)
{
	(void)line;
	if (swapoff(path) == 0)
		return 0;
	warn("%s: swapoff failed", path);
	return 1;
}

int swapon_main(int argc, char **argv)
{
	int c, flags = 0, summary = 0, status = 0;

	while ((c = getopt(argc, argv, "p:ds")) != -1)
		if (c == 'p')
			flags |= SWAP_FLAG_PREFER | (parse_number(optarg, 0) &
						     SWAP_FLAG_PRIO_MASK);
		else if (c == 'd')
			flags |= SWAP_FLAG_DISCARD;
		else if (c == 's')
			summary = 1;
		else
			usage("swapon [-s] [-p PRIORITY] [-d] [FILE...]");
	if (summary) {
		puts("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority");
		return for_each_area(show_raw);
	}
	if (optind == argc) {
		puts("NAME            TYPE        SIZE  USED PRIO");
		return for_each_area(show);
	}
	for (argv += optind; *argv; argv++)
		if (swapon(*argv, flags) < 0) {
			warn("%s: swapon failed", *argv);
			status = 1;
		}
	return status;
}

int swapoff_main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2)
		usage("swapoff -a | FILE...");
	if (strcmp(argv[1], "-a") == 0)
		return for_each_area(turn_off);
	for (argv++; *argv; argv++)
		status |= turn_off(NULL, *argv);
	return status;
}
