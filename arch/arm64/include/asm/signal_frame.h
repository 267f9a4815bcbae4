/* SPDX-License-Identifier: MIT */
/* Linux's arm64 signal frame: written for a handler, read by sigreturn. */
#ifndef _ASM_SIGNAL_FRAME_H
#define _ASM_SIGNAL_FRAME_H

#include <asm/thread_info.h>

/* stack_t of user space */
struct arch_stack_t {
	u64 ss_sp;
	s32 ss_flags;
	u32 pad;
	u64 ss_size;
};

struct arch_sigframe_args {
	int sig;
	const void *info128; /* siginfo, 128 bytes */
	u64 handler;
	u64 restorer;	 /* sa_restorer, or the vDSO's sigreturn */
	u64 sigmask;	 /* blocked before the handler */
	u64 altstack_sp; /* for uc_stack */
	u64 altstack_size;
	u32 altstack_flags;
	bool use_altstack; /* start at the top of the alternate stack */
};

/*
 * Push a frame and make regs enter the handler.
 * => t is current
 * => 0; -EFAULT: the stack cannot be written, regs are as before
 */
int arch_setup_rt_frame(struct pt_regs *regs, struct arch_task *t,
			const struct arch_sigframe_args *args);
/*
 * Undo it from the frame at regs->sp.
 * => 0 with *sigmask and *uc_stack for the caller to install; x0 is in regs
 * => -EFAULT: bad frame; regs may be half restored, the task must die
 */
int arch_restore_rt_frame(struct pt_regs *regs, struct arch_task *t,
			  u64 *sigmask, struct arch_stack_t *uc_stack);

/* The stack a handler needs at least: AT_MINSIGSTKSZ. */
#define ARCH_MINSIGSTKSZ 4720
#endif
