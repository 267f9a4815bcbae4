/* SPDX-License-Identifier: MIT */
/*
 * A task: one flow of control, with its kernel stack and what it refers to.
 * What belongs to higher layers (mm, files, signals) is only a pointer here.
 *
 * Lock key: (r) lock of the runqueue of the task's CPU, (t) tasklist_lock,
 * (o) only the task itself, (a) atomic, (c) constant after creation,
 * (7) the process layer's own rules
 */
#ifndef _SCHED_TASK_H
#define _SCHED_TASK_H

#include <asm/atomic.h>
#include <asm/thread_info.h>
#include <base/smp.h>
#include <base/spinlock.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

/* __state; the letters are those of /proc/PID/stat. */
#define TASK_RUNNING	     0x0000 /* R: running or able to */
#define TASK_INTERRUPTIBLE   0x0001 /* S */
#define TASK_UNINTERRUPTIBLE 0x0002 /* D */
#define __TASK_STOPPED	     0x0004 /* T */
#define __TASK_TRACED	     0x0008 /* t */
#define EXIT_DEAD	     0x0010 /* X, in exit_state */
#define EXIT_ZOMBIE	     0x0020 /* Z, in exit_state */
#define TASK_DEAD	     0x0080 /* switching away for the last time */
#define TASK_WAKEKILL	     0x0100 /* fatal signals wake it */
#define TASK_WAKING	     0x0200 /* moving to another runqueue */
#define TASK_NOLOAD	     0x0400 /* D that is not load */
#define TASK_NEW	     0x0800 /* wake_up_new_task() to come */

#define TASK_NORMAL   (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED  (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_IDLE     (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)

/* flags, with Linux's values (they show in /proc/PID/stat). */
#define PF_IDLE		  0x00000002
#define PF_EXITING	  0x00000004
#define PF_FORKNOEXEC	  0x00000040
#define PF_MEMALLOC	  0x00000800
#define PF_KSWAPD	  0x00020000
#define PF_KTHREAD	  0x00200000
#define PF_SWAPOFF	  0x00800000 /* rather fails than have others killed */
#define PF_RANDOMIZE	  0x00400000
#define PF_NO_SETAFFINITY 0x04000000

#define SCHED_NORMAL 0
#define SCHED_FIFO   1
#define SCHED_RR     2
#define SCHED_BATCH  3
#define SCHED_IDLE   5

#define MAX_RT_PRIO	   100
#define DEFAULT_PRIO	   120
#define MIN_NICE	   (-20)
#define MAX_NICE	   19
#define NICE_TO_PRIO(nice) ((nice) + DEFAULT_PRIO)
#define PRIO_TO_NICE(prio) ((prio)-DEFAULT_PRIO)

#define TASK_COMM_LEN 16

struct mm_struct;
struct arch_mm;
struct files_struct;
struct fs_struct;
struct signal_struct;
struct sighand_struct;
struct proc_task;
struct completion;

/* A task in the eyes of the fair scheduler (kernel/sched/fair.c). */
struct sched_entity {
	struct rb_node run_node; /* (r) in the timeline unless running */
	u64 vruntime;		 /* (r) weighted ns, see fair.c */
	u64 exec_start;		 /* (r) ns: counted up to here */
	u64 sum_exec_runtime;	 /* (r) ns on a CPU, ever */
	u64 slice_start;	 /* (r) sum_exec_runtime when picked */
	u32 weight;		 /* (r) 1024 for nice 0 */
	u32 inv_weight;		 /* (r) 2^32 / weight */
	bool on_rq;		 /* (r) runnable */
};

struct task_struct {
	struct arch_task arch; /* first: arch finds it there */

	unsigned int __state;	  /* (r), set by (o) */
	unsigned int flags;	  /* (o) PF_* */
	atomic_t usage;		  /* (a) */
	int on_cpu;		  /* (r) its stack is in use */
	int prio, static_prio;	  /* (r) */
	unsigned int policy;	  /* (r) SCHED_* */
	unsigned int rt_priority; /* (r) kept, not used */
	u64 cpus_mask;		  /* (r) where it may run */
	struct sched_entity se;
	bool in_iowait;	    /* (o) */
	bool in_memstall;   /* (o) see psi.h */
	bool tick_was_user; /* (r) what the last tick hit */
	bool cpu_timer;	    /* (7) each tick sets TIF_NOTIFY_RESUME */
	u64 utime, stime;   /* (r) ns; sum_exec_runtime in all */
	u64 nvcsw, nivcsw;  /* (r) switches: slept, was preempted */
	u64 start_time;	    /* (c) ns of ktime_get_ns() */
	u64 start_boottime; /* (c) */

	struct mm_struct *mm, *active_mm; /* (7) */
	struct arch_mm *amm; /* (o) what the CPU is to load; NULL */

	pid_t pid, tgid;			  /* (c) */
	struct task_struct *real_parent, *parent; /* (t) */
	struct task_struct *group_leader;	  /* (t) */
	struct list_head children;		  /* (t) their sibling */
	struct list_head sibling;		  /* (t) */
	struct list_head tasks;	       /* (t) in task_list: leaders */
	struct list_head thread_group; /* (t) */

	char comm[TASK_COMM_LEN];	/* (o) */
	unsigned long min_flt, maj_flt; /* (o) */
	int exit_state;			/* (t) EXIT_* or 0 */
	int exit_code, exit_signal;	/* (t) */

	struct files_struct *files;	      /* (7) */
	struct fs_struct *fs;		      /* (7) */
	struct signal_struct *signal;	      /* (7) */
	struct sighand_struct *sighand;	      /* (7) */
	struct proc_task *proc;		      /* (7) */
	u64 blocked, saved_sigmask;	      /* (7) */
	int *set_child_tid, *clear_child_tid; /* (o) user addresses */
	void *robust_list;		      /* (o) user address */
	unsigned long personality;	      /* (o) */
	u64 timer_slack;		      /* (o) ns; 0: the usual */
	struct completion *vfork_done;	      /* (7) */
	void *kthread; /* (c) struct kthread, kernel/sched */
};

extern struct task_struct init_task; /* the boot CPU's idle task */
/* All processes' leaders and kernel threads but the idle tasks; by `tasks`. */
extern struct list_head task_list;
/*
 * Who exists and whose child it is. => process context only, so interrupts
 * may stay on. Taken outside of siglock, wait-queue and runqueue locks.
 */
extern spinlock_t tasklist_lock;

static inline void get_task_struct(struct task_struct *t)
{
	atomic_inc(&t->usage);
}

void __put_task_struct(struct task_struct *t);

/* The last one frees the task and its stack. => any context */
static inline void put_task_struct(struct task_struct *t)
{
	if (atomic_dec_and_test(&t->usage))
		__put_task_struct(t);
}

DEFINE_FREE(put_task_struct, struct task_struct, put_task_struct)

/* Once, after the slab and vmalloc are up. */
void task_init(void);
/*
 * A task, zeroed but for: a stack, usage 1, list heads, the CPU mask, nice
 * and policy, TASK_NEW. => NULL: no memory
 */
struct task_struct *task_alloc(void);
/* A name; cut to 15 characters. */
void set_task_comm(struct task_struct *t, const char *name);

static inline unsigned int task_cpu(const struct task_struct *t)
{
	return READ_ONCE(t->arch.ti.cpu);
}

static inline bool is_idle_task(const struct task_struct *t)
{
	return t->flags & PF_IDLE;
}

static inline bool signal_pending(struct task_struct *t)
{
	return unlikely(test_tsk_thread_flag(t, TIF_SIGPENDING));
}

static inline bool fatal_signal_pending(struct task_struct *t)
{
	return unlikely(test_tsk_thread_flag(t, TIF_FATAL_SIGNAL));
}

/* => must a sleep in this state end because of a signal? */
static inline bool signal_pending_state(unsigned int state,
					struct task_struct *t)
{
	if (likely(!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL))))
		return false;
	if (likely(!signal_pending(t) && !fatal_signal_pending(t)))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(t);
}

/* => R S D T t X Z I, as ps shows it */
char task_state_char(const struct task_struct *t);

#endif
