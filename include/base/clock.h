/* SPDX-License-Identifier: MIT */
/*
 * Time: nanoseconds from one counter, and the device that interrupts at a
 * chosen moment (one for each CPU).
 */
#ifndef _BASE_CLOCK_H
#define _BASE_CLOCK_H

#include <base/config.h>
#include <base/percpu.h>
#include <lib/types.h>

/* The counter: the same for all CPUs, 64 bits, never going back. */
void clocksource_register(u64 (*read)(void), u64 freq);

/* ns since the clock source was registered (0 before): CLOCK_MONOTONIC. */
u64 ktime_get_ns(void);
/* ns since 1970: CLOCK_REALTIME. */
u64 ktime_get_real_ns(void);
/* Set what ktime_get_real_ns() returns now. */
void ktime_set_real_ns(u64 now);
/* => the page of the kernel image that holds struct vdso_data */
const void *clock_vdso_page(void);
/* For time stamps and run times. => ns, any context */
#define sched_clock() ktime_get_ns()

/* Busy-wait. => any context, once the clock source is there */
void udelay(u64 us);
void mdelay(u64 ms);

struct clock_event_device {
	const char *name;
	/* Interrupt this CPU once, delta_ns from now (0: at once). */
	void (*set_next_event)(u64 delta_ns);
	/* No more interrupts; may be NULL. */
	void (*shutdown)(void);
	/* The driver calls it from its handler, IRQs masked, the device
	 * quiet until it is programmed again. */
	void (*event_handler)(struct clock_event_device *dev);
	u32 irq;
};

/* For the calling CPU. One static device may serve all CPUs. */
void clockevents_register(struct clock_event_device *dev);
/* Who gets the events, on all CPUs. => before or after registration */
void clockevents_set_handler(void (*fn)(struct clock_event_device *dev));
/* The next event of this CPU, U64_MAX: none; nothing if it has no device.
 * => IRQs masked */
void clockevents_program(u64 delta_ns);

#endif
