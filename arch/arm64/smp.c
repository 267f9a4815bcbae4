// SPDX-License-Identifier: MIT
/*
 * smp.c - the other CPUs: which there are, and how one starts
 *
 * PSCI hands one word to a starting CPU: the physical address of the
 * kernel's table, which is page-aligned, with the CPU number in the low
 * bits. So it needs no memory before its MMU is on; then it finds its task
 * and stack in secondary_data[cpu], written before the firmware was called.
 */
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>
#include <asm/process.h>
#include <asm/psci.h>
#include <asm/smp.h>
#include <asm/sysreg.h>
#include <asm/upcall.h>

static_assert(sizeof(struct secondary_data) == SECONDARY_SIZE &&
	      SECONDARY_SIZE == 1 << 5);
static_assert(offsetof(struct secondary_data, stack_end) == SECONDARY_STACK);
static_assert(offsetof(struct secondary_data, percpu_offset) ==
	      SECONDARY_PERCPU);

u64 __cpu_logical_map[NR_CPUS];
struct secondary_data secondary_data[NR_CPUS];

/* => the MPIDR of a node that is a CPU we can use, or -1 */
static u64 cpu_node_hwid(const void *fdt, int node)
{
	const char *type = fdt_prop_string(fdt, node, "device_type");
	u64 hwid, size;

	if (!type || strcmp(type, "cpu") || !fdt_is_available(fdt, node) ||
	    fdt_read_reg(fdt, node, 0, &hwid, &size) ||
	    (hwid & ~MPIDR_HWID_MASK))
		return U64_MAX;
	return hwid;
}

unsigned int smp_dt_init(const void *fdt)
{
	u64 boot = read_sysreg(mpidr_el1) & MPIDR_HWID_MASK;
	int cpus = fdt_path_offset(fdt, "/cpus"), node;
	unsigned int n = 1;

	__cpu_logical_map[0] = boot;
	if (cpus < 0)
		return n;
	fdt_for_each_child(fdt, node, cpus)
	{
		u64 hwid = cpu_node_hwid(fdt, node);

		if (hwid == U64_MAX || hwid == boot || n == NR_CPUS)
			continue;
		__cpu_logical_map[n++] = hwid;
	}
	return n;
}

int arch_cpu_start(unsigned int cpu, u64 mpidr, struct task_struct *idle)
{
	struct arch_task *t = (struct arch_task *)idle;
	u64 swapper = read_sysreg(ttbr1_el1) & TTBR_BADDR_MASK & PAGE_MASK;

	if (cpu >= NR_CPUS || !t->stack)
		return -EINVAL;
	t->ti.cpu = cpu;
	secondary_data[cpu].task = idle;
	secondary_data[cpu].stack_end = (char *)t->stack + THREAD_SIZE;
	secondary_data[cpu].percpu_offset = __per_cpu_offset[cpu];
	/* The new CPU reads it after the firmware call: visible by then. */
	dsb(ishst);
	return psci_cpu_on(mpidr, __pa_symbol(secondary_entry), swapper | cpu);
}
