// SPDX-License-Identifier: MIT
/*
 * Runs the unit tests, one after the other, on the calling task. Says one
 * line, or KTAP with "ktest=verbose"; failures always show. Only start_kernel
 * calls it, once, so it is init code as the tests are.
 */
#include <base/clock.h>
#include <base/ktest.h>
#include <lib/printf.h>
#include <lib/string.h>

static bool verbose;

void ktest_fail(struct ktest *t, const char *file, int line, const char *fmt,
		...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	t->failures++;
	pr_err("    # %s.%s: FAILED at %s:%d: %s\n", t->suite, t->name, file,
	       line, text);
}

bool ktest_str_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Does "ktest=opt" ask for this case? opt: NULL, SUITE or SUITE.CASE */
static bool __init selected(const char *opt, const char *suite,
			    const char *name)
{
	size_t len = strlen(suite);

	if (!opt)
		return true;
	if (strncmp(opt, suite, len))
		return false;
	return opt[len] == '\0' ||
	       (opt[len] == '.' && strcmp(opt + len + 1, name) == 0);
}

struct totals {
	unsigned int passed, failed;
};

static void __init run_case(const struct ktest_suite *suite,
			    const struct ktest_case *c, unsigned int number,
			    struct totals *totals)
{
	struct ktest t = { .suite = suite->name, .name = c->name };
	u64 begin = ktime_get_ns();

	c->run(&t);
	if (t.failures)
		totals->failed++;
	else
		totals->passed++;
	if (verbose || t.failures)
		pr_info("    %s %u %s.%s # %llu us\n",
			t.failures ? "not ok" : "ok", number, suite->name,
			c->name, (ktime_get_ns() - begin) / NSEC_PER_USEC);
}

static void __init run_suite(const struct ktest_suite *suite, const char *opt,
			     unsigned int number, struct totals *totals)
{
	const struct ktest_case *c;
	struct totals own = { 0, 0 };
	unsigned int n = 0;

	if (verbose)
		pr_info("    # Subtest: %s\n", suite->name);
	for (c = suite->cases; c->name; c++)
		if (selected(opt, suite->name, c->name))
			run_case(suite, c, ++n, &own);
	if (verbose) {
		pr_info("    1..%u\n", n);
		pr_info("%s %u %s\n", own.failed ? "not ok" : "ok", number,
			suite->name);
	}
	totals->passed += own.passed;
	totals->failed += own.failed;
}

int __init ktest_run_all(const struct ktest_suite *const *suites,
			 const char *opt)
{
	struct totals totals = { 0, 0 };
	u64 begin = ktime_get_ns();
	unsigned int n;

	if (opt && (strcmp(opt, "off") == 0 || strcmp(opt, "0") == 0))
		return 0;
	verbose = opt && strcmp(opt, "verbose") == 0;
	if (verbose) {
		opt = NULL;
		pr_info("KTAP version 1\n");
	}
	for (n = 0; suites[n]; n++)
		run_suite(suites[n], opt, n + 1, &totals);
	if (verbose)
		pr_info("1..%u\n", n);
	pr_info("ktest: %u passed, %u failed in %llu ms\n", totals.passed,
		totals.failed, (ktime_get_ns() - begin) / NSEC_PER_MSEC);
	return (int)totals.failed;
}
