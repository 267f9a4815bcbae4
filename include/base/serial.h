/* SPDX-License-Identifier: MIT */
/*
 * The serial port between the driver below a terminal and the terminal: one
 * writer side, one receiver. Both register here, so neither knows the other.
 */
#ifndef _BASE_SERIAL_H
#define _BASE_SERIAL_H

#include <lib/types.h>

struct serial_port {
	const char *name;
	/* Send all of buf; polls. => any context, port lock is the driver's */
	void (*write)(const char *buf, size_t n);
};

/* The port that the terminal uses; the last one registered wins. */
void serial_register(const struct serial_port *port);
/* => false if there is no port yet: nothing is sent */
bool serial_write(const char *buf, size_t n);

/*
 * Who gets the characters that arrive, in interrupt context, one at a time.
 * What arrived before there was a receiver (up to 64) is given at once.
 */
void serial_set_rx(void (*rx)(char c));
/* Called by the driver for each character. => IRQs masked */
void serial_rx(char c);
#endif
