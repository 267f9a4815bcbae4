// SPDX-License-Identifier: MIT
/*
 * v2.c - GICv2: up to eight CPUs, each with a memory-mapped interface
 *
 * A CPU knows itself by a bit that the distributor shows in ITARGETSR0 of
 * that CPU; IPIs are addressed by those bits. Acknowledging an SGI gives the
 * sender too, which the end-of-interrupt write must repeat.
 */
#include <asm/smp.h>
#include <base/irq.h>
#include <base/printk.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <mm/phys/vmalloc.h>
#include "chip.h"

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_SIZE 0x1000

static void __iomem *dist; /* constant once started */
static void __iomem *cpu_if;
static u8 cpu_bit[NR_CPUS]; /* each written by its own CPU */

static u32 v2_ack(void)
{
	return readl_relaxed(cpu_if + GICC_IAR);
}

static void v2_eoi(u32 ack)
{
	writel_relaxed(ack, cpu_if + GICC_EOIR);
}

static void v2_mask(u32 irq)
{
	gic_bank_bit(dist, GIC_ICENABLER, irq);
}

static void v2_unmask(u32 irq)
{
	gic_bank_bit(dist, GIC_ISENABLER, irq);
}

static int v2_set_type(u32 irq, unsigned int type)
{
	return gic_bank_set_type(dist, irq, type);
}

static void v2_send_ipi(u64 cpus, u32 sgi)
{
	u32 targets = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpus & BIT_ULL(cpu))
			targets |= cpu_bit[cpu];
	/* What the interrupt is about is visible to its receivers first. */
	dsb(ishst);
	writel_relaxed(targets << 16 | sgi, dist + GICD_SGIR);
}

static void v2_cpu_init(void)
{
	u32 bits = readl_relaxed(dist + GIC_ITARGETSR);

	cpu_bit[smp_processor_id()] = bits ? (u8)bits : 1;
	gic_bank_reset(dist, 0, GIC_NR_PRIVATE);
	writel_relaxed(GIC_SGI_BITS, dist + GIC_ISENABLER);
	writel_relaxed(GIC_PRIORITY_MASK, cpu_if + GICC_PMR);
	writel_relaxed(0, cpu_if + GICC_BPR);
	writel_relaxed(1, cpu_if + GICC_CTLR);
}

static const struct irq_chip gic_v2 = {
	.name = "GICv2",
	.irq_mask = v2_mask,
	.irq_unmask = v2_unmask,
	.irq_eoi = v2_eoi,
	.set_type = v2_set_type,
	.send_ipi = v2_send_ipi,
	.cpu_init = v2_cpu_init,
};

int gic_v2_init(const void *fdt, int node)
{
	u64 dist_pa, dist_size, cpu_pa, cpu_size;
	u32 irq, nr, targets;

	if (fdt_read_reg(fdt, node, 0, &dist_pa, &dist_size) ||
	    fdt_read_reg(fdt, node, 1, &cpu_pa, &cpu_size))
		return -EINVAL;
	dist = ioremap(dist_pa, 0x1000);
	cpu_if = ioremap(cpu_pa, GICC_SIZE);
	if (!dist || !cpu_if)
		return -ENOMEM;

	writel_relaxed(0, dist + GICD_CTLR);
	v2_cpu_init();
	nr = gic_nr_irqs(dist);
	gic_bank_reset(dist, GIC_NR_PRIVATE, nr);
	targets = cpu_bit[smp_processor_id()] * 0x01010101U;
	for (irq = GIC_NR_PRIVATE; irq < nr; irq += 4)
		writel_relaxed(targets, dist + GIC_ITARGETSR + irq);
	writel_relaxed(1, dist + GICD_CTLR);
	irq_register_root(&gic_v2, v2_ack);
	pr_info("GICv2: %u interrupts, distributor at %pa\n", nr, &dist_pa);
	return 0;
}
