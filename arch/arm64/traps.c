// SPDX-License-Identifier: MIT
/*
 * traps.c - sorting exceptions by class for the layers above
 *
 *                       user mode          kernel
 *   aborts              do_mem_abort       do_mem_abort
 *   brk                 do_user_trap       do_kernel_brk
 *   all else, sync      do_user_trap       bad_mode
 *   svc, IRQ            (entry.S)          bad_mode, (entry.S)
 *   FIQ, SError         bad_mode           bad_mode
 *
 * Called by entry.S only, with IRQs masked as the exception left them.
 */
#include <asm/esr.h>
#include <asm/irqflags.h>
#include <asm/process.h>
#include <asm/upcall.h>

/* User pointers may carry a tag in the top byte; the MMU ignored it. */
static u64 untagged(u64 far)
{
	return far & BIT(55) ? far : far & GENMASK(55, 0);
}

void el0_exception_taken(struct pt_regs *regs, u64 esr, u64 far)
{
	switch (ESR_EC(esr)) {
	case ESR_EC_DABT_EL0:
	case ESR_EC_IABT_EL0:
		do_mem_abort(untagged(far), esr, regs);
		break;
	case ESR_EC_SERROR:
		bad_mode(regs, "SError in user mode", esr, far);
	default:
		local_irq_enable();
		do_user_trap(regs, esr, far);
		break;
	}
}

void el1_exception_taken(struct pt_regs *regs, u64 esr, u64 far)
{
	switch (ESR_EC(esr)) {
	case ESR_EC_DABT_EL1:
	case ESR_EC_IABT_EL1:
		do_mem_abort(untagged(far), esr, regs);
		break;
	case ESR_EC_BRK64:
		do_kernel_brk(regs, esr);
		break;
	default:
		bad_mode(regs, esr_class_str(esr), esr, far);
	}
}

void bad_vector_taken(struct pt_regs *regs, unsigned int vector, u64 esr,
		      u64 far)
{
	static const char *const kind[][4] = {
		{ "synchronous exception in the kernel with SP_EL0",
		  "IRQ in the kernel with SP_EL0",
		  "FIQ in the kernel with SP_EL0",
		  "SError in the kernel with SP_EL0" },
		{ "synchronous exception in the kernel", "IRQ in the kernel",
		  "FIQ in the kernel", "SError in the kernel" },
		{ "synchronous exception in user mode", "IRQ in user mode",
		  "FIQ in user mode", "SError in user mode" },
		{ "synchronous exception in AArch32", "IRQ in AArch32",
		  "FIQ in AArch32", "SError in AArch32" },
	};

	bad_mode(regs, kind[vector / 4][vector % 4], esr, far);
}
