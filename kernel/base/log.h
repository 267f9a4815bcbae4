/* SPDX-License-Identifier: MIT */
/* Between the log and the consoles. */
#ifndef _KERNEL_BASE_LOG_H
#define _KERNEL_BASE_LOG_H

#include <lib/types.h>

/*
 * The line at *seq (or the oldest one behind it) as consoles show it; *seq
 * moves on. => bytes, 0: nothing newer; => console lock held
 */
int log_console_line(u64 *seq, char *buf, size_t n, unsigned int *level);

#endif
