/* SPDX-License-Identifier: MIT */
/*
 * Walks the tree. A simple command is a function, a builtin (both run in
 * this process, so that cd and x=1 have an effect) or a program, which gets
 * a process of its own; so does each stage of a pipeline and ( ).
 *
 * What leaves its place early (break, return, ^C, errors) sets sh.skip;
 * each loop looks at it and stops until the one it is meant for resets it.
 */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CALLS 500

struct function {
	struct function *next;
	char *name;
	struct node *body;
	struct arena *arena; /* the one that body lives in */
};

static struct function *functions;
static struct arena *parsing;	  /* of the line that runs now */
static struct saved_var **locals; /* of the function that runs now */
static int substitution_status;	  /* of the last $(...) */

static struct function *find_function(const char *name)
{
	struct function *f = functions;

	while (f && strcmp(f->name, name) != 0)
		f = f->next;
	return f;
}

const char *function_name(size_t index)
{
	struct function *f = functions;

	while (f && index--)
		f = f->next;
	return f ? f->name : NULL;
}

int unset_function(const char *name)
{
	struct function **f = &functions, *dead;

	while (*f && strcmp((*f)->name, name) != 0)
		f = &(*f)->next;
	dead = *f;
	if (!dead)
		return 0;
	*f = dead->next;
	arena_put(dead->arena);
	free(dead->name);
	free(dead);
	return 1;
}

static int define_function(const struct node *n)
{
	struct function *f = xmalloc(sizeof(*f));

	unset_function(n->name);
	f->name = xstrdup(n->name);
	f->body = n->a;
	f->arena = arena_get(parsing);
	f->next = functions;
	functions = f;
	return 0;
}

void keep_local(const char *name)
{
	if (locals)
		var_save(locals, name);
}

void run_traps(void)
{
	for (int sig = 1; sig < NSIG; sig++) {
		int status = sh.status;

		if (!trapped[sig])
			continue;
		trapped[sig] = 0;
		if (sh.traps[sig] && *sh.traps[sig])
			run_string(sh.traps[sig]);
		sh.status = status;
	}
}

void shell_exit(int status)
{
	char *last = sh.traps[0];

	sh.traps[0] = NULL;
	sh.status = status;
	if (last) {
		sh.skip = SKIP_NONE;
		run_string(last);
	}
	fflush(stdout);
	exit(status);
}

/* --- programs ---------------------------------------------------------- */

char *find_program(struct arena *a, const char *name)
{
	const char *path = var_get("PATH"), *end;
	struct stat st;

	if (strchr(name, '/'))
		return arena_copy(a, name, strlen(name));
	for (; path && *path; path = *end ? end + 1 : end) {
		size_t size;
		char *file;

		end = path + strcspn(path, ":");
		size = (size_t)(end - path) + strlen(name) + 2;
		file = arena_alloc(a, size);
		snprintf(file, size, "%.*s/%s", (int)(end - path), path, name);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(file, X_OK) == 0)
			return file;
	}
	return NULL;
}

void run_program(struct arena *a, char **argv)
{
	char *file = find_program(a, argv[0]), **script;
	char **env = var_environment(a);
	int n = 0;

	if (!file) {
		shell_error("%s: not found", argv[0]);
		_exit(127);
	}
	execve(file, argv, env);
	if (errno == ENOEXEC) { /* a script without #! */
		while (argv[n])
			n++;
		script = arena_alloc(a, (size_t)(n + 2) * sizeof(*script));
		memcpy(script + 1, argv, (size_t)n * sizeof(*script));
		script[0] = arena_copy(a, "sh", 2);
		script[1] = file;
		execve("/bin/sh", script, env);
	}
	n = errno == ENOENT ? 127 : 126;
	shell_error("%s: %s", argv[0], strerror(errno));
	_exit(n);
}

char *command_output(struct arena *a, const char *command)
{
	int fds[2], status = 0;
	char *text, *copy;
	size_t len;
	pid_t pid;

	if (pipe(fds) < 0 || (pid = fork_shell()) < 0) {
		shell_error("%s", strerror(errno));
		return arena_copy(a, "", 0);
	}
	if (!pid) {
		close(fds[0]);
		dup2(fds[1], STDOUT_FILENO);
		if (fds[1] != STDOUT_FILENO)
			close(fds[1]);
		shell_exit(run_string(command));
	}
	close(fds[1]);
	text = read_all(fds[0], &len);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	substitution_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						    WEXITSTATUS(status);
	copy = arena_copy(a, text, strlen(text));
	free(text);
	return copy;
}

/* --- simple commands --------------------------------------------------- */

static char **make_argv(struct arena *a, const struct word *words, int *argc)
{
	char **argv;
	int n = 0;

	for (const struct word *w = words; w; w = w->next)
		n++;
	argv = arena_alloc(a, (size_t)(n + 1) * sizeof(*argv));
	*argc = n;
	for (n = 0; words; words = words->next)
		argv[n++] = words->s;
	return argv;
}

static void trace(char **argv)
{
	fputc('+', stderr);
	for (; *argv; argv++)
		fprintf(stderr, " %s", *argv);
	fputc('\n', stderr);
}

/* x=1 ...; with `saved`, only for one command. => 0 or -1 */
static int assign(struct arena *a, const struct word *w,
		  struct saved_var **saved)
{
	for (; w; w = w->next) {
		char *value = expand_one(a, w->s + name_length(w->s) + 1);

		if (sh.skip)
			return -1;
		if (saved)
			var_save(saved, w->s);
		if (var_assign(w->s, value) < 0)
			return -1;
		if (saved) {
			value = arena_copy(a, w->s, name_length(w->s));
			var_flag(value, VAR_EXPORT);
		}
	}
	return 0;
}

static int call_function(struct function *f, int argc, char **argv)
{
	struct saved_var *mine = NULL, **outer = locals;
	struct arena *arena = arena_get(f->arena), *caller = parsing;
	char **args = sh.args;
	int nr = sh.nr_args, loops = sh.loops, status;

	if (sh.calls >= MAX_CALLS) {
		shell_error("%s: calls are nested too deep", f->name);
		sh.skip = SKIP_ABORT;
		arena_put(arena);
		return 1;
	}
	sh.calls++;
	sh.args = argv + 1;
	sh.nr_args = argc - 1;
	sh.loops = 0;
	locals = &mine;
	parsing = arena;
	status = eval(f->body, 0);
	if (sh.skip == SKIP_RETURN) {
		sh.skip = SKIP_NONE;
		status = sh.status;
	}
	var_restore(&mine);
	parsing = caller;
	locals = outer;
	sh.args = args;
	sh.nr_args = nr;
	sh.loops = loops;
	sh.calls--;
	arena_put(arena);
	return status;
}

/* Functions and builtins: redirect this process, and put all back. */
static int run_inside(struct arena *a, struct node *n, int argc, char **argv,
		      struct function *f, const struct builtin *b)
{
	struct saved_var *saved = NULL;
	int undo[10], status = 1, failed;

	if (apply_redirs(a, n->redirs, undo) == 0 &&
	    assign(a, n->assigns, &saved) == 0)
		status = f ? call_function(f, argc, argv) : b->run(argc, argv);
	failed = fflush(stdout) != 0 || ferror(stdout);
	if (b && failed) {
		fprintf(stderr, "sh: %s: write error: %s\n", argv[0],
			strerror(errno));
		status = 1;
	}
	var_restore(&saved);
	undo_redirs(undo);
	clearerr(stdout);
	return status;
}

static int run_outside(struct arena *a, struct node *n, char **argv, int flags)
{
	struct job *j = NULL;
	pid_t pid = 0;

	if (!(flags & EVAL_EXIT)) {
		j = job_new(n->text ? n->text : argv[0]);
		pid = job_fork(j, 1);
	}
	if (pid == 0) {
		if (apply_redirs(a, n->redirs, NULL) < 0 ||
		    assign(a, n->assigns, &(struct saved_var *){ NULL }) < 0)
			_exit(1);
		run_program(a, argv);
	}
	return job_wait_foreground(j);
}

/* exec with a program never comes back; without, the redirections stay. */
static int run_exec(struct arena *a, struct node *n, char **argv)
{
	if (apply_redirs(a, n->redirs, NULL) < 0 ||
	    assign(a, n->assigns, NULL) < 0)
		return 1;
	if (!argv[1])
		return 0;
	default_signals();
	run_program(a, argv + 1);
}

static int eval_simple(struct node *n, int flags)
{
	struct arena *a = arena_new();
	struct function *f;
	const struct builtin *b;
	struct word *words;
	int argc, status = 1;
	char **argv;

	substitution_status = 0;
	words = expand_words(a, n->words);
	argv = make_argv(a, words, &argc);
	if (sh.skip) {
		status = sh.status;
	} else if (!argc) {
		int undo[10];

		if (apply_redirs(a, n->redirs, undo) == 0 &&
		    assign(a, n->assigns, NULL) == 0)
			status = substitution_status;
		undo_redirs(undo);
	} else {
		if (sh.opt['x'])
			trace(argv);
		f = find_function(argv[0]);
		b = f ? NULL : find_builtin(argv[0]);
		if (strcmp(argv[0], "exec") == 0)
			status = run_exec(a, n, argv);
		else if (f || b)
			status = run_inside(a, n, argc, argv, f, b);
		else
			status = run_outside(a, n, argv, flags);
	}
	arena_put(a);
	return status;
}

/* --- everything else --------------------------------------------------- */

static int eval_pipeline(struct node *n)
{
	struct job *j = job_new(n->text);
	int in = -1, fds[2] = { -1, -1 };

	for (struct node *stage = n->a; stage; stage = stage->next) {
		if (stage->next && pipe(fds) < 0) {
			shell_error("pipe: %s", strerror(errno));
			break;
		}
		if (job_fork(j, 1) == 0) {
			if (in >= 0) {
				dup2(in, STDIN_FILENO);
				close(in);
			}
			if (stage->next) {
				close(fds[0]);
				dup2(fds[1], STDOUT_FILENO);
				close(fds[1]);
			}
			shell_exit(eval(stage, EVAL_EXIT));
		}
		if (in >= 0)
			close(in);
		if (stage->next)
			close(fds[1]);
		in = fds[0];
	}
	return job_wait_foreground(j);
}

static int eval_background(struct node *n)
{
	struct job *j = job_new(n->a->text ? n->a->text : "{ ... }");
	pid_t pid = job_fork(j, 0);

	if (pid == 0) {
		if (getpgrp() != getpid()) { /* no job control */
			int null = open("/dev/null", O_RDONLY);

			if (null > 0) {
				dup2(null, STDIN_FILENO);
				close(null);
			}
		}
		shell_exit(eval(n->a, EVAL_EXIT));
	}
	if (pid < 0)
		return 1;
	sh.last_background = pid;
	job_background(j);
	return 0;
}

static int eval_subshell(struct node *n, int flags)
{
	struct job *j = NULL;
	pid_t pid = 0;

	if (!(flags & EVAL_EXIT)) {
		j = job_new(n->text ? n->text : "( ... )");
		pid = job_fork(j, 1);
	}
	if (pid == 0)
		shell_exit(eval(n->a, EVAL_EXIT));
	return job_wait_foreground(j);
}

/* After the body of a loop: must the loop end? */
static int loop_ends(void)
{
	if (sh.skip == SKIP_NONE)
		return 0;
	if (sh.skip != SKIP_BREAK && sh.skip != SKIP_CONTINUE)
		return 1;
	if (sh.skip_count > 1) {
		sh.skip_count--;
		return 1;
	}
	if (sh.skip == SKIP_CONTINUE) {
		sh.skip = SKIP_NONE;
		return 0;
	}
	sh.skip = SKIP_NONE;
	return 1;
}

static int eval_while(struct node *n, int flags)
{
	int status = 0, wanted = n->type == N_WHILE;

	sh.loops++;
	for (;;) {
		int test = eval(n->a, EVAL_TESTED);

		if (sh.skip || (test == 0) != wanted) {
			loop_ends();
			break;
		}
		status = eval(n->b, flags & EVAL_TESTED);
		if (loop_ends())
			break;
	}
	sh.loops--;
	return sh.skip ? sh.status : status;
}

static int eval_for(struct node *n, int flags)
{
	struct arena *a = arena_new();
	int status = 0;
	char **list;

	if (n->all_args)
		list = sh.args;
	else
		list = make_argv(a, expand_words(a, n->words), &(int){ 0 });
	sh.loops++;
	for (; list && *list && !sh.skip; list++) {
		if (var_set(n->name, *list) < 0)
			break;
		status = eval(n->b, flags & EVAL_TESTED);
		if (loop_ends())
			break;
	}
	sh.loops--;
	arena_put(a);
	return sh.skip ? sh.status : status;
}

static int eval_case(struct node *n, int flags)
{
	struct arena *a = arena_new();
	char *subject = expand_one(a, n->words->s);
	struct case_item *item;
	int status = 0;

	for (item = n->items; item && !sh.skip; item = item->next)
		for (struct word *w = item->patterns; w; w = w->next)
			if (fnmatch(expand_pattern(a, w->s), subject, 0) == 0)
				goto found;
found:
	if (item && item->body)
		status = eval(item->body, flags);
	arena_put(a);
	return status;
}

static int eval_if(struct node *n, int flags)
{
	int test = eval(n->a, EVAL_TESTED);

	if (sh.skip)
		return sh.status;
	if (test == 0)
		return eval(n->b, flags);
	return n->c ? eval(n->c, flags) : 0;
}

static int eval_node(struct node *n, int flags)
{
	int last = flags & EVAL_TESTED, status;

	switch (n->type) {
	case N_SIMPLE:
		return eval_simple(n, flags);
	case N_PIPE:
		return eval_pipeline(n);
	case N_NOT:
		return !eval(n->a, EVAL_TESTED);
	case N_AND:
	case N_OR:
		status = eval(n->a, EVAL_TESTED);
		if (sh.skip || (status == 0) != (n->type == N_AND))
			return status;
		return eval(n->b, flags);
	case N_SEQ:
		eval(n->a, last);
		return sh.skip ? sh.status : eval(n->b, flags);
	case N_BACKGROUND:
		return eval_background(n);
	case N_IF:
		return eval_if(n, flags);
	case N_WHILE:
	case N_UNTIL:
		return eval_while(n, flags);
	case N_FOR:
		return eval_for(n, flags);
	case N_CASE:
		return eval_case(n, flags);
	case N_FUNCTION:
		return define_function(n);
	case N_GROUP:
		return eval(n->a, flags);
	default:
		return eval_subshell(n, flags);
	}
}

/* { } > file: all kinds but simple commands redirect the shell itself. */
static int eval_redirected(struct node *n, int flags)
{
	struct arena *a = arena_new();
	int undo[10], status = 1;

	if (apply_redirs(a, n->redirs, undo) == 0)
		status = eval_node(n, flags & EVAL_TESTED);
	undo_redirs(undo);
	arena_put(a);
	return status;
}

/* ^C ends all that runs, up to the prompt. */
static void check_interrupt(void)
{
	if (!interrupted)
		return;
	interrupted = 0;
	sh.skip = SKIP_ABORT;
	sh.status = 130;
}

int eval(struct node *n, int flags)
{
	int status;

	check_interrupt();
	if (!n || sh.skip)
		return sh.status;
	if (n->redirs && n->type != N_SIMPLE)
		status = eval_redirected(n, flags);
	else
		status = eval_node(n, flags);
	sh.status = status;
	check_interrupt();
	run_traps();
	if (status && sh.opt['e'] && !(flags & EVAL_TESTED) && !sh.skip &&
	    (n->type == N_SIMPLE || n->type == N_PIPE || n->type == N_SUBSHELL))
		shell_exit(status);
	return status;
}

int run_source(struct source *s)
{
	struct arena *outer = parsing;
	enum parse_result result = PARSE_OK;
	struct node *n;

	while (result != PARSE_EOF && !sh.skip) {
		struct parser p = { .src = s, .arena = arena_new() };

		if (s->interactive)
			jobs_notify();
		parsing = p.arena;
		result = parse_command_line(&p, &n);
		if (s->interactive && interrupted) { /* ^C while typing */
			interrupted = 0;
			sh.status = 130;
			source_discard(s);
			result = PARSE_EMPTY;
		} else if (result == PARSE_OK) {
			eval(n, 0);
		} else if (result == PARSE_ERROR) {
			sh.status = 2;
			source_discard(s);
			if (!sh.interactive)
				sh.skip = SKIP_ABORT;
		}
		parsing = outer;
		arena_put(p.arena);
		if (s->interactive) {
			sh.skip = SKIP_NONE;
			sh.loops = sh.calls = 0;
		}
	}
	return sh.status;
}

int run_string(const char *text)
{
	struct source s;

	sh.status = 0;
	source_string(&s, text);
	run_source(&s);
	source_done(&s);
	return sh.status;
}

int run_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct source s;
	size_t len;
	char *text;

	if (fd < 0)
		return -1;
	text = read_all(fd, &len);
	close(fd);
	source_string(&s, text);
	free(text);
	run_source(&s);
	source_done(&s);
	return sh.status;
}
