// SPDX-License-Identifier: MIT
/*
 * The end: stop the other CPUs, say everything that may help, halt.
 *
 *   fault in the kernel --> die() --.
 *   BUG()  --> do_kernel_brk() --> die()
 *   stack overflow, bad exception ---+--> panic() --> reboot
 *   panic("...") --------------------'
 *
 * It may be entered in any context, so it takes no lock, allocates nothing,
 * and tells the log and the consoles to break theirs (oops_in_progress).
 * Invariant: at most one CPU gets past begin_panic(); a fault of that CPU
 * in here ends in a single line, not in a loop.
 */
#include <asm/atomic.h>
#include <asm/esr.h>
#include <asm/irqflags.h>
#include <asm/psci.h>
#include <asm/ptwalk.h>
#include <asm/upcall.h>
#include <base/bug.h>
#include <base/clock.h>
#include <base/lockdep.h>
#include <base/smp.h>
#include <lib/printf.h>

int panic_timeout;

static int panic_cpu = -1;
static unsigned int panic_depth;
static bool died; /* the registers were shown */

/* Reboot or wait for ever, as panic= says. */
static void __noreturn end_panic(void)
{
	if (panic_timeout > 0) {
		pr_emerg("Rebooting in %d seconds..\n", panic_timeout);
		mdelay((u64)panic_timeout * MSEC_PER_SEC);
	}
	if (panic_timeout != 0)
		psci_system_reset();
	for (;;)
		wfi();
}

/* Only one CPU returns, with the others stopped. */
static void begin_panic(void)
{
	int cpu = (int)smp_processor_id();
	int winner;

	local_irq_disable();
	winner = cmpxchg(&panic_cpu, -1, cpu);
	if (winner != -1 && winner != cpu)
		cpu_park();
	if (++panic_depth > 2) {
		/* Dying while dying: say so once, then say nothing more. */
		if (panic_depth == 3)
			pr_emerg("panic: another fault while dying\n");
		end_panic();
	}
	if (panic_depth == 1) {
		oops_in_progress = true;
		console_loglevel = CONSOLE_LOGLEVEL_MOTORMOUTH;
		smp_send_stop();
	}
}

void panic(const char *fmt, ...)
{
	static char why[256];
	va_list args;

	if (!died)
		begin_panic();
	va_start(args, fmt);
	vscnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	pr_emerg("Kernel panic - not syncing: %s\n", why);
	if (!died)
		dump_stack();
	if (CONFIG_DEBUG)
		lockdep_show_held();
	pr_emerg("---[ end Kernel panic - not syncing: %s ]---\n", why);
	end_panic();
}

static void show_walk(u64 far)
{
	struct ptwalk_step steps[4];
	char words[160];
	int i, n;

	n = arch_ptwalk(far, steps);
	pr_alert("Page-table walk of %016llx%s\n", far,
		 n ? ":" : ": in neither half of the address space");
	for (i = 0; i < n; i++) {
		ptwalk_describe(&steps[i], words, sizeof(words));
		pr_alert("  %s\n", words);
	}
}

static bool far_is_valid(u64 esr)
{
	return (esr_is_iabt(esr) || esr_is_dabt(esr) ||
		ESR_EC(esr) == ESR_EC_PC_ALIGN) &&
	       !(esr & ESR_FNV);
}

void die(const char *what, struct pt_regs *regs, u64 esr, u64 far)
{
	char words[160];

	begin_panic();
	if (far_is_valid(esr))
		pr_alert(
			"Unable to handle kernel access at virtual address %016llx\n",
			far);
	pr_emerg("Internal error: %s: %016llx [#1] SMP\n", what, esr);
	esr_describe(esr, words, sizeof(words));
	pr_alert("ESR = %#llx: %s\n", esr, words);
	if (regs)
		show_regs(regs);
	if (far_is_valid(esr))
		show_walk(far);
	died = true;
	panic("%s", what);
}

void bad_mode(struct pt_regs *regs, const char *what, u64 esr, u64 far)
{
	pr_emerg("Bad mode: %s\n", what);
	die(what, regs, esr, far);
}

void do_stack_overflow(struct pt_regs *regs)
{
	unsigned long stack = (unsigned long)current_arch()->stack;

	pr_emerg(
		"Kernel stack overflow: task stack %016lx..%016lx, sp %016llx\n",
		stack, stack + THREAD_SIZE, regs->sp);
	die("kernel stack overflow", regs, 0, 0);
}
