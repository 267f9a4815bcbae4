/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU variables. Each is defined once, in the template between
 * __per_cpu_start and __per_cpu_end; each CPU has a copy of the template,
 * and TPIDR_EL1 holds the distance from the template to the copy of this
 * CPU. It is 0 until the copies are made: the boot CPU then uses the
 * template itself.
 */
#ifndef _ASM_PERCPU_H
#define _ASM_PERCPU_H

#include <lib/types.h>
#include <asm/memory.h>

#define DEFINE_PER_CPU(type, name) \
	__section(".data..percpu") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name

/* Written by setup_per_cpu_areas() in kernel/base. */
extern unsigned long __per_cpu_offset[NR_CPUS];

register unsigned long *current_stack_pointer __asm__("sp");

/* The "Q" input makes every memory barrier a reason to read it again. */
static __always_inline unsigned long __my_cpu_offset(void)
{
	unsigned long off;

	__asm__("mrs %0, tpidr_el1" : "=r"(off) : "Q"(*current_stack_pointer));
	return off;
}

#define __percpu_shift(ptr, off) \
	((__typeof__(*(ptr)) *)((unsigned long)(ptr) + (off)))
#define this_cpu_ptr(ptr)     __percpu_shift(ptr, __my_cpu_offset())
#define per_cpu_ptr(ptr, cpu) __percpu_shift(ptr, __per_cpu_offset[cpu])
#define per_cpu(var, cpu)     (*per_cpu_ptr(&(var), cpu))

/* => preemption is the caller's business, interrupts too */
#define this_cpu_read(var)     READ_ONCE(*this_cpu_ptr(&(var)))
#define this_cpu_write(var, v) WRITE_ONCE(*this_cpu_ptr(&(var)), v)
#define this_cpu_add(var, v)   (*this_cpu_ptr(&(var)) += (v))
#define this_cpu_inc(var)      this_cpu_add(var, 1)
#endif
