// SPDX-License-Identifier: MIT
/*
 * Fairness: everybody's virtual time advances equally.
 *
 * An entity's vruntime is its run time in ns, divided by its weight; the one
 * that is furthest behind runs next. The runnable wait in a tree sorted by
 * vruntime, all near min_vruntime:
 *
 *    sleepers wake here      new ones start here
 *          v                     v
 *   --|----+------|--|----|------+----> vruntime
 *     '- at most SLEEPER_BONUS behind min_vruntime
 *
 * curr is out of the tree while it runs. A sleeper keeps its vruntime, so
 * that it falls behind; an entity that changes queues takes its distance to
 * min_vruntime along (fair_leave, fair_join).
 *
 * Invariants: nr and load count the tree and curr; min_vruntime only grows
 * and is at most the smallest vruntime (sleepers with a bonus excepted).
 * Pure: the caller holds the runqueue lock and knows the time.
 */
#include <lib/rbtree.h>
#include <lib/string.h>
#include "fair.h"

#define SCHED_LATENCY 12000000ULL /* ns in which everybody runs once */
#define MIN_SLICE     3000000ULL  /* ns, if they are too many for that */
#define WAKEUP_GRAN   1000000ULL  /* ns a woken one must be behind */
#define SLEEPER_BONUS (SCHED_LATENCY / 2)

static inline struct sched_entity *entity_of(struct rb_node *node)
{
	return rb_entry(node, struct sched_entity, run_node);
}

/* ns at this weight, in ns at weight 1024 */
static inline u64 weighted(u64 ns, const struct sched_entity *se)
{
	if (likely(se->weight == NICE_0_WEIGHT))
		return ns;
	return (u64)(((unsigned __int128)ns * se->inv_weight) >> 22);
}

static inline bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static bool entity_less(struct rb_node *a, const struct rb_node *b)
{
	return before(entity_of(a)->vruntime,
		      rb_entry(b, struct sched_entity, run_node)->vruntime);
}

void fair_init(struct fair_queue *q)
{
	memset(q, 0, sizeof(*q));
	q->timeline = RB_ROOT_CACHED;
}

/* One step of nice is a quarter more or a fifth less. */
void fair_set_nice(struct sched_entity *se, int nice)
{
	u32 w = NICE_0_WEIGHT << 10;

	for (; nice > 0; nice--)
		w = w / 5 * 4;
	for (; nice < 0; nice++)
		w = w / 4 * 5;
	se->weight = max((w + 512) >> 10, 1U);
	se->inv_weight = se->weight == 1 ? U32_MAX :
					   (u32)((1ULL << 32) / se->weight);
}

static void advance_min(struct fair_queue *q)
{
	struct rb_node *left = rb_first_cached(&q->timeline);
	u64 v;

	if (q->curr)
		v = q->curr->vruntime;
	else if (left)
		v = entity_of(left)->vruntime;
	else
		return;
	if (left && before(entity_of(left)->vruntime, v))
		v = entity_of(left)->vruntime;
	if (before(q->min_vruntime, v))
		q->min_vruntime = v;
}

static inline void insert(struct fair_queue *q, struct sched_entity *se)
{
	rb_add_cached(&se->run_node, &q->timeline, entity_less);
}

void fair_enqueue(struct fair_queue *q, struct sched_entity *se,
		  enum fair_place place)
{
	u64 floor = q->min_vruntime - SLEEPER_BONUS;

	q->load += se->weight;
	q->nr++;
	se->on_rq = true;
	switch (place) {
	case FAIR_NEW:
		se->vruntime =
			q->min_vruntime + weighted(fair_slice(q, se), se);
		break;
	case FAIR_WAKE:
		/* No more than the bonus, however long it slept. */
		if (before(se->vruntime, floor))
			se->vruntime = floor;
		break;
	case FAIR_AGAIN:
		break;
	}
	insert(q, se);
}

void fair_dequeue(struct fair_queue *q, struct sched_entity *se)
{
	if (q->curr == se)
		q->curr = NULL;
	else
		rb_erase_cached(&se->run_node, &q->timeline);
	q->load -= se->weight;
	q->nr--;
	se->on_rq = false;
	advance_min(q);
}

void fair_leave(const struct fair_queue *q, struct sched_entity *se)
{
	se->vruntime -= q->min_vruntime;
}

void fair_join(const struct fair_queue *q, struct sched_entity *se)
{
	se->vruntime += q->min_vruntime;
}

void fair_charge(struct fair_queue *q, u64 ns)
{
	q->curr->vruntime += weighted(ns, q->curr);
	advance_min(q);
}

void fair_put_curr(struct fair_queue *q)
{
	struct sched_entity *se = q->curr;

	if (!se)
		return;
	q->curr = NULL;
	insert(q, se);
}

struct sched_entity *fair_pick(struct fair_queue *q)
{
	struct rb_node *left = rb_first_cached(&q->timeline);
	struct sched_entity *se;

	if (!left)
		return NULL;
	se = entity_of(left);
	rb_erase_cached(left, &q->timeline);
	se->slice_start = se->sum_exec_runtime;
	q->curr = se;
	return se;
}

bool fair_renew_curr(struct fair_queue *q)
{
	if (rb_first_cached(&q->timeline))
		return false;
	q->curr->slice_start = q->curr->sum_exec_runtime;
	return true;
}

u64 fair_slice(const struct fair_queue *q, const struct sched_entity *se)
{
	u64 load = max(q->load, (u64)se->weight);

	return max(SCHED_LATENCY * se->weight / load, MIN_SLICE);
}

bool fair_slice_over(const struct fair_queue *q)
{
	const struct sched_entity *se = q->curr;
	struct rb_node *left = rb_first_cached(&q->timeline);
	u64 slice, ran;

	if (!se || !left)
		return false;
	slice = fair_slice(q, se);
	ran = se->sum_exec_runtime - se->slice_start;
	if (ran >= slice)
		return true;
	return ran >= MIN_SLICE &&
	       before(entity_of(left)->vruntime + slice, se->vruntime);
}

bool fair_preempts(const struct fair_queue *q, const struct sched_entity *se)
{
	if (!q->curr)
		return true;
	return before(se->vruntime + weighted(WAKEUP_GRAN, se),
		      q->curr->vruntime);
}

void fair_yield(struct fair_queue *q)
{
	struct sched_entity *last = fair_last(q);

	if (q->curr && last && before(q->curr->vruntime, last->vruntime))
		q->curr->vruntime = last->vruntime;
}

void fair_renice(struct fair_queue *q, struct sched_entity *se, int nice)
{
	if (se->on_rq)
		q->load -= se->weight;
	fair_set_nice(se, nice);
	if (se->on_rq)
		q->load += se->weight;
}

struct sched_entity *fair_last(const struct fair_queue *q)
{
	struct rb_node *node = rb_last(&q->timeline.rb_root);

	return node ? entity_of(node) : NULL;
}

struct sched_entity *fair_prev(struct sched_entity *se)
{
	struct rb_node *node = rb_prev(&se->run_node);

	return node ? entity_of(node) : NULL;
}
