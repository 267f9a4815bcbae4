/* SPDX-License-Identifier: MIT */
/* What gic.c and its two variants share: the distributor is almost the same. */
#ifndef _DRIVERS_GIC_CHIP_H
#define _DRIVERS_GIC_CHIP_H

#include <asm/io.h>
#include <lib/types.h>

#define GICD_CTLR    0x000
#define GICD_TYPER   0x004
#define GICD_SGIR    0xf00  /* v2 */
#define GICD_IROUTER 0x6000 /* v3 */
/* Banks: one bit, byte or two bits for each interrupt; GICR has them too. */
#define GIC_IGROUPR    0x080
#define GIC_ISENABLER  0x100
#define GIC_ICENABLER  0x180
#define GIC_ICPENDR    0x280
#define GIC_ICACTIVER  0x380
#define GIC_IPRIORITYR 0x400
#define GIC_ITARGETSR  0x800 /* v2 */
#define GIC_ICFGR      0xc00

#define GIC_PRIORITY	  0xa0U /* of every interrupt */
#define GIC_PRIORITY_MASK 0xf0U /* more urgent ones pass */
#define GIC_NR_SGI	  16U
#define GIC_NR_PRIVATE	  32U
#define GIC_SGI_BITS	  0x0000ffffU

/* => the number of INTIDs the distributor has, at most 1020 */
u32 gic_nr_irqs(const void __iomem *dist);
/* Everything from INTID first on: masked, not pending, one priority, level. */
void gic_bank_reset(void __iomem *base, u32 first, u32 last);
/* Write the one bit of irq in the bank at offset. */
void gic_bank_bit(void __iomem *base, u32 bank, u32 irq);
/* => 0, -EINVAL */
int gic_bank_set_type(void __iomem *base, u32 irq, unsigned int type);

/* Map and start; register the chip. => 0 or a negative errno */
int gic_v2_init(const void *fdt, int node);
int gic_v3_init(const void *fdt, int node);
#endif
