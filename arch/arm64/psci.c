// SPDX-License-Identifier: MIT
/*
 * psci.c - calling the firmware
 *
 * PSCI 0.2 and later: function number in x0, arguments in x1 to x3, result
 * in x0, by hvc or smc as the device tree says (drivers/psci.c).
 */
#include <lib/errno.h>
#include <asm/psci.h>

#define PSCI_VERSION	  0x84000000
#define PSCI_SYSTEM_OFF	  0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define PSCI_CPU_ON_64	  0xc4000003

static enum { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC } conduit;

static long psci_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;

	/* Old firmware may change x4 to x17. */
#define PSCI_CLOBBERS                                                          \
	"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", \
		"x15", "x16", "x17", "memory"
	if (conduit == CONDUIT_HVC)
		__asm__ __volatile__("hvc #0"
				     : "+r"(x0), "+r"(x1), "+r"(x2),
				       "+r"(x3)::PSCI_CLOBBERS);
	else if (conduit == CONDUIT_SMC)
		__asm__ __volatile__("smc #0"
				     : "+r"(x0), "+r"(x1), "+r"(x2),
				       "+r"(x3)::PSCI_CLOBBERS);
	else
		return -1;
	return (s32)x0;
}

static int psci_error(long ret)
{
	switch (ret) {
	case 0:
		return 0;
	case -1:
		return -EOPNOTSUPP;
	case -3:
		return -EPERM;
	case -4:
	case -5:
		return -EEXIST;
	default:
		return -EINVAL;
	}
}

void psci_init(bool use_hvc)
{
	conduit = use_hvc ? CONDUIT_HVC : CONDUIT_SMC;
}

u32 psci_version(void)
{
	long version = psci_call(PSCI_VERSION, 0, 0, 0);

	return version < 0 ? 0 : (u32)version;
}

int psci_cpu_on(u64 mpidr, phys_addr_t entry, u64 context)
{
	if (conduit == CONDUIT_NONE)
		return -ENODEV;
	return psci_error(psci_call(PSCI_CPU_ON_64, mpidr, entry, context));
}

void psci_system_off(void)
{
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

void psci_system_reset(void)
{
	psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
}
