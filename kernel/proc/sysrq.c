// SPDX-License-Identifier: MIT
/*
 * /proc/sysrq-trigger: one letter asks the kernel for something a program
 * cannot do.  Who wants to see a panic, with registers, backtrace and page
 * tables, writes `c`.
 */
#include <asm/psci.h>
#include <base/bug.h>
#include <base/printk.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/oom.h>
#include <proc/pid_proc.h>
#include <proc/process.h>

/* A write to address 0, as a stray pointer would do. */
static void sysrq_crash(void)
{
	*(volatile int *)NULL = 0;
}

static void sysrq_reboot(void)
{
	machine_down("sysrq: Resetting", psci_system_reset);
}

static void sysrq_poweroff(void)
{
	machine_down("sysrq: Power Off", psci_system_off);
}

static void sysrq_tasks(void)
{
	struct task_struct *p;

	guard(spinlock)(&tasklist_lock);
	for_each_process(p)
		pr_info("task:%-15s state:%c pid:%-5d ppid:%d\n", p->comm,
			task_state_char(p), p->pid, p->real_parent->pid);
}

static void sysrq_oom(void)
{
	if (!oom_kill_by_hand())
		pr_info("sysrq: OOM request ignored. No task eligible\n");
}

static void sysrq_backtrace(void)
{
	dump_stack();
}

static const struct {
	char key;
	const char *help, *action;
	void (*run)(void);
} sysrq_keys[] = {
	{ 'b', "reboot(b)", "Resetting", sysrq_reboot },
	{ 'c', "crash(c)", "Trigger a crash", sysrq_crash },
	{ 'f', "memory-full-oom-kill(f)", "Manual OOM execution", sysrq_oom },
	{ 'l', "show-backtrace(l)", "Show backtrace", sysrq_backtrace },
	{ 'm', "show-memory-usage(m)", "Show Memory", show_mem },
	{ 'o', "poweroff(o)", "Power Off", sysrq_poweroff },
	{ 't', "show-task-states(t)", "Show State", sysrq_tasks },
};

int sysrq_write(char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sysrq_keys); i++) {
		if (sysrq_keys[i].key != text[0])
			continue;
		pr_info("sysrq: %s\n", sysrq_keys[i].action);
		sysrq_keys[i].run();
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(sysrq_keys); i++)
		pr_info("sysrq: HELP: %s\n", sysrq_keys[i].help);
	return 0;
}
