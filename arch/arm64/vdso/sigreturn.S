/* SPDX-License-Identifier: MIT */
/*
 * sigreturn.S - where a signal handler returns to
 *
 * That is so unless the program named a restorer of its own (glibc does
 * not). sp is the frame of arch/arm64/signal_frame.c, and the unwind table
 * says where in it the registers of the interrupted code are. An unwinder
 * looks up the instruction before a return address: hence the nop. Debuggers
 * know the two instructions by sight; they must stay as they are.
 */
#define NR_rt_sigreturn	139
#define SC_REGS		312	/* x0 in the frame: ucontext.uc_mcontext.regs */
#define SC_SP		560
#define SC_PC		568
#define DWARF_SP	31
#define DWARF_PC	96	/* libgcc's name for a pc that is not in x30 */

	.section .text.sigreturn, "ax"
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column DWARF_PC
	.cfi_def_cfa DWARF_SP, 0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,\
		23,24,25,26,27,28,29,30
	.cfi_offset \n, SC_REGS + 8 * \n
	.endr
	.cfi_offset DWARF_SP, SC_SP
	.cfi_offset DWARF_PC, SC_PC
	nop
	.globl	__kernel_rt_sigreturn
	.type	__kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
	mov	x8, #NR_rt_sigreturn
	svc	#0
	.cfi_endproc
	.size	__kernel_rt_sigreturn, . - __kernel_rt_sigreturn

	.section .note.GNU-stack, "", %progbits
