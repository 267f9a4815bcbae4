// SPDX-License-Identifier: MIT
/*
 * Unit tests of kernel/sched: the fair queue by itself, timers, sleeping and
 * waking, locks under contention from several threads and CPUs.
 */
#include <base/clock.h>
#include <base/ktest.h>
#include <base/smp.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <sched/completion.h>
#include <sched/kthread.h>
#include <sched/mutex.h>
#include <sched/rwsem.h>
#include <sched/sched.h>
#include <sched/timer.h>
#include "../../kernel/sched/fair.h"

extern const struct ktest_suite sched_suite;

#define LONG_NS (5 * NSEC_PER_SEC) /* a hang; never waited for in full */

/* ---- The fair queue, without tasks ---- */

static struct fair_queue queue;
static struct sched_entity entities[8];

static void make_entities(unsigned int n)
{
	unsigned int i;

	fair_init(&queue);
	memset(entities, 0, sizeof(entities));
	for (i = 0; i < n; i++) {
		fair_set_nice(&entities[i], 0);
		fair_enqueue(&queue, &entities[i], FAIR_NEW);
	}
}

/* Run the queue for `rounds` of 1 ms, as schedule() and the tick do. */
static void run_queue(unsigned int rounds)
{
	struct sched_entity *se = NULL;

	while (rounds--) {
		if (!se)
			se = fair_pick(&queue);
		se->sum_exec_runtime += NSEC_PER_MSEC;
		fair_charge(&queue, NSEC_PER_MSEC);
		if (fair_slice_over(&queue)) {
			fair_put_curr(&queue);
			se = NULL;
		}
	}
	fair_put_curr(&queue);
}

static void fair_equal_shares(struct ktest *t)
{
	int i;

	make_entities(4);
	KTEST_EXPECT_EQ(t, queue.nr, 4U);
	run_queue(400);
	for (i = 0; i < 4; i++) {
		KTEST_EXPECT_GE(t, entities[i].sum_exec_runtime,
				95 * NSEC_PER_MSEC);
		KTEST_EXPECT_LE(t, entities[i].sum_exec_runtime,
				105 * NSEC_PER_MSEC);
	}
}

static void fair_nice_shares(struct ktest *t)
{
	u64 a, b;

	make_entities(2);
	fair_renice(&queue, &entities[1], 5);
	KTEST_EXPECT_EQ(t, queue.load,
			(u64)entities[0].weight + entities[1].weight);
	run_queue(1000);
	a = entities[0].sum_exec_runtime;
	b = entities[1].sum_exec_runtime;
	/* 1.25 to the fifth is 3.05 */
	KTEST_EXPECT_GT(t, a * 10, b * 27);
	KTEST_EXPECT_LT(t, a * 10, b * 34);
}

static void fair_weights(struct ktest *t)
{
	struct sched_entity se;

	fair_set_nice(&se, 0);
	KTEST_EXPECT_EQ(t, se.weight, 1024U);
	fair_set_nice(&se, 19);
	KTEST_EXPECT_GE(t, se.weight, 14U);
	KTEST_EXPECT_LE(t, se.weight, 15U);
	fair_set_nice(&se, -20);
	KTEST_EXPECT_GT(t, se.weight, 85000U);
	KTEST_EXPECT_LT(t, se.weight, 92000U);
}

static void fair_sleeper_gets_on(struct ktest *t)
{
	make_entities(3);
	fair_dequeue(&queue, &entities[2]);
	run_queue(1000);
	KTEST_ASSERT_NOT_NULL(t, fair_pick(&queue));
	fair_enqueue(&queue, &entities[2], FAIR_WAKE);
	KTEST_EXPECT_TRUE(t, fair_preempts(&queue, &entities[2]));
	fair_put_curr(&queue);
	KTEST_EXPECT_PTR_EQ(t, fair_pick(&queue), &entities[2]);
	/* ...but it does not get back the second it slept. */
	fair_put_curr(&queue);
	run_queue(60);
	KTEST_EXPECT_LE(t, entities[2].sum_exec_runtime, 40 * NSEC_PER_MSEC);
}

static void fair_counts(struct ktest *t)
{
	int i;

	make_entities(8);
	KTEST_ASSERT_NOT_NULL(t, fair_last(&queue));
	KTEST_EXPECT_NOT_NULL(t, fair_prev(fair_last(&queue)));
	for (i = 0; i < 8; i++)
		fair_dequeue(&queue, &entities[i]);
	KTEST_EXPECT_EQ(t, queue.nr, 0U);
	KTEST_EXPECT_EQ(t, queue.load, 0ULL);
	KTEST_EXPECT_NULL(t, fair_pick(&queue));
	KTEST_EXPECT_NULL(t, fair_last(&queue));
}

/* ---- Timers ---- */

struct test_timer {
	struct timer timer;
	u64 fired_at;
	unsigned int count, again;
	struct completion done;
};

static void timer_fired(struct timer *timer)
{
	struct test_timer *tt = container_of(timer, struct test_timer, timer);

	tt->fired_at = ktime_get_ns();
	tt->count++;
	if (tt->count <= tt->again)
		mod_timer_ns(timer, tt->fired_at + 20 * NSEC_PER_USEC);
	else
		complete(&tt->done);
}

static struct test_timer timers[3];

static void init_timers(void)
{
	int i;

	memset(timers, 0, sizeof(timers));
	for (i = 0; i < 3; i++) {
		timer_setup(&timers[i].timer, timer_fired);
		init_completion(&timers[i].done);
	}
}

static void timers_in_order(struct ktest *t)
{
	unsigned long flags;
	u64 now;
	int i;

	init_timers();
	/* However late the interrupt is, it comes when all are armed. */
	local_irq_save(flags);
	now = ktime_get_ns();
	for (i = 0; i < 3; i++)
		mod_timer_ns(&timers[i].timer,
			     now + (u64)(3 - i) * 300 * NSEC_PER_USEC);
	local_irq_restore(flags);
	for (i = 0; i < 3; i++)
		KTEST_ASSERT_NE(t,
				wait_for_completion_timeout(&timers[i].done,
							    LONG_NS),
				0ULL);
	KTEST_EXPECT_LE(t, timers[2].fired_at, timers[1].fired_at);
	KTEST_EXPECT_LE(t, timers[1].fired_at, timers[0].fired_at);
	KTEST_EXPECT_GE(t, timers[2].fired_at, now + 300 * NSEC_PER_USEC);
}

static void timer_rearms_itself(struct ktest *t)
{
	init_timers();
	timers[0].again = 5;
	mod_timer_ns(&timers[0].timer, ktime_get_ns());
	KTEST_ASSERT_NE(
		t, wait_for_completion_timeout(&timers[0].done, LONG_NS), 0ULL);
	KTEST_EXPECT_EQ(t, timers[0].count, 6U);
	KTEST_EXPECT_FALSE(t, timer_pending(&timers[0].timer));
}

static void timer_deleted(struct ktest *t)
{
	u64 now = ktime_get_ns();
	struct timer *timer = &timers[0].timer;

	init_timers();
	KTEST_EXPECT_FALSE(t, mod_timer_ns(timer, now + LONG_NS));
	KTEST_EXPECT_TRUE(t, timer_pending(timer));
	KTEST_EXPECT_TRUE(t, mod_timer_ns(timer, now + 2 * LONG_NS));
	KTEST_EXPECT_TRUE(t, del_timer_sync(timer));
	KTEST_EXPECT_FALSE(t, del_timer(timer));
	KTEST_EXPECT_EQ(t, timers[0].count, 0U);
}

static void sleep_takes_its_time(struct ktest *t)
{
	u64 begin = ktime_get_ns();

	KTEST_EXPECT_EQ(
		t, schedule_timeout_uninterruptible_ns(300 * NSEC_PER_USEC),
		0ULL);
	KTEST_EXPECT_GE(t, ktime_get_ns() - begin, 300 * NSEC_PER_USEC);
	KTEST_EXPECT_TRUE(t, task_is_running(current));
}

/* ---- Waiting ---- */

static DECLARE_WAIT_QUEUE_HEAD(test_wait);
static int ball; /* whose turn it is */

static int play(void *arg)
{
	int me = *(int *)arg, i;

	for (i = 0; i < 5; i++) {
		wait_event(test_wait, READ_ONCE(ball) == me);
		WRITE_ONCE(ball, !me);
		wake_up_all(&test_wait);
	}
	return me + 10;
}

static void threads_take_turns(struct ktest *t)
{
	static int names[2] = { 0, 1 };
	struct task_struct *players[2];
	int i;

	ball = 2;
	for (i = 0; i < 2; i++) {
		players[i] = kthread_create(play, &names[i], "ktest/%d", i);
		KTEST_ASSERT_FALSE(t, IS_ERR(players[i]));
		get_task_struct(players[i]);
		wake_up_process(players[i]);
	}
	WRITE_ONCE(ball, 0);
	wake_up_all(&test_wait);
	/* A thread that is stopped before it runs would not play. */
	while (players[0]->__state != TASK_DEAD ||
	       players[1]->__state != TASK_DEAD)
		schedule_timeout_uninterruptible_ns(20000);
	for (i = 0; i < 2; i++) {
		KTEST_EXPECT_EQ(t, kthread_stop(players[i]), i + 10);
		put_task_struct(players[i]);
	}
	KTEST_EXPECT_EQ(t, ball, 0);
}

static void wait_times_out(struct ktest *t)
{
	KTEST_EXPECT_EQ(t, wait_event_timeout(test_wait, false, 1000), 0LL);
	KTEST_EXPECT_GT(t, wait_event_timeout(test_wait, true, 1000), 0LL);
	KTEST_EXPECT_EQ(
		t, wait_event_interruptible_timeout(test_wait, false, 1000),
		0LL);
	KTEST_EXPECT_FALSE(t, waitqueue_active(&test_wait));
}

static void completion_counts(struct ktest *t)
{
	DECLARE_COMPLETION_ONSTACK(c);

	complete(&c);
	complete(&c);
	KTEST_EXPECT_EQ(t, wait_for_completion_killable(&c), 0);
	wait_for_completion(&c);
	KTEST_EXPECT_EQ(t, wait_for_completion_timeout(&c, 1000), 0ULL);
}

static atomic_t woken;

static int wait_exclusively(void *go)
{
	int err = wait_event_interruptible_exclusive(test_wait,
						     READ_ONCE(*(int *)go));

	atomic_inc(&woken);
	return err;
}

static bool sleeps(const struct task_struct *task)
{
	return READ_ONCE(task->__state) == TASK_INTERRUPTIBLE &&
	       !READ_ONCE(task->on_cpu);
}

static void exclusive_wakes_one(struct ktest *t)
{
	struct task_struct *tasks[2];
	static int go;
	int i;

	go = 0;
	atomic_set(&woken, 0);
	for (i = 0; i < 2; i++) {
		tasks[i] =
			kthread_create(wait_exclusively, &go, "ktest/x%d", i);
		KTEST_ASSERT_FALSE(t, IS_ERR(tasks[i]));
		get_task_struct(tasks[i]);
		wake_up_process(tasks[i]);
	}
	for (i = 0; i < 2; i++)
		while (!sleeps(tasks[i]))
			schedule_timeout_uninterruptible_ns(20000);
	go = 1;
	wake_up(&test_wait);
	while (!atomic_read(&woken))
		schedule_timeout_uninterruptible_ns(20000);
	schedule_timeout_uninterruptible_ns(50000);
	KTEST_EXPECT_EQ(t, atomic_read(&woken), 1);
	KTEST_EXPECT_NE(t, sleeps(tasks[0]), sleeps(tasks[1]));
	wake_up(&test_wait);
	for (i = 0; i < 2; i++) {
		KTEST_EXPECT_EQ(t, kthread_stop(tasks[i]), 0);
		put_task_struct(tasks[i]);
	}
}

/* ---- Threads and locks ---- */

static int never_runs(void *arg)
{
	*(int *)arg = 1;
	return 0;
}

static int run_until_stopped(void *arg)
{
	while (!kthread_should_stop()) {
		(*(unsigned int *)arg)++;
		yield();
	}
	return 42;
}

static void kthread_stops(struct ktest *t)
{
	static unsigned int turns;
	struct task_struct *task;
	static int ran;

	turns = 0;
	task = kthread_run(run_until_stopped, &turns, "ktest/stop");
	KTEST_ASSERT_FALSE(t, IS_ERR(task));
	KTEST_EXPECT_STREQ(t, task->comm, "ktest/stop");
	while (!READ_ONCE(turns))
		schedule_timeout_uninterruptible_ns(20000);
	KTEST_EXPECT_EQ(t, kthread_stop(task), 42);

	task = kthread_create(never_runs, &ran, "ktest/never");
	KTEST_ASSERT_FALSE(t, IS_ERR(task));
	KTEST_EXPECT_EQ(t, kthread_stop(task), -EINTR);
	KTEST_EXPECT_EQ(t, ran, 0);
}

static void yields_to_sibling(struct ktest *t)
{
	static unsigned int turns;
	unsigned int cpu = smp_processor_id(), i;
	struct task_struct *task;
	u64 mask = current->cpus_mask;

	sched_setaffinity(current, cpumask_of(cpu));
	turns = 0;
	task = kthread_create(run_until_stopped, &turns, "ktest/yield");
	KTEST_ASSERT_FALSE(t, IS_ERR(task));
	KTEST_EXPECT_EQ(t, sched_setaffinity(task, cpumask_of(cpu)), 0);
	wake_up_process(task);
	/* Whoever yields runs last; the other goes on until its slice ends. */
	for (i = 0; i < 100 && !READ_ONCE(turns); i++)
		yield();
	KTEST_EXPECT_GT(t, turns, 0U);
	KTEST_EXPECT_EQ(t, task_cpu(task), cpu);
	kthread_stop(task);
	sched_setaffinity(current, mask);
}

static void affinity_moves(struct ktest *t)
{
	u64 mask = current->cpus_mask;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		KTEST_EXPECT_EQ(t, sched_setaffinity(current, cpumask_of(cpu)),
				0);
		KTEST_EXPECT_EQ(t, smp_processor_id(), cpu);
	}
	KTEST_EXPECT_EQ(t, sched_setaffinity(current, 1ULL << 40), -EINVAL);
	sched_setaffinity(current, mask);
}

#define WORKERS 3
#define ROUNDS	10

static struct mutex test_mutex;
static struct rw_semaphore test_sem;
static unsigned int shared[2];
static atomic_t readers_in, bad;
static struct completion workers_done;

static void update_shared(void)
{
	shared[0]++;
	cond_resched();
	shared[1]++;
}

static int use_mutex(void *unused)
{
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&test_mutex);
		if (shared[0] != shared[1])
			atomic_inc(&bad);
		update_shared();
		if (i % 10 == 0)
			yield();
		mutex_unlock(&test_mutex);
	}
	complete(&workers_done);
	return 0;
}

static int use_rwsem(void *unused)
{
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		if (i % 5 == 0) {
			down_write(&test_sem);
			if (atomic_read(&readers_in))
				atomic_inc(&bad);
			update_shared();
			if (i % 10 == 0)
				downgrade_write(&test_sem);
			else
				up_write(&test_sem);
			if (i % 10 == 0)
				up_read(&test_sem);
			continue;
		}
		down_read(&test_sem);
		atomic_inc(&readers_in);
		if (shared[0] != shared[1])
			atomic_inc(&bad);
		if (i % 10 == 1)
			yield();
		atomic_dec(&readers_in);
		up_read(&test_sem);
	}
	complete(&workers_done);
	return 0;
}

/* WORKERS threads through fn => false: they did not finish */
static bool run_workers(struct ktest *t, int (*fn)(void *))
{
	int i, started = 0;

	shared[0] = shared[1] = 0;
	atomic_set(&bad, 0);
	init_completion(&workers_done);
	for (i = 0; i < WORKERS; i++)
		if (!IS_ERR(kthread_run(fn, NULL, "ktest/w%d", i)))
			started++;
	KTEST_EXPECT_EQ(t, started, WORKERS);
	while (started--)
		if (!wait_for_completion_timeout(&workers_done, LONG_NS))
			return false;
	return true;
}

static void mutex_excludes(struct ktest *t)
{
	mutex_init(&test_mutex);
	KTEST_ASSERT_TRUE(t, run_workers(t, use_mutex));
	KTEST_EXPECT_EQ(t, atomic_read(&bad), 0);
	KTEST_EXPECT_EQ(t, shared[0], (unsigned int)(WORKERS * ROUNDS));
	KTEST_EXPECT_TRUE(t, mutex_trylock(&test_mutex));
	KTEST_EXPECT_FALSE(t, mutex_trylock(&test_mutex));
	mutex_unlock(&test_mutex);
	KTEST_EXPECT_EQ(t, mutex_lock_interruptible(&test_mutex), 0);
	mutex_unlock(&test_mutex);
}

static void rwsem_excludes(struct ktest *t)
{
	init_rwsem(&test_sem);
	KTEST_ASSERT_TRUE(t, run_workers(t, use_rwsem));
	KTEST_EXPECT_EQ(t, atomic_read(&bad), 0);
	KTEST_EXPECT_EQ(t, shared[0], (unsigned int)(WORKERS * ROUNDS / 5));
	KTEST_EXPECT_EQ(t, atomic_long_read(&test_sem.count), 0L);
	KTEST_ASSERT_TRUE(t, down_read_trylock(&test_sem));
	up_read(&test_sem);
	down_write(&test_sem);
	KTEST_EXPECT_FALSE(t, down_read_trylock(&test_sem));
	up_write(&test_sem);
}

static int want_mutex_killably(void *unused)
{
	int err;

	(void)unused;
	err = mutex_lock_interruptible(&test_mutex);
	clear_thread_flag(TIF_SIGPENDING);
	return err;
}

static void mutex_wait_is_interrupted(struct ktest *t)
{
	struct task_struct *task;

	mutex_init(&test_mutex);
	mutex_lock(&test_mutex);
	task = kthread_create(want_mutex_killably, NULL, "ktest/int");
	KTEST_ASSERT_FALSE(t, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	while (READ_ONCE(task->__state) != TASK_INTERRUPTIBLE)
		schedule_timeout_uninterruptible_ns(20000);
	set_tsk_thread_flag(task, TIF_SIGPENDING);
	wake_up_state(task, TASK_INTERRUPTIBLE);
	KTEST_EXPECT_EQ(t, kthread_stop(task), -EINTR);
	put_task_struct(task);
	mutex_unlock(&test_mutex);
	KTEST_EXPECT_EQ(t, test_mutex.owner, 0UL);
}

static int want_mutex(void *unused)
{
	(void)unused;
	mutex_lock(&test_mutex);
	mutex_unlock(&test_mutex);
	complete(&workers_done);
	return 0;
}

/* Only ever free for an instant: still, the first in the queue gets it. */
static void mutex_passes_over_once(struct ktest *t)
{
	u64 end = ktime_get_ns() + LONG_NS;
	bool done = false;

	mutex_init(&test_mutex);
	init_completion(&workers_done);
	mutex_lock(&test_mutex);
	KTEST_ASSERT_FALSE(t, IS_ERR(kthread_run(want_mutex, NULL, "ktest/m")));
	while (!(READ_ONCE(test_mutex.owner) & MUTEX_WAITERS))
		schedule_timeout_uninterruptible_ns(20000);
	while (!done && ktime_get_ns() < end) {
		mutex_unlock(&test_mutex);
		mutex_lock(&test_mutex);
		done = wait_for_completion_timeout(&workers_done, 100000);
	}
	KTEST_EXPECT_TRUE(t, done);
	mutex_unlock(&test_mutex);
	if (!done)
		wait_for_completion(&workers_done);
	KTEST_EXPECT_EQ(t, test_mutex.owner, 0UL);
}

/* ---- Accounts ---- */

static void time_is_accounted(struct ktest *t)
{
	struct kernel_cpustat a, b;
	unsigned int cpu = smp_processor_id();
	u64 before, sum_a = 0, sum_b = 0, mine, mask = current->cpus_mask;
	int i;

	sched_setaffinity(current, cpumask_of(cpu));
	mine = task_sched_runtime(current);
	before = ktime_get_ns();
	kcpustat_fetch(cpu, &a);
	udelay(100);
	kcpustat_fetch(cpu, &b);
	before = ktime_get_ns() - before;
	mine = task_sched_runtime(current) - mine;
	for (i = 0; i < NR_STATS; i++) {
		sum_a += a.cpustat[i];
		sum_b += b.cpustat[i];
	}
	KTEST_EXPECT_GE(t, sum_b - sum_a, 100 * NSEC_PER_USEC);
	KTEST_EXPECT_LE(t, sum_b - sum_a, before);
	KTEST_EXPECT_GE(t, mine, 100 * NSEC_PER_USEC);
	KTEST_EXPECT_GE(t, nr_running(), 1U);
	sched_setaffinity(current, mask);
}

static void states_have_letters(struct ktest *t)
{
	static struct task_struct task;

	task.exit_state = 0;
	task.__state = TASK_KILLABLE;
	KTEST_EXPECT_EQ(t, task_state_char(&task), 'D');
	task.__state = TASK_STOPPED;
	KTEST_EXPECT_EQ(t, task_state_char(&task), 'T');
	task.__state = TASK_IDLE;
	KTEST_EXPECT_EQ(t, task_state_char(&task), 'I');
	task.exit_state = EXIT_ZOMBIE;
	KTEST_EXPECT_EQ(t, task_state_char(&task), 'Z');
	KTEST_EXPECT_EQ(t, task_state_char(current), 'R');
}

static const struct ktest_case sched_cases[] = {
	{ "fair_equal_shares", fair_equal_shares },
	{ "fair_nice_shares", fair_nice_shares },
	{ "fair_weights", fair_weights },
	{ "fair_sleeper_gets_on", fair_sleeper_gets_on },
	{ "fair_counts", fair_counts },
	{ "timers_in_order", timers_in_order },
	{ "timer_rearms_itself", timer_rearms_itself },
	{ "timer_deleted", timer_deleted },
	{ "sleep_takes_its_time", sleep_takes_its_time },
	{ "threads_take_turns", threads_take_turns },
	{ "wait_times_out", wait_times_out },
	{ "completion_counts", completion_counts },
	{ "exclusive_wakes_one", exclusive_wakes_one },
	{ "kthread_stops", kthread_stops },
	{ "yields_to_sibling", yields_to_sibling },
	{ "affinity_moves", affinity_moves },
	{ "mutex_excludes", mutex_excludes },
	{ "rwsem_excludes", rwsem_excludes },
	{ "mutex_wait_is_interrupted", mutex_wait_is_interrupted },
	{ "mutex_passes_over_once", mutex_passes_over_once },
	{ "time_is_accounted", time_is_accounted },
	{ "states_have_letters", states_have_letters },
	{},
};

const struct ktest_suite sched_suite = { "sched", sched_cases };
