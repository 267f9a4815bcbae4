// SPDX-License-Identifier: MIT
/* System calls about who a process is: ids, groups, sessions, limits. */
#include <asm/uaccess.h>
#include <lib/string.h>
#include <mm/vm/mm.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <sched/sched.h>

SYSCALL(sys_set_tid_address, int __user *tidptr)
{
	current->clear_child_tid = tidptr;
	return current->pid;
}

SYSCALL(sys_getpid, void)
{
	return current->tgid;
}

SYSCALL(sys_gettid, void)
{
	return current->pid;
}

SYSCALL(sys_getppid, void)
{
	guard(spinlock)(&tasklist_lock);
	return current->real_parent->tgid;
}

/* --- user and group ids --- */

SYSCALL(sys_getuid, void)
{
	return current_cred()->uid;
}

SYSCALL(sys_geteuid, void)
{
	return current_cred()->euid;
}

SYSCALL(sys_getgid, void)
{
	return current_cred()->gid;
}

SYSCALL(sys_getegid, void)
{
	return current_cred()->egid;
}

#define KEEP ((uid_t)-1)

/* One of the ids the process has, or a privileged caller. */
static bool may_set(uid_t id, uid_t a, uid_t b, uid_t c)
{
	return id == KEEP || !current_cred()->euid || id == a || id == b ||
	       id == c;
}

void mm_copy_limits(struct mm_struct *mm, const struct task_struct *t)
{
	const struct rlimit *rlim = t->signal->rlim;

	mm->rlim_stack = rlim[RLIMIT_STACK].rlim_cur;
	mm->rlim_as = rlim[RLIMIT_AS].rlim_cur;
	mm->rlim_data = rlim[RLIMIT_DATA].rlim_cur;
	mm->rlim_memlock = rlim[RLIMIT_MEMLOCK].rlim_cur;
	mm->caps = t->proc->cred.euid ?
			   0 :
			   MM_CAP_RAWIO | MM_CAP_IPC_LOCK | MM_CAP_ADMIN;
	mm->thp_disabled = t->mm && t->mm->thp_disabled;
}

SYSCALL(sys_setresuid, uid_t ruid, uid_t euid, uid_t suid)
{
	struct cred *c = current_cred();

	if (!may_set(ruid, c->uid, c->euid, c->suid) ||
	    !may_set(euid, c->uid, c->euid, c->suid) ||
	    !may_set(suid, c->uid, c->euid, c->suid))
		return -EPERM;
	if (ruid != KEEP)
		c->uid = ruid;
	if (suid != KEEP)
		c->suid = suid;
	if (euid != KEEP)
		c->euid = euid;
	c->fsuid = c->euid;
	mm_copy_limits(current->mm, current);
	return 0;
}

SYSCALL(sys_setresgid, gid_t rgid, gid_t egid, gid_t sgid)
{
	struct cred *c = current_cred();

	if (!may_set(rgid, c->gid, c->egid, c->sgid) ||
	    !may_set(egid, c->gid, c->egid, c->sgid) ||
	    !may_set(sgid, c->gid, c->egid, c->sgid))
		return -EPERM;
	if (rgid != KEEP)
		c->gid = rgid;
	if (sgid != KEEP)
		c->sgid = sgid;
	if (egid != KEEP)
		c->egid = egid;
	c->fsgid = c->egid;
	return 0;
}

SYSCALL(sys_setuid, uid_t uid)
{
	if (uid == KEEP)
		return -EINVAL;
	return current_cred()->euid ? sys_setresuid(KEEP, uid, KEEP) :
				      sys_setresuid(uid, uid, uid);
}

SYSCALL(sys_setgid, gid_t gid)
{
	if (gid == KEEP)
		return -EINVAL;
	return current_cred()->euid ? sys_setresgid(KEEP, gid, KEEP) :
				      sys_setresgid(gid, gid, gid);
}

SYSCALL(sys_setreuid, uid_t ruid, uid_t euid)
{
	bool saved = ruid != KEEP ||
		     (euid != KEEP && euid != current_cred()->uid);

	return sys_setresuid(ruid, euid,
			     !saved	  ? KEEP :
			     euid != KEEP ? euid :
					    current_cred()->euid);
}

SYSCALL(sys_setregid, gid_t rgid, gid_t egid)
{
	bool saved = rgid != KEEP ||
		     (egid != KEEP && egid != current_cred()->gid);

	return sys_setresgid(rgid, egid,
			     !saved	  ? KEEP :
			     egid != KEEP ? egid :
					    current_cred()->egid);
}

SYSCALL(sys_getresuid, uid_t __user *ruid, uid_t __user *euid,
	uid_t __user *suid)
{
	const struct cred *c = current_cred();

	return put_user(c->uid, ruid) || put_user(c->euid, euid) ||
			       put_user(c->suid, suid) ?
		       -EFAULT :
		       0;
}

SYSCALL(sys_getresgid, gid_t __user *rgid, gid_t __user *egid,
	gid_t __user *sgid)
{
	const struct cred *c = current_cred();

	return put_user(c->gid, rgid) || put_user(c->egid, egid) ||
			       put_user(c->sgid, sgid) ?
		       -EFAULT :
		       0;
}

/* These two report the old id and never fail. */
SYSCALL(sys_setfsuid, uid_t uid)
{
	struct cred *c = current_cred();
	uid_t old = c->fsuid;

	if (uid != KEEP &&
	    (may_set(uid, c->uid, c->euid, c->suid) || uid == c->fsuid))
		c->fsuid = uid;
	return old;
}

SYSCALL(sys_setfsgid, gid_t gid)
{
	struct cred *c = current_cred();
	gid_t old = c->fsgid;

	if (gid != KEEP &&
	    (may_set(gid, c->gid, c->egid, c->sgid) || gid == c->fsgid))
		c->fsgid = gid;
	return old;
}

SYSCALL(sys_getgroups, int n, gid_t __user *list)
{
	const struct cred *c = current_cred();

	if (n < 0 || (n && (unsigned int)n < c->ngroups))
		return -EINVAL;
	if (n && copy_to_user(list, c->groups, c->ngroups * sizeof(gid_t)))
		return -EFAULT;
	return c->ngroups;
}

SYSCALL(sys_setgroups, int n, const gid_t __user *list)
{
	struct cred *c = current_cred();
	gid_t groups[NGROUPS_MAX];

	if (c->euid)
		return -EPERM;
	if (n < 0 || n > NGROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(groups, list, (size_t)n * sizeof(gid_t)))
		return -EFAULT;
	memcpy(c->groups, groups, sizeof(groups));
	c->ngroups = (unsigned int)n;
	return 0;
}

/* --- process groups and sessions --- */

static bool session_has_group(pid_t pgid, pid_t session)
{
	struct task_struct *p;

	for_each_process(p)
		if (p->signal && p->signal->pgrp == pgid &&
		    p->signal->session == session)
			return true;
	return false;
}

/* tasklist_lock held. */
static long change_pgid(pid_t pid, pid_t pgid)
{
	struct task_struct *me = current->group_leader;
	struct task_struct *p = find_task_by_pid(pid);

	if (!p || !p->signal)
		return -ESRCH;
	if (!thread_group_leader(p))
		return -EINVAL;
	if (p->real_parent == me) {
		if (p->signal->session != me->signal->session)
			return -EPERM;
		if (!(p->flags & PF_FORKNOEXEC))
			return -EACCES;
	} else if (p != me) {
		return -ESRCH;
	}
	if (p->signal->leader)
		return -EPERM;
	if (pgid != pid && !session_has_group(pgid, me->signal->session))
		return -EPERM;
	p->signal->pgrp = pgid;
	return 0;
}

SYSCALL(sys_setpgid, pid_t pid, pid_t pgid)
{
	if (!pid)
		pid = current->tgid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	guard(spinlock)(&tasklist_lock);
	return change_pgid(pid, pgid);
}

static long get_group(pid_t pid, bool session)
{
	struct task_struct *p;
	long ret = -ESRCH;

	guard(spinlock)(&tasklist_lock);
	p = pid ? find_task_by_pid(pid) : current;
	if (p && p->signal)
		ret = session ? p->signal->session : p->signal->pgrp;
	else if (p)
		ret = 0;
	return ret;
}

SYSCALL(sys_getpgid, pid_t pid)
{
	return get_group(pid, false);
}

SYSCALL(sys_getsid, pid_t pid)
{
	return get_group(pid, true);
}

SYSCALL(sys_setsid, void)
{
	struct signal_struct *signal = current->signal;
	pid_t id = current->tgid;
	struct task_struct *p;
	long err = id;

	guard(spinlock)(&tasklist_lock);
	if (signal->leader)
		err = -EPERM;
	for_each_process(p)
		if (p->signal && p->signal->pgrp == id)
			err = -EPERM;
	if (err > 0) {
		signal->leader = true;
		signal->session = signal->pgrp = id;
		signal->tty = NULL;
	}
	return err;
}

/* --- limits --- */

static int check_rlimit(const struct rlimit *new, const struct rlimit *old,
			unsigned int res)
{
	if (new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (res == RLIMIT_NOFILE && new->rlim_max > 4096)
		return -EPERM;
	if (new->rlim_max > old->rlim_max && current_cred()->euid)
		return -EPERM;
	return 0;
}

/* Limits of another user's process are root's business. */
static bool may_prlimit(const struct task_struct *t)
{
	const struct cred *me = current_cred(), *c = &t->proc->cred;

	return t == current || !me->euid ||
	       (me->uid == c->euid && me->uid == c->suid && me->uid == c->uid &&
		me->gid == c->egid && me->gid == c->sgid && me->gid == c->gid);
}

/* tasklist_lock held; @new and @old may be NULL. */
static int do_prlimit(struct task_struct *t, unsigned int res,
		      const struct rlimit *new, struct rlimit *old)
{
	struct rlimit *rlim;
	int err = 0;

	if (!t || !t->signal)
		return -ESRCH;
	if (!may_prlimit(t))
		return -EPERM;
	if (res >= RLIM_NLIMITS)
		return -EINVAL;
	rlim = &t->signal->rlim[res];
	guard(spinlock_irq)(&t->sighand->siglock);
	if (old)
		*old = *rlim;
	if (new)
		err = check_rlimit(new, rlim, res);
	if (new && !err) {
		*rlim = *new;
		if (t->mm)
			mm_copy_limits(t->mm, t);
		if (res == RLIMIT_CPU && new->rlim_cur != RLIM_INFINITY)
			watch_cpu_time(t);
	}
	return err;
}

SYSCALL(sys_prlimit64, pid_t pid, unsigned int res,
	const struct rlimit __user *unew, struct rlimit __user *uold)
{
	struct rlimit new, old;
	int err;

	if (unew && copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	spin_lock(&tasklist_lock);
	err = do_prlimit(pid ? find_task_by_pid(pid) : current, res,
			 unew ? &new : NULL, &old);
	spin_unlock(&tasklist_lock);
	if (err)
		return err;
	return uold && copy_to_user(uold, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL(sys_getrlimit, unsigned int res, struct rlimit __user *rlim)
{
	if (!rlim)
		return -EFAULT;
	return sys_prlimit64(0, res, NULL, rlim);
}

SYSCALL(sys_setrlimit, unsigned int res, const struct rlimit __user *rlim)
{
	if (!rlim)
		return -EFAULT;
	return sys_prlimit64(0, res, rlim, NULL);
}

/* --- prctl --- */

#define PR_SET_PDEATHSIG       1
#define PR_GET_PDEATHSIG       2
#define PR_GET_DUMPABLE	       3
#define PR_SET_DUMPABLE	       4
#define PR_GET_KEEPCAPS	       7
#define PR_SET_NAME	       15
#define PR_GET_NAME	       16
#define PR_GET_SECCOMP	       21
#define PR_CAPBSET_READ	       23
#define PR_GET_SECUREBITS      27
#define PR_SET_TIMERSLACK      29
#define PR_GET_TIMERSLACK      30
#define PR_SET_CHILD_SUBREAPER 36
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_NO_NEW_PRIVS    38
#define PR_GET_NO_NEW_PRIVS    39
#define PR_GET_TID_ADDRESS     40
#define PR_SET_THP_DISABLE     41
#define PR_GET_THP_DISABLE     42
#define CAP_LAST_CAP	       40

static long prctl_set_name(const char __user *uname)
{
	char name[TASK_COMM_LEN + 1] = {};
	long n = strncpy_from_user(name, uname, TASK_COMM_LEN - 1);

	if (n < 0)
		return n;
	name[TASK_COMM_LEN - 1] = '\0';
	set_task_comm(current, name);
	return 0;
}

static long prctl_get_name(char __user *uname)
{
	return copy_to_user(uname, current->comm, TASK_COMM_LEN) ? -EFAULT : 0;
}

SYSCALL(sys_prctl, int option, unsigned long arg2, unsigned long arg3,
	unsigned long arg4, unsigned long arg5)
{
	struct proc_task *pt = current->proc;

	switch (option) {
	case PR_SET_PDEATHSIG:
		if (arg2 > _NSIG)
			return -EINVAL;
		pt->pdeath_signal = (int)arg2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(pt->pdeath_signal, (int __user *)arg2);
	case PR_GET_DUMPABLE:
		return pt->dumpable;
	case PR_SET_DUMPABLE:
		if (arg2 > 1)
			return -EINVAL;
		pt->dumpable = arg2;
		return 0;
	case PR_SET_NAME:
		return prctl_set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return prctl_get_name((char __user *)arg2);
	case PR_CAPBSET_READ:
		return arg2 > CAP_LAST_CAP ? -EINVAL : 1;
	case PR_GET_KEEPCAPS:
	case PR_GET_SECCOMP:
	case PR_GET_SECUREBITS:
		return 0;
	case PR_GET_TID_ADDRESS:
		return put_user(current->clear_child_tid,
				(int __user *__user *)arg2);
	case PR_SET_TIMERSLACK:
		current->timer_slack = arg2;
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)(current->timer_slack ?: 50000);
	case PR_SET_CHILD_SUBREAPER:
		current->signal->child_subreaper = arg2;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)current->signal->child_subreaper,
				(int __user *)arg2);
	case PR_SET_NO_NEW_PRIVS:
		if (arg2 != 1 || arg3 || arg4 || arg5)
			return -EINVAL;
		pt->no_new_privs = true;
		return 0;
	case PR_SET_THP_DISABLE:
		if (arg3 || arg4 || arg5)
			return -EINVAL;
		WRITE_ONCE(current->mm->thp_disabled, arg2 != 0);
		return 0;
	case PR_GET_THP_DISABLE:
		if (arg2 || arg3 || arg4 || arg5)
			return -EINVAL;
		return current->mm->thp_disabled;
	case PR_GET_NO_NEW_PRIVS:
		return arg2 || arg3 || arg4 || arg5 ? -EINVAL :
						      pt->no_new_privs;
	default:
		return -EINVAL;
	}
}

SYSCALL(sys_personality, unsigned int persona)
{
	unsigned int old = current->proc->personality;

	if (persona != 0xffffffff)
		current->proc->personality = persona;
	return old;
}

#define _LINUX_CAPABILITY_VERSION_3 0x20080522

/* Root has every capability, others none; there is nothing in between. */
SYSCALL(sys_capget, void __user *uheader, void __user *udata)
{
	struct {
		u32 version;
		s32 pid;
	} header;
	u32 all = current_cred()->euid ? 0 : 0xffffffff;
	u32 data[6] = { all, all, 0, all & 0x1ff, all & 0x1ff, 0 };

	if (get_user(header.version, (u32 __user *)uheader))
		return -EFAULT;
	if (header.version != _LINUX_CAPABILITY_VERSION_3) {
		if (put_user(_LINUX_CAPABILITY_VERSION_3,
			     (u32 __user *)uheader))
			return -EFAULT;
		return udata ? -EINVAL : 0;
	}
	if (copy_from_user(&header, uheader, sizeof(header)))
		return -EFAULT;
	return udata && copy_to_user(udata, data, sizeof(data)) ? -EFAULT : 0;
}
