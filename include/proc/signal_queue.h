/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of signals (sending, delivery) share with each other
 * and with nobody else.  All of it: siglock held.
 */
#ifndef PROC_SIGNAL_QUEUE_H
#define PROC_SIGNAL_QUEUE_H

#include <asm/signal_frame.h>
#include <proc/process.h>

struct sigqueue {
	struct list_head list;
	struct signal_struct *owner; /* counts it */
	struct siginfo info;
};

/* signal_struct.flags: the parent is to be told CLD_CONTINUED. */
#define SIGNAL_CLD_NEWS 0x08

/* The action of @sig has changed; drop what nobody will see any more. */
void discard_if_ignored(int sig);
void sigqueue_free(struct sigqueue *q);
void flush_sigqueue_mask(u64 mask, struct sigpending *pending);
void signal_wake_up(struct task_struct *t, bool fatal);
int __send_signal(int sig, const struct siginfo *info, struct task_struct *t,
		  bool group);
/* The group of @t has stopped or goes on: tell its parent (tasklist_lock). */
void notify_parent_cldstop(struct task_struct *t, int code, int status);
/* siglock held: some other thread may take what current will not. */
void retarget_shared(u64 newly_blocked);
/*
 * siglock held: current stops (or ends), as its group was told to.
 * => the signal to report as the group's stop if it was the last, or 0
 */
int take_part_in_stop(void);

/* Is the thread's user stack pointer in its alternate signal stack? */
bool on_altstack(u64 sp);
/* => 0, -EPERM while running on it, -EINVAL flags, -ENOMEM too small */
int set_altstack(const struct arch_stack_t *ss, u64 sp);

#endif /* PROC_SIGNAL_QUEUE_H */
