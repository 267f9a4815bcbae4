/* SPDX-License-Identifier: MIT */
/* CPUs by number. The boot CPU is 0. */
#ifndef _ASM_SMP_H
#define _ASM_SMP_H

#include <asm/thread_info.h>

/* MPIDR affinity of a CPU number; filled by smp_dt_init(). */
extern u64 __cpu_logical_map[NR_CPUS];
#define cpu_logical_map(cpu) (__cpu_logical_map[cpu])

/*
 * Number the CPUs of the device tree: 0 is the one that runs.
 * => the count, 1 .. NR_CPUS; more CPUs than that are ignored
 */
unsigned int smp_dt_init(const void *fdt);

/*
 * Start a CPU: it enters secondary_start_kernel(cpu) as task idle, with
 * IRQs masked, the final TTBR1, empty TTBR0 and its per-CPU offset.
 * => after arch_use_swapper() and setup_per_cpu_areas()
 * => 0: it will come; a negative errno: it will not
 */
int arch_cpu_start(unsigned int cpu, u64 mpidr, struct task_struct *idle);
#endif
