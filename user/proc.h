/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says about itself and its processes, read from /proc and
 * parsed once for free, top, ps, vmstat, pmap and uptime. All functions
 * return 0 (or a count) or -1 with errno; none prints or exits but
 * for out of memory.
 */
#ifndef USER_PROC_H
#define USER_PROC_H

#include <stddef.h>
#include <sys/types.h>

/* /proc/meminfo, all in KiB; what is missing there is 0 */
struct meminfo {
	unsigned long long total, free, available, buffers, cached;
	unsigned long long sreclaimable, shmem, swap_total, swap_free;
	unsigned long long swap_cached, active, inactive, dirty, writeback;
	unsigned long long high_total, high_free, low_total, low_free;
	unsigned long long commit_limit, committed;
	unsigned long long used;  /* total - available, as procps 4 */
	unsigned long long cache; /* cached + sreclaimable */
};

int read_meminfo(const char *path, struct meminfo *m);

/* The "cpu" line of /proc/stat in its order, in ticks of 1/100 s. */
enum {
	CPU_USER,
	CPU_NICE,
	CPU_SYSTEM,
	CPU_IDLE,
	CPU_IOWAIT,
	CPU_IRQ,
	CPU_SOFTIRQ,
	CPU_STEAL,
	CPU_GUEST,
	CPU_GUEST_NICE,
	CPU_TIMES
};

struct system_stat {
	unsigned long long cpu[CPU_TIMES];
	unsigned long long intr, ctxt, btime, processes, running, blocked;
};

int read_system_stat(struct system_stat *s);
/* The sum of the times that do not overlap (guest is part of user). */
unsigned long long cpu_total(const struct system_stat *s);

/* Value of `name N` in /proc/vmstat text, 0 if it is not there. */
unsigned long long text_value(const char *text, const char *name);

/* /proc/PID/stat and statm; times in ticks, memory in KiB */
struct process {
	pid_t pid, ppid, pgrp, session, tpgid;
	int tty;
	uid_t uid;
	char state;
	char comm[64];
	unsigned long flags, minflt, majflt;
	unsigned long long utime, stime, start;
	long priority, nice, threads;
	unsigned long vsize, rss, shared;
	int cpu;
	double percent; /* of one CPU; filled in by the user */
};

int read_process(pid_t pid, struct process *p);
/* All processes in pid order, malloc()ed; => their number. */
size_t list_processes(struct process **list);
/* VmSwap in KiB */
unsigned long process_swap(pid_t pid);
/* argv joined by blanks, "[comm]" if there is none. => out */
char *command_line(const struct process *p, char *out, size_t size);

double read_uptime(void);
/* "up 8 min,  0 user,  load average: ..." behind the time of day */
void format_uptime(char *out, size_t size);
/* "ttyAMA0", "pts/1", "?" */
const char *tty_name(int device);
/* Columns that the largest process number needs, at least 5. */
int pid_width(void);

#endif
