// SPDX-License-Identifier: MIT
/*
 * The copies of the per-CPU template. The boot CPU goes on using the
 * template itself, at offset 0; the others get copies of what it is now.
 * Called once, on the boot CPU, with no lock held (the debug build's lock
 * stacks are per-CPU variables, and must be empty when copied).
 */
#include <asm/sections.h>
#include <base/bug.h>
#include <base/percpu.h>
#include <base/smp.h>
#include <lib/string.h>

unsigned long __per_cpu_offset[NR_CPUS];

void setup_per_cpu_areas(void *(*alloc)(size_t size, size_t align))
{
	size_t size = (size_t)(__per_cpu_end - __per_cpu_start);
	unsigned int cpu;
	char *copy;

	for_each_possible_cpu(cpu) {
		if (cpu == 0)
			continue;
		copy = alloc(size, 64);
		BUG_ON(!copy);
		memcpy(copy, __per_cpu_start, size);
		__per_cpu_offset[cpu] =
			(unsigned long)copy - (unsigned long)__per_cpu_start;
	}
}
