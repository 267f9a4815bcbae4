// SPDX-License-Identifier: MIT
/*
 * What the OOM killer thinks, and how to make it think otherwise:
 *
 *	/proc/PID/oom_score      0 to 2000: 667 is a process of no weight
 *	/proc/PID/oom_score_adj  -1000 (never) to 1000 thousandths of memory
 *	/proc/PID/oom_adj        the same on the scale of old, -17 to 15
 *	/proc/oom_preview        who would die now, in order, and why
 *	/proc/sys/vm/...         panic_on_oom and others
 *
 * Lock: tasklist_lock. An adjustment belongs to the memory: all processes
 * that share it have the same.
 */
#include <base/printk.h>
#include <lib/kstrtox.h>
#include <lib/sort.h>
#include <lib/string.h>
#include <mm/phys/vmalloc.h>
#include <mm/vm/mm.h>
#include <mm/vm/oom.h>
#include <proc/pid_proc.h>
#include <proc/process.h>

#define OOM_DISABLE    (-17)
#define OOM_ADJUST_MIN (-16)
#define OOM_ADJUST_MAX 15

/* ---- one process --------------------------------------------------------- */

int pid_oom_score_show(struct task_struct *t, struct seq_buf *s)
{
	struct task_struct *p = t->group_leader;
	long total = (long)oom_total_pages(), points = 0;
	struct mm_struct *mm;

	spin_lock(&tasklist_lock);
	if (!oom_ineligible(p, &mm)) {
		points = oom_footprint(mm) +
			 oom_adj_pages(p->signal->oom_score_adj,
				       (unsigned long)total);
		points = (1000 + points * 1000 / total) * 2 / 3;
	}
	spin_unlock(&tasklist_lock);
	seq_buf_printf(s, "%ld\n", points);
	return 0;
}

static int get_adj(struct task_struct *t, int *adj)
{
	int err = -ESRCH;

	guard(spinlock)(&tasklist_lock);
	if (t->signal) {
		*adj = t->signal->oom_score_adj;
		err = 0;
	}
	return err;
}

/* All who use the memory of @t; not while it borrows that by vfork. */
static void set_adj(struct task_struct *t, short adj, bool new_min)
{
	struct mm_struct *mm = READ_ONCE(t->vfork_done) ? NULL : t->mm;
	struct task_struct *p;

	for_each_process(p) {
		if (!p->signal)
			continue;
		if (p->signal != t->signal &&
		    (!mm || p->mm != mm || p->pid == 1 ||
		     READ_ONCE(p->vfork_done)))
			continue;
		p->signal->oom_score_adj = adj;
		if (new_min)
			p->signal->oom_score_adj_min = adj;
	}
}

/*
 * Lowering needs CAP_SYS_RESOURCE, that is root; on the new scale one may
 * come back to what root last set.
 */
static int write_adj(struct task_struct *t, short adj, bool legacy)
{
	bool capable = !current_cred()->euid;
	int err = 0;

	guard(spinlock)(&tasklist_lock);
	if (!t->signal)
		err = -ESRCH;
	else if (!capable && adj < (legacy ? t->signal->oom_score_adj :
					     t->signal->oom_score_adj_min))
		err = -EACCES;
	else
		set_adj(t, adj, !legacy && capable);
	return err;
}

int pid_oom_score_adj_show(struct task_struct *t, struct seq_buf *s)
{
	int adj, err = get_adj(t, &adj);

	if (!err)
		seq_buf_printf(s, "%d\n", adj);
	return err;
}

int pid_oom_score_adj_write(struct task_struct *t, char *text)
{
	int adj, err = kstrtoint(strim(text), 0, &adj);

	if (err)
		return err;
	if (adj < OOM_SCORE_ADJ_MIN || adj > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	return write_adj(t, (short)adj, false);
}

int pid_oom_adj_show(struct task_struct *t, struct seq_buf *s)
{
	int adj, err = get_adj(t, &adj);

	if (err)
		return err;
	adj = adj == OOM_SCORE_ADJ_MAX ?
		      OOM_ADJUST_MAX :
		      min(adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX,
			  OOM_ADJUST_MAX);
	seq_buf_printf(s, "%d\n", adj);
	return 0;
}

int pid_oom_adj_write(struct task_struct *t, char *text)
{
	int adj, err = kstrtoint(strim(text), 0, &adj);

	if (err)
		return err;
	if (adj != OOM_DISABLE &&
	    (adj < OOM_ADJUST_MIN || adj > OOM_ADJUST_MAX))
		return -EINVAL;
	adj = adj == OOM_ADJUST_MAX ? OOM_SCORE_ADJ_MAX :
				      adj * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
	err = write_adj(t, (short)adj, true);
	if (!err)
		pr_warn_once(
			"%s (%d): /proc/%d/oom_adj is deprecated, please use /proc/%d/oom_score_adj instead.\n",
			current->comm, current->pid, t->pid, t->pid);
	return err;
}

/* ---- all of them --------------------------------------------------------- */

/* What one process looked like when tasklist_lock was held. */
struct preview {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	const char *why_not; /* NULL: eligible */
	unsigned int seq;    /* place in the task list: the later wins */
	unsigned long rss, swap, tables;
	short adj;
	long adj_pages, points;
};

static void preview_task(struct preview *v, struct task_struct *p,
			 unsigned int seq, unsigned long total)
{
	struct mm_struct *mm;

	*v = (struct preview){ .pid = p->pid, .seq = seq };
	strscpy(v->comm, p->comm, sizeof(v->comm));
	v->why_not = oom_ineligible(p, &mm);
	if (v->why_not)
		return;
	v->rss = get_mm_rss(mm);
	v->swap = get_mm_counter(mm, MM_SWAPENTS);
	v->tables = (unsigned long)atomic_long_read(&mm->pgtables_bytes) >>
		    PAGE_SHIFT;
	v->adj = p->signal->oom_score_adj;
	v->adj_pages = oom_adj_pages(v->adj, total);
	v->points = p->signal->oom_flag_origin ?
			    LONG_MAX :
			    oom_footprint(mm) + v->adj_pages;
}

static int compare(const void *a, const void *b)
{
	const struct preview *l = a, *r = b;

	if (!l->why_not != !r->why_not)
		return l->why_not ? 1 : -1;
	if (l->points != r->points)
		return l->points < r->points ? 1 : -1;
	return l->seq < r->seq ? 1 : -1;
}

static void show_eligible(struct seq_buf *s, const struct preview *v, size_t n)
{
	seq_buf_puts(
		s,
		"order     pid      rss swapents   tables  adj adj_pages    points name\n");
	for (size_t i = 0; i < n && !v[i].why_not; i++)
		seq_buf_printf(s, "%5zu %7d %8lu %8lu %8lu %4d %9ld %9ld %s\n",
			       i + 1, v[i].pid, v[i].rss, v[i].swap,
			       v[i].tables, v[i].adj, v[i].adj_pages,
			       v[i].points, v[i].comm);
}

/* In the order of the task list, which sorting has turned round. */
static void show_others(struct seq_buf *s, const struct preview *v, size_t n)
{
	seq_buf_puts(s, "not eligible:\n");
	while (n-- && v[n].why_not)
		seq_buf_printf(s, "%5s %7d %s: %s\n", "-", v[n].pid, v[n].comm,
			       v[n].why_not);
}

void oom_preview_show(struct seq_buf *s)
{
	const size_t room = nr_threads() + 64;
	struct preview *v = kvmalloc(room * sizeof(*v), GFP_KERNEL);
	unsigned long total = oom_total_pages();
	struct task_struct *p;
	unsigned int n = 0;

	if (!v)
		return;
	spin_lock(&tasklist_lock);
	for_each_process(p) {
		if (n == room)
			break;
		preview_task(&v[n], p, n, total);
		n++;
	}
	spin_unlock(&tasklist_lock);
	sort(v, n, sizeof(*v), compare, NULL);
	seq_buf_printf(
		s,
		"points = rss + swapents + tables + adj * (%lu / 1000) pages\n",
		total);
	show_eligible(s, v, n);
	show_others(s, v, n);
	kvfree(v);
}
