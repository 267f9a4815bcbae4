// SPDX-License-Identifier: MIT
/*
 * The files of /proc about the system as a whole that this layer has the
 * numbers for, in the formats of Linux. The others: fs/proc/global.c.
 */
#include <base/clock.h>
#include <base/irq.h>
#include <base/smp.h>
#include <fs/proc_fs.h>
#include <mm/vm/oom.h>
#include <proc/params.h>
#include <proc/pid_proc.h>
#include <proc/process.h>
#include <proc/time.h>
#include <proc/uts.h>
#include <sched/sched.h>

static void version_show(struct seq_buf *s)
{
	seq_buf_puts(s, LINUX_BANNER "\n");
}

static void cmdline_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%s\n", boot_params.command_line);
}

static void loadavg_show(struct seq_buf *s)
{
	unsigned long avg[3];
	unsigned int i;

	get_avenrun(avg, FIXED_1 / 200, 0);
	for (i = 0; i < 3; i++)
		seq_buf_printf(s, "%lu.%02lu ", LOAD_INT(avg[i]),
			       LOAD_FRAC(avg[i]));
	seq_buf_printf(s, "%u/%u %d\n", nr_running(), nr_threads(), last_pid());
}

static void stat_cpu_line(struct seq_buf *s, const u64 *t)
{
	static const enum cpu_usage_stat order[] = {
		CPUTIME_USER,	    CPUTIME_NICE,   CPUTIME_SYSTEM,
		CPUTIME_IDLE,	    CPUTIME_IOWAIT, CPUTIME_IRQ,
		CPUTIME_SOFTIRQ,    CPUTIME_STEAL,  CPUTIME_GUEST,
		CPUTIME_GUEST_NICE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		seq_buf_printf(s, " %llu", ns_to_clock_t(t[order[i]]));
	seq_buf_putc(s, '\n');
}

static void stat_cpus(struct seq_buf *s)
{
	struct kernel_cpustat k, sum = { .cpustat = { 0 } };
	unsigned int cpu, i;

	for_each_online_cpu(cpu) {
		kcpustat_fetch(cpu, &k);
		for (i = 0; i < NR_STATS; i++)
			sum.cpustat[i] += k.cpustat[i];
	}
	seq_buf_puts(s, "cpu ");
	stat_cpu_line(s, sum.cpustat);
	for_each_online_cpu(cpu) {
		kcpustat_fetch(cpu, &k);
		seq_buf_printf(s, "cpu%u", cpu);
		stat_cpu_line(s, k.cpustat);
	}
}

static void stat_show(struct seq_buf *s)
{
	unsigned int irq;
	u64 boot = ktime_get_real_ns() - ktime_get_ns();

	stat_cpus(s);
	seq_buf_printf(s, "intr %llu", irq_count_total());
	for (irq = 0; irq < NR_IRQS; irq++)
		seq_buf_printf(s, " %llu", irq_count(irq));
	seq_buf_printf(s, "\nctxt %llu\nbtime %llu\nprocesses %llu\n",
		       nr_context_switches(), boot / NSEC_PER_SEC,
		       total_forks());
	seq_buf_printf(s, "procs_running %u\nprocs_blocked %u\n", nr_running(),
		       nr_iowait());
	seq_buf_puts(s, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

static int pid_max = 32768, threads_max = 32768;
static int cap_last_cap = 40, ngroups_max = 65536;

static struct ctl_table knobs[] = {
	{ "sys/kernel/ostype", 0444, CTL_STRING, .data = "Linux" },
	{ "sys/kernel/osrelease", 0444, CTL_STRING, .data = UTS_RELEASE },
	{ "sys/kernel/version", 0444, CTL_STRING, .data = UTS_VERSION },
	{ "sys/kernel/hostname", 0644, CTL_STRING, uts_hostname,
	  .max = sizeof(uts_hostname) },
	{ "sys/kernel/domainname", 0644, CTL_STRING, uts_domainname,
	  .max = sizeof(uts_domainname) },
	{ "sys/kernel/pid_max", 0444, CTL_INT, .data = &pid_max },
	{ "sys/kernel/threads-max", 0444, CTL_INT, .data = &threads_max },
	{ "sys/kernel/cap_last_cap", 0444, CTL_INT, .data = &cap_last_cap },
	{ "sys/kernel/ngroups_max", 0444, CTL_INT, .data = &ngroups_max },
	{ "sys/vm/panic_on_oom", 0644, CTL_INT, &sysctl_panic_on_oom,
	  .max = 2 },
	{ "sys/vm/oom_kill_allocating_task", 0644, CTL_INT,
	  &sysctl_oom_kill_allocating_task, .min = INT_MIN, .max = INT_MAX },
	{ "sys/vm/oom_dump_tasks", 0644, CTL_INT, &sysctl_oom_dump_tasks,
	  .min = INT_MIN, .max = INT_MAX },
};

void proc_files_init(void)
{
	static const struct pseudo_file files[] = {
		{ "cmdline", 0444, .show = cmdline_show },
		{ "loadavg", 0444, .show = loadavg_show },
		{ "mm_check", 0400, .show = mm_check_show },
		{ "oom_preview", 0444, .show = oom_preview_show },
		{ "stat", 0444, .show = stat_show },
		{ "sysrq-trigger", 0200, .show = nothing_show,
		  .write = sysrq_write },
		{ "version", 0444, .show = version_show },
	};

	proc_create(files, ARRAY_SIZE(files));
	register_sysctls(knobs, ARRAY_SIZE(knobs));
}
