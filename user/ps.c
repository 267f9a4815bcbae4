/* SPDX-License-Identifier: MIT */
/*
 * ps: processes as a table. A format is a list of columns; -f, u and so on
 * only choose one, -o names it. Without -e, a or -p, only the processes
 * of the caller on its own terminal are shown.
 */
#include "lib.h"
#include "proc.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct context {
	unsigned long long btime, mem_total;
	double uptime;
	int pid_width;
};

static struct context now;

typedef void (*print_fn)(const struct process *p, char *out, size_t size);

#define COLUMN(name, ...)                                                 \
	static void name(const struct process *p, char *out, size_t size) \
	{                                                                 \
		snprintf(out, size, __VA_ARGS__);                         \
	}

static unsigned long seconds_used(const struct process *p)
{
	return (unsigned long)((p->utime + p->stime) / 100);
}

static double seconds_alive(const struct process *p)
{
	return now.uptime - (double)p->start / 100;
}

static double percent_cpu(const struct process *p)
{
	double alive = seconds_alive(p);
	double v = alive > 0 ? (double)(p->utime + p->stime) / alive : 0;

	return v > 999 ? 999 : v;
}

COLUMN(show_pid, "%d", p->pid)
COLUMN(show_ppid, "%d", p->ppid)
COLUMN(show_pgid, "%d", p->pgrp)
COLUMN(show_sid, "%d", p->session)
COLUMN(show_tpgid, "%d", p->tpgid)
COLUMN(show_user, "%.8s", user_name(p->uid))
COLUMN(show_uid, "%u", p->uid)
COLUMN(show_state, "%c", p->state)
COLUMN(show_comm, "%s%s", p->comm, p->state == 'Z' ? " <defunct>" : "")
COLUMN(show_tty, "%s", tty_name(p->tty))
COLUMN(show_vsz, "%lu", p->vsize)
COLUMN(show_addr_sz, "- %5lu", p->vsize / 4)
COLUMN(show_flags, "%lu", p->flags >> 6 & 7)
COLUMN(show_rss, "%lu", p->rss)
COLUMN(show_nice, "%ld", p->nice)
COLUMN(show_pri, "%ld", 39 - p->priority)
COLUMN(show_opri, "%ld", 60 + p->priority)
COLUMN(show_threads, "%ld", p->threads)
COLUMN(show_cpu, "%d", p->cpu)
COLUMN(show_minflt, "%lu", p->minflt)
COLUMN(show_majflt, "%lu", p->majflt)
COLUMN(show_pcpu, "%.1f", percent_cpu(p))
COLUMN(show_c, "%.0f", percent_cpu(p) > 99 ? 99 : percent_cpu(p))
COLUMN(show_pmem, "%.1f",
       now.mem_total ? (double)(p->rss * 1000 / now.mem_total) / 10 : 0)
COLUMN(show_time, "%02lu:%02lu:%02lu", seconds_used(p) / 3600,
       seconds_used(p) / 60 % 60, seconds_used(p) % 60)
COLUMN(show_bsdtime, "%lu:%02lu", seconds_used(p) / 60, seconds_used(p) % 60)

static void show_stat(const struct process *p, char *out, size_t size)
{
	snprintf(out, size, "%c%s%s%s%s", p->state,
		 p->nice < 0 ? "<" :
		 p->nice > 0 ? "N" :
			       "",
		 p->session == p->pid ? "s" : "", p->threads > 1 ? "l" : "",
		 p->tpgid == p->pgrp && p->tty ? "+" : "");
}

static void show_start(const struct process *p, char *out, size_t size)
{
	time_t t = (time_t)(now.btime + p->start / 100), today = time(NULL);
	int day = localtime(&today)->tm_yday;
	struct tm *tm = localtime(&t);

	strftime(out, size, tm->tm_yday == day ? "%H:%M" : "%b%d", tm);
}

static void show_etime(const struct process *p, char *out, size_t size)
{
	unsigned long s = (unsigned long)seconds_alive(p);

	if (s >= 86400)
		snprintf(out, size, "%lu-%02lu:%02lu:%02lu", s / 86400,
			 s / 3600 % 24, s / 60 % 60, s % 60);
	else if (s >= 3600)
		snprintf(out, size, "%02lu:%02lu:%02lu", s / 3600, s / 60 % 60,
			 s % 60);
	else
		snprintf(out, size, "%02lu:%02lu", s / 60, s % 60);
}

static void show_args(const struct process *p, char *out, size_t size)
{
	command_line(p, out, size);
}

static void show_wchan(const struct process *p, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/wchan", p->pid);
	if (read_file(path, out, size) <= 0 || strcmp(out, "0") == 0)
		strcpy(out, "-");
	out[6] = '\0';
}

struct column {
	const char *key, *title;
	int width; /* negative: to the left; 0: that of a pid */
	print_fn show;
};

static const struct column columns[] = {
	{ "pid", "PID", 0, show_pid },
	{ "ppid", "PPID", 0, show_ppid },
	{ "pgid", "PGID", 0, show_pgid },
	{ "sid", "SID", 0, show_sid },
	{ "tpgid", "TPGID", 0, show_tpgid },
	{ "user", "USER", -8, show_user },
	{ "uname", "UID", -8, show_user },
	{ "uid", "UID", 5, show_uid },
	{ "s", "S", -1, show_state },
	{ "stat", "STAT", -4, show_stat },
	{ "comm", "COMMAND", -15, show_comm },
	{ "ucmd", "CMD", -15, show_comm },
	{ "args", "COMMAND", -27, show_args },
	{ "command", "COMMAND", -27, show_args },
	{ "cmd", "CMD", -27, show_args },
	{ "tty", "TTY", -8, show_tty },
	{ "vsz", "VSZ", 6, show_vsz },
	{ "sz", "ADDR SZ", 7, show_addr_sz },
	{ "f", "F", 1, show_flags },
	{ "rss", "RSS", 5, show_rss },
	{ "ni", "NI", 3, show_nice },
	{ "pri", "PRI", 3, show_pri },
	{ "opri", "PRI", 3, show_opri },
	{ "nlwp", "NLWP", 4, show_threads },
	{ "psr", "PSR", 3, show_cpu },
	{ "minflt", "MINFLT", 6, show_minflt },
	{ "majflt", "MAJFLT", 6, show_majflt },
	{ "pcpu", "%CPU", 4, show_pcpu },
	{ "%cpu", "%CPU", 4, show_pcpu },
	{ "c", "C", 2, show_c },
	{ "pmem", "%MEM", 4, show_pmem },
	{ "%mem", "%MEM", 4, show_pmem },
	{ "time", "TIME", 8, show_time },
	{ "bsdtime", "TIME", 6, show_bsdtime },
	{ "start", "START", -5, show_start },
	{ "stime", "STIME", 5, show_start },
	{ "etime", "ELAPSED", 11, show_etime },
	{ "wchan", "WCHAN", -6, show_wchan },
};

static const char *const default_format = "pid,tty,time,ucmd";
static const char *const full_format = "uname,pid,ppid,c,stime,tty,time,cmd";
static const char *const long_format =
	"f,s,uid,pid,ppid,c,opri,ni,sz,wchan,tty,time,ucmd";
static const char *const user_format =
	"user,pid,pcpu,pmem,vsz,rss,tty,stat,start,bsdtime,args";
static const char *const bsd_format = "pid,tty,stat,bsdtime,args";

static const struct column *shown[40];
static size_t nr_shown;

static void add_columns(const char *list)
{
	char *copy = xstrdup(list), *save, *word;

	for (word = strtok_r(copy, ", ", &save); word;
	     word = strtok_r(NULL, ", ", &save)) {
		size_t i = 0;

		while (i < ARRAY_SIZE(columns) &&
		       strcmp(columns[i].key, word) != 0)
			i++;
		if (i == ARRAY_SIZE(columns))
			errx(1, "unknown column '%s'", word);
		if (nr_shown < ARRAY_SIZE(shown))
			shown[nr_shown++] = &columns[i];
	}
	free(copy);
}

/* One table line; text of the last column is not padded but cut. */
static void print_line(const struct process *p, int limit)
{
	char line[4096], cell[2048];
	int used = 0;

	for (size_t i = 0; i < nr_shown; i++) {
		int width = shown[i]->width ? shown[i]->width : now.pid_width;
		int last = i + 1 == nr_shown, room = (int)sizeof(line) - used;

		if (p)
			shown[i]->show(p, cell, sizeof(cell));
		else
			snprintf(cell, sizeof(cell), "%s", shown[i]->title);
		if (!last && shown[i]->show == show_args)
			cell[-width] = '\0';
		used += snprintf(line + used, (size_t)room, "%s%*s",
				 i ? " " : "", last && width < 0 ? 0 : width,
				 cell);
		if (used >= (int)sizeof(line))
			used = (int)sizeof(line) - 1;
	}
	if (limit && used > limit)
		line[limit] = '\0';
	puts(line);
}

static struct {
	int all, with_tty, others, bsd;
	char *pids;
} want;

static int in_list(const char *list, pid_t pid)
{
	for (const char *p = list; p; p = strpbrk(p, ", ")) {
		p += strspn(p, ", ");
		if (atoi(p) == pid)
			return 1;
	}
	return 0;
}

static int wanted(const struct process *p, const struct process *self)
{
	if (want.pids)
		return in_list(want.pids, p->pid);
	if (want.all || (want.others && want.with_tty))
		return 1;
	if (want.with_tty)
		return p->uid == self->uid;
	if (want.others)
		return p->tty != 0;
	return p->tty == self->tty && p->uid == self->uid;
}

/* Options that take the rest of the word or the next one. */
static char *value(char **letter, char ***arg)
{
	char *v = (*letter)[1] ? *letter + 1 : *++*arg;

	if (!v)
		usage("ps [-e] [-f | -l] [-o COLUMN,...] [-p PID] | ps aux");
	*letter = v + strlen(v) - 1;
	return v;
}

static const char *parse(char **argv)
{
	const char *format = NULL;

	while (*++argv) {
		int bsd = **argv != '-';

		for (char *c = *argv + !bsd; *c; c++) {
			want.bsd |= bsd;
			if (*c == 'o')
				add_columns(value(&c, &argv));
			else if (*c == 'p')
				want.pids = value(&c, &argv);
			else if (*c == 'f')
				format = full_format;
			else if (*c == 'l')
				format = long_format;
			else if (*c == 'u' && bsd)
				format = user_format;
			else if (*c == 'x')
				want.with_tty = 1;
			else if (*c == 'a')
				want.others = 1;
			else if (*c == 'e' || *c == 'A')
				want.all |= !bsd;
			else if (*c != 'w')
				usage("ps [-e] [-f | -l] [-o COLUMN,...] "
				      "[-p PID] | ps aux");
		}
	}
	if (format)
		return format;
	return want.bsd ? bsd_format : default_format;
}

int ps_main(int argc, char **argv)
{
	const char *format = parse(argv);
	struct process *list, self;
	struct system_stat stat;
	struct meminfo mem;
	int rows, limit = 0, found = 0;
	size_t n;

	(void)argc;
	if (!nr_shown)
		add_columns(format);
	if (read_system_stat(&stat) < 0 ||
	    read_meminfo("/proc/meminfo", &mem) < 0 ||
	    read_process(getpid(), &self) < 0)
		err(1, "/proc");
	now = (struct context){ stat.btime, mem.total, read_uptime(),
				pid_width() };
	if (isatty(STDOUT_FILENO))
		tty_size(STDOUT_FILENO, &rows, &limit);
	n = list_processes(&list);
	print_line(NULL, limit);
	for (size_t i = 0; i < n; i++)
		if (wanted(&list[i], &self)) {
			print_line(&list[i], limit);
			found = 1;
		}
	free(list);
	return !found;
}
