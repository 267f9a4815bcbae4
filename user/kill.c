/* SPDX-License-Identifier: MIT */
/*
 * kill [-SIGNAL | -s SIGNAL] PID... and kill -l [NUMBER]. The shell calls it
 * as a builtin (after it has made %job a process group), so it never exits.
 */
#include "lib.h"
#include "tools.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

static int list_signals(char **numbers)
{
	if (!*numbers) {
		for (int sig = 1; sig < 32; sig++)
			printf("%2d) SIG%-8s%s", sig, signal_name(sig),
			       sig % 5 ? " " : "\n");
		putchar('\n');
	}
	for (; *numbers; numbers++)
		puts(signal_name(atoi(*numbers) & 0x7f));
	return 0;
}

static int send_to(const char *target, int sig)
{
	char *end;
	long pid = strtol(target, &end, 10);

	if (end == target || *end) {
		fprintf(stderr, "kill: %s: not a process number\n", target);
		return 1;
	}
	if (kill((pid_t)pid, sig) == 0)
		return 0;
	fprintf(stderr, "kill: %s: %s\n", target, strerror(errno));
	return 1;
}

int kill_main(int argc, char **argv)
{
	const char *name = "TERM";
	int sig, status = 0;

	(void)argc;
	argv++;
	if (*argv && strcmp(*argv, "-l") == 0)
		return list_signals(argv + 1);
	if (*argv && strcmp(*argv, "-s") == 0 && argv[1]) {
		name = argv[1];
		argv += 2;
	} else if (*argv && **argv == '-' && strcmp(*argv, "--") != 0) {
		name = *argv++ + 1;
	}
	if (*argv && strcmp(*argv, "--") == 0)
		argv++;
	sig = signal_number(name);
	if (sig < 0 || !*argv) {
		fprintf(stderr,
			sig < 0 ? "kill: %s: no such signal\n" :
				  "usage: kill [-SIGNAL] PID...\n",
			name);
		return 1;
	}
	for (; *argv; argv++)
		status |= send_to(*argv, sig);
	return status;
}
