// SPDX-License-Identifier: MIT
/*
 * /proc/PID/stat, status and statm: what a task is, as numbers.
 *
 * All that another task's fields say is first copied under tasklist_lock
 * into a snapshot, so that the text is made without a lock and of one
 * moment. Formats are Linux 6.1's.
 */
#include <base/smp.h>
#include <fs/fdtable.h>
#include <lib/string.h>
#include <mm/vm/mm.h>
#include <proc/pid_proc.h>
#include <proc/process.h>
#include <proc/rusage.h>
#include <proc/signal.h>
#include <proc/time.h>
#include <sched/sched.h>

#define CAP_ALL 0x1ffffffffffULL /* CAP_LAST_CAP is 40 */

struct pid_snapshot {
	char comm[TASK_COMM_LEN], state;
	pid_t pid, tgid, ppid, pgrp, session, tpgid;
	int tty_nr, exit_code, exit_signal, prio, nice, nr_threads;
	unsigned int flags, cpu, rt_priority, policy, fd_size;
	bool has_fs, no_new_privs;
	umode_t umask;
	u64 start_time, rss_limit, sigq_limit, cpus_mask;
	u64 pending, shared, blocked, ignored, caught;
	unsigned int queued;
	struct usage_sums own, children;
	struct cred cred;
};

/* tasklist_lock held, @t not released */
static void snap_signals(struct pid_snapshot *snap, struct task_struct *t)
{
	struct signal_struct *signal = t->signal;

	guard(spinlock_irq)(&t->sighand->siglock);
	signal_masks(t, &snap->pending, &snap->shared, &snap->ignored,
		     &snap->caught);
	snap->blocked = t->blocked;
	snap->queued = (unsigned int)atomic_read(&signal->nr_queued);
	snap->rss_limit = signal->rlim[RLIMIT_RSS].rlim_cur;
	snap->sigq_limit = signal->rlim[RLIMIT_SIGPENDING].rlim_cur;
	snap->children = signal->children;
}

static void snap_group(struct pid_snapshot *snap, struct task_struct *t,
		       bool whole)
{
	struct signal_struct *signal = t->signal;

	snap->pgrp = signal->pgrp;
	snap->session = signal->session;
	snap->tty_nr = tty_nr_of(signal->tty);
	snap->tpgid = tty_pgrp_of(signal->tty);
	snap->nr_threads = signal->nr_threads;
	snap->cred = t->proc->cred;
	snap->no_new_privs = t->proc->no_new_privs;
	if (whole)
		group_sums(t->group_leader, &snap->own);
	if (t->files)
		snap->fd_size = t->files->max_fds;
	snap->has_fs = t->fs;
	if (t->fs)
		snap->umask = t->fs->umask;
}

static void snap_task(struct pid_snapshot *snap, struct task_struct *t)
{
	memcpy(snap->comm, t->comm, sizeof(snap->comm));
	snap->state = task_state_char(t);
	snap->pid = t->pid;
	snap->tgid = t->tgid;
	snap->ppid = t->real_parent ? t->real_parent->tgid : 0;
	snap->flags = t->flags;
	snap->exit_code = t->exit_code;
	snap->exit_signal = t->exit_signal;
	snap->prio = task_prio(t);
	snap->nice = task_nice(t);
	snap->cpu = task_cpu(t);
	snap->rt_priority = t->rt_priority;
	snap->policy = t->policy;
	snap->cpus_mask = t->cpus_mask;
	snap->start_time = t->start_boottime;
	thread_sums(t, &snap->own);
}

/* A kernel thread is what it is; it takes no signals. */
static void snap_kthread(struct pid_snapshot *snap)
{
	snap->nr_threads = 1;
	snap->fd_size = NR_OPEN_DEFAULT;
	snap->has_fs = true;
	snap->umask = 022;
	snap->tpgid = -1;
	snap->exit_signal = SIGCHLD;
	snap->ignored = ~0ULL;
	snap->rss_limit = snap->sigq_limit = RLIM_INFINITY;
}

/* => 0, -ESRCH: it is gone */
static int take_snapshot(struct pid_snapshot *snap, struct task_struct *t,
			 bool whole)
{
	int err = -ESRCH;

	memset(snap, 0, sizeof(*snap));
	guard(spinlock)(&tasklist_lock);
	if (!pid_is_gone(t)) {
		snap_task(snap, t);
		if (t->signal) {
			snap_group(snap, t, whole);
			snap_signals(snap, t);
		} else {
			snap_kthread(snap);
		}
		err = 0;
	}
	return err;
}

/* --- stat --- */

static void put(struct seq_buf *s, u64 value)
{
	seq_buf_putc(s, ' ');
	seq_buf_put_decimal(s, value, 0);
}

static void stat_times(struct seq_buf *s, const struct pid_snapshot *snap)
{
	const struct usage_sums *own = &snap->own, *kids = &snap->children;

	put(s, own->min_flt);
	put(s, kids->min_flt);
	put(s, own->maj_flt);
	put(s, kids->maj_flt);
	put(s, ns_to_clock_t(own->utime));
	put(s, ns_to_clock_t(own->stime));
	put(s, ns_to_clock_t(kids->utime));
	put(s, ns_to_clock_t(kids->stime));
	seq_buf_printf(s, " %d %d %d 0", snap->prio, snap->nice,
		       snap->nr_threads);
	put(s, ns_to_clock_t(snap->start_time));
}

static void stat_memory(struct seq_buf *s, const struct pid_snapshot *snap,
			struct mm_struct *mm, bool permitted)
{
	put(s, mm ? mm->total_vm << PAGE_SHIFT : 0);
	put(s, mm ? get_mm_rss(mm) : 0);
	put(s, snap->rss_limit);
	/* who may not know where the code is still sees that there is some */
	put(s, !mm ? 0 : permitted ? mm->start_code : 1);
	put(s, !mm ? 0 : permitted ? mm->end_code : 1);
	put(s, mm && permitted ? mm->start_stack : 0);
	seq_buf_puts(s, " 0 0"); /* esp, eip: of core dumps only */
}

static void stat_signals(struct seq_buf *s, const struct pid_snapshot *snap)
{
	put(s, snap->pending & 0x7fffffff);
	put(s, snap->blocked & 0x7fffffff);
	put(s, snap->ignored & 0x7fffffff);
	put(s, snap->caught & 0x7fffffff);
}

static void stat_end(struct seq_buf *s, const struct pid_snapshot *snap,
		     const struct mm_struct *mm, bool permitted)
{
	put(s, permitted && snap->state != 'R'); /* wchan */
	seq_buf_printf(s, " 0 0 %d %u %u %u 0 0 0", snap->exit_signal,
		       snap->cpu, snap->rt_priority, snap->policy);
	if (mm && permitted) {
		put(s, mm->start_data);
		put(s, mm->end_data);
		put(s, mm->start_brk);
		put(s, mm->arg_start);
		put(s, mm->arg_end);
		put(s, mm->env_start);
		put(s, mm->env_end);
	} else {
		seq_buf_puts(s, " 0 0 0 0 0 0 0");
	}
	seq_buf_printf(s, " %d\n", permitted ? snap->exit_code : 0);
}

static int show_stat(struct task_struct *t, struct seq_buf *s, bool whole)
{
	struct pid_snapshot snap;
	struct mm_struct *mm;
	int err = take_snapshot(&snap, t, whole);
	bool permitted;

	if (err)
		return err;
	permitted = pid_may_read(t);
	mm = get_task_mm(t);
	seq_buf_printf(s, "%d (%s) %c %d %d %d %d %d %u", snap.pid, snap.comm,
		       snap.state, snap.ppid, snap.pgrp, snap.session,
		       snap.tty_nr, snap.tpgid, snap.flags);
	stat_times(s, &snap);
	stat_memory(s, &snap, mm, permitted);
	stat_signals(s, &snap);
	stat_end(s, &snap, mm, permitted);
	if (mm)
		mmput(mm);
	return 0;
}

int pid_stat_show(struct task_struct *t, struct seq_buf *s)
{
	return show_stat(t, s, true);
}

int pid_tid_stat_show(struct task_struct *t, struct seq_buf *s)
{
	return show_stat(t, s, false);
}

/* --- status --- */

static const char *state_name(char state)
{
	static const char *const names[] = {
		"R (running)", "S (sleeping)",	   "D (disk sleep)",
		"T (stopped)", "t (tracing stop)", "X (dead)",
		"Z (zombie)",  "P (parked)",	   "I (idle)",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i][0] == state)
			return names[i];
	return "? (unknown)";
}

/* A newline or backslash in the name must not break the line. */
static void status_name(struct seq_buf *s, const char *comm)
{
	seq_buf_puts(s, "Name:\t");
	for (; *comm; comm++) {
		if (*comm == '\n')
			seq_buf_puts(s, "\\n");
		else if (*comm == '\\')
			seq_buf_puts(s, "\\\\");
		else
			seq_buf_putc(s, *comm);
	}
	seq_buf_putc(s, '\n');
}

static void status_ids(struct seq_buf *s, const struct pid_snapshot *snap)
{
	const struct cred *c = &snap->cred;
	unsigned int i;

	if (snap->has_fs)
		seq_buf_printf(s, "Umask:\t%04o\n", snap->umask);
	seq_buf_printf(s, "State:\t%s\nTgid:\t%d\nNgid:\t0\n",
		       state_name(snap->state), snap->tgid);
	seq_buf_printf(s, "Pid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", snap->pid,
		       snap->ppid);
	seq_buf_printf(s, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid,
		       c->fsuid);
	seq_buf_printf(s, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid,
		       c->fsgid);
	seq_buf_printf(s, "FDSize:\t%u\nGroups:\t", snap->fd_size);
	for (i = 0; i < c->ngroups; i++)
		seq_buf_printf(s, "%u ", c->groups[i]);
	seq_buf_printf(s,
		       "%s\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
		       c->ngroups ? "" : " ", snap->tgid, snap->pid, snap->pgrp,
		       snap->session);
}

static void put_kb(struct seq_buf *s, const char *name, unsigned long bytes)
{
	seq_buf_puts(s, name);
	seq_buf_put_decimal(s, bytes >> 10, 8);
	seq_buf_puts(s, " kB\n");
}

static void status_memory(struct seq_buf *s, struct mm_struct *mm)
{
	struct mm_sizes z;

	mm_get_sizes(mm, &z);
	put_kb(s, "VmPeak:\t", z.peak_vm << PAGE_SHIFT);
	put_kb(s, "VmSize:\t", z.total_vm << PAGE_SHIFT);
	put_kb(s, "VmLck:\t", z.locked_vm << PAGE_SHIFT);
	put_kb(s, "VmPin:\t", 0);
	put_kb(s, "VmHWM:\t", z.peak_rss << PAGE_SHIFT);
	put_kb(s, "VmRSS:\t", z.rss << PAGE_SHIFT);
	put_kb(s, "RssAnon:\t", z.anon << PAGE_SHIFT);
	put_kb(s, "RssFile:\t", z.file << PAGE_SHIFT);
	put_kb(s, "RssShmem:\t", z.shmem << PAGE_SHIFT);
	put_kb(s, "VmData:\t", z.data << PAGE_SHIFT);
	put_kb(s, "VmStk:\t", z.stack << PAGE_SHIFT);
	put_kb(s, "VmExe:\t", z.text_bytes);
	put_kb(s, "VmLib:\t", z.lib_bytes);
	put_kb(s, "VmPTE:\t", z.pte_bytes);
	put_kb(s, "VmSwap:\t", z.swap << PAGE_SHIFT);
	put_kb(s, "HugetlbPages:\t", z.hugetlb << PAGE_SHIFT);
	seq_buf_printf(s, "CoreDumping:\t0\nTHP_enabled:\t%d\n",
		       !mm->thp_disabled);
}

static void status_signals(struct seq_buf *s, const struct pid_snapshot *snap)
{
	seq_buf_printf(s, "Threads:\t%d\nSigQ:\t%u/%llu\n", snap->nr_threads,
		       snap->queued, snap->sigq_limit);
	seq_buf_printf(s, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", snap->pending,
		       snap->shared);
	seq_buf_printf(s, "SigBlk:\t%016llx\nSigIgn:\t%016llx\n", snap->blocked,
		       snap->ignored);
	seq_buf_printf(s, "SigCgt:\t%016llx\n", snap->caught);
}

/* Root has every capability, others none: there is nothing in between. */
static void status_rights(struct seq_buf *s, const struct pid_snapshot *snap)
{
	u64 permitted = snap->cred.euid && snap->cred.suid && snap->cred.uid ?
				0 :
				CAP_ALL;

	seq_buf_printf(s, "CapInh:\t%016llx\nCapPrm:\t%016llx\n", 0ULL,
		       permitted);
	seq_buf_printf(s, "CapEff:\t%016llx\nCapBnd:\t%016llx\n",
		       snap->cred.euid ? 0ULL : CAP_ALL, CAP_ALL);
	seq_buf_printf(s, "CapAmb:\t%016llx\nNoNewPrivs:\t%d\n", 0ULL,
		       snap->no_new_privs);
	seq_buf_puts(s, "Seccomp:\t0\nSeccomp_filters:\t0\n");
	seq_buf_puts(s, "Speculation_Store_Bypass:\tvulnerable\n");
	seq_buf_puts(s, "SpeculationIndirectBranch:\tunknown\n");
}

/* "0-2,5" */
static void put_list(struct seq_buf *s, u64 mask)
{
	unsigned int from, to;
	const char *comma = "";

	for (from = 0; from < NR_CPUS; from = to + 1) {
		to = from;
		if (!(mask >> from & 1))
			continue;
		while (to + 1 < NR_CPUS && mask >> (to + 1) & 1)
			to++;
		seq_buf_printf(s, to > from ? "%s%u-%u" : "%s%u", comma, from,
			       to);
		comma = ",";
	}
}

static void status_placement(struct seq_buf *s, const struct pid_snapshot *snap)
{
	u64 mask = snap->cpus_mask & cpu_possible_mask;
	unsigned int cpus = (unsigned int)fls64(cpu_possible_mask);

	seq_buf_puts(s, "Cpus_allowed:\t");
	seq_buf_put_hex(s, mask, (cpus + 3) / 4);
	seq_buf_puts(s, "\nCpus_allowed_list:\t");
	put_list(s, mask);
	seq_buf_puts(s, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
}

int pid_status_show(struct task_struct *t, struct seq_buf *s)
{
	struct pid_snapshot snap;
	struct mm_struct *mm;
	int err = take_snapshot(&snap, t, false);

	if (err)
		return err;
	status_name(s, snap.comm);
	status_ids(s, &snap);
	mm = get_task_mm(t);
	if (mm) {
		status_memory(s, mm);
		mmput(mm);
	}
	status_signals(s, &snap);
	status_rights(s, &snap);
	status_placement(s, &snap);
	seq_buf_printf(
		s,
		"voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
		snap.own.nvcsw, snap.own.nivcsw);
	return 0;
}

/* size resident shared text lib data dt, in pages */
int pid_statm_show(struct task_struct *t, struct seq_buf *s)
{
	struct mm_struct *mm = get_task_mm(t);
	struct mm_sizes z = {};

	if (mm) {
		mm_get_sizes(mm, &z);
		mmput(mm);
	}
	seq_buf_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", z.total_vm, z.rss,
		       z.file + z.shmem, PAGE_ALIGN(z.text_bytes) >> PAGE_SHIFT,
		       z.data + z.stack);
	return 0;
}
