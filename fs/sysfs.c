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

/* A mask in hexadecimal, a digit for four CPUs. */
static void map_show(struct seq_buf *s, u64 mask)
{
	int digits = DIV_ROUND_UP(fls64(cpu_possible_mask), 4);

	seq_buf_printf(s, "%0*llx\n", digits, mask);
}

static void cpumap_show(struct seq_buf *s)
{
	map_show(s, READ_ONCE(cpu_online_mask));
}

/* --- files of one CPU; data is its number --- */

static void cpu_online_show(struct seq_buf *s, void *cpu)
{
	seq_buf_printf(s, "%u\n", (unsigned int)cpu_online((unsigned long)cpu));
}

static void cpu_number_show(struct seq_buf *s, void *cpu)
{
	seq_buf_printf(s, "%lu\n", (unsigned long)cpu);
}

static void own_map_show(struct seq_buf *s, void *cpu)
{
	map_show(s, 1ULL << (unsigned long)cpu);
}

static void all_map_show(struct seq_buf *s, void *cpu __unused)
{
	cpumap_show(s);
}

static void all_list_show(struct seq_buf *s, void *cpu __unused)
{
	online_show(s);
}

static void zero_show(struct seq_buf *s, void *cpu __unused)
{
	seq_buf_puts(s, "0\n");
}

static void level_one_show(struct seq_buf *s, void *cpu __unused)
{
	seq_buf_puts(s, "1\n");
}

static void data_show(struct seq_buf *s, void *cpu __unused)
{
	seq_buf_puts(s, "Data\n");
}

static void instruction_show(struct seq_buf *s, void *cpu __unused)
{
	seq_buf_puts(s, "Instruction\n");
}

/* One package, one cluster, a thread on each core, split first caches. */
static const struct {
	const char *name;
	void (*show)(struct seq_buf *s, void *cpu);
} cpu_files[] = {
	{ "online", cpu_online_show },
	{ "topology/core_id", cpu_number_show },
	{ "topology/core_cpus", own_map_show },
	{ "topology/core_cpus_list", cpu_number_show },
	{ "topology/thread_siblings", own_map_show },
	{ "topology/thread_siblings_list", cpu_number_show },
	{ "topology/cluster_id", zero_show },
	{ "topology/cluster_cpus", all_map_show },
	{ "topology/cluster_cpus_list", all_list_show },
	{ "topology/physical_package_id", zero_show },
	{ "topology/package_cpus", all_map_show },
	{ "topology/package_cpus_list", all_list_show },
	{ "topology/core_siblings", all_map_show },
	{ "topology/core_siblings_list", all_list_show },
	{ "cache/index0/level", level_one_show },
	{ "cache/index0/type", data_show },
	{ "cache/index0/shared_cpu_map", own_map_show },
	{ "cache/index0/shared_cpu_list", cpu_number_show },
	{ "cache/index1/level", level_one_show },
	{ "cache/index1/type", instruction_show },
	{ "cache/index1/shared_cpu_map", own_map_show },
	{ "cache/index1/shared_cpu_list", cpu_number_show },
};

static void add_cpu(unsigned long cpu)
{
	char name[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(cpu_files); i++) {
		snprintf(name, sizeof(name), "devices/system/cpu/cpu%lu/%s",
			 cpu, cpu_files[i].name);
		sysfs_create(&(struct pseudo_file){ .path = name,
						    .mode = 0444,
						    .show_data =
							    cpu_files[i].show,
						    .data = (void *)cpu },
			     1);
	}
}

/* --- files there is one of --- */

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

void sysfs_init(void)
{
	static const struct pseudo_file files[] = {
		{ "devices/system/cpu/possible", 0444, .show = possible_show },
		{ "devices/system/cpu/present", 0444, .show = possible_show },
		{ "devices/system/cpu/online", 0444, .show = online_show },
		{ "devices/system/cpu/kernel_max", 0444,
		  .show = kernel_max_show },
		{ "devices/system/node/possible", 0444,
		  .show = node_list_show },
		{ "devices/system/node/online", 0444, .show = node_list_show },
		{ "devices/system/node/has_memory", 0444,
		  .show = node_list_show },
		{ "devices/system/node/has_cpu", 0444, .show = node_list_show },
		{ "devices/system/node/node0/meminfo", 0444,
		  .show = node0_meminfo_show },
		{ "devices/system/node/node0/cpumap", 0444,
		  .show = cpumap_show },
		{ "devices/system/node/node0/cpulist", 0444,
		  .show = online_show },
		{ "devices/system/node/node0/distance", 0444,
		  .show = node0_distance_show },
	};
	unsigned long cpu;

	sysfs_create(files, ARRAY_SIZE(files));
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpu_possible((unsigned int)cpu))
			add_cpu(cpu);
	sysfs_mkdir("block");
	sysfs_mm_init();
}
