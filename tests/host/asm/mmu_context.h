/* SPDX-License-Identifier: MIT */
/* No MMU on the host. */
#ifndef _HOST_ASM_MMU_CONTEXT_H
#define _HOST_ASM_MMU_CONTEXT_H

struct arch_mm {
	int unused;
};

#endif
