/* SPDX-License-Identifier: MIT */
/* What entry.S and head.S share with the C files of arch/. */
#ifndef _ASM_PROCESS_H
#define _ASM_PROCESS_H

#include <asm/pgtable.h>
#include <asm/thread_info.h>

/* What a starting CPU picks up; each its own, read with the MMU on. */
struct secondary_data {
	struct task_struct *task;
	void *stack_end;
	unsigned long percpu_offset;
	unsigned long unused;
};

extern struct secondary_data secondary_data[NR_CPUS];
extern char overflow_stacks[NR_CPUS][OVERFLOW_STACK_SIZE];
extern pgd_t idmap_pg_dir[];

void ret_from_fork(void);
void secondary_entry(void);
void idmap_replace_ttbr1(phys_addr_t ttbr1);
void fpsimd_save_state(struct user_fpsimd_state *state);
void fpsimd_load_state(const struct user_fpsimd_state *state);

/* From entry.S, all with IRQs masked. */
void el0_exception_taken(struct pt_regs *regs, u64 esr, u64 far);
void el1_exception_taken(struct pt_regs *regs, u64 esr, u64 far);
void bad_vector_taken(struct pt_regs *regs, unsigned int vector, u64 esr,
		      u64 far) __noreturn;
#endif
