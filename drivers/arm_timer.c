// SPDX-License-Identifier: MIT
/*
 * arm_timer.c - the generic timer
 *
 * The virtual counter is the clock of all CPUs. Each CPU has a virtual timer
 * that compares it with a deadline and raises a PPI while it is not before
 * it: a level, so the handler must silence the timer before it ends.
 *
 * ns become ticks by  ticks = ns * mult >> 32,  with mult = freq << 32 / 1e9
 * rounded up: an event may come a little late, never early.
 */
#include <asm/arch_timer.h>
#include <base/clock.h>
#include <base/irq.h>
#include <base/printk.h>
#include <drivers/arm_timer.h>
#include <drivers/dt_irq.h>
#include <lib/errno.h>
#include <lib/fdt.h>

#define DT_VIRTUAL_TIMER 2	      /* secure, physical, virtual, hyp */
#define MAX_DELTA_NS	 (1ULL << 35) /* 34 s: no overflow */

static u64 ns_to_ticks_mult; /* constant once started */

static u64 read_counter(void)
{
	return arch_timer_read_cntvct();
}

static void set_next_event(u64 delta_ns)
{
	u64 ns = min(delta_ns, MAX_DELTA_NS);
	u64 whole = ns >> 32, part = ns & U32_MAX;

	arch_timer_program(whole * ns_to_ticks_mult +
			   (part * ns_to_ticks_mult >> 32) + 1);
}

static struct clock_event_device timer_event = {
	.name = "arch_sys_timer",
	.set_next_event = set_next_event,
	.shutdown = arch_timer_disable,
};

static irqreturn_t timer_interrupt(int irq, void *dev)
{
	(void)irq;
	(void)dev;
	if (!arch_timer_pending())
		return IRQ_NONE;
	arch_timer_disable();
	if (timer_event.event_handler)
		timer_event.event_handler(&timer_event);
	return IRQ_HANDLED;
}

void arm_clock_init(void)
{
	u64 freq = arch_timer_freq(), now = read_counter();

	if (!freq)
		return;
	clocksource_register(read_counter, freq);
	pr_info("clocksource: arch_sys_counter at %llu ticks since power-on\n",
		now);
}

int arm_timer_init(const void *fdt)
{
	int node = fdt_node_by_compatible(fdt, -1, "arm,armv8-timer");
	u64 freq = arch_timer_freq();
	unsigned int type;
	int irq, err;

	if (node < 0 || !freq)
		return -ENODEV;
	irq = dt_irq(fdt, node, DT_VIRTUAL_TIMER, &type);
	if (irq < 0)
		return irq;
	ns_to_ticks_mult = ((freq << 32) + 999999999) / 1000000000;
	timer_event.irq = (u32)irq;

	clockevents_register(&timer_event);
	err = request_percpu_irq((unsigned int)irq, timer_interrupt,
				 "arch_timer");
	if (err)
		return err;
	enable_percpu_irq((unsigned int)irq);
	pr_info("arch_timer: cp15 timer running at %llu.%02lluMHz (virt)\n",
		freq / 1000000, freq / 10000 % 100);
	return 0;
}

void arm_timer_cpu_init(void)
{
	arch_timer_disable();
	clockevents_register(&timer_event);
}
