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
#include <fs/chardev.h>
#include <fs/swapon.h>
#include <mm/phys/report.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/writeback.h>
#include <sched/psi.h>
#include <sched/sched.h>
#include "internal.h"

static void proc_vmstat_show(struct seq_buf *s)
{
	unsigned long background, dirty;

	global_dirty_limits(&background, &dirty);
	vmstat_show(s, dirty, background);
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

static void kallsyms_show(struct seq_buf *s)
{
	u32 i;

	for (i = 0; i < kallsyms_count; i++)
		seq_buf_printf(s, "%016lx t %s\n",
			       (unsigned long)_text + kallsyms_offsets[i],
			       kallsyms_names + kallsyms_name_offsets[i]);
}

void nothing_show(struct seq_buf *s __unused)
{
}

void proc_global_init(void)
{
	static const struct pseudo_file files[] = {
		{ "buddyinfo", 0444, .show = buddyinfo_show },
		{ "cpuinfo", 0444, .show = cpuinfo_show },
		{ "devices", 0444, .show = devices_show },
		{ "filesystems", 0444, .show = filesystems_show },
		{ "interrupts", 0444, .show = interrupts_show },
		{ "iomem", 0400, .show = iomem_show },
		{ "kallsyms", 0400, .show = kallsyms_show },
		{ "kpagecount", 0400, .fops = &kpagecount_fops },
		{ "kpageflags", 0400, .fops = &kpageflags_fops },
		{ "meminfo", 0444, .show = meminfo_show },
		{ "modules", 0444, .show = nothing_show },
		{ "pagetypeinfo", 0400, .show = pagetypeinfo_show },
		{ "pressure/memory", 0444, .show = psi_memory_show },
		{ "slabinfo", 0400, .show = slabinfo_show },
		{ "swaps", 0444, .show = swaps_show },
		{ "uptime", 0444, .show = uptime_show },
		{ "vmallocinfo", 0400, .show = vmallocinfo_show },
		{ "vmstat", 0444, .show = proc_vmstat_show },
		{ "zoneinfo", 0444, .show = zoneinfo_show },
	};

	proc_create(files, ARRAY_SIZE(files));
	proc_symlink("mounts", "self/mounts");
}
