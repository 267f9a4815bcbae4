/* SPDX-License-Identifier: MIT */
/*
 * sh: the shell. sh -c 'commands', sh FILE, or commands from standard input;
 * if that is a terminal, with prompt, editing and job control. As a login
 * shell (argv[0] is "-sh") it first reads /etc/profile.
 */
#include "sh.h"
#include "../tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell sh = { .tty = -1 };
volatile sig_atomic_t interrupted;
volatile sig_atomic_t trapped[NSIG];

void shell_error(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("sh: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* PS1 or PS2, in which \w is the directory */
const char *prompt_text(int continued)
{
	static struct text t;
	const char *s = var_get(continued ? "PS2" : "PS1");
	const char *dir = var_get("PWD");

	t.len = 0;
	text_add(&t, "", 0);
	for (; s && *s; s++) {
		if (*s == '\\' && s[1] == 'w') {
			text_add(&t, dir ? dir : "?", dir ? strlen(dir) : 1);
			s++;
		} else {
			text_char(&t, *s);
		}
	}
	return t.s;
}

void on_trap(int sig)
{
	trapped[sig] = 1;
}

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* What programs start with: nothing caught, nothing ignored by the shell. */
void default_signals(void)
{
	static const int ours[] = { SIGINT,  SIGQUIT, SIGTERM,
				    SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (ours[i] != SIGTTOU || sh.tty < 0)
			signal(ours[i], SIG_DFL);
}

static void interactive_signals(void)
{
	struct sigaction act = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &act, NULL);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

/* Take the terminal, in a process group of our own. */
static void start_interactive(void)
{
	sh.interactive = 1;
	sh.tty = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	while (tcgetpgrp(sh.tty) >= 0 && tcgetpgrp(sh.tty) != getpgrp())
		kill(0, SIGTTIN); /* wait to be in the foreground */
	interactive_signals();
	if (getpgrp() != getpid())
		setpgid(0, 0);
	sh.job_control = tcsetpgrp(sh.tty, getpgrp()) == 0;
	if (!sh.job_control)
		shell_error("no job control: %s", strerror(errno));
	jobs_init();
}

static void run_interactive(void)
{
	struct source s;

	start_interactive();
	source_fd(&s, STDIN_FILENO, 1);
	run_source(&s);
	source_done(&s);
}

static void run_stdin(void)
{
	struct source s;

	source_fd(&s, STDIN_FILENO, 0);
	run_source(&s);
	source_done(&s);
}

static void set_args(int argc, char **argv)
{
	sh.args = argv;
	sh.nr_args = argc;
}

int sh_main(int argc, char **argv)
{
	int c, interactive = 0, login = *argv[0] == '-';
	const char *command = NULL;

	while ((c = getopt(argc, argv, "+c:silefux")) != -1) {
		if (c == '?')
			usage("sh [-efux] [-c COMMANDS | FILE] [ARGUMENT...]");
		else if (c == 'c')
			command = optarg;
		else if (c == 'i')
			interactive = 1;
		else if (c == 'l')
			login = 1;
		else
			sh.opt[c] = 1;
	}
	argv += optind;
	argc -= optind;
	sh.pid = getpid();
	sh.name = "sh";
	var_init();
	var_set("PS1", "quire:\\w# ");
	var_set("PS2", "> ");
	if (login)
		run_file("/etc/profile");
	if (*argv && (command || !sh.opt['s'])) {
		sh.name = *argv++;
		argc--;
	}
	set_args(argc, argv);
	if (command) {
		run_string(command);
	} else if (strcmp(sh.name, "sh") != 0) {
		if (run_file(sh.name) < 0) {
			shell_error("%s: %s", sh.name, strerror(errno));
			return 127;
		}
	} else if (interactive ||
		   (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))) {
		run_interactive();
	} else {
		run_stdin();
	}
	shell_exit(sh.status);
}
