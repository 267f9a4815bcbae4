// SPDX-License-Identifier: MIT
/*
 * Registers and call chains in the form Linux prints on arm64. Nothing here
 * takes a lock or follows a pointer that was not checked.
 */
#include <asm/ptrace.h>
#include <asm/sections.h>
#include <asm/stacktrace.h>
#include <base/bug.h>
#include <base/smp.h>
#include <lib/printf.h>

#define MAX_FRAMES 64

void (*report_task_hook)(char *buf, size_t n);

static bool print_frame(void *cookie, u64 pc)
{
	unsigned int *frames = cookie;

	pr_warn(" %pS\n", (void *)pc);
	return ++*frames < MAX_FRAMES;
}

static void print_trace(const struct pt_regs *regs)
{
	unsigned int frames = 0;

	pr_warn("Call trace:\n");
	arch_stack_walk(print_frame, &frames, regs, NULL);
}

static void print_cpu_and_task(void)
{
	char task[64] = "";

	if (report_task_hook)
		report_task_hook(task, sizeof(task));
	pr_warn("CPU: %u %s\n", smp_processor_id(), task);
}

void dump_stack(void)
{
	print_cpu_and_task();
	print_trace(NULL);
}

static void print_pstate(u64 p)
{
	pr_warn("pstate: %08llx (%c%c%c%c %c%c%c%c %cPAN %cUAO %s)\n", p,
		p & PSR_N_BIT ? 'N' : 'n', p & PSR_Z_BIT ? 'Z' : 'z',
		p & PSR_C_BIT ? 'C' : 'c', p & PSR_V_BIT ? 'V' : 'v',
		p & PSR_D_BIT ? 'D' : 'd', p & PSR_A_BIT ? 'A' : 'a',
		p & PSR_I_BIT ? 'I' : 'i', p & PSR_F_BIT ? 'F' : 'f',
		p & PSR_PAN_BIT ? '+' : '-', p & PSR_UAO_BIT ? '+' : '-',
		(p & PSR_MODE_MASK) == PSR_MODE_EL0t ? "EL0" : "EL1");
}

/* The instruction at pc and the four before it. */
static void print_code(u64 pc)
{
	char line[64];
	int i, len = 0;

	if (!is_kernel_text(pc) || !is_kernel_text(pc - 16) || (pc & 3))
		return;
	for (i = -4; i <= 0; i++)
		len += scnprintf(line + len, sizeof(line) - (size_t)len,
				 i ? "%08x " : "(%08x)", ((u32 *)pc)[i]);
	pr_warn("Code: %s\n", line);
}

void show_regs(const struct pt_regs *regs)
{
	int i;

	print_cpu_and_task();
	print_pstate(regs->pstate);
	if (user_mode(regs)) {
		pr_warn("pc : %016llx\n", regs->pc);
		pr_warn("lr : %016llx\n", regs->regs[30]);
	} else {
		pr_warn("pc : %pS\n", (void *)regs->pc);
		pr_warn("lr : %pS\n", (void *)regs->regs[30]);
	}
	pr_warn("sp : %016llx\n", regs->sp);
	for (i = 29; i >= 2; i -= 3)
		pr_warn("x%-2d: %016llx x%-2d: %016llx x%-2d: %016llx\n", i,
			regs->regs[i], i - 1, regs->regs[i - 1], i - 2,
			regs->regs[i - 2]);
	if (!user_mode(regs)) {
		print_trace(regs);
		print_code(regs->pc);
	}
}
