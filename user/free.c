/* SPDX-License-Identifier: MIT */
/*
 * free: the memory of the machine on one page, in the format of procps 4.
 *
 *	total = used + available,  used = MemTotal - MemAvailable
 *	buff/cache = Buffers + Cached + SReclaimable
 *
 * used and buff/cache overlap: tmpfs pages are both in the page cache and
 * not available.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

enum { HELP = 1000, SI, KILO, MEGA, GIGA, TERA, PETA, TEBI, PEBI };

static const struct option options[] = {
	{ "bytes", no_argument, NULL, 'b' },
	{ "kilo", no_argument, NULL, KILO },
	{ "mega", no_argument, NULL, MEGA },
	{ "giga", no_argument, NULL, GIGA },
	{ "tera", no_argument, NULL, TERA },
	{ "peta", no_argument, NULL, PETA },
	{ "kibi", no_argument, NULL, 'k' },
	{ "mebi", no_argument, NULL, 'm' },
	{ "gibi", no_argument, NULL, 'g' },
	{ "tebi", no_argument, NULL, TEBI },
	{ "pebi", no_argument, NULL, PEBI },
	{ "human", no_argument, NULL, 'h' },
	{ "si", no_argument, NULL, SI },
	{ "lohi", no_argument, NULL, 'l' },
	{ "total", no_argument, NULL, 't' },
	{ "committed", no_argument, NULL, 'v' },
	{ "seconds", required_argument, NULL, 's' },
	{ "count", required_argument, NULL, 'c' },
	{ "wide", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"\nUsage:\n free [options]\n\nOptions:\n"
	" -b, -k, -m, -g   bytes, kibibytes (as without it), mebi-, gibibytes\n"
	" --tebi, --pebi   larger units; --kilo ... --peta are powers of 1000\n"
	" -h, --human      three digits and a unit\n"
	"     --si         powers of 1000 in place of 1024\n"
	" -l, --lohi       rows for low and high memory\n"
	" -t, --total      row for memory + swap\n"
	" -v, --committed  row for promised memory and its limit\n"
	" -w, --wide       buffers and cache in two columns\n"
	" -s N, -c N       repeat every N seconds, N times\n"
	"     --help, -V   this text, the version\n";

static struct {
	int power; /* of the unit; 0 = bytes */
	int human, si, lohi, total, committed, wide;
	double seconds;
	long count;
} arg = { .power = 1 };

/* Three digits: "8.7Mi", "11Mi", "1.0Gi", or with --si "9.1M". */
static const char *scale_human(double bytes, char *out, size_t size)
{
	const char *units = "KMGTPE", *i = arg.si ? "" : "i";
	double base = arg.si ? 1000 : 1024, v = bytes;

	if (bytes < 1000) {
		snprintf(out, size, "%.0fB", bytes);
		return out;
	}
	for (v /= base;; v /= base, units++) {
		if (snprintf(out, size, "%.1f%c%s", v, *units, i) <=
		    (arg.si ? 4 : 5))
			break;
		if (snprintf(out, size, "%llu%c%s", (unsigned long long)v,
			     *units, i) <= (arg.si ? 4 : 5))
			break;
	}
	return out;
}

static void print_value(unsigned long long kib)
{
	double base = arg.si ? 1000 : 1024, v = (double)kib * 1024;
	char text[32];

	if (arg.human) {
		printf(" %11s", scale_human(v, text, sizeof(text)));
		return;
	}
	if (arg.power == 1 && !arg.si)
		v = (double)kib;
	else
		for (int i = 0; i < arg.power; i++)
			v /= base;
	printf(" %11llu", (unsigned long long)v);
}

static void print_row(const char *name, unsigned long long total,
		      unsigned long long used, unsigned long long left)
{
	printf("%-8s", name);
	print_value(total);
	print_value(used);
	print_value(left);
}

static void print_memory(const struct meminfo *m)
{
	print_row("Mem:", m->total, m->used, m->free);
	print_value(m->shmem);
	if (arg.wide) {
		print_value(m->buffers);
		print_value(m->cache);
	} else {
		print_value(m->buffers + m->cache);
	}
	print_value(m->available);
	putchar('\n');
}

static void print_all(const struct meminfo *m)
{
	unsigned long long swap_used = m->swap_total - m->swap_free;

	printf("         %11s %11s %11s %11s %11s %11s", "total", "used",
	       "free", "shared", arg.wide ? "buffers" : "buff/cache",
	       arg.wide ? "cache" : "available");
	printf(arg.wide ? " %11s\n" : "\n", "available");
	print_memory(m);
	if (arg.lohi) {
		print_row("Low:", m->low_total, m->low_total - m->low_free,
			  m->low_free);
		putchar('\n');
		print_row("High:", m->high_total, m->high_total - m->high_free,
			  m->high_free);
		putchar('\n');
	}
	print_row("Swap:", m->swap_total, swap_used, m->swap_free);
	putchar('\n');
	if (arg.total) {
		print_row("Total:", m->total + m->swap_total,
			  m->used + swap_used, m->free + m->swap_free);
		putchar('\n');
	}
	if (arg.committed) {
		print_row("Comm:", m->commit_limit, m->committed,
			  m->commit_limit - m->committed);
		putchar('\n');
	}
}

static void set_unit(int power, int si)
{
	arg.power = power;
	arg.si |= si;
}

static void parse_repeat(int c)
{
	if (c == 'c') {
		arg.count = parse_number(optarg, 1);
		if (!arg.seconds)
			arg.seconds = 1;
		return;
	}
	arg.seconds = parse_seconds(optarg);
	if (arg.seconds <= 0)
		errx(1, "seconds argument `%s' is not positive number", optarg);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "bkmghltvwVs:c:", options, NULL)) !=
	       -1) {
		switch (c) {
		case 'b':
			set_unit(0, 0);
			break;
		case 'k':
			set_unit(1, 0);
			break;
		case 'm':
			set_unit(2, 0);
			break;
		case 'g':
			set_unit(3, 0);
			break;
		case TEBI:
			set_unit(4, 0);
			break;
		case PEBI:
			set_unit(5, 0);
			break;
		case KILO:
		case MEGA:
		case GIGA:
		case TERA:
		case PETA:
			set_unit(c - KILO + 1, 1);
			break;
		case SI:
			arg.si = 1;
			break;
		case 'h':
			arg.human = 1;
			break;
		case 'l':
			arg.lohi = 1;
			break;
		case 't':
			arg.total = 1;
			break;
		case 'v':
			arg.committed = 1;
			break;
		case 'w':
			arg.wide = 1;
			break;
		case 's':
		case 'c':
			parse_repeat(c);
			break;
		case HELP:
			fputs(help_text, stdout);
			exit(0);
		case 'V':
			puts("free from quire 0.1");
			exit(0);
		default:
			fputs(help_text, stderr);
			exit(1);
		}
	}
	if (optind == argc)
		return;
	fputs(help_text, stderr);
	exit(1);
}

int free_main(int argc, char **argv)
{
	struct meminfo m;

	parse(argc, argv);
	for (;;) {
		if (read_meminfo("/proc/meminfo", &m) < 0)
			err(1, "/proc/meminfo");
		print_all(&m);
		if (!arg.seconds || (arg.count && --arg.count == 0))
			return 0;
		putchar('\n');
		fflush(stdout);
		sleep_seconds(arg.seconds);
	}
}
