/* SPDX-License-Identifier: MIT */
/*
 * The exception table: pairs of an instruction that may fault and the place
 * to go on if it does, each as a distance from its own field. Assembly adds
 * to it by the macro in asm/assembler.h.
 */
#ifndef _ASM_EXTABLE_H
#define _ASM_EXTABLE_H

#include <lib/types.h>

/* clang-format off */
#define EXTABLE(insn, fixup)						\
	"	.pushsection __ex_table, \"a\"\n"			\
	"	.align	2\n"						\
	"	.long	(" #insn ") - .\n"				\
	"	.long	(" #fixup ") - .\n"				\
	"	.popsection\n"
/* clang-format on */

struct exception_table_entry {
	s32 insn, fixup;
};

struct pt_regs;

/* Is a fault at this kernel pc one that has a fix-up? */
bool has_fixup(u64 pc);
/* => true: regs->pc now is the fix-up; false: there is none */
bool fixup_exception(struct pt_regs *regs);
#endif
