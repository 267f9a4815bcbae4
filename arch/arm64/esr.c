// SPDX-License-Identifier: MIT
/*
 * esr.c - ESR_EL1 in words
 *
 * For people who look at a panic or at a debugger: the class of the
 * exception, and for aborts what was wrong at which level of the table.
 */
#include <lib/printf.h>
#include <asm/esr.h>

static const char *const class_names[64] = {
	[ESR_EC_UNKNOWN] = "undefined instruction",
	[ESR_EC_WFX] = "trapped wfi or wfe",
	[ESR_EC_FP_TRAP] = "trapped FP/SIMD",
	[ESR_EC_BTI] = "branch target",
	[ESR_EC_ILLEGAL] = "illegal execution state",
	[ESR_EC_SVC64] = "svc",
	[0x16] = "hvc",
	[0x17] = "smc",
	[ESR_EC_SYS64] = "trapped system instruction",
	[ESR_EC_SVE] = "trapped SVE",
	[ESR_EC_IABT_EL0] = "IABT (lower EL)",
	[ESR_EC_IABT_EL1] = "IABT (current EL)",
	[ESR_EC_PC_ALIGN] = "pc alignment",
	[ESR_EC_DABT_EL0] = "DABT (lower EL)",
	[ESR_EC_DABT_EL1] = "DABT (current EL)",
	[ESR_EC_SP_ALIGN] = "sp alignment",
	[ESR_EC_FP_EXC] = "FP exception",
	[ESR_EC_SERROR] = "SError",
	[ESR_EC_BREAKPT_EL0] = "breakpoint (lower EL)",
	[0x31] = "breakpoint (current EL)",
	[ESR_EC_STEP_EL0] = "single step (lower EL)",
	[0x33] = "single step (current EL)",
	[ESR_EC_WATCHPT_EL0] = "watchpoint (lower EL)",
	[0x35] = "watchpoint (current EL)",
	[ESR_EC_BRK64] = "brk",
};

const char *esr_class_str(u64 esr)
{
	const char *name = class_names[ESR_EC(esr)];

	return name ? name : "unknown exception class";
}

/* What went wrong, for the fault status codes that have a level. */
static const char *fault_type(u64 esr)
{
	switch (ESR_FSC_TYPE(esr)) {
	case ESR_FSC_ADDRSIZE:
		return "address size fault";
	case ESR_FSC_TRANSLATION:
		return "translation fault";
	case ESR_FSC_ACCESS:
		return "access flag fault";
	case ESR_FSC_PERMISSION:
		return "permission fault";
	case 0x14:
		return "external abort on a walk";
	default:
		return NULL;
	}
}

static void describe_abort(u64 esr, char *buf, size_t n)
{
	const char *access = "read";
	const char *type = fault_type(esr);

	if (esr_is_iabt(esr))
		access = "fetch";
	else if (esr & ESR_WNR)
		access = esr & ESR_CM ? "cache maintenance" : "write";
	if (type)
		snprintf(buf, n, "%s, %s, level %llu %s", esr_class_str(esr),
			 access, ESR_FSC_LEVEL(esr), type);
	else
		snprintf(buf, n, "%s, %s, %s (FSC 0x%02llx)",
			 esr_class_str(esr), access,
			 ESR_FSC(esr) == ESR_FSC_ALIGNMENT ? "alignment fault" :
			 ESR_FSC(esr) == ESR_FSC_EXTERNAL  ? "external abort" :
							     "other fault",
			 ESR_FSC(esr));
}

void esr_describe(u64 esr, char *buf, size_t n)
{
	if (esr_is_iabt(esr) || esr_is_dabt(esr))
		describe_abort(esr, buf, n);
	else if (ESR_EC(esr) == ESR_EC_BRK64)
		snprintf(buf, n, "brk #0x%llx", ESR_BRK_IMM(esr));
	else
		snprintf(buf, n, "%s, ISS 0x%llx", esr_class_str(esr),
			 ESR_ISS(esr));
}
