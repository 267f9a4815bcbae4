/* SPDX-License-Identifier: MIT */
#ifndef _LIB_CMDLINE_H
#define _LIB_CMDLINE_H

#include <lib/types.h>

/*
 * Cut the next word off a command line, in place: *param, and *val behind
 * its '=' or NULL. Double quotes keep blanks: a="x y" or "a=x y".
 * => the rest; it is empty (and *param is "") when all has been read
 */
char *next_arg(char *args, char **param, char **val);

#endif
