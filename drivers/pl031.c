// SPDX-License-Identifier: MIT
/*
 * pl031.c - the PrimeCell real-time clock
 *
 * Its data register counts the seconds since 1970. It is read once at boot;
 * from then on time is the generic timer's.
 */
#include <asm/io.h>
#include <base/clock.h>
#include <base/printk.h>
#include <drivers/pl031.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <mm/phys/report.h>
#include <mm/phys/vmalloc.h>

#define RTC_DR	 0x00
#define RTC_SIZE 0x1000

int pl031_init(const void *fdt)
{
	int node = fdt_node_by_compatible(fdt, -1, "arm,pl031");
	void __iomem *rtc;
	u64 pa, size;
	u32 now;

	if (node < 0 || fdt_read_reg(fdt, node, 0, &pa, &size))
		return -ENODEV;
	request_mem_region(pa, size, "rtc-pl031");
	rtc = ioremap(pa, RTC_SIZE);
	if (!rtc)
		return -ENOMEM;
	now = readl_relaxed(rtc + RTC_DR);
	iounmap(rtc);
	ktime_set_real_ns((u64)now * NSEC_PER_SEC);
	pr_info("rtc-pl031: setting system clock to %u\n", now);
	return 0;
}
