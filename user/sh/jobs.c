/* SPDX-License-Identifier: MIT */
/*
 * Jobs: one pipeline is one job, and at the prompt one process group. The
 * terminal belongs to one group at a time; ^C and ^Z reach only that one:
 *
 *	shell  --tcsetpgrp-->  job in the foreground
 *	       <-- done or stopped (waitpid WUNTRACED) --
 *
 * Parent and child both call setpgid, since either may run first. Without
 * job control (scripts) all stay in the group of the shell.
 */
#include "sh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum state { RUNNING, STOPPED, DONE };

struct process {
	pid_t pid;
	enum state state;
	int status; /* as waitpid gave it */
};

struct job {
	struct job *next;
	int id; /* %1; 0 while in the foreground */
	pid_t group;
	int n;
	struct process *list;
	char *text;
	int reported; /* this state was already shown */
	int has_modes;
	struct termios modes; /* the terminal's when it was stopped */
};

static struct job *jobs; /* the newest first */
static struct termios shell_modes;

void jobs_init(void)
{
	tcgetattr(sh.tty, &shell_modes);
}

/* A signal for the child waits until the child no longer ignores it. */
pid_t fork_shell(void)
{
	sigset_t all, old;
	pid_t pid;

	fflush(stdout);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	if (pid == 0) {
		sh.interactive = sh.job_control = 0;
		jobs = NULL;
		for (int sig = 0; sig < NSIG; sig++)
			sh.traps[sig] = NULL;
		default_signals();
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		shell_error("fork: %s", strerror(errno));
	return pid;
}

struct job *job_new(const char *text)
{
	struct job *j = xmalloc(sizeof(*j));

	*j = (struct job){ .next = jobs, .text = xstrdup(text) };
	jobs = j;
	return j;
}

static void job_free(struct job *j)
{
	struct job **link = &jobs;

	while (*link != j)
		link = &(*link)->next;
	*link = j->next;
	free(j->list);
	free(j->text);
	free(j);
}

pid_t job_fork(struct job *j, int foreground)
{
	int control = sh.job_control;
	pid_t group = j->group, pid = fork_shell();

	if (pid == 0 && control) {
		setpgid(0, group);
		if (foreground)
			tcsetpgrp(sh.tty, getpgrp());
		signal(SIGTTOU, SIG_DFL);
	}
	if (pid <= 0)
		return pid;
	if (control) {
		setpgid(pid, group ? group : pid);
		j->group = group ? group : pid;
		if (foreground)
			tcsetpgrp(sh.tty, j->group);
	}
	j->list = xrealloc(j->list, (size_t)(j->n + 1) * sizeof(*j->list));
	j->list[j->n++] = (struct process){ .pid = pid };
	return pid;
}

static enum state job_state(const struct job *j)
{
	enum state state = DONE;

	for (int i = 0; i < j->n; i++) {
		if (j->list[i].state == RUNNING)
			return RUNNING;
		if (j->list[i].state == STOPPED)
			state = STOPPED;
	}
	return state;
}

static void record(pid_t pid, int status)
{
	for (struct job *j = jobs; j; j = j->next)
		for (int i = 0; i < j->n; i++) {
			struct process *p = &j->list[i];

			if (p->pid != pid || p->state == DONE)
				continue;
			p->status = status;
			p->state = WIFSTOPPED(status) ? STOPPED : DONE;
			j->reported = 0;
			return;
		}
}

static int exit_status(const struct job *j)
{
	int status = j->n ? j->list[j->n - 1].status : 1 << 8;

	if (WIFSTOPPED(status))
		return 128 + WSTOPSIG(status);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* => 0, or -1 if a signal came first */
static int wait_once(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WUNTRACED);

	if (pid > 0)
		record(pid, status);
	if (pid < 0 && errno == ECHILD) /* none left: all are done */
		for (struct job *j = jobs; j; j = j->next)
			for (int i = 0; i < j->n; i++)
				j->list[i].state = DONE;
	return pid < 0 && errno == EINTR ? -1 : 0;
}

static void number_job(struct job *j)
{
	int id = 0;

	for (struct job *other = jobs; other; other = other->next)
		if (other->id > id)
			id = other->id;
	if (!j->id)
		j->id = id + 1;
}

/* The newest job with a number is the current one, %+. */
static struct job *current_job(void)
{
	struct job *j = jobs;

	while (j && !j->id)
		j = j->next;
	return j;
}

static void print_job(struct job *j)
{
	enum state state = job_state(j);
	int status = j->n ? j->list[j->n - 1].status : 0;
	char text[40] = "Done";

	if (state == RUNNING)
		strcpy(text, "Running");
	else if (state == STOPPED)
		strcpy(text, "Stopped");
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "%s", strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		snprintf(text, sizeof(text), "Exit %d", WEXITSTATUS(status));
	printf("[%d]%c  %-23s %s%s\n", j->id, j == current_job() ? '+' : ' ',
	       text, j->text, state == RUNNING ? " &" : "");
	j->reported = 1;
}

/* Say in words why a process died, but for the signals one expects. */
static void report_death(const struct job *j)
{
	int status = j->n ? j->list[j->n - 1].status : 0;
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGINT && sh.interactive)
		fputc('\n', stderr);
	else if (sig && sig != SIGINT && sig != SIGPIPE)
		fprintf(stderr, "%s%s\n", strsignal(sig),
			WCOREDUMP(status) ? " (core dumped)" : "");
}

static void take_terminal(struct job *j, enum state state)
{
	if (!sh.job_control)
		return;
	tcsetpgrp(sh.tty, getpgrp());
	if (state == STOPPED) {
		tcgetattr(sh.tty, &j->modes);
		j->has_modes = 1;
	}
	if (state == STOPPED || exit_status(j) > 128)
		tcsetattr(sh.tty, TCSADRAIN, &shell_modes);
	else
		tcgetattr(sh.tty, &shell_modes); /* stty may stay */
}

int job_wait_foreground(struct job *j)
{
	enum state state;
	int status;

	while (job_state(j) == RUNNING)
		wait_once();
	state = job_state(j);
	status = exit_status(j);
	take_terminal(j, state);
	if (state == STOPPED) {
		number_job(j);
		putchar('\n');
		print_job(j);
		fflush(stdout);
		return status;
	}
	report_death(j);
	if (sh.interactive && status == 128 + SIGINT) {
		sh.skip = SKIP_ABORT; /* ^C ends the whole line */
		sh.status = status;
	}
	job_free(j);
	return status;
}

void job_background(struct job *j)
{
	number_job(j);
	j->reported = 1;
	if (sh.interactive)
		printf("[%d] %d\n", j->id, j->list[j->n - 1].pid);
	fflush(stdout);
}

void jobs_notify(void)
{
	struct job *next;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0)
		record(pid, status);
	for (struct job *j = jobs; j; j = next) {
		next = j->next;
		if (!j->reported && job_state(j) != RUNNING)
			print_job(j);
		if (job_state(j) == DONE)
			job_free(j);
	}
	fflush(stdout);
}

static struct job *find_job(const char *name)
{
	struct job *j = jobs;

	if (!name || (*name == '%' && (!name[1] || strchr("+%", name[1]))))
		return current_job();
	if (*name == '%')
		name++;
	else
		return NULL;
	for (; j; j = j->next)
		if (j->id && (j->id == atoi(name) ||
			      strncmp(j->text, name, strlen(name)) == 0))
			return j;
	return NULL;
}

pid_t job_group(const char *name)
{
	struct job *j = find_job(name);

	if (!j || !j->n)
		return -1;
	return j->group ? -j->group : j->list[j->n - 1].pid;
}

int jobs_main(int argc, char **argv)
{
	int only_pids = argc > 1 && strcmp(argv[1], "-p") == 0, id = 0;
	struct job *j;

	if (sh.interactive && !only_pids)
		jobs_notify();
	do {
		struct job *first = NULL; /* the next higher number */

		for (j = jobs; j; j = j->next)
			if (j->id > id && (!first || j->id < first->id))
				first = j;
		j = first;
		if (j && only_pids)
			printf("%d\n", j->list[0].pid);
		else if (j)
			print_job(j);
		id = j ? j->id : 0;
	} while (j);
	return 0;
}

static struct job *resume(char **argv)
{
	struct job *j = find_job(argv[1]);

	if (!j || !sh.job_control) {
		shell_error("%s: no such job", argv[0]);
		return NULL;
	}
	for (int i = 0; i < j->n; i++)
		if (j->list[i].state == STOPPED)
			j->list[i].state = RUNNING;
	j->reported = 1;
	return j;
}

int fg_main(int argc, char **argv)
{
	struct job *j = resume(argv);

	(void)argc;
	if (!j)
		return 1;
	puts(j->text);
	fflush(stdout);
	tcsetpgrp(sh.tty, j->group);
	if (j->has_modes)
		tcsetattr(sh.tty, TCSADRAIN, &j->modes);
	kill(-j->group, SIGCONT);
	return job_wait_foreground(j);
}

int bg_main(int argc, char **argv)
{
	struct job *j = resume(argv);

	(void)argc;
	if (!j)
		return 1;
	kill(-j->group, SIGCONT);
	print_job(j);
	return 0;
}

static struct job *find_pid(pid_t pid)
{
	for (struct job *j = jobs; j; j = j->next)
		for (int i = 0; i < j->n; i++)
			if (j->list[i].pid == pid)
				return j;
	return NULL;
}

/* => its status, or 128 + SIGINT if a signal ended the waiting */
static int wait_job(struct job *j)
{
	int status;

	while (job_state(j) == RUNNING)
		if (wait_once() < 0) {
			run_traps();
			return 128 + SIGINT;
		}
	status = exit_status(j);
	if (job_state(j) == DONE)
		job_free(j);
	return status;
}

int wait_main(int argc, char **argv)
{
	struct job *j, *next;
	int status = 0;

	for (int i = 1; i < argc; i++) {
		j = *argv[i] == '%' ? find_job(argv[i]) :
				      find_pid(atoi(argv[i]));
		status = j ? wait_job(j) : 127;
	}
	for (j = argc > 1 ? NULL : jobs; j; j = next) {
		next = j->next;
		if (wait_job(j) == 128 + SIGINT && interrupted)
			return 128 + SIGINT;
	}
	return status;
}
