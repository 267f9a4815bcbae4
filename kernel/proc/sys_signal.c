// SPDX-License-Identifier: MIT
/* The system calls of signals: actions, masks, sending, waiting, return. */
#include <asm/signal_frame.h>
#include <asm/thread_info.h>
#include <asm/uaccess.h>
#include <lib/errno.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/sched.h>

#define SIGSET_SIZE sizeof(u64)

static bool valid_signal(int sig)
{
	return sig >= 0 && sig <= _NSIG;
}

SYSCALL(sys_rt_sigaction, int sig, const struct k_sigaction __user *act,
	struct k_sigaction __user *oact, size_t size)
{
	struct k_sigaction new, old, *ka;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	if (sig < 1 || !valid_signal(sig) ||
	    (act && sigmask(sig) & SIG_KERNEL_ONLY_MASK))
		return -EINVAL;
	ka = &current->sighand->action[sig - 1];
	spin_lock_irq(&current->sighand->siglock);
	old = *ka;
	if (act) {
		new.flags &= SA_KNOWN_FLAGS;
		new.mask &= ~SIG_KERNEL_ONLY_MASK;
		*ka = new;
		discard_if_ignored(sig);
	}
	spin_unlock_irq(&current->sighand->siglock);
	if (oact && copy_to_user(oact, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL(sys_rt_sigprocmask, int how, const u64 __user *set, u64 __user *oset,
	size_t size)
{
	u64 old = current->blocked, new;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		if (how == SIG_BLOCK)
			new |= old;
		else if (how == SIG_UNBLOCK)
			new = old & ~new;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		set_current_blocked(new);
	}
	if (oset && copy_to_user(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL(sys_rt_sigpending, u64 __user *set, size_t size)
{
	u64 pending;

	if (size > SIGSET_SIZE)
		return -EINVAL;
	spin_lock_irq(&current->sighand->siglock);
	pending = (current->proc->pending.signal |
		   current->signal->shared_pending.signal) &
		  current->blocked;
	spin_unlock_irq(&current->sighand->siglock);
	return copy_to_user(set, &pending, size) ? -EFAULT : 0;
}

/*
 * For the length of one call the thread's mask is @mask; do_signal() puts
 * the old one back, after a handler has run if one runs.
 */
void set_temporary_sigmask(u64 mask)
{
	current->proc->saved_sigmask = current->blocked;
	current->proc->restore_sigmask = true;
	set_current_blocked(mask);
}

/* The call ends without having been interrupted: the old mask at once. */
void restore_saved_sigmask_unless(bool interrupted)
{
	if (!current->proc->restore_sigmask || interrupted)
		return;
	current->proc->restore_sigmask = false;
	set_current_blocked(current->proc->saved_sigmask);
}

SYSCALL(sys_rt_sigsuspend, const u64 __user *set, size_t size)
{
	u64 mask;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	set_temporary_sigmask(mask);
	while (!signal_pending(current)) {
		__set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

SYSCALL(sys_rt_sigtimedwait, const u64 __user *set,
	struct siginfo __user *uinfo, const struct timespec __user *uts,
	size_t size)
{
	struct siginfo info;
	u64 wanted, left = U64_MAX;
	int sig;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&wanted, set, sizeof(wanted)))
		return -EFAULT;
	if (uts) {
		int err = get_timespec_ns(uts, &left);

		if (err)
			return err;
	}
	wanted &= ~SIG_KERNEL_ONLY_MASK;
	sig = dequeue_signal(wanted, &info);
	if (!sig && left) {
		set_temporary_sigmask(current->blocked & ~wanted);
		if (!signal_pending(current))
			left = schedule_timeout_interruptible_ns(left);
		restore_saved_sigmask_unless(false);
		sig = dequeue_signal(wanted, &info);
	}
	if (!sig)
		return left && signal_pending(current) ? -EINTR : -EAGAIN;
	if (uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

SYSCALL(sys_rt_sigreturn, void)
{
	struct pt_regs *regs = current_pt_regs();
	struct arch_stack_t stack;
	u64 mask;

	regs->syscallno = NO_SYSCALL;
	if (arch_restore_rt_frame(regs, &current->arch, &mask, &stack)) {
		force_sig(SIGSEGV);
		return 0;
	}
	set_current_blocked(mask);
	set_altstack(&stack, regs->sp);
	return (long)regs->regs[0];
}

/* --- the alternate stack --- */

bool on_altstack(u64 sp)
{
	const struct proc_task *pt = current->proc;

	return pt->sas_size && sp > pt->sas_sp &&
	       sp - pt->sas_sp <= pt->sas_size;
}

/* => 0, -EPERM while running on it, -EINVAL flags, -ENOMEM too small */
int set_altstack(const struct arch_stack_t *ss, u64 sp)
{
	struct proc_task *pt = current->proc;
	u32 mode = (u32)ss->ss_flags & ~SS_AUTODISARM;

	if (on_altstack(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		pt->sas_sp = pt->sas_size = 0;
	} else {
		if (ss->ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		pt->sas_sp = ss->ss_sp;
		pt->sas_size = ss->ss_size;
	}
	pt->sas_flags = (u32)ss->ss_flags;
	return 0;
}

SYSCALL(sys_sigaltstack, const struct arch_stack_t __user *uss,
	struct arch_stack_t __user *uoss)
{
	struct proc_task *pt = current->proc;
	u64 sp = current_pt_regs()->sp;
	struct arch_stack_t new, old = {
		.ss_sp = pt->sas_sp,
		.ss_flags = (s32)(pt->sas_flags & SS_AUTODISARM),
		.ss_size = pt->sas_size,
	};
	int err;

	if (!pt->sas_size)
		old.ss_flags |= SS_DISABLE;
	else if (on_altstack(sp))
		old.ss_flags |= SS_ONSTACK;
	if (uss) {
		if (copy_from_user(&new, uss, sizeof(new)))
			return -EFAULT;
		err = set_altstack(&new, sp);
		if (err)
			return err;
	}
	if (uoss && copy_to_user(uoss, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

/* --- sending --- */

static struct siginfo user_siginfo(int sig, int code)
{
	return (struct siginfo){
		.si_signo = sig,
		.si_code = code,
		.si_pid = current->tgid,
		.si_uid = current_cred()->uid,
	};
}

/* tasklist_lock held. */
static int check_kill_permission(const struct task_struct *t, int sig)
{
	const struct cred *me = current_cred(), *his;

	if (!t->proc)
		return 0;
	his = &t->proc->cred;
	if (!me->euid || me->euid == his->suid || me->euid == his->uid ||
	    me->uid == his->suid || me->uid == his->uid)
		return 0;
	if (sig == SIGCONT && t->signal->session == current->signal->session)
		return 0;
	return -EPERM;
}

/* tasklist_lock held. */
static int signal_task(struct task_struct *t, int sig,
		       const struct siginfo *info, bool group)
{
	int err = check_kill_permission(t, sig);

	if (err || !sig || !t->signal)
		return err;
	return send_sig_info(sig, info, t, group);
}

/* To a group (@pgrp > 0), or to everyone else but init (@pgrp 0). */
static int kill_many(pid_t pgrp, int sig, const struct siginfo *info)
{
	int err = -ESRCH;
	bool sent = false;
	struct task_struct *p;

	guard(spinlock)(&tasklist_lock);
	for_each_process(p) {
		int one;

		if (!p->signal)
			continue;
		if (pgrp ? p->signal->pgrp != pgrp :
			   p->tgid <= 1 || p->tgid == current->tgid)
			continue;
		one = signal_task(p, sig, info, true);
		sent |= !one;
		err = one;
	}
	return sent ? 0 : err;
}

static int kill_one(pid_t tgid, pid_t pid, int sig, const struct siginfo *info,
		    bool group)
{
	struct task_struct *t;
	int err = -ESRCH;

	guard(spinlock)(&tasklist_lock);
	t = find_task_by_pid(pid);
	if (t && (tgid <= 0 || t->tgid == tgid))
		err = signal_task(t, sig, info, group);
	return err;
}

SYSCALL(sys_kill, pid_t pid, int sig)
{
	struct siginfo info = user_siginfo(sig, SI_USER);

	if (!valid_signal(sig))
		return -EINVAL;
	if (pid > 0)
		return kill_one(0, pid, sig, &info, true);
	if (pid == -1)
		return kill_many(0, sig, &info);
	if (pid == INT_MIN)
		return -ESRCH;
	return kill_many(pid ? -pid : current->signal->pgrp, sig, &info);
}

SYSCALL(sys_tgkill, pid_t tgid, pid_t pid, int sig)
{
	struct siginfo info = user_siginfo(sig, SI_TKILL);

	if (tgid <= 0 || pid <= 0 || !valid_signal(sig))
		return -EINVAL;
	return kill_one(tgid, pid, sig, &info, false);
}

SYSCALL(sys_tkill, pid_t pid, int sig)
{
	struct siginfo info = user_siginfo(sig, SI_TKILL);

	if (pid <= 0 || !valid_signal(sig))
		return -EINVAL;
	return kill_one(0, pid, sig, &info, false);
}

static int read_queue_info(int sig, const struct siginfo __user *uinfo,
			   pid_t target, struct siginfo *info)
{
	if (copy_from_user(info, uinfo, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	/* nobody may pretend that the kernel or kill() sent it */
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    target != current->tgid)
		return -EPERM;
	return valid_signal(sig) ? 0 : -EINVAL;
}

SYSCALL(sys_rt_sigqueueinfo, pid_t pid, int sig,
	const struct siginfo __user *uinfo)
{
	struct siginfo info;
	int err = read_queue_info(sig, uinfo, pid, &info);

	return err ? err : kill_one(0, pid, sig, &info, true);
}

SYSCALL(sys_rt_tgsigqueueinfo, pid_t tgid, pid_t pid, int sig,
	const struct siginfo __user *uinfo)
{
	struct siginfo info;
	int err = read_queue_info(sig, uinfo, tgid, &info);

	if (tgid <= 0 || pid <= 0)
		return -EINVAL;
	return err ? err : kill_one(tgid, pid, sig, &info, false);
}
