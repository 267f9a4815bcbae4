// SPDX-License-Identifier: MIT
/*
 * Unit tests of kernel/base: the log, clocks, symbols, random numbers, calls
 * between CPUs, spin locks, and that lockdep sees what it should.
 */
#include <asm/atomic.h>
#include <base/clock.h>
#include <base/irq.h>
#include <base/kallsyms.h>
#include <base/ktest.h>
#include <base/random.h>
#include <base/smp.h>
#include <base/spinlock.h>
#include <lib/bitops.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>

extern const struct ktest_suite base_suite;

/* ---- The log ---- */

static char text[512];

/* Log without showing: level 7 is below what consoles print by default. */
static struct log_iter log_quietly(const char *line)
{
	struct log_iter it;
	int level = console_loglevel;

	console_loglevel = CONSOLE_LOGLEVEL_QUIET;
	log_iter_last(&it);
	log_store(0, LOGLEVEL_DEBUG, line, strlen(line));
	console_loglevel = level;
	return it;
}

static void log_formats(struct ktest *t)
{
	struct log_iter it = log_quietly("ktest: a\\b\n"), again = it;
	int n = log_copy(&it, text, sizeof(text) - 1);

	KTEST_ASSERT_TRUE(t, n > 0);
	text[n] = '\0';
	KTEST_EXPECT_TRUE(t, str_has_prefix(text, "<7>["));
	KTEST_EXPECT_NOT_NULL(t, strstr(text, "] ktest: a\\b\n"));

	n = kmsg_copy(&again, text, sizeof(text) - 1);
	KTEST_ASSERT_TRUE(t, n > 0);
	text[n] = '\0';
	KTEST_EXPECT_TRUE(t, str_has_prefix(text, "7,"));
	KTEST_EXPECT_NOT_NULL(t, strstr(text, ",-;ktest: a\\x5cb\n"));
}

static void log_splits_lines(struct ktest *t)
{
	struct log_iter it = log_quietly("one\ntwo\n\nfour");
	u64 first = it.seq;

	KTEST_EXPECT_GE(t, log_next_seq(), first + 4);
	KTEST_EXPECT_TRUE(t, log_pending(&it));
	it.seq = first + 3;
	KTEST_ASSERT_TRUE(t, kmsg_copy(&it, text, sizeof(text)) > 0);
	KTEST_EXPECT_NOT_NULL(t, strstr(text, ";four\n"));
}

static void log_small_buffers(struct ktest *t)
{
	struct log_iter it = log_quietly("0123456789012345678901234567890\n");

	KTEST_EXPECT_EQ(t, log_copy(&it, text, 20), 0);
	KTEST_EXPECT_EQ(t, kmsg_copy(&it, text, 20), -EINVAL);
	log_iter_first(&it);
	log_iter_tail(&it, 200);
	KTEST_EXPECT_LE(t, log_unread(&it), 200UL);
	KTEST_EXPECT_GT(t, log_unread(&it), 0UL);
}

static void log_overwritten(struct ktest *t)
{
	struct log_iter it = { .seq = 0 };
	struct log_iter first;

	log_iter_first(&first);
	if (first.seq == 0)
		return;
	KTEST_EXPECT_EQ(t, kmsg_copy(&it, text, sizeof(text)), -EPIPE);
	KTEST_EXPECT_GT(t, kmsg_copy(&it, text, sizeof(text)), 0);
}

static void ratelimit_counts(struct ktest *t)
{
	struct ratelimit_state rs = { .interval = U64_MAX / 2,
				      .burst = 3,
				      .begin = ktime_get_ns() };
	int i, allowed = 0;

	for (i = 0; i < 10; i++)
		allowed += __ratelimit(&rs, __func__);
	KTEST_EXPECT_EQ(t, allowed, 3);
	KTEST_EXPECT_EQ(t, rs.missed, 7U);
}

/* ---- Time, names, numbers ---- */

static void clock_advances(struct ktest *t)
{
	u64 a = ktime_get_ns(), b;

	udelay(20);
	b = ktime_get_ns();
	KTEST_EXPECT_GE(t, b - a, 20 * NSEC_PER_USEC);
}

static void symbols_round_trip(struct ktest *t)
{
	unsigned long size = 0, offset = 1;
	const char *name;

	name = kallsyms_lookup((unsigned long)ktime_get_ns + 4, &size, &offset);
	KTEST_EXPECT_STREQ(t, name, "ktime_get_ns");
	KTEST_EXPECT_EQ(t, offset, 4UL);
	KTEST_EXPECT_GT(t, size, 8UL);
	KTEST_EXPECT_NULL(t, kallsyms_lookup(0x1000, &size, &offset));
	snprintf(text, sizeof(text), "%ps", (void *)ktime_get_ns);
	KTEST_EXPECT_STREQ(t, text, "ktime_get_ns");
}

static void random_differs(struct ktest *t)
{
	u8 a[100], b[100];
	unsigned int i, ones = 0;

	get_random_bytes(a, sizeof(a));
	get_random_bytes(b, sizeof(b));
	KTEST_EXPECT_NE(t, memcmp(a, b, sizeof(a)), 0);
	KTEST_EXPECT_NE(t, get_random_u64(), get_random_u64());
	for (i = 0; i < sizeof(a); i++)
		ones += hweight64(a[i]);
	/* 400 expected; 200 away is 14 standard deviations. */
	KTEST_EXPECT_GT(t, ones, 200U);
	KTEST_EXPECT_LT(t, ones, 600U);
}

/* ---- CPUs ---- */

static atomic_t calls;
static u64 called_on;

static void count_call(void *arg)
{
	atomic_add(*(int *)arg, &calls);
	__atomic_fetch_or(&called_on, cpumask_of(smp_processor_id()),
			  __ATOMIC_RELAXED);
}

static void every_cpu_is_called(struct ktest *t)
{
	int one = 1, i;

	atomic_set(&calls, 0);
	called_on = 0;
	for (i = 0; i < 4; i++)
		on_each_cpu(count_call, &one, true);
	KTEST_EXPECT_EQ(t, atomic_read(&calls), 4 * (int)num_online_cpus());
	KTEST_EXPECT_EQ(t, called_on, cpu_online_mask);
}

static DEFINE_PER_CPU(unsigned int, test_counter);

static void bump_own(void *unused)
{
	(void)unused;
	this_cpu_inc(test_counter);
}

static void percpu_is_per_cpu(struct ktest *t)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(test_counter, cpu) = cpu * 100;
	on_each_cpu(bump_own, NULL, true);
	for_each_online_cpu(cpu)
		KTEST_EXPECT_EQ(t, per_cpu(test_counter, cpu), cpu * 100 + 1);
}

static void masks_iterate(struct ktest *t)
{
	unsigned int cpu, seen = 0;

	for_each_cpu(cpu, 0xa5ULL)
		seen |= 1U << cpu;
	KTEST_EXPECT_EQ(t, seen, 0xa5U);
	KTEST_EXPECT_EQ(t, cpumask_next(8, ~0ULL), (unsigned int)NR_CPUS);
}

static void bad_irqs_refused(struct ktest *t)
{
	KTEST_EXPECT_EQ(t, request_irq(NR_IRQS, NULL, "x", NULL), -EINVAL);
	KTEST_EXPECT_EQ(t, request_irq(3, NULL, "x", NULL), -EINVAL);
	KTEST_EXPECT_EQ(t, request_percpu_irq(99, NULL, "x"), -EINVAL);
	KTEST_EXPECT_FALSE(t, in_interrupt());
}

/* ---- Spin locks ---- */

static spinlock_t test_lock;
static unsigned int guarded;

/*
 * 200 rounds, or as many as 20 ms allow: where the machine has fewer CPUs
 * than the guest, a fair lock waits for the host's scheduler at each turn.
 */
static void add_under_lock(void *unused)
{
	u64 end = ktime_get_ns() + 20000000;
	unsigned int i;

	(void)unused;
	for (i = 0; i < 200 && ktime_get_ns() < end; i++) {
		spin_lock(&test_lock);
		/* Two accesses that must not mix with another CPU's. */
		guarded++;
		barrier();
		guarded++;
		spin_unlock(&test_lock);
	}
	this_cpu_add(test_counter, i);
}

static void spinlock_excludes(struct ktest *t)
{
	unsigned int rounds = 0, cpu;

	spin_lock_init(&test_lock);
	guarded = 0;
	for_each_possible_cpu(cpu)
		per_cpu(test_counter, cpu) = 0;
	on_each_cpu(add_under_lock, NULL, true);
	for_each_online_cpu(cpu)
		rounds += per_cpu(test_counter, cpu);
	KTEST_EXPECT_TRUE(t, rounds > 0);
	KTEST_EXPECT_EQ(t, guarded, 2 * rounds);
	KTEST_EXPECT_FALSE(t, spin_is_locked(&test_lock));
}

static void spinlock_trylock(struct ktest *t)
{
	static DEFINE_SPINLOCK(lock);
	int count = preempt_count();

	KTEST_ASSERT_TRUE(t, spin_trylock(&lock));
	KTEST_EXPECT_TRUE(t, spin_is_locked(&lock));
	KTEST_EXPECT_FALSE(t, spin_trylock(&lock));
	KTEST_EXPECT_EQ(t, in_atomic(), (bool)CONFIG_DEBUG);
	spin_unlock(&lock);
	KTEST_EXPECT_FALSE(t, spin_is_locked(&lock));
	KTEST_EXPECT_EQ(t, preempt_count(), count);
}

/* ---- lockdep: only the debug build has it ---- */

static unsigned int reports;
static char last_report[512];

static void note_report(const char *what)
{
	reports++;
	strscpy(last_report, what, sizeof(last_report));
}

static void take_both(spinlock_t *first, spinlock_t *second)
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

static unsigned int reports_of(void (*fn)(void))
{
	void (*hook)(const char *) = lockdep_report_hook;

	reports = 0;
	lockdep_report_hook = note_report;
	fn();
	lockdep_report_hook = hook;
	return reports;
}

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static DEFINE_SPINLOCK(lock_c);

static void abba(void)
{
	take_both(&lock_a, &lock_b);
	take_both(&lock_b, &lock_c);
	take_both(&lock_c, &lock_a);
}

static void right_order(void)
{
	take_both(&lock_a, &lock_b);
	take_both(&lock_b, &lock_c);
	take_both(&lock_a, &lock_c);
}

static void lockdep_sees_circle(struct ktest *t)
{
	KTEST_EXPECT_EQ(t, reports_of(right_order), 0U);
	KTEST_EXPECT_EQ(t, reports_of(abba), (unsigned int)CONFIG_DEBUG);
	if (CONFIG_DEBUG)
		KTEST_EXPECT_NOT_NULL(t, strstr(last_report, "circular"));
	/* The bad order was not learnt, the good one was not forgotten. */
	KTEST_EXPECT_EQ(t, reports_of(right_order), 0U);
}

static spinlock_t twins[2];

static void nest_twins(void)
{
	spin_lock(&twins[0]);
	spin_lock(&twins[1]);
	spin_unlock(&twins[1]);
	spin_unlock(&twins[0]);
}

static void nest_twins_properly(void)
{
	spin_lock(&twins[0]);
	spin_lock_nested(&twins[1], 1);
	spin_unlock(&twins[1]);
	spin_unlock(&twins[0]);
}

static void lockdep_sees_recursion(struct ktest *t)
{
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&twins[i]);
	KTEST_EXPECT_EQ(t, reports_of(nest_twins), (unsigned int)CONFIG_DEBUG);
	KTEST_EXPECT_EQ(t, reports_of(nest_twins_properly), 0U);
}

static DEFINE_SPINLOCK(irq_lock);

static void take_in_irq(void *unused)
{
	(void)unused;
	spin_lock(&irq_lock);
	spin_unlock(&irq_lock);
}

/* An interrupt, as far as lockdep can tell. */
static void in_fake_irq(void (*fn)(void *))
{
	unsigned long flags;

	local_irq_save(flags);
	irq_enter();
	fn(NULL);
	irq_exit();
	local_irq_restore(flags);
}

static void irq_unsafe(void)
{
	in_fake_irq(take_in_irq);
	take_in_irq(NULL);
}

static void lockdep_sees_irq_misuse(struct ktest *t)
{
	KTEST_EXPECT_EQ(t, reports_of(irq_unsafe), (unsigned int)CONFIG_DEBUG);
}

static void lockdep_knows_holder(struct ktest *t)
{
	spin_lock(&lock_a);
	KTEST_EXPECT_TRUE(t, lockdep_is_held(&lock_a.dep));
	lockdep_assert_held(&lock_a);
	spin_unlock(&lock_a);
	KTEST_EXPECT_EQ(t, lockdep_is_held(&lock_a.dep), !CONFIG_DEBUG);
}

static const struct ktest_case base_cases[] = {
	{ "log_formats", log_formats },
	{ "log_splits_lines", log_splits_lines },
	{ "log_small_buffers", log_small_buffers },
	{ "log_overwritten", log_overwritten },
	{ "ratelimit_counts", ratelimit_counts },
	{ "clock_advances", clock_advances },
	{ "symbols_round_trip", symbols_round_trip },
	{ "random_differs", random_differs },
	{ "every_cpu_is_called", every_cpu_is_called },
	{ "percpu_is_per_cpu", percpu_is_per_cpu },
	{ "masks_iterate", masks_iterate },
	{ "bad_irqs_refused", bad_irqs_refused },
	{ "spinlock_excludes", spinlock_excludes },
	{ "spinlock_trylock", spinlock_trylock },
	{ "lockdep_sees_circle", lockdep_sees_circle },
	{ "lockdep_sees_recursion", lockdep_sees_recursion },
	{ "lockdep_sees_irq_misuse", lockdep_sees_irq_misuse },
	{ "lockdep_knows_holder", lockdep_knows_holder },
	{},
};

const struct ktest_suite base_suite = { "base", base_cases };
