// SPDX-License-Identifier: MIT
/*
 * execve: replace the program of a process.
 *
 *   copy the strings --> open, read the first bytes --> "#!": the script's
 *   interpreter instead --> ELF: build a new mm (binfmt_elf.c)
 *   ------------------------- point of no return -------------------------
 *   other threads die --> change mm --> default handlers, close-on-exec,
 *   name --> registers of a fresh program
 *
 * Before the line every failure is an errno and nothing has changed.
 */
#include <asm/irqflags.h>
#include <asm/mmu_context.h>
#include <asm/thread_info.h>
#include <asm/uaccess.h>
#include <base/bug.h>
#include <fs/fdtable.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/phys/gfp.h>
#include <mm/phys/vmalloc.h>
#include <proc/binfmt.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/syscalls.h>
#include <sched/kthread.h>
#include <sched/sched.h>

#define MAX_ARG_STRLEN (PAGE_SIZE * 32)
#define MAX_ARG_TOTAL  (6UL << 20)
#define MIN_ARG_TOTAL  (PAGE_SIZE * 32)

/* argv or envp, from a program or from the kernel itself. */
struct string_source {
	const char __user *const __user *user;
	const char *const *kernel;
};

static const char __user *get_string_ptr(const struct string_source *src, int i)
{
	const char __user *p;

	if (!src->user)
		return src->kernel ? src->kernel[i] : NULL;
	return get_user(p, src->user + i) ? ERR_PTR(-EFAULT) : p;
}

/* => number of strings; adds their bytes to *total; -EFAULT, -E2BIG */
static int measure_strings(const struct string_source *src, size_t *total,
			   size_t limit)
{
	int i;

	if (!src->user && !src->kernel)
		return 0;
	for (i = 0;; i++) {
		const char __user *p = get_string_ptr(src, i);
		long len;

		if (IS_ERR(p))
			return -EFAULT;
		if (!p)
			return i;
		len = src->user ? strnlen_user(p, MAX_ARG_STRLEN) :
				  (long)strlen(p) + 1;
		if (len <= 0)
			return -EFAULT;
		*total += (size_t)len + sizeof(u64);
		if (len > (long)MAX_ARG_STRLEN || *total > limit)
			return -E2BIG;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/*
 * Copy the strings behind each other to *room.  They may have changed since
 * they were measured: then -EFAULT.
 */
static int copy_strings(const struct string_source *src, int n, const char **v,
			char **room, const char *end)
{
	int i;

	for (i = 0; i < n; i++) {
		const char __user *p = get_string_ptr(src, i);
		long len;

		if (IS_ERR_OR_NULL(p) || *room >= end)
			return -EFAULT;
		if (src->user)
			len = strncpy_from_user(*room, p, end - *room);
		else
			len = (long)strscpy(*room, p, (size_t)(end - *room));
		if (len < 0 || len >= end - *room)
			return -EFAULT;
		v[i] = *room;
		*room += len + 1;
	}
	v[n] = NULL;
	return 0;
}

static size_t arg_limit(void)
{
	u64 limit = current->signal->rlim[RLIMIT_STACK].rlim_cur / 4;

	return clamp(limit, MIN_ARG_TOTAL, MAX_ARG_TOTAL);
}

/* => a block that holds all strings and both vectors; kvfree() it */
static void *copy_args(struct linux_binprm *bprm,
		       const struct string_source *argv,
		       const struct string_source *envp)
{
	size_t total = 0, vectors;
	char *block, *room;
	int argc, envc, err;

	argc = measure_strings(argv, &total, arg_limit());
	if (argc < 0)
		return ERR_PTR(argc);
	envc = measure_strings(envp, &total, arg_limit());
	if (envc < 0)
		return ERR_PTR(envc);
	/* an empty argv becomes { "" }, as Linux has it since 5.18 */
	vectors = (size_t)(argc + envc + 3) * sizeof(char *);
	block = kvmalloc(vectors + total + 1, GFP_KERNEL);
	if (!block)
		return ERR_PTR(-ENOMEM);
	bprm->argv = (const char **)block;
	bprm->envp = bprm->argv + max(argc, 1) + 1;
	room = block + vectors;
	err = copy_strings(argv, argc, bprm->argv, &room,
			   block + vectors + total);
	if (!err)
		err = copy_strings(envp, envc, bprm->envp, &room,
				   block + vectors + total);
	if (err) {
		kvfree(block);
		return ERR_PTR(err);
	}
	if (!argc) {
		*room = '\0';
		bprm->argv[0] = room;
		bprm->argv[1] = NULL;
		argc = 1;
	}
	bprm->argc = argc;
	bprm->envc = envc;
	return block;
}

int exec_read(struct file *file, loff_t pos, void *buf, size_t n)
{
	ssize_t got = kernel_read(file, buf, n, &pos);

	if (got < 0)
		return (int)got;
	return (size_t)got == n ? 0 : -EIO;
}

struct file *open_exec(const char *name)
{
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	return vfs_open_exec(&ctx, NULL, name, LOOKUP_FOLLOW);
}

void close_exec(struct file *file)
{
	allow_write_access(file);
	fput(file);
}

static int read_start(struct linux_binprm *bprm)
{
	loff_t pos = 0;
	ssize_t got;

	memset(bprm->buf, 0, sizeof(bprm->buf));
	got = kernel_read(bprm->file, bprm->buf, sizeof(bprm->buf), &pos);
	if (got < 0)
		return (int)got;
	return got ? 0 : -ENOEXEC;
}

/* --- scripts --- */

/* One vector: interpreter, its one optional argument, script, argv[1..]. */
struct script_args {
	char line[BINPRM_BUF_SIZE];
	const char **argv;
};

/* "#! /bin/sh -e" => "/bin/sh", "-e" or NULL; cuts @line in place. */
static char *parse_script_line(char *line, char **arg)
{
	char *name, *end = strchr(line, '\n');

	*arg = NULL;
	if (!end && strnlen(line, BINPRM_BUF_SIZE - 1) >= BINPRM_BUF_SIZE - 1)
		return NULL; /* cut off somewhere: not to be trusted */
	if (end)
		*end = '\0';
	line = strim(line + 2);
	for (name = line; *line && *line != ' ' && *line != '\t'; line++)
		;
	if (*line) {
		*line++ = '\0';
		*arg = strim(line);
		if (!**arg)
			*arg = NULL;
	}
	return *name ? name : NULL;
}

static int follow_script(struct linux_binprm *bprm, struct script_args *sa)
{
	struct file *file;
	char *name, *arg;
	int i, n = 0;

	memcpy(sa->line, bprm->buf, sizeof(sa->line));
	name = parse_script_line(sa->line, &arg);
	if (!name)
		return -ENOEXEC;
	sa->argv =
		kvzalloc(((size_t)bprm->argc + 4) * sizeof(char *), GFP_KERNEL);
	if (!sa->argv)
		return -ENOMEM;
	file = open_exec(name);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	close_exec(bprm->file);
	bprm->file = file;
	sa->argv[n++] = name;
	if (arg)
		sa->argv[n++] = arg;
	sa->argv[n++] = bprm->filename;
	for (i = 1; i < bprm->argc; i++)
		sa->argv[n++] = bprm->argv[i];
	bprm->argv = sa->argv;
	bprm->argc = n;
	bprm->filename = name;
	return read_start(bprm);
}

/* Find the real program, and load it. */
static int load_binary(struct linux_binprm *bprm)
{
	struct script_args *sa =
		kvzalloc(BINPRM_MAX_DEPTH * sizeof(*sa), GFP_KERNEL);
	int depth = 0, err;

	if (!sa)
		return -ENOMEM;
	err = read_start(bprm);
	while (!err && bprm->buf[0] == '#' && bprm->buf[1] == '!')
		err = depth == BINPRM_MAX_DEPTH ?
			      -ELOOP :
			      follow_script(bprm, &sa[depth++]);
	if (!err)
		err = load_elf_binary(bprm);
	while (depth > 0)
		kvfree(sa[--depth].argv);
	kvfree(sa);
	return err;
}

/* --- past the point of no return --- */

/* Be the only thread of the group => 0, -EAGAIN when being killed. */
static int de_thread(void)
{
	struct signal_struct *signal = current->signal;
	spinlock_t *lock = &current->sighand->siglock;
	int left = thread_group_leader(current) ? 1 : 2;

	spin_lock_irq(lock);
	if (signal->flags & SIGNAL_GROUP_EXIT || signal->group_exec_task) {
		spin_unlock_irq(lock);
		return -EAGAIN;
	}
	signal->group_exec_task = current;
	zap_other_threads(current);
	for (;;) {
		__set_current_state(TASK_UNINTERRUPTIBLE);
		if (signal->nr_threads == left &&
		    (left == 1 || current->group_leader->exit_state))
			break;
		spin_unlock_irq(lock);
		schedule();
		spin_lock_irq(lock);
	}
	__set_current_state(TASK_RUNNING);
	signal->group_exec_task = NULL;
	spin_unlock_irq(lock);
	if (left == 2)
		become_leader(current);
	return 0;
}

static void exec_mmap(struct mm_struct *mm)
{
	struct task_struct *t = current;
	struct mm_struct *old = t->mm;

	mm_release(t);
	spin_lock(&tasklist_lock);
	local_irq_disable();
	t->mm = t->active_mm = mm;
	t->amm = &mm->arch;
	arch_switch_mm(t->amm);
	local_irq_enable();
	spin_unlock(&tasklist_lock);
	if (old)
		mmput(old);
}

/* One more holder of a running program: it stays unwritable (ETXTBSY). */
struct file *get_exe_file(struct file *file)
{
	WARN_ON_ONCE(deny_write_access(file));
	return get_file(file);
}

static void set_exe_file(struct file *file)
{
	struct file *old;

	file = get_exe_file(file);
	spin_lock(&tasklist_lock);
	old = current->signal->exe_file;
	current->signal->exe_file = file;
	spin_unlock(&tasklist_lock);
	if (old)
		close_exec(old);
}

/* The name ps shows: the last part of the path that was asked for. */
static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void begin_new_exec(struct linux_binprm *bprm, const char *name)
{
	struct proc_task *pt = current->proc;

	fail_alloc_forget();
	exec_mmap(bprm->mm);
	bprm->mm = NULL;
	set_exe_file(bprm->file);
	set_task_comm(current, basename_of(name));
	if (current->kthread)
		kthread_forget(current);
	current->flags &= ~(unsigned int)PF_FORKNOEXEC;
	timers_exec();
	flush_signal_handlers(current, false);
	pt->sas_sp = pt->sas_size = 0;
	pt->sas_flags = 0;
	pt->robust_list = 0;
	pt->pdeath_signal = 0;
	pt->dumpable = true;
	current->set_child_tid = NULL;
	do_close_on_exec(current->files);
}

/*
 * Alone, with nothing shared: close-on-exec and default handlers must not
 * hit others. From the first step on the old program cannot go on.
 */
static int leave_others(void)
{
	int err = de_thread();

	if (err)
		return err;
	err = unshare_files();
	if (!err)
		err = unshare_sighand();
	if (err)
		send_sig_info(SIGKILL, NULL, current, true);
	return err;
}

static int do_execve(const char *filename, const struct string_source *argv,
		     const struct string_source *envp, struct pt_regs *regs)
{
	struct linux_binprm bprm = { .filename = filename };
	void *block = copy_args(&bprm, argv, envp);
	int err;

	if (IS_ERR(block))
		return (int)PTR_ERR(block);
	bprm.file = open_exec(filename);
	err = PTR_ERR_OR_ZERO(bprm.file);
	if (err)
		goto free_args;
	err = load_binary(&bprm);
	if (!err)
		err = leave_others();
	if (!err) {
		begin_new_exec(&bprm, filename);
		arch_flush_thread();
		start_thread(regs, bprm.entry, bprm.sp);
	}
	if (bprm.mm)
		mmput(bprm.mm);
	close_exec(bprm.file);
free_args:
	kvfree(block);
	return err;
}

int kernel_execve(const char *path, const char *const *argv,
		  const char *const *envp, struct pt_regs *regs)
{
	struct string_source a = { .kernel = argv }, e = { .kernel = envp };

	return do_execve(path, &a, &e, regs);
}

SYSCALL(sys_execve, const char __user *filename,
	const char __user *const __user *argv,
	const char __user *const __user *envp)
{
	struct string_source a = { .user = argv }, e = { .user = envp };
	char *name __free(putname) = getname(filename);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return *name ? do_execve(name, &a, &e, current_pt_regs()) : -ENOENT;
}
