// SPDX-License-Identifier: MIT
/*
 * How much memory may be promised? Every private writable page that is
 * mapped counts as one promise (VM_ACCOUNT), touched or not:
 *
 *	vm.overcommit_memory
 *	  0  a single request larger than all RAM and swap is refused
 *	  1  everything is granted
 *	  2  promises in total stay below CommitLimit:
 *	     RAM * overcommit_ratio% + swap, less reserves
 *
 * Committed_AS is the sum of all promises. One atomic add for each: lock-free.
 */
#include <asm/atomic.h>
#include <lib/errno.h>
#include <mm/phys/gfp.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/mm.h>
#include <mm/vm/swap.h>

int sysctl_overcommit_memory = OVERCOMMIT_GUESS;
int sysctl_overcommit_ratio = 50;
unsigned long sysctl_overcommit_kbytes;
unsigned long sysctl_user_reserve_kbytes = 128UL << 10;
unsigned long sysctl_admin_reserve_kbytes = 8UL << 10;

static atomic_long_t committed_as;
static unsigned long ram_at_boot; /* pages; RAM only grows, by freed init */

/* The reserves of mode 2 are no more than 1/32 of free memory. */
void overcommit_init(void)
{
	unsigned long part = (nr_free_pages() << (PAGE_SHIFT - 10)) / 32;

	ram_at_boot = totalram_pages();
	sysctl_user_reserve_kbytes = min(part, sysctl_user_reserve_kbytes);
	sysctl_admin_reserve_kbytes = min(part, sysctl_admin_reserve_kbytes);
}

unsigned long vm_committed_as(void)
{
	long v = atomic_long_read(&committed_as);

	return v > 0 ? (unsigned long)v : 0;
}

unsigned long vm_commit_limit(void)
{
	unsigned long allowed;

	if (sysctl_overcommit_kbytes)
		allowed = sysctl_overcommit_kbytes >> (PAGE_SHIFT - 10);
	else
		allowed = totalram_pages() *
			  (unsigned long)sysctl_overcommit_ratio / 100;
	return allowed + total_swap_pages;
}

/* Mode 2: leave something for the administrator and for this process. */
static bool below_limit(const struct mm_struct *mm)
{
	unsigned long allowed = vm_commit_limit(), reserve;

	if (mm && !(mm->caps & MM_CAP_ADMIN)) {
		reserve = sysctl_admin_reserve_kbytes >> (PAGE_SHIFT - 10);
		allowed -= min(allowed, reserve);
	}
	if (mm) {
		reserve = sysctl_user_reserve_kbytes >> (PAGE_SHIFT - 10);
		reserve = min(mm->total_vm / 32, reserve);
		allowed -= min(allowed, reserve);
	}
	return vm_committed_as() < allowed;
}

int vm_enough_memory(struct mm_struct *mm, unsigned long pages)
{
	bool ok = true;

	atomic_long_add((long)pages, &committed_as);
	if (likely(sysctl_overcommit_memory == OVERCOMMIT_GUESS))
		ok = pages <= ram_at_boot ||
		     pages <= totalram_pages() + total_swap_pages;
	else if (sysctl_overcommit_memory == OVERCOMMIT_NEVER)
		ok = below_limit(mm);
	if (likely(ok))
		return 0;
	vm_unacct_memory(pages);
	return -ENOMEM;
}

void vm_acct_memory(unsigned long pages)
{
	atomic_long_add((long)pages, &committed_as);
}

void vm_unacct_memory(unsigned long pages)
{
	atomic_long_sub((long)pages, &committed_as);
}
