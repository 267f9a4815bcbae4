/* SPDX-License-Identifier: MIT */
/*
 * entry.S - exceptions, and the ways into and out of a task
 *
 * On every exception the registers go to a struct pt_regs on the stack. From
 * user mode that is the top of the task's stack, with the task's address
 * right above it:
 *
 *   SP_EL1 in user mode -> | task | pad |
 *                          | pt_regs    |  <- sp in the handler
 *
 * so `current` costs one load. The struct ends in a frame record, {0, 0} for
 * user mode and {fp, pc} of the interrupted kernel, which x29 points to:
 * stack walks go through exceptions and end at user mode.
 *
 * A system call touches x0-x18 nowhere before do_el0_svc(); x20 is current
 * and x23 the ESR of user-mode exceptions, across C calls.
 */
#include <asm/asm_offsets.h>
#include <asm/assembler.h>
#include <asm/esr.h>
#include <asm/memory.h>

#define TIF_WORK_MASK	7
#define NO_SYSCALL	-1

	.section .entry.text, "ax"

	.macro	save_regs
	stp	x0, x1, [sp, #16 * 0]
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
	mrs	x21, elr_el1
	mrs	x22, spsr_el1
	stp	x21, x22, [sp, #S_PC]
	.endm

	.macro	restore_regs
	ldp	x21, x22, [sp, #S_PC]
	msr	elr_el1, x21
	msr	spsr_el1, x22
	ldp	x0, x1, [sp, #16 * 0]
	ldp	x2, x3, [sp, #16 * 1]
	ldp	x4, x5, [sp, #16 * 2]
	ldp	x6, x7, [sp, #16 * 3]
	ldp	x8, x9, [sp, #16 * 4]
	ldp	x10, x11, [sp, #16 * 5]
	ldp	x12, x13, [sp, #16 * 6]
	ldp	x14, x15, [sp, #16 * 7]
	ldp	x16, x17, [sp, #16 * 8]
	ldp	x18, x19, [sp, #16 * 9]
	ldp	x20, x21, [sp, #16 * 10]
	ldp	x22, x23, [sp, #16 * 11]
	ldp	x24, x25, [sp, #16 * 12]
	ldp	x26, x27, [sp, #16 * 13]
	ldp	x28, x29, [sp, #16 * 14]
	ldr	x30, [sp, #S_LR]
	add	sp, sp, #S_SIZE
	.endm

	.macro	entry_el0
	save_regs
	mrs	x19, sp_el0
	stp	x30, x19, [sp, #S_LR]
	ldr	x20, [sp, #S_SIZE + STACK_TOP_TASK]
	msr	sp_el0, x20
	stp	xzr, xzr, [sp, #S_STACKFRAME]
	add	x29, sp, #S_STACKFRAME
	mrs	x23, esr_el1
	.endm

	.macro	no_syscall
	mov	w9, #NO_SYSCALL
	str	w9, [sp, #S_SYSCALLNO]
	.endm

	.macro	entry_el1
	save_regs
	add	x19, sp, #S_SIZE
	stp	x30, x19, [sp, #S_LR]
	stp	x29, x21, [sp, #S_STACKFRAME]
	add	x29, sp, #S_STACKFRAME
	no_syscall
	.endm

/* ---- The vectors ------------------------------------------------------ */

	.macro	vector_el0 target
	.align	7
	sub	sp, sp, #S_SIZE
	b	\target
	.endm

	/*
	 * Is there room on the stack? Its addresses have bit THREAD_SHIFT
	 * clear (asm/memory.h). TPIDRRO_EL0 lends a register; user mode is
	 * never shown anything but 0 in it.
	 */
	.macro	vector_el1 target
	.align	7
	msr	tpidrro_el0, x0
	sub	sp, sp, #S_SIZE
	mov	x0, sp
	tbnz	x0, #THREAD_SHIFT, 1f
0:	mrs	x0, tpidrro_el0
	msr	tpidrro_el0, xzr
	b	\target
	/* It is full, unless this is the overflow stack, then go on. */
1:	msr	tpidr_el0, x1
	adr_l	x1, overflow_stacks
	sub	x0, x0, x1
	lsr	x0, x0, #15
	cbnz	x0, stack_overflow
	mrs	x1, tpidr_el0
	b	0b
	.endm

	.macro	vector_bad number
	.align	7
	sub	sp, sp, #S_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\number
	b	bad_vector
	.endm

	.align	11
	.globl	vectors
vectors:
	vector_bad 0			/* EL1 with SP_EL0: never used */
	vector_bad 1
	vector_bad 2
	vector_bad 3

	vector_el1 el1_sync
	vector_el1 el1_irq
	vector_bad 6
	vector_bad 7

	vector_el0 el0_sync
	vector_el0 el0_irq
	vector_bad 10
	vector_bad 11

	vector_el0 el0_sync_32		/* AArch32 programs are not offered */
	vector_el0 el0_irq
	vector_bad 14
	vector_bad 15

/*
 * x0 = scratch, x1 = overflow_stacks; the true x0 is in TPIDRRO_EL0, the
 * true x1 in TPIDR_EL0 (this task is lost, its TLS with it).
 */
local_func stack_overflow
	mrs	x0, sp_el0
	ldr	w0, [x0, #TI_CPU]
	add	x0, x0, #1
	add	x1, x1, x0, lsl #12
	add	x0, sp, #S_SIZE
	sub	x1, x1, #S_SIZE
	mov	sp, x1
	str	x0, [sp, #S_SP]
	mrs	x0, tpidrro_el0
	mrs	x1, tpidr_el0
	save_regs
	str	x30, [sp, #S_LR]
	stp	x29, x21, [sp, #S_STACKFRAME]
	add	x29, sp, #S_STACKFRAME
	no_syscall
	mov	x0, sp
	bl	do_stack_overflow
endfunc stack_overflow

/* x1 = number of the vector; the true x0, x1 are saved. */
local_func bad_vector
	mov	x0, x1
	ldr	x1, [sp, #8]
	str	x0, [sp, #S_ORIG_X0]
	ldr	x0, [sp]
	save_regs
	mrs	x19, sp_el0
	add	x20, sp, #S_SIZE
	tst	x22, #0xf		/* from user mode? */
	csel	x19, x19, x20, eq
	stp	x30, x19, [sp, #S_LR]
	b.ne	1f
	ldr	x20, [sp, #S_SIZE + STACK_TOP_TASK]
	msr	sp_el0, x20
1:	stp	x29, x21, [sp, #S_STACKFRAME]
	add	x29, sp, #S_STACKFRAME
	no_syscall
	mov	x0, sp
	ldr	x1, [sp, #S_ORIG_X0]
	mrs	x2, esr_el1
	mrs	x3, far_el1
	bl	bad_vector_taken
endfunc bad_vector

/* ---- From user mode --------------------------------------------------- */

local_func el0_sync
	entry_el0
	lsr	x24, x23, #ESR_EC_SHIFT
	cmp	x24, #ESR_EC_SVC64
	b.ne	el0_exception
	str	x0, [sp, #S_ORIG_X0]
	str	w8, [sp, #S_SYSCALLNO]
	msr	daifclr, #6
	mov	x0, sp
	bl	do_el0_svc
	b	ret_to_user
endfunc el0_sync

local_func el0_sync_32
	entry_el0
	mov	x23, #ESR_EC_UNKNOWN
	b	el0_exception
endfunc el0_sync_32

local_func el0_exception
	no_syscall
	mov	x0, sp
	mov	x1, x23
	mrs	x2, far_el1
	bl	el0_exception_taken
	b	ret_to_user
endfunc el0_exception

local_func el0_irq
	entry_el0
	no_syscall
	mov	x0, sp
	bl	do_irq
	b	ret_to_user
endfunc el0_irq

/* sp = task_pt_regs(current), x20 = current. */
local_func ret_to_user
	msr	daifset, #0xf
	ldr	x1, [x20, #TI_FLAGS]
	tst	x1, #TIF_WORK_MASK
	b.ne	1f
	ldr	x19, [sp, #S_SP]
	msr	sp_el0, x19
	restore_regs
	eret
1:	msr	daifclr, #4
	mov	x0, sp
	bl	do_notify_resume
	b	ret_to_user
endfunc ret_to_user

/* ---- From the kernel -------------------------------------------------- */

local_func el1_sync
	entry_el1
	mov	x0, sp
	mrs	x1, esr_el1
	mrs	x2, far_el1
	bl	el1_exception_taken
	b	ret_to_kernel
endfunc el1_sync

local_func el1_irq
	entry_el1
	mov	x0, sp
	bl	do_irq
	b	ret_to_kernel
endfunc el1_irq

local_func ret_to_kernel
	msr	daifset, #0xf
	restore_regs
	eret
endfunc ret_to_kernel

/* ---- Switching tasks -------------------------------------------------- */

	.arch_extension fp
	.arch_extension simd

	/* 32 vectors and two control words at x\base; clobbers x9. */
	.macro	fpsimd_save base
	stp	q0, q1, [\base, #32 * 0]
	stp	q2, q3, [\base, #32 * 1]
	stp	q4, q5, [\base, #32 * 2]
	stp	q6, q7, [\base, #32 * 3]
	stp	q8, q9, [\base, #32 * 4]
	stp	q10, q11, [\base, #32 * 5]
	stp	q12, q13, [\base, #32 * 6]
	stp	q14, q15, [\base, #32 * 7]
	stp	q16, q17, [\base, #32 * 8]
	stp	q18, q19, [\base, #32 * 9]
	stp	q20, q21, [\base, #32 * 10]
	stp	q22, q23, [\base, #32 * 11]
	stp	q24, q25, [\base, #32 * 12]
	stp	q26, q27, [\base, #32 * 13]
	stp	q28, q29, [\base, #32 * 14]
	stp	q30, q31, [\base, #32 * 15]!
	mrs	x9, fpsr
	str	w9, [\base, #32]
	mrs	x9, fpcr
	str	w9, [\base, #36]
	.endm

	.macro	fpsimd_load base
	ldp	q0, q1, [\base, #32 * 0]
	ldp	q2, q3, [\base, #32 * 1]
	ldp	q4, q5, [\base, #32 * 2]
	ldp	q6, q7, [\base, #32 * 3]
	ldp	q8, q9, [\base, #32 * 4]
	ldp	q10, q11, [\base, #32 * 5]
	ldp	q12, q13, [\base, #32 * 6]
	ldp	q14, q15, [\base, #32 * 7]
	ldp	q16, q17, [\base, #32 * 8]
	ldp	q18, q19, [\base, #32 * 9]
	ldp	q20, q21, [\base, #32 * 10]
	ldp	q22, q23, [\base, #32 * 11]
	ldp	q24, q25, [\base, #32 * 12]
	ldp	q26, q27, [\base, #32 * 13]
	ldp	q28, q29, [\base, #32 * 14]
	ldp	q30, q31, [\base, #32 * 15]!
	ldr	w9, [\base, #32]
	msr	fpsr, x9
	ldr	w9, [\base, #36]
	msr	fpcr, x9
	.endm

/* void fpsimd_save_state(struct user_fpsimd_state *), and back */
func fpsimd_save_state
	fpsimd_save x0
	ret
endfunc fpsimd_save_state

func fpsimd_load_state
	fpsimd_load x0
	ret
endfunc fpsimd_load_state

/* cpu_switch_to(x0 = prev, x1 = next) => x0 = prev, running as next */
func cpu_switch_to
	add	x8, x0, #TSK_CONTEXT
	mov	x9, sp
	stp	x19, x20, [x8, #16 * 0]
	stp	x21, x22, [x8, #16 * 1]
	stp	x23, x24, [x8, #16 * 2]
	stp	x25, x26, [x8, #16 * 3]
	stp	x27, x28, [x8, #16 * 4]
	stp	x29, x9, [x8, #16 * 5]
	str	x30, [x8, #16 * 6]
	ldr	x10, [x0, #TSK_USER_FP]
	cbz	x10, 1f
	mrs	x9, tpidr_el0
	str	x9, [x0, #TSK_TPIDR]
	add	x8, x0, #TSK_FPSIMD
	fpsimd_save x8

1:	ldr	w9, [x0, #TI_CPU]
	str	w9, [x1, #TI_CPU]
	ldr	x10, [x1, #TSK_USER_FP]
	cbz	x10, 2f
	ldr	x9, [x1, #TSK_TPIDR]
	msr	tpidr_el0, x9
	add	x8, x1, #TSK_FPSIMD
	fpsimd_load x8

2:	add	x8, x1, #TSK_CONTEXT
	ldp	x19, x20, [x8, #16 * 0]
	ldp	x21, x22, [x8, #16 * 1]
	ldp	x23, x24, [x8, #16 * 2]
	ldp	x25, x26, [x8, #16 * 3]
	ldp	x27, x28, [x8, #16 * 4]
	ldp	x29, x9, [x8, #16 * 5]
	ldr	x30, [x8, #16 * 6]
	mov	sp, x9
	msr	sp_el0, x1
	ret
endfunc cpu_switch_to

/* A new task begins here: x0 = prev; x19 = function or 0, x20 = argument. */
func ret_from_fork
	bl	schedule_tail
	cbz	x19, arch_return_to_user
	mov	x0, x20
	blr	x19
	bl	kthread_exit
endfunc ret_from_fork

func arch_return_to_user
	msr	daifset, #2
	mrs	x20, sp_el0
	ldr	x1, [x20, #TSK_STACK]
	mov	x2, #THREAD_SIZE - STACK_TOP_SIZE - S_SIZE
	add	sp, x1, x2
	add	x29, sp, #S_STACKFRAME
	b	ret_to_user
endfunc arch_return_to_user
