/* SPDX-License-Identifier: MIT */
/*
 * Signals: the numbers, the 128-byte siginfo, pending queues, and the calls
 * with which the rest of the kernel sends one.
 *
 * A signal waits in one of two queues: the thread's own (task->proc->pending)
 * or the one its whole thread group shares (signal->shared_pending).  Both,
 * and the table of actions, are guarded by sighand->siglock.
 *
 * Lock order: tasklist_lock -> siglock -> runqueue lock.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <asm/ptrace.h>
#include <base/spinlock.h>
#include <lib/list.h>
#include <lib/types.h>
#include <sched/task.h>

#define SIGHUP	  1
#define SIGINT	  2
#define SIGQUIT	  3
#define SIGILL	  4
#define SIGTRAP	  5
#define SIGABRT	  6
#define SIGBUS	  7
#define SIGFPE	  8
#define SIGKILL	  9
#define SIGUSR1	  10
#define SIGSEGV	  11
#define SIGUSR2	  12
#define SIGPIPE	  13
#define SIGALRM	  14
#define SIGTERM	  15
#define SIGSTKFLT 16
#define SIGCHLD	  17
#define SIGCONT	  18
#define SIGSTOP	  19
#define SIGTSTP	  20
#define SIGTTIN	  21
#define SIGTTOU	  22
#define SIGURG	  23
#define SIGXCPU	  24
#define SIGXFSZ	  25
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGWINCH  28
#define SIGIO	  29
#define SIGPWR	  30
#define SIGSYS	  31
#define SIGRTMIN  32
#define _NSIG	  64

#define sigmask(sig)	     (1UL << ((sig)-1))
#define SIG_KERNEL_ONLY_MASK (sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SIG_KERNEL_STOP_MASK                                      \
	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | \
	 sigmask(SIGTTOU))
#define SIG_KERNEL_IGNORE_MASK                                     \
	(sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) | \
	 sigmask(SIGURG))
#define SIG_KERNEL_COREDUMP_MASK                                  \
	(sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) |  \
	 sigmask(SIGABRT) | sigmask(SIGBUS) | sigmask(SIGFPE) |   \
	 sigmask(SIGSEGV) | sigmask(SIGXCPU) | sigmask(SIGXFSZ) | \
	 sigmask(SIGSYS))
/* Delivered before others: they say why this very instruction failed. */
#define SYNCHRONOUS_MASK                                        \
	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | \
	 sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))

#define SIG_DFL 0UL
#define SIG_IGN 1UL

#define SA_NOCLDSTOP 0x00000001UL
#define SA_NOCLDWAIT 0x00000002UL
#define SA_SIGINFO   0x00000004UL
#define SA_RESTORER  0x04000000UL
#define SA_ONSTACK   0x08000000UL
#define SA_RESTART   0x10000000UL
#define SA_NODEFER   0x40000000UL
#define SA_RESETHAND 0x80000000UL
#define SA_KNOWN_FLAGS                                                         \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | \
	 SA_RESTART | SA_NODEFER | SA_RESETHAND)

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (1U << 31)
#define MINSIGSTKSZ   5120

#define SI_USER	      0
#define SI_KERNEL     0x80
#define SI_QUEUE      (-1)
#define SI_TIMER      (-2)
#define SI_TKILL      (-6)
#define ILL_ILLOPC    1
#define TRAP_BRKPT    1
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define BUS_ADRALN    1
#define BUS_ADRERR    2
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* The user ABI's siginfo_t (uapi/asm-generic/siginfo.h), 128 bytes. */
struct siginfo {
	s32 si_signo;
	s32 si_errno;
	s32 si_code;
	s32 __pad0;
	union {
		struct {
			s32 si_pid;
			u32 si_uid;
			union {
				u64 si_value;
				s32 si_status;
			};
			s64 si_utime;
			s64 si_stime;
		};
		u64 si_addr;
		u8 __size[112];
	};
};

static_assert(sizeof(struct siginfo) == 128, "siginfo_t is 128 bytes");

/* The user ABI's struct sigaction on arm64. */
struct k_sigaction {
	u64 handler;
	u64 flags;
	u64 restorer;
	u64 mask;
};

struct sigpending {
	struct list_head list; /* of struct sigqueue */
	u64 signal;	       /* one bit per pending number */
};

struct ksignal {
	struct k_sigaction ka;
	struct siginfo info;
	int sig;
};

void signals_init(void);
void sigpending_init(struct sigpending *pending);

/*
 * Send @sig to @t (@group: to its whole thread group).
 * => @info NULL: from the kernel (SI_KERNEL).
 * => any context that may take siglock with interrupts off; caller keeps @t.
 * => 0, -EAGAIN when a queued real-time signal finds no memory.
 */
int send_sig_info(int sig, const struct siginfo *info, struct task_struct *t,
		  bool group);
int send_sig(int sig, struct task_struct *t);
/* Send to every process of group @pgrp => 0, -ESRCH; takes tasklist_lock. */
int kill_pgrp(pid_t pgrp, int sig, const struct siginfo *info);
/* As above with tasklist_lock held. */
int __kill_pgrp(pid_t pgrp, int sig, const struct siginfo *info);

/* A fault of the running thread; cannot be blocked or ignored. */
void force_sig_fault(int sig, int code, u64 addr);
void force_sig(int sig);

/* What is on the mind of the calling thread's signal state. */
void recalc_sigpending(void);
void set_current_blocked(u64 mask);
/* siglock held: would it be thrown away? */
bool sig_ignored(struct task_struct *t, int sig);
bool sig_ignored_by_current(int sig);
/* Drop what waits in a queue nobody can send to any more. */
void flush_sigpending(struct sigpending *pending);
void flush_signal_handlers(struct task_struct *t, bool force_default);

/* Take the next deliverable signal, or run its default action. */
bool get_signal(struct ksignal *ksig);
/* Dequeue one signal of @wanted for sigtimedwait => its number or 0. */
int dequeue_signal(u64 wanted, struct siginfo *info);
/* Deliver signals on the way to user mode (rewrites @regs). */
void do_signal(struct pt_regs *regs);
/* Pending, for /proc: both queues of @t. */
void signal_masks(struct task_struct *t, u64 *pending, u64 *shared,
		  u64 *ignored, u64 *caught);

/*
 * ppoll, pselect, sigsuspend: another mask while the call lasts.  If it ends
 * by a signal the old one comes back when the handler returns.
 */
void set_temporary_sigmask(u64 mask);
void restore_saved_sigmask_unless(bool interrupted);

#endif /* PROC_SIGNAL_H */
