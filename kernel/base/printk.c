// SPDX-License-Identifier: MIT
/*
 * The log: text in a ring of bytes, one descriptor for each line in a ring
 * of descriptors. A sequence number never repeats, so a reader needs nothing
 * but the number of the line it wants next.
 *
 *   descs   ..[ seq 41 ][ seq 42 ][ seq 43 ]..     index = seq % LOG_LINES
 *                  |         |        '-----.
 *   text    ..|...41 text...|...42 text...|.43..|..   position % LOG_TEXT
 *
 * Invariants: first_seq <= seq < next_seq are there, whole; positions only
 * grow; the text of the first line begins at most LOG_TEXT bytes before
 * next_pos. Making room drops lines from the front.
 *
 * Lock: log_lock, bare (lockdep itself prints) and with interrupts off, for
 * as long as it takes to copy a line. While dying it is broken by force.
 * Called by everybody; kernel/base/console.c brings it to the consoles.
 */
#include <asm/irqflags.h>
#include <asm/spinlock.h>
#include <base/clock.h>
#include <base/printk.h>
#include <lib/ctype.h>
#include <lib/errno.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "log.h"

#define LOG_TEXT   (128 * SZ_1K)
#define LOG_LINES  2048
#define PREFIX_MAX 64 /* "<191>[18446744073.709551] " and more */

struct log_desc {
	u64 ts;	 /* ns */
	u64 pos; /* of the text, free-running */
	u16 len;
	u8 level;
	u8 facility;
};

static char log_text[LOG_TEXT];
static struct log_desc log_descs[LOG_LINES];
static u64 first_seq, next_seq, clear_seq;
static u64 next_pos;
static arch_spinlock_t log_lock = __ARCH_SPIN_LOCK_UNLOCKED;

bool oops_in_progress;

/* The holder never waits for anything; if it does not come back, it died. */
static unsigned long lock_log(void)
{
	unsigned long flags, tries;

	local_irq_save(flags);
	if (likely(!oops_in_progress)) {
		arch_spin_lock(&log_lock);
		return flags;
	}
	for (tries = 0; !arch_spin_trylock(&log_lock); tries++) {
		if (tries > 1000000)
			log_lock = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED;
		cpu_relax();
	}
	return flags;
}

static void unlock_log(unsigned long flags)
{
	arch_spin_unlock(&log_lock);
	local_irq_restore(flags);
}

static struct log_desc *desc_of(u64 seq)
{
	return &log_descs[seq % LOG_LINES];
}

static void make_room(size_t len)
{
	while (first_seq < next_seq &&
	       (next_seq - first_seq >= LOG_LINES ||
		next_pos + len - desc_of(first_seq)->pos > LOG_TEXT))
		first_seq++;
}

static void store_line(u8 facility, u8 level, u64 ts, const char *text,
		       size_t len)
{
	size_t at, part;
	struct log_desc *d;

	len = min(len, (size_t)LOG_LINE_MAX);
	make_room(len);
	at = next_pos % LOG_TEXT;
	part = min(len, LOG_TEXT - at);
	memcpy(&log_text[at], text, part);
	memcpy(log_text, text + part, len - part);

	d = desc_of(next_seq);
	*d = (struct log_desc){
		.ts = ts,
		.pos = next_pos,
		.len = (u16)len,
		.level = level,
		.facility = facility,
	};
	next_pos += len;
	next_seq++;
}

void log_store(unsigned int facility, unsigned int level, const char *text,
	       size_t len)
{
	const char *end = text + len, *line, *nl;
	u64 ts = sched_clock();
	unsigned long flags;

	flags = lock_log();
	for (line = text; line < end; line = nl + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (!nl)
			nl = end;
		store_line((u8)facility, (u8)(level & 7), ts, line,
			   (size_t)(nl - line));
	}
	unlock_log(flags);
	console_flush();
}

int vprintk(const char *fmt, va_list args)
{
	unsigned int level = DEFAULT_MESSAGE_LOGLEVEL;
	char text[LOG_LINE_MAX], *body = text;
	int len;

	len = vscnprintf(text, sizeof(text), fmt, args);
	/* Looked for here and not in fmt: it may come from a "%s". */
	if (len >= 2 && text[0] == KERN_SOH[0]) {
		level = (unsigned int)(text[1] - '0') & 7;
		body += 2;
		len -= 2;
	}
	/* An empty message is an empty line. */
	if (len == 0)
		body[len++] = '\n';
	log_store(0, level, body, (size_t)len);
	return len;
}

int printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}

bool __ratelimit(struct ratelimit_state *rs, const char *who)
{
	u64 now = ktime_get_ns();

	if (!rs->begin || now - rs->begin > rs->interval) {
		if (rs->missed)
			pr_warn("%s: %u messages suppressed\n", who,
				rs->missed);
		rs->begin = now;
		rs->printed = 0;
		rs->missed = 0;
	}
	if (rs->printed < rs->burst) {
		rs->printed++;
		return true;
	}
	rs->missed++;
	return false;
}

/* ---- Reading: one line at a time, copied under the lock ---- */

struct log_line {
	struct log_desc desc;
	char text[LOG_LINE_MAX];
};

/* => false: nothing at or behind *seq; else *seq moves to what there is */
static bool fetch_line(u64 *seq, struct log_line *line)
{
	unsigned long flags = lock_log();
	bool there;
	size_t at, part;

	*seq = max(*seq, first_seq);
	there = *seq < next_seq;
	if (there) {
		line->desc = *desc_of(*seq);
		at = line->desc.pos % LOG_TEXT;
		part = min((size_t)line->desc.len, LOG_TEXT - at);
		memcpy(line->text, &log_text[at], part);
		memcpy(line->text + part, log_text, line->desc.len - part);
	}
	unlock_log(flags);
	return there;
}

static int put_prefix(char *buf, size_t n, const struct log_desc *d,
		      bool with_level)
{
	u64 us = d->ts / NSEC_PER_USEC;
	int len = 0;

	if (with_level)
		len = scnprintf(buf, n, "<%u>", d->facility << 3 | d->level);
	return len + scnprintf(buf + len, n - (size_t)len, "[%5llu.%06llu] ",
			       us / USEC_PER_SEC, us % USEC_PER_SEC);
}

static size_t line_size(const struct log_desc *d)
{
	char prefix[PREFIX_MAX];

	return (size_t)put_prefix(prefix, sizeof(prefix), d, true) + d->len + 1;
}

/* For the consoles. => bytes; 0: nothing newer; *level as stored */
int log_console_line(u64 *seq, char *buf, size_t n, unsigned int *level)
{
	static struct log_line line; /* the console lock */
	int len;

	if (!fetch_line(seq, &line))
		return 0;
	*level = line.desc.level;
	len = put_prefix(buf, n, &line.desc, false);
	len += scnprintf(buf + len, n - (size_t)len, "%.*s\n", line.desc.len,
			 line.text);
	(*seq)++;
	return len;
}

int log_copy(struct log_iter *it, char *buf, size_t n)
{
	struct log_line line;
	size_t done = 0;

	while (fetch_line(&it->seq, &line)) {
		if (line_size(&line.desc) > n - done)
			break;
		done += (size_t)put_prefix(buf + done, n - done, &line.desc,
					   true);
		memcpy(buf + done, line.text, line.desc.len);
		done += line.desc.len;
		buf[done++] = '\n';
		it->seq++;
	}
	return (int)done;
}

int kmsg_copy(struct log_iter *it, char *buf, size_t n)
{
	struct log_line line;
	u64 wanted = it->seq;
	char prefix[PREFIX_MAX];
	size_t len, i;

	if (!fetch_line(&it->seq, &line))
		return 0;
	if (it->seq != wanted)
		return -EPIPE;
	len = (size_t)scnprintf(prefix, sizeof(prefix), "%u,%llu,%llu,-;",
				line.desc.facility << 3 | line.desc.level,
				it->seq, line.desc.ts / NSEC_PER_USEC);
	if (len + line.desc.len + 1 > n)
		return -EINVAL;
	memcpy(buf, prefix, len);
	/* Escapes may need more room than there is: then the line is cut. */
	for (i = 0; i < line.desc.len && len + 5 <= n; i++) {
		u8 c = (u8)line.text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			len += (size_t)scnprintf(buf + len, n - len, "\\x%02x",
						 c);
		else
			buf[len++] = (char)c;
	}
	buf[len++] = '\n';
	it->seq++;
	return (int)len;
}

/* => the bytes of all lines from seq on; log_lock held */
static size_t size_from(u64 seq)
{
	size_t size = 0;

	for (seq = max(seq, first_seq); seq < next_seq; seq++)
		size += line_size(desc_of(seq));
	return size;
}

size_t log_unread(const struct log_iter *it)
{
	unsigned long flags = lock_log();
	size_t size = size_from(it->seq);

	unlock_log(flags);
	return size;
}

void log_iter_tail(struct log_iter *it, size_t n)
{
	unsigned long flags = lock_log();
	u64 seq = max(it->seq, first_seq);
	size_t size = size_from(seq);

	while (size > n)
		size -= line_size(desc_of(seq++));
	it->seq = seq;
	unlock_log(flags);
}

static u64 read_seq(const u64 *seq)
{
	unsigned long flags = lock_log();
	u64 value = *seq;

	unlock_log(flags);
	return value;
}

void log_iter_first(struct log_iter *it)
{
	it->seq = read_seq(&first_seq);
}

void log_iter_last(struct log_iter *it)
{
	it->seq = read_seq(&next_seq);
}

void log_iter_clear(struct log_iter *it)
{
	it->seq = read_seq(&clear_seq);
}

bool log_pending(const struct log_iter *it)
{
	return READ_ONCE(next_seq) > it->seq;
}

u64 log_next_seq(void)
{
	return READ_ONCE(next_seq);
}

size_t log_size(void)
{
	return LOG_TEXT;
}

void log_clear(void)
{
	unsigned long flags = lock_log();

	clear_seq = next_seq;
	unlock_log(flags);
}
