// SPDX-License-Identifier: MIT
/*
 * The way in and the way out: a number becomes a call, and before the
 * program goes on it is seen to that others run and signals are delivered.
 */
#include <asm/irqflags.h>
#include <asm/thread_info.h>
#include <asm/uaccess.h>
#include <asm/upcall.h>
#include <base/printk.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>
#include <sched/sched.h>

#define NR_RSEQ 293

/* One line in the log for each number; glibc probes rseq in every program. */
static long no_such_call(unsigned int nr)
{
	if (nr == NR_RSEQ)
		return -ENOSYS;
	pr_info_ratelimited("%s[%d]: unknown system call %u\n", current->comm,
			    current->pid, nr);
	return -ENOSYS;
}

void do_el0_svc(struct pt_regs *regs)
{
	unsigned int nr = (unsigned int)regs->syscallno;
	const u64 *r = regs->regs;
	syscall_fn_t *fn = nr < NR_SYSCALLS ? sys_call_table[nr] : NULL;

	regs->regs[0] = likely(fn) ?
				(u64)fn(r[0], r[1], r[2], r[3], r[4], r[5]) :
				(u64)no_such_call(nr);
}

/* First return of a forked child that asked for CLONE_CHILD_SETTID. */
static void store_child_tid(void)
{
	int __user *tidptr = current->set_child_tid;

	current->set_child_tid = NULL;
	if (tidptr && put_user(current->pid, tidptr))
		pr_debug("clone: child_tid is not writable\n");
}

void do_notify_resume(struct pt_regs *regs, unsigned long flags)
{
	local_irq_enable();
	if (flags & _TIF_NEED_RESCHED)
		schedule();
	if (flags & _TIF_NOTIFY_RESUME) {
		clear_thread_flag(TIF_NOTIFY_RESUME);
		store_child_tid();
		if (unlikely(current->cpu_timer))
			run_cpu_timers();
	}
	if (flags & _TIF_SIGPENDING)
		do_signal(regs);
	local_irq_disable();
}
