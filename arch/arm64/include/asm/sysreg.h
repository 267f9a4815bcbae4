/* SPDX-License-Identifier: MIT */
/* System registers: access, and the bits of those that the kernel writes. */
#ifndef _ASM_SYSREG_H
#define _ASM_SYSREG_H

#include <lib/const.h>

#define SCTLR_M	   (UL(1) << 0)
#define SCTLR_C	   (UL(1) << 2)
#define SCTLR_SA   (UL(1) << 3)
#define SCTLR_SA0  (UL(1) << 4)
#define SCTLR_SED  (UL(1) << 8)
#define SCTLR_I	   (UL(1) << 12)
#define SCTLR_DZE  (UL(1) << 14)
#define SCTLR_UCT  (UL(1) << 15)
#define SCTLR_nTWI (UL(1) << 16)
#define SCTLR_nTWE (UL(1) << 18)
#define SCTLR_SPAN (UL(1) << 23)
#define SCTLR_UCI  (UL(1) << 26)
#define SCTLR_RES1                                                       \
	((UL(1) << 11) | (UL(1) << 20) | (UL(1) << 22) | (UL(1) << 28) | \
	 (UL(1) << 29))
/* As the MMU goes on. WXN, EE, E0E stay 0; SPAN is cleared if there is PAN. */
#define SCTLR_EL1_OFF (SCTLR_RES1 | SCTLR_SPAN)
#define SCTLR_EL1_ON                                                         \
	(SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_SA0 | SCTLR_SED | \
	 SCTLR_I | SCTLR_DZE | SCTLR_UCT | SCTLR_nTWI | SCTLR_nTWE |         \
	 SCTLR_SPAN | SCTLR_UCI)

/* TCR_EL1: both halves 48 bits, 4 KiB granule, walks cached and shared. */
#define TCR_T0SZ(bits) ((UL(64) - (bits)) << 0)
#define TCR_T1SZ(bits) ((UL(64) - (bits)) << 16)
#define TCR_IRGN_WBWA  ((UL(1) << 8) | (UL(1) << 24))
#define TCR_ORGN_WBWA  ((UL(1) << 10) | (UL(1) << 26))
#define TCR_SH_INNER   ((UL(3) << 12) | (UL(3) << 28))
#define TCR_TG1_4K     (UL(2) << 30)
#define TCR_IPS_SHIFT  32
#define TCR_AS_SHIFT   36
#define TCR_TBI0       (UL(1) << 37)
#define TCR_EL1_BASE                                                   \
	(TCR_T0SZ(48) | TCR_T1SZ(48) | TCR_IRGN_WBWA | TCR_ORGN_WBWA | \
	 TCR_SH_INNER | TCR_TG1_4K | TCR_TBI0)

#define CPACR_FPEN_ALL (UL(3) << 20)

#define CNTKCTL_EL0PCTEN    (UL(1) << 0)
#define CNTKCTL_EL0VCTEN    (UL(1) << 1)
#define CNTKCTL_EVNTEN	    (UL(1) << 2)
#define CNTKCTL_EVNTI_SHIFT 4

#define MPIDR_HWID_MASK UL(0xff00ffffff)
#define TTBR_ASID_SHIFT 48
#define TTBR_BADDR_MASK UL(0x0000fffffffffffe)

#ifndef __ASSEMBLY__
#include <lib/types.h>

/* A register by its architectural name, e.g. read_sysreg(esr_el1). */
#define read_sysreg(name)                                                    \
	__extension__({                                                      \
		u64 sysreg_value;                                            \
		__asm__ __volatile__("mrs %0, " #name : "=r"(sysreg_value)); \
		sysreg_value;                                                \
	})
#define write_sysreg(value, name)                                              \
	do {                                                                   \
		u64 sysreg_new = (u64)(value);                                 \
		__asm__ __volatile__("msr " #name ", %x0" ::"rZ"(sysreg_new)); \
	} while (0)
/* By a macro for its encoding, e.g. S3_0_C12_C12_0: for newer registers. */
#define read_sysreg_s(enc)     read_sysreg(enc)
#define write_sysreg_s(v, enc) write_sysreg(v, enc)

#define SYSREG_FIELD(reg, shift) (((reg) >> (shift)) & 0xf)
#endif
#endif
