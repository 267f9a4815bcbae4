/* SPDX-License-Identifier: MIT */
/*
 * Sets of CPUs, and asking another CPU to do something.
 */
#ifndef _BASE_SMP_H
#define _BASE_SMP_H

#include <asm/bitops.h>
#include <asm/thread_info.h>
#include <lib/types.h>

#define cpumask_of(cpu) (1ULL << (cpu))
#define CPU_MASK_ALL	((1ULL << NR_CPUS) - 1)

/* possible: will or may run; online: takes tasks and interrupts. */
extern u64 cpu_possible_mask, cpu_online_mask;

#define cpumask_test_cpu(cpu, mask) (((mask) >> (cpu)) & 1)
#define cpu_online(cpu)		    cpumask_test_cpu(cpu, READ_ONCE(cpu_online_mask))
#define cpu_possible(cpu)	    cpumask_test_cpu(cpu, cpu_possible_mask)
#define num_online_cpus()	    ((unsigned int)hweight64(READ_ONCE(cpu_online_mask)))
#define num_possible_cpus()	    ((unsigned int)hweight64(cpu_possible_mask))

/* => the first CPU in mask at or behind cpu; NR_CPUS: none */
static inline unsigned int cpumask_next(unsigned int cpu, u64 mask)
{
	mask = cpu < NR_CPUS ? mask >> cpu << cpu : 0;
	return mask ? (unsigned int)__builtin_ctzll(mask) : NR_CPUS;
}

#define for_each_cpu(cpu, mask)                              \
	for ((cpu) = cpumask_next(0, mask); (cpu) < NR_CPUS; \
	     (cpu) = cpumask_next((cpu) + 1, mask))
#define for_each_online_cpu(cpu)   for_each_cpu(cpu, READ_ONCE(cpu_online_mask))
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)

void set_cpu_possible(unsigned int cpu);
void set_cpu_online(unsigned int cpu, bool online);

/* SGI numbers. */
enum ipi_type {
	IPI_RESCHEDULE,
	IPI_CALL_FUNC,
	IPI_CPU_STOP,
	NR_IPI,
};

/* Make cpu look at need_resched(). => any context */
void smp_send_reschedule(unsigned int cpu);
/*
 * Run fn(arg) on all online CPUs with interrupts off, this one included.
 * => process context, interrupts on; wait: return when it has run on all
 */
void on_each_cpu(void (*fn)(void *), void *arg, bool wait);
/* Stop the other CPUs for good. => any context; waits up to a second */
void smp_send_stop(void);
/* Stop this one: masks interrupts, never returns. */
void cpu_park(void) __noreturn;

/* From do_irq(); ipi: the SGI's number. */
void handle_ipi(unsigned int ipi);
/* => received on cpu so far */
u64 ipi_count(unsigned int cpu, enum ipi_type ipi);

#endif
