/* SPDX-License-Identifier: MIT */
/* The generic timer: one counter for all CPUs, one virtual timer each. */
#ifndef _ASM_ARCH_TIMER_H
#define _ASM_ARCH_TIMER_H

#include <asm/barrier.h>
#include <asm/sysreg.h>

#define CNTV_CTL_ENABLE	 1
#define CNTV_CTL_ISTATUS 4

/* The isb keeps the read from running ahead of the code before it. */
static __always_inline u64 arch_timer_read_cntvct(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/* Ticks per second. */
static inline u32 arch_timer_freq(void)
{
	return (u32)read_sysreg(cntfrq_el0);
}

/* This CPU's timer: one interrupt, ticks from now. */
static inline void arch_timer_program(u64 ticks)
{
	write_sysreg(arch_timer_read_cntvct() + ticks, cntv_cval_el0);
	write_sysreg(CNTV_CTL_ENABLE, cntv_ctl_el0);
	isb();
}

static inline void arch_timer_disable(void)
{
	write_sysreg(0, cntv_ctl_el0);
	isb();
}

static inline bool arch_timer_pending(void)
{
	return read_sysreg(cntv_ctl_el0) & CNTV_CTL_ISTATUS;
}
#endif
