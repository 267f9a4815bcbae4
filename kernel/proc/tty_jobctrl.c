// SPDX-License-Identifier: MIT
/*
 * Sessions, process groups and the terminal they share.
 *
 *   session --leader's setsid+open or TIOCSCTTY--> terminal
 *      |-- group of a job --TIOCSPGRP--> in the foreground: reads, ^C, ^Z
 *      '-- other groups: reading stops them (SIGTTIN), with TOSTOP writing
 *          and always changing modes too (SIGTTOU)
 *
 * All of it is guarded by tasklist_lock: tty->session, tty->pgrp and every
 * signal_struct's tty, pgrp and session.
 */
#include <asm/uaccess.h>
#include <lib/errno.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/tty.h>
#include <proc/tty_ioctl.h>

void tty_signal(struct tty_struct *tty, int sig)
{
	guard(spinlock)(&tasklist_lock);
	if (tty->pgrp)
		__kill_pgrp(tty->pgrp, sig, NULL);
}

static void set_ctty(struct tty_struct *tty)
{
	struct signal_struct *signal = current->signal;

	lockdep_assert_held(&tasklist_lock);
	tty->session = signal->session;
	tty->pgrp = signal->pgrp;
	signal->tty = tty;
}

/* Nobody of the session has the terminal any more. */
static void clear_session(struct tty_struct *tty)
{
	struct task_struct *p;

	lockdep_assert_held(&tasklist_lock);
	for_each_process(p)
		if (p->signal && p->signal->session == tty->session)
			p->signal->tty = NULL;
	tty->session = tty->pgrp = 0;
}

void tty_open_ctty(struct tty_struct *tty)
{
	guard(spinlock)(&tasklist_lock);
	if (current->signal->leader && !current->signal->tty && !tty->session)
		set_ctty(tty);
}

int tty_check_change(struct tty_struct *tty, int sig)
{
	pid_t pgrp;
	int err = 0;

	if (READ_ONCE(current->signal->tty) != tty)
		return 0;
	guard(spinlock)(&tasklist_lock);
	pgrp = current->signal->pgrp;
	if (!tty->pgrp || tty->pgrp == pgrp) {
		/* in the foreground */
	} else if (sig_ignored_by_current(sig)) {
		err = sig == SIGTTIN ? -EIO : 0;
	} else if (pgrp_orphaned(pgrp, NULL)) {
		err = -EIO;
	} else {
		__kill_pgrp(pgrp, sig, NULL);
		err = -ERESTARTSYS;
	}
	return err;
}

void disassociate_tty(bool on_exit)
{
	struct tty_struct *tty;

	spin_lock(&tasklist_lock);
	tty = current->signal->tty;
	if (tty) {
		if (tty->pgrp) {
			__kill_pgrp(tty->pgrp, SIGHUP, NULL);
			__kill_pgrp(tty->pgrp, SIGCONT, NULL);
		}
		clear_session(tty);
	}
	spin_unlock(&tasklist_lock);
	if (!tty || !on_exit)
		return;
	/* the line is hung up: who still has it open finds its end */
	WRITE_ONCE(tty->generation, tty->generation + 1);
	n_tty_flush_input(tty);
	n_tty_start(tty);
	wake_up_interruptible_all(&tty->read_wait);
	wake_up_interruptible_all(&tty->write_wait);
}

/* @steal: root may take it from another session. => 0, -EPERM */
static int take_ctty(struct tty_struct *tty, bool steal)
{
	struct signal_struct *signal = current->signal;
	int err = 0;

	guard(spinlock)(&tasklist_lock);
	if (signal->leader && signal->tty == tty &&
	    tty->session == signal->session) {
		/* it has it */
	} else if (!signal->leader || signal->tty ||
		   (tty->session && (!steal || current_cred()->euid))) {
		err = -EPERM;
	} else {
		if (tty->session)
			clear_session(tty);
		set_ctty(tty);
	}
	return err;
}

static int give_up_ctty(struct tty_struct *tty)
{
	if (current->signal->tty != tty)
		return -ENOTTY;
	if (current->signal->leader)
		disassociate_tty(false);
	guard(spinlock)(&tasklist_lock);
	current->signal->tty = NULL;
	return 0;
}

/* => 0 and the session of @pgrp (or of that process, if none); -ESRCH */
static int session_of_pgrp(pid_t pgrp, pid_t *session)
{
	struct task_struct *p;

	lockdep_assert_held(&tasklist_lock);
	for_each_process(p)
		if (p->signal && p->signal->pgrp == pgrp) {
			*session = p->signal->session;
			return 0;
		}
	p = find_task_by_pid(pgrp);
	if (!p || !p->signal)
		return -ESRCH;
	*session = p->signal->session;
	return 0;
}

static int set_foreground(struct tty_struct *tty, pid_t pgrp)
{
	pid_t session = 0;
	int err;

	if (pgrp < 0)
		return -EINVAL;
	guard(spinlock)(&tasklist_lock);
	err = session_of_pgrp(pgrp, &session);
	if (!err && session != current->signal->session)
		err = -EPERM;
	if (!err)
		tty->pgrp = pgrp;
	return err;
}

static long tiocspgrp(struct tty_struct *tty, pid_t __user *arg)
{
	int err = tty_check_change(tty, SIGTTOU);
	pid_t pgrp;

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (current->signal->tty != tty ||
	    tty->session != current->signal->session)
		return -ENOTTY;
	if (get_user(pgrp, arg))
		return -EFAULT;
	return set_foreground(tty, pgrp);
}

long tty_jobctrl_ioctl(struct tty_struct *tty, struct file *file,
		       unsigned int cmd, void __user *arg)
{
	bool ours = current->signal->tty == tty;

	switch (cmd) {
	case TIOCSCTTY:
		if (!(file->f_mode & FMODE_READ) && current_cred()->euid)
			return -EPERM;
		return take_ctty(tty, (unsigned long)arg == 1);
	case TIOCNOTTY:
		return give_up_ctty(tty);
	case TIOCGPGRP:
		return ours ? put_user(tty->pgrp, (pid_t __user *)arg) :
			      -ENOTTY;
	case TIOCSPGRP:
		return tiocspgrp(tty, arg);
	case TIOCGSID:
		return ours && tty->session ?
			       put_user(tty->session, (pid_t __user *)arg) :
			       -ENOTTY;
	default:
		return -ENOIOCTLCMD;
	}
}
