/* SPDX-License-Identifier: MIT */
/*
 * What a process is above a task: the state its threads share (signal_struct,
 * sighand_struct, fs_struct) and the part of a thread only this layer knows
 * (proc_task).
 *
 *   task_struct --signal--> signal_struct   pgrp, session, rlimits, tty
 *        |-------sighand--> sighand_struct  actions, siglock
 *        |-------files----> files_struct    (fs/)
 *        |-------fs-------> fs_struct       root, cwd, umask
 *        |-------mm-------> mm_struct       (mm/vm)
 *        '-------proc-----> proc_task       credentials, own pending signals
 *
 * Another task's mm, files, fs, signal, sighand and proc are looked at with
 * tasklist_lock held: exiting takes them away under it.
 *
 * Lock key: (t) tasklist_lock, (s) sighand->siglock, (o) only the thread
 * itself, (c) constant after creation, (a) atomic, (f) fs->lock
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <asm/atomic.h>
#include <asm/ptrace.h>
#include <asm/uaccess.h>
#include <fs/fs.h>
#include <lib/types.h>
#include <proc/signal.h>
#include <sched/task.h>
#include <sched/wait.h>

struct tty_struct;

#define RLIMIT_CPU	  0
#define RLIMIT_FSIZE	  1
#define RLIMIT_DATA	  2
#define RLIMIT_STACK	  3
#define RLIMIT_CORE	  4
#define RLIMIT_RSS	  5
#define RLIMIT_NPROC	  6
#define RLIMIT_NOFILE	  7
#define RLIMIT_MEMLOCK	  8
#define RLIMIT_AS	  9
#define RLIMIT_LOCKS	  10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE	  12
#define RLIMIT_NICE	  13
#define RLIMIT_RTPRIO	  14
#define RLIMIT_RTTIME	  15
#define RLIM_NLIMITS	  16
#define RLIM_INFINITY	  (~0UL)

struct rlimit {
	u64 rlim_cur;
	u64 rlim_max;
};

#define SIGNAL_GROUP_EXIT   0x01 /* the whole group is on its way out */
#define SIGNAL_STOP_STOPPED 0x02 /* all threads are stopped */
#define SIGNAL_CONTINUED    0x04 /* wait4(WCONTINUED) has news */

/* Resources used by threads or children that are gone. */
struct usage_sums {
	u64 utime, stime; /* ns */
	unsigned long min_flt, maj_flt;
	u64 nvcsw, nivcsw;
	unsigned long maxrss; /* pages */
};

struct signal_struct {
	atomic_t count;	      /* (a) threads that point here */
	atomic_t live;	      /* (a) threads not yet in do_exit() */
	int nr_threads;	      /* (t)(s) not yet released */
	unsigned int flags;   /* (s) SIGNAL_* */
	int group_exit_code;  /* (s) wait status of exit or stop */
	int group_stop_count; /* (s) threads still to stop */
	struct task_struct *group_exec_task; /* (s) waits in de_thread() */
	struct sigpending shared_pending;    /* (s) */
	atomic_t nr_queued; /* (a) entries in all pending queues; timers */
	wait_queue_head_t wait_chldexit;
	pid_t pgrp, session;		  /* (t) */
	bool leader;			  /* (t) of its session */
	bool child_subreaper;		  /* (a) orphans below come to it */
	struct tty_struct *tty;		  /* (t) controlling terminal */
	struct rlimit rlim[RLIM_NLIMITS]; /* (s) */
	struct usage_sums dead;		  /* (s) of exited threads */
	struct usage_sums children;	  /* (s) of reaped children */
	struct file *exe_file;		  /* (t) what exec ran */
	short oom_score_adj;		  /* (t) */
	short oom_score_adj_min;	  /* (t) below it only root may go */
	bool oom_flag_origin;		  /* (o) kill it first (swapoff) */
	struct mm_struct *oom_mm;	  /* (t) chosen to die: what it had */
	struct list_head timers;	  /* (s) k_itimer */
	int next_timer_id;		  /* (s) */
	struct list_head cpu_timers;	  /* (s) those armed on CPU time */
};

struct sighand_struct {
	atomic_t count; /* (a) */
	spinlock_t siglock;
	struct k_sigaction action[_NSIG]; /* (s) */
};

struct fs_struct {
	atomic_t count; /* (a) */
	spinlock_t lock;
	struct path root, cwd; /* (f) */
	umode_t umask;	       /* (f) */
};

#define NGROUPS_MAX 32

struct cred {
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	unsigned int ngroups;
	gid_t groups[NGROUPS_MAX];
};

#define ADDR_NO_RANDOMIZE 0x0040000 /* personality: setarch -R */

#define JOBCTL_STOP_PENDING  0x01 /* stop at the next signal check */
#define JOBCTL_STOP_DEQUEUED 0x02 /* a stop signal taken, not cancelled */

struct proc_task {
	struct cred cred;	     /* (o) */
	struct sigpending pending;   /* (s) */
	unsigned int jobctl;	     /* (s) */
	u64 saved_sigmask;	     /* (o) sigsuspend, ppoll */
	bool restore_sigmask;	     /* (o) */
	u64 sas_sp, sas_size;	     /* (o) sigaltstack */
	u32 sas_flags;		     /* (o) */
	u64 robust_list;	     /* (o) user address */
	u64 restart_until;	     /* (o) ns: nanosleep to go on with */
	u64 restart_rmtp;	     /* (o) user address */
	int restart_clock;	     /* (o) */
	int pdeath_signal;	     /* (o) */
	unsigned int personality;    /* (o) */
	bool no_new_privs, dumpable; /* (o) */
};

static inline struct cred *current_cred(void)
{
	return &current->proc->cred;
}

/* The soft limit of the running process. */
static inline u64 rlimit(unsigned int res)
{
	return READ_ONCE(current->signal->rlim[res].rlim_cur);
}

static inline bool thread_group_leader(const struct task_struct *t)
{
	return t->group_leader == t;
}

/* Walk all processes (leaders); tasklist_lock held. */
#define for_each_process(p) list_for_each_entry(p, &task_list, tasks)
/* Walk the threads of @t's group, itself first; tasklist_lock or siglock. */
#define while_each_thread(g, t)                                            \
	while ((t = list_entry((t)->thread_group.next, struct task_struct, \
			       thread_group)) != (g))

/* --- pid.c --- */
void pids_init(void);
pid_t alloc_pid(void); /* => pid or -EAGAIN */
/* That very number => pid; -EINVAL, -EPERM (not root), -EEXIST */
pid_t claim_pid(pid_t pid);
void free_pid(pid_t pid);
void attach_pid(struct task_struct *t); /* tasklist_lock */
void detach_pid(struct task_struct *t); /* tasklist_lock */
void exchange_pids(struct task_struct *a, struct task_struct *b);
struct task_struct *find_task_by_pid(pid_t pid); /* tasklist_lock */
struct task_struct *get_task_by_pid(pid_t pid);	 /* with a reference, or NULL */
pid_t next_pid(pid_t after); /* next process; 0 at the end */
pid_t last_pid(void);
unsigned int nr_threads(void);

/* --- fork.c --- */
#define CLONE_VM	     0x00000100UL
#define CLONE_FS	     0x00000200UL
#define CLONE_FILES	     0x00000400UL
#define CLONE_SIGHAND	     0x00000800UL
#define CLONE_PIDFD	     0x00001000UL
#define CLONE_VFORK	     0x00004000UL
#define CLONE_PARENT	     0x00008000UL
#define CLONE_THREAD	     0x00010000UL
#define CLONE_SYSVSEM	     0x00040000UL
#define CLONE_SETTLS	     0x00080000UL
#define CLONE_PARENT_SETTID  0x00100000UL
#define CLONE_CHILD_CLEARTID 0x00200000UL
#define CLONE_DETACHED	     0x00400000UL
#define CLONE_CHILD_SETTID   0x01000000UL
#define CLONE_NEWTIME	     0x00000080UL /* of clone3; a signal in clone */
#define CLONE_NAMESPACES     0x7e020000UL
#define CLONE_CLEAR_SIGHAND  0x100000000UL
#define CLONE_INTO_CGROUP    0x200000000UL
#define CSIGNAL		     0x000000ffUL

void fork_init(void);
/* Give a kernel thread (or init) the process parts it lacks => 0, -ENOMEM. */
int make_process(struct task_struct *t);
u64 total_forks(void);
void complete_vfork(struct task_struct *t);
/* Drop what forking or running gave the task; process context. */
void free_signal_structs(struct proc_task *pt, struct signal_struct *signal,
			 struct sighand_struct *sighand);
void exit_fs(struct task_struct *t);
/* Own handlers where they were shared with another process => 0, -ENOMEM. */
int unshare_sighand(void);
int unshare_files(void); /* the same for the table of open files */
struct path get_fs_root(void);
struct path get_fs_pwd(void);
void set_fs_pwd(const struct path *p);	/* consumes a reference */
void set_fs_root(const struct path *p); /* consumes a reference */
void task_sums(struct task_struct *leader, struct usage_sums *sums);

/* --- exec.c --- */
/* Replace the calling process's program => 0 or -errno, image unharmed. */
int kernel_execve(const char *path, const char *const *argv,
		  const char *const *envp, struct pt_regs *regs);

/* --- exit.c --- */
void __noreturn do_exit(int code);
void __noreturn do_group_exit(int code);
/* Is no parent outside the group left?  @ignore is leaving; tasklist_lock. */
bool pgrp_orphaned(pid_t pgrp, const struct task_struct *ignore);
void exit_mm(struct task_struct *t);
void exit_files(struct task_struct *t);
/* Let go the user memory: tell vfork parents, clear the tid, robust locks. */
void mm_release(struct task_struct *t);
/* => the task's mm with a reference, or NULL (kernel thread, exited) */
struct mm_struct *get_task_mm(struct task_struct *t);
/* Reap: tasklist_lock is held on entry and let go. */
void release_task(struct task_struct *t);
void become_leader(struct task_struct *t);
void add_usage(struct usage_sums *to, const struct usage_sums *from);

/* --- sys_file.c --- */
void sys_file_init(void);
/*
 * The lowest free number for an open file (ERR_PTR: that error), whose
 * reference it takes over. flags: O_CLOEXEC => fd, -EMFILE, -ENOMEM
 */
long install_file(struct file *file, int flags);
/* The same for two, whose numbers are stored at ufds. => 0 or -errno */
long install_pair(struct file *ends[2], int flags, int __user *ufds);

/* --- sys_proc.c --- */
/* An address space keeps copies of the limits and privileges of @t. */
void mm_copy_limits(struct mm_struct *mm, const struct task_struct *t);

/* --- itimer.c --- */
void timers_exec(void); /* timer_create's timers do not outlive exec */
void timers_exit(void); /* by the last thread */
/* Ring what is due on the caller's CPU clocks; check RLIMIT_CPU. */
void run_cpu_timers(void);
/* A signal of a timer was taken from its queue; siglock held. */
void timer_delivered(struct siginfo *info);
/* Let the tick look after all threads of p; siglock held. */
void watch_cpu_time(struct task_struct *p);

/* --- futex.c --- */
void exit_robust_list(struct task_struct *t);
int futex_wake_addr(u32 __user *uaddr, int nr);
void zap_other_threads(struct task_struct *t); /* siglock */

/* --- oom_owner.c --- */
struct oom_control;
void oom_init(void);
/*
 * Can p, a process, be killed for its memory? => NULL and *mm; or why not.
 * tasklist_lock held, also as long as *mm is used
 */
const char *oom_ineligible(struct task_struct *p, struct mm_struct **mm);

/* --- shm.c --- */
void shm_init(void);

/* --- pid_proc.c, proc_files.c --- */
void proc_pid_init(void);
void proc_files_init(void);

/* --- tty --- */
void tty_init(void);
struct file *tty_open_console(void);
void disassociate_tty(bool on_exit);
int tty_nr_of(const struct tty_struct *tty);
pid_t tty_pgrp_of(const struct tty_struct *tty);

/* --- sys_info.c --- */
/*
 * The end of the machine: log what, ask the firmware (NULL: only halt), and
 * stop all CPUs if it refuses.
 */
void machine_down(const char *what, void (*firmware)(void)) __noreturn;

#endif /* PROC_PROCESS_H */
