// SPDX-License-Identifier: MIT
/*
 * Asking other CPUs to run a function, to reschedule, or to stop.
 *
 * A call has a slot for each pair of CPUs, owned by the caller's CPU while
 * free, by the target's while busy; `pending` says which slots of a target
 * are new:
 *
 *   caller                             target
 *   wait until calls[me][to] is free
 *   fill it, busy = true
 *   pending[to] |= me, IPI  ---------> all = xchg(pending, 0)
 *                                      run each, busy = false
 *
 * Only process context calls, and the kernel is not preempted, so each slot
 * has one writer and no lock is needed. Interrupts must be on: two CPUs
 * calling each other serve the other's call while they wait.
 */
#include <asm/arch_timer.h>
#include <asm/atomic.h>
#include <asm/barrier.h>
#include <asm/irqflags.h>
#include <base/bug.h>
#include <base/percpu.h>
#include <base/preempt.h>
#include <base/smp.h>
#include "ipi.h"

u64 cpu_possible_mask = 1, cpu_online_mask = 1;

struct call_slot {
	void (*fn)(void *arg);
	void *arg;
	bool busy;
};

static struct call_slot calls[NR_CPUS][NR_CPUS]; /* [from][to] */
static u64 calls_pending[NR_CPUS];		 /* bits: from */
static u64 ipi_counts[NR_CPUS][NR_IPI];		 /* each by its CPU */

void set_cpu_possible(unsigned int cpu)
{
	BUG_ON(cpu >= NR_CPUS);
	__atomic_fetch_or(&cpu_possible_mask, cpumask_of(cpu),
			  __ATOMIC_RELAXED);
}

void set_cpu_online(unsigned int cpu, bool online)
{
	BUG_ON(cpu >= NR_CPUS);
	/* Whoever sees the CPU online sees what it has set up before. */
	if (online)
		__atomic_fetch_or(&cpu_online_mask, cpumask_of(cpu),
				  __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&cpu_online_mask, ~cpumask_of(cpu),
				   __ATOMIC_RELEASE);
}

u64 ipi_count(unsigned int cpu, enum ipi_type ipi)
{
	return READ_ONCE(ipi_counts[cpu][ipi]);
}

void smp_send_reschedule(unsigned int cpu)
{
	send_ipi(cpumask_of(cpu), IPI_RESCHEDULE);
}

static void run_pending_calls(unsigned int me)
{
	u64 from_mask = xchg(&calls_pending[me], 0);
	struct call_slot *call;
	void (*fn)(void *arg);
	unsigned int from;

	for_each_cpu(from, from_mask) {
		call = &calls[from][me];
		fn = call->fn;
		fn(call->arg);
		/* The caller, waiting, sees what fn did. */
		smp_store_release(&call->busy, false);
	}
}

static void wait_for_slot(const struct call_slot *call)
{
	while (smp_load_acquire(&call->busy))
		cpu_relax();
}

/* => the other CPUs, which were asked */
static u64 post_calls(void (*fn)(void *), void *arg)
{
	unsigned int me = smp_processor_id(), cpu;
	u64 cpus = READ_ONCE(cpu_online_mask) & ~cpumask_of(me);
	struct call_slot *call;

	WARN_ON_ONCE(irqs_disabled() || in_interrupt());
	for_each_cpu(cpu, cpus) {
		call = &calls[me][cpu];
		wait_for_slot(call);
		call->fn = fn;
		call->arg = arg;
		call->busy = true;
		/* The target finds the slot filled when it sees the bit. */
		__atomic_fetch_or(&calls_pending[cpu], cpumask_of(me),
				  __ATOMIC_RELEASE);
	}
	if (cpus)
		send_ipi(cpus, IPI_CALL_FUNC);
	return cpus;
}

void on_each_cpu(void (*fn)(void *), void *arg, bool wait)
{
	u64 cpus = post_calls(fn, arg);
	unsigned int cpu;

	local_irq_disable();
	fn(arg);
	local_irq_enable();
	for_each_cpu(cpu, wait ? cpus : 0)
		wait_for_slot(&calls[smp_processor_id()][cpu]);
}

void cpu_park(void)
{
	local_irq_disable();
	set_cpu_online(smp_processor_id(), false);
	for (;;)
		wfi();
}

void smp_send_stop(void)
{
	u64 me = cpumask_of(smp_processor_id());
	u64 others = READ_ONCE(cpu_online_mask) & ~me;
	u64 end = arch_timer_read_cntvct() + arch_timer_freq();

	if (!others || !send_ipi(others, IPI_CPU_STOP))
		return;
	while ((READ_ONCE(cpu_online_mask) & others) &&
	       arch_timer_read_cntvct() < end)
		cpu_relax();
	others &= READ_ONCE(cpu_online_mask);
	if (others)
		pr_crit("SMP: CPUs %#llx do not stop\n", others);
}

void handle_ipi(unsigned int ipi)
{
	unsigned int me = smp_processor_id();

	if (ipi >= NR_IPI) {
		pr_warn_ratelimited("CPU%u: unknown IPI %u\n", me, ipi);
		return;
	}
	ipi_counts[me][ipi]++;
	switch ((enum ipi_type)ipi) {
	case IPI_RESCHEDULE:
		/* The sender has set TIF_NEED_RESCHED; the entry looks. */
		break;
	case IPI_CALL_FUNC:
		run_pending_calls(me);
		break;
	case IPI_CPU_STOP:
		cpu_park();
	case NR_IPI:
		break;
	}
}
