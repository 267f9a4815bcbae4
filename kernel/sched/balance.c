// SPDX-License-Identifier: MIT
/*
 * Keeping CPUs busy: a CPU that has nothing to run takes a waiting task from
 * the busiest; a busy CPU with waiting tasks wakes idle ones, on its tick,
 * so that they do; and now and then the tick evens out a difference of two.
 *
 * The second runqueue lock is only tried, never waited for, so that the
 * order of the two does not matter. Called with this CPU's rq->lock held.
 */
#include <base/smp.h>
#include "rq.h"

static struct rq *busiest(const struct rq *rq, unsigned int margin)
{
	unsigned int cpu, most = rq->fair.nr + margin - 1, nr;
	struct rq *best = NULL;

	for_each_online_cpu(cpu) {
		nr = READ_ONCE(cpu_rq(cpu)->fair.nr);
		if (nr > most && cpu != rq->cpu) {
			most = nr;
			best = cpu_rq(cpu);
		}
	}
	return best;
}

bool pull_task(struct rq *rq, unsigned int margin)
{
	struct rq *from = busiest(rq, margin);
	struct sched_entity *se;
	struct task_struct *t;

	if (!from || !spin_trylock(&from->lock))
		return false;
	for (se = fair_last(&from->fair); se; se = fair_prev(se)) {
		t = container_of(se, struct task_struct, se);
		if (cpumask_test_cpu(rq->cpu, t->cpus_mask))
			break;
	}
	if (se) {
		fair_dequeue(&from->fair, se);
		fair_leave(&from->fair, se);
		WRITE_ONCE(t->arch.ti.cpu, rq->cpu);
		fair_join(&rq->fair, se);
		fair_enqueue(&rq->fair, se, FAIR_AGAIN);
	}
	spin_unlock(&from->lock);
	return se != NULL;
}

void offer_to_idle(struct rq *rq)
{
	unsigned int waiting = READ_ONCE(rq->fair.nr);
	struct rq *other;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		if (waiting < 2)
			return;
		other = cpu_rq(cpu);
		if (READ_ONCE(other->curr) != other->idle)
			continue;
		/* Its schedule() will pull; the idle task never goes away. */
		set_tsk_thread_flag(other->idle, TIF_NEED_RESCHED);
		smp_send_reschedule(cpu);
		waiting--;
	}
}
