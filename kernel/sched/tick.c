// SPDX-License-Identifier: MIT
/*
 * The clock event of a CPU serves two masters: timers, and the tick, which
 * runs at HZ while the CPU is busy.
 *
 *   event --> timers_run --> tick due? --> scheduler_tick --> program next
 *
 * The tick is not stopped on the way to idle, since most idle periods end
 * before it comes; it stops by itself when it finds the CPU idle, so an idle
 * CPU takes at most one. It starts again when a task is switched to.
 *
 * All state is this CPU's, touched with interrupts off; no lock.
 */
#include <asm/ptrace.h>
#include <asm/tlbflush.h>
#include <base/irq.h>
#include <base/percpu.h>
#include <base/preempt.h>
#include <base/smp.h>
#include <sched/timer.h>
#include "rq.h"

#define BALANCE_TICKS	  8  /* how often differences are evened out */
#define TLB_REFRESH_TICKS 16 /* see refresh_tlb() */

struct tick {
	bool running;
	u64 next;	/* ns, if running */
	u64 programmed; /* ns the device will fire at; U64_MAX: not */
};

static DEFINE_PER_CPU(struct tick, ticks) = { .programmed = U64_MAX };

static void program(struct tick *t, u64 when, u64 now)
{
	t->programmed = when;
	if (when == U64_MAX)
		clockevents_program(U64_MAX);
	else
		clockevents_program(when > now ? when - now : 0);
}

void tick_new_deadline(u64 expires, u64 now)
{
	struct tick *t = this_cpu_ptr(&ticks);

	if (expires < t->programmed)
		program(t, expires, now);
}

void tick_start(u64 now)
{
	struct tick *t = this_cpu_ptr(&ticks);

	if (t->running)
		return;
	t->running = true;
	t->next = now + TICK_NSEC;
	if (t->next < t->programmed)
		program(t, t->next, now);
}

/*
 * QEMU's TLB begins with room for 1 MiB and grows at full flushes only, which
 * happen to hardly any program that runs alone: it would be twelve times
 * slower on 64 MiB. Hardware fills its TLB again within microseconds.
 */
static void refresh_tlb(const struct rq *rq)
{
	if (rq->ticks % TLB_REFRESH_TICKS == 0)
		local_flush_tlb_all();
}

static void scheduler_tick(struct rq *rq, u64 now)
{
	const struct pt_regs *regs = get_irq_regs();

	spin_lock(&rq->lock);
	rq->curr->tick_was_user = regs && user_mode(regs);
	update_curr(rq, now);
	if (unlikely(rq->curr->cpu_timer))
		set_tsk_thread_flag(rq->curr, TIF_NOTIFY_RESUME);
	if (fair_slice_over(&rq->fair))
		resched_curr(rq);
	if (++rq->ticks % BALANCE_TICKS == 0 &&
	    READ_ONCE(cpu_online_mask) != cpumask_of(rq->cpu))
		pull_task(rq, 2);
	spin_unlock(&rq->lock);
	refresh_tlb(rq);
	offer_to_idle(rq);
	calc_load(now);
	log_wait_poll();
}

static void clock_event_fired(struct clock_event_device *dev)
{
	struct tick *t = this_cpu_ptr(&ticks);
	struct rq *rq = this_rq();
	u64 now = ktime_get_ns();

	(void)dev;
	/* Timers armed meanwhile are seen by timers_next() below. */
	t->programmed = 0;
	timers_run(now);
	if (t->running && t->next <= now) {
		t->running = rq->curr != rq->idle;
		t->next = now + TICK_NSEC;
		if (t->running)
			scheduler_tick(rq, now);
	}
	now = ktime_get_ns();
	program(t, t->running ? min(t->next, timers_next()) : timers_next(),
		now);
}

void tick_init(void)
{
	clockevents_set_handler(clock_event_fired);
}

void sched_start_cpu(void)
{
	struct tick *t = this_cpu_ptr(&ticks);
	struct rq *rq = this_rq();
	unsigned long flags;
	u64 now = ktime_get_ns();

	local_irq_save(flags);
	rq->idle->se.exec_start = now;
	program(t, timers_next(), now);
	local_irq_restore(flags);
}

void cpu_startup_entry(void)
{
	BUG_ON(!is_idle_task(current));
	scheduling_started = true;
	local_irq_enable();
	for (;;) {
		while (!need_resched()) {
			log_wait_poll();
			local_irq_disable();
			/*
			 * A wake-up before this look is seen by it; one
			 * after it leaves an interrupt pending, which ends
			 * the wfi although it is masked.
			 */
			if (!need_resched())
				wfi();
			local_irq_enable();
		}
		schedule();
	}
}
