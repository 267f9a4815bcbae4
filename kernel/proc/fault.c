// SPDX-License-Identifier: MIT
/*
 * Exceptions of programs become page faults resolved by mm/vm, or signals;
 * those of the kernel itself become a fix-up or the end.
 *
 *   abort --> user address, a task with memory --> mm_user_fault() --+
 *     |                                            resolved <--------+
 *     |                                            SEGV, BUS, OOM <--+
 *     '--> kernel address or no memory               user mode: signal
 *          user mode: SEGV_MAPERR                    kernel mode: fix-up
 *          kernel mode: fix-up, or die()             (-EFAULT) or die()
 */
#include <asm/cpufeature.h>
#include <asm/esr.h>
#include <asm/extable.h>
#include <asm/irqflags.h>
#include <asm/uaccess.h>
#include <asm/upcall.h>
#include <base/bug.h>
#include <base/preempt.h>
#include <base/printk.h>
#include <mm/phys/init.h>
#include <mm/vm/mm.h>
#include <mm/vm/oom.h>
#include <proc/process.h>
#include <proc/signal.h>

/* /proc/sys/debug/exception-trace: one line for a program that faults. */
int show_unhandled_signals = 1;

static bool signal_is_unhandled(int sig)
{
	u64 handler = current->sighand->action[sig - 1].handler;

	return handler == SIG_DFL || handler == SIG_IGN ||
	       current->blocked & sigmask(sig);
}

/* In a program: say what it did, as words, and send the signal. */
static void fault_signal(struct pt_regs *regs, u64 esr, u64 far, int sig,
			 int code)
{
	char words[128];

	current->arch.thread.fault_address = far;
	current->arch.thread.fault_code = esr;
	if (show_unhandled_signals && signal_is_unhandled(sig)) {
		esr_describe(esr, words, sizeof(words));
		pr_info_ratelimited(
			"%s[%d]: signal %d at pc %012llx lr %012llx sp %012llx address %016llx: %s\n",
			current->comm, current->pid, sig, regs->pc,
			regs->regs[30], regs->sp, far, words);
	}
	force_sig_fault(sig, code, far);
}

static void kernel_fault(struct pt_regs *regs, u64 esr, u64 far)
{
	const char *what = "Unable to handle kernel paging request";

	if (fixup_exception(regs))
		return;
	if (far < PAGE_SIZE)
		what = "Unable to handle kernel NULL pointer dereference";
	else if (far < TASK_SIZE && ESR_FSC_TYPE(esr) == ESR_FSC_PERMISSION)
		what = "Unable to handle kernel access to user memory outside uaccess routines";
	mm_describe_address(far);
	die(what, regs, esr, far);
}

static void bad_area(struct pt_regs *regs, u64 esr, u64 far, int sig, int code)
{
	if (user_mode(regs))
		fault_signal(regs, esr, far, sig, code);
	else
		kernel_fault(regs, esr, far);
}

static unsigned int fault_flags(const struct pt_regs *regs, u64 esr)
{
	unsigned int flags = 0;

	if (user_mode(regs))
		flags |= FAULT_FLAG_USER;
	if (esr_is_write(esr))
		flags |= FAULT_FLAG_WRITE;
	if (esr_is_iabt(esr))
		flags |= FAULT_FLAG_INSTRUCTION;
	return flags;
}

static void fault_out_of_memory(struct pt_regs *regs)
{
	if (!user_mode(regs)) {
		/* the system call sees -EFAULT; the next fault tries again */
		fixup_exception(regs);
		return;
	}
	pagefault_out_of_memory();
}

static void do_page_fault(u64 far, u64 esr, struct pt_regs *regs)
{
	int code = SEGV_MAPERR;
	vm_fault_t fault;

	fault = mm_user_fault(current->mm, far, fault_flags(regs, esr), &code);
	if (likely(!(fault & VM_FAULT_ERROR))) {
		if (fault & VM_FAULT_MAJOR)
			current->maj_flt++;
		else
			current->min_flt++;
	} else if (fault & VM_FAULT_OOM) {
		fault_out_of_memory(regs);
	} else if (fault & VM_FAULT_SIGBUS) {
		bad_area(regs, esr, far, SIGBUS, BUS_ADRERR);
	} else {
		bad_area(regs, esr, far, SIGSEGV, code);
	}
}

static bool is_page_fault(u64 esr)
{
	u64 type = ESR_FSC_TYPE(esr);

	return type == ESR_FSC_TRANSLATION || type == ESR_FSC_ACCESS ||
	       type == ESR_FSC_PERMISSION;
}

/* A kernel-mode access to user memory that may be resolved by sleeping. */
static bool may_resolve(const struct pt_regs *regs)
{
	return current->mm && !in_atomic() &&
	       (user_mode(regs) || has_fixup(regs->pc));
}

void do_mem_abort(u64 far, u64 esr, struct pt_regs *regs)
{
	bool irqs_on = interrupts_enabled(regs);

	if (irqs_on)
		local_irq_enable();
	if (far >= TASK_SIZE || !may_resolve(regs)) {
		bad_area(regs, esr, far, SIGSEGV, SEGV_MAPERR);
	} else if (is_page_fault(esr)) {
		do_page_fault(far, esr, regs);
	} else if (ESR_FSC(esr) == ESR_FSC_ALIGNMENT) {
		bad_area(regs, esr, far, SIGBUS, BUS_ADRALN);
	} else {
		bad_area(regs, esr, far, SIGBUS, BUS_ADRERR);
	}
	if (irqs_on)
		local_irq_disable();
}

/* Reading an ID register traps as undefined, or as a class of its own. */
static bool id_read_emulated(struct pt_regs *regs)
{
	u32 insn;

	return !get_user(insn, (const u32 __user *)regs->pc) &&
	       emulate_id_read(regs, insn);
}

void do_user_trap(struct pt_regs *regs, u64 esr, u64 far)
{
	switch (ESR_EC(esr)) {
	case ESR_EC_BRK64:
	case ESR_EC_BREAKPT_EL0:
	case ESR_EC_STEP_EL0:
	case ESR_EC_WATCHPT_EL0:
		fault_signal(regs, esr, regs->pc, SIGTRAP, TRAP_BRKPT);
		break;
	case ESR_EC_PC_ALIGN:
		fault_signal(regs, esr, far, SIGBUS, BUS_ADRALN);
		break;
	case ESR_EC_SP_ALIGN:
		fault_signal(regs, esr, regs->sp, SIGBUS, BUS_ADRALN);
		break;
	case ESR_EC_FP_EXC:
		fault_signal(regs, esr, regs->pc, SIGFPE, 0);
		break;
	case ESR_EC_UNKNOWN:
	case ESR_EC_SYS64:
		if (id_read_emulated(regs))
			break;
		fallthrough;
	default:
		fault_signal(regs, esr, regs->pc, SIGILL, ILL_ILLOPC);
		break;
	}
}
