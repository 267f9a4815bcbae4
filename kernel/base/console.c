// SPDX-License-Identifier: MIT
/*
 * From the log to the consoles. Whoever logs a line tries to become the one
 * that prints; who finds somebody else printing leaves, since that one looks
 * for new lines before and after it gives up the job:
 *
 *   printer:  take lock -> print all -> drop lock -> new lines? -> again
 *   others:   store line -> lock taken: go on with other work
 *
 * So nobody waits in printk, and an interrupt may log while the code below
 * it prints. Lock: console_locked, a flag; while dying it is taken by force.
 * The lines of one console are in order, each printed once.
 */
#include <asm/atomic.h>
#include <asm/barrier.h>
#include <base/bug.h>
#include <base/printk.h>
#include "log.h"

int console_loglevel = CONSOLE_LOGLEVEL_DEFAULT;

static unsigned int console_locked;
static LIST_HEAD(consoles);	       /* console_locked */
static u64 console_seq;		       /* all consoles have what is before */
static char console_line[LOG_OUT_MAX]; /* console_locked */

static bool try_lock_consoles(void)
{
	unsigned long tries;

	for (tries = 0; xchg(&console_locked, 1); tries++) {
		if (likely(!oops_in_progress))
			return false;
		/* The printer was stopped, or we died while printing. */
		if (tries > 1000000)
			break;
		cpu_relax();
	}
	return true;
}

static void lock_consoles(void)
{
	while (!try_lock_consoles())
		cpu_relax();
}

static void unlock_consoles(void)
{
	smp_store_release(&console_locked, 0);
}

static void print_pending(struct console *con)
{
	unsigned int level;
	int len;

	for (;;) {
		len = log_console_line(&con->seq, console_line,
				       sizeof(console_line), &level);
		if (!len)
			return;
		if ((int)level < console_loglevel)
			con->write(con, console_line, (unsigned int)len);
	}
}

void console_flush(void)
{
	struct console *con;
	u64 upto;

	do {
		if (!try_lock_consoles())
			return;
		upto = log_next_seq();
		list_for_each_entry(con, &consoles, list)
			print_pending(con);
		console_seq = upto;
		unlock_consoles();
		/*
		 * Pairs with the xchg of a logger on another CPU: either it
		 * sees the lock free, or this sees its line.
		 */
		smp_mb();
	} while (READ_ONCE(console_seq) < log_next_seq());
}

void register_console(struct console *con)
{
	struct console *other, *n;
	struct console *boot = NULL;

	BUG_ON(con->flags & CON_ENABLED);
	lock_consoles();
	con->seq = 0;
	list_for_each_entry_safe(other, n, &consoles, list) {
		if (!(other->flags & CON_BOOT) || (con->flags & CON_BOOT))
			continue;
		/* It has printed everything up to its seq. */
		con->seq = max(con->seq, other->seq);
		list_del(&other->list);
		other->flags &= ~(u32)CON_ENABLED;
		boot = other;
	}
	con->flags |= CON_ENABLED;
	list_add_tail(&con->list, &consoles);
	unlock_consoles();
	pr_info("printk: console [%s] enabled\n", con->name);
	if (boot)
		pr_info("printk: bootconsole [%s] disabled\n", boot->name);
}
