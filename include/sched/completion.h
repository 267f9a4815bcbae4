/* SPDX-License-Identifier: MIT */
/*
 * "It is done": a count of how often it was done and not yet waited for.
 */
#ifndef _SCHED_COMPLETION_H
#define _SCHED_COMPLETION_H

#include <sched/wait.h>

struct completion {
	unsigned int done; /* wait.lock */
	wait_queue_head_t wait;
};

/* On the stack of the waiter: complete() touches it last under its lock. */
#define DECLARE_COMPLETION_ONSTACK(name) \
	struct completion name;          \
	init_completion(&name)

#define init_completion(c)                       \
	do {                                     \
		(c)->done = 0;                   \
		init_waitqueue_head(&(c)->wait); \
	} while (0)

/* => any context */
void complete(struct completion *c);
void wait_for_completion(struct completion *c);
/* => 0 or -ERESTARTSYS */
int wait_for_completion_killable(struct completion *c);
/* => ns left, at least 1; 0: timed out */
u64 wait_for_completion_timeout(struct completion *c, u64 ns);

#endif
