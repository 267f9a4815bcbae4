/* SPDX-License-Identifier: MIT */
/*
 * vdso.S - the page of code that every process is given
 *
 * A signal handler returns to __kernel_rt_sigreturn, unless the program
 * named a restorer of its own (glibc does not). The nop before it is for
 * unwinders, which look up the instruction before a return address.
 */
#include <asm/assembler.h>
#include <asm/page.h>
#include <asm/vdso.h>

#define NR_rt_sigreturn	139

	.section .rodata, "a"
	.globl	vdso_start, vdso_end
	.align	PAGE_SHIFT
vdso_start:
	.org	vdso_start + VDSO_SIGRETURN_OFFSET - 4
	nop
	mov	x8, #NR_rt_sigreturn
	svc	#0
	.org	vdso_start + PAGE_SIZE
vdso_end:
