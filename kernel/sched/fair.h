/* SPDX-License-Identifier: MIT */
/*
 * The fair queue: arithmetic and order only, no locks, no clock, no tasks.
 */
#ifndef _KERNEL_SCHED_FAIR_H
#define _KERNEL_SCHED_FAIR_H

#include <sched/task.h>

#define NICE_0_WEIGHT 1024U

/* All guarded by the runqueue's lock. */
struct fair_queue {
	struct rb_root_cached timeline; /* the runnable that do not run */
	struct sched_entity *curr;	/* the one that runs, or NULL */
	u64 min_vruntime;		/* never goes back */
	u64 load;			/* weights of timeline and curr */
	unsigned int nr;		/* entities of timeline and curr */
};

/* Where an entity that becomes runnable starts. */
enum fair_place { FAIR_WAKE, FAIR_NEW, FAIR_AGAIN };

void fair_init(struct fair_queue *q);
void fair_set_nice(struct sched_entity *se, int nice);
/* Make runnable; not for curr. */
void fair_enqueue(struct fair_queue *q, struct sched_entity *se,
		  enum fair_place place);
/* Not runnable any more; may be curr. */
void fair_dequeue(struct fair_queue *q, struct sched_entity *se);
/* A dequeued entity goes from one queue to another, with its lag. */
void fair_leave(const struct fair_queue *q, struct sched_entity *se);
void fair_join(const struct fair_queue *q, struct sched_entity *se);
/* Charge curr for ns of running. */
void fair_charge(struct fair_queue *q, u64 ns);
/* curr goes back to the timeline; the next one becomes curr => or NULL */
void fair_put_curr(struct fair_queue *q);
struct sched_entity *fair_pick(struct fair_queue *q);
/* => true: curr is alone, and begins a new slice */
bool fair_renew_curr(struct fair_queue *q);
/* The ns that se may run before another must. */
u64 fair_slice(const struct fair_queue *q, const struct sched_entity *se);
/* Has curr run long enough? */
bool fair_slice_over(const struct fair_queue *q);
/* Should woken se run rather than curr? */
bool fair_preempts(const struct fair_queue *q, const struct sched_entity *se);
/* Put curr behind all others. */
void fair_yield(struct fair_queue *q);
/* Change the weight of any entity of the queue, or of none. */
void fair_renice(struct fair_queue *q, struct sched_entity *se, int nice);
/* The last of the timeline, for moving elsewhere; the one before; or NULL */
struct sched_entity *fair_last(const struct fair_queue *q);
struct sched_entity *fair_prev(struct sched_entity *se);

#endif
