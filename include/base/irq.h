/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: from the number that the root controller hands out to the
 * handler a driver registered. Numbers are the GIC's INTIDs:
 *
 *   0..15 SGI (between CPUs: base/smp.h)  16..31 PPI (each CPU its own)
 *   32..  SPI (devices)
 */
#ifndef _BASE_IRQ_H
#define _BASE_IRQ_H

#include <asm/memory.h>
#include <asm/ptrace.h>
#include <base/percpu.h>
#include <lib/types.h>

#define NR_IRQS	      256 /* virt's last one is 207 */
#define IRQ_PPI_FIRST 16
#define IRQ_SPI_FIRST 32

struct seq_buf;

typedef enum {
	IRQ_NONE, /* not from this device */
	IRQ_HANDLED,
} irqreturn_t;

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);

#define IRQ_TYPE_EDGE_RISING 0x1
#define IRQ_TYPE_LEVEL_HIGH  0x4

/* What a controller can do; irq: an INTID. All may be called on any CPU. */
struct irq_chip {
	const char *name;	   /* as in /proc/interrupts: "GICv2" */
	void (*irq_mask)(u32 irq); /* PPIs: those of this CPU */
	void (*irq_unmask)(u32 irq);
	void (*irq_eoi)(u32 ack); /* the value that ack() returned */
	int (*set_type)(u32 irq,
			unsigned int type);  /* IRQ_TYPE_*; may be NULL */
	void (*send_ipi)(u64 cpus, u32 sgi); /* ordered after prior stores */
	void (*cpu_init)(void);		     /* each secondary, on itself */
};

/*
 * ack: the interrupt to handle now, INTID in its low ten bits; INTIDs from
 * 1020 mean that there is none.
 */
void irq_register_root(const struct irq_chip *chip, u32 (*ack)(void));
/* Prepare the calling secondary CPU: cpu_init and the PPIs enabled so far. */
void irq_cpu_init(void);

/*
 * One handler for each interrupt; it is enabled at once. Handlers run with
 * interrupts masked. => 0, -EINVAL, -EBUSY
 */
int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev);
void free_irq(unsigned int irq, void *dev);
/* A PPI: enabled on each CPU by itself, now and in irq_cpu_init(). */
int request_percpu_irq(unsigned int irq, irq_handler_t handler,
		       const char *name);
void enable_percpu_irq(unsigned int irq);
void irq_set_type(unsigned int irq, unsigned int type);

/* The registers the innermost interrupt of this CPU came from, or NULL. */
DECLARE_PER_CPU(struct pt_regs *, __irq_regs);
#define get_irq_regs() this_cpu_read(__irq_regs)

void irq_enter(void);
void irq_exit(void);

/* => handled so far, on all CPUs */
u64 irq_count_total(void);
u64 irq_count(unsigned int irq);
/* /proc/interrupts */
void interrupts_show(struct seq_buf *s);

#endif
