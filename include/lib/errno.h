/* SPDX-License-Identifier: MIT */
/*
 * Error numbers: those user space sees, and those that only travel from a
 * system call to the signal code, which turns them into a restart or -EINTR.
 */
#ifndef _LIB_ERRNO_H
#define _LIB_ERRNO_H

#include <uapi/errno.h>

#define ERESTARTSYS	      512 /* restart if SA_RESTART */
#define ERESTARTNOINTR	      513 /* always restart */
#define ERESTARTNOHAND	      514 /* restart if no handler runs */
#define ENOIOCTLCMD	      515 /* no such ioctl: becomes ENOTTY */
#define ERESTART_RESTARTBLOCK 516 /* restart by restart_syscall */

#endif
