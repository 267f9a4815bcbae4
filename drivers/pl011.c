// SPDX-License-Identifier: MIT
/*
 * pl011.c - the PrimeCell UART: the kernel's console and the first terminal
 *
 *   early   one page in the fixmap, sending only: a CON_BOOT console
 *   later   ioremap(), receiving by interrupt: console ttyAMA0 and the
 *           serial port of the terminal (base/serial.h)
 *
 * Sending waits for room in the FIFO; at the speed of an emulated UART there
 * always is some. The firmware has set the line's speed.
 *
 * Lock: tx_lock keeps the lines of different CPUs apart. While the kernel
 * dies it is not waited for: its holder may have been stopped.
 */
#include <asm/io.h>
#include <base/irq.h>
#include <base/printk.h>
#include <base/serial.h>
#include <base/spinlock.h>
#include <drivers/dt_irq.h>
#include <drivers/pl011.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <mm/phys/report.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/vmalloc.h>

#define UART_DR	  0x00
#define UART_FR	  0x18
#define UART_LCRH 0x2c
#define UART_CR	  0x30
#define UART_IMSC 0x38
#define UART_MIS  0x40
#define UART_ICR  0x44

#define DR_ERRORS     0xf00U /* overrun, break, parity, framing */
#define FR_RXFE	      0x10U
#define FR_TXFF	      0x20U
#define LCRH_8N1_FIFO 0x70U
#define CR_ENABLE     0x301U /* UART, TX, RX */
#define INT_RX	      0x50U  /* characters, and none for a while */
#define INT_ALL	      0x7ffU
#define UART_SIZE     0x1000

static DEFINE_SPINLOCK(tx_lock);
static void __iomem *uart; /* the newest mapping */

static void put_char(char c)
{
	while (readl_relaxed(uart + UART_FR) & FR_TXFF)
		cpu_relax();
	writel_relaxed((u8)c, uart + UART_DR);
}

/* => true: unlock with the flags */
static bool tx_acquire(unsigned long *flags)
{
	if (!READ_ONCE(oops_in_progress)) {
		spin_lock_irqsave(&tx_lock, *flags);
		return true;
	}
	local_irq_save(*flags);
	if (spin_trylock(&tx_lock))
		return true;
	local_irq_restore(*flags);
	return false;
}

static void send(const char *buf, size_t n, bool text)
{
	unsigned long flags;
	bool locked = tx_acquire(&flags);

	for (; n; n--, buf++) {
		if (text && *buf == '\n')
			put_char('\r');
		put_char(*buf);
	}
	if (locked)
		spin_unlock_irqrestore(&tx_lock, flags);
}

static void console_write(struct console *con, const char *text,
			  unsigned int len)
{
	(void)con;
	send(text, len, true);
}

static void port_write(const char *buf, size_t n)
{
	send(buf, n, false);
}

static struct console early_console = {
	.name = "pl11",
	.write = console_write,
	.flags = CON_BOOT,
};

static struct console uart_console = {
	.name = "ttyAMA0",
	.write = console_write,
};

static const struct serial_port uart_port = {
	.name = "ttyAMA0",
	.write = port_write,
};

/* Everything the FIFO has; reading the last one ends the interrupt. */
static irqreturn_t rx_interrupt(int irq, void *dev)
{
	u32 status = readl_relaxed(uart + UART_MIS), data;

	(void)irq;
	(void)dev;
	if (!status)
		return IRQ_NONE;
	writel_relaxed(status, uart + UART_ICR);
	while (!(readl_relaxed(uart + UART_FR) & FR_RXFE)) {
		data = readl_relaxed(uart + UART_DR);
		if (!(data & DR_ERRORS))
			serial_rx((char)data);
	}
	return IRQ_HANDLED;
}

/* The node that /chosen names, or the first PL011. */
static int find_uart(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), node = -ENOENT;
	const char *path = NULL;

	if (chosen >= 0)
		path = fdt_prop_string(fdt, chosen, "stdout-path");
	if (path)
		node = fdt_path_offset(fdt, path);
	if (node < 0 || !fdt_is_compatible(fdt, node, "arm,pl011"))
		node = fdt_node_by_compatible(fdt, -1, "arm,pl011");
	return node;
}

int pl011_early_init(const void *fdt)
{
	int node = find_uart(fdt);
	u64 pa, size;

	if (node < 0 || fdt_read_reg(fdt, node, 0, &pa, &size))
		return -ENODEV;
	uart = (void __iomem *)set_fixmap_io(FIX_EARLYCON, pa);
	register_console(&early_console);
	return 0;
}

int pl011_init(const void *fdt)
{
	int node = find_uart(fdt), irq, err;
	void __iomem *mapped;
	unsigned int type;
	u64 pa, size;

	if (node < 0 || fdt_read_reg(fdt, node, 0, &pa, &size))
		return -ENODEV;
	irq = dt_irq(fdt, node, 0, &type);
	if (irq < 0)
		return irq;
	request_mem_region(pa, size, fdt_node_name(fdt, node));
	mapped = ioremap(pa, UART_SIZE);
	if (!mapped)
		return -ENOMEM;

	writel_relaxed(0, mapped + UART_IMSC);
	writel_relaxed(INT_ALL, mapped + UART_ICR);
	writel_relaxed(LCRH_8N1_FIFO, mapped + UART_LCRH);
	writel_relaxed(CR_ENABLE, mapped + UART_CR);
	uart = mapped;
	register_console(&uart_console);
	serial_register(&uart_port);

	irq_set_type((unsigned int)irq, type);
	err = request_irq((unsigned int)irq, rx_interrupt, "uart-pl011", NULL);
	if (err)
		return err;
	writel_relaxed(INT_RX, uart + UART_IMSC);
	return 0;
}
