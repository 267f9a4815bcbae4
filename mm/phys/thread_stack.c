// SPDX-License-Identifier: MIT
/*
 * thread_stack.c - kernel stacks
 *
 *	… unmapped |================ 16 KiB ================| unmapped …
 *	             aligned to 32 KiB                        guard page
 *
 * A stack is an area of vmalloc: running off its end faults instead of
 * overwriting a neighbour. Below it lies the rest of the 32 KiB alignment or
 * the guard of the area before, so the page in front is unmapped, too.
 *
 * Making one costs four pages, four entries and, when it dies, a TLB flush on
 * all CPUs. Processes come and go in pairs, so each CPU keeps two of the dead
 * ones' stacks, mapped, for the next that are born.
 *
 * The slots are touched with interrupts off; a stack may be freed in any
 * context, even by the scheduler right after it left it.
 */
#include <asm/irqflags.h>
#include <base/bug.h>
#include <mm/phys/internal.h>
#include <mm/phys/vmalloc.h>
#include <mm/phys/vmstat.h>

#define CACHED_STACKS 2

/* Only CPU n touches stacks[n], with interrupts off. */
static void *stacks[NR_CPUS][CACHED_STACKS];

static void account_stack(const void *stack, long sign)
{
	struct page *page = vmalloc_to_page(stack);

	VM_BUG_ON(!page);
	mod_node_page_state(page_pgdat(page), NR_KERNEL_STACK_KB,
			    sign * (long)(THREAD_SIZE / 1024));
}

/* Take a cached stack. => NULL: there is none */
static void *pop_stack(void)
{
	void *stack = NULL;
	unsigned long flags;
	unsigned int i;

	local_irq_save(flags);
	for (i = 0; i < CACHED_STACKS && !stack; i++)
		swap(stack, stacks[smp_processor_id()][i]);
	local_irq_restore(flags);
	return stack;
}

/* => false: all slots are taken */
static bool push_stack(void *stack)
{
	unsigned long flags;
	unsigned int i;

	local_irq_save(flags);
	for (i = 0; i < CACHED_STACKS && stack; i++)
		if (!stacks[smp_processor_id()][i])
			swap(stack, stacks[smp_processor_id()][i]);
	local_irq_restore(flags);
	return !stack;
}

void *alloc_thread_stack(void)
{
	void *stack = pop_stack();

	if (!stack)
		stack = alloc_stack_area(__builtin_return_address(0));
	if (stack)
		account_stack(stack, 1);
	VM_BUG_ON(!IS_ALIGNED((unsigned long)stack, THREAD_ALIGN));
	return stack;
}

void free_thread_stack(void *stack)
{
	account_stack(stack, -1);
	if (!push_stack(stack))
		vfree(stack);
}

unsigned int drain_thread_stacks(void)
{
	unsigned int n = 0;
	void *stack;

	while ((stack = pop_stack())) {
		vfree(stack);
		n++;
	}
	return n;
}
