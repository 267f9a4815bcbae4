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

/* AT_HWCAP; bit n is word n of the Features line. */
#define HWCAP_FP       BIT(0)
#define HWCAP_ASIMD    BIT(1)
#define HWCAP_EVTSTRM  BIT(2)
#define HWCAP_AES      BIT(3)
#define HWCAP_PMULL    BIT(4)
#define HWCAP_SHA1     BIT(5)
#define HWCAP_SHA2     BIT(6)
#define HWCAP_CRC32    BIT(7)
#define HWCAP_ATOMICS  BIT(8)
#define HWCAP_FPHP     BIT(9)
#define HWCAP_ASIMDHP  BIT(10)
#define HWCAP_ASIMDRDM BIT(12)
#define HWCAP_JSCVT    BIT(13)
#define HWCAP_FCMA     BIT(14)
#define HWCAP_LRCPC    BIT(15)
#define HWCAP_DCPOP    BIT(16)
#define HWCAP_SHA3     BIT(17)
#define HWCAP_SM3      BIT(18)
#define HWCAP_SM4      BIT(19)
#define HWCAP_ASIMDDP  BIT(20)
#define HWCAP_SHA512   BIT(21)
#define HWCAP_ASIMDFHM BIT(23)
#define HWCAP_DIT      BIT(24)
#define HWCAP_USCAT    BIT(25)
#define HWCAP_ILRCPC   BIT(26)
#define HWCAP_FLAGM    BIT(27)

struct cpuinfo_arm64 {
	u64 midr, mpidr, ctr, dczid;
	u64 pfr0, isar0, isar1, mmfr0, mmfr1, mmfr2;
};

extern struct cpuinfo_arm64 cpu_data[NR_CPUS];
extern unsigned long elf_hwcap;	 /* AT_HWCAP */
extern unsigned long elf_hwcap2; /* AT_HWCAP2 */
extern bool cpu_has_pan;

/* Read this CPU's ID registers; set its per-CPU controls (event stream). */
void cpu_detect(void);
/* Linux's /proc/cpuinfo block of one CPU, with the empty line after it. */
void cpuinfo_seq(struct seq_buf *s, unsigned int cpu);
/* "Cortex-A57"; "ARM CPU" for an unknown part. */
const char *cpu_model_name(u64 midr);
/* The words of the Features line, blank-separated. */
void cpu_features_seq(struct seq_buf *s);
#endif
