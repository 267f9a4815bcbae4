// SPDX-License-Identifier: MIT
/*
 * stacktrace.c - following x29 from frame to frame
 *
 *   x29 -> [ fp of the caller | return address ]
 *
 * Each record must be aligned, inside one stack, above the one before it,
 * and return to kernel text: so the walk ends on any garbage. entry.S puts a
 * record into each pt_regs, so a walk passes from a handler to the code that
 * was interrupted; {0, 0} ends it.
 */
#include <asm/process.h>
#include <asm/sections.h>
#include <asm/stacktrace.h>

struct stack_range {
	u64 low, high;
};

/* The task's own stack, or this CPU's overflow stack, if fp is there. */
static bool find_stack(u64 fp, const struct arch_task *t,
		       struct stack_range *range)
{
	u64 low = (u64)t->stack;

	if (low && fp >= low && fp < low + THREAD_SIZE) {
		*range = (struct stack_range){ low, low + THREAD_SIZE };
		return true;
	}
	low = (u64)overflow_stacks;
	if (fp < low || fp >= low + sizeof(overflow_stacks))
		return false;
	low += ALIGN_DOWN(fp - low, OVERFLOW_STACK_SIZE);
	*range = (struct stack_range){ low, low + OVERFLOW_STACK_SIZE };
	return true;
}

static void walk_records(bool (*cb)(void *cookie, u64 pc), void *cookie, u64 fp,
			 const struct arch_task *t)
{
	struct stack_range range;
	u64 last = 0;

	while (!(fp & 7) && find_stack(fp, t, &range)) {
		const u64 *record = (const u64 *)fp;

		if (fp + 16 > range.high)
			break;
		/* Upwards, or from the overflow stack to the task's. */
		if (last >= range.low && fp <= last)
			break;
		last = fp;
		if (!is_kernel_text(record[1]) || !cb(cookie, record[1]))
			break;
		fp = record[0];
	}
}

void arch_stack_walk(bool (*cb)(void *cookie, u64 pc), void *cookie,
		     const struct pt_regs *regs, const struct task_struct *task)
{
	const struct arch_task *t = (const struct arch_task *)task;

	if (regs) {
		if (user_mode(regs) || !cb(cookie, regs->pc))
			return;
		walk_records(cb, cookie, regs->regs[29], current_arch());
	} else if (t && t != current_arch()) {
		if (cb(cookie, t->thread.ctx.pc))
			walk_records(cb, cookie, t->thread.ctx.fp, t);
	} else {
		walk_records(cb, cookie, (u64)__builtin_frame_address(0),
			     current_arch());
		barrier(); /* no tail call: the walk begins in our frame */
	}
}
