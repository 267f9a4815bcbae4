// SPDX-License-Identifier: MIT
/*
 * The terminal as a device: one tty_struct on the PL011, with three names.
 *
 *   /dev/ttyAMA0  204:64  the line
 *   /dev/console  5:1     the same, but opening it gives nobody a
 *                         controlling terminal, and no hang-up closes it
 *   /dev/tty      5:0     the caller's controlling terminal, or ENXIO
 *
 * Characters come in by interrupt, into a ring. kttyd takes them out and
 * runs the line discipline: signals need tasklist_lock and echoing needs
 * mutexes, which are not for interrupts.
 */
#include <asm/barrier.h>
#include <asm/uaccess.h>
#include <base/printk.h>
#include <base/serial.h>
#include <fs/chardev.h>
#include <fs/namei.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/tty.h>
#include <proc/tty_ioctl.h>
#include <sched/kthread.h>

#define CTRL(c) ((c)&0x1f)

/* What a serial console of Linux starts with. */
static struct tty_struct line = {
	.dev = MKDEV(TTYAMA_MAJOR, 64),
	.termios = {
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL | CLOCAL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			   ECHOKE | IEXTEN,
		.c_cc = {
			[VINTR] = CTRL('C'),
			[VQUIT] = CTRL('\\'),
			[VERASE] = 0x7f,
			[VKILL] = CTRL('U'),
			[VEOF] = CTRL('D'),
			[VMIN] = 1,
			[VSTART] = CTRL('Q'),
			[VSTOP] = CTRL('S'),
			[VSUSP] = CTRL('Z'),
			[VREPRINT] = CTRL('R'),
			[VDISCARD] = CTRL('O'),
			[VWERASE] = CTRL('W'),
			[VLNEXT] = CTRL('V'),
		},
		.c_ispeed = 38400,
		.c_ospeed = 38400,
	},
	.winsize = { .ws_row = 24, .ws_col = 80 },
	.generation = 1,
};

int tty_nr_of(const struct tty_struct *tty)
{
	return tty ? (int)new_encode_dev(tty->dev) : 0;
}

pid_t tty_pgrp_of(const struct tty_struct *tty)
{
	return tty ? READ_ONCE(tty->pgrp) : -1;
}

/* --- what arrives --- */

/* In interrupt context, one at a time. */
static void tty_rx(char c)
{
	unsigned int head = line.rx_head;

	if (head - smp_load_acquire(&line.rx_tail) >= TTY_RX_SIZE)
		return;
	line.rx[head % TTY_RX_SIZE] = c;
	smp_store_release(&line.rx_head, head + 1);
	wake_up(&line.rx_wait);
}

static bool rx_to_do(struct tty_struct *tty)
{
	return smp_load_acquire(&tty->rx_head) != tty->rx_tail &&
	       n_tty_may_receive(tty);
}

static int kttyd(void *arg)
{
	struct tty_struct *tty = arg;

	for (;;) {
		wait_event_interruptible(tty->rx_wait, rx_to_do(tty));
		n_tty_receive(tty, (u8)tty->rx[tty->rx_tail % TTY_RX_SIZE]);
		smp_store_release(&tty->rx_tail, tty->rx_tail + 1);
		cond_resched();
	}
	return 0;
}

/* --- modes --- */

/* c_cflag's code for the speed; BOTHER says to take c_ospeed. */
static u32 cflag_speed(u32 cflag, u32 other)
{
	static const u32 speeds[16] = {
		0,   50,   75,	 110,  134,  150,  200,	  300,
		600, 1200, 1800, 2400, 4800, 9600, 19200, 38400,
	};
	static const u32 fast[16] = {
		0,	 57600,	  115200,  230400,  460800,  500000,
		576000,	 921600,  1000000, 1152000, 1500000, 2000000,
		2500000, 3000000, 3500000, 4000000,
	};
	u32 code = cflag & CBAUD;

	if (code == BOTHER)
		return other;
	return code & BOTHER ? fast[code & 15] : speeds[code];
}

static long get_termios(struct tty_struct *tty, void __user *arg, size_t size)
{
	struct ktermios copy;

	mutex_lock(&tty->lock);
	copy = tty->termios;
	mutex_unlock(&tty->lock);
	return copy_to_user(arg, &copy, size) ? -EFAULT : 0;
}

static long set_termios(struct tty_struct *tty, const void __user *arg,
			size_t size, bool flush)
{
	int err = tty_check_change(tty, SIGTTOU);
	struct ktermios new = {};

	if (err)
		return err;
	if (copy_from_user(&new, arg, size))
		return -EFAULT;
	if (size == TERMIOS_SIZE)
		new.c_ispeed = new.c_ospeed = READ_ONCE(tty->termios.c_ospeed);
	new.c_ospeed = cflag_speed(new.c_cflag, new.c_ospeed);
	new.c_ispeed = new.c_ospeed;
	if (flush)
		n_tty_flush_input(tty);
	n_tty_set_termios(tty, &new);
	return 0;
}

static long get_winsize(struct tty_struct *tty, struct winsize __user *arg)
{
	struct winsize ws;

	mutex_lock(&tty->lock);
	ws = tty->winsize;
	mutex_unlock(&tty->lock);
	return copy_to_user(arg, &ws, sizeof(ws)) ? -EFAULT : 0;
}

static long set_winsize(struct tty_struct *tty,
			const struct winsize __user *arg)
{
	struct winsize ws;
	bool changed;

	if (copy_from_user(&ws, arg, sizeof(ws)))
		return -EFAULT;
	mutex_lock(&tty->lock);
	changed = memcmp(&tty->winsize, &ws, sizeof(ws)) != 0;
	tty->winsize = ws;
	mutex_unlock(&tty->lock);
	if (changed)
		tty_signal(tty, SIGWINCH);
	return 0;
}

/* --- ioctl --- */

static long tty_flush(struct tty_struct *tty, unsigned long what)
{
	int err = tty_check_change(tty, SIGTTOU);

	if (err)
		return err;
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH)
		n_tty_flush_input(tty);
	return 0;
}

static long tty_flow(struct tty_struct *tty, unsigned long what)
{
	int err = tty_check_change(tty, SIGTTOU);
	char c;

	if (err)
		return err;
	switch (what) {
	case TCOOFF:
		n_tty_stop(tty);
		return 0;
	case TCOON:
		n_tty_start(tty);
		return 0;
	case TCIOFF:
	case TCION:
		c = (char)tty->termios.c_cc[what == TCIOFF ? VSTOP : VSTART];
		if (c)
			serial_write(&c, 1);
		return 0;
	default:
		return -EINVAL;
	}
}

static long termios_ioctl(struct tty_struct *tty, unsigned int cmd,
			  void __user *arg)
{
	switch (cmd) {
	case TCGETS:
		return get_termios(tty, arg, TERMIOS_SIZE);
	case TCGETS2:
		return get_termios(tty, arg, sizeof(struct ktermios));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(tty, arg, TERMIOS_SIZE, cmd == TCSETSF);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(tty, arg, sizeof(struct ktermios),
				   cmd == TCSETSF2);
	default:
		return -ENOIOCTLCMD;
	}
}

static long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty_struct *tty = file->private_data;
	void __user *uarg = (void __user *)arg;
	int ldisc;

	if (tty_hung_up(tty, file))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	switch (cmd) {
	case TIOCGWINSZ:
		return get_winsize(tty, uarg);
	case TIOCSWINSZ:
		return set_winsize(tty, uarg);
	case TCFLSH:
		return tty_flush(tty, arg);
	case TCXONC:
		return tty_flow(tty, arg);
	case TCSBRK:
	case TCSBRKP:
		return tty_check_change(tty, SIGTTOU);
	case TIOCINQ:
		return put_user((int)n_tty_inq(tty), (int __user *)uarg);
	case TIOCOUTQ:
	case TIOCGETD:
		return put_user(0, (int __user *)uarg);
	case TIOCSETD:
		if (get_user(ldisc, (int __user *)uarg))
			return -EFAULT;
		return ldisc ? -EINVAL : 0;
	case TIOCSCTTY:
	case TIOCNOTTY:
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
		return tty_jobctrl_ioctl(tty, file, cmd, uarg);
	default:
		return termios_ioctl(tty, cmd, uarg);
	}
}

/* --- files --- */

static ssize_t tty_read_iter(struct file *file, struct iov_iter *to,
			     loff_t *pos __unused)
{
	struct tty_struct *tty = file->private_data;

	return tty_hung_up(tty, file) ? 0 : n_tty_read(tty, file, to);
}

static ssize_t tty_write_iter(struct file *file, struct iov_iter *from,
			      loff_t *pos __unused)
{
	struct tty_struct *tty = file->private_data;

	return tty_hung_up(tty, file) ? -EIO : n_tty_write(tty, file, from);
}

static poll_t tty_poll(struct file *file, struct poll_table *pt)
{
	return n_tty_poll(file->private_data, file, pt);
}

static int tty_open(struct inode *inode, struct file *file)
{
	struct tty_struct *tty = &line;
	bool is_console = inode->i_rdev == MKDEV(TTYAUX_MAJOR, 1);

	if (inode->i_rdev == MKDEV(TTYAUX_MAJOR, 0)) {
		tty = current->signal ? READ_ONCE(current->signal->tty) : NULL;
		if (!tty)
			return -ENXIO;
	}
	file->private_data = tty;
	file->f_pos = is_console ? 0 : READ_ONCE(tty->generation);
	if (!is_console && !(file->f_flags & O_NOCTTY) &&
	    file->f_mode & FMODE_READ && current->signal)
		tty_open_ctty(tty);
	return stream_open(inode, file);
}

static const struct file_operations tty_fops = {
	.open = tty_open,
	.read_iter = tty_read_iter,
	.write_iter = tty_write_iter,
	.llseek = no_llseek,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
};

/* As Linux's built-in initramfs does: make the node if there is none. */
static struct file *make_console(const struct walk_ctx *ctx)
{
	int err = vfs_mkdir(ctx, NULL, "/dev", 0755);

	if (!err || err == -EEXIST)
		err = vfs_mknod(ctx, NULL, "/dev/console", S_IFCHR | 0600,
				MKDEV(TTYAUX_MAJOR, 1));
	if (err)
		return ERR_PTR(err);
	return vfs_open(ctx, NULL, "/dev/console", O_RDWR, 0);
}

/* For init's descriptors 0, 1, 2. => file or ERR_PTR */
struct file *tty_open_console(void)
{
	struct walk_ctx ctx;
	struct file *file;

	walk_ctx_kernel(&ctx);
	file = vfs_open(&ctx, NULL, "/dev/console", O_RDWR, 0);
	if (IS_ERR(file) && PTR_ERR(file) == -ENOENT)
		file = make_console(&ctx);
	return file;
}

static const struct {
	const char *name;
	unsigned int major, minor;
	umode_t mode;
} nodes[] = {
	{ "tty", TTYAUX_MAJOR, 0, 0666 },
	{ "console", TTYAUX_MAJOR, 1, 0600 },
	{ "ttyAMA0", TTYAMA_MAJOR, 64, 0600 },
};

void tty_init(void)
{
	struct task_struct *t;
	unsigned int i;

	init_waitqueue_head(&line.rx_wait);
	n_tty_init(&line);
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		if (register_chrdev(nodes[i].major, nodes[i].minor, 1,
				    nodes[i].name, &tty_fops) ||
		    device_create(nodes[i].name, nodes[i].mode, nodes[i].major,
				  nodes[i].minor))
			pr_err("tty: no /dev/%s\n", nodes[i].name);
	t = kthread_run(kttyd, &line, "kttyd");
	if (IS_ERR(t)) {
		pr_err("tty: no input: error %ld\n", PTR_ERR(t));
		return;
	}
	serial_set_rx(tty_rx);
}
