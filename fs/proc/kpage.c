// SPDX-License-Identifier: MIT
/*
 * /proc/kpagecount and kpageflags: the array of struct page for programs.
 * Entry n, 8 bytes, is about the page with number n: how many page tables map
 * it, and what it is, as bits that outlive the kernel's own flags.
 *
 *	cat /proc/PID/pagemap  ->  page number  ->  both files at 8 * number
 *
 * Nothing is locked: a page may change its owner between two reads.
 */
#include <mm/phys/report.h>
#include <sched/sched.h>
#include "internal.h"

#define CHUNK 64U

static ssize_t read_entries(struct iov_iter *to, loff_t *pos,
			    u64 (*entry)(unsigned long pfn))
{
	u64 buf[CHUNK], end = memmap_end_pfn() * sizeof(u64);
	ssize_t done = 0;

	if ((u64)*pos % sizeof(u64) || to->count % sizeof(u64))
		return -EINVAL;
	while (to->count && (u64)*pos < end && !fatal_signal_pending(current)) {
		size_t n = min(min(to->count, sizeof(buf)),
			       (size_t)(end - (u64)*pos));

		for (size_t i = 0; i < n / sizeof(u64); i++)
			buf[i] = entry((u64)*pos / sizeof(u64) + i);
		if (copy_to_iter(buf, n, to) != n)
			return done ? done : -EFAULT;
		done += (ssize_t)n;
		*pos += (loff_t)n;
		cond_resched();
	}
	return done;
}

static ssize_t read_count(struct file *file __unused, struct iov_iter *to,
			  loff_t *pos)
{
	return read_entries(to, pos, page_kpf_count);
}

static ssize_t read_flags(struct file *file __unused, struct iov_iter *to,
			  loff_t *pos)
{
	return read_entries(to, pos, page_kpf_flags);
}

const struct file_operations kpagecount_fops = {
	.read_iter = read_count,
	.llseek = mem_llseek,
};

const struct file_operations kpageflags_fops = {
	.read_iter = read_flags,
	.llseek = mem_llseek,
};
