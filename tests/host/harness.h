/* SPDX-License-Identifier: MIT */
/*
 * Unit tests on the host. A test is a function; each file of tests is a
 * program that runs those it holds:
 *
 *	TEST(list_is_empty_at_first)
 *	{
 *		LIST_HEAD(head);
 *
 *		EXPECT(list_empty(&head));
 *	}
 *
 * A failed expectation prints the expression and its values and the test
 * goes on. Tests use the kernel's headers and never libc's; what they need
 * of the host is declared here.
 */
#ifndef _HOST_HARNESS_H
#define _HOST_HARNESS_H

struct host_test {
	const char *name;
	void (*run)(void);
	struct host_test *next;
};

void host_register(struct host_test *test);
void host_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

/* Memory under the eyes of the address sanitizer; never NULL. */
void *host_alloc(unsigned long size);
void host_free(void *p);
/* The C library's. */
int host_snprintf(char *buf, unsigned long size, const char *fmt, ...);
void host_printf(const char *fmt, ...)
	__attribute__((__format__(__printf__, 1, 2)));

/* Whole files; NULL if it cannot be read. To be freed. */
void *host_read_file(const char *path, unsigned long *size);
void host_write_file(const char *path, const void *buf, unsigned long size);
/* What the shell command writes to its standard output. To be freed. */
void *host_command(const char *command, unsigned long *size);
/* A directory for files of this test run. */
const char *host_tmp(void);

#define TEST(test_name)                                                     \
	static void test_##test_name(void);                                 \
	__attribute__((__constructor__)) static void reg_##test_name(void)  \
	{                                                                   \
		static struct host_test t = { #test_name, test_##test_name, \
					      0 };                          \
                                                                            \
		host_register(&t);                                          \
	}                                                                   \
	static void test_##test_name(void)

#define EXPECT(x) \
	((x) ? (void)0 : host_fail(__FILE__, __LINE__, "%s is false", #x))

/* The values as long long. */
#define EXPECT_EQ(a, b)                                                       \
	do {                                                                  \
		long long va_ = (long long)(a), vb_ = (long long)(b);         \
		if (va_ != vb_)                                               \
			host_fail(                                            \
				__FILE__, __LINE__,                           \
				"%s is %lld (0x%llx), not %s, %lld (0x%llx)", \
				#a, va_, (unsigned long long)va_, #b, vb_,    \
				(unsigned long long)vb_);                     \
	} while (0)

#define EXPECT_STR(a, b)                                                       \
	do {                                                                   \
		const char *sa_ = (a), *sb_ = (b);                             \
		if (!sa_ || !sb_ || strcmp(sa_, sb_))                          \
			host_fail(__FILE__, __LINE__,                          \
				  "%s is \"%s\", not \"%s\"", #a,              \
				  sa_ ? sa_ : "(null)", sb_ ? sb_ : "(null)"); \
	} while (0)

#endif
