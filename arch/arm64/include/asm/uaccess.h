/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing user memory. The instructions are the unprivileged
 * ones (ldtr, sttr): the MMU checks them with the rights of EL0, so a kernel
 * address fails like any other bad pointer, and PAN may stay on. Each has a
 * line in __ex_table; do_mem_abort() calls fixup_exception() when a fault
 * cannot be resolved, and the access then returns its error.
 * => process context, may sleep in a fault, unless the caller arranged that
 *    faults are not resolved
 */
#ifndef _ASM_UACCESS_H
#define _ASM_UACCESS_H

#include <lib/errno.h>
#include <asm/extable.h>
#include <asm/memory.h>
#include <asm/ptrace.h>

#ifndef __user
#define __user
#endif

static __always_inline bool __access_ok(unsigned long addr, unsigned long n)
{
	return n <= TASK_SIZE && addr <= TASK_SIZE - n;
}

/* Is [p, p + n) in the user half? Says nothing about what is mapped. */
#define access_ok(p, n) likely(__access_ok((unsigned long)(p), n))

/* => bytes NOT copied; what copy_from_user could not read becomes zero */
unsigned long copy_from_user(void *to, const void __user *from,
			     unsigned long n) __must_check;
unsigned long copy_to_user(void __user *to, const void *from,
			   unsigned long n) __must_check;
/* => bytes NOT cleared */
unsigned long clear_user(void __user *to, unsigned long n) __must_check;
/*
 * => length without the NUL, or n if none was found in n bytes (dst is then
 *    not terminated), or -EFAULT; bytes of dst behind the NUL are undefined
 */
long strncpy_from_user(char *dst, const char __user *src, long n);
/* => length with the NUL, or a number > n, or 0 on a fault */
long strnlen_user(const char __user *src, long n);
/*
 * If *uaddr == oldval, *uaddr = newval, atomically with a full barrier.
 * => 0 and *found is what was there; -EFAULT
 */
int futex_cmpxchg_user(u32 *found, u32 __user *uaddr, u32 oldval, u32 newval);
/*
 * *uaddr = *uaddr op oparg, atomically; op as in FUTEX_WAKE_OP: 0 set,
 * 1 add, 2 or, 3 and not, 4 xor.
 * => 0 and *old is what was there; -EFAULT; -ENOSYS for another op
 */
int futex_op_user(int op, u32 oparg, u32 *old, u32 __user *uaddr);

/* The unchecked forms: the caller has called access_ok(). */
unsigned long __arch_copy_from_user(void *to, const void __user *from,
				    unsigned long n);
unsigned long __arch_copy_to_user(void __user *to, const void *from,
				  unsigned long n);
unsigned long __arch_clear_user(void __user *to, unsigned long n);

/* clang-format off */
#define __uaccess_fixup(on_error)					\
	"	.pushsection .text.fixup, \"ax\"\n"			\
	"3:	mov	%w0, %3\n" on_error				\
	"	b	2b\n"						\
	"	.popsection\n"						\
	EXTABLE(1b, 3b)

#define __get_user_asm(insn, x, ptr, err)				\
	__asm__ __volatile__(						\
	"1:	" insn ", [%2]\n"					\
	"2:\n"								\
	__uaccess_fixup("	mov	%1, #0\n")			\
	: "+r"(err), "=&r"(x)						\
	: "r"(ptr), "i"(-EFAULT)					\
	: "memory")

#define __put_user_asm(insn, x, ptr, err)				\
	__asm__ __volatile__(						\
	"1:	" insn ", [%2]\n"					\
	"2:\n"								\
	__uaccess_fixup("")						\
	: "+r"(err)							\
	: "r"(x), "r"(ptr), "i"(-EFAULT)				\
	: "memory")

/* => 0, or -EFAULT with x = 0; no access_ok() */
#define __get_user(x, ptr) __extension__ ({				\
	__typeof__(*(ptr)) __user *gu_p = (ptr);			\
	unsigned long gu_x;						\
	int gu_err = 0;							\
	static_assert(sizeof(*gu_p) <= 8);				\
	if (sizeof(*gu_p) == 1)						\
		__get_user_asm("ldtrb	%w1", gu_x, gu_p, gu_err);	\
	else if (sizeof(*gu_p) == 2)					\
		__get_user_asm("ldtrh	%w1", gu_x, gu_p, gu_err);	\
	else if (sizeof(*gu_p) == 4)					\
		__get_user_asm("ldtr	%w1", gu_x, gu_p, gu_err);	\
	else								\
		__get_user_asm("ldtr	%1", gu_x, gu_p, gu_err);	\
	(x) = (__typeof__(*(ptr)))gu_x;					\
	gu_err; })

#define __put_user(x, ptr) __extension__ ({				\
	__typeof__(*(ptr)) __user *pu_p = (ptr);			\
	__typeof__(*(ptr)) pu_v = (x);					\
	unsigned long pu_x = (unsigned long)pu_v;			\
	int pu_err = 0;							\
	static_assert(sizeof(*pu_p) <= 8);				\
	if (sizeof(*pu_p) == 1)						\
		__put_user_asm("sttrb	%w1", pu_x, pu_p, pu_err);	\
	else if (sizeof(*pu_p) == 2)					\
		__put_user_asm("sttrh	%w1", pu_x, pu_p, pu_err);	\
	else if (sizeof(*pu_p) == 4)					\
		__put_user_asm("sttr	%w1", pu_x, pu_p, pu_err);	\
	else								\
		__put_user_asm("sttr	%1", pu_x, pu_p, pu_err);	\
	pu_err; })

/* One scalar of 1, 2, 4 or 8 bytes. => 0, -EFAULT */
#define get_user(x, ptr) __extension__ ({				\
	const __typeof__(*(ptr)) __user *get_p = (ptr);			\
	int get_err = -EFAULT;						\
	if (access_ok(get_p, sizeof(*get_p)))				\
		get_err = __get_user(x, get_p);				\
	else								\
		(x) = (__typeof__(*(ptr)))0;				\
	get_err; })

#define put_user(x, ptr) __extension__ ({				\
	__typeof__(*(ptr)) __user *put_p = (ptr);			\
	int put_err = -EFAULT;						\
	if (access_ok(put_p, sizeof(*put_p)))				\
		put_err = __put_user(x, put_p);				\
	put_err; })
/* clang-format on */
#endif
