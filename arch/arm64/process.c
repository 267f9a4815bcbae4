// SPDX-License-Identifier: MIT
/*
 * process.c - the machine state of tasks: made, copied, forgotten
 *
 * A new task has never run, so its saved context is made up: cpu_switch_to()
 * "returns" to ret_from_fork, on a stack that holds only the pt_regs. x19
 * tells a kernel thread (its function) from the child of a fork (0).
 *
 * No lock: a task's state is touched by its creator before it runs, and by
 * itself after that.
 */
#include <lib/string.h>
#include <asm/process.h>
#include <asm/smp.h>
#include <asm/sysreg.h>
#include <asm/thread_info.h>
#include <asm/upcall.h>

static_assert(offsetof(struct thread_info, flags) == TI_FLAGS);
static_assert(offsetof(struct thread_info, cpu) == TI_CPU);
static_assert(offsetof(struct arch_task, ti) == 0);
static_assert(offsetof(struct arch_task, stack) == TSK_STACK);
static_assert(offsetof(struct arch_task, user_fp) == TSK_USER_FP);
static_assert(offsetof(struct arch_task, thread.ctx) == TSK_CONTEXT);
static_assert(offsetof(struct arch_task, thread.tpidr_el0) == TSK_TPIDR);
static_assert(offsetof(struct arch_task, thread.fpsimd) == TSK_FPSIMD);
static_assert(offsetof(struct pt_regs, regs[30]) == S_LR);
static_assert(offsetof(struct pt_regs, sp) == S_SP);
static_assert(offsetof(struct pt_regs, pc) == S_PC);
static_assert(offsetof(struct pt_regs, pstate) == S_PSTATE);
static_assert(offsetof(struct pt_regs, orig_x0) == S_ORIG_X0);
static_assert(offsetof(struct pt_regs, syscallno) == S_SYSCALLNO);
static_assert(offsetof(struct pt_regs, stackframe) == S_STACKFRAME);
static_assert(sizeof(struct pt_regs) == S_SIZE && S_SIZE % 16 == 0);
static_assert(_TIF_WORK_MASK == 7); /* entry.S tests these bits */
/* entry.S finds the overflow stack of a CPU by shifts. */
static_assert(OVERFLOW_STACK_SIZE == 1 << 12);
static_assert(NR_CPUS * OVERFLOW_STACK_SIZE == 1 << 15);

char init_stack[THREAD_SIZE] __aligned(THREAD_ALIGN)
	__section(".bss..page_aligned");
char overflow_stacks[NR_CPUS][OVERFLOW_STACK_SIZE] __aligned(PAGE_SIZE)
	__section(".bss..page_aligned");

/* The top of the stack, and a context that leads to ret_from_fork. */
static struct pt_regs *first_frame(struct arch_task *t)
{
	struct pt_regs *regs = arch_task_regs(t);

	*(struct arch_task **)(regs + 1) = t;
	memset(regs, 0, sizeof(*regs));
	regs->syscallno = NO_SYSCALL;
	memset(&t->thread.ctx, 0, sizeof(t->thread.ctx));
	t->thread.ctx.pc = (u64)ret_from_fork;
	t->thread.ctx.sp = (u64)regs;
	t->thread.ctx.fp = (u64)regs->stackframe;
	return regs;
}

void arch_thread_init_kernel(struct arch_task *t, int (*fn)(void *), void *arg)
{
	first_frame(t);
	t->user_fp = 0;
	t->thread.ctx.x19 = (u64)fn;
	t->thread.ctx.x20 = (u64)arg;
}

void arch_thread_init_user(struct arch_task *child,
			   const struct pt_regs *parent_regs, u64 new_sp,
			   u64 tls, bool settls)
{
	struct pt_regs *regs = first_frame(child);

	*regs = *parent_regs;
	regs->regs[0] = 0;
	regs->syscallno = NO_SYSCALL;
	if (new_sp)
		regs->sp = new_sp;

	arch_fpsimd_sync();
	child->thread.fpsimd = current_arch()->thread.fpsimd;
	child->thread.tpidr_el0 = settls ? tls : read_sysreg(tpidr_el0);
	child->thread.fault_address = 0;
	child->thread.fault_code = 0;
	child->user_fp = 1;
}

void start_thread(struct pt_regs *regs, u64 pc, u64 sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->pc = pc;
	regs->sp = sp;
	regs->pstate = PSR_MODE_EL0t;
	regs->syscallno = NO_SYSCALL;
}

void arch_flush_thread(void)
{
	struct arch_task *t = current_arch();

	memset(&t->thread.fpsimd, 0, sizeof(t->thread.fpsimd));
	t->thread.fault_address = 0;
	t->thread.fault_code = 0;
	t->thread.tpidr_el0 = 0;
	write_sysreg(0, tpidr_el0);
	t->user_fp = 1;
	arch_fpsimd_reload();
}

void arch_fpsimd_sync(void)
{
	fpsimd_save_state(&current_arch()->thread.fpsimd);
}

void arch_fpsimd_reload(void)
{
	fpsimd_load_state(&current_arch()->thread.fpsimd);
}
