/* SPDX-License-Identifier: MIT */
/*
 * vmstat [-a] [DELAY [COUNT]]: a line of memory, swap, block and CPU figures
 * every DELAY seconds; the first is the average since boot. vmstat -s: the
 * counters as a list; vmstat -m: the slab caches.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
	struct system_stat stat;
	struct meminfo mem;
	unsigned long long pgpgin, pgpgout, pswpin, pswpout;
};

static void take(struct sample *s)
{
	const size_t size = 16384;
	char *text = xmalloc(size);

	if (read_system_stat(&s->stat) < 0)
		err(1, "/proc/stat");
	if (read_meminfo("/proc/meminfo", &s->mem) < 0)
		err(1, "/proc/meminfo");
	if (read_file("/proc/vmstat", text, size) < 0)
		err(1, "/proc/vmstat");
	s->pgpgin = text_value(text, "pgpgin");
	s->pgpgout = text_value(text, "pgpgout");
	s->pswpin = text_value(text, "pswpin");
	s->pswpout = text_value(text, "pswpout");
	free(text);
}

static void print_header(int active)
{
	puts("procs -----------memory---------- ---swap-- -----io---- "
	     "-system-- ------cpu-----");
	printf(" r  b   swpd   free %6s %6s   si   so    bi    bo   in   cs "
	       "us sy id wa st\n",
	       active ? "inact" : "buff", active ? "active" : "cache");
}

/* now - old, per second; rounded as procps does */
static unsigned long long rate(unsigned long long now, unsigned long long old,
			       double seconds)
{
	return (unsigned long long)((double)(now - old) / seconds + 0.5);
}

static void print_cpu(const struct system_stat *now,
		      const struct system_stat *old)
{
	unsigned long long d[CPU_TIMES], sum, shown[5];

	for (int i = 0; i < CPU_TIMES; i++)
		d[i] = now->cpu[i] - old->cpu[i];
	sum = cpu_total(now) - cpu_total(old);
	if (!sum)
		sum = d[CPU_IDLE] = 1;
	shown[0] = d[CPU_USER] + d[CPU_NICE];
	shown[1] = d[CPU_SYSTEM] + d[CPU_IRQ] + d[CPU_SOFTIRQ];
	shown[2] = d[CPU_IDLE];
	shown[3] = d[CPU_IOWAIT];
	shown[4] = d[CPU_STEAL];
	for (int i = 0; i < 5; i++)
		printf(" %2llu", (100 * shown[i] + sum / 2) / sum);
	putchar('\n');
}

static void print_line(const struct sample *now, const struct sample *old,
		       double seconds, int active)
{
	const struct meminfo *m = &now->mem;
	unsigned long long page =
		(unsigned long long)sysconf(_SC_PAGESIZE) / 1024;

	printf("%2llu %2llu %6llu %6llu %6llu %6llu", now->stat.running,
	       now->stat.blocked, m->swap_total - m->swap_free, m->free,
	       active ? m->inactive : m->buffers,
	       active ? m->active : m->cache);
	printf(" %4llu %4llu %5llu %5llu %4llu %4llu",
	       rate(now->pswpin * page, old->pswpin * page, seconds),
	       rate(now->pswpout * page, old->pswpout * page, seconds),
	       rate(now->pgpgin, old->pgpgin, seconds),
	       rate(now->pgpgout, old->pgpgout, seconds),
	       rate(now->stat.intr, old->stat.intr, seconds),
	       rate(now->stat.ctxt, old->stat.ctxt, seconds));
	print_cpu(&now->stat, &old->stat);
	fflush(stdout);
}

static void repeat(double delay, long count, int active)
{
	struct sample old = { 0 }, now;
	double seconds;
	int rows, cols;

	take(&now);
	seconds = (double)cpu_total(&now.stat) / 100;
	tty_size(STDOUT_FILENO, &rows, &cols);
	for (long n = 0;; n++) {
		if (n % (rows > 5 ? rows - 3 : 1) == 0)
			print_header(active);
		print_line(&now, &old, seconds > 0 ? seconds : 1, active);
		if (count && n + 1 == count)
			return;
		old = now;
		sleep_seconds(delay);
		take(&now);
		seconds = delay;
	}
}

static void print_list(void)
{
	struct sample s;
	const struct meminfo *m = &s.mem;
	const unsigned long long *cpu = s.stat.cpu;

	take(&s);
	printf("%13llu K total memory\n", m->total);
	printf("%13llu K used memory\n", m->used);
	printf("%13llu K active memory\n", m->active);
	printf("%13llu K inactive memory\n", m->inactive);
	printf("%13llu K free memory\n", m->free);
	printf("%13llu K buffer memory\n", m->buffers);
	printf("%13llu K swap cache\n", m->cache);
	printf("%13llu K total swap\n", m->swap_total);
	printf("%13llu K used swap\n", m->swap_total - m->swap_free);
	printf("%13llu K free swap\n", m->swap_free);
	printf("%13llu non-nice user cpu ticks\n", cpu[CPU_USER]);
	printf("%13llu nice user cpu ticks\n", cpu[CPU_NICE]);
	printf("%13llu system cpu ticks\n", cpu[CPU_SYSTEM]);
	printf("%13llu idle cpu ticks\n", cpu[CPU_IDLE]);
	printf("%13llu IO-wait cpu ticks\n", cpu[CPU_IOWAIT]);
	printf("%13llu IRQ cpu ticks\n", cpu[CPU_IRQ]);
	printf("%13llu softirq cpu ticks\n", cpu[CPU_SOFTIRQ]);
	printf("%13llu stolen cpu ticks\n", cpu[CPU_STEAL]);
	printf("%13llu non-nice guest cpu ticks\n", cpu[CPU_GUEST]);
	printf("%13llu nice guest cpu ticks\n", cpu[CPU_GUEST_NICE]);
	printf("%13llu K paged in\n", s.pgpgin);
	printf("%13llu K paged out\n", s.pgpgout);
	printf("%13llu pages swapped in\n", s.pswpin);
	printf("%13llu pages swapped out\n", s.pswpout);
	printf("%13llu interrupts\n", s.stat.intr);
	printf("%13llu CPU context switches\n", s.stat.ctxt);
	printf("%13llu boot time\n", s.stat.btime);
	printf("%13llu forks\n", s.stat.processes);
}

static void print_slabs(void)
{
	unsigned long active, objects, size, per_slab;
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[512], name[64];

	if (!f)
		err(1, "/proc/slabinfo");
	puts("Cache                       Num  Total   Size  Pages");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63[^# ] %lu %lu %lu %lu", name, &active,
			   &objects, &size, &per_slab) == 5)
			printf("%-24s %6lu %6lu %6lu %6lu\n", name, active,
			       objects, size, per_slab);
	fclose(f);
}

int vmstat_main(int argc, char **argv)
{
	const char *help = "vmstat [-a | -s | -m] [DELAY [COUNT]]";
	int c, mode = 0;
	double delay = 1;
	long count = 1;

	while ((c = getopt(argc, argv, "asmn")) != -1)
		if (c == '?')
			usage(help);
		else if (c != 'n')
			mode = c;
	argv += optind;
	if (argv[0]) {
		delay = parse_seconds(argv[0]);
		count = argv[1] ? parse_number(argv[1], 1) : 0;
		if (delay <= 0)
			usage(help);
	}
	if (mode == 's')
		print_list();
	else if (mode == 'm')
		print_slabs();
	else
		repeat(delay, count, mode == 'a');
	return 0;
}
