// SPDX-License-Identifier: MIT
/*
 * Switching, sleeping, waking.
 *
 *                   wake_up_new_task
 *        TASK_NEW --------.
 *                         v         pick
 *        sleeping ---> runnable <=========> running --> dead
 *            ^  ttwu                          |
 *            '--------------------------------'
 *                   schedule() with a state
 *
 * rq->lock is held from before the choice of the next task until after the
 * switch: the task that comes releases what the one that left has taken. So
 * whoever holds the lock of a task's runqueue finds it either runnable
 * (se.on_rq) or wholly off its CPU (on_cpu == 0), never in between, and a
 * waker may put it on any queue at once.
 *
 * A task's CPU changes only under the lock of its old runqueue; a waker that
 * moves it sets TASK_WAKING meanwhile, which keeps other wakers away.
 *
 * Lock order: all others -> rq->lock. Two runqueues: trylock only.
 */
#include <asm/mmu_context.h>
#include <asm/upcall.h>
#include <base/irq.h>
#include <base/smp.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "rq.h"

DEFINE_PER_CPU(struct rq, runqueues);

struct rq *task_rq_lock(struct task_struct *t, unsigned long *flags)
{
	struct rq *rq;

	local_irq_save(*flags);
	for (;;) {
		rq = cpu_rq(task_cpu(t));
		spin_lock(&rq->lock);
		if (likely(rq->cpu == task_cpu(t)))
			return rq;
		spin_unlock(&rq->lock);
	}
}

void task_rq_unlock(struct rq *rq, unsigned long flags)
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* => true: another CPU must be told, best after the lock is released */
static bool mark_resched(struct rq *rq)
{
	struct thread_info *ti = &rq->curr->arch.ti;

	if (test_ti_flag(ti, TIF_NEED_RESCHED))
		return false;
	set_ti_flag(ti, TIF_NEED_RESCHED);
	return rq->cpu != smp_processor_id();
}

void resched_curr(struct rq *rq)
{
	if (mark_resched(rq))
		smp_send_reschedule(rq->cpu);
}

static struct task_struct *task_of(struct sched_entity *se)
{
	return container_of(se, struct task_struct, se);
}

/* ---- Waking ---- */

static bool cpu_is_idle(unsigned int cpu)
{
	const struct rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr) == rq->idle && !READ_ONCE(rq->fair.nr);
}

static unsigned int least_loaded(u64 allowed)
{
	unsigned int cpu, best = NR_CPUS;

	for_each_cpu(cpu, allowed)
		if (best == NR_CPUS || READ_ONCE(cpu_rq(cpu)->fair.nr) <
					       READ_ONCE(cpu_rq(best)->fair.nr))
			best = cpu;
	return best;
}

/*
 * Where a woken task goes: to the waker's CPU if that is about to be free,
 * else where it was if that is idle, else to any idle CPU, else where it was.
 */
static unsigned int select_cpu(const struct task_struct *t, int flags)
{
	unsigned int prev = task_cpu(t), me = smp_processor_id(), cpu;
	u64 online = READ_ONCE(cpu_online_mask);
	u64 allowed = t->cpus_mask & online;

	if (online == cpumask_of(me))
		return me;
	if (unlikely(!allowed))
		return me;
	if ((flags & WF_SYNC) && cpumask_test_cpu(me, allowed) &&
	    this_rq()->fair.nr == 1)
		return me;
	if (cpumask_test_cpu(prev, allowed) && cpu_is_idle(prev))
		return prev;
	for_each_cpu(cpu, allowed)
		if (cpu_is_idle(cpu))
			return cpu;
	return cpumask_test_cpu(prev, allowed) ? prev : least_loaded(allowed);
}

static void kick_cpu(unsigned int cpu)
{
	struct rq *rq = this_rq();

	if (rq->kicks_held)
		rq->kicks |= cpumask_of(cpu);
	else
		smp_send_reschedule(cpu);
}

void kicks_hold(void)
{
	this_rq()->kicks_held++;
}

void kicks_release(void)
{
	struct rq *rq = this_rq();
	unsigned int cpu;
	u64 kicks;

	if (--rq->kicks_held)
		return;
	kicks = rq->kicks;
	rq->kicks = 0;
	for_each_cpu(cpu, kicks)
		smp_send_reschedule(cpu);
}

/* Make t runnable on rq, release rq->lock, and tell its CPU if need be. */
static void activate_unlock(struct rq *rq, struct task_struct *t,
			    enum fair_place place)
{
	unsigned int cpu = rq->cpu;
	bool tell = false;

	if (rq->curr != rq->idle)
		update_curr(rq, sched_clock());
	fair_enqueue(&rq->fair, &t->se, place);
	WRITE_ONCE(t->__state, TASK_RUNNING);
	if (rq->curr == rq->idle || fair_preempts(&rq->fair, &t->se))
		tell = mark_resched(rq);
	spin_unlock(&rq->lock);
	if (tell)
		kick_cpu(cpu);
}

/* Take t, which is on no queue, to another CPU. => its rq, locked instead */
static struct rq *change_rq(struct rq *rq, struct task_struct *t,
			    unsigned int cpu)
{
	fair_leave(&rq->fair, &t->se);
	WRITE_ONCE(t->__state, TASK_WAKING);
	WRITE_ONCE(t->arch.ti.cpu, cpu);
	spin_unlock(&rq->lock);
	rq = cpu_rq(cpu);
	spin_lock(&rq->lock);
	fair_join(&rq->fair, &t->se);
	return rq;
}

/* Undo what deactivate() counted, on the runqueue where t went to sleep. */
static void uncount_sleeper(struct rq *rq, const struct task_struct *t)
{
	unsigned int state = t->__state;

	if ((state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD))
		rq->nr_uninterruptible--;
	if (t->in_iowait)
		rq->nr_iowait--;
}

bool try_to_wake_up(struct task_struct *t, unsigned int state, int flags)
{
	unsigned long irq_flags;
	unsigned int cpu;
	struct rq *rq;

	/*
	 * The sleeper sets its state, then looks at the condition; the
	 * caller made the condition true, and now looks at the state.
	 */
	smp_mb();
	if (!(READ_ONCE(t->__state) & state))
		return false;
	rq = task_rq_lock(t, &irq_flags);
	if (!(t->__state & state)) {
		task_rq_unlock(rq, irq_flags);
		return false;
	}
	if (t->se.on_rq) {
		/* Still on its way to schedule(): it will not sleep. */
		WRITE_ONCE(t->__state, TASK_RUNNING);
		task_rq_unlock(rq, irq_flags);
		return true;
	}
	uncount_sleeper(rq, t);
	cpu = select_cpu(t, flags);
	if (cpu != rq->cpu)
		rq = change_rq(rq, t, cpu);
	activate_unlock(rq, t, FAIR_WAKE);
	local_irq_restore(irq_flags);
	return true;
}

bool wake_up_state(struct task_struct *t, unsigned int state)
{
	return try_to_wake_up(t, state, 0);
}

void sched_fork(struct task_struct *t)
{
	const struct task_struct *parent = current;

	t->__state = TASK_NEW;
	t->static_prio = parent->static_prio;
	t->prio = parent->static_prio;
	t->policy = parent->policy;
	t->rt_priority = parent->rt_priority;
	t->cpus_mask = is_idle_task(parent) ? CPU_MASK_ALL : parent->cpus_mask;
	t->tick_was_user = !(t->flags & PF_KTHREAD);
	t->cpu_timer = parent->cpu_timer;
	memset(&t->se, 0, sizeof(t->se));
	fair_set_nice(&t->se, task_nice(t));
	WRITE_ONCE(t->arch.ti.cpu, smp_processor_id());
	t->start_time = ktime_get_ns();
	t->start_boottime = t->start_time;
}

void wake_up_new_task(struct task_struct *t)
{
	unsigned long flags;
	unsigned int cpu;
	struct rq *rq;

	BUG_ON(t->__state != TASK_NEW);
	local_irq_save(flags);
	/* Most parents wait for their child at once: share the CPU. */
	cpu = select_cpu(t, WF_SYNC);
	WRITE_ONCE(t->arch.ti.cpu, cpu);
	rq = cpu_rq(cpu);
	spin_lock(&rq->lock);
	activate_unlock(rq, t, FAIR_NEW);
	local_irq_restore(flags);
}

/* ---- Switching ---- */

/* The lock changes hands at a switch; so must the debug build's records. */
static inline void rq_lock_leave(struct rq *rq)
{
	lockdep_release(&rq->lock.dep);
	if (CONFIG_DEBUG)
		preempt_enable();
}

static inline void rq_lock_arrive(struct rq *rq)
{
	if (CONFIG_DEBUG)
		preempt_disable();
	lockdep_acquire(&rq->lock.dep, true, _THIS_IP_);
}

static void deactivate(struct rq *rq, struct task_struct *t, unsigned int state)
{
	if ((state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD))
		rq->nr_uninterruptible++;
	if (t->in_iowait)
		rq->nr_iowait++;
	fair_dequeue(&rq->fair, &t->se);
}

/* prev is runnable still, unless it was deactivated */
static struct task_struct *pick_next(struct rq *rq, struct task_struct *prev)
{
	struct sched_entity *se;

	if (prev->se.on_rq) {
		if (fair_renew_curr(&rq->fair))
			return prev;
		fair_put_curr(&rq->fair);
	}
	se = fair_pick(&rq->fair);
	if (!se && pull_task(rq, 2))
		se = fair_pick(&rq->fair);
	return se ? task_of(se) : rq->idle;
}

/* The first thing after a switch, in the task that came. */
static struct task_struct *finish_switch(struct task_struct *prev)
{
	struct rq *rq = this_rq();
	unsigned int state = prev->__state;

	rq_lock_arrive(rq);
	/* Who takes rq->lock next sees all that prev did on this CPU. */
	WRITE_ONCE(prev->on_cpu, 0);
	spin_unlock(&rq->lock);
	return unlikely(state == TASK_DEAD || state == TASK_MIGRATING) ? prev :
									 NULL;
}

/* What is left to do for the task before, interrupts as they were. */
static void bury_or_move(struct task_struct *prev)
{
	if (prev->__state == TASK_DEAD)
		put_task_struct(prev);
	else
		try_to_wake_up(prev, TASK_MIGRATING, 0);
}

static void switch_to(struct rq *rq, struct task_struct *prev,
		      struct task_struct *next)
{
	rq->nr_switches++;
	rq->curr = next;
	next->on_cpu = 1;
	if (next->amm != prev->amm)
		arch_switch_mm(next->amm);
	rq_lock_leave(rq);
}

static void check_schedule(struct task_struct *prev)
{
	if (likely(!in_atomic()) || oops_in_progress)
		return;
	pr_err("BUG: scheduling while atomic: %s/%d/0x%08x\n", prev->comm,
	       prev->pid, preempt_count());
	lockdep_show_held();
	panic("scheduling while atomic");
}

/* preempted: whatever its state is, prev stays runnable */
static void __schedule(bool preempted)
{
	struct task_struct *prev = current, *next, *left;
	unsigned int state;
	unsigned long flags;
	struct rq *rq;
	u64 now;

	if (CONFIG_DEBUG)
		check_schedule(prev);
	local_irq_save(flags);
	rq = this_rq();
	spin_lock(&rq->lock);
	now = sched_clock();
	update_curr(rq, now);
	clear_tsk_thread_flag(prev, TIF_NEED_RESCHED);
	state = preempted ? TASK_RUNNING : READ_ONCE(prev->__state);
	if (unlikely(!cpumask_test_cpu(rq->cpu, prev->cpus_mask)) &&
	    prev->__state == TASK_RUNNING)
		prev->__state = state = TASK_MIGRATING;
	if (state) {
		if (signal_pending_state(state, prev))
			WRITE_ONCE(prev->__state, TASK_RUNNING);
		else
			deactivate(rq, prev, state);
	}
	next = pick_next(rq, prev);
	if (likely(next != prev)) {
		if (prev->se.on_rq)
			prev->nivcsw++;
		else
			prev->nvcsw++;
		next->se.exec_start = now;
		if (prev == rq->idle)
			tick_start(now);
		switch_to(rq, prev, next);
		left = finish_switch(cpu_switch_to(prev, next));
		local_irq_restore(flags);
		if (unlikely(left))
			bury_or_move(left);
	} else {
		spin_unlock_irqrestore(&rq->lock, flags);
	}
}

void schedule(void)
{
	__schedule(false);
}

void __cond_resched(void)
{
	__schedule(true);
}

void schedule_tail(struct task_struct *prev)
{
	struct task_struct *left = finish_switch(prev);

	local_irq_enable();
	if (unlikely(left))
		bury_or_move(left);
}

void yield(void)
{
	struct rq *rq;
	unsigned long flags;

	rq = task_rq_lock(current, &flags);
	update_curr(rq, sched_clock());
	fair_yield(&rq->fair);
	task_rq_unlock(rq, flags);
	__schedule(true);
}

void do_task_dead(void)
{
	lockdep_assert_none_held("by a task that ends");
	__set_current_state(TASK_DEAD);
	schedule();
	BUG();
}

/* ---- Priorities and CPUs ---- */

void set_user_nice(struct task_struct *t, int nice)
{
	unsigned long flags;
	struct rq *rq;

	nice = clamp(nice, MIN_NICE, MAX_NICE);
	rq = task_rq_lock(t, &flags);
	if (rq->curr == t)
		update_curr(rq, sched_clock());
	t->static_prio = NICE_TO_PRIO(nice);
	t->prio = t->static_prio;
	fair_renice(&rq->fair, &t->se, nice);
	task_rq_unlock(rq, flags);
}

/* Take a waiting task to a CPU it may use, and release rq->lock. */
static void move_waiting_unlock(struct rq *rq, struct task_struct *t)
{
	unsigned int cpu = least_loaded(t->cpus_mask & cpu_online_mask);

	fair_dequeue(&rq->fair, &t->se);
	activate_unlock(change_rq(rq, t, cpu), t, FAIR_AGAIN);
}

int sched_setaffinity(struct task_struct *t, u64 mask)
{
	unsigned long flags;
	struct rq *rq;

	if (!(mask & READ_ONCE(cpu_online_mask)))
		return -EINVAL;
	rq = task_rq_lock(t, &flags);
	t->cpus_mask = mask & CPU_MASK_ALL;
	if (!t->se.on_rq || cpumask_test_cpu(rq->cpu, mask)) {
		spin_unlock(&rq->lock);
	} else if (rq->curr == t) {
		resched_curr(rq);
		spin_unlock(&rq->lock);
	} else {
		move_waiting_unlock(rq, t);
	}
	local_irq_restore(flags);
	if (t == current)
		cond_resched();
	return 0;
}

u64 sched_slice_ns(struct task_struct *t)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);
	u64 slice = fair_slice(&rq->fair, &t->se);

	task_rq_unlock(rq, flags);
	return slice;
}

/* ---- Setting up ---- */

static void describe_current(char *buf, size_t n)
{
	scnprintf(buf, n, "PID: %d Comm: %.*s", current->pid, TASK_COMM_LEN,
		  current->comm);
}

void sched_init(void)
{
	unsigned int cpu;
	struct rq *rq;

	report_task_hook = describe_current;
	fair_set_nice(&init_task.se, 0);
	for_each_possible_cpu(cpu) {
		rq = cpu_rq(cpu);
		spin_lock_init(&rq->lock);
		fair_init(&rq->fair);
		rq->cpu = cpu;
		timers_init(cpu);
	}
	this_rq()->idle = &init_task;
	this_rq()->curr = &init_task;
	tick_init();
}

struct task_struct *sched_make_idle(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	struct task_struct *t = task_alloc();

	if (!t)
		return NULL;
	scnprintf(t->comm, sizeof(t->comm), "swapper/%u", cpu);
	t->flags = PF_KTHREAD | PF_IDLE | PF_NO_SETAFFINITY;
	t->__state = TASK_RUNNING;
	t->arch.ti.cpu = cpu;
	t->cpus_mask = cpumask_of(cpu);
	t->on_cpu = 1;
	fair_set_nice(&t->se, 0);
	rq->idle = t;
	rq->curr = t;
	return t;
}
