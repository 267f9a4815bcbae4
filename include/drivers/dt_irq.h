/* SPDX-License-Identifier: MIT */
/*
 * Interrupts in the device tree, as GICs number them: three cells, which are
 * the kind (SPI or PPI), the number within the kind, and the trigger. In a
 * header, because drivers do not call each other.
 */
#ifndef _DRIVERS_DT_IRQ_H
#define _DRIVERS_DT_IRQ_H

#include <base/irq.h>
#include <lib/byteorder.h>
#include <lib/errno.h>
#include <lib/fdt.h>

#define DT_IRQ_SPI  0
#define DT_IRQ_PPI  1
#define DT_IRQ_EDGE 3 /* rising or falling */

/*
 * The index-th interrupt of a node.
 * => INTID and *type = IRQ_TYPE_*; -ENOENT, -EINVAL
 */
static inline int dt_irq(const void *fdt, int node, int index,
			 unsigned int *type)
{
	const __be32 *cells;
	int len;
	u32 kind, nr;

	cells = fdt_getprop(fdt, node, "interrupts", &len);
	if (!cells || index < 0 || (index + 1) * 12 > len)
		return -ENOENT;
	cells += index * 3;
	kind = be32_to_cpu(cells[0]);
	nr = be32_to_cpu(cells[1]);
	*type = be32_to_cpu(cells[2]) & DT_IRQ_EDGE ? IRQ_TYPE_EDGE_RISING :
						      IRQ_TYPE_LEVEL_HIGH;
	if (kind == DT_IRQ_PPI && nr < IRQ_SPI_FIRST - IRQ_PPI_FIRST)
		return (int)(nr + IRQ_PPI_FIRST);
	if (kind == DT_IRQ_SPI && nr < NR_IRQS - IRQ_SPI_FIRST)
		return (int)(nr + IRQ_SPI_FIRST);
	return -EINVAL;
}
#endif
