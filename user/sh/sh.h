/* SPDX-License-Identifier: MIT */
/*
 * The shell, from text to processes:
 *
 *	input.c   where text comes from: terminal, file, string
 *	lex.c     text -> tokens (a word keeps its quotes and $...)
 *	parse.c   tokens -> tree of struct node
 *	expand.c  words -> fields: $, `...`, splitting, globbing, quotes
 *	exec.c    walks the tree: functions, builtins, programs, pipelines
 *	redir.c   < > >> << for one of them
 *	jobs.c    process groups, the terminal, who is done or stopped
 *	builtin.c, var.c, edit.c, main.c
 *
 * Memory: a tree lives in the arena of its command line, the results of an
 * expansion in the arena of the one command; each is freed as a whole.
 */
#ifndef SH_H
#define SH_H

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <termios.h>

#include "../lib.h"

/* --- arena: allocate often, free at once ------------------------------ */
struct arena;
struct arena *arena_new(void);
struct arena *arena_get(struct arena *a);	 /* one more user */
void arena_put(struct arena *a);		 /* the last one frees it */
void *arena_alloc(struct arena *a, size_t size); /* zeroed */
char *arena_copy(struct arena *a, const char *s, size_t len);

/* A string that grows; s is always NUL-ended once something was added. */
struct text {
	char *s;
	size_t len, room;
};
void text_add(struct text *t, const char *s, size_t len);
void text_char(struct text *t, char c);

/* --- input.c ---------------------------------------------------------- */
struct source {
	struct text buf; /* from the start of this command on */
	size_t pos;	 /* next character */
	int fd;		 /* -1: all text is in buf */
	int interactive; /* use the editor and prompts */
	int fresh;	 /* nothing of the command was read yet */
	int at_end;
};
void source_string(struct source *s, const char *text);
void source_fd(struct source *s, int fd, int interactive);
void source_done(struct source *s);
int source_peek(struct source *s); /* next character or EOF */
int source_next(struct source *s);
void source_forget(struct source *s);  /* a new command begins here */
void source_discard(struct source *s); /* give the read text up */

/* --- lex.c, parse.c --------------------------------------------------- */
enum token_type {
	T_EOF,
	T_NEWLINE,
	T_WORD,
	T_REDIR,
	T_SEMI,
	T_DSEMI,
	T_AMP,
	T_AND,
	T_OR,
	T_PIPE,
	T_LPAREN,
	T_RPAREN,
};

enum redir_type {
	R_IN,
	R_OUT,
	R_APPEND,
	R_RDWR,
	R_DUP,
	R_BOTH,
	R_HERE,
	R_HERE_TABS,
};

struct token {
	enum token_type type;
	enum redir_type redir;
	int fd;		   /* of a redirection; -1: its default */
	char *word;	   /* raw: with quotes */
	size_t start, end; /* in the source's buf */
};

struct word {
	struct word *next;
	char *s;
};

struct redir {
	struct redir *next;
	struct redir *next_here; /* whose bodies are still to be read */
	enum redir_type type;
	int fd;
	int quoted; /* here document without expansion */
	char *word; /* file, number, or here document's text */
};

enum node_type {
	N_SIMPLE,
	N_PIPE,
	N_NOT,
	N_AND,
	N_OR,
	N_SEQ,
	N_BACKGROUND,
	N_IF,
	N_WHILE,
	N_UNTIL,
	N_FOR,
	N_CASE,
	N_FUNCTION,
	N_GROUP,
	N_SUBSHELL,
};

struct case_item {
	struct case_item *next;
	struct word *patterns;
	struct node *body; /* may be NULL */
};

struct node {
	enum node_type type;
	struct node *a, *b, *c; /* condition, body, else; or left, right */
	struct node *next;	/* next stage of a pipeline */
	struct word *assigns;	/* N_SIMPLE */
	struct word *words;	/* N_SIMPLE, N_FOR, N_CASE (one word) */
	struct redir *redirs;
	struct case_item *items;
	char *name;   /* N_FOR, N_FUNCTION */
	char *text;   /* the source, for jobs */
	int all_args; /* N_FOR without "in" */
};

struct parser {
	struct source *src;
	struct arena *arena;
	struct token tok;
	int have_tok;
	struct redir *here; /* here documents that start next line */
	int error;
};

const struct token *lex_peek(struct parser *p);
void lex_next(struct parser *p);
void syntax_error(struct parser *p, const char *what);
/* A name as a variable has it; => its length, 0 if there is none. */
size_t name_length(const char *s);

enum parse_result { PARSE_OK, PARSE_EMPTY, PARSE_ERROR, PARSE_EOF };
enum parse_result parse_command_line(struct parser *p, struct node **out);

/* --- expand.c, arith.c ------------------------------------------------ */
struct word *expand_words(struct arena *a, const struct word *words);
char *expand_one(struct arena *a, const char *raw);	/* no splitting */
char *expand_pattern(struct arena *a, const char *raw); /* for fnmatch */
char *expand_here(struct arena *a, const char *body);
struct word *glob_field(struct arena *a, const char *pattern);
long long arithmetic(const char *text, int *error);

/* --- var.c ------------------------------------------------------------ */
enum { VAR_EXPORT = 1, VAR_READONLY = 2 };
struct saved_var;
void var_init(void);
const char *var_get(const char *name);		  /* NULL: not set */
int var_set(const char *name, const char *value); /* -1: read-only */
void var_flag(const char *name, int flag);
int var_unset(const char *name);
int var_assign(const char *word, const char *value); /* NAME=... */
void var_print(int flag, const char *prefix);
char **var_environment(struct arena *a);
/* Remember a variable in *list, and put all of a list back. */
void var_save(struct saved_var **list, const char *name);
void var_restore(struct saved_var **list);

/* --- jobs.c ----------------------------------------------------------- */
struct job;
void jobs_init(void);
/* fork(), and in the child no longer be the shell at the prompt. */
pid_t fork_shell(void);
struct job *job_new(const char *text);
/* Fork a process of the job; => 0 in the child, which is set up for it. */
pid_t job_fork(struct job *j, int foreground);
int job_wait_foreground(struct job *j); /* => exit status */
void job_background(struct job *j);
void jobs_notify(void); /* report what has changed */
int jobs_main(int argc, char **argv);
int fg_main(int argc, char **argv);
int bg_main(int argc, char **argv);
int wait_main(int argc, char **argv);
/* "%1", "%+", "%name" -> process group; => -1 if there is none */
pid_t job_group(const char *name);

/* --- exec.c ----------------------------------------------------------- */
enum { EVAL_EXIT = 1, EVAL_TESTED = 2 };
int eval(struct node *n, int flags);
int run_source(struct source *s); /* => status of its last command */
int run_string(const char *text);
int run_file(const char *path); /* => -1 if it cannot be opened */
char *command_output(struct arena *a, const char *command);
char *find_program(struct arena *a, const char *name);
void run_program(struct arena *a, char **argv) __attribute__((noreturn));
int unset_function(const char *name);
const char *function_name(size_t index); /* NULL: no more */
void keep_local(const char *name);	 /* builtin local */
void shell_exit(int status) __attribute__((noreturn));
void run_traps(void);

/* --- redir.c ---------------------------------------------------------- */
/* undo: room for 10 descriptors, or NULL: never undone. => 0 or -1 */
int apply_redirs(struct arena *a, struct redir *r, int *undo);
void undo_redirs(const int *undo);

/* --- builtin.c -------------------------------------------------------- */
struct builtin {
	const char *name;
	int (*run)(int argc, char **argv);
};
const struct builtin *find_builtin(const char *name);
const char *builtin_name(size_t index); /* NULL: no more */

/* --- edit.c, complete.c ----------------------------------------------- */
char *edit_line(const char *prompt); /* malloc()ed; NULL: end of input */
void history_add(const char *line);
int history_main(int argc, char **argv);
/* Words that `line` up to pos may go on with; => how many in *out. */
size_t complete(const char *line, size_t pos, size_t *start, char ***out);

/* --- main.c: state ---------------------------------------------------- */
enum skip { SKIP_NONE, SKIP_BREAK, SKIP_CONTINUE, SKIP_RETURN, SKIP_ABORT };

struct shell {
	const char *name; /* $0 */
	char **args;	  /* $1 ... */
	int nr_args;
	int status;	       /* $? */
	pid_t pid;	       /* $$ */
	pid_t last_background; /* $! */
	int interactive;
	int job_control;
	int tty;	  /* file descriptor of the terminal or -1 */
	char opt[128];	  /* set -e: opt['e'] */
	enum skip skip;	  /* what unwinds, and */
	int skip_count;	  /* how many loops */
	int loops, calls; /* nesting now */
	char *traps[NSIG];
};
extern struct shell sh;
extern volatile sig_atomic_t interrupted; /* SIGINT at the prompt */
extern volatile sig_atomic_t trapped[NSIG];

void shell_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *prompt_text(int continued);
void default_signals(void);
void on_trap(int sig);

#endif
