/* SPDX-License-Identifier: MIT */
/*
 * The machine's part of a task, and switching between tasks.
 *
 * A struct task_struct begins with a struct arch_task named `arch`; the
 * kernel stack of a task:
 *
 *   stack + THREAD_SIZE -> +----------------------+
 *                          | the task's address   |  16 bytes; entry.S finds
 *                          +----------------------+  `current` here
 *                          | struct pt_regs       |  the user's registers
 *                          +----------------------+  <- task_pt_regs()
 *                          | frames, downwards    |
 *   stack (THREAD_ALIGN) ->+----------------------+
 */
#ifndef _ASM_THREAD_INFO_H
#define _ASM_THREAD_INFO_H

#include <lib/types.h>
#include <asm/asm_offsets.h>
#include <asm/bitops.h>
#include <asm/current.h>
#include <asm/memory.h>
#include <asm/ptrace.h>

#define TIF_SIGPENDING	  0
#define TIF_NEED_RESCHED  1
#define TIF_NOTIFY_RESUME 2
#define TIF_FATAL_SIGNAL  3 /* a SIGKILL is pending too */

#define _TIF_SIGPENDING	   (1UL << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED  (1UL << TIF_NEED_RESCHED)
#define _TIF_NOTIFY_RESUME (1UL << TIF_NOTIFY_RESUME)
/* Any of these sends the way back to user mode through do_notify_resume(). */
#define _TIF_WORK_MASK \
	(_TIF_SIGPENDING | _TIF_NEED_RESCHED | _TIF_NOTIFY_RESUME)

struct thread_info {
	unsigned long flags; /* TIF_*, atomic bits */
	int preempt_count;
	u32 cpu; /* where it runs or ran last */
};

struct cpu_context {
	u64 x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
	u64 fp, sp, pc;
};

struct user_fpsimd_state {
	__uint128_t vregs[32];
	u32 fpsr;
	u32 fpcr;
	u32 reserved[2];
};

/* Of a task that does not run; while it runs the CPU has the truth. */
struct thread_struct {
	struct cpu_context ctx;
	u64 tpidr_el0;
	u64 fault_address; /* of the last fault that became a signal */
	u64 fault_code;	   /* its ESR; both for the signal frame */
	struct user_fpsimd_state fpsimd;
};

struct arch_task {
	struct thread_info ti;
	void *stack;   /* THREAD_SIZE bytes at THREAD_ALIGN */
	u64 user_fp;   /* thread.fpsimd is in use: a user task */
	void *lockdep; /* kernel/base/lockdep.c's */
	struct thread_struct thread;
};

static __always_inline struct arch_task *current_arch(void)
{
	return (struct arch_task *)current;
}

static __always_inline struct thread_info *current_thread_info(void)
{
	return (struct thread_info *)current;
}

static __always_inline unsigned int raw_smp_processor_id(void)
{
	return READ_ONCE(current_thread_info()->cpu);
}

#define smp_processor_id() raw_smp_processor_id()

static inline void set_ti_flag(struct thread_info *ti, unsigned int flag)
{
	set_bit(flag, &ti->flags);
}

static inline void clear_ti_flag(struct thread_info *ti, unsigned int flag)
{
	clear_bit(flag, &ti->flags);
}

static inline bool test_ti_flag(const struct thread_info *ti, unsigned int flag)
{
	return test_bit(flag, &ti->flags);
}

#define clear_thread_flag(f) clear_ti_flag(current_thread_info(), f)
#define test_thread_flag(f)  test_ti_flag(current_thread_info(), f)
/* For struct task_struct, whose first member is its thread_info. */
#define task_thread_info(t)	    ((struct thread_info *)(t))
#define set_tsk_thread_flag(t, f)   set_ti_flag(task_thread_info(t), f)
#define clear_tsk_thread_flag(t, f) clear_ti_flag(task_thread_info(t), f)
#define test_tsk_thread_flag(t, f)  test_ti_flag(task_thread_info(t), f)

/*
 * Switch stacks, callee-saved registers, TPIDR_EL0 and, of user tasks,
 * FP/SIMD. next->arch.ti.cpu becomes this CPU.
 * => IRQs masked; address spaces are switched by arch_switch_mm()
 * => returns, in the task that was switched to, the task that was left
 */
struct task_struct *cpu_switch_to(struct task_struct *prev,
				  struct task_struct *next);

/*
 * Prepare a new task: its first switch calls schedule_tail(prev), then
 * fn(arg), then kthread_exit(its value). fn may become a user program with
 * arch_flush_thread(), start_thread() and arch_return_to_user().
 * => t->stack is set; t is zeroed otherwise or a copy of another task
 */
void arch_thread_init_kernel(struct arch_task *t, int (*fn)(void *), void *arg);

/*
 * Prepare the child of a fork: its first switch calls schedule_tail(prev)
 * and returns to user mode with the parent's registers and x0 = 0.
 * => called by the parent; child->stack is set
 * => new_sp: 0 keeps the parent's; tls: used if settls
 */
void arch_thread_init_user(struct arch_task *child,
			   const struct pt_regs *parent_regs, u64 new_sp,
			   u64 tls, bool settls);

/* The registers with which the task will return to user mode. */
static inline struct pt_regs *arch_task_regs(const struct arch_task *t)
{
	return (struct pt_regs *)((char *)t->stack + THREAD_SIZE -
				  STACK_TOP_SIZE - S_SIZE);
}

static inline struct pt_regs *task_pt_regs(const struct task_struct *t)
{
	return arch_task_regs((const struct arch_task *)t);
}

#define current_pt_regs() task_pt_regs(current)

/* exec, step 1: current forgets FP/SIMD state and TLS, and is a user task. */
void arch_flush_thread(void);
/* exec, step 2: registers of a program that starts at pc with stack sp. */
void start_thread(struct pt_regs *regs, u64 pc, u64 sp);
/* Leave a kernel thread for user mode with current_pt_regs(). */
void arch_return_to_user(void) __noreturn;

/* Bring thread.fpsimd of current up to date; load the CPU from it. */
void arch_fpsimd_sync(void);
void arch_fpsimd_reload(void);
#endif
