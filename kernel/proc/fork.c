// SPDX-License-Identifier: MIT
/*
 * A new task out of a running one: fork, vfork, clone, threads.
 *
 * copy_process() first makes or shares every part, in an order that one
 * ladder can undo; only then is the child linked where others see it, and
 * from there nothing fails.
 *
 *   CLONE_VM      share mm        else dup_mmap (copy on write)
 *   CLONE_FILES   share files     else dup_fd
 *   CLONE_FS      share fs        else copy root, cwd, umask
 *   CLONE_SIGHAND share actions   else copy them
 *   CLONE_THREAD  share signal    else a new process: own pid = tgid
 */
#include <asm/thread_info.h>
#include <asm/uaccess.h>
#include <base/bug.h>
#include <base/clock.h>
#include <base/printk.h>
#include <fs/fdtable.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/mm.h>
#include <proc/binfmt.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>
#include <sched/completion.h>
#include <sched/sched.h>
#include <sched/task.h>

static struct kmem_cache *signal_cachep, *sighand_cachep;
static struct kmem_cache *fs_cachep, *proc_task_cachep;
static atomic64_t forks;

void fork_init(void)
{
	signal_cachep = kmem_cache_create("signal_cache",
					  sizeof(struct signal_struct), 0,
					  SLAB_PANIC, NULL);
	sighand_cachep = kmem_cache_create("sighand_cache",
					   sizeof(struct sighand_struct), 0,
					   SLAB_PANIC, NULL);
	fs_cachep = kmem_cache_create("fs_cache", sizeof(struct fs_struct), 0,
				      SLAB_PANIC, NULL);
	proc_task_cachep = kmem_cache_create(
		"proc_task", sizeof(struct proc_task), 0, SLAB_PANIC, NULL);
}

u64 total_forks(void)
{
	return (u64)atomic64_read(&forks);
}

/* --- fs_struct --- */

static struct fs_struct *new_fs(const struct path *root, const struct path *cwd,
				umode_t mask)
{
	struct fs_struct *fs = kmem_cache_zalloc(fs_cachep, GFP_KERNEL);

	if (!fs)
		return NULL;
	atomic_set(&fs->count, 1);
	spin_lock_init(&fs->lock);
	fs->root = *root;
	fs->cwd = *cwd;
	fs->umask = mask;
	return fs;
}

static int copy_fs(unsigned long flags, struct task_struct *t)
{
	struct path root, cwd;

	if (flags & CLONE_FS) {
		atomic_inc(&current->fs->count);
		t->fs = current->fs;
		return 0;
	}
	root = get_fs_root();
	cwd = get_fs_pwd();
	t->fs = new_fs(&root, &cwd, current->fs->umask);
	if (t->fs)
		return 0;
	path_put(&root);
	path_put(&cwd);
	return -ENOMEM;
}

void exit_fs(struct task_struct *t)
{
	struct fs_struct *fs;

	spin_lock(&tasklist_lock);
	fs = t->fs;
	t->fs = NULL;
	spin_unlock(&tasklist_lock);
	if (!fs || !atomic_dec_and_test(&fs->count))
		return;
	path_put(&fs->root);
	path_put(&fs->cwd);
	kmem_cache_free(fs_cachep, fs);
}

static struct path get_locked(struct path *p)
{
	struct path copy;

	guard(spinlock)(&current->fs->lock);
	copy = *p;
	path_get(&copy);
	return copy;
}

struct path get_fs_root(void)
{
	return get_locked(&current->fs->root);
}

struct path get_fs_pwd(void)
{
	return get_locked(&current->fs->cwd);
}

static void set_locked(struct path *p, const struct path *new)
{
	struct path old;

	spin_lock(&current->fs->lock);
	old = *p;
	*p = *new;
	spin_unlock(&current->fs->lock);
	path_put(&old);
}

void set_fs_pwd(const struct path *p)
{
	set_locked(&current->fs->cwd, p);
}

void set_fs_root(const struct path *p)
{
	set_locked(&current->fs->root, p);
}

/* --- signals --- */

/* => a copy of old's actions (NULL: all default), with one holder; or NULL */
static struct sighand_struct *dup_sighand(struct sighand_struct *old)
{
	struct sighand_struct *sighand =
		kmem_cache_alloc(sighand_cachep, GFP_KERNEL);

	if (!sighand)
		return NULL;
	atomic_set(&sighand->count, 1);
	spin_lock_init(&sighand->siglock);
	if (old) {
		spin_lock_irq(&old->siglock);
		memcpy(sighand->action, old->action, sizeof(sighand->action));
		spin_unlock_irq(&old->siglock);
	} else {
		memset(sighand->action, 0, sizeof(sighand->action));
	}
	return sighand;
}

static int copy_sighand(unsigned long flags, struct task_struct *t)
{
	if (flags & CLONE_SIGHAND) {
		atomic_inc(&current->sighand->count);
		t->sighand = current->sighand;
		return 0;
	}
	t->sighand = dup_sighand(current->sighand);
	if (t->sighand && flags & CLONE_CLEAR_SIGHAND)
		flush_signal_handlers(t, false);
	return t->sighand ? 0 : -ENOMEM;
}

/* Others find our siglock through us only while they hold tasklist_lock. */
int unshare_sighand(void)
{
	struct sighand_struct *copy, *old = current->sighand;

	if (atomic_read(&old->count) == 1)
		return 0;
	copy = dup_sighand(old);
	if (!copy)
		return -ENOMEM;
	spin_lock(&tasklist_lock);
	spin_lock_irq(&old->siglock);
	current->sighand = copy;
	spin_unlock_irq(&old->siglock);
	spin_unlock(&tasklist_lock);
	free_signal_structs(NULL, NULL, old);
	return 0;
}

/* As many as have kernel stacks in an eighth of the memory. */
static unsigned long max_threads(void)
{
	struct mem_sysinfo si;

	si_meminfo(&si);
	return si.totalram / (8 * THREAD_SIZE / PAGE_SIZE);
}

static void default_rlimits(struct rlimit *rlim)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_STACK].rlim_cur = 8UL << 20;
	rlim[RLIMIT_CORE].rlim_cur = 0;
	rlim[RLIMIT_NOFILE] = (struct rlimit){ 1024, 4096 };
	rlim[RLIMIT_MEMLOCK] = (struct rlimit){ 8UL << 20, 8UL << 20 };
	rlim[RLIMIT_SIGPENDING] =
		(struct rlimit){ max_threads() / 2, max_threads() / 2 };
	rlim[RLIMIT_NPROC] = rlim[RLIMIT_SIGPENDING];
	rlim[RLIMIT_MSGQUEUE] = (struct rlimit){ 819200, 819200 };
	rlim[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

static int copy_signal(unsigned long flags, struct task_struct *t)
{
	struct signal_struct *signal, *old = current->signal;

	if (flags & CLONE_THREAD) {
		atomic_inc(&old->count);
		atomic_inc(&old->live);
		t->signal = old;
		return 0;
	}
	signal = kmem_cache_zalloc(signal_cachep, GFP_KERNEL);
	if (!signal)
		return -ENOMEM;
	atomic_set(&signal->count, 1);
	atomic_set(&signal->live, 1);
	signal->nr_threads = 1;
	init_waitqueue_head(&signal->wait_chldexit);
	sigpending_init(&signal->shared_pending);
	INIT_LIST_HEAD(&signal->timers);
	INIT_LIST_HEAD(&signal->cpu_timers);
	if (old) {
		memcpy(signal->rlim, old->rlim, sizeof(signal->rlim));
		signal->oom_score_adj = old->oom_score_adj;
		signal->oom_score_adj_min = old->oom_score_adj_min;
		if (old->exe_file)
			signal->exe_file = get_exe_file(old->exe_file);
	} else {
		default_rlimits(signal->rlim);
	}
	t->signal = signal;
	return 0;
}

static int copy_proc_task(struct task_struct *t)
{
	struct proc_task *pt = kmem_cache_zalloc(proc_task_cachep, GFP_KERNEL);

	if (!pt)
		return -ENOMEM;
	sigpending_init(&pt->pending);
	if (current->proc) {
		pt->cred = current->proc->cred;
		pt->personality = current->proc->personality;
		pt->no_new_privs = current->proc->no_new_privs;
		pt->dumpable = current->proc->dumpable;
	}
	t->proc = pt;
	return 0;
}

/* Nobody can find them through a task any more; any of them may be NULL. */
void free_signal_structs(struct proc_task *pt, struct signal_struct *signal,
			 struct sighand_struct *sighand)
{
	if (pt) {
		flush_sigpending(&pt->pending);
		kmem_cache_free(proc_task_cachep, pt);
	}
	if (signal && atomic_dec_and_test(&signal->count)) {
		flush_sigpending(&signal->shared_pending);
		if (signal->exe_file)
			close_exec(signal->exe_file);
		if (signal->oom_mm)
			mmdrop(signal->oom_mm);
		kmem_cache_free(signal_cachep, signal);
	}
	if (sighand && atomic_dec_and_test(&sighand->count))
		kmem_cache_free(sighand_cachep, sighand);
}

/* Init begins as a kernel thread: give it what copy_process() copies. */
int make_process(struct task_struct *t)
{
	int err = copy_proc_task(t);

	t->exit_signal = SIGCHLD;
	t->group_leader = t;
	if (!err)
		err = copy_sighand(0, t);
	if (!err)
		err = copy_signal(0, t);
	if (!err) {
		struct path root, cwd;

		get_root_path(&root);
		get_root_path(&cwd);
		t->fs = new_fs(&root, &cwd, 022);
		t->files = alloc_files();
		if (!t->fs || !t->files)
			err = -ENOMEM;
	}
	return err;
}

/* --- memory --- */

static int copy_mm(unsigned long flags, struct task_struct *t)
{
	struct mm_struct *mm, *oldmm = current->mm;
	int err;

	if (!oldmm)
		return -EINVAL;
	if (flags & CLONE_VM) {
		mmget(oldmm);
		mm = oldmm;
	} else {
		mm = mm_alloc();
		if (!mm)
			return -ENOMEM;
		err = dup_mmap(mm, oldmm);
		if (err) {
			mmput(mm);
			return err;
		}
	}
	t->mm = t->active_mm = mm;
	t->amm = &mm->arch;
	return 0;
}

static int copy_files(unsigned long flags, struct task_struct *t)
{
	struct files_struct *copy;

	if (flags & CLONE_FILES) {
		t->files = get_files_struct(current->files);
		return 0;
	}
	copy = dup_fd(current->files);
	if (IS_ERR(copy))
		return (int)PTR_ERR(copy);
	t->files = copy;
	return 0;
}

int unshare_files(void)
{
	struct files_struct *copy, *old = current->files;

	if (atomic_read(&old->count) == 1)
		return 0;
	copy = dup_fd(old);
	if (IS_ERR(copy))
		return (int)PTR_ERR(copy);
	spin_lock(&tasklist_lock);
	current->files = copy;
	spin_unlock(&tasklist_lock);
	put_files_struct(old);
	return 0;
}

/* --- clone --- */

struct clone_request {
	unsigned long flags;
	int exit_signal;
	u64 stack;
	u64 tls;
	int __user *parent_tid;
	int __user *child_tid;
	pid_t set_tid; /* 0: any */
};

static int check_clone(const struct clone_request *rq)
{
	unsigned long flags = rq->flags;

	if (flags & (CLONE_NAMESPACES | CLONE_NEWTIME | CLONE_PIDFD))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_PARENT) && current->tgid == 1)
		return -EINVAL;
	return 0;
}

static bool too_many_tasks(void)
{
	struct rlimit *rl = &current->signal->rlim[RLIMIT_NPROC];

	return current_cred()->uid && nr_threads() >= rl->rlim_cur;
}

/* The parts of @t, in order; on failure free_parts() takes back any of them. */
static int copy_parts(const struct clone_request *rq, struct task_struct *t)
{
	int err = copy_proc_task(t);

	if (!err)
		err = copy_sighand(rq->flags, t);
	if (!err)
		err = copy_signal(rq->flags, t);
	if (!err)
		err = copy_files(rq->flags, t);
	if (!err)
		err = copy_fs(rq->flags, t);
	if (!err)
		err = copy_mm(rq->flags, t);
	return err;
}

static void free_parts(struct task_struct *t)
{
	exit_mm(t);
	exit_files(t);
	exit_fs(t);
	if (t->signal)
		atomic_dec(&t->signal->live);
	free_signal_structs(t->proc, t->signal, t->sighand);
}

static void copy_identity(const struct clone_request *rq, struct task_struct *t)
{
	memcpy(t->comm, current->comm, sizeof(t->comm));
	t->flags = PF_FORKNOEXEC | (current->flags & PF_RANDOMIZE);
	t->blocked = current->blocked;
	t->start_time = t->start_boottime = ktime_get_ns();
	t->exit_signal = rq->exit_signal;
	if (rq->flags & CLONE_PARENT)
		t->exit_signal = current->group_leader->exit_signal;
	if (rq->flags & CLONE_THREAD)
		t->exit_signal = -1;
	if (rq->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = rq->child_tid;
	if (rq->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = rq->child_tid;
	if (!(rq->flags & CLONE_VM) || rq->flags & CLONE_VFORK) {
		t->proc->sas_sp = current->proc->sas_sp;
		t->proc->sas_size = current->proc->sas_size;
		t->proc->sas_flags = current->proc->sas_flags;
	}
}

/* tasklist_lock and siglock held. */
static void link_thread(struct task_struct *t)
{
	t->group_leader = current->group_leader;
	t->tgid = current->tgid;
	t->real_parent = t->parent = current->group_leader->real_parent;
	current->signal->nr_threads++;
	list_add_tail(&t->thread_group, &current->group_leader->thread_group);
}

static void link_process(unsigned long flags, struct task_struct *t)
{
	struct task_struct *parent = current->group_leader;

	if (flags & CLONE_PARENT)
		parent = parent->real_parent;
	t->group_leader = t;
	t->tgid = t->pid;
	t->real_parent = t->parent = parent;
	t->signal->pgrp = current->signal->pgrp;
	t->signal->session = current->signal->session;
	t->signal->tty = current->signal->tty;
	list_add_tail(&t->sibling, &parent->children);
	list_add_tail(&t->tasks, &task_list);
}

/* From here on others see the child. A dying parent has no more children. */
static int link_task(const struct clone_request *rq, struct task_struct *t)
{
	int err = 0;

	guard(spinlock)(&tasklist_lock);
	guard(spinlock_irq)(&current->sighand->siglock);
	recalc_sigpending();
	if (test_thread_flag(TIF_SIGPENDING)) {
		err = -ERESTARTNOINTR;
	} else {
		if (rq->flags & CLONE_THREAD)
			link_thread(t);
		else
			link_process(rq->flags, t);
		attach_pid(t);
	}
	return err;
}

static struct task_struct *copy_process(const struct clone_request *rq)
{
	struct task_struct *t;
	int err = -EAGAIN;

	if (too_many_tasks())
		return ERR_PTR(-EAGAIN);
	t = task_alloc();
	if (!t)
		return ERR_PTR(-ENOMEM);
	err = copy_parts(rq, t);
	if (err)
		goto free;
	copy_identity(rq, t);
	arch_thread_init_user(&t->arch, current_pt_regs(), rq->stack, rq->tls,
			      rq->flags & CLONE_SETTLS);
	sched_fork(t);
	t->pid = rq->set_tid ? claim_pid(rq->set_tid) : alloc_pid();
	err = t->pid;
	if (err < 0)
		goto free;
	err = link_task(rq, t);
	if (err)
		goto free_pid;
	return t;

free_pid:
	free_pid(t->pid);
free:
	free_parts(t);
	put_task_struct(t);
	return ERR_PTR(err);
}

/*
 * The child tells its vfork parent that it no longer uses the parent's
 * memory; the parent may be gone by then (killed while it waited).
 */
static DEFINE_SPINLOCK(vfork_lock);

void complete_vfork(struct task_struct *t)
{
	guard(spinlock)(&vfork_lock);
	if (t->vfork_done)
		complete(t->vfork_done);
	t->vfork_done = NULL;
}

static void wait_for_vfork(struct task_struct *t, struct completion *done)
{
	if (wait_for_completion_killable(done)) {
		spin_lock(&vfork_lock);
		t->vfork_done = NULL;
		spin_unlock(&vfork_lock);
	}
}

static long kernel_clone(const struct clone_request *rq)
{
	DECLARE_COMPLETION_ONSTACK(vfork);
	struct task_struct *t;
	long pid = check_clone(rq);

	if (pid)
		return pid;
	t = copy_process(rq);
	if (IS_ERR(t))
		return PTR_ERR(t);
	atomic64_inc(&forks);
	pid = t->pid;
	if (t->set_child_tid)
		set_ti_flag(&t->arch.ti, TIF_NOTIFY_RESUME);
	if (rq->flags & CLONE_PARENT_SETTID &&
	    put_user((int)pid, rq->parent_tid))
		pr_debug("clone: parent_tid is not writable\n");
	if (rq->flags & CLONE_VFORK) {
		t->vfork_done = &vfork;
		get_task_struct(t);
	}
	wake_up_new_task(t);
	if (rq->flags & CLONE_VFORK) {
		wait_for_vfork(t, &vfork);
		put_task_struct(t);
	}
	return pid;
}

SYSCALL(sys_clone, unsigned long flags, unsigned long stack,
	int __user *parent_tid, unsigned long tls, int __user *child_tid)
{
	struct clone_request rq = {
		.flags = flags & 0xffffffffUL & ~CSIGNAL,
		.exit_signal = (int)(flags & CSIGNAL),
		.stack = stack,
		.tls = tls,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
	};

	return kernel_clone(&rq);
}

/* The user ABI of clone3, in its third version; later ones are longer. */
struct clone_args {
	u64 flags, pidfd, child_tid, parent_tid, exit_signal;
	u64 stack, stack_size, tls;
	u64 set_tid, set_tid_size;
	u64 cgroup;
};
#define CLONE_ARGS_SIZE_VER0 offsetof(struct clone_args, set_tid)
#define CLONE_ARGS_SIZE_VER2 sizeof(struct clone_args)
#define MAX_PID_NS_LEVEL     32

/* What the caller knows and we do not must be zero. */
static int get_clone_args(struct clone_args *args, const u8 __user *uargs,
			  size_t size)
{
	size_t at;
	u8 byte;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	for (at = sizeof(*args); at < size; at++) {
		if (get_user(byte, uargs + at))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	memset(args, 0, sizeof(*args));
	return copy_from_user(args, uargs, min(size, sizeof(*args))) ? -EFAULT :
								       0;
}

/* In Linux's order of checks. There is one PID namespace, and no cgroup. */
static int check_clone_args(const struct clone_args *args, size_t size,
			    pid_t *set_tid)
{
	const u64 flags = args->flags;
	const u64 handlers = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND;
	const u64 known = (0xffffffffUL & ~(CSIGNAL | CLONE_DETACHED)) |
			  CLONE_NEWTIME | CLONE_CLEAR_SIGHAND |
			  CLONE_INTO_CGROUP;

	if (args->set_tid_size > MAX_PID_NS_LEVEL ||
	    !args->set_tid != !args->set_tid_size || args->exit_signal > _NSIG)
		return -EINVAL;
	if (flags & CLONE_INTO_CGROUP &&
	    (args->cgroup > INT_MAX || size < CLONE_ARGS_SIZE_VER2))
		return -EINVAL;
	if (args->set_tid &&
	    get_user(*set_tid, (const pid_t __user *)args->set_tid))
		return -EFAULT;
	if (flags & ~known || (flags & handlers) == handlers ||
	    (flags & (CLONE_THREAD | CLONE_PARENT) && args->exit_signal))
		return -EINVAL;
	if (!args->stack != !args->stack_size ||
	    !access_ok(args->stack, args->stack_size))
		return -EINVAL;
	if (args->set_tid_size > 1 || (args->set_tid && *set_tid < 1))
		return -EINVAL;
	return flags & CLONE_INTO_CGROUP ? -EBADF : 0;
}

SYSCALL(sys_clone3, const void __user *uargs, size_t size)
{
	struct clone_request rq = {};
	struct clone_args args;
	int err = get_clone_args(&args, uargs, size);

	if (!err)
		err = check_clone_args(&args, size, &rq.set_tid);
	if (err)
		return err;
	rq.flags = args.flags;
	rq.exit_signal = (int)args.exit_signal;
	rq.stack = args.stack + args.stack_size;
	rq.tls = args.tls;
	rq.parent_tid = (int __user *)args.parent_tid;
	rq.child_tid = (int __user *)args.child_tid;
	return kernel_clone(&rq);
}
