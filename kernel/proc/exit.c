// SPDX-License-Identifier: MIT
/*
 * The end of a task: give back memory, files and terminal; become a zombie
 * that keeps only the exit code; be reaped.
 *
 *   do_exit --> exit_notify --+--> leader: zombie until wait4() (wait.c)
 *                             '--> other thread, or parent ignores SIGCHLD:
 *                                  released at once
 *
 * The kernel stack a dying task runs on is freed by the task that the CPU
 * switches to (finish_task_switch drops the last reference).
 *
 * Children hang on the leader of the group that forked them, so only the
 * end of a whole group makes orphans.
 */
#include <asm/irqflags.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>
#include <base/bug.h>
#include <fs/fdtable.h>
#include <mm/phys/gfp.h>
#include <mm/vm/mm.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/signal_queue.h>
#include <proc/syscalls.h>
#include <sched/sched.h>

void exit_mm(struct task_struct *t)
{
	struct mm_struct *mm;

	spin_lock(&tasklist_lock);
	mm = t->mm;
	t->mm = NULL;
	spin_unlock(&tasklist_lock);
	if (!mm)
		return;
	local_irq_disable();
	t->active_mm = NULL;
	t->amm = NULL;
	if (t == current)
		arch_switch_mm(NULL);
	local_irq_enable();
	mmput(mm);
}

void exit_files(struct task_struct *t)
{
	struct files_struct *files;

	spin_lock(&tasklist_lock);
	files = t->files;
	t->files = NULL;
	spin_unlock(&tasklist_lock);
	if (files)
		put_files_struct(files);
}

struct mm_struct *get_task_mm(struct task_struct *t)
{
	struct mm_struct *mm;

	guard(spinlock)(&tasklist_lock);
	mm = t->flags & PF_KTHREAD ? NULL : t->mm;
	if (mm && !mmget_not_zero(mm))
		mm = NULL;
	return mm;
}

void mm_release(struct task_struct *t)
{
	exit_robust_list(t);
	if (t->clear_child_tid) {
		/* a sole user has nobody to tell */
		if (t->mm && atomic_read(&t->mm->mm_users) > 1 &&
		    !put_user(0, t->clear_child_tid))
			futex_wake_addr((u32 __user *)t->clear_child_tid, 1);
		t->clear_child_tid = NULL;
	}
	complete_vfork(t);
}

void add_usage(struct usage_sums *to, const struct usage_sums *from)
{
	to->utime += from->utime;
	to->stime += from->stime;
	to->min_flt += from->min_flt;
	to->maj_flt += from->maj_flt;
	to->nvcsw += from->nvcsw;
	to->nivcsw += from->nivcsw;
	to->maxrss = max(to->maxrss, from->maxrss);
}

static struct usage_sums usage_of_thread(const struct task_struct *t)
{
	return (struct usage_sums){
		.utime = t->utime,
		.stime = t->stime,
		.min_flt = t->min_flt,
		.maj_flt = t->maj_flt,
		.nvcsw = t->nvcsw,
		.nivcsw = t->nivcsw,
	};
}

/* The whole group of @leader, exited threads included; tasklist_lock held. */
void task_sums(struct task_struct *leader, struct usage_sums *sums)
{
	struct task_struct *t = leader;

	*sums = leader->signal->dead;
	do {
		struct usage_sums one = usage_of_thread(t);

		add_usage(sums, &one);
	}
	while_each_thread(leader, t);
}

/* --- reaping --- */

struct remains {
	struct task_struct *task;
	struct proc_task *proc;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
};

/* tasklist_lock held: make the task unfindable. */
static void unlink_task(struct task_struct *t)
{
	struct signal_struct *signal = t->signal;

	detach_pid(t);
	if (thread_group_leader(t)) {
		list_del_init(&t->tasks);
		list_del_init(&t->sibling);
	} else {
		struct usage_sums own = usage_of_thread(t);

		add_usage(&signal->dead, &own);
	}
	guard(spinlock_irq)(&t->sighand->siglock);
	list_del_init(&t->thread_group);
	signal->nr_threads--;
	if (signal->group_exec_task)
		wake_up_process(signal->group_exec_task);
}

/*
 * Make a dead task unfindable, tasklist_lock held; what it leaves is put
 * into @left, for bury() to free when the lock is gone.
 */
static void detach_dead(struct task_struct *t, struct remains *left)
{
	unlink_task(t);
	t->exit_state = EXIT_DEAD;
	left->task = t;
	left->proc = t->proc;
	left->signal = t->signal;
	left->sighand = t->sighand;
	t->proc = NULL;
	t->signal = NULL;
	t->sighand = NULL;
}

static void bury(const struct remains *left)
{
	if (!left->task)
		return;
	free_signal_structs(left->proc, left->signal, left->sighand);
	put_task_struct(left->task);
}

void release_task(struct task_struct *t)
{
	struct remains left;

	detach_dead(t, &left);
	spin_unlock(&tasklist_lock);
	bury(&left);
}

/*
 * @t, not the leader of its group, is the only thread left but the dead
 * leader: it takes the leader's place, number and children (exec).
 */
void become_leader(struct task_struct *t)
{
	struct task_struct *leader = t->group_leader, *child, *thread;
	pid_t own_pid = t->pid;
	struct remains left;

	spin_lock(&tasklist_lock);
	list_replace(&leader->tasks, &t->tasks);
	INIT_LIST_HEAD(&leader->tasks);
	list_replace(&leader->sibling, &t->sibling);
	INIT_LIST_HEAD(&leader->sibling);
	list_splice_init(&leader->children, &t->children);
	list_for_each_entry(child, &t->children, sibling) {
		thread = child;
		do
			thread->real_parent = thread->parent = t;
		while_each_thread(child, thread);
	}
	t->real_parent = t->parent = leader->real_parent;
	t->exit_signal = leader->exit_signal;
	t->start_time = leader->start_time;
	t->start_boottime = leader->start_boottime;
	exchange_pids(leader, t);
	t->group_leader = t;
	leader->group_leader = t;
	detach_dead(leader, &left);
	spin_unlock(&tasklist_lock);
	BUG_ON(left.task->pid != own_pid);
	bury(&left);
}

/* --- telling the family; all with tasklist_lock held --- */

/* => true if the parent does not want to wait for it */
static bool do_notify_parent(struct task_struct *t)
{
	struct task_struct *parent = t->real_parent;
	struct k_sigaction *ka = &parent->sighand->action[SIGCHLD - 1];
	int code = t->exit_code;
	struct usage_sums sums;
	struct siginfo info = {
		.si_signo = t->exit_signal,
		.si_pid = t->pid,
		.si_uid = t->proc->cred.uid,
	};
	bool autoreap = false;

	task_sums(t, &sums);
	info.si_utime = (s64)(sums.utime / 10000000);
	info.si_stime = (s64)(sums.stime / 10000000);
	info.si_code = code & 0x80 ? CLD_DUMPED :
		       code & 0x7f ? CLD_KILLED :
				     CLD_EXITED;
	info.si_status = code & 0x7f ? code & 0x7f : code >> 8;
	if (t->exit_signal == SIGCHLD)
		autoreap = ka->handler == SIG_IGN || ka->flags & SA_NOCLDWAIT;
	if (t->exit_signal > 0 && t->exit_signal <= _NSIG &&
	    !(t->exit_signal == SIGCHLD && ka->handler == SIG_IGN))
		send_sig_info(t->exit_signal, &info, parent, true);
	/* sync: we are about to sleep for ever, the parent may come here */
	wake_up_interruptible_sync(&parent->signal->wait_chldexit);
	return autoreap;
}

/*
 * A process group is orphaned when no member has a parent outside the group
 * in the same session: no shell is left that could continue it.
 */
bool pgrp_orphaned(pid_t pgrp, const struct task_struct *ignore)
{
	struct task_struct *p;

	lockdep_assert_held(&tasklist_lock);
	for_each_process(p) {
		struct task_struct *parent = p->real_parent;

		if (p == ignore || !p->signal || p->signal->pgrp != pgrp ||
		    p->exit_state)
			continue;
		if (parent != ignore && parent->pid > 1 && parent->signal &&
		    parent->signal->pgrp != pgrp &&
		    parent->signal->session == p->signal->session)
			return false;
	}
	return true;
}

static bool pgrp_has_stopped(pid_t pgrp, const struct task_struct *ignore)
{
	struct task_struct *p;

	for_each_process(p)
		if (p != ignore && p->signal && p->signal->pgrp == pgrp &&
		    p->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	return false;
}

/*
 * @ignore dies, and with it the tie between @child and its @parent, which may
 * have been the last that let a shell continue the group: then its stopped
 * members go on, and go away. A group that never had one is left alone.
 */
static void hangup_if_orphaned(const struct task_struct *child,
			       const struct task_struct *parent,
			       const struct task_struct *ignore)
{
	pid_t pgrp = child->signal->pgrp;

	if (parent->signal->pgrp == pgrp ||
	    parent->signal->session != child->signal->session)
		return;
	if (!pgrp_has_stopped(pgrp, ignore) || !pgrp_orphaned(pgrp, ignore))
		return;
	__kill_pgrp(pgrp, SIGHUP, NULL);
	__kill_pgrp(pgrp, SIGCONT, NULL);
}

/* Who takes over: the nearest living ancestor that asked for it, or init. */
static struct task_struct *find_new_reaper(struct task_struct *leader)
{
	struct task_struct *p = leader->real_parent;

	for (; p && p->pid > 1; p = p->real_parent) {
		p = p->group_leader;
		if (p->signal && p->signal->child_subreaper &&
		    atomic_read(&p->signal->live))
			return p;
	}
	return find_task_by_pid(1);
}

/* => the zombies among them that nobody will wait for go to @dead */
static void reparent_children(struct task_struct *leader,
			      struct list_head *dead)
{
	struct task_struct *reaper = find_new_reaper(leader);
	struct task_struct *child, *next, *t;

	list_for_each_entry_safe(child, next, &leader->children, sibling) {
		t = child;
		do
			t->real_parent = t->parent = reaper;
		while_each_thread(child, t);
		list_move_tail(&child->sibling, &reaper->children);
		child->exit_signal =
			SIGCHLD; /* a new parent waits for no clones */
		if (child->proc->pdeath_signal)
			send_sig(child->proc->pdeath_signal, child);
		if (child->exit_state == EXIT_ZOMBIE &&
		    child->signal->nr_threads == 1 && do_notify_parent(child))
			list_move_tail(&child->sibling, dead);
		else
			hangup_if_orphaned(child, leader, leader);
	}
}

static void bury_children(struct list_head *dead)
{
	while (!list_empty(dead)) {
		spin_lock(&tasklist_lock);
		release_task(
			list_first_entry(dead, struct task_struct, sibling));
	}
}

/* Whichever thread ends last, it is the leader that is waited for. */
static void exit_notify(struct task_struct *t, bool group_dead)
{
	struct task_struct *leader = t->group_leader;
	struct remains own = {}, whole = {};
	LIST_HEAD(dead);

	spin_lock(&tasklist_lock);
	if (group_dead) {
		reparent_children(leader, &dead);
		hangup_if_orphaned(leader, leader->real_parent, leader);
	}
	spin_lock_irq(&t->sighand->siglock);
	t->exit_state = EXIT_ZOMBIE;
	if (t->signal->group_exec_task)
		wake_up_process(t->signal->group_exec_task);
	spin_unlock_irq(&t->sighand->siglock);
	if (t != leader)
		detach_dead(t, &own);
	if (leader->exit_state == EXIT_ZOMBIE &&
	    leader->signal->nr_threads == 1 && do_notify_parent(leader))
		detach_dead(leader, &whole);
	spin_unlock(&tasklist_lock);
	bury(&own);
	bury(&whole);
	bury_children(&dead);
}

/* --- dying --- */

static void note_maxrss(struct task_struct *t)
{
	struct mm_sizes sizes;

	if (!t->mm)
		return;
	mm_get_sizes(t->mm, &sizes);
	guard(spinlock_irq)(&t->sighand->siglock);
	t->signal->dead.maxrss = max(t->signal->dead.maxrss, sizes.peak_rss);
}

/* From here on the thread takes no signals, and no part in a group's stop. */
static void set_exiting(struct task_struct *t)
{
	int stopped = 0;

	spin_lock_irq(&t->sighand->siglock);
	t->flags |= PF_EXITING;
	retarget_shared(~t->blocked);
	if (t->proc->jobctl & JOBCTL_STOP_PENDING)
		stopped = take_part_in_stop();
	spin_unlock_irq(&t->sighand->siglock);
	if (stopped)
		notify_parent_cldstop(t, CLD_STOPPED, stopped);
}

static void exit_parts(struct task_struct *t, bool group_dead)
{
	note_maxrss(t);
	mm_release(t);
	exit_mm(t);
	exit_files(t);
	exit_fs(t);
	if (!group_dead)
		return;
	timers_exit();
	if (t->signal->leader)
		disassociate_tty(true);
}

void __noreturn do_exit(int code)
{
	struct task_struct *t = current;
	bool group_dead;

	if (t->tgid <= 1 && (t->pid == 0 || t->signal->nr_threads == 1))
		panic("Attempted to kill init! exitcode=0x%08x", code);
	if (in_atomic())
		panic("%s[%d] exits with a spinlock held", t->comm, t->pid);
	fail_alloc_forget();
	set_exiting(t);
	t->exit_code = code;
	group_dead = atomic_dec_and_test(&t->signal->live);
	exit_parts(t, group_dead);
	exit_notify(t, group_dead);
	do_task_dead();
}

void __noreturn do_group_exit(int code)
{
	struct signal_struct *signal = current->signal;

	spin_lock_irq(&current->sighand->siglock);
	if (signal->flags & SIGNAL_GROUP_EXIT) {
		code = signal->group_exit_code;
	} else if (!signal->group_exec_task ||
		   signal->group_exec_task == current) {
		signal->flags = SIGNAL_GROUP_EXIT;
		signal->group_exit_code = code;
		zap_other_threads(current);
	}
	spin_unlock_irq(&current->sighand->siglock);
	do_exit(code);
}

SYSCALL(sys_exit, int code)
{
	do_exit((code & 0xff) << 8);
}

SYSCALL(sys_exit_group, int code)
{
	do_group_exit((code & 0xff) << 8);
}
