// SPDX-License-Identifier: MIT
/*
 * The line discipline, output: what programs write and what typing echoes.
 *
 * The port's write is synchronous, so there is no output queue: to drain is
 * to return. The column is followed for tabs and for the erasing of them.
 *
 * Lock: write_mutex keeps one write(2) together (echo may come between its
 * pieces), out_lock guards the column and the translation of one piece.
 */
#include <base/serial.h>
#include <lib/ctype.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/signal.h>
#include <proc/tty.h>
#include <sched/sched.h>

#define PIECE	  128U /* characters written at a time */
#define MAX_WIDTH 8U   /* what one character can become */

/* One character through OPOST, into out. => how many it became */
static size_t post_char(struct tty_struct *tty, u8 c, char *out)
{
	u32 oflag = tty->termios.c_oflag;
	size_t n = 1;

	out[0] = (char)c;
	switch (c) {
	case '\n':
		if (oflag & ONLRET)
			tty->column = 0;
		if (!(oflag & ONLCR))
			break;
		out[0] = '\r';
		out[1] = '\n';
		n = 2;
		tty->column = 0;
		break;
	case '\r':
		if (oflag & ONOCR && !tty->column)
			return 0;
		if (oflag & OCRNL) {
			out[0] = '\n';
			if (!(oflag & ONLRET))
				break;
		}
		tty->column = 0;
		break;
	case '\t':
		if ((oflag & TABDLY) == XTABS) {
			n = 8 - (tty->column & 7);
			memset(out, ' ', n);
		}
		tty->column += 8 - (tty->column & 7);
		break;
	case '\b':
		if (tty->column)
			tty->column--;
		break;
	default:
		if (!iscntrl(c) &&
		    !(tty->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80))
			tty->column++;
		break;
	}
	return n;
}

/* At most PIECE characters; out_lock held. */
static void emit(struct tty_struct *tty, const char *s, size_t n)
{
	char out[PIECE * MAX_WIDTH];
	size_t i, len = 0;

	if (!(tty->termios.c_oflag & OPOST)) {
		serial_write(s, n);
		return;
	}
	for (i = 0; i < n; i++)
		len += post_char(tty, (u8)s[i], out + len);
	serial_write(out, len);
}

static void emit_locked(struct tty_struct *tty, const char *s, size_t n)
{
	guard(mutex)(&tty->out_lock);
	emit(tty, s, n);
}

void n_tty_echo(struct tty_struct *tty, u8 c)
{
	char s[2] = { (char)c };
	size_t n = 1;

	if (iscntrl(c) && c != '\t' && c != '\n' &&
	    tty->termios.c_lflag & ECHOCTL) {
		s[0] = '^';
		s[1] = (char)(c ^ 0x40);
		n = 2;
	}
	emit_locked(tty, s, n);
}

void n_tty_echo_raw(struct tty_struct *tty, const char *s)
{
	emit_locked(tty, s, strlen(s));
}

unsigned int n_tty_column(struct tty_struct *tty)
{
	guard(mutex)(&tty->out_lock);
	return tty->column;
}

void n_tty_stop(struct tty_struct *tty)
{
	WRITE_ONCE(tty->stopped, true);
}

void n_tty_start(struct tty_struct *tty)
{
	if (!READ_ONCE(tty->stopped))
		return;
	WRITE_ONCE(tty->stopped, false);
	wake_up_interruptible_all(&tty->write_wait);
}

/* Wait for ^Q. => 0, -EIO, -EAGAIN, -ERESTARTSYS */
static int wait_to_write(struct tty_struct *tty, struct file *file)
{
	int err;

	if (READ_ONCE(tty->stopped)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(tty->write_wait,
					       !READ_ONCE(tty->stopped) ||
						       tty_hung_up(tty, file));
		if (err)
			return err;
	}
	if (tty_hung_up(tty, file))
		return -EIO;
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

static ssize_t write_locked(struct tty_struct *tty, struct file *file,
			    struct iov_iter *from)
{
	char piece[PIECE];
	ssize_t done = 0;
	int err = 0;

	while (iov_iter_count(from)) {
		size_t n = min(iov_iter_count(from), sizeof(piece));

		err = wait_to_write(tty, file);
		if (err)
			break;
		n = copy_from_iter(piece, n, from);
		if (!n) {
			err = -EFAULT;
			break;
		}
		emit_locked(tty, piece, n);
		done += (ssize_t)n;
		cond_resched();
	}
	return done ? done : err;
}

ssize_t n_tty_write(struct tty_struct *tty, struct file *file,
		    struct iov_iter *from)
{
	ssize_t ret = 0;

	if (tty->termios.c_lflag & TOSTOP)
		ret = tty_check_change(tty, SIGTTOU);
	if (ret)
		return ret;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&tty->write_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->write_mutex)) {
		return -ERESTARTSYS;
	}
	ret = write_locked(tty, file, from);
	mutex_unlock(&tty->write_mutex);
	return ret;
}
