/* SPDX-License-Identifier: MIT */
/* What getrusage(2) and wait4(2) tell: the user ABI's struct rusage. */
#ifndef PROC_RUSAGE_H
#define PROC_RUSAGE_H

#include <proc/process.h>
#include <proc/time.h>

struct rusage {
	struct timeval ru_utime, ru_stime;
	s64 ru_maxrss;			  /* KiB */
	s64 ru_ixrss, ru_idrss, ru_isrss; /* always 0, as in Linux */
	s64 ru_minflt, ru_majflt;
	s64 ru_nswap, ru_inblock, ru_oublock;
	s64 ru_msgsnd, ru_msgrcv, ru_nsignals;
	s64 ru_nvcsw, ru_nivcsw;
};

static_assert(sizeof(struct rusage) == 144, "struct rusage of arm64");

void usage_to_rusage(const struct usage_sums *sums, struct rusage *ru);
/* task_sums() with the times up to this moment; tasklist_lock held. */
void group_sums(struct task_struct *leader, struct usage_sums *sums);
/* Of one thread, up to this moment. */
void thread_sums(struct task_struct *t, struct usage_sums *sums);

#endif /* PROC_RUSAGE_H */
