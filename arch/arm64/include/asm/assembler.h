/* SPDX-License-Identifier: MIT */
/* Macros of the assembly files. */
#ifndef _ASM_ASSEMBLER_H
#define _ASM_ASSEMBLER_H

/* clang-format off */

	.macro	func name
	.globl	\name
	.type	\name, %function
	.align	2
\name:
	.endm

	.macro	local_func name
	.type	\name, %function
	.align	2
\name:
	.endm

	.macro	endfunc name
	.size	\name, . - \name
	.endm

	/* Address of sym, wherever the code runs. */
	.macro	adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.macro	ldr_l reg, sym
	adrp	\reg, \sym
	ldr	\reg, [\reg, :lo12:\sym]
	.endm

	.macro	str_l reg, sym, tmp
	adrp	\tmp, \sym
	str	\reg, [\tmp, :lo12:\sym]
	.endm

	/* A line of the exception table (asm/extable.h). */
	.macro	extable insn, fixup
	.pushsection __ex_table, "a"
	.align	2
	.long	(\insn) - .
	.long	(\fixup) - .
	.popsection
	.endm

	.macro	mov_q reg, val
	movz	\reg, :abs_g3:\val
	movk	\reg, :abs_g2_nc:\val
	movk	\reg, :abs_g1_nc:\val
	movk	\reg, :abs_g0_nc:\val
	.endm

#endif
