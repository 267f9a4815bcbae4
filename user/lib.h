/* SPDX-License-Identifier: MIT */
/*
 * What several of the programs need and the C library does not have.
 * Errors are reported in words with err(3)/warn(3); the functions below
 * that cannot go on (xmalloc, usage, parse_number) end the program, so the
 * shell, which must live, calls only those marked "returns".
 */
#ifndef USER_LIB_H
#define USER_LIB_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ESC	      "\033["

void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);

/* Print "usage: TEXT" on stderr and exit with status 1. */
void usage(const char *text) __attribute__((noreturn));

/* Decimal number of at least min; anything else ends the program. */
long parse_number(const char *s, long min);
/* Bytes from "100", "64K", "100M", "1G"; => 0 if it is not a size. Returns. */
unsigned long long parse_size(const char *s);
/* Seconds with a fraction ("0.5"); => -1 if it is not one. Returns. */
double parse_seconds(const char *s);
/* Sleep that long, restarting after signals. */
void sleep_seconds(double seconds);
/* Seconds of the monotonic clock. */
double now_seconds(void);

/*
 * Read a whole small file (such as one in /proc) into buf, end it with NUL.
 * => number of bytes, or -1 with errno. Returns.
 */
ssize_t read_file(const char *path, char *buf, size_t size);
/* All that can still be read from fd, malloc()ed and NUL-ended. Returns. */
char *read_all(int fd, size_t *len);
/* Write all of it; => 0 or -1 with errno. Returns. */
int write_all(int fd, const void *buf, size_t len);
/* Copy until end of file; => 0 or -1 with errno. Returns. */
int copy_fd(int in, int out);

/*
 * Call fn for each named file, for stdin if there are none or for "-".
 * => 0, or 1 if a file could not be opened or fn said so.
 */
int for_each_file(char **names, int (*fn)(FILE *f, const char *name));

/* dir + "/" + name, malloc()ed. */
char *path_join(const char *dir, const char *name);
/* The part behind the last slash. Returns. */
const char *base_name(const char *path);

/* Names from /etc/passwd and /etc/group, the number if there is none. */
const char *user_name(uid_t uid);
const char *group_name(gid_t gid);

/* "KILL", "SIGKILL", "kill" or "9"; => -1 if there is none. Returns. */
int signal_number(const char *name);
/* "KILL" for 9; the number in words if it has no name. Returns. */
const char *signal_name(int sig);

/* Bytes in at most four characters: "512", "4.0K", "12M". */
const char *human_size(unsigned long long bytes);

/* Terminal size of fd, 24 x 80 if it has none. Returns. */
void tty_size(int fd, int *rows, int *cols);
/* Byte-wise input without echo and signals; => 0, or -1 if fd is no tty. */
int tty_raw(int fd, struct termios *saved);

#endif
