/* SPDX-License-Identifier: MIT */
/*
 * Readers for /proc. A whole file is read first, then parsed: the kernel
 * makes the text at the first read, so one read is one consistent state.
 */
#include "proc.h"
#include "lib.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define FIELD(f) offsetof(struct meminfo, f)
static const struct {
	const char *key;
	size_t offset;
} meminfo_keys[] = {
	{ "MemTotal", FIELD(total) },
	{ "MemFree", FIELD(free) },
	{ "MemAvailable", FIELD(available) },
	{ "Buffers", FIELD(buffers) },
	{ "Cached", FIELD(cached) },
	{ "SwapCached", FIELD(swap_cached) },
	{ "Active", FIELD(active) },
	{ "Inactive", FIELD(inactive) },
	{ "HighTotal", FIELD(high_total) },
	{ "HighFree", FIELD(high_free) },
	{ "LowTotal", FIELD(low_total) },
	{ "LowFree", FIELD(low_free) },
	{ "SwapTotal", FIELD(swap_total) },
	{ "SwapFree", FIELD(swap_free) },
	{ "Dirty", FIELD(dirty) },
	{ "Writeback", FIELD(writeback) },
	{ "Shmem", FIELD(shmem) },
	{ "SReclaimable", FIELD(sreclaimable) },
	{ "CommitLimit", FIELD(commit_limit) },
	{ "Committed_AS", FIELD(committed) },
};

static void store_key(struct meminfo *m, const char *key, size_t len,
		      unsigned long long value)
{
	for (size_t i = 0; i < ARRAY_SIZE(meminfo_keys); i++)
		if (strlen(meminfo_keys[i].key) == len &&
		    memcmp(meminfo_keys[i].key, key, len) == 0) {
			memcpy((char *)m + meminfo_keys[i].offset, &value,
			       sizeof(value));
			return;
		}
}

int read_meminfo(const char *path, struct meminfo *m)
{
	char text[8192], *line, *colon;

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	memset(m, 0, sizeof(*m));
	for (line = text; (colon = strchr(line, ':'));) {
		store_key(m, line, (size_t)(colon - line),
			  strtoull(colon + 1, NULL, 10));
		line = strchr(colon, '\n');
		if (!line)
			break;
		line++;
	}
	if (!m->low_total) { /* no high memory: all is low */
		m->low_total = m->total;
		m->low_free = m->free;
	}
	m->cache = m->cached + m->sreclaimable;
	m->used =
		m->total - (m->available <= m->total ? m->available : m->free);
	return 0;
}

/* The position behind "name " at the start of a line, or NULL. */
static const char *find_line(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, len) == 0 && text[len] == ' ')
			return text + len + 1;
	}
	return NULL;
}

unsigned long long text_value(const char *text, const char *name)
{
	const char *value = find_line(text, name);

	return value ? strtoull(value, NULL, 10) : 0;
}

int read_system_stat(struct system_stat *s)
{
	const size_t size = 65536; /* the intr line can be long */
	char *text = xmalloc(size), *end;
	const char *cpu;

	if (read_file("/proc/stat", text, size) < 0) {
		free(text);
		return -1;
	}
	memset(s, 0, sizeof(*s));
	cpu = find_line(text, "cpu");
	for (int i = 0; cpu && i < CPU_TIMES; i++, cpu = end)
		s->cpu[i] = strtoull(cpu, &end, 10);
	s->intr = text_value(text, "intr");
	s->ctxt = text_value(text, "ctxt");
	s->btime = text_value(text, "btime");
	s->processes = text_value(text, "processes");
	s->running = text_value(text, "procs_running");
	s->blocked = text_value(text, "procs_blocked");
	free(text);
	return 0;
}

unsigned long long cpu_total(const struct system_stat *s)
{
	unsigned long long sum = 0;

	for (int i = 0; i <= CPU_STEAL; i++)
		sum += s->cpu[i];
	return sum;
}

/*
 * 12 (a b) S 1 ...: the name may hold blanks and brackets, so it ends at
 * the last one.
 */
static int parse_stat(char *text, struct process *p)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned long rss_pages;

	if (!open || !close || close < open)
		return -1;
	*close = '\0';
	snprintf(p->comm, sizeof(p->comm), "%s", open + 1);
	if (sscanf(close + 1,
		   " %c %d %d %d %d %d %lu %lu %*u %lu %*u %llu %llu %*d %*d "
		   "%ld %ld %ld %*d %llu %lu %lu",
		   &p->state, &p->ppid, &p->pgrp, &p->session, &p->tty,
		   &p->tpgid, &p->flags, &p->minflt, &p->majflt, &p->utime,
		   &p->stime, &p->priority, &p->nice, &p->threads, &p->start,
		   &p->vsize, &rss_pages) < 17)
		return -1;
	p->vsize /= 1024;
	p->rss = rss_pages * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
	/* the 39th field is the CPU it ran on last */
	close++;
	for (int i = 3; i < 39 && close; i++)
		close = strchr(close + 1, ' ');
	p->cpu = close ? atoi(close) : 0;
	return 0;
}

int read_process(pid_t pid, struct process *p)
{
	char path[64], text[1024];
	unsigned long resident, shared;
	struct stat st;

	memset(p, 0, sizeof(*p));
	p->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (stat(path, &st) < 0)
		return -1;
	p->uid = st.st_uid;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) <= 0 || parse_stat(text, p) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	if (read_file(path, text, sizeof(text)) > 0 &&
	    sscanf(text, "%*u %lu %lu", &resident, &shared) == 2) {
		p->rss = resident *
			 ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
		p->shared =
			shared * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
	}
	return 0;
}

unsigned long process_swap(pid_t pid)
{
	char path[64], text[4096], *line;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	line = strstr(text, "\nVmSwap:");
	return line ? strtoul(line + 8, NULL, 10) : 0;
}

static int compare_pid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

size_t list_processes(struct process **list)
{
	DIR *dir = opendir("/proc");
	size_t n = 0, room = 0;
	struct dirent *d;

	*list = NULL;
	while (dir && (d = readdir(dir))) {
		if (!isdigit((unsigned char)*d->d_name))
			continue;
		if (n == room) {
			room = room ? 2 * room : 32;
			*list = xrealloc(*list, room * sizeof(**list));
		}
		n += read_process(atoi(d->d_name), *list + n) == 0;
	}
	if (dir)
		closedir(dir);
	if (n)
		qsort(*list, n, sizeof(**list), compare_pid);
	return n;
}

char *command_line(const struct process *p, char *out, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", p->pid);
	n = read_file(path, out, size);
	if (n <= 0) {
		snprintf(out, size, "[%s]%s", p->comm,
			 p->state == 'Z' ? " <defunct>" : "");
		return out;
	}
	while (n > 0 && !out[n - 1])
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)out[i]))
			out[i] = out[i] ? '?' : ' ';
	return out;
}

double read_uptime(void)
{
	char text[64];

	return read_file("/proc/uptime", text, sizeof(text)) > 0 ?
		       strtod(text, NULL) :
		       0;
}

void format_uptime(char *out, size_t size)
{
	unsigned long minutes = (unsigned long)read_uptime() / 60;
	unsigned long hours = minutes / 60 % 24, days = minutes / 1440;
	char load[128] = "0 0 0", since[32];
	float a = 0, b = 0, c = 0;
	time_t now = time(NULL);
	struct tm *t = localtime(&now);

	read_file("/proc/loadavg", load, sizeof(load));
	sscanf(load, "%f %f %f", &a, &b, &c);
	if (hours)
		snprintf(since, sizeof(since), "%2lu:%02lu", hours,
			 minutes % 60);
	else
		snprintf(since, sizeof(since), "%lu min", minutes % 60);
	load[0] = '\0';
	if (days)
		snprintf(load, sizeof(load), "%lu day%s, ", days,
			 days > 1 ? "s" : "");
	snprintf(out, size,
		 "%02d:%02d:%02d up %s%s,  0 user,  "
		 "load average: %.2f, %.2f, %.2f",
		 t->tm_hour, t->tm_min, t->tm_sec, load, since, a, b, c);
}

const char *tty_name(int device)
{
	static const struct {
		unsigned int major, first;
		const char *prefix;
	} names[] = {
		{ 204, 64, "ttyAMA" }, { 136, 0, "pts/" }, { 4, 64, "ttyS" },
		{ 4, 0, "tty" },       { 229, 0, "hvc" },
	};
	unsigned int maj = major((dev_t)device), min = minor((dev_t)device);
	static char text[24];

	if (!device)
		return "?";
	if (maj == 5)
		return min == 1 ? "console" : "tty";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].major == maj && min >= names[i].first) {
			snprintf(text, sizeof(text), "%s%u", names[i].prefix,
				 min - names[i].first);
			return text;
		}
	snprintf(text, sizeof(text), "%u:%u", maj, min);
	return text;
}

int pid_width(void)
{
	char text[32];
	int digits;

	if (read_file("/proc/sys/kernel/pid_max", text, sizeof(text)) <= 0)
		return 5;
	digits = snprintf(NULL, 0, "%ld", strtol(text, NULL, 10) - 1);
	return digits > 5 ? digits : 5;
}
