// SPDX-License-Identifier: MIT
/*
 * cpufeature.c - reading the ID registers
 *
 * A table says which field, from which value on, is which hwcap; the same
 * table prints the Features line of /proc/cpuinfo in Linux's order, and says
 * which fields a program sees that reads an ID register itself: that traps,
 * and emulate_id_read() answers. Programs are told only of what works at EL0
 * here: no SVE, SME, MTE or pointer authentication.
 *
 * With several CPUs the hwcaps are what all of them have.
 */
#include <asm/arch_timer.h>
#include <asm/cpufeature.h>
#include <asm/random.h>
#include <asm/smp.h>
#include <asm/sysreg.h>

#define LINUX_HZ	250 /* for BogoMIPS */
#define EVENT_STREAM_HZ 10000

#define ALWAYS NR_ID_REGS /* in place of a register */

struct hwcap {
	u8 reg, shift, min;
	u8 bit; /* in AT_HWCAP, from 32 on in AT_HWCAP2 */
	char name[12];
};

/*
 * FP and ASIMD count from 0 on and are absent at 15: their fields are read
 * one higher.
 */
static const struct hwcap hwcaps[] = {
	{ PFR0, 16, 1, 0, "fp" },	  { PFR0, 20, 1, 1, "asimd" },
	{ ALWAYS, 0, 0, 2, "evtstrm" },	  { ISAR0, 4, 1, 3, "aes" },
	{ ISAR0, 4, 2, 4, "pmull" },	  { ISAR0, 8, 1, 5, "sha1" },
	{ ISAR0, 12, 1, 6, "sha2" },	  { ISAR0, 16, 1, 7, "crc32" },
	{ ISAR0, 20, 2, 8, "atomics" },	  { PFR0, 16, 2, 9, "fphp" },
	{ PFR0, 20, 2, 10, "asimdhp" },	  { ALWAYS, 0, 0, 11, "cpuid" },
	{ ISAR0, 28, 1, 12, "asimdrdm" }, { ISAR1, 12, 1, 13, "jscvt" },
	{ ISAR1, 16, 1, 14, "fcma" },	  { ISAR1, 20, 1, 15, "lrcpc" },
	{ ISAR1, 0, 1, 16, "dcpop" },	  { ISAR0, 32, 1, 17, "sha3" },
	{ ISAR0, 36, 1, 18, "sm3" },	  { ISAR0, 40, 1, 19, "sm4" },
	{ ISAR0, 44, 1, 20, "asimddp" },  { ISAR0, 12, 2, 21, "sha512" },
	{ ISAR0, 48, 1, 23, "asimdfhm" }, { PFR0, 48, 1, 24, "dit" },
	{ MMFR2, 32, 1, 25, "uscat" },	  { ISAR1, 20, 2, 26, "ilrcpc" },
	{ ISAR0, 52, 1, 27, "flagm" },	  { PFR1, 4, 2, 28, "ssbs" },
	{ ISAR1, 36, 1, 29, "sb" },	  { ISAR1, 0, 2, 32, "dcpodp" },
	{ ISAR0, 52, 2, 39, "flagm2" },	  { ISAR1, 32, 1, 40, "frint" },
	{ ISAR1, 52, 1, 45, "i8mm" },	  { ISAR1, 44, 1, 46, "bf16" },
	{ ISAR1, 48, 1, 47, "dgh" },	  { ISAR0, 60, 1, 48, "rng" },
};

struct cpuinfo_arm64 cpu_data[NR_CPUS];
unsigned long elf_hwcap;
unsigned long elf_hwcap2;
bool cpu_has_pan;
static bool has_rndr;

static unsigned int field_of(const struct cpuinfo_arm64 *c,
			     const struct hwcap *h)
{
	unsigned int value;

	if (h->reg == ALWAYS)
		return 0;
	value = SYSREG_FIELD(c->id[h->reg], h->shift);
	if (h->reg == PFR0 && (h->shift == 16 || h->shift == 20))
		return (value + 1) & 0xf;
	return value;
}

static void add_hwcaps(const struct cpuinfo_arm64 *c)
{
	unsigned long caps = 0, caps2 = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hwcaps); i++) {
		const struct hwcap *h = &hwcaps[i];

		if (field_of(c, h) < h->min)
			continue;
		if (h->bit < 32)
			caps |= BIT(h->bit);
		else
			caps2 |= BIT(h->bit - 32);
	}
	if (smp_processor_id() == 0) {
		elf_hwcap = caps;
		elf_hwcap2 = caps2;
	} else {
		elf_hwcap &= caps;
		elf_hwcap2 &= caps2;
	}
}

/*
 * An event wakes a wfe every 100 us, so that a program that waits in wfe
 * for something that never sends one does not sleep for ever.
 */
static void start_event_stream(void)
{
	unsigned int divisor = arch_timer_freq() / EVENT_STREAM_HZ / 2;
	u64 bit = divisor ? min(15, 63 - __builtin_clzll(divisor)) : 0;
	u64 ctl = read_sysreg(cntkctl_el1);

	ctl &= ~(0xfULL << CNTKCTL_EVNTI_SHIFT);
	ctl |= bit << CNTKCTL_EVNTI_SHIFT | CNTKCTL_EVNTEN;
	write_sysreg(ctl, cntkctl_el1);
}

void cpu_detect(void)
{
	struct cpuinfo_arm64 *c = &cpu_data[smp_processor_id()];

	c->midr = read_sysreg(midr_el1);
	c->mpidr = read_sysreg(mpidr_el1);
	c->ctr = read_sysreg(ctr_el0);
	c->dczid = read_sysreg(dczid_el0);
	c->id[PFR0] = read_sysreg(id_aa64pfr0_el1);
	c->id[PFR1] = read_sysreg(id_aa64pfr1_el1);
	c->id[ISAR0] = read_sysreg(id_aa64isar0_el1);
	c->id[ISAR1] = read_sysreg(id_aa64isar1_el1);
	c->id[MMFR0] = read_sysreg(id_aa64mmfr0_el1);
	c->id[MMFR1] = read_sysreg(id_aa64mmfr1_el1);
	c->id[MMFR2] = read_sysreg_s(S3_0_C0_C7_2);
	add_hwcaps(c);
	if (smp_processor_id() == 0) {
		cpu_has_pan = SYSREG_FIELD(c->id[MMFR1], 20) != 0;
		has_rndr = SYSREG_FIELD(c->id[ISAR0], 60) != 0;
	}
	start_event_stream();
}

/* The fields that the table knows, of the CPU that booted. */
static u64 visible_fields(enum id_reg reg)
{
	u64 mask = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hwcaps); i++)
		if (hwcaps[i].reg == reg)
			mask |= 0xfULL << hwcaps[i].shift;
	return cpu_data[0].id[reg] & mask;
}

/*
 * CRm and op2 of S3_0_C0_Cm_op2 as two octal digits. What is hidden reads as
 * what Linux has programs see, zero for the most part.
 */
static bool user_id_value(unsigned int crm_op2, u64 *value)
{
	*value = 0;
	switch (crm_op2) {
	case 000: /* MIDR: of the CPU it runs on */
		*value = read_sysreg(midr_el1);
		return true;
	case 005: /* MPIDR: no topology for programs */
		*value = BIT(31);
		return true;
	case 006: /* REVIDR */
		return true;
	case 040:
		*value = visible_fields(PFR0) | 0x11; /* EL0, EL1: 64 bit */
		return true;
	case 041:
		*value = visible_fields(PFR1);
		return true;
	case 050: /* DFR0: debug of ARMv8 */
		*value = 6;
		return true;
	case 060:
		*value = visible_fields(ISAR0);
		return true;
	case 061:
		*value = visible_fields(ISAR1);
		return true;
	case 070: /* MMFR0: sizes and granules, as if there were none */
		*value = 0x111ff000000;
		return true;
	case 072:
		*value = visible_fields(MMFR2);
		return true;
	default: /* the rest of the space, but for C0 and C1 */
		return crm_op2 >= 020;
	}
}

bool emulate_id_read(struct pt_regs *regs, u32 insn)
{
	unsigned int rt = insn & 31;
	u64 value;

	/* mrs xt, S3_0_C0_Cm_op2 with m below 8 */
	if ((insn & 0xfffff800) != 0xd5380000 ||
	    !user_id_value((insn >> 5) & 077, &value))
		return false;
	if (rt != 31)
		regs->regs[rt] = value;
	regs->pc += 4;
	return true;
}

const char *cpu_model_name(u64 midr)
{
	static const struct {
		u16 part;
		char name[14];
	} models[] = {
		{ 0xd03, "Cortex-A53" },  { 0xd04, "Cortex-A35" },
		{ 0xd05, "Cortex-A55" },  { 0xd07, "Cortex-A57" },
		{ 0xd08, "Cortex-A72" },  { 0xd09, "Cortex-A73" },
		{ 0xd0a, "Cortex-A75" },  { 0xd0b, "Cortex-A76" },
		{ 0xd0c, "Neoverse-N1" },
	};
	unsigned int i, part = (midr >> 4) & 0xfff;

	if (((midr >> 24) & 0xff) == 0 && part == 0x051)
		return "QEMU max";
	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (((midr >> 24) & 0xff) == 0x41 && models[i].part == part)
			return models[i].name;
	return "ARM CPU";
}

void cpu_features_seq(struct seq_buf *s)
{
	const char *blank = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hwcaps); i++) {
		const struct hwcap *h = &hwcaps[i];
		unsigned long caps = h->bit < 32 ? elf_hwcap : elf_hwcap2;

		if (!(caps & BIT(h->bit & 31)))
			continue;
		seq_buf_printf(s, "%s%s", blank, h->name);
		blank = " ";
	}
}

void cpuinfo_seq(struct seq_buf *s, unsigned int cpu)
{
	u64 midr = cpu_data[cpu].midr;
	u64 jiffy = arch_timer_freq() / LINUX_HZ;

	seq_buf_printf(s, "processor\t: %u\n", cpu);
	seq_buf_printf(s, "BogoMIPS\t: %llu.%02llu\n",
		       jiffy / (500000 / LINUX_HZ),
		       jiffy / (5000 / LINUX_HZ) % 100);
	seq_buf_puts(s, "Features\t: ");
	cpu_features_seq(s);
	seq_buf_printf(s, "\nCPU implementer\t: 0x%02llx\n",
		       (midr >> 24) & 0xff);
	seq_buf_puts(s, "CPU architecture: 8\n");
	seq_buf_printf(s, "CPU variant\t: 0x%llx\n", (midr >> 20) & 0xf);
	seq_buf_printf(s, "CPU part\t: 0x%03llx\n", (midr >> 4) & 0xfff);
	seq_buf_printf(s, "CPU revision\t: %llu\n\n", midr & 0xf);
}

bool arch_get_random_seed(u64 *value)
{
	u64 ok, v;

	if (!has_rndr)
		return false;
	/* RNDRRS; the Z flag says that there was nothing to give. */
	__asm__ __volatile__("mrs %0, S3_3_C2_C4_1\n"
			     "cset %1, ne"
			     : "=r"(v), "=r"(ok)::"cc");
	*value = v;
	return ok;
}
