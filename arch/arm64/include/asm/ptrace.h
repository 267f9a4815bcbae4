/* SPDX-License-Identifier: MIT */
/* What the kernel saves of the interrupted program, and PSTATE's bits. */
#ifndef _ASM_PTRACE_H
#define _ASM_PTRACE_H

#define PSR_MODE_EL0t  0x00000000
#define PSR_MODE_EL1h  0x00000005
#define PSR_MODE_EL2t  0x00000008
#define PSR_MODE_MASK  0x0000000f
#define PSR_MODE32_BIT 0x00000010
#define PSR_F_BIT      0x00000040
#define PSR_I_BIT      0x00000080
#define PSR_A_BIT      0x00000100
#define PSR_D_BIT      0x00000200
#define PSR_BTYPE_MASK 0x00000c00
#define PSR_SSBS_BIT   0x00001000
#define PSR_PAN_BIT    0x00400000
#define PSR_UAO_BIT    0x00800000
#define PSR_DIT_BIT    0x01000000
#define PSR_TCO_BIT    0x02000000
#define PSR_V_BIT      0x10000000
#define PSR_C_BIT      0x20000000
#define PSR_Z_BIT      0x40000000
#define PSR_N_BIT      0x80000000
#define PSR_NZCV       0xf0000000

#ifndef __ASSEMBLY__
#include <lib/types.h>

#define NO_SYSCALL (-1)

/*
 * Lies at the top of the kernel stack when user mode was interrupted, or
 * anywhere on it when the kernel was. The first 34 words are Linux's
 * user_pt_regs.
 */
struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	u64 orig_x0;   /* x0 at svc, for restarting */
	s32 syscallno; /* x8 at svc, else NO_SYSCALL */
	u32 unused;
	u64 stackframe[2]; /* fp, lr: a frame record for unwinders */
};

static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->pstate & PSR_MODE_MASK) == PSR_MODE_EL0t;
}

static inline bool interrupts_enabled(const struct pt_regs *regs)
{
	return !(regs->pstate & PSR_I_BIT);
}

/*
 * Is pstate what a user program may have? Bits it may not set are cleared.
 * => false: not an AArch64 EL0 state; regs must not be used to return
 */
static inline bool valid_user_pstate(struct pt_regs *regs)
{
	regs->pstate &= PSR_NZCV | PSR_BTYPE_MASK | PSR_SSBS_BIT | PSR_DIT_BIT |
			PSR_TCO_BIT | PSR_MODE_MASK | PSR_MODE32_BIT |
			PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT;
	return !(regs->pstate & (PSR_MODE_MASK | PSR_MODE32_BIT | PSR_D_BIT |
				 PSR_A_BIT | PSR_I_BIT | PSR_F_BIT));
}
#endif
#endif
