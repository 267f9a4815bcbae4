/* SPDX-License-Identifier: MIT */
/*
 * For tests of address spaces: private ones, never loaded into a CPU, whose
 * memory is touched through mm_user_fault() and mm_{read,write}_user().
 */
#ifndef _TESTS_VM_TEST_H
#define _TESTS_VM_TEST_H

#include <base/ktest.h>
#include <lib/errno.h>
#include <mm/phys/gfp.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/internal.h>
#include <mm/vm/mm.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* Counts, addresses and errnos alike: compared as long. */
#define VM_EXPECT_EQ(t, a, b)  KTEST_EXPECT_EQ(t, (long)(a), (long)(b))
#define VM_EXPECT_ADDR(t, a)   KTEST_EXPECT_GT(t, (long)(a), 0L)
#define VM_EXPECT_SOUND(t, mm) KTEST_EXPECT_TRUE(t, mm_check(mm))

/* What must be the same after a test as before it. */
struct vm_counts {
	unsigned long mms, vmas, anon_vmas;
	unsigned long anon_mapped, file_mapped, inactive_anon, shmem, tables;
	unsigned long committed;
};

void vm_counts_get(struct vm_counts *c);
void vm_counts_expect(struct ktest *t, const struct vm_counts *before);

static inline unsigned long vm_read_word(struct mm_struct *mm,
					 unsigned long addr)
{
	unsigned long v = ~0UL;

	return mm_read_user(mm, addr, &v, sizeof(v)) ? ~0UL : v;
}

static inline int vm_write_word(struct mm_struct *mm, unsigned long addr,
				unsigned long v)
{
	return mm_write_user(mm, addr, &v, sizeof(v));
}

/* What a user access would meet. */
static inline vm_fault_t vm_touch(struct mm_struct *mm, unsigned long addr,
				  bool write, int *code)
{
	*code = 0;
	return mm_user_fault(mm, addr,
			     FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0),
			     code);
}

#endif
