// SPDX-License-Identifier: MIT
/*
 * serial.c - where the UART driver and the terminal meet
 *
 *   pl011 --serial_rx()--> [early] --> rx      (the tty, kernel/proc)
 *   tty --serial_write()--> port->write        (drivers/pl011.c)
 *
 * Characters typed before the terminal exists wait in `early`; what does not
 * fit is dropped, as on any UART that nobody reads.
 *
 * Lock: serial_lock protects receiver and early. The receiver is called with
 * it held, so that characters stay in order. Lock order: serial_lock, then
 * the receiver's locks, then the port's.
 */
#include <base/serial.h>
#include <base/spinlock.h>

static DEFINE_SPINLOCK(serial_lock);
static const struct serial_port *serial_port;
static void (*receiver)(char c); /* serial_lock */
static char early[64];		 /* serial_lock */
static unsigned int nr_early;	 /* serial_lock */

void serial_register(const struct serial_port *port)
{
	WRITE_ONCE(serial_port, port);
}

bool serial_write(const char *buf, size_t n)
{
	const struct serial_port *port = READ_ONCE(serial_port);

	if (!port)
		return false;
	port->write(buf, n);
	return true;
}

void serial_set_rx(void (*rx)(char c))
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&serial_lock, flags);
	receiver = rx;
	for (i = 0; rx && i < nr_early; i++)
		rx(early[i]);
	if (rx)
		nr_early = 0;
	spin_unlock_irqrestore(&serial_lock, flags);
}

void serial_rx(char c)
{
	unsigned long flags;

	spin_lock_irqsave(&serial_lock, flags);
	if (receiver)
		receiver(c);
	else if (nr_early < sizeof(early))
		early[nr_early++] = c;
	spin_unlock_irqrestore(&serial_lock, flags);
}
