// SPDX-License-Identifier: MIT
/*
 * From the exception entry to the handler of a device:
 *
 *   vector --> do_irq --> ack() --> SGI: handle_ipi   (base/smp.h)
 *                  ^        |-----> PPI, SPI: descs[irq].handler
 *                  '--eoi---'       until ack() says "none"
 *
 * There is one root controller. Interrupts stay masked in handlers, so there
 * is no nesting. Lock: irq_lock for registering; do_irq reads a handler
 * without it, set last and with release, cleared after masking.
 */
#include <asm/barrier.h>
#include <asm/irqflags.h>
#include <asm/upcall.h>
#include <base/bug.h>
#include <base/irq.h>
#include <base/preempt.h>
#include <base/random.h>
#include <base/smp.h>
#include <base/spinlock.h>
#include <lib/errno.h>
#include <lib/seq_buf.h>
#include "ipi.h"

#define INTID_NONE 1020 /* from here: special numbers */

struct irq_desc {
	irq_handler_t handler;
	void *dev;
	const char *name;
	bool percpu_on;	    /* irq_lock: a PPI that is enabled */
	u8 type;	    /* irq_lock */
	u32 count[NR_CPUS]; /* each by its CPU */
};

static struct irq_desc descs[NR_IRQS];
static const struct irq_chip *root;
static u32 (*root_ack)(void);
static DEFINE_SPINLOCK(irq_lock);
static u64 spurious_count;

DEFINE_PER_CPU(struct pt_regs *, __irq_regs);

void irq_register_root(const struct irq_chip *chip, u32 (*ack)(void))
{
	BUG_ON(root);
	root = chip;
	root_ack = ack;
}

void irq_cpu_init(void)
{
	unsigned int irq;

	if (root->cpu_init)
		root->cpu_init();
	for (irq = IRQ_PPI_FIRST; irq < IRQ_SPI_FIRST; irq++)
		if (descs[irq].percpu_on)
			root->irq_unmask(irq);
}

bool send_ipi(u64 cpus, enum ipi_type ipi)
{
	if (!root)
		return false;
	root->send_ipi(cpus, ipi);
	return true;
}

static int set_handler(unsigned int irq, irq_handler_t handler,
		       const char *name, void *dev)
{
	struct irq_desc *d = &descs[irq];
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&irq_lock, flags);
	if (d->handler) {
		err = -EBUSY;
	} else {
		d->dev = dev;
		d->name = name;
		smp_store_release(&d->handler, handler);
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	return err;
}

int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev)
{
	int err;

	if (irq < IRQ_SPI_FIRST || irq >= NR_IRQS || !handler || !root)
		return -EINVAL;
	err = set_handler(irq, handler, name, dev);
	if (!err)
		root->irq_unmask(irq);
	return err;
}

void free_irq(unsigned int irq, void *dev)
{
	unsigned long flags;

	if (WARN_ON(irq < IRQ_SPI_FIRST || irq >= NR_IRQS))
		return;
	spin_lock_irqsave(&irq_lock, flags);
	if (!WARN_ON(descs[irq].dev != dev)) {
		root->irq_mask(irq);
		WRITE_ONCE(descs[irq].handler, NULL);
	}
	spin_unlock_irqrestore(&irq_lock, flags);
}

int request_percpu_irq(unsigned int irq, irq_handler_t handler,
		       const char *name)
{
	if (irq < IRQ_PPI_FIRST || irq >= IRQ_SPI_FIRST || !handler || !root)
		return -EINVAL;
	return set_handler(irq, handler, name, NULL);
}

void enable_percpu_irq(unsigned int irq)
{
	BUG_ON(irq < IRQ_PPI_FIRST || irq >= IRQ_SPI_FIRST);
	descs[irq].percpu_on = true;
	root->irq_unmask(irq);
}

void irq_set_type(unsigned int irq, unsigned int type)
{
	if (WARN_ON(irq < IRQ_PPI_FIRST || irq >= NR_IRQS))
		return;
	descs[irq].type = (u8)type;
	if (root->set_type)
		WARN_ON(root->set_type(irq, type));
}

void irq_enter(void)
{
	preempt_count_add(HARDIRQ_OFFSET);
}

void irq_exit(void)
{
	preempt_count_sub(HARDIRQ_OFFSET);
}

static void handle_irq(u32 irq)
{
	struct irq_desc *d = &descs[irq];
	irq_handler_t handler = smp_load_acquire(&d->handler);

	d->count[smp_processor_id()]++;
	if (unlikely(!handler)) {
		root->irq_mask(irq);
		pr_warn_ratelimited("irq %u: nobody cared\n", irq);
		return;
	}
	if (handler((int)irq, d->dev) == IRQ_NONE)
		spurious_count++;
	if (irq >= IRQ_SPI_FIRST)
		add_interrupt_randomness(irq);
}

void do_irq(struct pt_regs *regs)
{
	struct pt_regs *outer = this_cpu_read(__irq_regs);
	u32 ack, irq;

	this_cpu_write(__irq_regs, regs);
	irq_enter();
	for (;;) {
		ack = root_ack();
		irq = ack & 0x3ff;
		if (irq >= INTID_NONE)
			break;
		if (irq < IRQ_PPI_FIRST) {
			/* A stopped CPU does not come back to do this. */
			root->irq_eoi(ack);
			handle_ipi(irq);
			continue;
		}
		if (likely(irq < NR_IRQS))
			handle_irq(irq);
		root->irq_eoi(ack);
	}
	irq_exit();
	this_cpu_write(__irq_regs, outer);
}

u64 irq_count(unsigned int irq)
{
	unsigned int cpu;
	u64 sum = 0;

	for (cpu = 0; irq < NR_IRQS && cpu < NR_CPUS; cpu++)
		sum += READ_ONCE(descs[irq].count[cpu]);
	return sum;
}

u64 irq_count_total(void)
{
	unsigned int irq, cpu, ipi;
	u64 sum = 0;

	for (irq = IRQ_PPI_FIRST; irq < NR_IRQS; irq++)
		sum += irq_count(irq);
	for_each_possible_cpu(cpu)
		for (ipi = 0; ipi < NR_IPI; ipi++)
			sum += ipi_count(cpu, ipi);
	return sum;
}

static const char *const ipi_names[NR_IPI] = {
	[IPI_RESCHEDULE] = "Rescheduling interrupts",
	[IPI_CALL_FUNC] = "Function call interrupts",
	[IPI_CPU_STOP] = "CPU stop interrupts",
};

void interrupts_show(struct seq_buf *s)
{
	unsigned int irq, cpu, ipi;
	const struct irq_desc *d;

	seq_buf_printf(s, "%*s", 11, "");
	for_each_online_cpu(cpu)
		seq_buf_printf(s, "CPU%-8u", cpu);
	seq_buf_putc(s, '\n');
	for (irq = IRQ_PPI_FIRST; irq < NR_IRQS; irq++) {
		d = &descs[irq];
		if (!d->handler)
			continue;
		seq_buf_printf(s, "%3u: ", irq);
		for_each_online_cpu(cpu)
			seq_buf_printf(s, "%10u ", d->count[cpu]);
		seq_buf_printf(s, " %8s %3u %-8s  %s\n", root->name, irq,
			       d->type == IRQ_TYPE_EDGE_RISING ? "Edge" :
								 "Level",
			       d->name);
	}
	for (ipi = 0; ipi < NR_IPI; ipi++) {
		seq_buf_printf(s, "IPI%u:", ipi);
		for_each_online_cpu(cpu)
			seq_buf_printf(s, "%10llu ", ipi_count(cpu, ipi));
		seq_buf_printf(s, "      %s\n", ipi_names[ipi]);
	}
	seq_buf_printf(s, "Err: %10llu\n", spurious_count);
}
