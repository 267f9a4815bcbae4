// SPDX-License-Identifier: MIT
/*
 * The system-wide files of /proc, in the formats of Linux. Most texts belong
 * to the layer that has the numbers; here is the list of names, and those
 * texts that put several layers' numbers together.
 */
#include <asm/cpufeature.h>
#include <asm/sections.h>
#include <base/clock.h>
#include <base/irq.h>
#include <base/kallsyms.h>
#include <base/smp.h>
#include <fs/mount.h>
#include <fs/swapon.h>
#include <mm/phys/report.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/writeback.h>
#include <sched/psi.h>
#include <sched/sched.h>
#include "internal.h"

#define NSEC_PER_TICK (NSEC_PER_SEC / 100) /* USER_HZ */

struct proc_system_ops proc_system;

void proc_set_system_ops(const struct proc_system_ops *ops)
{
	proc_system = *ops;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void version_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%s\n", or_empty(proc_system.version));
}

static void proc_vmstat_show(struct seq_buf *s)
{
	unsigned long background, dirty;

	global_dirty_limits(&background, &dirty);
	vmstat_show(s, dirty, background);
}

static void cmdline_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%s\n", or_empty(proc_system.cmdline));
}

static void cpuinfo_show(struct seq_buf *s)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		cpuinfo_seq(s, cpu);
}

static u64 idle_ns(void)
{
	struct kernel_cpustat k;
	unsigned int cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu) {
		kcpustat_fetch(cpu, &k);
		sum += k.cpustat[CPUTIME_IDLE] + k.cpustat[CPUTIME_IOWAIT];
	}
	return sum;
}

static void uptime_show(struct seq_buf *s)
{
	u64 up = ktime_get_ns() / (NSEC_PER_SEC / 100);
	u64 idle = idle_ns() / (NSEC_PER_SEC / 100);

	seq_buf_printf(s, "%llu.%02llu %llu.%02llu\n", up / 100, up % 100,
		       idle / 100, idle % 100);
}

static void loadavg_show(struct seq_buf *s)
{
	unsigned long avg[3];
	unsigned int i;

	get_avenrun(avg, FIXED_1 / 200, 0);
	for (i = 0; i < 3; i++)
		seq_buf_printf(s, "%lu.%02lu ", LOAD_INT(avg[i]),
			       LOAD_FRAC(avg[i]));
	seq_buf_printf(s, "%u/%u %d\n", nr_running(),
		       proc_system.nr_threads ? proc_system.nr_threads() : 0,
		       proc_system.last_pid ? proc_system.last_pid() : 0);
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
		seq_buf_printf(s, " %llu", t[order[i]] / NSEC_PER_TICK);
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
		       proc_system.total_forks ? proc_system.total_forks() : 0);
	seq_buf_printf(s, "procs_running %u\nprocs_blocked %u\n", nr_running(),
		       nr_iowait());
	seq_buf_puts(s, "softirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void kallsyms_show(struct seq_buf *s)
{
	u32 i;

	for (i = 0; i < kallsyms_count; i++)
		seq_buf_printf(s, "%016lx t %s\n",
			       (unsigned long)_text + kallsyms_offsets[i],
			       kallsyms_names + kallsyms_name_offsets[i]);
}

void nothing_show(struct seq_buf *s)
{
	(void)s;
}

static int sysrq_write(char *buf, size_t len)
{
	if (len && proc_system.sysrq)
		proc_system.sysrq(buf[0]);
	return 0;
}

static const struct {
	const char *name;
	umode_t mode;
	text_show_t show;
} files[] = {
	{ "buddyinfo", 0444, buddyinfo_show },
	{ "cmdline", 0444, cmdline_show },
	{ "cpuinfo", 0444, cpuinfo_show },
	{ "filesystems", 0444, filesystems_show },
	{ "interrupts", 0444, interrupts_show },
	{ "iomem", 0400, iomem_show },
	{ "kallsyms", 0400, kallsyms_show },
	{ "loadavg", 0444, loadavg_show },
	{ "meminfo", 0444, meminfo_show },
	{ "modules", 0444, nothing_show },
	{ "pagetypeinfo", 0400, pagetypeinfo_show },
	{ "pressure/memory", 0444, psi_memory_show },
	{ "slabinfo", 0400, slabinfo_show },
	{ "stat", 0444, stat_show },
	{ "swaps", 0444, swaps_show },
	{ "uptime", 0444, uptime_show },
	{ "version", 0444, version_show },
	{ "vmallocinfo", 0400, vmallocinfo_show },
	{ "vmstat", 0444, proc_vmstat_show },
	{ "zoneinfo", 0444, zoneinfo_show },
};

void proc_global_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		proc_create_text(files[i].name, files[i].mode, files[i].show);
	proc_create_text_rw("sysrq-trigger", 0200, nothing_show, sysrq_write);
	proc_symlink("mounts", "self/mounts");
}
