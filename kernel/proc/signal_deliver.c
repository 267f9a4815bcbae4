// SPDX-License-Identifier: MIT
/*
 * Signals, the receiving half: what a thread does on its way back to user
 * mode when TIF_SIGPENDING is set.
 *
 *   do_notify_resume -> do_signal -> get_signal    one at a time, own queue
 *                          |            |          before the shared one
 *                          |            |-> default: ignore, stop, die
 *                          |            '-> a handler
 *                          '-> handle_signal       a frame on the user stack
 *
 * A system call that was interrupted left -ERESTART* in x0; here it is
 * either turned into EINTR or the program counter is put back on the svc.
 */
#include <asm/signal_frame.h>
#include <base/bug.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/binfmt.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <sched/sched.h>
#include <sched/task.h>

#define NR_RESTART_SYSCALL 128

static int next_signal(const struct sigpending *pending, u64 blocked)
{
	u64 waiting = pending->signal & ~blocked;

	if (waiting & SYNCHRONOUS_MASK)
		waiting &= SYNCHRONOUS_MASK;
	return waiting ? __builtin_ctzll(waiting) + 1 : 0;
}

/* Take one instance of @sig off a queue; the bit goes with the last one. */
static void collect_signal(int sig, struct sigpending *pending,
			   struct siginfo *info)
{
	struct sigqueue *q, *next, *found = NULL;

	list_for_each_entry_safe(q, next, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (found)
			goto still_pending;
		found = q;
		list_del(&q->list);
	}
	pending->signal &= ~sigmask(sig);
still_pending:
	if (found) {
		*info = found->info;
		sigqueue_free(found);
	} else {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
	}
}

static int dequeue_unblocked(u64 blocked, struct siginfo *info)
{
	struct sigpending *pending = &current->proc->pending;
	int sig = next_signal(pending, blocked);

	lockdep_assert_held(&current->sighand->siglock);
	if (!sig) {
		pending = &current->signal->shared_pending;
		sig = next_signal(pending, blocked);
	}
	if (sig)
		collect_signal(sig, pending, info);
	if (sig && unlikely(info->si_code == SI_TIMER))
		timer_delivered(info);
	recalc_sigpending();
	return sig;
}

int dequeue_signal(u64 wanted, struct siginfo *info)
{
	guard(spinlock_irq)(&current->sighand->siglock);
	return dequeue_unblocked(~wanted, info);
}

/* Tell the parent that the group of @t stopped or goes on. */
void notify_parent_cldstop(struct task_struct *t, int code, int status)
{
	struct task_struct *leader = t->group_leader;
	struct task_struct *parent;
	struct k_sigaction *ka;
	struct siginfo info = {
		.si_signo = SIGCHLD,
		.si_code = code,
		.si_status = status,
	};

	spin_lock(&tasklist_lock);
	parent = leader->real_parent;
	info.si_pid = leader->tgid;
	info.si_uid = leader->proc->cred.uid;
	ka = &parent->sighand->action[SIGCHLD - 1];
	if (ka->handler != SIG_IGN && !(ka->flags & SA_NOCLDSTOP))
		send_sig_info(SIGCHLD, &info, parent, true);
	wake_up_interruptible(&parent->signal->wait_chldexit);
	spin_unlock(&tasklist_lock);
}

/* siglock held: ask every thread of the group to stop. */
static void start_group_stop(int sig)
{
	struct signal_struct *signal = current->signal;
	struct task_struct *t = current;

	if (signal->flags & (SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED) ||
	    signal->group_exec_task)
		return;
	signal->group_exit_code = sig;
	signal->group_stop_count = 0;
	do {
		if (t->flags & PF_EXITING ||
		    t->proc->jobctl & JOBCTL_STOP_PENDING)
			continue;
		t->proc->jobctl |= JOBCTL_STOP_PENDING;
		signal->group_stop_count++;
		if (t != current)
			signal_wake_up(t, false);
	}
	while_each_thread(current, t);
}

int take_part_in_stop(void)
{
	struct signal_struct *signal = current->signal;

	lockdep_assert_held(&current->sighand->siglock);
	current->proc->jobctl &= ~JOBCTL_STOP_PENDING;
	if (signal->group_stop_count == 0 || --signal->group_stop_count > 0)
		return 0;
	signal->flags |= SIGNAL_STOP_STOPPED;
	signal->flags &= ~SIGNAL_CONTINUED;
	return signal->group_exit_code;
}

/* siglock held on entry and on return; sleeps until continued or killed. */
static void stop_self(void)
{
	spinlock_t *lock = &current->sighand->siglock;
	int stopped = take_part_in_stop();

	__set_current_state(TASK_STOPPED);
	spin_unlock_irq(lock);
	if (stopped)
		notify_parent_cldstop(current, CLD_STOPPED, stopped);
	schedule();
	spin_lock_irq(lock);
}

/*
 * siglock held on entry and return; it is let go in between, and a SIGCONT
 * that comes then finds nothing queued to cancel but JOBCTL_STOP_DEQUEUED.
 */
static void default_stop(int sig)
{
	spinlock_t *lock = &current->sighand->siglock;

	current->proc->jobctl |= JOBCTL_STOP_DEQUEUED;
	if (sig != SIGSTOP) {
		bool orphaned;

		spin_unlock_irq(lock);
		spin_lock(&tasklist_lock);
		orphaned = pgrp_orphaned(current->signal->pgrp, NULL);
		spin_unlock(&tasklist_lock);
		spin_lock_irq(lock);
		if (orphaned)
			return;
	}
	if (current->proc->jobctl & JOBCTL_STOP_DEQUEUED)
		start_group_stop(sig);
}

static void report_continued(void)
{
	spinlock_t *lock = &current->sighand->siglock;

	current->signal->flags &= ~SIGNAL_CLD_NEWS;
	spin_unlock_irq(lock);
	notify_parent_cldstop(current, CLD_CONTINUED, SIGCONT);
	spin_lock_irq(lock);
}

static bool default_ignores(int sig)
{
	return sigmask(sig) & SIG_KERNEL_IGNORE_MASK ||
	       (current->tgid == 1 && sig != SIGSTOP &&
		!(sigmask(sig) & SYNCHRONOUS_MASK));
}

static bool group_is_dying(void)
{
	return current->signal->flags & SIGNAL_GROUP_EXIT ||
	       current->proc->pending.signal & sigmask(SIGKILL);
}

static void __noreturn die_of(int sig)
{
	spin_unlock_irq(&current->sighand->siglock);
	do_group_exit(sig);
}

bool get_signal(struct ksignal *ksig)
{
	struct sighand_struct *sighand = current->sighand;

	spin_lock_irq(&sighand->siglock);
	for (;;) {
		struct k_sigaction *ka;
		int sig;

		if (current->signal->flags & SIGNAL_CLD_NEWS)
			report_continued();
		if (group_is_dying())
			die_of(SIGKILL);
		if (current->proc->jobctl & JOBCTL_STOP_PENDING) {
			stop_self();
			continue;
		}
		sig = dequeue_unblocked(current->blocked, &ksig->info);
		if (!sig)
			break;
		ka = &sighand->action[sig - 1];
		if (ka->handler == SIG_IGN)
			continue;
		if (ka->handler != SIG_DFL) {
			ksig->sig = sig;
			ksig->ka = *ka;
			if (ka->flags & SA_RESETHAND)
				ka->handler = SIG_DFL;
			spin_unlock_irq(&sighand->siglock);
			return true;
		}
		if (default_ignores(sig))
			continue;
		if (sigmask(sig) & SIG_KERNEL_STOP_MASK)
			default_stop(sig);
		else
			die_of(sig);
	}
	spin_unlock_irq(&sighand->siglock);
	return false;
}

static u64 sigmask_to_save(void)
{
	if (!current->proc->restore_sigmask)
		return current->blocked;
	current->proc->restore_sigmask = false;
	return current->proc->saved_sigmask;
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	struct proc_task *pt = current->proc;
	struct arch_sigframe_args args = {
		.sig = ksig->sig,
		.info128 = &ksig->info,
		.handler = ksig->ka.handler,
		.restorer = ksig->ka.flags & SA_RESTORER ?
				    ksig->ka.restorer :
				    vdso_sigreturn(current->mm),
		.sigmask = sigmask_to_save(),
		.altstack_sp = pt->sas_sp,
		.altstack_size = pt->sas_size,
		.altstack_flags = pt->sas_flags,
		.use_altstack = ksig->ka.flags & SA_ONSTACK && pt->sas_size &&
				!on_altstack(regs->sp),
	};
	u64 blocked = current->blocked | ksig->ka.mask;

	if (arch_setup_rt_frame(regs, &current->arch, &args)) {
		if (ksig->sig == SIGSEGV)
			do_group_exit(SIGSEGV);
		force_sig(SIGSEGV);
		return;
	}
	if (!(ksig->ka.flags & SA_NODEFER))
		blocked |= sigmask(ksig->sig);
	if (pt->sas_flags & SS_AUTODISARM)
		pt->sas_size = 0;
	set_current_blocked(blocked);
}

static bool is_restart(long ret)
{
	return ret == -ERESTARTSYS || ret == -ERESTARTNOINTR ||
	       ret == -ERESTARTNOHAND || ret == -ERESTART_RESTARTBLOCK;
}

/* A handler runs: must the interrupted call say EINTR instead? */
static bool handler_interrupts(long ret, const struct ksignal *ksig)
{
	return ret == -ERESTARTNOHAND || ret == -ERESTART_RESTARTBLOCK ||
	       (ret == -ERESTARTSYS && !(ksig->ka.flags & SA_RESTART));
}

void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;
	long ret = (long)regs->regs[0];
	bool restart = regs->syscallno != NO_SYSCALL && is_restart(ret);

	regs->syscallno = NO_SYSCALL;
	if (restart) {
		regs->regs[0] = regs->orig_x0;
		regs->pc -= 4;
	}
	if (get_signal(&ksig)) {
		if (restart && handler_interrupts(ret, &ksig)) {
			regs->regs[0] = (u64)-EINTR;
			regs->pc += 4;
		}
		handle_signal(&ksig, regs);
		return;
	}
	if (restart && ret == -ERESTART_RESTARTBLOCK)
		regs->regs[8] = NR_RESTART_SYSCALL;
	if (current->proc->restore_sigmask)
		set_current_blocked(sigmask_to_save());
}
