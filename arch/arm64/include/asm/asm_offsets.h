/* SPDX-License-Identifier: MIT */
/*
 * Where assembly finds the fields of C structures. process.c proves each
 * number with a static_assert.
 */
#ifndef _ASM_ASM_OFFSETS_H
#define _ASM_ASM_OFFSETS_H

#define TI_FLAGS    0
#define TI_CPU	    12
#define TSK_STACK   16
#define TSK_USER_FP 24
#define TSK_CONTEXT 48 /* x19 .. x28, fp, sp, pc */
#define TSK_TPIDR   152
#define TSK_FPSIMD  176

#define S_LR	     240
#define S_SP	     248
#define S_PC	     256
#define S_PSTATE     264
#define S_ORIG_X0    272
#define S_SYSCALLNO  280
#define S_STACKFRAME 288
#define S_SIZE	     304

/* Above the pt_regs of a user task, at the very top of its stack: */
#define STACK_TOP_TASK 0 /* the task the stack belongs to */
#define STACK_TOP_SIZE 16

#define SECONDARY_TASK	 0
#define SECONDARY_STACK	 8
#define SECONDARY_PERCPU 16
#define SECONDARY_SIZE	 32

#endif
