/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log: a ring of records in memory, and the consoles that
 * follow it.
 *
 *   printk --> [ record | record | record ] --> console, console
 *                  ^ readers: syslog(2), /dev/kmsg
 *
 * => printk and what is built on it may be called in any context: with any
 *    lock held, in interrupts, before anything is set up, while panicking
 */
#ifndef _BASE_PRINTK_H
#define _BASE_PRINTK_H

#include <lib/list.h>
#include <lib/stdarg.h>
#include <lib/types.h>
#include <base/config.h>

#define KERN_SOH     "\001"
#define KERN_EMERG   KERN_SOH "0"
#define KERN_ALERT   KERN_SOH "1"
#define KERN_CRIT    KERN_SOH "2"
#define KERN_ERR     KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE  KERN_SOH "5"
#define KERN_INFO    KERN_SOH "6"
#define KERN_DEBUG   KERN_SOH "7"

#define LOGLEVEL_WARNING 4
#define LOGLEVEL_DEBUG	 7

#define CONSOLE_LOGLEVEL_MIN	    1
#define CONSOLE_LOGLEVEL_QUIET	    4
#define CONSOLE_LOGLEVEL_DEFAULT    7
#define CONSOLE_LOGLEVEL_MOTORMOUTH 15
#define DEFAULT_MESSAGE_LOGLEVEL    LOGLEVEL_WARNING

/* Only messages below this level reach the consoles. */
extern int console_loglevel;

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/*
 * Log one message; a newline at its end is optional, each is a line of its
 * own. => its length
 */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list args) __printf(1, 0);
/* The same for text from user space (/dev/kmsg): facility as in syslog(3). */
void log_store(unsigned int facility, unsigned int level, const char *text,
	       size_t len);

#define pr_emerg(fmt, ...)  printk(KERN_EMERG pr_fmt(fmt), ##__VA_ARGS__)
#define pr_alert(fmt, ...)  printk(KERN_ALERT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_crit(fmt, ...)   printk(KERN_CRIT pr_fmt(fmt), ##__VA_ARGS__)
#define pr_err(fmt, ...)    printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)   printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)   printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)                                             \
	do {                                                           \
		if (CONFIG_DEBUG)                                      \
			printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__); \
	} while (0)

#define printk_once(fmt, ...)                       \
	do {                                        \
		static bool __said;                 \
		if (unlikely(!__said)) {            \
			__said = true;              \
			printk(fmt, ##__VA_ARGS__); \
		}                                   \
	} while (0)
#define pr_warn_once(fmt, ...) \
	printk_once(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)

/* At most `burst` messages in each `interval` of ns. */
struct ratelimit_state {
	u64 interval;
	unsigned int burst;
	unsigned int printed; /* in this interval */
	unsigned int missed;
	u64 begin; /* ns */
};

/* => true if the caller may print now; counts lost ones, reports them later */
bool __ratelimit(struct ratelimit_state *rs, const char *who);

#define printk_ratelimited(fmt, ...)                   \
	do {                                           \
		static struct ratelimit_state __rs = { \
			.interval = 5 * NSEC_PER_SEC,  \
			.burst = 10,                   \
		};                                     \
		if (__ratelimit(&__rs, __func__))      \
			printk(fmt, ##__VA_ARGS__);    \
	} while (0)
#define pr_warn_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info_ratelimited(fmt, ...) \
	printk_ratelimited(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)

/* ---- Consoles ---- */

#define CON_BOOT    0x1 /* early: leaves when a real one comes */
#define CON_ENABLED 0x2 /* set while registered */

struct console {
	const char *name;
	/*
	 * => called with one or more whole lines ending in \n; IRQs may be
	 *    masked; one caller at a time, except while oops_in_progress
	 */
	void (*write)(struct console *con, const char *text, unsigned int len);
	u32 flags;
	u64 seq;	       /* next record to print (console lock) */
	struct list_head list; /* (console lock) */
};

/*
 * A console begins with the oldest record, unless a CON_BOOT console has
 * printed them already: that one is unregistered then.
 */
void register_console(struct console *con);
/* Print whatever is not on the consoles yet, if nobody is doing so. */
void console_flush(void);

/*
 * Set while dying: a console's write must not wait for its lock, and the
 * log's own locks are broken if their holder was stopped.
 */
extern bool oops_in_progress;

/* ---- Reading ---- */

struct log_iter {
	u64 seq; /* next record */
};

#define LOG_LINE_MAX 1024		 /* a record's text; longer is cut */
#define LOG_OUT_MAX  (LOG_LINE_MAX + 64) /* enough for one record out */

/*
 * Whole records in syslog(2)'s format, "<6>[    0.123456] text\n", each line
 * of a record with the prefix. => bytes, 0: nothing newer, or no room
 */
int log_copy(struct log_iter *it, char *buf, size_t n);
/* One record in /dev/kmsg's format: "6,12,123456,-;text\n".
 * => bytes; 0: nothing newer; -EPIPE: some were overwritten, go on;
 *    -EINVAL: n is too small */
int kmsg_copy(struct log_iter *it, char *buf, size_t n);
/* it: the oldest record; the newest of which n bytes hold all later ones. */
void log_iter_first(struct log_iter *it);
void log_iter_tail(struct log_iter *it, size_t n);
/* Behind the newest; behind the last log_clear(), or the oldest. */
void log_iter_last(struct log_iter *it);
void log_iter_clear(struct log_iter *it);
/* => is there a record at or behind it? */
bool log_pending(const struct log_iter *it);
/* => bytes log_copy() has left for it */
size_t log_unread(const struct log_iter *it);
/* => size of the ring in bytes */
size_t log_size(void);
/* Forget for log_iter_clear() what is there now. */
void log_clear(void);
/* => the sequence number the next record will have */
u64 log_next_seq(void);

#endif
