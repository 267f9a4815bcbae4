/* SPDX-License-Identifier: MIT */
/*
 * The terminal: what stands between a serial line and the processes of a
 * session.
 *
 *   UART --interrupt--> rx ring --kttyd--> n_tty_receive() --> read_buf
 *                                              |   '--> signals (^C ^\ ^Z)
 *                                              '--> echo --.
 *   read(2)  <------------------------------- read_buf     v
 *   write(2) ----------------> n_tty: OPOST ------------> UART
 *
 * Lock key: (l) lock, (o) out_lock, (t) tasklist_lock, (c) constant,
 * (r) ring: one producer (the port's interrupt), one consumer (kttyd),
 * (w) READ_ONCE and WRITE_ONCE
 * Lock order: read_mutex > lock > out_lock; write_mutex > out_lock
 */
#ifndef PROC_TTY_H
#define PROC_TTY_H

#include <asm/uaccess.h>
#include <fs/fs.h>
#include <fs/poll.h>
#include <lib/bitmap.h>
#include <lib/types.h>
#include <sched/mutex.h>
#include <sched/wait.h>

#define N_TTY_BUF_SIZE 4096U /* a power of two */
#define TTY_RX_SIZE    4096U /* a power of two */

/* c_cc */
#define VINTR	 0
#define VQUIT	 1
#define VERASE	 2
#define VKILL	 3
#define VEOF	 4
#define VTIME	 5
#define VMIN	 6
#define VSTART	 8
#define VSTOP	 9
#define VSUSP	 10
#define VEOL	 11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE	 14
#define VLNEXT	 15
#define VEOL2	 16
#define NCCS	 19

/* c_iflag */
#define ISTRIP	0x0020U
#define INLCR	0x0040U
#define IGNCR	0x0080U
#define ICRNL	0x0100U
#define IXON	0x0400U
#define IXANY	0x0800U
#define IMAXBEL 0x2000U
#define IUTF8	0x4000U
/* c_oflag */
#define OPOST  0x0001U
#define ONLCR  0x0004U
#define OCRNL  0x0008U
#define ONOCR  0x0010U
#define ONLRET 0x0020U
#define TABDLY 0x1800U
#define XTABS  0x1800U
/* c_cflag */
#define CBAUD  0x100fU
#define B38400 0x000fU
#define BOTHER 0x1000U
#define CS8    0x0030U
#define CREAD  0x0080U
#define HUPCL  0x0400U
#define CLOCAL 0x0800U
/* c_lflag */
#define ISIG	0x0001U
#define ICANON	0x0002U
#define ECHO	0x0008U
#define ECHOE	0x0010U
#define ECHOK	0x0020U
#define ECHONL	0x0040U
#define NOFLSH	0x0080U
#define TOSTOP	0x0100U
#define ECHOCTL 0x0200U
#define ECHOKE	0x0800U
#define IEXTEN	0x8000U

/* The user ABI's struct termios2; its first 36 bytes are struct termios. */
struct ktermios {
	u32 c_iflag;
	u32 c_oflag;
	u32 c_cflag;
	u32 c_lflag;
	u8 c_line;
	u8 c_cc[NCCS];
	u32 c_ispeed; /* baud */
	u32 c_ospeed;
};

#define TERMIOS_SIZE offsetof(struct ktermios, c_ispeed)
static_assert(TERMIOS_SIZE == 36 && sizeof(struct ktermios) == 44,
	      "struct termios, struct termios2");

struct winsize {
	u16 ws_row, ws_col, ws_xpixel, ws_ypixel;
};

struct tty_struct {
	dev_t dev;		 /* (c) what /proc and ps call it */
	struct ktermios termios; /* (l)(o), flags read without */
	struct winsize winsize;	 /* (l) */
	pid_t session, pgrp;	 /* (t) 0: nobody's */
	loff_t generation;	 /* (w) hang-ups so far, from 1 */

	/* what has arrived */
	char rx[TTY_RX_SIZE];	       /* (r) */
	unsigned int rx_head, rx_tail; /* (r) free running */
	wait_queue_head_t rx_wait;     /* kttyd */

	/* the line discipline's input; indices run free, masked on use */
	struct mutex lock;
	struct mutex read_mutex;		    /* one reader at a time */
	u8 read_buf[N_TTY_BUF_SIZE];		    /* (l) */
	DECLARE_BITMAP(read_flags, N_TTY_BUF_SIZE); /* (l) ends a line */
	unsigned int read_tail;			    /* (l)(w) next to be read */
	unsigned int canon_head;  /* (l)(w) after the last full line */
	unsigned int read_head;	  /* (l)(w) next to be received */
	unsigned int line_column; /* (l) where the edited line began */
	bool lnext;		  /* (l) after ^V: take it literally */
	wait_queue_head_t read_wait;

	/* output */
	struct mutex write_mutex; /* one writer at a time */
	struct mutex out_lock;
	unsigned int column; /* (o) */
	bool stopped;	     /* (w) ^S, TCOOFF */
	wait_queue_head_t write_wait;
};

/*
 * A stream has no position: f_pos of a terminal's file is the generation it
 * was opened in, or 0 for /dev/console, which outlives sessions.
 */
static inline bool tty_hung_up(const struct tty_struct *tty,
			       const struct file *file)
{
	return file->f_pos && file->f_pos != READ_ONCE(tty->generation);
}

/* --- n_tty.c --- */
void n_tty_init(struct tty_struct *tty);
/* => is there room, or will what does not fit be dropped anyway? */
bool n_tty_may_receive(const struct tty_struct *tty);
/* One character from the line; kttyd only. */
void n_tty_receive(struct tty_struct *tty, u8 c);
/* => bytes, 0: end of file, -EAGAIN, -ERESTARTSYS, -EFAULT */
ssize_t n_tty_read(struct tty_struct *tty, struct file *file,
		   struct iov_iter *to);
poll_t n_tty_poll(struct tty_struct *tty, struct file *file,
		  struct poll_table *pt);
void n_tty_set_termios(struct tty_struct *tty, const struct ktermios *new);
void n_tty_flush_input(struct tty_struct *tty);
/* => characters that read() could return: FIONREAD */
unsigned int n_tty_inq(struct tty_struct *tty);

/* --- n_tty_out.c --- */
ssize_t n_tty_write(struct tty_struct *tty, struct file *file,
		    struct iov_iter *from);
/* Output of the discipline itself: through OPOST, ^X for control chars. */
void n_tty_echo(struct tty_struct *tty, u8 c);
void n_tty_echo_raw(struct tty_struct *tty, const char *s);
unsigned int n_tty_column(struct tty_struct *tty);
void n_tty_stop(struct tty_struct *tty);
void n_tty_start(struct tty_struct *tty);

/* --- tty_jobctrl.c --- */
/* Send to the foreground group. => process context */
void tty_signal(struct tty_struct *tty, int sig);
/*
 * May the caller, if this is its terminal, do what @sig (SIGTTIN, SIGTTOU)
 * is the answer to? => 0, -ERESTARTSYS (it was sent), -EIO
 */
int tty_check_change(struct tty_struct *tty, int sig);
/* open(2) of a terminal by a session leader that has none. */
void tty_open_ctty(struct tty_struct *tty);
long tty_jobctrl_ioctl(struct tty_struct *tty, struct file *file,
		       unsigned int cmd, void __user *arg);

#endif /* PROC_TTY_H */
