/* SPDX-License-Identifier: MIT */
/* PSTATE.I: whether this CPU takes interrupts. */
#ifndef _ASM_IRQFLAGS_H
#define _ASM_IRQFLAGS_H

#include <lib/types.h>

#define DAIF_I 0x80UL

static __always_inline void local_irq_enable(void)
{
	__asm__ __volatile__("msr daifclr, #2" ::: "memory");
}

static __always_inline void local_irq_disable(void)
{
	__asm__ __volatile__("msr daifset, #2" ::: "memory");
}

static __always_inline unsigned long arch_local_save_flags(void)
{
	unsigned long flags;

	__asm__ __volatile__("mrs %0, daif" : "=r"(flags)::"memory");
	return flags;
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	local_irq_disable();
	return flags;
}

static __always_inline void local_irq_restore(unsigned long flags)
{
	__asm__ __volatile__("msr daif, %0" ::"r"(flags) : "memory");
}

static __always_inline bool irqs_disabled_flags(unsigned long flags)
{
	return flags & DAIF_I;
}

#define local_irq_save(flags) ((flags) = arch_local_irq_save())
#define irqs_disabled()	      irqs_disabled_flags(arch_local_save_flags())
#endif
