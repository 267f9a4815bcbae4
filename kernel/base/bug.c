// SPDX-License-Identifier: MIT
/*
 * BUG and WARN: what their brk instruction leads to; and might_sleep().
 * __bug_table tells for the address of each brk where it is in the source.
 * Called from the exception entry, interrupts masked, no lock taken.
 */
#include <asm/esr.h>
#include <asm/ptrace.h>
#include <asm/upcall.h>
#include <base/bug.h>
#include <base/lockdep.h>
#include <base/preempt.h>
#include <base/smp.h>

extern const struct bug_entry __start___bug_table[], __stop___bug_table[];

bool scheduling_started;

static const struct bug_entry *find_bug(u64 pc)
{
	const struct bug_entry *b;

	for (b = __start___bug_table; b < __stop___bug_table; b++)
		if ((u64)&b->addr + (u64)(s64)b->addr == pc)
			return b;
	return NULL;
}

static void warn_head(const char *file, int line, unsigned long pc)
{
	char task[64] = "";

	if (report_task_hook)
		report_task_hook(task, sizeof(task));
	pr_warn("------------[ cut here ]------------\n");
	pr_warn("WARNING: CPU: %u %s at %s:%d %pS\n", smp_processor_id(), task,
		file, line, (void *)pc);
}

static void warn_tail(void)
{
	pr_warn("---[ end trace %016x ]---\n", 0);
}

void __warn_printf(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	warn_head(file, line, _RET_IP_);
	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
	dump_stack();
	warn_tail();
}

void do_kernel_brk(struct pt_regs *regs, u64 esr)
{
	const struct bug_entry *b = find_bug(regs->pc);
	const char *file;

	if (ESR_BRK_IMM(esr) != BUG_BRK_IMM || !b)
		die("Oops - BRK", regs, esr, 0);
	file = (const char *)&b->file + b->file;
	if (b->flags & BUGFLAG_WARNING) {
		warn_head(file, b->line, regs->pc);
		show_regs(regs);
		warn_tail();
		regs->pc += 4;
		return;
	}
	pr_emerg("------------[ cut here ]------------\n");
	pr_emerg("kernel BUG at %s:%u!\n", file, b->line);
	die("Oops - BUG", regs, esr, 0);
}

void __might_sleep(const char *file, int line)
{
	static bool said;

	if (likely(!in_atomic() && !irqs_disabled()))
		return;
	if (!scheduling_started || oops_in_progress || said)
		return;
	said = true;
	pr_err("BUG: sleeping function called from invalid context at %s:%d\n",
	       file, line);
	pr_err("in_atomic(): %d, irqs_disabled(): %d, preempt_count: %x\n",
	       in_atomic(), irqs_disabled(), preempt_count());
	lockdep_show_held();
	dump_stack();
}
