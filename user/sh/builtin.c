/* SPDX-License-Identifier: MIT */
/*
 * Commands that must run inside the shell because they change it (cd, set,
 * export ...), and some small ones that are here only to save a fork (echo,
 * test, true ...; the same code is also a program of its own).
 */
#include "sh.h"
#include "../tools.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

static int run_colon(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int run_dot(int argc, char **argv)
{
	int status;

	if (argc < 2) {
		shell_error(".: a file name is missing");
		return 2;
	}
	status = run_file(argv[1]);
	if (status < 0) {
		shell_error("%s: %s", argv[1], strerror(errno));
		return 1;
	}
	if (sh.skip == SKIP_RETURN)
		sh.skip = SKIP_NONE;
	return sh.status;
}

static int count_argument(int argc, char **argv, int otherwise)
{
	return argc > 1 ? atoi(argv[1]) : otherwise;
}

static int run_break(int argc, char **argv)
{
	int n = count_argument(argc, argv, 1);

	if (!sh.loops || n < 1)
		return !sh.loops ? 0 : 1;
	sh.skip = *argv[0] == 'b' ? SKIP_BREAK : SKIP_CONTINUE;
	sh.skip_count = n < sh.loops ? n : sh.loops;
	return 0;
}

static int run_return(int argc, char **argv)
{
	sh.status = count_argument(argc, argv, sh.status) & 255;
	sh.skip = SKIP_RETURN;
	return sh.status;
}

static int run_exit(int argc, char **argv)
{
	shell_exit(count_argument(argc, argv, sh.status) & 255);
}

static int run_cd(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : var_get("HOME");
	const char *old = var_get("PWD");
	char path[4096];
	int print = dir && strcmp(dir, "-") == 0;

	if (print)
		dir = var_get("OLDPWD");
	if (!dir || chdir(dir) < 0) {
		shell_error("cd: %s: %s", dir ? dir : "-",
			    dir ? strerror(errno) : "nowhere to go");
		return 1;
	}
	var_set("OLDPWD", old ? old : "");
	if (getcwd(path, sizeof(path)))
		var_set("PWD", path);
	if (print)
		puts(path);
	return 0;
}

static int run_eval(int argc, char **argv)
{
	struct text t = { 0 };
	int status;

	text_add(&t, "", 0);
	for (int i = 1; i < argc; i++) {
		text_add(&t, argv[i], strlen(argv[i]));
		text_char(&t, ' ');
	}
	status = run_string(t.s);
	free(t.s);
	return status;
}

/* export, readonly, local: NAME or NAME=VALUE */
static int run_declare(int argc, char **argv)
{
	int flag = *argv[0] == 'e' ? VAR_EXPORT :
		   *argv[0] == 'r' ? VAR_READONLY :
				     0;
	int status = 0;

	if (argc < 2 || strcmp(argv[1], "-p") == 0) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "%s ", argv[0]);
		var_print(flag, prefix);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		size_t len = name_length(argv[i]);
		char end = argv[i][len];

		if (!len || (end && end != '=')) {
			shell_error("%s: '%s' is no name", argv[0], argv[i]);
			status = 1;
			continue;
		}
		if (!flag)
			keep_local(argv[i]);
		if (end && var_assign(argv[i], argv[i] + len + 1) < 0)
			status = 1;
		argv[i][len] = '\0';
		if (flag)
			var_flag(argv[i], flag);
		argv[i][len] = end;
	}
	return status;
}

static int run_unset(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0 && argv[i + 1])
			unset_function(argv[++i]);
		else if (strcmp(argv[i], "-v") != 0)
			status |= var_unset(argv[i]);
	}
	return status;
}

/* The arguments belong to whoever made them, so set makes new ones. */
static void replace_args(char **from, int n)
{
	static char **mine;
	char **copy = xmalloc(((size_t)n + 1) * sizeof(*copy));

	for (int i = 0; i < n; i++)
		copy[i] = xstrdup(from[i]);
	copy[n] = NULL;
	if (mine && mine == sh.args) {
		for (char **a = mine; *a; a++)
			free(*a);
		free(mine);
	}
	sh.args = copy;
	sh.nr_args = n;
	mine = copy;
}

static int run_set(int argc, char **argv)
{
	int i = 1;

	if (argc < 2) {
		var_print(0, "");
		return 0;
	}
	for (; i < argc && (*argv[i] == '-' || *argv[i] == '+'); i++) {
		if (strcmp(argv[i], "--") == 0) {
			replace_args(argv + i + 1, argc - i - 1);
			return 0;
		}
		for (const char *o = argv[i] + 1; *o; o++)
			if (strchr("efmux", *o))
				sh.opt[(int)*o] = *argv[i] == '-';
	}
	if (i < argc)
		replace_args(argv + i, argc - i);
	return 0;
}

static int run_shift(int argc, char **argv)
{
	int n = count_argument(argc, argv, 1);
	char **rest;

	if (n < 0 || n > sh.nr_args)
		return 1;
	rest = xmalloc(((size_t)(sh.nr_args - n) + 1) * sizeof(*rest));
	memcpy(rest, sh.args + n, (size_t)(sh.nr_args - n) * sizeof(*rest));
	replace_args(rest, sh.nr_args - n);
	free(rest);
	return 0;
}

/* One line byte by byte; => 0 at its end, 1 at end of file, -1: signal */
static int read_line(struct text *t, int raw)
{
	ssize_t n;
	char c;

	text_add(t, "", 0);
	while ((n = read(STDIN_FILENO, &c, 1)) != 0) {
		if (n < 0 && (errno != EINTR || interrupted))
			return -1;
		if (n < 0)
			continue;
		if (c == '\\' && !raw) {
			if (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
				text_char(t, c);
			continue;
		}
		if (c == '\n')
			return 0;
		text_char(t, c);
	}
	return 1;
}

/* Fields to the names; the last name gets all that is left. */
static void read_fields(char *s, char **names)
{
	const char *ifs = var_get("IFS");
	char *end;

	if (!ifs)
		ifs = " \t\n";
	for (; *names; names++) {
		while (*s && isspace((unsigned char)*s) && strchr(ifs, *s))
			s++;
		end = s + strcspn(s, ifs);
		if (!names[1]) {
			end = s + strlen(s);
			while (end > s && isspace((unsigned char)end[-1]) &&
			       strchr(ifs, end[-1]))
				*--end = '\0';
		}
		if (*end)
			*end++ = '\0';
		var_set(*names, s);
		s = end;
	}
}

static int run_read(int argc, char **argv)
{
	static char reply[] = "REPLY";
	char *only_reply[] = { reply, NULL };
	struct text t = { 0 };
	int raw = 0, status;

	(void)argc;
	for (argv++; *argv && **argv == '-'; argv++) {
		raw |= strcmp(*argv, "-r") == 0;
		if (strcmp(*argv, "-p") == 0 && argv[1])
			fputs(*++argv, stderr);
	}
	status = read_line(&t, raw);
	if (status >= 0)
		read_fields(t.s, *argv ? argv : only_reply);
	free(t.s);
	return status < 0 ? 130 : status;
}

static int run_trap(int argc, char **argv)
{
	const char *action = argc > 2 ? argv[1] : "-";

	for (int sig = 0; argc < 2 && sig < NSIG; sig++)
		if (sh.traps[sig])
			printf("trap -- '%s' %s\n", sh.traps[sig],
			       sig ? signal_name(sig) : "EXIT");
	for (int i = argc > 2 ? 2 : 1; i < argc; i++) {
		int sig = signal_number(argv[i]);
		struct sigaction act = { .sa_handler = on_trap };

		if (sig < 0) {
			shell_error("trap: %s: no such signal", argv[i]);
			return 1;
		}
		free(sh.traps[sig]);
		sh.traps[sig] = strcmp(action, "-") == 0 ? NULL :
							   xstrdup(action);
		if (!sh.traps[sig])
			act.sa_handler = SIG_DFL;
		else if (!*action)
			act.sa_handler = SIG_IGN;
		if (sig)
			sigaction(sig, &act, NULL);
	}
	return 0;
}

static int run_umask(int argc, char **argv)
{
	mode_t old = umask(0);

	umask(argc > 1 ? (mode_t)strtol(argv[1], NULL, 8) : old);
	if (argc < 2)
		printf("%04o\n", (unsigned int)old);
	return 0;
}

static int run_ulimit(int argc, char **argv)
{
	static const struct {
		char letter;
		int resource, unit;
		const char *name;
	} limits[] = {
		{ 'c', RLIMIT_CORE, 512, "core file (blocks)" },
		{ 'd', RLIMIT_DATA, 1024, "data (KiB)" },
		{ 'n', RLIMIT_NOFILE, 1, "open files" },
		{ 's', RLIMIT_STACK, 1024, "stack (KiB)" },
		{ 'v', RLIMIT_AS, 1024, "address space (KiB)" },
	};
	char letter = argc > 1 && *argv[1] == '-' ? argv[1][1] : 'a';

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		rlim_t unit = (rlim_t)limits[i].unit;
		struct rlimit r;

		if (letter != 'a' && letter != limits[i].letter)
			continue;
		if (getrlimit(limits[i].resource, &r) < 0)
			continue;
		if (argc > 2) {
			r.rlim_cur =
				isdigit((unsigned char)*argv[2]) ?
					strtoull(argv[2], NULL, 10) * unit :
					RLIM_INFINITY;
			if (setrlimit(limits[i].resource, &r) == 0)
				return 0;
			shell_error("ulimit: %s", strerror(errno));
			return 1;
		}
		if (letter == 'a')
			printf("-%c %-22s", limits[i].letter, limits[i].name);
		if (r.rlim_cur == RLIM_INFINITY)
			puts("unlimited");
		else
			printf("%llu\n",
			       (unsigned long long)(r.rlim_cur / unit));
	}
	return 0;
}

static void print_times(clock_t user, clock_t system)
{
	printf("%ldm%ld.%02lds %ldm%ld.%02lds\n", user / 6000, user / 100 % 60,
	       user % 100, system / 6000, system / 100 % 60, system % 100);
}

static int run_times(int argc, char **argv)
{
	struct tms t;

	(void)argc;
	(void)argv;
	times(&t);
	print_times(t.tms_utime, t.tms_stime);
	print_times(t.tms_cutime, t.tms_cstime);
	return 0;
}

/*
 * kill knows process numbers: %1 becomes that of the group, with a minus,
 * and "--" in front says that it is not a signal.
 */
static int run_kill(int argc, char **argv)
{
	struct arena *a = arena_new();
	char **args = arena_alloc(a, ((size_t)argc + 2) * sizeof(*args));
	int n = 0, status = 1;

	args[n++] = argv[0];
	if (argc > 1 && *argv[1] == '%')
		args[n++] = arena_copy(a, "--", 2);
	for (argv++; *argv; argv++) {
		args[n] = *argv;
		if (**argv == '%') {
			pid_t group = job_group(*argv);

			if (group == -1)
				break;
			args[n] = arena_alloc(a, 16);
			snprintf(args[n], 16, "%d", group);
		}
		n++;
	}
	if (*argv)
		shell_error("kill: %s: no such job", *argv);
	else
		status = kill_main(n, args);
	arena_put(a);
	return status;
}

static int is_function(const char *name)
{
	const char *f;

	for (size_t i = 0; (f = function_name(i)); i++)
		if (strcmp(f, name) == 0)
			return 1;
	return 0;
}

/* What would a command name run? */
static int explain(const char *name, int words)
{
	struct arena *a = arena_new();
	const char *path = NULL, *what = NULL;

	if (is_function(name))
		what = "a function";
	else if (find_builtin(name))
		what = "a shell builtin";
	else
		path = find_program(a, name);
	if (path && access(path, X_OK) < 0)
		path = NULL;
	if (what)
		printf(words ? "%s is %s\n" : "%s\n", name, what);
	else if (path)
		printf(words ? "%s is %s\n" : "%.0s%s\n", name, path);
	else if (words)
		shell_error("%s: not found", name);
	arena_put(a);
	return !what && !path;
}

static int run_type(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= explain(argv[i], 1);
	return status;
}

/* command NAME: not the function of that name; command -v: where is it */
static int run_command(int argc, char **argv)
{
	const struct builtin *b;
	struct arena *a;
	struct job *j;

	if (argc > 2 &&
	    (strcmp(argv[1], "-v") == 0 || strcmp(argv[1], "-V") == 0))
		return explain(argv[2], argv[1][1] == 'V');
	if (argc < 2)
		return 0;
	b = find_builtin(argv[1]);
	if (b)
		return b->run(argc - 1, argv + 1);
	a = arena_new();
	j = job_new(argv[1]);
	if (job_fork(j, 1) == 0)
		run_program(a, argv + 1);
	arena_put(a);
	return job_wait_foreground(j);
}

static int run_help(int argc, char **argv)
{
	const char *name;

	(void)argc;
	(void)argv;
	puts("Builtins of the shell:");
	for (size_t i = 0; (name = builtin_name(i)); i++)
		printf("  %-10s%s", name, i % 6 == 5 ? "\n" : "");
	puts("\nPrograms: ls /bin. Keys: arrows, Tab, ^A ^E ^K ^U ^W ^L, "
	     "^C ^D ^Z.");
	return 0;
}

static const struct builtin builtins[] = {
	{ ".", run_dot },
	{ ":", run_colon },
	{ "[", test_main },
	{ "bg", bg_main },
	{ "break", run_break },
	{ "cd", run_cd },
	{ "command", run_command },
	{ "continue", run_break },
	{ "echo", echo_main },
	{ "eval", run_eval },
	{ "exec", run_colon },
	{ "exit", run_exit },
	{ "export", run_declare },
	{ "false", false_main },
	{ "fg", fg_main },
	{ "help", run_help },
	{ "history", history_main },
	{ "jobs", jobs_main },
	{ "kill", run_kill },
	{ "local", run_declare },
	{ "printf", printf_main },
	{ "pwd", pwd_main },
	{ "read", run_read },
	{ "readonly", run_declare },
	{ "return", run_return },
	{ "set", run_set },
	{ "shift", run_shift },
	{ "test", test_main },
	{ "times", run_times },
	{ "trap", run_trap },
	{ "true", true_main },
	{ "type", run_type },
	{ "ulimit", run_ulimit },
	{ "umask", run_umask },
	{ "unset", run_unset },
	{ "wait", wait_main },
};

const char *builtin_name(size_t index)
{
	return index < ARRAY_SIZE(builtins) ? builtins[index].name : NULL;
}

const struct builtin *find_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}
