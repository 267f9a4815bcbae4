// SPDX-License-Identifier: MIT
/*
 * What programs look for in /sys: which CPUs and which memory nodes there
 * are. The tree and its inodes are procfs's (fs/proc/generic.c).
 */
#include <base/smp.h>
#include <fs/proc_fs.h>
#include <lib/printf.h>
#include <mm/vm/meminfo.h>

/* "0-3,5" */
static void list_show(struct seq_buf *s, u64 mask)
{
	unsigned int first, last;
	const char *comma = "";

	for (first = 0; first < 64; first = last + 1) {
		last = first;
		if (!((mask >> first) & 1))
			continue;
		while (last + 1 < 64 && (mask >> (last + 1)) & 1)
			last++;
		seq_buf_printf(s, last > first ? "%s%u-%u" : "%s%u", comma,
			       first, last);
		comma = ",";
	}
	seq_buf_putc(s, '\n');
}

static void possible_show(struct seq_buf *s)
{
	list_show(s, cpu_possible_mask);
}

static void online_show(struct seq_buf *s)
{
	list_show(s, READ_ONCE(cpu_online_mask));
}

static void kernel_max_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%d\n", NR_CPUS - 1);
}

static void cpu_online_show(struct seq_buf *s, void *cpu)
{
	seq_buf_printf(s, "%u\n", (unsigned int)cpu_online((unsigned long)cpu));
}

static void cpumap_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%02llx\n", READ_ONCE(cpu_online_mask));
}

static void node_list_show(struct seq_buf *s)
{
	seq_buf_puts(s, "0\n");
}

static void node0_meminfo_show(struct seq_buf *s)
{
	node_meminfo_show(s, 0);
}

static void node0_distance_show(struct seq_buf *s)
{
	seq_buf_puts(s, "10\n");
}

static const struct {
	const char *name;
	text_show_t show;
} files[] = {
	{ "devices/system/cpu/possible", possible_show },
	{ "devices/system/cpu/present", possible_show },
	{ "devices/system/cpu/online", online_show },
	{ "devices/system/cpu/kernel_max", kernel_max_show },
	{ "devices/system/node/possible", node_list_show },
	{ "devices/system/node/online", node_list_show },
	{ "devices/system/node/has_memory", node_list_show },
	{ "devices/system/node/has_cpu", node_list_show },
	{ "devices/system/node/node0/meminfo", node0_meminfo_show },
	{ "devices/system/node/node0/cpumap", cpumap_show },
	{ "devices/system/node/node0/cpulist", online_show },
	{ "devices/system/node/node0/distance", node0_distance_show },
};

void sysfs_init(void)
{
	unsigned long cpu;
	unsigned int i;
	char name[48];

	for (i = 0; i < ARRAY_SIZE(files); i++)
		sysfs_create_text(files[i].name, 0444, files[i].show, NULL);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!cpu_possible((unsigned int)cpu))
			continue;
		snprintf(name, sizeof(name), "devices/system/cpu/cpu%lu/online",
			 cpu);
		sysfs_create_data(name, 0444, cpu_online_show, NULL,
				  (void *)cpu);
	}
	sysfs_mkdir("block");
	sysfs_mm_init();
}
