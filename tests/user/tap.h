/* SPDX-License-Identifier: MIT */
/*
 * TAP for tests inside the guest.  Each case runs in a child of its own, so
 * that it may crash, exhaust or misuse whatever it likes:
 *
 *	TEST(pipe_gives_back_what_went_in) { ... CHECK(x == y); ... }
 *	int main(void) { return RUN(pipe_gives_back_what_went_in, ...); }
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct tap_case {
	const char *name;
	void (*run)(void);
};

#define TEST(name) static void name(void)

#define CHECK(cond)                                                     \
	do {                                                            \
		if (!(cond)) {                                          \
			printf("# %s:%d: %s is false (errno %d: %s)\n", \
			       __FILE__, __LINE__, #cond, errno,        \
			       strerror(errno));                        \
			fflush(stdout);                                 \
			_exit(1);                                       \
		}                                                       \
	} while (0)

#define CHECK_EQ(a, b)                                                                              \
	do {                                                                                        \
		long long tap_a = (long long)(a), tap_b = (long long)(b);                           \
		if (tap_a != tap_b) {                                                               \
			printf("# %s:%d: %s is %lld (0x%llx), expected %s = %lld (errno %d: %s)\n", \
			       __FILE__, __LINE__, #a, tap_a, tap_a, #b,                            \
			       tap_b, errno, strerror(errno));                                      \
			fflush(stdout);                                                             \
			_exit(1);                                                                   \
		}                                                                                   \
	} while (0)

/* The call fails with exactly this errno. */
#define CHECK_ERR(call, err)                \
	do {                                \
		errno = 0;                  \
		CHECK_EQ((long)(call), -1); \
		CHECK_EQ(errno, err);       \
	} while (0)

/* Run fn in a child => its wait status. */
static inline int in_child(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

#define CHECK_EXITS(fn, code)                        \
	do {                                         \
		int tap_st = in_child(fn);           \
		CHECK(WIFEXITED(tap_st));            \
		CHECK_EQ(WEXITSTATUS(tap_st), code); \
	} while (0)

#define CHECK_DIES(fn, sig)                      \
	do {                                     \
		int tap_st = in_child(fn);       \
		CHECK(WIFSIGNALED(tap_st));      \
		CHECK_EQ(WTERMSIG(tap_st), sig); \
	} while (0)

static inline int tap_run(const struct tap_case *cases, int n)
{
	int failed = 0;

	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		int status = in_child(cases[i].run);
		int ok = WIFEXITED(status) && !WEXITSTATUS(status);

		if (!ok && WIFSIGNALED(status))
			printf("# died of signal %d\n", WTERMSIG(status));
		printf("%sok %d - %s\n", ok ? "" : "not ", i + 1,
		       cases[i].name);
		failed += !ok;
	}
	fflush(stdout);
	return failed != 0;
}

#define TAP_MAIN(...)                                                         \
	int main(void)                                                        \
	{                                                                     \
		static const struct tap_case cases[] = { __VA_ARGS__ };       \
		return tap_run(cases, (int)(sizeof(cases) / sizeof(*cases))); \
	}
#define CASE(fn)        \
	{               \
#fn, fn \
	}

#endif
