/* SPDX-License-Identifier: MIT */
/*
 * pmap [-x] PID...: the areas of an address space, from /proc/PID/maps; with
 * -x also what of each is resident and dirty, from /proc/PID/smaps.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct area {
	unsigned long start, kib, rss, dirty;
	char mode[6];
	char name[256];
};

static int extended, have_smaps;
static unsigned long total[3];

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
	if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &a->start, &end, flags,
		   &path) < 3)
		return 0;
	a->kib = (end - a->start) / 1024;
	memcpy(a->mode, flags, 3);
	a->mode[3] = flags[3] == 's' ? 's' : '-';
	a->mode[4] = '-';
	name_area(a, path ? line + path : "");
	return 1;
}

static void print_area(const struct area *a)
{
	total[0] += a->kib;
	total[1] += a->rss;
	total[2] += a->dirty;
	if (!extended)
		printf("%016lx %6luK %s %s\n", a->start, a->kib, a->mode,
		       a->name);
	else if (have_smaps)
		printf("%016lx %7lu %7lu %7lu %s %s\n", a->start, a->kib,
		       a->rss, a->dirty, a->mode, a->name);
	else
		printf("%016lx %7lu %7s %7s %s %s\n", a->start, a->kib, "-",
		       "-", a->mode, a->name);
}

static void print_areas(FILE *f)
{
	struct area a, next;
	unsigned long value;
	char line[512], key[32];
	int have = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31[A-Za-z_]: %lu kB", key, &value) == 2) {
			if (strcmp(key, "Rss") == 0)
				a.rss = value;
			else if (strcmp(key, "Shared_Dirty") == 0 ||
				 strcmp(key, "Private_Dirty") == 0)
				a.dirty += value;
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
		printf(" total %16luK\n", total[0]);
		return;
	}
	puts("---------------- ------- ------- ------- ");
	if (have_smaps)
		printf("total kB %15lu %7lu %7lu\n", total[0], total[1],
		       total[2]);
	else
		printf("total kB %15lu %7s %7s\n", total[0], "-", "-");
}

static int show(pid_t pid)
{
	char path[64], command[512];
	struct process p;
	FILE *f;

	if (read_process(pid, &p) < 0)
		return 42;
	memset(total, 0, sizeof(total));
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
	if (extended)
		puts("Address           Kbytes     RSS   Dirty Mode  Mapping");
	print_areas(f);
	fclose(f);
	print_totals();
	return 0;
}

int pmap_main(int argc, char **argv)
{
	int c, status = 0;

	while ((c = getopt(argc, argv, "x")) != -1)
		if (c == 'x')
			extended = 1;
		else
			usage("pmap [-x] PID...");
	if (optind == argc)
		usage("pmap [-x] PID...");
	for (argv += optind; *argv; argv++)
		status |= show((pid_t)parse_number(*argv, 1));
	return status;
}
