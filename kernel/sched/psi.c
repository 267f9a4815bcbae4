// SPDX-License-Identifier: MIT
/*
 * Pressure stall information for memory.
 *
 *	task A   ----[ reclaims ]--------------------
 *	task B   -------[ waits for a swapped page ]-
 *	task C   ------------------ runs ------------
 *	some         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 *	full         ^^^^^^^^^^^^^^^        ^^^^^^^^
 *
 * Some is the time in which the list of stalls is not empty. Full is what of
 * it was not used: of the time between two changes of the list, less what the
 * CPUs worked for tasks that are not in it. With one CPU that is exact; with
 * more, work done at the same time counts as if it had been done in turn, so
 * that full is rather too small.
 *
 * Every two seconds what came up since becomes part of three averages that
 * fade within 10, 60 and 300 seconds. Nobody needs to be woken for that: who
 * comes next makes up for the periods that have passed, and in those nothing
 * happened.
 *
 * Lock: psi_lock, before those of the run queues. Callers: reclaim, and the
 * wait for pages that came back.
 */
#include <asm/current.h>
#include <base/clock.h>
#include <base/smp.h>
#include <base/spinlock.h>
#include <lib/seq_buf.h>
#include <sched/psi.h>
#include <sched/sched.h>

#define PSI_PERIOD    (2 * NSEC_PER_SEC)
#define PSI_FORGOTTEN 2048 /* periods after which all is 0 */

enum psi_state { PSI_SOME, PSI_FULL, NR_PSI_STATES };

static DEFINE_SPINLOCK(psi_lock);
static LIST_HEAD(stalls);	  /* psi_lock, like all that follows */
static u64 settled_at, busy_then; /* ns: until when all is counted */
static u64 total[NR_PSI_STATES], averaged[NR_PSI_STATES]; /* ns */
static u64 next_period;					  /* ns */
static unsigned long avg[NR_PSI_STATES][3]; /* per cent; FIXED_1 is 1.00 */

/* e^(-2s/10s), e^(-2s/60s), e^(-2s/300s), times FIXED_1 */
static const unsigned long decay[3] = { 1677, 1981, 2034 };

/* What all CPUs have worked since they came online. */
static u64 busy_time(void)
{
	struct kernel_cpustat k;
	unsigned int cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu) {
		kcpustat_fetch(cpu, &k);
		for (unsigned int i = 0; i < NR_STATS; i++)
			if (i != CPUTIME_IDLE && i != CPUTIME_IOWAIT)
				sum += k.cpustat[i];
	}
	return sum;
}

/* => what the stalled tasks have worked since they were last asked */
static u64 stalled_work(void)
{
	struct psi_stall *stall;
	u64 sum = 0;

	list_for_each_entry(stall, &stalls, list) {
		u64 now = task_sched_runtime(stall->task);

		sum += now - stall->runtime;
		stall->runtime = now;
	}
	return sum;
}

/* One period with `lost` ns in it. */
static void fade(unsigned long *avgs, u64 lost)
{
	unsigned long percent = (unsigned long)(lost * 100 / PSI_PERIOD);

	for (unsigned int i = 0; i < 3; i++) {
		unsigned long sum = avgs[i] * decay[i] +
				    percent * FIXED_1 * (FIXED_1 - decay[i]);

		if (percent * FIXED_1 >= avgs[i])
			sum += FIXED_1 - 1;
		avgs[i] = sum / FIXED_1;
	}
}

static void update_averages(u64 now)
{
	if (now > next_period + PSI_FORGOTTEN * PSI_PERIOD)
		next_period = now - PSI_FORGOTTEN * PSI_PERIOD;
	for (; next_period <= now; next_period += PSI_PERIOD) {
		for (unsigned int s = 0; s < NR_PSI_STATES; s++) {
			u64 lost = min(total[s] - averaged[s], (u64)PSI_PERIOD);

			fade(avg[s], lost);
			averaged[s] += lost;
		}
	}
}

/* Count until now. => psi_lock held */
static void settle(void)
{
	u64 now = ktime_get_ns();

	if (!list_empty(&stalls)) {
		u64 busy = busy_time(), stalled = stalled_work();
		u64 elapsed = now - settled_at, other = busy - busy_then;

		other -= min(other, stalled);
		total[PSI_SOME] += elapsed;
		total[PSI_FULL] += elapsed - min(elapsed, other);
		busy_then = busy;
	}
	settled_at = now;
	if (now >= next_period)
		update_averages(now);
}

void psi_memstall_enter(struct psi_stall *stall)
{
	stall->task = NULL;
	if (current->in_memstall)
		return;
	current->in_memstall = true;
	stall->task = current;
	spin_lock(&psi_lock);
	settle();
	if (list_empty(&stalls))
		busy_then = busy_time();
	stall->runtime = task_sched_runtime(current);
	list_add(&stall->list, &stalls);
	spin_unlock(&psi_lock);
}

void psi_memstall_leave(struct psi_stall *stall)
{
	if (!stall->task)
		return;
	spin_lock(&psi_lock);
	settle();
	list_del(&stall->list);
	spin_unlock(&psi_lock);
	current->in_memstall = false;
}

void psi_memory_show(struct seq_buf *s)
{
	static const char *const names[] = { "some", "full" };

	spin_lock(&psi_lock);
	settle();
	for (unsigned int i = 0; i < NR_PSI_STATES; i++) {
		seq_buf_puts(s, names[i]);
		seq_buf_printf(s,
			       " avg10=%lu.%02lu avg60=%lu.%02lu "
			       "avg300=%lu.%02lu total=%llu\n",
			       LOAD_INT(avg[i][0]), LOAD_FRAC(avg[i][0]),
			       LOAD_INT(avg[i][1]), LOAD_FRAC(avg[i][1]),
			       LOAD_INT(avg[i][2]), LOAD_FRAC(avg[i][2]),
			       total[i] / NSEC_PER_USEC);
	}
	spin_unlock(&psi_lock);
}
