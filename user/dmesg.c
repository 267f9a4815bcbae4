/* SPDX-License-Identifier: MIT */
/*
 * dmesg [-r] [-c] [-C] [-n LEVEL]: the kernel log through syslog(2), read
 * without its <priority> marks unless -r; -c clears it after reading.
 */
#include "lib.h"
#include "tools.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

enum { /* the actions of syslog(2) */
       READ_ALL = 3,
       READ_CLEAR = 4,
       CLEAR = 5,
       CONSOLE_LEVEL = 8,
       SIZE_BUFFER = 10,
};

static void print_line(char *line, int raw)
{
	char *p = line;

	if (!raw && *p == '<') {
		for (p++; isdigit((unsigned char)*p);)
			p++;
		p = *p == '>' ? p + 1 : line;
	}
	puts(p);
}

static void print_log(int action, int raw)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0), n;
	char *buf, *line, *end;

	if (size <= 0)
		err(1, "syslog");
	buf = xmalloc((size_t)size + 1);
	n = klogctl(action, buf, size);
	if (n < 0)
		err(1, "syslog");
	buf[n] = '\0';
	for (line = buf; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		print_line(line, raw);
	}
	free(buf);
}

int dmesg_main(int argc, char **argv)
{
	int c, raw = 0, action = READ_ALL;

	while ((c = getopt(argc, argv, "rcCn:")) != -1) {
		if (c == 'n') {
			if (klogctl(CONSOLE_LEVEL, NULL,
				    (int)parse_number(optarg, 1)) < 0)
				err(1, "syslog");
			return 0;
		}
		if (c == '?')
			usage("dmesg [-r] [-c] [-C] [-n LEVEL]");
		raw |= c == 'r';
		if (c != 'r')
			action = c == 'c' ? READ_CLEAR : CLEAR;
	}
	if (action != CLEAR)
		print_log(action, raw);
	else if (klogctl(CLEAR, NULL, 0) < 0)
		err(1, "syslog");
	return 0;
}
