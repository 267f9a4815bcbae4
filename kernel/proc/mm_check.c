// SPDX-License-Identifier: MIT
/*
 * /proc/mm_check: are all the books in order, and how much is in use?
 *
 * Reading it runs the invariant walkers (buddy and slab allocator, vmalloc,
 * each process's address space, swap, LRU lists and page cache), then counts
 * the objects in use of every cache, exactly: without those that wait on a
 * CPU's stack. Tests compare two readings: what is more in the second one has
 * leaked.
 *
 * Another process's address space may be torn down meanwhile; it is held by a
 * reference, and mm_check() takes its mmap_lock.
 */
#include <mm/phys/init.h>
#include <mm/phys/report.h>
#include <mm/vm/lru.h>
#include <mm/vm/mm.h>
#include <mm/vm/swap.h>
#include <proc/pid_proc.h>
#include <proc/process.h>

/* => the first process after @pid, with a reference, or NULL */
static struct task_struct *next_process(pid_t pid)
{
	struct task_struct *p, *next = NULL;

	guard(spinlock)(&tasklist_lock);
	for_each_process(p) {
		if (p->pid > pid && (!next || p->pid < next->pid))
			next = p;
	}
	if (next)
		get_task_struct(next);
	return next;
}

void mm_check_show(struct seq_buf *s)
{
	bool phys_ok = mm_phys_check();
	unsigned int spaces = 0, broken = 0;
	unsigned long cached;
	struct swap_totals t;
	struct task_struct *p;
	pid_t pid = 0;

	while ((p = next_process(pid))) {
		struct mm_struct *mm = get_task_mm(p);

		pid = p->pid;
		put_task_struct(p);
		if (!mm)
			continue;
		spaces++;
		broken += !mm_check(mm);
		mmput(mm);
	}
	seq_buf_printf(s, "buddy, slab, vmalloc: %s\n",
		       phys_ok ? "ok" : "BROKEN");
	seq_buf_printf(s, "address spaces: %u checked, %u BROKEN\n", spaces,
		       broken);
	if (swap_check(&t))
		seq_buf_printf(s, "swap: ok, %lu slots, %lu cached\n", t.slots,
			       t.cached);
	else
		seq_buf_puts(s, "swap: BROKEN\n");
	if (lru_check(&cached))
		seq_buf_printf(s, "LRU lists, page cache: ok, %lu pages\n",
			       cached);
	else
		seq_buf_puts(s, "LRU lists, page cache: BROKEN\n");
	slab_inuse_show(s);
}
