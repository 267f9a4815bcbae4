/* SPDX-License-Identifier: MIT */
/*
 * maxmalloc: how much can malloc get at most, and why not more? Answers by
 * experiment, each in a child of its own:
 *
 *	one      the largest single block, untouched
 *	many     blocks as long as there are any, untouched
 *	touched  blocks of 1 MiB, each page written at once
 *
 * and says which rule stopped each. Without arguments under all the settings
 * that matter; with -m MODE, -a SIZE, -d SIZE under one: overcommit_memory,
 * RLIMIT_AS, RLIMIT_DATA. -n leaves out "touched", which ends in the arms of
 * the OOM killer.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib.h"

#define MIB	   (1UL << 20)
#define PAGE	   4096UL
#define ADDRESSES  (1UL << 48)
#define ENOUGH	   64 /* times all of RAM: nobody counts further */
#define OVERCOMMIT "/proc/sys/vm/overcommit_memory"

/* What a child finds out; shared with its parent. */
static struct result {
	size_t bytes;
	char why[128];
} * result;

struct setting {
	int mode;
	size_t as, data; /* 0: no limit */
};

/* --- what the kernel says --- */

static size_t kib_of(const char *file, const char *key)
{
	char text[8192], *p;

	if (read_file(file, text, sizeof(text)) <= 0)
		return 0;
	p = strstr(text, key);
	return p ? strtoul(p + strlen(key), NULL, 10) << 10 : 0;
}

static size_t ram_and_swap(void)
{
	return kib_of("/proc/meminfo", "MemTotal:") +
	       kib_of("/proc/meminfo", "SwapTotal:");
}

static int overcommit_mode(void)
{
	char text[16];

	return read_file(OVERCOMMIT, text, sizeof(text)) > 0 ? atoi(text) : -1;
}

static size_t soft_limit(int which)
{
	struct rlimit r;

	return getrlimit(which, &r) ? RLIM_INFINITY : r.rlim_cur;
}

/* Which rule forbids this process another size bytes? In the kernel's order. */
static void explain(size_t size)
{
	size_t as = soft_limit(RLIMIT_AS), data = soft_limit(RLIMIT_DATA);
	size_t limit = kib_of("/proc/meminfo", "CommitLimit:");
	size_t promised = kib_of("/proc/meminfo", "Committed_AS:");
	size_t vm = kib_of("/proc/self/status", "VmSize:");
	int mode = overcommit_mode();
	char *why = result->why;
	size_t n = sizeof(result->why);

	if (size + vm > ADDRESSES / 2)
		snprintf(why, n, "addresses: no gap as large in 256 TiB");
	else if (as != RLIM_INFINITY && vm + size > as)
		snprintf(why, n, "RLIMIT_AS: VmSize is %zu KiB already",
			 vm >> 10);
	else if (data != RLIM_INFINITY &&
		 kib_of("/proc/self/status", "VmData:") + size > data)
		snprintf(why, n, "RLIMIT_DATA: all private writable memory");
	else if (mode == 2 && promised + size + size / 32 > limit / 32 * 31)
		snprintf(why, n, "CommitLimit %zu MiB, %zu MiB are promised",
			 limit / MIB, promised / MIB);
	else if (mode == 0 && size > ram_and_swap())
		snprintf(why, n, "larger than all of RAM, %zu MiB",
			 ram_and_swap() / MIB);
	else
		snprintf(why, n, "no rule known to this program");
}

/* --- experiments, in a child --- */

/* volatile: or the compiler leaves out a malloc that nobody uses */
static void *take(size_t size)
{
	void *volatile p = malloc(size);

	return p;
}

static void one_block(void)
{
	size_t good = 0, bad = ADDRESSES / MIB;

	while (bad - good > 1) {
		size_t middle = good + (bad - good) / 2;
		void *p = take(middle * MIB);

		if (p)
			good = middle;
		else
			bad = middle;
		free(p);
	}
	result->bytes = good * MIB;
	explain(bad * MIB);
}

static void many_blocks(void)
{
	size_t size, enough = ENOUGH * ram_and_swap();

	one_block();
	size = result->bytes;
	result->bytes = 0;
	while (size >= MIB && result->bytes < enough) {
		if (take(size))
			result->bytes += size;
		else
			size /= 2;
	}
	if (result->bytes < enough)
		explain(2 * MIB);
	else
		snprintf(result->why, sizeof(result->why),
			 "nothing, %d times all of RAM are enough", ENOUGH);
}

static void touched_blocks(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	/* If somebody must go, then this one. */
	if (fd >= 0 && write(fd, "1000", 4) == 4)
		close(fd);
	snprintf(result->why, sizeof(result->why),
		 "the OOM killer: there were no pages left");
	for (;;) {
		volatile char *p = take(MIB);

		if (!p)
			break;
		for (size_t i = 0; i < MIB; i += PAGE)
			p[i] = 1;
		result->bytes += MIB;
	}
	explain(2 * MIB);
}

/* --- all of it --- */

static void limit(int which, size_t bytes)
{
	struct rlimit r = { bytes, bytes };

	if (bytes && setrlimit(which, &r))
		err(1, "setrlimit");
}

static void run(const struct setting *s, const char *name, void (*fn)(void))
{
	int status;
	pid_t pid;

	memset(result, 0, sizeof(*result));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		limit(RLIMIT_AS, s->as);
		limit(RLIMIT_DATA, s->data);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		snprintf(result->why, sizeof(result->why), "died of %s",
			 strsignal(WTERMSIG(status)));
	printf("  %-8s %11zu MiB   %s\n", name, result->bytes / MIB,
	       result->why);
}

static void set_mode(int mode)
{
	char digit = (char)('0' + mode);
	int fd;

	if (overcommit_mode() == mode)
		return;
	fd = open(OVERCOMMIT, O_WRONLY);
	if (fd < 0 || write(fd, &digit, 1) != 1)
		err(1, OVERCOMMIT);
	close(fd);
}

static void measure(const struct setting *s, int touch)
{
	set_mode(s->mode);
	printf("overcommit_memory %d", s->mode);
	if (s->as)
		printf(", RLIMIT_AS %zu MiB", s->as / MIB);
	if (s->data)
		printf(", RLIMIT_DATA %zu MiB", s->data / MIB);
	printf("\n");
	run(s, "one", one_block);
	run(s, "many", many_blocks);
	if (touch)
		run(s, "touched", touched_blocks);
}

static const char help_text[] = "maxmalloc [-n] [-m 0|1|2] [-a SIZE] [-d SIZE]";

int main(int argc, char **argv)
{
	static const struct setting all[] = {
		{ .mode = 0 },
		{ .mode = 1 },
		{ .mode = 2 },
		{ .mode = 0, .as = 64 * MIB },
		{ .mode = 0, .data = 64 * MIB },
	};
	int before = overcommit_mode(), touch = 1, c;
	struct setting one = { .mode = -1 };

	while ((c = getopt(argc, argv, "nm:a:d:")) != -1) {
		if (c == 'n')
			touch = 0;
		else if (c == 'm' && strchr("012", *optarg) && !optarg[1])
			one.mode = atoi(optarg);
		else if (c == 'a')
			one.as = parse_size(optarg);
		else if (c == 'd')
			one.data = parse_size(optarg);
		else
			usage(help_text);
	}
	if (optind < argc)
		usage(help_text);
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		err(1, "mmap");
	if (one.mode >= 0 || one.as || one.data) {
		if (one.mode < 0)
			one.mode = before;
		measure(&one, touch);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			measure(&all[i], touch);
	}
	set_mode(before);
	return 0;
}
