// SPDX-License-Identifier: MIT
/*
 * Signals, the sending half: from "signal 9 to process 42" to a bit in a
 * queue and a thread that will look at it.
 *
 *   send_sig_info --> prepare_signal   stop and continue cancel each other,
 *                 |                    ignored ones end here
 *                 --> queue_signal     one entry (numbers below 32 once)
 *                 --> complete_signal  choose a thread, wake it; a fatal one
 *                                      kills the whole group at once
 *
 * Invariant: a set bit in pending.signal has an entry in pending.list or was
 * queued without one for want of memory (then it reads as SI_USER).
 *
 * Lock: sighand->siglock, taken with interrupts off since timers send too.
 */
#include <asm/thread_info.h>
#include <base/smp.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <sched/sched.h>

static struct kmem_cache *sigqueue_cachep;

void signals_init(void)
{
	sigqueue_cachep = kmem_cache_create("sigqueue", sizeof(struct sigqueue),
					    0, SLAB_PANIC, NULL);
}

void sigpending_init(struct sigpending *pending)
{
	INIT_LIST_HEAD(&pending->list);
	pending->signal = 0;
}

void sigqueue_free(struct sigqueue *q)
{
	atomic_dec(&q->owner->nr_queued);
	kmem_cache_free(sigqueue_cachep, q);
}

/* Take the signals of @mask out of a queue; siglock held. */
void flush_sigqueue_mask(u64 mask, struct sigpending *pending)
{
	struct sigqueue *q, *next;

	if (!(pending->signal & mask))
		return;
	pending->signal &= ~mask;
	list_for_each_entry_safe(q, next, &pending->list, list) {
		if (!(sigmask(q->info.si_signo) & mask))
			continue;
		list_del(&q->list);
		sigqueue_free(q);
	}
}

void flush_sigpending(struct sigpending *pending)
{
	flush_sigqueue_mask(~0UL, pending);
}

static u64 handler_of(struct task_struct *t, int sig)
{
	return t->sighand->action[sig - 1].handler;
}

/* Would @t drop @sig unseen?  A blocked signal must wait: it may change. */
bool sig_ignored(struct task_struct *t, int sig)
{
	u64 handler = handler_of(t, sig);

	if (t->blocked & sigmask(sig))
		return false;
	/* init is never killed by what it did not ask for */
	if (t->tgid == 1 && handler == SIG_DFL && sig != SIGSTOP)
		return true;
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && (sigmask(sig) & SIG_KERNEL_IGNORE_MASK));
}

bool sig_ignored_by_current(int sig)
{
	return (current->blocked & sigmask(sig)) ||
	       handler_of(current, sig) == SIG_IGN;
}

static void flush_group_mask(struct task_struct *p, u64 mask)
{
	struct task_struct *t = p;

	flush_sigqueue_mask(mask, &p->signal->shared_pending);
	do
		flush_sigqueue_mask(mask, &t->proc->pending);
	while_each_thread(p, t);
}

/* A stopped group goes on: wake every thread and tell the parent later. */
static void continue_group(struct task_struct *p)
{
	struct signal_struct *signal = p->signal;
	struct task_struct *t = p;

	do {
		t->proc->jobctl &=
			~(JOBCTL_STOP_PENDING | JOBCTL_STOP_DEQUEUED);
		wake_up_state(t, __TASK_STOPPED);
	}
	while_each_thread(p, t);
	if (signal->flags & SIGNAL_STOP_STOPPED ||
	    signal->group_stop_count > 0) {
		bool was_stopped = signal->flags & SIGNAL_STOP_STOPPED;

		signal->flags &= ~SIGNAL_STOP_STOPPED;
		signal->group_stop_count = 0;
		signal->group_exit_code = 0;
		if (was_stopped)
			signal->flags |= SIGNAL_CONTINUED | SIGNAL_CLD_NEWS;
	}
}

/* => false: nothing is to be queued. */
static bool prepare_signal(int sig, struct task_struct *p)
{
	if (p->signal->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;
	if (sigmask(sig) & SIG_KERNEL_STOP_MASK) {
		flush_group_mask(p, sigmask(SIGCONT));
	} else if (sig == SIGCONT) {
		flush_group_mask(p, SIG_KERNEL_STOP_MASK);
		continue_group(p);
	}
	return !sig_ignored(p, sig);
}

/* RLIMIT_SIGPENDING holds back what programs send, but not plain signals. */
static struct sigqueue *sigqueue_alloc(int sig, const struct siginfo *info,
				       struct signal_struct *owner)
{
	bool always = sig < SIGRTMIN && (!info || info->si_code >= 0);
	struct sigqueue *q;

	if (!always && (u64)atomic_read(&owner->nr_queued) >=
			       owner->rlim[RLIMIT_SIGPENDING].rlim_cur)
		return NULL;
	q = kmem_cache_alloc(sigqueue_cachep, GFP_ATOMIC);
	if (!q)
		return NULL;
	q->owner = owner;
	atomic_inc(&owner->nr_queued);
	return q;
}

static int queue_signal(int sig, const struct siginfo *info,
			struct task_struct *t, struct sigpending *pending)
{
	struct sigqueue *q = NULL;

	/* SIGKILL needs no story, and must not fail */
	if (sig != SIGKILL)
		q = sigqueue_alloc(sig, info, t->signal);
	if (q) {
		memset(&q->info, 0, sizeof(q->info));
		if (info)
			q->info = *info;
		else
			q->info.si_code = SI_KERNEL;
		q->info.si_signo = sig;
		list_add_tail(&q->list, &pending->list);
	} else if (sig >= SIGRTMIN && info && info->si_code != SI_USER) {
		return -EAGAIN;
	}
	pending->signal |= sigmask(sig);
	return 0;
}

void signal_wake_up(struct task_struct *t, bool fatal)
{
	unsigned int state = TASK_INTERRUPTIBLE;
	unsigned int cpu;

	set_ti_flag(&t->arch.ti, TIF_SIGPENDING);
	if (fatal) {
		set_ti_flag(&t->arch.ti, TIF_FATAL_SIGNAL);
		state |= TASK_STOPPED;
	}
	if (wake_up_state(t, state))
		return;
	/* a running thread on another CPU must come to look */
	cpu = task_cpu(t);
	if (cpu != smp_processor_id() && READ_ONCE(t->on_cpu))
		smp_send_reschedule(cpu);
}

static bool wants_signal(int sig, struct task_struct *t)
{
	if (t->blocked & sigmask(sig) || t->flags & PF_EXITING)
		return false;
	if (sig == SIGKILL)
		return true;
	return !task_is_stopped(t);
}

static bool sig_fatal(struct task_struct *p, int sig)
{
	return handler_of(p, sig) == SIG_DFL && p->tgid != 1 &&
	       !(sigmask(sig) &
		 (SIG_KERNEL_IGNORE_MASK | SIG_KERNEL_STOP_MASK));
}

/* Start the death of a whole group: every thread gets SIGKILL. */
static void start_group_exit(struct task_struct *p, int code)
{
	struct task_struct *t = p;

	p->signal->flags = SIGNAL_GROUP_EXIT;
	p->signal->group_exit_code = code;
	p->signal->group_stop_count = 0;
	do {
		t->proc->jobctl &= ~JOBCTL_STOP_PENDING;
		t->proc->pending.signal |= sigmask(SIGKILL);
		signal_wake_up(t, true);
	}
	while_each_thread(p, t);
}

static void complete_signal(int sig, struct task_struct *p, bool group)
{
	struct task_struct *t = p;

	if (!wants_signal(sig, p)) {
		if (!group)
			return;
		while_each_thread(p, t) if (wants_signal(sig, t)) break;
		if (t == p)
			return; /* someone will unblock it */
	}
	if (sig_fatal(p, sig) && !(p->signal->flags & SIGNAL_GROUP_EXIT) &&
	    (sig == SIGKILL || !(sigmask(sig) & SIG_KERNEL_COREDUMP_MASK))) {
		start_group_exit(p, sig);
		return;
	}
	signal_wake_up(t, sig == SIGKILL);
}

/* siglock held. */
int __send_signal(int sig, const struct siginfo *info, struct task_struct *t,
		  bool group)
{
	struct sigpending *pending = group ? &t->signal->shared_pending :
					     &t->proc->pending;
	int err;

	if (!prepare_signal(sig, t))
		return 0;
	if (sig < SIGRTMIN && pending->signal & sigmask(sig))
		return 0;
	err = queue_signal(sig, info, t, pending);
	if (!err)
		complete_signal(sig, t, group);
	return err;
}

int send_sig_info(int sig, const struct siginfo *info, struct task_struct *t,
		  bool group)
{
	struct sighand_struct *sighand = t->sighand;
	unsigned long flags;
	int err;

	if (t->flags & PF_KTHREAD || !sighand)
		return 0;
	spin_lock_irqsave(&sighand->siglock, flags);
	err = __send_signal(sig, info, t, group);
	spin_unlock_irqrestore(&sighand->siglock, flags);
	return err;
}

int send_sig(int sig, struct task_struct *t)
{
	return send_sig_info(sig, NULL, t, true);
}

int __kill_pgrp(pid_t pgrp, int sig, const struct siginfo *info)
{
	struct task_struct *p;
	int err = -ESRCH;

	lockdep_assert_held(&tasklist_lock);
	for_each_process(p) {
		if (!p->signal || p->signal->pgrp != pgrp)
			continue;
		if (sig)
			send_sig_info(sig, info, p, true);
		err = 0;
	}
	return err;
}

int kill_pgrp(pid_t pgrp, int sig, const struct siginfo *info)
{
	guard(spinlock)(&tasklist_lock);
	return __kill_pgrp(pgrp, sig, info);
}

/* The running thread did it: neither blocking nor ignoring helps. */
static void force_sig_info(const struct siginfo *info)
{
	struct sighand_struct *sighand = current->sighand;
	int sig = info->si_signo;
	struct k_sigaction *ka = &sighand->action[sig - 1];
	unsigned long flags;

	spin_lock_irqsave(&sighand->siglock, flags);
	if (current->blocked & sigmask(sig) || ka->handler == SIG_IGN) {
		ka->handler = SIG_DFL;
		current->blocked &= ~sigmask(sig);
	}
	if (!(current->proc->pending.signal & sigmask(sig)))
		queue_signal(sig, info, current, &current->proc->pending);
	signal_wake_up(current, false);
	spin_unlock_irqrestore(&sighand->siglock, flags);
}

void force_sig_fault(int sig, int code, u64 addr)
{
	struct siginfo info = {
		.si_signo = sig,
		.si_code = code,
		.si_addr = addr,
	};

	force_sig_info(&info);
}

void force_sig(int sig)
{
	struct siginfo info = { .si_signo = sig, .si_code = SI_KERNEL };

	force_sig_info(&info);
}

/* siglock held: kill the caller's siblings => SIGKILL on each. */
void zap_other_threads(struct task_struct *p)
{
	struct task_struct *t = p;

	p->signal->group_stop_count = 0;
	while_each_thread(p, t)
	{
		if (t->exit_state)
			continue;
		t->proc->jobctl &= ~JOBCTL_STOP_PENDING;
		t->proc->pending.signal |= sigmask(SIGKILL);
		signal_wake_up(t, true);
	}
}

void recalc_sigpending(void)
{
	struct task_struct *t = current;
	u64 waiting = t->proc->pending.signal |
		      t->signal->shared_pending.signal;

	if (waiting & ~t->blocked || t->proc->jobctl & JOBCTL_STOP_PENDING)
		set_ti_flag(&t->arch.ti, TIF_SIGPENDING);
	else
		clear_ti_flag(&t->arch.ti, TIF_SIGPENDING);
}

/*
 * A group signal that was meant for us but that we will not take now: some
 * other thread may.  siglock held.
 */
void retarget_shared(u64 newly_blocked)
{
	struct task_struct *t = current;
	u64 orphans = t->signal->shared_pending.signal & newly_blocked;

	if (!orphans)
		return;
	while_each_thread(current, t) if (orphans & ~t->blocked &&
					  !(t->flags & PF_EXITING))
		signal_wake_up(t, false);
}

void set_current_blocked(u64 mask)
{
	spinlock_t *lock = &current->sighand->siglock;

	mask &= ~SIG_KERNEL_ONLY_MASK;
	if (mask == current->blocked)
		return;
	guard(spinlock_irq)(lock);
	if (!(current->flags & PF_EXITING))
		retarget_shared(mask & ~current->blocked);
	current->blocked = mask;
	recalc_sigpending();
}

/* siglock held: an action became "ignore": what waits is dropped. */
void discard_if_ignored(int sig)
{
	u64 handler = handler_of(current, sig);

	if (handler == SIG_IGN ||
	    (handler == SIG_DFL && sigmask(sig) & SIG_KERNEL_IGNORE_MASK))
		flush_group_mask(current, sigmask(sig));
}

void flush_signal_handlers(struct task_struct *t, bool force_default)
{
	struct k_sigaction *ka = t->sighand->action;
	int i;

	for (i = 0; i < _NSIG; i++, ka++) {
		if (force_default || ka->handler != SIG_IGN)
			ka->handler = SIG_DFL;
		ka->flags = 0;
		ka->restorer = 0;
		ka->mask = 0;
	}
}

void signal_masks(struct task_struct *t, u64 *pending, u64 *shared,
		  u64 *ignored, u64 *caught)
{
	int i;

	*pending = t->proc->pending.signal;
	*shared = t->signal->shared_pending.signal;
	*ignored = *caught = 0;
	for (i = 1; i <= _NSIG; i++) {
		u64 handler = handler_of(t, i);

		if (handler == SIG_IGN)
			*ignored |= sigmask(i);
		else if (handler != SIG_DFL)
			*caught |= sigmask(i);
	}
}
