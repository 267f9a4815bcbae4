// SPDX-License-Identifier: MIT
/*
 * psci.c - finding the firmware in the device tree
 *
 * The calls themselves are asm/psci.h; here is only by which instruction
 * they are made. Versions before 0.2 had no fixed function numbers and are
 * not supported.
 */
#include <asm/psci.h>
#include <base/printk.h>
#include <drivers/psci.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

int psci_dt_init(const void *fdt)
{
	int node = fdt_node_by_compatible(fdt, -1, "arm,psci-0.2");
	const char *method;
	u32 version;

	if (node < 0)
		node = fdt_node_by_compatible(fdt, -1, "arm,psci-1.0");
	method = node < 0 ? NULL : fdt_prop_string(fdt, node, "method");
	if (!method || (strcmp(method, "hvc") && strcmp(method, "smc")))
		return -ENODEV;
	psci_init(!strcmp(method, "hvc"));
	version = psci_version();
	pr_info("psci: PSCIv%u.%u detected in firmware, by %s\n", version >> 16,
		version & 0xffff, method);
	return 0;
}
