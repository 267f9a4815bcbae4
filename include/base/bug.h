/* SPDX-License-Identifier: MIT */
/*
 * What must not happen: BUG stops the machine, WARN reports and goes on.
 * Both are one brk instruction, its place described in __bug_table, so that
 * a check costs a compare and the report has every register as it was.
 */
#ifndef _BASE_BUG_H
#define _BASE_BUG_H

#include <lib/compiler.h>
#include <lib/types.h>
#include <base/printk.h>

struct pt_regs;

#define BUG_BRK_IMM	0x800
#define BUGFLAG_WARNING 1

/* One entry of __bug_table; offsets are from the field itself. */
struct bug_entry {
	s32 addr;
	s32 file;
	u16 line;
	u16 flags;
};

#define __bug_brk(flags)                                            \
	__asm__ __volatile__(".pushsection __bug_table, \"a\"\n"    \
			     ".balign 4\n"                          \
			     "1:	.long 2f - 1b\n"                   \
			     "	.long %c0 - . \n"                    \
			     "	.short %c1\n"                        \
			     "	.short %c2\n"                        \
			     ".popsection\n"                        \
			     "2:	brk %c3\n" ::"i"(__FILE__), \
			     "i"(__LINE__), "i"(flags), "i"(BUG_BRK_IMM))

#define BUG()                  \
	do {                   \
		__bug_brk(0);  \
		unreachable(); \
	} while (0)

#define BUG_ON(cond)                \
	do {                        \
		if (unlikely(cond)) \
			BUG();      \
	} while (0)

/* => the condition, as in: if (WARN_ON(x)) return -EINVAL; */
#define WARN_ON(cond)                               \
	__extension__({                             \
		bool __warn = !!(cond);             \
		if (unlikely(__warn))               \
			__bug_brk(BUGFLAG_WARNING); \
		unlikely(__warn);                   \
	})

#define WARN_ON_ONCE(cond)                            \
	__extension__({                               \
		static bool __warned;                 \
		bool __warn1 = !!(cond);              \
		if (unlikely(__warn1 && !__warned)) { \
			__warned = true;              \
			__bug_brk(BUGFLAG_WARNING);   \
		}                                     \
		unlikely(__warn1);                    \
	})

#define WARN(cond, fmt, ...)                                                   \
	__extension__({                                                        \
		bool __warn = !!(cond);                                        \
		if (unlikely(__warn))                                          \
			__warn_printf(__FILE__, __LINE__, fmt, ##__VA_ARGS__); \
		unlikely(__warn);                                              \
	})

/* The condition must be constant. */
#define BUILD_BUG_ON(cond) \
	_Static_assert(!(cond), "BUILD_BUG_ON failed: " #cond)

void __warn_printf(const char *file, int line, const char *fmt, ...)
	__printf(3, 4);

/*
 * Stop everything: the other CPUs, then print why, where and what was held.
 * => any context; the first CPU to come wins, the others stop
 */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
/* panic() of an exception in the kernel, with its registers. */
void die(const char *what, struct pt_regs *regs, u64 esr, u64 far) __noreturn;

/* Seconds until panic() reboots; 0: never, < 0: at once. ("panic=N") */
extern int panic_timeout;

/* Names the running program for reports: "PID: 1 Comm: init". */
extern void (*report_task_hook)(char *buf, size_t n);

/* Print the stack of the caller; of regs. */
void dump_stack(void);
void show_regs(const struct pt_regs *regs);

#endif
