// SPDX-License-Identifier: MIT
/*
 * Where the time went. Each nanosecond of a CPU is charged once, in
 * update_curr(): to the running task's utime or stime and to the CPU's
 * account of that kind, or to idle. User or system is decided by sampling:
 * the tick says what it hit, and what is charged between two ticks counts as
 * the last one. So sums are exact, and the split is as good as HZ.
 *
 * Load averages are sampled every five seconds by whichever busy CPU comes
 * first; periods in which no CPU was busy are made up for later, since then
 * the number of running tasks is known to have been 0.
 */
#include <base/smp.h>
#include <sched/wait.h>
#include "rq.h"

static enum cpu_usage_stat kind_of(const struct rq *rq,
				   const struct task_struct *t)
{
	if (t == rq->idle)
		return rq->nr_iowait > 0 ? CPUTIME_IOWAIT : CPUTIME_IDLE;
	if (!t->tick_was_user)
		return CPUTIME_SYSTEM;
	return task_nice(t) > 0 ? CPUTIME_NICE : CPUTIME_USER;
}

void update_curr(struct rq *rq, u64 now)
{
	struct task_struct *t = rq->curr;
	u64 delta = now - t->se.exec_start;
	enum cpu_usage_stat kind;

	if (unlikely((s64)delta <= 0))
		return;
	t->se.exec_start = now;
	t->se.sum_exec_runtime += delta;
	kind = kind_of(rq, t);
	rq->stat.cpustat[kind] += delta;
	if (kind == CPUTIME_SYSTEM)
		t->stime += delta;
	else
		t->utime += delta;
	if (likely(rq->fair.curr))
		fair_charge(&rq->fair, delta);
}

void kcpustat_fetch(unsigned int cpu, struct kernel_cpustat *out)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	if (rq->curr)
		update_curr(rq, sched_clock());
	*out = rq->stat;
	spin_unlock_irqrestore(&rq->lock, flags);
}

void task_cputime(struct task_struct *t, u64 *utime, u64 *stime)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);

	if (rq->curr == t)
		update_curr(rq, sched_clock());
	if (utime)
		*utime = t->utime;
	if (stime)
		*stime = t->stime;
	task_rq_unlock(rq, flags);
}

u64 task_sched_runtime(struct task_struct *t)
{
	u64 utime, stime;

	task_cputime(t, &utime, &stime);
	return utime + stime;
}

/* ---- Counts ---- */

/* A CPU may be below 0 (a task slept there and was woken elsewhere). */
#define sum_of(field)                                                   \
	__extension__({                                                 \
		unsigned int __cpu;                                     \
		long __sum = 0;                                         \
		for_each_possible_cpu(__cpu)                            \
			__sum += (long)READ_ONCE(cpu_rq(__cpu)->field); \
		max(__sum, 0L);                                         \
	})

unsigned int nr_running(void)
{
	return (unsigned int)sum_of(fair.nr);
}

unsigned int nr_iowait(void)
{
	return (unsigned int)sum_of(nr_iowait);
}

u64 nr_context_switches(void)
{
	return (u64)sum_of(nr_switches);
}

/* ---- Load averages ---- */

#define LOAD_PERIOD    (5 * NSEC_PER_SEC + TICK_NSEC)
#define LOAD_FORGOTTEN 2048 /* periods after which all is 0 */

static DEFINE_SPINLOCK(load_lock);
static u64 load_next = LOAD_PERIOD; /* load_lock; read by all */
static unsigned long load_avg[3];   /* load_lock; FIXED_1 is 1.0 */

/* e^(-5s/1min), e^(-5s/5min), e^(-5s/15min), times FIXED_1 */
static const unsigned long load_decay[3] = { 1884, 2014, 2037 };

static void sample_load(unsigned long active)
{
	unsigned long target = active * FIXED_1, sum;
	int i;

	for (i = 0; i < 3; i++) {
		sum = load_avg[i] * load_decay[i] +
		      target * (FIXED_1 - load_decay[i]);
		/* Towards a higher load round up, or it is never reached. */
		if (target >= load_avg[i])
			sum += FIXED_1 - 1;
		load_avg[i] = sum / FIXED_1;
	}
}

void calc_load(u64 now)
{
	unsigned long flags, sleeping;
	bool just_now;

	if (likely(now < READ_ONCE(load_next)) ||
	    !spin_trylock_irqsave(&load_lock, flags))
		return;
	sleeping = (unsigned long)sum_of(nr_uninterruptible);
	if (now > load_next + LOAD_FORGOTTEN * LOAD_PERIOD)
		load_next = now - LOAD_FORGOTTEN * LOAD_PERIOD;
	for (; load_next <= now; load_next += LOAD_PERIOD) {
		just_now = now - load_next < 2 * TICK_NSEC;
		sample_load(sleeping + (just_now ? nr_running() : 0));
	}
	spin_unlock_irqrestore(&load_lock, flags);
}

void get_avenrun(unsigned long loads[3], unsigned long offset, int shift)
{
	unsigned long flags;
	int i;

	calc_load(ktime_get_ns());
	spin_lock_irqsave(&load_lock, flags);
	for (i = 0; i < 3; i++)
		loads[i] = (load_avg[i] + offset) << shift;
	spin_unlock_irqrestore(&load_lock, flags);
}

/* ---- The log's readers ---- */

DECLARE_WAIT_QUEUE_HEAD(log_wait);

void log_wait_poll(void)
{
	static u64 seen;
	u64 next = log_next_seq();

	/* Two CPUs may both see the news: one wake-up too many. */
	if (likely(READ_ONCE(seen) == next))
		return;
	WRITE_ONCE(seen, next);
	wake_up_interruptible_all(&log_wait);
}
