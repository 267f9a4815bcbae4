// SPDX-License-Identifier: MIT
/*
 * The small files of /proc/PID: names, arguments, limits, what it waits for
 * and how the out-of-memory killer sees it.
 */
#include <asm/stacktrace.h>
#include <base/kallsyms.h>
#include <lib/kstrtox.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/phys/gfp.h>
#include <mm/vm/mm.h>
#include <proc/pid_proc.h>
#include <proc/process.h>
#include <sched/sched.h>

/* --- memory of the process, as it is --- */

/*
 * Append [start, end) and, if @to_nul, go on to the next 0 if the range does
 * not end in one: a program that renamed itself ran over its arguments.
 */
static int put_user_range(struct seq_buf *s, struct mm_struct *mm,
			  unsigned long start, unsigned long end,
			  unsigned long limit, bool to_nul)
{
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	bool over = false;
	char last = 0;

	if (!buf)
		return -ENOMEM;
	while (start < limit && !seq_buf_has_overflowed(s)) {
		size_t n = PAGE_SIZE - (start & ~PAGE_MASK), keep;

		n = min(n, (size_t)((over ? limit : end) - start));
		if (!n || mm_read_user(mm, start, buf, n))
			break;
		keep = over ? strnlen(buf, n) : n;
		seq_buf_putmem(s, buf, keep);
		last = keep == n ? buf[n - 1] : 0;
		start += n;
		if (start < end || over) {
			if (over && keep < n)
				break;
			continue;
		}
		if (!to_nul || !last)
			break;
		over = true;
	}
	if (over)
		seq_buf_putc(s, '\0');
	kfree(buf);
	return 0;
}

int pid_cmdline_show(struct task_struct *t, struct seq_buf *s)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);

	if (!mm || mm->arg_start >= mm->arg_end)
		return 0;
	return put_user_range(s, mm, mm->arg_start, mm->arg_end,
			      max(mm->arg_end, mm->env_end), true);
}

int pid_environ_show(struct task_struct *t, struct seq_buf *s)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);

	if (!mm || mm->env_start >= mm->env_end)
		return 0;
	return put_user_range(s, mm, mm->env_start, mm->env_end, mm->env_end,
			      false);
}

int pid_auxv_show(struct task_struct *t, struct seq_buf *s)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);
	unsigned int n = 0;

	if (!mm)
		return 0;
	/* pairs, up to and with AT_NULL */
	while (n + 2 < AT_VECTOR_SIZE && mm->saved_auxv[n])
		n += 2;
	seq_buf_putmem(s, mm->saved_auxv, (n + 2) * sizeof(unsigned long));
	return 0;
}

/* --- names and limits --- */

int pid_comm_show(struct task_struct *t, struct seq_buf *s)
{
	seq_buf_printf(s, "%.16s\n", t->comm);
	return 0;
}

int pid_comm_write(struct task_struct *t, char *text)
{
	if (t->tgid != current->tgid)
		return -EINVAL;
	set_task_comm(t, text);
	return 0;
}

static void put_limit(struct seq_buf *s, u64 value)
{
	if (value == RLIM_INFINITY)
		seq_buf_printf(s, "%-20s ", "unlimited");
	else
		seq_buf_printf(s, "%-20llu ", value);
}

int pid_limits_show(struct task_struct *t, struct seq_buf *s)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", NULL },
		[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};
	struct rlimit rlim[RLIM_NLIMITS];
	unsigned int i;

	spin_lock(&tasklist_lock);
	if (!t->signal) {
		spin_unlock(&tasklist_lock);
		return -ESRCH;
	}
	memcpy(rlim, t->signal->rlim, sizeof(rlim));
	spin_unlock(&tasklist_lock);
	seq_buf_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		       "Hard Limit", "Units");
	for (i = 0; i < RLIM_NLIMITS; i++) {
		seq_buf_printf(s, "%-25s ", limits[i].name);
		put_limit(s, rlim[i].rlim_cur);
		put_limit(s, rlim[i].rlim_max);
		if (limits[i].unit)
			seq_buf_printf(s, "%-10s", limits[i].unit);
		seq_buf_putc(s, '\n');
	}
	return 0;
}

int pid_personality_show(struct task_struct *t, struct seq_buf *s)
{
	unsigned int personality = 0;

	spin_lock(&tasklist_lock);
	if (t->proc)
		personality = t->proc->personality;
	spin_unlock(&tasklist_lock);
	seq_buf_printf(s, "%08x\n", personality);
	return 0;
}

/* --- where it sleeps --- */

struct wchan {
	const char *name;
};

/* Sleeping itself is not what it waits for. */
static bool is_scheduler(const char *name)
{
	static const char *const prefixes[] = {
		"__schedule", "__mutex_lock", "__rwsem_wait",
		"schedule",   "yield",	      "wait_for_completion",
		"msleep",     "io_schedule",  "cpu_switch_to",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static bool find_wchan(void *cookie, u64 pc)
{
	struct wchan *w = cookie;
	unsigned long size, offset;
	const char *name = kallsyms_lookup((unsigned long)pc, &size, &offset);

	if (!name || is_scheduler(name))
		return true;
	w->name = name;
	return false;
}

int pid_wchan_show(struct task_struct *t, struct seq_buf *s)
{
	struct wchan w = {};

	if (!task_is_running(t) && !READ_ONCE(t->on_cpu) && pid_may_read(t))
		arch_stack_walk(find_wchan, &w, NULL, t);
	seq_buf_puts(s, w.name ? w.name : "0");
	return 0;
}

static bool put_frame(void *cookie, u64 pc)
{
	seq_buf_printf(cookie, "[<0>] %pS\n", (void *)(unsigned long)pc);
	return true;
}

int pid_stack_show(struct task_struct *t, struct seq_buf *s)
{
	if (current_cred()->euid)
		return -EACCES;
	if (t == current)
		arch_stack_walk(put_frame, s, NULL, NULL);
	else if (!task_is_running(t) && !READ_ONCE(t->on_cpu))
		arch_stack_walk(put_frame, s, NULL, t);
	return 0;
}

/*
 * Linux's failure injection (CONFIG_FAULT_INJECTION): the n-th allocation
 * that the task makes from now on fails, once.
 */
int pid_fail_nth_show(struct task_struct *t, struct seq_buf *s)
{
	if (t != current)
		return -EACCES;
	seq_buf_printf(s, "%lu\n", fail_alloc_left());
	return 0;
}

int pid_fail_nth_write(struct task_struct *t, char *text)
{
	unsigned long nth;
	int err = kstrtoul(text, 0, &nth);

	if (err)
		return err;
	if (t != current)
		return -EACCES;
	fail_alloc_arm(nth);
	return 0;
}
