// SPDX-License-Identifier: MIT
/*
 * signal_frame.c - what a signal handler finds on its stack
 *
 * Programs, libcs and debuggers know this layout (Linux's uapi):
 *
 *   sp + 4688  frame record {fp, lr}     x29 points here
 *   sp +  592  reserved[4096]            records: FP/SIMD, ESR, end
 *   sp +  304  sigcontext                fault address, x0-x30, sp, pc, pstate
 *   sp +  128  ucontext                  flags, link, stack, mask
 *   sp         siginfo, 128 bytes
 *
 * The frame is written in two pieces, and only so much of the reserved area
 * as records fill. Everything read back is the program's word: pstate must
 * be one of EL0, records must lie inside the area.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <asm/signal_frame.h>
#include <asm/uaccess.h>

#define FPSIMD_MAGIC  0x46508001U
#define ESR_MAGIC     0x45535201U
#define RESERVED_SIZE 4096U

struct ctx_head {
	u32 magic, size;
};

struct fpsimd_context {
	struct ctx_head head;
	u32 fpsr, fpcr;
	__uint128_t vregs[32];
};

struct esr_context {
	struct ctx_head head;
	u64 esr;
};

struct sigcontext {
	u64 fault_address;
	u64 regs[31];
	u64 sp, pc, pstate;
	u64 pad; /* the area of records is 16-aligned */
};

struct ucontext {
	u64 uc_flags;
	u64 uc_link;
	struct arch_stack_t uc_stack;
	u64 uc_sigmask;
	u8 unused[128];
	struct sigcontext uc_mcontext;
};

/* The start of the frame, as it is built on the kernel stack. */
struct frame_head {
	u8 info[128];
	struct ucontext uc;
};

/* The records that follow it; the last one is all zero. */
struct frame_records {
	struct fpsimd_context fpsimd;
	struct esr_context esr;
	struct ctx_head end;
};

#define FRAME_RECORDS sizeof(struct frame_head)
#define FRAME_LINK    (FRAME_RECORDS + RESERVED_SIZE)
#define FRAME_SIZE    (FRAME_LINK + 16)

static_assert(offsetof(struct frame_head, uc.uc_mcontext) == 304);
static_assert(FRAME_RECORDS == 592 && FRAME_LINK == 4688);
static_assert(sizeof(struct fpsimd_context) == 528);

static int put_head(u64 frame, const struct pt_regs *regs,
		    const struct arch_task *t,
		    const struct arch_sigframe_args *args)
{
	struct frame_head head;
	struct ucontext *uc = &head.uc;
	struct sigcontext *sc = &uc->uc_mcontext;

	memcpy(head.info, args->info128, sizeof(head.info));
	memset(uc, 0, offsetof(struct ucontext, uc_mcontext));
	uc->uc_stack.ss_sp = args->altstack_sp;
	uc->uc_stack.ss_flags = (s32)args->altstack_flags;
	uc->uc_stack.ss_size = args->altstack_size;
	uc->uc_sigmask = args->sigmask;
	sc->fault_address = t->thread.fault_address;
	memcpy(sc->regs, regs->regs, sizeof(sc->regs));
	sc->sp = regs->sp;
	sc->pc = regs->pc;
	sc->pstate = regs->pstate;
	sc->pad = 0;
	return copy_to_user((void __user *)frame, &head, sizeof(head)) ?
		       -EFAULT :
		       0;
}

static int put_records(u64 where, struct arch_task *t)
{
	struct frame_records rec;
	size_t size = sizeof(rec);

	memset(&rec, 0, sizeof(rec));
	rec.fpsimd.head = (struct ctx_head){ FPSIMD_MAGIC, sizeof(rec.fpsimd) };
	rec.fpsimd.fpsr = t->thread.fpsimd.fpsr;
	rec.fpsimd.fpcr = t->thread.fpsimd.fpcr;
	memcpy(rec.fpsimd.vregs, t->thread.fpsimd.vregs,
	       sizeof(rec.fpsimd.vregs));
	if (t->thread.fault_code) {
		rec.esr.head = (struct ctx_head){ ESR_MAGIC, sizeof(rec.esr) };
		rec.esr.esr = t->thread.fault_code;
	} else {
		size = offsetof(struct frame_records, esr.esr);
	}
	return copy_to_user((void __user *)where, &rec, size) ? -EFAULT : 0;
}

int arch_setup_rt_frame(struct pt_regs *regs, struct arch_task *t,
			const struct arch_sigframe_args *args)
{
	u64 sp = args->use_altstack ? args->altstack_sp + args->altstack_size :
				      regs->sp;
	u64 frame = ((sp & ~15ULL) - FRAME_SIZE);
	u64 link[2] = { regs->regs[29], regs->regs[30] };

	if (sp < FRAME_SIZE)
		return -EFAULT;
	arch_fpsimd_sync();
	if (put_head(frame, regs, t, args) ||
	    put_records(frame + FRAME_RECORDS, t) ||
	    copy_to_user((void __user *)(frame + FRAME_LINK), link,
			 sizeof(link)))
		return -EFAULT;

	regs->regs[0] = (u64)args->sig;
	regs->regs[1] = frame;
	regs->regs[2] = frame + offsetof(struct frame_head, uc);
	regs->regs[29] = frame + FRAME_LINK;
	regs->regs[30] = args->restorer;
	regs->sp = frame;
	regs->pc = args->handler;
	regs->pstate &= ~(u64)(PSR_BTYPE_MASK | PSR_TCO_BIT);
	t->thread.fault_address = 0;
	t->thread.fault_code = 0;
	return 0;
}

static int get_fpsimd(u64 where, u32 size, struct arch_task *t)
{
	struct fpsimd_context fp;

	if (size != sizeof(fp) ||
	    copy_from_user(&fp, (void __user *)where, sizeof(fp)))
		return -EFAULT;
	memcpy(t->thread.fpsimd.vregs, fp.vregs, sizeof(fp.vregs));
	t->thread.fpsimd.fpsr = fp.fpsr;
	t->thread.fpsimd.fpcr = fp.fpcr;
	arch_fpsimd_reload();
	return 0;
}

/* The records up to the end mark; the FP/SIMD one must be there, once. */
static int get_records(u64 base, struct arch_task *t)
{
	struct ctx_head head;
	bool have_fpsimd = false;
	u32 at = 0;

	while (at + sizeof(head) <= RESERVED_SIZE) {
		if (copy_from_user(&head, (void __user *)(base + at),
				   sizeof(head)))
			return -EFAULT;
		if (!head.magic)
			return head.size || !have_fpsimd ? -EFAULT : 0;
		if (head.size < sizeof(head) || (head.size & 15) ||
		    head.size > RESERVED_SIZE - at)
			return -EFAULT;
		if (head.magic == FPSIMD_MAGIC) {
			if (have_fpsimd || get_fpsimd(base + at, head.size, t))
				return -EFAULT;
			have_fpsimd = true;
		} else if (head.magic != ESR_MAGIC) {
			return -EFAULT;
		}
		at += head.size;
	}
	return -EFAULT;
}

int arch_restore_rt_frame(struct pt_regs *regs, struct arch_task *t,
			  u64 *sigmask, struct arch_stack_t *uc_stack)
{
	const u64 uc = regs->sp + offsetof(struct frame_head, uc);
	const u64 frame = regs->sp;
	struct ucontext ctx;
	const struct sigcontext *sc = &ctx.uc_mcontext;

	if ((frame & 15) ||
	    copy_from_user(&ctx, (const void __user *)uc, sizeof(ctx)) ||
	    get_records(frame + FRAME_RECORDS, t))
		return -EFAULT;
	memcpy(regs->regs, sc->regs, sizeof(regs->regs));
	regs->sp = sc->sp;
	regs->pc = sc->pc;
	regs->pstate = sc->pstate;
	regs->syscallno = NO_SYSCALL;
	if (!valid_user_pstate(regs)) {
		regs->pstate = PSR_MODE_EL0t;
		return -EFAULT;
	}
	*sigmask = ctx.uc_sigmask;
	*uc_stack = ctx.uc_stack;
	return 0;
}
