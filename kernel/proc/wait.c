// SPDX-License-Identifier: MIT
/*
 * wait4 and waitid: find a child with news (dead, stopped, continued), or
 * sleep until one has some.
 *
 * Sleeping and looking cannot miss each other: the waiter is on the queue
 * with its state set before it looks, and every child that changes wakes the
 * queue after it changed, under tasklist_lock.
 */
#include <asm/uaccess.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/process.h>
#include <proc/rusage.h>
#include <proc/signal.h>
#include <proc/syscalls.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define WNOHANG	    0x00000001
#define WUNTRACED   0x00000002
#define WSTOPPED    WUNTRACED
#define WEXITED	    0x00000004
#define WCONTINUED  0x00000008
#define WNOWAIT	    0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL	    0x40000000
#define __WCLONE    0x80000000

#define P_ALL  0
#define P_PID  1
#define P_PGID 2

struct wait_opts {
	int type; /* P_* */
	pid_t id;
	unsigned int options;
	/* results */
	pid_t pid; /* 0: nothing to report */
	uid_t uid;
	int status; /* as wait4 stores it */
	int code;   /* CLD_* */
	struct usage_sums usage;
};

static bool eligible(const struct wait_opts *wo, const struct task_struct *p)
{
	if (wo->type == P_PID && p->pid != wo->id)
		return false;
	if (wo->type == P_PGID && p->signal->pgrp != wo->id)
		return false;
	if (wo->options & __WALL)
		return true;
	return (p->exit_signal != SIGCHLD) == !!(wo->options & __WCLONE);
}

static void report(struct wait_opts *wo, struct task_struct *p, int code,
		   int status)
{
	wo->pid = p->pid;
	wo->uid = p->proc->cred.uid;
	wo->code = code;
	wo->status = status;
	task_sums(p, &wo->usage);
	spin_lock_irq(&p->sighand->siglock);
	add_usage(&wo->usage, &p->signal->children);
	spin_unlock_irq(&p->sighand->siglock);
}

/* => true if @p was reaped or is reported; then tasklist_lock is let go */
static bool wait_zombie(struct wait_opts *wo, struct task_struct *p)
{
	int status = p->signal->flags & SIGNAL_GROUP_EXIT ?
			     p->signal->group_exit_code :
			     p->exit_code;
	struct signal_struct *mine = current->signal;

	report(wo, p,
	       status & 0x80 ? CLD_DUMPED :
	       status & 0x7f ? CLD_KILLED :
			       CLD_EXITED,
	       status);
	if (wo->options & WNOWAIT) {
		spin_unlock(&tasklist_lock);
		return true;
	}
	spin_lock_irq(&current->sighand->siglock);
	add_usage(&mine->children, &wo->usage);
	spin_unlock_irq(&current->sighand->siglock);
	release_task(p);
	return true;
}

static bool wait_stopped(struct wait_opts *wo, struct task_struct *p)
{
	struct signal_struct *signal = p->signal;
	int sig = 0;

	if (!(wo->options & WUNTRACED))
		return false;
	spin_lock_irq(&p->sighand->siglock);
	if (signal->flags & SIGNAL_STOP_STOPPED) {
		sig = signal->group_exit_code;
		if (!(wo->options & WNOWAIT))
			signal->group_exit_code = 0;
	}
	spin_unlock_irq(&p->sighand->siglock);
	if (!sig)
		return false;
	report(wo, p, CLD_STOPPED, sig << 8 | 0x7f);
	spin_unlock(&tasklist_lock);
	return true;
}

static bool wait_continued(struct wait_opts *wo, struct task_struct *p)
{
	bool news;

	if (!(wo->options & WCONTINUED))
		return false;
	spin_lock_irq(&p->sighand->siglock);
	news = p->signal->flags & SIGNAL_CONTINUED;
	if (!(wo->options & WNOWAIT))
		p->signal->flags &= ~SIGNAL_CONTINUED;
	spin_unlock_irq(&p->sighand->siglock);
	if (!news)
		return false;
	report(wo, p, CLD_CONTINUED, 0xffff);
	spin_unlock(&tasklist_lock);
	return true;
}

/* => 1 reported, 0 children without news, -ECHILD none */
static int look_once(struct wait_opts *wo)
{
	struct task_struct *p;
	int err = -ECHILD;

	spin_lock(&tasklist_lock);
	list_for_each_entry(p, &current->group_leader->children, sibling) {
		if (!eligible(wo, p))
			continue;
		if (p->exit_state == EXIT_ZOMBIE &&
		    p->signal->nr_threads == 1) {
			err = 0;
			if (wo->options & WEXITED && wait_zombie(wo, p))
				return 1;
			continue;
		}
		if (p->exit_state == EXIT_DEAD)
			continue;
		err = 0;
		if (wait_stopped(wo, p) || wait_continued(wo, p))
			return 1;
	}
	spin_unlock(&tasklist_lock);
	return err;
}

static int do_wait(struct wait_opts *wo)
{
	wait_queue_head_t *wq = &current->signal->wait_chldexit;
	DEFINE_WAIT(wait);
	int ret;

	for (;;) {
		prepare_to_wait(wq, &wait, TASK_INTERRUPTIBLE);
		ret = look_once(wo);
		if (ret || wo->options & WNOHANG)
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(wq, &wait);
	return ret < 0 ? ret : 0;
}

SYSCALL(sys_wait4, pid_t pid, int __user *status, int options,
	struct rusage __user *ru)
{
	struct wait_opts wo = { .type = P_PID, .id = pid };
	struct rusage usage;
	int err;

	if ((unsigned int)options & ~(WNOHANG | WUNTRACED | WCONTINUED |
				      __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid == -1) {
		wo.type = P_ALL;
	} else if (pid <= 0) {
		wo.type = P_PGID;
		wo.id = pid ? -pid : current->signal->pgrp;
	}
	wo.options = (unsigned int)options | WEXITED;
	err = do_wait(&wo);
	if (err || !wo.pid)
		return err;
	if (status && put_user(wo.status, status))
		return -EFAULT;
	usage_to_rusage(&wo.usage, &usage);
	if (ru && copy_to_user(ru, &usage, sizeof(usage)))
		return -EFAULT;
	return wo.pid;
}

static void fill_waitid_info(const struct wait_opts *wo, struct siginfo *info)
{
	memset(info, 0, sizeof(*info));
	if (!wo->pid)
		return;
	info->si_signo = SIGCHLD;
	info->si_code = wo->code;
	info->si_pid = wo->pid;
	info->si_uid = wo->uid;
	if (wo->code == CLD_EXITED || wo->code == CLD_STOPPED)
		info->si_status = wo->status >> 8 & 0xff;
	else if (wo->code == CLD_CONTINUED)
		info->si_status = SIGCONT;
	else
		info->si_status = wo->status & 0x7f;
}

/* Check and complete what waitid() waits for. => 0, -EINVAL */
static int waitid_opts(struct wait_opts *wo, int options)
{
	if ((unsigned int)options &
	    ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
	      __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (wo->type != P_ALL && wo->type != P_PID && wo->type != P_PGID)
		return -EINVAL;
	if ((wo->type == P_PID && wo->id <= 0) ||
	    (wo->type == P_PGID && wo->id < 0))
		return -EINVAL;
	if (wo->type == P_PGID && !wo->id)
		wo->id = current->signal->pgrp;
	wo->options = (unsigned int)options;
	return 0;
}

SYSCALL(sys_waitid, int which, pid_t id, struct siginfo __user *infop,
	int options, struct rusage __user *ru)
{
	struct wait_opts wo = { .type = which, .id = id };
	struct siginfo info = {};
	struct rusage usage;
	int err = waitid_opts(&wo, options);

	if (!err)
		err = do_wait(&wo);
	if (!err) {
		fill_waitid_info(&wo, &info);
		usage_to_rusage(&wo.usage, &usage);
		if (ru && wo.pid && copy_to_user(ru, &usage, sizeof(usage)))
			return -EFAULT;
	}
	/* Also of an error: nobody */
	return infop && copy_to_user(infop, &info, sizeof(info)) ? -EFAULT :
								   err;
}
