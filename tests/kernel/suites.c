// SPDX-License-Identifier: MIT
/*
 * The unit tests that are run on each boot, in this order. A new suite adds
 * its declaration and its line.
 */
#include <base/ktest.h>

extern const struct ktest_suite base_suite;
extern const struct ktest_suite phys_buddy_suite;
extern const struct ktest_suite phys_slab_suite;
extern const struct ktest_suite phys_vm_suite;
extern const struct ktest_suite sched_suite;
extern const struct ktest_suite block_suite;
extern const struct ktest_suite fs_namei_suite;
extern const struct ktest_suite fs_tmpfs_suite;
extern const struct ktest_suite vm_mm_suite;
extern const struct ktest_suite vm_file_suite;
extern const struct ktest_suite vm_huge_suite;
extern const struct ktest_suite vm_reclaim_suite;
extern const struct ktest_suite vm_stress_suite;

const struct ktest_suite *const ktest_suites[] = {
	&base_suite,	   &phys_buddy_suite,
	&phys_slab_suite,  &phys_vm_suite,
	&sched_suite,	   &vm_mm_suite,
	&vm_file_suite,	   &vm_huge_suite,
	&vm_reclaim_suite, &vm_stress_suite,
	&fs_namei_suite,   &fs_tmpfs_suite,
	&block_suite,	   NULL,
};
