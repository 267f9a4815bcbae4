/* SPDX-License-Identifier: MIT */
/*
 * Unit tests inside the kernel, run on each boot, then freed with init
 * memory. A test looks like
 *
 *	static void list_is_empty(struct ktest *t)
 *	{
 *		LIST_HEAD(l);
 *
 *		KTEST_EXPECT_TRUE(t, list_empty(&l));
 *	}
 *	static const struct ktest_case cases[] = {
 *		{ "is_empty", list_is_empty }, { }
 *	};
 *	const struct ktest_suite list_suite = { "list", cases };
 *
 * and its suite is listed in tests/kernel/suites.c. EXPECT notes a failure
 * and goes on, ASSERT also returns from the test function.
 */
#ifndef _BASE_KTEST_H
#define _BASE_KTEST_H

#include <base/printk.h>
#include <lib/types.h>

struct ktest {
	const char *suite, *name;
	unsigned int failures;
};

struct ktest_case {
	const char *name;
	void (*run)(struct ktest *t);
};

struct ktest_suite {
	const char *name;
	const struct ktest_case *cases; /* the last one has no name */
};

/* tests/kernel/suites.c; the last one is NULL. */
extern const struct ktest_suite *const ktest_suites[];

/*
 * Run them and print "ktest: 123 passed, 0 failed in 12 ms".
 * => opt: the value of "ktest=": NULL, "verbose" (KTAP), "off", or the name
 *    of a suite or of suite.case
 * => the number of failed cases
 */
int ktest_run_all(const struct ktest_suite *const *suites, const char *opt);

void ktest_fail(struct ktest *t, const char *file, int line, const char *fmt,
		...) __printf(4, 5);
bool ktest_str_equal(const char *a, const char *b);

#define KTEST_FAIL(t, fmt, ...) \
	ktest_fail(t, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

/* Evaluate each side once; => true if it held. */
#define __KTEST_CMP(t, a, op, b)                                              \
	__extension__({                                                       \
		__typeof__(a) __ka = (a);                                     \
		__typeof__(b) __kb = (b);                                     \
		bool __kok = __ka op __kb;                                    \
		if (!__kok)                                                   \
			KTEST_FAIL(t,                                         \
				   "expected %s %s %s, got %lld (%#llx) and " \
				   "%lld (%#llx)",                            \
				   #a, #op, #b, (long long)__ka,              \
				   (long long)__ka, (long long)__kb,          \
				   (long long)__kb);                          \
		__kok;                                                        \
	})
#define __KTEST_PTR_CMP(t, a, op, b)                                        \
	__extension__({                                                     \
		const void *__ka = (a), *__kb = (b);                        \
		bool __kok = __ka op __kb;                                  \
		if (!__kok)                                                 \
			KTEST_FAIL(t, "expected %s %s %s, got %px and %px", \
				   #a, #op, #b, __ka, __kb);                \
		__kok;                                                      \
	})
#define __KTEST_BOOL(t, c, want)                                  \
	__extension__({                                           \
		bool __kc = (c), __kok = __kc == (want);          \
		if (!__kok)                                       \
			KTEST_FAIL(t, "expected %s to be %s", #c, \
				   (want) ? "true" : "false");    \
		__kok;                                            \
	})
#define __KTEST_STR(t, a, b)                                                   \
	__extension__({                                                        \
		const char *__ka = (a), *__kb = (b);                           \
		bool __kok = ktest_str_equal(__ka, __kb);                      \
		if (!__kok)                                                    \
			KTEST_FAIL(t,                                          \
				   "expected %s == %s, got \"%s\" and \"%s\"", \
				   #a, #b, __ka ? __ka : "(null)",             \
				   __kb ? __kb : "(null)");                    \
		__kok;                                                         \
	})

#define KTEST_EXPECT_EQ(t, a, b)     ((void)__KTEST_CMP(t, a, ==, b))
#define KTEST_EXPECT_NE(t, a, b)     ((void)__KTEST_CMP(t, a, !=, b))
#define KTEST_EXPECT_LT(t, a, b)     ((void)__KTEST_CMP(t, a, <, b))
#define KTEST_EXPECT_LE(t, a, b)     ((void)__KTEST_CMP(t, a, <=, b))
#define KTEST_EXPECT_GT(t, a, b)     ((void)__KTEST_CMP(t, a, >, b))
#define KTEST_EXPECT_GE(t, a, b)     ((void)__KTEST_CMP(t, a, >=, b))
#define KTEST_EXPECT_PTR_EQ(t, a, b) ((void)__KTEST_PTR_CMP(t, a, ==, b))
#define KTEST_EXPECT_PTR_NE(t, a, b) ((void)__KTEST_PTR_CMP(t, a, !=, b))
#define KTEST_EXPECT_TRUE(t, c)	     ((void)__KTEST_BOOL(t, c, true))
#define KTEST_EXPECT_FALSE(t, c)     ((void)__KTEST_BOOL(t, c, false))
#define KTEST_EXPECT_NULL(t, p)	     ((void)__KTEST_PTR_CMP(t, p, ==, NULL))
#define KTEST_EXPECT_NOT_NULL(t, p)  ((void)__KTEST_PTR_CMP(t, p, !=, NULL))
#define KTEST_EXPECT_STREQ(t, a, b)  ((void)__KTEST_STR(t, a, b))

#define __KTEST_ASSERT(ok)      \
	do {                    \
		if (!(ok))      \
			return; \
	} while (0)
#define KTEST_ASSERT_EQ(t, a, b) __KTEST_ASSERT(__KTEST_CMP(t, a, ==, b))
#define KTEST_ASSERT_NE(t, a, b) __KTEST_ASSERT(__KTEST_CMP(t, a, !=, b))
#define KTEST_ASSERT_PTR_EQ(t, a, b) \
	__KTEST_ASSERT(__KTEST_PTR_CMP(t, a, ==, b))
#define KTEST_ASSERT_TRUE(t, c)	 __KTEST_ASSERT(__KTEST_BOOL(t, c, true))
#define KTEST_ASSERT_FALSE(t, c) __KTEST_ASSERT(__KTEST_BOOL(t, c, false))
#define KTEST_ASSERT_NULL(t, p)	 __KTEST_ASSERT(__KTEST_PTR_CMP(t, p, ==, NULL))
#define KTEST_ASSERT_NOT_NULL(t, p) \
	__KTEST_ASSERT(__KTEST_PTR_CMP(t, p, !=, NULL))

#endif
