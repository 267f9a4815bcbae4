/* SPDX-License-Identifier: MIT */
/*
 * pmap [-x | -X] PID...: the areas of an address space, from /proc/PID/maps;
 * with -x also what of each is resident and dirty, from /proc/PID/smaps; with
 * -X more of it: what is shared, swapped out, locked.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The columns of -X, as they are called in smaps. */
static const char *const keys[] = { "Size",	  "Rss",       "Pss",
				    "Referenced", "Anonymous", "Swap",
				    "SwapPss",	  "Locked" };
#define KEYS ARRAY_SIZE(keys)
enum { SIZE, RSS };

struct area {
	unsigned long start, offset, inode, dirty;
	unsigned long kib[KEYS];
	char mode[6], device[16];
	char name[256];
};

static int extended; /* 0, 'x' or 'X' */
static int have_smaps;
static struct area total;

static void name_area(struct area *a, const char *path)
{
	if (strcmp(path, "[stack]") == 0)
		strcpy(a->name, "  [ stack ]");
	else if (*path == '/')
		snprintf(a->name, sizeof(a->name), "%.255s", base_name(path));
	else
		strcpy(a->name, "  [ anon ]");
}

/* 400000-500000 r-xp 0 0:1 5 /bin/sh; => 0 if line is not of this form */
static int parse_area(char *line, struct area *a)
{
	unsigned long end;
	char flags[8];
	int path = 0;

	memset(a, 0, sizeof(*a));
	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%lx-%lx %7s %lx %15s %lu %n", &a->start, &end, flags,
		   &a->offset, a->device, &a->inode, &path) < 6)
		return 0;
	a->kib[SIZE] = (end - a->start) / 1024;
	memcpy(a->mode, flags, 3);
	a->mode[3] = flags[3] == 's' ? 's' : '-';
	a->mode[4] = '-';
	name_area(a, path ? line + path : "");
	return 1;
}

/* At least as wide as the name of the column. */
static void print_columns(const struct area *a)
{
	for (size_t i = 0; i < KEYS; i++)
		printf(" %*lu",
		       (int)strlen(keys[i]) > 6 ? (int)strlen(keys[i]) : 6,
		       a->kib[i]);
}

static void print_area(const struct area *a)
{
	for (size_t i = 0; i < KEYS; i++)
		total.kib[i] += a->kib[i];
	total.dirty += a->dirty;
	if (extended == 'X') {
		printf("%16lx %.4s %08lx %6s %6lu", a->start, a->mode,
		       a->offset, a->device, a->inode);
		print_columns(a);
		printf(" %s\n", a->name);
	} else if (!extended)
		printf("%016lx %6luK %s %s\n", a->start, a->kib[SIZE], a->mode,
		       a->name);
	else if (have_smaps)
		printf("%016lx %7lu %7lu %7lu %s %s\n", a->start, a->kib[SIZE],
		       a->kib[RSS], a->dirty, a->mode, a->name);
	else
		printf("%016lx %7lu %7s %7s %s %s\n", a->start, a->kib[SIZE],
		       "-", "-", a->mode, a->name);
}

static void store(struct area *a, const char *key, unsigned long value)
{
	if (strcmp(key, "Shared_Dirty") == 0 ||
	    strcmp(key, "Private_Dirty") == 0)
		a->dirty += value;
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(key, keys[i]) == 0)
			a->kib[i] = value;
}

static void print_areas(FILE *f)
{
	struct area a, next;
	unsigned long value;
	char line[512], key[32];
	int have = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31[A-Za-z_]: %lu kB", key, &value) == 2) {
			store(&a, key, value);
			continue;
		}
		if (!parse_area(line, &next))
			continue;
		if (have)
			print_area(&a);
		a = next;
		have = 1;
	}
	if (have)
		print_area(&a);
}

static void print_totals(void)
{
	if (!extended) {
		printf(" total %16luK\n", total.kib[SIZE]);
		return;
	}
	if (extended == 'X') {
		printf("%44s", "total");
		print_columns(&total);
		puts(" KB");
		return;
	}
	puts("---------------- ------- ------- ------- ");
	if (have_smaps)
		printf("total kB %15lu %7lu %7lu\n", total.kib[SIZE],
		       total.kib[RSS], total.dirty);
	else
		printf("total kB %15lu %7s %7s\n", total.kib[SIZE], "-", "-");
}

static void print_names(void)
{
	printf("         Address Perm   Offset Device  Inode");
	for (size_t i = 0; i < KEYS; i++)
		printf(" %6s", keys[i]);
	puts(" Mapping");
}

static int show(pid_t pid)
{
	char path[64], command[512];
	struct process p;
	FILE *f;

	if (read_process(pid, &p) < 0)
		return 42;
	memset(&total, 0, sizeof(total));
	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = extended ? fopen(path, "r") : NULL;
	have_smaps = f != NULL;
	if (!f) {
		snprintf(path, sizeof(path), "/proc/%d/maps", pid);
		f = fopen(path, "r");
	}
	if (!f) {
		warn("%s", path);
		return 1;
	}
	printf("%d:   %s\n", pid, command_line(&p, command, sizeof(command)));
	if (extended == 'X')
		print_names();
	else if (extended)
		puts("Address           Kbytes     RSS   Dirty Mode  Mapping");
	print_areas(f);
	fclose(f);
	print_totals();
	return 0;
}

int pmap_main(int argc, char **argv)
{
	int c, status = 0;

	while ((c = getopt(argc, argv, "xX")) != -1)
		if (c != '?')
			extended = c;
		else
			usage("pmap [-x | -X] PID...");
	if (optind == argc)
		usage("pmap [-x | -X] PID...");
	for (argv += optind; *argv; argv++)
		status |= show((pid_t)parse_number(*argv, 1));
	return status;
}
