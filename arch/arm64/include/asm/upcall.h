/* SPDX-License-Identifier: MIT */
/*
 * Everything that arch/ calls in the layers above it. Unless said
 * otherwise: called on the kernel stack of current.
 */
#ifndef _ASM_UPCALL_H
#define _ASM_UPCALL_H

#include <asm/thread_info.h>

/* L4. The task that boots: `current` when start_kernel() is entered. */
extern struct task_struct init_task;

/* L2. Written by setup_per_cpu_areas(); used through asm/percpu.h. */
extern unsigned long __per_cpu_offset[NR_CPUS];

/* L7. IRQs masked, MMU on, only the image is mapped. Does not return. */
void start_kernel(phys_addr_t fdt_pa) __noreturn;
/* L7. IRQs masked; current is the idle task given to arch_cpu_start(). */
void secondary_start_kernel(unsigned int cpu) __noreturn;

/* L2. An interrupt of either level; IRQs masked throughout. */
void do_irq(struct pt_regs *regs);

/* L7. svc from user mode; IRQs enabled; orig_x0 and syscallno are set. */
void do_el0_svc(struct pt_regs *regs);
/*
 * L7. An instruction or data abort of either level; IRQs masked. Resolve it,
 * send a signal, call fixup_exception(), or die.
 * => far: without the tag if it is a user address
 */
void do_mem_abort(u64 far, u64 esr, struct pt_regs *regs);
/*
 * L7. Any other exception of user mode: undefined, brk, alignment of pc or
 * sp, FP, trapped system registers, single step; IRQs enabled.
 */
void do_user_trap(struct pt_regs *regs, u64 esr, u64 far);
/*
 * L7. Work before returning to user mode: reschedule, signals; IRQs masked
 * at call and return, may be enabled between. Called again while any flag
 * of _TIF_WORK_MASK is set.
 */
void do_notify_resume(struct pt_regs *regs, unsigned long flags);

/* L2. An exception that must not happen; what: "SError, EL1" and the like. */
void bad_mode(struct pt_regs *regs, const char *what, u64 esr,
	      u64 far) __noreturn;
/* L2. brk in the kernel; it may advance regs->pc and return. IRQs masked. */
void do_kernel_brk(struct pt_regs *regs, u64 esr);
/* L2. Called on the CPU's overflow stack; the task's stack is full. */
void do_stack_overflow(struct pt_regs *regs) __noreturn;

/* L4. First thing a new task does; IRQs masked, it may enable them. */
void schedule_tail(struct task_struct *prev);
/* L4. The function of a kernel thread has returned. */
void kthread_exit(int code) __noreturn;
#endif
