/* SPDX-License-Identifier: MIT */
/*
 * oomdemo: who dies when nothing is left, and was it to be expected?
 *
 *	small	 1/16 of memory
 *	large	 4/16
 *	guarded	 4/16, oom_score_adj -1000: never
 *	offered	 1/16, oom_score_adj  900: as if it had 90% of all
 *	greedy	 grows until somebody must go, and on
 *
 * The parent reads /proc/PID/oom_score of each all the time. When one is
 * killed, it shows the last scores it saw: the highest should be the victim.
 * The end comes with greedy's; the others are then told to go.
 */
#include "demo.h"
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct actor {
	const char *name;
	size_t sixteenths;
	const char *adj;
	pid_t pid; /* 0: dead */
	long score, adj_read;
	unsigned long rss, swap;
} actors[] = {
	{ "small", 1, "0", 0, 0, 0, 0, 0 },
	{ "large", 4, "0", 0, 0, 0, 0, 0 },
	{ "guarded", 4, "-1000", 0, 0, 0, 0, 0 },
	{ "offered", 1, "900", 0, 0, 0, 0, 0 },
	{ "greedy", 0, "0", 0, 0, 0, 0, 0 },
};
#define ACTORS ARRAY_SIZE(actors)

static void touch_new(size_t pages)
{
	char *p = map_pages(pages);

	for (size_t i = 0; i < pages; i++)
		stamp(p, i);
}

static void play(const struct actor *a, size_t sixteenth, int ready)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, a->name);
	if (fd < 0 || write_all(fd, a->adj, strlen(a->adj)) < 0)
		warn("oom_score_adj");
	close(fd);
	while (!a->sixteenths) /* greedy */
		touch_new(64);
	touch_new(a->sixteenths * sixteenth);
	write_all(ready, "", 1);
	for (;;)
		pause();
}

static void start(struct actor *a, size_t sixteenth)
{
	int ready[2];
	char c;

	fflush(stdout);
	if (pipe(ready) < 0 || (a->pid = fork()) < 0)
		err(1, "fork");
	if (a->pid == 0)
		play(a, sixteenth, ready[1]);
	close(ready[1]);
	if (a->sixteenths && read(ready[0], &c, 1) != 1)
		errx(1, "%s: died too early", a->name);
	close(ready[0]);
}

static long number_in(pid_t pid, const char *name, const char *key)
{
	char path[64], text[4096], *p = text;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (read_file(path, text, sizeof(text)) <= 0)
		return -1;
	p = key ? strstr(text, key) : text;
	return p ? strtol(p + (key ? strlen(key) : 0), NULL, 10) : 0;
}

/* A process that is dying has no memory any more: keep what it had. */
static void look(struct actor *a)
{
	long rss = number_in(a->pid, "status", "\nVmRSS:");
	long score = number_in(a->pid, "oom_score", NULL);

	if (rss <= 0 || score < 0)
		return;
	a->rss = (unsigned long)rss;
	a->score = score;
	a->swap = (unsigned long)number_in(a->pid, "status", "\nVmSwap:");
	a->adj_read = number_in(a->pid, "oom_score_adj", NULL);
}

static void print_actors(void)
{
	puts("   PID name       RSS kB  Swap kB    adj  oom_score");
	for (size_t i = 0; i < ACTORS; i++)
		if (actors[i].pid)
			printf("%6d %-8s %8lu %8lu %6ld %10ld\n", actors[i].pid,
			       actors[i].name, actors[i].rss, actors[i].swap,
			       actors[i].adj_read, actors[i].score);
}

static const struct actor *highest(void)
{
	const struct actor *best = NULL;

	for (size_t i = 0; i < ACTORS; i++)
		if (actors[i].pid && (!best || actors[i].score > best->score))
			best = &actors[i];
	return best;
}

static struct actor *wait_for_a_death(void)
{
	int status;
	pid_t pid;

	for (;;) {
		for (size_t i = 0; i < ACTORS; i++)
			if (actors[i].pid)
				look(&actors[i]);
		pid = waitpid(-1, &status, WNOHANG);
		for (size_t i = 0; i < ACTORS && pid > 0; i++)
			if (actors[i].pid == pid)
				return &actors[i];
		sleep_seconds(0.01);
	}
}

/* The dry run, where the kernel has one. */
static void print_preview(void)
{
	int fd = open("/proc/oom_preview", O_RDONLY);

	if (fd < 0)
		return;
	puts("\n/proc/oom_preview:");
	fflush(stdout);
	copy_fd(fd, STDOUT_FILENO);
	close(fd);
}

int oomdemo_main(int argc, char **argv)
{
	struct actor *dead;
	struct meminfo m;

	if (argc > 1)
		usage(argv[0]);
	if (read_meminfo("/proc/meminfo", &m) < 0)
		err(1, "/proc/meminfo");
	for (size_t i = 0; i < ACTORS; i++) {
		start(&actors[i], (size_t)m.available / 4 / 16);
		look(&actors[i]);
		if (i == ACTORS - 2) {
			print_actors();
			print_preview();
			puts("\ngreedy starts");
		}
	}
	do {
		dead = wait_for_a_death();
		printf("\n%s is dead; what was seen last:\n", dead->name);
		print_actors();
		printf("the highest score had %s\n", highest()->name);
		dead->pid = 0;
	} while (dead != &actors[ACTORS - 1]);
	for (size_t i = 0; i < ACTORS; i++)
		if (actors[i].pid) {
			printf("%s has survived\n", actors[i].name);
			kill(actors[i].pid, SIGKILL);
			waitpid(actors[i].pid, NULL, 0);
		}
	return 0;
}
