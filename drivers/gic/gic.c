// SPDX-License-Identifier: MIT
/*
 * gic.c - the interrupt controller, as far as v2 and v3 agree
 *
 *   devices --SPI--> distributor --+--> CPU 0 interface
 *   timer of CPU n --PPI--> -------+--> CPU n interface
 *   CPU m --SGI--> ----------------+
 *
 * All interrupts get the same priority, so none interrupts another. SPIs go
 * to the boot CPU. base/irq.c calls the chip; nothing here is called twice
 * for one register at a time, except bits that have write-one registers, so
 * there is no lock: only set_type reads and writes back, at request time.
 */
#include <base/irq.h>
#include <drivers/gic.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include "chip.h"

u32 gic_nr_irqs(const void __iomem *dist)
{
	u32 n = ((readl_relaxed(dist + GICD_TYPER) & 0x1f) + 1) * 32;

	return min(n, 1020U);
}

void gic_bank_reset(void __iomem *base, u32 first, u32 last)
{
	u32 irq;

	for (irq = first; irq < last; irq += 32) {
		writel_relaxed(~0U, base + GIC_ICENABLER + irq / 8);
		writel_relaxed(~0U, base + GIC_ICPENDR + irq / 8);
		writel_relaxed(~0U, base + GIC_ICACTIVER + irq / 8);
	}
	for (irq = first; irq < last; irq += 4)
		writel_relaxed(GIC_PRIORITY * 0x01010101U,
			       base + GIC_IPRIORITYR + irq);
	for (irq = max(first, GIC_NR_SGI); irq < last; irq += 16)
		writel_relaxed(0, base + GIC_ICFGR + irq / 4);
}

void gic_bank_bit(void __iomem *base, u32 bank, u32 irq)
{
	writel_relaxed(1U << (irq % 32), base + bank + irq / 32 * 4);
}

int gic_bank_set_type(void __iomem *base, u32 irq, unsigned int type)
{
	void __iomem *reg = base + GIC_ICFGR + irq / 16 * 4;
	u32 edge = 2U << (irq % 16 * 2);
	u32 val = readl_relaxed(reg);

	if (irq < GIC_NR_SGI)
		return -EINVAL;
	val = type == IRQ_TYPE_EDGE_RISING ? val | edge : val & ~edge;
	writel_relaxed(val, reg);
	return 0;
}

int gic_init(const void *fdt)
{
	static const struct {
		const char *compatible;
		int (*init)(const void *fdt, int node);
	} known[] = {
		{ "arm,gic-v3", gic_v3_init },
		{ "arm,cortex-a15-gic", gic_v2_init },
		{ "arm,gic-400", gic_v2_init },
		{ "arm,cortex-a9-gic", gic_v2_init },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		int node = fdt_node_by_compatible(fdt, -1, known[i].compatible);

		if (node >= 0)
			return known[i].init(fdt, node);
	}
	return -ENODEV;
}
