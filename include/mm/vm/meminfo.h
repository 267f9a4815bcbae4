/* SPDX-License-Identifier: MIT */
/*
 * The system's memory in figures, and the promises made about it.
 */
#ifndef _MM_VM_MEMINFO_H
#define _MM_VM_MEMINFO_H

#include <lib/types.h>

struct seq_buf;
struct mm_struct;

/* /proc/meminfo: Linux 6.1's lines, in its order and columns. */
void meminfo_show(struct seq_buf *s);
/* /sys/devices/system/node/nodeN/meminfo */
void node_meminfo_show(struct seq_buf *s, int nid);

/* The same for the log, as Linux reports it with an OOM kill. */
void show_mem(void);

/* In pages. */
struct mem_sysinfo {
	unsigned long totalram, freeram, sharedram, bufferram;
	unsigned long totalswap, freeswap;
};
void si_meminfo(struct mem_sysinfo *si);

/* => pages that overcommit mode 2 allows to be promised */
unsigned long vm_commit_limit(void);
/* => pages promised now: Committed_AS */
unsigned long vm_committed_as(void);

/* Promise pages to mm (may be NULL). => 0 or -ENOMEM, nothing charged */
int vm_enough_memory(struct mm_struct *mm, unsigned long pages);
/* Unconditionally: what was granted before changes its place. */
void vm_acct_memory(unsigned long pages);
void vm_unacct_memory(unsigned long pages);
/* Once, when the size of RAM is known. */
void overcommit_init(void);

#endif
