// SPDX-License-Identifier: MIT
/*
 * The OOM reaper: takes a victim's memory if the victim does not bring it.
 *
 * Who is killed frees its memory at its end. But it may be waiting for a lock
 * whose owner waits for memory. So a thread, which needs no memory itself and
 * waits for no lock whose owner may want some, walks over the victim's address
 * space and does what munmap would do with its private pages:
 *
 *	killed ─► queue ─► 50 ms ─► gone by itself?  done
 *	                              │ no
 *	                              ▼
 *	                   mmap_lock, only tried ─► oom_reaped = true, zap
 *	                              │ held for writing: 10 tries, then give up
 *	                              ▼
 *	                           skip = true: not chosen again, another may be
 *
 * The head start is for robust futexes: their list is in the memory, and is
 * read at the victim's end. (Linux waits 2 s.)
 *
 * From then on an empty slot means nothing: its content may have been taken.
 * Faults that would fill one fail (fault.c:is_reaped()), so that a victim in
 * the middle of write(2) does not store zeroes where data was.
 *
 * Lock: reaper_lock, the queue. Callers: the process layer, with victims.
 */
#include <base/bug.h>
#include <base/clock.h>
#include <base/printk.h>
#include <mm/vm/internal.h>
#include <mm/vm/oom.h>
#include <sched/kthread.h>
#include <sched/sched.h>
#include <sched/wait.h>

#define HEAD_START_NS 50000000ULL
#define RETRY_NS      100000000ULL
#define MAX_RETRIES   10

static DEFINE_SPINLOCK(reaper_lock);
static LIST_HEAD(reaper_queue);
static DECLARE_WAIT_QUEUE_HEAD(reaper_wait);

#define KB(pages) ((pages) << (PAGE_SHIFT - 10))

void oom_reap_later(struct mm_struct *mm, struct task_struct *victim)
{
	spin_lock(&reaper_lock);
	if (!mm->oom.victim) {
		mmgrab(mm);
		get_task_struct(victim);
		mm->oom.victim = victim;
		mm->oom.since = ktime_get_ns();
		list_add_tail(&mm->oom.queue, &reaper_queue);
	}
	spin_unlock(&reaper_lock);
	wake_up(&reaper_wait);
}

/* mmap_lock held for reading: faults may go on beside. */
static void reap_pages(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct mmu_gather tlb;

	WRITE_ONCE(mm->oom_reaped, true);
	smp_wmb(); /* before any slot becomes empty; see fault.c:is_reaped() */
	for_each_vma(mm, vma) {
		if (vma->vm_flags & (VM_HUGETLB | VM_PFNMAP | VM_SHARED))
			continue;
		tlb_gather_mmu(&tlb, mm, false);
		zap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, true);
		tlb_finish_mmu(&tlb);
		cond_resched();
	}
}

/* => false: the lock cannot be had now */
static bool try_to_reap(struct mm_struct *mm, const struct task_struct *victim)
{
	if (!down_read_trylock(&mm->mmap_lock))
		return false;
	if (!READ_ONCE(mm->oom.skip)) {
		reap_pages(mm);
		pr_info("oom_reaper: reaped process %d (%s), now anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB\n",
			victim->pid, victim->comm,
			KB(get_mm_counter(mm, MM_ANONPAGES)),
			KB(get_mm_counter(mm, MM_FILEPAGES)),
			KB(get_mm_counter(mm, MM_SHMEMPAGES)));
	}
	up_read(&mm->mmap_lock);
	return true;
}

static void reap_task(struct mm_struct *mm, const struct task_struct *victim)
{
	int tries = 0;

	while (!try_to_reap(mm, victim)) {
		if (++tries == MAX_RETRIES) {
			pr_info("oom_reaper: unable to reap pid:%d (%s)\n",
				victim->pid, victim->comm);
			break;
		}
		schedule_timeout_uninterruptible_ns(RETRY_NS);
	}
	WRITE_ONCE(mm->oom.skip, true);
}

static struct mm_struct *next_victim(void)
{
	struct mm_struct *mm;

	wait_event_interruptible(reaper_wait, !list_empty(&reaper_queue));
	spin_lock(&reaper_lock);
	mm = list_first_entry(&reaper_queue, struct mm_struct, oom.queue);
	list_del(&mm->oom.queue);
	spin_unlock(&reaper_lock);
	return mm;
}

static int oom_reaper(void *unused)
{
	(void)unused;
	for (;;) {
		struct mm_struct *mm = next_victim();
		struct task_struct *victim = mm->oom.victim;
		u64 age = ktime_get_ns() - mm->oom.since;

		if (age < HEAD_START_NS)
			schedule_timeout_uninterruptible_ns(HEAD_START_NS -
							    age);
		if (!READ_ONCE(mm->oom.skip))
			reap_task(mm, victim);
		put_task_struct(victim);
		mmdrop(mm);
	}
	return 0;
}

void oom_reaper_init(void)
{
	if (IS_ERR(kthread_run(oom_reaper, NULL, "oom_reaper")))
		panic("No memory for the OOM reaper");
}
