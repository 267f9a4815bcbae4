// SPDX-License-Identifier: MIT
/*
 * The line discipline, input: what typing does.
 *
 *   read_buf:  ... read_tail      canon_head      read_head ...
 *                  |  full lines  |  being edited  |
 *
 * In canonical mode read(2) sees what is before canon_head, one line at a
 * time; a set bit in read_flags marks the last character of a line. Of an
 * end-of-file mark (^D) only the bit counts, its character is 0 and is not
 * copied. In raw mode everything up to read_head can be read.
 *
 * What is being edited is limited by the buffer: when it is full, characters
 * are dropped, but for the one that ends the line. Full lines that nobody
 * reads stop kttyd instead, and then the ring.
 *
 * Lock: tty->lock, a mutex: receiving sends signals and echoes, and copying
 * to a reader may fault.
 */
#include <base/config.h>
#include <lib/bitops.h>
#include <lib/ctype.h>
#include <lib/errno.h>
#include <proc/signal.h>
#include <proc/tty.h>
#include <sched/sched.h>

#define MASK(i) ((i) & (N_TTY_BUF_SIZE - 1))

void n_tty_init(struct tty_struct *tty)
{
	mutex_init(&tty->lock);
	mutex_init(&tty->read_mutex);
	mutex_init(&tty->write_mutex);
	mutex_init(&tty->out_lock);
	init_waitqueue_head(&tty->read_wait);
	init_waitqueue_head(&tty->write_wait);
}

static bool is_cc(const struct tty_struct *tty, unsigned int index, u8 c)
{
	return c && tty->termios.c_cc[index] == c;
}

static bool lflag(const struct tty_struct *tty, u32 flag)
{
	return READ_ONCE(tty->termios.c_lflag) & flag;
}

static unsigned int buffered(const struct tty_struct *tty)
{
	return READ_ONCE(tty->read_head) - READ_ONCE(tty->read_tail);
}

bool n_tty_may_receive(const struct tty_struct *tty)
{
	if (buffered(tty) < N_TTY_BUF_SIZE - 1)
		return true;
	return lflag(tty, ICANON) &&
	       READ_ONCE(tty->canon_head) == READ_ONCE(tty->read_tail);
}

/* --- the edited line --- */

static bool is_continuation(const struct tty_struct *tty, u8 c)
{
	return tty->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80;
}

/* How far @c moves the cursor at @column when it is echoed. */
static unsigned int echo_width(const struct tty_struct *tty, u8 c,
			       unsigned int column)
{
	if (c == '\t')
		return 8 - (column & 7);
	if (iscntrl(c))
		return lflag(tty, ECHOCTL) ? 2 : 0;
	return is_continuation(tty, c) ? 0 : 1;
}

/* The column behind the edited line. */
static unsigned int edit_column(const struct tty_struct *tty)
{
	unsigned int i, column = tty->line_column;

	for (i = tty->canon_head; i != tty->read_head; i++)
		column += echo_width(tty, tty->read_buf[MASK(i)], column);
	return column;
}

static void rub_out(struct tty_struct *tty, unsigned int columns)
{
	while (columns--)
		n_tty_echo_raw(tty, "\b \b");
}

/* Take back one character (all its bytes). => its first byte */
static u8 pop_char(struct tty_struct *tty)
{
	u8 c;

	do
		c = tty->read_buf[MASK(--tty->read_head)];
	while (is_continuation(tty, c) && tty->read_head != tty->canon_head);
	return c;
}

static void erase_char(struct tty_struct *tty)
{
	unsigned int before = edit_column(tty);
	u8 c = pop_char(tty);

	if (!lflag(tty, ECHO))
		return;
	if (!lflag(tty, ECHOE)) {
		n_tty_echo(tty, tty->termios.c_cc[VERASE]);
		return;
	}
	before -= edit_column(tty);
	/* a tab is walked over, there is nothing to blank */
	while (c == '\t' && before) {
		n_tty_echo_raw(tty, "\b");
		before--;
	}
	rub_out(tty, before);
}

static void erase_word(struct tty_struct *tty)
{
	unsigned int before = edit_column(tty);
	bool seen = false;

	while (tty->read_head != tty->canon_head) {
		unsigned int head = tty->read_head;
		u8 c = pop_char(tty);
		bool in_word = isalnum(c) || c == '_' || c >= 0x80;

		if (seen && !in_word) {
			tty->read_head = head;
			break;
		}
		seen |= in_word;
	}
	if (lflag(tty, ECHO))
		rub_out(tty, before - edit_column(tty));
}

static void kill_line(struct tty_struct *tty)
{
	unsigned int before = edit_column(tty);

	tty->read_head = tty->canon_head;
	if (!lflag(tty, ECHO))
		return;
	if (lflag(tty, ECHOK) && lflag(tty, ECHOKE) && lflag(tty, ECHOE)) {
		rub_out(tty, before - tty->line_column);
		return;
	}
	n_tty_echo(tty, tty->termios.c_cc[VKILL]);
	if (lflag(tty, ECHOK))
		n_tty_echo(tty, '\n');
}

static void reprint(struct tty_struct *tty)
{
	unsigned int i;

	n_tty_echo(tty, tty->termios.c_cc[VREPRINT]);
	n_tty_echo(tty, '\n');
	tty->line_column = 0;
	for (i = tty->canon_head; i != tty->read_head; i++)
		n_tty_echo(tty, tty->read_buf[MASK(i)]);
}

/* --- receiving --- */

static void put_char(struct tty_struct *tty, u8 c, bool ends_line)
{
	unsigned int at = MASK(tty->read_head);

	tty->read_buf[at] = c;
	if (ends_line)
		__set_bit(at, tty->read_flags);
	else
		__clear_bit(at, tty->read_flags);
	WRITE_ONCE(tty->read_head, tty->read_head + 1);
}

static void wake_readers(struct tty_struct *tty)
{
	wake_up_interruptible_poll(&tty->read_wait, POLLIN | POLLRDNORM);
}

static void end_line(struct tty_struct *tty, u8 c)
{
	if (buffered(tty) >= N_TTY_BUF_SIZE)
		return;
	put_char(tty, c, true);
	WRITE_ONCE(tty->canon_head, tty->read_head);
	wake_readers(tty);
}

static void add_char(struct tty_struct *tty, u8 c)
{
	if (buffered(tty) >= N_TTY_BUF_SIZE - 1) {
		if (tty->termios.c_iflag & IMAXBEL)
			n_tty_echo_raw(tty, "\a");
		return;
	}
	if (lflag(tty, ECHO)) {
		if (tty->canon_head == tty->read_head)
			tty->line_column = n_tty_column(tty);
		n_tty_echo(tty, c);
	}
	put_char(tty, c, false);
	if (!lflag(tty, ICANON))
		wake_readers(tty);
}

static void flush_locked(struct tty_struct *tty)
{
	WRITE_ONCE(tty->read_tail, tty->read_head);
	WRITE_ONCE(tty->canon_head, tty->read_head);
	tty->lnext = false;
}

static bool flow_char(struct tty_struct *tty, u8 c)
{
	if (!(tty->termios.c_iflag & IXON))
		return false;
	if (is_cc(tty, VSTART, c)) {
		n_tty_start(tty);
		return true;
	}
	if (is_cc(tty, VSTOP, c)) {
		n_tty_stop(tty);
		return true;
	}
	if (tty->termios.c_iflag & IXANY)
		n_tty_start(tty);
	return false;
}

static bool signal_char(struct tty_struct *tty, u8 c)
{
	int sig = is_cc(tty, VINTR, c) ? SIGINT :
		  is_cc(tty, VQUIT, c) ? SIGQUIT :
		  is_cc(tty, VSUSP, c) ? SIGTSTP :
					 0;

	if (!sig || !lflag(tty, ISIG))
		return false;
	if (!lflag(tty, NOFLSH))
		flush_locked(tty);
	if (tty->termios.c_iflag & IXON)
		n_tty_start(tty);
	if (lflag(tty, ECHO))
		n_tty_echo(tty, c);
	tty_signal(tty, sig);
	return true;
}

static bool erase_key(struct tty_struct *tty, u8 c)
{
	void (*erase)(struct tty_struct * t) =
		is_cc(tty, VERASE, c)			     ? erase_char :
		is_cc(tty, VKILL, c)			     ? kill_line :
		is_cc(tty, VWERASE, c) && lflag(tty, IEXTEN) ? erase_word :
							       NULL;

	if (!erase)
		return false;
	if (tty->read_head != tty->canon_head)
		erase(tty);
	return true;
}

/* => true: the character meant something in canonical mode */
static bool canon_char(struct tty_struct *tty, u8 c)
{
	bool extended = lflag(tty, IEXTEN);

	if (erase_key(tty, c))
		return true;
	if (is_cc(tty, VLNEXT, c) && extended) {
		tty->lnext = true;
		if (lflag(tty, ECHO) && lflag(tty, ECHOCTL))
			n_tty_echo_raw(tty, "^\b");
	} else if (is_cc(tty, VREPRINT, c) && extended && lflag(tty, ECHO)) {
		reprint(tty);
	} else if (c == '\n') {
		if (lflag(tty, ECHO | ECHONL))
			n_tty_echo(tty, c);
		end_line(tty, c);
	} else if (is_cc(tty, VEOF, c)) {
		end_line(tty, 0);
	} else if (is_cc(tty, VEOL, c) || (is_cc(tty, VEOL2, c) && extended)) {
		if (lflag(tty, ECHO))
			n_tty_echo(tty, c);
		end_line(tty, c);
	} else {
		return false;
	}
	return true;
}

static void receive_locked(struct tty_struct *tty, u8 c)
{
	u32 iflag = tty->termios.c_iflag;

	if (iflag & ISTRIP)
		c &= 0x7f;
	if (tty->lnext) {
		tty->lnext = false;
		add_char(tty, c);
		return;
	}
	if (flow_char(tty, c) || signal_char(tty, c))
		return;
	if (c == '\r') {
		if (iflag & IGNCR)
			return;
		if (iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && iflag & INLCR) {
		c = '\r';
	}
	if (!lflag(tty, ICANON) || !canon_char(tty, c))
		add_char(tty, c);
}

void n_tty_receive(struct tty_struct *tty, u8 c)
{
	guard(mutex)(&tty->lock);
	receive_locked(tty, c);
}

void n_tty_flush_input(struct tty_struct *tty)
{
	mutex_lock(&tty->lock);
	flush_locked(tty);
	mutex_unlock(&tty->lock);
	wake_up(&tty->rx_wait);
}

/* What was received in one mode becomes readable in the other. */
static void switch_canon(struct tty_struct *tty)
{
	bitmap_zero(tty->read_flags, N_TTY_BUF_SIZE);
	if (lflag(tty, ICANON) && buffered(tty))
		__set_bit(MASK(tty->read_head - 1), tty->read_flags);
	WRITE_ONCE(tty->canon_head, tty->read_head);
	tty->lnext = false;
}

void n_tty_set_termios(struct tty_struct *tty, const struct ktermios *new)
{
	u32 changed;

	mutex_lock(&tty->lock);
	mutex_lock(&tty->out_lock);
	changed = tty->termios.c_lflag ^ new->c_lflag;
	tty->termios = *new;
	mutex_unlock(&tty->out_lock);
	if (changed & ICANON)
		switch_canon(tty);
	if (!(new->c_iflag &IXON))
		n_tty_start(tty);
	mutex_unlock(&tty->lock);
	wake_up_interruptible(&tty->read_wait);
	wake_up(&tty->rx_wait);
}

/* --- reading --- */

static bool input_available(const struct tty_struct *tty)
{
	if (lflag(tty, ICANON))
		return READ_ONCE(tty->canon_head) != READ_ONCE(tty->read_tail);
	return buffered(tty) != 0;
}

/* An end-of-file mark at @index: it ends a line but is not part of it. */
static bool is_eof_mark(const struct tty_struct *tty, unsigned int index)
{
	return test_bit(MASK(index), tty->read_flags) &&
	       !tty->read_buf[MASK(index)];
}

unsigned int n_tty_inq(struct tty_struct *tty)
{
	unsigned int i, n = 0;

	guard(mutex)(&tty->lock);
	if (lflag(tty, ICANON))
		for (i = tty->read_tail; i != tty->canon_head; i++)
			n += !is_eof_mark(tty, i);
	else
		n = buffered(tty);
	return n;
}

/* Copy the next @n characters, which are there. => how many were copied */
static size_t copy_out(struct tty_struct *tty, size_t n, struct iov_iter *to)
{
	unsigned int tail = tty->read_tail;
	size_t first = min(n, (size_t)(N_TTY_BUF_SIZE - MASK(tail)));
	size_t done = copy_to_iter(tty->read_buf + MASK(tail), first, to);

	if (done == first && n > first)
		done += copy_to_iter(tty->read_buf, n - first, to);
	WRITE_ONCE(tty->read_tail, tail + (unsigned int)done);
	return done;
}

/* => bytes of one line, at most what is asked for; -EFAULT */
static ssize_t copy_line(struct tty_struct *tty, struct iov_iter *to)
{
	unsigned int end = tty->read_tail;
	size_t n, done;
	bool marked;

	while (end != tty->canon_head && !test_bit(MASK(end), tty->read_flags))
		end++;
	/* ended by ^D, which is not given out, or by a newline, which is */
	marked = end != tty->canon_head && is_eof_mark(tty, end);
	if (end != tty->canon_head && !marked)
		end++;
	n = min((size_t)(end - tty->read_tail), iov_iter_count(to));
	done = copy_out(tty, n, to);
	if (done < n)
		return done ? (ssize_t)done : -EFAULT;
	if (marked && tty->read_tail == end)
		WRITE_ONCE(tty->read_tail, end + 1);
	return (ssize_t)done;
}

/* => bytes; -EFAULT; -EAGAIN: somebody flushed it */
static ssize_t copy_input(struct tty_struct *tty, struct iov_iter *to)
{
	ssize_t ret = -EAGAIN;

	mutex_lock(&tty->lock);
	if (!input_available(tty)) {
		/* look again */
	} else if (lflag(tty, ICANON)) {
		ret = copy_line(tty, to);
	} else {
		ret = (ssize_t)copy_out(
			tty, min((size_t)buffered(tty), iov_iter_count(to)),
			to);
		if (!ret)
			ret = -EFAULT;
	}
	mutex_unlock(&tty->lock);
	wake_up(&tty->rx_wait);
	return ret;
}

/* => 1 there is input (or the line is gone), 0 time is up, -errno */
static int wait_for_input(struct tty_struct *tty, struct file *file,
			  u64 timeout)
{
	s64 left;

	if (!timeout)
		return 0;
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	left = wait_event_interruptible_timeout(
		tty->read_wait, input_available(tty) || tty_hung_up(tty, file),
		timeout);
	return left < 0 ? (int)left : left > 0;
}

static ssize_t read_locked(struct tty_struct *tty, struct file *file,
			   struct iov_iter *to)
{
	const u8 *cc = tty->termios.c_cc;
	u64 interval = cc[VTIME] * 100 * NSEC_PER_MSEC;
	size_t minimum = cc[VMIN] ? cc[VMIN] : 1, done = 0;
	u64 timeout = cc[VMIN] || lflag(tty, ICANON) ? U64_MAX : interval;
	ssize_t ret = 0;

	while (iov_iter_count(to) && !tty_hung_up(tty, file)) {
		bool canon;

		if (!input_available(tty)) {
			ret = wait_for_input(tty, file, timeout);
			if (ret <= 0)
				break;
			continue;
		}
		canon = lflag(tty, ICANON);
		ret = copy_input(tty, to);
		if (ret == -EAGAIN)
			continue;
		if (ret < 0)
			break;
		done += (size_t)ret;
		if (canon || done >= minimum)
			break;
		if (interval)
			timeout = interval;
	}
	return done || ret > 0 ? (ssize_t)done : ret;
}

ssize_t n_tty_read(struct tty_struct *tty, struct file *file,
		   struct iov_iter *to)
{
	ssize_t ret = tty_check_change(tty, SIGTTIN);

	if (ret)
		return ret;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&tty->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->read_mutex)) {
		return -ERESTARTSYS;
	}
	ret = read_locked(tty, file, to);
	mutex_unlock(&tty->read_mutex);
	return ret;
}

/* Ready to read for poll(2): raw mode without a timer wants VMIN bytes. */
static bool poll_ready(const struct tty_struct *tty)
{
	const u8 *cc = tty->termios.c_cc;

	if (lflag(tty, ICANON) || cc[VTIME] || !cc[VMIN])
		return input_available(tty);
	return buffered(tty) >= cc[VMIN];
}

poll_t n_tty_poll(struct tty_struct *tty, struct file *file,
		  struct poll_table *pt)
{
	poll_t mask = 0;

	poll_wait(file, &tty->read_wait, pt);
	poll_wait(file, &tty->write_wait, pt);
	if (tty_hung_up(tty, file))
		return DEFAULT_POLLMASK | POLLERR | POLLHUP;
	if (poll_ready(tty))
		mask |= POLLIN | POLLRDNORM;
	if (!READ_ONCE(tty->stopped))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}
