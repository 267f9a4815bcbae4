/* SPDX-License-Identifier: MIT */
/*
 * What the CPUs can do, from their ID registers. A feature counts if every
 * CPU that is online has it; the boot CPU decides for the kernel itself.
 */
#ifndef _ASM_CPUFEATURE_H
#define _ASM_CPUFEATURE_H

#include <lib/seq_buf.h>
#include <lib/types.h>
#include <asm/memory.h>
#include <asm/ptrace.h>

enum id_reg { PFR0, PFR1, ISAR0, ISAR1, MMFR0, MMFR1, MMFR2, NR_ID_REGS };

struct cpuinfo_arm64 {
	u64 midr, mpidr, ctr, dczid;
	u64 id[NR_ID_REGS];
};

extern struct cpuinfo_arm64 cpu_data[NR_CPUS];
extern unsigned long elf_hwcap;	 /* AT_HWCAP */
extern unsigned long elf_hwcap2; /* AT_HWCAP2 */
extern bool cpu_has_pan;

/* Read this CPU's ID registers; set its per-CPU controls (event stream). */
void cpu_detect(void);
/*
 * If insn is an mrs of an ID register: carry it out, with what programs may
 * know, and step over it. => whether it was one
 */
bool emulate_id_read(struct pt_regs *regs, u32 insn);
/* Linux's /proc/cpuinfo block of one CPU, with the empty line after it. */
void cpuinfo_seq(struct seq_buf *s, unsigned int cpu);
/* "Cortex-A57"; "ARM CPU" for an unknown part. */
const char *cpu_model_name(u64 midr);
/* The words of the Features line, blank-separated. */
void cpu_features_seq(struct seq_buf *s);
#endif
