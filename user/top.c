/* SPDX-License-Identifier: MIT */
/*
 * top: the processes that use the machine, refreshed until q.
 *
 *	sample -> wait (a key or the delay) -> sample -> difference -> frame
 *
 * %CPU is what a process used between two samples, so the first frame waits
 * a moment. No curses: a frame is text with "erase to end of line" (ESC [K)
 * behind each line, written over the old one; batch mode leaves them out.
 *
 * On a machine with swap the column SWAP (VmSwap) stands where PR and NI
 * would; the key S changes between the two.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
	struct process *list;
	size_t n;
	struct system_stat stat;
	double when;
};

static struct {
	double delay;
	long frames;
	int batch, sort, only_n;
	int show_swap; /* -1: if there is any */
	pid_t only[20];
	int pid_width;
} arg = { .delay = 3, .frames = -1, .sort = 'P', .show_swap = -1 };

static struct termios saved;
static volatile sig_atomic_t resized, quit;

static void on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		quit = 1;
}

static unsigned long long ticks(const struct process *p)
{
	return p->utime + p->stime;
}

static void take(struct sample *s)
{
	s->when = now_seconds();
	if (read_system_stat(&s->stat) < 0)
		err(1, "/proc/stat");
	s->n = list_processes(&s->list);
}

/* Both lists are in pid order; the same start time means the same process. */
static void compute_percent(struct sample *now, const struct sample *old)
{
	double seconds = now->when - old->when;
	size_t j = 0;

	for (size_t i = 0; i < now->n; i++) {
		struct process *p = &now->list[i];
		unsigned long long before = 0;

		while (j < old->n && old->list[j].pid < p->pid)
			j++;
		if (j < old->n && old->list[j].pid == p->pid &&
		    old->list[j].start == p->start)
			before = ticks(&old->list[j]);
		p->percent = seconds > 0 && ticks(p) > before ?
				     (double)(ticks(p) - before) / seconds :
				     0;
	}
}

static int compare(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a;
	const struct process *y = *(struct process *const *)b;
	double d = 0;

	if (arg.sort == 'M')
		d = (double)y->rss - (double)x->rss;
	else if (arg.sort == 'T')
		d = (double)ticks(y) - (double)ticks(x);
	else if (arg.sort == 'N')
		d = y->pid - x->pid;
	else
		d = y->percent - x->percent;
	if (d < 0 || d > 0)
		return d > 0 ? 1 : -1;
	return x->pid - y->pid;
}

static void end_line(void)
{
	fputs(arg.batch ? "\n" : ESC "K\n", stdout);
}

static void print_tasks(const struct sample *s)
{
	size_t running = 0, stopped = 0, zombie = 0;

	for (size_t i = 0; i < s->n; i++) {
		running += s->list[i].state == 'R';
		stopped += s->list[i].state == 'T' || s->list[i].state == 't';
		zombie += s->list[i].state == 'Z';
	}
	printf("Tasks: %3zu total, %3zu running, %3zu sleeping, %3zu stopped, "
	       "%3zu zombie",
	       s->n, running, s->n - running - stopped - zombie, stopped,
	       zombie);
	end_line();
}

static void print_cpu(const struct system_stat *now,
		      const struct system_stat *old)
{
	static const struct {
		int index;
		const char *name;
	} parts[] = {
		{ CPU_USER, "us" },    { CPU_SYSTEM, "sy" }, { CPU_NICE, "ni" },
		{ CPU_IDLE, "id" },    { CPU_IOWAIT, "wa" }, { CPU_IRQ, "hi" },
		{ CPU_SOFTIRQ, "si" }, { CPU_STEAL, "st" },
	};
	double sum = (double)(cpu_total(now) - cpu_total(old));

	printf("%%Cpu(s)");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int k = parts[i].index;
		double d = (double)(now->cpu[k] - old->cpu[k]);

		printf("%c%5.1f %s", i ? ',' : ':', sum > 0 ? 100 * d / sum : 0,
		       parts[i].name);
	}
	putchar(' ');
	end_line();
}

static void print_memory(const struct meminfo *m)
{
	double unit = 1024;

	printf("MiB Mem : %8.1f total, %8.1f free, %8.1f used, "
	       "%8.1f buff/cache     ",
	       (double)m->total / unit, (double)m->free / unit,
	       (double)m->used / unit, (double)(m->buffers + m->cache) / unit);
	end_line();
	printf("MiB Swap: %8.1f total, %8.1f free, %8.1f used. "
	       "%8.1f avail Mem ",
	       (double)m->swap_total / unit, (double)m->swap_free / unit,
	       (double)(m->swap_total - m->swap_free) / unit,
	       (double)m->available / unit);
	end_line();
}

/* KiB in `width` characters, with m or g behind it if it must be. */
static const char *scale(unsigned long kib, int width, char *out)
{
	const char *unit = "mgtp";
	double v = (double)kib;

	if (snprintf(out, 24, "%lu", kib) <= width)
		return out;
	for (v /= 1024; unit[1]; v /= 1024, unit++)
		if (snprintf(out, 24, "%.1f%c", v, *unit) <= width)
			break;
	return out;
}

/* 2:05.37; from 1000 minutes on without the fraction */
static const char *cpu_time(unsigned long long t, char *out)
{
	if (t < 100ULL * 60 * 100000)
		snprintf(out, 24, "%llu:%02llu.%02llu", t / 6000, t / 100 % 60,
			 t % 100);
	else
		snprintf(out, 24, "%llu,%02llu", t / 360000, t / 6000 % 60);
	return out;
}

/* At most `width` characters of text; a + shows that some are missing. */
static void print_cut(const char *text, int width, const char *pad)
{
	if ((int)strlen(text) > width && width > 0)
		printf("%.*s+", width - 1, text);
	else
		printf(pad, text);
}

static void print_process(const struct process *p, unsigned long long total,
			  int width)
{
	char virt[24], res[24], shr[24], used[24], pri[24];

	printf("%*d ", arg.pid_width, p->pid);
	print_cut(user_name(p->uid), 8, "%-8s");
	if (p->priority < -99)
		strcpy(pri, "rt");
	else
		snprintf(pri, sizeof(pri), "%ld", p->priority);
	if (arg.show_swap)
		printf(" %7s", scale(process_swap(p->pid), 7, used));
	else
		printf(" %3s %3ld", pri, p->nice);
	printf(" %7s %6s %6s %c %5.1f %5.1f %9s ", scale(p->vsize, 7, virt),
	       scale(p->rss, 6, res), scale(p->shared, 6, shr), p->state,
	       p->percent, total ? 100.0 * (double)p->rss / (double)total : 0,
	       cpu_time(ticks(p), used));
	print_cut(p->comm, width - arg.pid_width - 65, "%s");
	end_line();
}

static int is_wanted(pid_t pid)
{
	for (int i = 0; i < arg.only_n; i++)
		if (arg.only[i] == pid)
			return 1;
	return !arg.only_n;
}

/* The list itself stays in pid order: the next difference needs that. */
static void print_processes(const struct sample *s, unsigned long long total,
			    int lines, int width)
{
	struct process **order = xmalloc(s->n * sizeof(*order));
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (is_wanted(s->list[i].pid))
			order[n++] = &s->list[i];
	if (n)
		qsort(order, n, sizeof(*order), compare);
	for (size_t i = 0; i < n && (int)i < lines; i++)
		print_process(order[i], total, width);
	free(order);
}

static void draw(struct sample *now, const struct sample *old)
{
	const int line = 8; /* the first process stands there */
	int rows = 1 << 30, cols = 80;
	struct meminfo mem;
	char text[128];

	if (read_meminfo("/proc/meminfo", &mem) < 0)
		err(1, "/proc/meminfo");
	compute_percent(now, old);
	if (arg.show_swap < 0)
		arg.show_swap = mem.swap_total != 0;
	if (!arg.batch) {
		tty_size(STDOUT_FILENO, &rows, &cols);
		fputs(ESC "H", stdout);
	}
	format_uptime(text, sizeof(text));
	printf("top - %s", text);
	end_line();
	print_tasks(now);
	print_cpu(&now->stat, &old->stat);
	print_memory(&mem);
	end_line();
	printf("%s%*s USER     %s    VIRT    RES    SHR S  %%CPU  %%MEM"
	       "     TIME+ COMMAND",
	       arg.batch ? "" : ESC "7m", arg.pid_width, "PID",
	       arg.show_swap ? "   SWAP" : " PR  NI");
	if (!arg.batch)
		printf("%*s" ESC "m",
		       cols > arg.pid_width + 72 ? cols - arg.pid_width - 72 :
						   0,
		       "");
	end_line();
	print_processes(now, mem.total, rows - line, cols);
	if (!arg.batch)
		fputs(ESC "J", stdout);
	fflush(stdout);
}

static void leave(void)
{
	int rows, cols;

	tty_size(STDOUT_FILENO, &rows, &cols);
	printf(ESC "%d;1H" ESC "?25h\n", rows);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

static void enter(void)
{
	if (tty_raw(STDIN_FILENO, &saved) < 0)
		err(1, "standard input (use -b without a terminal)");
	fputs(ESC "?25l" ESC "2J", stdout);
}

/* => the next key, 0 when the time is over, a signal came or input ended */
static int read_key(double seconds)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char c;

	if (poll(&in, 1, (int)(seconds * 1000)) <= 0)
		return 0;
	if (read(STDIN_FILENO, &c, 1) == 1)
		return c;
	quit = 1;
	return 0;
}

static void ask_delay(void)
{
	char text[16] = "";
	size_t n = 0;
	double v;
	int c = 0;

	printf(ESC "6;1H" ESC "KChange delay from %.1f to " ESC "?25h",
	       arg.delay);
	fflush(stdout);
	while (!quit && (c = read_key(60)) && c != '\r' && c != '\n' &&
	       c != 27) {
		if ((c == 127 || c == 8) && n) {
			text[--n] = '\0';
			fputs("\b \b", stdout);
		} else if (c > ' ' && c < 127 && n + 1 < sizeof(text)) {
			text[n++] = (char)c;
			text[n] = '\0';
			putchar(c);
		}
		fflush(stdout);
	}
	fputs(ESC "?25l", stdout);
	v = parse_seconds(text);
	if (n && c != 27 && v >= 0)
		arg.delay = v;
}

static void show_help(void)
{
	fputs(ESC "H" ESC "2JKeys of top\n\n"
		  "  P  sort by %CPU      M  sort by memory (RES)\n"
		  "  T  sort by TIME+     N  sort by PID\n"
		  "  S  SWAP in place of PR and NI, and back\n"
		  "  d, s  change the delay\n"
		  "  space, enter  refresh now\n"
		  "  q  quit\n\nany key goes back ",
	      stdout);
	fflush(stdout);
	read_key(3600);
}

static void suspend(void)
{
	leave();
	raise(SIGSTOP);
	enter();
}

/* => 1 if the frame needs no new sample yet */
static int handle_key(int c)
{
	if (c && strchr("PMTN", c))
		arg.sort = c;
	else if (c == 'S')
		arg.show_swap = !arg.show_swap;
	else if (c == 'd' || c == 's')
		ask_delay();
	else if (c == 'h' || c == '?')
		show_help();
	else if (c == 26)
		suspend();
	else if (c == 'q' || c == 3)
		quit = 1;
	else
		return c != ' ' && c != '\r' && c != '\n';
	return 0;
}

static void wait_interactive(void)
{
	double end = now_seconds() + arg.delay, left = arg.delay;
	int c;

	do {
		c = read_key(left);
		left = end - now_seconds();
		if (resized) {
			resized = 0;
			fputs(ESC "2J", stdout);
			return;
		}
	} while (!quit && left > 0 && (!c || handle_key(c)));
}

static void run(void)
{
	struct sample old, now;

	take(&old);
	sleep_seconds(0.1);
	for (;;) {
		take(&now);
		draw(&now, &old);
		free(old.list);
		old = now;
		if (arg.frames > 0 && --arg.frames == 0)
			break;
		if (arg.batch) {
			sleep_seconds(arg.delay);
			putchar('\n');
		} else {
			wait_interactive();
		}
		if (quit)
			break;
	}
	free(old.list);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "bn:d:p:o:")) != -1) {
		if (c == 'b')
			arg.batch = 1;
		else if (c == 'n')
			arg.frames = parse_number(optarg, 1);
		else if (c == 'd' && (arg.delay = parse_seconds(optarg)) < 0)
			errx(1, "bad delay '%s'", optarg);
		else if (c == 'o' && strstr(optarg, "MEM"))
			arg.sort = 'M';
		else if (c == '?')
			usage("top [-b] [-n FRAMES] [-d SECONDS] [-p PID]... "
			      "[-o %MEM]");
		for (char *p = c == 'p' ? optarg : NULL; p && arg.only_n < 20;
		     p = strchr(p, ','), p += p != NULL)
			arg.only[arg.only_n++] = atoi(p);
	}
}

int top_main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };

	parse(argc, argv);
	arg.pid_width = pid_width();
	if (!arg.batch) {
		sigaction(SIGWINCH, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
		sigaction(SIGHUP, &action, NULL);
		enter();
	}
	run();
	if (!arg.batch)
		leave();
	return 0;
}
