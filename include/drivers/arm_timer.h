/* SPDX-License-Identifier: MIT */
/* The generic timer as clock and as source of clock events. */
#ifndef _DRIVERS_ARM_TIMER_H
#define _DRIVERS_ARM_TIMER_H

/*
 * Register the counter as the system's clock: time stamps begin.
 * => first thing on the boot CPU; needs nothing
 */
void arm_clock_init(void);
/*
 * Start the boot CPU's timer with its interrupt.
 * => after gic_init(); 0 or a negative errno
 */
int arm_timer_init(const void *fdt);
/* The same for a CPU that has just started. => IRQs masked */
void arm_timer_cpu_init(void);
#endif
