/* SPDX-License-Identifier: MIT */
/* ESR_EL1: why an exception was taken. */
#ifndef _ASM_ESR_H
#define _ASM_ESR_H

#include <lib/const.h>

#define ESR_EC_SHIFT 26
#define ESR_EC(esr)  (((esr) >> ESR_EC_SHIFT) & 0x3f)
#define ESR_ISS(esr) ((esr)&0x1ffffff)

#define ESR_EC_UNKNOWN	   0x00
#define ESR_EC_WFX	   0x01
#define ESR_EC_FP_TRAP	   0x07
#define ESR_EC_BTI	   0x0d
#define ESR_EC_ILLEGAL	   0x0e
#define ESR_EC_SVC64	   0x15
#define ESR_EC_SYS64	   0x18
#define ESR_EC_SVE	   0x19
#define ESR_EC_IABT_EL0	   0x20
#define ESR_EC_IABT_EL1	   0x21
#define ESR_EC_PC_ALIGN	   0x22
#define ESR_EC_DABT_EL0	   0x24
#define ESR_EC_DABT_EL1	   0x25
#define ESR_EC_SP_ALIGN	   0x26
#define ESR_EC_FP_EXC	   0x2c
#define ESR_EC_SERROR	   0x2f
#define ESR_EC_BREAKPT_EL0 0x30
#define ESR_EC_STEP_EL0	   0x32
#define ESR_EC_WATCHPT_EL0 0x34
#define ESR_EC_BRK64	   0x3c

/* Aborts */
#define ESR_FSC(esr)	    ((esr)&0x3f)
#define ESR_FSC_TYPE(esr)   ((esr)&0x3c) /* without the level */
#define ESR_FSC_LEVEL(esr)  ((esr)&3)
#define ESR_FSC_ADDRSIZE    0x00
#define ESR_FSC_TRANSLATION 0x04
#define ESR_FSC_ACCESS	    0x08
#define ESR_FSC_PERMISSION  0x0c
#define ESR_FSC_EXTERNAL    0x10
#define ESR_FSC_ALIGNMENT   0x21
#define ESR_WNR		    (UL(1) << 6)  /* write, not read */
#define ESR_CM		    (UL(1) << 8)  /* cache maintenance */
#define ESR_FNV		    (UL(1) << 10) /* FAR is not valid */

#define ESR_BRK_IMM(esr) ((esr)&0xffff)

#ifndef __ASSEMBLY__
#include <lib/types.h>

static inline bool esr_is_iabt(u64 esr)
{
	return ESR_EC(esr) == ESR_EC_IABT_EL0 || ESR_EC(esr) == ESR_EC_IABT_EL1;
}

static inline bool esr_is_dabt(u64 esr)
{
	return ESR_EC(esr) == ESR_EC_DABT_EL0 || ESR_EC(esr) == ESR_EC_DABT_EL1;
}

/* Does the abort come from a write? Cache maintenance counts as reading. */
static inline bool esr_is_write(u64 esr)
{
	return esr_is_dabt(esr) && (esr & ESR_WNR) && !(esr & ESR_CM);
}

/* "DABT (current EL)" and the like. */
const char *esr_class_str(u64 esr);
/* All of it in words, one line. => buf is terminated */
void esr_describe(u64 esr, char *buf, size_t n);
#endif
#endif
