// SPDX-License-Identifier: MIT
/*
 * uaccess.c - user memory in C: checks, strings, atomics, fix-ups
 *
 * The copy loops are in user_copy.S. The one place that accesses user memory
 * with kernel rights is the exclusive pair of the futex operations, for
 * which there is no unprivileged form: PAN is lifted around it.
 */
#include <lib/string.h>
#include <asm/cpufeature.h>
#include <asm/sections.h>
#include <asm/uaccess.h>

#define ONES  0x0101010101010101UL
#define HIGHS 0x8080808080808080UL

#define MSR_PAN(x) ".inst 0xd500409f | (" #x " << 8)\n"

extern const struct exception_table_entry __start___ex_table[];
extern const struct exception_table_entry __stop___ex_table[];

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left = n;

	if (access_ok(from, n))
		left = __arch_copy_from_user(to, from, n);
	if (unlikely(left))
		memset((char *)to + (n - left), 0, left);
	return left;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (!access_ok(to, n))
		return n;
	return __arch_copy_to_user(to, from, n);
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	if (!access_ok(to, n))
		return n;
	return __arch_clear_user(to, n);
}

/* Nonzero if a byte of the word is 0; the lowest set bit tells which. */
static inline unsigned long zero_bytes(unsigned long word)
{
	return (word - ONES) & ~word & HIGHS;
}

/*
 * Eight bytes at a time, unaligned if the string is: reading past its end
 * into a page that is not there only means going on byte by byte.
 */
long strncpy_from_user(char *dst, const char __user *src, long n)
{
	unsigned long addr = (unsigned long)src, room, word, zeros;
	long done = 0;

	if (n <= 0)
		return 0;
	if (addr >= TASK_SIZE)
		return -EFAULT;
	room = min(TASK_SIZE - addr, (unsigned long)n);
	for (; (unsigned long)done + 8 <= room; done += 8) {
		if (__get_user(word,
			       (const unsigned long __user *)(src + done)))
			break;
		__builtin_memcpy(dst + done, &word, 8);
		zeros = zero_bytes(word);
		if (zeros)
			return done + (__builtin_ctzl(zeros) >> 3);
	}
	for (; (unsigned long)done < room; done++) {
		if (__get_user(dst[done], src + done))
			return -EFAULT;
		if (!dst[done])
			return done;
	}
	return done == n ? n : -EFAULT;
}

long strnlen_user(const char __user *src, long n)
{
	unsigned long addr = (unsigned long)src, room, word, zeros;
	long done = 0;
	char c;

	if (n <= 0 || addr >= TASK_SIZE)
		return 0;
	room = min(TASK_SIZE - addr, (unsigned long)n);
	for (; (unsigned long)done + 8 <= room; done += 8) {
		if (__get_user(word,
			       (const unsigned long __user *)(src + done)))
			break;
		zeros = zero_bytes(word);
		if (zeros)
			return done + (__builtin_ctzl(zeros) >> 3) + 1;
	}
	for (; (unsigned long)done < room; done++) {
		if (__get_user(c, src + done))
			return 0;
		if (!c)
			return done + 1;
	}
	return done == n ? n + 1 : 0;
}

static inline void pan_lift(void)
{
	if (cpu_has_pan)
		__asm__ __volatile__(MSR_PAN(0)::: "memory");
}

static inline void pan_restore(void)
{
	if (cpu_has_pan)
		__asm__ __volatile__(MSR_PAN(1)::: "memory");
}

static bool futex_addr_ok(u32 __user *uaddr)
{
	return access_ok(uaddr, sizeof(*uaddr)) &&
	       IS_ALIGNED((unsigned long)uaddr, sizeof(*uaddr));
}

int futex_cmpxchg_user(u32 *found, u32 __user *uaddr, u32 oldval, u32 newval)
{
	int err = 0;
	u32 val, failed;

	if (!futex_addr_ok(uaddr))
		return -EFAULT;
	pan_lift();
	__asm__ __volatile__(
		"1:	ldxr	%w1, [%3]\n"
		"	cmp	%w1, %w4\n"
		"	b.ne	3f\n"
		"2:	stlxr	%w2, %w5, [%3]\n"
		"	cbnz	%w2, 1b\n"
		"	dmb	ish\n"
		"3:\n"
		"	.pushsection .text.fixup, \"ax\"\n"
		"4:	mov	%w0, %6\n"
		"	mov	%w1, #0\n"
		"	b	3b\n"
		"	.popsection\n" EXTABLE(1b, 4b) EXTABLE(2b, 4b)
		: "+r"(err), "=&r"(val), "=&r"(failed)
		: "r"(uaddr), "r"(oldval), "r"(newval), "i"(-EFAULT)
		: "memory", "cc");
	pan_restore();
	*found = val;
	return err;
}

static int futex_op_value(int op, u32 arg, u32 old, u32 *val)
{
	switch (op) {
	case 0:
		*val = arg;
		return 0;
	case 1:
		*val = old + arg;
		return 0;
	case 2:
		*val = old | arg;
		return 0;
	case 3:
		*val = old & ~arg;
		return 0;
	case 4:
		*val = old ^ arg;
		return 0;
	default:
		return -ENOSYS;
	}
}

int futex_op_user(int op, u32 oparg, u32 *old, u32 __user *uaddr)
{
	u32 seen, found, val;
	int err;

	if (!futex_addr_ok(uaddr) || __get_user(seen, uaddr))
		return -EFAULT;
	for (;;) {
		err = futex_op_value(op, oparg, seen, &val);
		if (!err)
			err = futex_cmpxchg_user(&found, uaddr, seen, val);
		if (err)
			return err;
		if (found == seen)
			break;
		seen = found;
	}
	*old = seen;
	return 0;
}

static u64 extable_target(const s32 *field)
{
	return (u64)field + (u64)(s64)*field;
}

static const struct exception_table_entry *find_fixup(u64 pc)
{
	const struct exception_table_entry *e;

	for (e = __start___ex_table; e < __stop___ex_table; e++)
		if (extable_target(&e->insn) == pc)
			return e;
	return NULL;
}

bool has_fixup(u64 pc)
{
	return find_fixup(pc) != NULL;
}

bool fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e = find_fixup(regs->pc);

	if (!e)
		return false;
	regs->pc = extable_target(&e->fixup);
	return true;
}
