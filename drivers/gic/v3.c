// SPDX-License-Identifier: MIT
/*
 * v3.c - GICv3: the CPU interface is system registers, and each CPU has
 * a redistributor for its own SGIs and PPIs
 *
 *   redistributor of a CPU (GICR):
 *     +0x00000  control: TYPER says whose it is, WAKER wakes it
 *     +0x10000  SGIs and PPIs: banks as in the distributor
 *     +0x20000  the next CPU's (or +0x40000, if it knows virtual LPIs)
 *
 * LPIs and the ITS are not used. With affinity routing an IPI names its
 * receivers by MPIDR: three affinity levels and a mask of 16 in the fourth.
 */
#include <asm/smp.h>
#include <asm/sysreg.h>
#include <base/irq.h>
#include <base/printk.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <mm/phys/vmalloc.h>
#include "chip.h"

#define ICC_PMR	    S3_0_C4_C6_0
#define ICC_SGI1R   S3_0_C12_C11_5
#define ICC_IAR1    S3_0_C12_C12_0
#define ICC_EOIR1   S3_0_C12_C12_1
#define ICC_BPR1    S3_0_C12_C12_3
#define ICC_CTLR    S3_0_C12_C12_4
#define ICC_SRE	    S3_0_C12_C12_5
#define ICC_IGRPEN1 S3_0_C12_C12_7

#define CTLR_ENABLE_G1 0x02U
#define CTLR_ARE       0x10U
#define CTLR_RWP       0x80000000U /* a write is still on its way */

#define GICR_CTLR	0x00
#define GICR_CTLR_RWP	0x08U
#define GICR_TYPER	0x08
#define TYPER_VLPIS	0x02U
#define TYPER_LAST	0x10U
#define GICR_WAKER	0x14
#define WAKER_SLEEP	0x02U
#define WAKER_ASLEEP	0x04U
#define GICR_SGI_BASE	0x10000
#define GICR_FRAME	0x20000
#define GICR_REGION_MAX (NR_CPUS * 2UL * GICR_FRAME)
#define WAIT_LIMIT	1000000

static void __iomem *dist; /* constant once started */
static void __iomem *redist_region;
static size_t redist_size;
static void __iomem *redist[NR_CPUS]; /* each written by its own CPU */

/* Poll until the bits are clear. => false if they never are */
static bool wait_clear(const void __iomem *reg, u32 bits)
{
	unsigned int i;

	for (i = 0; i < WAIT_LIMIT; i++) {
		if (!(readl_relaxed(reg) & bits))
			return true;
		cpu_relax();
	}
	return false;
}

/* Where the banks of an interrupt are, for this CPU. */
static void __iomem *bank_base(u32 irq)
{
	if (irq >= GIC_NR_PRIVATE)
		return dist;
	return redist[smp_processor_id()] + GICR_SGI_BASE;
}

static u32 v3_ack(void)
{
	u32 irq = (u32)read_sysreg_s(ICC_IAR1);

	/* Reading it is a side effect that must be done before handling. */
	dsb(sy);
	return irq;
}

static void v3_eoi(u32 ack)
{
	write_sysreg_s(ack, ICC_EOIR1);
	isb();
}

static void v3_mask(u32 irq)
{
	gic_bank_bit(bank_base(irq), GIC_ICENABLER, irq);
	/* It must not come any more once this returns. */
	if (irq >= GIC_NR_PRIVATE)
		wait_clear(dist + GICD_CTLR, CTLR_RWP);
	else
		wait_clear(redist[smp_processor_id()] + GICR_CTLR,
			   GICR_CTLR_RWP);
}

static void v3_unmask(u32 irq)
{
	gic_bank_bit(bank_base(irq), GIC_ISENABLER, irq);
}

static int v3_set_type(u32 irq, unsigned int type)
{
	return gic_bank_set_type(bank_base(irq), irq, type);
}

static void v3_send_ipi(u64 cpus, u32 sgi)
{
	unsigned int cpu;

	/* What the interrupt is about is visible to its receivers first. */
	dsb(ishst);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		u64 mpidr = cpu_logical_map(cpu);

		if (!(cpus & BIT_ULL(cpu)))
			continue;
		write_sysreg_s(((mpidr >> 32) & 0xff) << 48 |	      /* Aff3 */
				       ((mpidr >> 16) & 0xff) << 32 | /* Aff2 */
				       ((mpidr >> 4) & 0xf) << 44 | /* range */
				       (u64)sgi << 24 |
				       ((mpidr >> 8) & 0xff) << 16 | /* Aff1 */
				       BIT_ULL(mpidr & 0xf),	     /* Aff0 */
			       ICC_SGI1R);
	}
	isb();
}

/* MPIDR's affinity as TYPER has it: Aff3.Aff2.Aff1.Aff0. */
static u32 affinity(u64 mpidr)
{
	return (u32)((mpidr & 0xffffff) | ((mpidr >> 32) & 0xff) << 24);
}

static void __iomem *find_redist(void)
{
	u32 self = affinity(read_sysreg(mpidr_el1));
	size_t at = 0;

	while (at + GICR_FRAME <= redist_size) {
		void __iomem *frame = redist_region + at;
		u64 typer = readq_relaxed(frame + GICR_TYPER);

		if ((u32)(typer >> 32) == self)
			return frame;
		if (typer & TYPER_LAST)
			break;
		at += typer & TYPER_VLPIS ? 2 * GICR_FRAME : GICR_FRAME;
	}
	return NULL;
}

static void v3_cpu_init(void)
{
	void __iomem *frame = find_redist();
	void __iomem *banks = frame + GICR_SGI_BASE;
	u32 waker;

	if (!frame) {
		pr_err("GICv3: CPU%u has no redistributor\n",
		       smp_processor_id());
		return;
	}
	redist[smp_processor_id()] = frame;
	waker = readl_relaxed(frame + GICR_WAKER);
	writel_relaxed(waker & ~WAKER_SLEEP, frame + GICR_WAKER);
	if (!wait_clear(frame + GICR_WAKER, WAKER_ASLEEP))
		pr_err("GICv3: a redistributor does not wake up\n");

	writel_relaxed(~0U, banks + GIC_IGROUPR);
	gic_bank_reset(banks, 0, GIC_NR_PRIVATE);
	writel_relaxed(GIC_SGI_BITS, banks + GIC_ISENABLER);
	wait_clear(frame + GICR_CTLR, GICR_CTLR_RWP);

	write_sysreg_s(read_sysreg_s(ICC_SRE) | 1, ICC_SRE);
	isb();
	write_sysreg_s(GIC_PRIORITY_MASK, ICC_PMR);
	write_sysreg_s(0, ICC_BPR1);
	write_sysreg_s(0, ICC_CTLR); /* EOI also deactivates */
	write_sysreg_s(1, ICC_IGRPEN1);
	isb();
}

static const struct irq_chip gic_v3 = {
	.name = "GICv3",
	.irq_mask = v3_mask,
	.irq_unmask = v3_unmask,
	.irq_eoi = v3_eoi,
	.set_type = v3_set_type,
	.send_ipi = v3_send_ipi,
	.cpu_init = v3_cpu_init,
};

static void dist_init(u32 nr)
{
	u64 self = read_sysreg(mpidr_el1) & MPIDR_HWID_MASK;
	u32 irq;

	writel_relaxed(0, dist + GICD_CTLR);
	wait_clear(dist + GICD_CTLR, CTLR_RWP);
	for (irq = GIC_NR_PRIVATE; irq < nr; irq += 32)
		writel_relaxed(~0U, dist + GIC_IGROUPR + irq / 8);
	gic_bank_reset(dist, GIC_NR_PRIVATE, nr);
	wait_clear(dist + GICD_CTLR, CTLR_RWP);
	writel_relaxed(CTLR_ARE | CTLR_ENABLE_G1, dist + GICD_CTLR);
	wait_clear(dist + GICD_CTLR, CTLR_RWP);
	for (irq = GIC_NR_PRIVATE; irq < nr; irq++)
		writeq_relaxed(self, dist + GICD_IROUTER + irq * 8UL);
}

int gic_v3_init(const void *fdt, int node)
{
	u64 dist_pa, dist_size, redist_pa, size;
	u32 nr;

	if (fdt_read_reg(fdt, node, 0, &dist_pa, &dist_size) ||
	    fdt_read_reg(fdt, node, 1, &redist_pa, &size))
		return -EINVAL;
	redist_size = min(size, GICR_REGION_MAX);
	dist = ioremap(dist_pa, 0x10000);
	redist_region = ioremap(redist_pa, redist_size);
	if (!dist || !redist_region)
		return -ENOMEM;

	nr = gic_nr_irqs(dist);
	dist_init(nr);
	v3_cpu_init();
	if (!redist[smp_processor_id()])
		return -ENODEV;
	irq_register_root(&gic_v3, v3_ack);
	pr_info("GICv3: %u interrupts, distributor at %pa\n", nr, &dist_pa);
	return 0;
}
