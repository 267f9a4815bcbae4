// SPDX-License-Identifier: MIT
/*
 * Timers: one tree for each CPU, sorted by time.
 *
 * A timer belongs to the base of t->cpu, queued there or not; that base's
 * lock guards it. Arming moves it to the base of the calling CPU, which can
 * program its own clock event, unless its function is running elsewhere:
 * then it stays there, so that it never runs twice at once.
 *
 * Lock: base->lock, interrupts off; two of them in the order of CPU numbers.
 * Nothing is taken inside; the functions are called without it.
 */
#include <asm/barrier.h>
#include <base/percpu.h>
#include <base/spinlock.h>
#include <sched/timer.h>
#include "rq.h"

struct timer_base {
	spinlock_t lock;
	struct rb_root_cached tree; /* lock */
	struct timer *running;	    /* lock; may be gone: compare only */
};

static DEFINE_PER_CPU(struct timer_base, bases);

void timers_init(unsigned int cpu)
{
	struct timer_base *base = per_cpu_ptr(&bases, cpu);

	spin_lock_init(&base->lock);
	base->tree = RB_ROOT_CACHED;
}

static bool timer_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct timer, node)->expires <
	       rb_entry(b, struct timer, node)->expires;
}

static struct timer_base *base_of(const struct timer *t)
{
	return per_cpu_ptr(&bases, READ_ONCE(t->cpu));
}

static struct timer_base *lock_base(struct timer *t)
{
	struct timer_base *base;

	for (;;) {
		base = base_of(t);
		spin_lock(&base->lock);
		if (likely(base == base_of(t)))
			return base;
		spin_unlock(&base->lock);
	}
}

/* Both t's base and that of cpu. => t's base */
static struct timer_base *lock_bases(struct timer *t, u32 cpu)
{
	struct timer_base *here = per_cpu_ptr(&bases, cpu), *base;
	u32 its;

	for (;;) {
		its = READ_ONCE(t->cpu);
		base = per_cpu_ptr(&bases, its);
		if (likely(base == here)) {
			spin_lock(&here->lock);
		} else {
			spin_lock(its < cpu ? &base->lock : &here->lock);
			spin_lock_nested(its < cpu ? &here->lock : &base->lock,
					 1);
		}
		if (likely(its == READ_ONCE(t->cpu)))
			return base;
		if (base != here)
			spin_unlock(&base->lock);
		spin_unlock(&here->lock);
	}
}

static bool unqueue(struct timer_base *base, struct timer *t)
{
	if (!t->queued)
		return false;
	rb_erase_cached(&t->node, &base->tree);
	t->queued = false;
	return true;
}

bool mod_timer_ns(struct timer *t, u64 expires)
{
	struct timer_base *here, *base, *target;
	unsigned long flags;
	bool was_armed;
	u32 cpu;

	local_irq_save(flags);
	cpu = smp_processor_id();
	here = this_cpu_ptr(&bases);
	base = lock_bases(t, cpu);
	was_armed = unqueue(base, t);
	target = base->running == t ? base : here;
	if (target == here)
		WRITE_ONCE(t->cpu, cpu);
	t->expires = expires;
	t->queued = true;
	rb_add_cached(&t->node, &target->tree, timer_less);
	/* Another CPU's base is looked at when the function returns. */
	if (target == here && rb_first_cached(&here->tree) == &t->node)
		tick_new_deadline(expires, ktime_get_ns());
	if (base != here)
		spin_unlock(&base->lock);
	spin_unlock_irqrestore(&here->lock, flags);
	return was_armed;
}

bool del_timer(struct timer *t)
{
	struct timer_base *base;
	unsigned long flags;
	bool was_armed;

	if (!timer_pending(t))
		return false;
	local_irq_save(flags);
	base = lock_base(t);
	was_armed = unqueue(base, t);
	spin_unlock_irqrestore(&base->lock, flags);
	return was_armed;
}

bool del_timer_sync(struct timer *t)
{
	struct timer_base *base;
	unsigned long flags;
	bool was_armed = false, running;

	WARN_ON_ONCE(in_interrupt());
	for (;;) {
		local_irq_save(flags);
		base = lock_base(t);
		was_armed |= unqueue(base, t);
		running = base->running == t;
		spin_unlock_irqrestore(&base->lock, flags);
		if (likely(!running))
			return was_armed;
		cpu_relax();
	}
}

void timers_run(u64 now)
{
	struct timer_base *base = this_cpu_ptr(&bases);
	struct rb_node *first;
	struct timer *t;

	spin_lock(&base->lock);
	while ((first = rb_first_cached(&base->tree)) != NULL) {
		t = rb_entry(first, struct timer, node);
		if (t->expires > now)
			break;
		unqueue(base, t);
		base->running = t;
		spin_unlock(&base->lock);
		t->fn(t);
		spin_lock(&base->lock);
		base->running = NULL;
	}
	spin_unlock(&base->lock);
}

u64 timers_next(void)
{
	struct timer_base *base = this_cpu_ptr(&bases);
	struct rb_node *first;
	u64 next = U64_MAX;

	spin_lock(&base->lock);
	first = rb_first_cached(&base->tree);
	if (first)
		next = rb_entry(first, struct timer, node)->expires;
	spin_unlock(&base->lock);
	return next;
}

/* ---- Sleeping for a time ---- */

struct sleeper {
	struct timer timer;
	struct task_struct *task;
};

static void wake_sleeper(struct timer *t)
{
	wake_up_process(container_of(t, struct sleeper, timer)->task);
}

u64 schedule_timeout_ns(u64 ns)
{
	struct sleeper s = { .task = current };
	u64 begin, passed;

	if (ns == U64_MAX) {
		schedule();
		return U64_MAX;
	}
	begin = ktime_get_ns();
	timer_setup(&s.timer, wake_sleeper);
	if (ns < U64_MAX - begin) {
		mod_timer_ns(&s.timer, begin + ns);
		schedule();
		del_timer_sync(&s.timer);
	} else {
		schedule();
	}
	passed = ktime_get_ns() - begin;
	return passed < ns ? ns - passed : 0;
}

u64 io_schedule_timeout_ns(u64 ns)
{
	u64 left;

	current->in_iowait = true;
	left = schedule_timeout_ns(ns);
	current->in_iowait = false;
	return left;
}

u64 schedule_timeout_interruptible_ns(u64 ns)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout_ns(ns);
}

u64 schedule_timeout_killable_ns(u64 ns)
{
	set_current_state(TASK_KILLABLE);
	return schedule_timeout_ns(ns);
}

u64 schedule_timeout_uninterruptible_ns(u64 ns)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout_ns(ns);
}

void msleep(unsigned int ms)
{
	u64 left = ms * NSEC_PER_MSEC;

	while (left)
		left = schedule_timeout_uninterruptible_ns(left);
}
